"""Layers that make noise: configs, shapes, statistics, and what stays as it was."""

import numpy as np

from tests.golden.cases import Table
from tests.golden.cases.layers import layer
from tests.golden.player import outcome, wave

CUBE, PICTURE = wave(2, 3, 4), wave(2, 3, 4, 5)
VOLUME = wave(2, 2, 2, 3, 2)
NOISE = {
    "Dropout": {"rate": 0.3},
    "GaussianNoise": {"stddev": 0.3},
    "GaussianDropout": {"rate": 0.3},
    "AlphaDropout": {"rate": 0.3},
}
SPATIAL = {
    "SpatialDropout1D": CUBE,
    "SpatialDropout2D": PICTURE,
    "SpatialDropout3D": VOLUME,
}
ALL = NOISE | {name: {"rate": 0.5} for name in SPATIAL}


def cases():
    table = Table()
    for name, config in NOISE.items():
        layer(table, name, CUBE, **config)
        layer(table, name, CUBE, kwargs={"training": False}, **config)
        zero = dict.fromkeys(config, 0.0)
        layer(table, name, CUBE, kwargs={"training": True}, **zero)
        layer(table, name, wave(3, dtype="float16"), dtype="float16", **config)
    for name, x in SPATIAL.items():
        layer(table, name, x, rate=0.5)
        layer(table, name, x, kwargs={"training": True}, rate=0.0)
        layer(table, name, wave(2, 3), rate=0.5)
    for config in ({}, {"l1": 0.1}, {"l2": 0.2}, {"l1": 0.1, "l2": 0.2}):
        layer(table, "ActivityRegularization", CUBE, **config)
    for name in SCENARIOS:
        table.scenario("noise_layers", name)
    return list(table)


SCENARIOS = []


def scenario(function):
    SCENARIOS.append(function.__name__)
    return function


@scenario
def configs(k):
    "get_config, and whether a copy has the same"
    found = {}
    for name, config in ALL.items():
        one = getattr(k.layers, name)(name="a", seed=4, **config)
        again = type(one).from_config(one.get_config()).get_config()
        found[name] = [one.get_config(), again == one.get_config()]
    for name in ("SpatialDropout2D", "SpatialDropout3D"):
        one = getattr(k.layers, name)(0.1, data_format="channels_first", name="a")
        found[f"{name} first"] = one.get_config()
    for name in ("Dropout", "AlphaDropout"):
        one = getattr(k.layers, name)(0.1, noise_shape=[None, 1], name="a")
        shape = one.get_config()["noise_shape"]
        found[f"{name} noise_shape"] = list(shape)
    one = k.layers.ActivityRegularization(0.1, 0.2, name="a")
    found["ActivityRegularization"] = one.get_config()
    return found


@scenario
def built_and_seeds(k):
    "built from the start, masks pass, one seed generator, no weights"
    found = {}
    for name, config in ALL.items():
        one = getattr(k.layers, name)(**config)
        off = getattr(k.layers, name)(**dict.fromkeys(config, 0))
        found[name] = [
            one.built,
            one.supports_masking,
            len(one.weights),
            len(one.non_trainable_variables),
            len(off.non_trainable_variables),
        ]
    return found


@scenario
def statistics(k):
    "mean and spread of 200,000 numbers after each layer, for three rates"
    x = np.ones((400, 500), "float32")
    found = {}
    for name, config in NOISE.items():
        argument = next(iter(config))
        for value in (0.1, 0.5, 0.8):
            one = getattr(k.layers, name)(**{argument: value}, seed=1)
            y = k.ops.convert_to_numpy(one(x, training=True)).astype("float64")
            found[f"{name} {value}"] = [y.mean(), y.std(), float((y == 0).mean())]
    return found


@scenario
def alpha_dropout_keeps_the_balance(k):
    "mean 0 and variance 1 stay, and the two values of a constant input"
    z = np.random.RandomState(1).normal(size=(400, 500)).astype("float32")
    found = []
    for rate in (0.1, 0.5, 0.9):
        one = k.layers.AlphaDropout(rate, seed=1)
        y = k.ops.convert_to_numpy(one(z, training=True)).astype("float64")
        ones = k.ops.convert_to_numpy(one(np.ones((200,), "float32"), training=True))
        found.append([y.mean(), y.std(), *np.unique(np.round(ones, 4)).tolist()])
    return found


@scenario
def shared_coins(k):
    "along which axes the noise is the same"
    found = {}
    for name, x in SPATIAL.items():
        for data_format in (None, "channels_first", "channels_last"):
            if name == "SpatialDropout1D" and data_format:
                continue
            config = {"data_format": data_format} if data_format else {}
            one = getattr(k.layers, name)(0.5, seed=2, **config)
            ones = np.ones((16, *x.shape[1:]), "float32")
            y = k.ops.convert_to_numpy(one(ones, training=True))
            same = [bool((y == np.take(y, [0], a)).all()) for a in range(y.ndim)]
            found[f"{name} {data_format}"] = [same, sorted(set(y.ravel().tolist()))]
    for name in ("Dropout", "AlphaDropout"):
        one = getattr(k.layers, name)(0.5, noise_shape=(None, 1, None), seed=2)
        y = k.ops.convert_to_numpy(one(np.ones((8, 5, 6), "float32"), training=True))
        found[name] = [bool((y == np.take(y, [0], a)).all()) for a in range(3)]
    return found


@scenario
def seeds(k):
    "the same seed repeats, a second call differs"
    x = np.ones((50,), "float32")
    found = {}
    for name, config in NOISE.items():
        one, two = (getattr(k.layers, name)(**config, seed=3) for _ in range(2))
        first, second = (
            k.ops.convert_to_numpy(one(x, training=True)) for _ in range(2)
        )
        twin = k.ops.convert_to_numpy(two(x, training=True))
        found[name] = [bool((first == twin).all()), bool((first == second).all())]
    return found


@scenario
def activity(k):
    "the losses of ActivityRegularization"
    found = []
    for config in ({}, {"l1": 0.1}, {"l2": 0.2}, {"l1": 0.1, "l2": 0.2}):
        one = k.layers.ActivityRegularization(**config)
        one(CUBE)
        found.append([float(loss) for loss in one.losses])
    return found


@scenario
def symbolic(k):
    "noise on inputs of unknown sizes, while training"
    found = [
        getattr(k.layers, name)(**config)(k.Input((None, 4)), training=True)
        for name, config in NOISE.items()
    ]
    found.append(k.layers.SpatialDropout1D(0.5)(k.Input((None, 4)), training=True))
    found.append(k.layers.SpatialDropout2D(0.5)(k.Input((3, None, 4)), training=True))
    found.append(k.layers.ActivityRegularization(0.1)(k.Input((None, 4))))
    return found


@scenario
def refused(k):
    "arguments that no layer takes"
    L = k.layers
    found = [
        outcome(getattr(L, name), **dict.fromkeys(config, value))
        for name, config in NOISE.items()
        for value in (-0.1, 1.5)
    ]
    return [
        *found,
        outcome(L.SpatialDropout1D, 0.5, trainable=False),
        outcome(L.SpatialDropout2D, 0.5, data_format="x"),
        outcome(L.SpatialDropout3D, 2.0),
        outcome(L.ActivityRegularization, l1=-0.1),
        outcome(L.ActivityRegularization, l1="a"),
        outcome(L.GaussianNoise, 0.5, seed="a"),
    ]
