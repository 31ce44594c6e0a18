"""Generated from book/keras/optimizers.ipynb. Edit the chapter, not this file."""

from minikeras.utils.catalogue import Catalogue

SCHEDULES = Catalogue("optimizers.schedules")


class LearningRateSchedule:
    """A learning rate that depends on the step: rate = schedule(step).

    Subclasses write `__call__(step)`, and `get_config` if they are to be saved.
    """

    def __call__(self, step):
        raise NotImplementedError(f"{type(self).__name__} has no __call__(self, step)")

    def get_config(self):
        raise NotImplementedError(f"{type(self).__name__} has no get_config(self)")

    @classmethod
    def from_config(cls, config):
        return cls(**config)
