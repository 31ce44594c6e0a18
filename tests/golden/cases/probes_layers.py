"""What probes of symbols, layers and models met: shapes, symbolic calls, inputs."""

import warnings

import numpy as np

from tests.golden.cases import scenarios
from tests.golden.player import outcome, wave

X = wave(4, 3)
FOUND = []


def cases():
    return list(scenarios("probes_layers", FOUND))


def scenario(function):
    FOUND.append(function)
    return function


def warned(call, *args):
    "How many warnings for users a call gives, and its answer."
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        answer = outcome(call, *args)
    return [sum(issubclass(one.category, UserWarning) for one in caught), answer]


@scenario
def symbols(k):
    "What a symbol refuses, and which attributes it has not"
    found = []
    for x in (k.KerasTensor((None, 3)), k.KerasTensor((2, 3), dtype="int32")):
        found += [
            outcome(len, x), outcome(lambda x: +x, x), outcome(lambda x: -x, x),
            outcome(abs, x), outcome(bool, x), outcome(float, x), outcome(list, x),
            outcome(lambda x: x.numpy(), x), hasattr(x, "numpy"), x.shape, x.dtype,
        ]  # fmt: skip
    return found


@scenario
def numbers_are_no_shapes(k):
    "A whole number, None, fractions and negative sizes where a shape is needed"
    takers = {
        "symbol": k.KerasTensor, "spec": lambda shape: k.InputSpec(shape=shape),
        "input": k.Input, "batch": lambda shape: k.Input(batch_shape=shape),
        "variable": lambda shape: k.Variable("zeros", shape=shape),
        "weight": lambda shape: k.layers.Layer().add_weight(shape=shape),
    }  # fmt: skip
    shapes = [3, np.int64(3), True, (2.5,), (-1,), "ab", ("a",), ((2,), 3)]
    return {
        name: [outcome(lambda: tuple(take(shape).shape)) for shape in shapes]
        for name, take in takers.items()
    }


@scenario
def symbolic_calls(k):
    "symbolic_call and compute_output_spec answer symbols with symbols"
    x, found = k.KerasTensor((None, 6)), {}
    for layer in (
        k.layers.Dense(3), k.layers.Identity(), k.layers.Dropout(0.5),
        k.layers.Rescaling(2.0), k.layers.Flatten(), k.layers.BatchNormalization(),
        k.layers.Embedding(4, 5), k.layers.Lambda(lambda x: x * 2),
    ):  # fmt: skip
        name = type(layer).__name__
        found[name] = [layer.symbolic_call(x), layer.compute_output_spec(x)]
    found["Add"] = k.layers.Add().symbolic_call([x, x])
    model = k.Sequential([k.Input((6,)), k.layers.Dense(2)])
    found["model"] = [model.symbolic_call(x), model.compute_output_spec(x)]
    return found


@scenario
def own_symbols(k):
    "A layer whose compute_output_spec makes the symbol itself"

    class Twice(k.layers.Layer):
        def call(self, x):
            return k.ops.concatenate([x, x], axis=-1)

        def compute_output_spec(self, x):
            return k.KerasTensor((*x.shape[:-1], 2 * x.shape[-1]), dtype=x.dtype)

    x = k.Input((3,))
    y = Twice()(x)
    return [y, Twice().symbolic_call(x), k.Model(x, y)(X)]


@scenario
def shapes_as_given(k):
    "compute_output_shape of layers that keep the shape: a list stays a list"
    shapes = [(2, 6), [2, 6], (None, 6), (np.int64(2), 6)]
    layers = [
        k.layers.Identity(), k.layers.Rescaling(2.0), k.layers.Activation("relu"),
        k.layers.Normalization(mean=0.0, variance=1.0),
    ]  # fmt: skip
    return [[outcome(one.compute_output_shape, s) for s in shapes] for one in layers]


@scenario
def kept_dtypes(k):
    "Identity keeps whole numbers, and rounds floats as its policy says"
    layer, found = k.layers.Identity(dtype="float16"), []
    for dtype in ("int32", "float32", "bool"):
        x = k.Input((2,), dtype=dtype)
        found += [layer(x), layer.compute_output_spec(x)]
    return found


@scenario
def first_layer_says_the_shape(k):
    "Sequential models whose first layer was given input_shape or input_dim"
    dense, found = k.layers.Dense, []
    for layers in (
        [dense(2, input_shape=(3,), name="a")],
        [dense(2, input_shape=(3,), name="a"), dense(1, name="b")],
        [dense(2, input_dim=3, name="a"), dense(1, name="b")],
        [dense(2, name="a"), dense(1, input_shape=(3,), name="b")],
    ):
        model = k.Sequential(layers, name="s")
        found.append([model.built, len(model.layers), [w.path for w in model.weights]])
    model = k.Sequential()
    for units in (4, 2):
        model.add(dense(units, input_shape=(3,)))
        found.append([model.built, model.input_shape, model.output_shape])
    again = k.Sequential.from_config(model.get_config())
    return [*found, again.built, len(again.layers), again.output_shape]


@scenario
def nests_of_inputs(k):
    "Warnings for inputs in another nest than the model's, and for keys too many"
    a, b = k.Input((3,), name="a"), k.Input((3,), name="b")
    y = k.layers.Add(name="y")([a, b])
    two = k.Model({"a": a, "b": b}, y)
    one, bare = k.Model([a], k.ops.relu(a)), k.Model(a, k.ops.relu(a))
    calls = [
        (two, {"a": X, "b": X}), (two, {"a": X, "b": X, "c": X}), (two, {"a": X}),
        (two, [X, X]), (one, X), (one, [X]), (one, {"a": X}), (bare, X), (bare, [X]),
    ]  # fmt: skip
    return [warned(model, inputs) for model, inputs in calls]


@scenario
def frozen_beside_others(k):
    "A model made with trainable=False leaves the layers that it shares as they are"
    a = k.Input((3,))
    h = k.layers.Dense(4, name="h")
    y = h(a)
    frozen, free = k.Model(a, y, trainable=False), k.Model(a, y)
    return [
        frozen.trainable, len(frozen.trainable_weights), h.trainable,
        len(free.trainable_weights), len(frozen.non_trainable_weights),
    ]  # fmt: skip


@scenario
def older_words_of_an_input(k):
    "InputLayer(input_shape=...) with a warning, batch_shape without"
    make = k.layers.InputLayer
    return [
        warned(lambda: make(input_shape=(3,)).batch_shape),
        warned(lambda: make(batch_shape=(2, 3)).batch_shape),
        warned(lambda: make(shape=(3,)).batch_shape),
    ]
