"""Generated from book/keras/fetching.ipynb. Edit the chapter, not this file."""

import gzip
import os

import numpy as np

from minikeras.datasets.origins import FOLDER
from minikeras.utils.archives import reading
from minikeras.utils.file_utils import get_file

FILES = {
    "train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
    "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    "t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310",
    "t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
}


def load_data():
    """(x_train, y_train), (x_test, y_test): x u8[60000, 28, 28] and u8[10000, 28, 28].

    Ten kinds of clothes, from T-shirt (0) to ankle boot (9).
    Source: Xiao, Rasul and Vollgraf, Zalando Research, 2017 (MIT licence).
    """
    parts, folder = [], os.path.join("datasets", "fashion-mnist")
    for name, md5 in FILES.items():
        path = get_file(name, origin=FOLDER + name, cache_subdir=folder, file_hash=md5)
        images = "images" in name
        with reading(path), gzip.open(path, "rb") as file:
            part = np.frombuffer(file.read(), np.uint8, offset=16 if images else 8)
        parts.append(part.reshape(-1, 28, 28) if images else part)
    y_train, x_train, y_test, x_test = parts
    return (x_train, y_train), (x_test, y_test)
