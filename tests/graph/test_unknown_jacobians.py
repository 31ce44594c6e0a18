"""Jacobians in traced functions of targets whose sizes only a run knows."""

import numpy as np
import pytest

import minikeras as keras
from minikeras import ops

pytestmark = pytest.mark.filterwarnings("ignore::minikeras.core.errors.RetraceWarning")

W = keras.Variable(np.linspace(-1, 1, 6).reshape(3, 2))


def network(x):
    return ops.tanh(ops.sin(x) @ W) * ops.sum(x)


def chosen(x):
    return ops.where(x > 0, x * x, ops.exp(x))


def gathered(x):
    return ops.concatenate([x[:1], ops.flip(x, axis=0) * x], axis=0)


def repeated(x):
    return ops.fori_loop(0, 3, lambda i, y: ops.cumsum(y * x, axis=0), x)


def branching(x):
    return ops.cond(ops.sum(x) > 0, lambda: x * x, lambda: ops.cumsum(x, axis=0))


@ops.custom_gradient
def own_rule(x):
    return x * x, lambda g: g * 3.0 * x


FUNCTIONS = {
    "network": (network, (None, 3)),
    "both open": (lambda x: ops.cumsum(x, axis=0) * ops.sum(x, axis=1, keepdims=True),
                  (None, None)),
    "second open": (lambda x: ops.cumsum(x, axis=1) * x, (4, None)),
    "product": (lambda x: x @ ops.transpose(x), (None, 3)),
    "chosen": (chosen, (None,)),
    "gathered": (gathered, (None,)),
    "repeated": (repeated, (None,)),
    "branching": (branching, (None,)),
    "own rule": (lambda x: own_rule(ops.sin(x)), (None,)),
    "flat": (lambda x: ops.cumsum(ops.reshape(x, (-1,))), (None,)),
    "softmax": (lambda x: ops.softmax(x), (None, None)),
    "one number": (lambda x: ops.sum(x * x), (None,)),
}  # fmt: skip


def numbers(shape, n):
    "Numbers of a shape, in which what is unknown is n."
    shape = [n if size is None else size for size in shape]
    return np.sin(np.arange(1.0, 1.0 + np.prod(shape))).reshape(shape)


def differences(f, x):
    "The Jacobian by central differences."
    x, rows = np.asarray(x), []
    for i in range(x.size):
        step = np.zeros(x.size)
        step[i] = 1e-6
        up, down = (np.asarray(f(ops.convert_to_tensor(x + s * step.reshape(x.shape))))
                    for s in (1, -1))  # fmt: skip
        rows.append((up - down) / 2e-6)
    return np.moveaxis(np.array(rows), 0, -1).reshape(rows[0].shape + x.shape)


def slopes(f, *sources):
    def by(x):
        with keras.GradientTape() as tape:
            tape.watch(x)
            y = f(x)
        return tape.jacobian(y, [x, *sources])

    return by


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_jacobian_is_that_of_eager_code(name):
    f, shape = FUNCTIONS[name]
    spec = keras.TensorSpec(shape, "float64")
    traced = keras.function(slopes(f), input_signature=[spec])
    for n in (3, 1, 5):
        x = numbers(shape, n)
        (mine,) = traced(x)
        (eager,) = slopes(f)(ops.convert_to_tensor(x))
        np.testing.assert_allclose(mine, eager, atol=1e-12)
        if name != "own rule":
            np.testing.assert_allclose(mine, differences(f, x), atol=1e-7)
    assert traced.experimental_get_tracing_count() == 1


@pytest.mark.parametrize("name", ["network", "both open", "chosen", "flat"])
def test_of_nothing_it_is_empty(name):
    f, shape = FUNCTIONS[name]
    spec = keras.TensorSpec(shape, "float64")
    (found,) = keras.function(slopes(f), input_signature=[spec])(numbers(shape, 0))
    (eager,) = slopes(f)(ops.convert_to_tensor(numbers(shape, 0)))
    assert found.shape == eager.shape and 0 in found.shape


def test_by_variables_and_by_what_is_not_connected():
    other = keras.Variable(np.ones(2))
    spec = keras.TensorSpec((None, 3), "float64")
    both = slopes(network, W, other)
    traced = keras.function(both, input_signature=[spec])
    x = ops.convert_to_tensor(numbers((4, 3), None))
    for mine, eager in zip(traced(x), both(x), strict=True):
        if eager is None:
            assert mine is None
        else:
            np.testing.assert_allclose(mine, eager, atol=1e-12)


@pytest.mark.parametrize("shape", [(None, 3), (4, None), (None, None)])
def test_the_jacobian_of_each_example(shape):
    def by(x):
        with keras.GradientTape() as tape:
            tape.watch(x)
            y = ops.cumsum(ops.sin(x), axis=1) * ops.sum(x, axis=1, keepdims=True)
        return tape.batch_jacobian(y, x)

    traced = keras.function(by, input_signature=[keras.TensorSpec(shape, "float64")])
    for sizes in ((4, 3), (4, 3)):
        x = ops.convert_to_tensor(numbers(sizes, None))
        np.testing.assert_allclose(traced(x), by(x), atol=1e-12)
        assert traced(x).shape == (4, 3, 3)


def test_a_hessian():
    def by(x):
        with keras.GradientTape() as outer:
            outer.watch(x)
            with keras.GradientTape() as inner:
                inner.watch(x)
                y = ops.sum(ops.sin(x)) * ops.sum(x * x)
            slope = inner.gradient(y, x)
        return outer.jacobian(slope, x)

    traced = keras.function(by, input_signature=[keras.TensorSpec((None,), "float64")])
    for n in (2, 5):
        x = ops.convert_to_tensor(numbers((None,), n))
        np.testing.assert_allclose(traced(x), by(x), atol=1e-12)
        np.testing.assert_allclose(traced(x), np.asarray(traced(x)).T, atol=1e-12)


def test_the_slope_of_a_jacobian():
    def by(x):
        with keras.GradientTape() as outer:
            outer.watch(x)
            (table,) = slopes(lambda x: ops.cumsum(x * x * x))(x)
            total = ops.sum(table * table)
        return outer.gradient(total, x)

    traced = keras.function(by, input_signature=[keras.TensorSpec((None,), "float64")])
    x = ops.convert_to_tensor(numbers((None,), 4))
    np.testing.assert_allclose(traced(x), by(x), atol=1e-12)


def test_row_by_row_the_sizes_must_be_known():
    def by(x):
        with keras.GradientTape() as tape:
            tape.watch(x)
            y = x * x
        return tape.jacobian(y, x, experimental_use_pfor=False)

    with pytest.raises(ValueError, match="sizes of the target must be known"):
        keras.function(by, input_signature=[keras.TensorSpec((None,))])(np.ones(3))
    assert keras.function(by)(np.ones(3)).shape == (3, 3)
