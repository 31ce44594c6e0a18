"""Generated from book/keras/nests.ipynb. Edit the chapter, not this file."""

import os

from minikeras.core.errors import ArgumentError
from minikeras.ops.public import tracebacks


def backend():
    """What computes: 'minikeras', where Keras says 'tensorflow', 'jax' or 'torch'.

    >>> backend()
    'minikeras'
    """
    return "minikeras"


def set_backend(backend):
    """Accepts 'minikeras', the one backend; a ValueError for any other."""
    if backend != "minikeras":
        hint = "set_backend('minikeras'), or no call at all"
        raise ArgumentError("set_backend", "no such backend", repr(backend), hint)


_switches = {
    "interactive_logging": True,
    "unsafe_deserialization": False,
    "flash_attention": None,
    "max_epochs": None,
    "max_steps_per_epoch": None,
}


def enable_interactive_logging():
    """Messages and progress bars go to the screen; this is how it begins."""
    _switches["interactive_logging"] = True


def disable_interactive_logging():
    """Messages go to `logging.getLogger("minikeras")` instead of the screen."""
    _switches["interactive_logging"] = False


def is_interactive_logging_enabled():
    """Whether messages go to the screen."""
    return _switches["interactive_logging"]


def enable_traceback_filtering():
    """Errors of operations show the lines that led to the call, not those inside."""
    tracebacks["whole"] = False


def disable_traceback_filtering():
    """Errors show all lines of the package as well."""
    tracebacks["whole"] = True


def is_traceback_filtering_enabled():
    """Whether the inner lines of errors are left out."""
    return not tracebacks["whole"]


for _name in ("max_epochs", "max_steps_per_epoch"):
    if os.environ.get(f"KERAS_{_name.upper()}"):
        _switches[_name] = int(os.environ[f"KERAS_{_name.upper()}"])


def max_epochs():
    """The most epochs that any `fit` may run, or None."""
    return _switches["max_epochs"]


def set_max_epochs(max_epochs):
    """Put a lid on the epochs of every `fit`; None takes it off."""
    _switches["max_epochs"] = _limit("set_max_epochs", max_epochs)


def max_steps_per_epoch():
    """The most steps that any epoch may have, or None."""
    return _switches["max_steps_per_epoch"]


def set_max_steps_per_epoch(max_steps_per_epoch):
    """Put a lid on the steps of every epoch; None takes it off."""
    steps = _limit("set_max_steps_per_epoch", max_steps_per_epoch)
    _switches["max_steps_per_epoch"] = steps


def _limit(name, value):
    if value is None or (isinstance(value, int) and value > 0):
        return value
    raise ArgumentError(name, "a limit is a whole number from 1, or None", repr(value))


def enable_flash_attention():
    """Remembered, with no effect: there is one way to compute attention here."""
    _switches["flash_attention"] = None


def disable_flash_attention():
    """Remembered, with no effect: there is one way to compute attention here."""
    _switches["flash_attention"] = False


def is_flash_attention_enabled():
    """None if allowed, as in Keras, False after `disable_flash_attention()`."""
    return _switches["flash_attention"]


def is_nnx_enabled():
    """False: NNX belongs to Keras on JAX.

    >>> is_nnx_enabled()
    False
    """
    return False


def enable_unsafe_deserialization():
    """From now on, files may contain lambdas, which are code. Trust every file."""
    _switches["unsafe_deserialization"] = True
