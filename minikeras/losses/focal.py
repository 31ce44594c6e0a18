"""Generated from book/keras/misfits.ipynb. Edit the chapter, not this file."""

from minikeras import ops
from minikeras.core.config import epsilon
from minikeras.core.tensor import convert
from minikeras.losses.losses import LOSSES, NamedLoss, check_classes, halfway, smoothed
from minikeras.ops.public import public
from minikeras.ops.words import as_float


@LOSSES.add
@public
def binary_focal_crossentropy(
    y_true, y_pred, apply_class_balancing=False, alpha=0.25, gamma=2.0,
    from_logits=False, label_smoothing=0.0, axis=-1,
):  # fmt: skip
    """mean((1 - p)**gamma * crossentropy), p the probability of what is true.

    f[batch, ..., n] -> f[batch, ...]. With `apply_class_balancing`, a yes counts `alpha`
    and a no 1 - alpha. Source: Lin et al. 2017.

    >>> round(float(binary_focal_crossentropy([[1.0]], [[0.5]])[0]), 4)
    0.1733
    """
    y_pred = as_float(convert(y_pred))
    y_true = halfway(convert(y_true, y_pred.dtype), label_smoothing)
    y_pred = ops.sigmoid(y_pred) if from_logits else y_pred
    p = y_true * y_pred + (1 - y_true) * (1 - y_pred)
    values = ops.power(1.0 - p, gamma) * ops.binary_crossentropy(y_true, y_pred)
    if apply_class_balancing:
        values = (y_true * alpha + (1 - y_true) * (1 - alpha)) * values
    return ops.mean(values, axis=axis)


@LOSSES.add
@public
def categorical_focal_crossentropy(
    y_true, y_pred, alpha=0.25, gamma=2.0, from_logits=False, label_smoothing=0.0,
    axis=-1,
):  # fmt: skip
    """-sum(alpha * (1 - y_pred)**gamma * y_true * log(y_pred)) along `axis`.

    f[batch, ..., classes] -> f[batch, ...]. `alpha`: a number, or one for each class.

    >>> round(float(categorical_focal_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])[0]), 4)
    0.0433
    """
    y_pred = as_float(convert(y_pred))
    check_classes("categorical_focal_crossentropy", y_pred, axis)
    y_true = smoothed(convert(y_true, y_pred.dtype), label_smoothing, axis)
    y_pred = ops.softmax(y_pred, axis=axis) if from_logits else y_pred
    p = y_pred / ops.sum(y_pred, axis=axis, keepdims=True)
    p = ops.clip(p, epsilon(), 1.0 - epsilon())
    focus = ops.power(1.0 - p, gamma) * convert(alpha, p.dtype)
    return -ops.sum(focus * y_true * ops.log(p), axis=axis)


@LOSSES.add
class BinaryFocalCrossentropy(NamedLoss):
    """Cross-entropy of yes/no answers that cares for hard examples; see the function.

    >>> round(float(BinaryFocalCrossentropy()([[1.0]], [[0.5]])), 4)
    0.1733
    """

    def __init__(
        self, apply_class_balancing=False, alpha=0.25, gamma=2.0, from_logits=False,
        label_smoothing=0.0, axis=-1, reduction="sum_over_batch_size",
        name="binary_focal_crossentropy", dtype=None,
    ):  # fmt: skip
        super().__init__(
            binary_focal_crossentropy, reduction, name, dtype,
            apply_class_balancing=apply_class_balancing, alpha=alpha, gamma=gamma,
            from_logits=from_logits, label_smoothing=label_smoothing, axis=axis,
        )  # fmt: skip


@LOSSES.add
class CategoricalFocalCrossentropy(NamedLoss):
    """Cross-entropy of one-hot labels that cares for hard examples; see the function.

    >>> round(float(CategoricalFocalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])), 4)
    0.0433
    """

    def __init__(
        self, alpha=0.25, gamma=2.0, from_logits=False, label_smoothing=0.0, axis=-1,
        reduction="sum_over_batch_size", name="categorical_focal_crossentropy",
        dtype=None,
    ):  # fmt: skip
        super().__init__(
            categorical_focal_crossentropy, reduction, name, dtype, alpha=alpha,
            gamma=gamma, from_logits=from_logits, label_smoothing=label_smoothing,
            axis=axis,
        )  # fmt: skip
