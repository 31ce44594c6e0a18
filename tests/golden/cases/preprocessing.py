"""Rescaling, Normalization and CategoryEncoding: values, adapt, configs, errors."""

import numpy as np

from tests.golden.cases import Table
from tests.golden.cases._whole import whole
from tests.golden.player import outcome, wave

FLAT, CUBE, PICTURE = wave(5, 4), wave(3, 5, 4, phase=0.5), wave(2, 3, 2, 4, phase=1.0)
WHOLE = np.array([[0, 3, 1], [2, 2, 2], [1, 0, 3], [3, 3, 0]], "int32")


def cases():
    table = Table()

    def add(name, x, /, **config):
        table.scenario("preprocessing", "prepared", layer=name, config=config, x=x)

    for dtype in ("float32", "float64", "int32", "uint8", "int64", "float16"):
        add("Rescaling", np.abs(FLAT * 10).astype(dtype), scale=0.5, offset=-1.0)
    add("Rescaling", FLAT, scale=2)
    add("Rescaling", FLAT, scale=[1.0, 2.0, 3.0, 4.0], offset=[0.0, 1.0, 2.0, 3.0])
    add("Rescaling", PICTURE, scale=3.0, dtype="float16")
    add("Rescaling", FLAT, scale=1 / 255, dtype="mixed_bfloat16")
    normalization(add)
    for mode in ("one_hot", "multi_hot", "count"):
        for x in (WHOLE, WHOLE[:, 0], WHOLE[:, :1], WHOLE[0, :1], WHOLE + 2):
            add("CategoryEncoding", x, num_tokens=4, output_mode=mode)
        add("CategoryEncoding", WHOLE, num_tokens=5, output_mode=mode, dtype="int32")
        add("CategoryEncoding", WHOLE.astype("int64"), num_tokens=4, output_mode=mode)
        cube = np.stack([WHOLE, WHOLE[::-1]])
        add("CategoryEncoding", cube, num_tokens=4, output_mode=mode)
    add("CategoryEncoding", WHOLE, num_tokens=4, output_mode="binary", name="old")
    for name in SCENARIOS:
        table.scenario("preprocessing", name)
    return list(table)


def normalization(add):
    name, four = "Normalization", [1.0, 2.0, 3.0, 4.0]
    for x in (FLAT, CUBE, PICTURE):
        add(name, x)
        add(name, x, mean=four, variance=four[::-1])
        add(name, x, mean=0.5, variance=4.0, axis=None)
        add(name, x, mean=0.5, variance=4.0)
    add(name, FLAT, mean=four, variance=[0.0, 1.0, 0.0, 4.0])
    add(name, FLAT, mean=four, variance=four, invert=True)
    add(name, CUBE, axis=(1, 2), mean=four, variance=four)
    add(name, CUBE, axis=(1, -1), mean=wave(5, 4), variance=np.abs(wave(5, 4)) + 1)
    add(name, CUBE, axis=1)
    add(name, (FLAT * 10).astype("int32"), mean=2.0, variance=9.0)
    add(name, FLAT, mean=2.0, variance=9.0, dtype="float16")
    add(name, FLAT.astype("float64"), mean=2.0, variance=9.0, dtype="float64")


def prepared(k, layer, config, x):
    "One layer on one input."
    config = {
        key: v.tolist() if hasattr(v, "tolist") else v for key, v in config.items()
    }
    return whole(k, layer, config, [x])


# ---- behaviour -----------------------------------------------------------------------

SCENARIOS = []


def scenario(function):
    SCENARIOS.append(function.__name__)
    return function


def state(k, layer):
    return [k.ops.convert_to_numpy(w) for w in (layer.adapt_mean, layer.adapt_variance)]


@scenario
def adapted_to_arrays(k):
    "axes, dtypes and ranks"
    found = []
    for axis, data in (
        (-1, FLAT),
        (-1, CUBE),
        (None, CUBE),
        (1, CUBE),
        ((1, 2), CUBE),
        ((-1, 1), CUBE),
        (-1, (FLAT * 10).astype("int32")),
        (-1, FLAT.astype("float64")),
        (-1, k.ops.convert_to_tensor(CUBE)),
        (None, wave(7)),
        (-1, wave(7)),
        ((0, 1), FLAT),
    ):
        layer = k.layers.Normalization(axis=axis, name="n")
        layer.adapt(data)
        found.append([state(k, layer), layer(data), layer.get_config(), layer.axis])
    return found


@scenario
def adapted_in_pieces(k):
    "lists, generators, tuples of x and y, batches of different size"
    pieces = [CUBE[:2], CUBE[2:], wave(5, 5, 4, phase=2.0)]
    found = []
    for data in (
        pieces,
        iter(pieces),
        [(piece, np.zeros(len(piece))) for piece in pieces],
        (k.ops.convert_to_tensor(piece) for piece in pieces),
        [CUBE],
    ):
        for axis in (-1, None, (1, 2)):
            if axis is not None and not isinstance(data, list):
                continue
            layer = k.layers.Normalization(axis=axis)
            layer.adapt(data)
            found.append(state(k, layer))
    return found


@scenario
def adapted_twice(k):
    "a second adapt forgets the first"
    layer = k.layers.Normalization()
    layer.adapt(FLAT)
    first = layer(FLAT)
    layer.adapt(FLAT * 3 + 1)
    return [first, layer(FLAT), state(k, layer)]


