"""Steps, losses, scores and loops of one's own; several optimizers in one step."""

import warnings

import numpy as np
import pytest

from minikeras import (
    GradientTape,
    Input,
    Model,
    Sequential,
    layers,
    losses,
    metrics,
    ops,
    optimizers,
    utils,
)
from minikeras.models.trainer import Trainer

RANDOM = np.random.RandomState(0)
X = RANDOM.standard_normal((40, 5)).astype("float32")
Y = X[:, :2] - 0.5 * X[:, 2:4]


class Rivals(Model):
    "Two halves, each with an optimizer of its own; the second may fail."

    fails = False

    def __init__(self):
        super().__init__()
        self.left, self.right = layers.Dense(2), layers.Dense(2)

    def compile(self, left, right):
        super().compile(loss="mse")
        self.left_optimizer, self.right_optimizer = left, right

    def call(self, x):
        return self.left(x) + self.right(x)

    def train_step(self, data):
        x, y = data
        for layer, optimizer in (
            (self.left, self.left_optimizer),
            (self.right, self.right_optimizer),
        ):
            with GradientTape() as tape:
                loss = self.compute_loss(x=x, y=y, y_pred=self(x))
            weights = layer.trainable_weights
            optimizer.apply_gradients(
                zip(tape.gradient(loss, weights), weights, strict=True)
            )
            if self.fails:
                raise OSError("between the two")
        self._loss_tracker.update_state(loss)
        return {"loss": loss}


def state(model):
    found = [*model.variables, *model.left_optimizer.variables]
    return [np.asarray(v).copy() for v in found]


def test_two_optimizers_and_a_failure_between_them():
    model = Rivals()
    model.compile(optimizers.Adam(0.01), optimizers.SGD(0.1, momentum=0.9))
    model.fit(X, Y, verbose=0)
    before = state(model)
    model.fails = True
    model.make_train_function(force=True)  # the trace has read that it does not fail
    with pytest.raises(OSError, match="between"):
        model.fit(X, Y, verbose=0)
    assert all(map(np.array_equal, before, state(model)))
    model.fails = False
    model.make_train_function(force=True)
    first = model.fit(X, Y, verbose=0, epochs=20).history["loss"]
    assert first[-1] < 0.5 * first[0]


def test_optimizers_in_attributes_are_no_weights():
    model = Rivals()
    model.compile(optimizers.Adam(), optimizers.Adam())
    model.fit(X, Y, verbose=0)
    assert len(model.weights) == 4


def test_compile_of_its_own_is_not_called_from_a_config():
    model = Rivals()
    with pytest.warns(UserWarning, match="compile_from_config"):
        model.compile_from_config({"optimizer": "sgd", "loss": "mse"})
    assert not model.compiled


def test_make_train_function_is_what_fit_calls():
    groups = []

    class Own(Sequential):
        def make_train_function(self, force=False):
            if self.train_function is None or force:
                inner = super().make_train_function(force=True)

                def function(batches):
                    batches = list(batches)
                    groups.append(len(batches))
                    return inner(iter(batches))

                self.train_function = function
            return self.train_function

    model = Own([Input((5,)), layers.Dense(2)])
    model.compile("sgd", "mse", steps_per_execution=2)
    model.fit(X, Y, batch_size=8, epochs=2, verbose=0)
    assert groups == [2, 2, 1] * 2
    model.compile("sgd", "mse")
    model.fit(X, Y, batch_size=8, verbose=0)
    assert groups[6:] == [1] * 5


def test_steps_see_what_the_source_gave():
    seen = []

    class Own(Sequential):
        def train_step(self, data):
            seen.append(len(data) if isinstance(data, tuple) else data.shape)
            return {"loss": 0.0}

    model = Own([Input((5,)), layers.Dense(2)])
    model.compile("sgd", "mse")
    model.fit(X, verbose=0, batch_size=40)
    model.fit(X, Y, verbose=0, batch_size=40)
    model.fit(X, Y, sample_weight=np.ones(40), verbose=0, batch_size=40)
    assert seen == [(None, 5), 2, 3]  # one trace each, for any number of rows


@pytest.mark.parametrize("with_training", [True, False])
def test_compute_loss_with_and_without_training(with_training):
    class Old(Sequential):
        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None):
            return ops.mean(y_pred) * 0.0 + 3.0

    class New(Sequential):
        def compute_loss(
            self, x=None, y=None, y_pred=None, sample_weight=None, training=True
        ):
            return ops.mean(y_pred) * 0.0 + (3.0 if training else 5.0)

    model = (New if with_training else Old)([Input((5,)), layers.Dense(2)])
    model.compile("sgd", "mse")
    history = model.fit(X, Y, validation_data=(X, Y), verbose=0).history
    assert history == {"loss": [3.0], "val_loss": [5.0 if with_training else 3.0]}


