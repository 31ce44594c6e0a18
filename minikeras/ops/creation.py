"""Generated from book/arrays/catalogue.ipynb. Edit the chapter, not this file."""

import builtins
import math

import minikeras.core.table as table
from minikeras.core.door import apply
from minikeras.core.dtypes import FLOATS, result_type, standardize_dtype
from minikeras.core.errors import ArgumentError, ShapeError
from minikeras.core.specs import as_line, standardize_shape
from minikeras.core.tensor import (
    Tensor,
    Value,
    binary,
    broadcast,
    convert,
    dtype_of,
    promote,
    size_of,
)
from minikeras.ops.elementwise import power
from minikeras.ops.picking import diagonal, standing
from minikeras.ops.public import public
from minikeras.ops.shaping import (
    broadcast_to,
    expand_dims,
    later_sizes,
    listed,
    moveaxis,
    pad,
    whole,
)
from minikeras.ops.words import chosen, constant, count_to, positions, reshaped


@public
def zeros(shape, dtype=None):
    """A tensor of zeros, float unless `dtype` says otherwise."""
    return filled(shape, 0, dtype)


@public
def ones(shape, dtype=None):
    """A tensor of ones, float unless `dtype` says otherwise."""
    return filled(shape, 1, dtype)


@public
def empty(shape, dtype=None):
    """A tensor whose values do not matter; here they are zeros."""
    return filled(shape, 0, dtype)


@public
def full(shape, fill_value, dtype=None):
    """A tensor of one value everywhere, float unless `dtype` says otherwise.

    A tensor as `fill_value` is stretched to the shape, which is a tuple here.
    """
    shape = open_shape("full", shape)
    if isinstance(fill_value, (bool, int, float)):
        return filled(shape, fill_value, dtype)
    return broadcast_to(convert(fill_value, standardize_dtype(dtype)), shape)


@public
def zeros_like(x, dtype=None):
    """Zeros in the shape and dtype of x."""
    return full_like(x, 0, dtype)


@public
def ones_like(x, dtype=None):
    """Ones in the shape and dtype of x."""
    return full_like(x, 1, dtype)


@public
def empty_like(x, dtype=None):
    """Values that do not matter, in the shape and dtype of x."""
    return full_like(x, 0, dtype)


@public
def full_like(x, fill_value, dtype=None):
    """One value, in the shape and dtype of x."""
    x = convert(x)
    value = convert(fill_value, x.dtype if dtype is None else standardize_dtype(dtype))
    return apply(table.broadcast_like, value, x)


@public
def array(x, dtype=None):
    """A tensor of the numbers in x; see `convert_to_tensor`."""
    return convert(x, None if dtype is None else standardize_dtype(dtype))


@public
def copy(x):
    """A tensor with the same values. Tensors never change, so it may be x itself."""
    return convert(x)


@public
def arange(start, stop=None, step=None, dtype=None):
    """start, start + step, ... up to, but without, stop; from 0 if there is one number.

    >>> arange(2, 10, 3)
    Tensor([2, 5, 8], shape=(3,), dtype=int32)
    """
    start, stop = (0, start) if stop is None else (start, stop)
    step = 1 if step is None else step
    kinds = [dtype_of(n) for n in (start, stop, step)]
    dtype = result_type(*kinds) if dtype is None else standardize_dtype(dtype)
    start, stop, step = number_of(start), number_of(stop), number_of(step)
    if any_later(start, stop, step):
        return later_ladder(start, stop, step, dtype)
    if step == 0:
        raise ArgumentError("arange", "a step of 0 never arrives", f"{start} to {stop}")
    size = builtins.max(0, math.ceil((stop - start) / step))
    return ladder(start, step, size, dtype)


def sizes_of(shape):
    """A shape as a tuple of ints, from an int, a tuple, a list or a tensor."""
    if isinstance(shape, Value):
        shape = listed(shape)
    if isinstance(shape, (list, tuple)):
        shape = [whole(n) if isinstance(n, Value) else n for n in shape]
    return standardize_shape(as_line(shape))


