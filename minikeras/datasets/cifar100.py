"""Generated from book/keras/fetching.ipynb. Edit the chapter, not this file."""

import os

from minikeras.core.errors import ArgumentError
from minikeras.datasets.cifar import arrays_of, load_batch
from minikeras.utils.file_utils import get_file


def load_data(label_mode="fine"):
    """(x_train, y_train), (x_test, y_test): x u8[50000, 32, 32, 3], y i64[50000, 1].

    label_mode: "fine" for 100 kinds, "coarse" for 20 groups of them.
    Source: Krizhevsky, 2009.
    """
    if label_mode not in ("fine", "coarse"):
        problem = '`label_mode` must be one of `"fine"`, `"coarse"`'
        raise ArgumentError("load_data", problem, repr(label_mode))
    sha256 = "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7"
    path = get_file(
        fname="cifar-100-python-target", extract=True, file_hash=sha256,
        origin="https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",
    )  # fmt: skip
    path, key = os.path.join(path, "cifar-100-python"), f"{label_mode}_labels"
    train, test = [load_batch(os.path.join(path, p), key) for p in ("train", "test")]
    return arrays_of([train]), arrays_of([test])
