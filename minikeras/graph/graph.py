"""Generated from
book/graphs/tracing.ipynb
book/graphs/proofreading.ipynb

Edit the chapter, not this file.
"""

import inspect
import math
import re
from contextlib import contextmanager, suppress
from itertools import zip_longest
from textwrap import indent

import numpy as np

import minikeras.core.table as table
from minikeras.core.door import here, reading
from minikeras.core.eager import evaluate, explain, explanations
from minikeras.core.errors import (
    LeakedTensorError,
    OperatorNotAllowedInGraphError,
    Report,
    SymbolicArrayError,
    user_line,
)
from minikeras.core.gradients import vjp
from minikeras.core.infer import BINARY, COMPARISONS, UNARY, Symbol, axes_of, spec
from minikeras.core.names import current_path
from minikeras.core.nest import flatten
from minikeras.core.table import Column, Op
from minikeras.core.tensor import Tensor, convert
from minikeras.core.variable import Registers


class Node(Symbol):
    """One line of a graph, and its result: an operation on earlier nodes.

    op: the operation, None for what comes in from outside. sizes: the shape, with a
    `Size` in place of None. alias: the node that it is another name for, or None.
    """

    __slots__ = (
        *("__weakref__", "alias", "attributes", "graph"),
        *("inputs", "op", "place", "sizes"),
    )

    def __init__(self, graph, op, inputs, attributes, spec, place=""):
        super().__init__(spec)
        self.graph, self.op, self.inputs = graph, op, inputs
        self.attributes, self.place = attributes, place
        self.alias, self.sizes = None, spec.shape

    def __repr__(self):
        return f"<{self.op or 'input'} of {self.graph.name}: {self.spec}>"

    def __bool__(self):
        problem = "Using a symbolic tensor as a Python bool is not allowed"
        hint = "ops.where(condition, x, y), which computes both; ops.cond, which runs one; "
        hint += "or leave the `if` to autograph, in a function under minikeras.function"
        raise OperatorNotAllowedInGraphError("if", problem, str(self.spec), hint)

    def __array__(self, dtype=None, copy=None):
        problem = "Cannot convert a symbolic tensor to a NumPy array"
        raise SymbolicArrayError("asarray", problem, str(self.spec), "functions of ops")

    @property
    def numpy(self):
        """No values: hasattr(x, "numpy") is False."""
        raise AttributeError(
            f"a tensor of a graph ({self.spec}) has no attribute 'numpy'"
        )


