"""The proofreader, the parser of graph texts, and the drawing."""

import xml.etree.ElementTree as xml

import numpy as np
import pytest

from minikeras import ops
from minikeras.core import table
from minikeras.core.errors import GraphError
from minikeras.core.specs import TensorSpec
from minikeras.core.tape import GradientTape
from minikeras.core.tensor import convert
from minikeras.core.variable import Variable
from minikeras.graph.drawing import drawing
from minikeras.graph.graph import Graph, Plan, Size, constant, replay, trace, writing
from minikeras.graph.parse import large_constants, literal, parse, parse_spec
from minikeras.graph.verify import verify

X, W = TensorSpec((None, 3)), TensorSpec((3, 2))


def layer(x, w):
    with GradientTape() as tape:
        tape.watch(w)
        loss = ops.sum(ops.exp(ops.tanh(x @ w) - 1.0))
    return loss, tape.gradient(loss, w)


def stateful():
    v, w = (
        Variable(np.ones((8, 3), "float32"), name="v"),
        Variable(2.0, name="a w: (2)"),
    )

    def f(x):
        v.assign(v * 0.5)
        w.assign_add(1.0)
        return x @ ops.transpose(v) + w

    return trace(f, X)


def only_state():
    v = Variable(2.0, name="v")
    return trace(lambda: v.assign(v + 1.0))


# ---- verify --------------------------------------------------------------------------


def damaged(damage):
    graph = trace(layer, X, W)
    damage(graph, graph.nodes)
    with pytest.raises(GraphError) as info:
        verify(graph)
    return info.value


def put(where, **values):
    for name, value in values.items():
        setattr(where, name, value)


DAMAGES = {
    "listed_once": lambda g, n: n.append(n[2]),
    "at_home": lambda g, n: put(n[1], graph=Graph("other")),
    "defined_before_use": lambda g, n: n.insert(0, n.pop(1)),
    "spec_is_true": lambda g, n: put(n[1], spec=TensorSpec((None, 2), "float64")),
    "sizes_are_true": lambda g, n: put(n[1], sizes=(Size(), 2)),
    "results_are_known": lambda g, n: put(g, outputs=[trace(layer, X, W).nodes[0]]),
    "one_name_each": lambda g, n: g.inputs[0].attributes.update(name="w"),
    "readable_name": lambda g, n: g.inputs[0].attributes.update(name="a b"),
    "updates_have_state": lambda g, n: g.updates.update(v=n[0]),
}


@pytest.mark.parametrize("rule", DAMAGES)
def test_each_rule_is_named(rule):
    error = damaged(DAMAGES[rule])
    assert error.rule == rule
    assert str(error).startswith("graph layer")


def test_the_error_shows_the_line_and_the_users_source():
    def use_a_later_line(graph, nodes):
        nodes[1].inputs = (nodes[3],)

    error = damaged(use_a_later_line)
    assert "line %1" in str(error) and "%1 = tanh %3" in str(error)
    assert "test_proofreading.py" in str(error)


def test_an_operation_that_does_not_take_its_inputs():
    error = damaged(lambda g, n: put(n[0], op=table.select))
    assert error.rule == "spec_is_true" and "where does not take this" in str(error)
    error = damaged(lambda g, n: put(n[0], inputs=(g.inputs[1],) * 2))
    assert "inner sizes differ" in str(error)


def test_an_update_of_another_kind():
    graph = stateful()
    verify(graph)
    assert list(graph.state) == ["v", "a_w___2_"]
    graph.updates["v"] = graph.outputs[0]
    with pytest.raises(GraphError, match=r"v holds f32\[8,3\]") as info:
        verify(graph)
    assert info.value.rule == "updates_have_state"


def test_an_input_from_another_graph():
    graph = trace(layer, X, W)
    graph.inputs[0] = trace(layer, X, W).inputs[0]
    with pytest.raises(GraphError, match="another graph"):
        verify(graph)


