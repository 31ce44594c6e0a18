"""Optimizers against their formulas in NumPy, and what is refused before a step."""

import copy

import numpy as np
import pytest

from minikeras import ops, optimizers
from minikeras.core.variable import Variable

GRADIENTS = np.random.default_rng(2).normal(size=(12, 3))


def run(optimizer, gradients=GRADIENTS):
    variable = Variable(np.ones(3), name="w")
    for g in gradients:
        optimizer.apply([ops.convert_to_tensor(g)], [variable])
    return variable.numpy()


def sgd(rate, momentum=0.0, nesterov=False):
    x, v = np.ones(3), np.zeros(3)
    for g in GRADIENTS:
        v = momentum * v - rate * g
        x = x + (momentum * v - rate * g if nesterov else v)
    return x


def adam(rate, b1=0.9, b2=0.999, epsilon=1e-7, amsgrad=False):
    x, m, v, top = np.ones(3), np.zeros(3), np.zeros(3), np.zeros(3)
    for t, g in enumerate(GRADIENTS, start=1):
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        top = np.maximum(top, v) if amsgrad else v
        size = rate * np.sqrt(1 - b2**t) / (1 - b1**t)
        x = x - size * m / (np.sqrt(top) + epsilon)
    return x


def rmsprop(rate, rho=0.9, momentum=0.0, centered=False):
    x, v, mean, velocity = np.ones(3), np.zeros(3), np.zeros(3), np.zeros(3)
    for g in GRADIENTS:
        v, mean = rho * v + (1 - rho) * g * g, rho * mean + (1 - rho) * g
        step = rate * g / np.sqrt(v - (mean * mean if centered else 0) + 1e-7)
        velocity = momentum * velocity + step
        x = x - velocity
    return x


CASES = [
    (optimizers.SGD(0.1), sgd(0.1)),
    (optimizers.SGD(0.1, momentum=0.9), sgd(0.1, 0.9)),
    (optimizers.SGD(0.1, momentum=0.9, nesterov=True), sgd(0.1, 0.9, True)),
    (optimizers.Adam(0.1), adam(0.1)),
    (optimizers.Adam(0.1, amsgrad=True), adam(0.1, amsgrad=True)),
    (optimizers.RMSprop(0.1), rmsprop(0.1)),
    (
        optimizers.RMSprop(0.1, momentum=0.5, centered=True),
        rmsprop(0.1, 0.9, 0.5, True),
    ),
]


@pytest.mark.parametrize(("optimizer", "expected"), CASES)
def test_steps_are_the_formulas(optimizer, expected):
    assert np.allclose(run(optimizer), expected, rtol=2e-5)
    assert int(optimizer.iterations) == len(GRADIENTS)


@pytest.mark.parametrize(
    ("settings", "clip"),
    [
        ({"clipvalue": 0.5}, lambda g: np.clip(g, -0.5, 0.5)),
        ({"clipnorm": 0.5}, lambda g: g * min(1, 0.5 / np.linalg.norm(g))),
        ({"global_clipnorm": 0.5}, lambda g: g * min(1, 0.5 / np.linalg.norm(g))),
    ],
)
def test_clipping(settings, clip):
    clipped = run(optimizers.SGD(0.1), [clip(g) for g in GRADIENTS])
    assert np.allclose(run(optimizers.SGD(0.1, **settings)), clipped, rtol=1e-5)


def test_an_infinite_gradient_is_seen_and_not_hidden():
    found = run(optimizers.SGD(0.1, global_clipnorm=1.0), [np.array([1, np.inf, 1])])
    assert np.isnan(found).all()


