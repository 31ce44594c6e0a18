"""The smaller operations of chapter arrays/pantry: values, dtypes, gradients, specs."""

import numpy as np

from tests.golden.cases import Table, scenarios
from tests.golden.player import outcome, wave

f32 = np.float32
NAN, INF = np.nan, np.inf
X, Y, V = wave(2, 3), wave(2, 3, phase=1.0), wave(5, phase=2.0)
SPECIAL = np.array([-INF, -1.5, -0.0, 0.0, 1.5, INF, NAN], f32)
OTHER = np.array([1.0, NAN, 0.0, -0.0, -INF, INF, 2.0], f32)
INTS = np.array([[3, -12, 4], [-1, 0, -9]], "int32")
MORE = np.array([[2, 8, -2], [4, 0, 12]], "int32")
HOLES = np.array([[1.5, NAN, -2.0, 0.5], [NAN] * 4, [0.25, 4.0, NAN, NAN]], f32)
CUBE = np.where(np.arange(24) % 5 == 2, NAN, np.sin(np.arange(24.0))).reshape(2, 3, 4)
CUBE = CUBE.astype(f32)
IDS = np.array([2, 0, 2, 3, 0], "int32")

UNARY = "cbrt deg2rad rad2deg fabs i0 sinc signbit angle conj conjugate imag isreal"
PAIRS = "fmax fmin fmod heaviside logaddexp2"
DTYPES = "bool int8 uint8 int32 int64 float16 bfloat16 float64".split()
SYMBOLS = []


def cases():
    table = Table()
    for section in (one, two, windows, arranged, counted, holes, sets, segments, rest):
        section(table.op)
    return list(table) + list(scenarios("pantry", [symbolic, dtypes, refused]))


def one(op):
    for name in UNARY.split():
        rough = {"grads": name not in ("signbit", "isreal", "angle", "imag")}
        op(name, X * 3, **rough)
        op(name, np.array(0.75, f32), **rough)
        op(name, np.zeros((0, 2), f32), **rough)
        op(name, SPECIAL if name != "i0" else SPECIAL[1:5].copy(), grads=False)
        op(name, INTS, grads=False)
    op("i0", np.array([-80.0, -20.0, -3.75, 0.0, 0.1, 5.0, 60.0, 88.0], f32))
    op("i0", np.array([0.5, 30.0, 300.0]))
    op("sinc", np.array([0.0, 1.0, -2.0, 0.5], f32), grads=False)


def two(op):
    for name in PAIRS.split():
        grads = {"grads": name in ("fmax", "fmin", "logaddexp2")}
        op(name, X, Y, **grads)
        op(name, X, V[:3].copy(), **grads)
        op(name, X, 0.5, **grads)
        op(name, SPECIAL, OTHER, grads=False)
        op(name, INTS, MORE + 50, grads=False)
        op(name, INTS, X, grads=False)
    for name in ("gcd", "lcm"):
        op(name, INTS, MORE, grads=False)
        op(name, INTS.astype("int64") * 30, 12, grads=False)
        op(
            name,
            np.abs(INTS).astype("uint8"),
            np.array([6, 4, 3], "uint8"),
            grads=False,
        )
        op(name, INTS.astype("int16"), np.array([6, 4, 3], "int16"), grads=False)
    op("ldexp", X, np.array([1, -2, 3], "int32"), grads=False)
    op("ldexp", INTS, 2, grads=False)
    op("logaddexp2", np.array([1000.0, -1000.0], f32), np.array([999.0, 0.0], f32))


def windows(op):
    for size in (0, 1, 2, 3, 8):
        for name in ("bartlett", "blackman", "hamming", "hanning"):
            op(name, size, grads=False)
        op("kaiser", size, 5.0, grads=False) if size else None  # Keras fails
    op("kaiser", 5, 14, grads=False)
    op("hamming", np.array(4, "int32"), grads=False)


