"""GradientTape: following, seeds, spending, failing, threads."""

import threading

import numpy as np
import pytest

import minikeras.core.infer
import minikeras.core.table as table
from minikeras.core.door import here
from minikeras.core.errors import ArgumentError, DTypeError, ShapeError
from minikeras.core.gradients import vjp
from minikeras.core.infer import eval_spec
from minikeras.core.specs import TensorSpec
from minikeras.core.table import Op
from minikeras.core.tape import ARITHMETIC, GradientTape
from minikeras.core.tensor import convert


def taped(function, x, **options):
    x = convert(x)
    with GradientTape(**options) as tape:
        tape.watch(x)
        y = function(x)
    return tape, y, x


def slope(function, x, **options):
    tape, y, x = taped(function, x)
    return tape.gradient(y, x, **options)


def test_straight_lines_squares_and_shortcuts():
    assert float(slope(lambda x: x * x, 3.0)) == 6.0
    assert float(slope(lambda x: x + x * x, 3.0)) == 7.0
    assert np.isclose(
        float(slope(lambda x: x + table.tanh(x), 0.5)), 2 - np.tanh(0.5) ** 2
    )


def test_watching_counts_from_then_on():
    x = convert(3.0)
    with GradientTape() as tape:
        y = x * x
        tape.watch(x)
        z = y + x
    assert float(tape.gradient(z, x)) == 1.0


def test_used_before_it_was_watched_beside_a_followed_value():
    "The record exists because of w; x was followed only after it."
    x, w = convert(3.0), convert(2.0)
    with GradientTape() as tape:
        tape.watch(w)
        y = x * w
        tape.watch(x)
        z = y * x
    assert [float(g) for g in tape.gradient(z, [x, w])] == [6.0, 9.0]


def test_what_was_not_followed_is_none():
    x, w = convert(3.0), convert(4.0)
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        y, whole = x * w, table.cast(x, dtype="int32")
        steps = table.floor(x) * 2.0
        with tape.stop_recording():
            hidden = x * x
        after = hidden + 1.0
    for target, source in ((y, w), (whole, x), (steps, x), (after, x), (w, w)):
        assert tape.gradient(target, source) is None
        zero = tape.gradient(target, source, unconnected_gradients="zero")
        assert zero.numpy() == 0.0


def test_integers_are_never_followed():
    n = convert([1, 2])
    with GradientTape() as tape:
        tape.watch(n)
        y = table.cast(n, dtype="float32") * 2.0
    assert tape.gradient(y, n) is None


def test_intermediates_targets_and_nests():
    x = convert(2.0)
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x
        z = y * y * x
    found = tape.gradient({"a": z, "b": [y]}, {"x": x, "more": (y, z)})
    assert float(found["x"]) == 80.0 + 4.0
    assert [float(g) for g in found["more"]] == [16.0 + 1.0, 1.0]
    assert tape.gradient(z, []) == []
    assert [float(g) for g in tape.gradient(z, [x, x])] == [80.0, 80.0]


def test_seeds():
    square = lambda x: x * x
    x = [1.0, 2.0, 3.0]
    assert slope(square, x).numpy().tolist() == [2, 4, 6]
    assert slope(square, x, output_gradients=[1, 0, -2]).numpy().tolist() == [2, 0, -12]
    assert slope(square, x, output_gradients=2.0).numpy().tolist() == [4, 8, 12]
    assert slope(square, x, output_gradients=np.ones(3)).dtype == "float32"
    pair = lambda x: [x * x, x + 1.0]
    got = slope(pair, x, output_gradients=[convert([1.0, 0.0, 0.0]), None])
    assert got.numpy().tolist() == [3, 1, 1]


@pytest.mark.parametrize("seed", [[1.0, 2.0], np.ones((2, 3)), np.ones((3, 1))])
def test_a_seed_that_does_not_fit(seed):
    tape, y, x = taped(lambda x: x * x, [1.0, 2.0, 3.0])
    with pytest.raises(ShapeError, match="output_gradients"):
        tape.gradient(y, x, output_gradients=seed)
    assert tape.gradient(y, x).numpy().tolist() == [2, 4, 6]  # it was not spent


