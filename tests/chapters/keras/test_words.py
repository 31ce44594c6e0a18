"""Embedding and Masking."""

import numpy as np
import pytest

from minikeras import ops, random
from minikeras.core.masks import get_keras_mask
from minikeras.core.specs import TensorSpec
from minikeras.core.tape import GradientTape
from minikeras.layers import Dense, Embedding, Masking, ReLU

WORDS = np.array([[1, 3, 0], [2, 2, 4]])
TABLE = random.normal((5, 3), seed=1).numpy()


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "int64", "float32"])
def test_rows_are_picked(dtype):
    layer = Embedding(5, 3, weights=[TABLE])
    np.testing.assert_array_equal(layer(WORDS.astype(dtype)).numpy(), TABLE[WORDS])
    assert layer.compute_output_spec(TensorSpec((None, 7), dtype)).shape == (None, 7, 3)


def test_gradient_touches_used_rows_only_and_adds_repeats():
    layer = Embedding(5, 3)
    with GradientTape() as tape:
        total = ops.sum(layer(WORDS))
    slope = tape.gradient(total, layer.embeddings).numpy()
    want = np.bincount(WORDS.ravel(), minlength=5)[:, None] * np.ones((1, 3))
    np.testing.assert_array_equal(slope, want)


@pytest.mark.parametrize(
    "word, place", [(5, [1, 2]), (-1, [0, 0]), (2**31 - 1, [1, 0])]
)
def test_words_outside_are_named_with_their_place(word, place):
    words = WORDS.copy()
    words[tuple(place)] = word
    layer = Embedding(5, 3, name="words")
    layer(WORDS)
    before = layer.embeddings.numpy()
    with pytest.raises(IndexError) as caught:
        layer(words)
    assert f"word {word} is not in the table" in str(caught.value)
    assert f"at position {place}" in str(caught.value)
    np.testing.assert_array_equal(layer.embeddings.numpy(), before)


def test_masks_travel_and_end():
    x = Embedding(5, 3, mask_zero=True)(WORDS)
    for layer in (ReLU(), Dense(2)):
        x = layer(x)
        np.testing.assert_array_equal(get_keras_mask(x).numpy(), WORDS != 0)
    assert get_keras_mask(Embedding(5, 3)(WORDS)) is None


def test_tables_and_arguments():
    assert Embedding(5, 3, weights=TABLE).built
    with pytest.warns(UserWarning, match="input_length"):
        assert "input_length" not in Embedding(5, 3, input_length=2).get_config()
    with pytest.raises(ValueError, match="shapes"):
        Embedding(5, 2, weights=[TABLE])
    for sizes in ((0, 2), (2, -1), (2.0, 2), (2, "a"), (True, 2)):
        with pytest.raises(ValueError, match="positive integer"):
            Embedding(*sizes)


def test_mixed_precision_keeps_the_table():
    layer = Embedding(5, 3, dtype="mixed_float16", weights=[TABLE])
    assert layer(WORDS).dtype == "float16" and layer.embeddings.dtype == "float32"


@pytest.mark.parametrize("value", [0.0, -1.0, 3])
def test_masking_leaves_out_whole_times(value):
    x = random.normal((2, 4, 3), seed=1).numpy()
    x[0, 1], x[1, 2:], x[0, 0, 0] = value, value, value
    y = Masking(value)(x)
    there = (x != value).any(-1)
    np.testing.assert_array_equal(get_keras_mask(y).numpy(), there)
    np.testing.assert_array_equal(y.numpy(), np.where(there[..., None], x, 0))
    assert Masking.from_config(Masking(value).get_config()).mask_value == value


def test_masking_keeps_the_dtype():
    assert Masking(2)(WORDS).dtype == "int64"
    assert Masking(dtype="float16")(np.ones((1, 2, 3), "float32")).dtype == "float16"
