"""Generated from book/graphs/batching.ipynb. Edit the chapter, not this file."""

import minikeras.core.table as table
from minikeras.core.errors import Report
from minikeras.core.gradients import constant
from minikeras.core.specs import known_spec
from minikeras.core.tensor import broadcast, in_shape, measured
from minikeras.graph.batching import moved
from minikeras.graph.branches import Branch, played
from minikeras.graph.choices import choice
from minikeras.graph.loops import repeat, walk
from minikeras.graph.program import open_sheet
from minikeras.graph.rows import Rows, batch
from minikeras.ops.words import positions


class RaggedError(Report, NotImplementedError):
    """Each row may have a value of a shape of its own, so that nothing can be stacked."""


def _nonzero(rows, x):
    raise RaggedError("nonzero", "each row may have as many places as it likes")


batch[table.nonzero] = _nonzero


def for_rows(graph, rows, owned, function):
    """A branch for all rows in place of `graph`, which was written for one.

    Its inputs: the numbers of the rows, then those of `graph`, stacked where `owned`.
    function: from the rows and the inputs to the outputs.
    """
    branch, count = Branch(f"{graph.name}_rows"), rows.numbers.shape[0]
    outer = sum(x.attributes["name"].startswith("rows") for x in graph.inputs)
    numbers = branch.input(rows.numbers.spec, "rows" + "_" * outer)  # rows of rows
    inner, inputs = Rows(numbers), []
    for x, own in zip(graph.inputs, owned, strict=True):
        node = branch.another_input(x, x.attributes["name"])
        if own:
            node.spec = known_spec((count, *x.shape), x.dtype)
            node.sizes = (*numbers.sizes, *x.sizes)
        inputs.append(inner.each(node) if own else node)
    with open_sheet(branch):
        branch.outputs = [branch.own(z) for z in function(inner, inputs)]
    return branch


def through(rows, graph, inputs):
    """The outputs of a branch that was written for one row."""
    with rows.open():
        return played(graph, inputs)


def as_owned(rows, values, owned):
    """Stacked rows for what differs from row to row, plain values for the rest."""
    return [rows.spread(z) if own else z for z, own in zip(values, owned, strict=True)]


def playing(graph, owned):
    """The function for `for_rows` that plays the branch as it is."""
    return lambda rows, inputs: as_owned(rows, through(rows, graph, inputs), owned)


def on_some(rows, chosen, graph, inputs):
    """The outputs of a branch for the chosen rows; zeros for the others.

    chosen: a truth value for each row.
    """
    places = in_shape(table.nonzero(chosen), (None,))
    few = Rows(positions(places, 0))
    taken = [
        few.each(table.gather(x.data, places, axis=0)) if rows.has(x) else x
        for x in inputs
    ]
    found = [few.spread(z) for z in through(few, graph, taken)]
    count = table.cumsum(table.cast(chosen, dtype="int32"), axis=0)
    where = picked(chosen, count - 1, constant(-1, "int32"))
    return [table.gather(one_more(z), where, axis=0) for z in found]


def one_more(z):
    """`z` with a row of zeros behind the last."""
    return table.pad(z, widths=((0, 1), *((0, 0),) * (z.ndim - 1)), value=0)


def picked(chosen, x, y):
    """Rows of x where they are chosen, of y elsewhere."""
    extra = max(x.ndim, y.ndim) - 1
    if extra:
        chosen = in_shape(chosen, (*measured(chosen), *(1,) * extra))
    return table.select(*broadcast("where", chosen, x, y))


def _switch(rows, index, *operands, branches):
    """One branch for all rows; or each branch for its rows."""
    if not rows.has(index):
        owned = [rows.has(x) for x in operands]
        ends = [True] * len(branches[0].outputs)
        all_rows = [for_rows(b, rows, owned, playing(b, ends)) for b in branches]
        data = as_owned(rows, operands, owned)
        found = choice(index, rows.numbers, *data, branches=tuple(all_rows))
        return tuple([rows.each(z) for z in found])
    found, ends = None, [constant(n, "int32") for n in (0, len(branches) - 1)]
    index = table.minimum(table.maximum(index.data, ends[0]), ends[1])
    for i, graph in enumerate(branches):
        chosen = index == i
        mine = on_some(rows, chosen, graph, operands)
        found = [picked(chosen, z, y) for z, y in zip(mine, found or mine)]
    return tuple([rows.each(z) for z in found])


batch[choice] = _switch


def settled_rows(rows, body, owned, consts, carry):
    """What differs from row to row once a loop is under way: of inputs, of outputs."""
    owned, carried, found = list(owned), slice(consts, consts + carry), []

    def look(inner, inputs):
        found[:] = [inner.has(z) for z in through(inner, body, inputs)]
        return []

    while True:
        for_rows(body, rows, owned, look)
        met = [a or b for a, b in zip(owned[carried], found)]
        if met == owned[carried]:
            return owned, [*met, *found[carry:]]
        owned[carried] = met


def _walk(rows, *inputs, body, consts, carry, reverse, length):
    owned = [rows.has(x) for x in inputs]
    owned, ends = settled_rows(rows, body, owned, consts, carry)
    data, first = as_owned(rows, inputs, owned), consts + carry
    data[first:] = [turned(*pair) for pair in zip(data[first:], owned[first:])]
    how = {"carry": carry, "reverse": reverse, "length": length}
    round = for_rows(body, rows, owned, playing(body, ends))
    found = list(walk(rows.numbers, *data, body=round, consts=consts + 1, **how))
    found[carry:] = [turned(*pair) for pair in zip(found[carry:], ends[carry:])]
    return tuple([rows.each(z) if own else z for z, own in zip(found, ends)])


def turned(x, own):
    """The first two axes exchanged, for stacked rows."""
    return moved(x, 0, 1) if own else x


batch[walk] = _walk


def truth(x):
    """Whether each number differs from 0."""
    return x if x.dtype == "bool" else table.cast(x, dtype="bool")


def asking(test, found):
    """The question of a loop for all rows; notes in `found` whether they may differ."""

    def ask(rows, inputs):
        (answer,) = through(rows, test, inputs)
        found[:] = [rows.has(answer)]
        if not rows.has(answer):
            return [answer]
        return [table.reduce_any(truth(answer.data), axis=(0,), keepdims=False)]

    return ask


def playing_some(test, body, consts):
    """A round for those rows that go on."""

    def step(rows, inputs):
        going = truth(rows.spread(*through(rows, test, inputs)))
        new = on_some(rows, going, body, inputs)
        return [picked(going, z, x.data) for z, x in zip(new, inputs[consts:])]

    return step


def _repeat(rows, *inputs, test, body, consts, limit):
    carry, differs = len(inputs) - consts, []
    owned = [rows.has(x) for x in inputs]
    owned, ends = settled_rows(rows, body, owned, consts, carry)
    question, step = for_rows(test, rows, owned, asking(test, differs)), None
    if differs[0]:
        if len(body.outputs) > carry:
            raise RaggedError("while", "rows take different numbers of rounds")
        owned[consts:] = ends = [True] * carry
        question = for_rows(test, rows, owned, asking(test, differs))
        step = playing_some(test, body, consts)
    round = for_rows(body, rows, owned, step or playing(body, ends))
    how = {"consts": consts + 1, "limit": limit}
    data = as_owned(rows, inputs, owned)
    found = list(repeat(rows.numbers, *data, test=question, body=round, **how))
    found[carry:] = [turned(*pair) for pair in zip(found[carry:], ends[carry:])]
    return tuple([rows.each(z) if own else z for z, own in zip(found, ends)])


batch[repeat] = _repeat
