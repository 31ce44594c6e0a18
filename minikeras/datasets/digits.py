"""Generated from book/gradients/variables.ipynb. Edit the chapter, not this file."""

import importlib.resources

import numpy as np

from minikeras.core.errors import ArgumentError


def _read():
    """Images u8[1797, 8, 8] from 0 to 16 and labels u8[1797], as they were published."""
    path = importlib.resources.files("minikeras") / "datasets" / "digits.npz"
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        return arrays["images"], arrays["labels"]


def load_data(test_split=0.2, seed=113):
    """(x_train, y_train), (x_test, y_test): x u8[n, 8, 8] from 0 to 16, y u8[n].

    test_split: the share of the 1,797 digits to hold out.
    seed: of the shuffle before the split.
    Source: Alpaydin and Kaynak, UCI Machine Learning Repository, 1998 (CC BY 4.0).
    """
    if not 0 <= test_split < 1:
        raise ArgumentError("load_data", "test_split lies in [0, 1)", repr(test_split))
    images, labels = _read()
    order = np.random.RandomState(seed).permutation(len(images))
    images, labels = images[order], labels[order]
    n = len(images) - round(len(images) * test_split)
    return (images[:n], labels[:n]), (images[n:], labels[n:])
