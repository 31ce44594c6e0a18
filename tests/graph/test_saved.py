"""The way there runs once: what the way back reads of it is saved, in every control flow.

Runs are counted at the kernel of one operation, `matmul`, whose gradient needs two more
products for each of its own; numbers are compared with eager tapes.
"""

import numpy as np
import pytest

from minikeras import ops
from minikeras.core import table
from minikeras.core.eager import evaluate
from minikeras.core.specs import TensorSpec
from minikeras.core.tape import GradientTape, custom_gradient
from minikeras.core.tensor import convert
from minikeras.graph import lean
from minikeras.graph.function import function
from minikeras.graph.graph import Plan, trace
from minikeras.graph.loops import loop
from minikeras.graph.passes.optimize import optimize
from minikeras.graph.verify import verify

draw = np.random.default_rng(0)
X, W = (convert(draw.uniform(0.1, 0.5, size=(3, 3))) for _ in range(2))
ROUNDS = 4


def plain(x, w):
    return ops.sum(ops.tanh(x @ w))


def by_cond(x, w):
    return ops.cond(
        ops.sum(x) > 0, lambda: plain(x, w), lambda: ops.sum(ops.exp(x) + x * w)
    )


def by_cond_not_taken(x, w):
    return ops.cond(ops.sum(x) < 0, lambda: plain(x, w), lambda: ops.sum(x * x * w))


def by_switch(x, w):
    ways = [lambda: ops.sum(x), lambda: plain(x, w), lambda: plain(w, ops.sin(x) @ x)]
    return ops.switch(ops.cast(ops.sum(x) > 0, "int32"), ways)


def by_scan(x, w):
    def round(c, row):
        c = ops.tanh(c @ w + row)
        return c, ops.sum(c * c)

    return ops.sum(ops.scan(round, x, ops.ones((ROUNDS, 3)))[1])


def by_scan_without_rows(x, w):
    round = lambda c, _: (ops.sin(c @ w), ())
    return ops.sum(ops.scan(round, x, None, length=ROUNDS)[0])


def by_fori(x, w):
    return ops.sum(ops.fori_loop(0, ROUNDS, lambda i, c: ops.exp(-(c @ w)), x))


def by_while(x, w):
    step = lambda i, c: (i + 1, ops.tanh(c @ w) * c)
    return ops.sum(ops.while_loop(lambda i, c: i < ROUNDS, step, (0, x))[1])


def cond_in_scan(x, w):
    def round(c, row):
        c = ops.cond(row > 0.5, lambda: ops.tanh(c @ w), lambda: c * c)
        return c, ()

    rows = np.array([1.0, 0, 1, 1, 0, 1])
    return ops.sum(ops.scan(round, x, rows)[0])


def scan_in_cond(x, w):
    return ops.cond(ops.sum(x) > 0, lambda: by_scan(x, w), lambda: ops.sum(x))


def function_in_cond(x, w):
    inner = function(plain)
    return ops.cond(ops.sum(x) > 0, lambda: inner(x, w), lambda: ops.sum(x))


PRODUCTS = {
    plain: 1, by_cond: 1, by_cond_not_taken: 0, by_switch: 1, by_scan: ROUNDS,
    by_scan_without_rows: ROUNDS, by_fori: ROUNDS, by_while: ROUNDS, cond_in_scan: 4,
    scan_in_cond: ROUNDS, function_in_cond: 1,
}  # fmt: skip


def slope(f):
    def slopes(x, w):
        with GradientTape() as tape:
            tape.watch([x, w])
            y = f(x, w)
        return tape.gradient(y, [x, w], unconnected_gradients="zero")

    return slopes


def bend(f):
    return slope(lambda x, w: sum(ops.sum(g * g) for g in slope(f)(x, w)))


@pytest.fixture(params=["as written", "optimised"])
def runs(request, monkeypatch):
    """Counts the products of a call, with plans as written or with optimised ones."""
    often = 10**9 if request.param == "as written" else 0
    monkeypatch.setattr(lean, "RUNS", often)
    monkeypatch.setattr(lean, "WITH_LOOPS", often)
    count, rule = [0], evaluate[table.matmul]

    def counted(x, y):
        count[0] += 1
        return rule(x, y)

    def call(run, *args):
        run(*args)
        count[0] = 0
        found = run(*args)
        return count[0], found

    monkeypatch.setitem(evaluate, table.matmul, counted)
    return call


