"""Generated from book/keras/workers.ipynb. Edit the chapter, not this file."""

import itertools
import multiprocessing
from collections import deque
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

from minikeras.core.errors import ArgumentError
from minikeras.models.batches import as_arrays, standardize_weights
from minikeras.models.feeds import Feed, alike, random_order


def ahead(pool, fetch, indices, room):
    """fetch(i) for all indices in order, computed by the pool up to `room` ahead."""
    waiting = deque()
    try:
        for index in indices:
            waiting.append(pool.submit(fetch, index))
            if len(waiting) >= room:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


class PyDatasetFeed(Feed):
    """The batches of a PyDataset, fetched by itself or by its workers."""

    def __init__(self, dataset, class_weight=None, shuffle=False):
        self.dataset, self.class_weight = dataset, class_weight
        self.shuffle, self.num_batches = shuffle, dataset.num_batches

    def __iter__(self):
        batches = self._fetched()
        try:
            yield from alike(map(self._standard, batches))
        finally:
            batches.close()

    def on_epoch_begin(self):
        self.dataset.on_epoch_begin()
        self.num_batches = self.dataset.num_batches

    def on_epoch_end(self):
        self.dataset.on_epoch_end()

    def _order(self):
        """The numbers of the batches of an epoch."""
        if self.num_batches is None:
            return itertools.count()
        order = (
            random_order(self.num_batches) if self.shuffle else range(self.num_batches)
        )
        return map(int, order)

    def _fetched(self):
        """A generator of the batches, which holds the workers if there are any."""
        dataset, workers = self.dataset, self.dataset.workers
        room = max(1, dataset.max_queue_size)
        if dataset.use_multiprocessing and workers > 0:
            return ahead(processes(dataset), fetch_here, self._order(), room)
        if workers > 1:
            threads = ThreadPoolExecutor(workers, thread_name_prefix="PyDataset")
            return ahead(threads, dataset.__getitem__, self._order(), room)
        return (dataset[index] for index in self._order())

    def _standard(self, batch):
        """A batch as a tuple or dict, with the weights of classes if there are any."""
        if hasattr(batch, "__array__"):
            batch = (batch,)
        batch = tuple(batch) if isinstance(batch, list) else batch
        fits = isinstance(batch, tuple) and 1 <= len(batch) <= 3
        if not fits and not isinstance(batch, dict):
            raise ArgumentError(
                type(self.dataset).__name__, "__getitem__ must return a tuple or a dict",
                f"{type(batch).__name__}: {batch!s}"[:60],
                "(x,), (x, y) or (x, y, sample_weight)",
            )  # fmt: skip
        if self.class_weight is None or isinstance(batch, dict) or len(batch) == 1:
            return batch
        x, y, sample_weight = (*batch, None)[:3]
        weight = standardize_weights(as_arrays(y), sample_weight, self.class_weight)
        return x, y, weight


_held = {}


def processes(dataset):
    """A pool of fresh processes that hold the data set."""
    return ProcessPoolExecutor(
        dataset.workers, multiprocessing.get_context("spawn"), _hold, (dataset,)
    )


def _hold(dataset):
    """Begin a worker process: keep the data set."""
    _held["dataset"] = dataset


def fetch_here(index):
    """A batch, in the worker process."""
    return _held["dataset"][index]
