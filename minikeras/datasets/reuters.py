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

LABELS = """cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar
trade reserves ship cotton carcass crude nat-gas cpi money-fx interest gnp meal-feed alum
oilseed gold tin strategic-metal livestock retail ipi iron-steel rubber heat jobs lei bop
zinc orange pet-chem dlr gas silver wpi hog lead"""


def load_data(
    path="reuters.npz", num_words=None, skip_top=0, maxlen=None, test_split=0.2, seed=113,
    start_char=1, oov_char=2, index_from=3,
):  # fmt: skip
    """(x_train, y_train), (x_test, y_test): 11,228 news, y one of 46 topics.

    As `imdb.load_data`; test_split: the share of the news to hold out.
    Source: Lewis, Reuters-21578, 1997.
    """
    sha256 = "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916"
    f = load_npz(get_file(path, f"{FOLDER}reuters.npz", file_hash=sha256))
    texts, labels = shuffled(f["x"], f["y"], np.random.RandomState(seed))
    texts = numbered(texts, start_char, index_from)
    if maxlen:
        texts, labels = without_long(maxlen, texts, labels)
    texts = limited(texts, num_words, skip_top, oov_char)
    n = int(len(texts) * (1 - test_split))
    train, test = (np.array(t, dtype="object") for t in (texts[:n], texts[n:]))
    return (train, np.array(labels[:n])), (test, np.array(labels[n:]))


def get_word_index(path="reuters_word_index.json"):
    """{word: number}, before the shift by index_from."""
    md5 = "4d44cc38712099c9e383dc6e5f11a921"
    origin = f"{FOLDER}reuters_word_index.json"
    return index_from_file(get_file(path, origin=origin, file_hash=md5))


def get_label_names():
    """The names of the 46 topics, in the order of the labels."""
    return tuple(LABELS.split())
