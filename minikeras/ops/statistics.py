"""Generated from book/arrays/catalogue.ipynb. Edit the chapter, not this file."""

import math

import minikeras.core.table as table
from minikeras.core.door import apply
from minikeras.core.dtypes import FLOATS
from minikeras.core.errors import ArgumentError
from minikeras.core.infer import axes_of, axis_of
from minikeras.core.tensor import convert, measured, merged, promote, quotient, size_of
from minikeras.ops.elementwise import ceil, floor, minimum, round
from minikeras.ops.lines import sort
from minikeras.ops.picking import standing, take
from minikeras.ops.public import public
from minikeras.ops.reductions import all, max, mean, min, prod, sum
from minikeras.ops.shaping import moveaxis, ordered, section
from minikeras.ops.words import as_float, chosen, constant, narrow, reshaped, wide


@public
def average(x, axis=None, weights=None):
    """sum(x * weights) / sum(weights) along `axis`; without weights, the mean.

    weights: as x, or one for each element of the one `axis`.
    """
    if weights is None:
        return mean(x, axis)
    x, weights = promote(x, weights, at_least=float)
    if weights.ndim == 1 and x.ndim > 1:
        if not isinstance(axis, int):
            problem = "weights in one line need one axis"
            raise ArgumentError("average", problem, f"axis={axis}")
        weights = standing(weights, axis_of("average", axis, x.ndim), x.ndim)
    weights = chosen(constant(True, "bool"), weights, x * 0)
    return sum(x * weights, axis) / sum(weights, axis)


PLACES = {  # method: the places of two numbers, and how far to go from one to the other
    "linear": lambda p, last: (floor(p), minimum(floor(p) + 1, last), p - floor(p)),
    "lower": lambda p, last: (floor(p), floor(p), 0.0),
    "higher": lambda p, last: (ceil(p), ceil(p), 0.0),
    "midpoint": lambda p, last: (floor(p), ceil(p), 0.5),
    "nearest": lambda p, last: (round(p), round(p), 0.0),
}


def laid_last(x, axes):
    """`x` with the axes merged into one, which comes last."""
    rest = tuple(a for a in range(x.ndim) if a not in axes)
    x = ordered(x, rest + axes)
    sizes = measured(x)
    return reshaped(x, (*sizes[: len(rest)], merged(sizes[len(rest) :])))


def between(line, place, last, method):
    """The numbers at places of the last axis that need not be whole."""
    if method not in PLACES:
        problem = "unknown method"
        raise ArgumentError("quantile", problem, repr(method), ", ".join(PLACES))
    low, high, share = PLACES[method](place, last)
    first, second = (take(line, place, -1) for place in (low, high))
    return first + (second - first) * share


@public
def quantile(x, q, axis=None, method="linear", keepdims=False):
    """The numbers below which a share q of all numbers along `axis` lies.

    q: f[...], from 0 to 1; its axes come first in the result. Between two numbers,
    `method` chooses: "linear" (interpolates), "lower", "higher", "nearest", "midpoint".

    >>> quantile([1.0, 2.0, 3.0, 5.0], 0.5)
    Tensor(2.5, shape=(), dtype=float32)
    """
    x = as_float(x)
    axes = axes_of("quantile", axis, x.ndim)
    q = convert(q, x.dtype)
    line = sort(laid_last(x, axes), -1)
    last = size_of(line, line.ndim - 1) - 1
    z = between(line, reshaped(q, (-1,)) * last, last, method)
    end = section(line, line.ndim - 1, -1, None)
    z = chosen(end != end, constant(math.nan, z.dtype), z)
    return under(z, q, measured(x), axes, keepdims)


def under(z, q, sizes, axes, keepdims):
    """What belongs to q runs along the last axis of z, and comes first."""
    rest = [n for a, n in enumerate(sizes) if a not in axes]
    rest = [1 if a in axes else n for a, n in enumerate(sizes)] if keepdims else rest
    first = [size_of(q, a) for a in range(q.ndim)]
    return reshaped(moveaxis(z, -1, 0), (*first, *rest))


@public
def median(x, axis=None, keepdims=False):
    """The number in the middle, or the mean of the two in the middle"""
    return quantile(x, 0.5, axis, keepdims=keepdims)


@public
def percentile(x, q, axis=None, method="linear", keepdims=False):
    """quantile(x, q / 100)"""
    return quantile(x, quotient(as_float(q), 100), axis, method, keepdims)


@public
def ptp(x, axis=None, keepdims=False):
    """From peak to peak: the largest minus the smallest; -inf where there is nothing"""
    x = convert(x)
    top, bottom = (-math.inf, math.inf) if 0 in x.shape else (None, None)
    return max(x, axis, keepdims, top) - min(x, axis, keepdims, bottom)


def filled_with(x, other):
    """x with `other` in place of each nan."""
    return chosen(x != x, constant(other, x.dtype), x) if x.dtype in FLOATS else x


def extreme_of_numbers(reduction, x, neutral, axis, keepdims):
    """The largest or smallest number along `axis`; nan if there is none but nan."""
    x = convert(x)
    if x.dtype not in FLOATS:
        return reduction(x, axis, keepdims)
    least = neutral if 0 in x.shape else None
    z = reduction(filled_with(x, neutral), axis, keepdims, least)
    return chosen(all(x != x, axis, keepdims), constant(math.nan, z.dtype), z)


def readings(x, axis, keepdims):
    """How many numbers along `axis` are not nan, as a float."""
    return sum(apply(table.cast, x == x, dtype=x.dtype), axis, keepdims)


@public
def nansum(x, axis=None, keepdims=False):
    """The sum along `axis`; nan counts as 0."""
    return sum(filled_with(convert(x), 0), axis, keepdims)


@public
def nanprod(x, axis=None, keepdims=False):
    """The product along `axis`; nan counts as 1."""
    return prod(filled_with(convert(x), 1), axis, keepdims)


@public
def nanmax(x, axis=None, keepdims=False):
    """The largest number along `axis`, passing over nan."""
    return extreme_of_numbers(max, x, float("-inf"), axis, keepdims)


@public
def nanmin(x, axis=None, keepdims=False):
    """The smallest number along `axis`, passing over nan."""
    return extreme_of_numbers(min, x, float("inf"), axis, keepdims)


@public
def nanmean(x, axis=None, keepdims=False):
    """The mean along `axis` of all that is not nan; nan where nothing is left.

    >>> nanmean([19.0, 21.0, float("nan"), 20.0])
    Tensor(20., shape=(), dtype=float32)
    """
    x = as_float(x)
    y = wide(x)
    return narrow(nansum(y, axis, keepdims) / readings(y, axis, keepdims), x.dtype)


@public
def nanvar(x, axis=None, keepdims=False):
    """The mean square of the deviations from `nanmean`, holes left out."""
    x = as_float(x)
    y = wide(x)
    off = filled_with(y - nanmean(y, axis, keepdims=True), 0)
    z = sum(off * off, axis, keepdims) / readings(y, axis, keepdims)
    return narrow(z, x.dtype)


@public
def nanstd(x, axis=None, keepdims=False):
    """The square root of `nanvar`"""
    return apply(table.sqrt, nanvar(x, axis, keepdims))
