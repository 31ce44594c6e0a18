"""Bends, shapes, equations, words and masks as layers: values, gradients, configs."""

import warnings

import numpy as np

from tests.golden.cases import Table
from tests.golden.cases.layers import layer
from tests.golden.player import outcome, wave

X, CUBE, PICTURE = wave(2, 3), wave(2, 3, 4, phase=0.5), wave(2, 3, 4, 2, phase=0.9)
WORDS = np.array([[1, 3, 0], [2, 2, 4]], "int32")


def cases():
    table = Table()
    bends(table)
    shapes(table)
    equations(table)
    words(table)
    for name in SCENARIOS:
        table.scenario("core_layers", name)
    return list(table)


def bends(table):
    for config in (
        {},
        {"max_value": 1.5},
        {"negative_slope": 0.25},
        {"threshold": 0.5},
        {"max_value": 1.0, "negative_slope": 0.1, "threshold": 0.2},
        {"max_value": 0.0},
    ):
        layer(table, "ReLU", CUBE, **config)
        layer(table, "ReLU", wave(5, dtype="float64"), dtype="float64", **config)
    for name, argument in (("LeakyReLU", "negative_slope"), ("ELU", "alpha")):
        for value in (0.0, 0.1, 1.0, 2.5):
            layer(table, name, CUBE, **{argument: value})
        layer(table, name, wave(4, dtype="float16"), dtype="float16")
    for shared, shape in ((None, (3, 4)), ([1], (1, 4)), (2, (3, 1)), ((1, 2), (1, 1))):
        alpha = wave(*shape, phase=2.0)
        layer(table, "PReLU", CUBE, weights=[alpha], shared_axes=shared)
    layer(table, "PReLU", PICTURE, weights=[wave(1, 1, 2)], shared_axes=[1, 2])
    layer(table, "PReLU", X, alpha_initializer="ones")
    for axis in (-1, 0, 1, 2, -2, (1, 2), (0, 2), [1], [0, 1, 2], (-1, -2)):
        layer(table, "Softmax", CUBE, axis=axis)
    layer(table, "Softmax", wave(3, 4, dtype="float16"), dtype="float16")
    layer(table, "Softmax", 100 * X)


def shapes(table):
    for target in ((4, 3), (12,), (-1,), (2, -1), (-1, 2), (2, 2, 3), (1, -1, 1, 6)):
        layer(table, "Reshape", CUBE, target_shape=target)
    layer(table, "Reshape", wave(0, 4), target_shape=(2, 2))
    layer(table, "Reshape", wave(3, 1), target_shape=())
    layer(table, "Reshape", WORDS, target_shape=(3, 1))
    layer(table, "Reshape", CUBE, target_shape=(5, 2))
    layer(table, "Reshape", CUBE, target_shape=(5, -1))
    for dims in ((1, 2), (2, 1), [2, 1], (1,), (1, 2, 3)):
        layer(table, "Permute", CUBE, dims=dims)
    for dims in ((3, 1, 2), (2, 3, 1), (1, 3, 2)):
        layer(table, "Permute", PICTURE, dims=dims)
    layer(table, "Permute", WORDS, dims=(1,))
    for n in (1, 2, 5):
        layer(table, "RepeatVector", X, n=n)
    layer(table, "RepeatVector", WORDS, n=2)
    layer(table, "RepeatVector", CUBE, n=2)
    for data_format in ("channels_first", "channels_last"):
        layer(table, "Flatten", PICTURE, data_format=data_format)
        layer(table, "Flatten", CUBE, data_format=data_format)


