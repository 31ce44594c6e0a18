"""Generated from book/keras/agreement.ipynb. Edit the chapter, not this file."""

import warnings

import numpy as np

from minikeras import ops
from minikeras.core.arguments import checked_number
from minikeras.core.config import epsilon
from minikeras.core.errors import ArgumentError, DTypeError, ShapeError
from minikeras.core.tensor import convert
from minikeras.metrics.metric import Metric
from minikeras.metrics.metrics_utils import confusion_matrix
from minikeras.metrics.reduction_metrics import METRICS


class _IoUBase(Metric):
    """The table of class against class, gathered over batches."""

    _settings = (
        "num_classes",
        "ignore_class",
        "sparse_y_true",
        "sparse_y_pred",
        "axis",
    )
    _direction = "up"

    def __init__(
        self,
        num_classes,
        name=None,
        dtype=None,
        ignore_class=None,
        sparse_y_true=True,
        sparse_y_pred=True,
        axis=-1,
    ):
        for argument, value in (("num_classes", num_classes), ("axis", axis)):
            checked_number(type(self).__name__, argument, value, whole=True)
        super().__init__(name=name, dtype=dtype or "int64")
        self.num_classes, self.ignore_class, self.axis = num_classes, ignore_class, axis
        self.sparse_y_true, self.sparse_y_pred = sparse_y_true, sparse_y_pred
        self.total_cm = self.add_variable(
            (num_classes, num_classes),
            "zeros",
            self.dtype,
            name="total_confusion_matrix",
        )

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Count a batch of class numbers of any shape (or scores along `axis`)."""
        labels = self._classes(y_true, self.sparse_y_true)
        called = self._classes(y_pred, self.sparse_y_pred)
        if labels.shape != called.shape:
            got = f"{labels.shape[0]} and {called.shape[0]} of them"
            raise ShapeError(self.name, "as many labels as predictions are needed", got)
        valid = self._valid(labels) & self._valid(called)
        if self.ignore_class is not None:
            valid = valid & ops.not_equal(labels, self.ignore_class)
        weight = ops.where(valid, self._weights(sample_weight, ops.shape(labels)), 0)
        labels, called = (ops.where(valid, classes, 0) for classes in (labels, called))
        table = confusion_matrix(labels, called, self.num_classes, weight, self._dtype)
        return self.total_cm.assign_add(table)

    def _valid(self, classes):
        return (classes >= 0) & (classes < self.num_classes)

    def _classes(self, y, sparse):
        """Class numbers in one row: as they are, or the largest along `axis`."""
        y = y if sparse else ops.argmax(convert(y), axis=self.axis)
        return ops.reshape(convert(y, "int64"), (-1,))

    def _weights(self, sample_weight, shape):
        """A weight for each pixel, in our dtype; a warning if that cuts off digits."""
        if "float" in str(getattr(sample_weight, "dtype", "")) and "int" in self._dtype:
            message = (
                f"{self.name}: float weights are cut to whole numbers, dtype is int"
            )
            warnings.warn(message, stacklevel=3)
        weight = convert(1 if sample_weight is None else sample_weight, self._dtype)
        weight = ops.reshape(weight, (-1,)) if len(weight.shape) > 1 else weight
        return ops.broadcast_to(weight, shape)


@METRICS.add
class IoU(_IoUBase):
    """The mean of TP / (TP + FP + FN) over the classes `target_class_ids`.

    y_true, y_pred: class numbers i[...], or one-hot or scores with the classes along
    `axis` where `sparse_y_true` or `sparse_y_pred` is False.
    ignore_class: a label that does not count.
    Errors: ValueError for a target class that there is not.

    >>> round(float(IoU(2, [0])([0, 0, 1, 1], [0, 1, 0, 1])), 4)
    0.3333
    """

    def __init__(
        self, num_classes, target_class_ids, name=None, dtype=None, ignore_class=None,
        sparse_y_true=True, sparse_y_pred=True, axis=-1,
    ):  # fmt: skip
        checked_number(type(self).__name__, "num_classes", num_classes, whole=True)
        _check_targets(target_class_ids, num_classes)
        super().__init__(
            num_classes, name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis
        )
        self.target_class_ids = list(target_class_ids)

    def result(self):
        """The mean of the overlaps of the target classes that occurred."""
        table, targets = self.total_cm.value, self.target_class_ids
        hits = ops.diagonal(table)
        unions = ops.sum(table, axis=0) + ops.sum(table, axis=1) - hits
        hits, unions = (
            ops.cast(ops.take(x, targets), "float32") for x in (hits, unions)
        )
        occurred = unions > 1e-9
        overlaps = ops.where(occurred, hits / (unions + epsilon()), 0.0)
        return ops.sum(overlaps) / (ops.sum(ops.cast(occurred, "float32")) + epsilon())

    def get_config(self):
        """The arguments that make an equal metric."""
        config = super().get_config()
        return {**config, "target_class_ids": list(self.target_class_ids)}


def _check_targets(target_class_ids, num_classes):
    """An error if these are not some of the classes."""
    if not isinstance(target_class_ids, (list, tuple, np.ndarray)):
        got = f"target_class_ids={target_class_ids!r}"
        raise DTypeError("IoU", "target_class_ids is a list", got)
    for number in target_class_ids:
        checked_number("IoU", "a class", number, whole=True)
    if not len(target_class_ids) or max(target_class_ids) >= num_classes:
        problem = f"Target class id is out of range, which is [0, {num_classes})"
        raise ArgumentError("IoU", problem, f"{list(target_class_ids)}")


@METRICS.add
class MeanIoU(IoU):
    """The mean of TP / (TP + FP + FN) over all classes that occurred.

    >>> round(float(MeanIoU(2)([0, 0, 1, 1], [0, 1, 0, 1])), 4)
    0.3333
    """

    def __init__(
        self,
        num_classes,
        name=None,
        dtype=None,
        ignore_class=None,
        sparse_y_true=True,
        sparse_y_pred=True,
        axis=-1,
    ):
        super().__init__(
            num_classes,
            list(range(checked_number("MeanIoU", "num_classes", num_classes, True))),
            name,
            dtype,
            ignore_class,
            sparse_y_true,
            sparse_y_pred,
            axis,
        )

    def get_config(self):
        """The arguments that make an equal metric."""
        config = super().get_config()
        del config["target_class_ids"]
        return config


@METRICS.add
class BinaryIoU(IoU):
    """The mean overlap of yes and no, where yes is `y_pred >= threshold`.

    target_class_ids: (0, 1) for both, or [1] for the yes alone.

    >>> round(float(BinaryIoU([1], 0.3)([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7])), 4)
    0.3333
    """

    _settings = ("threshold",)

    def __init__(self, target_class_ids=(0, 1), threshold=0.5, name=None, dtype=None):
        super().__init__(2, target_class_ids, name, dtype)
        self.threshold = threshold

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Count a batch of labels 0 or 1, and scores of the same shape."""
        said = convert(y_pred, "float32") >= self.threshold
        return super().update_state(y_true, ops.cast(said, "int64"), sample_weight)


