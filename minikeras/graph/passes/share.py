"""Generated from book/graphs/passes.ipynb. Edit the chapter, not this file."""

from minikeras.graph.graph import constant, graphs_in
from minikeras.graph.passes.prune import copied
from minikeras.graph.rewrite import COMMUTATIVE, EFFECTS, rebuilt

SMALL = 1024  # bytes: constants up to this size are compared by what they hold


def key_of(node, inputs):
    """What a line says: equal keys, equal results. None if it stands for itself."""
    if node.op in EFFECTS or graphs_in(node):
        return None
    if node.op is constant:
        x = node.attributes["value"]
        small = x._data.nbytes <= SMALL
        return x.spec, x._data.tobytes() if small else id(x)
    places = [id(x) for x in inputs]
    if node.op in COMMUTATIVE:
        places.sort()
    return node.op.name, tuple(places), repr(node.attributes)


def share(graph, counts=None):
    """The graph with each value computed once."""
    seen = {}

    def line(draft, node, inputs):
        key = key_of(node, inputs)
        if key in seen and key is not None:
            if counts is not None:
                counts[f"second {node.op.name}"] += 1
            return seen[key]
        seen[key] = draft.own(copied(draft, node, inputs))
        return seen[key]

    return rebuilt(graph, line)
