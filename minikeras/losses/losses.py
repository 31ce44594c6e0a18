"""Generated from book/keras/losses.ipynb. Edit the chapter, not this file."""

from minikeras import ops
from minikeras.core.tensor import convert
from minikeras.losses.loss import Loss
from minikeras.losses.shapes import squeeze_or_expand_to_same_rank
from minikeras.utils.catalogue import Catalogue

LOSSES = Catalogue("losses")


def mean_squared_error(y_true, y_pred):
    """mean((y_true - y_pred) ** 2) over the last axis: f[batch, ..., n] -> f[batch, ...].

    >>> mean_squared_error([[1.0, 2.0]], [[1.0, 4.0]]).numpy()
    array([2.], dtype=float32)
    """
    y_pred = convert(y_pred)
    y_true, y_pred = squeeze_or_expand_to_same_rank(
        convert(y_true, y_pred.dtype), y_pred
    )
    return ops.mean(ops.square(y_true - y_pred), axis=-1)


def mean_absolute_error(y_true, y_pred):
    """mean(|y_true - y_pred|) over the last axis: f[batch, ..., n] -> f[batch, ...].

    >>> mean_absolute_error([[1.0, 2.0]], [[1.0, 4.0]]).numpy()
    array([1.], dtype=float32)
    """
    y_pred = convert(y_pred)
    y_true, y_pred = squeeze_or_expand_to_same_rank(
        convert(y_true, y_pred.dtype), y_pred
    )
    return ops.mean(ops.absolute(y_true - y_pred), axis=-1)


LOSSES.add(mean_squared_error, "mse", "MSE")

LOSSES.add(mean_absolute_error, "mae", "MAE")


@LOSSES.add
def categorical_crossentropy(
    y_true, y_pred, from_logits=False, label_smoothing=0.0, axis=-1
):
    """Cross-entropy of one-hot or soft targets; can smooth them to the uniform."""
    y_pred = convert(y_pred)
    y_true = convert(y_true, y_pred.dtype)
    if label_smoothing:
        classes = y_true.shape[axis]
        y_true = y_true * (1.0 - label_smoothing) + label_smoothing / classes
    return ops.categorical_crossentropy(
        y_true, y_pred, from_logits=from_logits, axis=axis
    )


@LOSSES.add
def binary_crossentropy(
    y_true, y_pred, from_logits=False, label_smoothing=0.0, axis=-1
):
    """Mean over `axis` of the yes/no cross-entropies."""
    y_pred = convert(y_pred)
    y_true = convert(y_true, y_pred.dtype)
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + 0.5 * label_smoothing
    values = ops.binary_crossentropy(y_true, y_pred, from_logits=from_logits)
    return ops.mean(values, axis=axis)


@LOSSES.add
def sparse_categorical_crossentropy(
    y_true, y_pred, from_logits=False, ignore_class=None, axis=-1
):
    """Cross-entropy of integer labels; those equal to `ignore_class` cost nothing."""
    y_true, y_pred = convert(y_true), convert(y_pred)
    if len(y_true.shape) == len(y_pred.shape) and y_true.shape[axis] == 1:
        y_true = ops.squeeze(y_true, axis)
    if ignore_class is None:
        return ops.sparse_categorical_crossentropy(y_true, y_pred, from_logits, axis)
    valid = ops.not_equal(y_true, ignore_class)
    y_true = ops.where(valid, y_true, ops.zeros_like(y_true))
    y_pred = ops.where(ops.expand_dims(valid, axis), y_pred, ops.zeros_like(y_pred))
    losses = ops.sparse_categorical_crossentropy(y_true, y_pred, from_logits, axis)
    losses = ops.where(valid, losses, ops.zeros_like(losses))
    losses._keras_mask = valid
    return losses


class LossFunctionWrapper(Loss):
    """A loss from a function of y_true and y_pred, and its settings."""

    def __init__(
        self, fn, reduction="sum_over_batch_size", name=None, dtype=None, **kwargs
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.fn, self._settings = fn, kwargs

    def call(self, y_true, y_pred):
        return self.fn(y_true, y_pred, **self._settings)

    def get_config(self):
        config = {**super().get_config(), **self._settings}
        return (
            config
            if type(self) is not LossFunctionWrapper
            else {"fn": self.fn, **config}
        )

    def __repr__(self):
        return f"<{type(self).__name__} {self.name}>"


@LOSSES.add
class MeanSquaredError(LossFunctionWrapper):
    """The mean of (y_true - y_pred) ** 2.

    >>> float(MeanSquaredError()([[1.0], [2.0]], [[1.0], [4.0]]))
    2.0
    """

    def __init__(
        self, reduction="sum_over_batch_size", name="mean_squared_error", dtype=None
    ):
        super().__init__(mean_squared_error, reduction, name, dtype)


@LOSSES.add
class MeanAbsoluteError(LossFunctionWrapper):
    """The mean of |y_true - y_pred|.

    >>> float(MeanAbsoluteError()([[1.0], [2.0]], [[1.0], [4.0]]))
    1.0
    """

    def __init__(
        self, reduction="sum_over_batch_size", name="mean_absolute_error", dtype=None
    ):
        super().__init__(mean_absolute_error, reduction, name, dtype)


@LOSSES.add
class CategoricalCrossentropy(LossFunctionWrapper):
    """Cross-entropy of one-hot (or soft) targets.

    y_true, y_pred: f32[batch, ..., classes]; from_logits: y_pred is not yet softmaxed.
    label_smoothing: how much of the label to spread over all classes, in [0, 1].

    >>> round(float(CategoricalCrossentropy()([[0, 1]], [[0.5, 0.5]])), 4)
    0.6931
    """

    def __init__(
        self,
        from_logits=False,
        label_smoothing=0.0,
        axis=-1,
        reduction="sum_over_batch_size",
        name="categorical_crossentropy",
        dtype=None,
    ):
        super().__init__(
            categorical_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


@LOSSES.add
class SparseCategoricalCrossentropy(LossFunctionWrapper):
    """Cross-entropy of integer labels.

    y_true: i32[batch, ...] (or [..., 1]), y_pred: f32[batch, ..., classes].
    ignore_class: a label that does not count.
    Errors: an IndexError for labels outside [0, classes).

    >>> round(float(SparseCategoricalCrossentropy()([1], [[0.5, 0.5]])), 4)
    0.6931
    """

    def __init__(
        self,
        from_logits=False,
        ignore_class=None,
        reduction="sum_over_batch_size",
        axis=-1,
        name="sparse_categorical_crossentropy",
        dtype=None,
    ):
        super().__init__(
            sparse_categorical_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            ignore_class=ignore_class,
            axis=axis,
        )


@LOSSES.add
class BinaryCrossentropy(LossFunctionWrapper):
    """Cross-entropy of yes/no answers: y_true in {0, 1}, y_pred f32[batch, ..., n].

    >>> round(float(BinaryCrossentropy()([[1.0]], [[0.5]])), 4)
    0.6931
    """

    def __init__(
        self,
        from_logits=False,
        label_smoothing=0.0,
        axis=-1,
        reduction="sum_over_batch_size",
        name="binary_crossentropy",
        dtype=None,
    ):
        super().__init__(
            binary_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )
