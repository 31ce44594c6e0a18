"""Models: what they write about themselves, what they make of inputs, clones."""

import json
import warnings

import numpy as np

from tests.golden.cases import Table
from tests.golden.player import outcome, wave

SCENARIOS = []
# quantization is not ours; Keras notes a mask of None for every call of a model
LEFT_OUT = {"quantization_config", "compile_config", "mask"}


def cases():
    table = Table()
    for name in SCENARIOS:
        table.scenario("models", name)
    return list(table)


def scenario(function):
    SCENARIOS.append(function.__name__)
    return function


def plain(nest):
    "As it would stand in a file, without what is left out."
    if isinstance(nest, dict):
        return {k: plain(v) for k, v in nest.items() if k not in LEFT_OUT}
    if isinstance(nest, (list, tuple)):
        return [plain(v) for v in nest]
    return nest


def text_of(k, model):
    return plain(json.loads(json.dumps(k.saving.serialize_keras_object(model))))


def two_inputs(k):
    a, b = k.Input((4,), name="a"), k.Input((4,), name="b")
    shared = k.layers.Dense(3, name="shared", activation="relu")
    both = k.layers.Concatenate(name="both", axis=-1)([shared(a), shared(b)])
    return k.Model([a, b], k.layers.Dense(2, name="out")(both), name="two")


def with_functions(k):
    a = k.Input((4,), name="a")
    y = k.ops.sum(a * 2.0, axis=-1, keepdims=True)
    y = k.ops.clip(y / 3.0, 0.0, 6.0) - k.ops.mean(a)
    return k.Model(a, {"y": y, "first": a[:, :1]}, name="functions")


def nested(k):
    a, b = k.Input((4,), name="a"), k.Input((4,), name="b")
    inner = k.Model(a, k.layers.Dense(2, name="i")(a), name="inner")
    out = inner(a) + inner(b)
    return k.Model({"a": a, "b": b}, {"out": out, "one": inner(a)}, name="outer")


def line(k):
    layers = [k.Input((4,), name="in"), k.layers.Dense(3, name="d", activation="tanh")]
    return k.Sequential([*layers, k.layers.Dense(2, name="e")], name="line")


def late(k):
    return k.Sequential([k.layers.Dense(3, name="d")], name="late")


MODELS = {f.__name__: f for f in (two_inputs, with_functions, nested, line, late)}


@scenario
def texts(k):
    "The description of each model, as it stands in a file"
    return {name: text_of(k, make(k)) for name, make in MODELS.items()}


@scenario
def texts_of_copies(k):
    "A model made from a description describes itself in the same way"
    found = {}
    for name, make in MODELS.items():
        model = make(k)
        again = k.models.model_from_json(model.to_json())
        found[name] = text_of(k, again) == text_of(k, model)
    return found


@scenario
def clones(k):
    "Names and weights of clones"
    found = {}
    for name, make in MODELS.items():
        model = make(k)
        clone = k.models.clone_model(model)
        shared = {id(w) for w in clone.weights} & {id(w) for w in model.weights}
        found[name] = [
            [layer.name for layer in clone.layers],
            [list(w.shape) for w in clone.weights],
            len(shared),
            clone.name,
        ]
    return found


@scenario
def clone_with_functions(k):
    "clone_function and call_function take part"
    model = two_inputs(k)

    def renamed(layer):
        config = layer.get_config()
        config["name"] = config["name"] + "_new"
        return type(layer).from_config(config)

    def doubled(layer, *args, **kwargs):
        return layer(*args, **kwargs) * 2.0

    one = k.models.clone_model(model, clone_function=renamed)
    two = k.models.clone_model(model, clone_function=lambda x: x, call_function=doubled)
    x = [wave(2, 4), wave(2, 4, phase=1.0)]
    for w in model.weights:
        w.assign(wave(*w.shape))
    return [
        sorted(layer.name for layer in one.layers),
        len(two.operations),
        np.asarray(model(x)),
        np.asarray(two(x)),
    ]


