"""One row for each primitive operation: how to call it, and what it must give.

A row draws sample inputs (float64 where the operation has a gradient) and attributes,
and names the NumPy function that gives the same answer.  All tests of `tests/core/
test_ops.py` are driven by this table; an operation of the op table without a row here
fails them.  `side` is the range of axis sizes: (0, 3) draws empty tensors too.
"""

import math
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from hypothesis import strategies as st


@dataclass(frozen=True)
class Row:
    """How to test one operation.

    draw(data, side) -> (inputs, attributes)
    reference(*inputs, **attributes) -> what NumPy gives
    gradient: "smooth" (compare with finite differences), "none" (no rule at all) or
    "zero" (a rule that gives zeros).
    exact: the result for strided inputs has the same bits as for contiguous ones.
    rtol: how close values are to NumPy's.
    """

    draw: Any
    reference: Any
    gradient: str = "smooth"
    exact: bool = True
    rtol: float = 1e-12


# ---- drawing numbers and shapes ------------------------------------------------------


def numbers(data, shape, low=-2.0, high=2.0, away=(), dtype="float64"):
    "Distinct numbers between low and high, none within 0.05 of those in `away`."
    random = np.random.default_rng(data.draw(st.integers(0, 2**31), label="seed"))
    n = math.prod(shape)
    grid = np.linspace(low, high, 4 * n + 13)
    for point in away:
        grid = grid[np.abs(grid - point) > 0.05]
    values = random.permutation(grid)[:n] + random.uniform(-1e-3, 1e-3, n) / (n + 4)
    return values.reshape(shape).astype(dtype)


def integers(data, shape, low=-5, high=6, dtype="int32"):
    random = np.random.default_rng(data.draw(st.integers(0, 2**31), label="seed"))
    return random.integers(low, high, shape).astype(dtype)


def shapes(data, side, min_dims=0, max_dims=3):
    dims = data.draw(st.integers(min_dims, max_dims), label="ndim")
    return tuple(data.draw(st.integers(*side), label="size") for _ in range(dims))


def stretched(data, shape):
    "A shape that broadcasts to `shape`: some axes 1, some leading ones dropped."
    kept = [data.draw(st.sampled_from([n, n, 1])) for n in shape]
    return tuple(kept[data.draw(st.integers(0, len(kept))) :])


def axis_of(data, shape):
    return data.draw(st.integers(-len(shape), len(shape) - 1), label="axis")


def axes_of(data, shape):
    "None, or a tuple of axes, some counted from the right."
    if data.draw(st.booleans(), label="all axes"):
        return None
    n = len(shape)
    chosen = data.draw(st.lists(st.sampled_from(range(n)), unique=True)) if n else []
    return tuple(a - n if data.draw(st.booleans()) else a for a in chosen)


# ---- families of rows ----------------------------------------------------------------


def unary(reference, low=-2.0, high=2.0, away=(), gradient="smooth", dtype="float64"):
    def draw(data, side):
        shape = shapes(data, side)
        if dtype == "float64":
            return (numbers(data, shape, low, high, away),), {}
        return (integers(data, shape, dtype=dtype),), {}

    return Row(draw, reference, gradient, rtol=1e-11)


def binary(
    reference, left=(-2.0, 2.0), right=(-2.0, 2.0), apart=False, gradient="smooth"
):
    "Two inputs of the same shape; with apart=True no two elements are close."

    def draw(data, side):
        shape = shapes(data, side)
        x = numbers(data, shape, *left)
        y = numbers(data, shape, *right)
        if apart:
            signs = np.where(integers(data, shape, 0, 2) > 0, 1.0, -1.0)
            y = x + signs * numbers(data, shape, 0.1, 1.0)
        return (x, y), {}

    return Row(draw, reference, gradient, rtol=1e-11)


def bits(reference, shift=False, dtype="int32"):
    def draw(data, side):
        shape = shapes(data, side)
        high = 8 if shift else 100
        x = integers(data, shape, 0, 100, dtype)
        return (x, integers(data, shape, 0, high, dtype)), {}

    return Row(draw, reference, "none")


def reduction(
    reference, gradient="smooth", low=-2.0, high=2.0, away=(), dtype="float64"
):
    def draw(data, side):
        shape = shapes(data, side)
        if dtype == "bool":
            x = integers(data, shape, 0, 2, "bool")
        else:
            x = numbers(data, shape, low, high, away)
        axis, keepdims = axes_of(data, shape), data.draw(st.booleans())
        return (x,), {"axis": axis, "keepdims": keepdims}

    return Row(draw, reference, gradient, exact=dtype == "bool", rtol=1e-10)


