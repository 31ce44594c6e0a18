"""Generated from book/keras/fetching.ipynb. Edit the chapter, not this file."""

import json

import numpy as np

from minikeras.core.errors import ArgumentError


def numbered(texts, start_char, index_from):
    """Lists of numbers, shifted, each with the sign of the beginning."""
    if start_char is not None:
        return [[start_char] + [w + index_from for w in text] for text in texts]
    return [[w + (index_from or 0) for w in text] for text in texts]


def without_long(maxlen, texts, labels):
    """The texts shorter than maxlen, with their labels."""
    kept = [(text, y) for text, y in zip(texts, labels) if len(text) < maxlen]
    if not kept:
        problem = f"no text is shorter than maxlen={maxlen}: no sequence was kept"
        raise ArgumentError("load_data", problem, hint="a larger maxlen")
    return [text for text, _ in kept], [y for _, y in kept]


def limited(texts, num_words, skip_top, oov_char):
    """Words from skip_top to num_words; others become oov_char, or are left out."""
    num_words = num_words or max(max(text) for text in texts)
    if oov_char is None:
        return [[w for w in text if skip_top <= w < num_words] for text in texts]
    return [[w if skip_top <= w < num_words else oov_char for w in t] for t in texts]


def shuffled(texts, labels, rng):
    order = np.arange(len(texts))
    rng.shuffle(order)
    return texts[order], labels[order]


def index_from_file(path):
    """{word: number} of a JSON file."""
    with open(path, encoding="utf-8") as file:
        return json.load(file)
