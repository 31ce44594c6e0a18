"""Layers that make one tensor of several: values, gradients, masks, shapes, errors."""

import numpy as np

from tests.golden.cases import Table
from tests.golden.cases._whole import whole
from tests.golden.player import outcome, wave

KINDS = "Add Subtract Multiply Average Maximum Minimum".split()
A, B, C = wave(2, 3, 4), wave(2, 3, 4, phase=1.0), wave(2, 3, 4, phase=2.0)
FLAT, ONE = wave(2, 4, phase=3.0), wave(2, 1, 4, phase=4.0)
EARLY = [[True, True, False], [True, False, False]]
LATE = [[False, True, False], [False, True, True]]


def cases():
    table = Table()

    def add(name, *inputs, masks=None, **config):
        details = {"masks": masks} if masks else {}
        table.scenario(
            "merging",
            "merged",
            layer=name,
            config=config,
            inputs=list(inputs),
            **details,
        )

    for name in KINDS:
        add(name, A, B)
        add(name, A, FLAT)
        add(name, ONE, B)
        add(name, A, B, masks=[EARLY, LATE])
        add(name, A, B, masks=[EARLY, None])
        add(name, A.astype("float16"), B.astype("float16"), dtype="float16")
        add(name, A.astype("float16"), B, dtype="mixed_bfloat16")
        add(name, (A * 3).astype("int32"), (B * 3).astype("int32"))
        if name != "Subtract":
            add(name, A, B, C)
            add(name, FLAT, A, ONE)
            add(name, A)
            add(name, A, B, C, masks=[EARLY, LATE, EARLY])
    joined(table, add)
    dotted(table, add)
    for name in SCENARIOS:
        table.scenario("merging", name)
    return list(table)


def joined(table, add):
    add("Concatenate", A, B)
    add("Concatenate", A, B, C, axis=1)
    add("Concatenate", A, wave(2, 5, 4), axis=1)
    add("Concatenate", A, wave(2, 5, 4), axis=-2)
    add("Concatenate", A, B, axis=2, dtype="float64")
    add("Concatenate", A, B, masks=[EARLY, LATE])
    add("Concatenate", A, B, masks=[EARLY, None])
    add("Concatenate", A, B, axis=1, masks=[EARLY, LATE])
    add("Concatenate", A)
    add("Concatenate", (A * 3).astype("int32"), (B * 3).astype("int32"))


def dotted(table, add):
    x, y = wave(2, 3, 4), wave(2, 5, 4, phase=1.0)
    for normalize in (False, True):
        add("Dot", FLAT, ONE[:, 0], axes=1, normalize=normalize)
        add("Dot", x, y, axes=2, normalize=normalize)
        add("Dot", x, FLAT, axes=-1, normalize=normalize)
        add("Dot", x, wave(2, 4, 3), axes=(1, 2), normalize=normalize)
        add("Dot", FLAT, x, axes=[1, 2], normalize=normalize)
    add("Dot", wave(2, 3, 2, 4), wave(2, 4, 3, phase=1.0), axes=(3, 1))
    add("Dot", wave(2, 3, 2, 4), wave(2, 2, 3, 2, phase=1.0), axes=(2, 3))
    add("Dot", wave(2, 3, 2, 4), wave(2, 3, phase=1.0), axes=1)
    add("Dot", A.astype("float16"), B.astype("float16"), axes=2, dtype="float16")
    add("Dot", A, B, axes=2, masks=[EARLY, LATE])


def merged(k, layer, config, inputs, masks=None):
    "One layer on its inputs."
    if len(inputs) > 1:
        return whole(k, layer, config, inputs, masks=masks)
    instance = getattr(k.layers, layer)(**config)
    return instance([k.ops.convert_to_tensor(inputs[0])])


# ---- behaviour -----------------------------------------------------------------------

SCENARIOS = []


def scenario(function):
    SCENARIOS.append(function.__name__)
    return function


@scenario
def functional_aliases(k):
    "add, subtract and the others"
    found = [getattr(k.layers, name.lower())([A, B]) for name in KINDS]
    found.append(k.layers.concatenate([A, B], axis=1))
    found.append(k.layers.dot([A, B], axes=2, normalize=True))
    return found


