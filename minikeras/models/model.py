"""Generated from
book/keras/functional.ipynb
book/keras/sequential.ipynb
book/keras/copies.ipynb

Edit the chapter, not this file.
"""

import json
import warnings

from minikeras.core.errors import ArgumentError, DTypeError
from minikeras.core.nest import map_shapes
from minikeras.core.specs import TensorSpec
from minikeras.layers.layer import Layer
from minikeras.models.trainer import Trainer
from minikeras.saving.deserialization import deserialize_keras_object
from minikeras.saving.serialization import serialize_keras_object


class Model(Trainer, Layer):
    """A layer with an inside that can be trained.

    Three ways: Model(inputs, outputs) from symbols; Sequential([...]); or a subclass
    with layers made in __init__ and used in `call`.
    """

    def __new__(cls, *args, **kwargs):
        from minikeras.models.functional import Functional

        if cls is Model and functional_arguments(args, kwargs):
            cls = Functional
        return super().__new__(cls, *args, **kwargs)

    def __init__(self, *args, **kwargs):
        from minikeras.models.functional import Functional

        if functional_arguments(args, kwargs):
            become_functional(type(self))
            Functional.__init__(self, *args, **kwargs)
        else:
            super().__init__(*args, **kwargs)

    def call(self, *args, **kwargs):
        """What the model does with its inputs; subclasses say it."""
        raise NotImplementedError(
            f"Model {type(self).__name__} does not have a `call()` method implemented."
        )

    @property
    def layers(self):
        """The layers directly inside the model."""
        return self._flatten_layers(include_self=False, recursive=False)

    @layers.setter
    def layers(self, value):
        raise AttributeError(
            f"model {self.name!r}: `layers` is the list of all layers and cannot be set\n"
            "  try   another name for your attribute"
        )

    def get_layer(self, name=None, index=None):
        """The layer called `name`, or number `index`."""
        if (name is None) == (index is None):
            raise ArgumentError(
                self.name, "get_layer: a name or an index", f"{name!r}, {index!r}"
            )
        found = self.layers
        if index is not None:
            if not -len(found) <= index < len(found):
                hint = f"one of {len(found)} layers"
                raise ArgumentError(self.name, f"no layer at index {index}", hint=hint)
            return found[index]
        for layer in found:
            if layer.name == name:
                return layer
        names = ", ".join(layer.name for layer in found)
        raise ArgumentError(
            self.name, f"No such layer: {name}", None, f"one of {names}"
        )

    def build(self, input_shape):
        """Make all weights by running `call` on inputs of this shape, or nest of shapes.

        Where `call` cannot be run so, warn, and leave them to the first call on data.
        """

        def spec_of(shape):
            return TensorSpec(shape, self.input_dtype)

        try:
            self.compute_output_spec(map_shapes(spec_of, input_shape))
        except Exception as error:
            reason = str(error).splitlines()[0]
            warnings.warn(
                f"{self.name}.build({input_shape}): the weights will be made by the first "
                f"call, since `call` does not run on this shape alone: {reason}",
                stacklevel=2,
            )
        self.built = True

    def _maybe_build(self, args, kwargs):
        """A subclass without a `build` of its own builds its layers as it runs."""
        if type(self).build is not Model.build:
            super()._maybe_build(args, kwargs)

    def count_params(self):
        """How many numbers the weights hold."""
        if not self.built:
            raise ArgumentError(
                self.name, "count_params: not built", None, "build it or call it"
            )
        return super().count_params()

    def summary(
        self,
        line_length=None,
        positions=None,
        print_fn=None,
        expand_nested=False,
        show_trainable=False,
        layer_range=None,
    ):
        """Print the layers, their output shapes and their numbers of parameters."""
        from minikeras.models.summary import print_summary

        print_summary(
            self,
            line_length,
            positions,
            print_fn,
            expand_nested,
            show_trainable,
            layer_range,
        )

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """A model from what `get_config` wrote; its weights are new.

        Errors: a TypeError if the config does not fit the constructor of a subclass.
        """
        from minikeras.models.configs import functional_from_config
        from minikeras.models.functional import made_like_functional

        graph = {"name", "layers", "input_layers", "output_layers"} <= config.keys()
        if graph and (cls is Model or made_like_functional(cls)):
            return functional_from_config(cls, config, custom_objects)
        try:
            return cls(**config)
        except TypeError as error:
            problem = f"Unable to revive model from config: {error}"
            hint = "a get_config() that returns the arguments of __init__"
            raise DTypeError(
                cls.__name__, problem, f"keys {', '.join(config)}", hint
            ) from error

    def to_json(self, **kwargs):
        """The description of the model as JSON text; `kwargs` go to `json.dumps`."""
        return json.dumps(serialize_keras_object(self), **kwargs)

    def get_state_tree(self, value_format="backend_tensor"):
        """All variables by kind and path, in nested dicts.

        value_format: "backend_tensor" or "numpy_array".
        Errors: a ValueError for another format, or if two variables have one path.
        """
        if value_format not in FORMATS:
            rule = "unknown value_format"
            raise ArgumentError(
                self.name, rule, repr(value_format), " or ".join(FORMATS)
            )
        values = FORMATS[value_format]
        return {
            kind: nested(kind, vs, values) for kind, vs in self._state_by_kind().items()
        }

    def _state_by_kind(self):
        """{kind: variables} for everything that training changes."""
        optimizer = self.optimizer.variables if self.optimizer else []
        return {
            "trainable_variables": self.trainable_variables,
            "non_trainable_variables": self.non_trainable_variables,
            "optimizer_variables": optimizer,
            "metrics_variables": self.metrics_variables,
        }

    def set_state_tree(self, state_tree):
        """Set variables from what `get_state_tree` gave; paths that are not there are kept.

        Errors: a ValueError for an unknown kind of variables; nothing is set then.
        """
        kinds = self._state_by_kind()
        for kind in state_tree:
            if kind not in kinds:
                raise ArgumentError(
                    self.name, f"Unknown variable name: {kind}", None, ", ".join(kinds)
                )
        for kind, tree in state_tree.items():
            values = paths_in(tree)
            for variable in kinds[kind]:
                if variable.path in values:
                    variable.assign(values[variable.path])


def functional_arguments(args, kwargs):
    """Whether a Model is being made from inputs and outputs."""
    given = len(args) + ("inputs" in kwargs) + ("outputs" in kwargs)
    return given >= 2


def become_functional(cls):
    """Put Functional in the place of Model among the bases of `cls`."""
    from minikeras.models.functional import Functional

    if not issubclass(cls, Functional):
        cls.__bases__ = tuple(
            Functional if base is Model else base for base in cls.__bases__
        )


def model_from_json(json_string, custom_objects=None):
    """A model from the text that `to_json` gave; its weights are new."""
    return deserialize_keras_object(json.loads(json_string), custom_objects)


FORMATS = {"backend_tensor": lambda v: v.value, "numpy_array": lambda v: v.numpy()}


def nested(kind, variables, values):
    """{part: {part: ... value}} by the paths of variables."""
    tree = {}
    for variable in variables:
        *parts, last = variable.path.split("/")
        inner = tree
        for part in parts:
            inner = inner.setdefault(part, {})
        if last in inner:
            rule = f"two variables have the path {variable.path!r}"
            raise ArgumentError(kind, rule, None, "unique names for your layers")
        inner[last] = values(variable)
    return tree


def paths_in(tree, prefix=""):
    """{path: value} of a nested dict."""
    found = {}
    for key, value in tree.items():
        inner = isinstance(value, dict)
        found |= paths_in(value, f"{prefix}{key}/") if inner else {prefix + key: value}
    return found
