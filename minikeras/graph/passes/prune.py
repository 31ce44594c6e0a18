"""Generated from book/graphs/passes.ipynb. Edit the chapter, not this file."""

from minikeras.graph.graph import constant
from minikeras.graph.rewrite import EFFECTS, rebuilt


def needed(graph):
    """The ids of all nodes that results, state or effects depend on."""
    found = {id(z) for z in (*graph.outputs, *graph.updates.values())}
    for node in reversed(graph.nodes):
        if id(node) in found or node.op in EFFECTS:
            found.add(id(node))
            found.update(map(id, node.inputs))
    return found


def copied(draft, node, inputs):
    """The same line once more."""
    if node.op is constant:
        return draft.constant(node.attributes["value"])
    return draft.read(node.op, inputs, node.attributes)


def prune(graph, counts=None):
    """The graph without the lines that nobody needs."""
    kept = needed(graph)
    unread = sum(id(node) not in kept for node in graph.nodes)
    if counts is not None and unread:
        counts["unread line"] += unread
    return rebuilt(graph, copied, kept)
