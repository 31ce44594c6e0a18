"""Generated from book/keras/registry.ipynb. Edit the chapter, not this file."""

import base64
import builtins
import importlib
import marshal
import types
from contextlib import suppress

import numpy as np

from minikeras.config.switches import _switches
from minikeras.core.dtypes import NUMPY, standardize_dtype
from minikeras.core.errors import (
    ArgumentError,
    DTypeError,
    Report,
    UnknownNameError,
    UnsafeFileError,
)
from minikeras.core.tensor import convert
from minikeras.saving.publics import FUNCTION_ROOMS, public_thing
from minikeras.saving.registration import (
    CustomObjectScope,
    get_registered_object,
    scopes,
)

WHO = "deserialize_keras_object"


def find_thing(entry, name, kind):
    """The class or function that an entry names: registered, or public, or an error."""
    registered = name if kind == "function" else entry.get("registered_name", name)
    found = get_registered_object(registered)
    if found is not None:
        return found
    found = builtin_thing(entry.get("module"), name, kind)
    if found is None:
        where = f"module {entry.get('module')!r}, registered_name {registered!r}"
        hint = "@saving.register_keras_serializable(), or custom_objects={name: ...}"
        raise UnknownNameError(WHO, f"Could not locate {kind} {name!r}", where, hint)
    if entry.get("registered_name") not in (None, "", name, entry["class_name"]):
        problem = f"{name!r} is a built-in and does not use registered names"
        raise ArgumentError(WHO, problem, f"registered_name={registered!r}", "null")
    return found


def builtin_thing(module, name, kind):
    """The public or hidden thing of the package that a file means, or None."""
    if not isinstance(module, str):
        return None
    if module == "builtins" and kind == "function":
        rooms = FUNCTION_ROOMS
    else:
        parts = module.removeprefix("keras.src.").split(".")
        inner = [f"keras.{parts[0]}", "keras." + ".".join(parts[:2])]
        rooms = inner if module.startswith("keras.src.") else [module]
    found = [public_thing(room, name) for room in rooms]
    found = [x for x in found if x is not None and (kind == "class") == _is_class(x)]
    return found[0] if found else hidden_class(module, name)


def _is_class(thing):
    return isinstance(thing, type)


HIDDEN = {
    "keras.src.models.": "minikeras.models.functional",
    "keras.src.ops.": "minikeras.models.symbolic",
}


def hidden_class(module, name):
    """A class that is kept in files but not public; later chapters say which.

    Each of the two modules in HIDDEN has a function `class_in_file(module, name)`.
    """
    for prefix, home in HIDDEN.items():
        if module.startswith(prefix):
            with suppress(ModuleNotFoundError):  # that chapter is not built yet
                find = getattr(importlib.import_module(home), "class_in_file", None)
                return find and find(module, name)
    return None


def in_safe_mode():
    """Whether bytecode is refused in this thread now."""
    return scopes.safe_mode is not False and not _switches["unsafe_deserialization"]


def _read_lambda(inner):
    if in_safe_mode():
        problem = (
            "Requested the deserialization of a Python lambda: arbitrary code execution"
        )
        hint = "safe_mode=False, if you trust the file as you would trust a program"
        raise UnsafeFileError(WHO, problem, hint=hint)
    code, defaults, cells = inner["value"]
    code = marshal.loads(base64.decodebytes(code.encode("ascii")))
    cells = cells and tuple(types.CellType(value) for value in cells)
    names = {"__builtins__": builtins}
    defaults = defaults and tuple(defaults)
    return types.FunctionType(code, names, code.co_name, defaults, cells)


def _read_symbol(inner):
    symbolic = importlib.import_module("minikeras.models.symbolic")
    symbol = symbolic.KerasTensor(tuple(inner["shape"]), dtype=inner["dtype"])
    symbol._pre_serialization_keras_history = inner["keras_history"]
    return symbol


def _read_slice(inner):
    return slice(*[_read(inner[part]) for part in ("start", "stop", "step")])


READERS = {
    "__bytes__": lambda inner: inner["value"].encode("utf-8"),
    "__ellipsis__": lambda inner: ...,
    "__slice__": _read_slice,
    "__tensor__": lambda inner: convert(inner["value"], inner["dtype"]),
    "__numpy__": lambda inner: np.array(
        inner["value"], NUMPY[standardize_dtype(inner["dtype"])]
    ),
    "__keras_tensor__": _read_symbol,
    "__lambda__": _read_lambda,
}


