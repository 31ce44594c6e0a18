"""Generated from book/keras/metrics.ipynb. Edit the chapter, not this file."""

from minikeras import ops
from minikeras.core.config import floatx
from minikeras.core.errors import ShapeError
from minikeras.core.tensor import convert
from minikeras.losses.shapes import squeeze_or_expand_to_same_rank
from minikeras.metrics.reduction_metrics import METRICS, MeanMetricWrapper


def accuracy(y_true, y_pred):
    """1 where y_true equals y_pred, else 0: any shape, or one with a last axis of 1.

    >>> accuracy([1, 2], [1, 3]).numpy()
    array([1., 0.], dtype=float32)
    """
    y_pred = convert(y_pred)
    y_true, y_pred = squeeze_or_expand_to_same_rank(
        convert(y_true, y_pred.dtype), y_pred
    )
    return ops.cast(ops.equal(y_true, y_pred), floatx())


def binary_accuracy(y_true, y_pred, threshold=0.5):
    """1 where `y_pred > threshold` agrees with y_true.

    >>> binary_accuracy([1, 0], [0.8, 0.6]).numpy()
    array([1., 0.], dtype=float32)
    """
    y_pred = convert(y_pred)
    y_true, y_pred = squeeze_or_expand_to_same_rank(convert(y_true), y_pred)
    return ops.cast(ops.equal(y_true, y_pred > threshold), floatx())


def categorical_accuracy(y_true, y_pred):
    """1 where the largest of y_pred is where the one-hot y_true has its one.

    y_true, y_pred: [batch, ..., classes]  ->  f32[batch, ...]

    >>> categorical_accuracy([[0, 1], [1, 0]], [[0.2, 0.8], [0.4, 0.6]]).numpy()
    array([1., 0.], dtype=float32)
    """
    right = ops.argmax(convert(y_true), axis=-1)
    guess = ops.argmax(convert(y_pred), axis=-1)
    if len(right.shape) == len(guess.shape) + 1 and right.shape[-1] == 1:
        guess = ops.expand_dims(guess, -1)
    if len(right.shape) != len(guess.shape):
        problem = "labels and predictions need as many axes"
        got = f"classes of shape {right.shape} and {guess.shape}"
        raise ShapeError("categorical_accuracy", problem, got, "one-hot labels")
    return ops.cast(ops.equal(right, guess), floatx())


def with_classes(op, y_pred):
    """Predictions as a tensor with an axis of classes; else a ShapeError of `op`."""
    y_pred = convert(y_pred)
    if not y_pred.shape:
        problem, hint = "predictions need an axis of classes", "f32[batch, classes]"
        raise ShapeError(op, problem, str(y_pred.spec), hint)
    return y_pred


_WIDE = ("int32", "int64", "float32", "float64")


def sparse_categorical_accuracy(y_true, y_pred):
    """1 where the largest of y_pred is at the class y_true names.

    y_true: [batch, ...] or [batch, ..., 1], y_pred: [batch, ..., classes]
    ->  f32[batch, ...]

    >>> sparse_categorical_accuracy([1, 1], [[0.2, 0.8], [0.6, 0.4]]).numpy()
    array([1., 0.], dtype=float32)
    """
    y_true = convert(y_true)
    y_pred = with_classes("sparse_categorical_accuracy", y_pred)
    if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    guess = ops.argmax(y_pred, axis=-1)
    if y_true.dtype in _WIDE:
        guess = ops.cast(guess, y_true.dtype)
    matches = ops.cast(ops.equal(y_true, guess), floatx())
    if len(matches.shape) > 1 and matches.shape[-1] == 1:
        matches = ops.squeeze(matches, -1)
    return matches


@METRICS.add
class Accuracy(MeanMetricWrapper):
    """How often y_pred equals y_true.

    >>> float(Accuracy()([1, 2, 3, 4], [0, 2, 3, 4]))
    0.75
    """

    _settings, _direction = (), "up"

    def __init__(self, name="accuracy", dtype=None):
        super().__init__(accuracy, name, dtype)


@METRICS.add
class BinaryAccuracy(MeanMetricWrapper):
    """How often a yes/no answer is right: y_pred > threshold against y_true.

    >>> float(BinaryAccuracy()([1, 0], [0.8, 0.6]))
    0.5
    """

    _settings, _direction = ("threshold",), "up"

    def __init__(self, name="binary_accuracy", dtype=None, threshold=0.5):
        super().__init__(binary_accuracy, name, dtype, threshold=threshold)
        self.threshold = threshold