def laid_out(shape, who="shape"):
    """(sizes, with None for what only a run knows; the tensors that will say it)."""
    if getattr(shape, "shape", None) == ():
        shape = [shape]
    sizes, later = sizes_of(shape), later_sizes(shape)
    if sizes.count(None) != len(later):
        hint = "whole numbers, or tensors of one, as in ops.shape(x)"
        raise ShapeError(who, "the size of an axis is not known", f"{shape}", hint)
    return sizes, later


def open_shape(who, shape):
    """A shape as a tuple of ints, and of tensors for sizes that only a run knows."""
    if as_line(shape) is not shape:
        got, hint = f"shape={shape!r}", f"shape=({shape!r},)"
        raise ArgumentError(who, "a shape is a tuple, not a number", got, hint)
    sizes, later = laid_out(shape, who)
    pairs = zip(sizes, listed(shape), strict=True)
    return tuple([n if size is None else size for size, n in pairs]) if later else sizes


def filled(shape, value, dtype):
    """One value in every place."""
    sizes, later = laid_out(shape)
    dtype = standardize_dtype(dtype)
    return apply(table.full, *later, shape=sizes, value=value, dtype=dtype)


def number_of(x):
    """One number as Python's own, or a tensor if only a run knows it."""
    x = x if isinstance(x, (int, float)) else convert(x)
    return x.numpy().item() if isinstance(x, Tensor) else x


def ladder(start, step, size, dtype):
    """start + step * (0, 1, 2, ...)"""
    whole_numbers = isinstance(start, int) and isinstance(step, int)
    wide = "int64" if whole_numbers else "float64"
    steps = apply(table.iota, size=size, dtype=wide)
    return apply(table.cast, steps * step + start, dtype=dtype)


def any_later(*numbers):
    """Whether one of them is a tensor."""
    return builtins.any(isinstance(n, Value) for n in numbers)


def later_ladder(start, stop, step, dtype):
    """`arange` of numbers of which only a run knows all: its length is an input."""
    floats = result_type(*map(dtype_of, (start, stop, step))) in FLOATS
    wide = "float64" if floats else "int64"
    start, stop, step = (convert(n, wide) for n in (start, stop, step))
    way = stop - start
    size = apply(table.ceil, way / step) if floats else -(-way // step)
    size = apply(table.cast, binary(table.maximum, size, 0), dtype="int64")
    steps = apply(table.iota, size, size=None, dtype=wide)
    return apply(table.cast, steps * step + start, dtype=dtype)


@public
def linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0):
    """`num` numbers from start to stop, equally far apart.

    Without `endpoint`, stop itself is left out. start and stop may be tensors: then the
    numbers run along the new axis `axis`. With `retstep` the step is returned as well.

    >>> linspace(0, 1, 5)
    Tensor([0.  , 0.25, 0.5 , 0.75, 1.  ], shape=(5,), dtype=float32)
    """
    (num,) = standardize_shape((num,))
    start, stop = broadcast("linspace", *promote(start, stop, at_least=float))
    gaps = num - 1 if endpoint else num
    share = apply(table.iota, size=num, dtype="float64") / builtins.max(gaps, 1)
    share = apply(table.cast, share, dtype=start.dtype)
    ndim = builtins.max(start.ndim, stop.ndim)
    share = reshaped(share, (num,) + (1,) * ndim)
    z = moveaxis(start * (1 - share) + stop * share, 0, axis)
    z = z if dtype is None else apply(table.cast, z, dtype=standardize_dtype(dtype))
    return (z, (stop - start) / gaps if gaps else stop * float("nan")) if retstep else z


@public
def logspace(start, stop, num=50, endpoint=True, base=10, dtype=None, axis=0):
    """`base` to the powers linspace(start, stop)."""
    z = power(base, linspace(start, stop, num, endpoint, axis=axis))
    return z if dtype is None else apply(table.cast, z, dtype=standardize_dtype(dtype))