def arranged(op):
    op("diagflat", V)
    op("diagflat", X, k=1)
    op("diagflat", X, k=-2)
    op("fliplr", X)
    op("fliplr", CUBE, grads=False)
    op("flipud", X)
    op("flipud", V)
    op("vander", V)
    op("vander", V, N=3)
    op("vander", V, N=4, increasing=True)
    op("vander", np.array([1, 2, 3], "int32"), N=3, grads=False)
    op("vander", V, N=0, grads=False)
    image = wave(1, 4, 6, 8)
    for style in ("channels_last", "channels_first"):
        op("depth_to_space", image, 2, data_format=style)
        op("space_to_depth", image, 2, data_format=style)
    op("rearrange", wave(2, 3, 4), "b c (d e) -> (b e) c d", d=2)
    op("extract_sequences", wave(2, 10), 4, 3)
    op("extract_sequences", wave(9), 3, 1)


def counted(op):
    op("bincount", np.array([1, 1, 4, 0], "int32"), grads=False)
    op("bincount", np.array([1, 1, 4, 0], "int32"), minlength=7, grads=False)
    op("bincount", np.array([1, 1, 4, 0], "int64"), minlength=2, grads=False)
    op("bincount", IDS, weights=V, grads=False)
    op("bincount", IDS, weights=np.arange(5, dtype="int32"), grads=False)
    op("bincount", np.array([[1, 1], [3, 0]], "int32"), grads=False)
    op("bincount", np.array([[1, 1], [3, 0]], "int32"), minlength=6, grads=False)
    op("bincount", np.zeros((0,), "int32"), grads=False)
    op("histogram", V, grads=False)
    op("histogram", V, bins=3, range=(-0.5, 0.5), grads=False)
    op("histogram", np.array([1, 2, 2, 9], "int32"), bins=4, grads=False)
    op("histogram", np.full(4, 2.0, f32), bins=4, grads=False)
    op("corrcoef", wave(3, 6))
    for mode in ("valid", "same", "full"):
        op("correlate", V, wave(3), mode=mode)
        op("correlate", wave(3), V, mode=mode) if mode != "valid" else None
        op("correlate", np.arange(6, dtype="int32"), np.array([1, 2], "int32"), mode=mode,
           grads=False)  # fmt: skip
        op("correlate", wave(4), wave(4, phase=1.0), mode=mode)
    op("unravel_index", np.array([3, 5, -1], "int32"), (2, 3), grads=False)
    op("unravel_index", np.array([[7, 23]], "int64"), (2, 3, 4), grads=False)


def holes(op):
    for name in ("nanargmax", "nanargmin"):
        for axis in (None, 0, -1):
            op(name, CUBE, axis=axis, grads=False)
        op(name, HOLES, axis=1, grads=False)
        op(name, HOLES, axis=0, keepdims=True, grads=False)
        op(name, INTS, axis=1, grads=False)
    for name in ("nancumsum", "nancumprod"):
        op(name, CUBE, axis=1)
        op(name, HOLES, grads=False)
        op(name, INTS, axis=0, grads=False)
        op(name, HOLES, axis=1, dtype="float64", grads=False)
    for axis in (None, 0, -1, (0, 2)):
        op("nanmedian", CUBE, axis=axis)
        op("nanpercentile", CUBE, 30.0, axis=axis, grads=False)
    op("nanmedian", HOLES, axis=1, keepdims=True, grads=False)
    for method in ("linear", "lower", "higher", "nearest", "midpoint"):
        op("nanquantile", CUBE, np.array([0.0, 0.3, 1.0], f32), axis=2, method=method,
           grads=False)  # fmt: skip
    op("nanquantile", HOLES, 0.25, axis=1, keepdims=True, grads=False)
    op("nanquantile", HOLES, [0.25, 0.5], axis=0, keepdims=True, grads=False)


