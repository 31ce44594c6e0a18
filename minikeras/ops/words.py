"""Generated from book/arrays/sentences.ipynb. Edit the chapter, not this file."""

import functools
import math

import numpy as np

import minikeras.core.table as table
from minikeras.core.door import apply
from minikeras.core.dtypes import FLOATS, NUMPY, result_type
from minikeras.core.tensor import Tensor, broadcast, convert


def as_float(x):
    """`x` as a tensor of floats; whole numbers and bools take `floatx`."""
    if x.__class__ is Tensor and x._data.dtype.kind == "f":
        return x
    x = convert(x)
    kind = x.dtype
    return x if kind in FLOATS else apply(table.cast, x, dtype=result_type(kind, float))


def as_bool(x):
    """`x` as a tensor of bools: whether each number differs from 0."""
    x = convert(x)
    return x if x.dtype == "bool" else apply(table.cast, x, dtype="bool")


@functools.lru_cache(256)
def constant(value, dtype):
    """A 0-d tensor that holds one number."""
    with np.errstate(over="ignore"):  # what is too large for half precision is inf
        return Tensor(np.array(value, NUMPY[dtype]))


def meet(op, *values):
    """Apply an operation to values of one dtype; their shapes may differ."""
    return apply(op, *broadcast(op.name, *values))


def chosen(condition, x, y):
    """x where the condition holds, y elsewhere; both of one dtype."""
    return meet(table.select, condition, x, y)


def reshaped(x, shape):
    """`x` in another shape; one size that is unknown is worked out from the rest."""
    if shape.count(None) == 1 and -1 not in shape:
        shape = [-1 if size is None else size for size in shape]
    return x if x.shape == tuple(shape) else apply(table.reshape, x, shape=tuple(shape))


def merged(sizes):
    """The size of several axes laid into one; None if one of them is unknown."""
    return None if None in sizes else math.prod(sizes)


def size_of(x, axis):
    """The size of an axis: an int, or a tensor that will know it at run time."""
    size = x.shape[axis]
    return apply(table.dim_size, x, axis=axis) if size is None else size


def count_of(x, axes):
    """How many numbers lie along `axes` together."""
    number = 1
    for axis in axes:
        number = number * size_of(x, axis)
    return number


def as_number(count, dtype):
    """A count, known now or later, as a 0-d tensor to compute with."""
    if isinstance(count, int):
        return constant(count, dtype)
    return apply(table.cast, count, dtype=dtype)


HALVES = ("float16", "bfloat16")


def wide(x):
    """`x` with at least the 24 bits of float32, for sums that need them."""
    return apply(table.cast, x, dtype="float32") if x.dtype in HALVES else x


def narrow(x, dtype):
    """`x` back in the dtype it came from."""
    return x if x.dtype == dtype else apply(table.cast, x, dtype=dtype)


def positions(x, axis):
    """0, 1, 2, ... along an axis of `x`, as a tensor of one axis."""
    size = x.shape[axis]
    if size is not None:
        return apply(table.iota, size=size, dtype="int32")
    others = tuple(other for other in range(x.ndim) if other != axis)
    line = apply(table.reduce_any, as_bool(x), axis=others, keepdims=False)
    ones = apply(table.broadcast_like, constant(1, "int32"), line)
    return apply(table.cumsum, ones, axis=0) - 1
