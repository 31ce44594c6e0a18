"""compile: losses, weights and metrics in every form they may be written in.

A model with fixed weights gives outputs in some form (`FORMS`); it is compiled with
words in another, and `train_on_batch` tells the names and the numbers of its logs.
"""

import numpy as np

from tests.golden.cases import Table
from tests.golden.player import outcome, wave

X = wave(6, 3)
LABELS = {
    "a": wave(6, 2, phase=1.0),
    "b": wave(6, 1, phase=2.0),
    "one": wave(6, 2, phase=1.0),
    "sparse": np.arange(6) % 3,
    "column": (np.arange(6) % 3)[:, None],
    "onehot": np.eye(3, dtype="float32")[np.arange(6) % 3],
    "binary": (np.arange(6) % 2)[:, None].astype("float32"),
    "halves": np.linspace(0.5, 3.0, 6).astype("float32"),
    "ones": np.ones(6, "float32"),
}


def leaf(nest):
    "Names in a nest stand for arrays."
    if isinstance(nest, dict):
        return {key: leaf(value) for key, value in nest.items()}
    if isinstance(nest, (list, tuple)):
        return type(nest)(leaf(value) for value in nest)
    return None if nest is None else LABELS[nest]


def model_of(k, form):
    "A functional model whose outputs have one of the forms below."
    x = k.Input((3,), name="x")

    def dense(name, units, phase, activation=None):
        layer = k.layers.Dense(units, activation, name=name)
        out = layer(x)
        layer.set_weights([wave(3, units, phase=phase), wave(units, phase=phase)])
        return out

    kinds = {
        "one": lambda: dense("a", 2, 0.3),
        "softmax": lambda: dense("p", 3, 0.3, "softmax"),
        "sigmoid": lambda: dense("p", 1, 0.3, "sigmoid"),
        "list": lambda: [dense("a", 2, 0.3), dense("b", 1, 0.9)],
        "single": lambda: [dense("a", 2, 0.3)],
        "dict": lambda: {"a": dense("a", 2, 0.3), "b": dense("b", 1, 0.9)},
        "other": lambda: {"q": dense("a", 2, 0.3), "r": dense("b", 1, 0.9)},
        "backward": lambda: {"b": dense("b", 1, 0.9), "a": dense("a", 2, 0.3)},
        "nested": lambda: {
            "m": {"a": dense("a", 2, 0.3)},
            "n": [dense("b", 1, 0.9), dense("c", 2, 1.5)],
        },
    }
    return k.Model(x, kinds[form]())


def subclass_of(k, form):
    "The same numbers from a subclass, which has no names of outputs."

    class Own(k.Model):
        def __init__(self):
            super().__init__()
            self.inner = model_of(k, form)

        def call(self, x):
            return self.inner(x)

    return Own()


def logs_of(k, form, y, weight=None, own=False, **words):
    "The logs of one batch, or the class of the error."
    model = (subclass_of if own else model_of)(k, form)
    words = {name: resolve(k, word) for name, word in words.items()}

    def run():
        model.compile(optimizer="sgd", **words)
        named = model.train_on_batch(X, leaf(y), leaf(weight), return_dict=True)
        named = {name: float(value) for name, value in named.items()}
        listed = model.test_on_batch(X, leaf(y), leaf(weight))
        listed = [float(v) for v in np.reshape(listed, -1)]
        return [named, listed, model.metrics_names]

    return outcome(run)


def twice(y_true, y_pred):
    return 2.0 * abs(y_true - y_pred)


def resolve(k, word):
    "Words that begin with ! are made here: objects, classes and functions."
    if isinstance(word, dict):
        return {key: resolve(k, value) for key, value in word.items()}
    if isinstance(word, (list, tuple)):
        return type(word)(resolve(k, value) for value in word)
    special = {
        "!function": lambda: twice,
        "!MAE": lambda: k.losses.MeanAbsoluteError(name="mine"),
        "!sum": lambda: k.losses.MeanSquaredError(reduction="sum"),
        "!object": lambda: k.losses.MeanSquaredError(name="own"),
        "!metric": lambda: k.metrics.MeanAbsoluteError(name="far"),
        "!class": lambda: k.metrics.MeanAbsoluteError,
        "!mean": lambda: k.metrics.MeanSquaredError(name="far"),
        "!lossfn": lambda: k.losses.mean_squared_error,
    }
    return special[word]() if word in special else word


