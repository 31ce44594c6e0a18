"""Generated from book/keras/losses.ipynb. Edit the chapter, not this file."""

from minikeras.losses.losses import LOSSES


def get(identifier):
    """A loss from a name, config, class, instance, function or None.

    A name in snake case gives the function, a class name the object.

    >>> get("mse").__name__, get("MeanSquaredError").name
    ('mean_squared_error', 'mean_squared_error')
    """
    return LOSSES.get(identifier)


def serialize(loss):
    """The name of a loss function, or the config of a loss object."""
    return LOSSES.serialize(loss)


def deserialize(name, custom_objects=None):
    """The loss that `serialize` wrote down."""
    return LOSSES.deserialize(name, custom_objects)
