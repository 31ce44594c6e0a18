"""Generated from book/keras/misfits.ipynb. Edit the chapter, not this file."""

import math

from minikeras import ops
from minikeras.core.config import epsilon
from minikeras.core.tensor import convert
from minikeras.losses.losses import LOSSES, NamedLoss
from minikeras.losses.shapes import matched
from minikeras.ops.public import public


@LOSSES.add
@public
def huber(y_true, y_pred, delta=1.0):
    """mean(e² / 2 where |e| <= delta, else delta |e| - delta² / 2), e = y_pred - y_true.

    f[batch, ..., n] -> f[batch, ...]. Source: Huber 1964.

    >>> huber([[0.0, 0.0]], [[1.0, 3.0]])
    Tensor([1.5], shape=(1,), dtype=float32)
    """
    y_true, y_pred = matched(y_true, y_pred)
    delta = convert(delta, y_pred.dtype)
    size = ops.absolute(y_pred - y_true)
    near, far = 0.5 * ops.square(size), delta * size - 0.5 * ops.square(delta)
    return ops.mean(ops.where(size <= delta, near, far), axis=-1)


@LOSSES.add
class Huber(NamedLoss):
    """Quadratic up to an error of `delta`, straight beyond; see `huber`.

    >>> float(Huber(delta=1.0)([[0.0, 0.0]], [[1.0, 3.0]]))
    1.5
    """

    unsaved = ("delta",)

    def __init__(
        self, delta=1.0, reduction="sum_over_batch_size", name="huber_loss", dtype=None
    ):
        super().__init__(huber, reduction, name, dtype, delta=delta)


@LOSSES.add
@public
def log_cosh(y_true, y_pred):
    """mean(log(cosh(y_pred - y_true))): f[batch, ..., n] -> f[batch, ...].

    >>> round(float(log_cosh([[0.0, 0.0]], [[0.0, 1000.0]])[0]), 2)
    499.65
    """
    y_true, y_pred = matched(y_true, y_pred)
    error = y_pred - y_true
    return ops.mean(error + ops.softplus(-2.0 * error) - math.log(2), axis=-1)


@LOSSES.add
class LogCosh(NamedLoss):
    """The mean of log(cosh(y_pred - y_true)); see `log_cosh`.

    >>> round(float(LogCosh()([[0.0]], [[1.0]])), 4)
    0.4338
    """

    def __init__(self, reduction="sum_over_batch_size", name="log_cosh", dtype=None):
        super().__init__(log_cosh, reduction, name, dtype)


@public
def mean_absolute_percentage_error(y_true, y_pred):
    """100 * mean(|y_true - y_pred| / |y_true|): f[batch, ..., n] -> f[batch, ...].

    >>> mean_absolute_percentage_error([[100.0, 10.0]], [[110.0, 11.0]])
    Tensor([10.], shape=(1,), dtype=float32)
    """
    y_true, y_pred = matched(y_true, y_pred)
    least = convert(epsilon(), y_pred.dtype)
    share = (y_true - y_pred) / ops.maximum(ops.absolute(y_true), least)
    return 100.0 * ops.mean(ops.absolute(share), axis=-1)


LOSSES.add(mean_absolute_percentage_error, "mape", "MAPE")


@LOSSES.add
class MeanAbsolutePercentageError(NamedLoss):
    """100 times the mean of |y_true - y_pred| / |y_true|.

    >>> round(float(MeanAbsolutePercentageError()([[100.0]], [[110.0]])), 3)
    10.0
    """

    def __init__(
        self, reduction="sum_over_batch_size", name="mean_absolute_percentage_error",
        dtype=None,
    ):  # fmt: skip
        super().__init__(mean_absolute_percentage_error, reduction, name, dtype)


@public
def mean_squared_logarithmic_error(y_true, y_pred):
    """mean((log(1 + y_true) - log(1 + y_pred))²): f[batch, ..., n] -> f[batch, ...].

    Numbers below 0 count as 0.

    >>> round(float(mean_squared_logarithmic_error([[0.0]], [[1.0]])[0]), 4)
    0.4805
    """
    y_true, y_pred = matched(y_true, y_pred)
    least = convert(epsilon(), "float32")
    true, pred = (ops.log(ops.maximum(y, least) + 1.0) for y in (y_true, y_pred))
    return ops.mean(ops.square(pred - true), axis=-1)


LOSSES.add(mean_squared_logarithmic_error, "msle", "MSLE")


@LOSSES.add
class MeanSquaredLogarithmicError(NamedLoss):
    """The mean of (log(1 + y_true) - log(1 + y_pred)) ** 2.

    >>> round(float(MeanSquaredLogarithmicError()([[0.0]], [[1.0]])), 4)
    0.4805
    """

    def __init__(
        self, reduction="sum_over_batch_size", name="mean_squared_logarithmic_error",
        dtype=None,
    ):  # fmt: skip
        super().__init__(mean_squared_logarithmic_error, reduction, name, dtype)


@LOSSES.add
@public
def cosine_similarity(y_true, y_pred, axis=-1):
    """-sum(u * v), u and v being y_true and y_pred, divided by their lengths.

    f[batch, ..., n] -> f[batch, ...]; -1 for equal directions, 0 for a vector of zeros.

    >>> cosine_similarity([[0.0, 2.0], [1.0, 0.0]], [[0.0, 3.0], [-1.0, 0.0]])
    Tensor([-1.,  1.], shape=(2,), dtype=float32)
    """
    y_true, y_pred = matched(y_true, y_pred)
    unit_true, unit_pred = ops.normalize(y_true, axis), ops.normalize(y_pred, axis)
    return -ops.sum(unit_true * unit_pred, axis=axis)


@LOSSES.add
class CosineSimilarity(NamedLoss):
    """Minus the cosine of the angle between y_true and y_pred; see the function.

    >>> float(CosineSimilarity()([[0.0, 2.0]], [[0.0, 3.0]]))
    -1.0
    """

    unsaved = ("axis",)

    def __init__(
        self, axis=-1, reduction="sum_over_batch_size", name="cosine_similarity",
        dtype=None,
    ):  # fmt: skip
        super().__init__(cosine_similarity, reduction, name, dtype, axis=axis)
