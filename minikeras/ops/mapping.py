"""Generated from book/graphs/batching.ipynb. Edit the chapter, not this file."""

import math

import optree

import minikeras.core.table as table
import minikeras.ops.flow as flow
from minikeras.core.door import here
from minikeras.core.errors import (
    ArgumentError,
    AxisError,
    DTypeError,
    Report,
    ShapeError,
)
from minikeras.core.infer import Symbol
from minikeras.core.specs import known_spec
from minikeras.core.tape import sweeps
from minikeras.core.tensor import convert, in_shape, measured, merged
from minikeras.core.variable import registers
from minikeras.graph.branches import Branch
from minikeras.graph.concrete import contents
from minikeras.graph.graph import finish
from minikeras.graph.loops import rows_of
from minikeras.graph.program import Custom, open_sheet, play
from minikeras.graph.rowflow import RaggedError
from minikeras.graph.rows import Rows
from minikeras.ops.words import count_to, positions


class Example:
    """A function, written down for one row of the stacks `xs`.

    nest: the structure of its argument. leaves: the nodes of its result, or None.
    """

    def __init__(self, function, nest, xs):
        self.graph = graph = Branch("one_row")
        given = [graph.input(known_spec(x.shape[1:], x.dtype), "row") for x in xs]
        for i, (node, x) in enumerate(zip(given, xs)):
            node.attributes["name"] = f"row_{i}"
            node.sizes = getattr(x, "sizes", x.shape)[1:]
        made = getattr(registers(here.level.state), "made", None)
        with open_sheet(graph, made) as self.state:
            result = function(optree.tree_unflatten(nest, given))
            leaves, self.structure = optree.tree_flatten(result, none_is_leaf=True)
            self.leaves = [z if z is None else graph.own(as_result(z)) for z in leaves]
        for _, note in graph.notes:
            if isinstance(note, Custom):
                note.settle()
        finish(graph, self.state, [z for z in self.leaves if z is not None])

    def specs(self, count):
        """The result for so many rows, as symbols without numbers."""
        ends = [z if z is None else Symbol(rows_of(z.spec, count)) for z in self.leaves]
        return optree.tree_unflatten(self.structure, ends)

    def values(self, rows, given):
        """{id(node): value} of all lines, for the stacks that are `given`."""
        graph = self.graph
        given = [*given, *[x for x, _ in graph.captures.values()]]
        given += contents(self.state.slots.values())
        outside = [*graph.inputs, *graph.state.values()]
        value = {id(x): y for x, y in zip(outside, given, strict=True)}
        with rows.open():
            play(graph.nodes, graph.notes, value)
        return value

    def assign(self, rows, value):
        """Give variables what they hold at the end; nothing, if rows do not agree."""
        slots, updates = self.state.slots, self.graph.updates
        for name, z in updates.items():
            if rows.has(value[id(z)]):
                problem = f"each row would give {slots[name].path!r} a value of its own"
                hint = "return it, and assign what all rows give together"
                raise ArgumentError("vectorized_map", problem, str(z.spec), hint)
        for name, z in updates.items():
            slots[name].assign(value[id(z)])


def as_result(z):
    """A leaf of the function's result as a tensor."""
    try:
        return convert(z)
    except DTypeError as error:
        problem = "the function must return tensors, numbers or None"
        raise DTypeError("vectorized_map", problem, repr(z)[:60]) from error


def stacks_in(elements):
    """The elements as tensors, their structure, and one of them that has all rows."""
    leaves, nest = optree.tree_flatten(elements, none_is_leaf=True)
    xs = [convert(x) for x in leaves]
    if not xs:
        problem, hint = "there is nothing to map over", "a tensor, or a nest of some"
        raise ArgumentError("vectorized_map", problem, repr(elements), hint)
    for x in xs:
        if x.ndim == 0:
            problem = "an element needs a first axis, to be mapped over"
            hint = "the function may use a single number from outside"
            raise AxisError("vectorized_map", problem, str(x.spec), hint)
    counts = {x.shape[0] for x in xs} - {1, None}
    if len(counts) > 1:
        got = " and ".join([str(x.spec) for x in xs])
        problem = "the first axes of the elements differ in size"
        hint = "as many rows in each, or 1 for what all rows share"
        raise ShapeError("vectorized_map", problem, got, hint)
    sizes = [x.shape[0] for x in xs]
    full = sizes.index(counts.pop() if counts else None if None in sizes else 1)
    return xs, nest, xs[full]


@flow.calling_back
def vectorized_map(function, elements):
    """function(row) for each row of `elements`, all at once; the results are stacked.

    elements: a tensor or a nest, with first axes of one size (or 1, which is shared);
    the function is traced once, and gets and gives nests. Errors: AxisError (an
    IndexError) for an element without axes; ShapeError (a ValueError) if sizes differ;
    DTypeError (a TypeError) if it returns what is no tensor.
    Source: chapter "All rows at once".

    >>> vectorized_map(lambda x: x[0] * x[1], convert([[1, 2], [3, 4]])).numpy()
    array([ 2, 12], dtype=int32)
    """
    flow.check_callable("vectorized_map", function=function)
    xs, nest, full = stacks_in(elements)
    example, count = Example(function, nest, xs), full.shape[0]
    if flow.only_specs(xs):
        return example.specs(count)
    rows = Rows(positions(full, 0))
    given = [x[0] if x.shape[0] == 1 != count else rows.each(x) for x in xs]
    try:
        ends = outcome(example, rows, given)
    except RaggedError:
        xs = [rows.spread(x) for x in given]
        return flow.map(function, optree.tree_unflatten(nest, xs))
    return optree.tree_unflatten(example.structure, ends)


def outcome(example, rows, given):
    """The stacked leaves of the result; variables have changed when it is there."""
    value = example.values(rows, given)
    ends = [z if z is None else rows.spread(value[id(z)]) for z in example.leaves]
    example.assign(rows, value)
    return ends


def slab(sweep, sizes, dtype, count, first=0):
    """What sweep(seed) gives for `count` unit seeds, from the `first`, in one sweep.

    sizes: those of the target; they may be tensors, and `count` as well.
    """
    numbers, across = count_to(count), count_to(merged(sizes))
    unit = in_shape(numbers + first, (count, 1)) == across
    seeds = in_shape(table.cast(unit, dtype=dtype), (count, *sizes))
    rows = Rows(numbers)
    with rows.open():
        found = sweep(rows.each(seeds))
    return [g if g is None else rows.spread(g) for g in found]


def all_at_once(sweep, shape, dtype, at_once=None):
    """What sweep(seed) gives for each unit seed; `at_once` seeds in one sweep, or all."""
    if not all(isinstance(n, int) for n in shape):
        found = slab(sweep, shape, dtype, merged(shape))
        return [folded([g], shape) for g in found]
    size = math.prod(shape)
    step = at_once or max(size, 1)
    try:
        starts = range(0, size, step)
        parts = [slab(sweep, shape, dtype, min(step, size - i), i) for i in starts]
    except Report:
        parts = []
    if not parts:
        return sweeps[0](sweep, shape, dtype)
    return [folded(column, shape) for column in zip(*parts, strict=True)]


def folded(parts, shape):
    """The slabs of one Jacobian, with the shape of the target in front."""
    if parts[0] is None:
        return None
    z = parts[0] if len(parts) == 1 else table.concatenate(*parts, axis=0)
    return in_shape(z, (*shape, *measured(z)[1:]))


sweeps.append(all_at_once)
