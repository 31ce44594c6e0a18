"""Generated from book/keras/sequential.ipynb. Edit the chapter, not this file."""

import math
import re
import shutil

from minikeras.core.dtypes import NUMPY
from minikeras.core.errors import ArgumentError
from minikeras.core.nest import is_shape
from minikeras.layers.layer import Layer
from minikeras.models.functional import Functional


def readable_memory_size(nbytes):
    """Bytes as text: 4,810 -> '4.70 KB'."""
    units = ["B", "KB", "MB", "GB", "TB", "PB"]
    while nbytes >= 1024 and len(units) > 1:
        nbytes, units = nbytes / 1024, units[1:]
    return f"{nbytes:.2f} {units[0]}"


def count(weights):
    """Numbers, and bytes, in all weights, each counted once."""
    weights = {id(w): w for w in weights}.values()
    sizes = [(math.prod(w.shape), NUMPY[w.dtype].itemsize) for w in weights]
    return sum(n for n, _ in sizes), sum(n * width for n, width in sizes)


def _shape(shape):
    return "(" + ", ".join(_number(n) for n in shape) + ")"


def _number(n):
    return f"[color({45 if n is None else 34})]{n}[/]"


def output_shape_text(layer):
    """The shapes of a layer's last output, marked up, or '?' before it is known."""
    if layer._inbound_nodes:
        shapes = [_shape(x.shape) for x in layer._inbound_nodes[-1].outputs]
    elif getattr(layer, "_build_shapes_dict", None):
        try:
            spec = layer.compute_output_shape(**layer._build_shapes_dict)
            shapes = [_shape(spec)] if is_shape(spec) else [_shape(s) for s in spec]
        except Exception:
            return "?"
    else:
        return "?"
    return shapes[0] if len(shapes) == 1 else "[" + ", ".join(shapes) + "]"


def connections(layer, nodes):
    """Where a layer's inputs come from: 'name[node][output]', comma separated."""
    inside = set(map(id, nodes))
    sources = [
        x._keras_history
        for node in layer._inbound_nodes
        if id(node) in inside
        for x in node.input_tensors
    ]
    texts = [
        f"{s.operation.name}[{_number(s.node_index)}][{_number(s.tensor_index)}]"
        for s in sources
    ]
    return ", ".join(texts) or "-"


def is_a_line(model):
    """Whether every layer feeds exactly the next one."""
    nodes = getattr(model, "_nodes", None)
    if nodes is None or not isinstance(model, Functional):
        return True
    depths = [model._depths[id(node)] for node in nodes]
    shared = len({id(node.operation) for node in nodes}) < len(nodes)
    forks = any(len(node.input_tensors) > 1 for node in nodes)
    return len(set(depths)) == len(depths) and not shared and not forks


def _fields(layer, prefix, nodes, show_trainable):
    """The cells of one row."""
    import rich.markup

    kind = type(layer).__name__
    name = rich.markup.escape(f"{prefix}{layer.name}")
    title = f"{name} ([color(33)]{rich.markup.escape(kind)}[/])"
    fields = [title, output_shape_text(layer), _parameters(layer)]
    if nodes is not None:
        fields.append(connections(layer, nodes))
    if show_trainable:
        fields.append(_trained(layer))
    return fields


def _parameters(layer):
    """How many numbers a layer's weights hold; an operation has none."""
    if not isinstance(layer, Layer):
        return _number(0)
    if not layer.built:
        return f"{_number(0)} (unbuilt)"
    return _number(f"{layer.count_params():,}")


def _trained(layer):
    """Y or N, or a dash for what has no weights."""
    if not getattr(layer, "weights", None):
        return "[bold]-[/]"
    yes, no = "[bold][color(34)]Y[/][/]", "[bold][color(9)]N[/][/]"
    return yes if layer.trainable else no


def _rows(layer, level, nodes, expand_nested, show_trainable):
    """The row of a layer, and those of the layers inside it if asked."""
    prefix = "   " * level + "└ " if level else ""
    rows = [_fields(layer, prefix, nodes, show_trainable)]
    if expand_nested:
        for inner in getattr(layer, "layers", ()):
            rows += _rows(inner, level + 1, nodes, True, show_trainable)
    return rows


def _table(line, show_trainable, line_length, positions):
    """An empty table with Keras' columns."""
    import rich.table

    connected = [] if line else ["Connected to"]
    names = ["Layer (type)", "Output Shape", "Param #", *connected]
    width = 88 if line else 108
    positions = positions or ([0.45, 0.80, 1.0] if line else [0.3, 0.56, 0.74, 1.0])
    justify = ["left", "left", "right", "left"][: len(names)]
    if show_trainable:
        width += 12
        positions = [0.9 * p for p in positions] + [1.0]
        names, justify = [*names, "Trainable"], [*justify, "center"]
    width = line_length or min(width, shutil.get_terminal_size().columns - 4)
    ends = [int(p * width) for p in positions]
    widths = [end - start for start, end in zip([0, *ends], ends, strict=False)]
    if min(widths) < 4:
        raise ArgumentError("summary", "the line is too short", f"line_length={width}")
    columns = [
        rich.table.Column(name, justify=side, width=w)
        for name, side, w in zip(names, justify, widths, strict=True)
    ]
    return rich.table.Table(*columns, width=width, show_lines=True)


def _footer(model):
    """The lines below the table: how many numbers, and how many bytes."""
    parts = [count(model.trainable_weights), count(model.non_trainable_weights)]
    names = [" Trainable params: ", " Non-trainable params: "]
    if model.compiled and model.optimizer and model.optimizer.built:
        parts.append(count(model.optimizer.variables))
        names.append(" Optimizer params: ")
    total = [sum(column) for column in zip(*parts, strict=True)]
    for name, (n, nbytes) in zip(
        [" Total params: ", *names], [total, *parts], strict=True
    ):
        yield f"[bold]{name}[/]{_number(f'{n:,}')} ({readable_memory_size(nbytes)})"


def _in_range(layers, layer_range):
    """The layers from the first name that matches to the last."""
    if layer_range is None:
        return layers
    if len(layer_range) != 2 or not all(isinstance(name, str) for name in layer_range):
        raise ArgumentError("summary", "layer_range is two names", repr(layer_range))
    bounds = [
        [i for i, layer in enumerate(layers) if re.match(name, layer.name)]
        for name in layer_range
    ]
    if not all(bounds):
        raise ArgumentError("summary", "layer_range names no layer", repr(layer_range))
    first, last = min(bounds[0]), max(bounds[1])
    return layers[min(first, last) : max(first, last) + 1]


def print_summary(
    model,
    line_length=None,
    positions=None,
    print_fn=None,
    expand_nested=False,
    show_trainable=False,
    layer_range=None,
):
    """Draw the table of a model's layers as Keras does."""
    import rich.console
    import rich.markup

    line = is_a_line(model)
    table = _table(line, show_trainable, line_length, positions)
    nodes = None if line else model._nodes
    listed = model._operations if isinstance(model, Functional) else model.layers
    for layer in _in_range(listed, layer_range):
        for row in _rows(layer, 0, nodes, expand_nested, show_trainable):
            table.add_row(*row)
    plain = {"force_terminal": False, "color_system": None} if print_fn else {}
    console = rich.console.Console(highlight=False, **plain)
    if print_fn:
        console.begin_capture()
    console.print(f'[bold]Model: "{rich.markup.escape(model.name)}"[/]')
    console.print(table)
    for text in _footer(model):
        console.print(text)
    if print_fn:
        print_fn(console.end_capture())