EQUATIONS = [
    ("ab,bc->ac", 4, "c", (2, 3), [(3, 4), (4,)]),
    ("ab,bc->ac", (4,), None, (2, 3), [(3, 4)]),
    ("abc,cd->abd", (None, 5), "d", (2, 3, 4), [(4, 5), (5,)]),
    ("abc,cd->abd", (3, 5), "bd", (2, 3, 4), [(4, 5), (3, 5)]),
    ("abc,cd->abd", (3, 5), "b", (2, 3, 4), [(4, 5), (3, 1)]),
    ("abc,cde->abde", (3, 2, 2), "de", (2, 3, 4), [(4, 2, 2), (2, 2)]),
    ("abc,cde->abde", (3, 2, 2), "e", (2, 3, 4), [(4, 2, 2), (2,)]),
    ("abc,cde->abde", (None, 2, 2), "d", (2, 3, 4), [(4, 2, 2), (2, 1)]),
    ("abcd,cde->abe", (None, 3), "e", (2, 3, 4, 2), [(4, 2, 3), (3,)]),
    ("abc,bd->adc", (5, None), None, (2, 3, 4), [(3, 5)]),
    ("abc,bce->ae", 5, "e", (2, 3, 4), [(3, 4, 5), (5,)]),
    ("...x,xy->...y", 2, "y", (2, 3, 4), [(4, 2), (2,)]),
    ("...x,xy->...y", 2, "y", (2, 4), [(4, 2), (2,)]),
    ("...x,xy->...y", 2, None, (2, 2, 3, 4), [(4, 2)]),
    ("ab...,bc->ac...", 2, "c", (2, 3, 4), [(3, 2), (2, 1)]),
    ("ab...,bc->ac...", 2, "c", (2, 3), [(3, 2), (2,)]),
]


def equations(table):
    for equation, output_shape, bias_axes, shape, weights in EQUATIONS:
        values = [wave(*size, phase=i + 1.0) for i, size in enumerate(weights)]
        config = {"equation": equation, "output_shape": output_shape}
        layer(
            table,
            "EinsumDense",
            wave(*shape),
            weights=values,
            bias_axes=bias_axes,
            **config,
        )
    layer(
        table,
        "EinsumDense",
        X,
        weights=[wave(3, 4), wave(4)],
        equation="ab,bc->ac",
        output_shape=4,
        bias_axes="c",
        activation="relu",
    )
    for equation, output_shape, bias_axes, shape in (
        ("ab,bc->cd", 3, None, (2, 4)),
        ("ab,bc->ac", 3, "d", (2, 4)),
        ("ab->ab", 3, None, (2, 4)),
        ("abc,cd->abd", (7, 3), None, (2, 5, 4)),
        ("ab,bcd->ac", 3, None, (2, 4)),
        ("a...b,bc->a...c", 3, None, (2, 5, 4)),
    ):
        layer(
            table,
            "EinsumDense",
            wave(*shape),
            equation=equation,
            output_shape=output_shape,
            bias_axes=bias_axes,
        )


def words(table):
    rows = wave(5, 3, phase=1.0)
    for config in ({}, {"mask_zero": True}):
        layer(
            table,
            "Embedding",
            WORDS,
            weights=[rows],
            input_dim=5,
            output_dim=3,
            **config,
        )
    for dtype in ("int8", "uint8", "int64", "float32"):
        layer(
            table,
            "Embedding",
            WORDS.astype(dtype),
            weights=[rows],
            input_dim=5,
            output_dim=3,
        )
    layer(table, "Embedding", WORDS[:, 0], weights=[rows], input_dim=5, output_dim=3)
    layer(table, "Embedding", WORDS[:0], weights=[rows], input_dim=5, output_dim=3)
    for arguments in ((0, 2), (2, 0), (-1, 2), (2.0, 2), (2, "a"), (True, 2)):
        layer(
            table,
            "Embedding",
            WORDS,
            input_dim=arguments[0],
            output_dim=arguments[1],
        )
    holes = np.where(np.arange(6).reshape(2, 3, 1) % 4 == 1, -1.0, CUBE)
    for value in (0.0, -1.0, -1, 0.5):
        layer(table, "Masking", holes.astype("float32"), mask_value=value)
    layer(table, "Masking", X)
    layer(table, "Masking", WORDS, mask_value=2)


# ---- behaviour -----------------------------------------------------------------------

SCENARIOS = []


def scenario(function):
    SCENARIOS.append(function.__name__)
    return function


