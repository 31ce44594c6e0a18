"""Generated from book/keras/portraits.ipynb. Edit the chapter, not this file."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from minikeras.core.errors import ArgumentError
from minikeras.models.functional import Functional
from minikeras.models.sequential import Sequential


def boxes_and_lines(model):
    """The operations of a model, and the pairs (from, to) of their numbers."""
    if isinstance(model, Sequential):
        count = len(model.layers)
        return list(model.layers), [(i, i + 1) for i in range(count - 1)]
    if not isinstance(model, Functional):
        return [model], []
    operations = model.operations
    number = {id(operation): i for i, operation in enumerate(operations)}
    lines = [
        (number[id(x._keras_history.operation)], number[id(node.operation)])
        for node in model._plan
        for x in node.input_tensors
        if id(x._keras_history.operation) in number
    ]
    return operations, list(dict.fromkeys(lines))


def shape_text(symbols):
    """The shape of one symbol, or of several; a question mark before there are any."""
    shapes = [str(x.shape) for x in symbols]
    return ", ".join(shapes) if shapes else "?"


def ends_of(layer):
    """The symbols of the first recorded call: what came in, and what went out."""
    nodes = layer._inbound_nodes
    return (nodes[0].input_tensors, nodes[0].outputs) if nodes else ([], [])


def _activation(layer):
    function = getattr(layer, "activation", None)
    name = getattr(function, "__name__", None) or getattr(function, "name", None)
    return name and f"activation: {name}"


def _shapes(layer):
    into, out = map(shape_text, ends_of(layer))
    return f"{into} \u2192 {out}" if ends_of(layer)[0] else out


def _trained(layer):
    if not getattr(layer, "weights", None):
        return None
    return "trainable" if layer.trainable else "not trainable"


ROWS = {
    "show_layer_activations": _activation,
    "show_shapes": _shapes,
    "show_dtype": lambda layer: ", ".join(x.dtype for x in ends_of(layer)[1]) or "?",
    "show_trainable": _trained,
}


def texts_of(layer, show_layer_names=False, **shows):
    """The title of a layer's box and the rows below it."""
    kind = type(layer).__name__
    title = f"{layer.name} ({kind})" if show_layer_names else kind
    rows = [ROWS[show](layer) for show in ROWS if shows.get(show)]
    return title, [row for row in rows if row]


def all_forward(lines):
    """The lines with those turned round that go back, without those from a to a."""
    return [(min(line), max(line)) for line in lines if line[0] != line[1]]


def levels_of(count, lines):
    """The level of each box: the longest way from a box without predecessors."""
    levels = [0] * count
    for _ in range(count):  # a way has at most as many steps as there are boxes
        before = list(levels)
        for a, b in lines:
            levels[b] = max(levels[b], levels[a] + 1)
        if levels == before:
            break
    for a in range(count):  # an input used late stands near its first use
        uses = [levels[b] for x, b in lines if x == a]
        if uses and not any(b == a for _, b in lines):
            levels[a] = min(uses) - 1
    return levels


def with_stops(levels, lines):
    """Levels and lines with a stop on every level that a line passes over.

    Returns the levels, the lines between neighbouring levels, and the way of each
    line of `lines` as a list of numbers.
    """
    levels, short, ways = list(levels), [], []
    for a, b in lines:
        stops = range(len(levels), len(levels) + levels[b] - levels[a] - 1)
        levels += range(levels[a] + 1, levels[b])
        ways.append([a, *stops, b])
        short += pairwise(ways[-1])
    return levels, short, ways


def columns_of(levels, lines):
    """A coordinate across for each box, such that few lines cross."""
    try:
        import igraph
    except ImportError as error:
        raise ImportError(
            "plot_model needs igraph and matplotlib to arrange and draw the boxes\n"
            '  try   pip install "minikeras[plot]"'
        ) from error
    graph = igraph.Graph(n=len(levels), edges=lines, directed=True)
    layout = graph.layout_sugiyama(layers=levels)
    return [x for x, _ in layout.coords[: len(levels)]]


