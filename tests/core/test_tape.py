"""GradientTape against what TensorFlow 2.21 did, line by line."""

import gc
import threading
import weakref

import numpy as np
import pytest

import minikeras
from minikeras import GradientTape, Variable, ops
from minikeras.core.door import here
from tests.golden import case_id, check, load
from tests.golden.deviations import TAPE


@pytest.mark.parametrize("record", load("tape"), ids=case_id)
def test_as_recorded(record):
    if record["id"] in TAPE:
        pytest.skip(TAPE[record["id"]])
    check(record, minikeras)


# ---- what TensorFlow does not record, or we promise on top ---------------------------


def test_nothing_is_left_open():
    "Tapes leave the stack of watchers as they found it, also when the body raises."
    before = list(here.level.watchers)
    with pytest.raises(ZeroDivisionError), GradientTape() as tape:
        x = ops.convert_to_tensor(1.0)
        tape.watch(x)
        x * 2.0
        raise ZeroDivisionError
    assert here.level.watchers == before
    with pytest.raises(ValueError), GradientTape():
        ops.add(ops.ones((2, 3)), ops.ones((2, 4)))
    assert here.level.watchers == before


def test_failed_operation_leaves_no_record():
    "An operation that raises is as if it had not been called."
    x = ops.convert_to_tensor([[1.0, 2.0]])
    with GradientTape() as tape:
        tape.watch(x)
        y = x * x
        with pytest.raises(ValueError):
            ops.matmul(x, x)
        z = y * 3.0
    np.testing.assert_allclose(tape.gradient(z, x), [[6.0, 12.0]])


def test_two_tapes_side_by_side():
    "Independent tapes see the same operations and give the same gradients."
    x = ops.convert_to_tensor(2.0)
    with GradientTape() as a, GradientTape() as b:
        a.watch(x)
        b.watch(x)
        y = x * x * x
    assert float(a.gradient(y, x)) == float(b.gradient(y, x)) == 12.0


def test_tapes_of_two_threads_do_not_meet():
    found = {}

    def work(factor):
        x = ops.convert_to_tensor(float(factor))
        with GradientTape() as tape:
            tape.watch(x)
            y = x
            for _ in range(50):
                y = y * 1.0 + x * 0.0
            y = y * x
        found[factor] = float(tape.gradient(y, x))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {n: 2.0 * n for n in range(1, 9)}


def test_a_spent_tape_lets_go_of_its_tensors():
    x = ops.convert_to_tensor(np.ones(10, "float32"))
    with GradientTape() as tape:
        tape.watch(x)
        y = x * 2.0
        kept = weakref.ref(y)
        z = ops.sum(y)
    tape.gradient(z, x)
    del y
    gc.collect()
    assert kept() is None


def test_identity_of_freed_tensors_is_not_confused():
    "Many short-lived tensors: an id that is used again must not carry a gradient."
    x = ops.convert_to_tensor(1.0)
    with GradientTape() as tape:
        tape.watch(x)
        y = x * 1.0
        for i in range(2000):
            ops.convert_to_tensor(float(i)) * 2.0
            if i % 100 == 0:
                y = y + x * 1.0
    assert float(tape.gradient(y, x)) == 21.0


def test_long_chain_needs_no_deep_stack():
    x = ops.convert_to_tensor(1.0)
    with GradientTape() as tape:
        tape.watch(x)
        y = x
        for _ in range(20_000):
            y = y + x * 0.0
    assert float(tape.gradient(y, x)) == 1.0


def test_doubling_chain_is_linear():
    "Twenty doublings have a million paths, and the tape takes each record once."
    x = ops.convert_to_tensor(1.0)
    with GradientTape() as tape:
        tape.watch(x)
        y = x
        for _ in range(60):
            y = y + y
    assert float(tape.gradient(y, x)) == 2.0**60


def test_gradient_raising_midway_spends_nothing_else():
    "A wrong source raises; the tape's stack is untouched and other tapes still work."
    x = ops.convert_to_tensor(1.0)
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x
    with pytest.raises((ValueError, TypeError)):
        tape.gradient(y, "x")
    assert float(tape.gradient(y, x)) == 2.0


def test_hessian_seven_ways():
    "One function, seven routes to its second derivative."
    a = np.array([0.3, -1.2, 0.7])

    def f(x):
        return ops.sum(ops.tanh(x) * x * x)

    def first(x):
        with GradientTape() as tape:
            tape.watch(x)
            y = f(x)
        return tape.gradient(y, x)

    def tensor():
        return ops.convert_to_tensor(a, dtype="float64")

    def nested_rows():
        x, rows = tensor(), []
        for i in range(3):
            with GradientTape() as outer:
                outer.watch(x)
                g = first(x)[i]
            rows.append(outer.gradient(g, x).numpy())
        return np.stack(rows)

    def nested_jacobian():
        x = tensor()
        with GradientTape() as outer:
            outer.watch(x)
            g = first(x)
        return outer.jacobian(g, x).numpy()

    def persistent_inside():
        x = tensor()
        with GradientTape(persistent=True) as tape:
            tape.watch(x)
            g = tape.gradient(f(x), x)
        return tape.jacobian(g, x).numpy()

    def seeded():
        x, columns = tensor(), []
        with GradientTape(persistent=True) as outer:
            outer.watch(x)
            g = first(x)
        for row in np.eye(3):
            columns.append(outer.gradient(g, x, output_gradients=row).numpy())
        return np.stack(columns)

    def by_variable():
        v = Variable(a, dtype="float64")
        with GradientTape() as outer:
            with GradientTape() as inner:
                y = f(v)
            g = inner.gradient(y, v)
        return outer.jacobian(g, v).numpy()

    def differences():
        h = 1e-4
        steps = [
            (first_at(a + h * e) - first_at(a - h * e)) / (2 * h) for e in np.eye(3)
        ]
        return np.stack(steps)

    def first_at(values):
        return first(ops.convert_to_tensor(values, dtype="float64")).numpy()

    def formula():
        t = np.tanh(a)
        s = 1 - t * t
        return np.diag(2 * t + 4 * a * s - 2 * a * a * t * s)

    ways = (nested_rows, nested_jacobian, persistent_inside, seeded, by_variable)
    for way in (*ways, differences):
        np.testing.assert_allclose(way(), formula(), 1e-6, 1e-7, err_msg=way.__name__)
