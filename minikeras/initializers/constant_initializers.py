"""Generated from book/keras/initializers.ipynb. Edit the chapter, not this file."""

from minikeras import ops
from minikeras.initializers.initializer import INITIALIZERS, Initializer


@INITIALIZERS.add
class Zeros(Initializer):
    """All zeros: the usual start of a bias.

    >>> Zeros()((2,)).numpy()
    array([0., 0.], dtype=float32)
    """

    def __call__(self, shape, dtype=None):
        return ops.zeros(shape, dtype=dtype)


@INITIALIZERS.add
class Ones(Initializer):
    """All ones: the usual start of a scale.

    >>> Ones()((2,), dtype="int32").numpy()
    array([1, 1], dtype=int32)
    """

    def __call__(self, shape, dtype=None):
        return ops.ones(shape, dtype=dtype)


@INITIALIZERS.add
class Constant(Initializer):
    """Every element `value`, a number or something that broadcasts to the shape.

    >>> Constant(0.5)((2,)).numpy()
    array([0.5, 0.5], dtype=float32)
    """

    def __init__(self, value=0.0):
        self.value = value

    def __call__(self, shape, dtype=None):
        return ops.cast(self.value, dtype or "float32") * ops.ones(shape, dtype=dtype)

    def get_config(self):
        return {"value": self.value}


zeros = Zeros

ones = Ones

constant = Constant
