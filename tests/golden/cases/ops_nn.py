"""keras.ops.nn, the 35 activations, and their points of special interest."""

import numpy as np

from tests.golden.cases import Table
from tests.golden.cases.ops_numpy import CUBE, EMPTY, POSITIVE, SPECIAL, X
from tests.golden.player import wave

f32 = np.float32
WIDE = np.array([-30.0, -5.0, -2.5, -1.0, -0.25, 0.25, 1.0, 2.5, 5.0, 30.0], f32)
KINKS = np.array([-6, -3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 6.0, 20.0], f32)

ACTIVATIONS = (
    "celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_swish "
    "hard_tanh leaky_relu linear log_sigmoid log_softmax mish relu relu6 selu sigmoid "
    "silu soft_shrink softmax softplus softsign sparse_plus sparse_sigmoid sparsemax "
    "squareplus swish tanh tanh_shrink threshold"
)
VARIATIONS = {
    "celu": [{"alpha": 0.5}],
    "elu": [{"alpha": 0.5}],
    "gelu": [{"approximate": True}, {"approximate": False}],
    "glu": [{"axis": 0}],
    "hard_shrink": [{"threshold": 1.0}],
    "leaky_relu": [{"negative_slope": 0.05}],
    "log_softmax": [{"axis": 0}],
    "relu": [
        {"negative_slope": 0.1}, {"max_value": 2.0}, {"threshold": 1.0},
        {"negative_slope": 0.25, "max_value": 3.0, "threshold": 0.5},
    ],
    "softmax": [{"axis": 0}],
    "soft_shrink": [{"threshold": 1.0}],
    "sparsemax": [{"axis": 0}],
    "squareplus": [{"b": 1}],
    "threshold": [{}],
}  # fmt: skip
IN_OPS = set(ACTIVATIONS.split()) - {"exponential", "linear", "mish"}


def cases():
    table = Table()
    activations(table)
    softmaxes(table.op)
    encodings(table.op)
    normalizations(table.op)
    crossentropies(table.op)
    special_functions(table.op)
    attention(table.op)
    return list(table)


def activations(table):
    for name in ACTIVATIONS.split():
        first = (1.0, 20.0) if name == "threshold" else ()
        vector = name in ("glu", "softmax", "log_softmax", "sparsemax")
        places = [(table.function, f"activations.{name}")]
        if name in IN_OPS:
            places.append((table.op, name))
        for call, path in places:
            for sample in (wave(2, 4), WIDE, KINKS, wave(3, 2, 4, phase=1.0)):
                call(path, sample, *first)
            if not vector:
                call(path, np.array(0.75, f32), *first)
                call(path, SPECIAL, *first, grads=False)
                call(path, EMPTY, *first)
            call(path, wave(2, 4).astype("float64"), *first)
            call(path, wave(2, 4).astype("float16"), *first, grads=False)
            for options in VARIATIONS.get(name, []):
                if path != "relu":
                    call(path, np.stack([WIDE, KINKS]), *first, **options)


def softmaxes(op):
    for name in ("softmax", "log_softmax"):
        op(name, CUBE, axis=1)
        op(name, CUBE, axis=(1, 2))
        op(name, np.array([1000.0, 1000.0, -1000.0], f32))
        op(name, np.array([[-np.inf, 0.0, 1.0]], f32), grads=False)
        op(name, np.array([[np.nan, 0.0, 1.0]], f32), grads=False)
    for kwargs in ({}, {"axis": 1}, {"axis": (0, 2)}, {"axis": -1, "keepdims": True}):
        op("logsumexp", CUBE, **kwargs)
    op("logsumexp", np.array([1000.0, 1000.0], f32))
    op("logsumexp", np.array([-np.inf, -np.inf], f32), grads=False)


def encodings(op):
    labels = np.array([[0, 2], [1, -1]], "int32")
    op("one_hot", labels, 3, grads=False)
    op("one_hot", labels, 3, axis=0, grads=False)
    op("one_hot", labels, 3, axis=1, grads=False)
    op("one_hot", labels, 3, dtype="int32", grads=False)
    op("one_hot", np.array([0, 3, 7], "int32"), 3, grads=False)
    op("one_hot", np.array(1, "int32"), 4, grads=False)
    op("one_hot", np.array([1, 0], "uint8"), 2, dtype="bool", grads=False)
    op("multi_hot", labels, 4, grads=False)
    op("multi_hot", np.array([0, 2, 2], "int32"), 4, grads=False)
    op("multi_hot", labels, num_classes=3, axis=0, dtype="int32", grads=False)


