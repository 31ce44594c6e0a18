"""keras.ops of NumPy's family: values over argument variations, and gradients."""

import numpy as np

from tests.golden.cases import Table
from tests.golden.encoding import Raw
from tests.golden.player import wave

f32 = np.float32
X, Y = wave(2, 3), wave(2, 3, phase=1.0)
V, W = wave(3, phase=2.0), wave(3, phase=3.0)
CUBE = wave(2, 3, 4, phase=0.5)
SMALL = wave(2, 3, scale=0.9)
POSITIVE = np.abs(wave(2, 3)) + f32(0.25)
SCALAR = np.array(0.5, f32)
EMPTY = np.zeros((0, 3), f32)
SPECIAL = np.array([-np.inf, -1.5, -0.0, 0.0, 1.5, np.inf, np.nan], f32)
OTHER = np.array([1.0, np.nan, 0.0, -0.0, -np.inf, np.inf, 2.0], f32)
INTS = np.array([[3, -1, 4], [-1, 5, -9]], "int32")
MORE = np.array([[2, 3, -2], [4, -3, 2]], "int32")
BOOLS = np.array([[True, False, True], [False, False, True]])
BYTES = np.array([[250, 3, 7], [0, 128, 255]], "uint8")
TIES = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 0.0]], f32)

UNARY = "abs arctan arcsinh cos cosh exp expm1 negative sign sin sinh square tan tanh"
DOMAINS = {  # operation: a sample inside its domain
    "arccos": SMALL, "arcsin": SMALL, "arctanh": SMALL, "arccosh": POSITIVE + f32(1),
    "log": POSITIVE, "log10": POSITIVE, "log2": POSITIVE, "log1p": SMALL,
    "reciprocal": POSITIVE, "sqrt": POSITIVE,
} | dict.fromkeys(UNARY.split(), X)  # fmt: skip
FLAT_UNARY = "ceil floor round isfinite isinf isnan logical_not"
BINARY = "add subtract multiply maximum minimum arctan2 logaddexp"
FLAT_BINARY = (
    "equal not_equal greater greater_equal less less_equal logical_and logical_or "
    "logical_xor"
)
REDUCTIONS = "sum mean prod max min amax amin var std"


def cases():
    table = Table()
    for section in (
        elementwise, arithmetic, reductions, searching, creating, shaping, joining,
        indexing, products, comparing, scanning, mixed, everyday_rest,
    ):  # fmt: skip
        section(table.op)
    return list(table)


def elementwise(op):
    for name, sample in sorted(DOMAINS.items()):
        op(name, sample)
        op(name, SCALAR if name != "arccosh" else SCALAR + f32(1))
        op(name, EMPTY)
        op(name, SPECIAL, grads=False)
        op(name, sample.astype("float64")[0])
        if name != "reciprocal":  # TensorFlow has no integer kernel
            op(name, np.array([1, 2, 0], "int32"), grads=False)
    for name in FLAT_UNARY.split():
        op(name, SPECIAL, grads=False)
        op(name, INTS, grads=False)
        op(name, BOOLS, grads=False) if name.startswith(("is", "log")) else None
    halves = np.array([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.15, 0.25], f32)
    op("round", halves, grads=False)
    op("round", halves, decimals=1, grads=False)
    op("round", np.array([123.456, -987.654], f32), decimals=-1, grads=False)
    op("clip", X, -0.5, 0.7)
    op("clip", np.array([-1.0, -0.5, 0.0, 0.7, 1.0], f32), -0.5, 0.7)
    op("clip", INTS, 0, 3, grads=False)
    op("clip", X, np.full((3,), -0.5, f32), np.array(0.25, f32))
    op("nan_to_num", SPECIAL, grads=False)
    op("nan_to_num", SPECIAL, nan=1.0, posinf=2.0, neginf=-3.0, grads=False)
    op("real", X, grads=False)


