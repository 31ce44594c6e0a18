"""Generated from book/arrays/movement.ipynb. Edit the chapter, not this file."""

import builtins

import minikeras.core.table as table
from minikeras.core.door import apply
from minikeras.core.dtypes import is_int_dtype
from minikeras.core.errors import ShapeError
from minikeras.core.infer import axis_of
from minikeras.core.tensor import binary, convert, size_of
from minikeras.ops.public import public
from minikeras.ops.reductions import sum
from minikeras.ops.shaping import moveaxis
from minikeras.ops.words import count_to, positions, reshaped


@public
def take(x, indices, axis=None):
    """The elements at `indices` along `axis`, or of the flattened tensor.

    x: [..., n, ...], indices: i[...] -> [..., *indices.shape, ...]. Negative indices
    count from the end; one outside [-n, n) is an IndexRangeError.

    >>> take([10, 20, 30], [[0, -1]])
    Tensor([[10, 30]], shape=(1, 2), dtype=int32)
    """
    x = reshaped(convert(x), (-1,)) if axis is None else convert(x)
    axis = axis_of("take", axis or 0, x.ndim)
    return apply(table.gather, x, as_index(indices), axis=axis)


def as_index(indices):
    """`indices` as a tensor of integers."""
    indices = convert(indices)
    if is_int_dtype(indices.dtype):
        return indices
    return apply(table.cast, indices, dtype="int32")


@public
def take_along_axis(x, indices, axis=None):
    """For each line along `axis`, the elements that its own indices name.

    z[i, j] = x[i, indices[i, j]] for axis 1. The other axes of `x` and `indices`
    broadcast. What `argsort` and `argmax` give is an index of this kind.

    >>> take_along_axis([[1, 2], [3, 4]], [[1], [0]], axis=1)
    Tensor([[2],
            [3]], shape=(2, 1), dtype=int32)
    """
    x, indices = convert(x), as_index(indices)
    if axis is None:
        x, axis = reshaped(x, (-1,)), 0
    axis = axis_of("take_along_axis", axis, x.ndim)
    if x.ndim != indices.ndim:
        problem = "indices need as many axes as x"
        raise ShapeError("take_along_axis", problem, f"{x.spec}, {indices.spec}")
    grid = [standing(positions(x, a), a, x.ndim) for a in range(x.ndim)]
    grid[axis] = indices
    return apply(table.gather, x, *grid, axis=0)


def standing(line, axis, ndim):
    """A line of numbers as a tensor of `ndim` axes that runs along `axis`."""
    size = line.shape[0]
    return reshaped(line, [size if a == axis else 1 for a in range(ndim)])


@public
def get_item(x, key):
    """x[key], for places that need a function; a list of slices counts as a tuple."""
    if isinstance(key, list) and any(
        isinstance(k, (builtins.slice, type(...))) for k in key
    ):
        key = tuple(key)
    return convert(x)[key]


def steps_of(rows, columns, offset):
    """How many numbers a diagonal has."""
    rows, columns = rows + builtins.min(offset, 0), columns - builtins.max(offset, 0)
    if isinstance(rows, int) and isinstance(columns, int):
        return builtins.max(builtins.min(rows, columns), 0)
    return binary(table.maximum, binary(table.minimum, rows, columns), 0)


@public
def diagonal(x, offset=0, axis1=0, axis2=1):
    """The numbers x[i, i + offset], as a new last axis in place of two.

    >>> diagonal([[1, 2], [3, 4]])
    Tensor([1, 4], shape=(2,), dtype=int32)
    """
    x = moveaxis(x, (axis1, axis2), (0, 1))
    steps = count_to(steps_of(size_of(x, 0), size_of(x, 1), offset))
    first, second = steps + builtins.max(-offset, 0), steps + builtins.max(offset, 0)
    return moveaxis(apply(table.gather, x, first, second, axis=0), 0, -1)


@public
def trace(x, offset=0, axis1=0, axis2=1):
    """The sum of a diagonal."""
    return sum(diagonal(x, offset, axis1, axis2), axis=-1)
