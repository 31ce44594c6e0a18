"""Generated from book/graphs/proofreading.ipynb. Edit the chapter, not this file."""

import re

from minikeras.core.errors import GraphError
from minikeras.core.infer import spec
from minikeras.core.specs import known_spec
from minikeras.graph.branches import Several
from minikeras.graph.choices import choice
from minikeras.graph.graph import Size, graphs_in, line, sizes
from minikeras.graph.loops import walk


def listed_once(node, known, graph):
    """No line stands in the list twice."""
    return "it stands there twice" if id(node) in known else None


def at_home(node, known, graph):
    """Each line was made for this graph."""
    if node.graph is not graph:
        return f"it is a line of graph {node.graph.name!r}"
    return "it is another name for a line" if node.alias is not None else None


def defined_before_use(node, known, graph):
    """Inputs stand above."""
    missing = [i for i, x in enumerate(node.inputs) if id(x) not in known]
    return f"input {missing[0]} is not defined above it" if missing else None


def spec_is_true(node, known, graph):
    """The line says what the spec column says."""
    try:
        result = spec[node.op](*[x.spec for x in node.inputs], **node.attributes)
    except Exception as error:
        return getattr(error, "problem", f"{node.op} does not take this")
    return None if result == node.spec else f"the result is {result}"


def sizes_are_true(node, known, graph):
    """Numbers where the spec has numbers, elsewhere the sizes that are handed on."""
    kept = sizes[node.op](*node.inputs, **node.attributes) if node.op in sizes else ()
    kept = kept or (None,) * len(node.spec.shape)
    if len(node.sizes) != len(node.spec.shape):
        return f"it has {len(node.sizes)} sizes"
    for axis, (n, own) in enumerate(zip(node.spec.shape, node.sizes, strict=True)):
        wanted = kept[axis] if n is None and kept[axis].__class__ is Size else own
        fits = own == n if n is not None else own.__class__ is Size
        if not fits or own is not wanted:
            return f"the size of axis {axis} is not the one it has"
    return None


def inside_is_right(node, known, graph):
    """The graphs that a line may run are verified as well."""
    for inner in graphs_in(node):
        verify(inner)


def operands(node):
    """The specs of what a line gives to the graphs inside it."""
    specs = [x.spec for x in node.inputs]
    if node.op is choice:
        return specs[1:]
    if node.op is not walk:
        return specs
    first = node.attributes["consts"] + node.attributes["carry"]
    return specs[:first] + [known_spec(x.shape[1:], x.dtype) for x in specs[first:]]


def agree(x, y):
    """Whether a value could have both of two specs."""
    sizes = zip(x.shape, y.shape, strict=False)
    fits = all(m == n or None in (m, n) for m, n in sizes)
    return x.dtype == y.dtype and x.ndim == y.ndim and fits


def inside_is_given(node, known, graph):
    """The graphs that a line may run take what it gives them."""
    for inner in graphs_in(node) if node.op.__class__ is Several else ():
        given, taken = operands(node), [x.spec for x in inner.inputs]
        if len(given) != len(taken):
            return f"{inner.name} takes {len(taken)} values and is given {len(given)}"
        for x, each in zip(inner.inputs, given, strict=True):
            if not agree(x.spec, each):
                return f"{inner.name} takes {x.spec} and is given {each}"
    return None


LINE_RULES = (
    listed_once, at_home, defined_before_use, spec_is_true, sizes_are_true,
    inside_is_right, inside_is_given,
)  # fmt: skip


NAME = re.compile(r"[^\s%,:;=(){}@][^\s,:;=(){}]*")


def check_outside(graph):
    """Inputs and state: made here, each with a name of its own that can be read."""
    taken = set()
    for x in (*graph.inputs, *graph.state.values()):
        name = x.attributes.get("name")
        if x.graph is not graph or x.op is not None:
            raise broken(graph, "at_home", f"input {name!r} belongs to another graph")
        if name in taken:
            raise broken(graph, "one_name_each", f"two things are called {name!r}")
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise broken(graph, "readable_name", f"{name!r} is no name for an input")
        taken.add(name)
    for slot, x in graph.state.items():
        if x.attributes["name"] != slot:
            raise broken(graph, "one_name_each", f"state {slot!r} calls itself other")


def check_results(graph, known):
    """Outputs and updates are values of this graph; updates fit their variables."""
    for z in (*graph.outputs, *graph.updates.values()):
        if id(z) not in known:
            raise broken(graph, "results_are_known", "a result is made nowhere")
    for slot, z in graph.updates.items():
        if slot not in graph.state:
            raise broken(graph, "updates_have_state", f"there is no state {slot!r}")
        held = graph.state[slot].spec
        if not agree(held, z.spec):
            problem = f"{slot} holds {held} and is to hold {z.spec}"
            raise broken(graph, "updates_have_state", problem)


def verify(graph):
    """The graph itself; a GraphError at the first line that breaks a rule.

    Rules: LINE_RULES for each line, names before and results after them.
    Source: chapter "Reading proofs".
    """
    check_outside(graph)
    known = {id(x) for x in (*graph.inputs, *graph.state.values())}
    for node in graph.nodes:
        for rule in LINE_RULES:
            problem = rule(node, known, graph)
            if problem:
                raise broken(graph, rule.__name__, problem, node)
        known.add(id(node))
    check_results(graph, known)
    return graph


class _Patient(dict):
    """Names, with a question mark for what has none."""

    def __missing__(self, key):
        return "?"


def broken(graph, rule, problem, node=None):
    """The error for a broken rule, at a line or at the graph as a whole."""
    where, text = f"graph {graph.name}", None
    if node is not None:
        names = _Patient(graph.names())
        where += f", line {names[id(node)]}"
        text = f"{names[id(node)]} = {line(node, names)}".split("\n")[0]
    error = GraphError(where, problem, text)
    error.rule, error.node, error.at = rule, node, getattr(node, "place", "")
    return error
