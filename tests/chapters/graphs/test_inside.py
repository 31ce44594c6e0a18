"""Films of passes: names for life, one frame for each rule, and what a page is given."""

import json
import re
import sys
from html.parser import HTMLParser
from itertools import pairwise

import numpy as np
import pytest

from minikeras import ops
from minikeras.core.errors import ArgumentError
from minikeras.core.specs import TensorSpec
from minikeras.core.tape import GradientTape
from minikeras.core.variable import Variable
from minikeras.graph import inside
from minikeras.graph.debug import level_of
from minikeras.graph.film import Film, changes
from minikeras.graph.function import function, listeners
from minikeras.graph.graph import Plan, trace
from minikeras.graph.inside import see, spoken
from minikeras.graph.passes.optimize import optimize, pipeline
from minikeras.graph.verify import verify
from minikeras.graph.viewer import data_of, film, page_element

V, M = TensorSpec((3,)), TensorSpec((None, 3))


def of(function, *specs, **words):
    return film(trace(function, *specs, name="f"), **words)


def steps(story):
    return [(frame.step, frame.what) for frame in story.frames[1:]]


def test_each_rule_has_a_frame_with_its_name():
    story = of(lambda x: -(-(x * 1.0)) - -ops.tanh(x), V)
    assert steps(story)[:3] == [
        ("simplify", "x * 1 >> x"), ("simplify", "-(-x) >> x"),
        ("simplify", "x - (-y) >> x + y"),
    ]  # fmt: skip
    assert steps(story)[3:] == [("prune", "4 times unread line")]


def test_a_value_keeps_its_name():
    story = of(lambda x: ops.tanh(ops.exp(x) * 1.0) + x, V)
    for frame in story.frames:
        lines = frame.lines
        (tanh,) = [name for name, text in lines.items() if text.startswith("tanh")]
        assert tanh == "%4" and lines["return"] == "%5"
    rule = story.frames[1]
    assert rule.joined == {"%3": "%0"} and rule.lines["%4"].startswith("tanh %0 ")
    assert changes(*story.pairs[0]) == {"%3": "gone", "%4": "other"}


def test_a_line_that_a_rule_has_made_keeps_its_name_too():
    story = of(lambda x: ops.exp(ops.broadcast_to(x * 1.0, (5, 3))) / 4.0 + 0.0, V)
    assert len({step for step, _ in steps(story)}) > 2
    for before, after in story.pairs:
        marks = changes(before, after)
        gone = {before.lines[name] for name, mark in marks.items() if mark == "gone"}
        new = {after.lines[name] for name, mark in marks.items() if mark == "new"}
        assert not gone & new
        assert set(after.joined) <= set(before.lines) - set(after.lines)


def test_caveats_are_told():
    story = of(lambda x: x + 0.0, V)
    assert story.frames[1].caveat == "where x is -0.0, the sum is 0.0"
    assert "(where x is -0.0, the sum is 0.0)" in str(story)


def test_frames_are_graphs_that_compute_the_same():
    w = Variable(np.ones((3, 2), "float32"), name="w")

    def f(x):
        z = ops.softmax((x * 1.0 @ w + 0.0) / 1.0)
        w.assign_add(ops.ones((3, 2)))
        return z

    story, x = of(f, M, final=True), np.arange(6, dtype="float32").reshape(2, 3)
    wanted = [z.numpy() for z in Plan(story.frames[0].graph).run([x, w.numpy()])]
    assert len(story.frames) > 6
    for frame in story.frames:
        found = Plan(verify(frame.graph)).run([x, w.numpy()])
        for a, z in zip(found, wanted, strict=True):
            np.testing.assert_allclose(a, z, rtol=1e-6)


@pytest.mark.parametrize("final", [False, True])
def test_the_last_frame_is_what_optimize_gives(final):
    graph = trace(lambda x: ops.softmax(x * 2.0 / 4.0 + 0.0), M)
    story = Film(graph, final=final)
    assert str(story.frames[-1].graph) == str(optimize(graph, final=final))
    assert story.frames[0].graph is graph


def test_names_are_of_one_line_each_and_inputs_keep_theirs():
    story = of(lambda x, y: ops.softmax(x / y + 0.0) - 0.0, M, M, final=True)
    for frame in story.frames:
        graph = frame.graph
        names = [frame.names[id(x)] for x in (*graph.inputs, *graph.nodes)]
        assert len(set(names)) == len(names) and names[:2] == ["x", "y"]


