"""Generated from book/keras/registry.ipynb. Edit the chapter, not this file."""

from minikeras.activations.rectifiers import linear
from minikeras.core.errors import ArgumentError
from minikeras.saving.deserialization import deserialize_keras_object
from minikeras.saving.publics import public_thing
from minikeras.saving.serialization import serialize_keras_object
from minikeras.utils.catalogue import Catalogue

ACTIVATIONS = Catalogue("activations")


def get(identifier):
    """The activation of a name, config or function; None is `linear`.

    >>> get("relu")([-1.0, 1.0])
    Tensor([0., 1.], shape=(2,), dtype=float32)
    """
    if identifier is None:
        return linear
    if isinstance(identifier, dict):
        identifier = deserialize_keras_object(identifier)  # a layer is one, too
    return ACTIVATIONS.get(identifier)


def deserialize(config, custom_objects=None):
    """The activation that `serialize` wrote down."""
    return ACTIVATIONS.deserialize(config, custom_objects)


def serialize(activation):
    """What a file keeps of an activation: the plain name of a built-in, else an entry."""
    entry = serialize_keras_object(activation)
    if not isinstance(entry, dict):
        hint = "a function of minikeras.activations, or a registered one"
        raise ArgumentError("activations", "not a function", repr(activation), hint)
    name = entry["config"]
    if isinstance(name, str) and public_thing("keras.activations", name):
        return name
    return entry
