"""Generated from
book/keras/shelf.ipynb
book/keras/shapes.ipynb

Edit the chapter, not this file.
"""

import math

from minikeras import ops
from minikeras.core.arguments import checked_number
from minikeras.core.errors import ArgumentError, DTypeError, ShapeError
from minikeras.core.specs import TensorSpec
from minikeras.layers.formats import checked_data_format
from minikeras.layers.input_spec import InputSpec
from minikeras.layers.layer import Layer
from minikeras.layers.operation import as_asked


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
        row = row_length(inputs.shape)
        return ops.reshape(inputs, (ops.shape(inputs)[0], -1 if row is None else row))

    def compute_output_spec(self, inputs):
        """The spec of the output, with the dtype of the input."""
        spec = TensorSpec(self.compute_output_shape(inputs.shape), inputs.dtype)
        return as_asked(spec, (inputs,), {})

    def compute_output_shape(self, input_shape):
        return (input_shape[0], row_length(input_shape))

    def get_config(self):
        return {**super().get_config(), "data_format": self.data_format}


def row_length(shape):
    """How many numbers an example of a batch of this shape has, or None."""
    return None if None in shape[1:] else math.prod(shape[1:])


def as_sizes(layer, name, sizes):
    """Several sizes or axes as a tuple; a DTypeError (a TypeError) for a single one."""
    if not hasattr(sizes, "__iter__"):
        got, hint = f"{name}={sizes!r}", f"{name}=({sizes!r},)"
        raise DTypeError(layer, f"{name} must be a tuple", got, hint)
    return tuple(sizes)


def checked_target(layer, shape):
    """A target shape as a tuple: sizes from 0 on and at most one -1, or an error."""
    shape = as_sizes(layer, "target_shape", shape)
    known = [size for size in shape if isinstance(size, int)]
    got = f"target_shape={shape}"
    if any(size < -1 for size in known):
        raise ArgumentError(layer, "a size is negative", got, "one -1 at most")
    if known.count(-1) > 1:
        raise ArgumentError(layer, "at most one unknown dimension (-1)", got)
    return shape


def worked_out_shape(layer, sizes, target):
    """`target` with its -1 worked out from the known `sizes`, else None there."""
    if None in sizes or None in target:
        return tuple(None if size == -1 else size for size in target)
    have, known = math.prod(sizes), math.prod(n for n in target if n != -1)
    got = f"input {tuple(sizes)}, target_shape={tuple(target)}"
    if -1 not in target and have != known:
        raise ShapeError(layer, "the total size must be unchanged", got)
    if -1 in target and (known == 0 or have % known):
        problem = "the total size must be unchanged, and there is a remainder"
        raise ShapeError(layer, problem, got)
    return tuple(have // known if size == -1 else size for size in target)


class Reshape(Layer):
    """Each example in another shape: [batch, ...] -> [batch, *target_shape].

    target_shape: the shape of one example; one size may be -1 and is worked out.
    Errors: a ShapeError (a ValueError) if the number of elements differs.

    >>> Reshape((3, -1))(ops.ones((5, 12))).shape
    (5, 3, 4)
    """

    def __init__(self, target_shape, **kwargs):
        super().__init__(**kwargs)
        self.target_shape = checked_target("Reshape", target_shape)
        self._build_at_init()

    def compute_output_shape(self, input_shape):
        batch, *sizes = input_shape
        return (batch, *worked_out_shape(self.name, sizes, self.target_shape))

    def compute_output_spec(self, inputs):
        """The spec of the output, with the dtype of the input."""
        spec = TensorSpec(self.compute_output_shape(inputs.shape), inputs.dtype)
        return as_asked(spec, (inputs,), {})

    def call(self, inputs):
        _, *sizes = self.compute_output_shape(inputs.shape)
        sizes = [-1 if size is None else size for size in sizes]
        return ops.reshape(inputs, (ops.shape(inputs)[0], *sizes))

    def get_config(self):
        return {**super().get_config(), "target_shape": self.target_shape}


class Permute(Layer):
    """The axes of each example in another order.

    dims: for each axis of the output, which axis of the input it is, counted from 1.
    Errors: an ArgumentError (a ValueError) if they are not 1, 2, ... in some order.

    >>> Permute((2, 1))(ops.ones((5, 3, 4))).shape
    (5, 4, 3)
    """

    def __init__(self, dims, **kwargs):
        super().__init__(**kwargs)
        self.dims = as_sizes("Permute", "dims", dims)
        for axis in self.dims:
            checked_number("Permute", "an axis of dims", axis, whole=True)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            problem, got = "dims must be consecutive and start from 1", f"dims={dims}"
            hint = "the batch is axis 0 and stays where it is"
            raise ArgumentError("Permute", problem, got, hint)
        self.input_spec = InputSpec(ndim=len(self.dims) + 1)

    def call(self, inputs):
        return ops.transpose(inputs, (0, *self.dims))

    def get_config(self):
        return {**super().get_config(), "dims": self.dims}


class RepeatVector(Layer):
    """A vector n times: [batch, features] -> [batch, n, features].

    Errors: a TypeError if n is no whole number, a ValueError if it is below 1.

    >>> RepeatVector(3)(ops.ones((5, 4))).shape
    (5, 3, 4)
    """

    def __init__(self, n, **kwargs):
        super().__init__(**kwargs)
        if not isinstance(n, int) or isinstance(n, bool):
            raise DTypeError("RepeatVector", "n must be an integer", f"n={n!r}")
        if n < 1:
            raise ArgumentError("RepeatVector", "n must be positive", f"n={n}")
        self.n = n
        self.input_spec = InputSpec(ndim=2)

    def call(self, inputs):
        return ops.repeat(ops.expand_dims(inputs, inputs.ndim - 1), self.n, axis=1)

    def compute_output_shape(self, input_shape):
        batch, features = input_shape
        return (batch, self.n, features)

    def get_config(self):
        return {**super().get_config(), "n": self.n}
