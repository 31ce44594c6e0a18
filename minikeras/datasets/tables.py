"""Generated from book/keras/fetching.ipynb. Edit the chapter, not this file."""

import numpy as np

from minikeras.core.errors import ArgumentError


def check_split(test_split):
    """An error unless 0 <= test_split < 1."""
    if not 0 <= test_split < 1:
        problem = "test_split lies in [0, 1)"
        raise ArgumentError("load_data", problem, repr(test_split))


def shuffled_split(x, y, test_split, seed):
    """(x_train, y_train), (x_test, y_test), after a shuffle that the seed decides."""
    order = np.arange(len(x))
    np.random.RandomState(seed).shuffle(order)
    x, y, n = x[order], y[order], int(len(x) * (1 - test_split))
    return (x[:n].copy(), y[:n].copy()), (x[n:].copy(), y[n:].copy())