def arithmetic(op):
    for name in BINARY.split():
        op(name, X, Y)
        op(name, X, V)
        op(name, wave(2, 1), wave(1, 3, phase=2.0))
        op(name, SCALAR, X)
        op(name, EMPTY, V)
        op(name, X, 2.0)
        op(name, SPECIAL, OTHER, grads=False)
        if name != "arctan2":
            op(name, INTS, MORE, grads=False)
            op(name, INTS, X)
    for name in ("divide", "true_divide"):
        op(name, X, POSITIVE)
        op(name, X, np.abs(V) + f32(0.5))
        op(name, 1.0, POSITIVE)
        op(name, SPECIAL, OTHER, grads=False)
        op(name, INTS, MORE, grads=False)
        op(name, INTS, np.zeros_like(INTS), grads=False)
    op("divide_no_nan", X, np.array([2.0, 0.0, -1.0], f32))
    op("divide_no_nan", INTS, np.zeros_like(INTS), grads=False)
    for name in ("floor_divide", "mod"):
        op(name, X, POSITIVE, grads=False)
        op(name, X, -POSITIVE, grads=False)
        op(name, INTS, MORE, grads=False)
        op(name, SPECIAL, OTHER, grads=False)
    op("mod", X, POSITIVE)
    op("power", POSITIVE, X)
    op("power", POSITIVE, V)
    op("power", X, 2.0)
    op("power", X, 3)
    op("power", POSITIVE, 0.5)
    op("power", 2.0, X)
    op(
        "power",
        np.array([-2.0, 0.0, 0.0, 3.0], f32),
        np.array([3.0, 0.0, 2.0, -1], f32),
    )
    op("power", np.abs(INTS), np.abs(MORE), grads=False)
    op("power", SPECIAL, OTHER, grads=False)
    for name in FLAT_BINARY.split():
        op(name, TIES, TIES[:, ::-1].copy(), grads=False)
        op(name, SPECIAL, OTHER, grads=False)
        op(name, INTS, 3, grads=False)
        if name in ("equal", "not_equal") or name.startswith("logical"):
            op(name, BOOLS, BOOLS[:, :1].copy(), grads=False)
    op("maximum", TIES, TIES)
    op("minimum", TIES, TIES)
    op("isclose", X, X + f32(1e-6), grads=False)
    op("isclose", X, X + f32(1e-2), rtol=0.0, atol=0.1, grads=False)
    op("isclose", SPECIAL, SPECIAL, equal_nan=True, grads=False)
    op("isclose", SPECIAL, SPECIAL, grads=False)


def reductions(op):
    for name in REDUCTIONS.split():
        for axis in (None, 0, -1, (0, 2), (-1,), (0, 1, 2)):
            op(name, CUBE, axis=axis)
        op(name, CUBE, axis=1, keepdims=True)
        op(name, CUBE, axis=(0, 1), keepdims=True)
        op(name, X, keepdims=True)
        op(name, SCALAR)
        op(name, TIES, axis=1)
        op(name, INTS, grads=False)
        op(name, INTS, axis=0, grads=False)
        op(name, SPECIAL, grads=False)
        op(name, np.zeros((3, 0), f32), axis=0)
        if name in ("sum", "prod", "mean"):
            op(name, np.zeros((3, 0), f32), axis=1)
            op(name, BOOLS, axis=1, grads=False)
            op(name, BYTES, axis=1, grads=False)
    op("prod", np.array([[0.0, 2.0, 3.0], [0.0, 0.0, 4.0], [1, 2, 3]], f32), axis=1)
    op("prod", INTS, dtype="float32", grads=False)
    op("max", X, axis=1, initial=1.0)
    op("min", X, axis=1, initial=-1.0)
    op("max", np.zeros((3, 0), f32), axis=1, initial=0.5, grads=False)
    op("average", X)
    op("average", CUBE, axis=1)
    op("average", X, axis=1, weights=np.array([1.0, 2.0, 3.0], f32))
    op("average", X, axis=0, weights=POSITIVE[:, 0].copy())
    op("average", X, weights=POSITIVE)
    op("average", INTS, axis=0, grads=False)
    for name in ("all", "any"):
        op(name, BOOLS, grads=False)
        op(name, BOOLS, axis=0, grads=False)
        op(name, BOOLS, axis=(0, 1), keepdims=True, grads=False)
        op(name, INTS, axis=1, grads=False)
        op(name, SPECIAL, grads=False)
        op(name, np.zeros((0, 2), bool), axis=0, grads=False)
    op("count_nonzero", INTS - 3, grads=False)
    op("count_nonzero", INTS + 1, axis=0, grads=False)
    op("count_nonzero", BOOLS, axis=1, grads=False)
    op("trace", wave(3, 3))
    op("trace", wave(3, 4), offset=1)
    op("trace", CUBE, offset=-1, axis1=1, axis2=2)


