"""Rescaling, Normalization with adapt, CategoryEncoding."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikeras import layers, ops
from minikeras.core.specs import TensorSpec
from minikeras.core.tape import GradientTape
from minikeras.layers.preparing import Statistics

RNG = np.random.default_rng(0)
X = RNG.normal(50.0, 4.0, size=(60, 3, 4)).astype("float32")


@pytest.mark.parametrize("dtype", ["uint8", "int32", "float64", "float16"])
def test_rescaling_gives_floats(dtype):
    x = np.array([[0, 100], [200, 250]], dtype)
    layer = layers.Rescaling(0.5, offset=[0.0, -1.0])
    y = layer(x)
    np.testing.assert_allclose(y.numpy(), x.astype("float64") * 0.5 + [0, -1])
    assert y.dtype == "float32"
    spec = layer.compute_output_spec(TensorSpec((None, 2), dtype))
    assert spec == TensorSpec((None, 2), "float32")


def test_rescaling_with_arrays_survives_its_config():
    layer = layers.Rescaling(np.array([1.0, 2.0]), offset=np.array([0.5, 0.0]))
    config = layer.get_config()
    again = layers.Rescaling.from_config(config)
    np.testing.assert_array_equal(again(X[..., :2]).numpy(), layer(X[..., :2]).numpy())
    assert isinstance(again.scale, np.ndarray) and again.get_config() == config
    assert isinstance(config["scale"], dict), "the config is not changed by reading it"


@pytest.mark.parametrize("axis", [-1, None, 1, (1, 2), (2, 1), (0, 1, 2)])
def test_adapt_makes_mean_0_and_variance_1(axis):
    layer = layers.Normalization(axis=axis)
    layer.adapt(X)
    kept = () if axis is None else (axis,) if isinstance(axis, int) else axis
    reduced = tuple(a for a in range(3) if a not in {k % 3 for k in kept})
    want = (X - X.mean(reduced, keepdims=True)) / np.maximum(
        X.std(reduced, keepdims=True), 1e-7
    )
    np.testing.assert_allclose(layer(X).numpy(), want, rtol=1e-3, atol=1e-4)
    back = layers.Normalization(axis=axis, invert=True)
    back.adapt(X)
    np.testing.assert_allclose(back(want).numpy(), X, rtol=1e-4)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.integers(0, 3))
def test_pieces_are_as_good_as_the_whole(sizes, seed):
    x = np.random.default_rng(seed).normal(1000, 1, (sum(sizes), 2)).astype("float32")
    layer = layers.Normalization()
    layer.adapt(np.split(x, np.cumsum(sizes)[:-1]))
    np.testing.assert_allclose(layer.adapt_mean.numpy(), x.mean(0), rtol=1e-5)
    want = x.astype("float64").var(0)
    np.testing.assert_allclose(layer.adapt_variance.numpy(), want, rtol=1e-2, atol=1e-3)


def test_statistics_of_nothing_but_one_number():
    seen = Statistics(())
    seen.add(ops.convert_to_tensor([3.0]), (0,))
    assert (float(seen.mean), float(seen.variance), seen.count) == (3.0, 0.0, 1)


def test_adapt_reads_generators_and_pairs():
    by_array, by_pairs = layers.Normalization(), layers.Normalization()
    by_array.adapt(ops.convert_to_tensor(X))
    by_pairs.adapt((X[i : i + 20], np.zeros(20)) for i in (0, 20, 40))
    for a, b in zip(by_array.weights, by_pairs.weights, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-4)


def test_weights_set_in_any_way_are_used():
    adapted, copy = layers.Normalization(), layers.Normalization()
    adapted.adapt(X)
    copy.build(X.shape)
    np.testing.assert_array_equal(copy(X).numpy(), X)
    copy.set_weights(adapted.get_weights())
    np.testing.assert_array_equal(copy(X).numpy(), adapted(X).numpy())
    assert [w.name for w in copy.weights] == ["mean", "variance", "count"]
    assert copy.trainable_weights == []
    again = layers.Normalization.from_config(adapted.get_config())
    again.build_from_config(adapted.get_build_config())
    assert [w.shape for w in again.weights] == [(4,), (4,), ()]


@pytest.mark.parametrize("shape", [(), (4,), (3, 4)])
def test_given_statistics_are_lined_up_at_the_right(shape):
    mean = RNG.normal(size=shape).astype("float32")
    layer = layers.Normalization(axis=(1, 2), mean=mean, variance=np.full(shape, 4.0))
    np.testing.assert_allclose(layer(X).numpy(), (X - mean) / 2, rtol=1e-5)
    assert layer.weights == []
    again = layers.Normalization.from_config(layer.get_config())
    np.testing.assert_array_equal(again(X).numpy(), layer(X).numpy())


def test_a_constant_column_is_zero_and_gradients_pass():
    x = np.array([[1.0, 5.0], [3.0, 5.0]], "float32")
    layer = layers.Normalization()
    layer.adapt(x)
    value = ops.convert_to_tensor(x)
    with GradientTape() as tape:
        tape.watch(value)
        y = layer(value)
        total = ops.sum(y)
    np.testing.assert_array_equal(y.numpy(), [[-1, 0], [1, 0]])
    np.testing.assert_allclose(tape.gradient(total, value).numpy()[:, 0], 1.0)


def test_adapt_that_fails_changes_nothing():
    layer = layers.Normalization()
    layer.adapt(X)
    before = layer.get_weights()

    def source():
        yield X[:5] * 3
        raise RuntimeError("the disk is gone")

    for data, error in (
        ([X[:5], X[:5, :, :2]], ValueError),
        ([], ValueError),
        (source(), RuntimeError),
        (3, TypeError),
        ([[1.0]], TypeError),
    ):
        with pytest.raises(error):
            layer.adapt(data)
        for a, b in zip(before, layer.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: layers.Normalization(mean=1.0), "together"),
        (lambda: layers.Normalization(mean=[1.0], variance=[1.0, 2.0]), "differ"),
        (
            lambda: layers.Normalization(axis=None, mean=[1.0], variance=[1.0]),
            "names 0",
        ),
        (
            lambda: layers.Normalization(mean=[1.0] * 3, variance=[1.0] * 3)(X),
            "do not fit",
        ),
        (lambda: layers.Normalization(axis=3).build((None, 3)), "axis 3"),
        (lambda: layers.Normalization().build((3, None)), "must be known"),
        (lambda: layers.Normalization()([1.0, 2.0]), "shape of the data"),
        (lambda: layers.Normalization(mean=1.0, variance=1.0).adapt(X), "were given"),
        (lambda: layers.CategoryEncoding(), "num_tokens=None"),
        (lambda: layers.CategoryEncoding(0), "num_tokens=0"),
        (lambda: layers.CategoryEncoding(3, output_mode="int"), "one_hot"),
        (lambda: layers.CategoryEncoding(3, sparse=True), "dense"),
        (lambda: layers.CategoryEncoding(3)([-1]), "negative"),
        (lambda: layers.CategoryEncoding(3)([1], count_weights=[1.0]), "count"),
    ],
)
def test_errors_say_what_is_wrong(make, match):
    with pytest.raises(ValueError, match=match):
        make()


@given(st.integers(1, 4), st.integers(2, 4), st.integers(0, 5))
def test_modes_agree_with_numpy(batch, n, seed):
    x = np.random.default_rng(seed).integers(0, 6, (batch, n))
    one, many, count = (
        layers.CategoryEncoding(5, mode)(x).numpy()
        for mode in ("one_hot", "multi_hot", "count")
    )
    want = (x[..., None] == np.arange(5)).astype("float32")
    np.testing.assert_array_equal(one, want)
    np.testing.assert_array_equal(many, want.max(1))
    np.testing.assert_array_equal(count, want.sum(1))


@pytest.mark.parametrize("mode", ["one_hot", "multi_hot", "count"])
@pytest.mark.parametrize("shape", [(), (3,), (1,), (2, 1), (2, 3)])
def test_shapes_are_foretold(mode, shape):
    layer = layers.CategoryEncoding(4, output_mode=mode)
    y = layer(np.zeros(shape, "int32"))
    if shape or mode != "one_hot":  # Keras answers a single number with a table
        assert layer.compute_output_shape(shape) == y.shape
    assert (
        type(layer).from_config(layer.get_config()).get_config() == layer.get_config()
    )
