"""Callbacks that act: curves on which they stop, lower, swap, speak or fail."""

import contextlib
import io
import warnings

import numpy as np

from tests.golden.cases import Table
from tests.golden.cases.training import floats
from tests.golden.player import outcome, wave

X, Y = wave(16, 3), wave(16, 2, phase=1.0)
FALLING = [2.0, 1.5, 1.2, 1.1, 1.05, 1.04, 1.2, 1.3, 1.1, 1.0]
FLAT = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.9, 1.0, 1.0, 1.0]
RISING = [0.1, 0.3, 0.2, 0.5, 0.5, 0.6, 0.55, 0.7, 0.69, 0.68]
LATE_NAN = [1.0, 0.5, float("nan"), 0.4, float("nan"), float("nan"), 0.3, 0.2, 0.3, 0.4]
ALL_NAN = [float("nan")] * 5
CURVES = {
    "falling": FALLING, "flat": FLAT, "rising": RISING, "late_nan": LATE_NAN,
    "all_nan": ALL_NAN,
}  # fmt: skip


def cases():
    table = Table()
    for options in STOPPERS:
        for curve in CURVES:
            table.scenario("callbacks", "early_stopping", curve=curve, options=options)
    for options in REDUCERS:
        for curve in CURVES:
            table.scenario("callbacks", "plateau", curve=curve, options=options)
    for name in MONITORED:
        for monitor in ("loss", "val_loss", "accuracy", "val_mae", "custom", "nothing"):
            table.scenario("callbacks", "direction", name=name, monitor=monitor)
    for schedule in SCHEDULES:
        for verbose in (0, 1):
            table.scenario("callbacks", "scheduler", name=schedule, verbose=verbose)
    for value in (1.0, "nan", "inf", "-inf", None):
        for raise_error in (False, True):
            table.scenario("callbacks", "not_a_number", value=value, strict=raise_error)
    for function in FUNCTIONS:
        table.scenario("callbacks", function.__name__)
    return list(table)


def model_of(k, **words):
    model = k.Sequential([k.Input((3,)), k.layers.Dense(2, name="d")])
    model.set_weights([wave(3, 2, phase=2.0), wave(2, phase=3.0)])
    optimizer = k.optimizers.SGD(0.125)
    model.compile(**({"optimizer": optimizer, "loss": "mse"} | words))
    return model


def told(call, *args, **kwargs):
    "What a call returns, prints and warns of; an error's class stands for the result."
    spoken = io.StringIO()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with contextlib.redirect_stdout(spoken):
            found = outcome(call, *args, **kwargs)
    ours = [w for w in caught if w.category is UserWarning]
    return {"out": found, "said": spoken.getvalue(), "warned": len(ours)}


def along(model, callback, curve, monitor):
    "Tell a callback of a curve, epoch by epoch, as fit would; what it makes of it."
    callback.set_params({"epochs": len(curve), "steps": 1, "verbose": 0})
    callback.set_model(model)
    callback.on_train_begin()
    seen = []
    for epoch, value in enumerate(curve):
        callback.on_epoch_begin(epoch)
        model.layers[0].bias.assign([epoch, -epoch])
        logs = {monitor: value, "other": 1.0}
        callback.on_epoch_end(epoch, logs)
        rate = float(model.optimizer.learning_rate)
        state = [getattr(callback, n, None) for n in ("wait", "best", "min_delta")]
        seen.append([epoch, rate, *state, sorted(logs)])
        if model.stop_training:
            break
    callback.on_train_end()
    names = ("stopped_epoch", "best_epoch", "cooldown_counter")
    ends = {name: getattr(callback, name, None) for name in names}
    return {"seen": seen, "bias": model.layers[0].bias.numpy(), **ends}


