"""Generated from book/arrays/sentences.ipynb. Edit the chapter, not this file."""

import functools

from minikeras.core.errors import ArgumentError, DTypeError, IndexRangeError, Report
from minikeras.core.tensor import Value

RECORDERS = set()


def recorder_in(arguments):
    """The first argument, also in a list or dict, whose class records calls instead."""
    for x in arguments:
        kind = x.__class__
        if kind in RECORDERS:
            return x
        if kind is list or kind is tuple or kind is dict:
            found = recorder_in(x.values() if kind is dict else x)
            if found is not None:
                return found
    return None


tracebacks = {"whole": False}


def public(function):
    """Make a sentence public: symbols may record it, and errors carry its name."""

    @functools.wraps(function)
    def call(*args, **kwargs):
        recorder = recorder_in(args)
        if recorder is None and kwargs:
            recorder = recorder_in(kwargs.values())
        if recorder is not None:
            return recorder.record(call, args, kwargs)
        try:
            return function(*args, **kwargs)
        except Report as error:
            error.op = function.__name__
            if not tracebacks["whole"]:
                error.__traceback__ = None
            raise
        except ACCIDENTS as error:
            raise accident(function.__name__, args, error) from error

    return call


ACCIDENTS = (TypeError, ValueError, IndexError, AttributeError, ArithmeticError)


def accident(name, args, error):
    """Our error for an argument that a sentence stumbled over."""
    kind = ArgumentError
    if isinstance(error, (TypeError, AttributeError)):
        kind = DTypeError
    elif isinstance(error, IndexError):
        kind = IndexRangeError
    got = ", ".join(str(x.spec) if isinstance(x, Value) else repr(x)[:40] for x in args)
    return kind(name, f"an argument does not fit: {error}", got)
