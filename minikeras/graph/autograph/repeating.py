"""Generated from book/graphs/autograph.ipynb. Edit the chapter, not this file."""

from types import SimpleNamespace

import optree

from minikeras.core.eager import evaluate
from minikeras.core.errors import ArgumentError, DTypeError, ShapeError, user_line
from minikeras.core.gradients import vjp
from minikeras.core.infer import Symbol, spec
from minikeras.core.specs import standardize_shape
from minikeras.core.table import Op
from minikeras.core.tensor import Tensor, Value, convert
from minikeras.graph.autograph.choosing import (
    NUMBERS,
    Side,
    and_,
    compare,
    either,
    if_,
    labelled,
    not_,
    one_truth,
    or_,
    same,
    stage,
    symbolic,
    value_of,
    zeros_for,
)
from minikeras.graph.autograph.places import (
    LATER,
    MISSING,
    NOTHING,
    Aside,
    Mark,
    Places,
)
from minikeras.graph.loops import loop
from minikeras.graph.program import writer
from minikeras.ops.core import cast, shape


class Carried:
    """What names stand for, taken apart: numbers, and all the rest."""

    def __init__(self, values):
        self.flat = {name: optree.tree_flatten(x) for name, x in values.items()}

    def numbers(self):
        """The numbers, in order."""
        leaves = [x for several, _ in self.flat.values() for x in several]
        return [x for x in leaves if isinstance(x, NUMBERS)]

    def labels(self):
        """What to call them."""
        pairs = [(name, leaves) for name, (leaves, _) in self.flat.items()]
        return [label for pair in pairs for label in labelled(*pair, NUMBERS)]

    def filled(self, numbers):
        """{name: value}, with other numbers."""
        rest, values = iter(numbers), {}
        for name, (leaves, nest) in self.flat.items():
            leaves = [next(rest) if isinstance(x, NUMBERS) else x for x in leaves]
            values[name] = optree.tree_unflatten(nest, leaves)
        return values

    def after(self, op, values):
        """The numbers after a round, if the rest is as it was."""
        for name, value in values.items():
            _check(op, name, value, *self.flat[name])
        return Carried(values).numbers()


def _check(op, name, value, leaves, nest):
    """Raise an error for a name that has become something else in a round."""
    now, structure = optree.tree_flatten(value)
    numbers = [
        isinstance(x, NUMBERS) and isinstance(y, NUMBERS) for x, y in zip(leaves, now)
    ]
    fits = all(n or same(x, y) for n, x, y in zip(numbers, leaves, now))
    if structure != nest or not fits:
        was = optree.tree_unflatten(nest, leaves)
        words = (
            f"{name!r} is {was!r} before the loop, but {value!r} after one iteration"
        )
        raise DTypeError(
            op, words, "only tensors can change, not structures or objects"
        )


def first_values(op, act, empty, places, extra):
    """{name: value} like what a round gives to names that are empty before it."""

    def run():
        with Aside(op, places, empty):
            act(*extra)
            return places.look(empty)

    side, found = Side(run, "body"), {}
    for name in empty:
        pairs = side.leaves[name]
        leaves = [x if node is None else zeros_for(node.spec) for x, node in pairs]
        found[name] = optree.tree_unflatten(side.nests[name], leaves)
    return found


def repeat(op, ask, act, names, places, going, extra=(), told=None):
    """A loop as a line: act(*extra) as long as ask(*extra), on the values of names.

    extra: the counter, if there is one; act gives the next. going: the first answer.
    told: gives the Options of the loop.
    """
    told = told() if told else Options()
    one_truth(op, going)
    values, k = places.look(names), len(extra)
    empty = [n for n, x in values.items() if x is None or isinstance(x, Mark)]
    late = [name for name in empty if values[name] is not LATER]
    if empty:
        values |= first_values(op, act, empty, places, extra)
    carried = Carried({n: x for n, x in values.items() if x is not MISSING})

    def inside(function):
        def run(now):
            with Aside(op, places, names):
                places.put(carried.filled(now[k:]))
                return function(*now[:k])

        return run

    def step(*extra):
        more = act(*extra)
        return [*more, *carried.after(op, places.look(carried.flat))]

    question = inside(lambda *extra: one_truth(op, value_of(ask(*extra))))
    start = [*extra, *carried.numbers()]
    found = loop(op, question, inside(step), start, **told.how(op, k, carried))
    places.put(_vouched(carried.filled(found[k:]), late, going))


happened = Op("happened", listed=False)


def _happened(x, going, name, place):
    """x, if there was a round."""
    if not going:
        problem = f"{name!r} gets its value in a loop, and there was no round"
        error = ArgumentError("loop", problem, hint="give it a value before the loop")
        error.at = place
        raise error
    return x


evaluate[happened] = _happened

spec[happened] = lambda x, going, **_: x

vjp[happened] = (lambda g, z, x, going, **_: g, None)