STOPPERS = [
    {}, {"patience": 1}, {"patience": 2, "verbose": 1}, {"patience": 3, "min_delta": 0.1},
    {"patience": 2, "min_delta": -0.2}, {"mode": "max", "patience": 2},
    {"mode": "min", "patience": 2, "restore_best_weights": True, "verbose": 1},
    {"patience": 2, "baseline": 1.1}, {"patience": 3, "baseline": 0.05, "verbose": 1},
    {"patience": 1, "start_from_epoch": 4, "restore_best_weights": True},
    {"patience": 2, "start_from_epoch": 30, "restore_best_weights": True},
    {"monitor": "missing", "patience": 1}, {"mode": "sideways", "patience": 1},
    {"mode": "max", "monitor": "gain", "patience": 1, "restore_best_weights": True},
    {"monitor": "gain"},
]  # fmt: skip
REDUCERS = [
    {}, {"patience": 1}, {"patience": 2, "factor": 0.5, "verbose": 1},
    {"patience": 1, "factor": 0.5, "cooldown": 2}, {"patience": 1, "min_lr": 0.01},
    {"patience": 1, "factor": 0.25, "min_delta": 0.15, "verbose": 1},
    {"patience": 0, "factor": 0.5}, {"mode": "max", "patience": 1, "factor": 0.5},
    {"patience": 1, "min_lr": 0.5, "verbose": 1}, {"factor": 1.0}, {"factor": 2},
    {"monitor": "missing"}, {"patience": 1, "factor": 0.5, "anything": 3},
    {"mode": "up", "patience": 1}, {"monitor": "gain"},
]  # fmt: skip


def monitored(k, kind, curve, options):
    model = model_of(k)
    monitor = options.get("monitor", "val_loss")
    shown = "val_loss" if monitor == "missing" else monitor
    return told(
        lambda: along(
            model, getattr(k.callbacks, kind)(**options), CURVES[curve], shown
        )
    )


def early_stopping(k, curve, options):
    "EarlyStopping on a curve"
    return monitored(k, "EarlyStopping", curve, options)


def plateau(k, curve, options):
    "ReduceLROnPlateau on a curve"
    return monitored(k, "ReduceLROnPlateau", curve, options)


MONITORED = ["EarlyStopping", "ReduceLROnPlateau"]


def direction(k, name, monitor):
    "mode='auto': which way is better, by the metrics of the model"

    class Custom(k.metrics.Mean):
        _direction = "up"

        def update_state(self, y, y_pred, sample_weight=None):
            return super().update_state(y_pred)

    mae = k.metrics.MeanAbsoluteError(name="mae")
    metrics = ["accuracy", mae, Custom(name="custom")]
    model = model_of(k, metrics=metrics)
    model.fit(X, Y, verbose=0, validation_data=(X, Y))
    callback = getattr(k.callbacks, name)(monitor, min_delta=0.25)
    callback.set_model(model)
    callback.on_train_begin()

    def first():
        callback.on_epoch_end(0, {monitor: 1.0})
        pairs = [(2.0, 1.0), (1.0, 2.0), (1.2, 1.0), (1.0, 1.0)]
        better = [bool(callback._is_improvement(*pair)) for pair in pairs]
        return [better, callback.min_delta]

    return told(first)


SCHEDULES = {
    "two": lambda epoch, rate: rate * 0.5 if epoch else rate,
    "one": lambda epoch: 1.0 / (epoch + 1),
    "numpy": lambda epoch, rate: np.float32(0.25),
    "double": lambda epoch: np.float64(0.25),
    "integer": lambda epoch: 1,
    "text": lambda epoch: "fast",
    "nothing": lambda epoch: None,
    "default": lambda epoch, rate=3.0: rate / 2,
    "three": lambda epoch, rate, more: 1.0,
}


def scheduler(k, name, verbose):
    "LearningRateScheduler over three epochs of fit"
    model = model_of(k)
    callback = k.callbacks.LearningRateScheduler(SCHEDULES[name], verbose=verbose)

    def run():
        history = model.fit(X, Y, epochs=3, verbose=0, callbacks=[callback])
        return floats(history.history)

    return told(run) | {"rate": float(model.optimizer.learning_rate)}


def not_a_number(k, value, strict):
    "TerminateOnNaN, told of one loss"
    callback = k.callbacks.TerminateOnNaN(raise_error=strict)
    model = model_of(k)
    callback.set_model(model)
    logs = {} if value is None else {"loss": float(value)}
    found = told(callback.on_batch_end, 3, logs)
    return found | {"stop": model.stop_training}


FUNCTIONS = []


def listed(function):
    FUNCTIONS.append(function)
    return function


