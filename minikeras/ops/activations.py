"""Generated from book/arrays/activations.ipynb. Edit the chapter, not this file."""

import math

import minikeras.core.table as table
from minikeras.core.door import apply
from minikeras.core.infer import axis_of
from minikeras.core.tensor import binary, convert, promote
from minikeras.ops.exponentials import remember_logits
from minikeras.ops.joining import split
from minikeras.ops.lines import sort
from minikeras.ops.picking import standing
from minikeras.ops.public import public
from minikeras.ops.reductions import sum
from minikeras.ops.shaping import flip
from minikeras.ops.words import as_float, chosen, constant, meet, positions


@public
def relu(x):
    """max(0, x). Its slope at 0 is 0. Source: Nair and Hinton 2010."""
    x = convert(x)
    return meet(table.maximum, constant(0, x.dtype), x)


@public
def relu6(x):
    """min(max(0, x), 6). Its slope is 0 at both ends."""
    x = convert(x)
    six, zero = constant(6, x.dtype), constant(0, x.dtype)
    return meet(table.minimum, six, meet(table.maximum, zero, x))


@public
def leaky_relu(x, negative_slope=0.2):
    """x above 0, negative_slope * x below. Source: Maas et al. 2013."""
    x = as_float(x)
    return chosen(x > 0, x, x * negative_slope)


def tail(x):
    """exp(x) - 1 below 0, and 0 above: exp never sees a large number."""
    return apply(table.expm1, meet(table.minimum, x, constant(0, x.dtype)))


@public
def elu(x, alpha=1.0):
    """x above 0, alpha (exp(x) - 1) below. Source: Clevert et al. 2016."""
    x = as_float(x)
    return chosen(x > 0, x, tail(x) * alpha)


@public
def celu(x, alpha=1.0):
    """x above 0, alpha (exp(x / alpha) - 1) below: the slope at 0 is 1 for any alpha."""
    x = as_float(x)
    return chosen(x > 0, x, tail(x / alpha) * alpha)


SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772


@public
def selu(x):
    """1.0507 elu(x, 1.6733): keeps mean 0, variance 1. Source: Klambauer et al. 2017."""
    x = as_float(x)
    return chosen(x < 0, tail(x) * (SELU_SCALE * SELU_ALPHA), x * SELU_SCALE)


@public
def sigmoid(x):
    """1 / (1 + exp(-x))"""
    x = as_float(x)
    return remember_logits(apply(table.sigmoid, x), x)


@public
def log_sigmoid(x):
    """log(1 / (1 + exp(-x))), as -softplus(-x)"""
    return -apply(table.softplus, -as_float(x))


@public
def softplus(x):
    """log(1 + exp(x)), a relu with a soft bend"""
    return apply(table.softplus, as_float(x))


@public
def softsign(x):
    """x / (1 + |x|)"""
    x = as_float(x)
    return x / (apply(table.absolute, x) + 1)


@public
def squareplus(x, b=4):
    """(x + sqrt(x² + b)) / 2"""
    x = as_float(x)
    return (x + apply(table.sqrt, x * x + b)) / 2


@public
def silu(x):
    """x sigmoid(x), also called swish. Source: Elfwing et al. 2018."""
    x = as_float(x)
    return x * apply(table.sigmoid, x)


swish = silu  # the name of Ramachandran et al. 2017


def gelu_of(x, approximate):
    """The two forms of gelu."""
    if approximate:
        inner = (x + x * x * x * 0.044715) * math.sqrt(2 / math.pi)
        return x * (apply(table.tanh, inner) + 1) * 0.5
    return x * (apply(table.erf, x * math.sqrt(0.5)) + 1) * 0.5


@public
def gelu(x, approximate=True):
    """x times the share of a normal distribution that lies below x.

    x (1 + erf(x / sqrt 2)) / 2, or nearly the same by tanh if `approximate`.
    Source: Hendrycks and Gimpel 2016.
    """
    return gelu_of(as_float(x), approximate)


def held(x, low, high):
    """x, held between two limits; at a limit the slope is still that of x."""
    low, high = constant(low, x.dtype), constant(high, x.dtype)
    return meet(table.minimum, meet(table.maximum, x, low), high)


@public
def hard_sigmoid(x):
    """x / 6 + 1/2, held between 0 and 1"""
    x = as_float(x)
    return relu6(x + 3) / 6


@public
def hard_silu(x):
    """x hard_sigmoid(x). Source: Howard et al. 2019."""
    x = as_float(x)
    return x * hard_sigmoid(x)


hard_swish = hard_silu


@public
def hard_tanh(x):
    """x, held between -1 and 1"""
    return held(convert(x), -1, 1)


@public
def hard_shrink(x, threshold=0.5):
    """x, but 0 where |x| <= threshold"""
    x = as_float(x)
    return chosen(apply(table.absolute, x) > threshold, x, constant(0, x.dtype))


@public
def soft_shrink(x, threshold=0.5):
    """x, moved by `threshold` towards 0, which it does not cross"""
    x = as_float(x)
    zero = constant(0, x.dtype)
    z = chosen(x < -threshold, x + threshold, zero)
    return chosen(x > threshold, x - threshold, z)


@public
def tanh_shrink(x):
    """x - tanh(x)"""
    x = as_float(x)
    return x - apply(table.tanh, x)


@public
def threshold(x, threshold, default_value):
    """x above `threshold`, `default_value` elsewhere"""
    x = convert(x)
    x, other = promote(x, default_value)
    return chosen(x > threshold, x, other)


@public
def sparse_plus(x):
    """0 up to -1, (x + 1)² / 4 up to 1, then x: a softplus that reaches 0"""
    x = as_float(x)
    bend = (x + 1) * (x + 1) * 0.25
    return chosen(x <= -1, constant(0, x.dtype), chosen(x < 1, bend, x))


@public
def sparse_sigmoid(x):
    """0 up to -1, (x + 1) / 2 up to 1, then 1: a sigmoid that reaches 0 and 1"""
    x = as_float(x)
    zero, one = constant(0, x.dtype), constant(1, x.dtype)
    return chosen(x <= -1, zero, chosen(x >= 1, one, (x + 1) * 0.5))


@public
def glu(x, axis=-1):
    """The first half of an axis, times the sigmoid of the second half."""
    x = as_float(x)
    axis = axis_of("glu", axis, x.ndim)
    first, second = split(x, 2, axis)
    return first * apply(table.sigmoid, second)


@public
def sparsemax(x, axis=-1):
    """The point of the simplex nearest to x: like softmax, but with true zeros.

    Source: Martins and Astudillo 2016.
    """
    x = as_float(x)
    axis = axis_of("sparsemax", axis, x.ndim)
    falling = flip(sort(x, axis), axis)
    ranks = standing(positions(x, axis) + 1, axis, x.ndim)
    ranks = apply(table.cast, ranks, dtype=x.dtype)
    totals = apply(table.cumsum, falling, axis=axis)
    inside = falling * ranks + 1 > totals
    number = sum(apply(table.cast, inside, dtype=x.dtype), axis, keepdims=True)
    total = sum(chosen(inside, falling, constant(0, x.dtype)), axis, keepdims=True)
    return binary(table.maximum, constant(0, x.dtype), x - (total - 1) / number)
