"""Generated from book/graphs/function.ipynb. Edit the chapter, not this file."""

import threading
from collections import deque
from itertools import repeat

import numpy as np
import optree

from minikeras.core.door import here
from minikeras.core.errors import DTypeError
from minikeras.core.specs import TensorSpec, known_spec
from minikeras.core.tensor import Value, convert
from minikeras.core.variable import Variable, autocast
from minikeras.graph.graph import finish
from minikeras.graph.program import Program, Sheet, open_sheet
from minikeras.graph.signature import (
    NESTS,
    Call,
    Word,
    difference,
    fits,
    kind_of,
    kind_text,
    named_kinds,
    pretty,
)


def tensors_in(key):
    """(name, spec) for each tensor in a key, in the order of a call's tensors."""
    return [
        found for name, _, kind in named_kinds(key) for found in _tensors(name, kind)
    ]


def _tensors(name, kind):
    if kind[0] == "tensor":
        return [(name, known_spec(kind[1], kind[2]))]
    if kind[0] not in NESTS:
        return []
    labels = [n for _, n in kind[2]] if kind[0] == "dict" else range(len(kind[-1]))
    pairs = zip(labels, kind[-1], strict=True)
    return [found for n, k in pairs for found in _tensors(f"{name}_{n}", k)]


PLAIN = (type(None), str, bytes)  # outputs that stay as they are

NUMBERS = (bool, int, float, complex, np.ndarray, np.generic)


def as_output(x, name):
    """A result as a tensor; None and texts as they are."""
    if isinstance(x, PLAIN):
        return x
    if isinstance(x, (Value, *NUMBERS)):
        return convert(x)
    problem = "To be compatible with tf.function, Python functions must return zero or "
    problem += f"more Tensors or None values; found a value of type {type(x).__name__}"
    raise DTypeError(name, problem, repr(x)[:60])


