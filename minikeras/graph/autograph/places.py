"""Generated from book/graphs/autograph.ipynb. Edit the chapter, not this file."""

import optree

from minikeras.core.errors import DTypeError
from minikeras.core.infer import Symbol


class Mark:
    """What stands for a value that is not there."""

    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return self.text


MISSING = Mark("nothing")  # the name is not bound

LATER = Mark("a result to come")  # of a function that returns on every path

NOTHING = Mark("no result")  # of a function that may end without return


class Places:
    """The names that functions share; each keeps its value in a cell."""

    def __init__(self, *functions):
        self.cells, self.world = {}, functions[0].__globals__
        for f in functions:
            self.cells |= zip(f.__code__.co_freevars, f.__closure__ or ())

    def look(self, names):
        """{name: value}, as of now."""
        return {name: self[name] for name in names}

    def put(self, values):
        """Give names these values."""
        for name, value in values.items():
            self[name] = value

    def __getitem__(self, name):
        """What a name, or an attribute such as "self.x", stands for now."""
        base, _, rest = name.rpartition(".")
        if base:
            return getattr(self[base], rest, MISSING)
        if name not in self.cells:
            return self.world.get(name, MISSING)
        try:
            return self.cells[name].cell_contents
        except ValueError:
            return MISSING

    def __setitem__(self, name, value):
        """Let a name, or an attribute, stand for a value, or for nothing."""
        base, _, rest = name.rpartition(".")
        if value is self[name]:
            return
        if not base and name not in self.cells:
            self.world[name] = value
            return
        holder = self[base] if base else self.cells[name]
        attribute = rest if base else "cell_contents"
        if value is MISSING:
            delattr(holder, attribute)
        else:
            setattr(holder, attribute, value)


class Aside:
    """What happens inside leaves names, and lists that they stand for, as they were."""

    def __init__(self, op, places, names):
        self.op, self.places = op, places
        self.before = places.look({*places.cells, *names})
        kinds = (list, dict, set)
        held = [(k, x) for k, x in self.before.items() if isinstance(x, kinds)]
        self.held = [(name, now, now.copy()) for name, now in held]

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.places.put(self.before)
        changed = [name for name, now, was in self.held if _undo(now, was)]
        if changed and error is None:
            problem = f"{changed[0]!r} would keep a tensor that is made inside"
            hint = "ops.map or ops.scan, which stack what each round gives"
            raise DTypeError(self.op, problem, "append, or another change", hint)


def _undo(now, before):
    """Take back what was put into a container, if tensors are among it."""
    items = list(now.values() if isinstance(now, dict) else now)
    known = {id(x) for x in (before.values() if isinstance(before, dict) else before)}
    new = optree.tree_leaves([x for x in items if id(x) not in known])
    if not any(isinstance(x, Symbol) for x in new):
        return False
    now.clear()
    (now.extend if isinstance(now, list) else now.update)(before)
    return True
