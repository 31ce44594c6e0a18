"""Initializers: limits and statistics for shapes of every rank (fan computations).

Random numbers differ between implementations, so a record holds what the formula
fixes: dtype, shape, and for 40,000 numbers their mean, spread and largest value.
"""

import numpy as np

from tests.golden.cases import Table

FAMILIES = {
    "VarianceScaling": [
        {"scale": scale, "mode": mode, "distribution": distribution}
        for scale in (1.0, 2.0)
        for mode in ("fan_in", "fan_out", "fan_avg")
        for distribution in (
            "normal",
            "uniform",
            "truncated_normal",
            "untruncated_normal",
        )
        if scale == 1.0 or mode == "fan_in"
    ],
    **{
        name: [{}]
        for name in "GlorotUniform GlorotNormal HeUniform HeNormal LecunUniform "
        "LecunNormal".split()
    },
    "RandomNormal": [{}, {"mean": 2.0, "stddev": 0.5}],
    "RandomUniform": [{}, {"minval": 1.0, "maxval": 3.0}],
    "TruncatedNormal": [{}, {"mean": -1.0, "stddev": 2.0}],
}
SHAPES = ((400, 100), (100, 400))
FAN_SHAPES = ((), (6,), (4, 6), (3, 4, 6), (3, 2, 4, 6))


def cases():
    table = Table()
    for name, configs in FAMILIES.items():
        for config in configs:
            for shape in SHAPES:
                table.scenario(
                    "initializers",
                    "statistics",
                    name=name,
                    config=config,
                    shape=list(shape),
                )
    for name in ("GlorotUniform", "HeUniform", "LecunUniform"):
        for shape in FAN_SHAPES:
            table.scenario("initializers", "bound", name=name, shape=list(shape))
    for name, config in (
        ("Zeros", {}), ("Ones", {}), ("Constant", {"value": 2.5}),
        ("Identity", {"gain": 2.0}),
    ):  # fmt: skip
        table.scenario("initializers", "fixed", name=name, config=config, shape=[2, 3])
        table.scenario(
            "initializers",
            "fixed",
            name=name,
            config=config,
            shape=[2, 2],
            dtype="float64",
        )
    for word in (
        "zeros", "ones", "glorot_uniform", "he_normal", "lecun_uniform",
        "random_normal",
        "GlorotNormal", "nonsense",
    ):  # fmt: skip
        table.scenario("initializers", "by_name", word=word)
    table.scenario("initializers", "same_seed_same_numbers")
    return list(table)


def statistics(k, name, config, shape):
    "Rounded so that two good generators agree."
    values = getattr(k.initializers, name)(**config, seed=7)(tuple(shape))
    values = np.asarray(k.ops.convert_to_numpy(values), "float64")
    spread = float(np.std(values))
    unbounded = name == "RandomNormal" or "untruncated" in str(config)
    reach = round(float(np.abs(values - values.mean()).max() / spread), 2)
    return {
        "shape": list(values.shape),
        "mean": round(float(np.mean(values)), 6),
        "spread": round(spread, 6),
        "largest_per_spread": None if unbounded else reach,
    }


def bound(k, name, shape):
    "The limit of a uniform family: the largest of many draws comes close to it."
    make = getattr(k.initializers, name)
    draws = [k.ops.convert_to_numpy(make(seed=i)(tuple(shape))) for i in range(200)]
    return float(np.abs(np.stack(draws)).max())


def fixed(k, name, config, shape, dtype=None):
    return getattr(k.initializers, name)(**config)(tuple(shape), dtype=dtype)


def by_name(k, word):
    return type(k.initializers.get(word)).__name__


def same_seed_same_numbers(k):
    "An integer seed gives the same draw at every call of one initializer"
    first = k.initializers.GlorotUniform(seed=1)
    a, b = first((3, 3)), first((3, 3))
    c = k.initializers.GlorotUniform(seed=1)((3, 3))
    d = k.initializers.GlorotUniform(seed=2)((3, 3))
    a, b, c, d = (k.ops.convert_to_numpy(each) for each in (a, b, c, d))
    return [bool((a == b).all()), bool((a == c).all()), bool((a == d).all())]
