"""Generated from
book/keras/layers.ipynb
book/keras/shelf.ipynb

Edit the chapter, not this file.
"""

from minikeras import activations, ops
from minikeras.core.errors import ArgumentError
from minikeras.core.infer import eval_spec
from minikeras.layers.choices import chosen_weight, keep_choices, written_choices
from minikeras.layers.input_spec import InputSpec
from minikeras.layers.layer import Layer, same_shape
from minikeras.layers.operation import as_asked
from minikeras.saving.deserialization import deserialize_keras_object
from minikeras.saving.serialization import serialize_keras_object


class Dense(Layer):
    """Affine map of the last axis: y = activation(x @ kernel + bias).

    x: f32[..., n], kernel: f32[n, units], bias: f32[units]  ->  y: f32[..., units]

    >>> Dense(3)(ops.ones((2, 4))).shape
    (2, 3)
    """

    def __init__(
        self, units, activation=None, use_bias=True,
        kernel_initializer="glorot_uniform", bias_initializer="zeros",
        kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None,
        kernel_constraint=None, bias_constraint=None, lora_rank=None, lora_alpha=None,
        quantization_config=None, **kwargs,
    ):  # fmt: skip
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        check_units(units, lora_rank, quantization_config)
        self.units, self.use_bias = units, use_bias
        self.activation = activations.get(activation)
        keep_choices(self, locals(), "kernel", "bias")
        self.input_spec, self.supports_masking = InputSpec(min_ndim=2), True

    def build(self, input_shape):
        n = input_shape[-1]
        self.kernel, self.bias = chosen_weight(self, "kernel", (n, self.units)), None
        if self.use_bias:
            self.bias = chosen_weight(self, "bias", (self.units,))
        self.input_spec = InputSpec(min_ndim=2, axes={-1: n})

    def call(self, inputs):
        y = ops.matmul(inputs, self.kernel)
        if self.bias is not None:
            y = y + self.bias
        return self.activation(y)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.units)

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            **written_choices(self, "kernel", "bias"),
            "quantization_config": None,
        }


def check_units(units, lora_rank, quantization_config):
    """Errors for what is no width, and for what Dense does not do."""
    if not isinstance(units, int) or units < 1:
        got = f"units={units!r}"
        raise ArgumentError("Dense", "bad argument", got, "a whole number > 0")
    if lora_rank or quantization_config:
        got = f"lora_rank={lora_rank}, quantization_config={quantization_config}"
        raise ArgumentError("Dense", "no low-rank updates, no quantization", got)


class Identity(Layer):
    """The input, unchanged: a placeholder where a layer is expected.

    >>> Identity()(ops.ones((2,))).numpy()
    array([1., 1.], dtype=float32)
    """

    supports_masking = True

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self._build_at_init()

    def call(self, inputs):
        return inputs

    def compute_output_spec(self, inputs):
        """The spec of the input itself, in whatever dtype it has."""
        return as_asked(eval_spec(self.call, inputs), (inputs,), {})

    compute_output_shape = same_shape


class Activation(Layer):
    """An activation function as a layer of its own.

    activation: a name, a function, or None for none.

    >>> Activation("relu")(ops.convert_to_tensor([-1.0, 2.0])).numpy()
    array([0., 2.], dtype=float32)
    """

    supports_masking = True

    def __init__(self, activation, **kwargs):
        super().__init__(**kwargs)
        self.activation = activations.get(activation)
        self._build_at_init()

    def call(self, inputs):
        return self.activation(inputs)

    compute_output_shape = same_shape

    def get_config(self):
        word = activations.serialize(self.activation)
        return {**super().get_config(), "activation": word}


class Wrapper(Layer):
    """A layer around another, `self.layer`; subclasses write `call`.

    Errors: an ArgumentError (a ValueError) if `layer` is no layer.

    >>> Wrapper(Dense(3, name="inner")).get_config()["layer"]["class_name"]
    'Dense'
    """

    def __init__(self, layer, **kwargs):
        if not isinstance(layer, Layer):
            problem = "the wrapped thing isn't a supported layer type"
            raise ArgumentError(type(self).__name__, problem, repr(layer), "a Layer")
        super().__init__(**kwargs)
        self.layer = layer

    def build(self, input_shape=None):
        if not self.layer.built:
            self.layer.build(input_shape)

    def get_config(self):
        inner = serialize_keras_object(self.layer)
        return {**super().get_config(), "layer": inner}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """A wrapper from what `get_config` wrote, with a new layer inside."""
        inner = deserialize_keras_object(config["layer"], custom_objects=custom_objects)
        return cls(inner, **{name: config[name] for name in config if name != "layer"})
