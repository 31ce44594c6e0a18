"""Generated from book/keras/listening.ipynb. Edit the chapter, not this file."""

from minikeras.callbacks.callback import Callback
from minikeras.callbacks.history import History
from minikeras.callbacks.progbar_logger import ProgbarLogger
from minikeras.core.errors import ArgumentError


class CallbackList:
    """Passes every moment on to a list of callbacks."""

    def __init__(
        self, callbacks=None, add_history=False, add_progbar=False, model=None, **params
    ):
        several = isinstance(callbacks, (list, tuple))
        self.callbacks = list(callbacks if several else filter(None, [callbacks]))
        self._check()
        for wanted, kind in ((add_progbar, ProgbarLogger), (add_history, History)):
            if wanted and not any(isinstance(c, kind) for c in self.callbacks):
                self.callbacks.append(kind())
        self.set_model(model)
        if params:
            self.set_params(params)

    def append(self, callback):
        """One more, told after the others."""
        self.callbacks.append(callback)
        self._check()

    def _check(self):
        for callback in self.callbacks:
            if not hasattr(callback, "set_model") or isinstance(callback, type):
                raise ArgumentError(
                    "callbacks", "not a callback", repr(callback)[:60],
                    "an object of a subclass of callbacks.Callback",
                )  # fmt: skip

    def set_params(self, params):
        """Tell all the parameters of the run."""
        self.params = params
        for callback in self.callbacks:
            callback.set_params(params)

    def set_model(self, model):
        """Tell all the model."""
        if model is None:
            return
        for callback in self.callbacks:
            if isinstance(callback, History):
                model.history = callback
            callback.set_model(model)


def pythonify(logs):
    """The logs with Python numbers for tensors, flat, by name in order."""
    numbers = {}
    for name, value in sorted((logs or {}).items()):
        if isinstance(value, dict):
            numbers.update(pythonify(value))
        else:
            scalar = getattr(value, "shape", None) == ()
            numbers[name] = float(value) if scalar else value
    return numbers


def _listens(callback, hook):
    """Whether a callback does anything at this moment."""
    empty = getattr(Callback, hook, None)
    if hook.startswith("on_train_batch"):
        old = hook.replace("train_", "")
        return _listens(callback, old) or getattr(type(callback), hook) is not empty
    return getattr(type(callback), hook, empty) is not empty or hook in vars(callback)


def _passing_on(hook, has_number):
    """The method of CallbackList that tells all callbacks about one moment."""

    def tell(self, *number, logs=None):
        number, logs = number[:1], number[1] if len(number) > 1 else logs
        listeners = [c for c in self.callbacks if _listens(c, hook)]
        if listeners:
            logs = pythonify(logs)
            for callback in listeners:
                getattr(callback, hook)(*number, logs)

    def tell_without_number(self, logs=None):
        tell(self, logs=logs)

    return tell if has_number else tell_without_number


def _install(hooks, has_number):
    for hook in hooks:
        setattr(CallbackList, hook, _passing_on(hook, has_number))


RUNS = ("train", "test", "predict")

_install([f"on_{run}_{edge}" for run in RUNS for edge in ("begin", "end")], False)

_install([f"on_{run}_batch_{edge}" for run in RUNS for edge in ("begin", "end")], True)

_install(["on_epoch_begin", "on_epoch_end"], True)
