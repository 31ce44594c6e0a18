"""Generated from book/graphs/choices.ipynb. Edit the chapter, not this file."""

from functools import cached_property

import numpy as np
import optree

from minikeras.core.door import here
from minikeras.core.dtypes import FLOATS, NUMPY
from minikeras.core.eager import compute, evaluate
from minikeras.core.gradients import vjp
from minikeras.core.infer import spec
from minikeras.core.table import Op, broadcast_like, reduce_like, scatter_slice
from minikeras.core.tape import GradientTape, filled
from minikeras.core.tensor import Tensor, convert
from minikeras.core.variable import Variable, registers
from minikeras.graph.concrete import contents
from minikeras.graph.graph import Graph, Node, Plan, constant, finish
from minikeras.graph.program import (
    Custom,
    Sheet,
    held_by,
    open_sheet,
    play,
    second_page,
    writer,
)


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


saving = {}  # {operation: attributes -> (how many results, attributes that save)}


def taped(inputs):
    """Whether a tape follows one of these."""
    tapes = [x for x in here.level.watchers if isinstance(x, GradientTape)]
    return any(tape.follows(x) for tape in tapes for x in inputs)


class Several(Op):
    """An operation with several results, which run as a tuple."""

    def __call__(self, *inputs, **attributes):
        graph, reader, count = writer(), here.level.reader, None
        if here.level.watchers:
            inputs, attributes = without_held(graph, inputs, attributes)
            if taped(inputs):
                count, attributes = saving[self](**attributes)
        if graph is not None:
            outputs = self.write(graph, inputs, attributes)
        elif reader is compute:
            arrays = evaluate[self](*[x._data for x in inputs], **attributes)
            outputs = tuple(Tensor(np.asarray(z)) for z in arrays)
        else:
            outputs = reader(self, inputs, attributes)
        for watcher in here.level.watchers:
            watcher.saw(self, inputs, attributes, outputs)
        return outputs[:count]

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


class Kept(Branch):
    """A branch that also gives what its way back will read.

    count: how many results it has beside that. saved: what it gives for the way back,
    and places: where these are among the outputs.
    """

    def __init__(self, branch):
        super().__init__(branch.name)
        for x in branch.inputs:
            self.another_input(x, x.attributes["name"])
        self._tape = GradientTape(persistent=True, watch_accessed_variables=False)
        with open_sheet(self), self._tape:
            self._tape.watch(floats(self.inputs))
            self._results = played(branch, self.inputs)
        self.outputs, self._pages = [self.own(z) for z in self._results], {}
        self.count = len(self.outputs)

    def save(self, nodes, first=None):
        """Let these be results, too, if they are not among those from `first` on."""
        first = self.count if first is None else first
        self.saved, self.places, ends = nodes, [], self.outputs[: self.count]
        for x in nodes:
            place = next((i for i, z in enumerate(ends) if z is x and i >= first), None)
            self.places.append(len(ends) if place is None else place)
            ends += [x] if place is None else []
        self.outputs = ends

    def page(self, which=()):
        """The way back, beside the lines: (nodes, notes, seeds, what it gives).

        It takes a seed for each float result, and each of `saved` that is in `which`.
        """
        if which not in self._pages:
            ends = [*floats(self._results), *(self.saved[i] for i in which)]
            seeds = [Node(self, None, (), {"name": "g"}, z.spec) for z in ends]
            for seed, z in zip(seeds, ends, strict=True):
                seed.sizes = getattr(z, "sizes", z.shape)
            with second_page(self) as (nodes, notes, _):
                given, how = floats(self.inputs), {"unconnected_gradients": "zero"}
                found = self._tape.gradient(ends, given, seeds, **how)
                found = [self.own(z) for z in found]
            self._pages[which] = nodes, notes, seeds, found
        return self._pages[which]

    def slopes(self, inputs, saved, seeds, which=()):
        """The gradients of the float inputs: the page, played on this level.

        Inputs that are gone are None.
        """
        nodes, notes, own, found = self.page(which)
        pairs = [*zip(self.inputs, inputs), *zip(self.saved, saved), *zip(own, seeds)]
        value, told = {id(x): y for x, y in pairs if y is not None}, ()
        wanted = reached(found, lambda x: id(x) in value)
        before = [x for x in self.nodes if id(x) in wanted and id(x) not in value]
        if notes or (self.notes and any(x.op is not constant for x in before)):
            before, told = self.nodes, self.notes
        else:
            nodes = [x for x in nodes if id(x) in wanted]
            for x in (x for node in (*before, *nodes) for x in node.inputs):
                if id(x) not in wanted:  # its shape is read, and that is known
                    value.setdefault(id(x), nothing(x.spec))
        play(before, told, value)
        play(nodes, notes, value)
        return [value[id(z)] for z in found]


def nothing(x):
    """Zeros of a spec, none of them where a size is not known; they take no memory."""
    zeros = np.zeros((), NUMPY[x.dtype])
    return Tensor(np.broadcast_to(zeros, [n or 0 for n in x.shape]))


def reads(node):
    """The inputs of a line, without one of which it reads the shape, if that is known."""
    like = node.op in (broadcast_like, reduce_like, scatter_slice)
    known = like and None not in node.inputs[1].spec.shape
    return node.inputs[:1] if known else node.inputs


def reached(ends, stops):
    """{id: node} of all that is read for `ends`, and nothing behind a node that stops."""
    found, todo = {}, list(ends)
    while todo:
        x = todo.pop()
        if id(x) not in found:
            found[id(x)] = x
            todo += () if stops(x) else reads(x)
    return found


def read_back(kept, gone=(), again=lambda x: False):
    """The nodes that the way back of a branch reads and will not have at hand.

    gone: inputs that will not be at hand. again: whether a node is computed once more.
    """
    nodes, notes, _, ends = kept.page()
    late, lost = {id(x) for x in nodes}, {id(x) for x in gone}

    def stops(x):
        return not (id(x) in late or x.spec.__class__ is Specs or again(x))

    found = {} if notes else reached(ends, stops)
    if kept.notes:  # it may have to play the way there once more
        found |= {id(x): x for x in gone}
    before = [x for x in (*kept.inputs, *kept.nodes) if id(x) in found and stops(x)]
    return [x for x in before if id(x) in lost or x.op not in (None, constant)]


def seeds_of(g, z, kept):
    """(which of the saved values have gradients, seeds for its page), for a line.

    g, z: gradients and results of a line that runs the branch.
    """
    which = tuple(
        i
        for i, place in enumerate(kept.places)
        if place >= kept.count and g[place] is not None and z[place].dtype in FLOATS
    )
    own = floats(filled(g[: kept.count], z[: kept.count]))
    return which, [*own, *(g[kept.places[i]] for i in which)]
