"""Generated from
book/arrays/table.ipynb
book/arrays/activations.ipynb

Edit the chapter, not this file.
"""

import contextvars
import math
import threading

import numpy as np
from numpy import ndarray

from minikeras.core.door import ground
from minikeras.core.dtypes import NUMPY
from minikeras.core.errors import IndexRangeError
from minikeras.core.table import (
    Column,
    absolute,
    add,
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    argmax,
    argmin,
    argsort,
    bitcast,
    bitwise_and,
    bitwise_not,
    bitwise_or,
    bitwise_xor,
    broadcast_like,
    broadcast_to,
    cast,
    ceil,
    concatenate,
    cos,
    cosh,
    cumprod,
    cumsum,
    dim_size,
    divide,
    equal,
    erf,
    exp,
    expm1,
    floor,
    floor_divide,
    full,
    gather,
    greater,
    greater_equal,
    iota,
    left_shift,
    less,
    less_equal,
    log,
    log1p,
    matmul,
    maximum,
    minimum,
    mod,
    multiply,
    negative,
    nonzero,
    not_equal,
    pad,
    power,
    reduce_all,
    reduce_any,
    reduce_like,
    reduce_max,
    reduce_min,
    reduce_prod,
    reduce_sum,
    reshape,
    right_shift,
    rint,
    scatter_add,
    scatter_slice,
    select,
    sigmoid,
    sign,
    sin,
    sinh,
    softplus,
    sqrt,
    stop_gradient,
    strided_slice,
    subtract,
    tan,
    tanh,
    transpose,
    within,
)
from minikeras.core.tensor import Tensor

evaluate = Column("evaluate", "minikeras/core/eager.py")


EXACT = (
    negative, absolute, sign, floor, ceil, rint, add, subtract, multiply, divide,
    floor_divide, mod, sqrt, maximum, minimum, equal, not_equal, less, less_equal,
    greater, greater_equal, bitwise_and, bitwise_or, bitwise_xor, bitwise_not,
    left_shift, right_shift, select,
)  # fmt: skip

evaluate |= {op: getattr(np, op.name) for op in EXACT}


def _packed(function):
    """The function of contiguous copies: the same bits, whatever the strides."""
    if function.nin == 1:
        return lambda x: function(x if x.flags.forc else x.copy())
    return lambda x, y: function(np.asarray(x, order="C"), np.asarray(y, order="C"))


ROUNDED = (
    exp, expm1, log, log1p, sin, cos, tan, arcsin, arccos, arctan, sinh, cosh, tanh,
    arcsinh, arccosh, arctanh, power, arctan2,
)  # fmt: skip

evaluate |= {op: _packed(getattr(np, op.name)) for op in ROUNDED}


def _sigmoid(x):
    """1 / (1 + exp(-x)) without overflow: exp is only taken of numbers below zero."""
    decay = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + decay), decay / (1 + decay)).astype(x.dtype)


evaluate[sigmoid] = _sigmoid

evaluate[softplus] = lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


_erf = np.frompyfunc(math.erf, 1, 1)

evaluate[erf] = lambda x: np.asarray(_erf(x)).astype(x.dtype)


def _reduction(ufunc):
    """The rule of a reduction in the dtype of its input, which NumPy would widen."""
    return lambda x, axis, keepdims: ufunc.reduce(
        x, axis=axis, dtype=x.dtype, keepdims=keepdims
    )


evaluate[reduce_sum], evaluate[reduce_prod] = (
    _reduction(np.add),
    _reduction(np.multiply),
)

evaluate[reduce_max], evaluate[reduce_min] = (
    _reduction(np.maximum),
    _reduction(np.minimum),
)

evaluate[reduce_any] = lambda x, axis, keepdims: np.any(x, axis=axis, keepdims=keepdims)

evaluate[reduce_all] = lambda x, axis, keepdims: np.all(x, axis=axis, keepdims=keepdims)

evaluate[argmax] = lambda x, axis: np.argmax(x, axis=axis).astype("int32")

evaluate[argmin] = lambda x, axis: np.argmin(x, axis=axis).astype("int32")

evaluate[argsort] = lambda x, axis: np.argsort(x, axis=axis, kind="stable").astype(
    "int32"
)

evaluate[cumsum] = lambda x, axis: np.cumsum(x, axis=axis, dtype=x.dtype)

evaluate[cumprod] = lambda x, axis: np.cumprod(x, axis=axis, dtype=x.dtype)

evaluate[nonzero] = lambda x: np.stack(np.nonzero(x)).astype("int32")


HALVES = frozenset((NUMPY["float16"], NUMPY["bfloat16"]))


def _matmul(x, y):
    """x @ y; of halves in float32, which BLAS knows, rounded once at the end."""
    if x.dtype in HALVES:
        return np.matmul(x, y, dtype="float32").astype(x.dtype)
    return np.matmul(x, y)


evaluate[matmul] = _matmul


def settled(shape, sizes):
    """A shape with the sizes that are inputs in place of None."""
    if not sizes:
        return shape
    rest = iter([int(n) for n in sizes])
    return tuple([next(rest, None) if n is None else n for n in shape])


evaluate[reshape] = lambda x, *sizes, shape: x.reshape(settled(shape, sizes))

evaluate[transpose] = lambda x, axes: x.transpose(axes)