@scenario
def clones_that_cannot_be(k):
    "Wrong arguments of clone_model"

    class Own(k.Model):
        def call(self, x):
            return x

    f = k.models.clone_model
    return [
        outcome(f, line(k), call_function=lambda layer, x: layer(x)),
        outcome(f, Own(), clone_function=lambda x: x),
        outcome(f, two_inputs(k), input_tensors=k.Input((4,))),
        outcome(f, line(k), input_tensors=[k.Input((4,)), k.Input((4,))]),
        outcome(f, line(k), input_tensors=3),
        outcome(f, line(k), nonsense=3),
    ]


@scenario
def recursive_clone(k):
    "Inner models are cloned with the same function"
    seen = []

    def noted(layer):
        if isinstance(layer, k.layers.Layer):
            seen.append(layer.name)
        return type(layer).from_config(layer.get_config())

    k.models.clone_model(nested(k), clone_function=noted)
    flat = sorted(seen)
    seen.clear()
    k.models.clone_model(nested(k), clone_function=noted, recursive=True)
    return [flat, sorted(seen)]


@scenario
def heads_and_middles(k):
    "Models that begin at a symbol that was made by a layer"
    a = k.Input((4,), name="a")
    h = k.layers.Dense(3, name="h")(a)
    y = k.layers.Dense(2, name="y")(k.ops.relu(h))
    whole, head = k.Model(a, y), k.Model(h, y)
    for w in whole.weights:
        w.assign(wave(*w.shape))
    x = wave(2, 4)
    hidden = k.Model(a, h)(x)
    return {
        "layers": len(head.layers),
        "first": type(head.layers[0]).__name__,
        "input_shape": list(head.input_shape),
        "whole": np.asarray(whole(x)),
        "head": np.asarray(head(hidden)),
        "nodes": len(whole.get_layer("y")._inbound_nodes),
    }


def called(model, inputs):
    "The outcome of a call, and how many warnings it gave."
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = outcome(model, inputs)
    if isinstance(result, Exception):
        return [result, 0]
    return [np.asarray(result), len(caught)]


@scenario
def structures_of_inputs(k):
    "Lists, dicts, single tensors and nests for models that want another structure"
    p, q = k.Input((2,), name="p"), k.Input((3,), name="q")
    total = k.ops.concatenate([p, q], axis=-1)
    listed, keyed = k.Model([p, q], total), k.Model({"p": p, "q": q}, total)
    one = k.Model(p, p * 2.0)
    x, y = wave(2, 2), wave(2, 3)
    return {
        "list to list": called(listed, [x, y]),
        "tuple to list": called(listed, (x, y)),
        "dict to list": called(listed, {"p": x, "q": y}),
        "larger dict to list": called(listed, {"q": y, "p": x, "r": x}),
        "smaller dict to list": called(listed, {"p": x}),
        "short list": called(listed, [x]),
        "dict to dict": called(keyed, {"q": y, "p": x}),
        "list to dict": called(keyed, [x, y]),
        "one to one": called(one, x),
        "list to one": called(one, [x]),
        "dict to one": called(one, {"p": x}),
        "wrong dict to one": called(one, {"z": x}),
        "wrong width": called(one, y),
        "too many axes": called(one, wave(2, 2, 2)),
        "one axis more of size 1": called(one, wave(2, 2, 1)),
    }


@scenario
def optional_inputs(k):
    "None for an input that is optional, and for one that is not"

    class Either(k.layers.Layer):
        def call(self, x, y=None):
            return x if y is None else x + y

        def compute_output_shape(self, x_shape, y_shape=None):
            return x_shape

    x, y = k.Input((2,), name="x"), k.Input((2,), name="y", optional=True)
    model = k.Model({"x": x, "y": y}, Either()(x, y))
    data = wave(2, 2)
    return [
        np.asarray(model({"x": data, "y": None})),
        np.asarray(model({"x": data, "y": data})),
        outcome(model, {"x": None, "y": data}),
    ]


@scenario
def inputs(k):
    "Input and InputLayer: shapes, dtypes, and what they refuse"
    symbol = k.KerasTensor((5, 2), dtype="int32")

    def seen(*args, **kwargs):
        x = outcome(k.Input, *args, **kwargs)
        return x if isinstance(x, Exception) else [list(x.shape), x.dtype]

    return [
        seen((3,)), seen((3,), batch_size=4), seen(batch_shape=(2, None)),
        seen(()), seen((None, 2), dtype="int32"), seen(tensor=symbol),
        seen(), seen((3,), batch_shape=(2, 3)), seen(batch_size=2, batch_shape=(2, 3)),
        seen(tensor=symbol, shape=(3,)), seen(tensor=symbol, batch_size=4),
        seen(tensor=symbol, dtype="float32"), seen(tensor=np.ones(3)),
        k.layers.InputLayer((3,), name="i").get_config(),
    ]  # fmt: skip