def searching(op):
    for name in ("argmax", "argmin"):
        op(name, CUBE, grads=False)
        op(name, CUBE, axis=1, grads=False)
        op(name, CUBE, axis=-1, keepdims=True, grads=False)
        op(name, TIES, axis=1, grads=False)
        op(name, INTS, axis=0, grads=False)
        op(name, X, keepdims=True, grads=False)
    op("nonzero", BOOLS, grads=False)
    op("nonzero", INTS - 4, grads=False)
    op("where", BOOLS, X, Y)
    op("where", BOOLS, X, 0.0)
    op("where", BOOLS[:, :1].copy(), X, V)
    op("where", BOOLS, INTS, X)
    op("where", BOOLS, INTS, 1.5, grads=False)
    op("where", BOOLS, grads=False)
    op("where", INTS - 4, X, Y)
    op("select", [BOOLS, ~BOOLS], [X, Y], 0.5)
    op("select", [BOOLS, X > 1], [X, Y], default=-1.0)
    op("select", [BOOLS], [INTS], grads=False)


def creating(op):
    for args in ((5,), (2, 7), (2, 10, 3), (5, 0, -2), (0, 1, 0.25), (3.0,), (4, 4)):
        op("arange", *args, grads=False)
    op("arange", 4, dtype="float32", grads=False)
    op("arange", 1, 2, 0.3, dtype="float16", grads=False)
    op("linspace", 0.0, 1.0, num=5, grads=False)
    op("linspace", 2, 3, num=4, endpoint=False, grads=False)
    op("linspace", 0, 10, num=3, dtype="int32", grads=False)
    op("linspace", 0.0, 1.0, num=5, retstep=True, grads=False)
    op("linspace", V, W, num=3)
    op("linspace", V, W, num=3, axis=-1)
    op("linspace", 0.0, 1.0, num=1, grads=False)
    op("linspace", 0.0, 1.0, num=0, grads=False)
    for name in ("zeros", "ones", "empty"):
        for shape in ((2, 3), (), (0, 2), [2], 4):
            if name != "empty":
                op(name, shape, grads=False)
                op(name, shape, dtype="int32", grads=False)
    op("zeros", (2,), dtype="bool", grads=False)
    op("ones", (2,), dtype="bfloat16", grads=False)
    op("full", (2, 3), 7, grads=False)
    op("full", (2, 3), 1.5, grads=False)
    op("full", (2, 3), True, grads=False)
    op("full", (2, 3), 1.5, dtype="int32", grads=False)
    op("full", (2, 3), V)
    for name in ("zeros_like", "ones_like"):
        op(name, X, grads=False)
        op(name, INTS, grads=False)
        op(name, INTS, dtype="float32", grads=False)
    op("full_like", X, 3, grads=False)
    op("full_like", INTS, 2.5, grads=False)
    op("full_like", INTS, 2.5, dtype="float32", grads=False)
    op("eye", 3, grads=False)
    op("eye", 2, 4, grads=False)
    op("eye", 4, 3, k=-1, grads=False)
    op("eye", 3, M=3, k=1, dtype="int32", grads=False)
    op("identity", 3, grads=False)
    op("identity", 2, dtype="bool", grads=False)
    op("tri", 3, grads=False)
    op("tri", 3, 4, k=1, grads=False)
    op("tri", 4, M=2, k=-1, dtype="int32", grads=False)
    for value in (3, 1.5, True, [1, 2], [1.0, 2], [True, False], [[1], [2]], []):
        op("array", value, grads=False)
        op("convert_to_tensor", value, grads=False)
    op("array", [1, 2], dtype="float64", grads=False)
    for dtype in ("int64", "float64", "uint8", "float16", "bool", "int16"):
        op("convert_to_tensor", Raw(np.array([1, 0, 2]).astype(dtype)), grads=False)
    op("convert_to_tensor", 2**40, grads=False)
    op("convert_to_tensor", [1.5, 2.5], dtype="int32", grads=False)
    op("convert_to_tensor", X, dtype="float16", grads=False)
    op("meshgrid", V, W[:2].copy())
    op("meshgrid", V, W[:2].copy(), indexing="ij")
    op("meshgrid", V, W[:2].copy(), wave(4), grads=False)
    op("meshgrid", V, grads=False)


