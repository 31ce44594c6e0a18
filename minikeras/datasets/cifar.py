"""Generated from book/keras/fetching.ipynb. Edit the chapter, not this file."""

import numpy as np

from minikeras.core.config import image_data_format
from minikeras.datasets.pickles import ArrayUnpickler
from minikeras.utils.archives import reading


def load_batch(fpath, label_key="labels"):
    """(images u8[n, 3, 32, 32], labels) of one file of CIFAR."""
    with reading(fpath), open(fpath, "rb") as file:
        found = ArrayUnpickler(file, encoding="bytes").load()
        found = {key.decode("utf8"): value for key, value in found.items()}
        return found["data"].reshape(-1, 3, 32, 32), found[label_key]


def arrays_of(batches):
    """x u8[n, 32, 32, 3] (or channels first) and y u8[n, 1] of some batches."""
    images, labels = zip(*batches)
    x, y = np.concatenate(images).astype("uint8"), np.concatenate(labels)
    if image_data_format() == "channels_last":
        x = x.transpose(0, 2, 3, 1)
    return x, y.reshape(-1, 1)