def agree(found, expected):
    for x, y in zip(found, expected, strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("f", PRODUCTS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("way", ["tape inside", "tape outside"])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_way_there_runs_once(f, way, runs):
    expected = slope(f)(X, W)
    run = function(slope(f)) if way == "tape inside" else slope(function(f))
    count, found = runs(run, X, W)
    agree(found, expected)
    assert count == 3 * PRODUCTS[f]  # one there, two back


@pytest.mark.parametrize("f", PRODUCTS, ids=lambda f: f.__name__)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_gradients_of_gradients(f, runs):
    eager, expected = runs(bend(f), X, W)
    count, found = runs(function(bend(f)), X, W)
    agree(found, expected)
    assert count <= eager  # an unrolled tape computes nothing twice
    agree(bend(function(f))(X, W), expected)


def test_a_plain_call_beside_a_taped_one_is_merged():
    def both(x, w):
        return [by_scan(x, w), *slope(by_scan)(x, w)]

    graph = trace(both, X.spec, W.spec)
    final = optimize(graph, final=True, check=verify)
    forward = [n for n in final.nodes if n.op.name == "scan"]
    assert len(forward) == 2
    agree(Plan(final).run([X._data, W._data]), both(X, W))


def cond_of_any_size(x, w):
    return ops.cond(ops.sum(x) > 0, lambda: plain(x, w), lambda: ops.sum(ops.exp(x)))


@pytest.mark.parametrize(
    "f", [cond_of_any_size, by_scan, by_fori, by_while, cond_in_scan, scan_in_cond]
)
@pytest.mark.parametrize("way", [slope, bend])
def test_sizes_that_only_a_run_knows(f, way):
    run = function(way(f), input_signature=[TensorSpec((None, 3), "float64"), W.spec])
    for n in (3, 5):
        x = convert(draw.uniform(0.1, 0.5, size=(n, 3)))
        agree(run(x, W), way(f)(x, W))


def test_values_of_a_size_of_their_own_are_computed_again():
    """The positive numbers of a row, of which each round has as many as it has."""

    def few(x, w):
        def round(c, row):
            some = ops.exp(ops.take(row * w[0], ops.nonzero(row > 0)[0]))
            return c + ops.sum(some * some), ()

        return ops.scan(round, np.zeros(()), x)[0]

    x = convert(draw.normal(size=(5, 3)))
    for way in (slope, bend):
        agree(function(way(few))(x, W), way(few)(x, W))


def test_what_is_the_same_in_all_rounds_is_not_stacked():
    def f(x, w):
        round = lambda c, row: (ops.tanh(c @ ops.exp(w)) * row, ())
        return ops.sum(ops.scan(round, x, np.ones(7))[0])

    graph = trace(slope(f), X.spec, W.spec)
    forward = next(n for n in graph.nodes if n.op.name == "scan")
    assert [str(z) for z in forward.spec[1:]] == ["f64[7,3,3]"] * 2  # c and tanh
    agree(Plan(graph).run([X._data, W._data]), slope(f)(X, W))


def test_the_branch_not_taken_saves_for_nothing():
    way = lambda x, w: ops.cond(x[0, 0] > 0, lambda: plain(x, w), lambda: ops.sum(x))
    graph = trace(slope(way), X.spec, W.spec)
    first = next(n for n in graph.nodes if n.op.name == "switch")
    kept = [branch.outputs[1:] for branch in first.attributes["branches"]]
    assert len(kept[0]) == len(kept[1]) > 0
    zeros = [z for z in (*kept[0], *kept[1]) if z.op.name == "constant"]
    assert zeros and all(z.attributes["value"]._data.strides == (0, 0) for z in zeros)


def test_a_loop_that_saves_nothing_counts_its_rounds():
    def f(x, w):
        more = lambda values: ops.sum(values[0]) < 100
        return ops.sum(loop("f", more, lambda v: (v[0] + w, v[1] + 1), (x, 0))[0])

    for way in (slope, bend):
        agree(function(way(f))(X, W), slope_by_hand(way, X, W))


def slope_by_hand(way, x, w):
    """Of the sum of x + n w, for the n that the loop above comes to."""
    n = int(np.ceil((100 - float(ops.sum(x))) / float(ops.sum(w))))
    return way(lambda x, w: ops.sum(x + n * w))(x, w)


def test_a_rule_of_the_user_computes_again_what_it_wants_to():
    """Recomputation by a rule: the scan saves what is carried, and nothing else."""

    @custom_gradient
    def block(c, w):
        def back(g):
            with GradientTape() as tape:
                tape.watch([c, w])
                end = ops.tanh(ops.tanh(c @ w) @ w)
            return tape.gradient(end, [c, w], g)

        return ops.tanh(ops.tanh(c @ w) @ w), back

    f = lambda x, w: ops.sum(ops.scan(lambda c, _: (block(c, w), ()), x, np.ones(5))[0])
    graph = trace(slope(f), X.spec, W.spec)
    forward = next(n for n in graph.nodes if n.op.name == "scan")
    assert [str(z) for z in forward.spec[1:]] == ["f64[5,3,3]"]
    agree(Plan(graph).run([X._data, W._data]), slope(f)(X, W))
    agree(function(bend(f))(X, W), bend(f)(X, W))
