"""Generated from book/keras/schedules.ipynb. Edit the chapter, not this file."""

from minikeras.optimizers.schedules.schedule import SCHEDULES


def serialize(learning_rate_schedule):
    """The name of a schedule's class and its arguments."""
    return SCHEDULES.serialize(learning_rate_schedule)


def deserialize(config, custom_objects=None):
    """The schedule that `serialize` wrote down.

    >>> from minikeras.optimizers.schedules import CosineDecay
    >>> deserialize(serialize(CosineDecay(0.1, 50))).decay_steps
    50
    """
    return SCHEDULES.deserialize(config, custom_objects)
