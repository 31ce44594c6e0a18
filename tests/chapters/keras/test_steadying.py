"""The scale that looks for itself: growth, overflow, state, errors, and half precision."""

import numpy as np
import pytest

from minikeras import mixed_precision, ops, optimizers
from minikeras.core.variable import Variable
from minikeras.optimizers import SGD, Adam, LossScaleOptimizer


def gradient(*values):
    return [ops.convert_to_tensor(np.array(values, "float32"))]


def state_of(optimizer, *variables):
    return [v.numpy() for v in (*optimizer.variables, *variables)]


def same(one, other):
    return all((a == b).all() for a, b in zip(one, other, strict=True))


def test_it_is_the_same_class_in_both_rooms():
    assert mixed_precision.LossScaleOptimizer is LossScaleOptimizer


def test_a_step_is_the_inner_step_whatever_the_scale():
    for start in (1.0, 2.0**15, 2.0**40):
        plain, scaled = Variable([1.0, 2.0]), Variable([1.0, 2.0])
        inner, outer = Adam(0.1), LossScaleOptimizer(Adam(0.1), start)
        for g in ([1.0, -2.0], [0.5, 0.5]):
            inner.apply(gradient(*g), [plain])
            outer.apply([outer.scale_loss(ops.convert_to_tensor(g))], [scaled])
        assert np.allclose(plain, scaled, rtol=1e-6)


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
def test_an_overflow_changes_the_scale_and_nothing_else(bad):
    variable = Variable([1.0, 2.0])
    optimizer = LossScaleOptimizer(Adam(0.1), 8.0)
    optimizer.apply(gradient(1.0, 1.0), [variable])
    before = state_of(optimizer.inner_optimizer, variable)
    optimizer.apply(gradient(1.0, bad), [variable])
    assert same(before, state_of(optimizer.inner_optimizer, variable))
    assert float(optimizer.dynamic_scale) == 4 and int(optimizer.step_counter) == 0


def test_the_scale_grows_after_good_steps_in_a_row():
    variable, optimizer = Variable([1.0]), LossScaleOptimizer(SGD(0.1), 8.0, 3)
    found = []
    for g in (0, 0, np.inf, 0, 0, 0, 0):
        optimizer.apply(gradient(g), [variable])
        found.append(float(optimizer.dynamic_scale))
    assert found == [8, 8, 4, 4, 4, 8, 8] and int(optimizer.iterations) == 6


def test_missing_gradients_and_empty_steps():
    used, unused = Variable([1.0]), Variable([1.0])
    optimizer = LossScaleOptimizer(SGD(1.0), 4.0)
    optimizer.apply([])
    assert not optimizer.built
    with pytest.warns(UserWarning, match="Gradients do not exist"):
        optimizer.apply([*gradient(2.0), None], [used, unused])
    assert float(used[0]) == 0.5 and float(unused[0]) == 1


def test_state_goes_out_and_in():
    variable, store = Variable([1.0]), {}
    optimizer = LossScaleOptimizer(Adam(0.1), 4.0, 2)
    for _ in range(2):
        optimizer.apply(gradient(1.0), [variable])
    optimizer.save_own_variables(store)
    other = LossScaleOptimizer(Adam(0.1))
    other.build([variable])
    other.load_own_variables(store)
    assert same(state_of(optimizer), state_of(other))
    assert float(other.dynamic_scale) == 8 and int(other.iterations) == 2


def test_there_and_back():
    inner = SGD(optimizers.schedules.CosineDecay(0.1, 5), clipnorm=1.0)
    optimizer = LossScaleOptimizer(inner, 2.0, dynamic_growth_steps=7)
    again = optimizers.deserialize(optimizers.serialize(optimizer))
    assert again.get_config() == optimizer.get_config()
    assert again.inner_optimizer.clipnorm == 1 and again.initial_scale == 2


def test_stateless_steps_are_steps():
    asked, made = Variable([1.0]), Variable([1.0])
    asking, making = (LossScaleOptimizer(SGD(0.5), 4.0, 2) for _ in range(2))
    asking.build([asked])
    values, own = [asked.value], [v.value for v in asking.variables]
    for g in (2.0, np.inf, 1.0, 1.0):
        values, own = asking.stateless_apply(own, gradient(g), values)
        making.apply(gradient(g), [made])
    assert (values[0].numpy() == made.numpy()).all() and float(asked[0]) == 1
    assert same([v.numpy() for v in own], state_of(making))


def half_way(variable):
    raise ArithmeticError("half way")


def test_a_step_that_fails_has_not_happened():
    variable, optimizer = Variable([1.0]), LossScaleOptimizer(Adam(0.1), 4.0, 1)
    optimizer.apply(gradient(1.0), [variable])
    before = state_of(optimizer, variable)
    variable.constraint = half_way
    with pytest.raises(ArithmeticError, match="half way"):
        optimizer.apply(gradient(1.0), [variable])
    assert same(before, state_of(optimizer, variable))


@pytest.mark.parametrize(
    ("mistake", "match"),
    [
        (lambda: LossScaleOptimizer("sgd"), "optimizer"),
        (lambda: LossScaleOptimizer(SGD(), clipnorm=1.0), "inner optimizer"),
        (lambda: LossScaleOptimizer(SGD(), use_ema=True), "inner optimizer"),
        (lambda: LossScaleOptimizer(SGD(), dynamic=False), "dynamic"),
        (lambda: LossScaleOptimizer(SGD(), speed=3), "speed"),
        (lambda: LossScaleOptimizer(SGD()).apply(gradient(1.0)), "not built"),
        (lambda: LossScaleOptimizer(SGD()).set_weights([]), "not built"),
        (
            lambda: LossScaleOptimizer(SGD()).apply(
                gradient(1.0) * 2, [Variable([1.0])]
            ),
            "one gradient for each",
        ),
    ],
)
def test_mistakes(mistake, match):
    with pytest.raises(ValueError, match=match):
        mistake()
