"""Generated from book/graphs/rounds.ipynb. Edit the chapter, not this file."""

from minikeras.graph.loops import repeat, walk
from minikeras.graph.passes.share import results_of
from minikeras.graph.passes.trim import Loop, noted
from minikeras.graph.rewrite import blank, copied, everywhere, rebuilt, written


def course(node, seen):
    """What two loops have in common if they make the same rounds, or None.

    seen: the numbers of what lines say, for `results_of`.
    """
    if node.op not in (repeat, walk) or noted(node):
        return None
    loop = Loop(node)
    how = [(k, x) for k, x in loop.how.items() if k not in ("test", "body")]
    *asked, carried = [results_of(graph, seen) for graph in loop.graphs]
    same = [numbers[0] for numbers in asked], carried[: loop.carry]
    return node.op, tuple(map(id, node.inputs)), repr(same), repr(how)


def in_one(nodes, seen):
    """(body, places): one body for several loops that carry the same.

    places: for each loop, where its results are among those of the one.
    """
    bodies, carry = [x.attributes["body"] for x in nodes], Loop(nodes[0]).carry
    draft, place, places = blank(bodies[0]), {}, []
    inputs = [draft.another_input(x, x.attributes["name"]) for x in bodies[0].inputs]
    for body in bodies:
        new = dict(zip(map(id, body.inputs), inputs, strict=True))
        written(draft, body.nodes, new, copied)
        draft.outputs = draft.outputs or [new[id(z)] for z in body.outputs[:carry]]
        numbers = results_of(body, seen)[carry:]
        for number, z in zip(numbers, body.outputs[carry:], strict=True):
            if number not in place:
                place[number] = len(draft.outputs)
                draft.outputs.append(new[id(z)])
        places.append([*range(carry), *[place[number] for number in numbers]])
    return draft, places


def merged(draft, nodes, inputs, seen):
    """Write one loop for several; a tuple of results for each."""
    body, places = in_one(nodes, seen)
    found = nodes[0].op.write(draft, inputs, nodes[0].attributes | {"body": body})
    return [tuple([found[i] for i in place]) for place in places]


@everywhere
def merge(graph, counts=None):
    """The graph with one loop in place of those that make the same rounds."""
    seen, groups = {}, {}
    for node in graph.nodes:
        key = course(node, seen)
        if key is not None:
            groups.setdefault(key, []).append(node)
    several = {id(nodes[0]): nodes for nodes in groups.values() if len(nodes) > 1}
    if not several:
        return graph
    if counts is not None:
        for nodes in several.values():
            counts[f"{nodes[0].op.name} like another"] += len(nodes) - 1
    done = {}

    def line(draft, node, inputs):
        if id(node) in several:
            nodes = several[id(node)]
            results = merged(draft, nodes, inputs, seen)
            done.update(zip(map(id, nodes), results, strict=True))
        return done[id(node)] if id(node) in done else copied(draft, node, inputs)

    return rebuilt(graph, line)
