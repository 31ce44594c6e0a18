"""Generated from book/keras/holding.ipynb. Edit the chapter, not this file."""

import collections

import optree
from optree.registry import __GLOBAL_NAMESPACE as GLOBAL

from minikeras.core.variable import Variable
from minikeras.random.seed import SeedGenerator

STORES = {Variable: "variables", SeedGenerator: "seed_generators"}


def store_for(thing):
    """The name of the list in which `thing` is tracked, or None."""
    if isinstance(thing, Variable):
        trainable = "trainable" if thing.trainable else "non_trainable"
        return f"{trainable}_variables"
    for kind, store in STORES.items():
        if isinstance(thing, kind):
            return store
    return None


class Tracker:
    """Finds variables, layers, metrics and seeds put into attributes of its owner."""

    def __init__(self):
        self.stores = {}
        self.held = collections.Counter()
        self.locked = None

    def store(self, name):
        """The list of tracked things called `name`."""
        return self.stores.setdefault(name, [])

    def lock(self, message):
        """Refuse new state from now on, with this message."""
        self.locked = message

    def noted(self):
        """All that is noted, as a copy for `note_again`."""
        stores = {name: list(things) for name, things in self.stores.items()}
        return stores, self.held.copy(), self.locked

    def note_again(self, noted):
        """Go back to what was `noted` then."""
        self.stores, self.held, self.locked = noted

    def track(self, value):
        """Note `value` if it is state, look into containers; returns what to store."""
        store = store_for(value)
        if store is not None:
            self.add(store, value)
        elif type(value) in KEEPERS:
            return KEEPERS[type(value)](value, self)
        elif isinstance(value, tuple):
            items = [self.track(item) for item in value]
            return (
                type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
            )
        return value

    def add(self, store, thing):
        """Put `thing` into a store, once, and count how often it was put there."""
        things = self.store(store)
        if not any(known is thing for known in things):
            if self.locked:
                raise ValueError(self.locked)
            things.append(thing)
        self.held[id(thing)] += 1

    def untrack(self, thing):
        """Take `thing`, or what a container contains, out of the stores."""
        if isinstance(thing, (list, tuple, dict, set)):
            for item in thing.values() if isinstance(thing, dict) else thing:
                self.untrack(item)
        elif self.held[id(thing)] > 1:
            self.held[id(thing)] -= 1
        else:
            del self.held[id(thing)]
            for things in self.stores.values():
                things[:] = [known for known in things if known is not thing]

    def replaced(self, thing):
        """An attribute no longer holds `thing`: it is counted once less, and stays."""
        if self.held.get(id(thing)):
            self.held[id(thing)] -= 1


class TrackedList(list):
    """A list that tells its tracker what comes and goes."""

    def __init__(self, values=(), tracker=None):
        self.tracker = tracker
        super().__init__(map(self._see, values))

    def _see(self, value):
        return self.tracker.track(value) if self.tracker else value

    def append(self, value):
        super().append(self._see(value))

    def insert(self, index, value):
        super().insert(index, self._see(value))

    def extend(self, values):
        super().extend(map(self._see, values))

    def __reduce__(self):
        return list, (list(self),)

    def __setitem__(self, index, value):
        before = self[index]
        if self.tracker:
            self.tracker.untrack(before)
        values = map(self._see, value) if isinstance(index, slice) else self._see(value)
        super().__setitem__(index, values)

    def __delitem__(self, index):
        if self.tracker:
            self.tracker.untrack(self[index])
        super().__delitem__(index)

    def __iadd__(self, values):
        self.extend(values)
        return self

    def pop(self, index=-1):
        value = self[index]
        del self[index]
        return value

    def remove(self, value):
        del self[self.index(value)]

    def clear(self):
        del self[:]


class TrackedDict(dict):
    """A dict that tells its tracker what comes and goes."""

    def __init__(self, values=(), tracker=None):
        self.tracker = tracker
        super().__init__()
        self.update(values)

    def __setitem__(self, key, value):
        if self.tracker:
            self.tracker.untrack(self.get(key))
            value = self.tracker.track(value)
        super().__setitem__(key, value)

    def update(self, *values, **named):
        for key, value in dict(*values, **named).items():
            self[key] = value

    def setdefault(self, key, default=None):
        if key not in self:
            self[key] = default
        return self[key]

    def __reduce__(self):
        return dict, (dict(self),)

    def __delitem__(self, key):
        if self.tracker:
            self.tracker.untrack(self[key])
        super().__delitem__(key)

    def pop(self, key, *default):
        if key not in self:
            return super().pop(key, *default)
        value = self[key]
        del self[key]
        return value

    def popitem(self):
        key = next(reversed(self))
        return key, self.pop(key)

    def clear(self):
        for key in list(self):
            del self[key]


class TrackedOrderedDict(TrackedDict, collections.OrderedDict):
    """An OrderedDict that tells its tracker what comes and goes."""

    def __reduce__(self):
        return collections.OrderedDict, (list(self.items()),)


class TrackedSet(set):
    """A set that tells its tracker what comes and goes."""

    def __init__(self, values=(), tracker=None):
        self.tracker = tracker
        super().__init__()
        self.update(values)

    def add(self, value):
        if value not in self:
            super().add(self.tracker.track(value) if self.tracker else value)

    def update(self, *several):
        for values in several:
            for value in values:
                self.add(value)

    def __reduce__(self):
        return set, (list(self),)

    def remove(self, value):
        super().remove(value)
        if self.tracker:
            self.tracker.untrack(value)

    def discard(self, value):
        if value in self:
            self.remove(value)

    def pop(self):
        value = next(iter(self))
        self.remove(value)
        return value

    def clear(self):
        for value in list(self):
            self.remove(value)


KEEPERS = {list: TrackedList, dict: TrackedDict, set: TrackedSet}

KEEPERS[collections.OrderedDict] = TrackedOrderedDict


def opens(kind, take_apart, put_together):
    """Let nests contain objects of this class."""
    optree.register_pytree_node(kind, take_apart, put_together, namespace=GLOBAL)


opens(TrackedList, lambda values: (list(values), None), lambda _, values: list(values))

opens(
    TrackedDict,
    lambda values: ([values[key] for key in sorted(values)], sorted(values)),
    lambda keys, values: dict(zip(keys, values, strict=True)),
)

opens(
    TrackedOrderedDict,
    lambda values: (list(values.values()), list(values)),
    lambda keys, values: collections.OrderedDict(zip(keys, values, strict=True)),
)
