"""One contract for every layer of `minikeras.layers`, from a row of the table below."""

import doctest
import importlib
import inspect

import numpy as np
import pytest

import minikeras as k
from minikeras import layers, ops
from minikeras.core.nest import flatten

SAMPLES = {  # class: (config, shape of the input without the batch; a list: several)
    "Dense": ({"units": 3, "activation": "tanh"}, (4,)),
    "Activation": ({"activation": "relu"}, (4, 2)),
    "Flatten": ({}, (2, 3)),
    "Dropout": ({"rate": 0.4}, (5,)),
    "Reshape": ({"target_shape": (3, 2)}, (6,)),
    "Permute": ({"dims": [2, 1]}, (2, 3)),
    "RepeatVector": ({"n": 3}, (4,)),
    "EinsumDense": (
        {"equation": "...c,cde->...de", "output_shape": [2, 3], "bias_axes": "de"},
        (5, 4),
    ),
    "Masking": ({"mask_value": 0.5}, (2, 3)),
    "Embedding": ({"input_dim": 5, "output_dim": 3, "mask_zero": True}, (4,)),
    "Identity": ({}, (3,)),
    "ReLU": ({"max_value": 0.9, "negative_slope": 0.1, "threshold": 0.2}, (3,)),
    "LeakyReLU": ({"negative_slope": 0.1}, (3,)),
    "PReLU": ({"shared_axes": [1]}, (2, 3)),
    "ELU": ({"alpha": 0.7}, (3,)),
    "Softmax": ({"axis": [1, 2]}, (2, 3)),
    "Lambda": ({"function": ops.sin}, (3,)),
    "SpatialDropout1D": ({"rate": 0.4}, (2, 5)),
    "SpatialDropout2D": ({"rate": 0.4}, (2, 2, 5)),
    "SpatialDropout3D": ({"rate": 0.4}, (2, 1, 2, 5)),
    "GaussianNoise": ({"stddev": 0.4}, (5,)),
    "GaussianDropout": ({"rate": 0.4}, (5,)),
    "AlphaDropout": ({"rate": 0.4}, (5,)),
    "ActivityRegularization": ({"l1": 0.1, "l2": 0.2}, (5,)),
    "Add": ({}, [(2, 3), (3,)]),
    "Subtract": ({}, [(2, 3), (3,)]),
    "Multiply": ({}, [(2, 3), (3,)]),
    "Average": ({}, [(2, 3), (3,)]),
    "Maximum": ({}, [(2, 3), (3,)]),
    "Minimum": ({}, [(2, 3), (3,)]),
    "Concatenate": ({"axis": 1}, [(2, 3), (1, 3)]),
    "BatchNormalization": ({}, (3,)),
    "LayerNormalization": ({}, (3,)),
    "GroupNormalization": ({"groups": 2}, (3, 4)),
    "RMSNormalization": ({}, (3,)),
    "UnitNormalization": ({}, (3,)),
    "SpectralNormalization": ({"layer": layers.Dense(3)}, (4,)),
    "Rescaling": ({"scale": 2.0, "offset": 1.0}, (3,)),
    "Normalization": ({"mean": [0.1, 0.2, 0.3], "variance": [1, 2, 3]}, (2, 3)),
    "CategoryEncoding": ({"num_tokens": 3}, (4,)),
    "Dot": ({"axes": -1, "normalize": True}, [(2, 3), (3,)]),
}
ABSTRACT = {"Layer", "InputLayer", "InputSpec", "Wrapper", "Input"}
HERE = sorted(name for name in SAMPLES if hasattr(layers, name))


def each(function, x):
    "function(x), for a list of several inputs the list of function(one)."
    return [function(one) for one in x] if isinstance(x, list) else function(x)


def sample(shape, batch=4):
    if isinstance(shape, list):
        return [sample(one, batch) for one in shape]
    n = batch * int(np.prod(shape))
    return np.sin(1.0 + np.arange(n)).reshape(batch, *shape).astype("float32")


def symbol(x):
    return each(lambda one: k.Input(one.shape[1:]), x)


def make(name):
    config, shape = SAMPLES[name]
    return getattr(layers, name)(**config), sample(shape)


def test_every_layer_has_a_sample():
    public = {n for n in layers.__all__ if inspect.isclass(getattr(layers, n))}
    assert not sorted(public - set(SAMPLES) - ABSTRACT)


