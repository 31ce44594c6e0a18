"""What probes of training, of compiled losses and metrics, and of symbolic operations met.

Everything runs step by step (`run_eagerly`), so that partial batches weigh the same.
"""

from functools import partial
from importlib import import_module

import numpy as np

from tests.golden.cases import scenarios
from tests.golden.cases.training import floats
from tests.golden.player import outcome, wave

X, Y = wave(20, 3), wave(20, 2, phase=1.0)
ONE = (wave(20, 1, phase=2.0) > 0).astype("float32")
WEIGHTS = np.abs(wave(20, phase=0.3))
FOUND = []


def scenario(function):
    FOUND.append(function)
    return function


def cases():
    return list(scenarios("probes_training", FOUND))


def filled(model):
    model.set_weights([wave(*w.shape, phase=i) for i, w in enumerate(model.weights)])
    return model


def line(k, units=2, **words):
    model = k.Sequential([k.Input((3,)), k.layers.Dense(units, name="d")])
    model.compile(**({"optimizer": "sgd", "loss": "mse", "run_eagerly": True} | words))
    return filled(model)


def fit(model, *args, **options):
    options = {"verbose": 0, "shuffle": False, "batch_size": 8} | options
    return floats(model.fit(*args, **options).history)


def compiled(k):
    "The classes that hold the losses and metrics of a compiled model."
    ours = k.__name__ == "minikeras"
    path = "minikeras.models.compiling" if ours else "keras.src.trainers.compile_utils"
    return import_module(path)


def CamelCased(y_true, y_pred):
    return abs(y_true - y_pred)


class Callable:
    def __call__(self, y_true, y_pred):
        return (y_true - y_pred) ** 2


WORDS = {
    "function": CamelCased,
    "lambda": lambda y_true, y_pred: y_pred - y_true,
    "object": Callable(),
    "partial": partial(CamelCased),
}


@scenario
def names_of_functions(k):
    "Functions, lambdas, objects and partials as losses and metrics, by name in the logs"
    found = {}
    for kind, word in WORDS.items():
        logs = fit(line(k, metrics=[word]), X, Y)
        total = compiled(k).CompileLoss(word)
        value = total([Y, ONE], [0.5 * Y, 0.5 * ONE])
        found[kind] = [logs, float(value), [m.name for m in total.metrics]]
    return found


@scenario
def compiled_alone(k):
    "CompileLoss and CompileMetrics are a Loss and a Metric, with signatures of their own"
    module = compiled(k)
    total = module.CompileLoss("mse", None, "sum_over_batch_size", ["a"])
    scores = module.CompileMetrics([["mae"], ["mse", "mae"]], None, output_names="ab")
    before = [scores.built, len(scores.variables), scores.name]
    scores.update_state([Y, ONE], [0.5 * Y, 0.5 * ONE])
    return [
        isinstance(total, k.losses.Loss), total.name, total.reduction, total.dtype,
        float(total(Y, 0.5 * Y)), isinstance(scores, k.metrics.Metric), before,
        [m.name for m in scores.metrics], len(scores.variables),
        floats(scores.result()), outcome(module.CompileMetrics, "mse", None),
        outcome(module.CompileLoss, "mse", "a"),
    ]  # fmt: skip


def spec(k, found):
    if isinstance(found, (list, tuple)):
        return [spec(k, one) for one in found]
    return [list(found.shape), k.backend.standardize_dtype(found.dtype)]


@scenario
def unknown_sizes(k):
    "Shapes and dtypes of operations along axes whose size is not known"
    ops, x = k.ops, k.KerasTensor((None, 6))
    cube = k.KerasTensor((None, 4, None), dtype="int32")
    calls = [
        lambda: ops.split(x, 2), lambda: ops.split(x, 3, axis=1), lambda: ops.vsplit(x, 2),
        lambda: ops.hsplit(cube, 2), lambda: ops.dsplit(cube, 3),
        lambda: ops.array_split(x, 4), lambda: ops.array_split(x, 4, axis=1),
        lambda: ops.array_split(x, 0), lambda: ops.split(x, 4, axis=1),
        lambda: ops.diagonal(x), lambda: ops.diagonal(cube, offset=1, axis1=1, axis2=2),
        lambda: ops.diag(x), lambda: ops.trace(x), lambda: ops.trace(cube),
        lambda: ops.scatter_update(x, [[0], [2]], np.zeros((2, 6), "float32")),
        lambda: ops.slice_update(x, (0, 1), k.KerasTensor((None, 2))),
        lambda: ops.size(x), lambda: ops.size(k.KerasTensor((2, 3))),
        lambda: ops.pad(x, ((1, 1), (0, 0), (2, 2)), mode="reflect"),
        lambda: ops.expand_dims(x, None), lambda: ops.concatenate([x, x], axis=None),
    ]  # fmt: skip
    found = [outcome(call) for call in calls]
    return [one if isinstance(one, Exception) else spec(k, one) for one in found]


