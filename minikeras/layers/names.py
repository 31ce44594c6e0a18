"""Generated from book/keras/registry.ipynb. Edit the chapter, not this file."""

import importlib

from minikeras.core.errors import ArgumentError
from minikeras.saving.deserialization import deserialize_keras_object
from minikeras.saving.serialization import serialize_keras_object


def serialize(layer):
    """The config of a layer, as `.keras` files keep it."""
    return serialize_keras_object(layer)


def deserialize(config, custom_objects=None):
    """The layer that `serialize` wrote down; a ValueError for anything else."""
    layer = deserialize_keras_object(config, custom_objects=custom_objects)
    if not isinstance(layer, importlib.import_module("minikeras.layers.layer").Layer):
        problem = "was passed a `config` object that is not a `keras.layers.Layer`"
        raise ArgumentError("layers.deserialize", problem, repr(config)[:80])
    return layer
