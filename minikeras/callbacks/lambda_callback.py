"""Generated from book/keras/watchers.ipynb. Edit the chapter, not this file."""

from minikeras.callbacks.callback import Callback


class LambdaCallback(Callback):
    """A callback made of functions: LambdaCallback(on_epoch_end=function).

    Every hook is a keyword; epoch hooks get (epoch, logs), batch hooks (batch, logs),
    the others (logs). None means no function.
    """

    def __init__(
        self, on_epoch_begin=None, on_epoch_end=None, on_train_begin=None,
        on_train_end=None, on_train_batch_begin=None, on_train_batch_end=None, **kwargs,
    ):  # fmt: skip
        super().__init__()
        vars(self).update(kwargs)
        given = {
            "on_epoch_begin": on_epoch_begin, "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin, "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
        }  # fmt: skip
        vars(self).update({hook: f for hook, f in given.items() if f is not None})
