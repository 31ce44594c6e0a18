"""Generated from book/graphs/rewriting.ipynb. Edit the chapter, not this file."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property, wraps

import numpy as np

import minikeras.core.table as table
from minikeras.core.dtypes import NUMPY
from minikeras.core.errors import ArgumentError, GraphError, Report
from minikeras.core.infer import BINARY, COMPARISONS, KINDS, spec
from minikeras.core.tensor import convert
from minikeras.graph.branches import Branch, Several, item
from minikeras.graph.graph import FITTING, Graph, Node, constant, fits, graphs_in


def infix(op):
    """A pair of methods, for the term on the left of an operator and on its right."""
    return (
        lambda self, other: Apply(op, (self, term(other))),
        lambda self, other: Apply(op, (term(other), self)),
    )


class Term:
    """One side of an equation, or a part of one."""

    __add__, __radd__ = infix(table.add)
    __sub__, __rsub__ = infix(table.subtract)
    __mul__, __rmul__ = infix(table.multiply)
    __truediv__, __rtruediv__ = infix(table.divide)
    __pow__, __rpow__ = infix(table.power)
    __and__, __rand__ = infix(table.bitwise_and)
    __or__, __ror__ = infix(table.bitwise_or)
    __matmul__, __rmatmul__ = infix(table.matmul)

    def __neg__(self):
        return Apply(table.negative, (self,))

    def __invert__(self):
        return Apply(table.bitwise_not, (self,))

    def __rshift__(self, other):
        return Equation(self, term(other))


class Any(Term):
    """A variable of an equation: any value, or any whose dtype is of a kind."""

    def __init__(self, name, kind=None):
        self.name, self.dtypes = name, KINDS.get(kind, kind)

    def matches(self, node, found):
        if self.dtypes is None or node.dtype in self.dtypes:
            yield from bound(self.name, node, found)

    def build(self, found, writer):
        return found[self.name]

    def __str__(self):
        return self.name


def bound(name, value, found):
    """`found` with one more name, unless that stands for something else already."""
    if name not in found:
        yield found | {name: value}
    elif found[name] is value or (not isinstance(value, Node) and found[name] == value):
        yield found


LOOK = 4096  # numbers of a constant that are looked at, to see if they are all one


def number_in(node):
    """The one number that a node holds in all its places, or None.

    >>> from minikeras.core.specs import TensorSpec
    >>> from minikeras.graph.graph import trace
    >>> number_in(trace(lambda x: x + 2.5, TensorSpec((3,))).nodes[1])
    2.5
    """
    while node.op in (table.broadcast_like, table.broadcast_to):
        node = node.inputs[0]
    if node.op is table.full:
        return np.asarray(node.attributes["value"], NUMPY[node.dtype]).item()
    array = node.attributes["value"]._data if node.op is constant else None
    if array is None or not 0 < array.size <= LOOK:
        return None
    first = np.ascontiguousarray(array).reshape(-1)[:1]
    return first.item() if array.tobytes() == first.tobytes() * array.size else None


class Number(Term):
    """A number of an equation."""

    def __init__(self, value):
        self.value = value

    def matches(self, node, found):
        number = number_in(node)
        same = number is not None and number == self.value
        if same and math.copysign(1, number) == math.copysign(1, self.value):
            yield found

    def build(self, found, writer):
        return self.value

    def __str__(self):
        return str(self.value)


def term(x):
    """A term itself, or a number as one."""
    return x if isinstance(x, Term) else Number(x)


class Some(Term):
    """Some number, or some attribute of an operation."""

    def __init__(self, name):
        self.name = name

    def matches(self, node, found):
        number = number_in(node)
        if number is not None:
            yield from bound(self.name, number, found)

    def build(self, found, writer):
        return found[self.name]

    def __str__(self):
        return self.name


class Made(Term):
    """A number or an attribute that is worked out from others: made(function, c, d)."""

    def __init__(self, text, function, *parts):
        self.text, self.function, self.parts = text, function, parts

    def build(self, found, writer):
        return self.function(*[found[part.name] for part in self.parts])

    def __str__(self):
        return self.text


COMMUTATIVE = (
    table.add, table.multiply, table.equal, table.not_equal,
    table.bitwise_and, table.bitwise_or, table.bitwise_xor,
)  # fmt: skip


class Apply(Term):
    """An operation applied to terms; `op` may be a `Family` of several."""

    def __init__(self, op, inputs, attributes=None):
        self.op, self.inputs = op, tuple(map(term, inputs))
        self.ops = op.ops if isinstance(op, Family) else (op,)
        self.attributes = attributes or {}

    def matches(self, node, found):
        if node.op not in self.ops or len(node.inputs) != len(self.inputs):
            return
        found = self.agree(node, found)
        if found is None:
            return
        yield from every(self.inputs, node.inputs, found)
        if node.op in COMMUTATIVE:
            yield from every(self.inputs, node.inputs[::-1], found)

    def agree(self, node, found):
        """What is known when operation and attributes fit, or None."""
        if self.op.__class__ is Family:
            found = found | {self.op.name: node.op}
        for key, part in self.attributes.items():
            value = node.attributes.get(key)
            known = found.get(part.name, value) if isinstance(part, Some) else part
            if known != value:
                return None
            if isinstance(part, Some):
                found = found | {part.name: value}
        return found

    def build(self, found, writer):
        """The node for this term, simplified as far as the rules go."""
        return writer.simplest(*self.parts(found, writer))

    def parts(self, found, writer):
        """(operation, inputs, attributes) with all names replaced."""
        op = found[self.op.name] if isinstance(self.op, Family) else self.op
        built = [part.build(found, writer) for part in self.inputs]
        like = next(x for x in built if isinstance(x, Node))
        stretch = op in (*BINARY, *COMPARISONS, table.select)
        inputs = [
            x if isinstance(x, Node) else writer.number(x, like, stretch) for x in built
        ]
        values = {
            key: part.build(found, writer) if isinstance(part, Term) else part
            for key, part in self.attributes.items()
        }
        return op, inputs, values

    def __str__(self):
        if self.op in (table.negative, table.bitwise_not):
            return ("-" if self.op is table.negative else "~") + inner(self.inputs[0])
        if self.op in INFIX:
            return f" {INFIX[self.op]} ".join(map(inner, self.inputs))
        attributes = [f"{key}={value}" for key, value in self.attributes.items()]
        return f"{self.op.name}({', '.join([*map(str, self.inputs), *attributes])})"


def every(terms, nodes, found):
    """All ways in which the terms match the nodes, one by one."""
    if not terms:
        yield found
        return
    for one in terms[0].matches(nodes[0], found):
        yield from every(terms[1:], nodes[1:], one)


class Family:
    """An operation that stands for any of several: the same one on both sides."""

    def __init__(self, name, ops):
        self.name, self.ops = name, tuple(ops)

    def __call__(self, *inputs, **attributes):
        return Apply(self, inputs, attributes)


def said(op):
    """A function that applies an operation to terms: exp = said(table.exp)."""
    return lambda *inputs, **attributes: Apply(op, inputs, attributes)


INFIX = {
    table.add: "+", table.subtract: "-", table.multiply: "*", table.divide: "/",
    table.power: "**", table.bitwise_and: "&", table.bitwise_or: "|", table.matmul: "@",
}  # fmt: skip


def inner(part):
    """A part of a term, in parentheses if it needs them."""
    simple = (table.negative, table.bitwise_not, *INFIX)
    return f"({part})" if isinstance(part, Apply) and part.op in simple else str(part)


class Equation:
    """left >> right: what matches the left may be replaced by the right."""

    def __init__(self, left, right):
        self.left, self.right = left, right
        unknown = sorted(variables(right) - variables(left))
        if unknown:
            problem = f"{', '.join(unknown)} stands on the right only"
            raise ArgumentError("equation", problem, str(self))

    def __str__(self):
        return f"{self.left} >> {self.right}"


def variables(part):
    """The names of all variables in a term."""
    if isinstance(part, (Any, Some)):
        return {part.name}
    if isinstance(part, Made):
        return {one.name for one in part.parts}
    found = set()
    if isinstance(part, Apply):
        found |= {part.op.name} if isinstance(part.op, Family) else set()
        found |= set().union(*map(variables, (*part.inputs, *part.attributes.values())))
    return found


@dataclass
class Rule:
    """An equation, its caveat ("" if all bits are the same), and a condition.

    when: a function of the variables, by their names.
    """

    equation: Equation
    caveat: str = ""
    when: Callable | None = None

    @property
    def name(self):
        """The equation as text: "x * 1 >> x"."""
        return str(self.equation)

    def found_in(self, node):
        """All ways in which the left side matches and the condition holds."""
        for found in self.equation.left.matches(node, {}):
            if self.when is None or self.when(**found):
                yield found

    @cached_property
    def feeders(self):
        """For each input on the left, the operations it may have; None for any."""
        kinds = {Number: HOLDERS, Some: HOLDERS}
        inputs = self.equation.left.inputs
        return [x.ops if isinstance(x, Apply) else kinds.get(type(x)) for x in inputs]

    def possible(self, node):
        """Whether the inputs of a node have operations that the left side could match."""
        ops = [x.op for x in node.inputs]
        orders = (ops, ops[::-1]) if node.op in COMMUTATIVE else (ops,)
        return any(
            all(
                wanted is None or op in wanted
                for wanted, op in zip(self.feeders, order)
            )
            for order in orders
        )


HOLDERS = (constant, table.full, table.broadcast_like, table.broadcast_to)


def written(draft, nodes, new, line):
    """Let `line` write nodes into a draft; `new`, {id: what became of it}, is filled."""
    before = draft.place
    for node in nodes:
        draft.place = node.place
        inputs = [new[id(x)] for x in node.inputs]
        if node.op is item and inputs[0].__class__ is tuple:
            new[id(node)] = inputs[0][node.attributes["index"]]
        else:
            new[id(node)] = line(draft, node, inputs)
    draft.place = before


def blank(graph):
    """An empty graph of the name and the kind of another."""
    if not isinstance(graph, Branch):
        return Graph(graph.name)
    draft = Branch(graph.name)
    draft.outer = None
    return draft


def rebuilt(graph, line, kept=None):
    """The graph written anew: line(draft, node, inputs) gives what becomes of a node.

    kept: the ids of the nodes that are needed; None means all. The graph given is
    left as it was. Source lines and unknown sizes are carried over.
    """
    draft, new = blank(graph), {}
    for x in graph.inputs:
        new[id(x)] = draft.input(x.spec, x.attributes["name"])
    for name, x in graph.state.items():
        new[id(x)] = draft.state[name] = Node(draft, None, (), {"name": name}, x.spec)
    for x in (*graph.inputs, *graph.state.values()):
        new[id(x)].sizes = x.sizes
    written(draft, [x for x in graph.nodes if kept is None or id(x) in kept], new, line)
    draft.outputs = [new[id(z)] for z in graph.outputs]
    draft.updates = {name: new[id(z)] for name, z in graph.updates.items()}
    put_down("walks", (graph, draft, new))
    return draft


def same_kind(x, y):
    """Whether two nodes have one dtype and, as far as is known, one shape.

    Lines that ask for a size must ask for the same one: others are shaped by it.
    """
    alike = x.spec is y.spec or x.spec == y.spec
    alike = alike and (x.sizes is y.sizes or x.sizes == y.sizes)
    if alike and table.dim_size in (x.op, y.op):
        same_line = x.op is y.op and x.attributes == y.attributes
        return same_line and same_kind(x.inputs[0], y.inputs[0])
    return alike


def twin(draft, node, inputs):
    """A line like another, not written yet, for inputs of the same specs and sizes."""
    new = Node(draft, node.op, tuple(inputs), node.attributes, node.spec, node.place)
    new.sizes = node.sizes
    return new


def copied(draft, node, inputs):
    """The same line once more."""
    if node.op is constant:
        return draft.constant(node.attributes["value"])
    if not all(map(same_kind, inputs, node.inputs)):
        return draft.own(draft.read(node.op, inputs, node.attributes))
    draft.nodes.append(twin(draft, node, inputs))
    return draft.nodes[-1]


def inside(graph, change, noted=False):
    """The graph with change(inner) in place of each graph inside its lines.

    It is the graph itself if no change gives anything new. noted: whether branches
    with notes for tapes are changed, too.
    """
    several = [node for node in graph.nodes if node.op.__class__ is Several]
    found = {id(x): x for node in several for x in graphs_in(node)}
    found = {k: x for k, x in found.items() if noted or not x.notes}
    changed = {k: change(x) for k, x in found.items()}
    if all(changed[k] is x for k, x in found.items()):
        return graph

    def line(draft, node, inputs):
        if node.op.__class__ is not Several:
            return copied(draft, node, inputs)
        attributes = replaced(node.attributes, changed)
        specs = spec[node.op](*[x.spec for x in inputs], **attributes)
        return draft.write(node.op, tuple(inputs), attributes, specs)

    return rebuilt(graph, line)


def replaced(attributes, changed):
    """Attributes with other graphs; changed: {id of a graph: the other}."""

    def new(value):
        if value.__class__ is tuple:
            return tuple(map(new, value))
        return changed.get(id(value), value)

    return {key: new(value) for key, value in attributes.items()}


def everywhere(one):
    """A pass that works inside the branches of lines too, and there first."""

    @wraps(one)
    def both(graph, counts=None, **how):
        graph = inside(graph, lambda inner: both(inner, counts, **how))
        return one(graph, counts, **how)

    return both


class Book:
    """Rules, sorted by the lines they could apply to."""

    def __init__(self, rules):
        self.rules, self._pages = defaultdict(list), {}
        for rule in rules:
            for op in rule.equation.left.ops:
                self.rules[op].append(rule)

    def page(self, node):
        """The rules that a line could match, as far as operations tell."""
        if node.op not in self.rules:
            return ()
        key = node.op, *[x.op for x in node.inputs]
        if key not in self._pages:
            self._pages[key] = [r for r in self.rules[node.op] if r.possible(node)]
        return self._pages[key]


class Writer:
    """Writes lines of a draft, each as simple as the rules can make it.

    rules: a list, or a `Book`. counts: how often each rule was applied, by its name.
    """

    def __init__(self, rules):
        self.book = rules if isinstance(rules, Book) else Book(rules)
        self.counts = Counter()
        self.draft, self.proposed, self.budget = None, {}, 0

    def line(self, draft, node, inputs):
        """What becomes of a line: the `line` of `rebuilt`."""
        self.draft, self.budget = draft, BUDGET
        if node.op not in self.book.rules:
            return copied(draft, node, inputs)
        return self.simplest(node.op, inputs, node.attributes, node)

    def simplest(self, op, inputs, attributes, like=None):
        """The node for an operation, after all rules that apply; it is written now.

        like: the line of the old graph that says it, if there is one.
        """
        node = self.propose(op, inputs, attributes, like)
        while id(node) in self.proposed:
            better = self.better(node)
            if better is None:
                self.draft.nodes.append(self.proposed.pop(id(node)))
            else:
                del self.proposed[id(node)]
                node = better
        return node

    def propose(self, op, inputs, attributes, like=None):
        """A line that is not written yet, or the node that it would repeat."""
        if op in FITTING and fits(op, *inputs):
            return inputs[0]
        if like is not None and all(map(same_kind, inputs, like.inputs)):
            node = twin(self.draft, like, inputs)
        else:
            result = spec[op](*[x.spec for x in inputs], **attributes)
            node = self.draft.propose(op, tuple(inputs), attributes, result)
        self.proposed[id(node)] = node
        return node

    def number(self, value, like, stretch):
        """A number as a constant of the dtype of `like`, stretched to it or not."""
        x = self.draft.constant(convert(value, like.dtype))
        return self.simplest(table.broadcast_like, [x, like], {}) if stretch else x

    def better(self, node):
        """What a rule makes of a proposed line, or None if none applies."""
        for rule in self.book.page(node) if open_ended() else ():
            for found in rule.found_in(node):
                self.spend(rule)
                other = self.right_side(rule.equation.right, found)
                if other is not None and same_kind(other, node):
                    self.counts[rule.name] += 1
                    put_down("rules", rule)
                    return other
        return None

    def right_side(self, right, found):
        """The right side, its outermost operation only proposed; None if that fails."""
        try:
            if isinstance(right, Apply):
                return self.propose(*right.parts(found, self))
            return right.build(found, self)
        except Report:
            return None

    def has_work(self, graph):
        """Whether a rule applies to a line of the graph as it stands."""
        if not open_ended():
            return False
        self.draft = Graph("scratch")
        with Trail():
            for node in graph.nodes:
                self.budget = BUDGET
                if self.book.page(node) and self.better(node) is not None:
                    self.counts.clear()
                    return True
        return False

    def spend(self, rule):
        """A GraphError if the rules go on for ever."""
        self.budget -= 1
        if self.budget < 0:
            problem = f"after {BUDGET} rules a line still changes"
            hint = "take out a rule that undoes another, or makes room for itself"
            raise GraphError("rewrite", problem, f"the last was {rule.name}", hint)


BUDGET = 50  # rules tried on what began as one line


class Trail:
    """What is done to graphs inside, and no more than `most` rules of it.

    rules: those that were applied, in order. walks: for each walk (graph, draft, {id
    of a node: what became of it}).
    """

    def __init__(self, most=math.inf):
        self.rules, self.walks, self.most = [], [], most

    def __enter__(self):
        self._before = trail.set(self)
        return self

    def __exit__(self, *error):
        trail.reset(self._before)


trail = ContextVar("trail", default=None)


def open_ended():
    """Whether another rule may be applied."""
    return trail.get() is None or len(trail.get().rules) < trail.get().most


def put_down(kind, what):
    """Note a rule or a walk, if anybody wants to know."""
    if trail.get() is not None:
        getattr(trail.get(), kind).append(what)


def rewrite(graph, rules, counts=None):
    """The graph after all rules, in one walk; `counts` is told how often each applied.

    Lines that nobody reads any more stay. Source: chapter "Equations with an arrow".

    >>> from minikeras.core.specs import TensorSpec
    >>> from minikeras.graph.graph import trace
    >>> x = Any("x")
    >>> print(rewrite(trace(lambda x: -(-x), TensorSpec((3,))), [Rule(-(-x) >> x)]))
    graph lambda(x: f32[3]) {
      %0 = negative x : f32[3]
      return x
    }
    """
    writer = Writer(rules)
    if not writer.has_work(graph):
        return graph
    result = rebuilt(graph, writer.line)
    if counts is not None:
        counts.update(writer.counts)
    return result
