"""Generated from book/arrays/activations.ipynb. Edit the chapter, not this file."""

import warnings

import minikeras.core.table as table
from minikeras.core.config import epsilon as backend_epsilon
from minikeras.core.door import apply
from minikeras.core.errors import ArgumentError
from minikeras.core.infer import axes_of, axis_of
from minikeras.core.tensor import binary, convert
from minikeras.ops.picking import standing
from minikeras.ops.public import public
from minikeras.ops.reductions import mean, sum
from minikeras.ops.special import rsqrt
from minikeras.ops.words import as_float, constant, narrow, reshaped, wide, without


@public
def moments(x, axes, keepdims=False, synchronized=False):
    """Mean and variance along `axes`."""
    x = as_float(x)
    axes = axes_of("moments", axes, x.ndim)
    middle = mean(wide(x), axes, keepdims=True)
    off = wide(x) - middle
    variance = mean(off * off, axes, keepdims)
    middle = middle if keepdims else without(middle, axes)
    return narrow(middle, x.dtype), narrow(variance, x.dtype)


@public
def batch_normalization(x, mean, variance, axis, offset=None, scale=None, epsilon=1e-3):
    """(x - mean) / sqrt(variance + epsilon) * scale + offset, each given along `axis`.

    Source: Ioffe and Szegedy 2015.
    """
    x = as_float(x)
    axis = axis_of("batch_normalization", axis, x.ndim)
    mean, variance = along(mean, axis, x), along(variance, axis, x)
    factor = rsqrt(variance + epsilon)
    factor = factor if scale is None else factor * along(scale, axis, x)
    shift = -mean * factor
    shift = shift if offset is None else shift + along(offset, axis, x)
    return x * factor + shift


def along(line, axis, x):
    """A line of numbers in the rank and dtype of x, running along `axis`."""
    line = convert(line, x.dtype)
    return standing(line, axis, x.ndim) if line.ndim == 1 else line


def spread(weights, axes, x):
    """Weights for some axes of x, with size 1 at the others."""
    weights = convert(weights, x.dtype)
    if weights.ndim == x.ndim or axes == (x.ndim - 1,):
        return weights
    return reshaped(weights, [n if a in axes else 1 for a, n in enumerate(x.shape)])


@public
def layer_normalization(x, gamma=None, beta=None, axis=-1, epsilon=None, **kwargs):
    """(x - mean) / sqrt(variance + epsilon) * gamma + beta, statistics along `axis`.

    Half precision is normalised in float32. `rms_scaling=True`, an old argument of
    Keras, leaves the mean where it is. Source: Ba et al. 2016.
    """
    x = as_float(x)
    y = wide(x)
    axes = axes_of("layer_normalization", axis, y.ndim)
    center, variance = moments(y, axes, keepdims=True)
    factor = rsqrt(variance + (backend_epsilon() if epsilon is None else epsilon))
    factor = factor if gamma is None else factor * spread(gamma, axes, y)
    if kwargs.get("rms_scaling"):
        warnings.warn("rms_scaling=True is old: see rms_normalization", stacklevel=3)
        return narrow(y * factor, x.dtype)
    shift = -center * factor
    shift = shift if beta is None else shift + spread(beta, axes, y)
    return narrow(y * factor + shift, x.dtype)


@public
def rms_normalization(x, scale=None, axis=-1, epsilon=None):
    """x / sqrt(mean(x²) + epsilon) * scale, the mean along `axis`.

    Half precision is normalised in float32. Source: Zhang and Sennrich 2019.
    """
    x = as_float(x)
    y = wide(reshaped(x, (1,)) if x.ndim == 0 else x)
    epsilon = backend_epsilon() if epsilon is None else epsilon
    y = y * rsqrt(mean(y * y, axis, keepdims=True) + epsilon)
    y = y if scale is None else y * convert(scale, y.dtype)
    return narrow(y, x.dtype)


@public
def normalize(x, axis=-1, order=2, epsilon=None):
    """x divided by its norm along `axis`: the `order`-th root of the sum of |x|^order.

    A norm below `epsilon` (1e-7) counts as `epsilon`, so that zeros stay zeros.
    """
    if not isinstance(order, int) or order < 1:
        raise ArgumentError("normalize", "order is a whole number from 1", repr(order))
    epsilon = backend_epsilon() if epsilon is None else epsilon
    x = as_float(x)
    x = reshaped(x, (1,)) if x.ndim == 0 else x
    if order == 2:
        total = sum(x * x, axis, keepdims=True)
        return x * rsqrt(binary(table.maximum, total, constant(epsilon**2, x.dtype)))
    total = sum(apply(table.absolute, x) ** order, axis, keepdims=True)
    return x / binary(table.maximum, total ** (1 / order), constant(epsilon, x.dtype))