class Graph:
    """A typed program: operations in the order in which they happen.

    inputs, nodes, outputs: lists of nodes. state: {name: node} of what variables hold
    at the start; updates: {name: node} of what they hold at the end, if it changed.
    place: the source line of the next lines, None for the one the user is on.
    Source: chapter "Writing it down".
    """

    def __init__(self, name="graph"):
        self.name = name
        self.inputs, self.nodes, self.outputs = [], [], []
        self.state, self.updates = {}, {}
        self.place, self._constants = None, {}

    def input(self, spec, name):
        """One more input."""
        node = Node(self, None, (), {"name": name}, spec)
        node.sizes = named(spec.shape)
        self.inputs.append(node)
        return node

    def read(self, op, inputs, attributes):
        """The reader of the level on which this graph is written: one line more."""
        inputs = tuple([self.own(x) for x in inputs])
        result = spec[op](*[x.spec for x in inputs], **attributes)
        if op in FITTING and fits(op, *inputs):
            return self.another_name(inputs[0])
        return self.write(op, inputs, attributes, result)

    def propose(self, op, inputs, attributes, result):
        """A line that is not written yet."""
        place = user_place() if self.place is None else self.place
        node = Node(self, op, inputs, attributes, result, place)
        if None in result.shape:
            node.sizes = sizes_of(op, inputs, attributes, result)
        return node

    def write(self, op, inputs, attributes, result):
        """Append a line."""
        node = self.propose(op, inputs, attributes, result)
        self.nodes.append(node)
        return node

    def own(self, x):
        """The node of this graph for a value."""
        if x.__class__ is Node and x.graph is self:
            return x if x.alias is None else x.alias
        if isinstance(x, Tensor):
            return self.constant(x)
        raise leak(x)

    def constant(self, x):
        """The line that holds a tensor from outside; one for each tensor."""
        node = self._constants.get(id(x))
        if node is None:
            node = self.write(constant, (), {"value": x}, x.spec)
            self._constants[id(x)] = node
        return node

    def another_name(self, node):
        """A second object for a node, for tapes that tell values apart."""
        name = Node(self, node.op, node.inputs, node.attributes, node.spec, node.place)
        name.alias, name.sizes = node, node.sizes
        return name

    def names(self):
        """{id(node): its name in the text}: %0, %1, ... for operations."""
        outside = [*self.inputs, *self.state.values()]
        found = {id(x): x.attributes["name"] for x in outside}
        return found | {id(x): f"%{number}" for number, x in enumerate(self.nodes)}

    def __str__(self):
        name = self.names()
        given = [
            ", ".join(f"{name[id(x)]}: {x.spec}" for x in nodes)
            for nodes in (self.inputs, self.state.values())
        ]
        result = ", ".join(name[id(z)] for z in self.outputs)
        changed = ", ".join(
            f"{slot} = {name[id(z)]}" for slot, z in self.updates.items()
        )
        lines = [
            f"graph {self.name}({'; '.join(given if self.state else given[:1])}) {{",
            *(f"  {name[id(x)]} = {line(x, name)}" for x in self.nodes),
            f"  return {'; '.join(filter(None, (result, changed)))}".rstrip(),
            "}",
        ]
        return "\n".join(lines)

    def __repr__(self):
        return f"@{self.name}"

    def _repr_html_(self):
        """How a notebook shows a graph: as a drawing, if it is small."""
        from minikeras.graph.drawing import drawing

        try:
            return drawing(self) if 0 < len(self.nodes) <= DRAWN else None
        except ImportError:  # without igraph the text has to do
            return None


whereabouts = [current_path]  # the last one says where in a model we are


def user_place():
    """The user's source line, and where in a model it is run."""
    path = whereabouts[-1]()
    return f"{user_line()}    in {path}" if path else user_line()


constant = Op("constant", listed=False)


evaluate[constant] = lambda value: value._data

spec[constant] = lambda value: value.spec

vjp[constant] = None


class Size:
    """A size that is not known before the graph runs, but the same wherever it stands."""

    __slots__ = ()

    def __repr__(self):
        return "?"


def named(shape):
    """A shape with a new `Size` for each None."""
    return tuple(Size() if n is None else n for n in shape)


def meet(*several):
    """The sizes that broadcasting gives, as far as they are certain."""
    groups = zip_longest(*map(reversed, several), fillvalue=1)
    return tuple(met(set(group) - {1}) for group in groups)[::-1]


def met(candidates):
    """The one size of an axis: 1 if there is none, None if there are several."""
    numbers = {n for n in candidates if n.__class__ is int}
    candidates = numbers or candidates
    return candidates.pop() if len(candidates) == 1 else None if candidates else 1


sizes = Column("sizes", "minikeras/graph/graph.py")


JOINT = (*UNARY, *BINARY, *COMPARISONS, table.select, table.broadcast_like)

sizes |= {op: lambda *xs: meet(*(x.sizes for x in xs)) for op in JOINT}


LIKE_FIRST = (
    table.cast, table.cumsum, table.cumprod, table.argsort, table.scatter_add,
    table.within,
)  # fmt: skip

sizes |= {op: lambda x, *rest, **attributes: x.sizes for op in LIKE_FIRST}


