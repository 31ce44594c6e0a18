"""Callbacks that act: when they act, on what, and what they refuse."""

from types import SimpleNamespace

import numpy as np
import pytest

from minikeras import Input, Sequential, layers, optimizers
from minikeras.callbacks import (
    CallbackList,
    EarlyStopping,
    LambdaCallback,
    LearningRateScheduler,
    ReduceLROnPlateau,
    SwapEMAWeights,
    TerminateOnNaN,
)
from minikeras.utils.random_seed import set_random_seed

X = np.linspace(-1, 1, 64).reshape(16, 4).astype("float32")
Y = (X @ [[1.0], [2.0], [-1.0], [0.5]]).astype("float32")


def model_of(optimizer="sgd", **options):
    set_random_seed(0)
    model = Sequential([Input((4,)), layers.Dense(1)])
    model.compile(optimizer, "mse", **options)
    return model


def replay(rule, values, name="val_loss", **attributes):
    "The epochs that ran before `rule` stopped; the model it spoke to."
    weights = {"now": 0}
    model = SimpleNamespace(
        stop_training=False, metrics=[], set_weights=lambda w: weights.update(now=w),
        get_weights=lambda: weights["now"], weights=weights, **attributes,
    )  # fmt: skip
    listeners = CallbackList([rule], model=model, epochs=len(values))
    listeners.on_train_begin()
    for epoch, value in enumerate(values):
        weights["now"] = epoch
        listeners.on_epoch_begin(epoch)
        listeners.on_epoch_end(epoch, {name: value})
        if model.stop_training:
            break
    listeners.on_train_end()
    return epoch + 1, model


@pytest.mark.parametrize(
    "options, values, epochs",
    [
        ({}, [3, 2, 2.5, 1], 3),
        ({"patience": 2}, [3, 2, 2.5, 1, 4, 4, 4], 6),
        ({"min_delta": 0.5, "patience": 1}, [3, 2.8, 2.7, 0], 2),
        ({"mode": "max", "patience": 1}, [1, 2, 1, 3], 3),
        ({"baseline": 1.5, "patience": 2}, [3, 2.9, 2.8, 2.7], 4),
        ({"baseline": 5.0, "patience": 1}, [3, 2.9, 3.0, 3.0], 3),
        ({"start_from_epoch": 3}, [1, 2, 3, 4, 5, 6], 5),
        ({"patience": 9}, [1, 2, 3], 3),
        ({"patience": 1}, [float("nan")] * 4, 2),
    ],
)
def test_early_stopping(options, values, epochs):
    assert replay(EarlyStopping(**options), values)[0] == epochs


def test_the_best_weights_come_back():
    rule = EarlyStopping(patience=2, restore_best_weights=True)
    _, model = replay(rule, [3.0, 1.0, 2.0, 2.0, 2.0])
    assert model.weights["now"] == 1 == rule.best_epoch
    rule = EarlyStopping(patience=9, restore_best_weights=True)
    _, model = replay(rule, [3.0, 1.0, 2.0])
    assert model.weights["now"] == 1, "also when nothing was stopped"


def test_a_rule_can_be_used_twice():
    rule = EarlyStopping(patience=1)
    assert replay(rule, [1.0, 2.0, 2.0])[0] == replay(rule, [1.0, 2.0, 2.0])[0] == 2


@pytest.mark.parametrize(
    "options, losses, rates",
    [
        ({"factor": 0.5, "patience": 1}, [1, 1, 1, 1], [1, 1, 0.5, 0.25]),
        ({"factor": 0.5, "patience": 2}, [1, 1, 1, 1], [1, 1, 1, 0.5]),
        (
            {"factor": 0.5, "patience": 1, "cooldown": 2},
            [1] * 6,
            [1, 1, 0.5, 0.5, 0.25, 0.25],
        ),
        ({"factor": 0.1, "patience": 1, "min_lr": 0.3}, [1] * 4, [1, 1, 0.3, 0.3]),
        (
            {"factor": 0.5, "patience": 1, "min_delta": 0.2},
            [1, 0.9, 0.7, 0.7],
            [1, 1, 0.5, 0.5],
        ),
    ],
)
def test_reduce_lr_on_plateau(options, losses, rates):
    optimizer, seen = optimizers.SGD(1.0), []
    note = LambdaCallback(
        on_epoch_begin=lambda *_: seen.append(float(optimizer.learning_rate))
    )
    rule = CallbackList([note, ReduceLROnPlateau("loss", **options)])
    replay(rule, losses, "loss", optimizer=optimizer)
    np.testing.assert_allclose(seen, rates, rtol=1e-6)


