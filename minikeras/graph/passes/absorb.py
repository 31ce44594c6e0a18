"""Generated from book/graphs/passes.ipynb. Edit the chapter, not this file."""

import minikeras.core.table as table
from minikeras.core.infer import BINARY, COMPARISONS
from minikeras.graph.rewrite import (
    Any,
    Book,
    Family,
    Rule,
    Some,
    everywhere,
    rewrite,
    said,
)

o = Family("o", (*BINARY, *COMPARISONS))

x, y, z, p = map(Any, "xyzp")

s = Some("s")

like, to, where, stop = map(
    said,
    (table.broadcast_like, table.broadcast_to, table.select, table.stop_gradient),
)

STRETCHED = [like(x, p), to(x, shape=s)]

ABSORB = [
    Rule(stop(x) >> x),
    *(Rule(o(part, y) >> o(x, y)) for part in STRETCHED),
    *(Rule(o(y, part) >> o(y, x)) for part in STRETCHED),
    *(Rule(where(part, y, z) >> where(x, y, z)) for part in STRETCHED),
    *(Rule(where(y, part, z) >> where(y, x, z)) for part in STRETCHED),
    *(Rule(where(y, z, part) >> where(y, z, x)) for part in STRETCHED),
]


ABSORBED = Book(ABSORB)


@everywhere
def absorb(graph, counts=None):
    """Without stretches that NumPy does by itself; the result has no right gradient."""
    return rewrite(graph, ABSORBED, counts)
