"""Plans that become lean when they have run often enough."""

import threading
import warnings

import numpy as np
import pytest

from minikeras import config, ops
from minikeras.core.specs import TensorSpec
from minikeras.core.tape import GradientTape
from minikeras.core.variable import Variable
from minikeras.graph import lean
from minikeras.graph.function import function
from minikeras.graph.graph import trace
from minikeras.graph.lean import RUNS, WITH_LOOPS, Lean, patience

SET = config.optimizer.set_experimental_options
GET = config.optimizer.get_experimental_options
V = TensorSpec((3,))


@pytest.fixture(autouse=True)
def switches_as_they_were():
    before = dict(lean.settings)
    yield
    lean.settings.clear()
    lean.settings.update(before)


def plan_of(f, *args):
    return f.get_concrete_function(*args)._program.plan


def loop(x):
    return ops.fori_loop(0, 3, lambda i, z: z * ops.tanh(x), x)


def test_patience():
    assert patience(trace(ops.tanh, V)) == RUNS
    assert patience(trace(loop, V)) == WITH_LOOPS < RUNS


FLAT = (lambda x: x * 1.0 + 2.0, RUNS)


@pytest.mark.parametrize("body, runs", [FLAT, (loop, WITH_LOOPS)])
def test_a_plan_becomes_lean_at_its_run(body, runs):
    f, x = function(body), np.float32([1, 2, 3])
    results = []
    for number in range(1, runs + 5):
        results.append(f(x).numpy())
        assert (plan_of(f, x).lean is not None) is (number >= runs)
    assert isinstance(plan_of(f, x), Lean)
    assert all(np.array_equal(z, results[0]) for z in results)


def test_the_graph_that_is_shown_is_the_one_that_was_traced():
    f, x = function(lambda x: x * 1.0 * 1.0 + x * 1.0), np.float32([1, 2, 3])
    text = str(f.get_concrete_function(x).graph)
    for _ in range(RUNS + 1):
        f(x)
    assert str(f.get_concrete_function(x).graph) == text
    assert len(plan_of(f, x).lean._steps) == 1


def test_gradients_of_all_orders_are_those_of_the_trace():
    f = function(lambda x: ops.sum(ops.tanh(x * 1.0) ** 3))
    x = Variable(np.float32([0.3, -0.5, 2.0]))
    found = []
    for _ in range(RUNS + 5):
        with GradientTape() as outer:
            with GradientTape() as tape:
                y = f(x)
            first = tape.gradient(y, x)
        found.append((y.numpy(), first.numpy(), outer.gradient(first, x).numpy()))
    for one, two in zip(found[0], found[-1], strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-5)


def test_variables_change_once_a_call():
    v = Variable(0.0)

    @function
    def count(x):
        v.assign_add(x * 1.0)
        return v + 0.0

    for number in range(1, 2 * RUNS):
        assert float(count(1.0)) == number == float(v.value)


def test_an_error_names_the_line_of_the_user():
    @function(input_signature=[TensorSpec((None,)), TensorSpec((None,))])
    def f(x, y):
        z = x * 1.0
        return ops.exp(z + y)

    said = []
    for _ in range(2):
        with pytest.raises(ValueError) as error:
            f(np.ones(3, "float32"), np.ones(4, "float32"))
        said.append(str(error.value))
        for _ in range(RUNS):
            f(np.ones(3, "float32"), np.ones(3, "float32"))
    assert said[0] == said[1] and "return ops.exp(z + y)" in said[0]
    assert f.get_concrete_function()._program.plan.lean is not None


def test_a_call_that_failed_leaves_variables_alone_when_lean():
    v = Variable(np.zeros(3, "float32"))

    @function(input_signature=[TensorSpec((None,))])
    def f(x):
        v.assign_add(ops.ones(3))
        return v + x

    for _ in range(RUNS + 1):
        f(np.ones(3, "float32"))
    before = v.numpy().copy()
    with pytest.raises(ValueError):
        f(np.ones(4, "float32"))
    np.testing.assert_array_equal(v.numpy(), before)


def test_threads_share_a_plan():
    f, x = function(lambda x: ops.tanh(x * 1.0) + ops.tanh(x)), np.float32([1, 2, 3])
    wanted, wrong = f(x).numpy(), []

    def work():
        for _ in range(RUNS):
            if not np.array_equal(f(x).numpy(), wanted):
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong and plan_of(f, x).lean is not None


def test_switched_off_and_on():
    f, x = function(lambda x: x * 1.0 + 1.0), np.float32([1, 2, 3])
    SET({"disable_meta_optimizer": True})
    for _ in range(2 * RUNS):
        f(x)
    assert plan_of(f, x).lean is None
    SET({"disable_meta_optimizer": False})
    f(x)
    assert plan_of(f, x).lean is not None


def test_single_passes_are_switched_off():
    def lean_steps():
        f, x = function(loop), np.float32([1, 2, 3])
        for _ in range(WITH_LOOPS):
            f(x)
        return [step[-1].op.name for step in plan_of(f, x).lean._steps]

    assert "tanh" in lean_steps()
    SET({"loop_optimization": False})
    assert "tanh" not in lean_steps()


def test_options_are_tensorflows():
    assert GET() == {"disable_model_pruning": False, "disable_meta_optimizer": False}
    SET({"remapping": True, "constant_folding": False})
    assert GET()["remapping"] is True and GET()["constant_folding"] is False
    with pytest.raises(ValueError, match="there is no option 'fold'"):
        SET({"fold": True})


def test_a_fault_in_a_pass_stops_nobody(monkeypatch):
    import minikeras.graph.passes.optimize as module

    def faulty(graph, counts=None):
        raise KeyError("fault")

    monkeypatch.setattr(module, "ROW", [faulty])
    f = function(lambda x: x * 2.0)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert {float(f(1.0)) for _ in range(3 * RUNS)} == {2.0}
    (warning,) = told
    assert "runs as it was written" in str(warning.message)


def test_a_fallback_is_counted_warned_of_once_and_told():
    @function
    def faulty(x):
        return ops.exp(x) * 2.0 + 1.0

    x, told = np.float32([1, 2, 3]), []
    wanted = faulty(x).numpy()
    for _ in range(RUNS):
        faulty(x)
    plan_of(faulty, x).lean._steps.pop(0)  # as a wrong pass might
    before = lean.fallbacks["faulty"]
    lean.listeners.append(lambda graph, error: told.append((graph.name, error)))
    try:
        with pytest.warns(RuntimeWarning, match="failed when optimised") as caught:
            for _ in range(3):
                np.testing.assert_array_equal(faulty(x).numpy(), wanted)
    finally:
        lean.listeners.pop()
    assert len(caught) == 1 and lean.fallbacks["faulty"] == before + 3
    assert [name for name, _ in told] == ["faulty"] * 3


def test_an_error_of_the_users_is_no_fallback():
    @function(input_signature=[TensorSpec((None,))])
    def careful(x):
        return x + ops.ones(3)

    for _ in range(RUNS + 1):
        careful(np.ones(3, "float32"))
    with pytest.raises(ValueError):
        careful(np.ones(4, "float32"))
    assert lean.fallbacks["careful"] == 0
