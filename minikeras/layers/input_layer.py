"""Generated from book/keras/functional.ipynb. Edit the chapter, not this file."""

import warnings

from minikeras.core.config import floatx
from minikeras.core.errors import ArgumentError
from minikeras.core.specs import standardize_shape
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
        super().__init__(name=name)
        if "input_shape" in kwargs:  # as Keras 2 called it
            shape = kwargs.pop("input_shape")
            warnings.warn("InputLayer: `input_shape` is now `shape`.", stacklevel=2)
        batch_shape = kwargs.pop("batch_input_shape", batch_shape)
        given = {"shape": shape, "batch_shape": batch_shape, "batch_size": batch_size}
        if input_tensor is None:
            sizes = input_shape_of(**given)
            input_tensor = KerasTensor(
                sizes, dtype or floatx(), sparse, ragged, name=name
            )
        else:
            check_same(input_tensor, dtype=dtype, sparse=sparse, **given)
        self.batch_shape, self._input_dtype = input_tensor.shape, input_tensor.dtype
        self.sparse, self.ragged = input_tensor.sparse, input_tensor.ragged
        self.optional = optional
        Node(self, (), {}, input_tensor)
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
            "sparse": self.sparse,
            "ragged": self.ragged,
            "name": self.name,
            "optional": self.optional,
        }


def input_shape_of(shape, batch_shape, batch_size):
    """The batch shape that the arguments of an Input describe; ValueError if none."""
    if batch_shape is not None and (shape is not None or batch_size is not None):
        got = f"shape={shape}, batch_size={batch_size}, batch_shape={batch_shape}"
        rule = "shape (and batch_size) or batch_shape, not both"
        raise ArgumentError("Input", rule, got)
    if shape is None and batch_shape is None:
        raise ArgumentError("Input", "no shape given", None, "Input(shape=(28, 28))")
    if batch_shape is not None:
        return standardize_shape(batch_shape)
    return (batch_size, *standardize_shape(shape))


def check_same(tensor, shape, batch_shape, batch_size, dtype, sparse):
    """ArgumentError if `tensor` is no symbol, or is not what the other arguments say."""
    if not isinstance(tensor, KerasTensor):
        rule = "input_tensor must be a KerasTensor"
        raise ArgumentError("Input", rule, repr(tensor)[:60], "Input(shape=...)")
    facts = {
        "shape": (shape and tuple(shape), tensor.shape[1:]),
        "batch_shape": (batch_shape and tuple(batch_shape), tensor.shape),
        "batch_size": (batch_size, tensor.shape[0] if tensor.shape else None),
        "dtype": (dtype, tensor.dtype),
        "sparse": (sparse, tensor.sparse),
    }
    for name, (said, fact) in facts.items():
        if said is not None and said != fact:
            rule = f"input_tensor has another {name}"
            raise ArgumentError("Input", rule, f"{name}={said}", f"{name}={fact}")


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
