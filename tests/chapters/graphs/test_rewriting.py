"""Terms, rules, the engine, and whether the rules are true."""

from collections import Counter

import numpy as np
import pytest

from minikeras import ops
from minikeras.core import table
from minikeras.core.errors import ArgumentError, GraphError
from minikeras.core.specs import TensorSpec
from minikeras.core.tape import GradientTape
from minikeras.core.tensor import convert
from minikeras.core.variable import Variable
from minikeras.graph.graph import Graph, Plan, constant, replay, trace
from minikeras.graph.parse import parse
from minikeras.graph.rewrite import (
    Any,
    Apply,
    Family,
    Rule,
    Some,
    Trail,
    Writer,
    number_in,
    rebuilt,
    rewrite,
    said,
    variables,
)
from minikeras.graph.rules import ROUNDING, SIMPLIFY, WHOLE
from minikeras.graph.verify import verify

V, M = TensorSpec((3,)), TensorSpec((None, 3))
x, y, c, d = Any("x"), Any("y"), Some("c"), Some("d")


def sides(rule, kind="float32"):
    """A graph for each side of a rule, inputs by the names of its variables."""
    graphs = []
    for side in (rule.equation.left, rule.equation.right):
        graph, writer = Graph("side"), Writer([])
        writer.draft, found = graph, {"c": 4.0, "d": 0.5}
        for name in sorted(variables(rule.equation.left)):
            dtype = {"t": "bool", "i": "int32"}.get(name, kind)
            dtype = "int32" if "~" in rule.name else dtype
            if name not in found:
                found[name] = graph.input(TensorSpec((None,), dtype), name)
                found[name].sizes = graph.inputs[0].sizes
        graph.outputs = [side.build(found, writer)]
        graphs.append(verify(graph))
    return graphs


def values_for(graph):
    """All pairs of special values, in the dtypes of the inputs."""
    special = [0.0, -0.0, 1.0, -2.5, 1e-45, 3e38, np.inf, -np.inf, np.nan, 7.0]
    if graph.inputs[0].dtype == "float64":
        special[4:6] = [5e-324, 1.7e308]
    whole = [0, 1, -1, 2**31 - 1, -(2**31), 5, -7, 2, 3, 11]
    pools = {"float32": special, "float64": special, "int32": whole, "bool": [0, 1] * 5}
    grid = np.meshgrid(*[np.arange(10)] * len(graph.inputs))
    return [
        np.array(pools[z.dtype]).astype(z.dtype)[index.ravel()]
        for z, index in zip(graph.inputs, grid, strict=True)
    ]


def same_bits(a, b):
    if a.dtype.kind != "f":
        return a == b
    return ((a == b) & (np.signbit(a) == np.signbit(b))) | (np.isnan(a) & np.isnan(b))


@pytest.mark.parametrize("kind", ["float32", "float64"])
@pytest.mark.parametrize("rule", SIMPLIFY, ids=lambda r: r.name)
def test_a_rule_is_true_or_says_where_not(rule, kind):
    left, right = sides(rule, kind)
    a, b = (Plan(g).run(values_for(left))[0].numpy() for g in (left, right))
    differs = ~same_bits(a, b)
    assert differs.any() == bool(rule.caveat)
    assert not np.any(a[differs])  # zeros of the other sign only


@pytest.mark.parametrize("rule", SIMPLIFY, ids=lambda r: r.name)
def test_a_rule_applies_to_its_own_left_side(rule):
    left, _ = sides(rule)
    counts = Counter()
    verify(rewrite(left, [rule], counts))
    assert counts == {rule.name: 1}


@pytest.mark.parametrize("rule", [*SIMPLIFY, *ROUNDING], ids=lambda r: r.name)
def test_both_sides_have_one_gradient(rule):
    if any(n in ("i", "t") for n in variables(rule.equation.left)) and rule in WHOLE:
        return
    graphs = sides(rule, "float64")
    draw = np.random.default_rng(0)
    inputs = [
        convert(
            (
                draw.normal(size=6) + 3
                if z.dtype == "float64"
                else draw.integers(0, 2, 6)
            ).astype(z.dtype)
        )
        for z in graphs[0].inputs
    ]
    floats = [z for z in inputs if z.dtype == "float64"]
    slopes = []
    for graph in graphs:
        with GradientTape() as tape:
            tape.watch(floats)
            (out,), _ = replay(graph, inputs)
        slopes.append(tape.gradient(out, floats, unconnected_gradients="zero"))
    for one, two in zip(*slopes, strict=True):
        np.testing.assert_allclose(one.numpy(), two.numpy(), rtol=1e-14)