@scenario
def parts_of_a_batch(k):
    "A functional model that splits, measures and updates along the batch"
    x = k.Input((4,))
    first, second = k.ops.split(x, 2)
    parts = k.ops.array_split(x, 3)
    square = k.ops.reshape(x, (-1, 2))
    out = [first - second, parts[0], parts[2], k.ops.trace(k.ops.transpose(square))]
    out += [k.ops.scatter_update(x, [[0], [3]], np.ones((2, 4), "float32"))]
    return k.Model(x, out)(wave(4, 4))


@scenario
def nothing_is_refused(k):
    "None where numbers are needed: the class of the error"
    model = line(k)
    return [
        outcome(k.ops.abs, None), outcome(k.ops.clip, X, None, 1.0),
        outcome(k.ops.convert_to_tensor, None), outcome(k.ops.add, X, None),
        outcome(model.evaluate, X, verbose=0), outcome(model.fit, X, verbose=0),
        outcome(k.losses.MeanSquaredError(), X, None),
    ]  # fmt: skip


@scenario
def own_losses_and_metrics(k):
    "compute_loss with old and new parameters, compute_metrics, get_metrics_result"

    class Old(k.Sequential):
        def compute_loss(self, x, y, y_pred, sample_weight):
            return 2 * super().compute_loss(x, y, y_pred, sample_weight)

    class Any(k.Sequential):
        def compute_loss(self, *args, **kwargs):
            self.said = [len(args), sorted(kwargs)]
            return super().compute_loss(*args, **kwargs)

    class More(k.Sequential):
        def get_metrics_result(self):
            return super().get_metrics_result() | {"extra": 7.0}

    found = []
    for kind in (Old, Any, More):
        model = kind([k.Input((3,)), k.layers.Dense(2)])
        model.compile("sgd", "mse", metrics=["mae"], run_eagerly=True)
        logs = fit(filled(model), X, Y, validation_data=(X, Y))
        found.append([logs, floats(model.evaluate(X, Y, verbose=0))])
        found.append(getattr(model, "said", None))
    return found


@scenario
def inputs_by_outputs(k):
    "Lists, tuples and dicts of inputs, beside one output and a dict of two"
    a, b = k.Input((3,), name="a"), k.Input((2,), name="b")
    o = k.layers.Dense(2, name="o")(k.layers.Concatenate()([a, b]))
    q = k.layers.Dense(1, name="q")(a)
    outputs = [(o, Y), ({"u": o, "v": q}, {"u": Y, "v": ONE})]
    data = [[X, Y], (X, Y), {"a": X, "b": Y}, {"a": X}, X]
    found = []
    for inputs in ([a, b], (a, b), {"a": a, "b": b}):
        for output, y in outputs:
            model = k.Model(inputs, output)
            model.compile("sgd", "mse", run_eagerly=True)
            filled(model)
            logs = [outcome(fit, model, x, y, sample_weight=WEIGHTS) for x in data]
            found.append([logs, model.metrics_names])
    return found


@scenario
def arrays_in_configs(k):
    "Operations with arrays among their settings, in a model that is written and read"
    x = k.Input((6,))
    segments = k.ops.segment_sum(x, np.array([0, 0, 1, 1]), num_segments=2)
    places = k.ops.searchsorted(np.array([-1.0, 0.5, 1.8], "float32"), x[0])
    model = k.Model(x, [segments, places, k.ops.sum(x), k.random.dropout(x, 0.0)])
    again = k.models.model_from_json(model.to_json())
    whole = [np.shape(out) for out in model.predict(wave(4, 6), verbose=0)]
    return [again(wave(4, 6)), whole]


@scenario
def coins(k):
    "Counts of heads as floats and as whole numbers"
    draw = k.random.binomial
    kinds = ["float32", "int32", "int64", "float16"]
    found = [draw((3,), 5.0, 1.0, dtype=dtype, seed=1) for dtype in kinds]
    return [*found, outcome(draw, (3,), 5.0, 0.5, dtype="bool")]
