"""Films of graphs that nobody wrote: each frame is a graph that computes the same."""

import json
import shutil
import subprocess

import numpy as np
import pytest

import minikeras as keras
from minikeras import ops
from minikeras.core.specs import TensorSpec
from minikeras.graph.film import changes
from minikeras.graph.graph import Plan
from minikeras.graph.passes.optimize import optimize
from minikeras.graph.verify import verify
from minikeras.graph.viewer import HELPERS, SCRIPT, data_of, film
from tests.graph.random_graphs import graph_of, program
from tests.graph.test_random_passes import arrays_for, close


def tells_the_truth(graph, arrays, final):
    """Check all frames of a graph; gives their number."""
    story, before = film(graph, final=final), Plan(graph).run(arrays)
    assert str(story.frames[-1].graph) == str(optimize(graph, final=final))
    for frame in story.frames:
        for mine, theirs in zip(
            Plan(verify(frame.graph)).run(arrays), before, strict=True
        ):
            close(mine, theirs)
        here = frame.graph
        nodes = [*here.inputs, *here.state.values(), *here.nodes]
        names = [frame.names[id(x)] for x in nodes]
        assert len(set(names)) == len(names)
    for old, new in story.pairs:
        marks = changes(old, new)
        assert set(new.joined) <= {name for name in marks if marks[name] == "gone"}
        assert set(new.joined.values()) <= {*new.names.values()}
    json.dumps(data_of(story))
    return len(story.frames)


@pytest.mark.parametrize("seed", range(40))
def test_random_graphs(seed):
    one = program(seed)
    graph = graph_of(one, gradients=True)
    tells_the_truth(graph, arrays_for(one, graph), final=bool(seed % 2))


def test_the_random_graphs_give_something_to_see():
    counts = [len(film(graph_of(program(seed))).frames) for seed in range(8)]
    assert max(counts) > 8


def choice(x):
    if ops.sum(x) > 0:
        x = x * 1.0 + 0.0
    else:
        x = -(-x) / 1.0
    return ops.tanh(x) * 1.0


def loop(x):
    total = ops.zeros_like(x)
    for i in ops.arange(3):
        total = total + ops.exp(x * 1.0) * ops.cast(i, "float32")
    return total / 1.0


@pytest.mark.parametrize("final", [False, True])
@pytest.mark.parametrize("function", [choice, loop])
def test_graphs_with_branches_and_bodies(function, final):
    traced = keras.function(function).get_concrete_function(TensorSpec((None, 2)))
    for sign in (1, -1):
        x = sign * np.arange(1, 7, dtype="float32").reshape(3, 2)
        assert tells_the_truth(traced.graph, [x], final) > 2


def test_a_rule_inside_a_branch_has_a_frame_in_which_only_the_choice_changes():
    traced = keras.function(choice).get_concrete_function(TensorSpec((None, 2)))
    story = film(traced.graph)
    (pair,) = [p for p in story.pairs if p[1].what == "-(-x) >> x"]
    (name,) = [n for n, text in pair[0].lines.items() if text.startswith("switch")]
    assert changes(*pair) == {name: "other"}
    assert "negative" in pair[0].lines[name]


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not here")
def test_the_script_is_javascript_and_knows_what_feeds_a_line(tmp_path):
    path = tmp_path / "script.js"
    path.write_text(SCRIPT, encoding="utf-8")
    subprocess.run(["node", "--check", str(path)], check=True)
    story = film(keras.function(choice).get_concrete_function(TensorSpec((2,))).graph)
    frame = story.frames[0]
    rows = [[name, text] for name, text in frame.lines.items()]
    ask = f"{HELPERS}console.log(JSON.stringify({json.dumps(rows)}"
    ask += ".map(row => [...feeds(row)])))"
    answer = subprocess.run(["node", "-e", ask], check=True, capture_output=True)
    found = json.loads(answer.stdout)
    for node, fed in zip(frame.graph.nodes, found, strict=False):
        wanted = [frame.names[id(x)] for x in node.inputs]
        assert list(dict.fromkeys(wanted)) == [x for x in fed if x in wanted]
        assert not (set(fed) - set(wanted)) & {*frame.lines, "x"}
    outputs = {frame.names[id(z)] for z in frame.graph.outputs}
    assert outputs <= set(found[-1])
