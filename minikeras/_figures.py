"""The figure style of the book: one palette, and a few kinds of drawing.

Every figure is a transparent PNG, shown on a white page and on a dark one. So all
colours here are mid-tones: each has a contrast of at least 3:1 against both pages
(`tests/test_figures.py` computes it), and nothing is drawn in black or in white
except the text on a filled shape.

This file is written by hand (the colophon lists it); the chapters import it as
`from minikeras._figures import canvas, boxes, show`. Matplotlib is loaded by the
first figure, not by the import.
"""

import numpy as np

TEXT = "#777c85"  # text, axes and arrows
COLORS = {
    "blue": "#2f7fc1",
    "orange": "#d0640f",
    "green": "#1a936f",
    "purple": "#9a62c9",
    "red": "#d94f5c",
    "ochre": "#a67c00",
    "teal": "#0f8b9d",
    "grey": TEXT,
}
PAGES = {"light": "#ffffff", "dark": "#14181e"}  # the two backgrounds
WIDTH = 6.4  # inches: the width of the text column
UNIT = 0.42  # inches: the side of one cell of a drawing
TINT = 0.16  # opacity of a fill that lies under text
ON_FILL = "#ffffff"  # text on a solid fill


def luminance(color):
    """The relative luminance of a colour "#rrggbb", from 0 to 1 (WCAG 2.1)."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a, b):
    """The contrast of two colours, from 1 (equal) to 21 (black on white)."""
    dark, light = sorted((luminance(a), luminance(b)))
    return (light + 0.05) / (dark + 0.05)


def color(name):
    """A palette colour by its name; any other matplotlib colour as it is."""
    return COLORS.get(name, name)


# The two kinds of figure: plots with axes, and drawings on squared paper


def use_style():
    """Set matplotlib to the book's style (done by the first figure)."""
    import matplotlib.pyplot as plt
    from cycler import cycler

    plt.rcParams.update(
        {
            "figure.facecolor": "none",
            "axes.facecolor": "none",
            "savefig.facecolor": "none",
            "figure.dpi": 96,
            "font.family": "DejaVu Sans",
            "font.size": 10,
            "axes.titlesize": 10,
            "axes.labelsize": 10,
            "xtick.labelsize": 9,
            "ytick.labelsize": 9,
            "legend.fontsize": 9,
            "text.color": TEXT,
            "axes.labelcolor": TEXT,
            "axes.titlecolor": TEXT,
            "axes.edgecolor": TEXT,
            "xtick.color": TEXT,
            "ytick.color": TEXT,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "grid.color": TEXT,
            "grid.alpha": 0.2,
            "grid.linewidth": 0.6,
            "lines.linewidth": 2,
            "legend.frameon": False,
            "axes.prop_cycle": cycler(color=[c for c in COLORS.values() if c != TEXT]),
        }
    )
    try:  # in a notebook: twice the pixels, shown at the same size
        from matplotlib_inline.backend_inline import set_matplotlib_formats
    except ImportError:
        return
    from IPython import get_ipython

    if get_ipython() is not None:
        set_matplotlib_formats("retina")


def figure(width=WIDTH, height=2.8, rows=1, columns=1, **options):
    """A figure for plots: its axes, one or (with rows, columns) an array of them."""
    import matplotlib.pyplot as plt

    use_style()
    options = {"layout": "constrained"} | options
    return plt.subplots(rows, columns, figsize=(width, height), **options)[1]


def canvas(columns, rows, unit=None):
    """Squared paper for drawings: axes without axes, one unit a cell, y downward.

    A cell is `UNIT` inches wide, or less when the paper would be wider than the text.
    """
    import matplotlib.pyplot as plt

    use_style()
    unit = unit or min(UNIT, WIDTH / columns)
    ax = plt.figure(figsize=(columns * unit, rows * unit)).add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, columns), ylim=(rows, 0))
    ax.set_axis_off()
    return ax


def show():
    """Show the figure, as the last line of its cell."""
    import matplotlib.pyplot as plt

    plt.show()


