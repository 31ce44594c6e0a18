"""Generated from book/graphs/loops.ipynb. Edit the chapter, not this file."""

import numpy as np
import optree

from minikeras.core.dtypes import NUMPY
from minikeras.core.eager import evaluate
from minikeras.core.errors import ArgumentError, DTypeError, ShapeError
from minikeras.core.gradients import recurrences, vjp, zeros_like
from minikeras.core.infer import spec
from minikeras.core.specs import known_spec
from minikeras.core.table import scatter_slice, strided_slice
from minikeras.core.tensor import convert, size_of
from minikeras.graph.branches import (
    Branch,
    Several,
    Specs,
    Written,
    close,
    derived,
    floats,
    played,
    slopes,
    spread,
)
from minikeras.graph.choices import joint
from minikeras.graph.concrete import contents
from minikeras.graph.program import open_sheet

repeat = Several("while", listed=False)


def _repeat(*arrays, test, body, consts, limit, keep):
    """The carried values after the last round; with `keep`, also those before each."""
    fixed, carried = arrays[:consts], arrays[consts:]
    rounds, before = 0, [[] for _ in carried]
    while rounds != limit and test(*fixed, *carried)[0]:
        if keep:
            for column, x in zip(before, carried):
                column.append(x)
        carried, rounds = body(*fixed, *carried), rounds + 1
    kept = [stacked(*pair) for pair in zip(before, carried)] if keep else []
    return *carried, *kept


def stacked(rows, like):
    """Arrays of one shape as the rows of one; `like` is the shape if there are none."""
    if len({row.shape for row in rows}) > 1:
        got = f"{list(rows[0].shape)} and {list(rows[-1].shape)}"
        raise ShapeError(
            "while", "to go back, all rounds need values of one shape", got
        )
    return np.stack(rows) if rows else np.zeros((0, *like.shape), like.dtype)


def _repeat_spec(*specs, test, body, consts, limit, keep):
    ends = [x.spec for x in body.inputs[consts:]]
    return Specs([*ends, *([rows_of(z, None) for z in ends] if keep else [])])


def rows_of(x, count):
    """The spec of `count` values like `x`, stacked."""
    return known_spec((count, *x.shape), x.dtype)


evaluate[repeat], spec[repeat] = _repeat, _repeat_spec


def settled(op, function, nest, carried, rows=(), labels=None, shapes=None):
    """`function`, written down as the body of a loop whose results fit its arguments.

    nest: the structure of what is carried. rows: specs of further arguments.
    labels: what to call the carried values in errors. shapes: those that are promised.
    """
    specs = [x.spec for x in carried]
    names = labels or [f"value {i}" for i in range(len(specs))]
    shapes = shapes or [None] * len(specs)
    specs = [promised(op, *about) for about in zip(names, specs, shapes)]
    while True:
        body = Written(function, "body", [*specs, *rows])
        ends = body.outputs[: len(specs)]
        met = [_after_a_round(op, *about) for about in zip(names, specs, ends, shapes)]
        if met == specs:
            return body
        specs = met


def promised(op, label, x, shape):
    """The spec of a carried value in the shape that it is said to keep to."""
    if shape is None:
        return x
    if len(shape) != x.ndim or any(n not in (None, m) for m, n in zip(x.shape, shape)):
        problem = f"{label} has shape {x.shape} before the loop, which is not {shape}"
        raise ShapeError(op, problem, str(x), "a shape with None for sizes that change")
    return known_spec(shape, x.dtype)


def _after_a_round(op, label, x, z, shape=None):
    """The spec that covers a carried value before a round and after it."""
    words = "{} has {} before the loop, but {} after one iteration"
    if x.dtype != z.dtype:
        pair = f"dtype {x.dtype}", f"dtype {z.dtype}"
        raise DTypeError(op, words.format(label, *pair), hint=f"cast to {x.dtype}")
    if x.ndim != z.ndim:
        pair = f"shape {x.shape}", f"shape {z.shape}"
        raise ShapeError(op, words.format(label, *pair))
    met = joint(x, z.spec)
    if shape is not None and met != x:
        pair = f"shape {x.shape}", f"shape {z.shape}"
        raise ShapeError(op, words.format(label, *pair), hint="None in its invariant")
    return met


