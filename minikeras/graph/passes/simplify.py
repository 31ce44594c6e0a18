"""Generated from book/graphs/passes.ipynb. Edit the chapter, not this file."""

from minikeras.graph.rewrite import Book, everywhere, rewrite
from minikeras.graph.rules import ROUNDING, SIMPLIFY

ALGEBRA = {False: Book(SIMPLIFY), True: Book([*SIMPLIFY, *ROUNDING])}


@everywhere
def simplify(graph, counts=None, rounding=False):
    """Algebra; with `rounding` also the rules that change the last bits."""
    return rewrite(graph, ALGEBRA[rounding], counts)
