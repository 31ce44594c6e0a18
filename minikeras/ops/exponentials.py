"""Generated from book/arrays/sentences.ipynb. Edit the chapter, not this file."""

import minikeras.core.table as table
from minikeras.core.door import apply
from minikeras.core.infer import axes_of
from minikeras.ops.public import public
from minikeras.ops.words import as_float, chosen, constant, meet, without


def peak(x, axes):
    """The largest number along `axes`, kept as size 1 and taken as a constant."""
    reduce = table.reduce_sum if 0 in x.shape else table.reduce_max
    return apply(table.stop_gradient, apply(reduce, x, axis=axes, keepdims=True))


@public
def softmax(x, axis=-1):
    """exp(x) / sum(exp(x)) along `axis`: positive numbers that add up to 1.

    x: f[...] -> f[...]. `axis` is an int, a tuple, or None for all axes together. The
    largest x is subtracted first, which changes nothing but the risk of overflow.
    Source: Bridle 1990.

    >>> softmax([1000.0, 1000.0])
    Tensor([0.5, 0.5], shape=(2,), dtype=float32)
    """
    x = as_float(x)
    axes = axes_of("softmax", axis, x.ndim)
    e = apply(table.exp, meet(table.subtract, x, peak(x, axes)))
    total = apply(table.reduce_sum, e, axis=axes, keepdims=True)
    return remember_logits(meet(table.divide, e, total), x)


def remember_logits(z, logits):
    """`z`, with a note of the numbers that it was squashed from."""
    z._keras_logits = logits
    return z


@public
def log_softmax(x, axis=-1):
    """log(softmax(x)), without taking the logarithm of a number that became 0.

    >>> log_softmax([0.0, -1000.0])
    Tensor([    0., -1000.], shape=(2,), dtype=float32)
    """
    x = as_float(x)
    axes = axes_of("log_softmax", axis, x.ndim)
    x = meet(table.subtract, x, peak(x, axes))
    total = apply(table.reduce_sum, apply(table.exp, x), axis=axes, keepdims=True)
    return meet(table.subtract, x, apply(table.log, total))


def finite_or_zero(x):
    """`x`, with 0 in place of the infinities and nan."""
    finite = apply(table.absolute, x) < float("inf")
    return chosen(finite, x, constant(0, x.dtype))


@public
def logsumexp(x, axis=None, keepdims=False):
    """log(sum(exp(x))) along `axis`, a smooth maximum, without overflow.

    Source: Blanchard, Higham and Higham 2021.

    >>> logsumexp([1000.0, 1000.0])
    Tensor(1000.6932, shape=(), dtype=float32)
    """
    x = as_float(x)
    axes = axes_of("logsumexp", axis, x.ndim)
    top = finite_or_zero(peak(x, axes))
    e = apply(table.exp, x - top)
    total = apply(table.log, apply(table.reduce_sum, e, axis=axes, keepdims=True)) + top
    return total if keepdims else without(total, axes)
