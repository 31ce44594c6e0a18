"""The batch column: every primitive on rows against a loop, values and slopes.

The samples of `tests/samples.py` are the rows; a drawn choice says which inputs differ
from row to row and which all rows share.
"""

from functools import partial

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minikeras import ops
from minikeras.core.gradients import vjp
from minikeras.core.specs import TensorSpec
from minikeras.core.table import OPS
from minikeras.core.tape import GradientTape
from minikeras.core.tensor import convert
from minikeras.graph.function import function
from minikeras.graph.rows import batch
from minikeras.ops.mapping import vectorized_map
from tests.samples import ROWS

WITH_INPUTS = [
    OPS[name] for name in sorted(ROWS) if name not in ("full", "iota", "random_bits")
]
SMOOTH = [op for op in WITH_INPUTS if vjp[op] is not None]
examples = partial(settings, deadline=None, suppress_health_check=list(HealthCheck))


def test_the_column_is_full():
    assert not [op for op in OPS.values() if op not in batch]


class Case:
    "Inputs for an operation, some of them stacked, and ways to run it over the rows."

    def __init__(self, op, data, count):
        self.inputs, self.attributes = ROWS[op.name].draw(data, (1, 3))
        self.op, self.count = op, count
        places = range(len(self.inputs))
        self.own = [data.draw(st.booleans(), label="differs") for _ in places]
        if not any(self.own):
            self.own[data.draw(st.integers(0, len(places) - 1), label="one")] = True
        if op.name == "nonzero":  # rows with different counts cannot be stacked
            count = 1
        rng = np.random.default_rng(data.draw(st.integers(0, 99), label="shuffle"))
        self.given = [
            convert(self._stacked(np.asarray(x), count, rng) if own else x)
            for x, own in zip(self.inputs, self.own)
        ]

    def _stacked(self, x, count, rng):
        if self.op.name == "pad":
            return np.stack([x] * count)
        rows = [rng.permutation(x.reshape(-1)).reshape(x.shape) for _ in range(count)]
        return np.stack(rows)

    def call(self, own, shared):
        "The operation, from what differs and from what is shared."
        own, shared = iter(own), iter(shared)
        inputs = [next(own if o else shared) for o in self.own]
        return self.op(*inputs, **self.attributes)

    def parts(self, given):
        own = [x for x, o in zip(given, self.own) if o]
        return own, [x for x, o in zip(given, self.own) if not o]

    def at_once(self, *given):
        own, shared = self.parts(given)
        return vectorized_map(lambda rows: self.call(rows, shared), own)

    def in_turn(self, *given):
        own, shared = self.parts(given)
        rows = [self.call([x[i] for x in own], shared) for i in range(len(own[0]))]
        return ops.stack(rows)

    def specs(self, known):
        return [
            TensorSpec((None, *x.shape[1:]) if o and not known else x.shape, x.dtype)
            for x, o in zip(self.given, self.own)
        ]


def same(x, y, **tolerance):
    assert x.dtype == y.dtype
    assert x.shape == y.shape
    np.testing.assert_allclose(x.numpy(), y.numpy(), equal_nan=True, **tolerance)


@pytest.mark.parametrize("op", WITH_INPUTS, ids=str)
@examples(max_examples=12)
@given(data=st.data())
def test_rows_at_once_are_rows_in_turn(op, data):
    case = Case(op, data, data.draw(st.integers(1, 3), label="rows"))
    expected = case.in_turn(*case.given)
    close = {"rtol": 1e-12, "atol": 1e-12}
    same(case.at_once(*case.given), expected, **close)
    for known in (True, False):
        traced = function(case.at_once, input_signature=case.specs(known))
        same(traced(*case.given), expected, **close)


def slopes(run, order):
    "The slopes of sum(sin(run(...))) for the float inputs, or of the sum of those."

    def found(*given):
        given = list(given)
        sources = [x for x in given if x.dtype == "float64"]
        with GradientTape() as tape:
            tape.watch(sources)
            if order == 1:
                y = ops.sum(ops.sin(ops.cast(run(*given), "float64")))
            else:
                y = sum(ops.sum(ops.sin(g)) for g in slopes(run, 1)(*given))
        return tape.gradient(y, sources, unconnected_gradients="zero")

    return found


@pytest.mark.parametrize("op", SMOOTH, ids=str)
@examples(max_examples=5)
@given(data=st.data())
def test_slopes_through_the_rows(op, data):
    case = Case(op, data, data.draw(st.integers(1, 3), label="rows"))
    for order in (1, 2):
        expected = slopes(case.in_turn, order)(*case.given)
        found = slopes(case.at_once, order)(*case.given)
        for x, y in zip(found, expected, strict=True):
            same(x, y, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("op", SMOOTH, ids=str)
@examples(max_examples=5)
@given(data=st.data())
def test_slopes_of_each_row(op, data):
    "The tape is inside: each row has slopes of its own, also by what is shared."
    case = Case(op, data, data.draw(st.integers(1, 3), label="rows"))
    own, shared = case.parts(case.given)

    def each(rows):
        run = partial(case.call)
        given = [*rows, *shared]
        return slopes(lambda *xs: run(xs[: len(rows)], xs[len(rows) :]), 2)(*given)

    if not any(x.dtype == "float64" for x in case.given):
        return
    found = vectorized_map(each, own)
    rows = [each([x[i] for x in own]) for i in range(len(own[0]))]
    for x, column in zip(found, zip(*rows), strict=True):
        same(x, ops.stack(column), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("op", SMOOTH, ids=str)
@examples(max_examples=4)
@given(data=st.data())
def test_a_jacobian_at_once_is_a_jacobian_in_turn(op, data):
    case = Case(op, data, 2)
    sources = [x for x in case.given if x.dtype == "float64"]
    with GradientTape(persistent=True) as tape:
        tape.watch(sources)
        y = case.in_turn(*case.given)
        y = ops.sin(ops.cast(y, "float64"))
    how = {"unconnected_gradients": "zero"}
    found = tape.jacobian(y, sources, **how)
    expected = tape.jacobian(y, sources, **how, experimental_use_pfor=False)
    three = tape.jacobian(y, sources, **how, parallel_iterations=3)
    for x, z, again in zip(found, expected, three, strict=True):
        same(x, z, rtol=1e-12, atol=1e-12)
        same(again, z, rtol=1e-12, atol=1e-12)