SAMPLES = {
    "Identity": [{}],
    "Activation": [{"activation": "relu"}, {"activation": None}],
    "Flatten": [{}, {"data_format": "channels_first"}],
    "Dropout": [{"rate": 0.5}, {"rate": 0, "seed": 3, "noise_shape": [None, 1]}],
    "ReLU": [{}, {"max_value": 6, "negative_slope": 0.1, "threshold": 1}],
    "LeakyReLU": [{}, {"negative_slope": 0.1}],
    "PReLU": [{}, {"shared_axes": 1}, {"shared_axes": (1, 2)}],
    "ELU": [{}, {"alpha": 0.5}],
    "Softmax": [{}, {"axis": (1, 2)}],
    "Reshape": [{"target_shape": [2, -1]}],
    "Permute": [{"dims": [2, 1]}],
    "RepeatVector": [{"n": 3}],
    "EinsumDense": [
        {"equation": "ab,bc->ac", "output_shape": 3},
        {
            "equation": "ab,bc->ac",
            "output_shape": [3],
            "bias_axes": "c",
            "activation": "relu",
            "kernel_regularizer": "l2",
            "bias_constraint": "non_neg",
            "activity_regularizer": "l1",
        },
    ],
    "Embedding": [
        {"input_dim": 5, "output_dim": 3},
        {
            "input_dim": 5,
            "output_dim": 3,
            "mask_zero": True,
            "embeddings_regularizer": "l2",
            "embeddings_constraint": "unit_norm",
            "embeddings_initializer": "ones",
        },
    ],
    "Masking": [{}, {"mask_value": -1}],
    "Dense": [{"units": 3}, {"units": 3, "kernel_regularizer": "l1"}],
}


def plain(tree):
    "Tuples as lists, so that files are compared."
    if isinstance(tree, dict):
        return {k: plain(v) for k, v in tree.items()}
    return [plain(v) for v in tree] if isinstance(tree, (list, tuple)) else tree


@scenario
def configs(k):
    "get_config of every layer, for several arguments"
    return {
        name: [plain(getattr(k.layers, name)(name="a", **c).get_config()) for c in some]
        for name, some in SAMPLES.items()
    }


@scenario
def round_trips(k):
    "the config of a copy is the config"
    same = {}
    for name, some in SAMPLES.items():
        for c in some:
            kind = getattr(k.layers, name)
            config = kind(name="a", **c).get_config()
            again = plain(kind.from_config(dict(config)).get_config())
            same[name] = same.get(name, True) and again == plain(config)
    return same


@scenario
def built_and_masks(k):
    "which layers are built from the start, and which let masks pass"
    made = {name: getattr(k.layers, name)(**some[0]) for name, some in SAMPLES.items()}
    return {n: [one.built, bool(one.supports_masking)] for n, one in made.items()}


SYMBOLIC = [
    ("Reshape", {"target_shape": (3, -1)}, (None, 3), "float32"),
    ("Reshape", {"target_shape": (3, 2)}, (None,), "float32"),
    ("Reshape", {"target_shape": (2, -1)}, (4, 3), "int32"),
    ("Reshape", {"target_shape": ()}, (1,), "float32"),
    ("Permute", {"dims": (2, 1)}, (None, 3), "int32"),
    ("RepeatVector", {"n": 3}, (None,), "float32"),
    ("Flatten", {}, (2, None, 3), "float32"),
    ("Flatten", {}, (2, 3), "int32"),
    ("Flatten", {}, (), "float32"),
    ("PReLU", {"shared_axes": [1]}, (None, 3), "float32"),
    ("Softmax", {"axis": 1}, (None, 3), "float32"),
    ("ELU", {}, (None,), "float32"),
    ("Masking", {}, (None, 3), "float32"),
    ("Embedding", {"input_dim": 5, "output_dim": 3}, (None,), "int32"),
    ("Embedding", {"input_dim": 5, "output_dim": 3}, (), "int32"),
    (
        "EinsumDense",
        {"equation": "abc,cd->abd", "output_shape": (None, 5)},
        (None, 4),
        "float32",
    ),
    (
        "EinsumDense",
        {"equation": "...c,cd->...d", "output_shape": 5},
        (7, 4),
        "float32",
    ),
]


@scenario
def symbolic_shapes(k):
    "layers called on inputs of unknown sizes"
    return [
        getattr(k.layers, name)(**config)(k.Input(shape, dtype=dtype))
        for name, config, shape, dtype in SYMBOLIC
    ]


