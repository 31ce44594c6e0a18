"""Generated from book/graphs/proofreading.ipynb. Edit the chapter, not this file."""

import ast
import re

import numpy as np

from minikeras.core.dtypes import NUMPY, SHORT
from minikeras.core.errors import GraphError, Report
from minikeras.core.infer import spec as spec_column
from minikeras.core.specs import TensorSpec
from minikeras.core.table import OPS
from minikeras.core.tensor import Tensor
from minikeras.graph.branches import Branch, Specs, item
from minikeras.graph.choices import choice
from minikeras.graph.graph import Graph, Node, constant, graphs_in, written
from minikeras.graph.loops import repeat, walk
from minikeras.graph.verify import verify


def large_constants(graph):
    """The tensors that the text of a graph only mentions, in its order."""
    found = []
    for node in graph.nodes:
        values = [x for x in node.attributes.values() if isinstance(x, Tensor)]
        found += [x for x in values if written(x).startswith("<")]
        for inner in graphs_in(node):
            found += large_constants(inner)
    return found


LONG = {short: name for name, short in SHORT.items()}

SPEC = re.compile(r"(\w+)\[([\d,?]*)\]")


def parse_spec(text):
    """A spec from its text: f32[?,10].

    >>> parse_spec("f32[?,10]")
    TensorSpec(shape=(None, 10), dtype=float32)
    """
    found = SPEC.fullmatch(text)
    if not found or found[1] not in LONG:
        raise ValueError(f"{text!r} is no spec, such as f32[?,10]")
    sizes = [n for n in found[2].split(",") if n]
    return TensorSpec([None if n == "?" else int(n) for n in sizes], LONG[found[1]])


NAMED = {"nan": float("nan"), "inf": float("inf")}


def literal(text):
    """A value from its text: numbers, also nan and inf, texts, tuples and lists."""
    try:
        return _literal(ast.parse(text, mode="eval").body)
    except SyntaxError:
        raise ValueError(f"{text!r} is no value") from None


def _literal(tree):
    match tree:
        case ast.Constant(value):
            return value
        case ast.Name(name) if name in NAMED:
            return NAMED[name]
        case ast.UnaryOp(ast.USub(), operand):
            return -_literal(operand)
        case ast.Tuple(items):
            return tuple(map(_literal, items))
        case ast.List(items):
            return list(map(_literal, items))
    raise ValueError(f"{ast.unparse(tree)!r} is no value")


def small_tensor(text, spec):
    """The tensor of a `constant` line."""
    array = np.array(literal(text), NUMPY[spec.dtype]).reshape(spec.shape)
    return Tensor(array)


HEAD = re.compile(r"graph (?P<name>[^(]*)\((?P<given>.*)\) \{")

WORDS = r"(?P<op>\S+)(?P<words>( \S+)*)"

LINE = re.compile(rf"(?P<name>%\d+) = {WORDS} : (?P<spec>\S+|\(.*\))")

UNLISTED = {op.name: op for op in (constant, item, choice, repeat, walk)}


def operation(name):
    """The operation of this name."""
    op = OPS.get(name) or UNLISTED.get(name)
    if op is None:
        raise ValueError(f"no operation is called {name!r}")
    return op


def parse_result(text):
    """The spec of a line, or the specs of its several results."""
    if not text.startswith("("):
        return parse_spec(text)
    return Specs(map(parse_spec, filter(None, text[1:-1].split(", "))))


