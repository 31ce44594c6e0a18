"""Bad data for training: what fit, evaluate, predict and the three *_on_batch refuse.

`trained(k, method)` gives {group: {name: word}}, with a line for what is refused; the
words are those of `refusals`. The table of faults is also that of
`tests/keras/test_bad_data.py`, which looks at messages and at what is left behind.
"""

import numpy as np

from tests.golden.cases import Table
from tests.golden.cases.refusals import refusals
from tests.golden.player import wave

X, Y = wave(8, 3), np.array([0, 1, 0, 1, 1, 0, 0, 1])
METHODS = "fit evaluate predict train_on_batch test_on_batch predict_on_batch".split()


class Mine(Exception):
    "An error from somebody's own program."


def model_of(k):
    "A compiled model whose steps move weights, averages, seeds and metrics."
    k.utils.set_random_seed(1)
    layers = k.layers
    model = k.Sequential([
        k.Input((3,)), layers.BatchNormalization(), layers.Dropout(0.5),
        layers.Dense(2),
    ])  # fmt: skip
    loss = k.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"], run_eagerly=True)
    return model


def double(k):
    "A model of two inputs, a and b, and two outputs, u and v."
    a, b = k.Input((3,), name="a"), k.Input((3,), name="b")
    both = k.layers.Concatenate()([a, b])
    u, v = (k.layers.Dense(1, name=name)(both) for name in "uv")
    model = k.Model([a, b], [u, v])
    model.compile("adam", ["mse", "mse"], run_eagerly=True)
    return model


def objects(fill):
    return np.full(X.shape, fill, object)


BAD_X = {
    "text": np.full(X.shape, "a"), "objects": objects(None), "None": None,
    "dates": np.zeros(X.shape, "datetime64[s]"), "0-d": np.float32(1), "number": 3,
    "str": "text", "no rows": X[:0], "narrow": X[:, :2], "deep": X[:, None, None],
    "two": [X, X], "dict": {"a": X, "b": X}, "empty dict": {}, "empty list": [],
    "ragged": [[1.0], [1.0, 2.0]], "function": abs, "object": object(),
    "mixed": [1.0, "a"], "set": {1.0},
}  # fmt: skip
BAD_Y = {
    "short": Y[:-1], "text": np.full(8, "a"), "objects": np.full(8, None),
    "no rows": Y[:0], "0-d": np.int64(1), "str": "text", "two": [Y, Y],
    "dict": {"nonsense": Y}, "too large": Y + 2, "negative": Y - 1, "None": None,
    "wide": np.ones((8, 5), int), "ragged": [[1], [1, 2]], "function": abs,
    "dates": np.zeros(8, "datetime64[s]"),
}  # fmt: skip
BAD_WEIGHTS = {
    "short": np.ones(7), "text": np.full(8, "a"), "0-d": np.float32(1),
    "wide": np.ones((8, 5)), "deep": np.ones((8, 1, 1, 4)), "str": "text",
    "objects": np.full(8, None), "dict": {"a": np.ones(8)}, "two": [np.ones(8)] * 2,
}  # fmt: skip
BAD_CLASS_WEIGHTS = {
    "text": "text", "number": 3, "list": [1.0, 2.0], "words": {0: "a", 1: "b"},
    "both": {0: 1.0, 1: 2.0},
}  # fmt: skip
BAD_OPTIONS = {
    "fit": {
        "batch_size": [0, -1, 2.5, "text", None], "epochs": [-1, 2.5, "text", None],
        "validation_split": [1.5, -0.1, 0.999, "text", 1.0],
        "steps_per_epoch": [0, -1, 2.5, "text"], "verbose": ["text", 7, None, -1],
        "initial_epoch": [5, -1, "text", 0.5], "shuffle": ["text", None, 3],
        "validation_data": ["text", 3, (X,), (X, Y[:-1]), (X, Y, Y, Y), (X[:, :2], Y)],
        "validation_steps": [0, -1, "text"], "validation_freq": [0, -1, "text", 0.5],
        "validation_batch_size": [-1, 0.5, "text"],
        "callbacks": [["text"], "text", [3], 3], "nonsense": [1],
    },
    "evaluate": {
        "batch_size": [0, -1, 2.5, "text"], "steps": [0, -1, 2.5, "text"],
        "verbose": ["text", 7], "callbacks": [["text"], 3], "nonsense": [1],
    },
    "predict": {
        "batch_size": [0, -1, 2.5, "text"], "steps": [0, -1, 2.5, "text"],
        "verbose": ["text", 7], "callbacks": [["text"], 3], "nonsense": [1],
    },
}  # fmt: skip
WANTS_Y = [m for m in METHODS if not m.startswith("predict")]