def loop(op, test, body, start, limit=None, labels=None, shapes=None):
    """The nest `start`, replaced by body(nest) as long as test(nest) is true: a line.

    op: what the caller is called, for errors. test: gives one number, true if not 0.
    limit: at most so many rounds. labels, shapes: of the leaves; see `settled`.
    """
    leaves, nest = optree.tree_flatten(start)
    carried = [convert(x) for x in leaves]

    def step(*values):
        return check_nest(op, body(optree.tree_unflatten(nest, values)), nest)

    def ask(*values):
        return test(optree.tree_unflatten(nest, values))

    done = settled(op, step, nest, carried, labels=labels, shapes=shapes)
    asked = Written(ask, "test", [x.spec for x in done.given])
    if asked.updates:
        raise ArgumentError(op, "the condition of a loop must not change a variable")
    values, changed = close([asked, done])
    graphs = {"test": asked.graph, "body": done.graph, "consts": len(values)}
    values += [*carried, *contents(changed)]
    found = repeat(*values, **graphs, limit=limit, keep=False)
    hand_back(changed, found[len(carried) :])
    return optree.tree_unflatten(nest, found[: len(carried)])


def check_nest(op, result, nest):
    """What a round returns, if it has the structure of what it was given."""
    if optree.tree_structure(result) != nest:
        problem = "a round must return the structure that it was given"
        given = optree.tree_unflatten(nest, ["*"] * nest.num_leaves)
        got = optree.tree_map(lambda x: "*", result)
        raise DTypeError(op, problem, f"{got!r} for {given!r}".replace("'", ""))
    return result


def hand_back(variables, values):
    """Give variables what they hold at the end."""
    for variable, value in zip(variables, values):
        variable.assign(value)


walk = Several("scan", listed=False)


def _walk(*arrays, body, consts, carry, reverse, length):
    """The carried values at the end, then the results of all rounds, stacked."""
    fixed, rows = arrays[:consts], arrays[consts + carry :]
    carried, left = arrays[consts : consts + carry], []
    count = len(rows[0]) if rows else length
    for i in range(count)[:: -1 if reverse else 1]:
        found = body(*fixed, *carried, *[row[i, ...] for row in rows])
        carried = found[:carry]
        left.append(found[carry:])
    if reverse:
        left.reverse()
    empty = [_nothing(z.spec) for z in body.outputs[carry:]]
    columns = [[found[i] for found in left] for i in range(len(empty))]
    return *carried, *(stacked(*pair) for pair in zip(columns, empty))


def _nothing(x):
    """An array of the dtype and, as far as it is known, the shape of a spec."""
    return np.zeros([n or 0 for n in x.shape], NUMPY[x.dtype])


def _walk_spec(*specs, body, consts, carry, reverse, length):
    rows, ends = specs[consts + carry :], [x.spec for x in body.inputs[consts:][:carry]]
    count = rows[0].shape[0] if rows else length
    return Specs([*ends, *[rows_of(z.spec, count) for z in body.outputs[carry:]]])


evaluate[walk], spec[walk] = _walk, _walk_spec


def fold(op, function, start, rows, length=None, reverse=False):
    """function(nest, row) -> (nest, result) along the rows: a line.

    Returns the last nest and the results, stacked. length: if there are no rows.
    """
    leaves, nest = optree.tree_flatten(start)
    lines, shape = optree.tree_flatten(rows)
    carried, lines = [convert(x) for x in leaves], [convert(x) for x in lines]
    size, kept = len(carried), []

    def step(*values):
        state = optree.tree_unflatten(nest, values[:size])
        row = optree.tree_unflatten(shape, values[size:])
        state, result = pair(op, function(state, row))
        kept[:] = optree.tree_flatten(result)
        return [*optree.tree_leaves(check_nest(op, state, nest)), *kept[0]]

    slim = [known_spec(x.shape[1:], x.dtype) for x in lines]
    body = settled(op, step, nest, carried, slim)
    values, changed = close([body], carried=size)
    how = {"consts": len(values), "carry": size + len(changed)}
    values += [*carried, *contents(changed), *lines]
    found = walk(*values, body=body.graph, **how, reverse=reverse, length=length)
    ends, left = found[: how["carry"]], found[how["carry"] :]
    hand_back(changed, ends[size:])
    return optree.tree_unflatten(nest, ends[:size]), optree.tree_unflatten(
        kept[1], left
    )


