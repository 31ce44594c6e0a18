"""Generated from book/keras/metrics.ipynb. Edit the chapter, not this file."""

from minikeras import losses as loss_functions
from minikeras.metrics.reduction_metrics import METRICS, MeanMetricWrapper


@METRICS.add
class Hinge(MeanMetricWrapper):
    """The mean of max(1 - y_true * y_pred, 0) so far; labels -1 and 1 (or 0 and 1).

    >>> float(Hinge()([[1.0]], [[0.5]]))
    0.5
    """

    _settings, _direction = (), "down"

    def __init__(self, name="hinge", dtype=None):
        super().__init__(loss_functions.hinge, name, dtype)


@METRICS.add
class SquaredHinge(MeanMetricWrapper):
    """The mean of max(1 - y_true * y_pred, 0) ** 2 so far.

    >>> float(SquaredHinge()([[1.0]], [[0.5]]))
    0.25
    """

    _settings, _direction = (), "down"

    def __init__(self, name="squared_hinge", dtype=None):
        super().__init__(loss_functions.squared_hinge, name, dtype)


@METRICS.add
class CategoricalHinge(MeanMetricWrapper):
    """The mean of max(1 + best wrong score - right score, 0) so far.

    >>> float(CategoricalHinge()([[0.0, 1.0]], [[0.5, 0.0]]))
    1.5
    """

    _settings, _direction = (), "down"

    def __init__(self, name="categorical_hinge", dtype=None):
        super().__init__(loss_functions.categorical_hinge, name, dtype)