@METRICS.add
class OneHotIoU(IoU):
    """`IoU` for one-hot labels, with the classes along `axis`.

    >>> eye = ops.eye(2).numpy()
    >>> round(float(OneHotIoU(2, [0])(eye[[0, 0, 1]], eye[[0, 1, 0]])), 4)
    0.3333
    """

    _settings = ("num_classes", "ignore_class", "sparse_y_pred", "axis")

    def __init__(
        self,
        num_classes,
        target_class_ids,
        name=None,
        dtype=None,
        ignore_class=None,
        sparse_y_pred=False,
        axis=-1,
    ):
        super().__init__(
            num_classes,
            target_class_ids,
            name,
            dtype,
            ignore_class,
            sparse_y_true=False,
            sparse_y_pred=sparse_y_pred,
            axis=axis,
        )


@METRICS.add
class OneHotMeanIoU(MeanIoU):
    """`MeanIoU` for one-hot labels, with the classes along `axis`.

    >>> eye = ops.eye(2).numpy()
    >>> round(float(OneHotMeanIoU(2)(eye[[0, 1, 1]], eye[[0, 0, 1]])), 4)
    0.5
    """

    _settings = ("num_classes", "ignore_class", "sparse_y_pred", "axis")

    def __init__(
        self,
        num_classes,
        name=None,
        dtype=None,
        ignore_class=None,
        sparse_y_pred=False,
        axis=-1,
    ):
        super().__init__(
            num_classes,
            name,
            dtype,
            ignore_class,
            sparse_y_true=False,
            sparse_y_pred=sparse_y_pred,
            axis=axis,
        )
