"""Object serialization: what is written, what is read, what is refused, public names."""

import functools
import json

import numpy as np

from tests.golden.cases import Table

FAMILIES = {
    "activations": ("relu", "softmax", "linear", "hard_swish", "gelu"),
    "losses": ("mse", "MeanSquaredError", "mean_squared_error", "binary_crossentropy"),
    "metrics": ("mse", "MeanSquaredError", "Mean", "binary_accuracy"),
    "optimizers": ("adam", "SGD", "ADAM", "rmsprop"),
    "initializers": ("zeros", "GlorotUniform", "he_normal", "one"),
    "regularizers": ("l2", "L1", "l1", "OrthogonalRegularizer"),
    "constraints": ("max_norm", "NonNeg", "unit_norm", "MinMaxNorm"),
}
ODD = (
    "typo",
    3,
    {"a": 1},
    {"class_name": "typo", "config": {}},
    {"class_name": "function", "config": "typo", "module": "builtins"},
)


def entry(class_name, config, module=None, **more):
    return {"module": module, "class_name": class_name, "config": config, **more}


READ = {  # entries of a file: the good, the bad, and the hostile
    "number": 3,
    "text": "relu",
    "nothing": None,
    "list": [1, (2, None), {"a": 1.5}],
    "bytes in a dict": {"a": {"class_name": "__bytes__", "config": {"value": "q"}}},
    "relu": entry("function", "relu", "builtins", registered_name="function"),
    "mse": entry(
        "function", "mean_squared_error", "builtins", registered_name="function"
    ),
    "Dense": entry(
        "Dense", {"units": 3, "name": "d"}, "keras.layers", registered_name=None
    ),
    "old Dense": entry(
        "Dense", {"units": 3, "name": "d"}, "keras.src.layers.core.dense"
    ),
    "built Dense": entry(
        "Dense",
        {"units": 3, "name": "d"},
        "keras.layers",
        build_config={"input_shape": [None, 4]},
    ),
    "Zeros": entry("Zeros", None, "keras.initializers"),
    "policy": entry("DTypePolicy", {"name": "mixed_float16"}, "keras"),
    "os": entry("function", "system", "os"),
    "os class": entry("system", {"command": "true"}, "os"),
    "builtins": entry("function", "eval", "builtins"),
    "get_file": entry(
        "function", "get_file", "keras.utils", registered_name="get_file"
    ),
    "get_file as class": entry(
        "get_file", {"fname": "x", "origin": "y"}, "keras.utils"
    ),
    "load_model": entry("function", "load_model", "keras.models"),
    "unsafe": entry("function", "enable_unsafe_deserialization", "keras.config"),
    "unsafe as class": entry("enable_unsafe_deserialization", {}, "keras.config"),
    "private function": entry("function", "get_file", "keras.src.utils.file_utils"),
    "attribute chain": entry("os.system", {}, "keras.src.utils.file_utils"),
    "unknown module": entry("X", {}, "keras.nope"),
    "no module": {"class_name": "Dense", "config": {"units": 3}},
    "custom": entry("Mine", {}, None, registered_name="pkg>Mine"),
    "odd registered name": entry(
        "Dense", {"units": 1}, "keras.layers", registered_name="x>Dense"
    ),
    "text config": entry("Dense", "a", "keras.layers"),
    "list config": entry("Dense", [], "keras.layers"),
    "missing argument": entry("Dense", {}, "keras.layers"),
    "number for a function": entry("function", 3, "builtins"),
    "lambda": {"class_name": "__lambda__", "config": {"value": ["4w==", None, None]}},
    "set": {1, 2},
}


class Ours:
    def __init__(self, a=1):
        self.a = a

    def __call__(self, x):
        return x

    def get_config(self):
        return {"a": self.a}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


class NoConfig:
    pass


class OddConfig:
    def get_config(self):
        return [1]


def ours(x):
    return x


def registered(k):
    before = dict(k.saving.get_custom_objects())
    k.saving.register_keras_serializable("golden")(Ours)
    k.saving.register_keras_serializable("golden", "other")(ours)
    found = [k.saving.get_registered_name(x) for x in (Ours, ours)]
    found.append(k.saving.serialize_keras_object({"x": Ours(3), "f": ours}))
    again = k.saving.deserialize_keras_object(found[-1])
    found += [again["x"].a, again["f"] is ours]
    found.append(k.saving.get_registered_object("golden>Ours") is Ours)
    k.saving.get_custom_objects().clear()
    k.saving.get_custom_objects().update(before)
    return found


