"""Generated from book/keras/words.ipynb. Edit the chapter, not this file."""

import warnings

from minikeras import ops, regularizers
from minikeras.core.errors import ArgumentError
from minikeras.core.masks import set_keras_mask
from minikeras.core.table import within
from minikeras.layers.choices import chosen_weight, keep_choices, written_choices
from minikeras.layers.einsum_dense import refuse_later
from minikeras.layers.layer import Layer, same_shape
from minikeras.saving.deserialization import deserialize_keras_object


class Embedding(Layer):
    """A row of `output_dim` numbers for each of `input_dim` words: a table that learns.

    i[...] -> f[..., output_dim]. mask_zero: whether 0 means "no word here".
    weights: a table to begin with, f[input_dim, output_dim].
    Errors: an IndexError with value and position for a word outside the table.

    >>> from minikeras import ops
    >>> Embedding(1000, 8)(ops.convert_to_tensor([[4, 20]])).shape
    (1, 2, 8)
    """

    def __init__(
        self,
        input_dim,
        output_dim,
        embeddings_initializer="uniform",
        embeddings_regularizer=None,
        embeddings_constraint=None,
        mask_zero=False,
        weights=None,
        lora_rank=None,
        lora_alpha=None,
        quantization_config=None,
        **kwargs,
    ):
        if kwargs.pop("input_length", None) is not None:
            warnings.warn("Embedding: input_length is not needed", stacklevel=2)
        super().__init__(**kwargs)
        refuse_later(self, lora_rank=lora_rank, quantization_config=quantization_config)
        self.input_dim = checked_size("input_dim", input_dim)
        self.output_dim = checked_size("output_dim", output_dim)
        keep_choices(self, locals(), "embeddings")
        self.mask_zero = self.supports_masking = mask_zero
        self.autocast = False
        if weights is not None:
            self.build()
            alone = not (isinstance(weights, list) and len(weights) == 1)
            self.set_weights([weights] if alone else weights)

    def build(self, input_shape=None):
        if self.built:
            return
        shape = (self.input_dim, self.output_dim)
        self.embeddings = chosen_weight(self, "embeddings", shape)

    def call(self, inputs):
        if inputs.dtype not in ("int32", "int64"):
            inputs = ops.cast(inputs, "int32")
        inputs = within(
            inputs, who=self.name, number=self.input_dim, thing="word",
            problem="is not in the table",
        )  # fmt: skip
        return ops.cast(ops.take(self.embeddings, inputs, axis=0), self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return (*input_shape, self.output_dim)

    def compute_mask(self, inputs, mask=None):
        """Where there is a word: inputs != 0, if 0 means padding; else None."""
        return ops.not_equal(inputs, 0) if self.mask_zero else None

    def get_config(self):
        own = {
            "input_dim": self.input_dim,
            "output_dim": self.output_dim,
            **written_choices(self, "embeddings"),
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
            "mask_zero": self.mask_zero,
            "quantization_config": None,
        }
        return {**super().get_config(), **own}


def checked_size(name, size):
    """`size`, if it is a whole number above 0; else an ArgumentError names it."""
    if not isinstance(size, int) or isinstance(size, bool) or size <= 0:
        problem, got = f"{name} must be a positive integer", f"{name}={size!r}"
        raise ArgumentError("Embedding", problem, got)
    return size


class Masking(Layer):
    """Leaves out the times at which all features equal `mask_value`.

    f[batch, time, features] -> the same, with zeros there; the mask is True elsewhere.

    >>> from minikeras import ops
    >>> layer = Masking(mask_value=-1.0)
    >>> layer(ops.convert_to_tensor([[[2.0, -1.0], [-1.0, -1.0]]])).numpy().tolist()
    [[[2.0, -1.0], [0.0, 0.0]]]
    """

    supports_masking = True

    def __init__(self, mask_value=0.0, **kwargs):
        super().__init__(**kwargs)
        if isinstance(mask_value, dict) and mask_value.get("config"):
            mask_value = deserialize_keras_object(mask_value)
        self.mask_value = mask_value
        self._build_at_init()

    def compute_mask(self, inputs, mask=None):
        """True where some feature differs from the mask value."""
        return ops.any(ops.not_equal(inputs, self.mask_value), axis=-1)

    def call(self, inputs):
        mask = self.compute_mask(inputs)
        outputs = ops.where(
            ops.expand_dims(mask, -1), inputs, ops.cast(0, inputs.dtype)
        )
        set_keras_mask(outputs, mask)
        return outputs

    def get_config(self):
        return {**super().get_config(), "mask_value": self.mask_value}


Masking.compute_output_shape = same_shape
