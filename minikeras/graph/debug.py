"""Generated from book/graphs/inside.ipynb. Edit the chapter, not this file."""

import os
from contextlib import suppress
from importlib import import_module

from minikeras.core.errors import ArgumentError

NAME, MOST = "MINIKERAS_DEBUG", 5


def level_of(text):
    """The level that a text asks for.

    >>> level_of(""), level_of("2")
    (0, 2)
    """
    text = text.strip() or "0"
    if not text.isdecimal() or int(text) > MOST:
        raise ArgumentError(NAME, f"a whole number from 0 to {MOST}", repr(text))
    return int(text)


LEVEL = level_of(os.environ.get(NAME, ""))


if LEVEL:
    with suppress(ImportError):  # it is not built yet
        import_module("minikeras.graph.inside")  # which listens, see below