@listed
def nan_in_fit(k):
    "A nan target in the second of four batches"
    y = Y.copy()
    y[5] = np.nan
    heard = []
    end = k.callbacks.LambdaCallback(on_train_end=lambda logs: heard.append("end"))
    found = []
    for strict in (False, True):
        model = model_of(k)
        watch = [k.callbacks.TerminateOnNaN(strict), end]
        options = {"batch_size": 4, "epochs": 3, "shuffle": False, "verbose": 0}
        run = told(
            lambda m=model, w=watch, o=options: sorted(
                m.fit(X, y, callbacks=w, **o).history
            )
        )
        found.append([run, list(heard), model.stop_training])
    return found


@listed
def lambda_hooks(k):
    "Which hooks are called, and with what"
    heard = []
    names = """on_epoch_begin on_epoch_end on_train_begin on_train_end
    on_train_batch_begin on_train_batch_end on_test_begin on_test_end
    on_test_batch_begin on_test_batch_end on_predict_begin on_predict_end
    on_predict_batch_begin on_predict_batch_end on_batch_begin on_batch_end""".split()

    def hook(name):
        def note(*args, **kwargs):
            heard.append([name, len(args), sorted(kwargs)])

        return note

    callback = k.callbacks.LambdaCallback(**{n: hook(n) for n in names})
    model = model_of(k)
    options = {"verbose": 0, "callbacks": [callback]}
    model.fit(X, Y, batch_size=8, validation_data=(X, Y), **options)
    model.evaluate(X, Y, batch_size=8, **options)
    model.predict(X, batch_size=8, **options)
    return heard


@listed
def lambda_attributes(k):
    "Unknown words become attributes; None hooks are not set"
    callback = k.callbacks.LambdaCallback(colour="red", on_test_end=None)
    return [callback.colour, callback.on_test_end]


def averaging(k, **words):
    optimizer = k.optimizers.SGD(0.125, use_ema=True, ema_momentum=0.5)
    return model_of(k, optimizer=optimizer, **words)


@listed
def swap_around_test(k):
    "The averages are in the model during evaluate and predict only"
    seen = []

    def note(place):
        return lambda *args, **kwargs: seen.append([place, kernel(model)])

    model = averaging(k)
    spy = k.callbacks.LambdaCallback(
        on_epoch_begin=note("epoch"), on_epoch_end=note("end"),
        on_test_begin=note("test"), on_test_end=note("tested"),
        on_train_end=note("done"),
    )  # fmt: skip
    swap = k.callbacks.SwapEMAWeights()
    options = {"batch_size": 8, "shuffle": False, "verbose": 0}
    model.fit(X, Y, epochs=2, validation_data=(X, Y), callbacks=[swap, spy], **options)
    return [seen, kernel(model)]


def kernel(model):
    return np.round(model.layers[0].kernel.numpy(), 5)


@listed
def swap_on_epoch(k):
    "swap_on_epoch: in place at the ends of epochs, for good at the end"
    found = []
    for validation in (None, (X, Y)):
        seen, model = [], averaging(k)
        note = lambda place: (
            lambda *a, m=model, s=seen, **b: s.append([place, kernel(m)])
        )
        spy = k.callbacks.LambdaCallback(
            on_epoch_begin=note("epoch"), on_epoch_end=note("end"),
            on_test_begin=note("test"), on_train_end=note("done"),
        )  # fmt: skip
        swap = k.callbacks.SwapEMAWeights(swap_on_epoch=True)
        options = {"batch_size": 8, "shuffle": False, "verbose": 0, "epochs": 3}
        model.fit(X, Y, validation_data=validation, callbacks=[swap, spy], **options)
        averages = model.optimizer._model_variables_moving_average
        found.append([seen, kernel(model), np.round(averages[0].numpy(), 5)])
    return found


@listed
def swap_predict(k):
    "predict with the callback: which weights compute, which remain"
    model = averaging(k)
    model.fit(X, Y, batch_size=8, epochs=2, shuffle=False, verbose=0)
    before = kernel(model)
    swap = k.callbacks.SwapEMAWeights()
    out = model.predict(X[:2], verbose=0, callbacks=[swap])
    return [before, np.round(out, 4), kernel(model)]


