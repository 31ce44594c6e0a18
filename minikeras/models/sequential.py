"""Generated from
book/keras/sequential.ipynb
book/keras/copies.ipynb

Edit the chapter, not this file.
"""

import inspect

from minikeras.core.errors import ArgumentError
from minikeras.core.infer import eval_spec
from minikeras.core.nest import is_shape
from minikeras.layers.input_layer import InputLayer
from minikeras.layers.layer import Layer
from minikeras.layers.operation import as_asked
from minikeras.models.functional import Functional
from minikeras.models.model import Model
from minikeras.models.symbolic import KerasTensor
from minikeras.saving.deserialization import deserialize_keras_object
from minikeras.saving.serialization import serialize_keras_object


class Sequential(Model):
    """Layers applied one after the other.

    layers: a list of layers; an Input first lets the model be built at once.

    >>> model = Sequential([Input((4,)), layers.Dense(3), layers.Dense(2)])
    >>> model.output_shape
    (None, 2)
    """

    def __init__(self, layers=None, trainable=True, name=None):
        super().__init__(trainable=trainable, name=name)
        vars(self)["_functional"] = None
        for layer in layers or ():
            self.add(layer, rebuild=False)
        if layers:
            self._maybe_rebuild()

    def add(self, layer, rebuild=True):
        """Put a layer (or an Input) at the end."""
        if isinstance(layer, KerasTensor) and isinstance(
            layer._keras_history.operation, InputLayer
        ):
            layer = layer._keras_history.operation
        self._check_new(layer)
        if not self._layers and getattr(layer, "_input_shape_arg", None) is not None:
            self._layers.append(InputLayer(layer._input_shape_arg))
        self._layers.append(layer)
        vars(self).update(_functional=None, built=False)
        if rebuild:
            self._maybe_rebuild()

    def _check_new(self, layer):
        if not isinstance(layer, Layer):
            raise ArgumentError(
                self.name,
                "only layers can be added to a Sequential model",
                repr(layer)[:60],
            )
        if any(
            known.name == layer.name and known is not layer for known in self._layers
        ):
            raise ArgumentError(
                self.name,
                "All layers of a Sequential model should have unique names",
                f"{layer.name!r} twice",
                "name=...",
            )
        if (
            isinstance(layer, InputLayer)
            and self._layers
            and isinstance(self._layers[0], InputLayer)
        ):
            raise ArgumentError(
                self.name,
                "has already been configured to use an input",
                f"{self._layers[0].batch_shape}",
                "one Input, first",
            )

    def pop(self, rebuild=True):
        """Take the last layer off, and return it."""
        layer = self._layers.pop()
        vars(self).update(_functional=None, built=False)
        if rebuild and self._layers:
            self._maybe_rebuild()
        return layer

    def _maybe_rebuild(self):
        """Build, if the first layer knows its input's shape."""
        first = self._layers[0]
        shape = getattr(first, "batch_shape", None) or getattr(
            first, "input_shape", None
        )
        if shape is not None and len(self._layers) > 1:
            self.build(shape)

    def build(self, input_shape=None):
        """Record all layers on an input of this shape."""
        if not self._layers:
            raise ArgumentError(
                self.name, "a Sequential model without layers", None, "model.add(layer)"
            )
        if not is_shape(input_shape):
            return
        first = self._layers[0]
        if not isinstance(first, InputLayer):
            first = InputLayer(
                batch_shape=tuple(input_shape), dtype=first.compute_dtype
            )
        elif tuple(first.batch_shape) != tuple(input_shape):
            raise ArgumentError(
                self.name,
                "has already been configured to use another input shape",
                f"{tuple(input_shape)}",
                f"{first.batch_shape}",
            )
        x, rest = first.output, [layer for layer in self._layers if layer is not first]
        for layer in rest:
            try:
                x = layer(x)
            except NotImplementedError:
                return  # its shapes are known only from data, so the model has to wait
            except TypeError:
                check_takes_one(layer)
                raise
        self._layers[:] = [first, *rest]
        functional = Functional(first.output, x)
        vars(functional)["name"] = self.name
        vars(self)["_functional"] = functional

    def _lock_state(self):
        """A Sequential model stays open: layers can be added and popped."""

    def call(self, inputs, training=None, mask=None, **kwargs):
        """The layers, one after the other."""
        if self._functional is not None:
            return self._functional.call(inputs, training=training, mask=mask, **kwargs)
        for layer in self.layers:
            inputs = layer(inputs)
        return inputs

    def compute_output_spec(self, inputs, training=None, mask=None, **kwargs):
        """The spec of the output for a spec (or value) of the input."""
        return as_asked(eval_spec(self.call, inputs), (inputs,), {})

    def compute_output_shape(self, input_shape):
        """The shape of the output for an input of this shape."""
        if self._functional is not None:
            return self._functional.compute_output_shape(input_shape)
        for layer in self.layers:
            input_shape = layer.compute_output_shape(input_shape)
        return input_shape

    @property
    def layers(self):
        """The layers that were added; the Input does not count."""
        own = self._layers
        return list(own[1:] if own and isinstance(own[0], InputLayer) else own)

    @layers.setter
    def layers(self, value):
        raise AttributeError(
            f"Sequential model {self.name!r}: `layers` cannot be set\n"
            "  try   add(layer) and pop()"
        )

    @property
    def input_dtype(self):
        own = self._layers
        if own and isinstance(own[0], InputLayer):
            return own[0].dtype
        return self._dtype_policy.compute_dtype

    def get_config(self):
        """What it takes to make this model again: its layers and its input shape."""
        config = super().get_config()
        config["layers"] = [serialize_keras_object(layer) for layer in self._layers]
        if self._functional is not None:
            config["build_input_shape"] = self._layers[0].batch_shape
        return config

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """A Sequential from what `get_config` wrote; its weights are new."""
        if "name" not in config or "layers" not in config:
            hint = "a dictionary with 'name' and 'layers'"
            got = f"keys {', '.join(config)}"
            raise ArgumentError(
                cls.__name__, "not the config of a Sequential", got, hint
            )
        model = cls(name=config["name"])
        for entry in config["layers"]:
            model.add(deserialize_keras_object(entry, custom_objects))
        shape = config.get("build_input_shape")
        if model._functional is None and isinstance(shape, (tuple, list)):
            model.build(tuple(shape))
        return model


def check_takes_one(layer):
    """ArgumentError if `call` does not take exactly one input by position."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = inspect.signature(layer.call).parameters.values()
    named = [one for one in parameters if one.kind in kinds]
    needed = [one.name for one in named if one.default is one.empty]
    if not named or len(needed) > 1:
        rule = "a layer of a Sequential model takes one input by position"
        got = f"{type(layer).__name__}.call{inspect.signature(layer.call)}"
        raise ArgumentError(layer.name, rule, got, "a Functional model")


def _from_functional(name):
    def attribute(self):
        if self._functional is None:
            raise AttributeError(
                f"Sequential model {self.name!r} has no defined {name} yet\n"
                "  try   an Input first, build(shape), or a call"
            )
        return getattr(self._functional, name)

    return property(attribute)


for _name in (
    "inputs", "outputs", "input", "output", "input_shape", "output_shape",
    "input_names", "output_names",
):  # fmt: skip
    setattr(Sequential, _name, _from_functional(_name))
