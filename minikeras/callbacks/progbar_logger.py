"""Generated from book/keras/listening.ipynb. Edit the chapter, not this file."""

from minikeras.callbacks.callback import Callback
from minikeras.utils.messages import print_msg
from minikeras.utils.progbar import Progbar


class ProgbarLogger(Callback):
    """Shows the progress of fit, evaluate and predict."""

    def __init__(self):
        self.bar, self.seen, self.target = None, 0, None
        self.verbose, self.epochs, self._in_fit = 1, 1, False

    def set_params(self, params):
        self.params, verbose = params, params["verbose"]
        self.verbose = 1 if verbose == "auto" else verbose
        self.epochs, self.target = params["epochs"], params["steps"]

    def _begin(self):
        self.seen = 0
        self.bar = Progbar(self.target, verbose=self.verbose, stateless_metrics=set())

    def _step(self, batch, logs):
        self.seen = batch + 1
        if self.verbose == 1:
            self.bar.update(self.seen, (logs or {}).items(), finalize=False)

    def _end(self, logs):
        if self.target is None:
            self.target = self.bar.target = self.seen
        self.bar.update(self.target, (logs or {}).items(), finalize=True)

    def on_train_begin(self, logs=None):
        self._in_fit = True

    def on_epoch_begin(self, epoch, logs=None):
        self._begin()
        if self.verbose and self.epochs > 1:
            print_msg(f"Epoch {epoch + 1}/{self.epochs}")

    def on_train_batch_end(self, batch, logs=None):
        self._step(batch, logs)

    def on_epoch_end(self, epoch, logs=None):
        self._end(logs)

    def on_test_begin(self, logs=None):
        if not self._in_fit:
            self._begin()

    def on_test_batch_end(self, batch, logs=None):
        if not self._in_fit:
            self._step(batch, logs)

    def on_test_end(self, logs=None):
        if not self._in_fit:
            self._end(logs)

    def on_predict_begin(self, logs=None):
        self._begin()

    def on_predict_batch_end(self, batch, logs=None):
        self._step(batch, None)

    def on_predict_end(self, logs=None):
        self._end(None)
