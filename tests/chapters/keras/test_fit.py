"""The step, the transaction around it, epochs, evaluation, steps of one's own."""

import warnings

import numpy as np
import pytest

from minikeras import (
    Input,
    Sequential,
    callbacks,
    layers,
    losses,
    metrics,
    optimizers,
    utils,
)
from minikeras.core.door import here

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
    assert "epoch 1, step 3" in caught.value.__notes__[0]
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

    def interrupted(batch):
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
