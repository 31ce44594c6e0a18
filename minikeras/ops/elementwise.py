"""Generated from book/arrays/catalogue.ipynb. Edit the chapter, not this file."""

import builtins
import math

import ml_dtypes

import minikeras.core.table as table
from minikeras.core.door import apply
from minikeras.core.dtypes import FLOATS, NUMPY, is_int_dtype, standardize_dtype
from minikeras.core.tensor import binary, broadcast, convert, promote, quotient
from minikeras.ops.public import public
from minikeras.ops.words import as_float, chosen, constant, meet


@public
def add(x1, x2):
    """x1 + x2"""
    return binary(table.add, x1, x2)


@public
def subtract(x1, x2):
    """x1 - x2"""
    return binary(table.subtract, x1, x2)


@public
def multiply(x1, x2):
    """x1 * x2"""
    return binary(table.multiply, x1, x2)


@public
def divide(x1, x2):
    """x1 / x2; whole numbers are divided as floats."""
    return quotient(x1, x2)


@public
def true_divide(x1, x2):
    """x1 / x2; another name for `divide`."""
    return quotient(x1, x2)


@public
def floor_divide(x1, x2):
    """The whole number below x1 / x2."""
    return binary(table.floor_divide, x1, x2)


@public
def mod(x1, x2):
    """What is left of x1 after floor_divide(x1, x2) * x2; it has the sign of x2."""
    return binary(table.mod, *(counted(x) for x in promote(*strong(x1, x2))))


@public
def power(x1, x2):
    """x1 to the power x2"""
    return binary(table.power, x1, x2)


def counted(x):
    """Bools as the numbers 0 and 1, int32; anything else as it is."""
    x = convert(x)
    return apply(table.cast, x, dtype="int32") if x.dtype == "bool" else x


def strong(*values):
    """The values as tensors, Python's numbers with a kind of their own."""
    return [convert(x) for x in values]


@public
def negative(x):
    """-x"""
    return apply(table.negative, convert(x))


@public
def abs(x):
    """|x|: x without its sign"""
    return apply(table.absolute, convert(x))


@public
def absolute(x):
    """|x|; another name for `abs`."""
    return apply(table.absolute, convert(x))


@public
def sign(x):
    """-1, 0 or 1, as x is below, at or above 0"""
    return apply(table.sign, convert(x))


@public
def square(x):
    """x * x"""
    x = counted(convert(x))
    return apply(table.multiply, x, x)


@public
def reciprocal(x):
    """1 / x"""
    return quotient(1, as_float(x))


@public
def divide_no_nan(x1, x2):
    """x1 / x2, and 0 where x2 is 0."""
    x1, x2 = promote(x1, x2, at_least=float)
    hole = x2 == 0
    z = quotient(x1, chosen(hole, constant(1, x2.dtype), x2))
    return chosen(hole, constant(0, z.dtype), z)


@public
def sqrt(x):
    """The square root"""
    return apply(table.sqrt, as_float(x))


@public
def exp(x):
    """e to the power x"""
    return apply(table.exp, as_float(x))


@public
def exp2(x):
    """2 to the power x"""
    return binary(table.power, 2, as_float(x))


@public
def expm1(x):
    """exp(x) - 1, exact also for x near 0"""
    return apply(table.expm1, as_float(x))


@public
def log(x):
    """The natural logarithm"""
    return apply(table.log, as_float(x))


@public
def log1p(x):
    """log(1 + x), exact also for x near 0"""
    return apply(table.log1p, as_float(x))


@public
def log2(x):
    """The logarithm to base 2"""
    return quotient(apply(table.log, as_float(x)), math.log(2))


@public
def log10(x):
    """The logarithm to base 10"""
    return quotient(apply(table.log, as_float(x)), math.log(10))


@public
def logaddexp(x1, x2):
    """log(exp(x1) + exp(x2)), without overflow"""
    x1, x2 = promote(*strong(x1, x2), at_least=float)
    gap = x1 - x2
    z = binary(table.maximum, x1, x2) + apply(
        table.log1p, apply(table.exp, -apply(table.absolute, gap))
    )
    return chosen(gap != gap, x1 + x2, z)


@public
def hypot(x1, x2):
    """sqrt(x1² + x2²), without overflow"""
    x1, x2 = promote(*strong(x1, x2))
    x1, x2 = promote(x1, x2, at_least="float64" if x1.dtype == "int64" else float)
    x1, x2 = apply(table.absolute, x1), apply(table.absolute, x2)
    long, short = binary(table.maximum, x1, x2), binary(table.minimum, x1, x2)
    slope = divide_no_nan(short, long)
    z = long * apply(table.sqrt, slope * slope + 1)
    return chosen(long == float("inf"), long, z)


@public
def sin(x):
    """The sine of an angle in radians"""
    return apply(table.sin, as_float(x))


@public
def cos(x):
    """The cosine of an angle in radians"""
    return apply(table.cos, as_float(x))


@public
def tan(x):
    """sin(x) / cos(x)"""
    return apply(table.tan, as_float(x))