def pair(op, result):
    """What one round of a scan returns: what is carried, and what is left behind."""
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise DTypeError(op, "`f` must return a pair, (carry, y)", repr(result))
    return result


def back_round(body, consts, carry, keep):
    """One round back, as the body of a scan.

    It takes the fixed values; carries gradients of the carried values and sums for the
    fixed ones; and its rows are what was carried, the rows, the gradients of what was
    left behind and, with `keep`, of what was kept.
    """
    branch, ends = Branch(f"{body.name}_back"), body.inputs[consts + carry :]
    fixed, carried = body.inputs[:consts], body.inputs[consts:][:carry]
    groups = {"c": fixed, "g": floats(carried), "s": floats(fixed), "x": carried}
    groups |= {"r": ends, "h": floats(body.outputs[carry:])}
    groups["k"] = floats(carried) if keep else []
    given = {
        key: [branch.another_input(x, f"{key}{i}") for i, x in enumerate(group)]
        for key, group in groups.items()
    }
    with open_sheet(branch):
        inputs = [*given["c"], *given["x"], *given["r"]]
        found = slopes(body, inputs, [*given["g"], *given["h"]])
        n, m = len(given["s"]), len(given["g"])
        sums = [s + share for s, share in zip(given["s"], found[:n])]
        back = found[n : n + m]
        if keep:
            back = [g + k for g, k in zip(back, given["k"])]
        branch.outputs = [branch.own(z) for z in (*back, *sums, *found[n + m :])]
    return branch


def way_back(g, inputs, kept, body, consts, carry, reverse=False, keep=False):
    """The gradients of the inputs of a loop whose carried values were `kept`."""
    fixed, start, rows = (
        inputs[:consts],
        inputs[consts:][:carry],
        inputs[consts + carry :],
    )
    begin = [*floats(g[:carry]), *(zeros_like(x) for x in floats(fixed))]
    found = walk(
        *(*fixed, *begin, *kept, *rows, *floats(g[carry:])),
        body=back_round(body, consts, carry, keep),
        consts=consts,
        carry=len(begin),
        reverse=not reverse,
        length=None,
    )
    n = len(floats(g[:carry]))
    sums, rest = found[n : len(begin)], found[len(begin) :]
    return [*spread(sums, fixed), *spread(found[:n], start), *spread(rest, rows)]


def keeping(body, consts, carry):
    """A body that also leaves behind what was carried into the round."""

    def round(branch, inputs):
        return [*played(body, inputs), *inputs[consts:][:carry]]

    return derived(f"{body.name}_kept", body, round)


def _walk_back(g, z, *inputs, body, consts, carry, reverse, length):
    """The gradient of a scan: a scan in the other direction."""
    how = {"consts": consts, "carry": carry, "reverse": reverse}
    twice = keeping(body, consts, carry)
    found = walk(*inputs, body=twice, **how, length=length)
    return way_back(g, inputs, found[len(found) - carry :], body, **how)


def _repeat_back(g, z, *inputs, test, body, consts, limit, keep):
    """The gradient of a while loop: once more, keeping all; then a scan back."""
    graphs = {"test": test, "body": body, "consts": consts}
    found = repeat(*inputs, **graphs, limit=limit, keep=True)
    carry = len(body.outputs)
    return way_back(g, inputs, found[carry:], body, consts, carry, keep=keep)


vjp[walk], vjp[repeat] = _walk_back, _repeat_back


def moved_back(x, steps, axis):
    """`x` moved back along an axis by `steps` places, a tensor, and zeros behind it."""
    whole = ((None, None, None),) * axis
    piece = strided_slice(x, steps, index=(*whole, ("?", None, None)))
    return scatter_slice(piece, x, -steps, index=(*whole, (None, "?", None)))


def doubled_later(a, b, axis):
    """`recurrence` along an axis of any size: a loop of doublings."""
    size = size_of(a, axis)

    def double(values):
        a, b, steps = values
        shifted = moved_back(a, steps, axis), moved_back(b, steps, axis)
        return a * shifted[0], b + a * shifted[1], steps * 2

    start = a, b, np.int32(1)
    return loop("cumprod", lambda values: values[2] < size, double, start)[1]


recurrences.append(doubled_later)
