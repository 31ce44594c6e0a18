"""Symbols, nodes, and models cut out of a trace."""

import numpy as np
import pytest

from minikeras import Input, Model, layers, ops
from minikeras.core.tape import GradientTape
from minikeras.models.function import Function
from minikeras.models.symbolic import KerasTensor

X = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")


def test_operators_and_functions_are_recorded_with_their_shapes():
    x = Input((4,))
    y = 2 * (x + 1.0) @ np.ones((4, 3), "float32") - ops.mean(x, axis=-1, keepdims=True)
    assert isinstance(y, KerasTensor) and y.shape == (None, 3)
    model = Model(x, y)
    expected = 2 * (X + 1) @ np.ones((4, 3)) - X.mean(axis=1, keepdims=True)
    assert np.allclose(model(X), expected, atol=1e-5)


def test_a_tensor_or_array_on_the_left_is_recorded_too():
    x = Input((4,))
    for left in (ops.ones(4), np.ones(4, "float32")):
        assert isinstance(left - x, KerasTensor)
        assert np.allclose(Model(x, left - x)(X), 1 - X)


def test_operators_with_the_symbol_on_the_right_and_indexing():
    x = Input((4,))
    model = Model(x, [1 - x, x[:, 1:3], x > 0, -abs(x)])
    found = model(X)
    expected = [1 - X, X[:, 1:3], X > 0, -abs(X)]
    assert all(np.allclose(f, e) for f, e in zip(found, expected, strict=True))


@pytest.mark.parametrize("wish", [bool, float, int, np.asarray, iter])
def test_symbols_refuse_to_be_numbers(wish):
    with pytest.raises(
        (TypeError, ValueError, NotImplementedError), match="no numbers"
    ):
        wish(Input(()))


def test_a_shared_layer_has_two_nodes_and_one_set_of_weights():
    a, b = Input((4,), name="a"), Input((4,), name="b")
    shared = layers.Dense(2, name="shared")
    model = Model([a, b], shared(a) - shared(b))
    assert len(shared._inbound_nodes) == 2 and len(model.weights) == 2
    assert np.allclose(model([X, X]), 0)
    assert shared.input is a and shared.output.shape == (None, 2)
    with pytest.raises(AttributeError, match="never called"):
        _ = layers.Dense(2).output


def test_inputs_and_outputs_as_lists_and_dicts():
    left, right = Input((4,), name="left"), Input((4,), name="right")
    model = Model({"l": left, "r": right}, {"sum": left + right, "both": [left, right]})
    found = model({"l": X, "r": 2 * X, "extra": X})
    assert np.allclose(found["sum"], 3 * X) and np.allclose(found["both"][1], 2 * X)
    listed = Model([left, right], left + right)
    assert np.allclose(listed({"left": X, "right": X}), 2 * X)
    with pytest.raises(ValueError, match="right"):
        listed({"left": X})
    with pytest.raises(ValueError, match="expects 2 inputs"):
        listed([X])


def test_submodels_share_weights_and_models_nest():
    x = Input((4,))
    hidden = layers.Dense(3, activation="relu", name="hidden")(x)
    whole = Model(x, layers.Dense(2)(hidden))
    part = Model(whole.input, whole.get_layer("hidden").output)
    whole.get_layer("hidden").bias.assign(np.ones(3))
    assert np.allclose(part(X), whole.get_layer("hidden")(X))
    outer = Model(x, ops.sum(whole(x), axis=-1))
    assert outer(X).shape == (5,) and len(outer.weights) == 4


def test_gradients_reach_every_weight():
    x = Input((4,))
    model = Model(x, layers.Dense(2)(layers.Dense(3)(x)) + 1.0)
    with GradientTape() as tape:
        loss = ops.sum(model(X) ** 2)
    assert all(g is not None for g in tape.gradient(loss, model.trainable_weights))


def test_subclass_models_build_from_shapes_alone():
    class Two(Model):
        def __init__(self):
            super().__init__()
            self.first, self.second = layers.Dense(3), layers.Dense(2)

        def call(self, x):
            return self.second(self.first(x))

    two = Two()
    with pytest.raises(ValueError, match="not built"):
        two.count_params()
    two.build((None, 4))
    assert two.count_params() == 15 + 8 and two.compute_output_shape((7, 4)) == (7, 2)


def test_a_function_is_a_piece_of_graph():
    x = Input((4,))
    assert np.allclose(Function(x, ops.exp(x))(X), np.exp(X), rtol=1e-6)


def test_values_are_made_to_fit_their_inputs():
    x = Input((4,), dtype="float32")
    model = Model(x, x * 2)
    assert model(X.astype("float64")).dtype == "float32"
    one = Input((1,))
    assert Model(one, one + 1)(np.zeros(3, "float32")).shape == (3, 1)
    with pytest.raises(ValueError, match="expected shape"):
        model(np.ones((5, 3)))


def test_mistakes():
    x, y = Input((4,), name="x"), Input((4,), name="y")
    with pytest.raises(ValueError, match="Graph disconnected"):
        Model(x, x + y)
    twin = layers.Dense(4, name="twin")(layers.Dense(4, name="twin")(x))
    with pytest.raises(ValueError, match="unique"):
        Model(x, twin)
    with pytest.raises(ValueError, match="KerasTensors"):
        Model(x, X)
    with pytest.raises(ValueError, match="No such layer"):
        Model(x, x + 1).get_layer("nowhere")
    with pytest.raises(ValueError, match="shape"):
        Input()
