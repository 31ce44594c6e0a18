"""Generated from book/gradients/variables.ipynb. Edit the chapter, not this file."""

import random as python_random

import numpy as np

from minikeras.core.errors import ArgumentError
from minikeras.random.draws import generators
from minikeras.random.seed import SeedGenerator


def set_random_seed(seed):
    """Start every random stream again: Python's, NumPy's and minikeras'.

    seed: a whole number from 0 to 2**32 - 1.
    Errors: a ValueError if it is not.
    """
    if not isinstance(seed, int) or not 0 <= seed < 2**32:
        raise ArgumentError("set_random_seed", "a seed is a whole number", repr(seed))
    python_random.seed(seed)
    np.random.seed(seed)
    generators["default"] = SeedGenerator(seed, name="default_seed_generator")
