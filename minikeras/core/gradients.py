"""Generated from book/gradients/rules.ipynb. Edit the chapter, not this file."""

import functools
import importlib
import math
from contextlib import suppress

from minikeras.core.dtypes import FLOATS
from minikeras.core.indexing import sliced
from minikeras.core.infer import axes_of
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
    random_bits,
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
from minikeras.core.tensor import (
    broadcast,
    convert,
    in_shape,
    measured,
    merged,
    product,
    size_of,
)

vjp = Column("vjp", "minikeras/core/gradients.py")

vjp |= {
    negative: (lambda g, z, x: -g,),
    exp: (lambda g, z, x: g * z,),
    expm1: (lambda g, z, x: g * (z + 1),),
    log: (lambda g, z, x: g / x,),
    log1p: (lambda g, z, x: g / (x + 1),),
    absolute: (lambda g, z, x: g * sign(x),),
}


vjp |= {
    sin: (lambda g, z, x: g * cos(x),),
    cos: (lambda g, z, x: -g * sin(x),),
    tan: (lambda g, z, x: g * (z * z + 1),),
    arcsin: (lambda g, z, x: g / sqrt(1 - x * x),),
    arccos: (lambda g, z, x: -g / sqrt(1 - x * x),),
    arctan: (lambda g, z, x: g / (x * x + 1),),
    sinh: (lambda g, z, x: g * cosh(x),),
    cosh: (lambda g, z, x: g * sinh(x),),
    tanh: (lambda g, z, x: g - g * z * z,),
    arcsinh: (lambda g, z, x: g / cosh(z),),
    arccosh: (lambda g, z, x: g / sinh(z),),
    arctanh: (lambda g, z, x: g / (1 - x * x),),
}


vjp |= {
    sigmoid: (lambda g, z, x: g * z * (1 - z),),
    softplus: (lambda g, z, x: g * sigmoid(x),),
    erf: (lambda g, z, x: g * (2 / math.sqrt(math.pi)) * exp(-x * x),),
}


