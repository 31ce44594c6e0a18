"""copy.deepcopy and pickle: same numbers, nothing shared, training goes on."""

import copy
import pickle

import numpy as np
import pytest

import minikeras as keras
from minikeras import layers

X = np.random.RandomState(0).rand(6, 4).astype("float32")


def pickled(thing):
    return pickle.loads(pickle.dumps(thing))


class Scale(layers.Layer):
    def __init__(self, by, **kwargs):
        super().__init__(**kwargs)
        self.by = by

    def call(self, x):
        return self.by * x


def functional():
    x = keras.Input((4,))
    shared = layers.Dense(3, name="shared")
    return keras.Model(x, shared(x) + shared(2.0 * x), name="f")


def sequential():
    return keras.Sequential([keras.Input((4,)), layers.Dense(3), Scale(2.0)])


@pytest.mark.parametrize("way", [copy.deepcopy, pickled])
@pytest.mark.parametrize("make", [functional, sequential])
def test_a_copy_gives_the_same_numbers_and_shares_nothing(make, way):
    model = make()
    twin = way(model)
    np.testing.assert_array_equal(twin(X), model(X))
    assert type(twin) is type(model) and twin.name == model.name
    assert not {id(w) for w in twin.weights} & {id(w) for w in model.weights}
    before = model(X).numpy()
    twin.weights[0].assign(np.zeros(twin.weights[0].shape))
    np.testing.assert_array_equal(model(X), before)


@pytest.mark.parametrize("way", [copy.deepcopy, pickled])
def test_training_goes_on_where_it_was(way):
    model = functional()
    model.compile("adam", "mse")
    y = np.ones((6, 3), "float32")
    options = {"epochs": 2, "verbose": 0, "shuffle": False}
    model.fit(X, y, **options)
    twin = way(model)
    assert int(twin.optimizer.iterations) == 2
    both = [one.fit(X, y, **options).history["loss"] for one in (model, twin)]
    np.testing.assert_allclose(*both, rtol=1e-6)


def test_layers_and_deep_models():
    dense = layers.Dense(2, name="d")
    dense.build((None, 4))
    twin = copy.deepcopy(dense)
    assert twin.name == "d" and twin.kernel is not dense.kernel
    np.testing.assert_array_equal(twin.kernel, dense.kernel)
    deep = keras.Sequential([keras.Input((4,))] + [layers.Dense(4) for _ in range(120)])
    assert len(pickled(deep).weights) == 240
    assert not copy.deepcopy(deep.layers[5])._inbound_nodes


def test_not_built_and_not_trained():
    twin = pickled(keras.Sequential([layers.Dense(2, name="d")]))
    assert not twin.built and twin.layers[0].units == 2
    model = sequential()
    model.compile("adam", "mse")
    assert copy.deepcopy(model).compiled
