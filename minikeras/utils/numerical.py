"""Generated from book/keras/handy.ipynb. Edit the chapter, not this file."""

import operator

import numpy as np

from minikeras import ops
from minikeras.core.dtypes import UnknownDTypeError
from minikeras.core.errors import ArgumentError
from minikeras.core.infer import axis_of
from minikeras.core.table import within
from minikeras.core.tensor import Tensor, Value, convert


def whole_labels(x, tool):
    """Labels as int64; an error names the first that is not a whole number."""
    x = np.asarray(x)
    if x.dtype.kind not in "biuf":
        raise UnknownDTypeError(
            tool, "labels are whole numbers", f"{x.dtype}: {x!r:.60}"
        )
    if x.dtype.kind == "f" and not (x == np.floor(x)).all():
        wrong = x[~(x == np.floor(x))].flat[0]
        raise ArgumentError(tool, "labels are whole numbers", f"a label {wrong}")
    return x.astype("int64")


def to_categorical(x, num_classes=None):
    """Whole numbers as one-hot rows: i[..., ] (or [..., 1]) -> f64[..., num_classes].

    num_classes: by default the largest label plus 1. A tensor gives a tensor in floatx.
    Errors: an IndexError for a label outside [0, num_classes), naming it and its place.

    >>> to_categorical([0, 2], 3)
    array([[1., 0., 0.],
           [0., 0., 1.]])
    """
    symbol = isinstance(x, Value) and not isinstance(x, Tensor)  # it has no numbers
    labels = x if symbol else whole_labels(x, "to_categorical")
    if len(labels.shape) > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    number = num_classes if symbol else number_of_classes(labels, num_classes)
    about = {"number": number, "thing": "label", "problem": "is not a class"}
    labels = within(convert(labels), who="to_categorical", **about)
    if isinstance(x, Value):
        return ops.one_hot(labels, number)
    return (labels.numpy()[..., None] == np.arange(number)).astype("float64")


def number_of_classes(labels, num_classes):
    """`num_classes`, or (for None and 0) the largest label plus 1."""
    if num_classes is None or num_classes == 0:
        if not labels.size:
            problem = "no labels to count the classes of"
            raise ArgumentError("to_categorical", problem, hint="num_classes=...")
        return int(labels.max()) + 1
    try:
        number = operator.index(num_classes)
    except TypeError:
        number = None
    if number is None or number < 0:
        problem = "num_classes is a whole number, not negative"
        raise UnknownDTypeError("to_categorical", problem, repr(num_classes))
    return number


def normalize(x, axis=-1, order=2):
    """x divided by its norm along `axis`; rows of zeros stay zeros.

    order: of the norm, 1 (sum of sizes), 2 (length), np.inf (largest size)...
    A NumPy array gives a NumPy array, all else a tensor; a NumPy vector counts as the
    one row of a matrix, as in Keras.

    >>> normalize(np.array([[3.0, 4.0], [0.0, 0.0]]))
    array([[0.6, 0.8],
           [0. , 0. ]])
    """
    if not isinstance(x, np.ndarray):
        return ops.normalize(x, axis=axis, order=order)
    if x.dtype.kind not in "biuf" or x.ndim == 0:
        got = f"{x.dtype}, shape {x.shape}"
        raise UnknownDTypeError("normalize", "an array of numbers is needed", got)
    axis = None if axis is None else axis_of("normalize", axis, x.ndim)
    try:
        norm = np.linalg.norm(x, order, axis, keepdims=True)
    except (TypeError, ValueError) as error:
        problem = f"no norm of order {order!r} for {x.ndim} axes"
        raise ArgumentError("normalize", problem) from error
    return np.atleast_2d(x / np.where(norm == 0, 1, norm))
