"""Generated from book/keras/watchers.ipynb. Edit the chapter, not this file."""

import inspect

import numpy as np

from minikeras.callbacks.callback import Callback
from minikeras.core.errors import ArgumentError
from minikeras.utils.messages import print_msg


class LearningRateScheduler(Callback):
    """Sets the learning rate at the start of each epoch.

    schedule: function (epoch, learning_rate) -> learning_rate, or of the epoch alone.
    Errors: a ValueError if it does not give a float.
    """

    def __init__(self, schedule, verbose=0):
        super().__init__()
        self.schedule, self.verbose = schedule, verbose

    def on_epoch_begin(self, epoch, logs=None):
        optimizer = self.model.optimizer
        rate = self._ask(epoch, float(optimizer.learning_rate))
        if not isinstance(rate, (float, np.float32, np.float64)):
            problem = "the output of `schedule` should be a float"
            raise ArgumentError("LearningRateScheduler", problem, repr(rate))
        optimizer.learning_rate = rate
        if self.verbose:
            done = f"LearningRateScheduler setting learning rate to {rate}."
            print_msg(f"\nEpoch {epoch + 1}: {done}")

    def on_epoch_end(self, epoch, logs=None):
        if logs is not None:
            logs["learning_rate"] = float(self.model.optimizer.learning_rate)

    def _ask(self, epoch, rate):
        """What the schedule says for this epoch."""
        try:
            inspect.signature(self.schedule).bind(epoch, rate)
        except (
            TypeError,
            ValueError,
        ):  # one argument; or a builtin without a signature
            return self.schedule(epoch)
        return self.schedule(epoch, rate)