def spread(wishes, sizes, gap):
    """Positions near the wishes at which things of these sizes do not overlap."""
    order = sorted(range(len(wishes)), key=lambda i: wishes[i])
    places, edge = list(wishes), -float("inf")
    for i in order:
        places[i] = max(wishes[i], edge + gap + sizes[i] / 2)
        edge = places[i] + sizes[i] / 2
    shift = sum(p - w for p, w in zip(places, wishes)) / max(len(places), 1)
    return [place - shift for place in places]


ACROSS, DOWN, MARGIN = 0.35, 0.42, 0.22  # inches between boxes, and inside a frame

LETTER, LINE = 0.088, 0.24  # inches: the width of a letter, the height of a row


@dataclass
class Block:
    """A box with text, or a frame with blocks in it; sizes in inches."""

    title: str
    rows: list
    width: float = 0.0
    height: float = 0.0
    inside: list = field(default_factory=list)  # (block, x, y of its centre)
    ways: list = field(default_factory=list)  # of each line: its points


def box(layer, shows):
    """The block of one layer."""
    title, rows = texts_of(layer, **shows)
    width = LETTER * max(map(len, [title, *rows])) + 0.3
    return Block(title, rows, width, LINE * (1 + len(rows)) + 0.12)


def block_of(model, shows, expand_nested=False, sideways=False):
    """The whole drawing of a model as one block."""
    operations, lines = boxes_and_lines(model)
    opened = [
        expand_nested and isinstance(layer, (Functional, Sequential))
        for layer in operations
    ]
    parts = [
        block_of(layer, shows, True, sideways) if inner else box(layer, shows)
        for layer, inner in zip(operations, opened)
    ]
    return arranged(model.name, parts, lines, sideways)


