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


def total_by_nonlocal(x):
    total = 0.0

    def add(v):
        nonlocal total
        total = total + v

    def twice(v):
        add(v)
        add(v)

    if x > 2:
        twice(x)
    while total > 10:
        total -= 10
    return total


def counted_by_nonlocal(n):
    total, seen = 0, 0

    def add(v):
        nonlocal total, seen
        seen += 1
        if v > 2:
            total += v

    for i in range(n):
        add(i)
    return total + 100 * seen


@pytest.mark.parametrize(
    "function, given",
    [(total_by_nonlocal, (1.0, 3.0, 12.5)), (counted_by_nonlocal, (0, 2, 6))],
)
def test_names_that_functions_inside_change(function, given):
    "TensorFlow refuses these: what `add` leaves behind is a tensor of the branch."
    traced = keras.function(function)
    for x in given:
        x = ops.convert_to_tensor(x)
        assert float(traced(x)) == float(function(x))


def test_the_slope_by_a_name_that_a_function_inside_changes():
    x = ops.convert_to_tensor(3.0)
    with keras.GradientTape() as tape:
        tape.watch(x)
        y = keras.function(total_by_nonlocal)(x * 1.0)
    assert float(tape.gradient(y, x)) == 2.0


def test_a_function_outside_keeps_its_python_counter():
    calls = 0

    def tick():
        nonlocal calls
        calls += 1

    @keras.function
    def f(n):
        s = 0
        for i in range(n):
            tick()
            s += i
        return s

    assert int(f(ops.convert_to_tensor(5))) == 10
    assert isinstance(calls, int) and calls > 0


def test_a_question_that_changes_names_is_left_to_python():
    @keras.function
    def f(n):
        left = n

        def more():
            nonlocal left
            left = left - 1
            return left > 0

        rounds = 0
        while more():
            rounds += 1
        return rounds

    with pytest.raises(TypeError), pytest.warns(UserWarning, match="changes names"):
        f(ops.convert_to_tensor(3))


def test_the_bool_of_a_tensor_says_what_to_do():
    with pytest.raises(TypeError, match=r"ops\.cond(.|\n)*autograph"):
        keras.function(lambda x: bool(x > 0), autograph=False)(np.float32(1))
