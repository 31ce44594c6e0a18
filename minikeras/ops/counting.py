"""Generated from book/arrays/pantry.ipynb. Edit the chapter, not this file."""

import ml_dtypes
import numpy as np

import minikeras.core.table as table
from minikeras.core.door import apply
from minikeras.core.dtypes import NUMPY, is_float_dtype
from minikeras.core.errors import ArgumentError, DTypeError, ShapeError
from minikeras.core.tensor import binary, convert, measured, size_of
from minikeras.ops.creation import filled, linspace
from minikeras.ops.elementwise import maximum, minimum
from minikeras.ops.lines import searchsorted
from minikeras.ops.picking import as_index, standing
from minikeras.ops.public import public
from minikeras.ops.reductions import max, min, prod
from minikeras.ops.shaping import expand_dims, whole
from minikeras.ops.special import segment_count, segments
from minikeras.ops.words import chosen, constant, count_to, narrow, positions, reshaped


@public
def bincount(x, weights=None, minlength=0, sparse=False):
    """How often each of the numbers 0, 1, 2, ... occurs along the last axis.

    x: i[n] or i[b, n]; with weights, the sum of the weights of each number.

    >>> bincount([1, 1, 3])
    Tensor([0, 2, 0, 1], shape=(4,), dtype=int32)
    """
    x = as_index(x)
    if sparse:
        raise ArgumentError("bincount", "there are only dense tensors here")
    if x.ndim not in (1, 2):
        problem = "whole numbers in one line or in rows"
        raise ShapeError("bincount", problem, str(x.spec))
    ones = apply(table.broadcast_like, constant(1, "int32"), x)
    weights = ones if weights is None else convert(weights)
    number = maximum(max(x, initial=-1) + 1, minlength)
    rows = [size_of(x, axis) for axis in range(x.ndim - 1)]
    base = filled([*rows, number], 0, weights.dtype)
    grid = [standing(positions(x, a), a, x.ndim) for a in range(x.ndim - 1)]
    return apply(table.scatter_add, base, weights, *grid, x, axis=0)


@public
def histogram(x, bins=10, range=None):
    """(counts, bounds): how many numbers of a line lie in each of `bins` equal parts.

    range: the lowest and the highest bound, else those of x. Both results have the
    dtype of x.
    """
    x = convert(x)
    low, high = bounds_of(x, bins, range)
    bounds = narrow(linspace(low, high, bins + 1, dtype="float64"), x.dtype)
    place = searchsorted(bounds, x, side="right") - 1
    place = minimum(place, bins - 1)
    inside = (x >= low) & (x <= high)
    hits = chosen(inside, constant(1, x.dtype), constant(0, x.dtype))
    base = apply(table.full, shape=(bins,), value=0, dtype=x.dtype)
    return apply(table.scatter_add, base, hits, place * inside, axis=0), bounds


def bounds_of(x, bins, range):
    """The lowest and highest bound, in the dtype of x; or what is wrong with them."""
    if x.ndim != 1:
        raise ShapeError("histogram", "one line of numbers", str(x.spec))
    if not isinstance(bins, int):
        raise DTypeError("histogram", "bins is a whole number", repr(bins))
    if bins < 1 or (range is not None and not range[0] <= range[1]):
        problem = "bins from 1 up, and a range that rises"
        raise ArgumentError("histogram", problem, f"bins={bins}, range={range}")
    if range is None:
        return min(x), max(x)
    return tuple(convert(bound, x.dtype) for bound in range)


@public
def segment_max(data, segment_ids, num_segments=None, sorted=False):
    """The largest of the rows of `data` with the same number in `segment_ids`.

    Without rows it is the lowest number of the dtype. Negative numbers are left out.

    >>> segment_max([5, 2, 7], [0, 1, 0])
    Tensor([7, 2], shape=(2,), dtype=int32)
    """
    return over_segments("segment_max", max, data, segment_ids, num_segments)


@public
def segment_min(data, segment_ids, num_segments=None, sorted=False):
    """The smallest of the rows of `data` with the same number; see `segment_max`."""
    return over_segments("segment_min", min, data, segment_ids, num_segments)


@public
def segment_prod(data, segment_ids, num_segments=None, sorted=False):
    """The product of the rows of `data` with the same number, 1 where there are none."""
    return over_segments("segment_prod", prod, data, segment_ids, num_segments)


def limits(dtype):
    """The lowest and the highest number of a dtype."""
    about = ml_dtypes.finfo if is_float_dtype(dtype) else np.iinfo
    about = about(NUMPY[dtype])
    return about.min, about.max


def over_segments(who, reduce, data, ids, number):
    """A reduction over each set of rows with the same number."""
    data, ids = convert(data), segments(who, data, ids)
    number = segment_count(ids, number)
    about = {"number": number, "thing": "segment", "problem": "does not exist"}
    numbers, used = convert(count_to(number), ids.dtype), maximum(ids, 0)
    if isinstance(number, int):
        used = apply(table.within, used, who=who, **about)
    member = (reshaped(numbers, (-1, 1)) == used) & (ids >= 0)
    member = reshaped(member, (*measured(member), *(1,) * (data.ndim - 1)))
    low, high = limits(data.dtype)
    filling = {"segment_max": low, "segment_min": high, "segment_prod": 1}[who]
    rows = chosen(member, expand_dims(data, 0), constant(filling, data.dtype))
    return narrow(reduce(rows, 1), data.dtype)


@public
def unravel_index(indices, shape):
    """The place along each axis of a tensor of `shape`, from places in its flat line.

    >>> [place.numpy().tolist() for place in unravel_index([4, -1], (2, 3))]
    [[1, 1], [1, 2]]
    """
    indices, places = as_index(indices), []
    for size in reversed([whole(n) for n in shape]):
        if size < 1:
            raise ShapeError("unravel_index", "sizes from 1 up", str(tuple(shape)))
        places.append(binary(table.mod, indices, size))
        indices = binary(table.floor_divide, indices, size)
    return tuple(reversed(places))
