"""What all tests have in common: each starts with the same random numbers."""

import random

import numpy as np
import pytest


@pytest.fixture(autouse=True)
def the_same_draws():
    """A test that draws without a seed of its own fails always or never."""
    try:
        from minikeras.utils.random_seed import set_random_seed
    except ImportError:  # tests/test_stages.py runs chapters that do not have it yet
        random.seed(0)
        np.random.seed(0)
    else:
        set_random_seed(0)
