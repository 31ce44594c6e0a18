"""Generated from
book/arrays/specs.ipynb
book/arrays/activations.ipynb

Edit the chapter, not this file.
"""

import math
import operator
from itertools import zip_longest

from minikeras.core.door import reading
from minikeras.core.dtypes import FLOATS, NUMPY, SIGNED, UNSIGNED, is_int_dtype
from minikeras.core.eager import explanations
from minikeras.core.errors import (
    ArgumentError,
    AxisError,
    DTypeError,
    Report,
    ShapeError,
)
from minikeras.core.nest import map_structure
from minikeras.core.specs import TensorSpec, joint_shape, sizes_text
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
from minikeras.core.tensor import Value

KINDS = {
    "floats": FLOATS,
    "numbers": (*UNSIGNED, *SIGNED, *FLOATS),
    "whole numbers": ("bool", *UNSIGNED, *SIGNED),
}

takes = dict.fromkeys(
    (
        floor, ceil, rint, exp, expm1, log, log1p, sqrt, sin, cos, tan, arcsin, arccos,
        arctan, sinh, cosh, tanh, arcsinh, arccosh, arctanh, sigmoid, softplus, erf,
        divide, arctan2,
    ),
    "floats",
)  # fmt: skip

takes |= dict.fromkeys(
    (negative, sign, subtract, floor_divide, mod, power, bitcast), "numbers"
)

takes |= dict.fromkeys(
    (bitwise_and, bitwise_or, bitwise_xor, bitwise_not), "whole numbers"
)

spec = Column("spec", "minikeras/core/infer.py")


def accepted(op, x):
    """The spec `x` itself, if the operation has a meaning for its dtype."""
    kinds = takes.get(op)
    if kinds and x.dtype not in KINDS[kinds]:
        hint = "cast it first" if kinds != "whole numbers" else None
        raise DTypeError(op.name, f"takes {kinds} only", str(x), hint)
    return x


UNARY = (
    negative, absolute, sign, floor, ceil, rint, exp, expm1, log, log1p, sqrt, sin, cos,
    tan, arcsin, arccos, arctan, sinh, cosh, tanh, arcsinh, arccosh, arctanh, sigmoid,
    softplus, erf, bitwise_not, stop_gradient,
)  # fmt: skip

spec |= {op: (lambda x, op=op: accepted(op, x)) for op in UNARY}


def same_dtype(op, *specs):
    """The dtype that all `specs` share; DTypeError if they do not."""
    if len({x.dtype for x in specs}) > 1:
        got = " with ".join(map(str, specs))
        raise DTypeError(op.name, "the dtypes differ", got, "cast one of them")
    return accepted(op, specs[0]).dtype


def _elementwise(op, dtype=None):
    """The rule of an operation on two tensors: the joint shape, in `dtype` or theirs."""

    def rule(x, y):
        own = same_dtype(op, x, y)
        return TensorSpec(joint_shape(op.name, x.shape, y.shape), dtype or own)

    return rule


BINARY = (
    add, subtract, multiply, divide, floor_divide, mod, power, maximum, minimum, arctan2,
    bitwise_and, bitwise_or, bitwise_xor, left_shift, right_shift,
)  # fmt: skip

COMPARISONS = (equal, not_equal, less, less_equal, greater, greater_equal)

spec |= {op: _elementwise(op) for op in BINARY}

spec |= {op: _elementwise(op, "bool") for op in COMPARISONS}

spec[select] = lambda condition, x, y: TensorSpec(
    joint_shape("where", condition.shape, x.shape, y.shape), same_dtype(select, x, y)
)


def axis_of(op, axis, ndim):
    """An axis counted from the left, checked; `op` is the name for the error."""
    try:
        number = operator.index(axis)
    except TypeError:
        raise DTypeError(op, f"an axis is a whole number, not {axis!r}") from None
    if not -ndim <= number < ndim:
        allowed = f"an axis from {-ndim} to {ndim - 1}" if ndim else None
        problem = f"axis {number} is out of range for {ndim} axes"
        raise AxisError(op, problem, hint=allowed)
    return number % ndim


