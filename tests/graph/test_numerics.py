"""The first bad number: named, with its line and layer, eager and in graphs."""

import threading

import numpy as np
import pytest

import minikeras as keras
from minikeras import GradientTape, debugging, function, ops
from minikeras.core.door import here
from minikeras.core.errors import NumericsError
from minikeras.graph.graph import examiners
from minikeras.graph.parse import parse


@pytest.fixture
def looking():
    debugging.enable_check_numerics()
    yield
    debugging.disable_check_numerics()
    assert not examiners and not here.level.watchers


def slope(f):
    def gradient(x):
        with GradientTape() as tape:
            tape.watch(x)
            y = f(x)
        return tape.gradient(y, x)

    return gradient


HALF = np.full((2, 2), 300.0, "float16")
RECIPES = {  # what goes wrong: (function, input, the operation that is to blame)
    "log 0": (lambda x: ops.log(x) * 2.0, [1.0, 0.0], "log"),
    "log of negative": (lambda x: ops.sum(ops.log(x)), [1.0, -1.0], "log"),
    "0 / 0": (lambda x: x / (x * 0.0), [0.0], "divide"),
    "1 / 0": (lambda x: 1.0 / x + 1.0, [2.0, 0.0], "divide"),
    "sqrt of negative": (lambda x: ops.sqrt(x), [-1.0], "sqrt"),
    "slope of sqrt": (slope(lambda x: ops.sqrt(x)), [0.0], "divide"),
    "slope of a norm": (
        slope(lambda x: ops.sqrt(ops.sum(x * x))), [0.0, 0.0], "divide"
    ),
    "exp overflows": (lambda x: ops.exp(x) / 2.0, [1000.0], "exp"),
    "float16 product": (lambda x: ops.matmul(x, x), HALF, "matmul"),
    "float16 square": (lambda x: x * x, HALF, "multiply"),
    "float16 sum": (lambda x: ops.sum(x * 100.0), HALF, "sum"),
    "a cast": (lambda x: ops.cast(x, "float16"), [1e6], "cast"),
    "a power": (lambda x: x**0.5, [-1.0], "power"),
    "inf - inf": (lambda x: ops.cumsum(x), [np.inf, -np.inf], "cumsum"),
    "nan in the data": (lambda x: ops.reshape(x, (1, 2)) + 1.0, [np.nan, 1.0], "add"),
    "arccos": (lambda x: ops.arccos(x), [2.0], "arccos"),
    "in a branch": (
        lambda x: ops.cond(ops.sum(x) > 0, lambda: ops.log(x - 1.0), lambda: x),
        [1.0],
        "log",
    ),
    "in a loop": (
        lambda x: ops.while_loop(lambda i, x: i < 3, lambda i, x: (
            i + 1, ops.log(x)), (0, x))[1],
        [2.0],
        "log",
    ),
}  # fmt: skip


@pytest.mark.parametrize("traced", [False, True], ids=["eager", "graph"])
@pytest.mark.parametrize("what", RECIPES)
def test_recipes(what, traced, looking):
    call, x, op = RECIPES[what]
    x = ops.convert_to_tensor(x)
    with pytest.raises(FloatingPointError) as caught:
        (function(call) if traced else call)(x)
    assert (caught.value.op == op and "nan" in str(caught.value)) or "infinite" in str(
        caught.value
    )
    assert "test_numerics.py" in caught.value.at


@pytest.mark.parametrize("what", RECIPES)
def test_nothing_is_said_when_it_is_off(what):
    call, x, _ = RECIPES[what]
    x = ops.convert_to_tensor(x)
    np.testing.assert_array_equal(call(x), function(call)(x))


def test_numbers_that_are_moved_or_chosen_are_not_to_blame(looking):
    x = ops.convert_to_tensor([1.0, 2.0, 3.0])
    z = ops.softmax(ops.where(x > 1.5, x, -np.inf))
    assert z.numpy()[0] == 0.0


class Sharp(keras.layers.Layer):
    def call(self, x):
        return ops.log(x - 1.0)


def model_of():
    model = keras.Sequential(
        [keras.Input((2,)), Sharp(name="sharp"), keras.layers.Dense(1)]
    )
    model.compile("sgd", "mse")
    return model


def test_layer_and_line_of_a_model(looking):
    x = np.ones((4, 2), "float32")
    for call in (lambda m: m(x), lambda m: m.predict(x, verbose=0),
                 lambda m: m.fit(x, x[:, :1], verbose=0)):  # fmt: skip
        with pytest.raises(NumericsError) as caught:
            call(model_of())
        assert caught.value.op == "log" and caught.value.at.endswith("/sharp")
        assert "return ops.log(x - 1.0)" in caught.value.at


def test_a_rate_that_is_too_high(looking):
    keras.utils.set_random_seed(0)
    x = np.linspace(-3, 3, 32, dtype="float32")[:, None]
    model = keras.Sequential(
        [keras.Input((1,)), keras.layers.Dense(8), keras.layers.Dense(1)]
    )
    model.compile(keras.optimizers.SGD(1e6), "mse")
    with pytest.raises(NumericsError):
        model.fit(x, x**2, epochs=50, verbose=0)
    debugging.disable_check_numerics()
    weights = model.get_weights()
    assert all(np.isfinite(w).all() for w in weights), "weights before the bad step"
    model.fit(x, x**2, epochs=1, verbose=0)


def test_other_threads_are_left_alone(looking):
    seen = []
    traced = function(lambda x: ops.log(x))

    def work():
        zero = ops.zeros(2)
        seen.extend([ops.log(zero).numpy()[0], traced(zero).numpy()[0]])

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [-np.inf, -np.inf]


def test_switch_twice(looking):
    debugging.enable_check_numerics()
    assert len(examiners) == 1
    debugging.disable_check_numerics()
    debugging.disable_check_numerics()
    assert ops.log(ops.zeros(1)).numpy()[0] == -np.inf


def test_check_numerics_passes_on_and_looks_at_the_gradient():
    x = ops.convert_to_tensor([4.0, 0.0])
    assert debugging.check_numerics(x, "x").numpy().tolist() == [4.0, 0.0]
    with pytest.raises(NumericsError, match="the roots: the tensor has 1 nan of 2"):
        debugging.check_numerics(ops.sqrt(x - 1.0), "the roots")
    for wrap in (lambda f: f, function):
        f = wrap(slope(lambda x: ops.sqrt(debugging.check_numerics(x, "x"))))
        with pytest.raises(NumericsError, match="the gradient of x"):
            f(x)
    with pytest.raises(TypeError, match="only floats"):
        debugging.check_numerics([1, 2], "whole")


def test_check_numerics_in_rows_and_unknown_sizes():
    x = np.arange(6.0, dtype="float32").reshape(3, 2)
    rows = ops.vectorized_map(lambda r: debugging.check_numerics(r, "r") * 2.0, x)
    np.testing.assert_array_equal(rows, x * 2.0)
    f = function(lambda x: debugging.check_numerics(x, "two words") + x)
    graph = f.get_concrete_function(keras.TensorSpec((None, 2))).graph
    assert graph.outputs[0].spec.shape == (None, 2)
    assert str(parse(str(graph))) == str(graph)
