"""Generated from book/keras/workers.ipynb. Edit the chapter, not this file."""

import itertools
import warnings

from minikeras.models.feeds import FEEDS
from minikeras.models.workers import PyDatasetFeed


def _setting(name, default):
    """A property kept under `_name`, with a default for those who forgot super()."""
    hidden = f"_{name}"

    def get(self):
        if hidden not in vars(self):
            vars(self)[hidden] = default
            warnings.warn(
                f"{type(self).__name__} should call `super().__init__(**kwargs)`, where "
                f"kwargs may hold workers, use_multiprocessing, max_queue_size; "
                f"{name}={default} is taken.", stacklevel=3,
            )  # fmt: skip
        return vars(self)[hidden]

    def put(self, value):
        vars(self)[hidden] = value

    return property(get, put)


class PyDataset:
    """Batches by number, a class to inherit from.

    Subclasses write `__getitem__(index)`, which gives one whole batch: (x,), (x, y),
    (x, y, sample_weight) or a dict; and `__len__` or `num_batches` (None: endless).
    workers: threads that read ahead in `fit`, if more than 1; max_queue_size: how many
    batches may wait; use_multiprocessing: processes instead of threads.

    >>> class Squares(PyDataset):
    ...     def __len__(self):
    ...         return 3
    ...
    ...     def __getitem__(self, index):
    ...         return index * index
    >>> list(Squares())
    [0, 1, 4]
    """

    workers = _setting("workers", 1)
    use_multiprocessing = _setting("use_multiprocessing", False)
    max_queue_size = _setting("max_queue_size", 10)

    def __init__(self, workers=1, use_multiprocessing=False, max_queue_size=10):
        self.workers = workers
        self.use_multiprocessing = use_multiprocessing
        self.max_queue_size = max_queue_size

    def __getitem__(self, index):
        raise NotImplementedError(f"{type(self).__name__} has no __getitem__(index)")

    @property
    def num_batches(self):
        """The number of batches in an epoch; None if there is no end."""
        if hasattr(self, "__len__"):
            return len(self)
        raise NotImplementedError(
            f"{type(self).__name__} has no num_batches or __len__"
        )

    def __iter__(self):
        try:
            count = self.num_batches
        except NotImplementedError:
            count = None
        for index in itertools.count() if count is None else range(count):
            yield self[index]

    def on_epoch_begin(self):
        """An epoch begins; for subclasses."""

    def on_epoch_end(self):
        """An epoch has ended; for subclasses."""


Sequence = PyDataset


FEEDS[PyDataset] = PyDatasetFeed