def sets(op):
    line = np.array([3, 1, 3, 2, 1, 1], "int32")
    op("unique", line, grads=False)
    op("unique", np.array([2.5, -1.0, 2.5], f32), grads=False)
    words = ("return_index", "return_inverse", "return_counts")
    for mask in range(1, 8):
        chosen = {word: True for i, word in enumerate(words) if mask >> i & 1}
        op("unique", line, grads=False, **chosen)
    op("unique", line.reshape(2, 3), return_inverse=True, grads=False)
    table = np.array([[1, 2], [0, 5], [1, 2], [0, 4]], "int32")
    everything = dict.fromkeys(words, True)
    op("unique", table, axis=0, grads=False, **everything)
    op("unique", table.T.copy(), axis=1, grads=False, **everything)
    op("unique", table.T.copy(), axis=-1, grads=False)
    for size in (2, 3, 5):
        op("unique", line, size=size, grads=False, **everything)
        op("unique", line, size=size, fill_value=-7, grads=False)
    op("unique", table, axis=0, size=4, grads=False)
    op("unique", line, sorted=False, grads=False)
    op("isin", INTS, np.array([3, 0, 7], "int32"), grads=False)
    op("isin", INTS, np.array([3, 0, 7], "int32"), invert=True, grads=False)
    op("isin", INTS, [[3.0, 0.5]], assume_unique=True, grads=False)
    op("isin", SPECIAL, SPECIAL, grads=False)


def segments(op):
    for name in ("segment_max", "segment_min", "segment_prod", "segment_sum"):
        op(name, V, IDS) if name != "segment_sum" else None  # Keras wants a number
        op(name, V, IDS, num_segments=6, grads=False)
        op(name, V, np.array([0, 0, 1, 2, 2], "int32"), sorted=True)
        op(name, wave(5, 2), IDS, num_segments=4)
        op(name, np.arange(5, dtype="int32"), IDS, num_segments=5, grads=False)
        op(name, V, np.array([0, -1, 1, 1, 0], "int32"), num_segments=2, grads=False)
        op(name, V, np.array([0, 7, 1, 1, 0], "int32"), num_segments=3, grads=False)


def rest(op):
    op("psnr", X, Y, 2.0)
    op("psnr", X, X, 1.0, grads=False)
    op("cdist", wave(3, 4), wave(2, 4, phase=1.0))
    op("cdist", wave(2, 3, 4), wave(2, 5, 4, phase=1.0), grads=False)
    op("cdist", wave(2, 3), wave(2, 3), grads=False)


def specs_of(k, call):
    def one(x):
        if isinstance(x, (list, tuple)):
            return [one(part) for part in x]
        sizes = [None if n is None else int(n) for n in x.shape]
        return [sizes, k.backend.standardize_dtype(x.dtype)]

    found = outcome(call)
    return found if isinstance(found, Exception) else one(found)


