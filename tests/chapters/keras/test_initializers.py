"""Initializers: variances, seeds, names and configs."""

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikeras import initializers
from minikeras.core.names import auto_name, to_snake_case
from minikeras.core.variable import Variable, named_initializers
from minikeras.initializers.fans import compute_fans
from minikeras.initializers.initializer import INITIALIZERS
from minikeras.random import SeedGenerator
from minikeras.utils import clear_session

CLASSES = sorted(
    name for name in dir(initializers) if name[0].isupper() and name != "Initializer"
)
CLASSES = [name for name in CLASSES if isinstance(getattr(initializers, name), type)]
CLASSES = sorted({getattr(initializers, name).__name__ for name in CLASSES})
FIXED = ("Zeros", "Ones", "Constant", "Identity")
RANDOM = [name for name in CLASSES if name not in FIXED]


@given(st.lists(st.integers(0, 9), max_size=5))
def test_fans_count_the_numbers_of_a_kernel(shape):
    fan_in, fan_out = compute_fans(shape)
    if len(shape) > 1:
        assert fan_in * shape[-1] == fan_out * shape[-2] == math.prod(shape)
    else:
        assert fan_in == fan_out == (shape[0] if shape else 1)


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (2, 2, 3, 4)])
def test_shape_dtype_config_and_clone(name, shape):
    start = getattr(initializers, name)(**({"seed": 1} if name in RANDOM else {}))
    too_few = (name == "Orthogonal" and len(shape) < 2) or name == "Identity"
    if too_few and len(shape) != 2:
        with pytest.raises(ValueError, match=f"{name}.*dimensional|2D"):
            start(shape)
        return
    made = start(shape, dtype="float16")
    assert made.shape == shape and made.dtype == "float16"
    assert start(shape).dtype == "float32"
    for again in (
        start.clone(),
        initializers.deserialize(initializers.serialize(start)),
    ):
        assert type(again) is type(start)
        np.testing.assert_array_equal(again(shape).numpy(), start(shape).numpy())


@pytest.mark.parametrize("scale", [0.5, 2.0])
@pytest.mark.parametrize(
    "mode, fan", [("fan_in", 300), ("fan_out", 200), ("fan_avg", 250)]
)
@pytest.mark.parametrize("kind", ["normal", "untruncated_normal", "uniform"])
def test_variance_is_scale_over_fan(scale, mode, fan, kind):
    w = initializers.VarianceScaling(scale, mode, kind, seed=3)((300, 200)).numpy()
    assert w.var() == pytest.approx(scale / fan, rel=0.03)
    assert abs(w.mean()) < 5 * w.std() / math.sqrt(w.size)


def test_seeds_repeat_unless_they_are_streams():
    fixed, unseeded = initializers.HeNormal(seed=1), initializers.HeNormal()
    for start in (fixed, unseeded):
        np.testing.assert_array_equal(start((3,)).numpy(), start((3,)).numpy())
    stream = initializers.RandomUniform(seed=SeedGenerator(1))
    assert (stream((3,)).numpy() != stream((3,)).numpy()).all()
    assert unseeded.get_config()["seed"] is None


@pytest.mark.parametrize("shape", [(6, 3), (3, 6), (4, 4), (3, 2, 4), (40, 40)])
def test_orthogonal_kernels_keep_lengths(shape):
    w = initializers.Orthogonal(gain=3.0, seed=2)(shape).numpy().astype("float64")
    w = w.reshape(-1, shape[-1])
    w = w if w.shape[0] >= w.shape[1] else w.T
    np.testing.assert_allclose(w.T @ w, 9 * np.eye(w.shape[1]), atol=1e-4)


def test_orthogonal_draws_prefer_no_direction():
    "Entries of a 2 x 2 rotation or reflection: the cosine of an even angle."
    draws = np.array(
        [initializers.Orthogonal(seed=i)((2, 2)).numpy() for i in range(800)]
    )
    angles = np.sort(np.arctan2(draws[:, 1, 0], draws[:, 0, 0])) / (2 * np.pi) + 0.5
    assert np.abs(angles - (np.arange(800) + 0.5) / 800).max() < 1.95 / math.sqrt(800)
    assert 0.4 < (np.linalg.det(draws) > 0).mean() < 0.6


def test_axes_of_other_kernels():
    w = initializers.HeNormal(seed=1, input_axes=[1], output_axes=[0, 2])
    assert w((20, 300, 30)).numpy().var() == pytest.approx(2 / 300, rel=0.03)
    assert initializers.GlorotUniform(1, [1], [0, 2]).variance_for((4, 5, 6)) == 2 / 29


def test_a_stream_as_seed_goes_into_a_file_and_back():
    stream = initializers.RandomNormal(seed=SeedGenerator(5))
    again = initializers.deserialize(initializers.serialize(stream))
    np.testing.assert_array_equal(again((4,)).numpy(), stream((4,)).numpy())
    assert isinstance(again.seed, SeedGenerator)


def test_given_values():
    fill = initializers.get(np.arange(3.0))
    assert fill((3,), "int32").numpy().tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match="shape"):
        fill((4,))
    array = initializers.Constant(np.arange(2.0))
    again = initializers.deserialize(initializers.serialize(array))
    assert again((3, 2)).numpy().tolist() == [[0, 1]] * 3
    assert initializers.Identity(2.0).clone()((1, 1)).numpy() == 2


@pytest.mark.parametrize("name", CLASSES)
def test_every_class_has_its_words(name):
    cls = getattr(initializers, name)
    assert type(initializers.get(cls)) is cls
    for word in (name, to_snake_case(name)):
        assert INITIALIZERS.find(word) is cls is getattr(initializers, word)
        assert word in named_initializers


@pytest.mark.parametrize("word", sorted(named_initializers))
def test_variables_take_every_word(word):
    v = Variable(word, shape=(4, 3))
    assert v.shape == (4, 3) and v.dtype == "float32"
    assert initializers.get(word)((2, 2)).shape == (2, 2)


def test_words_resolve_before_anything_loaded_initializers():
    code = (
        "from minikeras.core.variable import Variable;"
        "print(Variable('ones', shape=(2,)).numpy().tolist(),"
        "Variable('glorot_uniform', shape=(2, 3)).shape)"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[1.0, 1.0] (2, 3)"


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: initializers.get("glorot_unifrom"), "glorot_uniform"),
        (lambda: initializers.get(3), "Could not interpret initializer identifier: 3"),
        (lambda: initializers.get(["zeros"]), "Could not interpret"),
        (lambda: initializers.VarianceScaling(scale=0), "scale=0"),
        (lambda: initializers.VarianceScaling(mode="fan"), "fan_avg"),
        (lambda: initializers.VarianceScaling(distribution="t"), "uniform"),
        (lambda: initializers.GlorotNormal(seed=1.5), "`seed` argument"),
        (
            lambda: initializers.deserialize({"class_name": "os.system", "config": {}}),
            "Could not interpret",
        ),
    ],
)
def test_refusals(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_the_base_class_asks_for_a_call():
    with pytest.raises(NotImplementedError, match="__call__"):
        initializers.Initializer()((2,))


def test_clear_session_starts_names_again():
    clear_session()
    assert [auto_name("thing") for _ in range(2)] == ["thing", "thing_1"]
    clear_session()
    assert auto_name("thing") == "thing"
