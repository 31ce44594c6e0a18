"""Generated from book/arrays/dtypes.ipynb. Edit the chapter, not this file."""

import functools

import ml_dtypes
import numpy as np

from minikeras.core.config import floatx
from minikeras.core.errors import DTypeError

UNSIGNED = ("uint8", "uint16", "uint32", "uint64")

SIGNED = ("int8", "int16", "int32", "int64")

FLOATS = ("bfloat16", "float16", "float32", "float64")

NAMES = ("bool", *UNSIGNED, *SIGNED, *FLOATS)


NUMPY = {name: np.dtype(name) for name in NAMES if name != "bfloat16"}

NUMPY["bfloat16"] = np.dtype(ml_dtypes.bfloat16)

NAME_OF = {dtype: name for name, dtype in NUMPY.items()}


def _shortened(name):
    """float32 -> f32, bfloat16 -> bf16, uint8 -> u8, bool -> bool"""
    for long, short in [("bfloat", "bf"), ("float", "f"), ("uint", "u"), ("int", "i")]:
        if name.startswith(long):
            return name.replace(long, short)
    return name


SHORT = {name: _shortened(name) for name in NAMES}


class UnknownDTypeError(DTypeError):
    """A dtype that minikeras does not have. Keras raises ValueError here."""


PYTHON_DTYPES = {bool: "bool", int: "int64", "int": "int64", float: "float32"}


def standardize_dtype(dtype):
    """The name of a dtype: from a string, NumPy dtype, Python type or None.

    None means `floatx()`. Anything that is not a kind of number of ours is an
    UnknownDTypeError, which is a TypeError and a ValueError.

    >>> standardize_dtype(np.int64), standardize_dtype(float), standardize_dtype(None)
    ('int64', 'float32', 'float32')
    """
    if isinstance(dtype, (str, type)):
        dtype = PYTHON_DTYPES.get(dtype, dtype)
    name = dtype if isinstance(dtype, str) else NAME_OF.get(_numpy_dtype(dtype))
    if name not in NUMPY:
        problem, hint = "not a kind of number we have", "'float32', 'int32' or 'bool'"
        raise UnknownDTypeError("dtype", problem, repr(dtype), hint)
    return name


def _numpy_dtype(dtype):
    """What NumPy makes of `dtype`, in native byte order."""
    if dtype is None:
        return NUMPY[floatx()]
    try:
        return np.dtype(getattr(dtype, "as_numpy_dtype", dtype)).newbyteorder("=")
    except TypeError:
        return None


def is_float_dtype(dtype):
    """Whether a dtype has a fraction: float16, bfloat16, float32, float64.

    >>> is_float_dtype("bfloat16"), is_float_dtype("int32")
    (True, False)
    """
    return standardize_dtype(dtype) in FLOATS


def is_int_dtype(dtype):
    """Whether a dtype counts: the signed and unsigned integers, not bool.

    >>> is_int_dtype("uint8"), is_int_dtype("bool")
    (True, False)
    """
    return standardize_dtype(dtype) in UNSIGNED + SIGNED


LATTICE = {
    "bool": ["weak int"],
    "weak int": ["uint8", "int8"],
    "uint8": ["uint16", "int16"],
    "uint16": ["uint32", "int32"],
    "uint32": ["uint64", "int64"],
    "uint64": ["weak float"],
    "int8": ["int16"],
    "int16": ["int32"],
    "int32": ["int64"],
    "int64": ["weak float"],
    "weak float": ["bfloat16", "float16"],
    "bfloat16": ["float32"],
    "float16": ["float32"],
    "float32": ["float64"],
    "float64": [],
}


def _above(kind):
    """Every kind that can be reached upward from `kind`, itself included."""
    return {kind}.union(*(_above(upper) for upper in LATTICE[kind]))


UPPER = {kind: _above(kind) for kind in LATTICE}


def _kind(dtype):
    """The lattice node of a dtype; Python's int and float are weak."""
    if dtype is int or dtype is float:
        return f"weak {dtype.__name__}"
    return standardize_dtype(dtype)


def _join(kinds):
    """The lowest kind above all of `kinds`."""
    common = set.intersection(*(UPPER[kind] for kind in kinds))
    return max(common, key=lambda kind: len(UPPER[kind]))


def result_type(*dtypes):
    """The dtype in which values of these dtypes meet, by Keras' promotion lattice.

    The Python types `int` and `float` stand for Python numbers, which are weak: they
    take the dtype of what they meet. Source: chapter "Kinds of numbers".

    >>> result_type("int32", "float16"), result_type("uint8", int)
    ('float16', 'uint8')
    """
    if not dtypes:
        return floatx()
    return _meet(floatx(), *(_kind(dtype) for dtype in dtypes))


@functools.lru_cache(None)
def _meet(default_float, *kinds):
    """The join of `kinds`, with weak kinds and uint64 resolved."""
    joined, bits = _join(kinds), default_float[-2:]
    resolved = {"weak int": f"int{bits}", "weak float": f"float{bits}"}
    resolved["uint64"] = "uint32"  # Keras keeps no 64-bit unsigned results
    return resolved.get(joined, joined)