@public
def geomspace(start, stop, num=50, endpoint=True, dtype=None, axis=0):
    """`num` numbers from start to stop, each the same factor from the one before."""
    start, stop = promote(start, stop, at_least=float)
    share = linspace(start * 0, start * 0 + 1, num, endpoint, axis=axis)
    if axis not in (0, -start.ndim - 1):
        start, stop = expand_dims(start, axis), expand_dims(stop, axis)
    z = start * power(stop / start, share)
    return z if dtype is None else apply(table.cast, z, dtype=standardize_dtype(dtype))


@public
def tri(N, M=None, k=0, dtype=None):
    """N by M: ones at and below the k-th diagonal, zeros above.

    >>> tri(2, 3)
    Tensor([[1., 0., 0.],
            [1., 1., 0.]], shape=(2, 3), dtype=float32)
    """
    rows, columns = map(count_to, open_shape("eye", (N, N if M is None else M)))
    below = reshaped(rows, (-1, 1)) + k >= columns
    return apply(table.cast, below, dtype=standardize_dtype(dtype))


@public
def eye(N, M=None, k=0, dtype=None):
    """N by M: ones on the k-th diagonal, zeros elsewhere."""
    rows, columns = map(count_to, open_shape("eye", (N, N if M is None else M)))
    on = reshaped(rows, (-1, 1)) + k == columns
    return apply(table.cast, on, dtype=standardize_dtype(dtype))


@public
def identity(n, dtype=None):
    """The n by n matrix that changes nothing."""
    return eye(n, dtype=dtype)


@public
def tril(x, k=0):
    """x with zeros above the k-th diagonal of its last two axes."""
    x = convert(x)
    return chosen(below_diagonal(x, k), x, constant(0, x.dtype))


@public
def triu(x, k=0):
    """x with zeros below the k-th diagonal of its last two axes."""
    x = convert(x)
    return chosen(below_diagonal(x, k - 1), constant(0, x.dtype), x)


@public
def diag(x, k=0):
    """A vector as the k-th diagonal of a matrix of zeros; of a matrix, its diagonal."""
    x = convert(x)
    if x.ndim == 2:
        return diagonal(x, k)
    if x.ndim != 1:
        raise ShapeError("diag", "a vector or a matrix", str(x.spec))
    square = eye(size_of(x, 0), dtype="bool")
    square = chosen(square, x, constant(0, x.dtype))
    return pad(square, (span(-k), span(k)))


def below_diagonal(x, k):
    """Whether a place of the last two axes lies at or below the k-th diagonal."""
    if x.ndim < 2:
        raise ShapeError("tril", "a diagonal needs two axes", str(x.spec))
    rows, columns = positions(x, x.ndim - 2), positions(x, x.ndim - 1)
    return reshaped(rows, (-1, 1)) + k >= columns


def span(k):
    """The border on one side that makes room for a diagonal k away."""
    return (builtins.max(k, 0), builtins.max(-k, 0))


@public
def meshgrid(*x, indexing="xy"):
    """From n lines of numbers, n tensors of the n-dimensional grid they span.

    indexing "xy": the first line runs along axis 1, the second along axis 0; "ij": in
    order.

    >>> [grid.shape for grid in meshgrid([1, 2], [3, 4, 5])]
    [(3, 2), (3, 2)]
    """
    if indexing not in ("xy", "ij"):
        raise ArgumentError("meshgrid", "indexing is 'xy' or 'ij'", repr(indexing))
    lines = [reshaped(convert(line), (-1,)) for line in x]
    places = list(range(len(lines)))
    if indexing == "xy" and len(lines) > 1:
        places[:2] = [1, 0]
    ndim, shape = len(lines), [1] * len(lines)
    for line, place in zip(lines, places, strict=True):
        shape[place] = size_of(line, 0)
    lines = [standing(*pair, ndim) for pair in zip(lines, places, strict=True)]
    return [broadcast_to(line, shape) for line in lines]
