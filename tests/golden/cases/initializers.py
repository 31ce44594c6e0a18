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
        "GlorotNormal", "nonsense", "identity", "orthogonal", "one", "zero", "normal",
        "uniform", "IdentityInitializer", "OrthogonalInitializer", "HeUniform",
        "variance_scaling", "truncated_normal", "glorotuniform",
    ):  # fmt: skip
        table.scenario("initializers", "by_name", word=word)
    table.scenario("initializers", "same_seed_same_numbers")
    for what in WHATS:
        table.scenario("initializers", "what", what=what)
    return list(table)


def config_of(name, **config):
    return lambda k: getattr(k.initializers, name)(**config).get_config()


def made(name, shape, dtype=None, **config):
    return lambda k: getattr(k.initializers, name)(**config)(shape, dtype=dtype)


def orthonormal(shape, **config):
    def check(k):
        q = k.initializers.Orthogonal(seed=3, **config)(shape)
        q = np.asarray(k.ops.convert_to_numpy(q), "float64").reshape(-1, shape[-1])
        product = q.T @ q if q.shape[0] >= q.shape[1] else q @ q.T
        return np.round(product, 4) + 0.0

    return check


def seeds(k):
    generator = k.random.SeedGenerator(3, name="stream")
    config = k.initializers.HeNormal(seed=generator).get_config()
    again = k.initializers.HeNormal.from_config(config)
    return [config, type(again.seed).__name__]


WHATS = {
    **{
        f"config {name}": config_of(name)
        for name in [*FAMILIES, "Zeros", "Ones", "Orthogonal", "Constant"]
    },
    "config values": config_of("VarianceScaling", scale=2, mode="fan_out", seed=4),
    "config axes": config_of("HeNormal", seed=1, input_axes=[0], output_axes=[1, 2]),
    "config constant": config_of("Constant", value=np.ones(2, "float32")),
    "config with a stream": seeds,
    "constant row": made("Constant", (3, 2), value=[1, 2]),
    "constant int": made("Constant", (2,), "int32", value=3),
    "identity wide": made("Identity", (2, 3), gain=2.0),
    "identity line": made("Identity", (3,)),
    "identity box": made("Identity", (2, 2, 2)),
    "zeros bool": made("Zeros", (2,), "bool"),
    "orthogonal line": made("Orthogonal", (3,)),
    "orthogonal tall": orthonormal((5, 3)),
    "orthogonal wide": orthonormal((3, 5), gain=2.0),
    "orthogonal kernel": orthonormal((3, 2, 4)),
    "seed text": config_of("RandomNormal", seed="a"),
    "seed float": config_of("RandomNormal", seed=1.5),
    "scale zero": config_of("VarianceScaling", scale=0),
    "mode": config_of("VarianceScaling", mode="fan"),
    "mode in capitals": config_of("VarianceScaling", mode="FAN_IN"),
    "distribution": config_of("VarianceScaling", distribution="t"),
    "get number": lambda k: k.initializers.get(3),
    "get list": lambda k: k.initializers.get(["zeros"]),
    "get none": lambda k: k.initializers.get(None),
    "get class": lambda k: type(k.initializers.get(k.initializers.Ones)).__name__,
    "get array": lambda k: k.initializers.get(np.eye(2))((2, 2)),
    "get array, other shape": lambda k: k.initializers.get(np.eye(2))((3, 2)),
    "get short config": lambda k: k.initializers.get(
        {"class_name": "Constant", "config": {"value": 3.0}}
    )((2,)),
    "get odd config": lambda k: k.initializers.get({"value": 3.0}),
    "base class": lambda k: k.initializers.Initializer()((2,)),
    "serialize": lambda k: k.initializers.serialize(k.initializers.GlorotUniform(1)),
    "deserialize word": lambda k: type(k.initializers.deserialize("zeros")).__name__,
}


def what(k, what):
    return WHATS[what](k)


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
