"""Philox against its published answers, and every distribution against its theory."""

import math

import numpy as np
import pytest

from minikeras import ops, random
from minikeras.core.infer import eval_spec
from minikeras.core.random_bits import philox
from minikeras.core.specs import TensorSpec
from minikeras.core.table import random_bits
from minikeras.core.tensor import convert

ONES = 2**32 - 1
KNOWN = [  # from the authors' reference code, Random123
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((ONES,) * 4, (ONES,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_philox_gives_the_published_words(counter, key, answer):
    words = philox([np.full(3, n, np.uint32) for n in counter], key)
    assert [tuple(int(n) for n in w) for w in words] == [(n,) * 3 for n in answer]


def test_an_element_depends_on_key_and_place_only():
    key = convert([7, 3], "uint32")
    long = random_bits(key, shape=(1001,)).numpy()
    assert (random_bits(key, shape=(10, 10)).numpy().ravel() == long[:100]).all()
    other = random_bits(convert([7, 4], "uint32"), shape=(1001,)).numpy()
    assert not (long == other).any()


@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (1,), (5, 2, 3)])
def test_shapes_also_empty_ones(shape):
    for draw in (random.uniform, random.normal, random.truncated_normal):
        assert draw(shape, seed=1).shape == shape
    assert random.randint(shape, 0, 3, seed=1).shape == shape


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float32", "float64"])
def test_uniform_stays_below_one_on_its_grid(dtype):
    u = random.uniform((50_000,), dtype=dtype, seed=2)
    values = u.numpy().astype("float64")
    assert u.dtype == dtype and 0 <= values.min() and values.max() < 1
    assert abs(values.mean() - 0.5) < 0.01 and abs(values.var() - 1 / 12) < 0.01


def phi(x):
    return (1 + math.erf(x / math.sqrt(2))) / 2


CASES = {
    "uniform": (
        lambda: random.uniform((20_000,), -1, 3, seed=4),
        lambda x: (x + 1) / 4,
    ),
    "normal": (
        lambda: random.normal((20_000,), 1, 2, seed=4),
        lambda x: phi((x - 1) / 2),
    ),
    "truncated": (
        lambda: random.truncated_normal((20_000,), seed=4),
        lambda x: (phi(x) - phi(-2)) / (phi(2) - phi(-2)),
    ),
    "gamma": (lambda: random.gamma((20_000,), 1.0, seed=4), lambda x: 1 - math.exp(-x)),
    "gamma 1/2": (
        lambda: random.gamma((20_000,), 0.5, seed=4),
        lambda x: math.erf(math.sqrt(x)),
    ),
    "beta": (lambda: random.beta((20_000,), 2.0, 1.0, seed=4), lambda x: x * x),
}


@pytest.mark.parametrize("name", CASES)
def test_distributions_by_kolmogorov_and_smirnov(name):
    draw, distribution = CASES[name]
    ordered = np.sort(draw().numpy())
    ideal = np.array([distribution(float(x)) for x in ordered])
    gap = np.abs(ideal - np.arange(1, len(ordered) + 1) / len(ordered)).max()
    assert gap < 1.95 / math.sqrt(len(ordered))


def test_randint_is_even_and_keeps_to_its_interval():
    counts = np.bincount(random.randint((60_000,), 0, 6, seed=1).numpy())
    assert len(counts) == 6 and abs(counts - 10_000).max() < 400
    low = random.randint((1000,), -5, -2, dtype="int64", seed=1)
    assert low.dtype == "int64" and set(low.numpy().tolist()) == {-5, -4, -3}


def test_categorical_and_binomial_follow_their_probabilities():
    logits = np.log([[0.1, 0.9], [0.5, 0.5]]).astype("float32")
    drawn = random.categorical(logits, 10_000, seed=3)
    assert drawn.shape == (2, 10_000) and drawn.dtype == "int32"
    assert np.abs(drawn.numpy().mean(axis=1) - [0.9, 0.5]).max() < 0.02
    heads = random.binomial((20_000,), 10, 0.3, seed=3).numpy()
    assert abs(heads.mean() - 3) < 0.05 and abs(heads.var() - 2.1) < 0.1


def test_shuffle_permutes_whole_slices():
    x = np.arange(12).reshape(4, 3)
    y = random.shuffle(x, seed=5).numpy()
    assert sorted(map(tuple, y.tolist())) == list(map(tuple, x.tolist()))
    z = random.shuffle(x, axis=1, seed=5).numpy()
    assert sorted(map(tuple, z.T.tolist())) == sorted(map(tuple, x.T.tolist()))


def test_dropout_keeps_the_mean_and_gives_zeros_for_infinity():
    x = np.ones((200, 200), "float32")
    y = random.dropout(x, 0.25, seed=1).numpy()
    assert set(np.unique(y)) == {np.float32(0), np.float32(1 / 0.75)}
    assert abs(y.mean() - 1) < 0.02
    rows = random.dropout(x, 0.5, noise_shape=(None, 1), seed=1).numpy()
    assert (rows == rows[:, :1]).all()
    assert not np.isnan(random.dropout(x * np.inf, 0.5, seed=1).numpy()).any()


def test_draws_have_specs():
    spec = eval_spec(lambda: random.normal((2, 3), seed=1))
    assert str(spec) == "f32[2,3]"


@pytest.mark.parametrize(
    ("draw", "match"),
    [
        (lambda: random.uniform((2,), dtype="int32", seed=1), "draws floats"),
        (lambda: random.randint((2,), 0, 3, dtype="float32", seed=1), "draws integers"),
        (lambda: random.randint((2,), 3, 3, seed=1), "below"),
        (lambda: random.normal((2,), seed="x"), "seed"),
        (lambda: random.normal((2,), seed=True), "seed"),
        (lambda: random.categorical(np.zeros(3), 2, seed=1), "batch, classes"),
        (lambda: random.normal((-2,), seed=1), "negative"),
    ],
)
def test_bad_arguments_are_value_errors(draw, match):
    with pytest.raises(ValueError, match=match):
        draw()


def test_a_size_that_is_only_a_symbol_is_unknown():
    def noise(x):
        other = random.uniform((ops.shape(x)[0], 4), seed=2)
        return random.normal(ops.shape(x), seed=1) + other

    assert eval_spec(noise, TensorSpec((None, 4))).shape == (None, 4)
    assert random.normal(ops.shape(ops.ones((2, 3))), seed=1).shape == (2, 3)
