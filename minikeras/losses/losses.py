"""Generated from book/keras/losses.ipynb. Edit the chapter, not this file."""

import warnings

from minikeras import ops
from minikeras.core.errors import ArgumentError
from minikeras.core.tensor import convert
from minikeras.losses.loss import Loss
from minikeras.losses.shapes import matched, same_ranks
from minikeras.ops.public import public
from minikeras.ops.words import as_float
from minikeras.utils.catalogue import Catalogue

LOSSES = Catalogue("losses")


@public
def mean_squared_error(y_true, y_pred):
    """mean((y_true - y_pred) ** 2) over the last axis: f[batch, ..., n] -> f[batch, ...].

    >>> mean_squared_error([[1.0, 2.0]], [[1.0, 4.0]]).numpy()
    array([2.], dtype=float32)
    """
    y_true, y_pred = matched(y_true, y_pred)
    return ops.mean(ops.square(y_true - y_pred), axis=-1)


@public
def mean_absolute_error(y_true, y_pred):
    """mean(|y_true - y_pred|) over the last axis: f[batch, ..., n] -> f[batch, ...].

    >>> mean_absolute_error([[1.0, 2.0]], [[1.0, 4.0]]).numpy()
    array([1.], dtype=float32)
    """
    y_true, y_pred = matched(y_true, y_pred)
    return ops.mean(ops.absolute(y_true - y_pred), axis=-1)


def check_classes(loss, y_pred, axis):
    """Refuse a bool as axis; warn when there is one class only."""
    if isinstance(axis, bool):
        raise ArgumentError(loss, "`axis` must be an int", f"axis={axis}")
    if y_pred.shape and y_pred.shape[-1] == 1:
        warnings.warn(
            f"{loss}: one class only, shape {tuple(y_pred.shape)}; for a yes or no "
            "use binary_crossentropy",
            SyntaxWarning,
            stacklevel=4,
        )


def smoothed(y_true, amount, axis=-1):
    """Labels mixed with the uniform distribution along `axis`."""
    if not amount:
        return y_true
    return y_true * (1.0 - amount) + amount / y_true.shape[axis]


@LOSSES.add
@public
def categorical_crossentropy(
    y_true, y_pred, from_logits=False, label_smoothing=0.0, axis=-1
):
    """-sum(y_true * log(y_pred)) along `axis`, for one-hot or soft labels.

    y_true, y_pred: f[batch, ..., classes] -> f[batch, ...]. `label_smoothing` in [0, 1]
    mixes the labels with the uniform distribution.

    >>> categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]).numpy().round(4)
    array([0.6931], dtype=float32)
    """
    y_pred = as_float(convert(y_pred))
    check_classes("categorical_crossentropy", y_pred, axis)
    y_true = smoothed(convert(y_true, y_pred.dtype), label_smoothing, axis)
    return ops.categorical_crossentropy(
        y_true, y_pred, from_logits=from_logits, axis=axis
    )


def halfway(y_true, amount):
    """Yes/no labels moved towards one half."""
    return y_true * (1.0 - amount) + 0.5 * amount if amount else y_true


@public
def binary_crossentropy(
    y_true, y_pred, from_logits=False, label_smoothing=0.0, axis=-1
):
    """mean(-y_true * log(y_pred) - (1 - y_true) * log(1 - y_pred)) along `axis`.

    y_true in [0, 1] and y_pred: f[batch, ..., n] -> f[batch, ...].

    >>> binary_crossentropy([[1.0, 0.0]], [[0.5, 0.5]]).numpy().round(4)
    array([0.6931], dtype=float32)
    """
    y_pred = as_float(convert(y_pred))
    y_true = halfway(convert(y_true, y_pred.dtype), label_smoothing)
    values = ops.binary_crossentropy(y_true, y_pred, from_logits=from_logits)
    return ops.mean(values, axis=axis)


