"""Generated from book/keras/feeding.ipynb. Edit the chapter, not this file."""

import math

import numpy as np

from minikeras import random
from minikeras.core.errors import ArgumentError
from minikeras.core.nest import map_structure
from minikeras.core.tensor import convert
from minikeras.models.batches import (
    as_arrays,
    check_lengths,
    pack_x_y_sample_weight,
    standardize_weights,
    tensors_for_batch,
)


class ArrayFeed:
    """Batches cut from arrays in memory."""

    one_shot = False

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
        return _permutation(self.size)

    def __iter__(self):
        order = self._order()
        for start in range(0, self.size, self.batch_size):
            stop = min(start + self.batch_size, self.size)
            rows = slice(start, stop) if order is None else order[start:stop]
            if self.shuffle == "batch":
                rows = start + _permutation(stop - start)
            yield map_structure(lambda array: _cut(array, rows), self.data)


def _permutation(n):
    """The numbers below n in a random order, from the global seed."""
    return np.asarray(random.shuffle(np.arange(n)))


def _cut(array, rows):
    return None if array is None else convert(array[rows])


class IterableFeed:
    """Batches from a generator, or from anything that can be iterated."""

    def __init__(self, source, steps=None):
        self.source = source
        self.one_shot = iter(source) is source
        self.num_batches = steps
        if steps is None and hasattr(source, "__len__"):
            self.num_batches = len(source)

    def __iter__(self):
        for batch in self.source:
            if isinstance(batch, (list, tuple)):
                yield tuple(map(tensors_for_batch, batch))
            else:
                yield tensors_for_batch(batch)


def _is_data(x):
    """Whether `x` holds arrays, rather than making batches."""
    is_array = hasattr(x, "__array__") or hasattr(x, "to_numpy")
    return is_array or isinstance(x, (list, tuple, dict))


def _makes_batches(x):
    return hasattr(x, "__next__") or (hasattr(x, "__iter__") and not _is_data(x))


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
    if _makes_batches(x):
        if y is not None or sample_weight is not None:
            raise ArgumentError(
                "fit", "with a generator as x, labels and weights come from it too",
                "y or sample_weight given",
            )  # fmt: skip
        return IterableFeed(x, steps)
    x, y, sample_weight = map(as_arrays, (x, y, sample_weight))
    sample_weight = standardize_weights(y, sample_weight, class_weight)
    size = check_lengths(x, y, sample_weight)
    data = pack_x_y_sample_weight(x, y, sample_weight)
    return ArrayFeed(data, size, batch_size, steps, shuffle)


def train_validation_split(arrays, validation_split):
    """(training part, validation part) of (x, y, sample_weight): the end is held."""
    if not 0 < validation_split < 1:
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
