"""Lines around branches and bodies: trimmed, hoisted, merged."""

from collections import Counter

import numpy as np
import pytest

from minikeras import ops
from minikeras.core.specs import TensorSpec
from minikeras.core.tape import GradientTape, custom_gradient
from minikeras.core.tensor import convert
from minikeras.core.variable import Variable
from minikeras.graph.branches import Branch
from minikeras.graph.graph import Plan, replay, trace
from minikeras.graph.parse import large_constants, parse
from minikeras.graph.passes.hoist import hoist
from minikeras.graph.passes.merge import merge
from minikeras.graph.passes.optimize import lines, optimize
from minikeras.graph.passes.prune import prune
from minikeras.graph.passes.trim import trim
from minikeras.graph.verify import verify

V, M, S = TensorSpec((3,)), TensorSpec((None, 3)), TensorSpec(())


def names(graph):
    return [node.op.name for node in graph.nodes]


def line_of(graph, name):
    return next(node for node in graph.nodes if node.op.name == name)


def arrays(*shapes, seed=0):
    draw = np.random.default_rng(seed)
    return [draw.normal(size=s).astype("float32") for s in shapes]


def same(graph, other, given, exact=True):
    pairs = zip(Plan(graph).run(given), Plan(other).run(given), strict=True)
    for one, two in pairs:
        if exact:
            np.testing.assert_array_equal(one.numpy(), two.numpy())
        else:
            np.testing.assert_allclose(one.numpy(), two.numpy(), rtol=1e-5, atol=1e-6)


# ---- trim ----------------------------------------------------------------------------


def test_a_choice_gives_only_what_is_read_and_takes_only_what_it_needs():
    def f(x, y):
        yes = lambda: (x * 2.0, y, ops.exp(y))
        no = lambda: (-x, y, y)
        one, two, _ = ops.cond(ops.sum(x) > 0.0, yes, no)
        return one, two

    graph = trace(f, V, V)
    after = verify(prune(trim(graph)))
    line = line_of(after, "switch")
    assert len(line.spec) == 1 and len(line.inputs) == 2
    assert after.outputs[1] is after.inputs[1]
    for x in ([1.0, 2, 3], [-1.0, -2, -3]):
        same(graph, after, [np.float32(x), *arrays((3,))])


def test_a_result_that_is_a_constant_operand():
    two = convert([2.0, 2.0, 2.0])

    def f(x):
        y = two * 1.0  # a line of the graph, which the branches capture
        return ops.cond(ops.sum(x) > 0.0, lambda: y, lambda: x)

    graph = trace(f, V)
    lean = optimize(graph, final=True, check=verify)
    for x in ([1.0, 2, 3], [-1.0, -2, -3]):
        same(graph, lean, [np.float32(x)])


def test_a_loop_does_not_carry_what_never_changes_or_does_not_matter():
    def f(x, y):
        body = lambda i, x, y, z: (i + 1, x * y, y, z + ops.sum(x))
        return ops.while_loop(lambda i, *r: i < 3, body, (0, x, y, 0.0))[1:3]

    graph = trace(f, V, V)
    after = verify(prune(trim(graph)))
    line = line_of(after, "while")
    assert line.attributes["consts"] == 1 and len(line.spec) == 2
    assert after.outputs[1] is after.inputs[1]
    assert "sum" not in names(line.attributes["body"])
    same(graph, after, arrays((3,), (3,)))


def test_values_that_need_each_other_stay():
    """a is read, needs b of the round before, which needs c."""

    def f(x):
        body = lambda i, a, b, c: (i + 1, b, c + 1.0, c * 2.0)
        return ops.while_loop(lambda i, *r: i < 4, body, (0, x, x, x))[1]

    graph = trace(f, V)
    after = verify(trim(graph))
    assert len(line_of(after, "while").spec) == 4
    same(graph, after, arrays((3,)))


def test_rows_and_results_of_a_scan_that_nobody_needs():
    def f(xs, ys):
        step = lambda c, row: (c + row[0], (c, ops.exp(row[1])))
        return ops.scan(step, ops.zeros(3), (xs, ys))[0]

    for first in (4, None):
        spec = TensorSpec((first, 3))
        graph = trace(f, spec, spec)
        after = verify(trim(graph))
        line = line_of(after, "scan")
        assert len(line.spec) == 1 and len(line.inputs) == 2
        same(graph, after, arrays((4, 3), (4, 3)))


@pytest.mark.parametrize("first", [4, None])
def test_a_scan_that_needs_no_row_still_counts_them(first):
    f = lambda xs: ops.scan(lambda c, row: (c + 1.0, row), ops.zeros(3), xs)[0]
    graph = trace(f, TensorSpec((first, 3)))
    after = verify(trim(graph))
    line = line_of(after, "scan")
    assert line.attributes["length"] == first
    assert len(line.inputs) == (1 if first else 2)
    same(graph, after, arrays((4, 3)))


