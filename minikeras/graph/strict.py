"""Generated from book/graphs/function.ipynb. Edit the chapter, not this file."""

from contextlib import contextmanager, suppress
from inspect import unwrap
from types import CodeType
from types import FunctionType as PythonFunction

from minikeras.core.errors import TraceError


def global_names(code):
    """The names that a piece of code, or a piece inside of it, looks up outside."""
    inner = [c for c in code.co_consts if isinstance(c, CodeType)]
    return {*code.co_names, *[name for c in inner for name in global_names(c)]}


def reached(function):
    """(name, object) of all that a function finds by a name: cells, globals, defaults."""
    code, outside = function.__code__, function.__globals__
    for name, cell in zip(code.co_freevars, function.__closure__ or ()):
        with suppress(ValueError):  # it is empty yet
            yield name, cell.cell_contents
    for name in sorted(global_names(code) & outside.keys()):
        yield name, outside[name]
    defaults = function.__defaults__ or ()
    yield from zip(code.co_varnames[code.co_argcount - len(defaults) :], defaults)
    yield from (function.__kwdefaults__ or {}).items()


def items_of(x):
    """What a list or set holds; of a dict, its names and its values."""
    return [*x, *x.values()] if isinstance(x, dict) else list(x)


def containers(function):
    """{id: (name, container, what it holds)} of those that a function can reach."""
    found, todo = {}, [(function.__name__, function)]
    while todo:
        name, x = todo.pop()
        x = unwrap(x) if callable(x) else x
        if id(x) in found:
            continue
        if isinstance(x, PythonFunction):
            found[id(x)] = name, x, None
            todo += reached(x) if x.__globals__ is function.__globals__ else ()
        elif isinstance(x, (list, dict, set)):
            found[id(x)] = name, x, items_of(x)
            todo += [(name, item) for item in items_of(x)]
    return {key: entry for key, entry in found.items() if entry[2] is not None}


def put_back(x, held):
    """Give a container what it held before."""
    x.clear()
    if isinstance(x, dict):
        held = zip(held[: len(held) // 2], held[len(held) // 2 :])
    x.extend(held) if isinstance(x, list) else x.update(held)


@contextmanager
def untouched(function):
    """Inside, nothing that the function can reach may change; if it does, a TraceError."""
    before = containers(function)
    yield
    changed = [
        entry
        for entry in before.values()
        if list(map(id, items_of(entry[1]))) != list(map(id, entry[2]))
    ]
    for _, x, held in changed:
        put_back(x, held)
    for name, x, _ in changed:
        problem = (
            f"{name!r} changed while tracing, which happens once, not on each call"
        )
        hint = "return what is to be kept, or assign it to a Variable"
        raise TraceError(function.__name__, problem, f"a {type(x).__name__}", hint)
