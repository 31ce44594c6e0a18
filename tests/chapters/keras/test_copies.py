"""Descriptions of models, models from descriptions, clones, and state by path."""

import json

import numpy as np
import pytest

from minikeras import Input, Model, Sequential, layers, ops
from minikeras.models.cloning import clone_model
from minikeras.models.model import model_from_json

X = np.linspace(-1, 1, 12).reshape(3, 4).astype("float32")


def forked():
    x = Input((4,), name="x")
    shared = layers.Dense(4, activation="tanh", name="shared")
    y = shared(shared(x)) + ops.sum(x, axis=-1, keepdims=True)
    return Model(x, {"y": y, "part": y[:, 1:3]}, name="forked")


def woven():
    a, b = layers.Dense(4, name="a"), layers.Dense(4, name="b")
    x = Input((4,), name="x")
    return Model(x, a(b(a(b(x)))))


def nested():
    inner = Sequential([Input((4,)), layers.Dense(4, name="in")], name="inner")
    x = Input((4,), name="x")
    return Model(x, layers.Dense(1)(inner(inner(x))))


def joined():
    a, b = Input((2,), name="a"), Input((2,), name="b")
    return Model([a, b], ops.concatenate([a, b], axis=1))


MAKERS = [forked, woven, nested]


def values(model, x=X):
    return [np.asarray(v) for v in _leaves(model(x))]


def _leaves(y):
    return list(y.values()) if isinstance(y, dict) else [y]


@pytest.mark.parametrize("make", MAKERS)
def test_from_config_gives_an_equal_model_with_new_weights(make):
    model = make()
    again = Model.from_config(model.get_config())
    assert json.dumps(again.get_config()) == json.dumps(model.get_config())
    assert type(again) is type(model)
    assert not {id(w) for w in again.weights} & {id(w) for w in model.weights}
    again.set_weights(model.get_weights())
    for one, other in zip(values(model), values(again), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


@pytest.mark.parametrize("make", [*MAKERS, joined])
def test_json_round_trip(make):
    model = make()
    again = model_from_json(model.to_json(indent=1))
    assert json.loads(again.to_json()) == json.loads(model.to_json())


@pytest.mark.parametrize("make", MAKERS)
def test_a_config_is_plain_and_does_not_change(make):
    model = make()
    config = model.get_config()
    text = json.dumps(config)
    Model.from_config(config)
    assert json.dumps(config) == text == json.dumps(model.get_config())


@pytest.mark.parametrize("make", MAKERS)
def test_clones_compute_the_same_with_the_same_weights(make):
    model = make()
    clone = clone_model(model)
    assert [op.name for op in clone.operations] == [op.name for op in model.operations]
    clone.set_weights(model.get_weights())
    for one, other in zip(values(model), values(clone), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


def test_calls_outside_a_model_are_not_in_its_description():
    x = Input((4,), name="x")
    layer = layers.Dense(4, name="d")
    layer(Input((4,)))  # tried out before
    model = Model(x, layer(x))
    layer(model.output)  # and after
    entry = model.get_config()["layers"][-1]
    assert len(entry["inbound_nodes"]) == 1
    assert model.get_config()["output_layers"] == ["d", 0, 0]
    assert Model.from_config(model.get_config())(X).shape == (3, 4)


def test_clone_on_given_inputs_and_with_calls():
    model = forked()
    new = Input((4,), name="new")
    seen = []

    def call(layer, *args, **kwargs):
        seen.append(layer.name)
        return layer(*args, **kwargs)

    clone = clone_model(model, input_tensors=new, call_function=call)
    assert clone.inputs[0] is new and seen.count("shared") == 2


def test_a_sequential_without_input_stays_open():
    model = Sequential([layers.Dense(3), layers.Dropout(0.1)], name="open")
    for again in (Sequential.from_config(model.get_config()), clone_model(model)):
        assert not again.built and [x.name for x in again.layers] == [
            x.name for x in model.layers
        ]


def test_subclasses_come_back_through_their_arguments():
    class Scaled(Model):
        def __init__(self, factor, name=None):
            super().__init__(name=name)
            self.factor, self.dense = factor, layers.Dense(2)

        def call(self, x):
            return self.dense(x) * self.factor

        def get_config(self):
            return {"factor": self.factor, "name": self.name}

    model = Scaled(3.0, name="mine")
    again = clone_model(model)
    assert (again.factor, again.name) == (3.0, "mine") and again is not model


@pytest.mark.parametrize(
    "spoil",
    [
        lambda c: c["layers"].pop(0),
        lambda c: c["layers"][1]["inbound_nodes"].clear(),
        lambda c: c.update(output_layers=["nobody", 0, 0]),
        lambda c: c.update(output_layers=["shared", 7, 0]),
        lambda c: c["layers"][1].update(class_name="Unheard"),
        lambda c: c["layers"][1].update(module="os", class_name="system"),
    ],
)
def test_broken_descriptions_are_refused(spoil):
    config = json.loads(json.dumps(forked().get_config()))
    spoil(config)
    with pytest.raises((ValueError, TypeError)):
        Model.from_config(config)


def test_state_by_path_goes_there_and_back():
    one, other = nested(), nested()
    tree = one.get_state_tree("numpy_array")
    moved = {
        kind: rename(part, dict(zip(names(one), names(other), strict=True)))
        for kind, part in tree.items()
    }
    other.set_state_tree(moved)
    np.testing.assert_array_equal(values(one)[0], values(other)[0])
    before = other.get_weights()
    with pytest.raises(ValueError, match="Unknown"):
        other.set_state_tree({"nonsense": {}, **tree})
    assert all((a == b).all() for a, b in zip(before, other.get_weights(), strict=True))


def names(model):
    return [w.path.split("/")[0] for w in model.weights]


def rename(tree, table):
    return {table.get(key, key): value for key, value in tree.items()}


def test_arguments_of_a_call_are_a_tuple_as_in_keras():
    x = Input((4,))
    config = Model(x, x * 2.0 + 1.0).get_config()
    nodes = [n for layer in config["layers"] for n in layer["inbound_nodes"]]
    assert nodes and all(type(n["args"]) is tuple for n in nodes)
