"""Generated from book/arrays/catalogue.ipynb. Edit the chapter, not this file."""

import minikeras.core.table as table
from minikeras.core.door import apply
from minikeras.core.dtypes import standardize_dtype
from minikeras.core.errors import ArgumentError, ShapeError
from minikeras.core.infer import axis_of
from minikeras.core.tensor import convert, promote
from minikeras.ops.elementwise import counted
from minikeras.ops.picking import standing, take_along_axis
from minikeras.ops.public import public
from minikeras.ops.reductions import count_nonzero, sum
from minikeras.ops.shaping import expand_dims, section
from minikeras.ops.words import as_float, reshaped


@public
def cumsum(x, axis=None, dtype=None):
    """Running totals along `axis`, or through all numbers in a line.

    >>> cumsum([1, 2, 3])
    Tensor([1, 3, 6], shape=(3,), dtype=int32)
    """
    return scanned("cumsum", table.cumsum, x, axis, dtype)


@public
def cumprod(x, axis=None, dtype=None):
    """Running products along `axis`, or through all numbers in a line."""
    return scanned("cumprod", table.cumprod, x, axis, dtype)


def scanned(name, op, x, axis, dtype):
    """What `cumsum` and `cumprod` have in common."""
    x = counted(convert(x, None if dtype is None else standardize_dtype(dtype)))
    x = reshaped(x, (-1,)) if axis is None else x
    return apply(op, x, axis=axis_of(name, axis or 0, x.ndim))


@public
def diff(a, n=1, axis=-1):
    """Each number minus the one before it, `n` times over; n numbers fewer."""
    if n < 0:
        raise ArgumentError("diff", "n counts from 0 up", str(n))
    a = convert(a)
    axis = axis_of("diff", axis, a.ndim)
    op = table.bitwise_xor if a.dtype == "bool" else table.subtract
    for _ in range(n):
        a = apply(op, section(a, axis, 1, None), section(a, axis, None, -1))
    return a


@public
def trapezoid(y, x=None, dx=1.0, axis=-1):
    """The area under y by the trapezoidal rule, over places x or steps dx."""
    y = as_float(y)
    axis = axis_of("trapezoid", axis, y.ndim)
    steps = dx if x is None else diff(as_float(x), axis=-1)
    if x is not None and steps.ndim == 1:
        steps = standing(steps, axis, y.ndim)
    middles = (section(y, axis, 1, None) + section(y, axis, None, -1)) / 2
    return sum(middles * steps, axis)


@public
def argsort(x, axis=-1):
    """The places of the numbers along `axis`, from the smallest up; equals in order.

    >>> argsort([30, 10, 20])
    Tensor([1, 2, 0], shape=(3,), dtype=int32)
    """
    x = reshaped(convert(x), (-1,)) if axis is None else convert(x)
    axis = axis_of("argsort", 0 if axis is None else axis, x.ndim)
    return apply(table.argsort, x, axis=axis)


@public
def sort(x, axis=-1):
    """The numbers along `axis` from the smallest up."""
    x = reshaped(convert(x), (-1,)) if axis is None else convert(x)
    axis = 0 if axis is None else axis
    return take_along_axis(x, argsort(x, axis), axis)


@public
def searchsorted(sorted_sequence, values, side="left"):
    """Where each value would go in a sorted line: "left" of its equals, or "right"."""
    line, values = promote(sorted_sequence, values)
    if line.ndim != 1:
        raise ShapeError("searchsorted", "a sorted line has one axis", str(line.spec))
    if side not in ("left", "right"):
        raise ArgumentError("searchsorted", "side is 'left' or 'right'", repr(side))
    values = expand_dims(values, -1)
    return count_nonzero(line < values if side == "left" else line <= values, axis=-1)


@public
def digitize(x, bins):
    """The number of the bin for each x: how many of the rising bounds are at most x."""
    return searchsorted(bins, x, side="right")