@scenario
def softmax_masks(k):
    "masks of several shapes and dtypes"
    found = []
    for mask in (
        np.array([[0, 1, 1], [0, 0, 0]], "bool"),
        np.array([[0.9, 0.2, 0.5], [0.51, 0.0, 0.7]], "float32"),
        np.array([[0, 1, 1]], "int32"),
        np.array([0, 1, 1], "bool"),
        np.array([[True], [False]]),
        np.ones((3, 3), "bool"),
        np.ones((1, 2, 3), "bool"),
    ):
        tensor = k.ops.convert_to_tensor(mask)
        found.append(outcome(k.layers.Softmax(), X, mask=tensor))
    both = k.layers.Softmax(axis=(0, 1))
    half = k.layers.Softmax(dtype="float16")
    mask = k.ops.convert_to_tensor(X > 0.3)
    return [*found, both(X, mask=mask), half(X, mask=mask)]


@scenario
def bends_of_the_book(k):
    "the two examples that the chapter on bends compares itself with"
    prelu = k.layers.PReLU()
    prelu.build((None, 4))
    prelu.set_weights([np.float32([0.2, 0.5, -1.5, 0.0])])
    scores = np.float32([[0.5, -1.0, 2.0, 1.0], [1.0, 0.0, 3.0, -2.0]])
    kept = k.ops.convert_to_tensor(np.array([[1, 1, 0, 1], [0, 1, 0, 1]], "bool"))
    half = k.layers.Softmax(dtype="float16")
    return [
        prelu(np.float32([[-0.5, 1.5, -2.0, -3.0], [3.0, -4.0, 0.25, 1.0]])),
        k.layers.Softmax(axis=(0, 1))(scores, mask=kept),
        half(scores, mask=kept),
    ]


@scenario
def masks_made(k):
    "compute_mask of the layers that make masks"
    words = k.ops.convert_to_tensor(WORDS)
    holes = k.ops.convert_to_tensor(np.where(CUBE > 1.0, CUBE, 0).astype("float32"))
    return [
        k.layers.Embedding(5, 2).compute_mask(words),
        k.layers.Embedding(5, 2, mask_zero=True).compute_mask(words),
        k.layers.Masking().compute_mask(holes),
        k.layers.Masking(mask_value=3.0).compute_mask(holes),
    ]


@scenario
def masks_travel(k):
    "from an embedding through layers that let them pass"
    x = k.layers.Embedding(5, 2, mask_zero=True)(WORDS)
    kept = []
    for one in (
        k.layers.ReLU(),
        k.layers.LeakyReLU(),
        k.layers.PReLU(),
        k.layers.ELU(),
        k.layers.Dropout(0.5),
        k.layers.Identity(),
        k.layers.Activation("tanh"),
        k.layers.Dense(3),
        k.layers.GaussianNoise(0.1),
        k.layers.SpatialDropout1D(0.1),
        k.layers.ActivityRegularization(0.1),
        k.layers.Lambda(lambda x: x, mask=lambda x, mask: mask),
    ):
        mask = getattr(one(x), "_keras_mask", None)
        kept.append(None if mask is None else k.ops.convert_to_numpy(mask))
    return kept


