"""Generated from book/keras/functional.ipynb. Edit the chapter, not this file."""

from minikeras.core.config import floatx
from minikeras.core.errors import ArgumentError
from minikeras.layers.layer import Layer
from minikeras.models.symbolic import KerasTensor, Node


class InputLayer(Layer):
    """The place where data enters: one symbol, no computation.

    shape: of one sample, without the batch axis; or batch_shape: with it.
    Errors: a ValueError if neither is given.
    """

    def __init__(
        self,
        shape=None,
        batch_size=None,
        dtype=None,
        sparse=None,
        ragged=None,
        batch_shape=None,
        input_tensor=None,
        optional=False,
        name=None,
        **kwargs,
    ):
        super().__init__(name=name, **kwargs)
        if input_tensor is not None:
            batch_shape, dtype = input_tensor.shape, dtype or input_tensor.dtype
        elif batch_shape is None:
            if shape is None:
                raise ArgumentError(
                    "Input", "no shape given", None, "Input(shape=(28, 28))"
                )
            batch_shape = (batch_size, *([shape] if isinstance(shape, int) else shape))
        self.batch_shape, self.optional = tuple(batch_shape), optional
        self._input_dtype = dtype or floatx()
        output = input_tensor or KerasTensor(
            self.batch_shape, self._input_dtype, name=name
        )
        Node(self, (), {}, output)
        self.built = True

    def call(self):
        return self.output

    @property
    def dtype(self):
        return self._input_dtype

    def get_config(self):
        return {
            "batch_shape": self.batch_shape,
            "dtype": self.dtype,
            "sparse": False,
            "ragged": False,
            "name": self.name,
            "optional": self.optional,
        }


def Input(
    shape=None,
    batch_size=None,
    dtype=None,
    sparse=None,
    ragged=None,
    batch_shape=None,
    name=None,
    tensor=None,
    optional=False,
):
    """A symbol for data: `shape` of one sample, or `batch_shape` with the batch axis.

    >>> Input((28, 28)).shape
    (None, 28, 28)
    """
    layer = InputLayer(
        shape, batch_size, dtype, sparse, ragged, batch_shape, tensor, optional, name
    )
    return layer.output
