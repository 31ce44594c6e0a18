"""Generated from book/keras/misfits.ipynb. Edit the chapter, not this file."""

from minikeras import ops
from minikeras.losses.losses import LOSSES, NamedLoss
from minikeras.losses.shapes import matched
from minikeras.ops.public import public


def shortfall(y_true, y_pred):
    """max(0, 1 - y_true * y_pred), for labels -1 and 1, or 0 and 1."""
    y_true, y_pred = matched(y_true, y_pred)
    binary = ops.all(ops.logical_or(ops.equal(y_true, 0), ops.equal(y_true, 1)))
    y_true = ops.where(binary, 2.0 * y_true - 1.0, y_true)
    return ops.maximum(1.0 - y_true * y_pred, 0.0)


@LOSSES.add
@public
def hinge(y_true, y_pred):
    """mean(max(0, 1 - y_true * y_pred)): f[batch, ..., n] -> f[batch, ...].

    y_true: -1 and 1 (0 and 1 are converted), y_pred: scores. Source: Cortes, Vapnik 1995.

    >>> hinge([[1.0, -1.0]], [[0.5, -3.0]])
    Tensor([0.25], shape=(1,), dtype=float32)
    """
    return ops.mean(shortfall(y_true, y_pred), axis=-1)


@LOSSES.add
@public
def squared_hinge(y_true, y_pred):
    """mean(max(0, 1 - y_true * y_pred)²): f[batch, ..., n] -> f[batch, ...].

    >>> squared_hinge([[1.0, -1.0]], [[0.0, -3.0]])
    Tensor([0.5], shape=(1,), dtype=float32)
    """
    return ops.mean(ops.square(shortfall(y_true, y_pred)), axis=-1)


@LOSSES.add
@public
def categorical_hinge(y_true, y_pred):
    """max(0, 1 + best wrong score - right score): f[batch, ..., n] -> f[batch, ...].

    y_true: one-hot. Source: Crammer and Singer 2001.

    >>> categorical_hinge([[0.0, 1.0, 0.0]], [[0.5, 2.0, 1.5]])
    Tensor([0.5], shape=(1,), dtype=float32)
    """
    y_true, y_pred = matched(y_true, y_pred)
    right = ops.sum(y_true * y_pred, axis=-1)
    wrong = ops.max((1.0 - y_true) * y_pred, axis=-1)
    return ops.maximum(wrong - right + 1.0, 0.0)


@LOSSES.add
class Hinge(NamedLoss):
    """The mean of max(0, 1 - y_true * y_pred), y_true being -1 or 1.

    >>> float(Hinge()([[1.0, -1.0]], [[0.5, -3.0]]))
    0.25
    """

    def __init__(self, reduction="sum_over_batch_size", name="hinge", dtype=None):
        super().__init__(hinge, reduction, name, dtype)


@LOSSES.add
class SquaredHinge(NamedLoss):
    """The mean of max(0, 1 - y_true * y_pred) ** 2, y_true being -1 or 1.

    >>> float(SquaredHinge()([[1.0, -1.0]], [[0.0, -3.0]]))
    0.5
    """

    def __init__(
        self, reduction="sum_over_batch_size", name="squared_hinge", dtype=None
    ):
        super().__init__(squared_hinge, reduction, name, dtype)


@LOSSES.add
class CategoricalHinge(NamedLoss):
    """max(0, 1 + the best wrong score - the right score), y_true being one-hot.

    >>> float(CategoricalHinge()([[0.0, 1.0, 0.0]], [[0.5, 2.0, 1.5]]))
    0.5
    """

    def __init__(
        self, reduction="sum_over_batch_size", name="categorical_hinge", dtype=None
    ):
        super().__init__(categorical_hinge, reduction, name, dtype)
