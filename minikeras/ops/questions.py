"""Generated from book/arrays/catalogue.ipynb. Edit the chapter, not this file."""

import minikeras.core.table as table
from minikeras.core.door import apply
from minikeras.core.tensor import binary, convert, promote
from minikeras.ops.elementwise import abs, strong
from minikeras.ops.public import public
from minikeras.ops.reductions import all
from minikeras.ops.words import as_bool, as_float


@public
def equal(x1, x2):
    """Whether x1 == x2, number by number"""
    return binary(table.equal, x1, x2)


@public
def not_equal(x1, x2):
    """Whether x1 != x2"""
    return binary(table.not_equal, x1, x2)


@public
def less(x1, x2):
    """Whether x1 < x2"""
    return binary(table.less, x1, x2)


@public
def less_equal(x1, x2):
    """Whether x1 <= x2"""
    return binary(table.less_equal, x1, x2)


@public
def greater(x1, x2):
    """Whether x1 > x2"""
    return binary(table.greater, x1, x2)


@public
def greater_equal(x1, x2):
    """Whether x1 >= x2"""
    return binary(table.greater_equal, x1, x2)


@public
def logical_and(x1, x2):
    """Whether both are not 0"""
    return binary(table.bitwise_and, as_bool(x1), as_bool(x2))


@public
def logical_or(x1, x2):
    """Whether one of them is not 0"""
    return binary(table.bitwise_or, as_bool(x1), as_bool(x2))


@public
def logical_xor(x1, x2):
    """Whether exactly one of them is not 0"""
    return binary(table.bitwise_xor, as_bool(x1), as_bool(x2))


@public
def logical_not(x):
    """Whether x is 0"""
    return apply(table.bitwise_not, as_bool(x))


@public
def bitwise_and(x, y):
    """The bits that are 1 in both"""
    return binary(table.bitwise_and, *strong(x, y))


@public
def bitwise_or(x, y):
    """The bits that are 1 in one of them"""
    return binary(table.bitwise_or, *strong(x, y))


@public
def bitwise_xor(x, y):
    """The bits that differ"""
    return binary(table.bitwise_xor, *strong(x, y))


@public
def bitwise_not(x):
    """Every bit turned over"""
    return apply(table.bitwise_not, convert(x))


@public
def bitwise_invert(x):
    """Every bit turned over; another name for `bitwise_not`."""
    return apply(table.bitwise_not, convert(x))


@public
def left_shift(x, y):
    """x * 2^y, in bits"""
    return binary(table.left_shift, convert(x), y)


@public
def right_shift(x, y):
    """The whole part of x / 2^y, in bits"""
    return binary(table.right_shift, convert(x), y)


@public
def bitwise_left_shift(x, y):
    """x * 2^y; another name for `left_shift`."""
    return binary(table.left_shift, convert(x), y)


@public
def bitwise_right_shift(x, y):
    """The whole part of x / 2^y; another name for `right_shift`."""
    return binary(table.right_shift, convert(x), y)


@public
def isnan(x):
    """Whether x is not a number: the only value that differs from itself"""
    x = convert(x)
    return apply(table.not_equal, x, x)


@public
def isinf(x):
    """Whether x is infinite"""
    return apply(table.absolute, as_float(x)) == float("inf")


@public
def isfinite(x):
    """Whether x is neither infinite nor nan"""
    return apply(table.absolute, as_float(x)) < float("inf")


@public
def isposinf(x):
    """Whether x is infinite and above 0"""
    return as_float(x) == float("inf")


@public
def isneginf(x):
    """Whether x is infinite and below 0"""
    return as_float(x) == float("-inf")


@public
def isclose(x1, x2, rtol=1e-5, atol=1e-8, equal_nan=False):
    """Whether |x1 - x2| <= atol + rtol |x2|; infinities are close to themselves."""
    x1, x2 = promote(x1, x2, at_least=float)
    near = abs(x1 - x2) <= abs(x2) * rtol + atol
    close = (near & isfinite(x2)) | (x1 == x2)
    return close | (isnan(x1) & isnan(x2)) if equal_nan else close


@public
def allclose(x1, x2, rtol=1e-5, atol=1e-8, equal_nan=False):
    """Whether all numbers are close; see `isclose`."""
    return all(isclose(x1, x2, rtol, atol, equal_nan))
