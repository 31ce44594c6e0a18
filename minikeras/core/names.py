"""Generated from book/gradients/variables.ipynb. Edit the chapter, not this file."""

import collections
import re
import threading

from minikeras.core.errors import ArgumentError

_counts = collections.Counter()


def auto_name(prefix):
    """`prefix`, then `prefix_1`, `prefix_2`, ... each time it is asked for."""
    _counts[prefix] += 1
    return prefix if _counts[prefix] == 1 else f"{prefix}_{_counts[prefix] - 1}"


def get_uid(prefix=""):
    """The next number for a prefix, counted from 1.

    >>> get_uid("a prefix of this example"), get_uid("a prefix of this example")
    (1, 2)
    """
    _counts[prefix] += 1
    return _counts[prefix]


def reset_uids():
    """Start all numbers again."""
    _counts.clear()


def to_snake_case(name):
    """'MyDenseLayer' -> 'my_dense_layer'"""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


class _Scopes(threading.local):
    def __init__(self):
        self.names = []


_scopes = _Scopes()


def current_path():
    """The names of the open scopes, joined by '/'."""
    return "/".join(_scopes.names)


class name_scope:
    """Variables made inside this `with` block have `name/` in front of their path.

    >>> with name_scope("outer"), name_scope("inner"):
    ...     current_path()
    'outer/inner'
    """

    def __init__(self, name, **options):
        if not isinstance(name, str) or "/" in name:
            raise ArgumentError(
                "name_scope", "a name is a string without '/'", repr(name)
            )
        self.name = name

    def __enter__(self):
        _scopes.names.append(self.name)
        return self

    def __exit__(self, *exception):
        _scopes.names.pop()
