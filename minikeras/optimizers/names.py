"""Generated from book/keras/optimizers.ipynb. Edit the chapter, not this file."""

from minikeras.core.errors import ArgumentError
from minikeras.optimizers.optimizer import OPTIMIZERS, Optimizer


def get(identifier):
    """An optimizer from a name, config, class, instance or None.

    Errors: a ValueError for anything else.

    >>> get("adam").learning_rate.name
    'learning_rate'
    """
    if not (identifier is None or isinstance(identifier, (str, dict, type, Optimizer))):
        problem = "not a name, config, class or optimizer"
        raise ArgumentError("optimizers", problem, repr(identifier))
    return OPTIMIZERS.get(identifier)


def serialize(optimizer):
    """The config of an optimizer, with the name of its class."""
    return OPTIMIZERS.serialize(optimizer)


def deserialize(config, custom_objects=None):
    """The optimizer that `serialize` wrote down."""
    return OPTIMIZERS.deserialize(config, custom_objects)
