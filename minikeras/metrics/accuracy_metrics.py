"""Generated from book/keras/metrics.ipynb. Edit the chapter, not this file."""

from minikeras import ops
from minikeras.core.config import floatx
from minikeras.core.tensor import convert
from minikeras.losses.shapes import squeeze_or_expand_to_same_rank
from minikeras.metrics.reduction_metrics import METRICS, MeanMetricWrapper


def accuracy(y_true, y_pred):
    """1 where y_true equals y_pred, else 0."""
    y_pred = convert(y_pred)
    y_true, y_pred = squeeze_or_expand_to_same_rank(
        convert(y_true, y_pred.dtype), y_pred
    )
    return ops.cast(ops.equal(y_true, y_pred), floatx())


def binary_accuracy(y_true, y_pred, threshold=0.5):
    """1 where `y_pred > threshold` agrees with y_true."""
    y_pred = convert(y_pred)
    y_true, y_pred = squeeze_or_expand_to_same_rank(convert(y_true), y_pred)
    decided = ops.cast(y_pred > threshold, y_true.dtype)
    return ops.cast(ops.equal(y_true, decided), floatx())


def categorical_accuracy(y_true, y_pred):
    """1 where the largest of y_pred is where the one-hot y_true has its one."""
    right = ops.argmax(convert(y_true), axis=-1)
    return ops.cast(ops.equal(right, ops.argmax(convert(y_pred), axis=-1)), floatx())


def sparse_categorical_accuracy(y_true, y_pred):
    """1 where the largest of y_pred is at the class y_true names."""
    y_true, y_pred = convert(y_true), convert(y_pred)
    if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    guess = ops.cast(ops.argmax(y_pred, axis=-1), y_true.dtype)
    return ops.cast(ops.equal(y_true, guess), floatx())


@METRICS.add
class Accuracy(MeanMetricWrapper):
    """How often y_pred equals y_true.

    >>> float(Accuracy()([1, 2, 3], [1, 2, 4])) > 0.66
    True
    """

    def __init__(self, name="accuracy", dtype=None):
        super().__init__(accuracy, name, dtype)


@METRICS.add
class BinaryAccuracy(MeanMetricWrapper):
    """How often a yes/no answer is right: y_pred > threshold against y_true.

    >>> float(BinaryAccuracy()([1, 0], [0.8, 0.6]))
    0.5
    """

    def __init__(self, name="binary_accuracy", dtype=None, threshold=0.5):
        super().__init__(binary_accuracy, name, dtype, threshold=threshold)
        self.threshold = threshold


@METRICS.add
class CategoricalAccuracy(MeanMetricWrapper):
    """How often the largest prediction is the class of a one-hot label.

    >>> float(CategoricalAccuracy()([[0, 1], [1, 0]], [[0.2, 0.8], [0.4, 0.6]]))
    0.5
    """

    def __init__(self, name="categorical_accuracy", dtype=None):
        super().__init__(categorical_accuracy, name, dtype)


@METRICS.add
class SparseCategoricalAccuracy(MeanMetricWrapper):
    """How often the largest prediction is the class of an integer label.

    >>> float(SparseCategoricalAccuracy()([2, 1], [[0.1, 0.6, 0.3], [0.05, 0.95, 0.0]]))
    0.5
    """

    def __init__(self, name="sparse_categorical_accuracy", dtype=None):
        super().__init__(sparse_categorical_accuracy, name, dtype)


METRICS.add(accuracy)

METRICS.add(Accuracy, "acc")
