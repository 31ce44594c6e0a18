"""Graphs for any size: what is traced with every axis unknown agrees with eager code.

Primitives come from `tests/samples.py`, public functions from the recorded cases of
Keras; each is traced with a `?` for every size of its float inputs.  Then what only a
run knows: bounds of slices, sizes of shapes and of random draws.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import minikeras
from minikeras import ops, random
from minikeras.core.dtypes import FLOATS
from minikeras.core.nest import flatten
from minikeras.core.specs import TensorSpec
from minikeras.core.table import OPS
from minikeras.core.tape import GradientTape
from minikeras.core.tensor import Tensor, convert
from minikeras.graph.function import function
from tests.golden.encoding import decode
from tests.golden.player import find, tensor_of
from tests.samples import ROWS

GOLDEN = Path(__file__).parents[1] / "golden"
ORDERS = {"smooth": (0, 1, 2), "zero": (0, 1), "none": (0,), "cast": (0, 1)}


def open_spec(x):
    return TensorSpec((None,) * x.ndim, x.dtype)


def anyhow(run, *given):
    "What `run` gives when it is traced with no size known."
    specs = [open_spec(x) for x in given]
    return function(run, autograph=False, input_signature=specs)(*given)


def slopes(run, order):
    "`run` itself, or the slopes of sum(sin(run(...))), or the slopes of those."
    if order == 0:
        return run

    def found(*given):
        sources = [x for x in given if x.dtype in FLOATS]
        with GradientTape() as tape:
            tape.watch(sources)
            parts = [z for z in flatten(slopes(run, order - 1)(*given)) if is_float(z)]
            y = sum(ops.sum(ops.sin(ops.cast(z, "float64"))) for z in parts)
        return tape.gradient(y, sources, unconnected_gradients="zero") if parts else []

    return found


def is_float(x):
    return x is not None and x.dtype in FLOATS


def agree(found, expected, **close):
    found, expected = flatten(found), flatten(expected)
    assert len(found) == len(expected)
    for x, y in zip(found, expected):
        assert (x.shape, x.dtype) == (y.shape, y.dtype)
        np.testing.assert_allclose(
            np.asarray(x, "float64"), np.asarray(y, "float64"), **close
        )


# ---- primitives ----------------------------------------------------------------------

TAKING = sorted(set(ROWS) - {"full", "iota", "random_bits"})


@pytest.mark.parametrize("name", TAKING)
@pytest.mark.parametrize("low", [1, 0], ids=["some", "perhaps none"])
def test_a_primitive_for_any_size(name, low):
    @settings(
        max_examples=8, derandomize=True, database=None, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.data())
    def check(data):
        arrays, attributes = ROWS[name].draw(data, (low, 3))
        inputs = [convert(x) for x in arrays]
        for order in ORDERS[ROWS[name].gradient]:
            run = slopes(lambda *xs: OPS[name](*xs, **attributes), order)
            try:
                expected = run(*inputs)
            except ValueError:  # the largest of no numbers, a -1 for no numbers
                assert low == 0
                continue
            agree(anyhow(run, *inputs), expected, rtol=1e-9, atol=1e-12)

    check()


# ---- public functions ----------------------------------------------------------------

NEED_SIZES = {
    "shape": "it gives ints as far as sizes are known",
    "squeeze": "without an axis it drops those that are known to be 1",
    "unstack": "the number of tensors it returns must be known",
}


def first_cases():
    "One recorded call of each function that takes floats: (name, case)."
    found = {}
    for area in ("ops_numpy", "ops_nn", "pantry", "holes"):
        for case in json.loads((GOLDEN / f"{area}.json").read_text()):
            whole = "Error" in json.dumps(case.get("out", ""))
            if case["kind"] == "op" and "float32[" in json.dumps(case) and not whole:
                found.setdefault(case["name"], case)
    return [pytest.param(case, id=name) for name, case in sorted(found.items())]


def taken_apart(nest, floats):
    "The nest with a number in place of each float tensor, which `floats` collects."
    if isinstance(nest, Tensor) and nest.dtype in FLOATS:
        floats.append(nest)
        return Hole(len(floats) - 1)
    if isinstance(nest, dict):
        return {key: taken_apart(x, floats) for key, x in nest.items()}
    if isinstance(nest, (list, tuple)):
        return type(nest)([taken_apart(x, floats) for x in nest])
    return nest


class Hole(int):
    "The place of a tensor in a list."


def filled(nest, floats):
    if isinstance(nest, Hole):
        return floats[nest]
    if isinstance(nest, dict):
        return {key: filled(x, floats) for key, x in nest.items()}
    if isinstance(nest, (list, tuple)):
        return type(nest)([filled(x, floats) for x in nest])
    return nest


@pytest.mark.parametrize("case", first_cases())
def test_a_function_for_any_size(case):
    if case["name"] in NEED_SIZES:
        pytest.skip(NEED_SIZES[case["name"]])
    call, floats = find(ops, case["name"]), []
    nest = [case.get("args", []), case.get("kwargs", {})]
    args, kwargs = taken_apart(decode(nest, tensor_of(minikeras)), floats)
    if not floats:
        pytest.skip("no floats among the arguments")

    def run(*xs):
        z = call(*filled(args, xs), **filled(kwargs, xs))
        return [x for x in flatten(z) if isinstance(x, minikeras.core.tensor.Value)]

    for order in (0, 1):
        way = slopes(run, order)
        agree(anyhow(way, *floats), way(*floats), rtol=1e-5, atol=1e-6)


# ---- what only a run knows -----------------------------------------------------------

x = np.arange(24.0).reshape(2, 3, 4)
i, j, n = (convert(number, "int32") for number in (1, 3, 2))


@pytest.mark.parametrize(
    "run, given, expected",
    [
        (lambda x, i, j: x[:, :, i:j], (x, i, j), x[:, :, 1:3]),
        (lambda x, n: x[..., ::n], (x, n), x[..., ::2]),
        (lambda x, n: x[:, -n:, 0], (x, n), x[:, -2:, 0]),
        (lambda x, n: x[n:, None], (x, n), x[2:, None]),
        (lambda x, n: ops.reshape(x, (n, 3, n, n)), (x, n), x.reshape(2, 3, 2, 2)),
        (lambda x, n: ops.reshape(x, (n, -1)), (x, n), x.reshape(2, -1)),
        (lambda x, n: ops.tile(x, (1, n, 1)), (x, n), np.tile(x, (1, 2, 1))),
        (lambda x, n: ops.repeat(x, n, 1), (x, n), np.repeat(x, 2, 1)),
        (lambda x, n: ops.roll(x, n, 2), (x, n), np.roll(x, 2, 2)),
        (lambda x, n: ops.broadcast_to(x[:1], (n, 3, 4)), (x, n), x[[0, 0]]),
        (lambda x, n: ops.full((n, n), x[0, 0, 1]), (x, n), np.ones((2, 2))),
        (lambda x, i, j: ops.slice(x, (0, i, j), (2, 2, 1)), (x, i, j), x[:, 1:3, 3:]),
        (lambda x, i: ops.slice(x, (i, 0, i), (-1, 3, -1)), (x, i), x[1:, :, 1:]),
        (lambda n: ops.eye(n), (n,), np.eye(2)),
        (lambda n, j: ops.tri(n, j, 1), (n, j), np.tri(2, 3, 1)),
    ],
)
def test_bounds_and_sizes_that_are_tensors(run, given, expected):
    given = [convert(one) for one in given]
    for way in (run, lambda *xs: anyhow(run, *xs)):
        found = way(*given)
        np.testing.assert_array_equal(found.numpy(), expected)
    assert found.shape == expected.shape


def test_the_slope_of_a_slice_with_bounds_that_are_tensors():
    def run(x, i, j):
        return x[:, i:j] * 2.0

    given = convert(x), i, j
    agree(anyhow(slopes(run, 1), *given), slopes(run, 1)(*given), rtol=1e-12)
    agree(anyhow(slopes(run, 2), *given), slopes(run, 2)(*given), rtol=1e-12)


def test_a_slice_with_a_float_bound_is_refused():
    with pytest.raises(TypeError, match="a slice goes from and to whole numbers"):
        anyhow(lambda x, a: x[a:], convert(x), convert(1.0))
    with pytest.raises(TypeError, match="a size is one whole number"):
        anyhow(lambda x, a: ops.reshape(x, (a, -1)), convert(x), convert(2.0))


def test_a_reshape_that_does_not_fill_the_new_shape_fails_when_it_runs():
    def run(x, n):
        return ops.reshape(x, (n, n))

    assert anyhow(run, convert(np.arange(4.0)), n).shape == (2, 2)
    with pytest.raises(ValueError, match="reshape"):
        anyhow(run, convert(np.arange(5.0)), n)


def test_slice_update_at_a_place_that_a_tensor_says():
    def run(x, i, u):
        return ops.slice_update(x, (0, i, 0), u)

    u = convert(-np.ones((2, 1, 4)))
    expected = x.copy()
    expected[:, 1:2] = -1
    np.testing.assert_array_equal(anyhow(run, convert(x), i, u).numpy(), expected)
    agree(
        anyhow(slopes(run, 1), convert(x), i, u),
        slopes(run, 1)(convert(x), i, u),
        rtol=1e-12,
    )


@pytest.mark.parametrize(
    "numbers",
    [(5,), (0,), (-3,), (2, 9), (2, 9, 2), (9, 2, -3), (9, 2, 3), (1.5, 4.0, 0.5),
     (0, 1.0, 0.3), (3, 3), (-5, -1, 3)],
)  # fmt: skip
def test_arange_of_tensors(numbers):
    given = [convert(number) for number in numbers]
    found = anyhow(lambda *xs: ops.arange(*xs), *given)
    np.testing.assert_allclose(found.numpy(), np.arange(*numbers), rtol=1e-6)
    assert found.dtype == ops.arange(*given).dtype == ops.arange(*numbers).dtype


DRAWS = {
    "uniform": lambda s: random.uniform(s, seed=3),
    "normal": lambda s: random.normal(s, seed=3),
    "truncated_normal": lambda s: random.truncated_normal(s, seed=3),
    "randint": lambda s: random.randint(s, 0, 50, seed=3),
    "gamma": lambda s: random.gamma(s, 0.7, seed=3),
    "beta": lambda s: random.beta(s, 2.0, [0.5, 3.0, 4.0], seed=3),
    "binomial": lambda s: random.binomial(s, 9, [0.2, 0.5, 0.9], seed=3),
    "categorical": lambda s: random.categorical(ops.zeros(s), 4, seed=3),
    "shuffle": lambda s: random.shuffle(ops.reshape(ops.arange(12), s), seed=3),
    "dropout": lambda s: random.dropout(ops.ones(s), 0.5, seed=3),
}


@pytest.mark.parametrize("name", DRAWS)
def test_draws_of_sizes_that_only_a_run_knows(name):
    def run(x):
        return DRAWS[name](ops.shape(x))

    for shape in ((4, 3), (4, 3)) if name == "shuffle" else ((4, 3), (1, 3), (7, 3)):
        given = convert(np.zeros(shape, "float32"))
        agree(anyhow(run, given), run(given), rtol=0)


def test_binomial_counts_that_are_computed():
    def run(counts):
        return random.binomial(ops.shape(counts), counts, 0.5, seed=5)

    for counts in ([3, 8], [1, 1, 1]):
        given = convert(counts)
        agree(anyhow(run, given), run(given), rtol=0)
