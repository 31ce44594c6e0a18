"""What each pass does, and the row of all of them."""

from collections import Counter

import numpy as np
import pytest

from minikeras import ops
from minikeras.core import table
from minikeras.core.eager import evaluate
from minikeras.core.infer import spec
from minikeras.core.specs import TensorSpec
from minikeras.core.table import Op
from minikeras.core.tape import GradientTape, custom_gradient
from minikeras.core.tensor import convert
from minikeras.core.variable import Variable
from minikeras.graph.graph import Plan, constant, replay, trace
from minikeras.graph.parse import parse
from minikeras.graph.passes.absorb import absorb
from minikeras.graph.passes.fold import fold
from minikeras.graph.passes.move import move
from minikeras.graph.passes.optimize import optimize
from minikeras.graph.passes.prune import prune
from minikeras.graph.passes.share import share
from minikeras.graph.passes.simplify import simplify
from minikeras.graph.passes.sink import sink
from minikeras.graph.passes.uncast import holds, uncast
from minikeras.graph.program import EFFECTS
from minikeras.graph.verify import verify

V, M = TensorSpec((3,)), TensorSpec((None, 3))


def names(graph):
    return [n.op.name for n in graph.nodes]


def after(one, function, *specs):
    counts = Counter()
    return verify(one(trace(function, *specs), counts)), counts


def test_prune_drops_what_nobody_reads():
    graph, counts = after(prune, lambda x: (ops.exp(x), ops.tanh(x))[1], V)
    assert names(graph) == ["tanh"] and counts == {"unread line": 1}


def test_share_joins_twins_and_constants():
    graph, _ = after(share, lambda x: ops.tanh(x) * 2.0 + ops.tanh(x) * 2.0, M)
    assert names(graph) == ["tanh", "constant", "broadcast_like", "multiply", "add"]


def test_share_knows_which_operations_commute():
    graph, _ = after(share, lambda x, y: (x + y, y + x, x - y, y - x), V, V)
    assert names(graph) == ["add", "subtract", "subtract"]


def test_share_tells_attributes_and_zeros_apart():
    def f(x):
        zero = [table.full(shape=(3,), value=v, dtype="float32") for v in (0.0, -0.0)]
        return [*zero, x * convert(0.0), x * convert(-0.0), ops.sum(x, 0), ops.sum(x)]

    graph, _ = after(share, f, V)
    assert names(graph).count("full") == 2 and names(graph).count("constant") == 2


def test_share_compares_large_constants_by_identity():
    big = np.ones(5000, "float32")
    one = convert(big)
    graph, _ = after(share, lambda: (one * 1.0, one * 2.0, convert(big) * 3.0))
    large = [n for n in graph.nodes if n.op is constant and n.spec.shape == (5000,)]
    assert len(large) == 2


def test_fold_computes_constants_and_known_sizes():
    def f(x):
        size = table.dim_size(x, axis=1) * 2
        return x * ops.cast(size, "float32") + ops.sum(convert(np.ones(4, "float32")))

    graph, _ = after(fold, f, M)
    constants = [n for n in graph.nodes if n.op is constant and not n.spec.shape]
    values = [float(n.attributes["value"]) for n in constants]
    assert 6.0 in values and 4.0 in values
    assert Plan(graph).run([np.ones((1, 3), "float32")])[0].numpy().tolist() == [
        [10.0] * 3
    ]


def test_fold_makes_nothing_large_and_leaves_failures():
    def f():
        row, column = convert(np.ones((1, 100))), convert(np.ones((100, 1)))
        return column @ row, table.full(shape=(2000,), value=1.0, dtype="float32")

    graph, counts = after(fold, f)
    assert "matmul" in names(graph) and "full" in names(graph) and not counts
    failing, _ = after(fold, lambda: table.gather(convert([1.0]), convert([7]), axis=0))
    assert "gather" in names(failing)


def test_sink_moves_stretches_below():
    graph, _ = after(sink, lambda x, r: ops.exp(x * 0.0 + r * 2.0), M, V)
    graph = prune(graph)
    exp = next(n for n in graph.nodes if n.op is table.exp)
    assert exp.inputs[0].op is table.add
    graph, _ = after(
        sink, lambda x, r: ops.exp(ops.broadcast_to(r, (4, 3))) + 1.0, M, V
    )
    assert prune(graph).outputs[0].op is table.broadcast_to


def test_sink_takes_the_shape_from_further_up():
    graph = optimize(
        trace(lambda x: (ops.tanh(x) * 2.0, ops.exp(x) * 2.0), M), check=verify
    )
    assert names(graph).count("broadcast_like") == 1


def test_move_cancels_transposes_and_reshapes():
    graph, _ = after(move, lambda x: ops.transpose(ops.exp(ops.transpose(x)) * 2.0), M)
    assert "transpose" not in names(prune(graph))
    flat = lambda x: ops.reshape(ops.tanh(ops.reshape(x, (6,))), (2, 3))
    graph, _ = after(move, flat, TensorSpec((2, 3)))
    assert names(prune(graph)) == ["tanh"]


