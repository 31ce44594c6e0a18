"""Generated from book/keras/handy.ipynb. Edit the chapter, not this file."""

import operator
import random

import numpy as np

from minikeras.core.errors import ArgumentError, DTypeError
from minikeras.core.tensor import convert


def size_of_share(size, total, name):
    """A count from a count or a share, or None; an error if it leaves nothing."""
    if size is None:
        return None
    if type(size) not in (int, float):
        problem = f"{name} is a count (int), a share (float) or None"
        raise DTypeError("split_dataset", problem, f"{size!r}, {type(size).__name__}")
    if not 0 < size < (total if type(size) is int else 1):
        problem = f"{name} is a count between 0 and {total}, or a share between 0 and 1"
        raise ArgumentError("split_dataset", problem, f"{name}={size}")
    return size if type(size) is int else round(size * total)


def sizes_of_split(left_size, right_size, total):
    """Both counts; a missing one is the rest. Neither may be 0."""
    if left_size is None and right_size is None:
        problem = "at least one of left_size and right_size is needed"
        raise ArgumentError("split_dataset", problem)
    left = size_of_share(left_size, total, "left_size")
    right = size_of_share(right_size, total, "right_size")
    left = total - right if left is None else left
    right = total - left if right is None else right
    if not (left and right) or left + right > total:
        problem = f"two parts that fit into {total} samples are needed"
        raise ArgumentError("split_dataset", problem, f"{left} and {right}")
    return left, right


class Samples:
    """Some rows of an array, or of a tuple of arrays, one sample after the other."""

    def __init__(self, data, rows):
        self.data, self.rows = data, rows

    def __len__(self):
        return len(self.rows)

    def __iter__(self):
        return (self.take(row) for row in self.rows)

    def __repr__(self):
        return f"<Samples: {len(self)}>"

    def take(self, rows):
        """A sample by its row number, or a batch by several."""
        if isinstance(self.data, tuple):
            return tuple(convert(array[rows]) for array in self.data)
        return convert(self.data[rows])

    def cardinality(self):
        """How many samples there are."""
        return len(self)

    def batch(self, batch_size, drop_remainder=False):
        """The same samples in batches, to be iterated, or given to `fit`."""
        return Batches(self, batch_size, drop_remainder)


class Batches:
    """Batches of a `Samples`, in order; the last one may be shorter."""

    def __init__(self, samples, batch_size, drop_remainder=False):
        self.samples, self.batch_size = samples, operator.index(batch_size)
        if self.batch_size < 1:
            problem = "batch_size is a count from 1"
            raise ArgumentError("batch", problem, repr(batch_size))
        extra = 0 if drop_remainder else self.batch_size - 1
        self.number = (len(samples) + extra) // self.batch_size

    def __len__(self):
        return self.number

    def __iter__(self):
        for start in range(0, self.number * self.batch_size, self.batch_size):
            rows = self.samples.rows[start : start + self.batch_size]
            yield self.samples.take(rows)


def generator_of(seed):
    """A generator of Python's own kind, as Keras uses; None draws a seed."""
    if seed is None:
        return random.Random(random.randint(0, 10**6))
    if not isinstance(seed, (int, float, str, bytes)):
        raise DTypeError("split_dataset", "seed is a whole number", f"{seed!r:.40}")
    return random.Random(seed)


def split_dataset(
    dataset, left_size=None, right_size=None, shuffle=False, seed=None,
    preferred_backend=None,
):  # fmt: skip
    """Two parts of an array, or of a list or tuple of arrays of one length.

    Sizes: a count, or a share between 0 and 1; None for the rest. Each part yields
    samples (tuples, if several arrays were given), and has `len` and `batch(size)`.

    >>> left, right = split_dataset(np.arange(10), left_size=0.8)
    >>> len(left), [int(x) for x in right]
    (8, [8, 9])
    """
    data, rows = rows_of(dataset)
    left, right = sizes_of_split(left_size, right_size, len(rows))
    if shuffle:
        generator_of(seed).shuffle(rows)
    return Samples(data, rows[:left]), Samples(data, rows[-right:])


def rows_of(dataset):
    """The arrays of a data set, and the numbers of its rows; or an error."""
    if isinstance(dataset, Samples):
        return dataset.data, list(dataset.rows)
    if not isinstance(dataset, (list, tuple, np.ndarray)):
        problem = "Unsupported dataset type: arrays, or a list or tuple of them"
        raise DTypeError("split_dataset", problem, type(dataset).__name__)
    data = dataset if isinstance(dataset, np.ndarray) else tuple(dataset)
    arrays = [data] if isinstance(data, np.ndarray) else data
    wrong = [type(x).__name__ for x in arrays if not isinstance(x, np.ndarray)]
    sizes = {len(x) for x in arrays if getattr(x, "ndim", 0)}
    if wrong or len(sizes) != 1 or sizes == {0}:
        problem = "NumPy arrays of one length, not empty, are needed"
        got = f"{', '.join(wrong) or 'arrays'} of lengths {sorted(sizes)}"
        raise ArgumentError("split_dataset", problem, got)
    return data, list(range(sizes.pop()))