def normalizations(op):
    op("moments", CUBE, axes=1)
    op("moments", CUBE, axes=[0, 2])
    op("moments", CUBE, axes=[0, 1], keepdims=True)
    op("moments", CUBE.astype("float16"), axes=[1], grads=False)
    op("normalize", X)
    op("normalize", X, axis=0)
    op("normalize", X, order=1)
    op("normalize", X, axis=-1, order=3)
    op("normalize", np.zeros((2, 3), f32), grads=False)
    mean, variance = wave(4), np.abs(wave(4, phase=1.0)) + f32(0.1)
    op("batch_normalization", CUBE, mean, variance, axis=-1)
    op("batch_normalization", CUBE, mean, variance, axis=2, offset=wave(4, phase=2.0),
       scale=wave(4, phase=3.0), epsilon=1e-2)  # fmt: skip
    op("layer_normalization", CUBE)
    op("layer_normalization", CUBE, gamma=wave(4), beta=wave(4, phase=1.0))
    op("layer_normalization", CUBE, axis=1, epsilon=1e-2)
    op("rms_normalization", CUBE)
    op("rms_normalization", CUBE, scale=wave(4), axis=-1, epsilon=1e-3)


def crossentropies(op):
    logits = wave(2, 4)
    probabilities = np.array([[0.1, 0.2, 0.3, 0.4], [0.7, 0.1, 0.1, 0.1]], f32)
    soft = np.array([[0.0, 0.0, 1.0, 0.0], [0.5, 0.5, 0.0, 0.0]], f32)
    edge = np.array([[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0]], f32)
    labels = np.array([2, 0], "int32")
    for output, from_logits in ((logits, True), (probabilities, False), (edge, False)):
        for target in (soft, edge):
            op("categorical_crossentropy", target, output, from_logits=from_logits)
            op("binary_crossentropy", target, output, from_logits=from_logits)
        op("sparse_categorical_crossentropy", labels, output, from_logits=from_logits)
    op("categorical_crossentropy", soft, probabilities * f32(3))
    op(
        "categorical_crossentropy",
        soft.T.copy(),
        logits.T.copy(),
        from_logits=True,
        axis=0,
    )
    op("sparse_categorical_crossentropy", labels[:, None], logits, from_logits=True)
    places = np.array([[0, 1, 3], [2, 2, 0]], "int32")
    op("sparse_categorical_crossentropy", places, CUBE,
       from_logits=True)  # fmt: skip
    op("sparse_categorical_crossentropy", labels.astype(f32), logits, from_logits=True)
    op("binary_crossentropy", soft, np.array([[-50.0, 50, 0, 3]], f32) + 0 * soft,
       from_logits=True)  # fmt: skip


def special_functions(op):
    for name in ("erf", "erfc"):
        op(name, WIDE)
        op(name, np.array([-0.5, 0.0, 1e-3], f32))
        op(name, WIDE.astype("float64"))
        op(name, SPECIAL, grads=False)
    op("erfinv", np.array([-0.9, -0.5, 0.0, 0.3, 0.99], f32))
    op("rsqrt", POSITIVE)
    op("rsqrt", np.array([0.0, np.inf, 4.0], f32), grads=False)
    op("top_k", wave(2, 5), 2, grads=False)
    op("in_top_k", np.array([0, 2], "int32"), wave(2, 5), 2, grads=False)


def attention(op):
    q, k, v = wave(2, 3, 2, 4), wave(2, 5, 2, 4, phase=1), wave(2, 5, 2, 4, phase=2)
    mask = (np.arange(2 * 2 * 3 * 5) % 3 != 0).reshape(2, 2, 3, 5)
    op("dot_product_attention", q, k, v)
    op("dot_product_attention", q, k, v, mask=mask, scale=0.3)
    op("dot_product_attention", q, k[:, :3].copy(), v[:, :3].copy(), is_causal=True)
