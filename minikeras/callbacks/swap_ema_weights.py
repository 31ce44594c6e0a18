"""Generated from book/keras/watchers.ipynb. Edit the chapter, not this file."""

from minikeras.callbacks.callback import Callback
from minikeras.core.errors import ArgumentError


class SwapEMAWeights(Callback):
    """Uses the averaged weights of the optimizer for evaluation and prediction.

    swap_on_epoch: have them in place from the end of an epoch to the next beginning.
    Errors: a ValueError if the optimizer does not average (use_ema=True).
    """

    def __init__(self, swap_on_epoch=False):
        super().__init__()
        self.swap_on_epoch = swap_on_epoch
        self._ema_weights_in_model = False

    def _pairs(self):
        """(weight, its average), for all weights in training."""
        optimizer = self.model.optimizer
        optimizer = getattr(optimizer, "inner_optimizer", optimizer)
        if not getattr(optimizer, "use_ema", False):
            problem = "the optimizer keeps no averages"
            hint = "use_ema=True in the optimizer"
            raise ArgumentError("SwapEMAWeights", problem, optimizer.name, hint)
        averages = optimizer._model_variables_moving_average
        return zip(optimizer._trainable_variables, averages, strict=True)

    def _swap(self, into_model):
        if self._ema_weights_in_model != into_model:
            for weight, average in self._pairs():
                value = weight.value
                weight.assign(average.value)
                average.assign(value)
            self._ema_weights_in_model = into_model

    def on_epoch_begin(self, epoch, logs=None):
        if self.swap_on_epoch:
            self._swap(False)

    def on_epoch_end(self, epoch, logs=None):
        if self.swap_on_epoch:
            self._swap(True)
            if epoch == self.params["epochs"] - 1:  # the averages stay for good
                for weight, average in self._pairs():
                    average.assign(weight.value)

    def on_test_begin(self, logs=None):
        self._swap(True)

    def on_test_end(self, logs=None):
        self._swap(False)

    def on_predict_begin(self, logs=None):
        self._swap(True)

    def on_predict_end(self, logs=None):
        self._swap(False)
