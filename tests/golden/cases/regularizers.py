"""Regularizers and constraints: values, gradients, dtypes, configs, refusals."""

import numpy as np

from tests.golden.cases import Table
from tests.golden.player import wave

PRICES = {
    "L1": ({}, {"l1": 0.1}, {"l1": 0}, {"l1": None}, {"l1": 2}),
    "L2": ({}, {"l2": 0.1}, {"l2": 0}, {"l2": None}, {"l2": 2}),
    "L1L2": (
        {},
        {"l1": 0.1},
        {"l2": 0.2},
        {"l1": 0.1, "l2": 0.2},
        {"l1": None, "l2": None},
    ),
    "OrthogonalRegularizer": ({}, {"factor": 0.5}, {"factor": 1.0, "mode": "columns"}),
}
LAWS = {
    "MaxNorm": (
        {}, {"max_value": 0.7}, {"max_value": 0.7, "axis": 1},
        {"max_value": 1, "axis": [0, 1]}, {"max_value": 0.5, "axis": -1},
    ),
    "NonNeg": ({},),
    "UnitNorm": ({}, {"axis": 1}, {"axis": [0, 1]}),
    "MinMaxNorm": (
        {}, {"min_value": 0.5, "max_value": 0.8},
        {"min_value": 1.5, "max_value": 2, "rate": 0.5},
        {"min_value": 0.5, "max_value": 0.8, "rate": 0.1, "axis": 1},
    ),
}  # fmt: skip
BAD = [
    ("regularizers", name, {key: value})
    for name, key in (
        ("L1", "l1"),
        ("L2", "l2"),
        ("L1L2", "l2"),
        ("OrthogonalRegularizer", "factor"),
    )
    for value in (-0.1, "a", float("inf"), float("nan"), [0.1])
] + [("regularizers", "OrthogonalRegularizer", {"mode": "diagonals"})]
ALIASES = {
    "regularizers": "l1 l2 l1_l2 orthogonal_regularizer".split(),
    "constraints": "max_norm non_neg unit_norm min_max_norm".split(),
}
DTYPES = ("float32", "float16", "bfloat16", "float64")
ZEROS = np.zeros((3, 2), "float32")


def cases():
    table = Table()
    for family, members in (("regularizers", PRICES), ("constraints", LAWS)):
        for name, configs in members.items():
            # TensorFlow refuses to multiply the float32 factor with other floats
            dtypes = DTYPES[:1] if name == "OrthogonalRegularizer" else DTYPES
            for config in configs:
                for dtype in dtypes:
                    if dtype == "float32" or config is configs[-1]:
                        table.scenario(
                            "regularizers",
                            "value",
                            family=family,
                            name=name,
                            config=config,
                            dtype=dtype,
                        )
                table.scenario(
                    "regularizers", "slope", family=family, name=name, config=config
                )
                table.scenario(
                    "regularizers", "config", family=family, name=name, config=config
                )
            table.scenario(
                "regularizers",
                "value",
                family=family,
                name=name,
                config={},
                dtype="float32",
                what="zeros",
            )
            table.scenario(
                "regularizers",
                "value",
                family=family,
                name=name,
                config={},
                dtype="float32",
                what="cube",
            )
    for family, name, config in BAD:
        table.scenario(
            "regularizers",
            "refused",
            family=family,
            name=name,
            config={k: repr(v) for k, v in config.items()},
        )
    for family, words in ALIASES.items():
        for word in words:
            table.scenario("regularizers", "alias", family=family, word=word)
    for what in ("base price", "base config", "base law", "function"):
        table.scenario("regularizers", "what", what=what)
    return list(table)


def weights(k, dtype, what="wave"):
    arrays = {"wave": wave(3, 4) * 1.3, "zeros": ZEROS, "cube": wave(2, 3, 2)}
    return k.ops.cast(k.ops.convert_to_tensor(arrays[what]), dtype)


def value(k, family, name, config, dtype, what="wave"):
    found = getattr(getattr(k, family), name)(**config)(weights(k, dtype, what))
    return k.ops.cast(found, "float32"), k.backend.standardize_dtype(found.dtype)


def slope(k, family, name, config):
    w = weights(k, "float32")
    with k.GradientTape() as tape:
        tape.watch(w)
        found = getattr(getattr(k, family), name)(**config)(w)
        total = k.ops.sum(found * found)
    return tape.gradient(total, w)


def config(k, family, name, config):
    room = getattr(k, family)
    thing = getattr(room, name)(**config)
    kept = room.serialize(thing)
    return [kept, room.deserialize(kept).get_config(), room.get(kept).get_config()]


def refused(k, family, name, config):
    values = {"inf": float("inf"), "nan": float("nan"), "'a'": "a", "[0.1]": [0.1]}
    values |= {"-0.1": -0.1, "'diagonals'": "diagonals"}
    getattr(getattr(k, family), name)(**{key: values[v] for key, v in config.items()})
    return "no error"


def alias(k, family, word):
    room = getattr(k, family)
    found = getattr(room, word)().get_config()
    if word == "l1_l2":  # a word that Keras' manual has and its get has not
        return found
    return [found, room.get(word).get_config()]


def what(k, what):
    w = weights(k, "float32")
    if what == "base price":
        return k.regularizers.Regularizer()(w)
    if what == "base config":
        return k.regularizers.Regularizer().get_config()
    if what == "base law":
        return k.constraints.Constraint()(w), k.constraints.Constraint().get_config()
    return k.regularizers.get(lambda x: k.ops.sum(x))(w)