class ConcreteFunction:
    """A function traced for one kind of call: it takes tensors and runs.

    function: what is run once to trace it. call: a Call; key: what it is traced for,
    the key of the call or one more general. made: called with new variables.
    """

    def __init__(self, function, name, call, key, made):
        self.name, self.key, self._function_type = name, key, key[0]
        self.graph = sheet = Sheet(name)
        inputs = [sheet.input(spec, label) for label, spec in tensors_in(key)]
        args, kwargs = call.fill(inputs)
        with open_sheet(sheet, made) as state:
            result = function(*args, **kwargs)
            leaves, self._structure = optree.tree_flatten(result, none_is_leaf=True)
            leaves = [as_output(x, name) for x in leaves]
            finish(sheet, state, [x for x in leaves if isinstance(x, Value)])
        self._leaves = [x.spec if isinstance(x, Value) else x for x in leaves]
        self._program = Program(sheet)
        self._note_variables(call, state)

    def _note_variables(self, call, state):
        """Where the state comes from: arguments of the call, or variables outside."""
        place = {id(v): i for i, v in enumerate(call.variables)}
        self._slots = [(v, place.get(id(v))) for v in state.slots.values()]
        self._captured = {id(v): v for v, i in self._slots if i is None}
        self._written = [
            list(self.graph.state).index(name) for name in self.graph.updates
        ]
        self._others = {}

    def confuses(self, call):
        """Whether an argument is a variable that this trace knows as another one."""
        return any(id(v) in self._captured for v in call.variables)

    def _variables_for(self, call):
        """The variables of the state, those of the call in place of those of the trace."""
        own = call.variables
        return [v if i is None or i >= len(own) else own[i] for v, i in self._slots]

    def run(self, call):
        """The result for a call that fits; variables change when all is computed."""
        variables = self._variables_for(call)
        named = {
            id(v): now for (v, _), now in zip(self._slots, variables) if v is not now
        }
        given = [*call.tensors, *[x for x, _ in self.graph.captures.values()]]
        written = [variables[i] for i in self._written]
        count = len(self.graph.outputs)
        while True:
            held = [v._value for v in variables]
            results = self._program([*given, *contents(variables)], named)
            if here.level.state is not None:
                for variable, value in zip(written, results[count:], strict=True):
                    variable._replace(value)
                break
            if not written or commit(variables, held, written, results[count:]):
                break
        return self._packed(results)

    def _packed(self, results):
        """The results in the structure of what the function returned."""
        rest = iter(results)
        leaves = [next(rest) if x.__class__ is TensorSpec else x for x in self._leaves]
        return optree.tree_unflatten(self._structure, leaves)

    def __call__(self, *args, **kwargs):
        """Run; arguments as the function takes them, or only its tensors, in order.

        Errors: a TypeError if they are not of the kind it was traced for.
        """
        call = self._flat(args) if not kwargs else None
        if call is None:
            call = self._function_type.canonical(args, self._filled(args, kwargs))
        if not fits(call.key, self.key):
            raise self._function_type._refused(
                difference(self.key, call.key), args, kwargs
            )
        return self.run(call)

    def _flat(self, args):
        """The call with these tensors, if there is one for each input; else None."""
        specs = [spec for _, spec in tensors_in(self.key)]
        if len(args) != len(specs) or not all(map(_is_tensor, args)):
            return None
        for x, (name, spec) in zip(args, tensors_in(self.key), strict=True):
            known = zip(x.shape, spec.shape, strict=False)
            same = x.dtype == spec.dtype and x.ndim == len(spec.shape)
            if not same or any(m not in (n, None) for n, m in known):
                reason = f"Can not cast '{name}', {x.spec}, to {spec}"
                raise self._function_type._refused(reason, args, {})
        return Call(self.key, list(args), ())

    def _filled(self, args, kwargs):
        """The arguments by name, and for those left out the Python values of the trace."""
        parameters = [p for p, _ in zip(self.key[0].parameters, self.key[1:])]
        named = [
            (p.name, kind)
            for p, kind in zip(parameters[len(args) :], self.key[len(args) + 1 :])
            if kind[0] == "constant" and p.name not in kwargs
        ]
        return kwargs | {name: literal(kind) for name, kind in named}

    @property
    def structured_outputs(self):
        """What it returns, with a TensorSpec for each tensor."""
        return optree.tree_unflatten(self._structure, self._leaves)

    @property
    def inputs(self):
        """The inputs of the graph: tensors, then what variables hold."""
        return [*self.graph.inputs, *self.graph.state.values()]

    @property
    def outputs(self):
        """The outputs of the graph."""
        return list(self.graph.outputs)

    @property
    def variables(self):
        """The variables from outside that it reads or assigns to."""
        return tuple(self._captured.values())

    @property
    def trainable_variables(self):
        """Those of its variables that are trainable."""
        return tuple([v for v in self.variables if v.trainable])

    @property
    def captured_inputs(self):
        """What it takes beside its arguments: tensors of a graph around it, variables."""
        return [*[x for x, _ in self.graph.captures.values()], *self.variables]

    @property
    def structured_input_signature(self):
        """(args, kwargs) it was traced for, with a TensorSpec for each tensor."""
        rest = iter(
            [TensorSpec(s.shape, s.dtype, name) for name, s in tensors_in(self.key)]
        )
        args, kwargs = [], {}
        for name, how, kind in named_kinds(self.key):
            value = _example(kind, rest)
            if how == "KEYWORD_ONLY":
                kwargs[name] = value
            else:
                args.append(value)
        return tuple(args), kwargs

    def _output_text(self):
        return kind_text(kind_of(self.structured_outputs, Call(None, [], ())))

    def pretty_printed_signature(self):
        """Input parameters, output type and captures, as TensorFlow prints them."""
        inputs = pretty(self.key).splitlines() or ["None"]
        captures = [
            f"{v.path}: {kind_text(kind_of(v.spec, Call(None, [], ())))}"
            for v in self.variables
        ] or ["None"]
        lines = ["Input Parameters:", *[f"  {x}" for x in inputs]]
        lines += ["Output Type:", f"  {self._output_text()}"]
        return "\n".join([*lines, "Captures:", *[f"  {x}" for x in captures]])

    def __str__(self):
        return f"ConcreteFunction {self.pretty_printed_signature()}"

    def __repr__(self):
        inputs = ", ".join(
            f"{name}: {kind_text(k)}" for name, _, k in named_kinds(self.key)
        )
        return f"<ConcreteFunction {self.name}({inputs}) -> {self._output_text()}>"


def contents(variables):
    """What variables hold on this level, in dtypes of their own; the tapes are told."""
    dtype, autocast.dtype = autocast.dtype, None
    try:
        return [v._as_value() for v in variables]
    finally:
        autocast.dtype = dtype


committing = threading.Lock()


def commit(variables, held, written, values):
    """Give the `written` variables their values, all at once.

    False, and nothing is done, if a variable no longer holds what was read from it.
    """
    with committing:
        if any(v._value is not x for v, x in zip(variables, held, strict=True)):
            return False
        deque(map(setattr, written, repeat("_value"), values), maxlen=0)
    return True


def _is_tensor(x):
    return isinstance(x, Value) and not isinstance(x, Variable)


def literal(kind):
    """The Python value of a kind; floats are kept as text."""
    return kind[1](kind[2]) if kind[1] in (float, complex) else kind[2]


def _example(kind, specs):
    """A value of a kind, as far as there is one to show."""
    if kind[0] == "tensor":
        return next(specs)
    if kind[0] == "constant":
        return literal(kind)
    if kind[0] == "dict":
        pairs = zip(kind[2], kind[-1], strict=True)
        return {n: _example(k, specs) for (_, n), k in pairs}
    if kind[0] == "items":
        items = [_example(k, specs) for k in kind[-1]]
        return items if issubclass(kind[1], list) else tuple(items)
    return Word(kind_text(kind))