def along(reference, gradient="smooth", away=(), exact=True):
    def draw(data, side):
        shape = shapes(data, side, min_dims=1)
        return (numbers(data, shape, away=away),), {"axis": axis_of(data, shape)}

    return Row(draw, reference, gradient, exact=exact, rtol=1e-10)


# ---- rows with a draw of their own ---------------------------------------------------


def draw_select(data, side):
    shape = shapes(data, side)
    c = integers(data, shape, 0, 2, "bool")
    return (c, numbers(data, shape), numbers(data, shape)), {}


def draw_matmul(data, side):
    n, k, m = (data.draw(st.integers(*side)) for _ in range(3))
    batch = shapes(data, side, max_dims=2)
    return (numbers(data, (*batch, n, k)), numbers(data, (*batch, k, m))), {}


def draw_reshape(data, side):
    shape = shapes(data, side)
    target = data.draw(st.permutations(shape), label="target")
    if data.draw(st.booleans()) and math.prod(shape):
        target = (-1, *target[1:]) if target else (1, -1)
    return (numbers(data, shape),), {"shape": tuple(target)}


def draw_transpose(data, side):
    shape = shapes(data, side)
    axes = data.draw(st.permutations(range(len(shape))), label="axes")
    return (numbers(data, shape),), {"axes": tuple(axes)}


def draw_concatenate(data, side):
    shape = shapes(data, side, min_dims=1)
    axis = axis_of(data, shape)
    parts = []
    for _ in range(data.draw(st.integers(1, 3))):
        own = list(shape)
        own[axis] = data.draw(st.integers(*side))
        parts.append(numbers(data, tuple(own)))
    return tuple(parts), {"axis": axis}


def draw_pad(data, side):
    shape = shapes(data, side, min_dims=1)
    width = st.integers(0, 2)
    widths = tuple((data.draw(width), data.draw(width)) for _ in shape)
    return (numbers(data, shape),), {"widths": widths, "value": 1.5}


def draw_broadcast_to(data, side):
    shape = shapes(data, side)
    return (numbers(data, stretched(data, shape)),), {"shape": shape}


def draw_like(data, side):
    shape = shapes(data, side)
    return (numbers(data, stretched(data, shape)), numbers(data, shape)), {}


def draw_reduce_like(data, side):
    shape = shapes(data, side)
    return (numbers(data, shape), numbers(data, stretched(data, shape))), {}


def slice_index(data, shape):
    "Triples (start, stop, step) for the leading axes; steps of both signs."
    index = []
    for n in shape[: data.draw(st.integers(0, len(shape)))]:
        bound = st.none() | st.integers(-n - 1, n + 1)
        step = data.draw(st.sampled_from([None, 1, 2, -1, -2]))
        index.append((data.draw(bound), data.draw(bound), step))
    return tuple(index)


def draw_strided_slice(data, side):
    shape = shapes(data, side)
    return (numbers(data, shape),), {"index": slice_index(data, shape)}


def draw_scatter_slice(data, side):
    shape = shapes(data, side)
    index = slice_index(data, shape)
    like = numbers(data, shape)
    updates = numbers(data, like[tuple(slice(*t) for t in index)].shape)
    return (updates, like), {"index": index}


def gather_parts(data, side):
    "A tensor, an axis, and index arrays for one or two axes from there on."
    shape = shapes(data, side, min_dims=1)
    axis = data.draw(st.integers(0, len(shape) - 1))
    count = data.draw(st.integers(1, min(2, len(shape) - axis)))
    taken = shapes(data, side, max_dims=2)
    sizes = shape[axis : axis + count]
    if 0 in sizes:
        taken = (0,)
    indices = [
        integers(data, taken, -n, n) if n else integers(data, taken) for n in sizes
    ]
    return shape, axis, indices


def draw_gather(data, side):
    shape, axis, indices = gather_parts(data, side)
    return (numbers(data, shape), *indices), {"axis": axis}


def draw_scatter_add(data, side):
    shape, axis, indices = gather_parts(data, side)
    base = numbers(data, shape)
    updates = numbers(data, base[at(indices, axis)].shape)
    return (base, updates, *indices), {"axis": axis}


def at(indices, axis):
    return (slice(None),) * axis + tuple(indices)


def draw_full(data, side):
    dtype = data.draw(st.sampled_from(["float32", "int64", "bool"]))
    return (), {"shape": shapes(data, side), "value": 3, "dtype": dtype}


def draw_iota(data, side):
    return (), {"size": data.draw(st.integers(*side)), "dtype": "int32"}


def draw_dim_size(data, side):
    shape = shapes(data, side, min_dims=1)
    return (numbers(data, shape),), {"axis": data.draw(st.integers(0, len(shape) - 1))}


