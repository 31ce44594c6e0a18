"""The layers that make noise, and the one that prices activity."""

import numpy as np
import pytest

from minikeras import ops, random
from minikeras.core.masks import get_keras_mask, set_keras_mask
from minikeras.core.specs import TensorSpec
from minikeras.core.tape import GradientTape
from minikeras.layers import (
    ActivityRegularization,
    AlphaDropout,
    Dropout,
    GaussianDropout,
    GaussianNoise,
    SpatialDropout1D,
    SpatialDropout2D,
    SpatialDropout3D,
)

SINGLE = [GaussianNoise, GaussianDropout, AlphaDropout, Dropout]
SPATIAL = {
    SpatialDropout1D: (5,),
    SpatialDropout2D: (4, 5),
    SpatialDropout3D: (2, 4, 5),
}
X = random.normal((40, 50), seed=1).numpy()


@pytest.mark.parametrize("kind", SINGLE)
def test_only_in_training_and_by_seed(kind):
    layer, twin = kind(0.4, seed=3), kind(0.4, seed=3)
    np.testing.assert_array_equal(layer(X).numpy(), X)
    np.testing.assert_array_equal(kind(0)(X, training=True).numpy(), X)
    first, second = (layer(X, training=True).numpy() for _ in range(2))
    np.testing.assert_array_equal(twin(X, training=True).numpy(), first)
    assert (first != second).any()
    assert layer.weights == [] and len(layer.variables) == 1 and layer.built


@pytest.mark.parametrize("kind", SINGLE)
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_dtypes_and_shapes(kind, dtype):
    layer = kind(0.4, dtype=dtype)
    assert layer(X, training=True).dtype == dtype
    assert layer.compute_output_spec(TensorSpec((None, 3), dtype), training=True) == (
        TensorSpec((None, 3), dtype)
    )


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.8])
def test_promises_by_distribution(rate):
    x = random.normal((200_000,), seed=2).numpy()
    spread = np.sqrt(rate / (1 - rate))
    for layer, wanted in (
        (GaussianNoise(rate, seed=1), np.sqrt(1 + rate**2)),
        (GaussianDropout(rate, seed=1), np.sqrt(1 + spread**2)),
        (AlphaDropout(rate, seed=1), 1.0),
    ):
        y = layer(x, training=True).numpy()
        assert abs(y.mean()) < 6 * wanted / np.sqrt(len(x))
        assert abs(y.std() - wanted) < 0.03 * wanted


@pytest.mark.parametrize("kind", SINGLE)
def test_gradient_is_the_factor(kind):
    x = ops.convert_to_tensor(X)
    with GradientTape() as tape:
        tape.watch(x)
        total = ops.sum(kind(0.3, seed=2)(x, training=True))
    a, b = (kind(0.3, seed=2)(X + h, training=True).numpy() for h in (0.5, -0.5))
    np.testing.assert_allclose(tape.gradient(total, x), a - b, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("kind", SPATIAL)
def test_whole_channels(kind, data_format):
    first = data_format == "channels_first" and kind is not SpatialDropout1D
    shape = (30, 7, *SPATIAL[kind]) if first else (30, *SPATIAL[kind], 7)
    config = {} if kind is SpatialDropout1D else {"data_format": data_format}
    layer = kind(0.5, seed=1, **config)
    y = layer(np.ones(shape, "float32"), training=True).numpy()
    maps = np.moveaxis(y, 1 if first else -1, 1).reshape(210, -1)
    assert (maps == maps[:, :1]).all() and set(np.unique(y)) == {0.0, 2.0}
    assert abs((maps[:, 0] == 0).mean() - 0.5) < 0.2
    again = kind.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert set(layer.get_config()) - {"data_format"} == {
        "rate",
        "seed",
        "name",
        "dtype",
    }
    with pytest.raises(ValueError, match="axes"):
        layer(np.ones((2, 3), "float32"))


def test_alpha_dropout_shares_coins():
    layer = AlphaDropout(0.5, noise_shape=(None, 1), seed=1)
    y = layer(np.ones((200, 6), "float32"), training=True).numpy()
    assert (y == y[:, :1]).all() and len(np.unique(y)) == 2


@pytest.mark.parametrize("kind", [*SINGLE, *SPATIAL])
@pytest.mark.parametrize("rate", [-0.1, 1.5])
def test_rates_are_shares(kind, rate):
    with pytest.raises(ValueError, match="bad argument"):
        kind(rate)


@pytest.mark.parametrize("kind", [*SINGLE, *SPATIAL])
@pytest.mark.parametrize("rate", ["a", None, [0.5]])
def test_rates_are_numbers(kind, rate):
    with pytest.raises(TypeError, match="is no number"):
        kind(rate)


@pytest.mark.parametrize("kind", [GaussianDropout, AlphaDropout])
def test_a_rate_of_one_has_no_spread_to_keep(kind):
    with pytest.raises(ValueError, match="nothing to keep"):
        kind(1.0)(X, training=True)


def test_price_of_activity():
    layer = ActivityRegularization(l1=0.1, l2=0.2, name="price")
    y = layer(X)
    want = (0.1 * np.abs(X).sum() + 0.2 * (X**2).sum()) / len(X)
    np.testing.assert_allclose(float(layer.losses[0]), want, rtol=1e-4)
    np.testing.assert_array_equal(y.numpy(), X)
    config = layer.get_config()
    assert "activity_regularizer" not in config and (config["l1"], config["l2"]) == (
        0.1,
        0.2,
    )
    assert ActivityRegularization.from_config(config).get_config() == config
    with pytest.raises(ValueError):
        ActivityRegularization(l2=-1.0)


def test_masks_pass():
    x = ops.ones((2, 3, 4))
    set_keras_mask(x, ops.convert_to_tensor([[True, False, True]] * 2))
    for kind in (*SINGLE, SpatialDropout1D, ActivityRegularization):
        y = (
            kind(0.1)(x, training=True)
            if kind is not ActivityRegularization
            else kind(0.1)(x)
        )
        assert get_keras_mask(y) is not None