def call_of(model, method, *args, **kwargs):
    "model.method(...), quietly and in the order of the data."
    if method in ("fit", "evaluate", "predict"):
        kwargs = {"verbose": 0, "batch_size": 4} | kwargs
    if method == "fit":
        kwargs = {"shuffle": False} | kwargs
    return getattr(model, method)(*args, **kwargs)


def batches(*items, error=None):
    "A generator of these batches, which then ends, or raises."
    yield from items
    if error is not None:
        raise error


GOOD = (X[:4], Y[:4])
BAD_BATCHES = {  # what a generator gives: batches, and an error at the end
    "none": ((), None), "raises at once": ((), Mine("mine")),
    "raises later": ((GOOD, GOOD), Mine("mine")), "four parts": ((GOOD * 2,), None),
    "no parts": (((),), None), "text": (("text",), None), "None": ((None,), None),
    "narrower later": ((GOOD, (X[:4, :2], Y[:4])), None),
    "fewer axes later": ((GOOD, (X[0], Y[:4])), None),
    "no labels later": ((GOOD, (X[:4],)), None),
    "other lengths": (((X[:4], Y[:3]),), None), "labels too large": (
        (GOOD, (X[:4], Y[:4] + 2)), None),
    "objects": (((objects(None), Y),), None), "no rows": (((X[:0], Y[:0]),), None),
    "texts": (((np.full(X.shape, "a"), Y),), None),
}  # fmt: skip


def dataset_of(k, length, get):
    "A PyDataset of so many batches, got by a function of their number."

    class Data(k.utils.PyDataset):
        def __len__(self):
            return length

        def __getitem__(self, index):
            return get(index)

    return Data


def third_fails(index):
    if index == 2:
        raise Mine("mine")
    return GOOD


DATASETS = {
    "none": (0, lambda i: GOOD), "raises": (4, third_fails),
    "text": (2, lambda i: "text"), "None": (2, lambda i: None),
    "four parts": (2, lambda i: GOOD * 2), "no parts": (2, lambda i: ()),
    "other lengths": (2, lambda i: (X[:4], Y[:3])), "negative": (-1, lambda i: GOOD),
    "labels too large": (4, lambda i: (X[:4], Y[:4] + 2 * (i == 2))),
}  # fmt: skip