def shaping(op):
    for shape in ((3, 2), (-1,), (6,), (1, -1, 2), [2, 3], -1):
        op("reshape", X, shape)
    op("reshape", SCALAR, (1, 1))
    op("reshape", EMPTY, (3, 0, 2))
    op("ravel", CUBE)
    op("ravel", SCALAR)
    op("transpose", CUBE)
    op("transpose", CUBE, axes=(1, 2, 0))
    op("transpose", CUBE, axes=(0, -1, 1))
    op("transpose", V)
    op("swapaxes", CUBE, 0, 2)
    op("swapaxes", CUBE, axis1=-1, axis2=1)
    op("moveaxis", CUBE, 0, -1)
    op("moveaxis", CUBE, source=(0, 1), destination=(-1, 0))
    op("expand_dims", X, 0)
    op("expand_dims", X, -1)
    op("expand_dims", X, axis=(0, 2))
    op("squeeze", wave(1, 3, 1))
    op("squeeze", wave(1, 3, 1), axis=0)
    op("squeeze", wave(1, 3, 1), axis=(0, -1))
    op("broadcast_to", V, (2, 3))
    op("broadcast_to", wave(2, 1), (4, 2, 3))
    op("broadcast_to", SCALAR, (2, 2))
    op("broadcast_to", EMPTY, (2, 0, 3))
    op("flip", CUBE)
    op("flip", CUBE, axis=1)
    op("flip", CUBE, axis=(0, -1))
    op("roll", CUBE, 1)
    op("roll", CUBE, -2, axis=1)
    op("roll", CUBE, (1, 2), axis=(0, 2))
    op("tile", X, 2)
    op("tile", X, (2, 1))
    op("tile", X, (2, 1, 3))
    op("tile", CUBE, (2,))
    op("repeat", X, 2)
    op("repeat", X, 2, axis=0)
    op("repeat", X, 3, axis=-1)
    op("repeat", X, [1, 0, 2], axis=1)
    op("pad", V, 1)  # of rank 2 and more Keras on TensorFlow fails to spread the pair
    op("pad", V, ((1, 2),))
    op("pad", X, ((1, 0), (0, 2)))
    op("pad", X, ((1, 1), (1, 1)), mode="constant", constant_values=3.5)
    op("pad", wave(3, 4), ((1, 2), (2, 1)), mode="reflect")
    op("pad", wave(3, 4), ((1, 2), (2, 1)), mode="symmetric")
    op("pad", INTS, ((1, 0), (0, 1)), constant_values=7, grads=False)
    op("diag", V)
    op("diag", V, k=1)
    op("diag", V[:2].copy(), k=-2)
    op("diag", wave(3, 3))
    op("diag", wave(3, 4), k=1)
    op("diagonal", wave(3, 4))
    op("diagonal", wave(3, 4), offset=-1)
    op("diagonal", CUBE, offset=1, axis1=1, axis2=2)
    op("tril", wave(3, 4))
    op("tril", wave(2, 3, 3), k=-1)
    op("triu", wave(3, 4))
    op("triu", wave(2, 3, 3), k=1)
    op("tril", INTS, grads=False)
    for name in ("ndim", "size"):
        op(name, CUBE, grads=False)
        op(name, SCALAR, grads=False)
    op("shape", CUBE, grads=False)
    for dtype in ("float64", "float16", "int32", "bool", "bfloat16", "uint8"):
        op("cast", POSITIVE * f32(2), dtype)
    op("cast", np.array([-1.7, -0.2, 0.9, 2.5], f32), "int32", grads=False)
    op("cast", np.array([300, -1, 255], "int32"), "uint8", grads=False)
    op("cast", BOOLS, "float32", grads=False)
    op("saturate_cast", np.array([-5.0, 3.7, 300.0], f32), "uint8", grads=False)
    op("saturate_cast", np.array([-500, 7, 300], "int32"), "int8", grads=False)
    op("stop_gradient", X)


def joining(op):
    op("concatenate", [X, Y])
    op("concatenate", [X, Y], axis=1)
    op("concatenate", [X, wave(2, 1), EMPTY.reshape(0, 3).T[:0].reshape(2, 0)], axis=-1)
    op("concatenate", [X, INTS], axis=0)
    op("stack", [X, Y])
    op("stack", [X, Y], axis=1)
    op("stack", [X, Y], axis=-1)
    op("stack", [SCALAR, SCALAR])
    op("stack", [INTS, X])
    op("hstack", [V, W])
    op("hstack", [X, Y])
    op("vstack", [V, W])
    op("vstack", [X, Y])
    op("append", X, Y)
    op("append", X, Y, axis=0)
    op("append", INTS, V)
    op("split", CUBE, 2, axis=2)
    op("split", CUBE, 3, axis=1)
    op("split", CUBE, [1, 3], axis=-1)
    op("split", X, 2)
    op("split", wave(5), [2, 2, 4])
    op("unstack", CUBE)
    op("unstack", CUBE, axis=-1)


