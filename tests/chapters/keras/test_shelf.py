"""Identity, Activation, Flatten, Dropout and Wrapper."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikeras import ops, random
from minikeras.core.specs import TensorSpec
from minikeras.core.tape import GradientTape
from minikeras.layers import Activation, Dense, Dropout, Flatten, Identity, Wrapper

X = random.normal((4, 5), seed=1).numpy()


@pytest.mark.parametrize(
    "make",
    [
        Identity,
        lambda: Activation("relu"),
        lambda: Flatten(),
        lambda: Dropout(0.3, seed=1),
    ],
)
def test_configs_specs_and_no_weights(make):
    layer = make()
    y = layer(X)
    assert layer.weights == [] and layer.built
    assert layer.compute_output_spec(TensorSpec((None, 5))).shape == (None, 5)
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    np.testing.assert_array_equal(again(X).numpy(), y.numpy())


def test_activation_takes_words_functions_and_none():
    want = np.tanh(X)
    for activation in ("tanh", ops.tanh):
        np.testing.assert_allclose(Activation(activation)(X).numpy(), want, rtol=1e-6)
    np.testing.assert_array_equal(Activation(None)(X).numpy(), X)
    with pytest.raises(ValueError, match="rellu"):
        Activation("rellu")


@given(st.lists(st.integers(0, 4), min_size=1, max_size=4))
def test_flatten_keeps_order(shape):
    x = np.arange(np.prod(shape, dtype=int), dtype="float32").reshape(shape)
    y = Flatten(data_format="channels_last")(x)
    row = int(np.prod(shape[1:]))
    assert y.shape == (shape[0], row)
    np.testing.assert_array_equal(y.numpy(), x.reshape(shape[0], row))
    if len(shape) > 1:
        first = np.moveaxis(x, -1, 1)
        same = Flatten(data_format="channels_first")(first)
        np.testing.assert_array_equal(same.numpy(), y.numpy())


def test_flatten_with_unknown_sizes():
    assert Flatten().compute_output_shape((None, 8, 8)) == (None, 64)
    assert Flatten().compute_output_shape((3, None, 8))[0] == 3
    with pytest.raises(ValueError, match="at least 1"):
        Flatten()(ops.convert_to_tensor(1.0))


@pytest.mark.parametrize("rate", [0.0, 0.2, 0.5, 1.0])
def test_dropout_only_in_training_and_keeps_the_mean(rate):
    x = np.ones(40_000, "float32")
    layer = Dropout(rate, seed=2)
    np.testing.assert_array_equal(layer(x).numpy(), x)
    y = layer(x, training=True).numpy()
    values = {0.0} if rate == 1 else {0.0, float(np.float32(1 / (1 - rate)))}
    assert set(np.unique(y).tolist()) <= values | ({1.0} if rate == 0 else set())
    if rate < 1:
        assert abs((y > 0).mean() - (1 - rate)) <= 5 * np.sqrt(
            rate * (1 - rate) / 40_000
        )


def test_dropout_repeats_with_its_seed_state():
    layer, twin = Dropout(0.5, seed=3), Dropout(0.5, seed=3)
    first, second = (layer(X, training=True).numpy() for _ in range(2))
    np.testing.assert_array_equal(twin(X, training=True).numpy(), first)
    assert ((first == 0) != (second == 0)).any()
    assert len(layer.variables) == 1 and layer.trainable_variables == []


def test_dropout_of_infinite_values_is_zero_not_nan():
    x = np.full(100, np.inf, "float32")
    y = Dropout(0.5, seed=1)(x, training=True).numpy()
    assert set(np.unique(y).tolist()) == {0.0, np.inf}


def test_gradient_passes_where_the_number_passed():
    x = ops.convert_to_tensor(X)
    with GradientTape() as tape:
        tape.watch(x)
        y = Dropout(0.4, seed=5)(x, training=True)
        total = ops.sum(y)
    want = np.where(y.numpy() != 0, 1 / 0.6, 0.0)
    np.testing.assert_allclose(tape.gradient(total, x).numpy(), want, rtol=1e-6)


def test_noise_shape_shares_coins():
    layer = Dropout(0.5, noise_shape=(None, 1), seed=1)
    y = layer(np.ones((200, 6)), training=True).numpy()
    assert (y == y[:, :1]).all() and 0 < (y == 0).mean() < 1


@pytest.mark.parametrize("rate", [-0.1, 1.5])
def test_rates_are_probabilities(rate):
    with pytest.raises(ValueError, match="0 <= rate <= 1"):
        Dropout(rate)


@pytest.mark.parametrize("shape", [3, "ab", (0, 1), (1.5,), (None, -1)])
def test_noise_shapes_are_shapes(shape):
    with pytest.raises(ValueError, match="noise_shape"):
        Dropout(0.5, noise_shape=shape)


def test_built_from_the_start_unless_there_is_something_to_build():
    class Own(Dropout):
        def build(self, input_shape):
            self.scale = self.add_weight((), "ones")

    assert Identity().built and Activation("relu").built and Dropout(0.1).built
    layer = Own(0.1)
    assert not layer.built and layer(X).shape == X.shape and len(layer.weights) == 1


def test_identity_of_a_nest():
    x = ops.convert_to_tensor(X)
    same = Identity()({"a": x, "b": [x]})
    assert same["a"] is x and same["b"][0] is x


def test_data_formats_are_words():
    with pytest.raises(ValueError, match="channels_last or channels_first"):
        Flatten(data_format="x")
    assert Flatten().compute_output_shape((None, 2, None, 3)) == (None, None)
    assert (
        Flatten().compute_output_spec(TensorSpec((None, 2), "int32")).dtype == "int32"
    )


class Doubled(Wrapper):
    def call(self, inputs):
        return 2 * self.layer(inputs)


def test_wrapper_builds_and_keeps_its_layer():
    layer = Doubled(Dense(3, name="inner"), name="outer")
    y = layer(X)
    np.testing.assert_allclose(y.numpy(), 2 * layer.layer(X).numpy(), rtol=1e-6)
    assert [w.path for w in layer.weights] == [
        "outer/inner/kernel",
        "outer/inner/bias",
    ]
    config = layer.get_config()
    again = Doubled.from_config(config)
    assert again.get_config() == config and "layer" in config
    assert again.layer is not layer.layer and again.layer.units == 3
    with pytest.raises(ValueError, match="layer"):
        Wrapper(3)
