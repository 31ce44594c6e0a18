"""Generated from book/graphs/inside.ipynb. Edit the chapter, not this file."""

import re
import sys

import numpy as np
import optree

from minikeras.core.door import apply, here, reading
from minikeras.core.dtypes import standardize_dtype
from minikeras.core.eager import compute, evaluate
from minikeras.core.errors import ArgumentError, DTypeError, ShapeError
from minikeras.core.gradients import vjp
from minikeras.core.infer import spec
from minikeras.core.specs import TensorSpec, known_spec
from minikeras.core.table import Op
from minikeras.core.tape import GradientTape, filled
from minikeras.core.tensor import Tensor, Value, convert
from minikeras.core.variable import Variable
from minikeras.graph.branches import Several, Specs, floats, nothing, saving, spread
from minikeras.graph.graph import sizes
from minikeras.graph.parse import UNLISTED
from minikeras.graph.program import EFFECTS
from minikeras.graph.rows import batch


class Slot:
    """Stands for a tensor in a text."""

    def __init__(self, number):
        self.number = number

    def __repr__(self):
        return f"\0{self.number}\0"


def template_of(inputs, sep, end):
    """What is printed, with {0}, {1}, ... for the tensors; and these."""
    tensors = []

    def slot(x):
        if not isinstance(x, (Value, Variable)):
            return x
        tensors.append(convert(x))
        return Slot(len(tensors) - 1)

    texts = [str(optree.tree_map(slot, x, none_is_leaf=True)) for x in inputs]
    plain = (sep.join(texts) + end).replace("{", "{{").replace("}", "}}")
    return re.sub("\0(\\d+)\0", r"{\1}", plain), tensors


def number_text(x):
    """One number, as short as it can be read back."""
    return str(int(x)) if x.dtype == bool else str(x).removesuffix(".0")


def array_text(x, summarize):
    """An array in brackets, with the middle of long axes left out."""
    if x.ndim == 0:
        return number_text(x[()])
    cut = x.size + 1 if summarize < 0 else 0
    how = {"separator": " ", "formatter": {"all": number_text}, "max_line_width": 10**9}
    return np.array2string(x, threshold=cut, edgeitems=max(summarize, 1), **how)


def emit(text, stream):
    """Write to "stdout" or "stderr" as they are now, or at the end of a "file://..."."""
    if stream.startswith("file://"):
        with open(stream.removeprefix("file://"), "a", encoding="utf-8") as file:
            file.write(text)
    else:
        getattr(sys, stream).write(text)


def stream_name(stream):
    """The name of a stream, which a graph can keep."""
    known = {None: "stderr", sys.stderr: "stderr", sys.stdout: "stdout"}
    if isinstance(stream, str) and stream.startswith("file://"):
        return stream
    if stream not in known:
        hint = "sys.stderr, sys.stdout or 'file://' and a path"
        raise ArgumentError("print", "no such output stream", repr(stream), hint)
    return known[stream]


printed = Op("print", listed=False)


def _printed(*arrays, template, summarize, stream):
    texts = [array_text(np.asarray(x), summarize) for x in arrays]
    emit(template.format(*texts), stream)
    return np.zeros((), "int32")


evaluate[printed] = _printed

spec[printed] = lambda *xs, **attributes: TensorSpec((), "int32")

sizes[printed] = lambda *xs, **attributes: ()

vjp[printed] = None

UNLISTED[printed.name] = printed

EFFECTS.add(printed)


def print(*inputs, output_stream=None, summarize=3, sep=" ", end="\n", name=None):
    """Print each time it is computed, also in a graph: tensors as their numbers.

    inputs: tensors, anything else, nests of both. output_stream: sys.stderr (also
    None), sys.stdout, or "file://" and a path, to whose end it is written. summarize:
    so many numbers at both ends of an axis, all if negative. name: changes nothing.
    Errors: an ArgumentError (a ValueError) for another stream. Source: `tf.print`;
    chapter "Every level, on one page".

    >>> print("x:", convert([1.0, 2.5]), output_stream=sys.stdout)
    x: [1 2.5]
    """
    template, tensors = template_of(inputs, sep, end)
    stream = stream_name(output_stream)
    apply(printed, *tensors, template=template, summarize=summarize, stream=stream)