def dicts_of_losses():
    two = ["a", "b"]
    both = {"a": "a", "b": "b"}
    yield "list", two, dict(loss="mse")
    yield "list", two, dict(loss=["mse", "mae"])
    yield "list", two, dict(loss=("mse", "mae"))
    yield "list", two, dict(loss=["mse", None])
    yield "list", ["a"], dict(loss=["mse", None])
    yield "list", two, dict(loss=[None, None])
    yield "list", two, dict(loss={"a": "mse", "b": "mae"})
    yield "list", two, dict(loss={"b": "mse", "a": "mae"})
    yield "list", two, dict(loss={"a": "mse"})
    yield "list", two, dict(loss={"a": "mse", "b": None})
    yield "list", two, dict(loss={"a": "mse", "c": "mae"})
    yield "list", two, dict(loss=["mse"])
    yield "list", two, dict(loss=["mse"] * 3)
    yield "list", both, dict(loss=["mse", "mae"])
    yield "list", {"a": "a", "c": "b"}, dict(loss=["mse", "mae"])
    yield "list", ["a"], dict(loss="mse")
    yield "list", "a", dict(loss="mse")
    yield "list", ["a", "b", "b"], dict(loss="mse")
    yield "list", ("a", "b"), dict(loss="mse")
    yield "list", two, dict(loss=["!function", "!MAE"])
    yield "list", two, dict(loss=["!sum", "!lossfn"])
    yield "list", two, dict(loss="mse", loss_weights=[1.0, 0.5])
    yield "list", two, dict(loss=["mse", "mae"], loss_weights=[1.0, 0.5])
    yield "list", two, dict(loss=["mse", "mae"], loss_weights={"a": 1.0, "b": 0.5})
    names = {"a": "mse", "b": "mae"}
    yield "list", two, dict(loss=names, loss_weights={"a": 2.0, "b": 0.5})
    yield "list", two, dict(loss=names, loss_weights=[2.0, 0.5])
    yield "list", two, dict(loss=names, loss_weights={"a": 2.0})
    yield "list", two, dict(loss=["mse", "mae"], loss_weights=[1.0])
    yield "list", two, dict(loss=["mse", "mae"], loss_weights=0.5)
    yield "list", two, dict(loss=["mse", "mae"], loss_weights="x")
    yield "one", "a", dict(loss="mse", loss_weights=0.5)
    yield "one", "a", dict(loss="mse", loss_weights=[0.5])
    yield "one", "a", dict(loss=["mse"])
    yield "one", "a", dict(loss={"a": "mse"})
    yield "one", "a", dict(loss={"z": "mse"})
    yield "one", ["a"], dict(loss="mse")
    yield "one", {"a": "a"}, dict(loss="mse")
    yield "one", "a", dict(loss="!function")
    yield "one", "a", dict(loss="!MAE")
    yield "one", "a", dict(loss="!object", metrics=["!metric", "!class", "!function"])
    yield "one", "a", dict(loss="no such loss")
    yield "one", "a", dict(loss="mse", metrics=["no such metric"])
    yield "one", "a", dict(loss="mse", metrics=[None])
    yield "single", ["a"], dict(loss="mse")
    yield "single", "a", dict(loss="mse")
    yield "single", ["a"], dict(loss=["mse"], metrics=["mae"])
    yield "dict", both, dict(loss="mse")
    yield "dict", both, dict(loss={"a": "mse", "b": "mae"})
    yield "dict", both, dict(loss={"a": "mse"})
    yield "dict", {"a": "a"}, dict(loss={"a": "mse"})
    yield "dict", {"b": "b"}, dict(loss={"a": "mse"})
    yield "dict", both, dict(loss={"c": "mse"})
    yield "dict", both, dict(loss=["mse", "mae"])
    yield "dict", two, dict(loss=["mse", "mae"])
    yield "dict", {"a": "a", "c": "b"}, dict(loss="mse")
    yield "backward", both, dict(loss={"a": "mse", "b": "mae"})
    yield "backward", both, dict(loss="mse")
    q = {"q": "a", "r": "b"}
    yield "other", q, dict(loss={"q": "mse", "r": "mae"})
    yield "other", q, dict(loss={"q": "mse", "r": "mae"}, loss_weights={"q": 1, "r": 3})
    yield "other", q, dict(loss={"a": "mse", "b": "mae"})
    nested = {"m": {"a": "a"}, "n": ["b", "a"]}
    yield "nested", nested, dict(loss="mse")
    words = {"m": {"a": "mse"}, "n": ["mae", "mse"]}
    weights = {"m": {"a": 2.0}, "n": [0.5, 1.0]}
    yield "nested", nested, dict(loss=words)
    yield "nested", nested, dict(loss=words, loss_weights=weights)
    yield "nested", nested, dict(loss={"m": {"a": "mse"}})
    yield "nested", nested, dict(loss={"m": {"z": "mse"}})
    yield "nested", nested, dict(loss=["mse", "mae", "mse"])


