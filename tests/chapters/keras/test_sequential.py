"""Sequential: built at once or later, add and pop, and the table of layers."""

import numpy as np
import pytest

from minikeras import Input, Model, Sequential, layers

X = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")


def test_built_at_once_or_at_the_first_call():
    ready = Sequential([Input((4,)), layers.Dense(3), layers.Dense(2)])
    late = Sequential([layers.Dense(3), layers.Dense(2)])
    assert ready.built and ready.output_shape == (None, 2)
    assert not late.built
    with pytest.raises(AttributeError, match="output_shape"):
        _ = late.output_shape
    assert late(X).shape == (5, 2) and late.built
    late.layers[0].kernel.assign(ready.layers[0].kernel)
    late.layers[1].kernel.assign(ready.layers[1].kernel)
    assert np.allclose(late(X), ready(X))


def test_build_by_shape():
    model = Sequential([layers.Dense(3)])
    model.build((None, 4))
    assert model.count_params() == 15 and len(model.layers) == 1


def test_add_and_pop_keep_what_stays():
    model = Sequential([Input((4,)), layers.Dense(3), layers.Dense(2)])
    kernel = model.layers[0].kernel
    gone = model.pop()
    model.add(layers.Dense(7))
    assert gone.units == 2 and model(X).shape == (5, 7)
    assert model.layers[0].kernel is kernel and len(model.weights) == 4


def test_the_middle_is_a_model():
    model = Sequential([Input((4,)), layers.Dense(3), layers.Dense(2)])
    middle = Model(model.inputs, model.layers[0].output)
    assert np.allclose(middle(X), model.layers[0](X))


def test_training_reaches_the_layers_inside():
    model = Sequential([Input((4,)), layers.Dropout(0.5, seed=1)])
    assert np.allclose(model(X), X) and np.allclose(model(X, training=False), X)
    assert (model(X, training=True).numpy() == 0).any()


def test_the_summary_has_the_numbers_and_keeps_to_its_width():
    lines = []
    model = Sequential([Input((4,)), layers.Dense(3), layers.Dense(2)], name="small")
    model.layers[0].trainable = False
    model.summary(line_length=60, show_trainable=True, print_fn=lines.append)
    text = "\n".join(lines)
    assert 'Model: "small"' in text and "(None, 3)" in text
    assert "Total params: 23 (92.00 B)" in text
    assert "Trainable params: 8 (32.00 B)" in text
    assert "Non-trainable params: 15 (60.00 B)" in text
    assert max(map(len, text.splitlines())) == 60


def test_a_fork_gets_a_column_of_connections():
    lines, x = [], Input((4,), name="x")
    Model(x, layers.Dense(4, name="d")(x) + x).summary(78, print_fn=lines.append)
    assert "Connected to" in lines[0] and "x[0][0]" in lines[0]


def test_an_unbuilt_model_has_question_marks():
    lines = []
    Sequential([layers.Dense(3)]).summary(print_fn=lines.append)
    assert "?" in lines[0] and "unbuilt" in lines[0]


@pytest.mark.parametrize(
    ("mistake", "match"),
    [
        (lambda: Sequential([layers.Dense(3), "relu"]), "only layers"),
        (lambda: Sequential([Input((4,)), Input((4,))]), "already"),
        (
            lambda: Sequential([layers.Dense(3, name="a"), layers.Dense(3, name="a")]),
            "unique",
        ),
        (lambda: Sequential().build((None, 4)), "without layers"),
        (
            lambda: Sequential([Input((4,)), layers.Dense(3)]).build((None, 5)),
            "another",
        ),
        (lambda: Sequential([layers.Dense(3)]).summary(line_length=6), "short"),
    ],
)
def test_mistakes(mistake, match):
    with pytest.raises(ValueError, match=match):
        mistake()


@pytest.mark.parametrize("shape", [{"input_shape": (8,)}, {"input_dim": 8}])
def test_the_first_layer_may_bring_the_shape(shape):
    with pytest.warns(UserWarning, match="input_shape"):
        first = layers.Dense(3, **shape)
    model = Sequential([first, layers.Dense(2)])
    assert model.built and model.input_shape == (None, 8)
    assert [w.shape for w in model.weights] == [(8, 3), (3,), (3, 2), (2,)]
