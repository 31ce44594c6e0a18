"""Generated from book/arrays/pantry.ipynb. Edit the chapter, not this file."""

import math

import numpy as np

import minikeras.core.table as table
from minikeras.core.door import apply
from minikeras.core.dtypes import NUMPY, is_int_dtype, standardize_dtype
from minikeras.core.errors import ArgumentError, DTypeError, ShapeError
from minikeras.core.tensor import binary, convert, measured, promote, size_of
from minikeras.ops.creation import diag, filled
from minikeras.ops.elementwise import counted, maximum, minimum, power, strong
from minikeras.ops.picking import take
from minikeras.ops.products import matmul
from minikeras.ops.public import public
from minikeras.ops.reductions import sum
from minikeras.ops.shaping import (
    expand_dims,
    flip,
    joined,
    laid_together,
    reshape,
    section,
)
from minikeras.ops.words import (
    as_float,
    chosen,
    constant,
    count_to,
    narrow,
    reshaped,
    wide,
)


def roomy_float(x):
    """`x` as a tensor of floats, float64 if it holds int64."""
    x = convert(x)
    return apply(table.cast, x, dtype="float64") if x.dtype == "int64" else as_float(x)


def whole_numbers(who, *values):
    """The values in one dtype, which must be one of whole numbers."""
    values = [counted(x) for x in promote(*strong(*values))]
    if not is_int_dtype(values[0].dtype):
        problem = "only whole numbers have common divisors"
        raise DTypeError(who, problem, values[0].dtype, "cast them to int32")
    return values


@public
def cbrt(x):
    """The cube root, which negative numbers have as well.

    >>> cbrt([-8.0, 27.0]).numpy().round(5).tolist()
    [-2.0, 3.0]
    """
    x = roomy_float(x)
    size = power(apply(table.absolute, x), constant(1 / 3, x.dtype))
    return apply(table.sign, x) * size


@public
def deg2rad(x):
    """Degrees as radians: x * pi / 180"""
    x = roomy_float(x)
    return x * (math.pi / 180)


@public
def rad2deg(x):
    """Radians as degrees: x * 180 / pi"""
    x = roomy_float(x)
    return x * (180 / math.pi)


@public
def fabs(x):
    """|x| as a float, whatever x was"""
    return apply(table.absolute, as_float(x))


@public
def fmax(x1, x2):
    """The larger of two numbers; if one of them is nan, the other."""
    return of_numbers(maximum, *promote(x1, x2))


@public
def fmin(x1, x2):
    """The smaller of two numbers; if one of them is nan, the other."""
    return of_numbers(minimum, *promote(x1, x2))


@public
def fmod(x1, x2):
    """What is left of x1 after division by x2; it has the sign of x1.

    >>> fmod([-7, 7], 3)
    Tensor([-1,  1], shape=(2,), dtype=int32)
    """
    x1, x2 = (counted(x) for x in promote(*strong(x1, x2)))
    rest = binary(table.mod, apply(table.absolute, x1), apply(table.absolute, x2))
    return apply(table.sign, x1) * rest


@public
def heaviside(x1, x2):
    """0 below 0, 1 above, and x2 at 0."""
    x1, x2 = promote(*strong(x1, x2))
    x1, x2 = roomy_float(x1), roomy_float(x2)
    above = chosen(x1 > 0, constant(1, x1.dtype), x2)
    return chosen(x1 < 0, constant(0, x1.dtype), above)


def of_numbers(choose, x1, x2):
    """One of two numbers; the other one where it is nan."""
    return chosen(x1 != x1, x2, chosen(x2 != x2, x1, choose(x1, x2)))


@public
def logaddexp2(x1, x2):
    """log2(2**x1 + 2**x2), without overflow"""
    x1, x2 = promote(*strong(x1, x2), at_least=float)
    gap = x1 - x2
    share = apply(table.exp, apply(table.absolute, gap) * -math.log(2))
    z = maximum(x1, x2) + apply(table.log1p, share) / math.log(2)
    return chosen(gap != gap, x1 + x2, z)


@public
def ldexp(x1, x2):
    """x1 * 2**x2, for whole x2"""
    x1, x2 = as_float(x1), convert(x2)
    if not is_int_dtype(x2.dtype):
        raise DTypeError("ldexp", "the power of two is a whole number", x2.dtype)
    return x1 * power(constant(2, x1.dtype), apply(table.cast, x2, dtype=x1.dtype))


