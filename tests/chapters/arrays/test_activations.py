"""Activations, normalisations, cross-entropies, special functions."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minikeras import activations, ops
from minikeras.core.errors import ArgumentError, IndexRangeError, ShapeError
from minikeras.core.infer import eval_spec
from minikeras.core.specs import TensorSpec

NAMES = sorted(set(activations.__all__) - {"get", "serialize", "deserialize"})
FAR = np.array([-1e4, -100.0, -1.0, 0.0, 1.0, 100.0, 1e4, 3.0], "float32")


def call(name, x):
    return getattr(activations, name)(x, *((1.0, 20.0) if name == "threshold" else ()))


@pytest.mark.parametrize("name", NAMES)
def test_no_activation_fails_far_out(name):
    z = np.array(call(name, FAR))
    assert not np.isnan(z).any()
    assert np.isfinite(z).all() or name == "exponential"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_activations_keep_shape_and_dtype(name, dtype):
    x = ops.cast(np.linspace(-2, 2, 8).reshape(2, 4), dtype)
    z = call(name, x)
    assert z.dtype == dtype and z.shape == ((2, 2) if name == "glu" else (2, 4))
    assert eval_spec(lambda x: call(name, x), x.spec) == z.spec
    batch = TensorSpec((None, 4), dtype)
    assert eval_spec(lambda x: call(name, x), batch).shape == (None, *z.shape[1:])


@settings(deadline=None)
@given(st.floats(0.1, 3), st.floats(-3, 3))
def test_relu_with_arguments(slope, x):
    x = np.float32(x)
    z = activations.relu(x, negative_slope=slope, max_value=2.0, threshold=0.5)
    expected = min(x, 2.0) if x > 0.5 else slope * (x - 0.5)
    assert float(z) == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_the_two_gelus():
    x = np.linspace(-3, 3, 31)
    exact = [v * (1 + math.erf(v / math.sqrt(2))) / 2 for v in x]
    np.testing.assert_allclose(activations.gelu(x), exact, atol=1e-12)
    gap = np.abs(ops.gelu(x) - np.array(exact)).max()
    assert 1e-5 < float(gap) < 1e-3


@settings(deadline=None)
@given(st.lists(st.floats(-5, 5, width=32), min_size=1, max_size=6))
def test_sparsemax_is_a_point_of_the_simplex(line):
    z = np.array(ops.sparsemax(np.array(line, "float64")))
    assert (z >= 0).all() and z.sum() == pytest.approx(1)


def test_sparsemax_of_several_rows():
    x = np.array([[0.78, 1.73, -1.22, -1.41], [1.59, 1.0, -1.85, -0.53]])
    expected = [[0.025, 0.975, 0, 0], [0.795, 0.205, 0, 0]]
    np.testing.assert_allclose(ops.sparsemax(x), expected)
    np.testing.assert_allclose(ops.sparsemax(x.T, axis=0), np.array(expected).T)


def test_normalisations():
    x = np.random.default_rng(0).normal(size=(4, 5, 6)) * 3 + 2
    mean, variance = ops.moments(x, axes=[0, 1])
    np.testing.assert_allclose(mean, x.mean((0, 1)))
    np.testing.assert_allclose(variance, x.var((0, 1)))
    z = ops.batch_normalization(x, mean, variance, axis=2, epsilon=0.0)
    np.testing.assert_allclose(ops.moments(z, (0, 1))[1], np.ones(6))
    for axis in (0, 1, -1, (1, 2)):
        z = np.array(ops.layer_normalization(x, axis=axis, epsilon=0.0))
        np.testing.assert_allclose(
            z.mean(axis), np.zeros_like(z.mean(axis)), atol=1e-12
        )
        np.testing.assert_allclose(z.std(axis), np.ones_like(z.std(axis)))
    z = ops.layer_normalization(x, gamma=np.arange(5.0), beta=np.ones(5), axis=1)
    assert np.allclose(z[:, 0], 1)
    z = np.array(ops.rms_normalization(x, epsilon=0.0))
    np.testing.assert_allclose((z * z).mean(-1), np.ones((4, 5)))


def test_half_precision_is_normalised_in_float32():
    x = ops.cast(np.linspace(0, 6e4, 64), "float16")
    assert np.isfinite(ops.layer_normalization(x)).all()
    assert ops.layer_normalization(x).dtype == "float16"
    assert np.isfinite(ops.rms_normalization(x)).all()


def test_normalize():
    x = np.array([[3.0, 4.0], [0.0, 0.0]])
    np.testing.assert_allclose(ops.normalize(x), [[0.6, 0.8], [0, 0]])
    np.testing.assert_allclose(ops.normalize(x, order=1), [[3 / 7, 4 / 7], [0, 0]])
    with pytest.raises(ArgumentError, match="order"):
        ops.normalize(x, order=0.5)


def test_crossentropies_agree_with_each_other():
    logits = np.random.default_rng(1).normal(size=(6, 4)) * 3
    labels = np.array([0, 3, 1, 2, 2, 0])
    rows, p = ops.one_hot(labels, 4, dtype="float64"), ops.softmax(logits)
    expected = -np.array(ops.log_softmax(logits))[np.arange(6), labels]
    for z in (
        ops.categorical_crossentropy(rows, logits, from_logits=True),
        ops.categorical_crossentropy(rows, p),
        ops.sparse_categorical_crossentropy(labels, logits, from_logits=True),
        ops.sparse_categorical_crossentropy(labels[:, None], p),
        ops.sparse_categorical_crossentropy(labels, logits.T, from_logits=True, axis=0),
    ):
        np.testing.assert_allclose(z, expected, rtol=1e-5)


@settings(deadline=None)
@given(st.floats(-50, 50), st.floats(0, 1))
def test_binary_crossentropy_from_logits_is_stable(x, t):
    z = ops.binary_crossentropy(np.array([t]), np.array([x]), from_logits=True)
    assert float(z[0]) == pytest.approx(np.logaddexp(0, x) - t * x, abs=1e-9)


def test_wrong_labels_are_named():
    p = np.full((2, 3), 1 / 3, "float32")
    for labels, place in (
        ([0, 3], "label 3 at position [1]"),
        ([-1, 0], "label -1 at position [0]"),
    ):
        with pytest.raises(IndexRangeError) as caught:
            ops.sparse_categorical_crossentropy(np.array(labels), p)
        assert place in str(caught.value) and "from 0 to 2" in str(caught.value)
    with pytest.raises(ShapeError):
        ops.sparse_categorical_crossentropy([0, 1, 2], p)
    with pytest.raises(ShapeError):
        ops.categorical_crossentropy(np.ones((2, 2)), p)
    with pytest.raises(ShapeError):
        ops.binary_crossentropy([1.0, 0.0], p)


def test_crossentropies_of_an_unknown_batch():
    labels, output = TensorSpec((None,), "int32"), TensorSpec((None, 10))
    z = eval_spec(ops.sparse_categorical_crossentropy, labels, output, from_logits=True)
    assert z == TensorSpec((None,))
    assert eval_spec(ops.categorical_crossentropy, output, output) == TensorSpec(
        (None,)
    )


@settings(deadline=None)
@given(st.floats(-0.999999, 0.999999))
def test_erfinv(x):
    assert math.erf(float(ops.erfinv(np.float64(x)))) == pytest.approx(x, abs=1e-12)


def test_erfinv_at_and_beyond_the_ends():
    z = ops.erfinv([-1.0, 1.0, 1.5, -2.0]).numpy()
    assert z[:2].tolist() == [-np.inf, np.inf] and np.isnan(z[2:]).all()


@pytest.mark.parametrize("dtype", ["uint8", "int8", "float32"])
def test_top_k_keeps_the_order_of_equals(dtype):
    x = np.array([[5, 100, 5, 0, 100]], dtype)
    values, places = ops.top_k(x, 4)
    assert values.numpy().tolist() == [[100, 100, 5, 5]] and values.dtype == dtype
    assert places.numpy().tolist() == [[1, 4, 0, 2]]
    assert ops.in_top_k([0, 3], np.vstack([x, x]), 3).numpy().tolist() == [True, False]
    assert not ops.in_top_k([-1, x.shape[-1]], np.vstack([x, x]), 3).numpy().any()


def test_segment_sum():
    z = ops.segment_sum([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [1, 1, 0], num_segments=3)
    assert z.numpy().tolist() == [[5, 6], [4, 6], [0, 0]]
    assert ops.segment_sum([1, 2], [2, 0]).numpy().tolist() == [2, 0, 1]