# Marks: text, arrows, boxes


def write(
    ax, x, y, text, color="grey", size=10, align="center", mono=False, bold=False
):
    """Write text centred (or aligned "left", "right") on a point."""
    return ax.text(
        x,
        y,
        text,
        color=COLORS.get(color, color),
        size=size,
        ha=align,
        va="center_baseline",
        family="DejaVu Sans Mono" if mono else None,
        weight="bold" if bold else None,
    )


def arrow(ax, start, end, text="", color="grey", bend=0.0, gap=3, style="-|>", size=9):
    """An arrow from point to point; bend > 0 curves it upward when it runs right.

    The text stands at the middle of the arrow, outside the curve.
    """
    line = {
        "arrowstyle": style,
        "color": COLORS.get(color, color),
        "lw": 1.3,
        "mutation_scale": 10,
    }
    line |= {"connectionstyle": f"arc3,rad={-bend}", "shrinkA": gap, "shrinkB": gap}
    ax.annotate("", xy=end, xytext=start, arrowprops=line)
    if text:
        (x0, y0), (x1, y1) = start, end
        x, y = (x0 + x1) / 2, (y0 + y1) / 2
        lift = bend / 2 + np.copysign(0.3 / np.hypot(x1 - x0, y1 - y0), bend)
        write(
            ax, x + lift * (y1 - y0), y - lift * (x1 - x0), text, color=color, size=size
        )


def boxes(
    ax,
    values,
    x=0.0,
    y=0.0,
    *,
    fill=None,
    solid=False,
    width=1.0,
    height=1.0,
    index=False,
    label="",
    size=10,
):
    """Draw a row (1-D values) or a table (2-D values) of cells, as memory is drawn.

    fill: one colour name, or one per cell in the shape of `values` (None leaves a
    cell empty). solid=True fills opaquely, else with a tint. index=True numbers the
    cells of the top row above them. label stands above the first cell, or left of a
    row when it has an index. A value of None or "" draws an empty cell.

    Returns the centres of the cells, an array of shape values.shape + (2,), to draw
    arrows between.
    """
    values = np.array(values, dtype=object)
    table = values.reshape(-1, values.shape[-1])
    fills = np.broadcast_to(np.array(fill, dtype=object), values.shape).reshape(
        table.shape
    )
    centres = np.zeros(table.shape + (2,))
    for (i, j), value in np.ndenumerate(table):
        left, top, paint = x + j * width, y + i * height, color(fills[i, j])
        _cell(ax, (left, top), width, height, paint, solid)
        centres[i, j] = left + width / 2, top + height / 2
        text = "" if value is None else str(value)
        ink = ON_FILL if solid and paint else TEXT
        write(ax, *centres[i, j], text, ink, size, mono=True)
        if index and i == 0:
            write(ax, centres[i, j, 0], top - 0.25, j, size=7)
    if label and index:
        write(ax, x - 0.25, y + height / 2, label, size=size, align="right")
    elif label:
        write(ax, x, y - 0.3, label, size=size, align="left")
    return centres.reshape(values.shape + (2,))


def _cell(ax, corner, width, height, paint, solid):
    """One cell: a fill, and an edge of its colour (white between solid cells)."""
    from matplotlib.patches import Rectangle

    inside = {"fc": paint or "none", "alpha": None if solid else TINT, "lw": 0}
    edge = {"ec": paint or TEXT, "lw": 1.2, "zorder": 2 if paint else 1.5}
    if solid and paint:
        edge = {"ec": ON_FILL, "lw": 0.8, "zorder": 2}
    for style in (inside | {"zorder": 1}, edge | {"fc": "none"}):
        ax.add_patch(Rectangle(corner, width, height, clip_on=False, **style))


# Graphs: nodes and arrows, in layers