def test_a_right_graph_is_returned():
    graph = trace(layer, X, W)
    assert verify(graph) is graph


def test_graphs_inside_lines_are_verified():
    graph, inner = trace(layer, X, W), trace(layer, X, W)
    graph.nodes[1].attributes["inner"] = inner
    table_rule = __import__("minikeras.core.infer", fromlist=["spec"]).spec
    kept = table_rule[table.tanh]
    table_rule[table.tanh] = lambda x, inner=None: kept(x)
    from minikeras.graph.graph import sizes

    kept_sizes = sizes[table.tanh]
    sizes[table.tanh] = lambda x, inner=None: kept_sizes(x)
    try:
        verify(graph)
        again = parse(str(graph))
        assert str(again) == str(graph)
        assert again.nodes[1].attributes["inner"].name == "layer"
        del inner.nodes[0]
        with pytest.raises(GraphError, match="input 0 is not defined"):
            verify(graph)
    finally:
        table_rule[table.tanh], sizes[table.tanh] = kept, kept_sizes


def test_graphs_inside_are_given_what_they_take():
    def two(x):
        return ops.cond(ops.sum(x) > 0.0, lambda: x * 2.0, lambda: -x)

    graph = trace(two, TensorSpec((3,)))
    line = next(n for n in graph.nodes if n.op.name == "switch")
    kept, line.inputs = line.inputs, line.inputs[:1] * 2
    with pytest.raises(GraphError, match="takes f32.3. and is given "):
        verify(graph)
    line.inputs = kept[:1]
    with pytest.raises(GraphError, match="takes 1 values and is given 0"):
        verify(graph)
    line.inputs = kept
    assert verify(graph) is graph


# ---- parse ---------------------------------------------------------------------------


def constants_of_all_kinds(x):
    rows = [
        convert(np.array([np.nan, np.inf, -np.inf, -0.0, 0.1], "float32")),
        convert(np.array([1 / 3, 1e300], "float64")),
        convert(np.array([True, False])),
        convert(np.array([[-1, 2]], "int8")),
        convert(np.zeros((0, 3), "float16")),
        convert([0.5, -2.0], "bfloat16"),
        convert(np.arange(12.0)),
    ]
    return [x + 1.0, *[r[None] for r in rows]]


