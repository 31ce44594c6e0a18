"""Generated from book/keras/shelf.ipynb. Edit the chapter, not this file."""

import math

from minikeras import ops
from minikeras.layers.formats import checked_data_format
from minikeras.layers.input_spec import InputSpec
from minikeras.layers.layer import Layer


class Flatten(Layer):
    """All axes but the first in one row: [batch, a, b, ...] -> [batch, a * b * ...].

    data_format: 'channels_last' or 'channels_first'; the row is the same for both.

    >>> Flatten()(ops.ones((5, 8, 8))).shape
    (5, 64)
    """

    def __init__(self, data_format=None, **kwargs):
        super().__init__(**kwargs)
        self.data_format = checked_data_format(data_format, "Flatten")
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs):
        ndim = len(inputs.shape)
        if self.data_format == "channels_first" and ndim > 1:
            inputs = ops.transpose(inputs, (0, *range(2, ndim), 1))
        batch, *sizes = inputs.shape
        row = -1 if None in sizes else math.prod(sizes)
        return ops.reshape(inputs, (-1 if batch is None else batch, row))

    def get_config(self):
        return {**super().get_config(), "data_format": self.data_format}
