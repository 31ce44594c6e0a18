"""Generated from book/arrays/pantry.ipynb. Edit the chapter, not this file."""

import math

import minikeras.core.table as table
from minikeras.core.door import apply
from minikeras.core.errors import ArgumentError, ShapeError
from minikeras.core.infer import axes_of
from minikeras.core.tensor import convert, measured, promote
from minikeras.ops.elementwise import divide_no_nan, log10, maximum
from minikeras.ops.lines import cumprod, cumsum, sort
from minikeras.ops.picking import take_along_axis
from minikeras.ops.products import matmul
from minikeras.ops.public import public
from minikeras.ops.reductions import all, argmax, argmin, mean, sum
from minikeras.ops.shaping import expand_dims, moveaxis, pad
from minikeras.ops.statistics import PLACES, filled_with, laid_last, under
from minikeras.ops.words import as_float, chosen, constant, reshaped


@public
def nancumsum(x, axis=None, dtype=None):
    """Running totals; nan counts as 0."""
    return cumsum(filled_with(convert(x), 0), axis, dtype)


@public
def nancumprod(x, axis=None, dtype=None):
    """Running products; nan counts as 1."""
    return cumprod(filled_with(convert(x), 1), axis, dtype)


@public
def nanargmax(x, axis=None, keepdims=False):
    """Where the largest number is, passing over nan; -1 where there is only nan."""
    return place_among(argmax, convert(x), float("-inf"), axis, keepdims)


@public
def nanargmin(x, axis=None, keepdims=False):
    """Where the smallest number is, passing over nan; -1 where there is only nan."""
    return place_among(argmin, convert(x), float("inf"), axis, keepdims)


def place_among(search, x, neutral, axis, keepdims):
    """The place of an extreme number among those that are not nan."""
    place = search(filled_with(x, neutral), axis, keepdims)
    nothing = all(x != x, axis, keepdims)
    return chosen(nothing, constant(-1, place.dtype), place)


@public
def nanquantile(x, q, axis=None, method="linear", keepdims=False):
    """As `quantile`, passing over nan; nan where nothing is left.

    >>> nanquantile([1.0, float("nan"), 3.0, 5.0], 0.5)
    Tensor(3., shape=(), dtype=float32)
    """
    x = as_float(x)
    axes, q = axes_of("nanquantile", axis, x.ndim), convert(q, x.dtype)
    line = sort(laid_last(x, axes), -1)
    if line.shape[-1] == 0:  # nothing is left: a hole
        line = pad(
            line, ((0, 0),) * (line.ndim - 1) + ((0, 1),), constant_values=math.nan
        )
    readings = sum(apply(table.cast, line == line, dtype=x.dtype), -1, keepdims=True)
    z = among_readings(line, reshaped(q, (-1,)), readings - 1, method)
    return under(z, q, measured(x), axes, keepdims)


@public
def nanpercentile(x, q, axis=None, method="linear", keepdims=False):
    """nanquantile(x, q / 100)"""
    return nanquantile(x, convert(q, as_float(x).dtype) / 100, axis, method, keepdims)


@public
def nanmedian(x, axis=None, keepdims=False):
    """The number in the middle of those that are not nan"""
    return nanquantile(x, 0.5, axis, keepdims=keepdims)


def among_readings(line, q, last, method):
    """The quantiles of sorted lines, each of which has its own last reading."""
    if method not in PLACES:
        problem = "unknown method"
        raise ArgumentError("nanquantile", problem, repr(method), ", ".join(PLACES))
    low, high, share = PLACES[method](q * last, last)
    zero = constant(0, line.dtype)
    low, high = maximum(low, zero), maximum(high, zero)
    first, second = (take_along_axis(line, place, -1) for place in (low, high))
    return first + (second - first) * share


@public
def corrcoef(x):
    """The correlation of each row with each other row: [n, m] -> [n, n]"""
    x = as_float(x)
    if x.ndim > 2:
        raise ShapeError("corrcoef", "rows of readings", str(x.spec))
    off = x - mean(x, -1, keepdims=True)
    if x.ndim < 2:
        return divide_no_nan(sum(off), sum(off)) + 1
    length = apply(table.sqrt, sum(off * off, -1, keepdims=True))
    return matmul(off / length, moveaxis(off / length, 0, 1))


@public
def cdist(x, y):
    """All distances between points: f[..., n, d], f[..., m, d] -> f[..., n, m]"""
    x, y = promote(x, y, at_least=float)
    off = expand_dims(x, -2) - expand_dims(y, -3)
    square = sum(off * off, -1)
    near = square == 0
    root = apply(table.sqrt, chosen(near, constant(1, square.dtype), square))
    return chosen(near, constant(0, square.dtype), root)


@public
def psnr(x1, x2, max_val):
    """The peak signal-to-noise ratio in dB: 20 log10(max_val / rms(x1 - x2))"""
    x1, x2 = promote(x1, x2, at_least=float)
    if x1.shape != x2.shape:
        raise ShapeError("psnr", "two pictures of one shape", f"{x1.spec}, {x2.spec}")
    error = mean((x1 - x2) * (x1 - x2))
    return log10(convert(max_val, error.dtype)) * 20 - log10(error) * 10