def _bitcast(x, dtype):
    """The sizes that stay; parts of a number are an axis of a known size."""
    ndim = spec[table.bitcast](x.spec, dtype=dtype).ndim
    return (*x.sizes, None)[:ndim]


sizes[table.bitcast] = _bitcast


LIKE_SECOND = (table.reduce_like, table.scatter_slice)

sizes |= {op: lambda x, like, *rest, **attributes: like.sizes for op in LIKE_SECOND}


def _reduced(x, axis, keepdims=False):
    """Without the reduced axes, or with 1 in their place."""
    axes = axes_of("reduction", axis, x.ndim)
    kept = [1 if a in axes else n for a, n in enumerate(x.sizes)]
    return tuple(n for a, n in enumerate(kept) if keepdims or a not in axes)


REDUCTIONS = (
    table.reduce_sum, table.reduce_prod, table.reduce_max, table.reduce_min,
    table.reduce_any, table.reduce_all, table.argmax, table.argmin,
)  # fmt: skip

sizes |= dict.fromkeys(REDUCTIONS, _reduced)


sizes[table.transpose] = lambda x, axes: tuple(x.sizes[a] for a in axes)


def _matmul(x, y):
    """[..., n, k] @ [..., k, m] -> [..., n, m]"""
    return (*meet(x.sizes[:-2], y.sizes[:-2]), x.sizes[-2], y.sizes[-1])


sizes[table.matmul] = _matmul


WHOLE = (None, None, None)


def _sliced(x, *bounds, index):
    """An axis that is taken whole keeps its size."""
    rest = [WHOLE] * (x.ndim - len(index))
    pairs = zip(x.sizes, (*index, *rest), strict=True)
    return tuple(n if tuple(cut) == WHOLE else None for n, cut in pairs)


def _reshaped(x, *asked, shape):
    """One unknown size stays if the known ones multiply to the same number."""
    shape = filled(shape, asked)
    unknown = [n for n in x.sizes if n.__class__ is Size and n not in shape]
    known = [n for n in x.sizes if n.__class__ is int]
    same = math.prod(known) == math.prod(
        n for n in shape if n.__class__ is int and n > -1
    )
    stays = unknown[0] if len(unknown) == 1 and same else None
    return tuple(stays if n in (-1, None) else n for n in shape)


sizes[table.strided_slice] = _sliced

sizes[table.reshape] = _reshaped


def filled(shape, asked):
    """A shape with the sizes that its inputs hold, as far as they were asked for."""
    rest = iter(asked)
    return tuple([_held(next(rest, None)) if n is None else n for n in shape])


def _held(x):
    """The size that an input holds, if the line above it asked a tensor for it."""
    if x is None or x.op is not table.dim_size:
        return None
    return x.inputs[0].sizes[x.attributes["axis"]]


sizes |= {
    table.full: lambda *asked, shape, value, dtype: filled(shape, asked),
    table.iota: lambda *asked, size, dtype: filled((size,), asked),
    table.random_bits: lambda key, *asked, shape: filled(shape, asked),
}


def sizes_of(op, inputs, attributes, result):
    """The sizes of a result: numbers, sizes of the inputs, new ones for the rest."""
    kept = sizes[op](*inputs, **attributes) if op in sizes else named(result.shape)
    pairs = zip(result.shape, kept, strict=True)
    return tuple(n if n is not None else size or Size() for n, size in pairs)


def _keeps(x, like):
    return meet(x.sizes, like.sizes) == x.sizes


FITTING = {
    table.broadcast_like: _keeps,
    table.reduce_like: lambda x, like: x.sizes == like.sizes,
}


def fits(op, *inputs):
    """Whether it is certain that a stretch or a fold changes nothing."""
    return FITTING[op](*inputs)


