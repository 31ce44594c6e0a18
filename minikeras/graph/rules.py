"""Generated from book/graphs/rewriting.ipynb. Edit the chapter, not this file."""

import math

import minikeras.core.table as table
from minikeras.graph.rewrite import Any, Made, Rule, Some, said

x, y, i = Any("x"), Any("y"), Any("i", "whole numbers")

t = Any("t", ("bool",))

c, d = Some("c"), Some("d")

where, absolute, maximum, minimum, like = map(
    said,
    (table.select, table.absolute, table.maximum, table.minimum, table.broadcast_like),
)


ARITHMETIC = [
    Rule(x * 1 >> x),
    Rule(x / 1 >> x),
    Rule(x - 0 >> x),
    Rule(x + -0.0 >> x),
    Rule(x + 0 >> x, "where x is -0.0, the sum is 0.0"),
    Rule(0 - x >> -x, "where x is 0.0, the difference is 0.0, and -x is -0.0"),
    Rule(x * -1 >> -x),
    Rule(x / -1 >> -x),
]

SIGNED = [
    Rule(-(-x) >> x),
    Rule(x + -y >> x - y),
    Rule(x - -y >> x + y),
    Rule(-x * -y >> x * y),
    Rule(-x / -y >> x / y),
    Rule(absolute(-x) >> absolute(x)),
    Rule(absolute(absolute(x)) >> absolute(x)),
]

CHOICES = [
    Rule(maximum(x, x) >> x),
    Rule(minimum(x, x) >> x),
    Rule(where(t, x, x) >> x),
    Rule(where(True, x, y) >> x),
    Rule(where(False, x, y) >> y),
]

LOGIC = [
    Rule(~(~x) >> x),
    Rule((t & True) >> t),
    Rule((t | False) >> t),
    Rule((t & t) >> t),
    Rule((t | t) >> t),
]

WHOLE = [Rule(i * 0 >> like(0, i)), Rule(i - i >> like(0, i))]


def halves(c, **others):
    """Whether 1 / c is exact: c is a power of two, and not an extreme one."""
    return (
        math.isfinite(c) and abs(math.frexp(c)[0]) == 0.5 and 2**-10 <= abs(c) <= 1024
    )


inverse = Made("(1 / c)", lambda c: 1 / c, c)

POWERS = [Rule(x / c >> x * inverse, when=halves)]

SIMPLIFY = [*ARITHMETIC, *SIGNED, *CHOICES, *LOGIC, *WHOLE, *POWERS]

f = Any("f", "floats")

ROUNDING = [
    Rule(f * c * d >> f * Made("(c * d)", lambda c, d: c * d, c, d), "rounds once"),
    Rule(f + c + d >> f + Made("(c + d)", lambda c, d: c + d, c, d), "rounds once"),
    Rule(f / c >> f * inverse, "rounds 1 / c first", lambda c, **others: c != 0),
    Rule(f**2 >> f * f, "a general power may round the other way"),
    Rule(f**1 >> f, "a general power may round"),
]
