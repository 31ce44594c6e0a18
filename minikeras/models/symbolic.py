"""Generated from book/keras/functional.ipynb. Edit the chapter, not this file."""

from collections import namedtuple

from minikeras import ops
from minikeras.core.names import auto_name
from minikeras.core.nest import flatten, map_structure
from minikeras.core.specs import TensorSpec
from minikeras.core.tensor import Value
from minikeras.layers.operation import Operation
from minikeras.ops.public import RECORDERS


class KerasTensor(Value):
    """A symbol in a Functional model: shape, dtype, and the call that produced it.

    shape: sizes, None where unknown; `_keras_history` is set when a call is recorded.

    >>> KerasTensor((None, 3), name="x")
    <KerasTensor shape=(None, 3), dtype=float32, name=x>
    """

    def __init__(
        self,
        shape,
        dtype="float32",
        sparse=False,
        ragged=False,
        record_history=True,
        name=None,
    ):
        self.spec = TensorSpec(shape, dtype)
        self.name = name or auto_name("keras_tensor")
        self.sparse, self.ragged, self.record_history = sparse, ragged, record_history
        self._keras_history = None

    def __repr__(self):
        return f"<KerasTensor shape={self.shape}, dtype={self.dtype}, name={self.name}>"

    def __neg__(self):
        return ops.negative(self)

    def __abs__(self):
        return ops.absolute(self)

    def __invert__(self):
        return ops.logical_not(self)

    def __hash__(self):
        return id(self)

    @property
    def __array_priority__(self):
        """Above tensors and arrays: what meets a symbol is recorded."""
        return 200

    def record(self, function, args, kwargs):
        """Write down function(*args, **kwargs) and answer with symbols."""
        operation = (
            function if isinstance(function, Operation) else FunctionCall(function)
        )
        specs = operation.symbolic_call(*args, **kwargs)
        outputs = map_structure(lambda spec: KerasTensor(spec.shape, spec.dtype), specs)
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

KerasTensor.numpy = _no_numbers("has no numpy()", ValueError)


OPERATORS = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "true_divide",
    "floordiv": "floor_divide", "mod": "mod", "pow": "power", "matmul": "matmul",
    "and": "logical_and", "or": "logical_or", "xor": "logical_xor",
}  # fmt: skip

COMPARISONS = {
    "eq": "equal", "ne": "not_equal", "lt": "less", "le": "less_equal",
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


class FunctionCall(Operation):
    """A public function as an operation, so that a model can keep it."""

    def __init__(self, function, name=None):
        super().__init__(name=name or auto_name(function.__name__))
        self.function = function
        self.kind = "".join(word.capitalize() for word in function.__name__.split("_"))

    def call(self, *args, **kwargs):
        return self.function(*args, **kwargs)


RECORDERS.add(KerasTensor)
