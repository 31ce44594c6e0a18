"""Generated from book/graphs/proofreading.ipynb. Edit the chapter, not this file."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import pairwise

import minikeras.core.table as table
from minikeras.graph.graph import JOINT, REDUCTIONS, constant, line, written


@dataclass
class Box:
    """A box of the drawing: what it says, on hover too, and which boxes feed it."""

    text: str
    title: str
    color: str
    feeds: list
    level: int = 0
    x: float = 0.0


def boxes_of(graph):
    """The boxes of a graph: inputs, state, lines without constants, results."""
    names, boxes, number = graph.names(), [], {}
    for color, nodes in (("grey", graph.inputs), ("ochre", graph.state.values())):
        for x in nodes:
            number[id(x)] = len(boxes)
            boxes.append(
                Box(names[id(x)], f"{names[id(x)]}: {x.spec}", COLORS[color], [])
            )
    for node in graph.nodes:
        if node.op is not constant:
            number[id(node)] = len(boxes)
            boxes.append(_box(node, names, number))
    results = [("return", z) for z in graph.outputs]
    results += [(f"{slot} =", z) for slot, z in graph.updates.items()]
    for text, z in results:
        feeds = [number[id(z)]] if id(z) in number else []
        boxes.append(Box(text, f"{text} {z.spec}", COLORS["grey"], feeds))
    return boxes


FAMILIES = {
    "blue": JOINT,
    "orange": (*REDUCTIONS, table.reduce_like),
    "purple": (table.matmul,),
    "green": (table.reshape, table.transpose, table.broadcast_to, table.cast),
}

COLORS = {
    "grey": "#777c85", "ochre": "#a67c00", "blue": "#2f7fc1", "orange": "#d0640f",
    "purple": "#9a62c9", "green": "#1a936f", "teal": "#0f8b9d",
}  # fmt: skip


def color_of(op):
    """The colour of an operation's family."""
    return COLORS[next((c for c, family in FAMILIES.items() if op in family), "teal")]


def _box(node, names, number):
    """The box of a line: the operation, and small constants it uses."""
    numbers = [x.attributes["value"] for x in node.inputs if x.op is constant]
    words = [node.op.name, *map(written, numbers)]
    title = f"{names[id(node)]} = {line(node, names)}\n{node.place}".strip()
    feeds = [number[id(x)] for x in node.inputs if id(x) in number]
    return Box(" ".join(words), title, color_of(node.op), list(dict.fromkeys(feeds)))


def set_levels(boxes):
    """Let each box stand below what feeds it, and inputs just above their first use."""
    first = {}
    for box in boxes:
        box.level = 1 + max((boxes[i].level for i in box.feeds), default=-1)
        for i in box.feeds:
            first[i] = min(first.get(i, box.level), box.level)
    for i, level in first.items():
        if not boxes[i].feeds:
            boxes[i].level = level - 1


def ways_of(boxes):
    """Levels of boxes and stops, and for each arrow its (from, stops..., to)."""
    levels, ways = [box.level for box in boxes], []
    for end, box in enumerate(boxes):
        for start in box.feeds:
            between = range(boxes[start].level + 1, box.level)
            stops = range(len(levels), len(levels) + len(between))
            levels += between
            ways.append([start, *stops, end])
    return levels, ways


def columns_of(levels, ways):
    """A coordinate across for each box and stop, such that few arrows cross."""
    import igraph

    short = [pair for way in ways for pair in pairwise(way)]
    graph = igraph.Graph(n=len(levels), edges=short, directed=True)
    layout = graph.layout_sugiyama(layers=levels, maxiter=100)
    return [x for x, _ in layout.coords[: len(levels)]]


LETTER, TALL, ACROSS, DOWN = 7.3, 24, 16, 30  # pixels: a letter, a box, two gaps


def width_of(text):
    """The width of a box with this text."""
    return LETTER * len(text) + 16


def placed(boxes):
    """(x, y) of all boxes and stops, the ways between them, and (width, height)."""
    set_levels(boxes)
    levels, ways = ways_of(boxes)
    widths = [width_of(box.text) for box in boxes] + [4] * (len(levels) - len(boxes))
    unit = ACROSS + sorted(widths)[len(widths) // 2]
    xs = [unit * x for x in columns_of(levels, ways)]
    for level in range(max(levels, default=-1) + 1):
        edge = float("-inf")
        for i in sorted(
            (i for i, n in enumerate(levels) if n == level), key=xs.__getitem__
        ):
            xs[i] = max(xs[i], edge + ACROSS + widths[i] / 2)
            edge = xs[i] + widths[i] / 2
    left = min((x - w / 2 for x, w in zip(xs, widths)), default=0) - 8
    right = max((x + w / 2 for x, w in zip(xs, widths)), default=0) + 8
    points = [(x - left, 20 + n * (TALL + DOWN)) for x, n in zip(xs, levels)]
    height = 40 + max(levels, default=0) * (TALL + DOWN)
    return points, ways, (right - left, height)


BOX = (
    '<g class="node"><title>{title}</title><rect x="{left:.0f}" y="{top:.0f}" '
    'width="{width:.0f}" height="24" rx="5" fill="{color}" fill-opacity="0.16" '
    'stroke="{color}"/><text x="{x:.0f}" y="{y:.0f}" fill="#777c85" text-anchor="middle"'
    ' font-family="DejaVu Sans Mono, monospace" font-size="12">{text}</text></g>'
)

ARROW = '<path d="{way}" fill="none" stroke="#777c85" stroke-width="1.2"/>'

TIP = '<path d="M{x:.0f} {y:.0f}l-4 -8h8z" fill="#777c85"/>'


def arrow(points):
    """An arrow through these points, from the foot of a box to the head of another."""
    (x, y), *between, (u, v) = points
    way = [(x, y + TALL / 2), *between, (u, v - TALL / 2 - 7)]
    text = "M" + "L".join(f"{a:.0f} {b:.0f}" for a, b in way)
    return ARROW.format(way=text) + TIP.format(x=u, y=v - TALL / 2)


def drawing(graph):
    """A graph as SVG: boxes for operations, with spec and source line on hover.

    Source: chapter "Reading proofs".
    """
    boxes = boxes_of(graph)
    points, ways, (width, height) = placed(boxes)
    parts = [arrow([points[i] for i in way]) for way in ways]
    for box, (x, y) in zip(boxes, points, strict=False):
        wide = width_of(box.text)
        words = {"title": escape(box.title), "text": escape(box.text), "x": x}
        edges = {"left": x - wide / 2, "top": y - TALL / 2, "width": wide}
        parts.append(BOX.format(**words, **edges, y=y + 4, color=box.color))
    head = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}"'
    style = 'style="max-width: 100%; height: auto; background: none"'
    start = f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {head} {style}>'
    return "\n".join(
        [start, f"<title>graph {escape(graph.name)}</title>", *parts, "</svg>"]
    )