def axes_of(op, axis, ndim):
    """Axes as a tuple counted from the left: None means all, an int means one."""
    if axis is None:
        return tuple(range(ndim))
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    axes = tuple(axis_of(op, a, ndim) for a in axes)
    if len(set(axes)) < len(axes):
        raise AxisError(op, f"an axis is named twice in {axis}")
    return axes


def _reduced(op, dtype=None):
    """The rule of a reduction: the axes vanish, or shrink to 1."""

    def rule(x, axis, keepdims):
        axes = axes_of(op.name, axis, x.ndim)
        if op in (reduce_max, reduce_min):
            _not_empty(op, x, axes)
        kept = [1 if a in axes else n for a, n in enumerate(x.shape)]
        gone = [n for a, n in enumerate(x.shape) if a not in axes]
        return TensorSpec(kept if keepdims else gone, dtype or x.dtype)

    return rule


def _not_empty(op, x, axes):
    empty = [a for a in axes if x.shape[a] == 0]
    if empty:
        raise ShapeError(op.name, f"axis {empty[0]} is empty, so it has none", str(x))


spec |= {op: _reduced(op) for op in (reduce_sum, reduce_prod, reduce_max, reduce_min)}

spec |= {op: _reduced(op, "bool") for op in (reduce_any, reduce_all)}


def _picked(op):
    """The rule of argmax and argmin: one axis vanishes, places are int32."""

    def rule(x, axis):
        axis = axis_of(op.name, axis, x.ndim)
        _not_empty(op, x, [axis])
        return TensorSpec(x.shape[:axis] + x.shape[axis + 1 :], "int32")

    return rule


spec |= {op: _picked(op) for op in (argmax, argmin)}


def _along(op, dtype=None):
    """The rule of a scan: the shape stays, and only the axis is checked."""

    def rule(x, axis):
        axis_of(op.name, axis, x.ndim)
        return TensorSpec(x.shape, dtype or x.dtype)

    return rule


def _nonzero(x):
    if x.ndim == 0:
        raise ShapeError(
            "nonzero", "a single number has no axes to count along", str(x)
        )
    return TensorSpec((x.ndim, None), "int32")


spec |= {cumsum: _along(cumsum), cumprod: _along(cumprod)}

spec |= {argsort: _along(argsort, "int32"), nonzero: _nonzero}


def _matmul(x, y):
    """[..., n, k] @ [..., k, m] -> [..., n, m]"""
    if min(x.ndim, y.ndim) < 2:
        problem = "both sides need at least two axes"
        raise ShapeError("matmul", problem, f"{x} @ {y}", "expand_dims")
    k, other = x.shape[-1], y.shape[-2]
    if None not in (k, other) and k != other:
        got = f"{x} @ {y}      ({k} != {other})"
        turned = "matmul(x, transpose(y)), if y is stored the other way round"
        hint = turned if k == y.shape[-1] else None
        raise ShapeError("matmul", "the inner sizes differ", got, hint)
    batch = joint_shape("matmul", x.shape[:-2], y.shape[:-2])
    return TensorSpec((*batch, x.shape[-2], y.shape[-1]), same_dtype(matmul, x, y))


spec[matmul] = _matmul


def _fills(x_shape, shape):
    """Whether numbers in `x_shape` can fill `shape`, as far as the sizes are known."""
    known = math.prod(n for n in x_shape if n is not None)
    wanted = math.prod(n for n in shape if n not in (-1, None))
    is_open = -1 in shape or None in shape
    if None in x_shape:
        return is_open or (wanted % known == 0 if known else wanted == 0)
    if is_open:
        return wanted > 0 and known % wanted == 0
    return known == wanted


