"""Generated from book/graphs/passes.ipynb. Edit the chapter, not this file."""

import minikeras.core.table as table
from minikeras.core.infer import BINARY, COMPARISONS, UNARY
from minikeras.graph.graph import meet
from minikeras.graph.rewrite import (
    Any,
    Book,
    Family,
    Made,
    Rule,
    Some,
    everywhere,
    rewrite,
    said,
)

u, o = Family("u", UNARY), Family("o", (*BINARY, *COMPARISONS))

x, y, p, q = map(Any, "xypq")

c, s, k = map(Some, "csk")

like, to, cast = map(said, (table.broadcast_like, table.broadcast_to, table.cast))


def alike(x, y, **others):
    """Whether two values have one shape, so that no gradient is lost in between."""
    return x.sizes == y.sizes


SINK = [
    Rule(u(like(x, p)) >> like(u(x), p)),
    Rule(u(to(x, shape=s)) >> to(u(x), shape=s)),
    Rule(cast(like(x, p), dtype=k) >> like(cast(x, dtype=k), p)),
    Rule(cast(to(x, shape=s), dtype=k) >> to(cast(x, dtype=k), shape=s)),
    Rule(o(like(x, p), like(y, p)) >> like(o(x, y), p), when=alike),
    Rule(o(to(x, shape=s), to(y, shape=s)) >> to(o(x, y), shape=s), when=alike),
    Rule(o(like(x, p), c) >> like(o(x, c), p)),
    Rule(o(c, like(x, p)) >> like(o(c, x), p)),
    Rule(o(to(x, shape=s), c) >> to(o(x, c), shape=s)),
    Rule(o(c, to(x, shape=s)) >> to(o(c, x), shape=s)),
]


fold_to = said(table.reduce_like)


def known(x, p):
    """Whether the stretched shape has no unknown size."""
    return all(n.__class__ is int for n in meet(x.sizes, p.sizes))


joint = Made("shape of x and p", lambda x, p: meet(x.sizes, p.sizes), x, p)

MODELS = [
    Rule(like(x, p) >> to(x, shape=joint), when=known),
    Rule(like(x, u(p)) >> like(x, p)),
    Rule(like(x, o(p, q)) >> like(x, p)),
    Rule(like(x, cast(p, dtype=k)) >> like(x, p)),
    Rule(like(like(x, p), q) >> like(x, q)),
    Rule(to(to(x, shape=k), shape=s) >> to(x, shape=s)),
    Rule(fold_to(x, u(p)) >> fold_to(x, p)),
    Rule(fold_to(x, o(p, q)) >> fold_to(x, p)),
]


STRETCHES = Book([*SINK, *MODELS])


@everywhere
def sink(graph, counts=None):
    """Stretches moved down, below operations on fewer numbers."""
    return rewrite(graph, STRETCHES, counts)
