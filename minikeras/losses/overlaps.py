"""Generated from book/keras/misfits.ipynb. Edit the chapter, not this file."""

from minikeras import ops
from minikeras.core.config import epsilon
from minikeras.core.tensor import convert
from minikeras.losses.losses import LOSSES, NamedLoss
from minikeras.ops.public import public
from minikeras.ops.words import as_float


@LOSSES.add
@public
def dice(y_true, y_pred, axis=None):
    """1 - 2 sum(y_true * y_pred) / (sum(y_true) + sum(y_pred)), sums along `axis`.

    axis=None: one number for everything; else the axes within one picture.
    Source: Milletari et al. 2016.

    >>> dice([[1.0, 1.0, 0.0]], [[1.0, 0.0, 0.0]], axis=1).numpy().round(4)
    array([0.3333], dtype=float32)
    """
    y_pred = as_float(convert(y_pred))
    y_true = convert(y_true, y_pred.dtype)
    shared = ops.sum(y_true * y_pred, axis=axis)
    sizes = ops.sum(y_true, axis=axis) + ops.sum(y_pred, axis=axis)
    return 1 - 2.0 * shared / (sizes + epsilon())


@LOSSES.add
@public
def tversky(y_true, y_pred, alpha=0.5, beta=0.5, axis=None):
    """1 - shared / (shared + alpha * missed + beta * marked in vain), along `axis`.

    shared = sum(y_true * y_pred), missed = sum(y_true * (1 - y_pred)), in vain =
    sum((1 - y_true) * y_pred). Source: Salehi et al. 2017.

    >>> tversky([[1.0, 1.0, 0.0]], [[1.0, 0.0, 0.0]], alpha=1.0, axis=1)
    Tensor([0.5], shape=(1,), dtype=float32)
    """
    y_pred = as_float(convert(y_pred))
    y_true = convert(y_true, y_pred.dtype)
    shared = ops.sum(y_true * y_pred, axis=axis)
    missed = ops.sum(y_true * (1 - y_pred), axis=axis)
    in_vain = ops.sum((1 - y_true) * y_pred, axis=axis)
    return 1 - shared / (shared + alpha * missed + beta * in_vain + epsilon())


@LOSSES.add
class Dice(NamedLoss):
    """1 - 2 * intersection / (size + size), for regions; see `dice`.

    >>> round(float(Dice()([[1.0, 1.0, 0.0]], [[1.0, 0.0, 0.0]])), 4)
    0.3333
    """

    def __init__(
        self, reduction="sum_over_batch_size", name="dice", axis=None, dtype=None
    ):
        super().__init__(dice, reduction, name, dtype, axis=axis)


@LOSSES.add
class Tversky(NamedLoss):
    """An overlap that weighs what is missed and what is in vain; see `tversky`.

    >>> round(float(Tversky(alpha=1.0)([[1.0, 1.0, 0.0]], [[1.0, 0.0, 0.0]])), 4)
    0.5
    """

    def __init__(
        self, alpha=0.5, beta=0.5, reduction="sum_over_batch_size", name="tversky",
        axis=None, dtype=None,
    ):  # fmt: skip
        super().__init__(
            tversky, reduction, name, dtype, alpha=alpha, beta=beta, axis=axis
        )
