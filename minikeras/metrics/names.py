"""Generated from book/keras/metrics.ipynb. Edit the chapter, not this file."""

from minikeras.metrics.probabilistic_metrics import BinaryCrossentropy
from minikeras.metrics.reduction_metrics import METRICS
from minikeras.metrics.regression_metrics import (
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
)

for _kind, _short in (
    (MeanSquaredError, "mse"),
    (MeanAbsoluteError, "mae"),
    (BinaryCrossentropy, "bce"),
    (MeanAbsolutePercentageError, "mape"),
    (MeanSquaredLogarithmicError, "msle"),
):
    METRICS.add(_kind, _short, _short.upper())


def get(identifier):
    """A metric from a name, config, class, instance, function or None.

    A name or a class gives a new object. Errors: a ValueError for an unknown name.

    >>> get("mse").name
    'mean_squared_error'
    """
    return METRICS.get(identifier)


def serialize(metric):
    """What a file keeps of a metric or function: its name and config."""
    return METRICS.serialize(metric)


def deserialize(config, custom_objects=None):
    """The metric or function that `serialize` wrote down."""
    return METRICS.deserialize(config, custom_objects)