vjp |= {
    add: (lambda g, z, x, y: g, lambda g, z, x, y: g),
    subtract: (lambda g, z, x, y: g, lambda g, z, x, y: -g),
    multiply: (lambda g, z, x, y: g * y, lambda g, z, x, y: g * x),
    divide: (lambda g, z, x, y: g / y, lambda g, z, x, y: -g * z / y),
    mod: (lambda g, z, x, y: g, lambda g, z, x, y: -g * (x // y)),
    arctan2: (
        lambda g, z, y, x: g * x / (x * x + y * y),
        lambda g, z, y, x: -g * y / (x * x + y * y),
    ),
}


@functools.lru_cache(None)
def constant(value, dtype):
    """One number as a tensor, made once: tensors never change."""
    return convert(value, dtype)


def zeros_like(x):
    """Zeros in the shape of `x`, known or not."""
    return broadcast_like(constant(0, x.dtype), x)


def choose(condition, x, y):
    """select with its two branches stretched to the condition's shape."""
    return select(*broadcast("where", condition, x, y))


vjp |= {
    maximum: (
        lambda g, z, x, y: choose(x >= y, g, constant(0, g.dtype)),
        lambda g, z, x, y: choose(x >= y, constant(0, g.dtype), g),
    ),
    minimum: (
        lambda g, z, x, y: choose(x <= y, g, constant(0, g.dtype)),
        lambda g, z, x, y: choose(x <= y, constant(0, g.dtype), g),
    ),
    select: (
        None,
        lambda g, z, c, x, y: choose(c, g, constant(0, g.dtype)),
        lambda g, z, c, x, y: choose(c, constant(0, g.dtype), g),
    ),
}


def _sqrt(g, z, x):
    """g / (2 sqrt(x)): infinite at 0, but 0 where g is 0 as well."""
    nothing = (z == 0) & (g == 0)
    return g * 0.5 / choose(nothing, constant(1, z.dtype), z)


vjp[sqrt] = (_sqrt,)


def _power_base(g, z, x, y):
    """y * x**(y-1), and 0 for y = 0 even at x = 0."""
    return g * y * x ** choose(y == 0, constant(1, y.dtype), y - 1)


def _power_exponent(g, z, x, y):
    """x**y * log(x), and 0 where the logarithm does not exist."""
    positive = x > 0
    safe = choose(positive, x, constant(1, x.dtype))
    return g * choose(positive, z * log(safe), constant(0, x.dtype))


vjp[power] = (_power_base, _power_exponent)


def reshape_like(g, x):
    """`g` in the shape of `x`, whose sizes may be unknown."""
    return in_shape(g, measured(x))


def inverse(axes):
    """The permutation that undoes `axes`."""
    return tuple(sorted(range(len(axes)), key=lambda a: axes[a] % len(axes)))


def _reshape(g, z, x, *sizes, shape):
    return [reshape_like(g, x)] + [None] * len(sizes)


vjp |= {
    reshape: _reshape,
    transpose: (lambda g, z, x, axes: transpose(g, axes=inverse(axes)),),
}


vjp |= {
    broadcast_to: (lambda g, z, x, shape: reduce_like(g, x),),
    broadcast_like: (lambda g, z, x, like: reduce_like(g, x), None),
    reduce_like: (lambda g, z, x, like: broadcast_like(g, x), None),
    cast: (lambda g, z, x, dtype: _cast_back(g, z, x),),
}


def _cast_back(g, z, x):
    """A gradient passes between floats; whole numbers have none."""
    if x.dtype in FLOATS and z.dtype in FLOATS:
        return cast(g, dtype=x.dtype)
    return None


def _pad(g, z, x, widths, value):
    """The middle of `g`, without the rim."""
    return strided_slice(
        g, index=tuple((low, -high or None, 1) for low, high in widths)
    )


def _strided_slice(g, z, x, *bounds, index):
    return [scatter_slice(g, x, *bounds, index=index)] + [None] * len(bounds)


def _scatter_slice(g, z, x, like, *bounds, index):
    return [strided_slice(g, *bounds, index=index)] + [None] * (1 + len(bounds))


vjp |= {pad: (_pad,), strided_slice: _strided_slice, scatter_slice: _scatter_slice}


def _gather(g, z, x, *indices, axis):
    """Each slope is added where its number was picked."""
    return [scatter_add(zeros_like(x), g, *indices, axis=axis)] + [None] * len(indices)


def _scatter_add(g, z, base, updates, *indices, axis):
    """The base keeps its slope; each update sees the slope where it landed."""
    return [g, gather(g, *indices, axis=axis)] + [None] * len(indices)


vjp |= {gather: _gather, scatter_add: _scatter_add}


def _concatenate(g, z, *xs, axis):
    """Each input gets back the piece of `g` that lies where it lay."""
    axis, start, pieces = axis % z.ndim, 0, []
    for x in xs:
        stop = start + size_of(x, axis)
        whole = ((None, None, None),) * axis
        pieces.append(sliced(g, (*whole, (start, stop, 1))))
        start = stop
    return pieces


vjp[concatenate] = _concatenate


def swapped(x):
    """`x` with its last two axes exchanged."""
    return transpose(x, axes=(*range(x.ndim - 2), x.ndim - 1, x.ndim - 2))


vjp[matmul] = (
    lambda g, z, x, y: product(g, swapped(y)),
    lambda g, z, x, y: product(swapped(x), g),
)


def kept(z, x, axis, keepdims):
    """A reduction's result with its reduced axes put back as 1s."""
    if keepdims:
        return z
    axes, sizes = axes_of("sum", axis, x.ndim), iter(measured(z))
    return in_shape(z, [1 if a in axes else next(sizes) for a in range(x.ndim)])


def _sum(g, z, x, axis, keepdims):
    return broadcast_like(kept(g, x, axis, keepdims), x)


vjp[reduce_sum] = (_sum,)


def _extreme(g, z, x, axis, keepdims):
    """Shared equally among all places that hold the extreme value."""
    held = cast(x == kept(z, x, axis, keepdims), dtype=x.dtype)
    count = reduce_sum(held, axis=axis, keepdims=True)
    return held * (kept(g, x, axis, keepdims) / count)


vjp |= {reduce_max: (_extreme,), reduce_min: (_extreme,)}


def flip(x, axis):
    """`x` read backwards along one axis."""
    whole, backwards = (None, None, None), (None, None, -1)
    return strided_slice(x, index=(whole,) * axis + (backwards,))


def _cumsum(g, z, x, axis):
    """The running total of `g` from the other end."""
    axis = axis % x.ndim
    return flip(cumsum(flip(g, axis), axis=axis), axis)


vjp[cumsum] = (_cumsum,)


def shift(x, steps, axis, fill):
    """`x` moved along an axis by `steps` places, back if negative, and `fill`."""
    whole, back = ((None, None, None),) * axis, max(-steps, 0)
    width = (max(steps, 0), back)
    wide = pad(
        x,
        widths=((0, 0),) * axis + (width,) + ((0, 0),) * (x.ndim - axis - 1),
        value=fill,
    )
    return strided_slice(wide, index=(*whole, (back, -width[0] or None, 1)))


def before(x, axis):
    """At each place, the product of all that stand before it."""
    return cumprod(shift(x, 1, axis, 1), axis=axis)


def doubled(a, b, axis):
    """`recurrence` along an axis of known size, written out."""
    steps = 1
    while steps < a.shape[axis]:
        b = b + a * shift(b, -steps, axis, 0)
        a = a * shift(a, -steps, axis, 0)
        steps *= 2
    return b


recurrences = [doubled]  # ways to compute one: of a known size, of any size


def recurrence(a, b, axis):
    """r with r[i] = b[i] + a[i] * r[i+1] along an axis, in log2(n) doubling steps."""
    if a.shape[axis] is not None:
        return doubled(a, b, axis)
    with suppress(ImportError):
        importlib.import_module("minikeras.graph.loops")
    return recurrences[-1](a, b, axis)


def _cumprod(g, z, x, axis):
    """What stands before, times r[i] = g[i] + x[i+1] * r[i+1]: nothing divides."""
    axis = axis % x.ndim
    return before(x, axis) * recurrence(shift(x, -1, axis, 0), g, axis)


vjp[cumprod] = (_cumprod,)


def _prod(g, z, x, axis, keepdims):
    """g times all the others: what stands before, times what stands after."""
    axes = axes_of("prod", axis, x.ndim)
    order = (*(a for a in range(x.ndim) if a not in axes), *axes)
    moved, last = transpose(x, axes=order), x.ndim - len(axes)
    sizes = measured(moved)
    row = in_shape(moved, (*sizes[:last], merged(sizes[last:])))
    others = before(row, last) * flip(before(flip(row, last), last), last)
    others = transpose(reshape_like(others, moved), axes=inverse(order))
    return others * kept(g, x, axis, keepdims)


vjp[reduce_prod] = (_prod,)


NO_GRADIENT = (
    floor, ceil, rint, floor_divide, equal, not_equal, less, less_equal, greater,
    greater_equal, bitwise_and, bitwise_or, bitwise_xor, bitwise_not, left_shift,
    right_shift, reduce_any, reduce_all, argmax, argmin, argsort, nonzero, full, iota,
    random_bits, dim_size, bitcast, stop_gradient, within,
)  # fmt: skip

vjp |= {op: None for op in NO_GRADIENT}

vjp[sign] = (lambda g, z, x: zeros_like(g),)
