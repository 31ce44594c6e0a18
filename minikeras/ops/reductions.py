"""Generated from book/arrays/sentences.ipynb. Edit the chapter, not this file."""

import minikeras.core.table as table
from minikeras.core.door import apply
from minikeras.core.dtypes import standardize_dtype
from minikeras.core.infer import axes_of, axis_of
from minikeras.core.tensor import Value, binary, convert, size_of
from minikeras.ops.public import public
from minikeras.ops.words import (
    as_bool,
    as_float,
    as_number,
    count_of,
    meet,
    narrow,
    reshaped,
    wide,
    with_axis,
)

ROOM = {"bool": "int32", "int8": "int32", "int16": "int32"}

ROOM |= {"uint8": "uint32", "uint16": "uint32"}


def roomy(x, dtype=None):
    """`x` in the dtype in which its numbers are added up."""
    dtype = dtype or ROOM.get(x.dtype)
    return apply(table.cast, x, dtype=dtype) if dtype and dtype != x.dtype else x


@public
def sum(x, axis=None, keepdims=False):
    """The sum along `axis`: an int, a tuple of ints, or None for all axes.

    Small integers and bools are added as int32 or uint32, so that they have room.

    >>> sum([[1, 2], [3, 4]], axis=0)
    Tensor([4, 6], shape=(2,), dtype=int32)
    """
    x = roomy(convert(x))
    axes = axes_of("sum", axis, x.ndim)
    return apply(table.reduce_sum, x, axis=axes, keepdims=keepdims)


@public
def prod(x, axis=None, keepdims=False, dtype=None):
    """The product along `axis`. Small integers have room as in `sum`."""
    x = roomy(convert(x), dtype and standardize_dtype(dtype))
    axes = axes_of("prod", axis, x.ndim)
    return apply(table.reduce_prod, x, axis=axes, keepdims=keepdims)


@public
def mean(x, axis=None, keepdims=False):
    """The mean along `axis`: sum / count. Integers are averaged as floats.

    Half precision is added up in float32, where a sum does not overflow so soon.

    >>> mean([[1, 2], [3, 6]])
    Tensor(3., shape=(), dtype=float32)
    """
    x = as_float(x)
    axes = axes_of("mean", axis, x.ndim)
    total = apply(table.reduce_sum, wide(x), axis=axes, keepdims=keepdims)
    count = as_number(count_of(x, axes), total.dtype)
    return narrow(meet(table.divide, total, count), x.dtype)


@public
def var(x, axis=None, keepdims=False):
    """The variance along `axis`: the mean of (x - mean(x))²."""
    x = as_float(x)
    off = wide(x) - mean(wide(x), axis, keepdims=True)
    return narrow(mean(off * off, axis, keepdims), x.dtype)


@public
def std(x, axis=None, keepdims=False):
    """The standard deviation along `axis`: the square root of the variance."""
    return apply(table.sqrt, var(x, axis, keepdims))


@public
def max(x, axis=None, keepdims=False, initial=None):
    """The largest number along `axis`, and at least `initial` if it is given.

    An axis without numbers has no largest one: a ShapeError, unless there is `initial`.

    >>> max([[1, 5], [7, 2]], axis=1)
    Tensor([5, 7], shape=(2,), dtype=int32)
    """
    return extreme("max", table.reduce_max, table.maximum, x, axis, keepdims, initial)


@public
def min(x, axis=None, keepdims=False, initial=None):
    """The smallest number along `axis`, and at most `initial` if it is given."""
    return extreme("min", table.reduce_min, table.minimum, x, axis, keepdims, initial)


def extreme(name, reduce, choose, x, axis, keepdims, initial):
    """What `max` and `min` have in common."""
    x = convert(x)
    axes = axes_of(name, axis, x.ndim)
    if initial is None:
        return apply(reduce, x, axis=axes, keepdims=keepdims)
    initial = convert(initial, x.dtype)
    if 0 in x.shape:
        counts = apply(table.reduce_sum, x, axis=axes, keepdims=keepdims)
        return apply(table.broadcast_like, initial, counts)
    if None in x.shape:
        x = with_one_more(x, axes, initial)
    return binary(choose, apply(reduce, x, axis=axes, keepdims=keepdims), initial)


def with_one_more(x, axes, initial):
    """`x` with a last slice of `initial` along each of the axes: none is empty."""
    for axis in axes:
        line = [1 if a == axis else size_of(x, a) for a in range(x.ndim)]
        later = [n for n in line if isinstance(n, Value)]
        shape = tuple([None if isinstance(n, Value) else n for n in line])
        one = apply(table.full, *later, shape=shape, value=0, dtype=x.dtype)
        more = apply(table.broadcast_like, initial, one)
        x = apply(table.concatenate, x, more, axis=axis)
    return x


@public
def amax(x, axis=None, keepdims=False):
    """The largest number along `axis`; another name for `max`."""
    return max(x, axis, keepdims)


@public
def amin(x, axis=None, keepdims=False):
    """The smallest number along `axis`; another name for `min`."""
    return min(x, axis, keepdims)


@public
def any(x, axis=None, keepdims=False):
    """Whether some number along `axis` is not 0."""
    x = as_bool(x)
    axes = axes_of("any", axis, x.ndim)
    return apply(table.reduce_any, x, axis=axes, keepdims=keepdims)


@public
def all(x, axis=None, keepdims=False):
    """Whether no number along `axis` is 0."""
    x = as_bool(x)
    axes = axes_of("all", axis, x.ndim)
    return apply(table.reduce_all, x, axis=axes, keepdims=keepdims)


@public
def count_nonzero(x, axis=None):
    """How many numbers along `axis` are not 0"""
    return sum(as_bool(x), axis)


@public
def argmax(x, axis=None, keepdims=False):
    """Where along `axis` the largest number is: the first such place, as int32.

    Without an axis, the place in the flattened tensor.

    >>> argmax([[1, 5, 5], [7, 2, 0]], axis=1)
    Tensor([1, 0], shape=(2,), dtype=int32)
    """
    return place_of("argmax", table.argmax, x, axis, keepdims)


@public
def argmin(x, axis=None, keepdims=False):
    """Where along `axis` the smallest number is; see `argmax`."""
    return place_of("argmin", table.argmin, x, axis, keepdims)


def place_of(name, op, x, axis, keepdims):
    """What `argmax` and `argmin` have in common."""
    x = convert(x)
    if axis is None:
        flat = apply(op, reshaped(x, (-1,)), axis=0)
        return reshaped(flat, (1,) * x.ndim) if keepdims else flat
    axis = axis_of(name, axis, x.ndim)
    place = apply(op, x, axis=axis)
    return with_axis(place, axis) if keepdims else place
