"""Generated from book/keras/registry.ipynb. Edit the chapter, not this file."""

import functools
import importlib

ROOMS = {"keras": "minikeras"} | {
    f"keras.{room}": f"minikeras.{room}"
    for room in """activations constraints dtype_policies initializers layers losses
    metrics models ops optimizers optimizers.schedules random regularizers
    mixed_precision""".split()
}


def room_of(module):
    """The room that a file calls `module`, or None."""
    if module not in ROOMS:
        return None
    try:
        return importlib.import_module(ROOMS[module])
    except ModuleNotFoundError:  # no chapter has built it yet
        return None


FUNCTION_ROOMS = [
    f"keras.{room}"
    for room in """activations constraints initializers losses metrics regularizers
    ops""".split()
]

LOOKUPS = ("get", "serialize", "deserialize")


def public_thing(module, name):
    """The class or function that a file may mean by `module` and `name`, or None."""
    room = room_of(module)
    if room is None or name not in room.__all__ or name in LOOKUPS:
        return None
    thing = getattr(room, name)
    if isinstance(thing, type):
        return thing if saveable(thing) else None
    return thing if module in FUNCTION_ROOMS and callable(thing) else None


def saveable(cls):
    """Whether a class can be written as a config and made again from it."""
    return hasattr(cls, "get_config") and hasattr(cls, "from_config")


@functools.cache
def public_name(cls):
    """Where a public class stands for files, ('keras.layers', 'Dense'), or None."""
    for module in ROOMS:
        homes = getattr(room_of(module), "_HOMES", {})
        if homes.get(cls.__name__) == cls.__module__:
            return module, cls.__name__
    return None