def _reshape(x, *sizes, shape):
    """The sizes multiply to the same number; one -1 is worked out if it can be."""
    shape = tuple(shape)
    if shape.count(-1) > 1 or not _fills(x.shape, shape):
        problem = "the numbers do not fill the new shape"
        hint = "keep the product of the sizes, with -1 for at most one of them"
        got = f"{x} to [{sizes_text(shape)}]"
        raise ShapeError("reshape", problem, got, hint)
    if -1 in shape:
        known = None not in (*x.shape, *shape)
        free = math.prod(x.shape) // abs(math.prod(shape)) if known else None
        shape = [free if n == -1 else n for n in shape]
    return TensorSpec(shape, x.dtype)


spec[reshape] = _reshape


def _transpose(x, axes):
    if sorted(axes_of("transpose", axes, x.ndim)) != list(range(x.ndim)):
        problem = f"each of the {x.ndim} axes must be named once"
        raise AxisError("transpose", problem, f"{x} with axes {list(axes)}")
    return TensorSpec([x.shape[a] for a in axes], x.dtype)


spec[transpose] = _transpose


def _agree(m, n):
    return m == n or None in (m, n)


def _joined(x, y, axis):
    """The shape of two shapes joined along `axis`, or None if they do not fit."""
    pairs = [*zip_longest(x, y, fillvalue=-1)]
    if not all(_agree(*pair) for a, pair in enumerate(pairs) if a != axis):
        return None
    known = [n if m is None else m for m, n in pairs]
    known[axis] = None if None in pairs[axis] else sum(pairs[axis])
    return tuple(known) if len(x) == len(y) else None


def _concatenate(*xs, axis):
    """All axes but one agree; along that one the sizes add up."""
    if not xs:
        raise ArgumentError("concatenate", "there is nothing to join")
    axis = axis_of("concatenate", axis, xs[0].ndim)
    shape = xs[0].shape
    for x in xs[1:]:
        shape = _joined(shape, x.shape, axis)
        if shape is None:
            got = " with ".join(map(str, xs))
            problem = f"the shapes differ in more than axis {axis}"
            raise ShapeError("concatenate", problem, got)
    return TensorSpec(shape, same_dtype(concatenate, *xs))


spec[concatenate] = _concatenate


def _pad(x, widths, value):
    if len(widths) != x.ndim:
        problem = f"{len(widths)} pairs of widths for {x.ndim} axes"
        raise ShapeError("pad", problem, f"{x} with {widths}")
    if any(width < 0 for pair in widths for width in pair):
        raise ShapeError("pad", "a width cannot be negative", f"{x} with {widths}")
    sizes = zip(x.shape, widths, strict=True)
    return TensorSpec(
        [None if n is None else n + sum(pair) for n, pair in sizes], x.dtype
    )


spec[pad] = _pad


def _broadcast_to(x, shape):
    """`shape`, if `x` can be stretched to it."""
    pairs = zip(reversed(x.shape), reversed(shape), strict=False)
    fits = x.ndim <= len(shape) and all(m == 1 or _agree(m, n) for m, n in pairs)
    if not fits:
        problem = "the tensor does not stretch to the shape"
        hint = "sizes that are equal or 1, counted from the right"
        raise ShapeError("broadcast_to", problem, f"{x} to [{sizes_text(shape)}]", hint)
    return TensorSpec(shape, x.dtype)


def _reduce_like(x, like):
    """The shape of `like`, if `like` could be stretched to `x`."""
    _broadcast_to(like, x.shape)
    return TensorSpec(like.shape, x.dtype)


spec |= {broadcast_to: _broadcast_to, reduce_like: _reduce_like}

spec[broadcast_like] = lambda x, like: TensorSpec(
    joint_shape("broadcast_like", x.shape, like.shape), x.dtype
)


def _sliced(size, triple):
    """How many elements a slice (start, stop, step) takes from an axis."""
    if triple[2] == 0:
        raise ArgumentError("strided_slice", "the step of a slice cannot be 0")
    if size is None or "?" in triple:
        return None
    return len(range(*slice(*triple).indices(size)))


spec[strided_slice] = lambda x, *bounds, index: TensorSpec(
    [*map(_sliced, x.shape, index), *x.shape[len(index) :]], x.dtype
)