class State(Registers):
    """What variables hold while a graph is written.

    slots: {name: variable}, for the names in `graph.state`. made: called with each
    variable that is made meanwhile.
    """

    def __init__(self, graph, made=None):
        super().__init__()
        self.graph, self.slots = graph, {}
        self.made = made or (lambda variable: None)

    def read(self, variable):
        """The node of what a variable holds, under a name of its own for tapes."""
        if id(variable) not in self:
            self[id(variable)] = (variable, self.slot(variable))
        node = self[id(variable)][1]
        return self.graph.another_name(node) if here.level.watchers else node

    def slot(self, variable):
        """A node for what the variable holds at the start."""
        path = re.sub(r"[\s%,:;=(){}@]", "_", variable.path)  # as the text can hold it
        name, number = path, 0
        taken = {x.attributes["name"] for x in self.graph.inputs} | set(self.slots)
        while name in taken:
            number += 1
            name = f"{path}_{number}"
        node = Node(self.graph, None, (), {"name": name}, variable._spec)
        self.graph.state[name], self.slots[name] = node, variable
        return node


@contextmanager
def writing(graph, made=None):
    """Inside, operations are written into `graph`; gives its `State`."""
    state = State(graph, made)
    with reading(graph.read):
        here.level.state = state
        yield state


def finish(graph, state, outputs):
    """Say what comes out: the outputs, and what variables hold that were assigned to."""
    graph.outputs = [graph.own(convert(z)) for z in flatten(outputs)]
    names = {id(variable): name for name, variable in state.slots.items()}
    for variable, value in list(state.values()):
        name = names.get(id(variable))
        if name is None:  # assigned to, and never read
            name = state.slot(variable).attributes["name"]
        if graph.own(value) is not graph.state[name]:
            graph.updates[name] = graph.own(value)


def input_names(function, count):
    """What the function calls its first arguments; x0, x1, ... if it has no names."""
    with suppress(TypeError, ValueError):
        parameters = inspect.signature(function).parameters.values()
        names = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        if len(names) >= count:
            return names[:count]
    return [f"x{i}" for i in range(count)]


def trace(function, *specs, name=None):
    """The graph of function(*inputs) for inputs of these specs.

    The function runs once, as Python. Its outputs may be nested; the graph has them
    flat. Errors: whatever the function raises; LeakedTensorError.

    >>> from minikeras import ops
    >>> print(trace(ops.tanh, TensorSpec((None, 3)), name="squash"))
    graph squash(x: f32[?,3]) {
      %0 = tanh x : f32[?,3]
      return %0
    }
    """
    graph = Graph(name or getattr(function, "__name__", "graph").strip("<>"))
    names = input_names(function, len(specs))
    inputs = [graph.input(*pair) for pair in zip(specs, names, strict=True)]
    with writing(graph) as state:
        finish(graph, state, function(*inputs))
    return graph


def line(node, name):
    """The right side of a node's line: operation, inputs, attributes, spec."""
    words = [node.op.name, *(name[id(x)] for x in node.inputs)]
    words += [f"{key}={written(x)}" for key, x in node.attributes.items()]
    inside = [indent(str(graph), "    ") for graph in graphs_in(node)]
    return "\n".join([f"{' '.join(words)} : {node.spec}", *inside])


def graphs_in(node):
    """The graphs among the attributes of a node: what it may run, in turn."""
    values = node.attributes.values()
    several = [
        x for value in values for x in (value if type(value) is tuple else [value])
    ]
    return [x for x in several if isinstance(x, Graph)]


def written(value):
    """An attribute as text: tensors of a few numbers in full, others by their spec."""
    if isinstance(value, str):
        return repr(value).replace(" ", r"\x20")  # one word, for who reads the line
    if not isinstance(value, Tensor):
        return repr(value).replace(" ", "")
    if value.size > 8:
        return f"<{value.spec}>"
    return repr(value._data.tolist()).replace(" ", "")