def test_constants_and_twins_are_told():
    def f(x):
        two = convert(2.0) * 1.0
        return ops.fori_loop(0, 3, lambda i, z: z * two + x + x, x)

    lean = optimize(trace(f, V), check=verify)
    body = line_of(lean, "while").attributes["body"]
    assert "constant" in names(body)
    same(trace(f, V), lean, arrays((3,)))


def test_a_branch_with_a_gradient_rule_is_not_trimmed():
    @custom_gradient
    def double(x):
        return x * 1.0, lambda g: g * 2.0

    f = lambda x: ops.cond(ops.sum(x) > 0.0, lambda: (double(x), x), lambda: (x, x))[0]
    graph = trace(f, V)
    assert trim(graph) is graph and hoist(graph) is graph and merge(graph) is graph
    final = optimize(graph, final=True, check=verify)
    assert len(line_of(final, "switch").spec) == 1 if "switch" in names(final) else True


# ---- hoist ---------------------------------------------------------------------------


def test_what_is_the_same_in_each_round_stands_before_the_loop():
    f = lambda x, w: ops.fori_loop(0, 3, lambda i, z: z * ops.tanh(w * 2.0), x)
    graph, counts = trace(f, V, V), Counter()
    after = verify(hoist(graph, counts))
    assert "tanh" in names(after) and counts == {"line out of while": 1}
    assert "tanh" not in names(line_of(after, "while").attributes["body"])
    same(graph, after, arrays((3,), (3,)))
    assert hoist(after) is after


def test_lines_leave_several_loops_at_once():
    inner = lambda w: lambda j, z: z * ops.tanh(w)
    outer = lambda w: lambda i, z: ops.fori_loop(0, 2, inner(w), z) + 1.0
    graph = trace(lambda x, w: ops.fori_loop(0, 2, outer(w), x), V, V)
    after = verify(hoist(graph))
    assert names(after).index("tanh") < names(after).index("while")
    same(graph, after, arrays((3,), (3,)))


def test_stretches_and_constants_stay_in_the_loop():
    f = lambda x: ops.fori_loop(0, 2, lambda i, z: z + ops.ones((3,)) * 2.0, x)
    graph = trace(f, V)
    after = verify(hoist(optimize(graph)))
    assert all(n.op.name in ("constant", "while", "item") for n in after.nodes)
    same(graph, after, arrays((3,)))


def test_what_may_fail_stays_in_a_loop_that_may_make_no_round():
    def f(n, x, k):
        body = lambda i, z: (i + 1, z + x**k)
        return ops.while_loop(lambda i, z: i < n, body, (0, x))[1]

    whole = TensorSpec((2,), "int32")
    graph = trace(f, TensorSpec((), "int32"), whole, whole)
    lean = optimize(graph, final=True, check=verify)
    given = [np.int32(0), np.int32([2, 3]), np.int32([-1, -1])]
    assert Plan(lean).run(given)[0].numpy().tolist() == [2, 3]
    assert "power" not in names(lean)


def test_sizes_that_may_not_meet_stay_in_the_loop():
    """x + y may fail, for their first sizes are unknown; two of x may not."""

    def f(n, x, y, z):
        body = lambda i, z: (i + 1, z + ops.sum(x + y) + ops.sum(ops.exp(x) * x))
        return ops.while_loop(lambda i, z: i < n, body, (0, z))[1]

    graph = trace(f, TensorSpec((), "int32"), M, M, S)
    after = verify(hoist(graph))
    body = names(line_of(after, "while").attributes["body"])
    assert "add" in body and "exp" not in body
    x, y = arrays((2, 3), (4, 3))
    assert Plan(after).run([np.int32(0), x, y, np.float32(1)])[0].numpy() == 1


def test_everything_may_leave_a_scan_that_certainly_runs():
    f = lambda xs, x, y: ops.scan(lambda c, r: (c + r + ops.sum(x + y), c), 0.0, xs)[0]
    for count, moved in ((3, True), (None, False)):
        graph = trace(f, TensorSpec((count,)), M, M)
        after = verify(hoist(graph))
        assert ("sum" in names(after)) is moved
        same(graph, after, arrays((3,), (2, 3), (2, 3)))


def test_names_of_what_is_hoisted_are_new():
    """What is hoisted twice does not take a name that is there already."""
    f = lambda x, w: ops.fori_loop(0, 3, lambda i, z: z * ops.tanh(w), x)
    after = verify(hoist(trace(f, V, V)))
    body = line_of(after, "while").attributes["body"]
    assert "fixed_0" in [x.attributes["name"] for x in body.inputs]
    g = lambda fixed_0, x: ops.fori_loop(0, 3, lambda i, z: z * ops.tanh(fixed_0), x)
    verify(hoist(hoist(trace(g, V, V))))


