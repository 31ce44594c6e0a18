"""Generated from
book/keras/layers.ipynb
book/keras/functional.ipynb

Edit the chapter, not this file.
"""

import inspect

from minikeras.core.errors import ArgumentError
from minikeras.core.infer import eval_spec
from minikeras.core.names import auto_name, to_snake_case
from minikeras.ops.public import recorder_in


class Operation:
    """Something with a name that turns values into values; subclasses write `call`."""

    def __new__(cls, *args, **kwargs):
        operation = object.__new__(cls)
        vars(operation)["_arguments"] = (args, kwargs)
        return operation

    def __init__(self, name=None):
        name = auto_name(to_snake_case(type(self).__name__)) if name is None else name
        if not isinstance(name, str) or "/" in name:
            hint = "a string without '/'"
            raise ArgumentError(type(self).__name__, "bad name", f"name={name!r}", hint)
        vars(self).update(name=name, _inbound_nodes=[], _outbound_nodes=[])

    def __call__(self, *args, **kwargs):
        recorder = recorder_in((args, kwargs))
        if recorder is not None:
            return recorder.record(self, args, kwargs)
        return self.call(*args, **kwargs)

    def call(self, *args, **kwargs):
        """What the operation does, in operations of `ops`; subclasses write it."""
        raise NotImplementedError(f"{type(self).__name__} has no call(...)")

    def _constructor_arguments(self):
        """The arguments this object was made with, by name, defaults included."""
        args, kwargs = self._arguments
        bound = inspect.signature(type(self)).bind(*args, **kwargs)
        bound.apply_defaults()
        arguments = dict(bound.arguments)
        arguments.update(arguments.pop("kwargs", {}))
        return arguments

    def compute_output_spec(self, *args, **kwargs):
        """The TensorSpec of the result (or nest of them) for these values or specs."""
        return eval_spec(self.call, *args, **kwargs)

    def symbolic_call(self, *args, **kwargs):
        """What a recorder asks for: only the specs of the result."""
        return self.compute_output_spec(*args, **kwargs)

    @property
    def input(self):
        """The symbol (or nest) this operation was called on; only if called once."""
        node = self._single_node("input")
        return (
            node.input_tensors[0]
            if len(node.input_tensors) == 1
            else node.input_tensors
        )

    @property
    def output(self):
        """The symbol (or list) that came out; only if called once."""
        node = self._single_node("output")
        return node.outputs[0] if len(node.outputs) == 1 else node.outputs

    def _single_node(self, wish):
        if len(self._inbound_nodes) != 1:
            raise AttributeError(
                f"{self.name!r} has no single {wish}: called "
                f"{len(self._inbound_nodes)} times "
                "on symbols"
            )
        return self._inbound_nodes[0]