def after(function, rules, *specs):
    counts = Counter()
    graph = verify(rewrite(trace(function, *specs), rules, counts))
    return graph, counts


def test_order_of_addends_does_not_matter():
    rule = Rule(x + -y >> x - y)
    for function in (lambda a, b: a + -b, lambda a, b: -b + a):
        graph, counts = after(function, [rule], V, V)
        assert graph.outputs[0].op is table.subtract and sum(counts.values()) == 1


def test_one_name_stands_for_one_node():
    rule = Rule(table_sum := x + x >> x * 2)
    assert str(table_sum) == "x + x >> x * 2"
    assert after(lambda a, b: a + b, [rule], V, V)[1] == {}
    assert after(lambda a, b: b + b, [rule], V, V)[1] == {rule.name: 1}


def test_all_ways_to_match_are_tried():
    """The first way binds x to the sum of the two, the second finds the pair."""
    left = (x + y) * (x - y)
    rule = Rule(left >> x * x - y * y)
    graph, counts = after(lambda a, b: (a + b) * (b - a), [rule], V, V)
    assert counts == {rule.name: 1}


def test_numbers():
    graph = parse("""
graph n(x: f32[2]) {
  %0 = full shape=(2,) value=3 dtype='float32' : f32[2]
  %1 = constant value=[4.0,4.0] : f32[2]
  %2 = constant value=[4.0,5.0] : f32[2]
  %3 = constant value=[-0.0,0.0] : f32[2]
  %4 = constant value=2 : i32[]
  %5 = broadcast_to %4 shape=(3,) : i32[3]
  %6 = constant value=[] : f32[0]
  return x
}""")
    found = [number_in(n) for n in graph.nodes]
    assert found == [3.0, 4.0, None, None, 2, 2, None]
    assert number_in(graph.inputs[0]) is None


def test_the_zeros_are_told_apart():
    plus, minus = Rule(x + 0 >> x), Rule(x + -0.0 >> x)
    assert after(lambda a: a + 0.0, [minus], V)[1] == {}
    assert after(lambda a: a + -0.0, [plus], V)[1] == {}
    assert after(lambda a: a + -0.0, [minus], V)[1] == {minus.name: 1}


def test_kinds_and_conditions():
    assert after(lambda a: a * 0.0, WHOLE, V)[1] == {}
    assert after(lambda a: a * 0, WHOLE, TensorSpec((3,), "int32"))[1]
    assert after(lambda a: a / 3.0, SIMPLIFY, V)[1] == {}
    assert after(lambda a: a / 8.0, SIMPLIFY, V)[1] == {"x / c >> x * (1 / c)": 1}
    assert after(lambda a: a / 2.0**100, SIMPLIFY, V)[1] == {}


def test_the_spec_must_stay():
    wide = parse("""
graph wide(x: f32[1,3]) {
  %0 = full shape=(4,3) value=1.0 dtype='float32' : f32[4,3]
  %1 = multiply x %0 : f32[4,3]
  return %1
}""")
    counts = Counter()
    assert str(rewrite(wide, SIMPLIFY, counts)) == str(wide) and not counts
    unknown = trace(lambda a, b: ops.where(True, a, a + b), M, M)
    verify(rewrite(unknown, SIMPLIFY))


def test_families_keep_their_operation_and_attributes_are_bound():
    u = Family("u", (table.exp, table.tanh))
    transpose, a = said(table.transpose), Some("a")
    rule = Rule(u(transpose(x, axes=a)) >> transpose(u(x), axes=a))
    graph, counts = after(
        lambda m: ops.tanh(ops.transpose(m)) + ops.sin(ops.transpose(m)), [rule], M
    )
    assert sum(counts.values()) == 1
    moved = graph.outputs[0].inputs[0]
    assert moved.inputs[0].op is table.tanh and moved.attributes == {"axes": (1, 0)}