def _read_special(name, inner):
    try:
        return READERS[name](inner)
    except UnsafeFileError:
        raise
    except Exception as error:
        problem = f"not an entry of class_name {name!r}: {error}"
        raise ArgumentError(WHO, problem, repr(inner)[:60]) from error


def _read_object(entry):
    name, inner = entry["class_name"], entry["config"]
    inner = {} if inner is None else inner
    _expect(dict, inner, f"'config' to be a dict for {name}")
    shared = entry.get("shared_object_id")
    if isinstance(shared, int) and shared in (scopes.read or ()):
        return scopes.read[shared]
    cls = find_thing(entry, name, "class")
    if isinstance(cls, types.FunctionType):
        return cls
    thing = make(cls, inner)
    _finish(thing, entry)
    if isinstance(shared, int) and scopes.read is not None:
        scopes.read[shared] = thing
    return thing


def _expect(kind, value, words):
    if not isinstance(value, kind):
        raise DTypeError(WHO, f"Expected {words}", repr(value)[:60])


def make(cls, config):
    """An object of `cls` from its config; what fails inside is a TypeError."""
    if not hasattr(cls, "from_config"):
        problem = "Unable to reconstruct an instance: no from_config()"
        raise DTypeError(WHO, problem, repr(cls)[:60])
    try:
        return cls.from_config(dict(config))
    except Report:
        raise
    except (TypeError, KeyError, AttributeError, IndexError) as error:
        problem = f"could not be deserialized properly: {error!r}"
        raise DTypeError(cls.__name__, problem, repr(config)[:80]) from error


def _finish(thing, entry):
    """Build and compile a new object, if the file says with what."""
    shapes, compiled = entry.get("build_config"), entry.get("compile_config")
    if shapes and not getattr(thing, "built", True):
        _expect(dict, shapes, "'build_config' to be a dict")
        thing.build_from_config(shapes)
        thing.built = True
    if compiled and hasattr(thing, "compile_from_config"):
        _expect(dict, compiled, "'compile_config' to be a dict")
        thing.compile_from_config(compiled)
        thing.compiled = True


def _read(config):
    if config is None or isinstance(config, (int, float)):
        return config
    if isinstance(config, str):  # functions of old files are plain words
        found = get_registered_object(config)
        return config if found is None else found
    if isinstance(config, (list, tuple)):
        return [_read(x) for x in config]
    _expect(dict, config, "a config; Could not parse config")
    if "class_name" not in config or "config" not in config:
        return {key: _read(value) for key, value in config.items()}
    name = config["class_name"]
    _expect(str, name, "'class_name' to be a name")
    if name in READERS:
        return _read_special(name, config["config"])
    if name == "function":
        _expect(str, config["config"], "'config' to be a non-null str for a function")
        return find_thing(config, config["config"], "function")
    return _read_object(config)


class SafeModeScope:
    """Inside, lambdas may be read only if `safe_mode` is False."""

    def __init__(self, safe_mode=True):
        self._safe_mode = safe_mode

    def __enter__(self):
        self._before = scopes.safe_mode
        scopes.safe_mode = self._safe_mode

    def __exit__(self, *exception):
        scopes.safe_mode = self._before


def deserialize_keras_object(config, custom_objects=None, safe_mode=True, **kwargs):
    """The object that `serialize_keras_object` wrote down.

    custom_objects: {name: class or function} that the config may name beside the
    public ones and the registered ones. safe_mode: whether to refuse bytecode.
    Errors: an error that is a TypeError and a ValueError for a name in no table; a
    ValueError for a lambda in safe mode; a TypeError for a malformed config.

    >>> entry = serialize_keras_object({"a": [1, slice(0, 2)]})
    >>> deserialize_keras_object(entry)
    {'a': [1, slice(0, 2, None)]}
    """
    names = {**(kwargs.get("module_objects") or {}), **(custom_objects or {})}
    safe_mode = safe_mode if scopes.safe_mode is None else scopes.safe_mode
    try:
        with CustomObjectScope(names), SafeModeScope(safe_mode):
            return _read(config)
    except RecursionError:
        raise ArgumentError(WHO, "the config is nested too deeply") from None
