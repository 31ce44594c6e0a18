"""Each rule against its formula in NumPy, the contract of all, and what is refused."""

import inspect

import numpy as np
import pytest

from minikeras import ops, optimizers
from minikeras.core.variable import Variable

GRADIENTS = np.random.default_rng(3).normal(size=(12, 3))
RULES = [
    "SGD", "RMSprop", "Adam", "AdamW", "Adagrad", "Adadelta", "Adamax", "Nadam", "Ftrl",
    "Lion", "Lamb", "Adafactor", "Muon", "ScheduleFreeAdamW",
]  # fmt: skip


def run(optimizer):
    variable = Variable(np.ones(3), name="w")
    for g in GRADIENTS:
        optimizer.apply([ops.convert_to_tensor(g)], [variable])
    return variable.numpy()


def adagrad(rate):
    x, a = np.ones(3), np.full(3, 0.1)
    for g in GRADIENTS:
        a = a + g * g
        x = x - rate * g / np.sqrt(a + 1e-7)
    return x


def adadelta(rate, rho=0.95):
    x, a, s = np.ones(3), np.zeros(3), np.zeros(3)
    for g in GRADIENTS:
        a = rho * a + (1 - rho) * g * g
        d = -np.sqrt(s + 1e-7) / np.sqrt(a + 1e-7) * g
        s = rho * s + (1 - rho) * d * d
        x = x + rate * d
    return x


def adamax(rate, b1=0.9, b2=0.999):
    x, m, u = np.ones(3), np.zeros(3), np.zeros(3)
    for t, g in enumerate(GRADIENTS, start=1):
        m, u = b1 * m + (1 - b1) * g, np.maximum(b2 * u, abs(g))
        x = x - rate / (1 - b1**t) * m / (u + 1e-7)
    return x


def lion(rate, b1=0.9, b2=0.99):
    x, m = np.ones(3), np.zeros(3)
    for g in GRADIENTS:
        x = x - rate * np.sign(b1 * m + (1 - b1) * g)
        m = b2 * m + (1 - b2) * g
    return x


def lamb(rate, b1=0.9, b2=0.999):
    x, m, v = np.ones(3), np.zeros(3), np.zeros(3)
    for t, g in enumerate(GRADIENTS, start=1):
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        r = m / (1 - b1**t) / (np.sqrt(v / (1 - b2**t)) + 1e-7)
        x = x - rate * np.linalg.norm(x) / np.linalg.norm(r) * r
    return x


CASES = [
    (optimizers.Adagrad(0.1), adagrad(0.1)),
    (optimizers.Adadelta(1.0), adadelta(1.0)),
    (optimizers.Adamax(0.1), adamax(0.1)),
    (optimizers.Lion(0.1), lion(0.1)),
    (optimizers.Lamb(0.1), lamb(0.1)),
]


@pytest.mark.parametrize(("optimizer", "expected"), CASES)
def test_steps_are_the_formulas(optimizer, expected):
    assert np.allclose(run(optimizer), expected, rtol=2e-5)


@pytest.mark.parametrize("name", RULES)
def test_the_contract_of_all_rules(name):
    kind = getattr(optimizers, name)
    parameters = inspect.signature(kind).parameters
    assert {"learning_rate", "weight_decay", "name", "kwargs"} < set(parameters)
    optimizer = kind(0.05, clipnorm=10.0, use_ema=True)
    assert (
        optimizers.get(name.lower()).get_config().keys()
        == optimizer.get_config().keys()
    )
    again = kind.from_config(optimizer.get_config())
    assert again.get_config() == optimizer.get_config()
    matrix, vector = Variable(np.ones((3, 2))), Variable(np.ones(3), dtype="float32")
    first = sum(float(ops.sum(v * v)) for v in (matrix, vector))
    for _ in range(10):
        optimizer.apply([2 * matrix, 2 * vector], [matrix, vector])
    assert sum(float(ops.sum(v * v)) for v in (matrix, vector)) < first
    assert int(optimizer.iterations) == 10
    again.build([matrix, vector])
    again.set_weights([v.numpy() for v in optimizer.variables])
    with pytest.raises(ValueError, match="unknown arguments"):
        kind(speed=3)


def half_way(variable):
    raise ArithmeticError("half way")


@pytest.mark.parametrize("name", RULES)
def test_a_step_that_fails_has_not_happened(name):
    variables = [Variable(np.ones((2, 2))), Variable([3.0])]
    optimizer = getattr(optimizers, name)(0.1)
    gradients = [ops.ones((2, 2)), ops.ones((1,))]
    optimizer.apply(gradients, variables)
    everything = (*optimizer.variables, *variables)
    state = [v.numpy() for v in everything]
    variables[1].constraint = half_way
    with pytest.raises(ArithmeticError, match="half way"):
        optimizer.apply(gradients, variables)
    for v, before in zip(everything, state, strict=True):
        assert (v.numpy() == before).all()


@pytest.mark.parametrize("name", RULES)
def test_stateless_steps_are_steps(name):
    start = np.array([[1.0, 2.0], [3.0, -4.0]])
    asked, made = Variable(start), Variable(start)
    asking, making = (getattr(optimizers, name)(0.1) for _ in range(2))
    asking.build([asked])
    values, own = [asked.value], [v.value for v in asking.variables]
    for g in GRADIENTS[:3]:
        g = ops.convert_to_tensor(np.outer(g[:2], g[1:]))
        values, own = asking.stateless_apply(own, [g], values)
        making.apply([g], [made])
    assert np.allclose(values[0], made, rtol=1e-6) and (asked.numpy() == start).all()


@pytest.mark.parametrize(
    ("mistake", "match"),
    [
        (lambda: optimizers.AdamW(weight_decay=None), "weight_decay=None"),
        (lambda: optimizers.Lion(beta_1=0.0), "beta_1=0.0"),
        (lambda: optimizers.Ftrl(learning_rate_power=0.5), "learning_rate_power=0.5"),
        (lambda: optimizers.Ftrl(initial_accumulator_value=-1.0), "-1.0"),
        (
            lambda: optimizers.Muon().zeropower_via_newtonschulz5(ops.ones(3), 5),
            "matrix",
        ),
    ],
)
def test_mistakes(mistake, match):
    with pytest.raises(ValueError, match=match):
        mistake()


def test_a_layer_of_zeros_moves_under_lamb():
    w = Variable(np.zeros(3))
    optimizers.Lamb(0.1).apply([ops.ones((3,))], [w])
    assert np.allclose(w, -0.1, atol=1e-6)


def test_muon_gives_embeddings_and_vectors_to_adamw():
    names = ("kernel", "my_embedding", "head", "bias")
    shapes = ((2, 2), (2, 2), (2, 2), (2,))
    pairs = zip(names, shapes, strict=True)
    variables = [Variable(np.ones(shape), name=name) for name, shape in pairs]
    optimizer = optimizers.Muon(exclude_layers=["head"])
    optimizer.build(variables)
    assert [slot is not None for slot in optimizer.adam_velocities] == [0, 1, 1, 1]