def fitting(z, wanted):
    """A result of Python as a tensor of the spec, or the dtype, that was promised."""
    known = isinstance(wanted, TensorSpec)
    dtype = wanted.dtype if known else standardize_dtype(wanted)
    x = convert(z, dtype if isinstance(z, (bool, int, float)) else None)
    wanted = wanted if known else known_spec(x.shape, dtype)
    got, hint = f"{x.spec}, promised {wanted}", "cast or reshape it, or change Tout"
    if x.dtype != wanted.dtype:
        raise DTypeError("py_function", "a result has another dtype", got, hint)
    pairs = zip(x.shape, wanted.shape)
    if x.ndim != len(wanted.shape) or any(n not in (m, None) for m, n in pairs):
        raise ShapeError("py_function", "a result has another shape", got, hint)
    return x


def results(func, inputs, outs):
    """What func(*inputs) returns, as tensors of the specs `outs`."""
    found = func(*inputs)
    if not outs:
        return []
    found = list(found) if isinstance(found, (list, tuple)) else [found]
    if len(found) != len(outs):
        problem = f"the function should return {len(outs)} tensors"
        raise ArgumentError("py_function", problem, f"{len(found)}")
    return [fitting(z, wanted) for z, wanted in zip(found, outs)]


python_call = Several("py_function", listed=False)


def _python_call(*arrays, func, outs):
    with reading(compute):
        found = results(func, [Tensor(np.asarray(x)) for x in arrays], outs)
    return tuple(z._data for z in found)


def _python_back(g, z, *inputs, func, outs):
    def back(*values):
        given = values[: len(inputs)]
        with GradientTape() as tape:
            tape.watch(floats(given))
            found = floats(results(func, given, outs))
        seeds, how = list(values[len(inputs) :]), {"unconnected_gradients": "zero"}
        return tape.gradient(found, floats(given), seeds, **how)

    wanted = tuple([x.spec for x in floats(inputs)])
    seeds = floats(filled(g, z))
    return spread(python_call(*inputs, *seeds, func=back, outs=wanted), inputs)


evaluate[python_call] = _python_call

spec[python_call] = lambda *xs, func, outs: Specs(outs)

vjp[python_call] = _python_back

saving[python_call] = lambda **attributes: (None, attributes)

EFFECTS.add(python_call)


def _each_row(rows, *inputs, func, outs):
    def all_rows(*stacks):
        found = [results(func, row, outs) for row in zip(*stacks, strict=True)]
        return [np.stack(column) for column in zip(*found)] or [*map(nothing, wanted)]

    stacks = [rows.spread(x) for x in inputs]
    wanted = tuple([known_spec((None, *one.shape), one.dtype) for one in outs])
    return tuple(map(rows.each, python_call(*stacks, func=all_rows, outs=wanted)))


batch[python_call] = _each_row


def py_function(func, inp, Tout, name=None):
    """func(*inp), a Python function that is called each time, also in a graph.

    It gets and returns tensors with numbers. Tout: the TensorSpec of the result, or a
    list with one for each; outside of graphs a dtype is enough. An empty list: there is
    none. Gradients run through it, by the inputs: it is called once more for them.
    Errors: what func raises; a DTypeError (a TypeError) or ShapeError (a ValueError)
    if a result is not what was promised. Source: `tf.py_function`; chapter "Every
    level, on one page".

    >>> py_function(lambda x: x.numpy() ** 2, [3.0], TensorSpec((), "float32")).numpy()
    np.float32(9.0)
    """
    inputs, eager = [convert(x) for x in inp], here.level.reader is compute
    many = isinstance(Tout, (list, tuple))
    outs = tuple(Tout) if many else (Tout,)
    if eager:
        found = results(func, inputs, outs)
    else:
        found = python_call(*inputs, func=func, outs=tuple(map(known_rank, outs)))
    return list(found) if many else found[0]


def known_rank(wanted):
    """A spec of a result in a graph."""
    if isinstance(wanted, TensorSpec):
        return wanted
    problem = "in a graph the shape of a result must be told, as far as it is known"
    hint = "Tout=TensorSpec((None, 3), 'float32')"
    raise ArgumentError("py_function", problem, repr(wanted), hint)
