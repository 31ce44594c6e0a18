"""Generated from book/keras/regularizers.ipynb. Edit the chapter, not this file."""

from minikeras.constraints.constraints import CONSTRAINTS


def get(identifier):
    """A constraint from a name, config, class, instance, callable or None.

    >>> get("max_norm").get_config()
    {'max_value': 2, 'axis': 0}
    """
    return CONSTRAINTS.get(identifier)


def serialize(constraint):
    """The config of a constraint, as `.keras` files keep it."""
    return CONSTRAINTS.serialize(constraint)


def deserialize(config, custom_objects=None):
    """The constraint that `serialize` wrote down."""
    return CONSTRAINTS.deserialize(config, custom_objects)