@listed
def swap_without_averages(k):
    "An optimizer without use_ema"
    model = model_of(k)
    swap = k.callbacks.SwapEMAWeights()
    run = lambda: model.fit(X, Y, verbose=0, validation_data=(X, Y), callbacks=[swap])
    return [told(run), told(model.evaluate, X, Y, verbose=0, callbacks=[swap])]


@listed
def stopping_in_fit(k):
    "EarlyStopping in fit: epochs run, weights at the end"
    found = []
    for options in ({"patience": 1}, {"patience": 2, "restore_best_weights": True}):
        model = model_of(k, optimizer=k.optimizers.SGD(1.0))
        stop = k.callbacks.EarlyStopping(monitor="loss", verbose=1, **options)
        run = told(
            lambda m=model, s=stop: floats(
                m.fit(
                    X, Y, epochs=8, batch_size=16, verbose=0, shuffle=False,
                    callbacks=[s],
                ).history
            )
        )  # fmt: skip
        found.append([run, kernel(model), stop.stopped_epoch, stop.best_epoch])
    return found


@listed
def rates_in_history(k):
    "The learning rate in the history, by either callback, and by both"
    halve = k.callbacks.LearningRateScheduler(lambda e, r: r / 2)
    lower = k.callbacks.ReduceLROnPlateau("loss", patience=1, factor=0.5, min_delta=9.0)
    found = []
    for callbacks in ([halve], [lower], [halve, lower], [lower, halve]):
        model = model_of(k)
        history = model.fit(X, Y, epochs=4, verbose=0, callbacks=callbacks)
        found.append([sorted(history.history), history.history["learning_rate"]])
    return found


@listed
def rate_of_a_schedule(k):
    "Both callbacks on an optimizer whose rate is a schedule"
    rate = k.optimizers.schedules.ExponentialDecay(0.5, 1, 0.5)
    found = []
    for callback in (
        k.callbacks.LearningRateScheduler(lambda e, r: r / 2),
        k.callbacks.ReduceLROnPlateau("loss", patience=1, min_delta=9.0),
    ):
        model = model_of(k, optimizer=k.optimizers.SGD(rate))
        run = lambda m=model, c=callback: m.fit(
            X, Y, epochs=3, verbose=0, callbacks=[c]
        )
        found.append(told(lambda r=run: sorted(r().history)))
    return found


@listed
def list_errors(k):
    "on_xxx_end without on_xxx_begin"
    found = []
    for run in ("train", "test", "predict"):
        callbacks = k.callbacks.CallbackList(
            [k.callbacks.Callback()], model=model_of(k)
        )
        found.append(outcome(getattr(callbacks, f"on_{run}_end")))
    both = k.callbacks.CallbackList([], model=model_of(k))
    both.on_train_begin()
    both.on_test_begin()
    both.on_test_end()
    found += [outcome(both.on_train_end), outcome(both.on_train_end)]
    return found


@listed
def list_members(k):
    "Who is in the list, in which order"
    c = k.callbacks

    def kinds(*args, **kwargs):
        found = c.CallbackList(*args, **kwargs)
        return [type(one).__name__ for one in found.callbacks]

    history, bar, own = c.History(), c.ProgbarLogger(), c.Callback()
    added = c.CallbackList([own])
    model = model_of(k)
    return [
        kinds(), kinds(None), kinds([]), kinds(own), kinds([own, [own, history]]),
        kinds([own], add_history=True), kinds([own], add_progbar=True, add_history=True),
        kinds([bar, history, own], add_progbar=True, add_history=True),
        kinds((own, own)), kinds({"b": own, "a": history}), added.params,
        c.CallbackList([own], model=model, epochs=3, steps=2, verbose=0).params,
        own.params, own.model is model,
    ]  # fmt: skip


@listed
def list_model_history(k):
    "model.history is set with the model"
    model = model_of(k)
    history = k.callbacks.History()
    k.callbacks.CallbackList([history], model=model)
    return [model.history is history]