def test_rates_are_in_the_history():
    model = model_of(optimizers.SGD(0.1))
    rule = LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1))
    history = model.fit(X, Y, epochs=3, verbose=0, callbacks=[rule]).history
    np.testing.assert_allclose(
        history["learning_rate"], [0.1, 0.05, 0.1 / 3], rtol=1e-6
    )
    model = model_of(optimizers.SGD(0.1))
    rule = LearningRateScheduler(lambda epoch, rate: rate * 0.5)
    history = model.fit(X, Y, epochs=3, verbose=0, callbacks=[rule]).history
    np.testing.assert_allclose(history["learning_rate"], [0.05, 0.025, 0.0125])


def test_a_schedule_must_give_a_float_and_keeps_its_own_errors():
    with pytest.raises(ValueError, match="float"):
        model_of().fit(
            X, Y, verbose=0, callbacks=[LearningRateScheduler(lambda e: "no")]
        )

    def broken(epoch, rate):
        raise TypeError("mine")

    with pytest.raises(TypeError, match="mine"):
        model_of().fit(X, Y, verbose=0, callbacks=[LearningRateScheduler(broken)])


def test_directions_come_from_the_metrics():
    for name, direction in (("accuracy", "greater"), ("mae", "less"), ("loss", "less")):
        model = model_of(metrics=["mae", "accuracy"])
        rule = EarlyStopping(f"val_{name}" if name != "loss" else "loss")
        model.fit(X, Y, epochs=1, verbose=0, callbacks=[rule], validation_split=0.5)
        assert rule.monitor_op.__name__ == direction
    with pytest.raises(ValueError, match="mode"):
        model_of().fit(X, Y, verbose=0, callbacks=[EarlyStopping("val_strange")])
    with pytest.warns(UserWarning, match="unknown"):
        EarlyStopping(mode="upwards")


def test_what_is_not_there_is_a_warning():
    for rule in (EarlyStopping(), ReduceLROnPlateau()):
        with pytest.warns(UserWarning, match="val_loss"):
            model_of().fit(X, Y, epochs=2, verbose=0, callbacks=[rule])


def test_terminate_on_nan(capsys):
    history = model_of(optimizers.SGD(1e30)).fit(
        X, Y, epochs=9, batch_size=4, verbose=0, callbacks=[TerminateOnNaN()]
    )
    assert len(history.epoch) < 9 and "Invalid loss" in capsys.readouterr().out
    with pytest.raises(RuntimeError, match="NaN or Inf"):
        model_of(optimizers.SGD(1e30)).fit(
            X, Y, epochs=9, verbose=0, callbacks=[TerminateOnNaN(raise_error=True)]
        )


def test_averaged_weights_are_lent_for_looking():
    model, seen = model_of(optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5)), {}

    def note(name):
        return lambda *_, **__: seen.update({name: model.get_weights()[0].copy()})

    look = LambdaCallback(
        on_test_batch_end=note("test"), on_epoch_end=note("epoch"), on_train_begin=None
    )
    model.fit(
        X, Y, epochs=2, batch_size=4, verbose=0, validation_data=(X, Y),
        callbacks=[SwapEMAWeights(), look],
    )  # fmt: skip
    assert not np.allclose(seen["test"], seen["epoch"])
    average = model.optimizer._model_variables_moving_average[0].numpy()
    np.testing.assert_allclose(seen["test"], average, rtol=1e-6)
    with pytest.raises(ValueError, match="use_ema"):
        model_of().predict(X, verbose=0, callbacks=[SwapEMAWeights()])


def test_swap_on_epoch_leaves_the_averages_in_place():
    model = model_of(optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5))
    model.fit(X, Y, epochs=2, verbose=0, callbacks=[SwapEMAWeights(swap_on_epoch=True)])
    weights, averages = model.weights, model.optimizer._model_variables_moving_average
    for weight, average in zip(weights, averages, strict=True):
        np.testing.assert_array_equal(weight.numpy(), average.numpy())


def test_refusals():
    with pytest.raises(ValueError, match="factor"):
        ReduceLROnPlateau(factor=1.0)
    with pytest.raises(TypeError):
        EarlyStopping(nonsense=1)
