"""Generated from book/graphs/passes.ipynb. Edit the chapter, not this file."""

from minikeras.graph.rewrite import rewrite
from minikeras.graph.rules import ROUNDING, SIMPLIFY


def simplify(graph, counts=None, rounding=False):
    """Algebra; with `rounding` also the rules that change the last bits."""
    return rewrite(graph, [*SIMPLIFY, *(ROUNDING if rounding else [])], counts)
