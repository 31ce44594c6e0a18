"""Generated from book/arrays/sentences.ipynb. Edit the chapter, not this file."""

import functools

import numpy as np

import minikeras.core.table as table
from minikeras.core.door import apply
from minikeras.core.dtypes import FLOATS, NUMPY, result_type
from minikeras.core.tensor import (
    Tensor,
    Value,
    broadcast,
    convert,
    in_shape,
    measured,
    size_of,
)


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
    """`x` in another shape; sizes may be tensors, and one None is worked out."""
    return in_shape(x, tuple(shape))


def with_axis(x, axis):
    """`x` with a new axis of size 1."""
    sizes = measured(x)
    return reshaped(x, (*sizes[:axis], 1, *sizes[axis:]))


def without(x, axes):
    """`x` without some axes of size 1."""
    return reshaped(x, [n for a, n in enumerate(measured(x)) if a not in axes])


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
    return count_to(size_of(x, axis))


def count_to(size):
    """0, 1, 2, ...: as many as `size` says, an int, None or a tensor."""
    if isinstance(size, Value):
        return apply(table.iota, size, size=None, dtype="int32")
    return apply(table.iota, size=size, dtype="int32")
