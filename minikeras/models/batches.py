"""Generated from book/keras/feeding.ipynb. Edit the chapter, not this file."""

from collections.abc import Mapping

import numpy as np
import optree

from minikeras.core.arguments import checked_number
from minikeras.core.config import floatx
from minikeras.core.dtypes import NUMPY, UnknownDTypeError
from minikeras.core.errors import ArgumentError, ShapeError
from minikeras.core.nest import flatten, map_structure
from minikeras.core.tensor import Value, convert
from minikeras.models.compiling import OutputNameError


def unpack_x_y_sample_weight(data):
    """(x, y, sample_weight) from a batch; what is missing is None.

    >>> unpack_x_y_sample_weight((1, 2))
    (1, 2, None)
    """
    data = tuple(data) if isinstance(data, list) else data
    if not isinstance(data, tuple):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise ArgumentError(
            "fit", "a batch is x, (x, y) or (x, y, sample_weight)", f"{len(data)} items"
        )
    return (*data, None, None)[:3]


def pack_x_y_sample_weight(x, y=None, sample_weight=None):
    """The reverse: x, (x, y) or (x, y, sample_weight).

    >>> pack_x_y_sample_weight(1, 2)
    (1, 2)
    """
    if y is None:
        return (x,) if isinstance(x, (list, tuple)) else x
    return (x, y) if sample_weight is None else (x, y, sample_weight)


def check_axis(array, x):
    """An ArgumentError if an array (or tensor), made of `x`, is a single number."""
    if not array.shape:
        raise ArgumentError("fit", "data need an axis for the samples", repr(x))


def as_array(x):
    """`x` as a NumPy array with an axis or more, floats in floatx; None stays None."""
    if x is None:
        return None
    try:
        array = np.asarray(_unframed(x))
    except ValueError:
        problem, hint = "lists of different lengths are no array", "padded lists"
        raise ShapeError("fit", problem, repr(x)[:60], hint) from None
    is_float = array.dtype.kind == "f" or array.dtype.name == "bfloat16"
    if array.dtype.kind not in "iub" and not is_float:
        raise UnknownDTypeError(
            "fit", f"cannot learn from {array.dtype}",
            f"{type(x).__name__} of shape {array.shape}",
            "numbers: encode texts and objects first",
        )  # fmt: skip
    check_axis(array, x)
    return array.astype(NUMPY[floatx()], copy=False) if is_float else array


def _unframed(x):
    """The numbers of a frame or series of pandas, a series as one column; else `x`."""
    if not hasattr(x, "to_numpy"):
        return x
    kinds = {getattr(dtype, "kind", "O") for dtype in np.ravel(x.dtypes)}
    mixed = len(kinds) > 1 and "f" in kinds and kinds <= set("fiub")
    numbers = x.to_numpy(dtype=NUMPY[floatx()]) if mixed else x.to_numpy()
    return numbers[:, None] if numbers.ndim == 1 else numbers


def as_arrays(part):
    """The nest `part` with all leaves as arrays; a list of numbers is one array."""
    if isinstance(part, dict):
        return {name: as_arrays(inner) for name, inner in part.items()}
    if not isinstance(part, (list, tuple)):
        return as_array(part)
    numbers = (bool, int, float, np.generic)
    if part and all(isinstance(leaf, numbers) for leaf in flatten(part)):
        return as_array(part)
    return type(part)([as_arrays(inner) for inner in part])


def tensors_for_batch(part):
    """A part of a batch with arrays as tensors, floats in floatx."""
    leaves = flatten(part)
    if leaves and all(isinstance(x, Value) for x in leaves):
        for x in leaves:
            check_axis(x, x)
        return part
    return map_structure(lambda x: x if x is None else convert(x), as_arrays(part))


def check_lengths(x, y=None, sample_weight=None):
    """The number of samples; ArgumentError with all sizes if they differ, or are 0."""
    parts = {"x": x, "y": y, "sample_weight": sample_weight}
    sizes = {
        name: [leaf.shape[0] for leaf in flatten(part) if leaf is not None]
        for name, part in parts.items()
    }
    text = ", ".join(
        f"{name}: {', '.join(map(str, n))}" for name, n in sizes.items() if n
    )
    known = {n for part in sizes.values() for n in part}
    if len(known) > 1:
        raise ArgumentError(
            "fit", "Data cardinality is ambiguous: sizes differ", text,
            "the same number of samples in all arrays",
        )  # fmt: skip
    if not known or 0 in known:
        raise ArgumentError("fit", "no samples", text or "x=None")
    return known.pop()


def class_weights_to_sample_weights(y, class_weight):
    """One weight per sample, by the class of its label (missing classes weigh 1).

    >>> class_weights_to_sample_weights([0, 2, 1], {0: 5.0, 1: 0.5})
    array([5. , 1. , 0.5], dtype=float32)
    """
    y = np.asarray(y)
    if y.ndim > 1:
        y = y[..., 0] if y.shape[-1] == 1 else y.argmax(axis=-1)
    labels = np.round(y).astype(int)
    weights = [class_weight.get(int(label), 1.0) for label in labels.ravel()]
    return np.array(weights, NUMPY[floatx()]).reshape(labels.shape)


def standardize_weights(y, sample_weight, class_weight):
    """The sample weights to use, from those of samples or of classes."""
    several = isinstance(y, (list, tuple, dict))
    if class_weight is None:
        if several and sample_weight is not None:
            return _weights_by_output(y, sample_weight)
        return sample_weight
    if sample_weight is not None:
        raise ArgumentError(
            "fit", "class_weight and sample_weight exclude each other: you cannot "
            "give both at the same time", "both", "their product as sample_weight",
        )  # fmt: skip
    if several:
        problem, got = "class_weight is for models with a single output", f"{len(y)}"
        raise ArgumentError("fit", problem, got, "sample_weight")
    if y is None or not isinstance(class_weight, Mapping):
        raise ArgumentError(
            "fit", "class_weight is a dict from class to weight, beside labels y",
            f"class_weight={class_weight!r}"[:60], "class_weight={0: 1.0, 1: 5.0}",
        )  # fmt: skip
    for weight in class_weight.values():
        checked_number("fit", "class_weight", weight)
    return class_weights_to_sample_weights(y, class_weight)


def _weights_by_output(y, sample_weight):
    """A nest of sample weights in the form of `y`; one array is repeated."""
    form, given = (
        optree.tree_paths(nest, none_is_leaf=True) for nest in (y, sample_weight)
    )
    if isinstance(sample_weight, (list, tuple, dict)) and form == given:
        return sample_weight
    shape = getattr(sample_weight, "shape", ())
    if len(shape) == 1 or (len(shape) == 2 and shape[1] == 1):
        return map_structure(lambda _: sample_weight, y)
    raise OutputNameError(
        "fit", "sample_weight: one array for each output, or one number per sample",
        f"{len(given)} arrays for {len(form)} outputs, shape {tuple(shape)}",
        "a nest like y, or an array of shape (samples,)",
    )  # fmt: skip
