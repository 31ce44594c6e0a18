"""Generated from book/keras/holding.ipynb. Edit the chapter, not this file."""

import functools
import inspect


class Signature:
    """What a `call` takes: its parameters without self, `training`, masks."""

    def __init__(self, call):
        whole = inspect.signature(call)
        self.whole = whole.replace(parameters=list(whole.parameters.values())[1:])
        self.names = list(self.whole.parameters)
        training = self.whole.parameters.get("training")
        self.training, default = training is not None, None
        if self.training and training.default is not training.empty:
            default = training.default
        self.default = default
        self.masks = [n for n in self.names if n == "mask" or n.endswith("_mask")]


call_signature = functools.cache(Signature)
