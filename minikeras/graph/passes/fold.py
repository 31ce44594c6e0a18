"""Generated from book/graphs/passes.ipynb. Edit the chapter, not this file."""

import numpy as np

import minikeras.core.table as table
from minikeras.core.eager import evaluate
from minikeras.core.tensor import Tensor, convert
from minikeras.graph.graph import constant, graphs_in
from minikeras.graph.passes.prune import copied
from minikeras.graph.rewrite import EFFECTS, rebuilt

MOST = 1024  # numbers in a constant that folding may make

SPREADING = (table.broadcast_to, table.broadcast_like, table.full, table.iota)


def folded(node, inputs):
    """The value of a line whose inputs are constants, or None."""
    known = all(x.op is constant for x in inputs) and inputs
    if not known or node.op in SPREADING or node.op in EFFECTS or graphs_in(node):
        return None
    arrays = [x.attributes["value"]._data for x in inputs]
    try:
        with np.errstate(all="ignore"):
            value = np.asarray(evaluate[node.op](*arrays, **node.attributes))
    except Exception:  # it will fail when it runs, if it ever runs, and say so
        return None
    return Tensor(value) if value.size <= MOST else None


def known_size(node, inputs):
    """The answer of a `dim_size` that the spec knows already, or None."""
    if node.op is not table.dim_size:
        return None
    size = inputs[0].spec.shape[node.attributes["axis"]]
    return None if size is None else convert(size, "int32")


def fold(graph, counts=None):
    """The graph with operations on constants worked out."""

    def line(draft, node, inputs):
        value = known_size(node, inputs) or folded(node, inputs)
        if value is None:
            return copied(draft, node, inputs)
        if counts is not None:
            counts[f"{node.op.name} of constants"] += 1
        return draft.constant(value)

    return rebuilt(graph, line)
