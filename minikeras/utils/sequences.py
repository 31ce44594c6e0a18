"""Generated from book/keras/handy.ipynb. Edit the chapter, not this file."""

import numpy as np

from minikeras.core.dtypes import UnknownDTypeError
from minikeras.core.errors import ArgumentError, ShapeError


def lengths_of(sequences):
    """The length of each sequence; an error names what has none."""
    if not hasattr(sequences, "__len__") or isinstance(sequences, str):
        problem = "`sequences` must be a list of sequences"
        raise ArgumentError("pad_sequences", problem, type(sequences).__name__)
    for place, sequence in enumerate(sequences):
        if not hasattr(sequence, "__len__"):
            problem = "`sequences` must be a list of iterables"
            got = f"{sequence!r:.40} at position {place}"
            raise ArgumentError("pad_sequences", problem, got)
    return [len(sequence) for sequence in sequences]


def check_choices(maxlen, dtype, padding, truncating, value):
    """Errors for what `pad_sequences` cannot do."""
    for name, choice in {"padding": padding, "truncating": truncating}.items():
        if choice not in ("pre", "post"):
            problem = f"{name} is 'pre' or 'post'"
            raise ArgumentError("pad_sequences", problem, f"{name}={choice!r}")
    if not isinstance(maxlen, (int, np.integer)):
        problem = "maxlen is a whole number"
        raise UnknownDTypeError("pad_sequences", problem, f"maxlen={maxlen!r}")
    if maxlen < 0:
        got, hint = f"maxlen={maxlen}", "a number from 0, or None for the longest"
        raise ArgumentError("pad_sequences", "maxlen is negative", got, hint)
    if isinstance(value, str) and kind_of(dtype) not in "OSU":
        problem = f"text as value does not fit dtype={dtype}"
        raise ArgumentError("pad_sequences", problem, repr(value), "dtype=object")


def kind_of(dtype):
    """NumPy's letter for a kind of dtype: "i" for integers, "O" for objects..."""
    try:
        return np.dtype(dtype).kind
    except TypeError as error:
        problem = "not a dtype of NumPy"
        raise UnknownDTypeError("pad_sequences", problem, repr(dtype)) from error


def pad_sequences(
    sequences, maxlen=None, dtype="int32", padding="pre", truncating="pre", value=0.0
):
    """Sequences of different lengths as one array: [n, maxlen, ...].

    padding, truncating: "pre" or "post", where `value` is added and what is too much is
    cut. maxlen: by default the length of the longest. dtype: object for texts.

    >>> pad_sequences([[1], [2, 3, 4]], maxlen=2)
    array([[0, 1],
           [3, 4]], dtype=int32)
    """
    lengths = lengths_of(sequences)
    if maxlen is None and not lengths:
        raise ArgumentError("pad_sequences", "no sequences", hint="maxlen=...")
    maxlen = max(lengths) if maxlen is None else maxlen
    check_choices(maxlen, dtype, padding, truncating, value)
    inner = next((np.shape(s)[1:] for s in sequences if len(s)), ())
    z = filled((len(lengths), maxlen, *inner), value, dtype)
    for row, sequence in zip(z, sequences, strict=True):
        start = max(len(sequence) - maxlen, 0) if truncating == "pre" else 0
        kept = as_row(sequence[start : start + maxlen], dtype, inner)
        if len(kept):
            front = slice(len(kept))
            row[front if padding == "post" else slice(-len(kept), None)] = kept
    return z


def filled(shape, value, dtype):
    """An array with `value` in all places."""
    kind_of(dtype)
    try:
        return np.full(shape, value, dtype=dtype)
    except (TypeError, ValueError) as error:
        problem = f"value does not fit dtype={dtype}"
        raise UnknownDTypeError("pad_sequences", problem, repr(value)) from error


def as_row(sequence, dtype, inner):
    """One sequence as an array whose elements have the shape `inner`."""
    try:
        row = np.asarray(sequence, dtype=dtype)
    except (TypeError, ValueError) as error:
        problem = f"a sequence does not fit dtype={dtype}"
        raise UnknownDTypeError(
            "pad_sequences", problem, f"{sequence!r:.60}"
        ) from error
    if len(row) and row.shape[1:] != inner:
        problem = "all elements need one shape"
        raise ShapeError("pad_sequences", problem, f"{row.shape[1:]} after {inner}")
    return row