def test_two_transposed_factors_are_one_transposed_product():
    f = lambda x, y: ops.transpose(x) @ ops.transpose(y)
    specs = TensorSpec((3, 2)), TensorSpec((4, 3))
    assert names(prune(move(trace(f, *specs)))).count("transpose") == 2
    graph = prune(move(trace(f, *specs), rounding=True))
    assert names(graph) == ["matmul", "transpose"]


def test_uncast():
    f = lambda x: ops.cast(ops.cast(ops.cast(x, "float32"), "float64"), "float32")
    assert names(prune(after(uncast, f, V)[0])) == []
    lossy = lambda x: ops.cast(ops.cast(x, "float16"), "float32")
    assert names(prune(after(uncast, lossy, V)[0])) == ["cast", "cast"]
    whole = lambda x: ops.cast(ops.cast(x, "float64"), "int32")
    assert names(prune(after(uncast, whole, V)[0])) == ["cast", "cast"]


@pytest.mark.parametrize(
    "wide, narrow, answer",
    [
        ("float32", "float16", True), ("float32", "bfloat16", True),
        ("float16", "bfloat16", False), ("bfloat16", "float16", False),
        ("float64", "int32", True), ("float64", "int64", False),
        ("float32", "int32", False), ("float16", "int8", True), ("bfloat16", "uint8", True),
        ("int32", "int16", True), ("int32", "uint32", False), ("int64", "bool", True),
        ("int32", "float32", False), ("float16", "bool", True),
    ],
)  # fmt: skip
def test_which_dtype_holds_which(wide, narrow, answer):
    assert holds(wide, narrow) is answer


def test_absorb_leaves_stretches_to_numpy():
    f = lambda x, r: ops.where(x > 0.0, x + r, r) * 2.0
    graph, _ = after(absorb, f, M, V)
    graph = prune(graph)
    assert "broadcast_like" not in names(graph)
    x, r = np.float32([[1, -2, 3]] * 2), np.float32([1, 2, 3])
    want = Plan(trace(f, M, V)).run([x, r])[0].numpy()
    np.testing.assert_array_equal(Plan(graph).run([x, r])[0].numpy(), want)


def test_the_result_of_a_stretch_keeps_its_shape():
    """A stretched result is no operand: it must stay, also in a final graph."""
    f = lambda x, r: (table.broadcast_like(r, x), ops.sum(table.broadcast_like(r, x)))
    graph = optimize(trace(f, M, V), final=True, check=verify)
    one, total = Plan(graph).run([np.ones((4, 3), "float32"), np.ones(3, "float32")])
    assert one.shape == (4, 3) and float(total) == 12.0


@pytest.mark.parametrize(
    "shapes", [((1, 3), (4, 3)), ((4, 3), (1, 3)), ((4, 3), (4, 3))]
)
def test_sizes_that_may_be_one(shapes):
    f = lambda x, y: ops.tanh(x + y) * x - ops.exp(y)
    graph = trace(f, M, M)
    draw = np.random.default_rng(0)
    arrays = [draw.normal(size=s).astype("float32") for s in shapes]
    want = Plan(graph).run(arrays)[0].numpy()
    for final in (False, True):
        got = Plan(optimize(graph, final=final, check=verify)).run(arrays)[0].numpy()
        np.testing.assert_array_equal(got, want)


def test_effects_stay_stay_single_and_stay_in_order():
    said = []
    note = Op("note", listed=False)
    evaluate[note] = lambda x, text: said.append(text) or x
    spec[note] = lambda x, text: x
    EFFECTS.add(note)
    try:
        graph = trace(lambda x: ([note(x, text=t) for t in "abba"], x * 1.0)[1], V)
        lean = optimize(graph, final=True, check=verify)
        Plan(lean).run([np.ones(3, "float32")])
        assert said == list("abba") and names(lean) == ["note"] * 4
    finally:
        EFFECTS.discard(note)
        del evaluate[note], spec[note]


def test_state_is_kept():
    v, w = Variable(np.ones(3, "float32"), name="v"), Variable(2.0, name="w")

    def f(x):
        v.assign(v * 1.0 + x * 0.5 * 2.0)
        w.assign(w + 0.0)
        return ops.sum(v)

    graph = trace(f, V)
    for final in (False, True):
        lean = optimize(graph, final=final, check=verify)
        assert list(lean.state) == list(graph.state)
        assert list(lean.updates) == list(graph.updates)
        arrays = [np.float32([1, 2, 3]), np.ones(3, "float32"), np.float32(2)]
        for one, two in zip(
            Plan(lean).run(arrays), Plan(graph).run(arrays), strict=True
        ):
            np.testing.assert_array_equal(one.numpy(), two.numpy())


