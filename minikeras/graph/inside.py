"""Generated from book/graphs/inside.ipynb. Edit the chapter, not this file."""

from __future__ import annotations

import inspect
import re
import sys
from dataclasses import dataclass
from html import escape
from textwrap import dedent, indent
from types import FunctionType, MethodType

from minikeras.core.errors import ArgumentError
from minikeras.graph.autograph.convert import converted, to_code
from minikeras.graph.concrete import ConcreteFunction
from minikeras.graph.debug import LEVEL
from minikeras.graph.function import Function, listeners, openers
from minikeras.graph.graph import Graph
from minikeras.graph.lean import left_out
from minikeras.graph.lean import listeners as fallback_listeners
from minikeras.graph.signature import signature_of
from minikeras.graph.viewer import film


@dataclass
class Level:
    """One of the forms that a function goes through: a title and a text.

    view: an object that a notebook shows in place of the text, or None.
    """

    title: str
    text: str
    view: object = None

    def html(self, opened):
        """The level as a piece of a page that can be folded."""
        drawn = getattr(self.view, "_repr_html_", lambda: None)()
        body = drawn or f"<pre>{escape(self.text)}</pre>"
        state = " open" * opened
        return (
            f"<details{state}><summary>{escape(self.title)}</summary>{body}</details>"
        )


class Inside:
    """All levels of a function: prints as text, unfolds in a notebook. Made by `see`."""

    def __init__(self, levels):
        self.levels = levels

    def __getitem__(self, title):
        """The text of the level of this title."""
        return next(level.text for level in self.levels if level.title == title)

    def __str__(self):
        parts = [f"{x.title}\n{'=' * len(x.title)}\n{x.text}\n" for x in self.levels]
        return "\n".join(parts)

    def __repr__(self):
        return str(self)

    def _repr_html_(self):
        return "\n".join(x.html(x.title.startswith("passes")) for x in self.levels)


def python_of(thing):
    """The Python function behind a function, a method, or an object that is called."""
    thing = getattr(thing, "python_function", thing)
    if isinstance(thing, (FunctionType, MethodType)):
        return thing
    return getattr(type(thing), "call", None) or type(thing).__call__


def source_of(function):
    """The source of a Python function as it was written."""
    try:
        return dedent(inspect.getsource(function)).rstrip()
    except (OSError, TypeError):
        return "(its source cannot be read)"


def rewritten_source(function):
    """The source as AutoGraph has rewritten it."""
    code = getattr(function, "__code__", None)
    if getattr(converted(function), "__code__", None) is code:
        return "(traced as it is)"
    try:
        return to_code(function)
    except ArgumentError as reason:
        return f"(traced as it is: {reason.problem})"


def as_function(thing):
    """Something that can be traced."""
    if isinstance(thing, (Function, FunctionType, MethodType)):
        return thing if isinstance(thing, Function) else Function(thing)

    def call(*args, **kwargs):
        return thing(*args, **kwargs)

    call.__name__ = getattr(thing, "name", type(thing).__name__)
    call.__signature__ = signature_of(MethodType(python_of(thing), thing))
    return Function(call)


def graph_of(thing, args, kwargs):
    """The graph of a call."""
    if isinstance(thing, (ConcreteFunction, Graph)):
        return getattr(thing, "graph", thing)
    return as_function(thing).get_concrete_function(*args, **kwargs).graph


def told(report):
    """The passes that did something, one a line: lines before and after, time, counts."""
    rows = []
    for record in report:
        if record.counts:
            done = [f"{n} times {x}" if n > 1 else x for x, n in record.counts.items()]
            sizes = f"{record.before:5} to {record.after:5} lines"
            time = f"{record.elapsed_ms:6.1f} ms"
            rows.append(f"{record.name:9} {sizes} {time}   {', '.join(done)}")
    idle = sum(not record.counts for record in report)
    spent = sum(record.elapsed_ms for record in report)
    total = f"{len(report)} passes in {spent:.1f} ms, {idle} found nothing to do"
    return [*rows, total]


def levels_of(thing, args, kwargs):
    """The levels of one thing that can be traced."""
    if not isinstance(thing, (ConcreteFunction, Graph)):
        function = python_of(thing)
        yield Level("source", source_of(function))
        yield Level("source after AutoGraph", rewritten_source(function))
    graph = graph_of(thing, args, kwargs)
    yield Level("graph as traced", str(graph), graph)
    story = film(graph, final=True, without=left_out())
    yield Level("passes", "\n".join(told(story.report)), story)
    last = story.frames[-1].graph
    yield Level("graph after all passes", str(last), last)


def see(thing, *args, **kwargs):
    """All levels of a function: source, rewritten source, graph, passes, last graph.

    thing: a Python function, a `minikeras.function`, a trace of one, a layer or a model.
    args, kwargs: what it is called with; a TensorSpec may stand for a tensor. It is
    traced, and not run. The answer prints as text; in a notebook it unfolds, with the
    passes as a viewer. Of a compiled model, see(model, x, y) shows the training step too.
    Source: chapter "Every level, on one page".

    >>> from minikeras import ops
    >>> print(see(lambda x: ops.tanh(x * 1), ops.ones(2))["graph after all passes"])
    graph lambda(x: f32[2]) {
      %0 = tanh x : f32[2]
      return %0
    }
    """
    for opener in openers:
        parts = opener(thing, args, kwargs)
        if parts is not None:
            break
    else:
        parts = [("", thing, args, kwargs)]
    levels = []
    for title, part, given, named in parts:
        for level in levels_of(part, given, named):
            level.title = f"{level.title} of {title}" if title else level.title
            levels.append(level)
    return Inside(levels)


SPEC = re.compile(r"TensorSpec\(shape=\((.*?),?\), dtype=(\w+), name=None\)")


def spoken(function, trace, elapsed_ms, level):
    """What is said about a trace on some level, piece by piece."""
    graph = trace.graph
    call = SPEC.sub(r"\2[\1]", repr(trace)[18:-1])
    yield f"traced {call}: {len(graph.nodes)} lines, {elapsed_ms:.1f} ms"
    story = film(graph, final=True, without=left_out()) if level >= 2 else None
    if level >= 2:
        yield from told(story.report)
    if level >= 3:
        yield from (str(graph), str(story.frames[-1].graph))
    if level >= 4:
        yield rewritten_source(function.python_function)
    if level >= 5:
        yield str(story)


def tell(function, trace, elapsed_ms, level=LEVEL):
    """Print about a trace to stderr, as much as MINIKERAS_DEBUG asks for."""
    for piece in spoken(function, trace, elapsed_ms, level):
        sys.stderr.write(indent(f"{piece}\n", "minikeras: ", lambda line: True))


def tell_fallback(graph, error):
    """Print that only the plan of a graph as it was written could run."""
    text = f"minikeras: {graph.name} ran as it was written, for optimised it failed: "
    sys.stderr.write(f"{text}{error!r}\n")


if LEVEL:
    listeners.append(tell)
    fallback_listeners.append(tell_fallback)