spec[scatter_slice] = lambda x, like, *bounds, index: TensorSpec(like.shape, x.dtype)


def _gather(x, *indices, axis):
    """Index tensors take the place of as many axes, beginning at `axis`."""
    for index in indices:
        if not is_int_dtype(index.dtype):
            raise DTypeError("gather", "an index is a whole number", f"{x} at {index}")
    after = axis + len(indices)
    if after > x.ndim:
        raise AxisError("gather", f"{after} axes asked for", str(x))
    taken = joint_shape("gather", *(index.shape for index in indices))
    return TensorSpec((*x.shape[:axis], *taken, *x.shape[after:]), x.dtype)


def _scatter_add(base, updates, *indices, axis):
    """The spec of `base`, if `updates` can be stretched to what `gather` would take."""
    _broadcast_to(updates, _gather(base, *indices, axis=axis).shape)
    return TensorSpec(base.shape, same_dtype(scatter_add, base, updates))


spec |= {gather: _gather, scatter_add: _scatter_add}


def _dim_size(x, axis):
    axis_of("dim_size", axis, x.ndim)
    return TensorSpec((), "int32")


spec[full] = lambda *sizes, shape, value, dtype: TensorSpec(shape, dtype)

spec[iota] = lambda *sizes, size, dtype: TensorSpec((size,), dtype)

spec[cast] = lambda x, dtype: TensorSpec(x.shape, dtype)

spec[dim_size] = _dim_size


def _bitcast(x, dtype):
    """The same shape, or a last axis more for smaller numbers, or one less."""
    accepted(bitcast, x), accepted(bitcast, TensorSpec((), dtype))
    before, after = NUMPY[x.dtype].itemsize, NUMPY[dtype].itemsize
    if before >= after:
        parts = [before // after] if before > after else []
        return TensorSpec((*x.shape, *parts), dtype)
    if x.ndim == 0 or x.shape[-1] not in (None, after // before):
        problem = f"the last axis must hold the {after // before} parts of one {dtype}"
        raise ShapeError("bitcast", problem, str(x))
    return TensorSpec(x.shape[:-1], dtype)


spec[bitcast] = _bitcast


class Symbol(Value):
    """A value of which only the spec is known."""

    __slots__ = ("spec", "_keras_logits", "_keras_mask")

    def __init__(self, spec):
        self.spec = spec

    def __repr__(self):
        return f"Symbol({self.spec})"


def infer(op, inputs, attributes):
    """The spec reader: the shape and dtype of the result, and no numbers."""
    return Symbol(spec[op](*(x.spec for x in inputs), **attributes))


def eval_spec(function, *args, **kwargs):
    """The specs of function(*args, **kwargs), computed without any numbers.

    Every TensorSpec or value among the arguments becomes a `Symbol`; the result has
    the structure of the function's result. Source: chapter "Shapes before values".

    >>> from minikeras.core.table import exp
    >>> print(eval_spec(exp, TensorSpec((None, 3))))
    f32[?,3]
    """

    def symbol(leaf):
        leaf = leaf.spec if isinstance(leaf, Value) else leaf
        return Symbol(leaf) if isinstance(leaf, TensorSpec) else leaf

    args, kwargs = map_structure(symbol, (args, kwargs))
    with reading(infer):
        outputs = function(*args, **kwargs)
    return map_structure(lambda v: v.spec if isinstance(v, Value) else v, outputs)


def explain_by_spec(op, inputs, attributes, error):
    """When NumPy fails, the spec rule says why, in our words."""
    if isinstance(error, (Report, MemoryError, NotImplementedError)) or op not in spec:
        return
    specs = [x.spec for x in inputs]
    try:
        spec[op](*specs, **attributes)
    except Report as better:
        raise better from None
    if isinstance(error, (ValueError, TypeError, IndexError)):
        got = ", ".join(map(str, specs))
        raise ArgumentError(op.name, str(error), got) from None


explanations.append(explain_by_spec)


spec[within] = lambda x, **attributes: x
