"""Generated from book/keras/initializers.ipynb. Edit the chapter, not this file."""

import difflib
import importlib

from minikeras.core.errors import ArgumentError
from minikeras.core.names import to_snake_case


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
        for name in (to_snake_case(thing.__name__), thing.__name__.lower()):
            self._things.setdefault(name, thing)
        return thing

    def find(self, name):
        """The class or function called `name`; ValueError with near names if unknown."""
        if name not in self._things and not self._stocked:
            self._stock()
        if name not in self._things:
            near = difflib.get_close_matches(name, self._things, n=3)
            hint = "did you mean " + " or ".join(map(repr, near)) if near else None
            raise ArgumentError(self.room, "no such name", repr(name), hint)
        return self._things[name]

    def _stock(self):
        """Enter all public names of the room; runs once, on the first miss."""
        self._stocked = True
        room = importlib.import_module(f"minikeras.{self.room}")
        for name in sorted(set(dir(room)) - {"get", "serialize", "deserialize"}):
            thing = getattr(room, name)
            if callable(thing) and not name.startswith("_"):
                self._things.setdefault(name, thing)
                self._things.setdefault(to_snake_case(name), thing)

    def get(self, identifier):
        """From None, a name, a config, a class or a ready object: the ready object."""
        if isinstance(identifier, dict):
            return self.deserialize(identifier)
        if isinstance(identifier, str):
            identifier = self.find(identifier)
        if isinstance(identifier, type):
            return identifier()
        if (
            identifier is None
            or callable(identifier)
            or hasattr(identifier, "get_config")
        ):
            return identifier
        problem = "not a name, config, class or object"
        raise ArgumentError(self.room, problem, repr(identifier))

    def serialize(self, thing):
        """What a file keeps of `thing`: a function's name, or class name and config."""
        if thing is None or isinstance(thing, str):
            return thing
        if not hasattr(thing, "get_config"):
            return thing.__name__
        return {
            "module": f"keras.{self.room}",
            "class_name": type(thing).__name__,
            "config": thing.get_config(),
            "registered_name": None,
        }

    def deserialize(self, config):
        """The inverse of `serialize`."""
        if not isinstance(config, dict):
            return self.get(config)
        if config.get("class_name") == "function":
            return self.find(config["config"])
        return self.find(config["class_name"]).from_config(config["config"])
