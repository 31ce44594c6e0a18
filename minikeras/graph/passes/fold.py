"""Generated from book/graphs/passes.ipynb. Edit the chapter, not this file."""

import numpy as np

import minikeras.core.table as table
from minikeras.core.eager import evaluate
from minikeras.core.errors import Report
from minikeras.core.tensor import Tensor, convert
from minikeras.graph.branches import Several
from minikeras.graph.choices import choice
from minikeras.graph.graph import constant
from minikeras.graph.loops import repeat
from minikeras.graph.program import EFFECTS
from minikeras.graph.rewrite import copied, everywhere, rebuilt, written

MOST = 1024  # numbers in a constant that folding may make

SPREADING = (table.broadcast_to, table.broadcast_like, table.full, table.iota)


def folded(node, held):
    """The value of a line whose inputs are constants, or None.

    held: {id(node): the value that it is known to have}.
    """
    known = node.inputs and all(id(x) in held for x in node.inputs)
    if not known or node.op in (*SPREADING, *EFFECTS) or node.op.__class__ is Several:
        return None
    arrays = [held[id(x)]._data for x in node.inputs]
    try:
        with np.errstate(all="ignore"):
            value = np.asarray(evaluate[node.op](*arrays, **node.attributes))
    except Exception:  # it will fail when it runs, if it ever runs, and say so
        return None
    return Tensor(value) if value.size <= MOST else None


def known_size(node):
    """The answer of a `dim_size` that the spec knows already, or None."""
    if node.op is not table.dim_size:
        return None
    size = node.inputs[0].spec.shape[node.attributes["axis"]]
    return None if size is None else convert(size, "int32")


def chosen(node, held):
    """The branch that a constant chooses, or None."""
    if node.op is not choice or id(node.inputs[0]) not in held:
        return None
    index, branches = int(held[id(node.inputs[0])]._data), node.attributes["branches"]
    branch = branches[min(max(index, 0), len(branches) - 1)]
    return None if branch.notes else branch


def never(node):
    """Whether a loop that leaves nothing behind is known to make no round at all."""
    if node.op is not repeat:
        return False
    if len(node.spec) > len(node.inputs) - node.attributes["consts"]:
        return False
    asked = node.attributes["test"].outputs[0]
    no = asked.op is constant and not asked.attributes["value"]._data.any()
    return no or node.attributes["limit"] == 0


def opened(draft, node, branch, inputs):
    """The results of a branch, its lines written in the place of the line; or None."""
    start, place = len(draft.nodes), draft.place
    new = dict(zip(map(id, branch.inputs), inputs, strict=True))
    try:
        written(draft, branch.nodes, new, copied)
    except Report:
        del draft.nodes[start:]
        draft.place = place
        return None
    return tuple([new[id(z)] for z in branch.outputs])


def worked_out(graph):
    """{id(line): its value, or the branch it chooses, or None if it is a loop of none}."""
    held, found = {}, {}
    for node in graph.nodes:
        if node.op is constant:
            held[id(node)] = node.attributes["value"]
        elif node.op.__class__ is Several:
            branch = chosen(node, held)
            if branch is not None or never(node):
                found[id(node)] = branch
        else:
            value = known_size(node) or folded(node, held)
            if value is not None:
                held[id(node)] = found[id(node)] = value
    return found


@everywhere
def fold(graph, counts=None):
    """The graph with operations on constants worked out, and choices by them made."""
    found = worked_out(graph)
    if not found:
        return graph
    if counts is not None:
        done = [node.op.name for node in graph.nodes if id(node) in found]
        counts.update(f"{name} of constants" for name in done)

    def line(draft, node, inputs):
        if id(node) not in found:
            return copied(draft, node, inputs)
        value = found[id(node)]
        if isinstance(value, Tensor):
            return draft.constant(value)
        if value is None:
            return tuple(inputs[node.attributes["consts"] :])
        return opened(draft, node, value, inputs[1:]) or copied(draft, node, inputs)

    return rebuilt(graph, line)
