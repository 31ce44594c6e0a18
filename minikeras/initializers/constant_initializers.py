"""Generated from book/keras/initializers.ipynb. Edit the chapter, not this file."""

from minikeras import ops
from minikeras.core.arguments import checked_number
from minikeras.core.dtypes import standardize_dtype
from minikeras.core.errors import ShapeError
from minikeras.initializers.initializer import INITIALIZERS, Initializer, known_shape
from minikeras.saving.deserialization import deserialize_keras_object
from minikeras.saving.serialization import serialize_keras_object


@INITIALIZERS.add
class Zeros(Initializer):
    """All zeros: the usual start of a bias.

    >>> Zeros()((2,)).numpy()
    array([0., 0.], dtype=float32)
    """

    def __call__(self, shape, dtype=None):
        return ops.zeros(shape, dtype=standardize_dtype(dtype))


@INITIALIZERS.add
class Ones(Initializer):
    """All ones: the usual start of a scale.

    >>> Ones()((2,), dtype="int32").numpy()
    array([1, 1], dtype=int32)
    """

    def __call__(self, shape, dtype=None):
        return ops.ones(shape, dtype=standardize_dtype(dtype))


@INITIALIZERS.add
class Constant(Initializer):
    """Every element `value`, a number or something that broadcasts to the shape.

    >>> Constant(0.5)((2,)).numpy()
    array([0.5, 0.5], dtype=float32)
    """

    def __init__(self, value=0.0):
        self.value = value

    def __call__(self, shape, dtype=None):
        dtype = standardize_dtype(dtype)
        return ops.cast(self.value, dtype) * ops.ones(shape, dtype=dtype)

    def get_config(self):
        return {"value": serialize_keras_object(self.value)}

    @classmethod
    def from_config(cls, config):
        return cls(deserialize_keras_object(config["value"]))


@INITIALIZERS.add
class Identity(Initializer):
    """gain on the diagonal of a matrix, zeros elsewhere.

    >>> Identity(gain=2.0)((2, 3)).numpy()
    array([[2., 0., 0.],
           [0., 2., 0.]], dtype=float32)
    """

    def __init__(self, gain=1.0):
        self.gain = checked_number("Identity", "gain", gain)

    def __call__(self, shape, dtype=None):
        shape = known_shape("Identity", shape)
        if len(shape) != 2:
            problem = "Identity matrix initializer can only be used for 2D matrices"
            raise ShapeError("Identity", problem, f"shape={shape}", "such as (3, 3)")
        dtype = standardize_dtype(dtype)
        return ops.cast(self.gain, dtype) * ops.eye(*shape, dtype=dtype)

    def get_config(self):
        return {"gain": self.gain}


INITIALIZERS.add(Zeros, "zero")

INITIALIZERS.add(Ones, "one")

INITIALIZERS.add(Identity, "IdentityInitializer")

zeros = Zeros

ones = Ones

constant = Constant

identity = Identity

IdentityInitializer = Identity
