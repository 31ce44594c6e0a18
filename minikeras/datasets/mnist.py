"""Generated from book/keras/fetching.ipynb. Edit the chapter, not this file."""

from minikeras.datasets.origins import FOLDER
from minikeras.datasets.pickles import load_npz
from minikeras.utils.file_utils import get_file


def load_data(path="mnist.npz"):
    """(x_train, y_train), (x_test, y_test): x u8[60000, 28, 28] and u8[10000, 28, 28].

    path: the name of the file in the cache. Digits 0 to 9, white on black.
    Source: LeCun, Cortes and Burges, 1998 (CC BY-SA 3.0).
    """
    sha256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
    f = load_npz(get_file(path, f"{FOLDER}mnist.npz", file_hash=sha256))
    return (f["x_train"], f["y_train"]), (f["x_test"], f["y_test"])
