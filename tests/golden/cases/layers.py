"""Layers: output, weight names and shapes, gradients; and how they build."""

import numpy as np

from tests.golden.cases import Table
from tests.golden.encoding import encode
from tests.golden.player import outcome, wave

X, CUBE = wave(2, 3), wave(2, 3, 4, phase=0.5)


def cases():
    table = Table()
    dense(table)
    reshaping(table)
    inference(table)
    for name in SCENARIOS:
        table.scenario("layers", name)
    return list(table)


def layer(table, name, /, *args, weights=(), kwargs=None, **config):
    details = {"config": encode(config), "args": encode(list(args)), "grads": None}
    if weights:
        details["weights"] = encode(list(weights))
    if kwargs:
        details["kwargs"] = kwargs
    table.add("layer", name, **details)


def dense(table):
    kernel, bias = wave(3, 4, phase=1.0), wave(4, phase=2.0)
    layer(table, "Dense", X, weights=[kernel, bias], units=4)
    layer(table, "Dense", X, weights=[kernel], units=4, use_bias=False)
    for activation in ("relu", "tanh", "sigmoid", "softmax", "gelu", "linear", None):
        layer(table, "Dense", X, weights=[kernel, bias], units=4, activation=activation)
    deep = [wave(4, 2, phase=1.0), wave(2)]
    layer(table, "Dense", CUBE, weights=deep, units=2, activation="elu")
    layer(table, "Dense", wave(0, 3), weights=[kernel, bias], units=4)
    layer(
        table, "Dense", X, units=3, kernel_initializer="ones", bias_initializer="ones"
    )
    layer(table, "Dense", X, units=3, kernel_initializer="zeros")


def reshaping(table):
    layer(table, "Flatten", CUBE)
    layer(table, "Flatten", X)
    layer(table, "Flatten", wave(4))
    layer(table, "Flatten", wave(2, 1, 3, 2))
    layer(table, "Flatten", wave(0, 2, 3))
    layer(table, "Reshape", CUBE, target_shape=(4, 3))
    layer(table, "Reshape", CUBE, target_shape=(-1, 2))
    layer(table, "Identity", CUBE)


def inference(table):
    for activation in ("relu", "softmax", "swish"):
        layer(table, "Activation", CUBE, activation=activation)
    layer(table, "Dropout", CUBE, rate=0.5)
    layer(table, "Dropout", CUBE, rate=0.5, kwargs={"training": False})
    layer(table, "Dropout", CUBE, rate=0.0, kwargs={"training": True})
    layer(table, "ReLU", CUBE, negative_slope=0.1, max_value=1.5)
    layer(table, "LeakyReLU", CUBE, negative_slope=0.2)
    layer(table, "ELU", CUBE, alpha=0.5)
    layer(table, "Softmax", CUBE, axis=1)


# ---- behaviour -----------------------------------------------------------------------

SCENARIOS = []


def scenario(function):
    SCENARIOS.append(function.__name__)
    return function


@scenario
def dropout_scales_what_it_keeps(k):
    "training=True: survivors are divided by 1 - rate"
    out = k.layers.Dropout(0.25, seed=1)(np.ones((100, 100), "float32"), training=True)
    values = np.asarray(k.ops.convert_to_numpy(out))
    return {
        "values": [float(v) for v in np.unique(values)],
        "share_near_rate": bool(abs((values == 0).mean() - 0.25) < 0.02),
    }


@scenario
def dropout_noise_shape(k):
    "noise_shape shares the mask along an axis"
    layer = k.layers.Dropout(0.5, noise_shape=(None, 1), seed=3)
    out = k.ops.convert_to_numpy(layer(np.ones((50, 4), "float32"), training=True))
    return bool((out == out[:, :1]).all())


@scenario
def dense_config(k):
    "get_config of a Dense layer, initializers aside"
    config = k.layers.Dense(3, activation="relu", name="hidden").get_config()
    names = ("name", "trainable", "units", "activation", "use_bias")
    return {name: config[name] for name in names}