class Reader:
    """One walk through the lines of a text.

    lines: (number, text) still to be read; values: large constants still to come.
    """

    def __init__(self, text, values):
        lines = [(i + 1, each.strip()) for i, each in enumerate(text.splitlines())]
        self.lines = [pair for pair in reversed(lines) if pair[1]]
        self.values = list(values)[::-1]
        self.number, self.line = 0, ""

    def next(self):
        """The next line."""
        if not self.lines:
            raise ValueError("the text ends before its graph does")
        self.number, self.line = self.lines.pop()
        return self.line

    def ahead(self):
        """The line after this one, without taking it."""
        return self.lines[-1][1] if self.lines else ""

    def graph(self, kind=Graph):
        """A graph from its head to its closing brace."""
        head = HEAD.fullmatch(self.next())
        if not head:
            raise ValueError("a graph begins with: graph name(inputs; state) {")
        graph, known = kind(head["name"]), {}
        given, _, state = head["given"].partition(";")
        for name, declared in _declared(given):
            known[name] = graph.input(declared, name)
        for name, declared in _declared(state):
            known[name] = Node(graph, None, (), {"name": name}, declared)
            graph.state[name] = known[name]
        while self.ahead().startswith("%"):
            name, node = self.one_line(graph, known)
            known[name] = node
        self.results(graph, known)
        return graph

    def one_line(self, graph, known):
        """(name, node) of the next line, and of the graphs that follow below it."""
        found = LINE.fullmatch(self.next())
        if not found:
            raise ValueError("a line reads: %name = operation inputs key=value : spec")
        op, claimed = operation(found["op"]), parse_result(found["spec"])
        graph.place = f"text:{self.number}    {self.line}"
        words = [word.partition("=") for word in found["words"].split()]
        inputs = tuple(
            self.value(name, known) for name, equals, _ in words if not equals
        )
        texts = {key: text for key, equals, text in words if equals}
        attributes = {k: self.attribute(text, op, claimed) for k, text in texts.items()}
        result = spec_column[op](*[x.spec for x in inputs], **attributes)
        if result != claimed:
            raise ValueError(f"it says {claimed}, and the result is {result}")
        return found["name"], graph.write(op, inputs, attributes, result)

    def value(self, name, known):
        """The node of a name."""
        if name not in known:
            raise ValueError(f"{name!r} is not defined above it")
        return known[name]

    def attribute(self, text, op, claimed):
        """The value of an attribute."""
        if text.startswith("<"):
            return self.large(text)
        if text.startswith("@"):
            return self.graph(Branch)
        if text.startswith("(@"):
            names = filter(None, text.strip("()").split(","))
            return tuple(self.graph(Branch) for _ in names)
        return small_tensor(text, claimed) if op is constant else literal(text)

    def large(self, text):
        """The next of the tensors that came beside the text."""
        if not self.values:
            hint = "parse(text, large_constants(graph))"
            raise ValueError(f"the constant {text} is not in the text; {hint}")
        x = self.values.pop()
        if f"<{x.spec}>" != text:
            raise ValueError(f"the constant {text} was given as {x.spec}")
        return x

    def results(self, graph, known):
        """The line that returns, and the brace."""
        word, _, rest = self.next().partition(" ")
        if word != "return":
            raise ValueError("after the lines comes: return outputs; name = value")
        for part in filter(None, re.split(r"[,;] ", rest)):
            slot, equals, name = part.partition(" = ")
            if equals:
                graph.updates[slot] = self.value(name, known)
            else:
                graph.outputs.append(self.value(part, known))
        graph.place = None
        if self.next() != "}":
            raise ValueError("a graph ends with a closing brace")


def _declared(text):
    """(name, spec) for each `name: spec` of a list."""
    parts = (part.split(": ") for part in text.strip().split(", ") if part)
    return [(name, parse_spec(spec)) for name, spec in parts]


def parse(text, constants=()):
    """The graph of a text: parse(str(graph), large_constants(graph)).

    constants: the tensors that the text only mentions, in its order.
    Errors: a GraphError that names the line. Source: chapter "Reading proofs".

    >>> print(parse("graph f(x: f32[2]) {\\n  %0 = tanh x : f32[2]\\n  return %0\\n}"))
    graph f(x: f32[2]) {
      %0 = tanh x : f32[2]
      return %0
    }
    """
    reader = Reader(text, constants)
    try:
        graph = reader.graph()
        if reader.lines or reader.values:
            raise ValueError("something is left over after the graph")
    except (ValueError, TypeError) as error:
        problem = error.problem if isinstance(error, Report) else str(error)
        raise GraphError(f"text, line {reader.number}", problem, reader.line) from None
    return verify(graph)
