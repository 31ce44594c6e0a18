"""Generated from book/keras/listening.ipynb. Edit the chapter, not this file."""


class Callback:
    """Something that is told how training goes; subclasses override what they need.

    Hooks: on_epoch_begin/end(epoch, logs), on_{train,test,predict}_begin/end(logs),
    on_{train,test,predict}_batch_begin/end(batch, logs). logs: {name: float}.
    """

    params = None
    _model = None

    @property
    def model(self):
        """The model in training."""
        return self._model

    def set_params(self, params):
        """Told once per run: {"verbose": ..., "epochs": ..., "steps": ...}."""
        self.params = params

    def set_model(self, model):
        """Told once per run."""
        self._model = model

    def on_train_begin(self, logs=None):
        pass

    def on_train_end(self, logs=None):
        pass

    def on_epoch_begin(self, epoch, logs=None):
        pass

    def on_epoch_end(self, epoch, logs=None):
        pass

    def on_batch_begin(self, batch, logs=None):
        pass

    def on_batch_end(self, batch, logs=None):
        pass

    def on_train_batch_begin(self, batch, logs=None):
        self.on_batch_begin(batch, logs=logs)

    def on_train_batch_end(self, batch, logs=None):
        self.on_batch_end(batch, logs=logs)

    def on_test_begin(self, logs=None):
        pass

    def on_test_end(self, logs=None):
        pass

    def on_test_batch_begin(self, batch, logs=None):
        pass

    def on_test_batch_end(self, batch, logs=None):
        pass

    def on_predict_begin(self, logs=None):
        pass

    def on_predict_end(self, logs=None):
        pass

    def on_predict_batch_begin(self, batch, logs=None):
        pass

    def on_predict_batch_end(self, batch, logs=None):
        pass
