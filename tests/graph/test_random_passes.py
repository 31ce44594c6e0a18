"""Optimised equals unoptimised, on graphs that nobody wrote: values and gradients."""

import numpy as np
import pytest

from minikeras.core.tape import GradientTape
from minikeras.core.tensor import convert
from minikeras.graph.graph import Plan, replay
from minikeras.graph.parse import large_constants, parse
from minikeras.graph.passes.optimize import optimize
from minikeras.graph.verify import verify
from tests.graph.random_graphs import FLOATS, graph_of, program

TOLERANCE = {"float32": 2e-4, "float64": 1e-8}


def close(mine, theirs, rough=1.0):
    mine, theirs = mine.numpy(), theirs.numpy()
    assert mine.dtype == theirs.dtype and mine.shape == theirs.shape
    if mine.dtype.name not in TOLERANCE:
        np.testing.assert_array_equal(mine, theirs)
    else:
        limit = rough * TOLERANCE[mine.dtype.name]
        np.testing.assert_allclose(mine, theirs, rtol=limit, atol=limit)


def arrays_for(one, graph):
    return [*one.arrays, *[one.variable.value._data] * len(graph.state)]


def slopes(graph, one):
    """Values and gradients through a replay, as a function under a tape would see it."""
    inputs = [convert(a) for a in one.arrays]
    floats = [x for x in inputs if x.dtype in FLOATS]
    with GradientTape() as tape:
        tape.watch(floats)
        outputs, updates = replay(
            graph, inputs, [one.variable.value] * len(graph.state)
        )
        floating = [z for z in (*outputs, *updates.values()) if z.dtype in FLOATS]
    if not floats or not floating:
        return []
    return tape.gradient(floating, floats, unconnected_gradients="zero")


def check(seed):
    """One program through all passes; gives lines before and after."""
    one = program(seed)
    graph = verify(graph_of(one, gradients=True))
    text = str(graph)
    arrays = arrays_for(one, graph)
    before = Plan(graph).run(arrays)
    lean = optimize(graph, check=verify)
    final = optimize(graph, final=True, check=verify)
    for other in (lean, final):
        assert list(other.updates) == list(graph.updates)
        for mine, theirs in zip(Plan(other).run(arrays), before, strict=True):
            close(mine, theirs)
    plain = graph_of(one)
    pairs = zip(slopes(optimize(plain), one), slopes(plain, one), strict=True)
    for mine, theirs in pairs:
        close(mine, theirs)
    assert str(graph) == text
    assert str(parse(text, large_constants(graph))) == text
    return len(graph.nodes), len(lean.nodes), len(final.nodes)


@pytest.mark.parametrize("seed", range(300))
def test_optimised_equals_unoptimised(seed):
    check(seed)


@pytest.mark.deep
def test_ten_thousand_graphs():
    sizes = np.array([check(seed) for seed in range(1000, 11_000)])
    print("lines traced, optimised, final:", sizes.sum(axis=0))
    assert (sizes[:, 1] <= sizes[:, 0]).mean() > 0.95