def indexing(op):
    rows = np.array([0, 2, -1, 0], "int32")
    op("take", wave(3, 4), rows, axis=0)
    op("take", wave(3, 4), rows, axis=1)
    op("take", wave(3, 4), np.array([[0, 5], [11, -2]], "int32"))
    op("take", CUBE, np.array([[0, 1], [3, -4]], "int32"), axis=-1)
    op("take", CUBE, 1, axis=1)
    op("take", V, np.zeros((0,), "int32"), axis=0)
    op("take_along_axis", X, np.array([[0, 2], [1, 1]], "int32"), axis=1)
    op("take_along_axis", X, np.array([[0, 1, -1]], "int32"), axis=0)
    op("take_along_axis", X, np.array([5, 0, 0], "int32"), axis=None)
    for key in (
        1, -1, (0, 2), slice(None, None, 2), slice(None, None, -1), Ellipsis,
        (Ellipsis, 0), (slice(None), None, 1), None, (0, slice(1, 3)),
        (slice(None), slice(None), slice(3, 0, -2)), (None, Ellipsis, None),
    ):  # fmt: skip
        op("get_item", CUBE, key)
    op("slice", wave(4, 4), (1, 0), (2, 3))
    op("slice", CUBE, (0, 1, 2), (2, 2, 2))
    op("slice_update", wave(3, 4), (1, 2), wave(2, 2, phase=2.0), grads=False)
    indices = np.array([[0, 1], [2, 0], [0, 1]], "int32")
    op("scatter", indices, V, (3, 2))
    op("scatter_update", wave(3, 2), indices[:2].copy(), V[:2].copy())
    op("segment_sum", wave(4, 2), np.array([0, 1, 1, 3], "int32"), num_segments=4)


def products(op):
    for a, b in (
        (wave(2, 3), wave(3, 4)), (V, W), (wave(2, 3), V), (V, wave(3, 2)),
        (wave(4, 2, 3), wave(3, 2)), (wave(4, 2, 3), wave(4, 3, 2)),
        (wave(2, 1, 2, 3), wave(5, 3, 2)), (V, wave(4, 3, 2)), (wave(4, 2, 3), V),
        (wave(0, 3), wave(3, 2)), (wave(2, 0), wave(0, 2)),
    ):  # fmt: skip
        op("matmul", a, b)
    op("matmul", INTS, MORE.T.copy(), grads=False)
    op("matmul", INTS, wave(3, 2))
    for a, b in (
        (V, W), (wave(2, 3), wave(3, 4)), (wave(2, 3), V), (SCALAR, X),
        (wave(2, 2, 3), wave(3, 4)), (wave(2, 3), wave(2, 3, 4)),
    ):  # fmt: skip
        op("dot", a, b)
    op("outer", V, W)
    op("outer", X, W)
    op("vdot", V, W)
    op("vdot", X, Y)
    op("inner", X, Y)
    op("tensordot", X, Y.T.copy(), axes=1)
    op("tensordot", CUBE, CUBE, axes=3)
    op("tensordot", CUBE, wave(4, 3, 2), axes=([1, 2], [1, 0]))
    op("tensordot", V, W, axes=0)
    op("tensordot", CUBE, wave(3, 2), axes=[[1], [0]])
    op("cross", wave(2, 3), wave(2, 3, phase=1.0))
    op("cross", V, W)
    for spec, *operands in (
        ("ij,jk->ik", wave(2, 3), wave(3, 4)), ("ij,jk", wave(2, 3), wave(3, 4)),
        ("ii->i", wave(3, 3)), ("ii", wave(3, 3)), ("ij->ji", wave(2, 3)),
        ("ij->", wave(2, 3)), ("ij->j", wave(2, 3)), ("i,j->ij", V, W), ("i,i", V, W),
        ("bij,bjk->bik", wave(2, 3, 4), wave(2, 4, 2)),
        ("...ij,...jk->...ik", wave(2, 3, 4), wave(4, 2)),
        ("...i->...", wave(2, 3)),
        ("bhqd,bhkd->bhqk", wave(1, 2, 3, 2), wave(1, 2, 2, 2)),
        ("ij,jk,kl->il", wave(2, 3), wave(3, 2), wave(2, 2)), ("ij,ij->ij", X, Y),
        ("ijk,k->ij", CUBE, wave(4)), ("b...,b...->...", X, Y),
        ("iij->j", wave(2, 2, 3)),
    ):  # fmt: skip
        op("einsum", spec, *operands)