def test_a_loop_by_hand_is_fit():
    def fresh():
        utils.set_random_seed(3)
        return Sequential([Input((5,)), layers.Dense(4, "tanh"), layers.Dense(2)])

    model, optimizer, loss_of = fresh(), optimizers.Adam(), losses.MeanSquaredError()
    mean, error = metrics.Mean(), metrics.MeanAbsoluteError()
    for i in range(0, 40, 16):
        x, y = X[i : i + 16], Y[i : i + 16]
        with GradientTape() as tape:
            y_pred = model(x, training=True)
            loss = loss_of(y, y_pred)
        weights = model.trainable_weights
        gradients = tape.gradient(loss, weights)
        optimizer.apply_gradients(zip(gradients, weights, strict=True))
        mean.update_state(loss, sample_weight=len(x))
        error.update_state(y, y_pred)
    fitted = fresh()
    fitted.compile(optimizers.Adam(), "mse", metrics=["mae"])
    history = fitted.fit(X, Y, batch_size=16, shuffle=False, verbose=0).history
    assert history["loss"] == [pytest.approx(float(mean.result()))]
    assert history["mae"] == [pytest.approx(float(error.result()))]
    for a, b in zip(model.get_weights(), fitted.get_weights(), strict=True):
        assert np.array_equal(a, b)


def test_stateless_compute_loss_changes_nothing():
    outputs = Input((5,))
    model = Model(outputs, [layers.Dense(2)(outputs), layers.Dense(2)(outputs)])
    model.compile("sgd", ["mse", "mae"])
    model.evaluate(X, [Y, Y], verbose=0)
    trainable = [v.value for v in model.trainable_variables]
    scores = [v.value for v in model.metrics_variables]
    lent = [2.0 * v for v in trainable]
    y_pred, others = model.stateless_call(lent, [], X)
    loss, (given, rest, after) = model.stateless_compute_loss(
        lent, others, scores, X, [Y, Y], y_pred
    )
    expected = np.mean((Y - np.asarray(y_pred[0])) ** 2)
    expected += np.mean(np.abs(Y - np.asarray(y_pred[1])))
    assert float(loss) == pytest.approx(expected, rel=1e-5)
    assert given is lent and rest == [] and len(after) == len(scores)
    changed = [float(a) != float(b) for a, b in zip(after, scores, strict=True)]
    assert any(changed)
    for variable, value in zip(model.metrics_variables, scores, strict=True):
        assert float(variable) == float(value)


def test_a_trainer_that_is_another_layer():
    class Trained(Trainer, layers.Dense):
        def __init__(self, units):
            layers.Dense.__init__(self, units)
            Trainer.__init__(self)

    model = Trained(2)
    model.compile(optimizers.SGD(0.1), "mse", metrics=["mae"])
    history = model.fit(X, Y, epochs=5, verbose=0).history
    assert history["loss"][-1] < history["loss"][0] and "mae" in history
    assert model.predict(X, verbose=0).shape == (40, 2)
    assert sorted(model.evaluate(X, Y, verbose=0, return_dict=True)) == ["loss", "mae"]


def test_no_weights_is_a_warning():
    model = Sequential([Input((5,)), layers.Dropout(0.1)])
    model.compile("sgd", "mse")
    with pytest.warns(UserWarning, match="trainable"):
        model.fit(X, X, verbose=0)


def test_metrics_that_nobody_updates_do_not_hide_the_logs():
    class Own(Sequential):
        def train_step(self, data):
            return {"loss": 4.0}

    model = Own([Input((5,)), layers.Dense(2)])
    model.compile("sgd", "mse", metrics=["mae"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert model.fit(X, Y, verbose=0).history == {"loss": [4.0]}


def test_steps_of_keras_2_learn_as_the_built_in_step():
    class Old(Sequential):
        def train_step(self, data):
            x, y = data
            with GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = self.compiled_loss(y, y_pred, regularization_losses=self.losses)
            weights = self.trainable_variables
            self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
            self.compiled_metrics.update_state(y, y_pred)
            return self.compiled_metrics.result()

    found = []
    for kind in (Old, Sequential):
        utils.set_random_seed(1)
        dense = layers.Dense(2, kernel_regularizer="l2")
        model = kind([Input((5,)), dense])
        model.compile("sgd", "mse", metrics=["mae"])
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            history = model.fit(X, Y, epochs=3, verbose=0, shuffle=False).history
        names = [w for w in said if "deprecated" in str(w.message)]
        assert bool(names) == (kind is Old)
        found.append((history["mae"], dense.kernel.numpy()))
    np.testing.assert_allclose(found[0][0], found[1][0], rtol=1e-6)
    np.testing.assert_allclose(found[0][1], found[1][1], rtol=1e-6)


def test_old_scores_need_a_compile():
    model = Sequential([Input((5,)), layers.Dense(2)])
    model.compile("sgd", "mse")
    warned = pytest.warns(UserWarning, match="compute_metrics")
    with warned, pytest.raises(ValueError, match="no compiled metrics"):
        model.compiled_metrics  # noqa: B018