# ---- merge ---------------------------------------------------------------------------


def rounds(graph, given):
    count, run = Counter(), Branch.__call__

    def counted(self, *arrays):
        count[self.name.split("_")[0]] += 1
        return run(self, *arrays)

    Branch.__call__ = counted
    try:
        Plan(graph).run(given)
    finally:
        Branch.__call__ = run
    return count


def beside(loss):
    """The loss, without a tape; and its slope, with one."""

    def both(x, w):
        plain = loss(x, w)
        with GradientTape() as tape:
            tape.watch(w)
            y = loss(x, w)
        return plain, tape.gradient(y, w)

    return both


@beside
def slope_of_scan(x, w):
    step = lambda h, row: (ops.tanh(row + h @ w), ops.sum(h))
    h, left = ops.scan(step, ops.zeros((1, 3)), x)
    return ops.sum(h) + ops.sum(left)


@beside
def slope_of_while(x, w):
    body = lambda i, h: (i + 1, ops.tanh(ops.sum(x, 0) + h @ w))
    return ops.sum(ops.while_loop(lambda i, h: i < 5, body, (0, ops.zeros((1, 3))))[1])


@pytest.mark.parametrize(
    "function", [slope_of_scan, slope_of_while], ids=["scan", "while"]
)
def test_a_loop_and_its_keeping_twin_are_one(function):
    graph = trace(function, TensorSpec((5, 1, 3)), TensorSpec((3, 3)))
    given = arrays((5, 1, 3), (3, 3))
    final = optimize(graph, final=True, check=verify)
    assert rounds(graph, given)["body"] == 15 and rounds(final, given)["body"] == 10
    same(graph, final, given, exact=False)


@pytest.mark.parametrize(
    "function", [slope_of_scan, slope_of_while], ids=["scan", "while"]
)
def test_second_gradients_after_all_passes(function):
    """The optimised graph of a first gradient, differentiated again, both ways."""
    graph = trace(function, TensorSpec((4, 1, 3)), TensorSpec((3, 3)))
    x, w = map(convert, arrays((4, 1, 3), (3, 3), seed=3))
    found = []
    for one in (graph, optimize(graph, check=verify)):
        with GradientTape() as tape:
            tape.watch([x, w])
            (_, slope), _ = replay(one, [x, w])
            total = ops.sum(slope * slope)
        found.append(tape.gradient(total, [x, w]))
    for one, two in zip(*found, strict=True):
        np.testing.assert_allclose(one.numpy(), two.numpy(), rtol=1e-4, atol=1e-5)


def test_loops_that_differ_are_not_merged():
    def f(x, xs):
        step = lambda c, row: (c + row, c)
        other = lambda c, row: (c - row, c)
        one = ops.scan(step, x, xs)[0]
        two = ops.scan(other, x, xs)[0]
        three = ops.scan(step, x, xs, reverse=True)[0]
        four = ops.scan(step, x + 1.0, xs)[0]
        return one, two, three, four

    graph = trace(f, V, TensorSpec((4, 3)))
    assert merge(graph) is graph


def test_results_of_merged_scans_keep_their_places():
    def f(x, xs):
        one = ops.scan(lambda c, row: (c + row, (row * 2.0, c)), x, xs)
        two = ops.scan(lambda c, row: (c + row, (c, ops.exp(row), row * 2.0)), x, xs)
        return one[0], *one[1], two[0], *two[1]

    graph, counts = trace(f, V, TensorSpec((4, 3))), Counter()
    after = verify(merge(graph, counts))
    assert counts == {"scan like another": 1}
    assert len(line_of(after, "scan").spec) == 1 + 3
    same(graph, after, arrays((3,), (4, 3)))


# ---- all of them ---------------------------------------------------------------------


def test_variables_changed_in_loops_are_kept():
    v = Variable(np.ones(3, "float32"), name="v")

    def f(x):
        def body(i, z):
            v.assign(v * 0.5 + x)
            return z + v

        return ops.fori_loop(0, 3, body, x)

    graph = trace(f, V)
    lean = optimize(graph, final=True, check=verify)
    assert list(lean.updates) == ["v"]
    same(graph, lean, [*arrays((3,)), np.ones(3, "float32")])


def test_optimised_graphs_with_branches_are_written_and_read():
    graph = trace(slope_of_scan, TensorSpec((5, 1, 3)), TensorSpec((3, 3)))
    lean = optimize(graph, final=True)
    assert str(parse(str(lean), large_constants(lean))) == str(lean)
    assert lines(lean) < lines(graph)
    assert optimize(lean, final=True) is not None
    assert lines(optimize(lean, final=True)) == lines(lean)
