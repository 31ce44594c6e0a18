"""Generated from book/arrays/pantry.ipynb. Edit the chapter, not this file."""

import math

import minikeras.core.table as table
from minikeras.core.config import floatx
from minikeras.core.door import apply
from minikeras.core.errors import ArgumentError
from minikeras.core.tensor import convert
from minikeras.ops.public import public
from minikeras.ops.rarities import i0
from minikeras.ops.shaping import whole


def across(who, size):
    """`size` places from -1 to 1, in float64; the place 0 if there is only one."""
    size = whole(convert(size))
    if size is not None and size < 0:
        raise ArgumentError(who, "a window has a length from 0 up", str(size))
    gaps = 1 if size is None or size < 2 else size - 1
    steps = apply(table.iota, size=size, dtype="float64")
    return (steps * 2 - (0 if size == 1 else gaps)) / gaps


def cosines(who, size, *weights):
    """A weighted sum of cos(0), cos(pi t), cos(2 pi t), ..., in floatx."""
    t = across(who, size) * math.pi
    z = t * 0 + weights[0]
    for k, weight in enumerate(weights[1:], 1):
        z = z + apply(table.cos, t * k) * weight
    return apply(table.cast, z, dtype=floatx())


@public
def bartlett(x):
    """A triangle over x samples: 1 - |t| for t from -1 to 1

    >>> bartlett(5)
    Tensor([0. , 0.5, 1. , 0.5, 0. ], shape=(5,), dtype=float32)
    """
    z = 1 - apply(table.absolute, across("bartlett", x))
    return apply(table.cast, z, dtype=floatx())


@public
def hanning(x):
    """Hann's window over x samples: 0.5 + 0.5 cos(pi t) for t from -1 to 1"""
    return cosines("hanning", x, 0.5, 0.5)


@public
def hamming(x):
    """Hamming's window over x samples: 0.54 + 0.46 cos(pi t) for t from -1 to 1"""
    return cosines("hamming", x, 0.54, 0.46)


@public
def blackman(x):
    """Blackman's window: 0.42 + 0.5 cos(pi t) + 0.08 cos(2 pi t), t from -1 to 1"""
    return cosines("blackman", x, 0.42, 0.5, 0.08)


@public
def kaiser(x, beta):
    """Kaiser's window over x samples: i0(beta sqrt(1 - t²)) / i0(beta)"""
    t, beta = across("kaiser", x), convert(beta, "float64")
    arch = apply(table.sqrt, 1 - t * t)
    return apply(table.cast, i0(arch * beta) / i0(beta), dtype=floatx())