@listed
def list_passes_on(k):
    "Each hook, as often as it is heard, with its arguments; on_batch_* too"
    heard = []

    def hook(name):
        def note(self, *args, **kwargs):
            heard.append([name, list(args), kwargs])

        return note

    names = [n for n in dir(k.callbacks.Callback) if n.startswith("on_")]
    Spy = type("Spy", (k.callbacks.Callback,), {n: hook(n) for n in names})
    listeners = k.callbacks.CallbackList([Spy()], model=model_of(k))
    logs = {"b": k.ops.ones(()), "a": 2, "c": np.float32(0.5)}
    for run in ("train", "test", "predict"):
        getattr(listeners, f"on_{run}_begin")(logs)
        if run == "train":
            listeners.on_epoch_begin(0, logs)
            listeners.on_batch_begin(5, logs)
            listeners.on_batch_end(5, logs)
        getattr(listeners, f"on_{run}_batch_begin")(1, logs)
        getattr(listeners, f"on_{run}_batch_end")(1, logs)
        if run == "train":
            listeners.on_epoch_end(0, logs)
        getattr(listeners, f"on_{run}_end")(logs)
    return [
        [name, [a for a in args if isinstance(a, int)], keywords_of(kwargs)]
        + [logs_of(args, kwargs)]
        for name, args, kwargs in heard
    ]


def keywords_of(kwargs):
    return sorted(kwargs)


def logs_of(args, kwargs):
    found = [a for a in (*args, kwargs.get("logs")) if isinstance(a, dict)]
    return [[name, float(value)] for name, value in found[0].items()] if found else None


@listed
def old_batch_hooks(k):
    "on_batch_* of a subclass are heard in training, not in evaluate"
    heard = []

    class Old(k.callbacks.Callback):
        def on_batch_begin(self, batch, logs=None):
            heard.append(["begin", batch])

        def on_batch_end(self, batch, logs=None):
            heard.append(["end", batch, sorted(logs)])

    model = model_of(k)
    model.fit(X, Y, batch_size=8, verbose=0, callbacks=[Old()], validation_data=(X, Y))
    model.evaluate(X, Y, verbose=0, callbacks=[Old()])
    return heard


@listed
def not_callbacks(k):
    "What is no callback, in a list and in fit"
    model = model_of(k)
    found = []
    for wrong in (3, "text", k.callbacks.History, object()):
        make = lambda w=wrong: k.callbacks.CallbackList([w], model=model) and None
        found.append(isinstance(outcome(make), Exception))
        run = lambda w=wrong: model.fit(X, Y, verbose=0, callbacks=[w]) and None
        found.append(isinstance(outcome(run), Exception))
    return found


@listed
def list_in_fit(k):
    "A CallbackList, given ready to fit, evaluate and predict"
    heard = []
    note = k.callbacks.LambdaCallback(on_epoch_end=lambda e, logs: heard.append(e))
    model = model_of(k)
    words = {"model": model, "epochs": 7, "steps": 2, "verbose": 0}
    ready = k.callbacks.CallbackList([note], add_history=True, **words)
    history = model.fit(X, Y, epochs=2, verbose=0, callbacks=ready)
    return [heard, list(history.epoch), ready.params["epochs"]]


@listed
def epochs_of_history(k):
    "A History used for two runs; a fit that goes on"
    model = model_of(k)
    own = k.callbacks.History()
    first = model.fit(X, Y, epochs=2, verbose=0, callbacks=[own])
    found = [first is own, list(own.epoch), len(own.history["loss"])]
    model.fit(X, Y, epochs=4, initial_epoch=2, verbose=0, callbacks=[own])
    found += [list(own.epoch), len(own.history["loss"]), model.history is own]
    return found + [own.params]


@listed
def flag_of_stop(k):
    "stop_training set from each hook"
    found = []
    for hook in ("on_train_begin", "on_epoch_begin", "on_train_batch_begin",
                 "on_train_batch_end", "on_epoch_end"):  # fmt: skip
        model = model_of(k)

        def stop(*args, m=model, **kwargs):
            m.stop_training = True

        callback = k.callbacks.LambdaCallback(**{hook: stop})
        options = {"batch_size": 4, "verbose": 0, "callbacks": [callback]}
        history = model.fit(X, Y, epochs=3, **options)
        steps = int(model.optimizer.iterations)
        found.append([hook, len(history.epoch), steps, model.stop_training])
    return found
