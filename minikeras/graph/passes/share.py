"""Generated from book/graphs/passes.ipynb. Edit the chapter, not this file."""

from minikeras.graph.branches import Several
from minikeras.graph.graph import constant, graphs_in
from minikeras.graph.program import acts
from minikeras.graph.rewrite import COMMUTATIVE, copied, everywhere, rebuilt

SMALL = 1024  # bytes: constants up to this size are compared by what they hold


def key_of(node, places, seen):
    """What a line says, if `places` stand for its inputs: equal keys, equal results.

    seen: for `results_of`, if there are graphs inside.
    """
    if node.op is constant:
        x = node.attributes["value"]
        small = x._data.nbytes <= SMALL
        return x.spec, x._data.tobytes() if small else id(x)
    if node.op in COMMUTATIVE:
        return node.op.name, frozenset(places)
    if node.op.__class__ is Several:
        return node.op.name, node.spec, places, said_inside(node, seen)
    return node.op.name, places, repr(node.attributes) if node.attributes else ""


def results_of(graph, seen):
    """A number for each result of a graph; equal numbers, equal results.

    seen: {what a line says: its number}, for graphs that are to be compared.
    """
    number = {id(x): f"input {i}" for i, x in enumerate(graph.inputs)}
    for node in graph.nodes:
        key = key_of(node, tuple([number[id(x)] for x in node.inputs]), seen)
        number[id(node)] = seen.setdefault(key, len(seen))
    return tuple([number[id(z)] for z in graph.outputs])


def said_inside(node, seen):
    """What the attributes of a line with graphs say, and what the graphs do."""
    inner = graphs_in(node)
    plain = {k: x for k, x in node.attributes.items() if x.__class__ in (int, bool)}
    return repr(plain), *[(len(x.inputs), results_of(x, seen)) for x in inner]


@everywhere
def share(graph, counts=None):
    """The graph with each value computed once."""
    first, same, seen = {}, {}, {}
    for node in graph.nodes:
        places = tuple([id(same.get(id(x), x)) for x in node.inputs])
        key = id(node) if acts(node) else key_of(node, places, seen)
        same[id(node)] = first.setdefault(key, node)
    twins = [node for node in graph.nodes if same[id(node)] is not node]
    if not twins:
        return graph
    if counts is not None:
        counts.update(f"second {node.op.name}" for node in twins)
    new = {}

    def line(draft, node, inputs):
        one = same[id(node)]
        if one is node:
            new[id(node)] = copied(draft, node, inputs)
        return new[id(one)]

    return rebuilt(graph, line)
