"""Generated from book/arrays/activations.ipynb. Edit the chapter, not this file."""

import math

import minikeras.core.table as table
from minikeras.core.door import apply
from minikeras.core.dtypes import FLOATS
from minikeras.core.errors import DTypeError, ShapeError
from minikeras.core.infer import axis_of
from minikeras.core.tensor import convert, quotient, size_of
from minikeras.ops.creation import filled
from minikeras.ops.crossentropy import differ
from minikeras.ops.picking import as_index, take_along_axis
from minikeras.ops.public import public
from minikeras.ops.questions import isfinite
from minikeras.ops.reductions import max, sum
from minikeras.ops.shaping import expand_dims, section, whole
from minikeras.ops.words import as_float, chosen, constant, reshaped, without


@public
def rsqrt(x):
    """1 / sqrt(x)"""
    return quotient(1, apply(table.sqrt, as_float(x)))


@public
def erf(x):
    """The error function: 2 / sqrt(pi) times the area under exp(-t²) from 0 to x"""
    return apply(table.erf, as_float(x))


@public
def erfc(x):
    """1 - erf(x)"""
    return 1 - apply(table.erf, as_float(x))


CENTRE = (
    2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087,
    -0.00125372503, -0.00417768164, 0.246640727, 1.50140941,
)  # fmt: skip

TAIL = (
    -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773,
    -0.0076224613, 0.00943887047, 1.00167406, 2.83297682,
)  # fmt: skip


def polynomial(coefficients, x):
    """Horner's rule: the coefficients from the highest power down."""
    z = coefficients[0]
    for coefficient in coefficients[1:]:
        z = z * x + coefficient
    return z


@public
def erfinv(x):
    """The number whose erf is x, for x in [-1, 1]; nan outside.

    A polynomial and one step of Newton's method. Source: Giles 2010.
    """
    x = as_float(x)
    edge = apply(table.absolute, x) >= 1
    inside = chosen(edge, constant(0, x.dtype), x)
    w = -apply(table.log1p, -inside * inside)
    central = polynomial(CENTRE, w - 2.5)
    far = chosen(w < 5, constant(5, w.dtype), w)
    outer = polynomial(TAIL, apply(table.sqrt, far) - 3)
    y = chosen(w < 5, central, outer) * inside
    slope = apply(table.exp, -y * y) * (2 / math.sqrt(math.pi))
    y = y - (apply(table.erf, y) - inside) / slope
    beyond = -x * apply(table.log, 1 - apply(table.absolute, x))
    return chosen(edge, beyond, y)


@public
def top_k(x, k, sorted=True):
    """The k largest numbers of the last axis, from the largest down, and their places.

    >>> values, places = top_k([10, 30, 20], 2)
    >>> places
    Tensor([1, 2], shape=(2,), dtype=int32)
    """
    x = convert(x)
    falling = table.negative if x.dtype in FLOATS else table.bitwise_not
    order = apply(table.argsort, apply(falling, x), axis=axis_of("top_k", -1, x.ndim))
    order = section(order, x.ndim - 1, None, k)
    return take_along_axis(x, order, -1), order


@public
def in_top_k(targets, predictions, k):
    """Whether fewer than k predictions are larger than that of the target.

    A target that is not the number of a class is never among them.
    """
    if not hasattr(k, "__index__"):
        raise DTypeError("in_top_k", "k is a whole number", f"k={k!r}")
    predictions, ids = as_float(predictions), as_index(targets)
    if not predictions.ndim or differ(ids.shape, predictions.shape[:-1]):
        got, hint = f"{ids.spec} for {predictions.spec}", "one target for each row"
        raise ShapeError("in_top_k", "predictions have one axis more", got, hint)
    known = (ids >= 0) & (ids < size_of(predictions, predictions.ndim - 1))
    own = take_along_axis(predictions, expand_dims(ids * known, -1), -1)
    larger = sum(predictions > own, axis=-1)
    return (larger < k) & known & isfinite(without(own, (own.ndim - 1,)))


@public
def segment_sum(data, segment_ids, num_segments=None, sorted=False):
    """The sums of the rows of `data` that have the same number in `segment_ids`.

    Without `num_segments` the largest number decides. A row with a negative number is
    left out; one with a number that is too large is an IndexRangeError.
    """
    data, ids = convert(data), segments("segment_sum", data, segment_ids)
    kept = reshaped(ids >= 0, (-1,) + (1,) * (data.ndim - 1))
    data = chosen(kept, data, constant(0, data.dtype))
    rest = [size_of(data, axis) for axis in range(1, data.ndim)]
    base = filled([segment_count(ids, num_segments), *rest], 0, data.dtype)
    ids = apply(
        table.maximum, ids, apply(table.broadcast_like, constant(0, ids.dtype), ids)
    )
    return apply(table.scatter_add, base, data, ids, axis=0)


def segments(who, data, ids):
    """The numbers of the segments, one for each row of the data."""
    ids = as_index(ids)
    if ids.ndim != 1 or convert(data).ndim == 0:
        raise ShapeError(who, "a line of numbers, one for each row", str(ids.spec))
    return ids


def segment_count(ids, number):
    """How many segments there are: as told, or one more than the largest number."""
    number = max(ids, initial=-1) + 1 if number is None else number
    return number if whole(number) is None else whole(number)
