"""Generated from book/keras/initializers.ipynb. Edit the chapter, not this file."""

import functools
import numbers

from minikeras.core.errors import ArgumentError, DTypeError, Report, own_up
from minikeras.core.specs import in_words, in_words_several


def owning(method, usage, title=None):
    """`method`, whose errors name the object (by title(self)) and what it was given."""

    @functools.wraps(method)
    def call(self, *args, **kwargs):
        try:
            return method(self, *args, **kwargs)
        except Exception as error:
            said = [in_words(x) for x in args]
            said += [f"{name}={in_words(x)}" for name, x in kwargs.items()]
            got = in_words_several(said) or "nothing"
            own_up(error, title(self) if title else type(self).__name__, got, usage)
            raise

    return call


def checked_number(owner, name, value, whole=False):
    """`value`, if it is one (whole) number; else a DTypeError (a TypeError) names it."""
    kind = numbers.Integral if whole else numbers.Real
    if not isinstance(value, kind) and getattr(value, "shape", None) != ():
        hint = f"a {'whole ' * whole}number"
        raise DTypeError(owner, f"{name} is no {hint[2:]}", f"{name}={value!r}", hint)
    return value


def checked_name(owner, name):
    """`name`, if it is text without '/', or None; else an ArgumentError names it."""
    if name is not None and (not isinstance(name, str) or "/" in name):
        problem, hint = "a name is text, without '/'", "name='mine'"
        raise ArgumentError(owner, problem, f"name={name!r}", hint)
    return name


def naming(cls):
    """Let errors of ours that leave the constructor of `cls` name the class."""
    init = vars(cls).get("__init__")
    if init is None or hasattr(init, "names"):
        return

    @functools.wraps(init)
    def made(self, *args, **kwargs):
        try:
            init(self, *args, **kwargs)
        except Report as error:
            kind = type(self).__name__
            if kind not in "\n".join([str(error), *getattr(error, "__notes__", ())]):
                error.add_note(f"  in    the constructor of {kind}")
            raise

    made.names, cls.__init__ = True, made