def layers_of(edges, nodes=()):
    """Place every node one layer after the last of the nodes that point to it.

    Returns {node: (layer, row)}. Rows are ordered so that a node lies near the mean
    of its neighbours, which untangles most small graphs.
    """
    names = list(dict.fromkeys([*nodes, *(n for e in edges for n in e[:2])]))
    before = {n: [e[0] for e in edges if e[1] == n] for n in names}
    after = {n: [e[1] for e in edges if e[0] == n] for n in names}
    depth = dict.fromkeys(names, 0)
    for _ in names:  # as many rounds as the longest path can need
        for n in names:
            depth[n] = max([depth[p] + 1 for p in before[n]], default=0)
        if all(depth[n] > depth[p] for n in names for p in before[n]):
            break
    else:
        raise ValueError(f"graph: the edges run in a circle among {names}")
    layers = [
        [n for n in names if depth[n] == d] for d in range(max(depth.values()) + 1)
    ]
    row = {n: i - (len(layer) - 1) / 2 for layer in layers for i, n in enumerate(layer)}
    for neighbours in (before, after, before):
        for layer in layers:
            mean = {
                n: np.mean([row[m] for m in neighbours[n]] or [row[n]]) for n in layer
            }
            layer.sort(key=lambda n: mean[n])
            row |= {n: i - (len(layer) - 1) / 2 for i, n in enumerate(layer)}
    return {n: (depth[n], row[n]) for n in names}


def graph(
    edges, *, nodes=(), labels=None, fill=None, at=None, down=False, size=10, gap=1.0
):
    """Draw a graph of boxes and arrows, layer after layer (rightward, or down=True).

    edges: (from, to) or (from, to, text). nodes: names, to add lone ones or to fix
    the order. labels: {node: text}, else the node's own name. fill: {node: colour}
    or one colour name. at: {node: (layer, row)} overrides the layout. gap: the space
    between layers, in units. Returns the axes.
    """
    place = layers_of(edges, nodes) | (at or {})
    text = {n: str((labels or {}).get(n, n)) for n in place}
    wide = {
        n: 0.2 * size / 10 * max(map(len, t.split("\n"))) + 0.5 for n, t in text.items()
    }
    tall = 0.8 + 0.45 * max(t.count("\n") for t in text.values())
    centre, extent = (_downward if down else _rightward)(place, wide, tall, gap)
    ax = canvas(*extent)
    patches = {}
    for n, point in centre.items():
        paint = color(fill if isinstance(fill, str) else (fill or {}).get(n)) or TEXT
        patches[n] = _node(ax, point, wide[n], tall, paint)
        write(ax, *point, text[n], size=size, mono=True)
    for a, b, *note in edges:
        _edge(
            ax, [centre[a], centre[b]], patches[a], patches[b], _bend(place, a, b, down)
        )
        if note:
            x, y = np.mean([centre[a], centre[b]], axis=0)
            beside = (x + 0.15, y, "left") if down else (x, y - 0.3, "center")
            write(ax, *beside[:2], note[0], size=size - 2, align=beside[2])
    return ax


def _downward(place, wide, tall, gap):
    """The centres of nodes whose layers lie below each other, and the size of it all."""
    pitch = max(wide.values()) + 0.5
    reach = max(pitch * row + wide[n] / 2 for n, (_, row) in place.items())
    start = min(pitch * row - wide[n] / 2 for n, (_, row) in place.items())
    layers = max(layer for layer, _ in place.values()) + 1
    centre = {
        n: (pitch * row - start + 0.2, layer * (tall + gap) + tall / 2 + 0.2)
        for n, (layer, row) in place.items()
    }
    return centre, (reach - start + 0.4, layers * (tall + gap) - gap + 0.4)


def _rightward(place, wide, tall, gap):
    """The centres of nodes whose layers lie side by side, and the size of it all."""
    rows = [row for _, row in place.values()]
    columns = range(max(layer for layer, _ in place.values()) + 1)
    widest = [
        max([wide[n] for n in place if place[n][0] == c], default=0) for c in columns
    ]
    left = np.cumsum([0.2] + [w + gap for w in widest])
    centre = {
        n: (left[c] + widest[c] / 2, (row - min(rows) + 0.5) * (tall + 0.35) + 0.05)
        for n, (c, row) in place.items()
    }
    height = (max(rows) - min(rows) + 1) * (tall + 0.35) + 0.1
    return centre, (left[-1] - gap + 0.2, height)


