"""Around the step: hooks and their logs, histories, forms of results, limits, errors."""

import inspect
import warnings

import numpy as np

from tests.golden.cases import Table
from tests.golden.cases.training import floats
from tests.golden.player import outcome, wave

FOUND = []
X, Y = wave(20, 3), wave(20, 2, phase=1.0)


def scenario(function):
    FOUND.append(function.__name__)
    return function


def cases():
    table = Table()
    for name in FOUND:
        table.scenario("fitting", name)
    return list(table)


def model_of(k, **words):
    model = k.Sequential([k.Input((3,)), k.layers.Dense(2, name="d")])
    model.set_weights([wave(3, 2, phase=2.0), wave(2, phase=3.0)])
    model.compile(**({"optimizer": "sgd", "loss": "mse"} | words))
    return model


def quiet(call, *args, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return call(*args, **kwargs)


def fit(model, *args, **options):
    options = {"verbose": 0, "shuffle": False, "batch_size": 8} | options
    history = quiet(model.fit, *args, **options)
    return floats(history.history) | {"epoch": list(history.epoch)}


def spy_of(k, seen, stop=None):
    class Spy(k.callbacks.Callback):
        pass

    def hook(name):
        def method(self, *args, **kwargs):
            numbers = [arg for arg in args if isinstance(arg, int)]
            logs = [arg for arg in (*args, kwargs.get("logs")) if isinstance(arg, dict)]
            seen.append([name, numbers, sorted(logs[0]) if logs else []])
            if stop is not None and [name, *numbers] == stop[:-1]:
                setattr(self.model, stop[-1], True)

        return method

    runs = ("train", "test", "predict")
    names = [f"on_{run}_{edge}" for run in runs for edge in ("begin", "end")]
    names += [f"on_{run}_batch_{edge}" for run in runs for edge in ("begin", "end")]
    for name in [*names, "on_epoch_begin", "on_epoch_end"]:
        setattr(Spy, name, hook(name))
    return Spy()


@scenario
def signatures(k):
    "Names, order and defaults of the parameters"
    names = """compile fit evaluate predict train_on_batch test_on_batch
    predict_on_batch train_step test_step predict_step compute_loss compute_metrics
    make_train_function make_test_function make_predict_function reset_metrics
    get_metrics_result get_compile_config compile_from_config
    stateless_compute_loss""".split()
    found = {name: inspect.signature(getattr(k.Model, name)) for name in names}
    for name in ("PyDataset", "unpack_x_y_sample_weight", "pack_x_y_sample_weight"):
        found[name] = inspect.signature(getattr(k.utils, name))
    return {name: str(signature) for name, signature in found.items()}


@scenario
def hooks_by_groups(k):
    "steps_per_execution calls the batch hooks in groups, in all three loops"
    seen = []
    model = model_of(k, steps_per_execution=2, metrics=["mae"])
    history = fit(model, X, Y, callbacks=[spy_of(k, seen)], validation_data=(X, Y))
    options = {"verbose": 0, "batch_size": 8, "callbacks": [spy_of(k, seen)]}
    listed = floats(quiet(model.evaluate, X, Y, **options))
    out = quiet(model.predict, X, **options)
    return [seen, history, listed, out]


@scenario
def more_steps_at_once_than_an_epoch_has(k):
    "steps_per_execution of 20 and 40: 25 batches, the last of them short"
    x, y, found = wave(99, 3), wave(99, 2, phase=1.0), []
    for together in (20, 40):
        seen = []
        model = model_of(k, steps_per_execution=together, metrics=["mae"])
        options = {"batch_size": 4, "callbacks": [spy_of(k, seen)]}
        history = fit(model, x, y, epochs=2, validation_data=(x, y), **options)
        out = quiet(model.predict, x, verbose=0, **options)
        count = int(k.ops.convert_to_numpy(model.optimizer.iterations))
        short = fit(model, x, y, steps_per_epoch=23, **options)
        found.append(
            [seen, history, count, floats(np.asarray(out)[::10].tolist()), short]
        )
    return found


@scenario
def stopped(k):
    "stop_training, stop_evaluating, stop_predicting set in the middle"
    found = []
    for stop in (
        ["on_train_batch_end", 1, "stop_training"],
        ["on_epoch_end", 0, "stop_training"],
    ):
        seen = []
        history = fit(
            model_of(k), X, Y, epochs=3, callbacks=[spy_of(k, seen, stop)],
            validation_data=(X, Y),
        )  # fmt: skip
        found.append([seen, history])
    for method, stop in (
        ("evaluate", ["on_test_batch_end", 1, "stop_evaluating"]),
        ("predict", ["on_predict_batch_end", 0, "stop_predicting"]),
    ):
        seen, model = [], model_of(k)
        args = (X, Y) if method == "evaluate" else (X,)
        options = {"callbacks": [spy_of(k, seen, stop)], "verbose": 0, "batch_size": 8}
        out = quiet(getattr(model, method), *args, **options)
        found.append([seen, np.shape(out)])
    return found


@scenario
def validation_in_every_form(k):
    "Frequency as number and list; steps; a generator; weights; split"
    data = {"validation_data": (X, Y)}

    def endless():
        while True:
            yield X[:8], Y[:8]

    return [
        fit(model_of(k), X, Y, epochs=4, validation_freq=2, **data),
        fit(model_of(k), X, Y, epochs=4, validation_freq=[1, 4], **data),
        fit(model_of(k), X, Y, validation_steps=1, **data),
        fit(model_of(k), X, Y, validation_batch_size=20, **data),
        fit(model_of(k), X, Y, validation_data=(X, Y, np.arange(20.0))),
        fit(model_of(k), X, Y, validation_data=[X, Y]),
        fit(model_of(k), X, Y, validation_split=0.3),
        fit(model_of(k), X, Y, validation_data=endless(), validation_steps=2),
        outcome(fit, model_of(k), X, Y, validation_freq="x", **data),
        outcome(fit, model_of(k), X, Y, validation_data=(X, Y, X, Y)),
    ]


@scenario
def epochs(k):
    "initial_epoch, none at all, steps over epochs"
    return [
        fit(model_of(k), X, Y, epochs=3, initial_epoch=2),
        fit(model_of(k), X, Y, epochs=2, initial_epoch=2),
        fit(model_of(k), X, Y, epochs=0),
        fit(model_of(k), X, Y, epochs=3, steps_per_epoch=2),
        fit(model_of(k), X, Y, epochs=2, steps_per_epoch=3),
    ]


@scenario
def limits(k):
    "config.set_max_epochs and set_max_steps_per_epoch"
    k.config.set_max_epochs(1)
    k.config.set_max_steps_per_epoch(2)
    try:
        model = model_of(k)
        history = fit(model, X, Y, epochs=3)
        out = quiet(model.predict, X, batch_size=8, verbose=0)
        loss = floats(quiet(model.evaluate, X, Y, batch_size=8, verbose=0))
    finally:
        k.config.set_max_epochs(None)
        k.config.set_max_steps_per_epoch(None)
    return [history, list(out.shape), loss]


@scenario
def logs_of_own_steps(k):
    "Names like the metrics', others, none, and what is no dict"

    def run(logs):
        class Own(k.Sequential):
            def train_step(self, data):
                super().train_step(data)
                return logs

        model = Own([k.Input((3,)), k.layers.Dense(2)])
        model.set_weights([wave(3, 2, phase=2.0), wave(2, phase=3.0)])
        model.compile("sgd", "mse")
        return outcome(fit, model, X, Y)

    return [run({"loss": 9.0}), run({"loss": 9.0, "more": 1.0}), run({"more": 1.0}),
           ]  # fmt: skip


@scenario
def own_metrics(k):
    "Metrics in attributes, of the model and of a layer; a metrics property"

    class Tell(k.layers.Layer):
        def __init__(self):
            super().__init__()
            self.mean = k.metrics.Mean(name="inner")

        def call(self, x):
            self.mean.update_state(k.ops.abs(x))
            return x

    class Own(k.Model):
        def __init__(self):
            super().__init__()
            self.tell, self.out = Tell(), k.layers.Dense(2)
            self.rows = k.metrics.Sum(name="rows")

        def call(self, x):
            return self.out(self.tell(x))

        def compute_metrics(self, x, y, y_pred, sample_weight=None):
            self.rows.update_state(k.ops.ones_like(y_pred[:, 0]))
            return super().compute_metrics(x, y, y_pred, sample_weight)

    model = Own()
    model(X[:2])
    model.set_weights([wave(3, 2, phase=2.0), wave(2, phase=3.0)])
    model.compile("sgd", "mse", metrics=["mae"])
    history = fit(model, X, Y, epochs=2)
    listed = floats(quiet(model.evaluate, X, Y, verbose=0))
    return [history, listed, model.metrics_names, [m.name for m in model.metrics]]


@scenario
def forms_of_results(k):
    "Numbers, lists and dicts of the on_batch methods; predictions of nests"
    x = k.Input((3,))
    outputs = {"a": k.layers.Dense(2)(x), "b": [k.layers.Dense(1)(x), x + 1.0]}
    nest = k.Model(x, outputs)
    out = quiet(nest.predict, X, verbose=0, batch_size=8)
    one = quiet(nest.predict_on_batch, X[:4])
    plain, scored = model_of(k), model_of(k, metrics=["mae"])
    return [
        [sorted(out), list(out["a"].shape), list(out["b"][0].shape), out["b"][1]],
        [type(one["a"]).__name__, list(one["a"].shape)],
        [
            isinstance(plain.train_on_batch(X, Y), float),
            floats(plain.test_on_batch(X, Y)),
        ],
        [floats(scored.train_on_batch(X, Y)), floats(scored.test_on_batch(X, Y))],
        floats(scored.train_on_batch(X, Y, return_dict=True)),
        floats(scored.train_on_batch(X, Y, sample_weight=np.arange(20.0))),
        outcome(plain.train_on_batch, X, Y, np.ones(20), {0: 1.0}),
        outcome(lambda: plain.evaluate(X, Y, no_such_argument=1)),
    ]


@scenario
def not_a_number(k):
    "A loss that is nan goes on"
    bad = Y.copy()
    bad[3] = np.nan
    model = model_of(k)
    history = fit(model, X, bad, epochs=2)
    return [
        history["epoch"],
        str(history["loss"][-1]),
        bool(np.isnan(model.get_weights()[0]).all()),
    ]


@scenario
def compile_config(k):
    "What compile was told, written down and read again"
    words = {"loss": k.losses.MeanSquaredError(), "loss_weights": [2.0],
             "weighted_metrics": {"d": ["mae"]}, "steps_per_execution": 2}  # fmt: skip
    model = model_of(k, optimizer=k.optimizers.SGD(0.1, name="s"), **words)
    config = model.get_compile_config()
    fresh = k.Sequential([k.Input((3,)), k.layers.Dense(2, name="d")])
    before = fresh.get_compile_config()
    fresh.compile_from_config(config)
    return [before, config, fresh.get_compile_config() == config, fresh.optimizer.built]


@scenario
def refusals(k):
    "Not compiled, no loss, unbuilt words"
    fresh = k.Sequential([k.Input((3,)), k.layers.Dense(2)])
    silent = k.Sequential([k.Input((3,)), k.layers.Dense(2)])
    silent.compile("sgd")
    return [
        outcome(fresh.fit, X, Y), outcome(fresh.evaluate, X, Y),
        outcome(fresh.train_on_batch, X, Y), outcome(fresh.test_on_batch, X, Y),
        outcome(silent.fit, X, Y, verbose=0), outcome(silent.evaluate, X, Y, verbose=0),
        outcome(fresh.compile, "no such optimizer"),
        outcome(model_of, k, optimizer=7), outcome(fresh.compile, loss=None, metrics="mae"),
        np.shape(fresh.predict(X, verbose=0)),
    ]  # fmt: skip


@scenario
def exceptions_pass_unchanged(k):
    "Of callbacks, layers, metrics and generators: the same class reaches the user"

    class Bad(k.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            raise KeyError("mine")

    class Layer(k.layers.Layer):
        def call(self, x):
            raise ZeroDivisionError("mine")

    broken = k.Sequential([Layer(), k.layers.Dense(2)])
    broken.compile("sgd", "mse", run_eagerly=True)
    return [
        outcome(fit, model_of(k), X, Y, callbacks=[Bad()]),
        outcome(fit, broken, X, Y),
    ]


@scenario
def trainer_beside_a_layer(k):
    "The class Trainer mixed with another layer; a float16 policy scales the loss"
    model = k.Sequential([k.Input((3,)), k.layers.Dense(2)], name="half")
    model.dtype_policy = k.DTypePolicy("mixed_float16")
    model.compile("sgd", "mse")
    first = type(model.optimizer).__name__
    model.compile("sgd", "mse", auto_scale_loss=False)
    return [first, type(model.optimizer).__name__]