def test_wrong_questions():
    tape, y, x = taped(lambda x: x * x, 3.0)
    for target, source in ((1.0, x), (None, x), (y, 3.0), (y, [x, None]), (y, "x")):
        with pytest.raises(DTypeError, match="tensor or variable"):
            tape.gradient(target, source)
    with pytest.raises(ArgumentError, match="unconnected"):
        tape.gradient(y, x, unconnected_gradients="nothing")
    with pytest.raises(ArgumentError, match="one is needed for each target"):
        tape.gradient([y, y], x, output_gradients=[y])
    assert float(tape.gradient(y, x)) == 6.0


@pytest.mark.parametrize("value", [1.0, None, "x", np.ones(3), [1.0]])
def test_only_tensors_are_watched(value):
    with GradientTape() as tape, pytest.raises(ValueError, match="only tensors"):
        tape.watch(value)


def test_spent_persistent_never_opened():
    tape, y, x = taped(lambda x: x * x, 3.0)
    tape.gradient(y, x)
    with pytest.raises(RuntimeError, match="only be used to compute one set"):
        tape.gradient(y, x)
    tape, y, x = taped(lambda x: x * x, 3.0, persistent=True)
    assert float(tape.gradient(y, x)) == float(tape.gradient(y, x)) == 6.0
    with pytest.raises(RuntimeError, match="never opened"):
        GradientTape().gradient(y, x)


def test_a_spent_tape_begins_afresh():
    tape, y, x = taped(lambda x: x * x, 3.0)
    tape.gradient(y, x)
    with tape:
        tape.watch(x)
        z = x * x * x
    assert float(tape.gradient(z, x)) == 27.0


def test_entering_again_goes_on():
    tape, y, x = taped(lambda x: x * x, 3.0)
    with tape:
        z = y * x
        with pytest.raises(ValueError, match="recording already"):
            tape.__enter__()
    assert float(tape.gradient(z, x)) == 27.0


def test_reset_and_stop_need_a_recording_tape():
    tape, y, x = taped(lambda x: x * x, 3.0)
    with pytest.raises(ValueError, match="not recording"):
        tape.reset()
    with pytest.raises(ValueError, match="not recording"), tape.stop_recording():
        pass
    with GradientTape() as tape:
        tape.watch(x)
        y = x * x
        tape.reset()
        tape.watch(x)
        z = y + x * 2.0
    assert float(tape.gradient(z, x)) == 2.0


def test_gradient_inside_its_own_block():
    x = convert(3.0)
    with GradientTape() as tape:
        tape.watch(x)
        first = tape.gradient(x * x * x, x)
        assert tape not in here.level.watchers
    assert float(first) == 27.0
    with pytest.raises(RuntimeError):
        tape.gradient(first, x)
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        first = tape.gradient(x * x * x, x)
        second = tape.gradient(first, x)
    assert float(tape.gradient(second, x)) == 6.0


def test_exceptions_leave_the_watchers_as_they_were():
    before = list(here.level.watchers)
    x = convert(3.0)
    with pytest.raises(KeyError), GradientTape() as outer, GradientTape() as inner:
        outer.watch(x)
        with inner.stop_recording():
            raise KeyError
    assert here.level.watchers == before


def test_a_failing_rule_spends_nothing_and_the_tape_listens_on():
    failing, answer = Op("failing", listed=False), []

    def rule(g, z, x):
        if not answer:
            raise KeyError("the rule's own error")
        return g * 10.0

    minikeras.core.eager.evaluate[failing] = lambda x: x * 2
    vjp[failing] = (rule,)
    try:
        x = convert(3.0)
        with GradientTape() as tape:
            tape.watch(x)
            y = failing(x)
            with pytest.raises(KeyError):
                tape.gradient(y, x)
            assert tape in here.level.watchers
            answer.append(True)
            z = y * 2.0
        assert float(tape.gradient(z, x)) == 20.0
    finally:
        del vjp[failing], minikeras.core.eager.evaluate[failing]


def test_another_thread_may_ask_and_is_not_recorded():
    tape, y, x = taped(lambda x: x * x, 3.0, persistent=True)
    with tape:
        made, found = [], []
        work = threading.Thread(target=lambda: made.append(x * y))
        work.start()
        work.join()
    asks = threading.Thread(target=lambda: found.append(tape.gradient(y, x)))
    asks.start()
    asks.join()
    assert float(found[0]) == 6.0 and tape.gradient(made[0], x) is None


