"""Generated from
book/arrays/sentences.ipynb
book/gradients/orders.ipynb

Edit the chapter, not this file.
"""

import numpy as np

import minikeras.core.table as table
from minikeras.core.door import apply
from minikeras.core.dtypes import standardize_dtype
from minikeras.core.errors import ArgumentError
from minikeras.core.tensor import Value, convert, size_of
from minikeras.ops.public import RECORDERS, public, recorder_in
from minikeras.ops.words import count_of


@public
def convert_to_tensor(x, dtype=None, sparse=None, ragged=None):
    """A tensor of the numbers in `x`: an array, number, nested list, or tensor.

    Python's ints become int32, floats `floatx()`; NumPy arrays keep their dtype, and
    their numbers are copied. `dtype` asks for another. Sparse and ragged tensors do not
    exist here: both flags are accepted and must be false.

    >>> convert_to_tensor([1, 2])
    Tensor([1, 2], shape=(2,), dtype=int32)
    """
    if sparse or ragged:
        raise ArgumentError("convert_to_tensor", "there are only dense tensors here")
    return convert(x, None if dtype is None else standardize_dtype(dtype))


def convert_to_numpy(x):
    """The numbers of `x` as a NumPy array of your own; lists as NumPy reads them."""
    return np.array(convert(x) if isinstance(x, Value) else x)


def is_tensor(x):
    """Whether `x` is a tensor: one with numbers, or one whose numbers come later."""
    return isinstance(x, Value) and x.__class__ not in RECORDERS


@public
def cast(x, dtype):
    """`x` in another dtype. Fractions are cut towards zero, not rounded.

    >>> cast([-1.7, 0.9], "int32")
    Tensor([-1,  0], shape=(2,), dtype=int32)
    """
    dtype = standardize_dtype(dtype)
    x = convert(x)
    return x if x.dtype == dtype else apply(table.cast, x, dtype=dtype)


def dtype(x):
    """The dtype of `x`, as a string."""
    return convert(x).dtype


def shape(x):
    """The shape of `x`: a tuple of ints; a size known only at run time is a 0-d tensor.

    >>> shape([[1, 2, 3]])
    (1, 3)
    """
    x = convert(x)
    if recorder_in((x,)) is not None:
        return x.shape
    return tuple(size_of(x, axis) for axis in range(x.ndim))


def ndim(x):
    """How many axes `x` has."""
    return convert(x).ndim


@public
def size(x):
    """How many numbers `x` holds, as a 0-d tensor."""
    x = convert(x)
    return convert(count_of(x, range(x.ndim)), "int32")


@public
def stop_gradient(variable):
    """The same values, through which no gradient passes.

    >>> float(stop_gradient(convert(2.0)))
    2.0
    """
    return apply(table.stop_gradient, convert(variable))
