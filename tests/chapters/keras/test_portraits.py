"""plot_model and model_to_dot: what is drawn, where, and what is refused."""

import sys

import pytest

from minikeras import Input, Model, Sequential, layers
from minikeras.models.portrait import (
    block_of,
    boxes_and_lines,
    levels_of,
    model_to_dot,
    plot_model,
    spread,
)


def branched():
    x = Input((4,), name="x")
    inner = Sequential([Input((4,)), layers.Dense(4, activation="relu")], name="inner")
    y = layers.Add(name="sum")([inner(x), layers.Dense(4, name="d")(x)])
    return Model(x, layers.Dense(2, name="out")(y + x))


def titles(block):
    found = []
    for part, _, _ in block.inside:
        found += [f"[{part.title}]", *titles(part)] if part.inside else [part.title]
    return found


def test_boxes_and_lines_of_all_kinds_of_models():
    operations, lines = boxes_and_lines(branched())
    assert len(operations) == 6 and len(lines) == 7
    chain = Sequential([Input((3,)), layers.Dense(2), layers.Dense(1)])
    assert boxes_and_lines(chain)[1] == [(0, 1)]

    class Own(Model):
        def call(self, x):
            return x

    assert boxes_and_lines(Own())[1] == []


def test_nested_models_are_one_box_or_opened():
    model = branched()
    closed = titles(block_of(model, {"show_layer_names": True}))
    opened = titles(block_of(model, {"show_layer_names": True}, expand_nested=True))
    assert "inner (Sequential)" in closed and "[inner]" not in closed
    assert "[inner]" in opened and len(opened) == len(closed) + 1


def test_levels_rise_along_every_line():
    lines = [(3, 4), (2, 3), (0, 2), (1, 4)]
    levels = levels_of(5, lines)
    assert all(levels[a] < levels[b] for a, b in lines) and levels[1] == levels[3]


def test_spread_keeps_order_and_distance():
    places = spread([0.0, 0.1, 0.2], [1.0, 2.0, 1.0], 0.5)
    assert places[1] - places[0] == pytest.approx(2.0)
    assert sum(places) == pytest.approx(0.3)


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf", ""])
@pytest.mark.parametrize("rankdir", ["TB", "LR"])
def test_files_of_all_kinds(tmp_path, suffix, rankdir):
    path = tmp_path / f"model{suffix}"
    shows = dict.fromkeys(
        ("show_shapes", "show_dtype", "show_layer_names", "show_trainable"), True
    )
    plot_model(branched(), path, rankdir=rankdir, dpi=40, expand_nested=True, **shows)
    written = path if suffix else path.with_suffix(".png")
    start = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}[suffix or ".png"]
    assert written.read_bytes().startswith(start)


def test_dot_has_the_same_boxes_and_lines():
    pytest.importorskip("pydot")
    dot = model_to_dot(branched(), show_shapes=True)
    assert (len(dot.get_nodes()), len(dot.get_edges())) == (6, 7)
    assert "(None, 4)" in dot.to_string() and "digraph" in dot.to_string()
    opened = model_to_dot(branched(), expand_nested=True)
    assert len(opened.get_subgraphs()) == 1


def test_refusals(tmp_path, monkeypatch):
    late = Sequential([layers.Dense(3)])
    for draw in (plot_model, model_to_dot):
        with pytest.raises(ValueError, match="not yet been built"):
            draw(late)
        with pytest.raises(ValueError, match="unknown"):
            draw(branched(), nonsense=1)
    with pytest.raises(ValueError, match="rankdir"):
        plot_model(branched(), rankdir="XY")
    monkeypatch.setitem(sys.modules, "igraph", None)
    with pytest.raises(ImportError, match="plot"):
        plot_model(branched(), tmp_path / "x.png")
    assert not list(tmp_path.iterdir())
