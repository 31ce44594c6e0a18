"""Generated from book/graphs/loops.ipynb. Edit the chapter, not this file."""

import numpy as np
import optree

import minikeras.core.table as table
from minikeras.core.eager import evaluate
from minikeras.core.errors import ArgumentError, DTypeError, ShapeError
from minikeras.core.gradients import recurrences, vjp, zeros_like
from minikeras.core.infer import COMPARISONS, Symbol, spec
from minikeras.core.specs import known_spec
from minikeras.core.table import cast, scatter_slice, select, strided_slice
from minikeras.core.tensor import Value, convert, size_of
from minikeras.graph.branches import (
    Branch,
    Kept,
    Several,
    Specs,
    Written,
    close,
    floats,
    nothing,
    read_back,
    reads,
    saving,
    seeds_of,
    spread,
)
from minikeras.graph.choices import joint
from minikeras.graph.concrete import contents
from minikeras.graph.graph import constant
from minikeras.graph.program import open_sheet

repeat = Several("while", listed=False)


def _repeat(*arrays, test, body, consts, limit):
    """The carried values after the last round; then what the rounds left, stacked."""
    fixed, carried, left = arrays[:consts], arrays[consts:], []
    carry = len(carried)
    while (limit is None or len(left) < limit) and test(*fixed, *carried)[0]:
        found = body(*fixed, *carried)
        carried = found[:carry]
        left.append(found[carry:])
    return *carried, *columns(left, body.outputs[carry:])


def columns(left, nodes):
    """What the rounds have left behind, stacked; `nodes` say of what kind it is."""
    empty = [nothing(z.spec)._data for z in nodes]
    return [stacked([row[i] for row in left], x) for i, x in enumerate(empty)]


def stacked(rows, like):
    """Arrays of one shape as the rows of one; `like` is the shape if there are none."""
    if len({row.shape for row in rows}) > 1:
        got = f"{list(rows[0].shape)} and {list(rows[-1].shape)}"
        raise ShapeError(
            "while", "to go back, all rounds need values of one shape", got
        )
    return np.stack(rows) if rows else np.zeros((0, *like.shape), like.dtype)


def _repeat_spec(*specs, test, body, consts, limit):
    ends = [x.spec for x in body.inputs[consts:]]
    left = [rows_of(z.spec, None) for z in body.outputs[len(ends) :]]
    return Specs([*ends, *left])


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
    if isinstance(limit, Value):
        limit = convert(limit)
        if isinstance(limit, Symbol):
            return limited(op, test, body, start, limit, labels, shapes)
        limit = int(limit)
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
    found = repeat(*values, **graphs, limit=limit)
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


def limited(op, test, body, start, limit, labels=None, shapes=None):
    """A `loop` that counts its rounds, for a limit that only a run knows."""
    size = len(optree.tree_leaves(start))
    labels = labels or [f"value {i}" for i in range(size)]
    limit = cast(limit, dtype="int32")

    def ask(now):
        more = convert(test(now[1]))
        return select(now[0] < limit, more, zeros_like(more))

    found = loop(
        op,
        ask,
        lambda now: (now[0] + 1, body(now[1])),
        (convert(0, "int32"), start),
        labels=["the number of rounds", *labels],
        shapes=[None, *(shapes or [None] * size)],
    )
    return found[1]


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
    return *carried, *columns(left, body.outputs[carry:])


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


SPREADING = (table.broadcast_like, table.broadcast_to, table.full, table.iota)


CHEAP = (
    table.reshape, table.transpose, table.strided_slice, table.stop_gradient,
    table.cast, table.add, table.subtract, table.multiply, table.negative,
    table.select, *COMPARISONS,
)  # fmt: skip


def without_cheap(saved, gone, fixed):
    """What is saved, without what is one cheap step away from what is at hand.

    gone: inputs that are not. fixed: ids of lines that are the same in all rounds.
    """
    known, lost = {id(x) for x in saved} | fixed, {id(x) for x in gone}

    def at_hand(x):
        if x.op in SPREADING:
            return all(at_hand(y) for y in reads(x))
        outside = x.op in (None, constant) and id(x) not in lost
        return outside or id(x) in known

    return [
        x for x in saved if x.op not in CHEAP or not all(at_hand(y) for y in reads(x))
    ]