def test_a_graph_with_nothing_to_do_has_one_frame():
    story = of(lambda x: ops.tanh(x), V)
    assert len(story.frames) == 1 and story.pairs == []
    assert str(story) == "f: 1 lines, 1 after 0 steps"
    assert "</div>" in story._repr_html_()


def test_a_pass_of_many_rules_on_a_long_graph_gets_one_frame():
    def f(x):
        for _ in range(100):
            x = ops.tanh(x) * 1.0
        return x

    what = [w for step, w in steps(of(f, V)) if step == "simplify"]
    assert what == ["100 times x * 1 >> x"]


class Page(HTMLParser):
    """The tags of a page, its attributes and its scripts."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes, self.scripts = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        if self.open and self.open[-1] == "script":
            self.scripts.append(text)


def test_the_page_element_is_whole_and_fetches_nothing():
    text = page_element(of(lambda x: ops.softmax(x / 1.0), M, final=True))
    page = Page(text)
    assert page.open == [] and page.tags[0] == "div"
    assert {"id", "src", "href", "onclick"}.isdisjoint(dict(page.attributes))
    assert not re.search(
        r"url\(|@import|import\(|fetch\(|XMLHttp|https?://(?!www.w3)", text
    )


def test_the_page_is_given_each_line_once():
    story = of(lambda x: ops.softmax((x * 1.0 + 0.0) / 1.0), M, final=True)
    data = json.loads(Page(page_element(story)).scripts[0])
    assert data == json.loads(json.dumps(data_of(story)))
    assert len(data["frames"]) == len(story.frames)
    assert len({tuple(row) for row in data["rows"]}) == len(data["rows"])
    numbers = []
    for frame, known in zip(story.frames, data["frames"], strict=True):
        start, between, end = known["rows"]
        numbers = [*numbers[:start], *between, *numbers[len(numbers) - end :]]
        rows = [data["rows"][i] for i in numbers]
        assert [row[0] for row in rows] == ["x", *frame.lines]
        assert [row[1] for row in rows[1:]] == list(frame.lines.values())
        assert known.get("size", 0) == len(frame.graph.nodes)


def test_a_small_graph_is_drawn_and_a_long_one_is_not():
    pytest.importorskip("igraph")
    data = data_of(of(lambda x: ops.tanh(x * 1.0), V))
    names = [box[0] for box in data["frames"][0]["picture"]["boxes"]]
    assert names == ["x", "%1", "%2", "%3", "return"]

    def long(x):
        for _ in range(70):
            x = ops.tanh(x)
        return x * 1.0

    assert all("picture" not in frame for frame in data_of(of(long, V))["frames"])


def test_text_of_others_stays_text():
    rude = "</script><!--<h1>&amp;"
    story = film(trace(lambda x: x * 1.0, V, name=rude))
    page = Page(page_element(story))
    assert page.open == [] and "h1" not in page.tags
    places = [row[2] for row in json.loads(page.scripts[0])["rows"]]
    assert any("x * 1.0" in place for place in places)
    assert dict(page.attributes)["aria-label"] == f"the passes over {rude}"


def test_stills_are_there_without_scripts():
    text = page_element(of(lambda x: ops.tanh(x) * 1.0, V))
    first, last = re.findall(r"<pre>(.*?)</pre>", text, re.DOTALL)
    assert "%3 = multiply %0 %2 : f32[3]" in first and "return %3" in first
    assert "multiply" not in last and "return %0" in last


def test_a_page_that_would_be_too_heavy_is_text():
    def long(x):
        for _ in range(2100):
            x = ops.tanh(x)
        return x * 1.0

    story = of(long, V)
    assert story._repr_html_() is None and "x * 1 >> x" in str(story)


def branching(x, limit=2.0):
    if ops.sum(x) > limit:
        x = x / 1.0
    return ops.tanh(x) + 0.0


LEVELS = [
    "source", "source after AutoGraph", "graph as traced", "passes",
    "graph after all passes",
]  # fmt: skip


@pytest.mark.parametrize("traced", [False, True])
def test_see_shows_all_levels_of_a_function(traced):
    found = see(function(branching) if traced else branching, np.ones(3, "float32"))
    assert [level.title for level in found.levels] == LEVELS
    assert found["source"].startswith("def branching(x, limit=2.0):")
    assert "ag__.if_" in found["source after AutoGraph"]
    assert found["graph as traced"].startswith("graph branching(x: f32[3]) {")
    assert "x + 0 >> x" in found["passes"] and "lines" in found["passes"]
    assert len(found["graph after all passes"]) < len(found["graph as traced"])
    assert str(found) == repr(found)
    for level in found.levels:
        assert f"{level.title}\n{'=' * len(level.title)}\n{level.text}" in str(found)


def test_see_uses_the_trace_that_is_there():
    f = function(branching)
    f(ops.ones(3))
    see(f, ops.ones(3))
    assert f.experimental_get_tracing_count() == 1
    see(f, TensorSpec((None,)))
    assert f.experimental_get_tracing_count() == 2


def test_see_takes_traces_graphs_methods_and_things_to_call():
    class Scale:
        def __init__(self):
            self.factor = 3.0

        def __call__(self, x):
            return x * self.factor * 1.0

        def twice(self, x):
            return self(x) * 2.0

    graph = trace(lambda x: x * 1.0, V)
    assert [x.title for x in see(graph).levels] == LEVELS[2:]
    one = function(branching).get_concrete_function(V)
    assert see(one)["graph as traced"] == str(one.graph)
    thing = Scale()
    assert "def __call__(self, x)" in see(thing, V)["source"]
    assert "value=3.0" in see(thing, V)["graph as traced"]
    assert "def twice" in see(thing.twice, V)["source"]


def test_see_says_where_there_is_no_source():
    found = see(ops.tanh, V)
    assert found["source after AutoGraph"] == "(traced as it is)"
    code = "def nowhere(x):\n    return -x"
    names = {}
    exec(code, names)
    assert see(names["nowhere"], V)["source"] == "(its source cannot be read)"


def test_see_on_a_page_escapes_and_folds():
    def rude(x):
        return x * 1.0  # </pre><h1>

    page = Page(see(rude, V)._repr_html_())
    assert page.open == [] and page.tags.count("details") == 5
    assert "h1" not in page.tags
    assert [("open", None)] == [pair for pair in page.attributes if pair[0] == "open"]


def test_listeners_are_told_of_each_trace_once():
    heard = []
    listeners.append(lambda f, trace, ms: heard.append((trace.name, trace.key, ms > 0)))
    try:
        f = function(branching)
        for size in (2, 3, 2):
            f(ops.ones(size))
    finally:
        listeners.pop()
    assert [name for name, _, _ in heard] == ["branching"] * 2
    assert len({key for _, key, _ in heard}) == 2 and all(late for *_, late in heard)


def test_each_level_of_talk_says_more():
    f = function(branching)
    one = f.get_concrete_function(V)
    texts = ["\n".join(spoken(f, one, 1.0, level)) for level in range(1, 6)]
    for less, more in pairwise(texts):
        known, new = (
            [re.sub(r"[\d.]+ ms", "", line).split() for line in text.splitlines()]
            for text in (less, more)
        )
        assert new[: len(known)] == known and len(new) > len(known)
    assert texts[0].startswith(
        "traced branching(x: float32[3], limit: Literal[2.0]) ->"
    )
    assert "passes in" in texts[1] and "graph branching(" in texts[2]
    assert "ag__.if_" in texts[3] and "simplify: x + 0 >> x" in texts[4]


@pytest.mark.parametrize("text, level", [("", 0), ("0", 0), (" 3 ", 3), ("5", 5)])
def test_levels(text, level):
    assert level_of(text) == level


@pytest.mark.parametrize("text", ["6", "-1", "yes", "1.5"])
def test_levels_that_are_none(text):
    with pytest.raises(ArgumentError, match="a whole number from 0 to 5"):
        level_of(text)


def work(one, graph):
    """How many Python functions a pass calls."""
    calls = 0

    def count(frame, event, argument):
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        one(graph)
    finally:
        sys.setprofile(None)
    return calls


def test_the_work_of_each_pass_grows_as_the_graph_does():
    def deep(layers):
        def f(x, w):
            with GradientTape() as tape:
                tape.watch(w)
                for _ in range(layers):
                    x = ops.tanh(x @ w * 1.0) + x
                loss = ops.mean(ops.square(x))
            return loss, tape.gradient(loss, w)

        return trace(f, TensorSpec((None, 8)), TensorSpec((8, 8)))

    short, long = deep(20), deep(200)
    times = len(long.nodes) / len(short.nodes)
    for one in pipeline():
        few, many = work(one, short), work(one, long)
        assert many < 1.05 * times * few, one
        short, long = one(short), one(long)


def test_passes_that_are_switched_off_are_not_shown(monkeypatch):
    monkeypatch.setattr(inside, "left_out", lambda: ("simplify",))
    found = see(branching, np.ones(3, "float32"))
    assert "x + 0 >> x" not in found["passes"]
    story = of(lambda x: ops.tanh(x * 1.0), V, without=("simplify",))
    assert [frame.step for frame in story.frames[1:]].count("simplify") == 0
