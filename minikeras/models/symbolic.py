"""Generated from book/keras/functional.ipynb. Edit the chapter, not this file."""

import functools
import inspect
from collections import namedtuple

from minikeras import ops
from minikeras.core.errors import ArgumentError
from minikeras.core.names import auto_name, to_snake_case
from minikeras.core.nest import flatten, map_structure
from minikeras.core.specs import TensorSpec, standardize_shape
from minikeras.core.tensor import Value
from minikeras.layers.operation import Operation
from minikeras.ops.public import RECORDERS
from minikeras.saving.deserialization import deserialize_keras_object


class KerasTensor(Value):
    """A symbol in a Functional model: shape, dtype, and the call that produced it.

    shape: sizes, None where unknown; `_keras_history` is set when a call is recorded.

    >>> KerasTensor((None, 3), name="x")
    <KerasTensor shape=(None, 3), dtype=float32, sparse=False, ragged=False, name=x>
    """

    def __init__(
        self,
        shape,
        dtype="float32",
        sparse=False,
        ragged=False,
        record_history=True,
        name=None,
        **kwargs,
    ):
        if kwargs.keys() - {"ragged_rank", "row_splits_dtype"}:
            raise TypeError(f"KerasTensor: unknown arguments {', '.join(kwargs)}")
        if sparse and ragged:
            raise ArgumentError("KerasTensor", "it cannot be both sparse and ragged")
        self.spec = TensorSpec(standardize_shape(shape), dtype)
        self.name = name or auto_name("keras_tensor")
        self._marks, self.record_history = (bool(sparse), bool(ragged)), record_history
        self._keras_history = None

    def __repr__(self):
        about = f"shape={self.shape}, dtype={self.dtype}, sparse={self.sparse}"
        return f"<KerasTensor {about}, ragged={self.ragged}, name={self.name}>"

    @property
    def sparse(self):
        """Whether it was declared to stand for a sparse tensor."""
        return self._marks[0]

    @property
    def ragged(self):
        """Whether it was declared to stand for rows of different lengths."""
        return self._marks[1]

    def __neg__(self):
        return ops.negative(self)

    def __abs__(self):
        return ops.absolute(self)

    def __invert__(self):
        return ops.logical_not(self)

    def __round__(self, ndigits=None):
        return ops.round(self, decimals=ndigits or 0)

    def __eq__(self, other):
        return self is other

    def __hash__(self):
        return id(self)

    def reshape(self, newshape):
        """The same as `ops.reshape(x, newshape)`."""
        return ops.reshape(self, newshape)

    def squeeze(self, axis=None):
        """The same as `ops.squeeze(x, axis)`."""
        return ops.squeeze(self, axis)

    @property
    def __array_priority__(self):
        """Above tensors and arrays: what meets a symbol is recorded."""
        return 200

    def record(self, function, args, kwargs):
        """Write down function(*args, **kwargs) and answer with symbols."""
        operation = function
        if not isinstance(function, Operation):
            args, settings = parted(function, args, kwargs)
            operation, args, kwargs = call_class(function)(**settings), tuple(args), {}
        outputs = map_structure(as_new, operation.symbolic_call(*args, **kwargs))
        Node(operation, args, kwargs, outputs)
        return outputs


def _no_numbers(wish, error):
    """A method that refuses `wish`, with a way out."""

    def refuse(self, *args, **kwargs):
        raise error(
            f"KerasTensor {self.name!r}: {wish}: it is a symbol and has no numbers\n"
            f"  got   {self.spec}\n"
            "  try   an operation of minikeras.ops, or a Layer whose call does it"
        )

    return refuse


KerasTensor.__bool__ = _no_numbers("cannot be true or false", TypeError)

KerasTensor.__iter__ = _no_numbers("cannot be iterated", NotImplementedError)

KerasTensor.__float__ = _no_numbers("cannot become a float", ValueError)

KerasTensor.__int__ = _no_numbers("cannot become an int", ValueError)

KerasTensor.__array__ = _no_numbers("cannot become a NumPy array", ValueError)

KerasTensor.__contains__ = _no_numbers("cannot be searched", NotImplementedError)

KerasTensor.__len__ = _no_numbers("has no length", TypeError)

KerasTensor.__pos__ = _no_numbers("has no sign to keep", TypeError)

KerasTensor.numpy = property(_no_numbers("has no numpy()", AttributeError))

_data = property(_no_numbers("cannot be computed with", ValueError))

setattr(KerasTensor, "_data", _data)  # noqa: B010


OPERATORS = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "true_divide",
    "floordiv": "floor_divide", "mod": "mod", "pow": "power", "matmul": "matmul",
    "and": "logical_and", "or": "logical_or", "xor": "logical_xor",
}  # fmt: skip

COMPARISONS = {
    "ne": "not_equal", "lt": "less", "le": "less_equal",
    "gt": "greater", "ge": "greater_equal", "getitem": "get_item",
}  # fmt: skip


def _operator(name, swapped=False):
    def method(self, other):
        x, y = (other, self) if swapped else (self, other)
        return getattr(ops, name)(x, y)

    return method


def _install(names, prefix="", swapped=False):
    for method, name in names.items():
        setattr(KerasTensor, f"__{prefix}{method}__", _operator(name, swapped))


_install(OPERATORS)

_install(OPERATORS, prefix="r", swapped=True)

_install(COMPARISONS)


def is_keras_tensor(x):
    """Whether `x` is a symbol made by Input or by a recorded call."""
    return isinstance(x, KerasTensor)


