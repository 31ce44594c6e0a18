"""Perform a recorded case on a module with Keras' API, real or ours.

`play(case, keras)` returns the outcome as JSON: {"out": ...} and, where the case asks
for them, {"grads": [...]}: the gradients of sum(out * w) with respect to each floating
tensor among the arguments, where w are fixed weights (`fixed_weights`).  An exception
is an outcome too.

| kind      | what is done                                                       |
| --------- | ------------------------------------------------------------------ |
| op        | keras.ops.NAME(*args, **kwargs)                                    |
| function  | keras.NAME(*args, **kwargs), a dotted name such as losses.hinge    |
| layer     | keras.layers.NAME(**config), build, set_weights, call              |
| loss      | keras.losses.NAME(**config)(*args, **kwargs)                       |
| metric    | keras.metrics.NAME(**config), update_state for each, result        |
| optimizer | keras.optimizers.NAME(**config), 20 steps on fixed gradients       |
| scenario  | a function of tests.golden.cases.MODULE, called with keras, kwargs |
"""

from importlib import import_module

import numpy as np

from tests.golden.encoding import Raw, decode, encode


def play(case, keras):
    "The outcome of one case: a dict of encoded values."
    try:
        return {key: encode(value) for key, value in KINDS[case["kind"]](case, keras)}
    except Exception as error:
        return {"out": encode(error)}


def tensor_of(keras):
    return lambda array: keras.ops.convert_to_tensor(array, dtype=array.dtype.name)


def play_op(case, keras):
    return differentiate(case, keras, find(keras.ops, case["name"]))


def play_function(case, keras):
    return differentiate(case, keras, find(keras, case["name"]))


def find(keras, dotted):
    for name in dotted.split("."):
        keras = getattr(keras, name)
    return keras


def differentiate(case, keras, call):
    "Value and, when the record has a place for them, gradients."
    args = decode(case.get("args", []), tensor_of(keras))
    kwargs = decode(case.get("kwargs", {}), tensor_of(keras))
    if "grads" not in case:
        return [("out", call(*args, **kwargs))]
    sources = floating([args, kwargs], keras)
    with keras.GradientTape() as tape:
        for source in sources:
            tape.watch(source)
        out = call(*args, **kwargs)
        total = weighted_sum(out, keras)
    return [("out", out), ("grads", gradients(tape, total, sources, keras))]


def gradients(tape, total, sources, keras):
    "Dense gradients of total, or None where nothing depends on a source."
    if isinstance(total, float):
        return [None] * len(sources)
    return [dense(g) for g in tape.gradient(total, sources)]


def dense(g):
    "TensorFlow gives the gradient of a gather as a list of rows: add them up."
    if not hasattr(g, "indices"):
        return g
    values = np.asarray(g.values)
    total = np.zeros([int(size) for size in g.dense_shape], values.dtype)
    np.add.at(total, np.asarray(g.indices), values)
    return total


def leaves(tree):
    if isinstance(tree, dict):
        tree = tree.values()
    if isinstance(tree, (list, tuple)) or type(tree).__name__ == "dict_values":
        return [leaf for item in tree for leaf in leaves(item)]
    return [tree]


def floating(tree, keras):
    "The floating tensors in a nest of arguments."
    tensors = [leaf for leaf in leaves(tree) if keras.ops.is_tensor(leaf)]
    return [t for t in tensors if "float" in keras.backend.standardize_dtype(t.dtype)]


def fixed_weights(shape, dtype):
    "Numbers between -1 and 1 that depend on the shape alone."
    n = int(np.prod(shape, dtype=int))
    return np.round(np.cos(1.0 + 2.0 * np.arange(n)), 2).reshape(shape).astype(dtype)


def weighted_sum(out, keras):
    total = 0.0
    for tensor in floating(out, keras):
        dtype = keras.backend.standardize_dtype(tensor.dtype)
        weights = fixed_weights(tuple(tensor.shape), "float64")
        weights = keras.ops.convert_to_tensor(weights, dtype=dtype)
        total = total + keras.ops.sum(tensor * weights)
    return total