@scenario
def embedding_weights(k):
    "weights=, input_length= and build without a shape"
    table = wave(5, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        old = k.layers.Embedding(5, 3, input_length=7)
    given = k.layers.Embedding(5, 3, weights=table)
    listed = k.layers.Embedding(5, 3, weights=[table])
    late = k.layers.Embedding(5, 3)
    late.build()
    return [
        [one.built for one in (old, given, listed, late)],
        [w.name for w in late.weights],
        given(WORDS),
        listed(WORDS),
        outcome(k.layers.Embedding, 5, 2, weights=[table]),
        outcome(lambda: k.layers.Embedding(5, 3).embeddings),
        "input_length" in old.get_config(),
    ]


@scenario
def embedding_mixed(k):
    "rows in float32, results in the compute dtype"
    layer = k.layers.Embedding(5, 3, dtype="mixed_float16")
    layer.build()
    layer.set_weights([wave(5, 3)])
    return [layer(WORDS), layer.embeddings.dtype]


@scenario
def einsum_kernel_scale(k):
    "glorot's limit knows which axes of the kernel are inputs"
    layer = k.layers.EinsumDense("abc,cde->abde", (None, 10, 20))
    layer.build((None, 5, 100))
    kernel = np.abs(layer.get_weights()[0])
    limit = float(np.sqrt(6.0 / (100 + 200)))
    return [bool(kernel.max() <= limit), bool(kernel.max() > 0.97 * limit)]


@scenario
def lambda_calls(k):
    "functions with arguments, training, mask and several inputs"
    x = k.ops.convert_to_tensor(X)
    two = k.layers.Lambda(lambda inputs: inputs[0] + 2 * inputs[1])
    told = k.layers.Lambda(lambda x, training=None: x * 2 if training else x)
    asked = k.layers.Lambda(lambda x, mask=None: x if mask is None else x * mask)
    many = k.layers.Lambda(lambda x, n, m=1: x * n + m, arguments={"n": 3})
    mask = k.ops.convert_to_tensor(np.array([[1, 0, 1]], "float32"))
    return [
        two([x, x]),
        told(x, training=True),
        told(x),
        asked(x),
        asked(x, mask=mask),
        many(x),
        many.get_config()["arguments"],
        many.supports_masking,
    ]


@scenario
def lambda_shapes(k):
    "output_shape as tuple, function, nest, and worked out"
    x = k.Input((4,))
    given = [None, (5,), lambda shape: (shape[0], 9), [(5,), (6,)]]
    made = [k.layers.Lambda(lambda x: x * 2, output_shape=s) for s in given]
    lost = k.layers.Lambda(lambda x: np.sort(np.asarray(x)))
    return [
        *[one(x) for one in made],
        *[one.compute_output_shape((None, 4)) for one in made[:3]],
        k.layers.Lambda(lambda x: (x * 2, x + 1))(x),
        k.layers.Lambda(lambda x: x[0] + x[1])([x, x]),
        outcome(lost.compute_output_shape, (None, 4)),
    ]


@scenario
def lambda_files(k):
    "names are written, bytecode is refused, unless the file is trusted"
    named = k.layers.Lambda(k.ops.square, name="a")
    nameless = k.layers.Lambda(lambda x, n=3: x * n, name="a")
    config = nameless.get_config()
    kind = k.layers.Lambda
    again = kind.from_config(dict(config), safe_mode=False)
    shaped = k.layers.Lambda(lambda x: x, output_shape=lambda s: s, name="a")
    return [
        named.get_config(),
        sorted(config["function"]),
        sorted(config["function"]["config"]),
        outcome(kind.from_config, dict(config)),
        outcome(kind.from_config, dict(config), safe_mode=True),
        again(X),
        outcome(kind.from_config, shaped.get_config()),
        outcome(kind, 3),
    ]


@scenario
def wrapped(k):
    "a wrapper builds what it wraps and writes it into its config"
    wrapper = k.layers.Wrapper(k.layers.Dense(2, name="d"), name="w")
    wrapper.build((None, 3))
    again = k.layers.Wrapper.from_config(wrapper.get_config())
    return [
        plain(wrapper.get_config()),
        [w.path for w in wrapper.weights],
        [again.name, again.layer.units, again.built],
        outcome(k.layers.Wrapper, 3),
    ]


@scenario
def refused(k):
    "arguments that no layer takes"
    L = k.layers
    return [
        outcome(L.ReLU, max_value=-1.0),
        outcome(L.ReLU, negative_slope=None),
        outcome(L.ReLU, negative_slope=-0.1),
        outcome(L.ReLU, threshold=None),
        outcome(L.ReLU, threshold=-1),
        outcome(L.LeakyReLU, negative_slope=None),
        outcome(L.LeakyReLU, negative_slope=-1.0),
        outcome(L.PReLU(shared_axes=[5]).build, (None, 3)),
        outcome(L.Reshape, (3, -1, -1)),
        outcome(L.Reshape, (3, -2)),
        outcome(L.Reshape, 3),
        outcome(L.Permute, (0, 1)),
        outcome(L.Permute, (1, 3)),
        outcome(L.Permute, 2),
        outcome(L.RepeatVector, 0),
        outcome(L.RepeatVector, 2.0),
        outcome(L.RepeatVector, True),
        outcome(L.Flatten, data_format="x"),
        outcome(L.Permute((1,)), CUBE),
        outcome(L.RepeatVector(2), CUBE),
        outcome(L.Embedding(3, 2), np.array([3])),
        outcome(L.Dropout, 1.5),
        outcome(L.Dropout, 0.5, noise_shape=3),
        outcome(L.Dropout, 0.5, noise_shape="ab"),
        outcome(L.Dropout, 0.5, noise_shape=(0, 1)),
        outcome(L.Dropout, 0.5, noise_shape=(1.5,)),
        outcome(L.Dropout, 0.5, seed=1.5),
    ]