@pytest.mark.parametrize("name", HERE)
def test_output_shape_is_foretold(name):
    "compute_output_shape, the symbolic call and the eager call agree."
    layer, x = make(name)
    y = layer(x)
    known = layer.compute_output_shape(each(lambda one: (None, *one.shape[1:]), x))
    symbolic = type(layer).from_config(layer.get_config())(symbol(x))
    assert tuple(known) == (None, *y.shape[1:]) == tuple(symbolic.shape)
    assert symbolic.dtype == y.dtype == "float32"


@pytest.mark.parametrize("name", HERE)
def test_config_round_trip(name):
    "from_config(get_config()) with the same weights gives the same output."
    layer, x = make(name)
    y = layer(x)
    config = layer.get_config()
    again = type(layer).from_config(config)
    again.build(each(lambda one: one.shape, x))
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(again(x).numpy(), y.numpy())
    assert again.get_config() == config


@pytest.mark.parametrize("name", HERE)
def test_functional_model_of_one_layer(name):
    "The graph of symbolic calls gives what the layer gives."
    layer, x = make(name)
    inputs = symbol(x)
    model = k.Model(inputs, layer(inputs))
    np.testing.assert_allclose(model(x).numpy(), layer(x).numpy(), 1e-6)
    np.testing.assert_allclose(model.predict(x, verbose=0), layer(x).numpy(), 1e-6)


@pytest.mark.parametrize("name", HERE)
def test_input_is_not_written(name):
    layer, x = make(name)
    before = each(np.copy, x)
    layer(x, training=True) if "training" in call_arguments(layer) else layer(x)
    for one, old in zip(flatten(x), flatten(before), strict=True):
        np.testing.assert_array_equal(one, old)


HOMES = """core activations lambdas reshaping einsum_dense embedding
regularization""".split()


@pytest.mark.parametrize("home", HOMES)
def test_examples(home):
    module = importlib.import_module(f"minikeras.layers.{home}")
    failed, run = doctest.testmod(module, extraglobs={"ops": ops})
    assert run and not failed


def call_arguments(layer):
    return inspect.signature(layer.call).parameters


@pytest.mark.parametrize("name", HERE)
@pytest.mark.parametrize("batch", [0, 1, 7])
def test_any_batch_size(name, batch):
    layer, x = make(name)
    layer(x)
    y = layer(sample(SAMPLES[name][1], batch))
    assert y.shape[0] == batch


@pytest.mark.parametrize("name", HERE)
def test_one_step_of_training_lowers_the_loss(name):
    k.utils.set_random_seed(1)  # noise and the first power iterations may raise it
    layer, x = make(name)
    inputs = symbol(x)
    outputs = layers.Dense(2)(layers.Flatten()(layer(inputs)))
    model = k.Model(inputs, outputs)
    target = sample((2,))
    model.compile(k.optimizers.SGD(0.01), "mse")
    before = model.evaluate(x, target, verbose=0)
    model.fit(x, target, epochs=3, verbose=0)
    assert model.evaluate(x, target, verbose=0) < before


@pytest.mark.parametrize("name", HERE)
def test_name_dtype_and_bad_input(name):
    config, shape = SAMPLES[name]
    layer = getattr(layers, name)(**config, name="mine")
    assert layer.name == "mine" and layer.dtype == "float32"
    with pytest.raises((ValueError, TypeError)):
        layer("text")
    with pytest.raises((ValueError, TypeError)):
        getattr(layers, name)(**config, nonsense=1)


def test_freezing_keeps_weights_in_fit():
    x, y = sample((4,)), sample((2,))
    frozen = layers.Dense(3, trainable=False)
    model = k.Sequential([k.Input((4,)), frozen, layers.Dense(2)])
    model.compile("sgd", "mse")
    before = [w.copy() for w in frozen.get_weights()]
    model.fit(x, y, epochs=2, verbose=0)
    for old, new in zip(before, frozen.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert len(model.trainable_weights) == 2


def test_shared_layer_has_one_set_of_weights():
    a, b, shared = k.Input((3,)), k.Input((3,)), layers.Dense(2)
    model = k.Model([a, b], ops.add(shared(a), shared(b)))
    assert len(model.weights) == 2
    x = sample((3,))
    np.testing.assert_allclose(model([x, x]).numpy(), 2 * shared(x).numpy(), 1e-6)


def test_dropout_differs_by_call_and_repeats_by_seed():
    x = np.ones((100,), "float32")
    layer = layers.Dropout(0.5, seed=3)
    first, second = layer(x, training=True).numpy(), layer(x, training=True).numpy()
    again = layers.Dropout(0.5, seed=3)(x, training=True).numpy()
    assert (first != second).any() and (first == again).all()
