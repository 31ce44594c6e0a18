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

    def keep(self, keeper, container):
        """A container of our own in its place; one that is ours already is counted."""
        if not (isinstance(container, keeper) and container.tracker is self):
            container = keeper(container, self)
            self.held[id(container)] = 0
        self.held[id(container)] += 1
        return container

    def track(self, value):
        """Note `value` if it is state, look into containers; returns what to store."""
        store, keeper = store_for(value), keeper_for(value)
        if store is not None:
            self.add(store, value)
        elif keeper is not None:
            return self.keep(keeper, value)
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
            self.held[id(thing)] = 0
        self.held[id(thing)] += 1

    def untrack(self, thing):
        """Take `thing`, or what a container contains, out of the stores."""
        if self.held[id(thing)] > 1:
            self.held[id(thing)] -= 1
            return
        del self.held[id(thing)]
        for things in self.stores.values():
            things[:] = [known for known in things if known is not thing]
        if isinstance(thing, (list, tuple, dict, set)):
            for item in thing.values() if isinstance(thing, dict) else thing:
                self.untrack(item)


def keeper_for(value):
    """The class of ours that keeps containers like `value`, or None."""
    for kind, keeper in KEEPERS.items():
        if isinstance(value, kind):
            return keeper
    return None


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
        several = isinstance(index, slice)
        value = list(map(self._see, value)) if several else self._see(value)
        if self.tracker:
            self.tracker.untrack(self[index])
        super().__setitem__(index, value)

    def __delitem__(self, index):
        if self.tracker:
            self.tracker.untrack(self[index])
        super().__delitem__(index)

    def __iadd__(self, values):
        self.extend(values)
        return self

    def __imul__(self, count):
        self[:] = list(self) * count
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
            value = self.tracker.track(value)
            self.tracker.untrack(self.get(key))
        super().__setitem__(key, value)

    def update(self, *values, **named):
        for key, value in dict(*values, **named).items():
            self[key] = value

    def __ior__(self, values):
        self.update(values)
        return self

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

    def popitem(self, last=True):
        if not self:
            raise KeyError("popitem(): the dictionary is empty")
        key = next(reversed(self) if last else iter(self))
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
        value = super().pop()
        if self.tracker:
            self.tracker.untrack(value)
        return value

    def _become(self, wanted):
        """Let go of what is not in the set `wanted`, and take in the rest of it."""
        for value in set(self) - wanted:
            self.remove(value)
        self.update(wanted)
        return self

    def clear(self):
        self._become(set())

    def difference_update(self, *others):
        self._become(self.difference(*others))

    def intersection_update(self, *others):
        self._become(self.intersection(*others))

    def symmetric_difference_update(self, others):
        self._become(self.symmetric_difference(others))

    def __ior__(self, others):
        return self._become(self | others)

    def __iand__(self, others):
        return self._become(self & others)

    def __isub__(self, others):
        return self._become(self - others)

    def __ixor__(self, others):
        return self._become(self ^ others)


KEEPERS = {
    list: TrackedList,
    collections.OrderedDict: TrackedOrderedDict,
    dict: TrackedDict,
    set: TrackedSet,
}


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
