"""Generated from
book/keras/functional.ipynb
book/keras/sequential.ipynb

Edit the chapter, not this file.
"""

from minikeras.core.errors import ArgumentError
from minikeras.core.specs import TensorSpec
from minikeras.layers.layer import Layer, map_shapes
from minikeras.models.trainer import Trainer


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
        """Make all weights by running `call` on inputs of this shape, or nest of shapes."""
        specs = map_shapes(
            lambda shape: TensorSpec(shape, self.input_dtype), input_shape
        )
        self.compute_output_spec(specs)

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
