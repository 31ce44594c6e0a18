"""Generated from book/keras/bends.ipynb. Edit the chapter, not this file."""

import inspect
import warnings

from minikeras.core.errors import DTypeError, MissingRuleError
from minikeras.core.infer import eval_spec
from minikeras.core.nest import flatten, map_shapes, map_structure
from minikeras.core.specs import TensorSpec
from minikeras.layers.layer import Layer
from minikeras.layers.operation import as_asked
from minikeras.saving.deserialization import SafeModeScope, deserialize_keras_object
from minikeras.saving.registration import scopes
from minikeras.saving.serialization import is_lambda, serialize_keras_object


class Lambda(Layer):
    """Any function as a layer: y = function(inputs, **arguments).

    output_shape: a shape without the batch, or a function of the input's shape; by
    default it is worked out. mask: a tensor, or a function of (inputs, mask), for the
    mask of the output; without it, masks are not supported. A `function` with arguments
    named `mask` or `training` gets them.
    Errors: a NotImplementedError if a symbolic call cannot tell the output's shape.

    >>> Lambda(lambda x, k: x * k, arguments={"k": 3})(ops.ones((2,))).numpy()
    array([3., 3.], dtype=float32)
    """

    def __init__(
        self, function, output_shape=None, mask=None, arguments=None, **kwargs
    ):
        super().__init__(**kwargs)
        if not callable(function):
            problem, got = "function is no function", f"function={function!r}"
            raise DTypeError("Lambda", problem, got, "Lambda(lambda x: 2 * x)")
        parameters = inspect.getfullargspec(function).args
        self._hears = [name for name in ("mask", "training") if name in parameters]
        self.function, self.mask, self.arguments = function, mask, arguments or {}
        self._output_shape = output_shape
        self.supports_masking = mask is not None

    def call(self, inputs, mask=None, training=None):
        said = {"mask": mask, "training": training}
        heard = {name: said[name] for name in self._hears}
        return self.function(inputs, **{**self.arguments, **heard})

    def compute_mask(self, inputs, mask=None):
        """The mask of the output: what `mask` says, be it a function or a tensor."""
        return self.mask(inputs, mask) if callable(self.mask) else self.mask

    def compute_output_spec(self, inputs, mask=None, training=None):
        """The spec of the output: by `output_shape`, else by a run on symbols."""
        if self._output_shape is not None:
            shapes = self.compute_output_shape(
                map_structure(lambda x: tuple(x.shape), inputs)
            )
            specs = map_shapes(
                lambda sizes: TensorSpec(sizes, self.compute_dtype), shapes
            )
            return as_asked(specs, (inputs,), {})
        try:
            specs = eval_spec(self.call, inputs, mask=mask, training=training)
            return as_asked(specs, (inputs,), {})
        except Exception as error:
            problem = "the shape of the output cannot be inferred"
            hint = "say it with the argument output_shape"
            raise MissingRuleError(self.name, problem, hint=hint) from error

    def compute_output_shape(self, input_shape):
        """The shape of the output for inputs of this shape (or nest of shapes)."""
        shape = self._output_shape
        if shape is None:
            inputs = map_shapes(
                lambda n: TensorSpec(n, self.compute_dtype), input_shape
            )
            return map_structure(lambda x: x.shape, self.compute_output_spec(inputs))
        if callable(shape):
            return shape(input_shape)
        batch = flatten(input_shape)[0]
        return map_shapes(lambda sizes: (batch, *sizes), shape)

    def get_config(self):
        own = {"function": write_function(self.function)}
        shape, mask = self._output_shape, self.mask
        if shape is not None:
            own["output_shape"] = write_function(shape) if callable(shape) else shape
        if mask is not None:
            write = write_function if callable(mask) else serialize_keras_object
            own["mask"] = write(mask)
        own["arguments"] = serialize_keras_object(dict(self.arguments))
        return {**super().get_config(), **own}

    @classmethod
    def from_config(cls, config, custom_objects=None, safe_mode=None):
        """A layer from what `get_config` wrote; bytecode only with safe_mode=False.

        Errors: an ArgumentError (a ValueError) for bytecode, unless it is trusted.
        """
        config = dict(config)
        for name in {"function", "output_shape", "mask", "arguments"} & set(config):
            config[name] = read_function(config[name], custom_objects, safe_mode)
        if isinstance(config.get("output_shape"), list):
            config["output_shape"] = tuple(config["output_shape"])
        return cls(**config)


PARTS = ("code", "defaults", "closure")


def write_function(function):
    """What a config keeps of a function: its name, or the bytecode of a lambda."""
    if not is_lambda(function):
        return serialize_keras_object(function)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parts = serialize_keras_object(function)["config"]["value"]
    return {"class_name": "__lambda__", "config": dict(zip(PARTS, parts, strict=True))}


def read_function(entry, custom_objects=None, safe_mode=None):
    """The inverse of `write_function`; bytecode only if safe_mode is False."""
    if isinstance(entry, dict) and entry.get("class_name") == "__lambda__":
        value = [entry["config"].get(part) for part in PARTS]
        entry = {"class_name": "__lambda__", "config": {"value": value}}
    safe_mode = scopes.safe_mode if safe_mode is None else safe_mode
    with SafeModeScope(safe_mode is not False):
        return deserialize_keras_object(entry, custom_objects=custom_objects)
