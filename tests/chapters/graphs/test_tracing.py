"""The graph, its text, its state and its two ways to run."""

import numpy as np
import pytest

from minikeras import ops
from minikeras.core.door import here
from minikeras.core.errors import (
    LeakedTensorError,
    OperatorNotAllowedInGraphError,
    ShapeError,
    SymbolicArrayError,
)
from minikeras.core.specs import TensorSpec
from minikeras.core.tape import GradientTape
from minikeras.core.tensor import convert
from minikeras.core.variable import Variable
from minikeras.graph.graph import Graph, Plan, replay, trace, writing

X = TensorSpec((None, 3))


def ran(graph, *arrays):
    return [z.numpy() for z in Plan(graph).run(list(map(np.float32, arrays)))]


def test_text():
    graph = trace(lambda x, y: ops.tanh(x @ y) + 1.0, X, TensorSpec((3, 2)), name="f")
    assert str(graph) == (
        "graph f(x: f32[?,3], y: f32[3,2]) {\n"
        "  %0 = matmul x y : f32[?,2]\n"
        "  %1 = tanh %0 : f32[?,2]\n"
        "  %2 = constant value=1.0 : f32[]\n"
        "  %3 = broadcast_like %2 %1 : f32[?,2]\n"
        "  %4 = add %1 %3 : f32[?,2]\n"
        "  return %4\n"
        "}"
    )


def test_an_input_and_a_constant_may_be_the_output():
    constant = convert(np.arange(20.0))
    graph = trace(lambda x: (x, constant), X)
    assert "constant value=<f64[20]>" in str(graph)
    x = np.ones((2, 3))
    first, second = ran(graph, x)
    np.testing.assert_array_equal(first, x)
    np.testing.assert_array_equal(second, np.arange(20.0))


def test_equal_sizes_need_no_stretching():
    def double(x):
        y = ops.tanh(x)
        return y * x + ops.sum(y, axis=-1, keepdims=True)

    names = [n.op.name for n in trace(double, X).nodes]
    assert names == ["tanh", "multiply", "sum", "broadcast_like", "add"]


@pytest.mark.parametrize("shape", [(1, 3), (4, 3)])
def test_sizes_that_may_be_one_are_stretched(shape):
    graph = trace(lambda x, y: x + y, X, X)
    assert [n.op.name for n in graph.nodes] == ["broadcast_like"] * 2 + ["add"]
    x, y = np.ones(shape), np.ones((4, 3))
    np.testing.assert_array_equal(ran(graph, x, y)[0], x + y)


def test_variables_are_inputs_and_their_assignments_outputs():
    v = Variable(2.0, name="v")
    w = Variable(1.0, name="w")

    def f(x):
        v.assign(v * x)
        w.assign(x)
        return v + 0.0

    graph = trace(f, TensorSpec(()))
    assert list(graph.state) == list(graph.updates) == ["v", "w"]
    assert float(v) == 2.0 and float(w) == 1.0
    assert ran(graph, 3.0, 2.0, 1.0) == [6.0, 6.0, 3.0]
    assert not trace(lambda x: x * v, TensorSpec(())).updates


def test_two_variables_of_one_name():
    a, b = Variable(1.0, name="same"), Variable(2.0, name="same")
    graph = trace(lambda x: x * a - b, TensorSpec(()))
    assert list(graph.state) == ["same", "same_1"]
    assert ran(graph, 5.0, 1.0, 2.0) == [3.0]


def test_gradients_to_second_order_are_as_eager():
    def second(x, w):
        with GradientTape() as outer:
            outer.watch(w)
            with GradientTape() as inner:
                inner.watch(w)
                y = ops.sum(ops.tanh(x @ w) ** 3.0)
            slope = inner.gradient(y, w)
            size = ops.sum(slope * slope)
        return y, slope, outer.gradient(size, w)

    graph = trace(second, X, TensorSpec((3, 2)))
    draw = np.random.default_rng(0)
    x, w = draw.normal(size=(5, 3)), draw.normal(size=(3, 2))
    eager = second(convert(np.float32(x)), convert(np.float32(w)))
    for mine, theirs in zip(ran(graph, x, w), eager, strict=True):
        np.testing.assert_allclose(mine, theirs.numpy(), rtol=1e-5, atol=1e-6)