KerasHistory = namedtuple("KerasHistory", ["operation", "node_index", "tensor_index"])


class Node:
    """One recorded call: operation, arguments, outputs."""

    def __init__(self, operation, call_args=(), call_kwargs=None, outputs=None):
        self.operation = operation
        self.args, self.kwargs = call_args, call_kwargs or {}
        self.outputs = flatten(outputs)
        self.input_tensors = [
            x for x in flatten((self.args, self.kwargs)) if isinstance(x, KerasTensor)
        ]
        self.is_input = not self.input_tensors
        self._connect()

    def __repr__(self):
        return f"<Node operation={self.operation.name}>"

    def _connect(self):
        """Tell the operation, its parents, and each output where it comes from."""
        index = len(self.operation._inbound_nodes)
        self.operation._inbound_nodes.append(self)
        for parent in self.parent_nodes:
            parent.operation._outbound_nodes.append(self)
        for i, tensor in enumerate(self.outputs):
            if tensor.record_history:
                tensor._keras_history = KerasHistory(self.operation, index, i)

    @property
    def parent_nodes(self):
        """The nodes that made the inputs."""
        return [made_by(x) for x in self.input_tensors if x._keras_history]

    @property
    def output_tensors(self):
        return self.outputs

    def fill_in(self, values):
        """The arguments of the call with each symbol replaced by values[id(symbol)]."""
        if (
            len(self.args) == 1
            and not self.kwargs
            and self.args[0].__class__ is KerasTensor
        ):
            return (values[id(self.args[0])],), {}

        def value_of(x):
            return values[id(x)] if isinstance(x, KerasTensor) else x

        return map_structure(value_of, (self.args, self.kwargs))


def made_by(tensor):
    """The node that produced `tensor`."""
    operation, node_index, _ = tensor._keras_history
    return operation._inbound_nodes[node_index]


OPERANDS = set("x x1 x2 xs y a b v key condition indices values inputs arrays".split())


def parted(function, args, kwargs):
    """The arguments of a call: operands, in order, and {name: setting}."""
    bound = inspect.signature(function).bind(*args, **kwargs)
    bound.apply_defaults()
    operands, settings = [], {}
    for name, value in bound.arguments.items():
        kind = bound.signature.parameters[name].kind
        if kind is inspect.Parameter.VAR_POSITIONAL:
            operands += value
        elif kind is inspect.Parameter.VAR_KEYWORD:
            settings |= value
        elif name in OPERANDS or any(map(is_keras_tensor, flatten(value))):
            operands.append(value)
        else:
            settings[name] = value
    return operands, settings


class FunctionCall(Operation):
    """A public function with its settings as an operation, so that a model can keep it.

    Subclasses, made by `call_class`, say which function it is.
    """

    function = None

    def __init__(self, name=None, **settings):
        super().__init__(name=name or auto_name(to_snake_case(type(self).__name__)))
        self.settings = settings
        parameters = inspect.signature(self.function).parameters.values()
        kinds, names = (
            [one.kind for one in parameters],
            [one.name for one in parameters],
        )
        self._names, self._first = [n for n in names if n not in settings], None
        if inspect.Parameter.VAR_POSITIONAL in kinds:  # what stands before *operands
            self._first = names[: kinds.index(inspect.Parameter.VAR_POSITIONAL)]

    def call(self, *operands):
        if self._first is not None:  # such as einsum(subscripts, *operands)
            named = {n: s for n, s in self.settings.items() if n not in self._first}
            first = [self.settings[name] for name in self._first]
            return self.function(*first, *operands, **named)
        return self.function(**dict(zip(self._names, operands)), **self.settings)

    def get_config(self):
        """The name of the call, and the settings of the function."""
        return {"name": self.name, **self.settings}

    @classmethod
    def from_config(cls, config):
        """A call like the one that `get_config` described, also to a file."""
        read = deserialize_keras_object
        return cls(
            **{n: read(v) if isinstance(v, dict) else v for n, v in config.items()}
        )

    @property
    def _name_in_file(self):
        """module, class_name and registered_name, as Keras writes them."""
        name, rooms = type(self).__name__, {"numpy": ops.numpy, "nn": ops.nn}
        function = self.function.__name__
        room = next(
            (r for r, home in rooms.items() if function in home.__all__), "core"
        )
        return f"keras.src.ops.{room}", name, name


IRREGULAR = {  # function: class, where the words of the two are not the same
    "abs": "Absolute", "cdist": "CDist", "isin": "IsIn", "allclose": "AllClose",
    "searchsorted": "SearchSorted", "batch_normalization": "BatchNorm",
    "layer_normalization": "LayerNorm", "rms_normalization": "RMSNorm",
}  # fmt: skip


@functools.cache
def call_class(function):
    """The class for calls of a public function: `TrueDivide` for `ops.true_divide`."""
    words = function.__name__
    name = IRREGULAR.get(words, "".join(map(str.capitalize, words.split("_"))))
    return type(name, (FunctionCall,), {"function": staticmethod(function)})


def class_in_file(module, name):
    """The class for calls of a public function that a file names, or None."""
    regular = {written: word for word, written in IRREGULAR.items()}
    word = regular.get(name, to_snake_case(name))
    return call_class(getattr(ops, word)) if word in ops.__all__ else None


def as_new(answer):
    """A symbol without a history for a spec, or for a symbol that has one."""
    if isinstance(answer, KerasTensor) and answer._keras_history is None:
        return answer
    return KerasTensor(answer.shape, answer.dtype)


RECORDERS.add(KerasTensor)
