"""Generated from book/keras/feeding.ipynb. Edit the chapter, not this file."""

import numpy as np

from minikeras.core.config import floatx
from minikeras.core.dtypes import NUMPY, UnknownDTypeError
from minikeras.core.errors import ArgumentError
from minikeras.core.nest import flatten, map_structure
from minikeras.core.tensor import Value, convert


def unpack_x_y_sample_weight(data):
    """(x, y, sample_weight) from a batch; what is missing is None.

    >>> unpack_x_y_sample_weight((1, 2))
    (1, 2, None)
    """
    data = tuple(data) if isinstance(data, list) else data
    if not isinstance(data, tuple):
        return data, None, None
    if len(data) > 3:
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


def as_array(x):
    """`x` as a NumPy array with an axis or more, floats in floatx; None stays None."""
    if x is None:
        return None
    array = np.asarray(x.to_numpy() if hasattr(x, "to_numpy") else x)
    if array.dtype.kind not in "fiub" and str(array.dtype) != "bfloat16":
        raise UnknownDTypeError(
            "fit", f"cannot learn from {array.dtype}",
            f"{type(x).__name__} of shape {array.shape}",
            "numbers: encode texts and objects first",
        )  # fmt: skip
    if array.ndim == 0:
        raise ArgumentError("fit", "data need an axis for the samples", repr(x))
    is_float = array.dtype.kind == "f"
    return array.astype(NUMPY[floatx()], copy=False) if is_float else array


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
            "fit", "all arrays must have the same number of samples (cardinality)", text
        )
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
    if class_weight is not None:
        if sample_weight is not None:
            raise ArgumentError(
                "fit", "class_weight and sample_weight exclude each other"
            )
        if several:
            raise ArgumentError("fit", "class_weight needs a model with one output")
        return class_weights_to_sample_weights(y, class_weight)
    if several and sample_weight is not None and hasattr(sample_weight, "shape"):
        return map_structure(lambda _: sample_weight, y)
    return sample_weight
