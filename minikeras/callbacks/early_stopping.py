"""Generated from book/keras/watchers.ipynb. Edit the chapter, not this file."""

from minikeras.callbacks.monitor_callback import MonitorCallback
from minikeras.utils.messages import print_msg


class EarlyStopping(MonitorCallback):
    """Stops training when a monitored number has not improved for `patience` epochs.

    min_delta: what counts as an improvement. baseline: stop if it is not reached within
    `patience`. restore_best_weights: at the end, go back to the best epoch's.
    start_from_epoch: do not look before.
    """

    def __init__(
        self, monitor="val_loss", min_delta=0, patience=0, verbose=0, mode="auto",
        baseline=None, restore_best_weights=False, start_from_epoch=0,
    ):  # fmt: skip
        super().__init__(monitor, mode, min_delta=min_delta)
        self.patience, self.verbose, self.baseline = patience, verbose, baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self._forget()

    def _forget(self):
        self.wait = self.stopped_epoch = self.best_epoch = 0
        self.best = self.best_weights = None

    def on_train_begin(self, logs=None):
        self._forget()

    def on_epoch_end(self, epoch, logs=None):
        if self.monitor_op is None:
            self._set_monitor_op()
        value = self.get_monitor_value(logs)
        if value is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            self._keep(epoch)  # also if nothing ever improves, say with nan
        self.wait += 1
        if self._is_improvement(value, self.best):
            self.best = value
            self._keep(epoch)
            if self.baseline is None or self._is_improvement(value, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch, self.model.stop_training = epoch, True

    def _keep(self, epoch):
        self.best_epoch = epoch
        if self.restore_best_weights:
            self.best_weights = self.model.get_weights()

    def get_monitor_value(self, logs):
        """The number that is watched; None and a warning if the logs do not have it."""
        return self._watched(logs, "Early stopping")

    def on_train_end(self, logs=None):
        if self.stopped_epoch and self.verbose:
            print_msg(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.best_weights is not None:
            if self.verbose:
                epoch = self.best_epoch + 1
                print_msg(
                    f"Restoring model weights from the end of the best epoch: {epoch}."
                )
            self.model.set_weights(self.best_weights)