@METRICS.add
class CategoricalAccuracy(MeanMetricWrapper):
    """How often the largest prediction is the class of a one-hot label.

    >>> float(CategoricalAccuracy()([[0, 1], [1, 0]], [[0.2, 0.8], [0.4, 0.6]]))
    0.5
    """

    _settings, _direction = (), "up"

    def __init__(self, name="categorical_accuracy", dtype=None):
        super().__init__(categorical_accuracy, name, dtype)


@METRICS.add
class SparseCategoricalAccuracy(MeanMetricWrapper):
    """How often the largest prediction is the class of an integer label.

    >>> float(SparseCategoricalAccuracy()([2, 1], [[0.1, 0.6, 0.3], [0.05, 0.95, 0.0]]))
    0.5
    """

    _settings, _direction = (), "up"

    def __init__(self, name="sparse_categorical_accuracy", dtype=None):
        super().__init__(sparse_categorical_accuracy, name, dtype)


def top_k_categorical_accuracy(y_true, y_pred, k=5):
    """1 where the class of the one-hot y_true is among the k largest of y_pred.

    y_true, y_pred: [batch, ..., classes]  ->  f32[batch, ...]

    >>> top_k_categorical_accuracy([[0, 0, 1]], [[0.1, 0.9, 0.8]], k=2).numpy()
    array([1.], dtype=float32)
    """
    labels = ops.argmax(convert(y_true), axis=-1)
    return ops.cast(ops.in_top_k(labels, convert(y_pred), k), floatx())


def sparse_top_k_categorical_accuracy(y_true, y_pred, k=5, from_sorted_ids=False):
    """1 where the class y_true is among the k largest of y_pred, in y_true's shape.

    from_sorted_ids: y_pred: i[batch, ..., n] holds class numbers, the best first, as
    a search index gives them; only the first k are looked at.

    >>> sparse_top_k_categorical_accuracy([2], [[0.1, 0.9, 0.8]], k=2).numpy()
    array([1.], dtype=float32)
    >>> sparse_top_k_categorical_accuracy([7], [[4, 7, 1]], 2, True).numpy()
    array([1.], dtype=float32)
    """
    y_true = convert(y_true)
    y_pred = with_classes("sparse_top_k_categorical_accuracy", y_pred)
    column = len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1
    if column:
        y_true = ops.squeeze(y_true, -1)
    if from_sorted_ids:
        found = ops.equal(ops.expand_dims(y_true, -1), y_pred[..., :k])
        matches = ops.any(found, axis=-1)
    else:
        matches = ops.in_top_k(ops.cast(y_true, "int32"), y_pred, k)
    matches = ops.cast(matches, floatx())
    return ops.expand_dims(matches, -1) if column else matches


@METRICS.add
class TopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the class of a one-hot label is among the k best predictions.

    >>> float(TopKCategoricalAccuracy(k=1)([[0, 1], [1, 0]], [[0.2, 0.8], [0.4, 0.6]]))
    0.5
    """

    _settings, _direction = ("k",), "up"

    def __init__(self, k=5, name="top_k_categorical_accuracy", dtype=None):
        super().__init__(top_k_categorical_accuracy, name, dtype, k=k)
        self.k = k


@METRICS.add
class SparseTopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the class of an integer label is among the k best predictions.

    from_sorted_ids: the predictions are class numbers, the best first.

    >>> float(SparseTopKCategoricalAccuracy(k=1)([1, 0], [[0.2, 0.8], [0.4, 0.6]]))
    0.5
    """

    _settings, _direction = ("k",), "up"

    def __init__(
        self,
        k=5,
        name="sparse_top_k_categorical_accuracy",
        dtype=None,
        from_sorted_ids=False,
    ):
        super().__init__(
            sparse_top_k_categorical_accuracy,
            name,
            dtype,
            k=k,
            from_sorted_ids=from_sorted_ids,
        )
        self.k, self.from_sorted_ids = k, from_sorted_ids

    def get_config(self):
        config = super().get_config()
        return config | {"from_sorted_ids": True} if self.from_sorted_ids else config
