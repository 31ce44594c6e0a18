"""Batch, layer, group, root mean square and unit normalization."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from minikeras import layers, ops
from minikeras.core.specs import TensorSpec
from minikeras.core.tape import GradientTape
from minikeras.layers import Layer

RNG = np.random.default_rng(0)
X = RNG.normal(3.0, 2.0, size=(4, 5, 6))


def standard(x, axes, epsilon=1e-3):
    mean, variance = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    return (x - mean) / np.sqrt(variance + epsilon)


def makers():
    "Every layer in a few forms, with the axes that its mean is over."
    return [
        (lambda **k: layers.BatchNormalization(**k), (0, 1)),
        (lambda **k: layers.BatchNormalization(axis=1, **k), (0, 2)),
        (lambda **k: layers.LayerNormalization(**k), (2,)),
        (lambda **k: layers.LayerNormalization(axis=[1, -1], **k), (1, 2)),
        (lambda **k: layers.GroupNormalization(groups=1, **k), (1, 2)),
        (lambda **k: layers.GroupNormalization(groups=-1, **k), (1,)),
        (lambda **k: layers.GroupNormalization(groups=5, axis=1, **k), (2,)),
    ]


@pytest.mark.parametrize(("make", "axes"), makers())
def test_mean_and_spread(make, axes):
    layer = make(dtype="float64")
    options = {"training": True} if "Batch" in type(layer).__name__ else {}
    y = layer(X, **options)
    np.testing.assert_allclose(y.numpy(), standard(X, axes), rtol=1e-6, atol=1e-9)
    assert layer.compute_output_spec(TensorSpec((None, 5, 6))).shape == (None, 5, 6)
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    again.build(X.shape)
    assert [w.shape for w in again.weights] == [w.shape for w in layer.weights]


@pytest.mark.parametrize(("make", "axes"), makers())
def test_gradients_are_differences(make, axes):
    layer = make(dtype="float64")
    options = {"training": True} if "Batch" in type(layer).__name__ else {}
    g = RNG.normal(size=X.shape)
    value = ops.convert_to_tensor(X, "float64")
    with GradientTape() as tape:
        tape.watch(value)
        loss = ops.sum(layer(value, **options) * ops.convert_to_tensor(g, "float64"))
    slope = tape.gradient(loss, value).numpy()
    step = 1e-5 * RNG.normal(size=X.shape)
    up, down = ((layer(X + s, **options).numpy() * g).sum() for s in (step, -step))
    np.testing.assert_allclose((slope * step).sum(), (up - down) / 2, rtol=1e-5)


def test_moving_averages_have_momentum_and_stay_when_frozen():
    layer = layers.BatchNormalization(momentum=0.75)
    mean, variance = np.zeros(6), np.ones(6)
    for i in range(4):
        x = X + i
        layer(x, training=True)
        mean = 0.75 * mean + 0.25 * x.mean((0, 1))
        variance = 0.75 * variance + 0.25 * x.var((0, 1))
    np.testing.assert_allclose(layer.moving_mean.numpy(), mean, rtol=1e-5)
    np.testing.assert_allclose(layer.moving_variance.numpy(), variance, rtol=1e-5)
    want = (X - mean) / np.sqrt(variance + 1e-3)
    np.testing.assert_allclose(layer(X).numpy(), want, rtol=1e-4, atol=1e-5)
    layer.trainable = False
    np.testing.assert_allclose(layer(X, training=True).numpy(), want, 1e-4, 1e-5)
    np.testing.assert_allclose(layer.moving_mean.numpy(), mean, rtol=1e-5)
    assert layer.trainable_weights == [] and len(layer.weights) == 4


def test_masked_positions_do_not_count():
    mask = RNG.random((4, 5)) < 0.6
    layer = layers.BatchNormalization(momentum=0.0)
    poisoned = np.where(mask[:, :, None], X, 1e6).astype("float32")
    y = layer(poisoned, training=True, mask=ops.convert_to_tensor(mask)).numpy()
    np.testing.assert_allclose(layer.moving_mean.numpy(), X[mask].mean(0), rtol=1e-5)
    np.testing.assert_allclose(layer.moving_variance.numpy(), X[mask].var(0), rtol=1e-4)
    np.testing.assert_allclose(y[mask], standard(X[mask], (0,)), rtol=1e-3, atol=1e-4)


@given(
    hnp.arrays("float32", (3, 4), elements=st.floats(-100, 100, width=32)),
    st.floats(0.5, 4.0),
)
def test_what_each_layer_does_not_see(x, scale):
    "RMS and unit rows ignore the size of a row; layer normalization also its place."
    rows = np.abs(x).max(1) > 0.1
    unit, rms = layers.UnitNormalization(), layers.RMSNormalization()
    for layer in (unit, rms):
        a, b = layer(x).numpy(), layer(x * np.float32(scale)).numpy()
        np.testing.assert_allclose(a[rows], b[rows], rtol=1e-2, atol=1e-3)
    np.testing.assert_allclose(
        np.linalg.norm(unit(x).numpy()[rows], axis=1), 1, rtol=1e-4
    )
    norm = layers.LayerNormalization()
    spread = x.std(1) > 1
    moved = norm(x + np.float32(scale)).numpy()
    np.testing.assert_allclose(norm(x).numpy()[spread], moved[spread], 1e-2, 1e-2)


def test_a_row_of_zeros_has_a_finite_slope():
    zeros = ops.zeros((2, 3))
    with GradientTape() as tape:
        tape.watch(zeros)
        y = layers.UnitNormalization()(zeros)
        total = ops.sum(y)
    assert not y.numpy().any()
    assert np.isfinite(tape.gradient(total, zeros).numpy()).all()


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "mixed_float16"])
def test_statistics_of_half_precision_are_wide(dtype):
    x = (300 * RNG.normal(size=(40, 3))).astype("float32")
    layer = layers.BatchNormalization(dtype=dtype)
    y = layer(x, training=True)
    assert y.dtype == layer.compute_dtype
    y = np.asarray(y.numpy(), "float32")
    assert np.isfinite(y).all() and abs(y.std() - 1) < 0.02


def test_renorm_is_inference_in_training_until_clipped():
    x = RNG.normal(5.0, 3.0, size=(16, 2)).astype("float32")
    layer = layers.BatchNormalization(renorm=True)
    np.testing.assert_allclose(layer(x, training=True).numpy(), x, rtol=0.01, atol=0.01)
    limits = {"rmax": 1.0, "rmin": 1.0, "dmax": 0.0}
    layer = layers.BatchNormalization(renorm=True, renorm_clipping=limits)
    want = layers.BatchNormalization()(x, training=True)
    np.testing.assert_allclose(
        layer(x, training=True).numpy(), want.numpy(), 1e-5, 1e-6
    )
    assert layer.get_config()["renorm_clipping"] == limits


def test_shapes_inside_another_layer_are_known_and_nothing_moves():
    class Inside(Layer):
        def __init__(self):
            super().__init__()
            self.norm = layers.BatchNormalization()
            self.group = layers.GroupNormalization(groups=3)

        def call(self, x, training=None):
            return self.group(self.norm(x, training=training))

    outer = Inside()
    spec = outer.compute_output_spec(TensorSpec((None, None, 6)), training=True)
    assert spec.shape == (None, None, 6)
    assert not outer.norm.moving_mean.numpy().any()


def test_old_rms_scaling_warns():
    with pytest.warns(UserWarning, match="rms_scaling"):
        layer = layers.LayerNormalization(rms_scaling=True)
    with pytest.warns(UserWarning, match="rms_scaling"):
        y = layer(X).numpy()
    want = X / np.sqrt(X.var(2, keepdims=True) + 1e-3)
    np.testing.assert_allclose(y, want, rtol=1e-4)
    assert layer.beta is None and layer.get_config()["rms_scaling"] is True


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: layers.GroupNormalization(groups=0), "groups=0"),
        (lambda: layers.GroupNormalization(groups=4)(X), "6 features"),
        (lambda: layers.BatchNormalization(axis=3)(X), "axis 3"),
        (lambda: layers.LayerNormalization(axis=-4)(X), "axis -4"),
        (lambda: layers.BatchNormalization().build((None, None)), "must be known"),
        (
            lambda: layers.BatchNormalization(renorm=True, renorm_clipping={"a": 1}),
            "rmax, rmin, dmax",
        ),
        (
            lambda: layers.BatchNormalization()(X, mask=np.ones((4, 5, 6), "bool")),
            "one axis less",
        ),
    ],
)
def test_errors_say_what_is_wrong(make, match):
    with pytest.raises(ValueError, match=match):
        make()


def test_spectral_normalization_finds_the_largest_singular_value():
    x = RNG.normal(size=(8, 6)).astype("float32")
    layer = layers.SpectralNormalization(layers.Dense(4), power_iterations=30)
    layer.build(x.shape)
    before = layer.kernel.numpy()
    largest = np.linalg.svd(before)[1][0]
    np.testing.assert_array_equal(layer(x).numpy(), layer.layer(x).numpy())
    layer(x, training=True)
    np.testing.assert_allclose(
        layer.kernel.numpy(), before / largest, rtol=1e-3, atol=1e-4
    )
    assert layer.kernel is layer.layer.kernel and len(layer.trainable_weights) == 2
    again = layers.SpectralNormalization.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    with pytest.raises(ValueError, match="no kernel"):
        layers.SpectralNormalization(layers.Identity())(x)
    with pytest.raises(ValueError, match="power_iterations=0"):
        layers.SpectralNormalization(layers.Dense(4), power_iterations=0)


@pytest.mark.parametrize("kind", ["LayerNormalization", "UnitNormalization"])
def test_axis_of_a_wrong_type(kind):
    with pytest.raises(TypeError, match="axis=1.5"):
        getattr(layers, kind)(axis=1.5)
