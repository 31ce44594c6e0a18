"""Generated from book/keras/listening.ipynb. Edit the chapter, not this file."""

from minikeras.callbacks.callback import Callback
from minikeras.callbacks.history import History
from minikeras.callbacks.progbar_logger import ProgbarLogger
from minikeras.core.errors import ArgumentError
from minikeras.core.nest import flatten


class CallbackList(Callback):
    """Passes every moment on to a list of callbacks, or to a nest of them."""

    def __init__(
        self, callbacks=None, add_history=False, add_progbar=False, model=None, **params
    ):
        self.callbacks = flatten(callbacks) if callbacks else []
        self._check()
        for wanted, kind in ((add_history, History), (add_progbar, ProgbarLogger)):
            if wanted and not any(isinstance(c, kind) for c in self.callbacks):
                self.callbacks.append(kind())
        self._open_runs = 0
        self.set_model(model)
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
        """Tell all the parameters of the run, if there are any."""
        self.params = params
        for callback in self.callbacks if params else ():
            callback.set_params(params)

    def set_model(self, model):
        """Tell all the model."""
        if model is None:
            return
        self._model = model
        for callback in self.callbacks:
            if isinstance(callback, History):
                model.history = callback
            callback.set_model(model)

    def _count_runs(self, hook):
        """Keep count of runs that have begun; ValueError if one ends that has not."""
        if hook.endswith("end") and not self._open_runs:
            begin = hook.replace("end", "begin")
            problem = f"`{hook}` called without corresponding `{begin}`"
            raise ArgumentError(
                "CallbackList", problem, hint=f"callbacks.{begin}() first"
            )
        self._open_runs += 1 if hook.endswith("begin") else -1


def pythonify(logs):
    """The logs with Python numbers for tensors, flat, by name in order."""
    numbers = {}
    for name, value in sorted((logs or {}).items()):
        if isinstance(value, dict):
            numbers.update(pythonify(value))
            continue
        try:
            numbers[name] = float(value)
        except (TypeError, ValueError):  # a vector, or a word
            numbers[name] = value
    return numbers


def _listens(callback, hook):
    """Whether a callback does anything at this moment."""
    empty = getattr(Callback, hook, None)
    if hook.startswith("on_train_batch"):
        old = hook.replace("train_", "")
        own = getattr(type(callback), hook) is not empty or hook in vars(callback)
        return own or _listens(callback, old)
    return getattr(type(callback), hook, empty) is not empty or hook in vars(callback)


def _tell(callbacks, hook, number, logs):
    """Call `hook` of all callbacks that have something to do at this moment."""
    listeners = [c for c in callbacks if _listens(c, hook)]
    logs = pythonify(logs) if listeners else None
    for callback in listeners:
        if "batch" in hook:
            getattr(callback, hook)(*number, logs=logs)
        else:
            getattr(callback, hook)(*number, logs)


def _passing_on(hook, number):
    """The method of CallbackList that tells all callbacks about one moment."""

    def tell(self, logs=None):
        if hook.endswith("begin"):
            self._count_runs(hook)
        _tell(self.callbacks, hook, (), logs)
        if hook.endswith("end"):
            self._count_runs(hook)

    def tell_batch(self, batch, logs=None):
        _tell(self.callbacks, hook, (batch,), logs)

    def tell_epoch(self, epoch, logs=None):
        _tell(self.callbacks, hook, (epoch,), logs)

    return {"batch": tell_batch, "epoch": tell_epoch}.get(number, tell)


EDGES = ("begin", "end")

RUNS = ("train", "test", "predict")

MOMENTS = {f"on_epoch_{edge}": "epoch" for edge in EDGES}

MOMENTS |= {f"on_{run}_{edge}": None for run in RUNS for edge in EDGES}

MOMENTS |= {f"on_{run}_batch_{edge}": "batch" for run in RUNS for edge in EDGES}

MOMENTS |= {f"on_batch_{edge}": "batch" for edge in EDGES}


for _hook, _number in MOMENTS.items():
    setattr(CallbackList, _hook, _passing_on(_hook, _number))
