"""Generated from book/keras/registry.ipynb. Edit the chapter, not this file."""

import base64
import marshal
import types
import warnings

import numpy as np

from minikeras.core.dtypes import standardize_dtype
from minikeras.core.errors import DTypeError
from minikeras.core.tensor import Value
from minikeras.saving.publics import public_name
from minikeras.saving.registration import get_registered_name, scopes


def _special(name, **config):
    return {"class_name": f"__{name}__", "config": config}


def _write_slice(x):
    parts = {"start": x.start, "stop": x.stop, "step": x.step}
    return _special("slice", **serialize_dict(parts))


def _write_array(x):
    if isinstance(x, np.generic) or x.ndim == 0:
        return x.item()
    return _special("numpy", value=x.tolist(), dtype=standardize_dtype(x.dtype))


def _write_value(x):
    if hasattr(x, "_keras_history"):  # a symbol: shape, dtype, and where it came from
        origin = x._keras_history and [x._keras_history[0].name, *x._keras_history[1:]]
        about = {"shape": x.shape, "dtype": x.dtype, "keras_history": origin}
        return _special("keras_tensor", **about)
    return _special("tensor", value=x.numpy().tolist(), dtype=x.dtype)


SPECIAL = {
    bytes: lambda x: _special("bytes", value=x.decode("utf-8")),
    slice: _write_slice,
    type(...): lambda x: _special("ellipsis"),
    Value: _write_value,
    np.ndarray: _write_array,
    np.generic: _write_array,
}


def serialize_dict(obj):
    """A dict with all its values serialized."""
    return {key: serialize_keras_object(value) for key, value in obj.items()}


def serialize_keras_object(obj):
    """What a file keeps of an object: plain values, lists and dicts only.

    An object becomes {"module", "class_name", "config", "registered_name"}, where
    config is what its `get_config` gives; a function, its name in such an entry.
    Errors: a TypeError if it has no `get_config` and no name.

    >>> serialize_keras_object((1, slice(0, 2)))[1]["class_name"]
    '__slice__'
    """
    if obj is None or isinstance(obj, (str, int, float)):
        return obj
    if isinstance(obj, (list, tuple)):
        return (tuple if isinstance(obj, tuple) else list)(
            [serialize_keras_object(x) for x in obj]
        )
    if isinstance(obj, dict):
        return serialize_dict(obj)
    for kind, write in SPECIAL.items():
        if isinstance(obj, kind):
            return write(obj)
    if is_lambda(obj):
        return _write_lambda(obj)
    return _write_object(obj)


def _write_object(obj):
    module, class_name, registered = _name_in_file(obj)
    entry = {"module": module, "class_name": class_name}
    entry |= {"config": _inner_config(obj), "registered_name": registered}
    for part in ("build_config", "compile_config"):
        config = getattr(obj, f"get_{part}", lambda: None)()
        if config is not None:
            entry[part] = serialize_dict(config)
    _note_sharing(obj, entry)
    return entry


def _name_in_file(obj):
    """module, class_name and registered_name of an object."""
    if hasattr(obj, "_name_in_file"):  # a thing that has no public class
        return obj._name_in_file
    cls = type(obj)
    if public_name(cls):
        return (*public_name(cls), None)
    module = None if cls.__module__ == "__main__" else cls.__module__
    return module, cls.__name__, get_registered_name(cls)


def _inner_config(obj):
    """The config of an object, or the name of a function."""
    kept, cls = hasattr(obj, "get_config"), isinstance(obj, type)
    if kept and not cls:
        config = obj.get_config()
        if isinstance(config, dict):
            return serialize_dict(config)
        problem, hint = "get_config() should return a dict", "a dict of arguments"
    elif hasattr(obj, "__name__") and not kept:
        return get_registered_name(obj)
    else:
        problem, hint = "Cannot serialize object", "an object with get_config()"
    raise DTypeError("serialize_keras_object", problem, repr(obj)[:80], hint)


def is_lambda(obj):
    return isinstance(obj, types.FunctionType) and obj.__name__ == "<lambda>"


def _write_lambda(function):
    """The bytecode of a lambda, its defaults and what it has closed over."""
    warnings.warn(
        "The object being serialized includes a `lambda`. To read it back, one has to "
        "trust the file and say safe_mode=False; a function with a name needs no trust",
        stacklevel=4,
    )
    code = base64.encodebytes(marshal.dumps(function.__code__)).decode("ascii")
    cells = function.__closure__ and tuple(
        c.cell_contents for c in function.__closure__
    )
    return _special("lambda", value=(code, function.__defaults__, cells))


class ObjectSharingScope:
    """Inside, an object that is written or read in two places stays one object."""

    def __enter__(self):
        self._before = scopes.written, scopes.read
        scopes.written, scopes.read = {}, {}

    def __exit__(self, *exception):
        scopes.written, scopes.read = self._before


def _note_sharing(obj, entry):
    """At the second sighting of `obj`, number both its entries."""
    if scopes.written is None:
        return
    first, _ = scopes.written.setdefault(id(obj), (entry, obj))
    if first is not entry:
        first["shared_object_id"] = entry["shared_object_id"] = id(obj)
