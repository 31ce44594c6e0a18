"""Generated from book/keras/regularizers.ipynb. Edit the chapter, not this file."""

from minikeras import ops
from minikeras.core.arguments import checked_number, owning
from minikeras.core.config import epsilon
from minikeras.core.tensor import convert
from minikeras.utils.catalogue import Catalogue


class Constraint:
    """A law for weights: `constraint(w) -> w`, applied after each step of training.

    Subclasses write `__call__`, and `get_config` if their constructor has arguments.
    Source: keras/src/constraints/constraints.py.
    """

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if "__call__" in vars(cls):
            cls.__call__ = owning(cls.__call__, "constraint(w)")

    def __call__(self, w):
        return w

    def get_config(self):
        """The constructor's arguments."""
        return {}

    @classmethod
    def from_config(cls, config):
        """A constraint from what `get_config` gave."""
        return cls(**config)


CONSTRAINTS = Catalogue("constraints")


def norms_of(w, axis):
    """The lengths of the vectors of w along `axis`, kept as axes of size 1."""
    return ops.sqrt(ops.sum(ops.square(w), axis=axis, keepdims=True))


class NormLaw(Constraint):
    """A law about lengths along `axis` (an axis, several, or None for all)."""

    _own = ("axis",)

    def __init__(self, axis, **numbers):
        owner, several = type(self).__name__, isinstance(axis, (list, tuple))
        for one in axis if several else [] if axis is None else [axis]:
            checked_number(owner, "axis", one, whole=True)
        for name, value in numbers.items():
            checked_number(owner, name, value)
        vars(self).update(numbers, axis=axis)

    def get_config(self):
        return {name: getattr(self, name) for name in self._own}


@CONSTRAINTS.add
class MaxNorm(NormLaw):
    """No vector along `axis` is longer than `max_value`; longer ones are cut back.

    >>> MaxNorm(1.0)(ops.convert_to_tensor([[3.0], [4.0]])).numpy().ravel()
    array([0.6, 0.8], dtype=float32)
    """

    _own = ("max_value", "axis")

    def __init__(self, max_value=2, axis=0):
        super().__init__(max_value=max_value, axis=axis)

    def __call__(self, w):
        w = convert(w)
        norms = norms_of(w, self.axis)
        desired = ops.clip(norms, 0, self.max_value)
        return ops.cast(w, norms.dtype) * (desired / (epsilon() + norms))


@CONSTRAINTS.add
class NonNeg(Constraint):
    """No weight is negative; negative ones become 0.

    >>> NonNeg()(ops.convert_to_tensor([-1.0, 2.0])).numpy()
    array([0., 2.], dtype=float32)
    """

    def __call__(self, w):
        return ops.maximum(convert(w), 0)


@CONSTRAINTS.add
class UnitNorm(NormLaw):
    """Every vector along `axis` has length 1.

    >>> UnitNorm()(ops.convert_to_tensor([[3.0], [4.0]])).numpy().ravel()
    array([0.6, 0.8], dtype=float32)
    """

    def __init__(self, axis=0):
        super().__init__(axis=axis)

    def __call__(self, w):
        w = convert(w)
        norms = norms_of(w, self.axis)
        return ops.cast(w, norms.dtype) / (epsilon() + norms)


@CONSTRAINTS.add
class MinMaxNorm(NormLaw):
    """Lengths along `axis` between two values, approached by a share `rate` a step.

    >>> MinMaxNorm(1.0, 2.0, rate=0.5)(ops.convert_to_tensor([[4.0]])).numpy().ravel()
    array([3.], dtype=float32)
    """

    _own = ("min_value", "max_value", "rate", "axis")

    def __init__(self, min_value=0.0, max_value=1.0, rate=1.0, axis=0):
        limits = {"min_value": min_value, "max_value": max_value}
        super().__init__(**limits, rate=rate, axis=axis)

    def __call__(self, w):
        w = convert(w)
        norms = norms_of(w, self.axis)
        inside = ops.clip(norms, self.min_value, self.max_value)
        desired = self.rate * inside + (1 - self.rate) * norms
        return ops.cast(w, norms.dtype) * (desired / (epsilon() + norms))


max_norm = MaxNorm

non_neg = NonNeg

unit_norm = UnitNorm

min_max_norm = MinMaxNorm
