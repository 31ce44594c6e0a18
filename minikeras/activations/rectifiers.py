"""Generated from book/arrays/activations.ipynb. Edit the chapter, not this file."""

import minikeras.core.table as table
from minikeras.core.door import apply
from minikeras.core.tensor import convert, promote
from minikeras.ops.activations import gelu_of
from minikeras.ops.public import public
from minikeras.ops.words import as_float, chosen, constant, meet


@public
def relu(x, negative_slope=0.0, max_value=None, threshold=0.0):
    """x above `threshold`, and negative_slope * (x - threshold) below it.

    Nothing is larger than `max_value`. With the defaults, max(0, x).
    """
    x = convert(x)
    if negative_slope == 0 == threshold and max_value is None:
        return meet(table.maximum, constant(0, x.dtype), x)
    below = (x - threshold) * negative_slope
    z = chosen(x > threshold, *promote(x, below))
    if max_value is None:
        return z
    return meet(table.minimum, z, constant(max_value, z.dtype))


@public
def gelu(x, approximate=False):
    """x (1 + erf(x / sqrt 2)) / 2, exact unless `approximate`; see `ops.gelu`."""
    return gelu_of(as_float(x), approximate)


@public
def exponential(x):
    """exp(x)"""
    return apply(table.exp, as_float(x))


@public
def linear(x):
    """x itself"""
    return x


@public
def mish(x):
    """x tanh(log(1 + exp(x))). Source: Misra 2020."""
    x = as_float(x)
    return x * apply(table.tanh, apply(table.softplus, x))
