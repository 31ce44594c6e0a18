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


def reset_uids():
    """Start all numbers again."""
    _counts.clear()


def get_uid(prefix=""):
    """The next number for a prefix, counted from 1.

    >>> get_uid("a prefix of this example"), get_uid("a prefix of this example")
    (1, 2)
    """
    _counts[prefix] += 1
    return _counts[prefix]


def to_snake_case(name):
    """'MyDenseLayer' -> 'my_dense_layer'"""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


class _Scopes(threading.local):
    def __init__(self):
        self.open = []


_scopes = _Scopes()


def open_scopes():
    """The scopes that are open in this thread, outermost first."""
    return _scopes.open


def current_path():
    """The names of the open scopes, joined by '/'."""
    parts = []
    for scope in _scopes.open:
        if scope.override_parent is not None:
            parts = [part for part in scope.override_parent.split("/") if part]
        parts.append(scope.name)
    return "/".join(parts)


def check_name(owner, name):
    """An ArgumentError unless `name` is a string without '/', which joins paths."""
    if not isinstance(name, str) or "/" in name:
        raise ArgumentError(owner, "a name is a string without '/'", f"name={name!r}")


class name_scope:
    """Variables made inside this `with` block have `name/` in front of their path.

    caller: who opens it; an owner that opens its scope again inside it adds nothing
    (unless `deduplicate` is False). override_parent: the path to begin at.

    >>> with name_scope("outer"), name_scope("inner"):
    ...     current_path()
    'outer/inner'
    """

    def __init__(self, name, caller=None, deduplicate=True, override_parent=None):
        check_name("name_scope", name)
        self.name, self.caller, self.deduplicate = name, caller, deduplicate
        if override_parent is None and deduplicate:
            override_parent = getattr(caller, "_parent_path", None)
        self.override_parent = override_parent

    def _is_open(self):
        """Whether the innermost open scope is this one already."""
        if not (_scopes.open and self.deduplicate and self.caller is not None):
            return False
        inner = _scopes.open[-1]
        return inner.caller is self.caller and inner.name == self.name

    def __enter__(self):
        self._entered = not self._is_open()
        if self._entered:
            _scopes.open.append(self)
        return self

    def __exit__(self, *exception):
        if self._entered:
            _scopes.open.pop()