def test_replay_passes_the_door():
    graph = trace(lambda x: ops.sum(x * x), TensorSpec((3,)))
    x = convert([1.0, 2.0, 3.0])
    with GradientTape() as tape:
        tape.watch(x)
        (y,), updates = replay(graph, [x])
    assert updates == {}
    np.testing.assert_array_equal(tape.gradient(y, x).numpy(), [2, 4, 6])
    again = trace(lambda x: replay(graph, [x])[0][0], TensorSpec((3,)), name="again")
    assert str(again).splitlines()[1:] == str(graph).splitlines()[1:]


def test_a_wrong_shape_is_found_while_tracing_and_nothing_is_left():
    v = Variable(1.0)
    level = here.level

    def wrong(x):
        v.assign(5.0)
        return x @ x

    with pytest.raises(ShapeError, match="inner sizes differ"):
        trace(wrong, TensorSpec((2, 3)))
    assert here.level is level and float(v) == 1.0


def test_an_error_at_run_time_has_our_words():
    graph = trace(lambda x, y: x + y, X, X)
    with pytest.raises(ShapeError, match="do not broadcast"):
        ran(graph, np.ones((2, 3)), np.ones((4, 3)))


def leaked():
    kept = []
    trace(lambda x: kept.append(ops.tanh(x)) or x, X, name="first")
    return kept[0]


@pytest.mark.parametrize(
    "use",
    [
        lambda x: x + 1.0,
        ops.tanh,
        lambda x: trace(lambda y: y + x, X),
        lambda x: trace(lambda y: x, X),
    ],
)
def test_leaks(use):
    with pytest.raises(LeakedTensorError, match="'first' is out of scope") as caught:
        use(leaked())
    assert "kept.append(ops.tanh(x))" in str(caught.value)


@pytest.mark.parametrize(
    ("ask", "error"),
    [
        (bool, OperatorNotAllowedInGraphError),
        (lambda x: 1 if x else 2, OperatorNotAllowedInGraphError),
        (int, TypeError),
        (float, TypeError),
        (np.asarray, SymbolicArrayError),
        (lambda x: x.numpy(), AttributeError),
        (lambda x: range(x), TypeError),
    ],
)
def test_a_node_has_no_value(ask, error):
    asked = []

    def f(x):
        with pytest.raises(error):
            ask(x)
        asked.append(x.spec)
        return x

    trace(f, TensorSpec(()))
    assert asked == [TensorSpec(())] and not hasattr(leaked(), "numpy")


def test_values_are_let_go():
    graph = trace(lambda x: ops.tanh(ops.tanh(ops.tanh(x))), TensorSpec((3,)))
    freed = [free for *_, free, _ in Plan(graph)._steps]
    assert freed == [[0], [1], [2]]


def test_variables_made_meanwhile_are_reported():
    made = []
    with writing(Graph(), made.append):
        v = Variable(1.0)
        w = Variable(lambda shape, dtype: ops.ones(shape, dtype), shape=(2,))
    assert made[0] is v and made[1] is w and len(made) == 2
    assert float(v) == 1.0 and w.numpy().tolist() == [1, 1]


def test_a_first_value_must_be_known():
    with pytest.raises(ValueError, match="not known before the function runs"):
        trace(lambda x: Variable(x) * 1.0, TensorSpec(()))


def test_state_and_inputs_are_told_apart_in_the_text():
    v = Variable(2.0, name="x")
    graph = trace(lambda x: x * v, TensorSpec(()))
    assert str(graph).startswith("graph lambda(x: f32[]; x_1: f32[]) {")
    assert str(trace(lambda: v + 0.0)).startswith("graph lambda(; x: f32[]) {")


def test_a_graph_may_say_whose_line_its_next_lines_are():
    graph = Graph()
    x = graph.input(X, "x")
    graph.place = "train.py:3    x @ w"
    with writing(graph):
        y = ops.tanh(x)
    assert y.place == "train.py:3    x @ w"
