"""Generated from book/keras/feeding.ipynb. Edit the chapter, not this file."""

import math

import numpy as np
import optree

from minikeras import random
from minikeras.core.arguments import checked_number
from minikeras.core.errors import ArgumentError
from minikeras.core.nest import flatten, map_structure
from minikeras.core.tensor import convert
from minikeras.models.batches import (
    as_arrays,
    check_lengths,
    pack_x_y_sample_weight,
    standardize_weights,
    tensors_for_batch,
)


class Feed:
    """What gives the batches of an epoch when it is iterated."""

    num_batches = None

    def on_epoch_begin(self):
        """An epoch begins."""

    def on_epoch_end(self):
        """An epoch has ended."""


class ArrayFeed(Feed):
    """Batches cut from arrays in memory."""

    def __init__(self, data, size, batch_size=None, steps=None, shuffle=False):
        if batch_size is None:
            batch_size = math.ceil(size / steps) if steps else 32
        if not isinstance(batch_size, (int, np.integer)) or batch_size < 1:
            raise ArgumentError(
                "fit", "bad argument", f"batch_size={batch_size!r}", "a number >= 1"
            )
        self.data, self.size, self.batch_size = data, size, int(batch_size)
        self.shuffle = shuffle
        self.num_batches = math.ceil(size / self.batch_size)

    def _order(self):
        """The order of the samples in this epoch, or None for as they are."""
        if not self.shuffle or self.shuffle == "batch":
            return None
        return random_order(self.size)

    def __iter__(self):
        order = self._order()
        for start in range(0, self.size, self.batch_size):
            stop = min(start + self.batch_size, self.size)
            rows = slice(start, stop) if order is None else order[start:stop]
            if self.shuffle == "batch":
                rows = start + random_order(stop - start)
            yield map_structure(lambda array: _cut(array, rows), self.data)


def random_order(n):
    """The numbers below n in a random order, from the global seed."""
    return np.asarray(random.shuffle(np.arange(n)))


def _cut(array, rows):
    return None if array is None else convert(array[rows])


class IterableFeed(Feed):
    """Batches from a generator, or from anything that can be iterated."""

    def __init__(self, source):
        self.source = source
        self.num_batches = len(source) if hasattr(source, "__len__") else None

    def __iter__(self):
        return alike(self.source)


def alike(batches):
    """The batches as tensors, as long as each has the form of the first."""
    first = None
    for number, batch in enumerate(batches):
        batch = standard_batch(batch)
        form = form_of(batch)
        first = first or form
        if form != first:
            raise ArgumentError(
                "fit", f"batch {number} has another form than batch 0",
                f"{form[1]}, before {first[1]}", "the same nest and ranks in all",
            )  # fmt: skip
        if 0 in [leaf.shape[0] for leaf in flatten(batch) if has_rows(leaf)]:
            raise ArgumentError("fit", f"batch {number} has no samples", "0 rows")
        yield batch


def has_rows(leaf):
    """Whether a leaf of a batch is an array with an axis for the samples."""
    return leaf is not None and len(leaf.shape) > 0


def standard_batch(batch):
    """A batch from somebody's program as tensors: x, or a tuple of up to three."""
    if not isinstance(batch, (list, tuple)):
        return tensors_for_batch(batch)
    if not 1 <= len(batch) <= 3:
        raise ArgumentError(
            "fit",
            "a batch is x, (x, y) or (x, y, sample_weight)",
            f"{len(batch)} items",
        )
    return tuple(map(tensors_for_batch, batch))


def form_of(batch):
    """What all batches of a source have in common: the nest, and the ranks."""
    leaves, structure = optree.tree_flatten(batch, none_is_leaf=True)
    return structure, [None if leaf is None else len(leaf.shape) for leaf in leaves]


FEEDS = {}


def makes_batches(x):
    """Whether `x` makes batches, rather than holding arrays."""
    is_array = hasattr(x, "__array__") or hasattr(x, "to_numpy")
    if is_array or isinstance(x, (list, tuple, dict, str)):
        return False
    return isinstance(x, tuple(FEEDS)) or hasattr(x, "__iter__")


def _alone(x, **others):
    """Refuse labels and weights beside a source that brings its own."""
    kind = "generator" if hasattr(x, "__next__") else type(x).__name__
    for name, value in others.items():
        if value is not None:
            raise ArgumentError(
                "fit", f"with a {kind} as x, `{name}` should not be passed",
                f"{name} given", "batches (x, y, sample_weight) from the source itself",
            )  # fmt: skip


def make_feed(
    x,
    y=None,
    sample_weight=None,
    batch_size=None,
    steps=None,
    shuffle=False,
    class_weight=None,
):
    """The feed for what was given to fit, evaluate or predict."""
    if makes_batches(x):
        _alone(x, y=y, sample_weight=sample_weight)
        for kind, feed in FEEDS.items():
            if isinstance(x, kind):
                return feed(x, class_weight, shuffle)
        _alone(x, class_weight=class_weight)
        return IterableFeed(x)
    x, y, sample_weight = map(as_arrays, (x, y, sample_weight))
    sample_weight = standardize_weights(y, sample_weight, class_weight)
    size = check_lengths(x, y, sample_weight)
    data = pack_x_y_sample_weight(x, y, sample_weight)
    return ArrayFeed(data, size, batch_size, steps, shuffle)


def train_validation_split(arrays, validation_split):
    """(training part, validation part) of (x, y, sample_weight): the end is held."""
    if makes_batches(arrays[0]):
        raise ArgumentError(
            "fit", "`validation_split` is only supported for arrays",
            f"x of {type(arrays[0])}", "validation_data",
        )  # fmt: skip
    if not 0 < checked_number("fit", "validation_split", validation_split) < 1:
        raise ArgumentError(
            "fit", "bad argument", f"validation_split={validation_split}", "0 to 1"
        )
    arrays = tuple(map(as_arrays, arrays))
    size = check_lengths(*arrays)
    kept = int(math.floor(size * (1.0 - validation_split)))
    if kept in (0, size):
        raise ArgumentError(
            "fit", "the validation split leaves nothing on one side",
            f"{size} samples, validation_split={validation_split}",
        )  # fmt: skip
    return _rows(arrays, slice(0, kept)), _rows(arrays, slice(kept, size))


def _rows(arrays, rows):
    """These rows of each array of each nest."""
    return tuple(
        map_structure(lambda array: None if array is None else array[rows], nest)
        for nest in arrays
    )
