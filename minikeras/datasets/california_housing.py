"""Generated from book/keras/fetching.ipynb. Edit the chapter, not this file."""

from minikeras.core.errors import ArgumentError
from minikeras.datasets.origins import FOLDER
from minikeras.datasets.pickles import load_npz
from minikeras.datasets.tables import check_split, shuffled_split
from minikeras.utils.file_utils import get_file


def load_data(version="large", path="california_housing.npz", test_split=0.2, seed=113):
    """(x_train, y_train), (x_test, y_test): x f[16512, 8], house prices y in dollars.

    version: "large" for 20,640 districts, "small" for the first 600.
    Source: Pace and Barry, 1997.
    """
    check_split(test_split)
    if version not in ("small", "large"):
        problem = "Argument `version` must be one of 'small', 'large'"
        raise ArgumentError("load_data", problem, repr(version))
    sha256 = "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f"
    f = load_npz(get_file(path, f"{FOLDER}california_housing.npz", file_hash=sha256))
    n = 600 if version == "small" else None
    return shuffled_split(f["x"][:n], f["y"][:n], test_split, seed)