def test_an_optimised_graph_has_the_same_gradients():
    f = lambda x, b: ops.sum(ops.exp(ops.tanh(x) * 1.0 + b) / 4.0)
    graph = trace(f, M, V)
    x = convert(np.random.default_rng(1).normal(size=(5, 3)).astype("float32"))
    b = convert([0.1, 0.2, 0.3])
    slopes = []
    for g in (graph, optimize(graph, check=verify)):
        with GradientTape() as tape:
            tape.watch([x, b])
            (y,), _ = replay(g, [x, b])
        slopes.append(tape.gradient(y, [x, b]))
    for one, two in zip(*slopes, strict=True):
        np.testing.assert_allclose(one.numpy(), two.numpy(), rtol=1e-6)


def test_optimize_reports_and_leaves_its_graph_alone():
    graph = trace(lambda x: ops.tanh(x) * 1.0 + ops.tanh(x), M)
    text, report = str(graph), []
    lean = optimize(graph, report=report)
    assert str(graph) == text and str(parse(str(lean))) == str(lean)
    assert report[0].before == len(graph.nodes) and report[-1].after == len(lean.nodes)
    row = {"prune", "share", "fold", "simplify", "sink", "move", "uncast"}
    assert {r.name for r in report} >= row
    assert str(report[-1].graph) == str(lean) and all(r.elapsed_ms >= 0 for r in report)
    assert str(optimize(lean)) == str(lean)
    assert all("test_passes.py" in n.place for n in lean.nodes)


def test_rounding_rules_must_be_asked_for():
    f = lambda x: x * 3.0 * 5.0 / 7.0
    assert names(optimize(trace(f, V))).count("multiply") == 2
    counts = names(optimize(trace(f, V), rounding=True, check=verify))
    assert counts.count("multiply") == 1 and "divide" not in counts


def in_both(x):
    """The same follies in two branches."""
    yes = lambda: (ops.tanh(x * 1.0) + ops.tanh(x), ops.exp(x))[0]
    no = lambda: -(-x) * ops.cast(convert(2.0) * 3.0, "float32")
    return ops.cond(ops.sum(x) > 0.0, yes, no)


def test_passes_work_inside_branches():
    graph, report = trace(in_both, V), []
    lean = optimize(graph, report=report, check=verify)
    line = next(n for n in lean.nodes if n.op.name == "switch")
    no, yes = map(names, line.attributes["branches"])
    assert yes == ["tanh", "add"] and no == ["constant", "broadcast_to", "multiply"]
    assert report[0].before > len(graph.nodes)  # lines of branches are counted
    for x in (np.float32([1, 2, 3]), np.float32([-1, -2, 3])):
        one, two = (Plan(g).run([x])[0].numpy() for g in (graph, lean))
        np.testing.assert_array_equal(one, two)


def test_two_loops_that_say_the_same_are_one():
    def power(x):
        return ops.fori_loop(0, 3, lambda i, z: z * x, x)

    lean = optimize(trace(lambda x: power(x) + power(x), V), check=verify)
    assert names(lean).count("while") == 1
    other = lambda x: power(x) + ops.fori_loop(0, 3, lambda i, z: z + x, x)
    assert names(optimize(trace(other, V), check=verify)).count("while") == 2


def test_a_choice_by_a_constant_is_made():
    f = lambda x: ops.cond(convert(4) > 3, lambda: ops.tanh(x), lambda: x[:2])
    g = lambda x: ops.cond(convert(4) > 3, lambda: ops.tanh(x), lambda: -x)
    for function in (f, g):
        graph, counts = after(
            lambda graph, counts: fold(fold(fold(graph, counts), counts), counts),
            function,
            V,
        )
        assert counts["switch of constants"] == 1
        assert [n.op.name for n in prune(graph).nodes] == ["tanh"]


def test_a_loop_of_no_round():
    f = lambda x: ops.while_loop(lambda z: convert(1) > 2, lambda z: z * 2.0, x)
    graph = optimize(trace(f, V), check=verify)
    assert names(graph) == [] and graph.outputs == graph.inputs


def test_a_branch_with_a_gradient_rule_keeps_it():
    @custom_gradient
    def double(x):
        return x * 1.0, lambda g: g * 2.0

    def f(x):
        return ops.cond(ops.sum(x) > 0.0, lambda: double(x), lambda: x)

    lean = optimize(trace(f, V), check=verify)
    x = convert([1.0, 2.0, 3.0])
    with GradientTape() as tape:
        tape.watch(x)
        (y,), _ = replay(lean, [x])
    assert tape.gradient(y, x).numpy().tolist() == [2.0, 2.0, 2.0]
    final = optimize(trace(f, V), final=True, check=verify)
    line = next(n for n in final.nodes if n.op.name == "switch")
    assert [names(b) for b in line.attributes["branches"]] == [[], []]


def test_simplify_alone():
    assert names(prune(after(simplify, lambda x: -(-x) * 1.0, V)[0])) == []


def test_time_grows_with_the_lines():
    """The work of all passes, counted in lines that are read, is linear."""

    def chain(count):
        def f(x):
            for _ in range(count):
                x = ops.tanh(x) * 1.0 + x
            return x

        return trace(f, V)

    work = []
    for count in (50, 400):
        report = []
        optimize(chain(count), report=report)
        work.append(sum(r.before for r in report))
    assert work[1] < 8.5 * work[0]