def trials(k, method):
    "{group: {name: (model, call)}}: everything that is tried with one method."
    found = {"x": {}, "y": {}, "sample_weight": {}, "class_weight": {}, "options": {}}
    labels = (Y,) if method in WANTS_Y else ()

    def put(group, name, call, make=model_of):
        found.setdefault(group, {})[name] = (make, call)

    for name, x in BAD_X.items():
        put("x", name, lambda m, x=x: call_of(m, method, x, *labels))
    put("x", "nothing", lambda m: getattr(m, method)())
    if labels:
        for name, y in BAD_Y.items():
            put("y", name, lambda m, y=y: call_of(m, method, X, y))
        for name, w in BAD_WEIGHTS.items():
            put("sample_weight", name,
                lambda m, w=w: call_of(m, method, X, Y, sample_weight=w))  # fmt: skip
    if method in ("fit", "train_on_batch"):
        for name, w in BAD_CLASS_WEIGHTS.items():
            both = {"sample_weight": np.ones(8)} if name == "both" else {}
            put("class_weight", name, lambda m, w=w, both=both: call_of(
                m, method, X, Y, class_weight=w, **both))  # fmt: skip
    for option, values in BAD_OPTIONS.get(method, {}).items():
        for i, value in enumerate(values):
            name = f"{option} {value!r}" if not isinstance(value, tuple) else str(i)
            name = name if name != str(i) else f"{option} {i}"
            put("options", name, lambda m, o={option: value}: call_of(
                m, method, X, *labels, **o))  # fmt: skip
    if method in BAD_OPTIONS:
        for name, (items, error) in BAD_BATCHES.items():
            put("generator", name, lambda m, items=items, error=error: getattr(
                m, method)(batches(*items, error=error), verbose=0))  # fmt: skip
        for name, (length, get) in DATASETS.items():
            for workers in (1, 2):
                put("dataset", f"{name}, {workers} workers",
                    lambda m, length=length, get=get, w=workers: getattr(m, method)(
                        dataset_of(k, length, get)(workers=w), verbose=0,
                    ))  # fmt: skip
        alone = lambda m, **o: getattr(m, method)(batches(GOOD, GOOD), verbose=0, **o)
        put("generator", "with labels", lambda m: alone(m, **{"y": Y}))
        put("generator", "with batch_size", lambda m: alone(m, batch_size=4))
        if method == "fit":
            put("generator", "with validation_split",
                lambda m: alone(m, validation_split=0.5))  # fmt: skip
            put("generator", "with sample_weight",
                lambda m: alone(m, sample_weight=np.ones(8)))  # fmt: skip
            put("generator", "with class_weight",
                lambda m: alone(m, class_weight={0: 1.0, 1: 2.0}))  # fmt: skip
    several = {"one input": X, "three inputs": [X, X, X], "wrong keys": {"a": X, "c": X},
               "lengths": [X, X[:-1]], "narrow": [X, X[:, :2]]}  # fmt: skip
    targets = [X[:, :1], X[:, :1]]
    for name, x in several.items():
        put("several", name, lambda m, x=x: call_of(
            m, method, x, *([targets] if labels else [])), double)  # fmt: skip
    if labels:
        odd = {"one output": X[:, :1], "three outputs": [X[:, :1]] * 3,
               "wrong names": {"u": X[:, :1], "w": X[:, :1]},
               "output lengths": [X[:, :1], X[:-1, :1]]}  # fmt: skip
        for name, y in odd.items():
            put("several", name, lambda m, y=y: call_of(m, method, [X, X], y), double)
    return found


def unready(k, method):
    "Models that are not compiled, or not built, or have no loss or no call."
    labels = (Y,) if method in WANTS_Y else ()
    dense = k.layers.Dense(2)
    models = {"not compiled": k.Sequential([k.Input((3,)), dense])}
    models["no loss"] = k.Sequential([k.Input((3,)), k.layers.Dense(2)])
    models["no loss"].compile("adam", run_eagerly=True)
    models["no call"] = type("NoCall", (k.Model,), {})()
    models["no call"].compile("adam", "mse", run_eagerly=True)
    models["no layers"] = k.Sequential()
    models["no layers"].compile("adam", "mse", run_eagerly=True)
    return {n: (m, lambda m: call_of(m, method, X, *labels)) for n, m in models.items()}


def trained(k, method):
    "{group: {name: word}} of one method."
    found = {
        group: refusals(
            (name, lambda make=make, call=call: call(make(k)))
            for name, (make, call) in rows.items()
        )
        for group, rows in trials(k, method).items()
    }
    rows = unready(k, method).items()
    found["unready"] = refusals((n, lambda m=m, c=c: c(m)) for n, (m, c) in rows)
    return found


def cases():
    table = Table()
    for method in METHODS:
        table.scenario("bad_data", "trained", method=method)
    return list(table)
