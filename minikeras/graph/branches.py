"""Generated from book/graphs/choices.ipynb. Edit the chapter, not this file."""

from functools import cached_property

import numpy as np
import optree

from minikeras.core.door import here
from minikeras.core.dtypes import FLOATS
from minikeras.core.eager import compute, evaluate
from minikeras.core.gradients import vjp
from minikeras.core.infer import spec
from minikeras.core.table import Op
from minikeras.core.tape import GradientTape
from minikeras.core.tensor import Tensor, convert
from minikeras.core.variable import Variable, registers
from minikeras.graph.concrete import contents
from minikeras.graph.graph import Graph, Plan, finish
from minikeras.graph.program import Custom, Sheet, held_by, open_sheet, play, writer


class Branch(Sheet):
    """A graph inside another, which runs: what it takes from around are its captures."""

    @cached_property
    def plan(self):
        """This graph, made ready to run."""
        return Plan(self)

    def __call__(self, *arrays):
        """The outputs, as arrays, for arrays in the order of the inputs."""
        return [z._data for z in self.plan.run(arrays)]


class Written:
    """A function, written down as a branch of the graph that is being written.

    given: the inputs for its arguments, of the `specs`. outputs: the nodes of its
    result, whose nest is `structure`. variables: {id: (variable, what it holds at the
    start)}; updates: {id: what it holds at the end}, for those that were assigned to.
    """

    def __init__(self, function, name, specs=()):
        self.graph = Branch(name)
        self.given = [self.graph.input(x, f"x{i}") for i, x in enumerate(specs)]
        with open_sheet(self.graph, registers(here.level.state).made) as state:
            leaves, self.structure = optree.tree_flatten(function(*self.given))
            self.outputs = [self.graph.own(convert(z)) for z in leaves]
        for _, note in self.graph.notes:
            if isinstance(note, Custom):
                note.settle()
        finish(self.graph, state, self.outputs)
        slots, start = state.slots, self.graph.state
        self.variables = {id(v): (v, start[name]) for name, v in slots.items()}
        self.updates = {id(slots[k]): z for k, z in self.graph.updates.items()}


def close(several, carried=None):
    """Give the branches of all `several` one list of inputs and one of outputs.

    Inputs: what any of them takes, variables that none changes; the given ones; the
    changed variables. Outputs: their own, then the changed variables. With `carried`,
    the changed variables stand behind that many of the given and of the outputs.
    Returns the values for the first group of inputs, and the changed variables.
    """
    taken = {k: x for one in several for k, (x, _) in one.graph.captures.items()}
    variables = {k: v for one in several for k, (v, _) in one.variables.items()}
    changed = [k for k in variables if any(k in one.updates for one in several)]
    fixed = [k for k in variables if k not in changed]
    for one in several:
        _rearrange(one, {**taken, **variables}, [*taken, *fixed], changed, carried)
    values = [*taken.values(), *contents([variables[k] for k in fixed])]
    return values, [variables[k] for k in changed]


def _rearrange(one, values, fixed, changed, carried):
    """The inputs and outputs of one branch, in the common order."""
    graph, known = one.graph, one.graph.captures | one.variables
    own = {k: known[k][1] if k in known else _unused(graph, values[k]) for k in values}
    late = [own[k] for k in changed]
    m, n = (len(one.given), len(one.outputs)) if carried is None else [carried] * 2
    graph.inputs = [*(own[k] for k in fixed), *one.given[:m], *late, *one.given[m:]]
    ends = [one.updates.get(k, own[k]) for k in changed]
    graph.outputs = [*one.outputs[:n], *ends, *one.outputs[n:]]
    graph.state, graph.updates = {}, {}


def _unused(graph, x):
    """An input of a branch that only others need."""
    if isinstance(x, Variable):
        return graph.input(x._spec, x.path)
    return graph.another_input(x, f"unused_{len(graph.inputs)}")


