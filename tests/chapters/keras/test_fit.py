"""The step, the transaction around it, epochs, evaluation, steps of one's own."""

import itertools
import warnings

import numpy as np
import pytest

from minikeras import (
    Input,
    Model,
    Sequential,
    callbacks,
    layers,
    losses,
    metrics,
    ops,
    optimizers,
    utils,
)
from minikeras.core.door import here
from minikeras.models.epochs import EpochBatches
from minikeras.models.feeds import Feed

CROSSENTROPY = losses.SparseCategoricalCrossentropy(from_logits=True)


class Tally(layers.Layer):
    "Counts the batches it was trained on."

    def build(self, input_shape):
        self.seen = self.add_weight(
            shape=(), initializer="zeros", trainable=False, name="seen"
        )

    def call(self, x, training=False):
        if training:
            self.seen.assign(self.seen + 1.0)
        return x


def data(n=40):
    random = np.random.RandomState(0)
    x = random.standard_normal((n, 5)).astype("float32")
    return x, random.randint(0, 3, n)


def network(**options):
    utils.set_random_seed(1)
    model = Sequential([Input((5,)), Tally(), layers.Dense(3)])
    model.compile("adam", CROSSENTROPY, **options)
    return model


def state(model):
    variables = [*model.variables, *model.optimizer.variables]
    return [np.asarray(v).copy() for v in variables]


def same(a, b):
    return len(a) == len(b) and all(map(np.array_equal, a, b))


def test_a_bad_label_leaves_no_trace_of_its_step():
    x, y = data()
    y[25] = 7
    model = network()
    with pytest.raises(IndexError) as caught:
        model.fit(x, y, batch_size=10, shuffle=False, verbose=0)
    assert "epoch 1, step 3" in caught.value.__notes__[-1]
    assert int(model.layers[0].seen) == int(model.optimizer.iterations) == 2
    assert not here.level.watchers


def test_a_failure_after_the_update_of_step_one_restores_the_slots():
    "The optimizer's slots exist before the first step, so they are put back too."

    class Bad(metrics.Mean):
        fails = True

        def update_state(self, *args, **kwargs):
            if self.fails:
                raise OSError("metric")

    bad = Bad()
    model = network(metrics=[bad])
    start = [np.asarray(v) for v in model.variables]
    with pytest.raises(OSError, match="metric"):
        model.fit(*data(), verbose=0)
    assert same(start, [np.asarray(v) for v in model.variables])
    assert int(model.optimizer.iterations) == 0
    assert all(
        not np.any(np.asarray(v))
        for v in model.optimizer.variables
        if np.asarray(v).ndim
    )


def test_keyboard_interrupt_inside_a_step():
    x, y = data()
    model = network()
    model.fit(x, y, verbose=0)
    before = state(model)

    def interrupted(batches):
        for batch in batches:
            type(model).train_step(model, batch)
        raise KeyboardInterrupt

    vars(model)["train_function"] = interrupted
    with pytest.raises(KeyboardInterrupt):
        model.fit(x, y, verbose=0)
    assert same(before, state(model))


def test_own_train_step_and_its_metric():
    class Own(Sequential):
        def __init__(self, *args):
            super().__init__(*args)
            self.count = metrics.Sum(name="rows")

        def train_step(self, batch):
            logs = super().train_step(batch)
            self.count.update_state(float(batch[0].shape[0]))
            return logs | {"rows": self.count.result()}

    model = Own([Input((5,)), layers.Dense(3)])
    model.compile("sgd", CROSSENTROPY)
    history = model.fit(*data(), epochs=3, verbose=0).history
    assert history["rows"] == [40.0, 40.0, 40.0] and sorted(history) == ["loss", "rows"]


@pytest.mark.parametrize("freq, epochs", [(1, 4), (2, 2), (3, 1), ([1, 4], 2)])
def test_validation_frequency(freq, epochs):
    model = network()
    history = model.fit(
        *data(), epochs=4, validation_data=data(), validation_freq=freq, verbose=0
    ).history
    assert len(history["loss"]) == 4 and len(history["val_loss"]) == epochs