def comparing(op):
    op("diff", X)
    op("diff", X, axis=0)
    op("diff", wave(5), n=2)
    op("digitize", X, np.array([-1.0, 0.0, 1.0], f32), grads=False)
    op("argsort", X, grads=False)
    op("argsort", TIES, axis=0, grads=False)
    op("sort", X)
    op("sort", X, axis=0)
    op("median", X)
    op("median", wave(3, 4), axis=1)
    op("quantile", X, 0.3)
    op("quantile", wave(3, 4), np.array([0.1, 0.5], f32), axis=0)
    op("unique", np.array([3, 1, 3, 2], "int32"), grads=False)
    op(
        "searchsorted",
        np.array([1.0, 2.0, 3.0], f32),
        np.array([2.0, 0.5], f32),
        grads=False,
    )


def scanning(op):
    for name in ("cumsum", "cumprod"):
        op(name, X)
        op(name, X, axis=0)
        op(name, CUBE, axis=-1)
        op(name, INTS, axis=1, grads=False)
        op(name, X, axis=1, dtype="float64")
        op(name, EMPTY, axis=0)
        op(name, np.array([1.0, np.nan, 2.0], f32), axis=0, grads=False)
    op("cumprod", np.array([2.0, 0.0, 3.0, 4.0], f32), axis=0)
    op("cumprod", np.array([2.0, 0.0, 3.0, 0.0], f32), axis=0)


def mixed(op):
    "NumPy arrays and Python numbers as operands."
    op("add", Raw(X.astype("float64")), Y)
    op("add", Raw(INTS.astype("int64")), 1, grads=False)
    op("add", 1, 2, grads=False)
    op("add", True, 1.5, grads=False)
    op("multiply", [1, 2, 3], 0.5, grads=False)
    op("maximum", 1, 2.5, grads=False)
    op("sum", [1, 2, 3], grads=False)
    op("mean", Raw(np.arange(4)), grads=False)
    op("matmul", Raw(X), Raw(Y.T.copy()), grads=False)
    op("sqrt", 4, grads=False)
    op("exp", 1.0, grads=False)
    op("abs", -3, grads=False)
    op("where", True, 1.0, 2, grads=False)


def everyday_rest(op):
    "Names beside the core list that the package has as well."
    op("absolute", X)
    op("allclose", X, X + f32(1e-9), grads=False)
    op("allclose", X, X + f32(1), grads=False)
    op("array_split", wave(7, 2), 3)
    op("array_split", X, 2, axis=1)
    positive = np.array([[6, 3, 12], [5, 9, 1]], "int32")
    for name in ("bitwise_and", "bitwise_or", "bitwise_xor"):
        op(name, INTS, MORE, grads=False)
        op(name, INTS, 5, grads=False)
    for name in ("bitwise_left_shift", "left_shift"):
        op(name, positive, np.array([1, 2, 0], "int32"), grads=False)
    for name in ("bitwise_right_shift", "right_shift"):
        op(name, positive, np.array([1, 2, 0], "int32"), grads=False)
    for name in ("bitwise_not", "bitwise_invert"):
        op(name, INTS, grads=False)
    op("copy", X)
    for name, axis_first in (("hsplit", False), ("vsplit", True), ("dsplit", False)):
        sample = wave(4, 2) if axis_first else wave(2, 4) if name == "hsplit" else CUBE
        op(name, sample, 2)
        op(name, sample, [1, 3])
    op("dstack", [X, Y])
    op("dstack", [V, W])
    op("exp2", X)
    op("hypot", X, Y)
    op("isneginf", SPECIAL, grads=False)
    op("isposinf", SPECIAL, grads=False)
    op("kron", wave(2, 2), wave(1, 3))
    op("logspace", 0.0, 2.0, num=3, grads=False)
    op("logspace", 0.0, 3.0, num=4, endpoint=False, base=2, grads=False)
    op("geomspace", 1.0, 8.0, num=4, grads=False)
    op("percentile", wave(3, 4), 30.0, axis=1)
    op("ptp", CUBE, axis=1)
    op("ptp", X)
    op("rot90", X)
    op("rot90", CUBE, k=2, axes=(0, 2))
    op("trapezoid", X)
    op("trapezoid", X, dx=0.5, axis=0)
    op("trunc", SPECIAL, grads=False)
    op("empty", (0, 2), grads=False)
    op("empty_like", EMPTY, grads=False)
    op("zeros_like", X, dtype="int32", grads=False)