def scoped(k):
    config = {"class_name": "Ours", "config": {"a": 2}, "module": None}
    with k.saving.custom_object_scope({"Ours": Ours, "f": ours}):
        inside = k.saving.deserialize_keras_object(config).a
        word = k.initializers.get("Ours").a
        name = k.saving.deserialize_keras_object("f") is ours
    outside = k.saving.get_registered_object("Ours")
    given = k.saving.deserialize_keras_object(config, custom_objects={"Ours": Ours}).a
    return [inside, word, name, outside, given]


WRITE = {
    "plain": lambda k: (1, [2.5, None], {"a": (True, "x")}),
    "bytes": lambda k: b"ab",
    "slice": lambda k: slice(1, None, 2),
    "ellipsis": lambda k: ...,
    "tensor": lambda k: k.ops.ones((2,)),
    "half tensor": lambda k: k.ops.ones((2,), "bfloat16"),
    "variable": lambda k: k.Variable([1.0, 2.0]),
    "array": lambda k: np.arange(3),
    "empty array": lambda k: np.ones((0, 2), "float32"),
    "scalar": lambda k: [np.float32(0.5), np.int64(3), np.array(2.0)],
    "symbol": lambda k: k.KerasTensor((None, 2)),
    "input": lambda k: k.Input((3,), name="a"),
    "function": lambda k: k.losses.mean_squared_error,
    "own function": lambda k: ours,
    "policy": lambda k: k.DTypePolicy("mixed_float16"),
    "seed": lambda k: k.random.SeedGenerator(3, name="stream"),
    "class without config": lambda k: int,
    "class with config": lambda k: k.layers.Dense,
    "object without config": lambda k: NoConfig(),
    "odd config": lambda k: OddConfig(),
    "set": lambda k: {1, 2},
    "complex": lambda k: 1j,
}


def cases():
    table = Table()
    scenario = functools.partial(table.scenario, "serialization")
    scenario("public_names")
    for what in WRITE:
        scenario("write", what=what)
    for what in READ:
        scenario("read", what=what)
    for family, words in FAMILIES.items():
        for word in words:
            scenario("named", family=family, word=word)
        for i in range(len(ODD)):
            scenario("odd", family=family, i=i)
        scenario("none", family=family)
    scenario("registered")
    scenario("scoped")
    for what in ("no get_config", "layer", "no layer", "unknown layer"):
        scenario("layers", what=what)
    return list(table)


def as_text(config):
    return json.loads(json.dumps(config))


def write(k, what):
    return as_text(k.saving.serialize_keras_object(WRITE[what](k)))


def read(k, what):
    thing = k.saving.deserialize_keras_object(READ[what])
    if hasattr(thing, "get_config"):
        config = {} if what.endswith("Dense") else as_text(thing.get_config())
        return [type(thing).__name__, config, getattr(thing, "built", None)]
    return thing.__name__ if callable(thing) else repr(thing)


def named(k, family, word):
    "By name, into a file, out of it again."
    room = getattr(k, family)
    thing = room.get(word)
    kept = as_text(room.serialize(thing))
    again = room.deserialize(as_text(kept))  # Keras changes the entry it is given
    names = [getattr(x, "__name__", type(x).__name__) for x in (thing, again)]
    if isinstance(kept, dict) and isinstance(kept["config"], dict):
        kept["config"] = None if family in ("optimizers",) else kept["config"]
    return [names, kept]


def odd(k, family, i):
    return repr(getattr(k, family).get(ODD[i]))


def none(k, family):
    return repr(getattr(getattr(k, family).get(None), "__name__", None))


def layers(k, what):
    if what == "no get_config":
        return k.saving.register_keras_serializable("golden")(NoConfig)
    if what == "no layer":
        return k.layers.deserialize(
            {"module": "keras.initializers", "class_name": "Ones", "config": {}}
        )
    if what == "unknown layer":
        return k.layers.deserialize(
            {"module": "keras.layers", "class_name": "Typo", "config": {}}
        )
    kept = as_text(k.layers.serialize(k.layers.Dense(3, name="d")))
    return [
        kept["module"],
        kept["class_name"],
        kept["registered_name"],
        k.layers.deserialize(kept).name,
    ]


def public_names(k):
    "The public name of every class that both can keep in a file."
    from keras.src.api_export import REGISTERED_OBJS_TO_NAMES as names

    kept = {
        n for o, n in names.items() if isinstance(o, type) and hasattr(o, "from_config")
    }
    return sorted(n for n in kept if "legacy" not in n)