@scenario
def shapes_with_unknown_sizes(k):
    "None on any axis"
    pairs = [
        [(None, 3), (None, 3)],
        [(None, None, 3), (None, 4, 3)],
        [(None, None, 3), (None, 1, 3)],
        [(5, 3), (None, 3)],
        [(None, 4, 1), (None, 3)],
        [(None, 4, 3), (None, 3)],
        [(2, 4, 3), (2, 4, 3)],
    ]
    add = [list(k.layers.Add().compute_output_shape(pair)) for pair in pairs]
    joined = [
        list(k.layers.Concatenate(axis=1).compute_output_shape(pair))
        for pair in ([(None, 2), (None, 3)], [(None, None, 3), (None, 4, 3)])
    ]
    dots = [
        list(k.layers.Dot(axes=axes).compute_output_shape(pair))
        for axes, pair in (
            (1, [(None, 3), (None, 3)]),
            (-1, [(None, None, 3), (None, 4, 3)]),
            ((1, 2), [(7, 3, 4), (7, None, 3)]),
        )
    ]
    return [add, joined, dots]


@scenario
def masks_computed(k):
    "compute_mask by itself"
    x, y = k.ops.convert_to_tensor(A), k.ops.convert_to_tensor(B)
    a, b = (k.ops.convert_to_tensor(np.array(m)) for m in (EARLY, LATE))
    found = []
    for layer in (k.layers.Add(), k.layers.Concatenate(axis=1), k.layers.Dot(axes=2)):
        for masks in (None, [None, None], [a, b], [a, None], a, [a], [a, b, a]):
            found.append(outcome(layer.compute_mask, [x, y], masks))
        found.append(outcome(layer.compute_mask, x, [a, b]))
    return found


@scenario
def bad_inputs(k):
    "One tensor, different batches, sizes that do not fit, wrong counts"
    layers = k.layers
    x3, x4, y3 = np.ones((2, 3), "f"), np.ones((2, 4), "f"), np.ones((5, 3), "f")
    deep = np.ones((2, 3, 4), "f")
    calls = [
        (layers.Add(), x3),
        (layers.Add(), [x3, x4]),
        (layers.Add(), [x3, y3]),
        (layers.Subtract(), [x3, x3, x3]),
        (layers.Subtract(), [x3]),
        (layers.Concatenate(), x3),
        (layers.Concatenate(axis=1), [x3, y3]),
        (layers.Concatenate(axis=1), [x3, deep]),
        (layers.Concatenate(axis=-1), [deep, np.ones((2, 4, 4), "f")]),
        (layers.Dot(axes=1), [x3, x4]),
        (layers.Dot(axes=1), [x3]),
        (layers.Dot(axes=1), [x3, x3, x3]),
        (layers.Dot(axes=1), x3),
        (layers.Dot(axes=0), [x3, x3]),
        (layers.Dot(axes=(1, 2)), [deep, deep]),
    ]
    return [outcome(layer, inputs) for layer, inputs in calls]


@scenario
def bad_axes(k):
    "axes of Dot: wrong types and counts"
    wrong = ("a", None, 1.5, (1,), (1, 2, 3), (1, "b"), (1, 1.5), [])
    return [outcome(k.layers.Dot, axes) for axes in wrong]


@scenario
def residual_network(k):
    "twenty steps of a network with two branches that meet twice"
    inputs = k.Input((4,))
    left = k.layers.Dense(4, activation="tanh", kernel_initializer="ones")(inputs)
    right = k.layers.Dense(4, kernel_initializer="ones")(inputs)
    x = k.layers.add([inputs, k.layers.multiply([left, right])])
    x = k.layers.concatenate([x, k.layers.maximum([left, right])])
    outputs = k.layers.Dense(1, kernel_initializer="ones")(x)
    model = k.Model(inputs, outputs)
    model.compile(k.optimizers.SGD(0.01), "mse")
    x, y = wave(12, 4, scale=0.5), wave(12, 1)
    return [float(model.train_on_batch(x, y)) for _ in range(20)]
