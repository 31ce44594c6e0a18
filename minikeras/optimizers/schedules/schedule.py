"""Generated from book/keras/optimizers.ipynb. Edit the chapter, not this file."""

from minikeras.core.arguments import owning
from minikeras.utils.catalogue import Catalogue

SCHEDULES = Catalogue("optimizers.schedules")


class LearningRateSchedule:
    """A learning rate that depends on the step: rate = schedule(step).

    Subclasses write `__call__(step)`, and `get_config` if they are to be saved.
    """

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if "__call__" in vars(cls):
            cls.__call__ = owning(cls.__call__, "schedule(step)")

    def __call__(self, step):
        raise NotImplementedError(f"{type(self).__name__} has no __call__(self, step)")

    def get_config(self):
        raise NotImplementedError(f"{type(self).__name__} has no get_config(self)")

    @classmethod
    def from_config(cls, config):
        return cls(**config)
