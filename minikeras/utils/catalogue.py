"""Generated from book/keras/registry.ipynb. Edit the chapter, not this file."""

import difflib
import importlib

from minikeras.core.errors import ArgumentError, DTypeError
from minikeras.core.names import to_snake_case
from minikeras.saving.deserialization import deserialize_keras_object, make
from minikeras.saving.registration import CustomObjectScope, get_registered_object
from minikeras.saving.serialization import serialize_keras_object


class Catalogue:
    """The names of one family of things: initializers, losses, optimizers...

    `room` is the part of the package that holds the family. Only things entered with
    `add`, or public in that room, can be found: no name is ever imported.
    """

    def __init__(self, room):
        self.room = room
        self._things = {}
        self._stocked = False

    def __repr__(self):
        return f"<Catalogue {self.room}: {len(self._things)} names>"

    def add(self, thing, *aliases):
        """Enter a class or function; returns it, so that `add` works as a decorator."""
        for name in (thing.__name__, *aliases):
            self._things[name] = thing
        self._things.setdefault(self._derived(thing.__name__), thing)
        return thing

    def _derived(self, name):
        """GlorotUniform -> glorot_uniform, but RMSprop -> rmsprop for optimizers."""
        return name.lower() if self.room == "optimizers" else to_snake_case(name)

    def find(self, name):
        """The class or function called `name`; ValueError with near names if unknown."""
        if name not in self._things and not self._stocked:
            self._stock()
        if name not in self._things and self.room == "optimizers":
            name = name.lower()  # Keras takes 'ADAM' for optimizers, and only there
        if name not in self._things:
            near = difflib.get_close_matches(name, self._things, n=3)
            self._refuse(
                name, "did you mean " + " or ".join(map(repr, near)) if near else None
            )
        return self._things[name]

    def _refuse(self, identifier, hint="a name, a config, a class or an object"):
        one = ONE_OF.get(self.room, self.room.removesuffix("s"))
        problem = f"Could not interpret {one} identifier: {str(identifier)[:60]}"
        raise ArgumentError(self.room, problem, hint=hint)

    def _stock(self):
        """Enter all public names of the room; runs once, on the first miss."""
        self._stocked = True
        room = importlib.import_module(f"minikeras.{self.room}")
        for name in sorted(set(room.__all__) - {"get", "serialize", "deserialize"}):
            thing = getattr(room, name)
            if callable(thing):
                self._things.setdefault(name, thing)
                self._things.setdefault(self._derived(name), thing)

    def get(self, identifier):
        """From None, a name, a config, a class or a ready object: the ready object."""
        thing = identifier
        if isinstance(identifier, (str, dict)):
            thing = self.deserialize(identifier)
        if isinstance(thing, type):
            thing = thing()
        if identifier is None or callable(thing) or hasattr(thing, "get_config"):
            return thing
        return self._refuse(identifier)

    def _named(self, name):
        """The thing of a name: registered by the user, or of this family."""
        if not isinstance(name, str):
            self._refuse(name)
        found = get_registered_object(name)
        return self.find(name) if found is None else found

    def serialize(self, thing):
        """What a file keeps of `thing`."""
        return serialize_keras_object(thing)

    def deserialize(self, config, custom_objects=None):
        """The inverse of `serialize`; a name or a short config of this family will do."""
        with CustomObjectScope(custom_objects):
            if isinstance(config, str):
                found = self._named(config)
                return found() if isinstance(found, type) else found
            if not isinstance(config, dict):
                return self.get(config)
            return self._from_entry(config)

    def _from_entry(self, entry):
        """The thing of an entry: the user's, a function, or a class with a config."""
        if "class_name" not in entry:
            raise ArgumentError(
                self.room, f"Unknown `config` as a `dict`: {entry!r:.80}"
            )
        name, inner = entry["class_name"], entry.get("config")
        words = (name, entry.get("registered_name"), inner)
        if any(get_registered_object(word) is not None for word in words):
            return deserialize_keras_object({"config": {}, **entry})
        if name == "function":
            return self._named(inner)
        mine = getattr(self._things.get(name), "__module__", None)
        if entry.get("module", "") is None and mine != "__main__":
            problem = f"Cannot deserialize object of type `{name}`"
            hint = (
                "@saving.register_keras_serializable(), or custom_objects={name: ...}"
            )
            raise DTypeError(self.room, problem, hint=hint)
        found = self._named(name)
        return make(found, inner or {}) if isinstance(found, type) else found


ONE_OF = {"activations": "activation function", "losses": "loss"}
