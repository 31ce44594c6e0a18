"""Generated from book/graphs/passes.ipynb. Edit the chapter, not this file."""

import minikeras.core.table as table
from minikeras.core.infer import BINARY, COMPARISONS, UNARY
from minikeras.graph.passes.sink import alike
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

x, y = Any("x"), Any("y")

a, b, c, k, s, r = map(Some, "abcksr")

turn, reshape, cast = map(said, (table.transpose, table.reshape, table.cast))


def resting(a, **others):
    """Whether a permutation leaves everything where it is."""
    return all(axis % len(a) == place for place, axis in enumerate(a))


both = Made("a[b]", lambda a, b: tuple(a[axis] for axis in b), a, b)

TURNS = [
    Rule(turn(x, axes=a) >> x, when=resting),
    Rule(turn(turn(x, axes=a), axes=b) >> turn(x, axes=both)),
    Rule(u(turn(x, axes=a)) >> turn(u(x), axes=a)),
    Rule(cast(turn(x, axes=a), dtype=k) >> turn(cast(x, dtype=k), axes=a)),
    Rule(o(turn(x, axes=a), turn(y, axes=a)) >> turn(o(x, y), axes=a), when=alike),
    Rule(o(turn(x, axes=a), c) >> turn(o(x, c), axes=a)),
    Rule(o(c, turn(x, axes=a)) >> turn(o(c, x), axes=a)),
]

RESHAPES = [
    Rule(reshape(x, shape=s) >> x),
    Rule(reshape(reshape(x, shape=s), shape=r) >> reshape(x, shape=r)),
    Rule(u(reshape(x, shape=s)) >> reshape(u(x), shape=s)),
    Rule(cast(reshape(x, shape=s), dtype=k) >> reshape(cast(x, dtype=k), shape=s)),
    Rule(o(reshape(x, shape=s), reshape(y, shape=s)) >> reshape(o(x, y), shape=s),
         when=alike),
    Rule(o(reshape(x, shape=s), c) >> reshape(o(x, c), shape=s)),
]  # fmt: skip


def swaps_last_two(a, **others):
    """Whether a permutation exchanges the last two axes, and only these."""
    return tuple(a) == (*range(len(a) - 2), len(a) - 1, len(a) - 2)


PRODUCTS = [
    Rule(turn(x, axes=a) @ turn(y, axes=a) >> turn(y @ x, axes=a),
         "sums in another order", swaps_last_two),
]  # fmt: skip


MOVES = [*TURNS, *RESHAPES]

ARRANGING = {False: Book(MOVES), True: Book([*MOVES, *PRODUCTS])}


@everywhere
def move(graph, counts=None, rounding=False):
    """Transposes and reshapes moved down, until they meet and cancel."""
    return rewrite(graph, ARRANGING[rounding], counts)
