"""Generated from book/keras/metrics.ipynb. Edit the chapter, not this file."""

from minikeras import losses as loss_functions
from minikeras import ops
from minikeras.core.tensor import convert
from minikeras.losses.shapes import squeeze_or_expand_to_same_rank
from minikeras.metrics.reduction_metrics import METRICS, Mean, MeanMetricWrapper


@METRICS.add
class MeanSquaredError(MeanMetricWrapper):
    """The mean of (y_true - y_pred) ** 2 so far.

    >>> float(MeanSquaredError()([[0.0], [2.0]], [[1.0], [2.0]]))
    0.5
    """

    _settings, _direction = (), "down"

    def __init__(self, name="mean_squared_error", dtype=None):
        super().__init__(loss_functions.mean_squared_error, name, dtype)


@METRICS.add
class MeanAbsoluteError(MeanMetricWrapper):
    """The mean of |y_true - y_pred| so far.

    >>> float(MeanAbsoluteError()([[0.0], [2.0]], [[1.0], [2.0]]))
    0.5
    """

    _settings, _direction = (), "down"

    def __init__(self, name="mean_absolute_error", dtype=None):
        super().__init__(loss_functions.mean_absolute_error, name, dtype)


@METRICS.add
class RootMeanSquaredError(Mean):
    """The root of the mean of (y_true - y_pred) ** 2 so far.

    >>> float(RootMeanSquaredError()([[0.0], [0.0]], [[3.0], [3.0]]))
    3.0
    """

    _direction = "down"

    def __init__(self, name="root_mean_squared_error", dtype=None):
        super().__init__(name, dtype)

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_true, y_pred = squeeze_or_expand_to_same_rank(
            convert(y_true, self._dtype), convert(y_pred, self._dtype)
        )
        super().update_state(ops.square(y_pred - y_true), sample_weight)

    def result(self):
        return ops.sqrt(super().result())