evaluate[concatenate] = lambda *xs, axis: np.concatenate(xs, axis=axis)

evaluate[pad] = lambda x, widths, value: (
    np.pad(x, widths, constant_values=value) if widths else x
)

evaluate[broadcast_to] = lambda x, shape: np.broadcast_to(x, shape)

evaluate[broadcast_like] = lambda x, like: np.broadcast_to(
    x, np.broadcast_shapes(x.shape, like.shape)
)


def _reduce_like(x, like):
    """Sum `x` down to the shape of `like`: over new axes, and where `like` has a 1."""
    extra = x.ndim - like.ndim
    stretched = [
        axis + extra
        for axis, size in enumerate(like.shape)
        if size == 1 and x.shape[axis + extra] != 1
    ]
    total = x.sum(axis=(*range(extra), *stretched), dtype=x.dtype)
    return total.reshape(like.shape)


evaluate[reduce_like] = _reduce_like


def _slices(index, bounds=()):
    """((start, stop, step), ...) as NumPy takes it; each "?" is the next of `bounds`."""
    if not bounds:
        return tuple(slice(*triple) for triple in index)
    rest = iter(bounds)
    index = [[int(next(rest)) if n == "?" else n for n in triple] for triple in index]
    return _slices(index)


def _scatter_slice(updates, like, *bounds, index):
    """Zeros in the shape of `like`, with `updates` where the slice was cut."""
    array = np.zeros(like.shape, updates.dtype)
    array[_slices(index, bounds)] = updates
    return array


evaluate[strided_slice] = lambda x, *bounds, index: x[_slices(index, bounds)]

evaluate[scatter_slice] = _scatter_slice


def _at(x, indices, axis):
    """A NumPy index: everything before `axis`, then the index arrays, checked."""
    for number, index in enumerate(indices):
        size = x.shape[axis + number]
        bad = (index < -size) | (index >= size)
        if bad.any():
            _out_of_range(index, np.argwhere(bad)[0], axis + number, size)
    return (slice(None),) * axis + tuple(indices)


def _out_of_range(index, position, axis, size):
    """Report the index that lies outside."""
    wrong, place = int(index[tuple(position)]), [int(i) for i in position]
    raise IndexRangeError(
        "gather",
        f"index {wrong} is out of range for axis {axis} of size {size}",
        f"index {wrong} at position {place}",
        f"indices from {-size} to {size - 1}" if size else "a tensor that is not empty",
    )


def _scatter_add(base, updates, *indices, axis):
    """A copy of `base` with `updates` added at the indices; repeats add up."""
    array = base.copy()
    np.add.at(array, _at(array, indices, axis), updates)
    return array


evaluate[gather] = lambda x, *indices, axis: x[_at(x, indices, axis)]

evaluate[scatter_add] = _scatter_add


evaluate[full] = lambda *sizes, shape, value, dtype: np.full(
    settled(shape, sizes), value, NUMPY[dtype]
)

evaluate[iota] = lambda *sizes, size, dtype: np.arange(*settled((size,), sizes)).astype(
    NUMPY[dtype]
)

evaluate[dim_size] = lambda x, axis: np.asarray(x.shape[axis], "int32")

evaluate[cast] = lambda x, dtype: x.astype(NUMPY[dtype])

evaluate[stop_gradient] = lambda x: x


def _bitcast(x, dtype):
    """The same bits as numbers of another kind."""
    x, dtype = np.asarray(x, order="C"), NUMPY[dtype]
    if dtype.itemsize < x.itemsize:
        return x[..., None].view(dtype)
    larger = dtype.itemsize > x.itemsize
    return x.view(dtype).reshape(x.shape[:-1] if larger else x.shape)


evaluate[bitcast] = _bitcast


class _Quiet(threading.local):
    """Per thread, a context in which NumPy gives inf and nan without a warning."""

    def __init__(self):
        context = contextvars.copy_context()
        context.run(np.seterr, all="ignore")
        self.run = context.run


quiet = _Quiet()

explanations = []


def explain(op, inputs, attributes, error):
    """Ask whoever knows the rules to raise a better error than NumPy's."""
    for explanation in explanations:
        explanation(op, inputs, attributes, error)


def compute(op, inputs, attributes):
    """The eager reader: NumPy computes, now."""
    try:
        rule, run = evaluate[op], quiet.run
        if attributes:
            data = run(rule, *[x._data for x in inputs], **attributes)
        elif len(inputs) == 2:  # the everyday case, a third faster unpacked by hand
            x, y = inputs
            data = run(rule, x._data, y._data)
        else:
            data = run(rule, *[x._data for x in inputs])
    except Exception as error:
        explain(op, inputs, attributes, error)
        raise
    return Tensor(data if data.__class__ is ndarray else np.asarray(data))


ground(compute)


def check_numbers(who, values, number, thing="label", problem="is not a class"):
    """An IndexRangeError for the first of the array `values` outside [0, number)."""
    wrong = (values < 0) | (values >= number)
    if wrong.any():
        place = np.argwhere(wrong)[0].tolist()
        found = f"{thing} {values[tuple(place)]}"
        hint = f"{thing}s from 0 to {number - 1}"
        raise IndexRangeError(
            who, f"{found} {problem}", f"{found} at position {place}", hint
        )


def _within(x, who, number, thing, problem):
    check_numbers(who, x, number, thing, problem)
    return x


evaluate[within] = _within