@LOSSES.add
@public
def sparse_categorical_crossentropy(
    y_true, y_pred, from_logits=False, ignore_class=None, axis=-1
):
    """-log(y_pred[label]): cross-entropy of labels that are class numbers.

    y_true: i[batch, ...] (or [..., 1]), y_pred: f[batch, ..., classes] -> f[batch, ...].
    Labels equal to `ignore_class` cost 0, and the result has a mask without them.
    Errors: an IndexError for other labels outside [0, classes).

    >>> sparse_categorical_crossentropy([1], [[0.5, 0.5]]).numpy().round(4)
    array([0.6931], dtype=float32)
    """
    y_true, y_pred = convert(y_true), as_float(convert(y_pred))
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
    """A loss from a function `fn(y_true, y_pred, **kwargs)`, one number per sample.

    >>> def gap(y_true, y_pred):
    ...     return y_true - y_pred
    >>> float(LossFunctionWrapper(gap, reduction="sum")([3.0, 4.0], [1.0, 1.0]))
    5.0
    """

    def __init__(
        self, fn, reduction="sum_over_batch_size", name=None, dtype=None, **kwargs
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.fn, self._fn_kwargs = fn, kwargs

    def call(self, y_true, y_pred):
        return self.fn(*same_ranks(y_true, y_pred), **self._fn_kwargs)

    def __repr__(self):
        return f"<LossFunctionWrapper({self.fn}, kwargs={self._fn_kwargs})>"

    def get_config(self):
        known = {"fn": LOSSES.serialize(self.fn), **self._fn_kwargs}
        return {**super().get_config(), **known}

    @classmethod
    def from_config(cls, config):
        if "fn" in config:
            config = {**config, "fn": LOSSES.deserialize(config["fn"])}
        return cls(**config)


class NamedLoss(LossFunctionWrapper):
    """A loss of the catalogue: its settings are attributes, and in its config.

    `unsaved` names settings that Keras leaves out of the config of this loss.
    """

    unsaved = ()

    def __init__(self, fn, reduction, name, dtype, **settings):
        super().__init__(fn, reduction, name, dtype, **settings)
        vars(self).update(settings)

    def get_config(self):
        kept = {k: v for k, v in self._fn_kwargs.items() if k not in self.unsaved}
        return {**Loss.get_config(self), **kept}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


LOSSES.add(mean_squared_error, "mse", "MSE")

LOSSES.add(mean_absolute_error, "mae", "MAE")


@LOSSES.add
class MeanSquaredError(NamedLoss):
    """The mean of (y_true - y_pred) ** 2.

    >>> float(MeanSquaredError()([[1.0], [2.0]], [[1.0], [4.0]]))
    2.0
    """

    def __init__(
        self, reduction="sum_over_batch_size", name="mean_squared_error", dtype=None
    ):
        super().__init__(mean_squared_error, reduction, name, dtype)


@LOSSES.add
class MeanAbsoluteError(NamedLoss):
    """The mean of |y_true - y_pred|.

    >>> float(MeanAbsoluteError()([[1.0], [2.0]], [[1.0], [4.0]]))
    1.0
    """

    def __init__(
        self, reduction="sum_over_batch_size", name="mean_absolute_error", dtype=None
    ):
        super().__init__(mean_absolute_error, reduction, name, dtype)


@LOSSES.add
class CategoricalCrossentropy(NamedLoss):
    """Cross-entropy of one-hot (or soft) targets.

    y_true, y_pred: f32[batch, ..., classes]; from_logits: y_pred is not yet softmaxed.
    label_smoothing: how much of the label to spread over all classes, in [0, 1].

    >>> round(float(CategoricalCrossentropy()([[0, 1]], [[0.5, 0.5]])), 4)
    0.6931
    """

    def __init__(
        self, from_logits=False, label_smoothing=0.0, axis=-1,
        reduction="sum_over_batch_size", name="categorical_crossentropy", dtype=None,
    ):  # fmt: skip
        super().__init__(
            categorical_crossentropy, reduction, name, dtype,
            from_logits=from_logits, label_smoothing=label_smoothing, axis=axis,
        )  # fmt: skip


@LOSSES.add
class SparseCategoricalCrossentropy(NamedLoss):
    """Cross-entropy of integer labels.

    y_true: i32[batch, ...] (or [..., 1]), y_pred: f32[batch, ..., classes].
    ignore_class: a label that does not count.
    Errors: an IndexError for labels outside [0, classes).

    >>> round(float(SparseCategoricalCrossentropy()([1], [[0.5, 0.5]])), 4)
    0.6931
    """

    unsaved = ("axis",)

    def __init__(
        self, from_logits=False, ignore_class=None, reduction="sum_over_batch_size",
        axis=-1, name="sparse_categorical_crossentropy", dtype=None,
    ):  # fmt: skip
        super().__init__(
            sparse_categorical_crossentropy, reduction, name, dtype,
            from_logits=from_logits, ignore_class=ignore_class, axis=axis,
        )  # fmt: skip


LOSSES.add(binary_crossentropy, "bce", "BCE")


@LOSSES.add
class BinaryCrossentropy(NamedLoss):
    """Cross-entropy of yes/no answers: y_true in {0, 1}, y_pred f32[batch, ..., n].

    >>> round(float(BinaryCrossentropy()([[1.0]], [[0.5]])), 4)
    0.6931
    """

    def __init__(
        self, from_logits=False, label_smoothing=0.0, axis=-1,
        reduction="sum_over_batch_size", name="binary_crossentropy", dtype=None,
    ):  # fmt: skip
        super().__init__(
            binary_crossentropy, reduction, name, dtype,
            from_logits=from_logits, label_smoothing=label_smoothing, axis=axis,
        )  # fmt: skip