def play_layer(case, keras):
    "Output, weights' names and shapes, and gradients of inputs and weights."
    layer = find(keras.layers, case["name"])(**decode(case["config"]))
    args = decode(case["args"], tensor_of(keras))
    kwargs = decode(case.get("kwargs", {}), tensor_of(keras))
    layer.build(tuple(args[0].shape))
    if case.get("weights"):
        layer.set_weights(decode(case["weights"]))
    sources = floating(args, keras) + list(layer.trainable_weights)
    with keras.GradientTape() as tape:
        for source in floating(args, keras):
            tape.watch(source)
        out = layer(*args, **kwargs)
        total = weighted_sum(out, keras)
    shapes = [[w.name, list(w.shape), w.trainable] for w in layer.weights]
    batched = (None, *args[0].shape[1:])
    yield "out", out
    yield "shapes", shapes
    yield "output_shape", encode_shape(layer.compute_output_shape(batched))
    yield "grads", gradients(tape, total, sources, keras)


def encode_shape(shape):
    return [None if size is None else int(size) for size in shape]


def play_loss(case, keras):
    return differentiate(
        case, keras, find(keras.losses, case["name"])(**decode(case["config"]))
    )


def play_metric(case, keras):
    "The result after each update, and after reset_state."
    metric = find(keras.metrics, case["name"])(**case["config"])
    results = []
    for update in case["updates"]:
        metric.update_state(*decode(update.get("args", [])), **decode(update["kwargs"]))
        results.append(encode(metric.result()))  # now: it may be a variable
    metric.reset_state()
    yield "out", results
    yield "reset", metric.result()
    yield "name_given", metric.name


def play_optimizer(case, keras):
    "Two variables after each of 20 steps on fixed gradients, and the slots at the end."
    variables = [keras.Variable(decode(start)) for start in case["starts"]]
    optimizer = find(keras.optimizers, case["name"])(**case["config"])
    steps = []
    for step in range(case["steps"]):
        gradients = [
            keras.ops.convert_to_tensor(fixed_gradient(v.shape, step, i))
            for i, v in enumerate(variables)
        ]
        optimizer.apply_gradients(zip(gradients, variables))
        steps.append([keras.ops.convert_to_numpy(v.value) for v in variables])
    yield "out", {str(i + 1): steps[i] for i in (0, 1, 4, 9, case["steps"] - 1)}
    yield "slots", [keras.ops.convert_to_numpy(v.value) for v in optimizer.variables]


def fixed_gradient(shape, step, i):
    n = int(np.prod(shape, dtype=int))
    wave = np.round(np.sin(0.7 * step + 1.3 * np.arange(n) + i), 3)
    return (3.0 * wave).astype("float32").reshape(tuple(shape))


def play_scenario(case, keras):
    module = import_module(f"tests.golden.cases.{case['module']}")
    yield "out", getattr(module, case["name"])(keras, **decode(case.get("kwargs", {})))


KINDS = {
    "op": play_op,
    "function": play_function,
    "layer": play_layer,
    "loss": play_loss,
    "metric": play_metric,
    "optimizer": play_optimizer,
    "scenario": play_scenario,
}

# ---- helpers for writing scenarios ---------------------------------------------------


def outcome(call, *args, **kwargs):
    "What a call returns or raises."
    try:
        return call(*args, **kwargs)
    except Exception as error:
        return error


def wave(*shape, phase=0.0, scale=2.0, dtype="float32"):
    "Round numbers without pattern between -scale and scale, the same everywhere."
    n = int(np.prod(shape, dtype=int))
    values = np.round(scale * np.sin(1.7 * np.arange(n) + 0.4 + phase), 2)
    return values.reshape(shape).astype(dtype)


__all__ = ["Raw", "fixed_gradient", "outcome", "play", "wave"]
