"""Generated from book/keras/initializers.ipynb. Edit the chapter, not this file."""

import numbers

from minikeras.core.errors import DTypeError


def checked_number(owner, name, value, whole=False):
    """`value`, if it is one (whole) number; else a DTypeError (a TypeError) names it."""
    kind = numbers.Integral if whole else numbers.Real
    if not isinstance(value, kind) and getattr(value, "shape", None) != ():
        hint = f"a {'whole ' * whole}number"
        raise DTypeError(owner, f"{name} is no {hint[2:]}", f"{name}={value!r}", hint)
    return value
