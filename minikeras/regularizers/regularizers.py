"""Generated from book/keras/regularizers.ipynb. Edit the chapter, not this file."""

import math

from minikeras import ops
from minikeras.core.arguments import owning
from minikeras.core.errors import ArgumentError, ShapeError
from minikeras.core.tensor import convert
from minikeras.ops.normalization import normalize
from minikeras.utils.catalogue import Catalogue


class Regularizer:
    """A price on weights: `regularizer(x) -> scalar`, added to the loss.

    Subclasses write `__call__`, and `get_config` to be kept in files.
    Source: keras/src/regularizers/regularizers.py.
    """

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if "__call__" in vars(cls):
            cls.__call__ = owning(cls.__call__, "regularizer(x)")

    def __call__(self, x):
        return 0.0

    @classmethod
    def from_config(cls, config):
        """A regularizer from what `get_config` gave."""
        return cls(**config)

    def get_config(self):
        """The constructor's arguments; a subclass that is kept in files has them."""
        raise NotImplementedError(f"{type(self).__name__} has no get_config()")


REGULARIZERS = Catalogue("regularizers")


def price(owner, name, value):
    """`value` as a float, if it is a finite number that is not negative."""
    good = isinstance(value, (int, float)) and 0 <= value and math.isfinite(value)
    if not good:
        problem = f"Invalid value for argument {name}: expected a non-negative float"
        got = f"{name}={value!r}"[:60]
        raise ArgumentError(type(owner).__name__, problem, got, "0.01, say")
    return float(value)


@REGULARIZERS.add
class L1L2(Regularizer):
    """l1 * sum(|x|) + l2 * sum(x^2), a scalar of the dtype of x.

    l1, l2: not negative, finite; None counts as 0. Errors: a ValueError otherwise.

    >>> L1L2(l1=0.5, l2=0.25)(ops.convert_to_tensor([2.0, -2.0])).numpy()
    4.0
    """

    def __init__(self, l1=0.0, l2=0.0):
        self.l1 = price(self, "l1", 0.0 if l1 is None else l1)
        self.l2 = price(self, "l2", 0.0 if l2 is None else l2)

    def __call__(self, x):
        x = convert(x)
        total = ops.zeros((), x.dtype)
        if self.l1:
            total = total + ops.cast(self.l1, x.dtype) * ops.sum(ops.abs(x))
        if self.l2:
            total = total + ops.cast(self.l2, x.dtype) * ops.sum(ops.square(x))
        return total

    def get_config(self):
        return {"l1": self.l1, "l2": self.l2}


@REGULARIZERS.add
class L1(Regularizer):
    """l1 * sum(|x|): prefers weights that are exactly zero.

    >>> L1(0.5)(ops.convert_to_tensor([2.0, -2.0])).numpy()
    2.0
    """

    def __init__(self, l1=0.01):
        self.l1 = convert(price(self, "l1", 0.01 if l1 is None else l1))

    def __call__(self, x):
        x = convert(x)
        return ops.cast(self.l1, x.dtype) * ops.sum(ops.abs(x))

    def get_config(self):
        return {"l1": float(self.l1)}


@REGULARIZERS.add
class L2(Regularizer):
    """l2 * sum(x^2): prefers weights that are small.

    >>> L2(0.5)(ops.convert_to_tensor([2.0, -2.0])).numpy()
    4.0
    """

    def __init__(self, l2=0.01):
        self.l2 = price(self, "l2", 0.01 if l2 is None else l2)

    def __call__(self, x):
        x = convert(x)
        return ops.cast(self.l2, x.dtype) * ops.sum(ops.square(x))

    def get_config(self):
        return {"l2": self.l2}


@REGULARIZERS.add
class OrthogonalRegularizer(Regularizer):
    """factor * the mean of |cos| of the angles between the rows (or columns) of x.

    mode: 'rows' or 'columns'. x: f32[m, n] -> f32[]. Errors: a ValueError for another
    mode or a negative factor; a ShapeError if x is no matrix.

    >>> OrthogonalRegularizer(factor=1.0)(ops.eye(3)).numpy()
    0.0
    """

    def __init__(self, factor=0.01, mode="rows"):
        self.factor, self.mode = convert(price(self, "factor", factor)), mode
        if mode not in ("rows", "columns"):
            problem, hint = "Invalid value for argument `mode`", "'rows' or 'columns'"
            got = f"mode={mode!r}"
            raise ArgumentError("OrthogonalRegularizer", problem, got, hint)

    def __call__(self, inputs):
        x = convert(inputs)
        if x.ndim != 2:
            problem = "Inputs to OrthogonalRegularizer must have rank 2"
            got, hint = str(x.spec), "ops.reshape(x, (n, -1))"
            raise ShapeError("OrthogonalRegularizer", problem, got, hint)
        x = x if self.mode == "rows" else ops.transpose(x)
        x = normalize(x, axis=1)
        size = x.shape[0]
        others = 1.0 - ops.eye(size, dtype=x.dtype)
        cosines = ops.abs(ops.matmul(x, ops.transpose(x))) * others
        pairs = size * (size - 1.0) / 2.0
        return self.factor * 0.5 * ops.sum(cosines) / pairs

    def get_config(self):
        return {"factor": float(self.factor), "mode": self.mode}


l1 = L1

l2 = L2

l1_l2 = L1L2

orthogonal_regularizer = OrthogonalRegularizer