@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (2, 0), (2, 3)])
def test_every_shape(shape):
    x = np.ones(shape, "float32")
    total = lambda x: table.reduce_sum(x * x + x, axis=None, keepdims=False)
    assert np.array_equal(slope(total, x).numpy(), 3 * np.ones(shape, "float32"))
    assert slope(lambda x: x * 2.0, x).shape == shape


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_gradients_keep_the_dtype_and_shape_of_the_source(dtype):
    x = table.cast(convert([[1.0], [2.0]]), dtype=dtype)
    w = convert(np.ones(3, "float64"))
    with GradientTape() as tape:
        tape.watch([x, w])
        y = x * w + x
    gx, gw = tape.gradient(y, [x, w])
    assert (gx.dtype, gx.shape, gw.dtype, gw.shape) == (dtype, (2, 1), "float64", (3,))
    assert gx.numpy().astype("float64").tolist() == [[6.0], [6.0]]
    assert gw.numpy().tolist() == [3.0] * 3


def test_the_tape_works_on_symbols():
    def step(x, w):
        with GradientTape() as tape:
            tape.watch(w)
            y = table.tanh(x @ w)
        return tape.gradient(y, w)

    assert eval_spec(step, TensorSpec((None, 3)), TensorSpec((3, 4))) == TensorSpec(
        (3, 4)
    )


def test_linear_in_the_length():
    x = convert(1.0)
    with GradientTape() as tape:
        tape.watch(x)
        y = x
        for _ in range(100):
            y = y + y
    assert len(tape._log) == 100
    assert float(tape.gradient(y, x)) == 2.0**100


def test_operations_on_nothing_followed_are_not_kept():
    x, c = convert(1.0), convert(2.0)
    with GradientTape() as tape:
        tape.watch(x)
        for _ in range(10):
            c = c * c * 0.5
        _ = x * c
    assert len(tape._log) == 1


SAMPLES = {
    kind: [np.linspace(0.5, 2.0, 6).astype(kind), np.linspace(2.5, 1.0, 6).astype(kind)]
    for kind in ("float16", "float32", "float64")
}


@pytest.mark.parametrize("op", sorted(ARITHMETIC, key=str), ids=str)
@pytest.mark.parametrize("kind", SAMPLES)
def test_rules_of_bare_arrays_give_the_bits_of_tensors(op, kind):
    "A persistent tape that is still open looks on, so its rules are given tensors."
    xs = [convert(x) for x in SAMPLES[kind][: op_inputs(op)]]
    with GradientTape() as bare:
        bare.watch(xs)
        y = op(*xs)
    fast = bare.gradient(y, xs)
    with GradientTape(persistent=True) as watched:
        watched.watch(xs)
        slow = watched.gradient(op(*xs), xs)
    for one, other in zip(fast, slow, strict=True):
        assert one.dtype == other.dtype == kind and one.shape == other.shape
        np.testing.assert_array_equal(one.numpy(), other.numpy())


def op_inputs(op):
    return len(vjp[op])


def test_arithmetic_rules_name_nothing():
    assert {"add", "multiply", "tanh"} <= {op.name for op in ARITHMETIC}
    assert not {"sin", "where", "matmul", "expm1"} & {op.name for op in ARITHMETIC}


@pytest.mark.parametrize("kind", ["float16", "bfloat16", "float32"])
def test_gradients_of_single_numbers_keep_their_dtype(kind):
    x = convert(1.5, kind)
    with GradientTape() as tape:
        tape.watch(x)
        y = table.exp(x * x) / x
    g = tape.gradient(y, x)
    assert (g.dtype, g.shape) == (kind, ())
    exact = np.exp(2.25) * (2 - 1 / 2.25)
    assert abs(float(g) / exact - 1) < 0.03


def test_overflow_in_a_bare_sweep_is_silent():
    x = convert(np.float32(1e38))
    with np.errstate(all="raise"), GradientTape() as tape:
        tape.watch(x)
        y = x * x * x
        g = tape.gradient(y, x)
    assert np.isinf(float(g))
