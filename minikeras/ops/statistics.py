"""Generated from book/arrays/catalogue.ipynb. Edit the chapter, not this file."""

from minikeras.core.errors import ArgumentError
from minikeras.core.infer import axes_of, axis_of
from minikeras.core.tensor import convert, promote, quotient
from minikeras.ops.elementwise import ceil, floor, minimum, round
from minikeras.ops.lines import sort
from minikeras.ops.picking import standing, take
from minikeras.ops.public import public
from minikeras.ops.reductions import max, mean, min, sum
from minikeras.ops.shaping import moveaxis, ordered
from minikeras.ops.words import as_float, chosen, constant, merged, reshaped, size_of


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
    return reshaped(x, (*x.shape[: len(rest)], merged(x.shape[len(rest) :])))


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
    rest = [n for a, n in enumerate(x.shape) if a not in axes]
    rest = [1 if a in axes else n for a, n in enumerate(x.shape)] if keepdims else rest
    return reshaped(moveaxis(z, -1, 0), (*q.shape, *rest))


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
    """From peak to peak: the largest minus the smallest"""
    return max(x, axis, keepdims) - min(x, axis, keepdims)
