"""Generated from book/keras/fetching.ipynb. Edit the chapter, not this file."""

from minikeras.datasets.origins import FOLDER
from minikeras.datasets.pickles import load_npz
from minikeras.datasets.tables import check_split, shuffled_split
from minikeras.utils.file_utils import get_file


def load_data(path="boston_housing.npz", test_split=0.2, seed=113):
    """(x_train, y_train), (x_test, y_test): x f64[404, 13], prices y in thousands.

    506 districts, 1978. One column ("B") rests on a racist assumption: use
    `california_housing` instead. Source: Harrison and Rubinfeld, 1978.
    """
    check_split(test_split)
    sha256 = "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5"
    f = load_npz(get_file(path, f"{FOLDER}boston_housing.npz", file_hash=sha256))
    return shuffled_split(f["x"], f["y"], test_split, seed)