def _node(ax, point, width, height, paint):
    """A box with round corners, tinted in its colour."""
    from matplotlib.patches import FancyBboxPatch

    shape = {"boxstyle": "round,pad=0,rounding_size=0.2", "lw": 1.3, "ec": paint}
    corner = (point[0] - width / 2, point[1] - height / 2)
    shape |= {"fc": (paint + f"{int(TINT * 255):02x}"), "zorder": 2}
    return ax.add_patch(FancyBboxPatch(corner, width, height, **shape))


def _bend(place, a, b, down):
    """How an arrow bends: a long one goes around the layers between, on the outside."""
    outward = 1 if place[a][1] + place[b][1] > 0 else -1
    return 0.25 * (place[b][0] - place[a][0] > 1) * (-outward if down else outward)


def _edge(ax, ends, start, end, bend):
    """An arrow between the centres of two boxes, from edge to edge."""
    from matplotlib.patches import FancyArrowPatch

    style = {"arrowstyle": "-|>", "mutation_scale": 10, "shrinkA": 1, "shrinkB": 2}
    style |= {"color": TEXT, "lw": 1.2, "zorder": 1, "clip_on": False}
    bent = f"arc3,rad={bend}"
    boxes = {"patchA": start, "patchB": end}
    ax.add_patch(FancyArrowPatch(*ends, connectionstyle=bent, **boxes, **style))


# The picture of the table: which operation has which rule


def grid(ops, columns, *, new=None, blocks=3):
    """Draw the op table: a row per operation, a column per interpretation.

    columns: live `Column` dicts, or strings for columns that a later part will fill.
    A cell is filled when the column has a rule for the operation; the columns in
    `new` (one column or a list) are orange, the others blue. The rows are set in
    `blocks` side by side.
    """
    from matplotlib.patches import Rectangle

    ops = list(ops)
    names = [getattr(op, "name", str(op)) for op in ops]
    new = new if isinstance(new, (list, tuple)) else [new]
    height = -(-len(ops) // blocks)
    step, room = 0.55, 0.2 * max(map(len, names)) + 0.3
    pitch = room + step * len(columns) + 0.6
    heads = [c if isinstance(c, str) else c.name for c in columns]
    top = 0.17 * max(map(len, heads)) + 0.35
    ax = canvas(blocks * pitch - 0.5, top + step * height + 0.1)
    for k, (op, name) in enumerate(zip(ops, names, strict=True)):
        x, y = (k // height) * pitch + room, top + (k % height) * step
        write(ax, x - 0.15, y + step / 2, name, size=8.5, align="right", mono=True)
        for j, column in enumerate(columns):
            has = not isinstance(column, str) and op in column
            paint = COLORS["orange" if any(column is n for n in new) else "blue"]
            cell = (x + j * step + 0.04, y + 0.04), step - 0.08, step - 0.08
            ax.add_patch(Rectangle(*cell, fc=paint if has else "none", ec=TEXT, lw=0.5))
    for block in range(blocks):
        for j, head in enumerate(heads):
            x = block * pitch + room + (j + 0.5) * step
            ax.text(
                x, top - 0.12, head, size=8.5, rotation=90, ha="center", va="bottom"
            )
    return ax


def pictures(images, titles=(), columns=8, size=0.75, cmap="gray"):
    """A sheet of small images (2-D arrays), each with a title under it."""
    import itertools

    images = [np.asarray(image) for image in images]
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    line = 0.3 if len(titles) else 0.05
    axes = figure(columns * size, rows * (size + line), rows, columns, squeeze=False)
    for ax, image, title in itertools.zip_longest(axes.flat, images, titles):
        ax.set_axis_off()
        if image is not None:
            ax.imshow(image, cmap=cmap, interpolation="nearest")
            ax.text(
                0.5,
                -0.06,
                title or "",
                size=9,
                ha="center",
                va="top",
                transform=ax.transAxes,
            )
    return axes