@scenario
def functions(k):
    "keras.Function on symbols made by hand"
    a, b = k.KerasTensor((None, 3)), k.KerasTensor((None, 3))
    function = k.Function([a, b], {"s": k.ops.sigmoid(a + b), "d": a - b})
    x, y = wave(2, 3), wave(2, 3, phase=1.0)
    result = function([x, y])
    shapes = function.compute_output_shape([(7, 3), (7, 3)])
    return [
        {key: np.asarray(value) for key, value in result.items()},
        {key: list(shape) for key, shape in shapes.items()},
        outcome(function, [x]),
        outcome(function, [x, wave(2, 4)]),
        outcome(k.Function, [a], a + b),
        outcome(k.Function, [], []),
    ]


@scenario
def refusals(k):
    "What models refuse to be made of, and questions they refuse"
    a, b = k.Input((4,), name="a"), k.Input((4,), name="b")
    d = k.layers.Dense(2, name="d")
    model = k.Model(a, d(a))

    class Own(k.Model):
        pass

    def set_layers():
        model.layers = []

    return [
        outcome(k.Model, a, a + b),
        outcome(k.Model, a, 3),
        outcome(k.Model, [a, 3], a),
        outcome(k.Model, a, k.layers.Dense(2, name="d")(d(a))),
        outcome(model.get_layer, "nowhere"),
        outcome(model.get_layer, index=9),
        outcome(model.get_layer),
        outcome(model.get_layer, "d", 1),
        model.get_layer(index=1).name,
        outcome(set_layers),
        outcome(Own(), wave(2, 2)),
        outcome(model.add_loss, 1.0),
        outcome(model.get_state_tree, "nonsense"),
    ]


@scenario
def state_trees(k):
    "All variables by path, and back"
    model = line(k)
    for w in model.weights:
        w.assign(wave(*w.shape))
    model.compile("sgd", "mse")
    tree = model.get_state_tree(value_format="numpy_array")
    other = line(k)
    other.compile("sgd", "mse")
    other.set_state_tree({"trainable_variables": tree["trainable_variables"]})
    x = wave(2, 4)
    return [
        tree["trainable_variables"],
        sorted(tree),
        np.asarray(model(x)),
        np.asarray(other(x)),
    ]


@scenario
def sequential_life(k):
    "add, pop, build, deferred, and questions that come too early"
    model = k.Sequential(name="s")
    early = [outcome(lambda: model.input_shape), outcome(model.build, (None, 4))]
    model.add(k.Input((4,)))
    model.add(k.layers.Dense(3, name="d"))
    steps = [[len(model.weights), list(model.output_shape), model.built]]
    model.add(k.layers.Dense(2, name="e"))
    steps.append([len(model.weights), list(model.output_shape), model.built])
    popped = model.pop()
    steps.append([popped.name, len(model.layers), list(model.output_shape)])
    return {
        "early": early,
        "steps": steps,
        "same name": outcome(model.add, k.layers.Dense(2, name="d")),
        "second input": outcome(model.add, k.Input((3,))),
        "no layer": outcome(model.add, "relu"),
        "other shape": outcome(model.build, (None, 5)),
        "set layers": outcome(setattr, model, "layers", []),
        "no list": outcome(k.Sequential, [k.Input((2,)), k.layers.Add()]),
    }


@scenario
def input_specs(k):
    "What a model says about its inputs"
    x, y = k.Input((2, 3), name="x"), k.Input((None,), name="y", optional=True)
    flat = k.layers.Flatten()(x)
    models = k.Model([x, y], [flat, y]), k.Model({"y": y, "x": x}, flat)
    return [
        [
            [list(s.shape), s.name, s.optional, s.allow_last_axis_squeeze]
            for s in m.input_spec
        ]
        for m in models
    ]