def dicts_of_metrics():
    two = ["a", "b"]
    both = {"a": "a", "b": "b"}
    yield "one", "a", dict(metrics=["mae"])
    yield "one", "a", dict(metrics=["mae", "mae", "!metric", "!mean"])
    yield "one", "a", dict(metrics=["mae"], weighted_metrics=["mae", "mse"])
    yield "one", "a", dict(metrics=[["mae"], ["mse"]])
    yield "one", "a", dict(metrics={"a": ["mae"]})
    yield "one", "a", dict(metrics={"z": ["mae"]})
    yield "one", "a", dict(metrics="mae")
    yield "one", "a", dict(weighted_metrics="mae")
    yield "one", "a", dict(metrics=[])
    yield "list", two, dict(metrics=["mae", "mse"])
    yield "list", two, dict(metrics=["mae"])
    yield "list", two, dict(metrics=["mae", "mse", "mae"])
    yield "list", two, dict(metrics=[["mae", "mse"], "mae"])
    yield "list", two, dict(metrics=[["mae"], None])
    yield "list", two, dict(metrics=[["mae", "mae"], ["mae"]])
    yield "list", two, dict(metrics={"a": ["mae", "mse"], "b": "mae"})
    yield "list", two, dict(metrics={"b": ["mae", "mse"]})
    yield "list", two, dict(metrics={"c": ["mae"]})
    yield "list", two, dict(metrics=["mae", "mse"], weighted_metrics=["mae", "mse"])
    yield "list", two, dict(metrics={"a": "mae"}, weighted_metrics={"b": "mae"})
    yield "list", two, dict(metrics=[[None], None])
    yield "dict", both, dict(metrics=["mae", "mse"])
    yield "dict", both, dict(metrics={"b": ["mae"]})
    yield "dict", both, dict(metrics={"c": ["mae"]})
    yield "backward", both, dict(metrics={"a": ["mae"], "b": "mse"})
    yield "backward", both, dict(metrics=["mae", "mse"])
    q = {"q": "a", "r": "b"}
    yield "other", q, dict(metrics={"q": ["mae"], "r": ["mse"]})
    yield "other", q, dict(metrics={"a": ["mae"]})
    nested = {"m": {"a": "a"}, "n": ["b", "a"]}
    words = {"m": {"a": "mae"}, "n": [["mae"], "mse"]}
    yield "nested", nested, dict(metrics=words)
    yield "nested", nested, dict(metrics=["mae", "mae", "mse"])
    yield "nested", nested, dict(metrics={"m": "mae"})


def words_by_shape():
    yield "softmax", "sparse", dict(loss="ce", metrics=["acc"])
    yield "softmax", "column", dict(loss="crossentropy", metrics=["accuracy"])
    yield "softmax", "onehot", dict(loss="crossentropy", metrics=["ACC"])
    yield "softmax", "sparse", dict(metrics=["acc", "accuracy"])
    yield "softmax", "onehot", dict(metrics=["categorical_crossentropy", "mse"])
    yield "sigmoid", "binary", dict(loss="CE", metrics=["accuracy"])
    yield "sigmoid", "binary", dict(loss="binary_crossentropy", metrics=["ce"])


def cases():
    table = Table()

    def add(form, y, words, **more):
        words = {"loss": "mse"} | words
        table.scenario("compiling", "logs_of", form=form, y=y, **words, **more)

    for form, y, words in dicts_of_losses():
        add(form, y, words)
    for form, y, words in dicts_of_metrics():
        add(form, y, words)
        weight = "halves" if form in ("one", "list") else None
        if weight and "weighted_metrics" in words:
            add(form, y, words, weight=weight)
    for form, y, words in words_by_shape():
        add(form, y, {"loss": "mse"} | words if form == "sigmoid" else words)
        add(form, y, words, weight="halves")
    for form, y in [
        ("list", ["a", "b"]), ("dict", {"a": "a", "b": "b"}), ("one", "a"),
        ("nested", {"m": {"a": "a"}, "n": ["b", "a"]}),
    ]:  # fmt: skip
        for words in [
            {}, {"metrics": ["mae", "mse"]}, {"loss": ["mse", "mae"]},
            {"loss": {"a": "mse", "b": "mae"}}, {"metrics": {"a": "mae"}},
        ]:  # fmt: skip
            add(form, y, words, own=True)
    for weight in ["halves", ["halves", "ones"], ["halves"], {"a": "ones"}, ["a", "b"]]:
        add("list", ["a", "b"], {"weighted_metrics": ["mae", "mse"]}, weight=weight)
    for weight in ["halves", {"a": "halves", "b": "ones"}, {"a": "halves"}]:
        y = {"a": "a", "b": "b"}
        add("dict", y, {"weighted_metrics": {"a": "mae"}}, weight=weight)
    return table