def test_decay_spares_whom_it_is_told_to():
    kernel, bias = Variable([1.0], name="kernel"), Variable([1.0], name="bias")
    optimizer = optimizers.SGD(0.1, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    zero = ops.convert_to_tensor([0.0])
    optimizer.apply([zero, zero], [kernel, bias])
    assert np.isclose(float(kernel[0]), 0.95) and float(bias[0]) == 1
    optimizer.exclude_from_weight_decay(var_list=[kernel])
    optimizer.apply([zero, zero], [kernel, bias])
    assert np.isclose(float(kernel[0]), 0.95) and np.isclose(float(bias[0]), 0.95)


def test_state_stands_in_the_order_of_files():
    variables = [Variable([1.0], name="a"), Variable([1.0], name="b")]
    optimizer = optimizers.Adam(0.1, name="adam")
    optimizer.build(variables)
    names = [v.path.split("/")[-1] for v in optimizer.variables]
    slots = ["a_momentum", "a_velocity", "b_momentum", "b_velocity"]
    assert names == ["iteration", "learning_rate", *slots]


def test_accumulation_steps_by_the_mean():
    optimizer = optimizers.SGD(0.1, gradient_accumulation_steps=2)
    means = GRADIENTS.reshape(6, 2, 3).mean(axis=1)
    assert np.allclose(run(optimizer), run(optimizers.SGD(0.1), means), rtol=1e-5)


def test_averages_of_weights_are_put_in_at_the_end():
    variable, optimizer = (
        Variable([0.0]),
        optimizers.SGD(1.0, use_ema=True, ema_momentum=0.5),
    )
    for _ in range(3):
        optimizer.apply([ops.convert_to_tensor([-1.0])], [variable])
    assert float(variable[0]) == 3
    optimizer.finalize_variable_values([variable])
    assert 1 < float(variable[0]) < 3


def test_the_rate_can_be_set_or_be_a_function():
    optimizer = optimizers.SGD(0.1)
    optimizer.learning_rate = 0.5
    assert np.isclose(float(optimizer.learning_rate), 0.5)
    halving = optimizers.SGD(lambda: 0.25)
    assert np.allclose(run(halving, GRADIENTS[:1]), 1 - 0.25 * GRADIENTS[0], rtol=1e-5)
    with pytest.raises(TypeError, match="schedule"):
        halving.learning_rate = 0.1


def test_a_missing_gradient_is_a_warning_and_all_missing_an_error():
    used, unused = Variable([1.0], name="used"), Variable([1.0], name="unused")
    with pytest.warns(UserWarning, match="unused"):
        optimizers.SGD(0.1).apply([ops.convert_to_tensor([1.0]), None], [used, unused])
    assert np.isclose(float(used[0]), 0.9)
    with pytest.raises(ValueError, match="No gradients provided for any variable"):
        optimizers.SGD(0.1).apply([None, None], [used, unused])
    assert np.isclose(float(used[0]), 0.9)


@pytest.mark.parametrize(
    ("mistake", "match"),
    [
        (lambda: optimizers.Adam(1), "learning rate"),
        (lambda: optimizers.SGD(0.1, momentum=2.0), "momentum"),
        (lambda: optimizers.SGD(0.1, clipnorm=1.0, clipvalue=1.0), "clip"),
        (lambda: optimizers.SGD(0.1, speed=3), "speed"),
        (lambda: optimizers.get(0.01), "0.01"),
        (lambda: optimizers.SGD(0.1).apply([1.0]), "not built"),
        (
            lambda: optimizers.SGD(0.1).apply([1.0], [Variable(1.0), Variable(1.0)]),
            "one",
        ),
        (lambda: optimizers.SGD(0.1).set_weights([]), "not built"),
        (lambda: optimizers.Adam(0.1, gradient_accumulation_steps=1), "whole number"),
        (
            lambda: optimizers.SGD(0.1).add_optimizer_variables(
                [], ["a", "b"], ["zeros"]
            ),
            "one initializer",
        ),
    ],
)
def test_mistakes(mistake, match):
    with pytest.raises(ValueError, match=match):
        mistake()


def test_a_newcomer_is_unknown():
    optimizer, known = optimizers.SGD(0.1), Variable([1.0])
    optimizer.build([known])
    with pytest.raises(ValueError, match="Unknown variable"):
        optimizer.apply([ops.convert_to_tensor([1.0])], [Variable([1.0])])


def half_way(variable):
    raise ArithmeticError("half way")


@pytest.mark.parametrize("kind", [optimizers.SGD, optimizers.Adam, optimizers.RMSprop])
def test_a_step_that_fails_has_not_happened(kind):
    variables = [Variable([1.0, 2.0]), Variable([3.0])]
    optimizer = kind(0.1, use_ema=True)
    gradients = [ops.ones((2,)), ops.ones((1,))]
    optimizer.apply(gradients, variables)
    state = [v.numpy() for v in (*optimizer.variables, *variables)]
    variables[1].constraint = half_way
    with pytest.raises(ArithmeticError, match="half way"):
        optimizer.apply(gradients, variables)
    for v, before in zip((*optimizer.variables, *variables), state, strict=True):
        assert (v.numpy() == before).all()


def test_stateless_apply_answers_and_changes_nothing():
    asked, made = (Variable([1.0, 2.0]) for _ in range(2))
    asking, making = optimizers.Adam(0.1), optimizers.Adam(0.1)
    asking.build([asked])
    gradient = [ops.convert_to_tensor([3.0, -1.0])]
    own, values = [v.value for v in asking.variables], [asked.value]
    for _ in range(3):
        values, own = asking.stateless_apply(own, gradient, values)
        making.apply(gradient, [made])
    assert (values[0].numpy() == made.numpy()).all() and int(own[0]) == 3
    assert asked.numpy().tolist() == [1, 2] and int(asking.iterations) == 0
    with pytest.raises(ValueError, match="one value for each"):
        asking.stateless_apply(own[1:], gradient, values)
    with pytest.raises(ValueError, match="not built"):
        optimizers.SGD(0.1).stateless_apply([], [], [])


def test_a_copy_goes_on_by_itself():
    variable, optimizer = Variable([1.0]), optimizers.Adam(0.1)
    optimizer.apply([ops.ones((1,))], [variable])
    other_variable, other = copy.deepcopy((variable, optimizer))
    other.apply([ops.ones((1,))], [other_variable])
    assert int(other.iterations) == 2 and int(optimizer.iterations) == 1
    assert float(other_variable[0]) < float(variable[0])


def test_a_state_of_another_optimizer_is_a_warning():
    optimizer, store = optimizers.SGD(0.1), {}
    optimizer.save_own_variables(store)
    assert sorted(store) == ["0", "1"]
    with pytest.warns(UserWarning, match="Skipping variable loading"):
        optimizer.load_own_variables({**store, "2": np.zeros(3)})
    optimizers.SGD(0.7).load_own_variables(store)


def test_an_old_argument_is_ignored_with_a_warning():
    with pytest.warns(UserWarning, match="decay"):
        optimizers.SGD(0.1, decay=0.5)


@pytest.mark.parametrize("setting", ["clipnorm", "weight_decay", "ema_momentum"])
@pytest.mark.parametrize("kind", [optimizers.SGD, optimizers.Adam, optimizers.RMSprop])
def test_text_is_no_number(kind, setting):
    with pytest.raises(TypeError, match=f"{setting}='a lot'"):
        kind(0.1, **{setting: "a lot"})


@pytest.mark.parametrize("things", [None, [np.ones(2)], ["w"]])
def test_only_variables_can_be_trained(things):
    optimizer = optimizers.Adam(0.1)
    with pytest.raises(ValueError, match="only variables"):
        optimizer.build(things)
    assert not optimizer.built and len(optimizer.variables) == 2
