"""Generated from book/keras/watchers.ipynb. Edit the chapter, not this file."""

import numpy as np

from minikeras.callbacks.monitor_callback import MonitorCallback
from minikeras.core.errors import ArgumentError
from minikeras.utils.messages import print_msg


class ReduceLROnPlateau(MonitorCallback):
    """Multiplies the learning rate by `factor` when a number stops improving.

    patience: epochs without improvement before that. cooldown: epochs after it in which
    nothing is counted. min_lr: the rate never goes below.
    Errors: a ValueError for a factor of 1 or more.
    """

    def __init__(
        self, monitor="val_loss", factor=0.1, patience=10, verbose=0, mode="auto",
        min_delta=1e-4, cooldown=0, min_lr=0.0, **kwargs,
    ):  # fmt: skip
        super().__init__(monitor, mode, min_delta=min_delta)
        if factor >= 1.0:
            problem = "does not support a factor >= 1.0"
            raise ArgumentError("ReduceLROnPlateau", problem, f"factor={factor}")
        self.factor, self.min_lr, self.patience = factor, min_lr, patience
        self.verbose, self.cooldown = verbose, cooldown
        self._reset()

    def _reset(self):
        self.best, self.wait, self.cooldown_counter = None, 0, 0

    def on_train_begin(self, logs=None):
        self._reset()

    def in_cooldown(self):
        """Whether the last reduction was a short time ago."""
        return self.cooldown_counter > 0

    def on_epoch_end(self, epoch, logs=None):
        if self.monitor_op is None:
            self._set_monitor_op()
        logs = {} if logs is None else logs
        logs["learning_rate"] = float(self.model.optimizer.learning_rate)
        value = self._watched(logs, "Learning rate reduction is")
        if value is None:
            return
        if self.in_cooldown():
            self.cooldown_counter, self.wait = self.cooldown_counter - 1, 0
        if self._is_improvement(value, self.best):
            self.best, self.wait = value, 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience:
                self._reduce(epoch)

    def _reduce(self, epoch):
        """Lower the rate, unless it is at its lowest."""
        optimizer = self.model.optimizer
        old = float(optimizer.learning_rate)
        if old <= np.float32(self.min_lr):
            return
        new = max(old * self.factor, self.min_lr)
        optimizer.learning_rate = new
        self.cooldown_counter, self.wait = self.cooldown, 0
        if self.verbose:
            done = f"ReduceLROnPlateau reducing learning rate to {new}."
            print_msg(f"\nEpoch {epoch + 1}: {done}")
