"""Generated from book/graphs/function.ipynb. Edit the chapter, not this file."""

from __future__ import annotations

import functools
import importlib
import threading
from contextlib import contextmanager, suppress

from minikeras.core.door import here, reading
from minikeras.core.dtypes import FLOATS
from minikeras.core.eager import compute
from minikeras.core.gradients import vjp
from minikeras.core.table import Op
from minikeras.core.tape import GradientTape, custom_call, filled
from minikeras.core.tensor import Tensor
from minikeras.graph.graph import Graph, Node, Plan, State, constant, graphs_in, leak


def writer():
    """The graph that is being written on this level, or None."""
    graph = getattr(here.level.reader, "__self__", None)
    return graph if isinstance(graph, Graph) else None


class Sheet(Graph):
    """A graph, and what its lines do not say.

    outer: the graph that was being written where this one was begun, or None.
    captures: {id: (tensor of an outer graph, the input that stands for it)}.
    notes: pairs of a position and what tapes are told there when the lines are played.
    registers: what variables hold while it is written.
    lifted: {id(tensor): the input that stands for it}, for tensors of the ground that
    are no constants here.
    """

    def __init__(self, name="graph"):
        super().__init__(name)
        self.captures, self.notes, self.registers = {}, [], None
        self.lifted, self.outer = {}, writer()

    def own(self, x):
        """The node of this graph for a value, which may be of a graph around it."""
        if x.__class__ is Node and self._lies_in(x.graph):
            return self._capture(x)
        return Graph.own(self, x)

    def _lies_in(self, graph):
        """Whether `graph` is one of those around this one."""
        outer = self.outer
        while outer is not None and outer is not graph:
            outer = getattr(outer, "outer", None)
        return outer is graph

    def _capture(self, x):
        """The input that stands for a tensor of a graph around this one."""
        if id(x) not in self.captures:
            node = self.another_input(x, f"captured_{len(self.captures)}")
            self.captures[id(x)] = x, node
        return self.captures[id(x)][1]

    def another_input(self, x, name):
        """One more input, of the spec and the sizes of a tensor or node from outside."""
        node = self.input(x.spec, name)
        node.sizes = getattr(x, "sizes", x.shape)
        return node

    def lift(self, tensors):
        """One more input for each tensor, in place of constants: {id(tensor): input}."""
        self.lifted = {id(x): self.another_input(x, "constant") for x in tensors}
        return self.lifted

    def constant(self, x):
        """The line that holds a tensor, or the input that it was lifted to."""
        return self.lifted[id(x)] if id(x) in self.lifted else Graph.constant(self, x)


class Notes:
    """A watcher that puts down on a sheet what its lines do not say."""

    def __init__(self, sheet):
        self.sheet, self._known = sheet, set()

    def saw(self, op, inputs, attributes, output):
        """A gradient rule of the user's."""
        if op is custom_call:
            self._note(Custom(self.sheet, inputs, attributes, output))

    def read(self, variable, value):
        """A variable that is read after something was assigned to it."""
        node = self.sheet.own(value)
        if node.op is not None and id(node) not in self._known:
            self._known.add(id(node))
            self._note(Reread(variable, node))

    def follows(self, x):
        """It follows nothing."""
        return False

    def _note(self, note):
        self.sheet.notes.append((len(self.sheet.nodes), note))


class Reread:
    """A variable is read when it holds the value of `node`."""

    def __init__(self, variable, node):
        self.variable, self.node = variable, node

    def retell(self, value, variables):
        """Tell the watchers of this level."""
        variable = variables.get(id(self.variable), self.variable)
        for watcher in here.level.watchers:
            watcher.read(variable, value[id(self.node)])


@contextmanager
def open_sheet(sheet, made=None):
    """Inside, operations are written on the sheet; gives the registers.

    made: called with each variable that is made meanwhile.
    """
    if sheet.registers is None:
        sheet.registers = State(sheet, made)
    with reading(sheet.read):
        here.level.state = sheet.registers
        here.level.watchers.append(Notes(sheet))
        yield sheet.registers