def test_steps_per_epoch_go_on_where_they_stopped():
    seen = []

    def batches():
        for number in range(7):
            seen.append(number)
            yield np.full((2, 5), number, "float32"), np.zeros(2, "int32")

    model = network()
    with pytest.warns(UserWarning, match="1 of 3"):
        history = model.fit(batches(), epochs=3, steps_per_epoch=3, verbose=0)
    assert seen == list(range(7)) and len(history.epoch) == 3


def test_stop_training_and_initial_epoch():
    class Stop(callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 5

    history = network().fit(
        *data(), epochs=9, initial_epoch=3, verbose=0, callbacks=[Stop()]
    )
    assert history.epoch == [3, 4, 5]


def test_unbuilt_model_is_built_for_any_batch_size():
    model = Sequential([layers.Dense(4, activation="tanh"), layers.Dense(3)])
    model.compile("sgd", CROSSENTROPY)
    model.fit(*data(), batch_size=7, verbose=0)
    assert model.predict(data(11)[0], verbose=0).shape == (11, 3)
    assert model.layers[0].output.shape == (None, 4)


def test_evaluate_agrees_with_predict():
    x, y = data()
    model = network(metrics=["accuracy"])
    found = model.evaluate(x, y, batch_size=7, verbose=0, return_dict=True)
    guesses = model.predict(x, batch_size=9, verbose=0).argmax(axis=1)
    assert found["accuracy"] == pytest.approx(np.mean(guesses == y))
    assert model.evaluate(x, y, verbose=0)[0] == pytest.approx(found["loss"], rel=1e-5)


def test_train_on_batch_counts_this_batch_only():
    x, y = data()
    model = network(metrics=["accuracy"])
    model.train_on_batch(x[:20], y[:20])
    before = model.evaluate(x[20:], y[20:], verbose=0)
    loss, accuracy = model.train_on_batch(x[20:], y[20:])
    assert [loss, accuracy] == pytest.approx(before, rel=1e-5)


def test_what_is_refused():
    x, y = data()
    with pytest.raises(ValueError, match="compile"):
        Sequential([layers.Dense(3)]).fit(x, y)
    silent = Sequential([Input((5,)), layers.Dense(3)])
    silent.compile("sgd")
    with pytest.raises(ValueError, match="No loss"):
        silent.fit(x, y, verbose=0)
    with pytest.raises(ValueError, match="validation_freq"):
        network().fit(x, y, validation_data=(x, y), validation_freq="often", verbose=0)
    with pytest.raises(ValueError, match="no samples"):
        network().fit(iter([]), verbose=0)


def test_nothing_to_train_warns():
    model = Sequential([Input((3,)), layers.Flatten()])
    model.compile("sgd", "mse")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(np.ones((4, 3)), np.ones((4, 3)), verbose=0)
    assert any("trainable" in str(w.message) for w in caught)


def test_momentum_equals_numpy():
    "Ten full batches of a linear model, against the same in NumPy."
    x, _ = data()
    y = x @ np.arange(5, dtype="float32")[:, None]
    model = Sequential([Input((5,)), layers.Dense(1, kernel_initializer="zeros")])
    model.compile(optimizers.SGD(0.05, momentum=0.9), "mse")
    found = model.fit(x, y, epochs=10, batch_size=40, verbose=0).history["loss"]
    w, b, vw, vb, expected = np.zeros((5, 1)), 0.0, 0.0, 0.0, []
    for _ in range(10):
        error = x @ w + b - y
        expected.append(np.mean(error**2))
        vw = 0.9 * vw - 0.05 * 2 * x.T @ error / 40
        vb = 0.9 * vb - 0.05 * 2 * error.mean()
        w, b = w + vw, b + vb
    np.testing.assert_allclose(found, expected, rtol=1e-4)


# ---- epochs of batches ---------------------------------------------------------------


class Watched(Feed):
    "A feed of numbers that tells what it hears."

    def __init__(self, n=None, known=True):
        self.n, self.num_batches, self.heard = n, n if known else None, []

    def __iter__(self):
        self.heard.append("iter")
        try:
            yield from itertools.count() if self.n is None else range(self.n)
        finally:
            self.heard.append("closed")

    def on_epoch_begin(self):
        self.heard.append("begin")

    def on_epoch_end(self):
        self.heard.append("end")


def epochs_of(batches, n):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [[tuple(group) for _, _, group in batches] for _ in range(n)]


@pytest.mark.parametrize(
    "n, known, steps, together, epochs",
    [
        (3, True, None, 1, [[(0,), (1,), (2,)]] * 3),
        (3, False, None, 1, [[(0,), (1,), (2,)]] * 3),
        (3, True, 2, 1, [[(0,), (1,)], [(2,)], [(0,), (1,)]]),
        (4, True, 2, 1, [[(0,), (1,)], [(2,), (3,)], [(0,), (1,)]]),
        (4, True, 4, 1, [[(0,), (1,), (2,), (3,)]] * 3),
        (None, True, 2, 1, [[(0,), (1,)], [(2,), (3,)], [(4,), (5,)]]),
        (5, True, None, 2, [[(0, 1), (2, 3), (4,)]] * 3),
        (None, True, 3, 2, [[(0, 1), (2, 3)], [(4, 5), (6, 7)], [(8, 9), (10, 11)]]),
    ],
)
def test_batches_of_epochs(n, known, steps, together, epochs):
    feed = Watched(n, known)
    batches = EpochBatches(feed, steps, together)
    assert epochs_of(batches, 3) == epochs
    batches.close()
    assert feed.heard.count("iter") == feed.heard.count("closed")
    assert feed.heard.count("begin") == feed.heard.count("end") == 3


def test_numbers_of_grouped_steps():
    "First and last step of each group, the last group full in name."
    assert [(a, b) for a, b, _ in EpochBatches(Watched(5), None, 2)] == [
        (0, 1),
        (2, 3),
        (4, 5),
    ]


def test_a_source_with_too_little_warns_and_counts():
    with pytest.warns(UserWarning, match="after 3 of 5 steps"):
        list(EpochBatches(Watched(3), 5))


# ---- what compile keeps ----------------------------------------------------------------


def test_jit_and_eager_exclude_each_other():
    model = Sequential([Input((5,)), layers.Dense(3)])
    with pytest.warns(UserWarning, match="run_eagerly"):
        model.compile("sgd", CROSSENTROPY, jit_compile=True, run_eagerly=True)
    assert model.jit_compile is False and model.run_eagerly is True
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.compile("sgd", CROSSENTROPY, jit_compile=True)
        assert model.jit_compile is True
        model.compile("sgd", CROSSENTROPY)
    assert model.jit_compile is False and model.steps_per_execution == 1


def test_steps_per_execution_call_the_batch_hooks_in_groups():
    seen = []

    class Spy(callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            seen.append(batch)

        def on_train_batch_end(self, batch, logs=None):
            seen.append(batch)

    x, y = data(50)
    found = []
    for together in (1, 3):
        model = network(steps_per_execution=together)
        found.append(model.fit(x, y, batch_size=10, shuffle=False, verbose=0,
                               callbacks=[Spy()]).history)  # fmt: skip
        assert model.predict(x, batch_size=10, verbose=0).shape == (50, 3)
    assert seen[10:] == [0, 2, 3, 5]
    assert found[0]["loss"] == pytest.approx(found[1]["loss"])


# ---- logs --------------------------------------------------------------------------------


def test_names_of_metrics_win_over_the_logs_of_the_last_step():
    class Own(Sequential):
        extra = {}

        def train_step(self, batch):
            super().train_step(batch)
            return {"loss": 99.0} | self.extra

    model = Own([Input((5,)), layers.Dense(3)])
    model.compile("sgd", CROSSENTROPY)
    assert model.fit(*data(), verbose=0).history["loss"][0] < 10
    model.extra = {"more": 1.0}
    assert model.fit(*data(), verbose=0).history == {"loss": [99.0], "more": [1.0]}


@pytest.mark.parametrize("logs", [None, 1.0, [1.0]])
def test_a_step_without_logs_says_so(logs):
    class Own(Sequential):
        def train_step(self, batch):
            return logs

    model = Own([Input((5,)), layers.Dense(3)])
    model.compile("sgd", CROSSENTROPY)
    with pytest.raises(ValueError, match="dict of logs"):
        model.fit(*data(), verbose=0)


def test_a_step_may_have_nothing_to_say():
    class Own(Sequential):
        def train_step(self, batch):
            return {}

    model = Own([Input((5,)), layers.Dense(3)])
    model.compile("sgd", CROSSENTROPY)
    assert model.fit(*data(), epochs=2, verbose=0).epoch == [0, 1]


# ---- stopping, validating ----------------------------------------------------------------


def test_evaluation_and_prediction_can_be_stopped():
    class Stop(callbacks.Callback):
        def on_test_batch_end(self, batch, logs=None):
            self.model.stop_evaluating = batch == 1

        def on_predict_batch_end(self, batch, logs=None):
            self.model.stop_predicting = batch == 2

    x, y = data(40)
    model = network()
    y[20:] = 9  # never seen
    model.evaluate(x, y, batch_size=10, verbose=0, callbacks=[Stop()])
    out = model.predict(x, batch_size=10, verbose=0, callbacks=[Stop()])
    assert len(out) == 30


def test_a_model_that_evaluates_in_its_own_way_validates_so():
    class Own(Sequential):
        def evaluate(self, *args, **kwargs):
            return super().evaluate(*args, **kwargs) | {"mine": 7.0}

    model = Own([Input((5,)), layers.Dense(3)])
    model.compile("sgd", CROSSENTROPY)
    x, y = data()
    history = model.fit(x, y, validation_data=(x, y), epochs=2, verbose=0).history
    assert history["val_mine"] == [7.0, 7.0]
    with pytest.raises(ValueError, match="unknown"):
        model.evaluate(x, y, return_dicts=True)


@pytest.mark.parametrize("freq, epochs", [(2, [1, 3]), ([1, 4], [0, 3]), (5, [])])
def test_validation_freq(freq, epochs):
    heard = []
    spy = callbacks.Callback()
    spy.on_epoch_end = lambda epoch, logs: "val_loss" in logs and heard.append(epoch)
    x, y = data()
    network().fit(x, y, validation_data=(x, y), validation_freq=freq, epochs=4,
                  verbose=0, callbacks=[spy])  # fmt: skip
    assert heard == epochs


def test_predict_of_nests_and_of_nothing():
    inputs = Input((5,))
    model = Model(
        inputs, {"a": layers.Dense(2)(inputs), "b": [layers.Dense(1)(inputs)]}
    )
    out = model.predict(data()[0], batch_size=16, verbose=0)
    assert out["a"].shape == (40, 2) and out["b"][0].shape == (40, 1)
    with pytest.raises(ValueError, match="no samples"):
        model.predict(iter([]), verbose=0)


def test_whole_number_losses_are_added_too():
    class Counting(layers.Layer):
        def call(self, x):
            self.add_loss(ops.convert_to_tensor(2))
            return x

    model = Sequential([Input((5,)), Counting(), layers.Dense(3)])
    model.compile("sgd", CROSSENTROPY)
    plain = network()
    plain.set_weights([plain.get_weights()[0], *model.get_weights()])
    x, y = data()
    more = model.evaluate(x, y, verbose=0) - plain.evaluate(x, y, verbose=0)
    assert more == pytest.approx(2.0, abs=1e-5)


@pytest.mark.parametrize("work", ["evaluate", "predict", "fit"])
def test_a_callback_may_run_the_model_without_ending_the_validation(work):
    x, y = data()

    class Looks(callbacks.Callback):
        busy = False

        def on_epoch_end(self, epoch, logs=None):
            if not self.busy:
                self.busy = True
                labels = () if work == "predict" else (y,)
                getattr(self.model, work)(x, *labels, verbose=0)
                self.busy = False

    model = network()
    history = model.fit(
        x, y, epochs=3, verbose=0, validation_data=(x, y), callbacks=[Looks()]
    ).history
    assert len(history["val_loss"]) == 3
    assert "_kept_batches" not in vars(model)
