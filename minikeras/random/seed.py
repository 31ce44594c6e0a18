"""Generated from book/gradients/variables.ipynb. Edit the chapter, not this file."""

import random as python_random

import numpy as np

from minikeras.core.errors import ArgumentError
from minikeras.core.names import auto_name, name_scope
from minikeras.core.variable import Variable
from minikeras.random.draws import generators


def make_default_seed():
    """A fresh seed, from Python's own stream, which `set_random_seed` restarts."""
    return python_random.randint(1, int(1e9))


class SeedGenerator:
    """A stream of seeds for random draws: the key stays, the draw number moves on.

    seed: a whole number, or None for one from Python's `random`.

    >>> generator = SeedGenerator(seed=1)
    >>> [generator.next().numpy().tolist() for _ in range(2)]
    [[1, 0], [1, 1]]
    """

    def __init__(self, seed=None, name=None, **kwargs):
        if unknown := kwargs.keys() - {"backend"}:  # Keras' own layers pass it
            got = ", ".join(sorted(unknown))
            raise ArgumentError("SeedGenerator", "unknown arguments", got)
        self._initial_seed = seed
        seed = make_default_seed() if seed is None else seed
        if not isinstance(seed, int):
            raise ArgumentError("SeedGenerator", "a seed is a whole number", repr(seed))
        self.name = auto_name("seed_generator") if name is None else name
        words = np.array([seed % 2**32, 0], "uint32")
        with name_scope(self.name, caller=self):
            self.state = Variable(words, trainable=False, name="seed_generator_state")

    def next(self, ordered=True):
        """The key for one draw, u32[2]; the draw number moves on."""
        key = self.state.value
        self.state.assign(key + ONE_DRAW)
        return key

    def get_config(self):
        """The arguments it was made with; without a seed, another one will be drawn."""
        return {"seed": self._initial_seed, "name": self.name}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


ONE_DRAW = np.array([0, 1], "uint32")


generators["default"] = SeedGenerator(name="default_seed_generator")
