"""AutoGraph on the whole package: layers, tapes and gradients in rewritten functions."""

import numpy as np
import pytest

import minikeras as keras
from minikeras import ops


def test_training_until_it_is_good_enough():
    w = keras.Variable(np.zeros(3, "float32"))
    target = np.array([1.0, -2.0, 0.5], "float32")

    @keras.function
    def train(limit):
        steps = 0
        loss = ops.sum(ops.square(w - target))
        while loss > 1e-4:
            with keras.GradientTape() as tape:
                loss = ops.sum(ops.square(w - target))
            w.assign_sub(0.1 * tape.gradient(loss, w))
            steps += 1
            if steps >= limit:
                break
        return steps

    assert int(train(ops.convert_to_tensor(3))) == 3
    assert 10 < int(train(ops.convert_to_tensor(1000))) < 100
    np.testing.assert_allclose(w.numpy(), target, atol=0.02)


def test_a_layer_in_a_branch():
    layer = keras.layers.Dense(2, kernel_initializer="ones")
    layer.build((1, 3))

    @keras.function
    def f(x):
        if ops.sum(x) > 0:
            y = layer(x)
        else:
            y = ops.zeros((1, 2))
        return y

    assert f(ops.ones((1, 3))).numpy().tolist() == [[3.0, 3.0]]
    assert f(-ops.ones((1, 3))).numpy().tolist() == [[0.0, 0.0]]


def test_public_names():
    assert keras.autograph.experimental.do_not_convert is keras.autograph.do_not_convert
    assert "ag__.either" in keras.autograph.to_code(lambda x: x if x else -x)


@pytest.mark.parametrize("n", [0, 1, 30])
def test_a_traced_loop_equals_a_python_loop(n):
    def fibonacci(n):
        a, b = 0, 1
        for _ in range(n):
            a, b = b, (a + b) % 1000
        return a

    assert int(keras.function(fibonacci)(ops.convert_to_tensor(n))) == fibonacci(n)