@scenario
def dense_round_trip(k):
    "from_config(get_config) gives the same layer"
    layer = k.layers.Dense(3, activation="tanh", use_bias=False, name="d")
    again = k.layers.Dense.from_config(layer.get_config())
    return [again.units, again.use_bias, again.name, again.activation.__name__]


@scenario
def dense_before_build(k):
    "No weights before the first call"
    layer = k.layers.Dense(3)
    before = [layer.built, len(layer.weights), outcome(layer.count_params)]
    layer(np.ones((2, 4), "float32"))
    after = [layer.built, len(layer.weights), layer.count_params()]
    return [before, after]


@scenario
def dense_default_weights(k):
    "Fresh Dense: bias zeros, kernel inside glorot's limits"
    layer = k.layers.Dense(30)
    layer.build((None, 20))
    kernel, bias = layer.get_weights()
    limit = float(np.sqrt(6.0 / 50))
    inside = bool(np.abs(kernel).max() <= limit)
    wide = bool(np.abs(kernel).max() > 0.95 * limit)
    return [list(kernel.shape), inside, wide, bool((bias == 0).all())]


@scenario
def weights_and_paths(k):
    "names, shapes, paths and trainability"
    layer = k.layers.Dense(2, name="out")
    layer.build((None, 3))
    return [
        [w.name, w.path, list(w.shape), w.trainable, w.dtype] for w in layer.weights
    ]


@scenario
def freezing_moves_weights(k):
    "trainable=False moves weights to non_trainable_weights"
    layer = k.layers.Dense(2)
    layer.build((None, 3))
    layer.trainable = False
    lists = (layer.trainable_weights, layer.non_trainable_weights, layer.weights)
    return [len(each) for each in lists]


@scenario
def set_weights_checks(k):
    "wrong count and wrong shape"
    layer = k.layers.Dense(2)
    layer.build((None, 3))
    return [
        outcome(layer.set_weights, [np.zeros((3, 2))]),
        outcome(layer.set_weights, [np.zeros((2, 2)), np.zeros(2)]),
    ]


@scenario
def integer_input_is_cast(k):
    "A Dense layer casts only floating inputs"
    layer = k.layers.Dense(2, kernel_initializer="ones")
    return layer(np.array([[1, 2, 3]], "int32"))


@scenario
def double_input_is_cast(k):
    "float64 arrays become float32"
    layer = k.layers.Dense(2, kernel_initializer="ones")
    return layer(np.array([[1.0, 2.0, 3.0]], "float64"))


@scenario
def own_layer_tracks_its_parts(k):
    "A subclass with add_weight, a sublayer and a list of sublayers"

    class Block(k.layers.Layer):
        def __init__(self):
            super().__init__(name="block")
            self.first = k.layers.Dense(2, name="first")
            self.rest = [k.layers.Dense(2, name=f"rest{i}") for i in range(2)]

        def build(self, input_shape):
            self.scale = self.add_weight(shape=(2,), initializer="ones", name="scale")

        def call(self, x):
            x = self.first(x)
            for layer in self.rest:
                x = layer(x)
            return x * self.scale

    block = Block()
    out = block(np.ones((1, 3), "float32"))
    return [
        list(out.shape),
        [w.path for w in block.weights],
        block.count_params(),
        len(block.trainable_variables),
    ]


@scenario
def symbolic_call(k):
    "A layer called on an Input gives a symbolic tensor"
    x = k.Input((3,))
    y = k.layers.Dense(4)(x)
    z = k.layers.Flatten()(k.Input((2, 5), batch_size=7))
    return [y, z]


@scenario
def default_names_count_up(k):
    "dense, dense_1, ..."
    k.utils.clear_session()
    layers = [
        k.layers.Dense(1),
        k.layers.Dense(1),
        k.layers.Flatten(),
        k.layers.Dense(1),
    ]
    return [layer.name for layer in layers]