def draw_cast(data, side):
    dtype = data.draw(st.sampled_from(["float64", "float64", "int32", "bool"]))
    return (numbers(data, shapes(data, side), away=(-1, 0, 1)),), {"dtype": dtype}


def draw_bitcast(data, side):
    "Floats and whole numbers of 1 to 8 bytes; for larger ones enough on the last axis."
    kinds = ("int8", "uint16", "float16", "int32", "float32", "int64", "float64")
    before, after = (np.dtype(data.draw(st.sampled_from(kinds))) for _ in range(2))
    shape = shapes(data, side)
    if after.itemsize > before.itemsize:
        shape = (*shape, after.itemsize // before.itemsize)
    x = np.random.default_rng(data.draw(st.integers(0, 2**31))).integers(
        0, 256, (*shape, before.itemsize), "uint8"
    )
    return (np.ndarray(shape, before, bytearray(x.tobytes())),), {"dtype": after.name}


def draw_random_bits(data, side):
    key = (data.draw(st.integers(0, 2**32 - 1)), data.draw(st.integers(0, 100)))
    return (), {"key": key, "shape": shapes(data, side)}


# ---- references in plain NumPy, written another way than the package's own -----------


def reference_bitcast(x, dtype):
    before, after = x.dtype.itemsize, np.dtype(dtype).itemsize
    shape = x.shape if after <= before else x.shape[:-1]
    parts = (before // after,) if after < before else ()
    return np.ndarray((*shape, *parts), dtype, bytearray(x.tobytes()))


def reference_scatter_slice(updates, like, index):
    array = np.zeros(like.shape, updates.dtype)
    ranges = [range(*slice(*t).indices(n)) for t, n in zip(index, like.shape)]
    ranges += [range(n) for n in like.shape[len(index) :]]
    for place, value in zip(product(*ranges), updates.reshape(-1)):
        array[place] = value
    return array


def reference_scatter_add(base, updates, *indices, axis):
    array = base.copy()
    joint = np.broadcast_shapes(*(i.shape for i in indices))
    indices = [np.broadcast_to(i, joint) for i in indices]
    for before in np.ndindex(base.shape[:axis]):
        for place in np.ndindex(joint):
            spot = (*before, *(int(i[place]) for i in indices))
            array[spot] += updates[(*before, *place)]
    return array


def reference_reduce_like(x, like):
    extra = x.ndim - like.ndim
    axes = tuple(range(extra)) + tuple(
        extra + a for a, n in enumerate(like.shape) if n == 1
    )
    return x.sum(axis=axes).reshape(like.shape)


def reference_argmax(pick):
    return lambda x, axis: pick(x, axis=axis).astype("int32")


def reference_random_bits(key, shape):
    "Philox 4x32-10 in Python's own integers, from the paper."
    words = []
    for block in range(-(-math.prod(shape) // 4)):
        c = [block % 2**32, block >> 32, key[1] % 2**32, 0]
        k = [key[0] % 2**32, 0]
        for _ in range(10):
            first, second = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
            low, high = first % 2**32, second % 2**32
            c = [(second >> 32) ^ c[1] ^ k[0], high, (first >> 32) ^ c[3] ^ k[1], low]
            k = [(k[0] + 0x9E3779B9) % 2**32, (k[1] + 0xBB67AE85) % 2**32]
        words += c
    return np.array(words[: math.prod(shape)], "uint32").reshape(shape)


def reference_erf(x):
    return np.vectorize(math.erf, otypes=[x.dtype])(x)


def draw_within(data, side):
    about = {"who": "labels", "thing": "label", "problem": "is not a class"}
    return (integers(data, shapes(data, side), 0, 9),), about | {"number": 9}


# ---- the table -----------------------------------------------------------------------

ROWS = {
    "negative": unary(np.negative),
    "absolute": unary(np.abs, away=(0,)),
    "sign": unary(np.sign, away=(0,), gradient="zero"),
    "floor": unary(np.floor, gradient="none"),
    "ceil": unary(np.ceil, gradient="none"),
    "rint": unary(np.round, gradient="none"),
    "exp": unary(np.exp),
    "expm1": unary(np.expm1),
    "log": unary(np.log, 0.1, 3),
    "log1p": unary(np.log1p, -0.8, 3),
    "sqrt": unary(np.sqrt, 0.1, 3),
    "sin": unary(np.sin),
    "cos": unary(np.cos),
    "tan": unary(np.tan, -1.2, 1.2),
    "arcsin": unary(np.arcsin, -0.8, 0.8),
    "arccos": unary(np.arccos, -0.8, 0.8),
    "arctan": unary(np.arctan),
    "sinh": unary(np.sinh),
    "cosh": unary(np.cosh),
    "tanh": unary(np.tanh),
    "arcsinh": unary(np.arcsinh),
    "arccosh": unary(np.arccosh, 1.2, 3),
    "arctanh": unary(np.arctanh, -0.8, 0.8),
    "sigmoid": unary(lambda x: 1 / (1 + np.exp(-x)), -6, 6),
    "softplus": unary(lambda x: np.log(1 + np.exp(x)), -6, 6),
    "erf": unary(reference_erf),
    "stop_gradient": unary(lambda x: x, gradient="none"),
    "bitwise_not": unary(np.invert, dtype="int32", gradient="none"),
    "add": binary(np.add),
    "subtract": binary(np.subtract),
    "multiply": binary(np.multiply),
    "divide": binary(np.divide, right=(0.3, 2)),
    "floor_divide": binary(np.floor_divide, right=(0.3, 2), gradient="none"),
    "mod": binary(np.mod, left=(2.1, 2.3), right=(0.81, 0.99)),
    "power": binary(np.power, left=(0.3, 2)),
    "arctan2": binary(np.arctan2, right=(0.3, 2)),
    "maximum": binary(np.maximum, apart=True),
    "minimum": binary(np.minimum, apart=True),
    "equal": binary(np.equal, gradient="none"),
    "not_equal": binary(np.not_equal, gradient="none"),
    "less": binary(np.less, gradient="none"),
    "less_equal": binary(np.less_equal, gradient="none"),
    "greater": binary(np.greater, gradient="none"),
    "greater_equal": binary(np.greater_equal, gradient="none"),
    "bitwise_and": bits(np.bitwise_and),
    "bitwise_or": bits(np.bitwise_or),
    "bitwise_xor": bits(np.bitwise_xor),
    "left_shift": bits(np.left_shift, shift=True),
    "right_shift": bits(np.right_shift, shift=True),
    "where": Row(draw_select, np.where),
    "sum": reduction(np.sum),
    "prod": reduction(np.prod, away=(0,)),
    "max": reduction(np.max),
    "min": reduction(np.min),
    "any": reduction(np.any, "none", dtype="bool"),
    "all": reduction(np.all, "none", dtype="bool"),
    "argmax": along(reference_argmax(np.argmax), "none"),
    "argmin": along(reference_argmax(np.argmin), "none"),
    "argsort": along(reference_argmax(np.argsort), "none"),
    "cumsum": along(np.cumsum, exact=False),
    "cumprod": along(np.cumprod, away=(0,), exact=False),
    "nonzero": Row(
        lambda data, side: ((integers(data, shapes(data, side, 1), -1, 2),), {}),
        lambda x: np.stack(np.nonzero(x)).astype("int32"),
        "none",
    ),
    "matmul": Row(draw_matmul, lambda x, y: x @ y, exact=False, rtol=1e-10),
    "reshape": Row(draw_reshape, lambda x, shape: np.reshape(x, shape)),
    "transpose": Row(draw_transpose, lambda x, axes: np.transpose(x, axes)),
    "concatenate": Row(draw_concatenate, lambda *xs, axis: np.concatenate(xs, axis)),
    "pad": Row(
        draw_pad, lambda x, widths, value: np.pad(x, widths, constant_values=value)
    ),
    "broadcast_to": Row(draw_broadcast_to, lambda x, shape: np.broadcast_to(x, shape)),
    "broadcast_like": Row(draw_like, lambda x, like: np.broadcast_to(x, like.shape)),
    "reduce_like": Row(
        draw_reduce_like, reference_reduce_like, exact=False, rtol=1e-10
    ),
    "strided_slice": Row(
        draw_strided_slice, lambda x, index: x[tuple(slice(*t) for t in index)]
    ),
    "scatter_slice": Row(draw_scatter_slice, reference_scatter_slice),
    "gather": Row(draw_gather, lambda x, *indices, axis: x[at(indices, axis)]),
    "scatter_add": Row(draw_scatter_add, reference_scatter_add, exact=False),
    "full": Row(
        draw_full, lambda shape, value, dtype: np.full(shape, value, dtype), "none"
    ),
    "iota": Row(draw_iota, lambda size, dtype: np.arange(size, dtype=dtype), "none"),
    "dim_size": Row(draw_dim_size, lambda x, axis: np.int32(x.shape[axis]), "none"),
    "cast": Row(draw_cast, lambda x, dtype: x.astype(dtype), "cast"),
    "bitcast": Row(draw_bitcast, reference_bitcast, "none"),
    "random_bits": Row(draw_random_bits, reference_random_bits, "none"),
    "within": Row(draw_within, lambda x, **attributes: x, "none"),
}