def play(nodes, notes, value, variables=None):
    """Send lines through the door once more, and tell tapes what they do not say.

    value: {id(node): value} of all that comes in; the rest is filled in.
    variables: {id: variable to name to the tapes in place of the one of the trace}.
    """
    told = {}
    for position, note in notes if here.level.watchers else ():
        told.setdefault(position, []).append(note)
    for position, node in enumerate(nodes):
        for note in told.get(position, ()):
            note.retell(value, variables or {})
        if node.op is not constant:
            inputs = [value[id(x)] for x in node.inputs]
            value[id(node)] = node.op(*inputs, **node.attributes)
        elif id(node) not in value:
            held = node.attributes["value"]
            value[id(node)] = value.get(id(held), held)
    for note in told.get(len(nodes), ()):
        note.retell(value, variables or {})


class Custom:
    """A gradient rule of the user's, which needs values of the sheet."""

    def __init__(self, sheet, inputs, attributes, output):
        self.sheet, self.attributes, self._given = sheet, attributes, inputs
        self._one = output.__class__ is not tuple
        self.inputs = [sheet.own(x) for x in inputs]
        self.outputs = [sheet.own(z) for z in ((output,) if self._one else output)]
        self._page = None

    def retell(self, value, variables):
        """Tell the watchers of this level, with the values that the sheet has here."""
        inputs = tuple([value[id(x)] for x in self.inputs])
        outputs = tuple([value[id(z)] for z in self.outputs])

        def gradient(*g):
            return self._shares(g, dict(value))

        told = {"gradient": gradient, "variables": ()}
        for watcher in here.level.watchers:
            watcher.saw(custom_call, inputs, told, outputs[0] if self._one else outputs)

    def _shares(self, g, value):
        """What the rule gives for the inputs, for gradients `g` of the outputs."""
        with tracing:
            if self._page is None:
                self._page = self._written()
        nodes, notes, seeds, shares, late = self._page
        value |= {id(seed): share for seed, share in zip(seeds, g, strict=True)}
        value |= {id(node): variable.value for node, variable in late}
        play(nodes, notes, value)
        return [None if x is None else value[id(x)] for x in shares]

    def settle(self):
        """Write the rule now, while the sheet may still get inputs for what it reads."""
        with tracing:
            self._page = self._written(late=False)

    def _written(self, late=True):
        """The rule, run once for symbols, as a second page of the sheet."""
        sheet, rule = self.sheet, vjp[custom_call]
        seeds = [Node(sheet, None, (), {"name": "g"}, z.spec) for z in self.outputs]
        with second_page(sheet, late) as (nodes, notes, late):
            g = seeds[0] if self._one else seeds
            shares = rule(g, None, *self._given, **self.attributes)
            shares = [None if x is None else sheet.own(x) for x in shares]
        return nodes, notes, seeds, shares, late


tracing = threading.RLock()  # one thread at a time writes


@contextmanager
def second_page(sheet, late=True):
    """Inside, operations are written on the sheet, but beside its lines.

    Gives the list of nodes, that of notes, and that of (node, variable) for variables
    that had not been read before; the last is filled at the end. Unless `late`, these
    become state of the sheet.
    """
    kept = sheet.nodes, sheet.notes, sheet._constants
    sheet.nodes, sheet.notes, sheet._constants = nodes, notes, _ = [], [], {}
    slots, new = sheet.registers.slots, []
    known = set(slots)
    try:
        with open_sheet(sheet):
            yield nodes, notes, new
    finally:
        sheet.nodes, sheet.notes, sheet._constants = kept
        for name in set(slots) - known if late else ():
            variable = slots.pop(name)
            new.append((sheet.state.pop(name), variable))
            del sheet.registers[id(variable)]


def needed(outputs, known=()):
    """{id(node): node} of all that `outputs` are computed from, short of `known` ids."""
    found, todo = {}, list(outputs)
    while todo:
        node = todo.pop()
        if id(node) not in found and id(node) not in known:
            found[id(node)] = node
            todo += node.inputs
    return found


EFFECTS: set[Op] = set()  # operations that are more than their results


def acts(node):
    """Whether a line, or one of a graph in it, is more than its results."""
    inner = (x for graph in graphs_in(node) for x in graph.nodes)
    return node.op in EFFECTS or any(map(acts, inner))


