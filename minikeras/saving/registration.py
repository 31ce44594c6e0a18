"""Generated from book/keras/registry.ipynb. Edit the chapter, not this file."""

import threading

from minikeras.core.errors import ArgumentError

_objects, _names = {}, {}


def register_keras_serializable(package="Custom", name=None):
    """A decorator that enters a class or function under 'package>name' for files.

    name: the name of the thing itself if None. A class needs `get_config`.
    Errors: a ValueError for a class without `get_config`.

    >>> @register_keras_serializable("doc")
    ... def cubed(x):
    ...     return x * x * x
    >>> get_registered_name(cubed)
    'doc>cubed'
    """

    def register(thing):
        registered = f"{package}>{thing.__name__ if name is None else name}"
        if isinstance(thing, type) and not hasattr(thing, "get_config"):
            problem = "Cannot register a class that does not have a get_config() method"
            raise ArgumentError("register_keras_serializable", problem, thing.__name__)
        _objects[registered], _names[thing] = thing, registered
        return thing

    return register


def get_custom_objects():
    """The table of registered things itself: {name: class or function}."""
    return _objects


def get_registered_name(obj):
    """The name under which a class or function was registered, else its own name.

    >>> get_registered_name(dict)
    'dict'
    """
    return _names.get(obj, obj.__name__)


class _Scopes(threading.local):
    """What holds in this thread now: names, safe mode, objects seen."""

    def __init__(self):
        self.objects, self.safe_mode = {}, None
        self.written, self.read = None, None


scopes = _Scopes()


class CustomObjectScope:
    """Inside this `with` block, files may name these things: {name: class or function}.

    >>> with CustomObjectScope({"twice": abs}):
    ...     get_registered_object("twice")
    <built-in function abs>
    """

    def __init__(self, custom_objects):
        self.custom_objects = {} if custom_objects is None else custom_objects
        if not isinstance(self.custom_objects, dict):
            problem, got = "not a dict of names", repr(custom_objects)[:60]
            raise ArgumentError("custom_object_scope", problem, got, "{'Name': Class}")

    def __enter__(self):
        self._before = scopes.objects
        scopes.objects = {**scopes.objects, **self.custom_objects}
        return self

    def __exit__(self, *exception):
        scopes.objects = self._before


custom_object_scope = CustomObjectScope


def get_registered_object(name, custom_objects=None, module_objects=None):
    """The thing called `name` in a scope, the registry or the given dicts, or None."""
    for names in (scopes.objects, _objects, custom_objects, module_objects):
        if names and isinstance(name, str) and name in names:
            return names[name]
    return None