class Specs(tuple):
    """The specs of several results. As one spec it has no axes and no dtype."""

    shape, ndim, dtype = (), 0, None

    def __str__(self):
        return f"({', '.join(map(str, self))})"


class Item(Op):
    """Takes one of several results: a line in graphs, an index elsewhere."""

    def __call__(self, several, index):
        return several[index]


item = Item("item", listed=False)

evaluate[item] = spec[item] = lambda several, index: several[index]

vjp[item] = None


class Several(Op):
    """An operation with several results, which run as a tuple."""

    def __call__(self, *inputs, **attributes):
        graph, reader = writer(), here.level.reader
        if here.level.watchers:
            inputs, attributes = without_held(graph, inputs, attributes)
        if graph is not None:
            outputs = self.write(graph, inputs, attributes)
        elif reader is compute:
            arrays = evaluate[self](*[x._data for x in inputs], **attributes)
            outputs = tuple(Tensor(np.asarray(z)) for z in arrays)
        else:
            outputs = reader(self, inputs, attributes)
        for watcher in here.level.watchers:
            watcher.saw(self, inputs, attributes, outputs)
        return outputs

    def write(self, graph, inputs, attributes):
        """A line for the operation, and one for each result."""
        own = tuple([graph.own(x) for x in inputs])
        specs = spec[self](*[x.spec for x in own], **attributes)
        node = graph.write(self, own, attributes, specs)
        return tuple(
            graph.write(item, (node,), {"index": i}, one) for i, one in enumerate(specs)
        )


def played(branch, inputs):
    """The outputs of a branch for these inputs: its lines and its notes once more."""
    value = {id(x): given for x, given in zip(branch.inputs, inputs, strict=True)}
    play(branch.nodes, branch.notes, value)
    return [value[id(z)] for z in branch.outputs]


def lifting(branch, tensors, place):
    """The branch with one more input for each tensor it holds, from `place` on."""
    new = Branch(branch.name)
    own = [new.another_input(x, x.attributes["name"]) for x in branch.inputs]
    lifted = new.lift(tensors)
    new.inputs = [*own[:place], *lifted.values(), *own[place:]]
    with open_sheet(new):
        new.outputs = [new.own(z) for z in played(branch, own)]
    return new


def without_held(graph, inputs, attributes):
    """Operands and attributes of a line, with what a tape follows lifted."""

    def followed(x):
        return id(x) in lifted or any(w.follows(x) for w in here.level.watchers)

    def changed(x):
        if type(x) is tuple:
            return tuple(map(changed, x))
        return lifting(x, found, place) if isinstance(x, Graph) else x

    lifted = getattr(graph, "lifted", {})
    found = [x for x in held_by(attributes).values() if followed(x)]
    if not found:
        return inputs, attributes
    place = attributes.get("consts", len(inputs))
    attributes = {key: changed(x) for key, x in attributes.items()}
    if "consts" in attributes:
        attributes["consts"] += len(found)
    operands = [lifted.get(id(x), x) for x in found]
    return (*inputs[:place], *operands, *inputs[place:]), attributes


def floats(values):
    """Those that have gradients."""
    return [x for x in values if x.dtype in FLOATS]


def spread(shares, values):
    """One entry for each value: the next share for floats, None for the others."""
    rest = iter(shares)
    return [next(rest) if x.dtype in FLOATS else None for x in values]


def slopes(branch, inputs, seeds):
    """Play a branch, and give the gradients of its float inputs.

    seeds: the gradients of its float outputs.
    """
    given = floats(inputs)
    with GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(given)
        outputs = played(branch, inputs)
    return tape.gradient(floats(outputs), given, seeds, unconnected_gradients="zero")


def derived(name, graph, function):
    """A branch with inputs like those of `graph`; it returns function(branch, inputs)."""
    branch = Branch(name)
    inputs = [branch.another_input(x, x.attributes["name"]) for x in graph.inputs]
    with open_sheet(branch):
        branch.outputs = [branch.own(z) for z in function(branch, inputs)]
    return branch
