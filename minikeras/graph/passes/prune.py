"""Generated from book/graphs/passes.ipynb. Edit the chapter, not this file."""

from minikeras.graph.program import acts
from minikeras.graph.rewrite import copied, everywhere, rebuilt


def needed(graph):
    """The ids of all nodes that results, state or effects depend on."""
    found = {id(z) for z in (*graph.outputs, *graph.updates.values())}
    for node in reversed(graph.nodes):
        if id(node) in found or acts(node):
            found.add(id(node))
            found.update(map(id, node.inputs))
    return found


@everywhere
def prune(graph, counts=None):
    """The graph without the lines that nobody needs."""
    kept = needed(graph)
    unread = sum(id(node) not in kept for node in graph.nodes)
    if not unread:
        return graph
    if counts is not None:
        counts["unread line"] += unread
    return rebuilt(graph, copied, kept)
