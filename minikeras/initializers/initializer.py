"""Generated from book/keras/initializers.ipynb. Edit the chapter, not this file."""

import numpy as np

from minikeras import ops
from minikeras.core.arguments import owning
from minikeras.core.dtypes import standardize_dtype
from minikeras.core.errors import ArgumentError, DTypeError
from minikeras.core.names import to_snake_case
from minikeras.core.specs import standardize_shape
from minikeras.core.tensor import Value
from minikeras.core.variable import named_initializers
from minikeras.utils.catalogue import Catalogue


class Initializer:
    """A rule that fills a new weight: `initializer(shape, dtype) -> Tensor`.

    Subclasses write `__call__`, and `get_config` if their constructor has arguments.
    Source: keras/src/initializers/initializer.py.
    """

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if "__call__" in vars(cls):
            cls.__call__ = owning(cls.__call__, "initializer(shape, dtype=None)")

    def __call__(self, shape, dtype=None):
        raise NotImplementedError(
            f"{type(self).__name__} has no __call__(shape, dtype)"
        )

    def get_config(self):
        """The constructor's arguments, to be kept in a file."""
        return {}

    @classmethod
    def from_config(cls, config):
        """An initializer from what `get_config` gave."""
        return cls(**config)

    def clone(self):
        """An equal initializer."""
        return self.from_config(self.get_config())


INITIALIZERS = Catalogue("initializers")


def given(values):
    """An initializer that has only these values to give."""

    def initialize(shape, dtype=None):
        shape = standardize_shape(shape)
        if shape != tuple(values.shape):
            problem = "the values given as an initializer have another shape"
            got = f"Expected `shape` to be {tuple(values.shape)}, got {shape}"
            raise ArgumentError("initializers", problem, got)
        return ops.cast(values, standardize_dtype(dtype))

    return initialize


def known_shape(owner, shape):
    """A shape of known sizes as a tuple; else a DTypeError in the owner's name."""
    sizes = standardize_shape(shape)
    if None in sizes:
        problem = "the shape of a weight has no unknown sizes"
        raise DTypeError(owner, problem, f"shape={sizes}", "such as (3, 3)")
    return sizes


def get(identifier):
    """An initializer from a name, config, class, instance, callable, array or None.

    >>> get("zeros")((2,)).numpy()
    array([0., 0.], dtype=float32)
    """
    if isinstance(identifier, (Value, np.ndarray, np.generic)):
        return given(identifier)
    return INITIALIZERS.get(identifier)


def serialize(initializer):
    """The config of an initializer, as `.keras` files keep it."""
    return INITIALIZERS.serialize(initializer)


def deserialize(config, custom_objects=None):
    """The initializer that `serialize` wrote down."""
    return INITIALIZERS.deserialize(config, custom_objects)


NAMES = """Zeros Ones Constant RandomNormal RandomUniform TruncatedNormal
VarianceScaling GlorotUniform GlorotNormal HeUniform HeNormal LecunUniform
LecunNormal Orthogonal Identity""".split()


SHORT = ["normal", "uniform", "zero", "one"]


def promised(name):
    """An initializer that is looked up by its name at the moment it is used."""
    return lambda shape, dtype=None: INITIALIZERS.get(name)(shape, dtype)


named_initializers |= {name: promised(name) for name in [*NAMES, *SHORT]}

named_initializers |= {to_snake_case(name): promised(name) for name in NAMES}