def kept_round(body, consts, carry):
    """The body of a loop, which leaves behind in each round what the way back reads."""
    kept = Kept(body)
    steady = {id(n) for x in kept.inputs for n in x.sizes}
    fixed, gone = {id(x) for x in kept.inputs[:consts]}, kept.inputs[consts:][:carry]
    for x in kept.nodes:
        if all(id(y) in fixed for y in x.inputs):
            fixed.add(id(x))

    def again(x):
        known = all(n.__class__ is int or id(n) in steady for n in x.sizes)
        return x.op in SPREADING or id(x) in fixed or not known

    kept.save(without_cheap(read_back(kept, gone, again), gone, fixed), carry)
    return kept


def _walk_saving(body, **how):
    """A scan with a body that saves."""
    if isinstance(body, Kept):
        return None, {"body": body, **how}
    kept = kept_round(body, how["consts"], how["carry"])
    return len(body.outputs), {"body": kept, **how}


def _repeat_saving(body, **how):
    """A while with a body that saves; something, so that the rounds can be counted."""
    if isinstance(body, Kept):
        return None, {"body": body, **how}
    kept = kept_round(body, how["consts"], len(body.inputs) - how["consts"])
    if not kept.saved:
        kept.save([kept.constant(convert(0, "int32"))])
    return len(body.outputs), {"body": kept, **how}


saving[walk], saving[repeat] = _walk_saving, _repeat_saving


def back_round(kept, consts, carry, which):
    """One round back, as the body of a scan.

    It takes the fixed values; carries gradients of the carried values and sums for the
    fixed ones; and its rows are the rows, what was saved, and seeds for the rest.
    """
    branch, (_, _, seeds, _) = Branch(f"{kept.name}_back"), kept.page(which)
    fixed, ends = kept.inputs[:consts], kept.inputs[consts + carry :]
    m = len(floats(kept.inputs[consts:][:carry]))
    groups = {"c": fixed, "g": seeds[:m], "s": floats(fixed)}
    groups |= {"r": ends, "k": kept.saved, "h": seeds[m:]}
    given = {
        key: [branch.another_input(x, f"{key}{i}") for i, x in enumerate(group)]
        for key, group in groups.items()
    }
    with open_sheet(branch):
        inputs = [*given["c"], *[None] * carry, *given["r"]]
        seeds, n = [*given["g"], *given["h"]], len(given["s"])
        found = kept.slopes(inputs, given["k"], seeds, which)
        sums = [s + share for s, share in zip(given["s"], found[:n])]
        found = [*found[n : n + m], *sums, *found[n + m :]]
        branch.outputs = [branch.own(z) for z in found]
    return branch


def way_back(g, z, inputs, kept, consts, carry, reverse=False, length=None):
    """The gradients of the inputs of a loop: a scan in the other direction."""
    fixed, start, rows = (
        inputs[:consts],
        inputs[consts:][:carry],
        inputs[consts + carry :],
    )
    which, seeds = seeds_of(g, z, kept)
    n = len(floats(start))
    begin = [*seeds[:n], *(zeros_like(x) for x in floats(fixed))]
    lines = [*rows, *(z[i] for i in kept.places), *seeds[n:]]
    found = walk(
        *(*fixed, *begin, *lines),
        body=back_round(kept, consts, carry, which),
        consts=consts,
        carry=len(begin),
        reverse=not reverse,
        length=None if lines else length,
    )
    sums, rest = found[n : len(begin)], found[len(begin) :]
    return [*spread(sums, fixed), *spread(found[:n], start), *spread(rest, rows)]


def _walk_back(g, z, *inputs, body, **how):
    """The gradient of a scan."""
    return way_back(g, z, inputs, body, **how)


def _repeat_back(g, z, *inputs, test, body, consts, limit):
    """The gradient of a while: a scan along what its rounds have saved."""
    return way_back(g, z, inputs, body, consts, len(inputs) - consts)


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
