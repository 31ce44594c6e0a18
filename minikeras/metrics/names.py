"""Generated from book/keras/metrics.ipynb. Edit the chapter, not this file."""

from minikeras.metrics.reduction_metrics import METRICS


def get(identifier):
    """A metric from a name, config, class, instance, function or None.

    >>> get("mse").name
    'mean_squared_error'
    """
    return METRICS.get(identifier)


def serialize(metric):
    """The config of a metric."""
    return METRICS.serialize(metric)


def deserialize(config, custom_objects=None):
    """The metric that `serialize` wrote down."""
    return METRICS.deserialize(config)