def test_rules_apply_to_what_rules_made():
    graph, counts = after(lambda a: -(-(a * 1.0) * 1.0) / 1.0, SIMPLIFY, V)
    assert graph.outputs == [graph.inputs[0]] or graph.outputs[0] is graph.inputs[0]
    assert sum(counts.values()) == 4


def test_numbers_on_the_right_have_dtype_and_shape():
    graph, _ = after(lambda a: a * 2.0 * 4.0, ROUNDING, TensorSpec((2, 2), "float16"))
    assert graph.outputs[0].dtype == "float16"
    assert number_in(graph.outputs[0].inputs[1]) == 8.0


def test_a_name_on_the_right_only():
    for write in (lambda: x >> y, lambda: x >> x + y, lambda: x * c >> x * d):
        with pytest.raises(ArgumentError, match="stands on the right only"):
            write()


def test_rules_that_run_in_circles():
    rules = [Rule(x - y >> x + -y), Rule(x + -y >> x - y)]
    graph = trace(lambda a, b: a - b, V, V)
    before = str(graph)
    with pytest.raises(GraphError, match="still changes"):
        rewrite(graph, rules)
    assert str(graph) == before
    exp = said(table.exp)
    with pytest.raises(GraphError, match="still changes"):
        rewrite(trace(lambda a: ops.exp(a), V), [Rule(exp(x) >> exp(exp(x)))])


def test_the_graph_given_is_left_as_it_was():
    graph = trace(lambda a: -(-a) * 1.0, V)
    before = str(graph)
    assert rewrite(graph, SIMPLIFY) is not graph
    assert str(graph) == before


def test_state_updates_places_and_sizes_are_carried_over():
    v = Variable(np.ones(3, "float32"), name="v")

    def f(m):
        v.assign(v * 1.0 + ops.sum(m * m * 1.0, 0))
        return ops.tanh(m) * m * 1.0, v + 0.0

    graph = trace(f, M)
    simple = verify(rewrite(graph, SIMPLIFY))
    assert list(simple.updates) == ["v"] and list(simple.state) == ["v"]
    arrays = [np.float32([[1, 2, 3], [4, 5, 6]]), np.ones(3, "float32")]
    for one, two in zip(Plan(graph).run(arrays), Plan(simple).run(arrays), strict=True):
        np.testing.assert_array_equal(one.numpy(), two.numpy())
    assert all("test_rewriting.py" in n.place for n in simple.nodes)
    assert simple.outputs[0].sizes[0] is simple.inputs[0].sizes[0]
    assert simple.place is None


def test_rebuilt_without_changes_is_the_same_text():
    graph = trace(lambda m: ops.softmax(m @ np.ones((3, 3), "float32")) + 1.0, M)

    def same(draft, node, inputs):
        if node.op is constant:
            return draft.constant(node.attributes["value"])
        return draft.read(node.op, inputs, node.attributes)

    assert str(verify(rebuilt(graph, same))) == str(graph)


def test_rules_print_as_algebra():
    names = [rule.name for rule in SIMPLIFY]
    assert len(set(names)) == len(names)
    assert {"x * 1 >> x", "-(-x) >> x", "x - (-y) >> x + y"} <= set(names)
    assert str(Apply(table.exp, (x * 2 + 1,))) == "exp((x * 2) + 1)"


def test_a_trail_notes_rules_and_stops_a_walk():
    graph = trace(lambda x: -(-(x * 1.0)) - -x, V)
    with Trail() as whole:
        last = rewrite(graph, SIMPLIFY)
    names = [rule.name for rule in whole.rules]
    assert names == ["x * 1 >> x", "-(-x) >> x", "x - (-y) >> x + y"]
    x = np.array([1.0, -2.0, 0.5], "float32")
    for most in range(len(names) + 1):
        counts = Counter()
        with Trail(most) as part:
            between = verify(rewrite(graph, SIMPLIFY, counts))
        assert [rule.name for rule in part.rules] == names[:most]
        assert counts == Counter(names[:most])
        assert Plan(between).run([x])[0].numpy().tolist() == (2 * x).tolist()
    assert str(between) == str(last)
    rewrite(graph, SIMPLIFY)  # outside, nobody notes anything
    assert len(whole.rules) == 3
    ((given, draft, became),) = whole.walks
    assert given is graph and draft is last
    assert [became[id(z)] for z in graph.outputs] == last.outputs
