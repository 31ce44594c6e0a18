"""Generated from book/keras/regularizers.ipynb. Edit the chapter, not this file."""

from minikeras.regularizers.regularizers import L1L2, REGULARIZERS

REGULARIZERS.add(L1L2, "l1_l2")


def get(identifier):
    """A regularizer from a name, config, class, instance, callable or None.

    >>> get("l2").get_config()
    {'l2': 0.01}
    """
    return REGULARIZERS.get(identifier)


def serialize(regularizer):
    """The config of a regularizer, as `.keras` files keep it."""
    return REGULARIZERS.serialize(regularizer)


def deserialize(config, custom_objects=None):
    """The regularizer that `serialize` wrote down."""
    return REGULARIZERS.deserialize(config, custom_objects)