GRAPHS = {
    "layer": lambda: trace(layer, X, W),
    "state": stateful,
    "constants": lambda: trace(constants_of_all_kinds, X),
    "only_state": lambda: only_state(),
    "empty": lambda: trace(lambda x: [], X),
    "movement": lambda: trace(
        lambda x: ops.reshape(ops.transpose(ops.pad(x[:, ::-1], 1)), (-1,)), X
    ),
    "joins": lambda: trace(
        lambda x: ops.concatenate([ops.one_hot(ops.argmax(x, -1), 3), x[1:]], 0), X
    ),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_round_trip(name):
    graph = GRAPHS[name]()
    again = parse(str(graph), large_constants(graph))
    assert str(again) == str(graph)
    for mine, theirs in zip(again.nodes, graph.nodes, strict=True):
        if mine.op is constant:
            array, other = (
                mine.attributes["value"]._data,
                theirs.attributes["value"]._data,
            )
            assert array.tobytes() == other.tobytes() and array.dtype == other.dtype


def test_what_was_read_runs_and_has_a_gradient():
    graph = trace(lambda x: ops.sum(ops.tanh(x * 2.0)), X)
    again = parse(str(graph))
    x = convert(np.random.default_rng(0).normal(size=(4, 3)).astype("float32"))
    slopes = []
    for g in (graph, again):
        with GradientTape() as tape:
            tape.watch(x)
            (y,), _ = replay(g, [x])
        slopes.append(tape.gradient(y, x).numpy())
        assert Plan(g).run([x._data])[0].numpy() == y.numpy()
    np.testing.assert_array_equal(*slopes)


def test_equal_sizes_are_found_again():
    graph = trace(lambda x: ops.tanh(x) * x, X)
    again = parse(str(graph))
    assert {n.sizes[0] for n in again.nodes} == {again.inputs[0].sizes[0]}
    with writing(again):  # a stretch to its own size is no line
        assert (
            again.own(table.broadcast_like(again.nodes[0], again.nodes[1]))
            is again.nodes[0]
        )


@pytest.mark.parametrize(
    "change, problem",
    [
        (("graph f(x", "grph f(x"), "line 1: a graph begins"),
        (("f32[2])", "f99[2])"), "line 1: 'f99"),
        (("tanh x", "tanh y"), "line 2: 'y' is not defined"),
        (("tanh x :", "tanh x"), "line 2: a line reads"),
        (("tanh x : f32[2]", "tanh x : f32[3]"), "line 2: it says f32"),
        (("tanh", "tahn"), "line 2: no operation"),
        (("return %0", "return %1"), "line 3: '%1'"),
        (("return", "retrun"), "line 3: after the lines"),
        (("\n}", ""), "line 3: the text ends"),
        (("\n}", "\n}\n}"), "line 4: something is left over"),
        (("tanh x :", "cast x dtype=open('x') :"), "line 2: .* is no value"),
        (("tanh x :", "cast x dtype=( :"), "line 2: .* is no value"),
    ],
)
def test_misprints_are_named_with_their_line(change, problem):
    text = "graph f(x: f32[2]) {\n  %0 = tanh x : f32[2]\n  return %0\n}"
    parse(text)
    with pytest.raises(GraphError, match=problem):
        parse(text.replace(*change))


def test_large_constants_must_fit():
    graph = GRAPHS["constants"]()
    with pytest.raises(GraphError, match="not in the text"):
        parse(str(graph))
    with pytest.raises(GraphError, match="was given as"):
        parse(str(graph), [convert(np.ones(3))])
    with pytest.raises(GraphError, match="left over"):
        parse(str(graph), [*large_constants(graph), convert(1.0)])


def test_words():
    assert parse_spec("i32[]") == TensorSpec((), "int32")
    assert parse_spec("bf16[?,1,20]").shape == (None, 1, 20)
    assert literal("((None,None,-1),(1,2,1))") == ((None, None, -1), (1, 2, 1))
    assert literal("'float32'") == "float32" and literal("-inf") == -np.inf
    for text in ("f(1)", "x", "1+1", "{1:2}", "lambda:0"):
        with pytest.raises(ValueError):
            literal(text)


# ---- drawing -------------------------------------------------------------------------


@pytest.mark.parametrize("name", GRAPHS)
def test_a_drawing_shows_every_line(name):
    graph = GRAPHS[name]()
    tree = xml.fromstring(drawing(graph))
    space = "{http://www.w3.org/2000/svg}"
    boxes = [g for g in tree.iter(f"{space}g") if g.get("class") == "node"]
    work = [n for n in graph.nodes if n.op is not constant]
    results = len(graph.outputs) + len(graph.updates)
    assert len(boxes) == len(work) + len(graph.inputs) + len(graph.state) + results


def test_boxes_of_a_level_do_not_overlap():
    tree = xml.fromstring(drawing(trace(layer, X, W)))
    rects = [dict(r.attrib) for r in tree.iter("{http://www.w3.org/2000/svg}rect")]
    for i, a in enumerate(rects):
        for b in rects[:i]:
            if a["y"] == b["y"]:
                left, right = sorted((a, b), key=lambda r: float(r["x"]))
                assert float(left["x"]) + float(left["width"]) <= float(right["x"])


def test_hover_tells_spec_and_source():
    text = drawing(trace(layer, X, W))
    assert "%0 = matmul x w : f32[?,2]\ntest_proofreading.py:" in text


def test_a_notebook_draws_small_graphs_only():
    assert trace(layer, X, W)._repr_html_().startswith("<svg")

    def long(x):
        for _ in range(100):
            x = ops.tanh(x)
        return x

    assert trace(long, X)._repr_html_() is None
