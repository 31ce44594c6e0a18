"""Generated from book/keras/fetching.ipynb. Edit the chapter, not this file."""

import os

from minikeras.datasets.cifar import arrays_of, load_batch
from minikeras.utils.file_utils import get_file


def load_data():
    """(x_train, y_train), (x_test, y_test): x u8[50000, 32, 32, 3], y u8[50000, 1].

    Ten kinds: airplane, automobile, bird, cat, deer, dog, frog, horse, ship, truck.
    Source: Krizhevsky, 2009.
    """
    sha256 = "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"
    path = get_file(
        fname="cifar-10-batches-py-target", extract=True, file_hash=sha256,
        origin="https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
    )  # fmt: skip
    path = os.path.join(path, "cifar-10-batches-py")
    names = [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]
    *train, test = [load_batch(os.path.join(path, name)) for name in names]
    (x_train, y_train), (x_test, y_test) = arrays_of(train), arrays_of([test])
    return (x_train, y_train.astype("uint8")), (x_test, y_test.astype("uint8"))
