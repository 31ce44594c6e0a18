"""Generated from book/keras/fetching.ipynb. Edit the chapter, not this file."""

import numpy as np

from minikeras.datasets.origins import FOLDER
from minikeras.datasets.pickles import load_npz
from minikeras.datasets.words import (
    index_from_file,
    limited,
    numbered,
    shuffled,
    without_long,
)
from minikeras.utils.file_utils import get_file


def load_data(
    path="imdb.npz", num_words=None, skip_top=0, maxlen=None, seed=113, start_char=1,
    oov_char=2, index_from=3, **kwargs,
):  # fmt: skip
    """(x_train, y_train), (x_test, y_test): 25,000 reviews each, y 1 if favourable.

    x: arrays of lists of numbers of words. num_words, skip_top: which words are kept;
    maxlen: longer reviews are left out. Source: Maas et al., 2011.
    """
    sha256 = "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"
    f = load_npz(get_file(path, f"{FOLDER}imdb.npz", file_hash=sha256))
    rng, parts = np.random.RandomState(seed), []
    for part in ("train", "test"):
        texts, labels = shuffled(f[f"x_{part}"], f[f"y_{part}"], rng)
        parts.append((numbered(texts, start_char, index_from), labels))
    if maxlen:
        parts = [without_long(maxlen, *part) for part in parts]
    (train, y_train), (test, y_test) = parts
    texts = limited(train + test, num_words, skip_top, oov_char)
    n = len(train)
    train, test = (np.array(t, dtype="object") for t in (texts[:n], texts[n:]))
    return (train, np.array(y_train)), (test, np.array(y_test))


def get_word_index(path="imdb_word_index.json"):
    """{word: number}, before the shift by index_from."""
    md5 = "bfafd718b763782e994055a2d397834f"
    origin = f"{FOLDER}imdb_word_index.json"
    return index_from_file(get_file(fname=path, origin=origin, file_hash=md5))