def cut(inputs, outputs, nodes, name="graph"):
    """The graph that computes `outputs` from `inputs`, all of them nodes of one sheet.

    nodes: the lines of that sheet, in order; those that act are kept.
    """
    piece, copy = Graph(name), {}
    for i, x in enumerate(inputs):
        copy[id(x)] = piece.input(x.spec, f"{x.attributes.get('name', 'x')}_{i}")
        copy[id(x)].sizes = x.sizes
    wanted = needed([*outputs, *filter(acts, nodes)], copy)
    for x in nodes:
        if id(x) in wanted:
            parts = tuple([copy[id(part)] for part in x.inputs])
            copy[id(x)] = Node(piece, x.op, parts, x.attributes, x.spec, x.place)
            copy[id(x)].sizes = x.sizes
            piece.nodes.append(copy[id(x)])
    piece.outputs = [copy[id(z)] for z in outputs]
    return piece


class Adjoint:
    """The gradient of a graph: one program there, which saves values, and one back.

    chosen: the places, among inputs, state and `lifted`, whose gradients are wanted.
    lifted: tensors that are constants of the graph, and inputs here.
    there: inputs -> outputs, updates, saved values. back: saved values and a gradient
    for each output of floats -> gradients. joint: both at once, from inputs and
    gradients of outputs. places: for each input, which of the gradients is its own.
    """

    def __init__(self, graph, chosen, lifted=()):
        sheet = Sheet(f"{graph.name}_gradient")
        own = [*graph.inputs, *graph.state.values()]
        value = {id(x): sheet.another_input(x, x.attributes["name"]) for x in own}
        value |= sheet.lift(lifted)
        inputs, outside = list(sheet.inputs), [*own, *lifted]
        with open_sheet(sheet):
            tape = GradientTape(persistent=True, watch_accessed_variables=False)
            with tape:
                sources = _watched(tape, graph, outside, chosen, value)
                play(graph.nodes, getattr(graph, "notes", ()), value)
            results = [value[id(z)] for z in (*graph.outputs, *graph.updates.values())]
            turn, count = len(sheet.nodes), len(graph.outputs)
            seeds = [_seed(z, sheet) for z in results[:count]]
            slopes = tape.gradient(results[:count], sources, seeds)
            results = [sheet.own(z) for z in results]
            sheet.outputs = [sheet.own(s) for s in slopes if s is not None]
        self._note_places(chosen, slopes, len(inputs))
        self._part(sheet, inputs, results, turn)

    def _note_places(self, chosen, slopes, count):
        """For each input, where its gradient stands among those that there are."""
        self.places, found = [None] * count, 0
        for i, slope in zip(chosen, slopes, strict=True):
            if slope is not None:
                self.places[i], found = found, found + 1

    def spread(self, slopes):
        """A gradient or None for each input, from those that there are."""
        return [None if i is None else slopes[i] for i in self.places]

    def _part(self, sheet, inputs, results, turn):
        """Cut the sheet where the way back begins; what it needs from before is saved."""
        before = [x for x in (*inputs, *sheet.nodes[:turn]) if x.op is not constant]
        ends = [*sheet.outputs, *filter(acts, sheet.nodes[turn:])]
        late = needed(ends, {id(x) for x in before})
        used = {id(x) for node in late.values() for x in node.inputs}
        used |= {id(x) for x in sheet.outputs}
        saved, seeds = [x for x in before if id(x) in used], sheet.inputs[len(inputs) :]
        name, there = sheet.name, sheet.nodes[:turn]
        back = [x for x in sheet.nodes if id(x) in late]
        self.there = Program(cut(inputs, [*results, *saved], there, f"{name}_there"))
        self.back = Program(cut([*saved, *seeds], sheet.outputs, back, f"{name}_back"))
        self.joint = Program(sheet)


def _seed(z, sheet):
    """An input for the gradient of an output, None if it can have none."""
    if z.dtype not in FLOATS:
        return None
    return sheet.another_input(sheet.own(z), f"g_{len(sheet.inputs)}")


def _watched(tape, graph, outside, chosen, value):
    """The sources of the gradients, which the tape follows from here on.

    For a variable that is the variable itself, for it may be read again later.
    """
    slots = graph.registers.slots if isinstance(graph, Sheet) else {}
    variable = {id(graph.state[name]): v for name, v in slots.items()}
    sources = []
    for x in (outside[i] for i in chosen):
        source = variable.get(id(x), value[id(x)])
        tape.watch(source)
        if source is not value[id(x)]:
            tape.read(source, value[id(x)])
        sources.append(source)
    return sources


