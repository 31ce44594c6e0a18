"""Generated from book/gradients/variables.ipynb. Edit the chapter, not this file."""

import re
from contextlib import contextmanager

from minikeras.core.errors import ArgumentError


@contextmanager
def device(device_name):
    """Inside, values are made on this device; so far there is one, the CPU.

    device_name: "cpu", "cpu:0", or "gpu:0", which stands for the CPU where there is none.
    Errors: a ValueError if it is no such name.

    >>> with device("cpu:0"):
    ...     pass
    """
    if not re.fullmatch(r"(?i)(/?device:)?(cpu|gpu)(:\d+)?", str(device_name)):
        hint = "'cpu:0'"
        raise ArgumentError("device", "not a device", repr(device_name), hint)
    yield


def version():
    """The version of minikeras, as in `minikeras.__version__`."""
    import minikeras

    return minikeras.__version__
