"""Generated from
book/keras/holding.ipynb
book/keras/functional.ipynb

Edit the chapter, not this file.
"""

import inspect

from minikeras.core.infer import eval_spec
from minikeras.core.names import auto_name, check_name, to_snake_case
from minikeras.core.nest import flatten, map_structure
from minikeras.ops.public import recorder_in


def default(method):
    """Mark a method that subclasses are meant to replace."""
    method.is_default = True
    return method


def is_default(method):
    """Whether a method is still the one that was marked."""
    return getattr(method, "is_default", False)


class Operation:
    """Something with a name that turns values into values; subclasses write `call`."""

    def __new__(cls, *args, **kwargs):
        operation = object.__new__(cls)
        vars(operation)["_arguments"] = (args, kwargs)
        return operation

    def __init__(self, name=None):
        name = auto_name(to_snake_case(type(self).__name__)) if name is None else name
        check_name(type(self).__name__, name)
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
        signature = inspect.signature(type(self).__init__)
        bound = signature.bind(self, *args, **kwargs)
        if "__init__" in vars(type(self)) or not type(self).__module__.startswith(OURS):
            bound.apply_defaults()
        arguments = {}
        for name, value in list(bound.arguments.items())[1:]:
            kind = signature.parameters[name].kind
            if kind is inspect.Parameter.VAR_KEYWORD:
                arguments.update(value)
            elif kind not in NAMELESS:
                arguments[name] = value
            elif kind is inspect.Parameter.POSITIONAL_ONLY or value:
                self._no_config("arguments without a name")
        return arguments

    def _no_config(self, got):
        raise NotImplementedError(
            f"{type(self).__name__} was made with {got}, so it needs its own get_config()\n"
            "  try   def get_config(self): return {**super().get_config(), 'x': self.x}"
        )

    def _auto_config(self):
        """The constructor's arguments, if all are plain, and if it takes them back."""
        config = {"name": self.name, **self._constructor_arguments()}
        config["name"] = self.name
        for name, value in config.items():
            if not all(isinstance(leaf, PLAIN) for leaf in flatten(value)):
                self._no_config(f"{name}={value!r}"[:60])
        takes = inspect.signature(self.__init__).parameters
        if "name" not in takes and "kwargs" not in takes:
            del config["name"]
        return config

    @default
    def get_config(self):
        """The arguments that make an equal object."""
        return (
            self._auto_config() if is_default(self.get_config) else {"name": self.name}
        )

    @classmethod
    def from_config(cls, config):
        """An object from what `get_config` wrote; a TypeError if none can be made."""
        if isinstance(
            config.get("dtype"), dict
        ):  # a policy in a frame: its name will do
            inner = config["dtype"]["config"]
            config = {**config, "dtype": inner.get("name", config["dtype"])}
        try:
            return cls(**config)
        except Exception as error:
            raise TypeError(
                f"{cls.__name__}.from_config: {error}\n  got   {config}"[:500]
            ) from error

    def compute_output_spec(self, *args, **kwargs):
        """The TensorSpec of the result (or nest of them) for these values or specs.

        Asked with symbols, it answers with symbols.
        """
        return as_asked(eval_spec(self.call, *args, **kwargs), args, kwargs)

    def symbolic_call(self, *args, **kwargs):
        """What a recorder asks for: the result without its numbers, symbols for symbols."""
        return self.compute_output_spec(*args, **kwargs)

    @property
    def input(self):
        """The symbol (or list) this operation was first called on."""
        node = self._first_node("input")
        return (
            node.input_tensors[0]
            if len(node.input_tensors) == 1
            else node.input_tensors
        )

    @property
    def output(self):
        """The symbol (or list) that came out of the first call."""
        node = self._first_node("output")
        return node.outputs[0] if len(node.outputs) == 1 else node.outputs

    def _first_node(self, wish):
        if not self._inbound_nodes:
            raise AttributeError(
                f"{self.name!r} was never called on symbols and has no {wish} yet"
            )
        return self._inbound_nodes[0]


NAMELESS = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.VAR_POSITIONAL)

OURS = "minikeras."


PLAIN = (str, int, float, bool, type(None))


def as_asked(outputs, args, kwargs):
    """Specs as symbols, if the arguments are symbols."""
    recorder = recorder_in((args, kwargs))
    if recorder is None:
        return outputs
    kind = type(recorder)

    def as_symbol(spec):
        return spec if isinstance(spec, kind) else kind(spec.shape, spec.dtype)

    return map_structure(as_symbol, outputs)
