"""Generated from book/graphs/passes.ipynb. Edit the chapter, not this file."""

import numpy as np

import minikeras.core.table as table
from minikeras.core.dtypes import FLOATS, NUMPY
from minikeras.graph.rewrite import Any, Book, Rule, Some, everywhere, rewrite, said

BITS = {"float16": (11, 5), "bfloat16": (8, 8), "float32": (24, 8), "float64": (53, 11)}


def holds(wide, narrow):
    """Whether every number of one dtype is a number of the other, exactly.

    >>> holds("float32", "bfloat16"), holds("float32", "int32")
    (True, False)
    """
    if wide in FLOATS and narrow in FLOATS:
        return all(m >= n for m, n in zip(BITS[wide], BITS[narrow]))
    if wide in FLOATS:
        info = None if narrow == "bool" else np.iinfo(NUMPY[narrow])
        return info is None or info.bits - (info.min < 0) <= BITS[wide][0]
    return narrow not in FLOATS and np.can_cast(NUMPY[narrow], NUMPY[wide], "safe")


x, k, j = Any("x"), Some("k"), Some("j")

cast = said(table.cast)


def loses_nothing(x, k, j):
    """Whether the cast in between can be left out; whole numbers of floats may not."""
    return holds(k, x.dtype) and (j in FLOATS or x.dtype not in FLOATS)


CASTS = [
    Rule(cast(x, dtype=k) >> x, when=lambda x, k: x.dtype == k),
    Rule(cast(cast(x, dtype=k), dtype=j) >> cast(x, dtype=j), when=loses_nothing),
]


CLEANED = Book(CASTS)


@everywhere
def uncast(graph, counts=None):
    """Without casts that change nothing."""
    return rewrite(graph, CLEANED, counts)