def replay(graph, inputs, state=()):
    """The operations of a graph once more, through the door.

    inputs, state: values in the order of graph.inputs and graph.state. Gives the list
    of outputs, and {name: value} for the updates.
    """
    outside = [*graph.inputs, *graph.state.values()]
    value = {id(x): given for x, given in zip(outside, (*inputs, *state), strict=True)}
    for node in graph.nodes:
        if node.op is constant:
            value[id(node)] = node.attributes["value"]
        else:
            arguments = [value[id(x)] for x in node.inputs]
            value[id(node)] = node.op(*arguments, **node.attributes)
    outputs = [value[id(z)] for z in graph.outputs]
    return outputs, {name: value[id(z)] for name, z in graph.updates.items()}


class Plan:
    """A graph made ready for NumPy: steps on numbered places.

    wanted: the nodes whose values `run` gives; by default outputs and updates.
    """

    def __init__(self, graph, wanted=None):
        wanted = [*graph.outputs, *graph.updates.values()] if wanted is None else wanted
        outside = [*graph.inputs, *graph.state.values()]
        self._place = {id(x): i for i, x in enumerate([*outside, *graph.nodes])}
        self._wanted = [self._place[id(z)] for z in wanted]
        self._start = [None] * len(self._place)
        for node in graph.nodes:
            if node.op is constant:
                self._start[self._place[id(node)]] = node.attributes["value"]._data
        work = [node for node in graph.nodes if node.op is not constant]
        last = {id(x): node for node in work for x in node.inputs}
        self._steps = [self._step(node, last) for node in work]

    def _step(self, node, last):
        """A node as (rule, places of its inputs, attributes, its place, now free, it)."""
        places = [self._place[id(x)] for x in node.inputs]
        free = [
            place
            for place, x in dict(zip(places, node.inputs)).items()
            if last[id(x)] is node
            and x.op is not constant
            and place not in self._wanted
        ]
        place = self._place[id(node)]
        return evaluate[node.op], places, node.attributes, place, free, node

    def run(self, arrays):
        """The wanted values, as tensors, for arrays in the order of inputs and state."""
        values = self._start.copy()
        values[: len(arrays)] = arrays
        steps = map(examined, self._steps) if examiners else self._steps
        with np.errstate(all="ignore"):
            for rule, places, attributes, place, free, node in steps:
                try:
                    values[place] = rule(*[values[i] for i in places], **attributes)
                except Exception as error:
                    raise explained(error, node, [values[i] for i in places]) from None
                for i in free:
                    values[i] = None
        return [Tensor(np.asarray(values[i])) for i in self._wanted]


examiners = []  # called with (op, arrays, result) of each line that is run


def examined(step):
    """A step whose result the examiners see."""
    rule, *rest, node = step

    def run(*arrays, **attributes):
        result = rule(*arrays, **attributes)
        for examiner in examiners:
            examiner(node.op, arrays, result)
        return result

    return run, *rest, node


def explained(error, node, arrays):
    """What to raise when NumPy fails on a line: in our words, at the user's line."""
    try:
        inputs = [Tensor(np.asarray(x)) for x in arrays]
        explain(node.op, inputs, node.attributes, error)
    except Report as better:
        error = better
    if isinstance(error, Report) and not hasattr(error, "node"):
        error.at, error.node = node.place, node  # of the innermost graph
    return error


def leak(x):
    """The error for a symbol in the wrong place."""
    made = getattr(x, "place", "")
    where = x.graph.name if isinstance(x, Node) else "a shape computation"
    problem = f"a tensor of {where!r} is out of scope and cannot be used here"
    got = f"{x.spec}, made at {made}" if made else str(x.spec)
    hint = "return it from the function that made it"
    return LeakedTensorError("graph", problem, got, hint)


def explain_leak(op, inputs, attributes, error):
    """When NumPy fails because an input is no tensor at all."""
    for x in inputs:
        if isinstance(x, Symbol):
            raise leak(x) from None


explanations.insert(0, explain_leak)


DRAWN = 60  # lines, up to which a drawing is easier to read than the text