def held_by(attributes):
    """{id: tensor} of the tensors of floats among attributes, and in graphs there."""
    found = {}
    for value in attributes.values():
        for x in value if type(value) is tuple else [value]:
            if isinstance(x, Graph):
                for node in x.nodes:
                    found |= held_by(node.attributes)
            elif isinstance(x, Tensor) and x.dtype in FLOATS:
                found[id(x)] = x
    return found


planners: list[type] = [Plan]  # ways to make a graph ready to run; the last is taken


class Program:
    """A graph ready to be run, seen by tapes, and differentiated."""

    def __init__(self, graph):
        self.graph, self._adjoints = graph, {}
        self.outside = [*graph.inputs, *graph.state.values()]
        self.results = [*graph.outputs, *graph.updates.values()]

    @functools.cached_property
    def plan(self):
        """The lines that something depends on, ready to run."""
        with suppress(ImportError):  # that chapter is not built yet
            importlib.import_module("minikeras.graph.lean")
        graph = cut(self.outside, self.results, self.graph.nodes, self.graph.name)
        return planners[-1](graph)

    @functools.cached_property
    def held(self):
        """The tensors of floats from outside that its lines hold."""
        return list(held_by({"graph": self.graph}).values())

    def __call__(self, values, variables=None):
        """Outputs, then what variables shall hold, for inputs and what variables hold.

        variables: {id: variable to name to tapes in place of the one of the trace}.
        """
        level = here.level
        if level.reader is not compute:
            return self._inline(values, variables)
        if level.watchers:
            chosen, lifted = self._followed(values)
            if chosen:
                return self._seen(values, chosen, lifted)
        return self.plan.run(arrays_of(values))

    def _inline(self, values, variables):
        """Where operations are only written down: write all of ours."""
        graph = self.graph
        value = {id(x): given for x, given in zip(self.outside, values, strict=True)}
        play(graph.nodes, getattr(graph, "notes", ()), value, variables)
        return [value[id(z)] for z in self.results]

    def _followed(self, values):
        """Which inputs and which tensors held a tape follows: places, and those tensors."""
        watchers = here.level.watchers

        def followed(x):
            return any(watcher.follows(x) for watcher in watchers)

        lifted = tuple(filter(followed, self.held))
        chosen = [i for i, x in enumerate(values) if followed(x)]
        chosen += range(len(values), len(values) + len(lifted))
        return tuple(chosen), lifted

    def _seen(self, values, chosen, lifted):
        """Run, and let the tapes see one operation, which keeps what its gradient needs."""
        adjoint = self.adjoint(chosen, lifted)
        inputs = (*values, *lifted)
        results = adjoint.there.plan.run(arrays_of(inputs))
        count, end = len(self.graph.outputs), len(self.results)
        about = {"adjoint": adjoint, "saved": results[end:]}
        for watcher in here.level.watchers:
            watcher.saw(call, inputs, about, tuple(results[:count]))
        return results[:end]

    def adjoint(self, chosen, lifted=()):
        """The gradient by the chosen inputs, built when it is first asked for."""
        key = chosen, tuple(map(id, lifted))
        if key not in self._adjoints:
            with tracing:
                if key not in self._adjoints:
                    self._adjoints[key] = Adjoint(self.graph, chosen, lifted)
        return self._adjoints[key]


def arrays_of(values):
    """The arrays of tensors; an error for a symbol, which has none."""
    try:
        return [x._data for x in values]
    except AttributeError:
        raise leak(next(x for x in values if not isinstance(x, Tensor))) from None


call = Op("call", listed=False)


def _call(g, z, *inputs, adjoint, saved):
    """The way back, from saved values; if a tape looks on, both ways for it to see."""
    seeds = [s for s, y in zip(filled(g, z), z, strict=True) if y.dtype in FLOATS]
    watchers = here.level.watchers
    if any(watcher.follows(x) for x in (*inputs, *seeds) for watcher in watchers):
        return adjoint.spread(adjoint.joint([*inputs, *seeds]))
    return adjoint.spread(adjoint.back([*saved, *seeds]))


vjp[call] = _call
