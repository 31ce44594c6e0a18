"""Generated from book/keras/initializers.ipynb. Edit the chapter, not this file."""

from minikeras.core.names import to_snake_case
from minikeras.core.variable import named_initializers
from minikeras.utils.catalogue import Catalogue


class Initializer:
    """A rule that fills a new weight: `initializer(shape, dtype) -> Tensor`.

    Subclasses write `__call__`, and `get_config` if their constructor has arguments.
    Source: keras/src/initializers/initializer.py.
    """

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


def get(identifier):
    """An initializer from a name, config, class, instance, callable or None.

    >>> get("zeros")((2,)).numpy()
    array([0., 0.], dtype=float32)
    """
    return INITIALIZERS.get(identifier)


def serialize(initializer):
    """The config of an initializer, as `.keras` files keep it."""
    return INITIALIZERS.serialize(initializer)


def deserialize(config, custom_objects=None):
    """The initializer that `serialize` wrote down."""
    return INITIALIZERS.deserialize(config, custom_objects)


NAMES = """Zeros Ones Constant RandomNormal RandomUniform TruncatedNormal
VarianceScaling GlorotUniform GlorotNormal HeUniform HeNormal LecunUniform
LecunNormal""".split()


def promised(name):
    """An initializer that is looked up by its name at the moment it is used."""
    return lambda shape, dtype=None: INITIALIZERS.get(name)(shape, dtype)


named_initializers |= {name: promised(name) for name in NAMES + ["normal", "uniform"]}

named_initializers |= {to_snake_case(name): promised(name) for name in NAMES}