def symbolic(k):
    "shapes and dtypes of calls on symbols"
    ops, T = k.ops, k.KerasTensor
    x, ints, cube = T((None, 3)), T((4, 3), dtype="int32"), T((2, None, 6))
    line, ids = T((7,)), T((7,), dtype="int32")
    found = {}
    for name in (
        UNARY + " diagflat fliplr flipud nanargmax nancumsum nanmedian"
    ).split():
        f = getattr(ops, name)
        found[name] = [
            specs_of(k, lambda x=x, f=f: f(x)) for x in (x, ints, cube, line)
        ]
    for name in (PAIRS + " isin").split():
        f = getattr(ops, name)
        found[name] = [specs_of(k, lambda f=f: f(x, T((3,))))]
        found[name].append(specs_of(k, lambda f=f: f(ints, ints)))
        if name != "heaviside":  # Keras wants two tensors
            found[name].append(specs_of(k, lambda f=f: f(cube, 1.0)))
    found["gcd"] = specs_of(k, lambda: ops.gcd(ints, T((3,), dtype="int64")))
    found["lcm"] = specs_of(k, lambda: ops.lcm(ints, ints))
    for name, call in {
        "argpartition": lambda: ops.argpartition(x, 1),
        "bincount": lambda: ops.bincount(ids, minlength=4),
        "bincount 2": lambda: ops.bincount(T((2, 3), dtype="int32")),
        "correlate": lambda: [
            ops.correlate(line, T((3,)), m) for m in ("valid", "same", "full")
        ],
        "histogram": lambda: ops.histogram(line, bins=4),
        "nanmedian": lambda: [
            ops.nanmedian(cube, axis=a, keepdims=True) for a in (0, (0, 2))
        ],
        "nanquantile": lambda: ops.nanquantile(cube, [0.2, 0.4], axis=-1),
        "nanpercentile": lambda: ops.nanpercentile(x, 30, axis=0),
        "nanargmin": lambda: ops.nanargmin(x, axis=1, keepdims=True),
        "nancumprod": lambda: ops.nancumprod(x, axis=1, dtype="float64"),
        "segment_sum": lambda: ops.segment_sum(line, ids, num_segments=3),
        "segment_max": lambda: ops.segment_max(T((7, 2)), ids, num_segments=3),
        "segment_min": lambda: ops.segment_min(line, ids, num_segments=3),
        "segment_prod": lambda: ops.segment_prod(line, ids, num_segments=3),
        "segments unknown": lambda: ops.segment_max(line, ids),
        "segment sums unknown": lambda: ops.segment_sum(line, ids),
        "unique": lambda: ops.unique(ids, size=4),
        "unique all": lambda: ops.unique(
            ids, return_index=True, return_inverse=True, return_counts=True, size=4
        ),
        "unique unknown": lambda: ops.unique(ids),
        "unravel_index": lambda: ops.unravel_index(ids, (2, 4)),
        "vander": lambda: [ops.vander(line), ops.vander(line, N=3)],
        "depth_to_space": lambda: ops.depth_to_space(T((None, 2, None, 8)), 2),
        "space_to_depth": lambda: ops.space_to_depth(T((None, 2, 4, 8)), 2),
        "extract_sequences": lambda: ops.extract_sequences(T((None, 10)), 4, 2),
        "psnr": lambda: ops.psnr(x, x, 1.0),
        "cdist": lambda: ops.cdist(T((4, 3)), T((5, 3))),
    }.items():
        found[name] = specs_of(k, call)
    return found


FAILS = {  # Keras has no kernel for these
    "conj": ["bool"], "conjugate": ["bool"], "i0": ["bfloat16"],
    "fmax": ["bool bool"], "fmin": ["bool bool"], "heaviside": ["bool bool"],
    "ldexp": [f"{x} {y}" for x in DTYPES for y in ("bool", *DTYPES[5:])],
}  # fmt: skip


def dtypes(k):
    "of results, for each dtype of an argument"
    found, ones = {}, {d: k.ops.ones((3,), dtype=d) for d in DTYPES}
    for name in (UNARY + " nanmedian nancumsum nancumprod vander diagflat").split():
        f, fails = getattr(k.ops, name), FAILS.get(name, [])
        found[name] = [specs_of(k, lambda f=f, d=d: f(ones[d]))[1]
                       for d in DTYPES if d not in fails]  # fmt: skip
    for name in (PAIRS + " ldexp").split():
        f, fails = getattr(k.ops, name), FAILS.get(name, [])
        found[name] = {
            f"{x} {y}": specs_of(k, lambda f=f, x=x, y=y: f(ones[x], ones[y]))[1]
            for x in DTYPES for y in DTYPES if f"{x} {y}" not in fails
        }  # fmt: skip
    return found


def refused(k):
    "what is no argument"
    ops = k.ops
    tries = [
        lambda: ops.gcd(1.5, 2),
        lambda: ops.histogram([1.0, 2.0], bins=0),
        lambda: ops.histogram([1.0, 2.0], bins=2.5),
        lambda: ops.histogram([1.0, 2.0], range=(2, 1)),
        lambda: ops.space_to_depth(np.ones((1, 3, 4, 2), f32), 2),
        lambda: ops.depth_to_space(np.ones((1, 3, 4, 2), f32), 2),
        lambda: ops.bartlett(-2),
    ]
    return [outcome(call) for call in tries]