def _vouched(values, late, going):
    """The values after a loop; those that are born in it need a round."""
    for name in set(late) & set(values):
        leaves, nest = optree.tree_flatten(values[name])
        how = {"name": name, "place": user_line()}
        leaves = [
            happened(x, going, **how) if isinstance(x, Value) else x for x in leaves
        ]
        values[name] = optree.tree_unflatten(nest, leaves)
    return values


def while_(test, body, names, told=None):
    """The statement `while`."""
    going = value_of(test())
    while not symbolic(going):
        if not going:
            return
        body()
        going = value_of(test())
    places = Places(test, body)
    repeat("while", test, lambda: (body(), ())[1], names, places, going, told=told)


class Range:
    """What `range` gives for tensors."""

    def __init__(self, start, stop, step):
        self.start, self.stop, self.step = start, stop, step

    def __iter__(self):
        problem = "a range of tensors can only be walked by a `for` statement"
        raise DTypeError("range", problem, hint="for i in range(n): ..., rewritten")

    def before_end(self, i):
        """Whether the counter is not at the end."""
        if isinstance(self.step, int):
            return i < self.stop if self.step > 0 else i > self.stop
        rising = (self.step > 0) & (i < self.stop)
        return rising | (self.step < 0) & (i > self.stop)


def range_(*args):
    """The function `range`, also of tensors."""
    args = [value_of(x) for x in args]
    if not any(symbolic(x) for x in args):
        return range(*args)
    return Range(*{1: (0, *args, 1), 2: (*args, 1)}.get(len(args), args))


def for_(rows, body, names, stop, told=None):
    """The statement `for`: body(row) for each row, until stop()."""
    rows, places = value_of(rows), Places(body)
    if isinstance(rows, Range):
        _count(rows, body, names, stop, places, told)
    elif isinstance(rows, (Tensor, Symbol)) and writer() is not None:
        if not rows.ndim:
            problem = "a tensor without axes has no rows to walk"
            raise ShapeError("for", problem, str(rows.spec))
        counter = Range(0, shape(rows)[0], 1)
        _count(counter, lambda i: body(rows[i]), names, stop, places, told)
    else:
        _unroll(rows, body, names, stop, places)


def _count(counter, body, names, stop, places, told):
    """A loop with a counter, as a line."""

    def ask(i):
        more = counter.before_end(i)
        return and_(lambda: not_(stop()), lambda: more) if stop else more

    def act(i):
        body(i)
        return [i + counter.step]

    start = convert(counter.start)
    going = convert(counter.before_end(start))
    repeat("for", ask, act, names, places, going, [start], told)


def _unroll(rows, body, names, stop, places):
    """A loop of Python's; rounds after one that may have been the last are choices."""
    stopped = False
    for row in rows:
        if symbolic(stopped):
            stage(stopped, lambda: None, lambda row=row: body(row), names, places)
        else:
            body(row)
        stopped = value_of(stop()) if stop else False
        if not symbolic(stopped) and stopped:
            return


class Options:
    """What a loop says about itself by `set_loop_options`."""

    def __init__(self, limit=None, shapes=()):
        self.limit, self.shapes = limit, dict(shapes)

    def how(self, op, counters, carried):
        """How to run a loop, and what to call what it carries."""
        shapes = [None] * counters + self.shapes_of(op, carried)
        labels = ["the counter"] * counters + carried.labels()
        return {"limit": self.limit, "labels": labels, "shapes": shapes}

    def shapes_of(self, op, carried):
        """For each number that is carried its shape, or None."""
        found = []
        for name, (leaves, _) in carried.flat.items():
            numbers = [x for x in leaves if isinstance(x, NUMBERS)]
            if name in self.shapes and len(numbers) != 1:
                problem = f"a shape is told for {name!r}, which is not one tensor"
                raise ArgumentError(op, problem)
            found += [self.shapes.get(name)] * len(numbers)
        return found


def options(
    parallel_iterations=None, swap_memory=None, maximum_iterations=None,
    shape_invariants=None,
):  # fmt: skip
    """What the call in the loop becomes: its Options."""
    shapes = [(name, shape_of(x)) for name, x in shape_invariants or ()]
    return Options(maximum_iterations, shapes)


def shape_of(x):
    """A shape, from one or from something that has one."""
    return standardize_shape(getattr(x, "shape", x))


def int_(x=0, *base):
    """The function `int`, also of tensors."""
    x = value_of(x)
    return cast(x, "int32") if symbolic(x) else int(x, *base)


def float_(x=0.0):
    """The function `float`, also of tensors."""
    x = value_of(x)
    return cast(x, "float32") if symbolic(x) else float(x)


def len_(x):
    """The function `len`, also of tensors with a first axis of unknown size."""
    return shape(x)[0] if symbolic(value_of(x)) and x.ndim else len(x)


def given(result):
    """What a function returns that may have ended without return."""
    return None if result is NOTHING else result


BUILTINS = {range: range_, int: int_, float: float_, len: len_}

OPERATORS = [if_, while_, for_, and_, or_, not_, either, compare, given, options]

ag = SimpleNamespace(**{f.__name__: f for f in OPERATORS}, LATER=LATER, NOTHING=NOTHING)
