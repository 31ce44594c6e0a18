"""`cond` and `switch`: in Python and in graphs, with gradients and variables."""

import numpy as np
import pytest

from minikeras import ops
from minikeras.core.errors import LeakedTensorError
from minikeras.core.specs import TensorSpec
from minikeras.core.tape import GradientTape
from minikeras.core.variable import Variable
from minikeras.graph.graph import Graph, Plan, replay, trace, writing

FLAG, ONE, ROW = TensorSpec((), "bool"), TensorSpec(()), TensorSpec((None, 3))


def run(graph, *inputs):
    return [z.numpy() for z in Plan(graph).run([np.asarray(x) for x in inputs])]


def slope(function):
    def inner(x, *rest):
        with GradientTape() as tape:
            tape.watch(x)
            y = function(x, *rest)
        return tape.gradient(y, x)

    return inner


def ways(x, k):
    return ops.switch(k, [ops.sin, ops.exp, lambda x: x * x * x], x)


@pytest.mark.parametrize("k", [-3, 0, 1, 2, 7])
def test_traced_equals_eager_to_the_second_order(k):
    x = np.linspace(-1, 1, 6, dtype="float32").reshape(2, 3)
    for function in (ways, slope(ways), slope(slope(ways))):
        graph = trace(function, ROW, TensorSpec((), "int32"))
        want = function(ops.convert_to_tensor(x), ops.convert_to_tensor(k))
        np.testing.assert_allclose(run(graph, x, np.int32(k))[0], want, rtol=1e-6)


def test_a_choice_known_while_writing_leaves_no_line():
    graph = trace(lambda x: ops.cond(True, lambda: x + 1, lambda: 1 / 0), ONE)
    assert "switch" not in str(graph)


def test_numbers_are_true_if_they_are_not_zero():
    half = ops.convert_to_tensor(0.5)
    assert ops.cond(half, lambda: "yes", lambda: "no") == "yes"
    graph = trace(lambda x: ops.cond(x, lambda: x, lambda: x - 1), ONE)
    assert [float(run(graph, np.float32(x))[0]) for x in (0.5, 0)] == [0.5, -1]


def test_sizes_that_differ_become_unknown():
    graph = trace(
        lambda p, x: ops.cond(p, lambda: x[:2], lambda: x), FLAG, TensorSpec((5,))
    )
    assert graph.outputs[0].shape == (None,)
    assert [len(run(graph, p, np.ones(5, "f4"))[0]) for p in (True, False)] == [2, 5]


def test_nested_results_and_none():
    def both(p, x):
        return ops.cond(
            p, lambda: {"a": x, "b": (None, x + 1)}, lambda: {"a": x, "b": (None, x)}
        )["b"][1]

    graph = trace(both, FLAG, ONE)
    assert float(run(graph, True, np.float32(1))[0]) == 2


def test_variables_are_changed_in_the_branch_that_runs():
    count = Variable(1.0, name="count")

    def step(p, x):
        def double():
            count.assign(2 * count)
            return x * count

        z = ops.cond(p, double, lambda: x)
        count.assign_add(1)
        return z

    graph = trace(step, FLAG, ONE)
    two, five = np.float32(2), np.float32(5)
    assert [float(z) for z in run(graph, True, five, two)] == [20, 5]
    assert [float(z) for z in run(graph, False, five, two)] == [5, 3]
    assert float(count) == 1


def test_a_tape_outside_follows_variables_that_are_read_inside():
    w = Variable(3.0, name="w")

    def step(p, x):
        with GradientTape() as tape:
            y = ops.cond(p, lambda: w * x, lambda: x)
        return tape.gradient(y, w, unconnected_gradients="zero")

    graph = trace(step, FLAG, ONE)
    start = [np.float32(3)]
    assert [float(run(graph, p, np.float32(2), *start)[0]) for p in (1, 0)] == [2, 0]


def test_choices_in_choices_capture_through_both():
    def deep(p, q, x):
        y = x + 1
        return ops.cond(p, lambda: ops.cond(q, lambda: x * y, lambda: y), lambda: x)

    graph = trace(deep, FLAG, FLAG, ONE)
    x = np.float32(3)
    found = [float(run(graph, p, q, x)[0]) for p in (1, 0) for q in (1, 0)]
    assert found == [12, 4, 3, 3]


def test_a_replay_goes_through_the_door_again():
    graph = trace(ways, ROW, TensorSpec((), "int32"))
    x, k = ops.ones((2, 3)), ops.convert_to_tensor(2)
    with GradientTape() as tape:
        tape.watch(x)
        (z,), _ = replay(graph, [x, k])
    np.testing.assert_allclose(tape.gradient(z, x), 3 * np.ones((2, 3)))


@pytest.mark.parametrize(
    "ways, error, words",
    [
        ((lambda: 1.0, lambda: 1), TypeError, "dtype float32 in the main branch, but"),
        ((lambda: [1], lambda: 1), TypeError, r"got   \[\*\] and \*"),
        ((lambda: None, lambda: 1), TypeError, "same structure"),
        ((lambda: [1.0, 2.0], lambda: [1.0]), TypeError, "same structure"),
        ((lambda: ops.ones(2), lambda: ops.ones((2, 2))), ValueError, "rank 1 in the"),
        ((1, lambda: 1), TypeError, "`true_fn` should be a callable"),
    ],
)
def test_ways_that_do_not_agree(ways, error, words):
    graph = Graph()
    p = graph.input(FLAG, "p")
    with writing(graph), pytest.raises(error, match=words):
        ops.cond(p, *ways)


def test_errors_of_the_user_pass_untouched():
    own = ValueError("mine")

    def fail():
        raise own

    with pytest.raises(ValueError) as caught:
        ops.cond(True, fail, lambda: 1)
    assert caught.value is own
    with pytest.raises(ValueError) as caught:
        trace(lambda p: ops.cond(p, fail, lambda: 1), FLAG)
    assert caught.value is own


def test_what_leaks_out_of_a_branch_is_named():
    def leaky(p, x):
        bag = []
        ops.cond(p, lambda: bag.append(x * x), lambda: None)
        return bag[0] + 1

    with pytest.raises(LeakedTensorError, match="'main' is out of scope"):
        trace(leaky, FLAG, ONE)


def test_one_number_is_needed():
    with pytest.raises(ValueError, match="one number is needed"):
        ops.cond([True, False], lambda: 1, lambda: 2)
    with pytest.raises(ValueError, match="at least one branch"):
        ops.switch(0, [])