@scenario
def there_and_back(k):
    "invert=True undoes"
    there, back = k.layers.Normalization(), k.layers.Normalization(invert=True)
    there.adapt(FLAT)
    back.adapt(FLAT)
    return [there(FLAT), back(there(FLAT))]


@scenario
def weights_and_files(k):
    "names, dtypes, order, and a copy through the store of own variables"
    layer = k.layers.Normalization(name="n")
    layer.adapt(FLAT)
    store = {}
    layer.save_own_variables(store)
    copy = k.layers.Normalization(name="m")
    copy.build((None, 4))
    copy.load_own_variables(store)
    names = [[w.path, w.dtype, w.trainable, list(w.shape)] for w in layer.weights]
    return [names, sorted(store), copy(FLAT * 2), layer.get_build_config()]


@scenario
def before_adapt(k):
    "an unbuilt layer, a call before adapt, and lists of numbers"
    layer = k.layers.Normalization()
    early = [layer.mean, layer.built, len(layer.weights)]
    found = [outcome(k.layers.Normalization(), [1.0, 2.0])]
    return [early, layer(FLAT), layer.mean, layer.variance, found]


@scenario
def in_a_model(k):
    "adapted before and inside a model, three steps of training"
    norm = k.layers.Normalization()
    norm.adapt(FLAT)
    start = k.initializers.Constant(wave(4, 1))
    inputs = k.Input((4,))
    x = norm(k.layers.Rescaling(2.0, offset=1.0)(inputs))
    model = k.Model(inputs, k.layers.Dense(1, kernel_initializer=start)(x))
    model.compile(k.optimizers.SGD(0.01), "mse")
    losses = [float(model.train_on_batch(FLAT, wave(5, 1))) for _ in range(3)]
    return [losses, len(model.trainable_weights), len(model.weights)]


@scenario
def bad_data(k):
    "what adapt refuses"
    layers = k.layers
    built = layers.Normalization()
    built.build((None, 4))
    found = [
        outcome(layers.Normalization().adapt, data)
        for data in ([], 3, None, [[1.0, 2.0]], "abc", [1.0, 2.0])
    ]
    found.append(outcome(built.adapt, np.ones((2, 3))))
    found.append(outcome(built.adapt, [np.ones((2, 4)), np.ones((2, 3))]))
    found.append(outcome(layers.Normalization(axis=2).build, (None, 3)))
    found.append(outcome(layers.Normalization(axis=1).build, (2, None, 3)))
    return found


@scenario
def bad_arguments(k):
    "what the constructors refuse"
    layers = k.layers
    calls = (
        (layers.Normalization, {"mean": 1.0}),
        (layers.Normalization, {"variance": 1.0}),
        (layers.Normalization, {"mean": [1.0], "variance": [1.0, 2.0]}),
        (layers.Normalization, {"mean": [1.0], "variance": [1.0], "axis": None}),
        (layers.CategoryEncoding, {}),
        (layers.CategoryEncoding, {"num_tokens": 0}),
        (layers.CategoryEncoding, {"num_tokens": 3, "output_mode": "int"}),
        (layers.CategoryEncoding, {"num_tokens": 3, "output_mode": None}),
    )
    return [outcome(kind, **config) for kind, config in calls]


@scenario
def counted_weights(k):
    "count_weights in each mode, for one and two axes, also as lists"
    weights = np.array([[0.5, 1.0, 2.0]] * 4, "float32")
    layer = k.layers.CategoryEncoding(4, output_mode="count")
    found = [
        layer(WHOLE, count_weights=weights),
        layer(WHOLE[0], count_weights=weights[0]),
    ]
    found.append(layer(WHOLE.tolist(), count_weights=weights.tolist()))
    for mode in ("one_hot", "multi_hot"):
        layer = k.layers.CategoryEncoding(4, output_mode=mode)
        found.append(outcome(layer, WHOLE, count_weights=weights))
    return found


@scenario
def lists_and_scalars(k):
    "lists of numbers, single numbers, numbers out of range"
    found = []
    for mode in ("one_hot", "multi_hot", "count"):
        layer = k.layers.CategoryEncoding(3, output_mode=mode)
        for x in ([0, 2], [[0, 2], [1, 1]], [5, 1], [[0.0, 2.0]], [[-1, 2]]):
            found.append(outcome(layer, x))
        found.append(layer(np.array(2)))
        found.append([list(layer.compute_output_shape(s)) for s in ((), (3,), (2, 1))])
    found.append(k.layers.Rescaling(2.0)([1, 2]))
    return found


@scenario
def symbols(k):
    "shapes and dtypes foretold for unknown sizes"
    found = [k.layers.Rescaling(2)(k.Input((None, 3), dtype="uint8"))]
    found.append(k.layers.Normalization()(k.Input((None, 3), dtype="int32")))
    for mode in ("one_hot", "multi_hot", "count"):
        layer = k.layers.CategoryEncoding(6, output_mode=mode)
        found += [layer(k.Input((n,), dtype="int32")) for n in (1, 3, None)]
    weights = k.Input((3,))
    layer = k.layers.CategoryEncoding(6, output_mode="count")
    found.append(layer(k.Input((3,), dtype="int32"), count_weights=weights))
    return found


@scenario
def scales_in_configs(k):
    "numbers, lists and arrays in the config of Rescaling, and back"
    found = []
    for scale in (2, 0.5, [1.0, 2.0], np.array([1.0, 2.0], "float32")):
        config = k.layers.Rescaling(scale, offset=1.0, name="r").get_config()
        again = k.layers.Rescaling.from_config(config)
        found.append([config, again(np.ones((1, 2), "float32"))])
    return found