@public
def arcsin(x):
    """The angle in [-pi/2, pi/2] whose sine is x"""
    return apply(table.arcsin, as_float(x))


@public
def arccos(x):
    """The angle in [0, pi] whose cosine is x"""
    return apply(table.arccos, as_float(x))


@public
def arctan(x):
    """The angle in [-pi/2, pi/2] whose tangent is x"""
    return apply(table.arctan, as_float(x))


@public
def arctan2(x1, x2):
    """The angle in [-pi, pi] of the point (x2, x1), seen from the origin"""
    x1, x2 = promote(*strong(x1, x2), at_least=float)
    return apply(table.arctan2, *broadcast("arctan2", x1, x2))


@public
def sinh(x):
    """(exp(x) - exp(-x)) / 2"""
    return apply(table.sinh, as_float(x))


@public
def cosh(x):
    """(exp(x) + exp(-x)) / 2"""
    return apply(table.cosh, as_float(x))


@public
def arcsinh(x):
    """The number whose sinh is x"""
    return apply(table.arcsinh, as_float(x))


@public
def arccosh(x):
    """The number from 0 up whose cosh is x"""
    return apply(table.arccosh, as_float(x))


@public
def arctanh(x):
    """The number whose tanh is x"""
    return apply(table.arctanh, as_float(x))


@public
def tanh(x):
    """sinh(x) / cosh(x) = (exp(x) - exp(-x)) / (exp(x) + exp(-x)), from -1 to 1"""
    return apply(table.tanh, as_float(x))


@public
def floor(x):
    """The whole number at or below x"""
    return apply(table.floor, as_float(x))


@public
def ceil(x):
    """The whole number at or above x"""
    return apply(table.ceil, as_float(x))


@public
def trunc(x):
    """x without its fraction"""
    x = convert(x)
    if x.dtype not in FLOATS:
        return x
    return chosen(x < 0, apply(table.ceil, x), apply(table.floor, x))


@public
def round(x, decimals=0):
    """The nearest number with so many decimals; a half goes to the even neighbour.

    >>> round([0.5, 1.5, 2.5])
    Tensor([0., 2., 2.], shape=(3,), dtype=float32)
    """
    x = convert(x)
    if x.dtype not in FLOATS and decimals >= 0:
        return x
    scale = 10.0**decimals
    z = x if decimals == 0 else as_float(x) * scale
    z = apply(table.rint, z)
    z = z if decimals == 0 else z / scale
    return z if z.dtype == x.dtype else apply(table.cast, z, dtype=x.dtype)


@public
def maximum(x1, x2):
    """The larger of two numbers; nan if one is nan. Of equals, the first counts."""
    return binary(table.maximum, x1, x2)


@public
def minimum(x1, x2):
    """The smaller of two numbers; nan if one is nan. Of equals, the first counts."""
    return binary(table.minimum, x1, x2)


@public
def clip(x, x_min, x_max):
    """minimum(maximum(x, x_min), x_max): x, held between two limits."""
    x, low, high = promote(counted(x), x_min, x_max)
    return binary(table.minimum, binary(table.maximum, x, low), high)


@public
def nan_to_num(x, nan=0.0, posinf=None, neginf=None):
    """Numbers in place of nan and infinities: by default 0, the largest, the least."""
    x = convert(x)
    if x.dtype not in FLOATS:
        return x
    limit = float(ml_dtypes.finfo(NUMPY[x.dtype]).max)
    above = limit if posinf is None else posinf
    below = -limit if neginf is None else neginf
    x = chosen(x != x, convert(nan, x.dtype), x)
    x = chosen(x == float("inf"), convert(above, x.dtype), x)
    return chosen(x == float("-inf"), convert(below, x.dtype), x)


@public
def real(x):
    """x itself: all numbers here are real."""
    return convert(x)


@public
def saturate_cast(x, dtype):
    """x in another dtype; what lies outside its range becomes its limit.

    >>> saturate_cast([-5.0, 3.7, 300.0], "uint8")
    Tensor([  0,   3, 255], shape=(3,), dtype=uint8)
    """
    x, dtype = counted(convert(x)), standardize_dtype(dtype)
    low, high = limits(dtype, x.dtype)
    x = meet(table.minimum, meet(table.maximum, x, low), high)
    return apply(table.cast, x, dtype=dtype)


def limits(dtype, source):
    """The ends of the range that two dtypes share, as tensors of the second."""
    first, second = range_of(dtype), range_of(source)
    low, high = builtins.max(first[0], second[0]), builtins.min(first[1], second[1])
    if source in FLOATS and isinstance(high, int):
        high -= high >> ml_dtypes.finfo(NUMPY[source]).nmant + 1
    return constant(low, source), constant(high, source)


def range_of(dtype):
    """The least and the largest number of a dtype."""
    if dtype == "bool":
        return 0, 1
    info = ml_dtypes.iinfo if is_int_dtype(dtype) else ml_dtypes.finfo
    number = int if is_int_dtype(dtype) else float
    found = info(NUMPY[dtype])
    return number(found.min), number(found.max)
