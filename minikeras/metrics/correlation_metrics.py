"""Generated from book/keras/agreement.ipynb. Edit the chapter, not this file."""

from minikeras import ops
from minikeras.core.config import epsilon
from minikeras.losses.shapes import matched
from minikeras.metrics.reduction_metrics import METRICS, MeanMetricWrapper


def pearson_correlation(y_true, y_pred, axis=-1):
    """The correlation of y_true and y_pred along `axis`, from -1 to 1.

    nan where one of them is constant.

    >>> pearson_correlation([[1.0, 2.0, 3.0]], [[3.0, 5.0, 7.0]]).numpy().round(4)
    array([1.], dtype=float32)
    """
    standard = []
    for y in matched(y_true, y_pred):
        y = y - ops.mean(y, axis=axis, keepdims=True)
        standard.append(y / ops.std(y, axis=axis, keepdims=True))
    return ops.mean(standard[0] * standard[1], axis=axis)


def concordance_correlation(y_true, y_pred, axis=-1):
    """The agreement of y_true and y_pred along `axis`: 1 only if they are equal.

    >>> concordance_correlation([[1.0, 2.0, 3.0]], [[2.0, 3.0, 4.0]]).numpy().round(4)
    array([0.5714], dtype=float32)
    """
    y_true, y_pred = matched(y_true, y_pred)
    mean_true = ops.mean(y_true, axis=axis, keepdims=True)
    mean_pred = ops.mean(y_pred, axis=axis, keepdims=True)
    spread = ops.var(y_true, axis=axis, keepdims=True)
    spread = spread + ops.var(y_pred, axis=axis, keepdims=True)
    together = (y_true - mean_pred) * (y_pred - mean_pred)
    bias = ops.square(mean_true - mean_pred)
    return ops.mean(2 * together / (spread + bias + epsilon()), axis=axis)


@METRICS.add
class PearsonCorrelation(MeanMetricWrapper):
    """The mean correlation along `axis` so far.

    >>> round(float(PearsonCorrelation()([[0, 1, 2.0]], [[2.0, 1, 0]])), 4)
    -1.0
    """

    _settings, _direction = ("axis",), "up"

    def __init__(self, name="pearson_correlation", dtype=None, axis=-1):
        super().__init__(pearson_correlation, name, dtype, axis=axis)
        self.axis = axis


@METRICS.add
class ConcordanceCorrelation(MeanMetricWrapper):
    """The mean concordance along `axis` so far.

    >>> round(float(ConcordanceCorrelation()([[0, 1, 2.0]], [[0.0, 1, 2]])), 4)
    1.0
    """

    _settings, _direction = ("axis",), "up"

    def __init__(self, name="concordance_correlation", dtype=None, axis=-1):
        super().__init__(concordance_correlation, name, dtype, axis=axis)
        self.axis = axis
