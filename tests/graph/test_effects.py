"""`print` and `py_function` where TensorFlow's recordings (surface) do not reach."""

import numpy as np
import pytest

import minikeras as keras
from minikeras import ops
from minikeras.core.specs import TensorSpec
from minikeras.core.variable import Variable
from minikeras.graph.passes.optimize import optimize

NUMBER = TensorSpec((), "float32")


@pytest.fixture
def place(tmp_path):
    path = tmp_path / "printed.txt"
    path.touch()
    return path


def write_to(path):
    return lambda *x: keras.print(*x, output_stream=f"file://{path}")


def test_a_layer_prints_in_each_step_of_fit(place):
    write = write_to(place)

    class Telling(keras.layers.Layer):
        def call(self, x):
            write("rows", ops.shape(x)[0])
            return x

    model = keras.Sequential([keras.Input((3,)), Telling(), keras.layers.Dense(1)])
    for steps in (1, 2):
        model.compile("sgd", "mse", steps_per_execution=steps)
        model.fit(np.ones((5, 3)), np.ones((5, 1)), batch_size=2, verbose=0)
    assert place.read_text().splitlines() == ["rows 2", "rows 2", "rows 1"] * 2


def test_prints_survive_all_passes_and_the_hundredth_run(place):
    write, held = write_to(place), Variable(2.0)

    @keras.function
    def f(x):
        write("same")
        write("same")
        for _ in range(2):
            x = x * held
        return x

    x = ops.convert_to_tensor(1.0)
    for _ in range(102):
        f(x)
    with keras.GradientTape() as tape:
        y = f(x)
    assert tape.gradient(y, held).numpy() == 4.0
    assert place.read_text().splitlines() == ["same"] * 206
    graph = optimize(f.get_concrete_function(x).graph, final=True)
    assert str(graph).count(" = print ") == 2


def test_variables_print_what_they_hold_then(place):
    write, v = write_to(place), Variable([1.0, 2.0])

    @keras.function
    def f():
        write(v)
        v.assign_add([1.0, 1.0])
        write({"now": v})

    f()
    f()
    told = ["[1 2]", "{'now': [2 3]}", "[2 3]", "{'now': [3 4]}"]
    assert place.read_text().splitlines() == told


def test_python_runs_for_each_row():
    calls = []

    def outer(a, b):
        calls.append(a.shape)
        return np.outer(a.numpy(), b.numpy()), a.numpy().sum()

    outs = [TensorSpec((2, 3), "float64"), TensorSpec((), "float64")]
    a, b = np.arange(8.0).reshape(4, 2), np.arange(3.0)
    found, sums = ops.vectorized_map(
        lambda x: keras.py_function(outer, [x, b], outs), a
    )
    np.testing.assert_array_equal(found, np.einsum("ri,j->rij", a, b))
    np.testing.assert_array_equal(sums, a.sum(1))
    assert calls == [(2,)] * 4
    none = ops.vectorized_map(lambda x: keras.py_function(outer, [x, b], outs), a[:0])
    assert none[0].shape == (0, 2, 3) and none[1].shape == (0,)


def test_slopes_of_both_orders():
    f = keras.function(lambda x: keras.py_function(lambda a: a**3, [x], NUMBER))
    x = ops.convert_to_tensor(2.0)
    with keras.GradientTape() as outer:
        outer.watch(x)
        with keras.GradientTape() as inner:
            inner.watch(x)
            y = f(x)
        slope = inner.gradient(y, x)
    assert (y.numpy(), slope.numpy(), outer.gradient(slope, x).numpy()) == (8, 12, 12)


def test_the_users_error_is_the_same_object():
    error = KeyError("mine")

    def broken(x):
        raise error

    f = keras.function(lambda x: keras.py_function(broken, [x], NUMBER))
    with pytest.raises(KeyError) as caught:
        f(ops.convert_to_tensor(1.0))
    assert caught.value is error


@pytest.mark.parametrize(
    ("result", "wanted", "kind", "words"),
    [
        (lambda x: x.numpy().astype("float64"), NUMBER, TypeError, "another dtype"),
        (lambda x: [1.0, 2.0], [NUMBER], ValueError, "return 1 tensors"),
        (lambda x: np.ones(2, "float32"), NUMBER, ValueError, "another shape"),
        (lambda x: x, "float32", ValueError, "the shape of a result must be told"),
    ],
)
def test_promises_are_checked(result, wanted, kind, words):
    f = keras.function(lambda x: keras.py_function(result, [x], wanted))
    with pytest.raises(kind, match=words):
        f(ops.convert_to_tensor(1.0))


def test_outside_of_graphs_a_dtype_is_promised():
    run = lambda result, wanted: keras.py_function(result, [1.0], wanted)
    assert run(lambda x: 2, "float32").numpy() == 2
    for result in (lambda x: x.numpy().astype("float64"), lambda x: "text"):
        with pytest.raises(TypeError):
            run(result, "float32")
    with pytest.raises(ValueError, match="return 2 tensors"):
        run(lambda x: (x, x, x), ["float32", "float32"])


def test_no_such_stream():
    with pytest.raises(ValueError, match="no such output stream"):
        keras.print(1, output_stream="paper")
