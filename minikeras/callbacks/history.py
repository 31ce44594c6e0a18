"""Generated from book/keras/listening.ipynb. Edit the chapter, not this file."""

from minikeras.callbacks.callback import Callback


class History(Callback):
    """What every epoch ended with: `history.history["loss"]` is a list."""

    def __init__(self):
        self.history, self.epoch = {}, []

    def on_train_begin(self, logs=None):
        self.epoch = []

    def on_epoch_end(self, epoch, logs=None):
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
        self.model.history = self