def arranged(title, parts, lines, sideways):
    """A frame around the parts, with a place for each and a way for each line."""
    forward = all_forward(lines)
    levels, short, ways = with_stops(levels_of(len(parts), forward), forward)
    across = [p.height if sideways else p.width for p in parts]
    along = [p.width if sideways else p.height for p in parts]
    unit = ACROSS + sorted(across)[len(parts) // 2]
    wishes = [unit * x for x in columns_of(levels, short)]
    stops = [0.0] * (len(levels) - len(parts))  # they take no room
    places = places_of(levels, wishes, across + stops, along + stops)
    return framed(title, parts, places, turned_back(lines, ways), sideways)


def turned_back(lines, ways):
    """The way of each line in the line's own direction; from a to a it is [a, a]."""
    ways = iter(ways)
    return [[a, a] if a == b else next(ways)[:: 1 if a < b else -1] for a, b in lines]


def places_of(levels, wishes, across, along):
    """A place (across, along) for each box and stop, level by level."""
    places, start = [None] * len(levels), 0.0
    for level in range(max(levels) + 1):
        here = [i for i, one in enumerate(levels) if one == level]
        deep = max(along[i] for i in here)
        row = spread([wishes[i] for i in here], [across[i] for i in here], ACROSS)
        for i, place in zip(here, row, strict=True):
            places[i] = place, start + deep / 2
        start += deep + DOWN
    return places


def framed(title, parts, places, ways, sideways):
    """The block whose contents lie at these places, measured from its corner."""
    points = [(b, a) if sideways else (a, b) for a, b in places]
    sizes = [(part.width, part.height) for part in parts]
    sizes += [(0.0, 0.0)] * (len(points) - len(parts))  # the stops
    spans = [(x, y, w / 2, h / 2) for (x, y), (w, h) in zip(points, sizes, strict=True)]
    left = min(x - w for x, _, w, _ in spans) - MARGIN
    top = min(y - h for _, y, _, h in spans) - MARGIN - LINE
    right = max(x + w for x, _, w, _ in spans) - left
    bottom = max(y + h for _, y, _, h in spans) - top
    points = [(x - left, y - top) for x, y in points]
    inside = [(part, x, y) for part, (x, y) in zip(parts, points, strict=False)]
    roads = [road(way, inside, points, sideways) for way in ways]
    return Block(title, [], right + MARGIN, bottom + MARGIN, inside, roads)


def road(way, inside, points, sideways):
    """The points of a line: from the end of one box, over stops, to the next box."""
    if way[0] == way[-1]:
        return loop(*inside[way[0]], sideways)
    (first, x, y), (last, u, v) = inside[way[0]], inside[way[-1]]
    if sideways:
        side = 0.5 if u > x else -0.5
        start, end = (x + side * first.width, y), (u - side * last.width, v)
    else:
        side = 0.5 if v > y else -0.5
        start, end = (x, y + side * first.height), (u, v - side * last.height)
    return [start, *(points[stop] for stop in way[1:-1]), end]


def loop(block, x, y, sideways):
    """The points of a line from a box back to itself: beside it, or below."""
    if sideways:
        left, right, edge = x - 0.15, x + 0.15, y + block.height / 2
        return [(right, edge), (right, edge + 0.15), (left, edge + 0.15), (left, edge)]
    edge, up, low = x + block.width / 2, y - 0.08, y + 0.08
    return [(edge, low), (edge + 0.15, low), (edge + 0.15, up), (edge, up)]


DARK, PALE, INK = "#2f7fc1", "#ffffff", "#4a5058"


def draw_box(ax, block, x, y):
    """A title on a dark ground, and the rows on a pale one."""
    from matplotlib.patches import Rectangle

    left, top = x - block.width / 2, y - block.height / 2
    head = block.height - LINE * len(block.rows)
    ax.add_patch(Rectangle((left, top), block.width, block.height, fc=PALE, ec=DARK))
    ax.add_patch(Rectangle((left, top), block.width, head, fc=DARK, ec=DARK))
    style = {"ha": "center", "va": "center", "size": 9}
    ax.text(x, top + head / 2, block.title, color="white", weight="bold", **style)
    for row, text in enumerate(block.rows):
        ax.text(x, top + head + LINE * (row + 0.5), text, color=INK, **style)


def draw_frame(ax, block, x, y):
    """A dashed frame with the title in its corner, and all that is inside."""
    from matplotlib.patches import Rectangle

    left, top = x - block.width / 2, y - block.height / 2
    size = {"width": block.width, "height": block.height, "fill": False}
    ax.add_patch(Rectangle((left, top), ec=INK, ls="--", lw=0.8, **size))
    ax.text(left + 0.1, top + 0.17, block.title, color=INK, size=9, va="center")
    draw_inside(ax, block, left, top)


def draw_inside(ax, block, left=0.0, top=0.0):
    """The lines and then the blocks of a frame whose corner is at (left, top)."""
    for points in block.ways:
        xs, ys = zip(*[(x + left, y + top) for x, y in points])
        ax.plot(xs[:-1], ys[:-1], color=INK, lw=1.2, solid_joinstyle="round")
        tip = {"arrowstyle": "-|>", "color": INK, "shrinkA": 0, "shrinkB": 0, "lw": 1.2}
        ax.annotate("", (xs[-1], ys[-1]), (xs[-2], ys[-2]), arrowprops=tip)
    for part, x, y in block.inside:
        draw = draw_frame if part.inside else draw_box
        draw(ax, part, x + left, y + top)


def drawn(block):
    """A Matplotlib figure of the block, in its size."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(block.width, block.height))
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, block.width), ylim=(block.height, 0))
    ax.axis("off")
    draw_inside(ax, block)
    return figure


def plot_model(
    model,
    to_file="model.png",
    show_shapes=False,
    show_dtype=False,
    show_layer_names=False,
    rankdir="TB",
    expand_nested=False,
    dpi=200,
    show_layer_activations=False,
    show_trainable=False,
    splines="ortho",
    **kwargs,
):
    """Draw a model into a file (png, svg or pdf) and return it for a notebook.

    rankdir: "TB" from top to bottom, "LR" from left to right. expand_nested: open the
    models inside. splines: accepted, without effect.
    Errors: a ValueError for a model that is not built, or an unknown argument.
    """
    check_drawable(model, rankdir, kwargs)
    shows = {
        "show_layer_names": show_layer_names, "show_shapes": show_shapes,
        "show_dtype": show_dtype, "show_trainable": show_trainable,
        "show_layer_activations": show_layer_activations,
    }  # fmt: skip
    figure = drawn(block_of(model, shows, expand_nested, rankdir == "LR"))
    path = Path(to_file)
    path = path if path.suffix else path.with_suffix(".png")
    figure.savefig(path, dpi=dpi, facecolor="white")
    return image_of(path)


def check_drawable(model, rankdir, others):
    """ArgumentError if the model is not built, or an argument is not known."""
    if not model.built:
        rule, hint = "This model has not yet been built", "build it, or call it once"
        raise ArgumentError(model.name, rule, hint=hint)
    if rankdir not in ("TB", "LR"):
        rule = "rankdir is 'TB' or 'LR'"
        raise ArgumentError("plot_model", rule, repr(rankdir))
    if others:
        raise ArgumentError("plot_model", "unknown arguments", ", ".join(others))


def image_of(path):
    """The picture for a notebook; None where IPython is missing, or for a pdf."""
    try:
        from IPython import display
    except ImportError:
        return None
    kinds = {".png": display.Image, ".svg": display.SVG}
    return kinds[path.suffix](filename=str(path)) if path.suffix in kinds else None


def model_to_dot(
    model,
    show_shapes=False,
    show_dtype=False,
    show_layer_names=True,
    rankdir="TB",
    expand_nested=False,
    dpi=200,
    subgraph=False,
    show_layer_activations=False,
    show_trainable=False,
    splines="ortho",
    **kwargs,
):
    """The model as a `pydot.Dot` (or a `pydot.Cluster` with `subgraph`).

    Errors: an ImportError without pydot; a ValueError for a model that is not built.
    """
    check_drawable(model, rankdir, kwargs)
    pydot = _pydot()
    shows = {
        "show_layer_names": show_layer_names, "show_shapes": show_shapes,
        "show_dtype": show_dtype, "show_trainable": show_trainable,
        "show_layer_activations": show_layer_activations,
    }  # fmt: skip
    if subgraph:
        graph = pydot.Cluster(graph_name=model.name, label=model.name, style="dashed")
    else:
        options = {"rankdir": rankdir, "dpi": str(dpi), "splines": splines}
        graph = pydot.Dot(graph_type="digraph", **options)
    fill_dot(graph, model, shows, expand_nested)
    return graph


def _pydot():
    try:
        import pydot
    except ImportError as error:
        hint = "pip install pydot, or plot_model, which needs no Graphviz"
        raise ImportError(f"model_to_dot needs pydot\n  try   {hint}") from error
    return pydot


def fill_dot(graph, model, shows, expand_nested):
    """Put the boxes and lines of a model into a pydot graph, opened models too."""
    pydot = _pydot()
    operations, lines = boxes_and_lines(model)
    for layer in operations:
        if expand_nested and isinstance(layer, (Functional, Sequential)):
            inner = pydot.Cluster(
                graph_name=layer.name, label=layer.name, style="dashed"
            )
            fill_dot(inner, layer, shows, True)
            graph.add_subgraph(inner)
        else:
            title, rows = texts_of(layer, **shows)
            label = "\\n".join([title, *rows])
            graph.add_node(pydot.Node(str(id(layer)), label=f'"{label}"', shape="box"))
    for a, b in lines:
        ends = (operations[a], operations[b])
        if expand_nested:
            ends = (outermost(ends[0], -1), outermost(ends[1], 0))
        graph.add_edge(pydot.Edge(*(str(id(layer)) for layer in ends)))


def outermost(layer, which):
    """The first (0) or last (-1) layer of a model, looked for through all its models."""
    while isinstance(layer, (Functional, Sequential)):
        layer = layer.layers[which]
    return layer