@public
def sinc(x):
    """sin(pi x) / (pi x), and 1 at 0"""
    x = as_float(x)
    angle = chosen(x == 0, constant(1, x.dtype), x) * math.pi
    return chosen(x == 0, constant(1, x.dtype), apply(table.sin, angle) / angle)


@public
def signbit(x):
    """Whether x is below 0"""
    x = convert(x)
    if x.dtype == "bool":
        return apply(table.broadcast_like, constant(False, "bool"), x)
    return x < constant(0, x.dtype)


@public
def conj(x):
    """The complex conjugate: of a real number, the number itself"""
    return convert(x)


@public
def conjugate(x):
    """The complex conjugate; another name for `conj`."""
    return convert(x)


@public
def imag(x):
    """The imaginary part: 0 for real numbers"""
    x = convert(x)
    return apply(table.broadcast_like, constant(0, x.dtype), x)


@public
def isreal(x):
    """Whether the imaginary part is 0: always"""
    return apply(table.broadcast_like, constant(True, "bool"), convert(x))


@public
def angle(x):
    """The angle of a number in the complex plane: 0, or pi for x below 0"""
    x = as_float(x)
    return chosen(x < 0, constant(math.pi, x.dtype), constant(0, x.dtype))


@public
def view(x, dtype=None):
    """The same bytes read as another dtype, along the last axis.

    Errors: a ValueError if they do not come out even; a TypeError for bools.

    >>> view([1.0, 2.0], "int32").numpy().tolist()
    [1065353216, 1073741824]
    >>> view([1.0, 2.0], "uint16").shape
    (4,)
    """
    x = convert(x)
    dtype = x.dtype if dtype is None else standardize_dtype(dtype)
    if "bool" in (x.dtype, dtype):
        problem = "only two patterns of the bits of a bool mean something"
        raise DTypeError("view", problem, f"{x.spec} as {dtype}", "cast it first")
    before, after = NUMPY[x.dtype].itemsize, NUMPY[dtype].itemsize
    if before != after and x.ndim == 0:
        problem = "a number without axes has no other numbers beside it"
        raise ShapeError("view", problem, f"{x.spec} as {dtype}", "expand_dims")
    if before >= after:
        y = apply(table.bitcast, x, dtype=dtype)
        return laid_together(y, x.ndim - 1) if before > after else y
    if (x.shape[-1] or 0) * before % after:
        problem = f"the bytes of the last axis do not fill numbers of {after} bytes"
        raise ShapeError("view", problem, f"{x.spec} as {dtype}")
    parts = reshape(x, (*measured(x)[:-1], -1, after // before))
    return apply(table.bitcast, parts, dtype=dtype)


@public
def nextafter(x1, x2):
    """The number of their dtype that is next to x1, on the way to x2.

    Its slope is 1 by x1 and 0 by x2.

    >>> nextafter([1.0, 1.0, 0.0], [2.0, 0.0, 0.0]).numpy().tolist()
    [1.0000001192092896, 0.9999999403953552, 0.0]
    """
    x, y = promote(*strong(x1, x2), at_least=float)
    kind = f"int{8 * NUMPY[x.dtype].itemsize}"
    one, zero = constant(1, kind), constant(0, x.dtype)
    first = apply(table.bitcast, one, dtype=x.dtype)
    step = chosen((x < y) == (x > 0), one, -one)
    place = apply(table.bitcast, x, dtype=kind)
    moved = apply(table.bitcast, place + step, dtype=x.dtype)
    moved = chosen(x == 0, chosen(y > 0, first, -first), moved)
    moved = chosen(x == y, y, chosen((x != x) | (y != y), x + y, moved))
    still = apply(table.stop_gradient, x) - x  # 0, with a slope
    return apply(table.stop_gradient, moved) - chosen(abs(x) < math.inf, still, zero)


ROUNDS = {8: 13, 16: 24, 32: 48, 64: 94}  # bits: neighbours in Fibonacci's series


@public
def gcd(x1, x2):
    """The greatest common divisor of whole numbers; gcd(0, 0) is 0.

    >>> gcd([12, -18], 8)
    Tensor([4, 2], shape=(2,), dtype=int32)
    """
    a, b = whole_numbers("gcd", x1, x2)
    a, b = apply(table.absolute, a), apply(table.absolute, b)
    zero, one = constant(0, a.dtype), constant(1, a.dtype)
    for _ in range(ROUNDS[int(a.dtype.strip("uint"))]):
        done = b == 0
        rest = binary(table.mod, a, chosen(done, one, b))
        a, b = chosen(done, a, b), chosen(done, zero, rest)
    return a


@public
def lcm(x1, x2):
    """The least common multiple of whole numbers, 0 if one of them is 0."""
    a, b = whole_numbers("lcm", x1, x2)
    divisor = maximum(gcd(a, b), constant(1, a.dtype))
    return apply(table.absolute, binary(table.floor_divide, a, divisor) * b)


@public
def i0(x):
    """The modified Bessel function of order 0: the mean of exp(x cos t) over a turn.

    The trapezoidal rule on 64 points (256 in float64), which is exact to the last
    bits. Source: Trefethen and Weideman 2014.

    >>> i0(0.0)
    Tensor(1., shape=(), dtype=float32)
    """
    x = roomy_float(x)
    number = 256 if x.dtype == "float64" else 64
    waves = np.cos(2 * np.pi * np.arange(number) / number)
    waves = convert(waves, wide(x).dtype)
    shares = apply(table.exp, expand_dims(wide(x), -1) * waves) * (1 / number)
    return narrow(sum(shares, -1), x.dtype)


@public
def fliplr(x):
    """Axis 1 backwards"""
    return flip(at_least_axes("fliplr", x, 2), 1)


@public
def flipud(x):
    """Axis 0 backwards"""
    return flip(at_least_axes("flipud", x, 1), 0)


@public
def diagflat(x, k=0):
    """All numbers of x on the k-th diagonal of a matrix of zeros"""
    return diag(reshaped(convert(x), (-1,)), k)


@public
def vander(x, N=None, increasing=False):
    """Each number of a line to the powers N - 1, ..., 1, 0, or with `increasing` up.

    >>> vander([2, 3], 3)
    Tensor([[4, 2, 1],
            [9, 3, 1]], shape=(2, 3), dtype=int32)
    """
    x = convert(x)
    if x.ndim != 1:
        raise ShapeError("vander", "a line of numbers", str(x.spec))
    y = counted(x)
    powers = convert(count_to(size_of(x, 0) if N is None else N), y.dtype)
    powers = powers if increasing else flip(powers, 0)
    return narrow(power(expand_dims(y, 1), powers), x.dtype)


def at_least_axes(who, x, ndim):
    """`x`, if it has as many axes as this."""
    x = convert(x)
    if x.ndim < ndim:
        raise ShapeError(who, f"needs {ndim} axes", str(x.spec))
    return x


@public
def extract_sequences(x, sequence_length, sequence_stride):
    """Pieces of the last axis: [..., n] -> [..., pieces, sequence_length]

    >>> extract_sequences([0, 1, 2, 3, 4], 3, 2)
    Tensor([[0, 1, 2],
            [2, 3, 4]], shape=(2, 3), dtype=int32)
    """
    x = convert(x)
    number = (size_of(x, x.ndim - 1) - sequence_length) // sequence_stride + 1
    starts = count_to(number) * sequence_stride
    steps = count_to(sequence_length)
    return take(x, reshaped(starts, (-1, 1)) + steps, -1)


@public
def correlate(x1, x2, mode="valid"):
    """sum over n of x1[n + k] x2[n], for each shift k of two lines.

    mode "full": all shifts at which they meet; "same": as many as the longer one has;
    "valid": those at which the shorter one lies wholly inside.

    >>> correlate([1, 2, 3], [1, 10], "full")
    Tensor([10., 21., 32.,  3.], shape=(4,), dtype=float32)
    """
    x1, x2 = promote(x1, x2, at_least=float)
    if x1.ndim != 1 or x2.ndim != 1:
        raise ShapeError("correlate", "two lines", f"{x1.spec}, {x2.spec}")
    if mode not in ("valid", "same", "full"):
        raise ArgumentError("correlate", "unknown mode", repr(mode))
    n, m = size_of(x1, 0), size_of(x2, 0)
    border, long = filled([m - 1], 0, x1.dtype), max_of(n, m)
    short = n + m - long
    pieces = extract_sequences(joined([border, x1, border], 0), m, 1)
    z = matmul(pieces, x2)
    start, size = {
        "full": (0, long + short - 1),
        "same": ((short - 1) // 2, long),
        "valid": (short - 1, long - short + 1),
    }[mode]
    return section(z, 0, start, start + size)


def max_of(a, b):
    """The larger of two sizes: an int, if they are ints."""
    if isinstance(a, int) and isinstance(b, int):
        return a if a > b else b
    return maximum(a, b)
