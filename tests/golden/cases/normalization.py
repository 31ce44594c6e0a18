"""Normalizing layers: values, gradients, moving averages, masks, configs, training."""

import numpy as np

from tests.golden.cases import Table
from tests.golden.cases._whole import whole
from tests.golden.player import outcome, wave

FLAT, CUBE, PICTURE = wave(5, 4), wave(3, 5, 4, phase=0.5), wave(2, 3, 2, 4, phase=1.0)
MASK = [[True, True, False, True, False], [True] * 5, [False] * 5]
GAMMA, BETA = wave(4, phase=2.0), wave(4, phase=3.0)
MEAN, VARIANCE = wave(4, phase=4.0), np.abs(wave(4, phase=5.0)) + np.float32(0.1)


def cases():
    table = Table()

    def add(name, x, weights=None, /, masks=None, training=None, **config):
        details = {"layer": name, "config": config, "x": x}
        options = {"weights": weights, "masks": masks, "training": training}
        details |= {key: value for key, value in options.items() if value is not None}
        table.scenario("normalization", "normalized", **details)

    batch(add)
    layer(add)
    group(add)
    others(add)
    for name in SCENARIOS:
        table.scenario("normalization", name)
    return list(table)


def normalized(k, layer, config, x, weights=None, masks=None, training=None):
    "One layer on one input."
    options = {} if training is None else {"training": training}
    masks = masks and [masks]
    return whole(k, layer, config, [x], weights=weights, masks=masks, **options)


def batch(add):
    name, full = "BatchNormalization", [GAMMA, BETA, MEAN, VARIANCE]
    for training in (None, False, True):
        for x in (FLAT, CUBE, PICTURE):
            add(name, x, full, training=training)
    add(name, FLAT, [GAMMA, MEAN, VARIANCE], training=True, center=False)
    add(name, FLAT, [BETA, MEAN, VARIANCE], training=True, scale=False)
    add(name, FLAT, [MEAN, VARIANCE], training=True, scale=False, center=False)
    add(name, FLAT, full, training=True, momentum=0.5, epsilon=0.1)
    add(name, FLAT, full, training=True, trainable=False)
    add(name, CUBE, axis=1, training=True)
    add(name, CUBE, axis=-2, training=False)
    add(name, PICTURE, axis=1, training=True)
    add(name, CUBE, full, masks=MASK, training=True)
    add(name, CUBE, full, masks=MASK)
    for policy in ("float16", "bfloat16", "mixed_float16", "mixed_bfloat16", "float64"):
        add(name, FLAT, training=True, dtype=policy)
        add(name, FLAT, training=False, dtype=policy)
    add(name, (FLAT * 4).astype("int32"), training=True)
    add(name, FLAT, training=True, renorm=True)
    add(name, CUBE, training=True, renorm=True, scale=False, center=False)
    clipping = {"rmax": 1.5, "rmin": 0.5, "dmax": 0.3}
    add(name, FLAT, training=True, renorm=True, renorm_clipping=clipping)
    add(name, FLAT, training=False, renorm=True)
    add(
        name,
        FLAT,
        training=True,
        beta_initializer="ones",
        gamma_initializer="zeros",
        moving_mean_initializer="ones",
        moving_variance_initializer={
            "class_name": "Constant",
            "config": {"value": 4.0},
        },
        beta_regularizer="l2",
        gamma_regularizer="l1",
        beta_constraint="non_neg",
        gamma_constraint="max_norm",
        synchronized=True,
    )


def layer(add):
    name = "LayerNormalization"
    for x in (FLAT, CUBE, PICTURE):
        add(name, x, [GAMMA, BETA])
    add(name, FLAT, [GAMMA], center=False)
    add(name, FLAT, [BETA], scale=False)
    add(name, FLAT, scale=False, center=False, epsilon=0.1)
    add(name, CUBE, axis=1)
    add(name, CUBE, axis=[1, 2])
    add(name, CUBE, [wave(5, 4), wave(5, 4, phase=1.0)], axis=(2, 1))
    add(name, PICTURE, axis=[-3, -1])
    add(name, CUBE, [GAMMA], rms_scaling=True)
    add(name, CUBE, [GAMMA, BETA], masks=MASK)
    for policy in ("float16", "bfloat16", "mixed_float16"):
        add(name, FLAT, dtype=policy)
    add(name, FLAT.astype("float64"), dtype="float64")
    add(name, FLAT.astype("float16"), dtype="mixed_float16")
    add(name, FLAT, beta_initializer="ones", gamma_regularizer="l2", name="norm")


def group(add):
    name = "GroupNormalization"
    for groups in (1, 2, 4, -1):
        for x in (FLAT, CUBE, PICTURE):
            add(name, x, [GAMMA, BETA], groups=groups)
    add(name, FLAT, [GAMMA], groups=2, center=False)
    add(name, FLAT, [BETA], groups=2, scale=False)
    add(name, FLAT, groups=2, scale=False, center=False, epsilon=0.1)
    add(name, wave(2, 6, 3), groups=3, axis=1)
    add(name, wave(2, 3, 6, 2), groups=3, axis=-2)
    add(name, CUBE, groups=2, masks=MASK)
    for policy in ("float16", "mixed_bfloat16"):
        add(name, FLAT, groups=2, dtype=policy)
    add(name, FLAT.astype("float64"), groups=2, dtype="float64")


def others(add):
    for x in (FLAT, CUBE, PICTURE):
        add("UnitNormalization", x)
        add("RMSNormalization", x, [GAMMA])
    for axis in (1, -2, [1, 2], (-1, -2)):
        add("UnitNormalization", CUBE, axis=axis)
    add("UnitNormalization", np.zeros((2, 3), "float32"))
    add("UnitNormalization", CUBE, masks=MASK)
    add("UnitNormalization", FLAT.astype("float16"), dtype="float16")
    add("RMSNormalization", CUBE, axis=[1, 2])
    add("RMSNormalization", FLAT, epsilon=0.1)
    add("RMSNormalization", FLAT.astype("float16"), dtype="float16")
    add("RMSNormalization", FLAT, dtype="mixed_float16")


# ---- behaviour -----------------------------------------------------------------------

SCENARIOS = []


def scenario(function):
    SCENARIOS.append(function.__name__)
    return function


@scenario
def moving_averages(k):
    "five batches, the last one frozen"
    layer = k.layers.BatchNormalization(momentum=0.8)
    seen = []
    for i in range(5):
        layer.trainable = i < 4
        layer(wave(6, 2, phase=i), training=True)
        seen += [k.ops.convert_to_numpy(layer.moving_mean)]
        seen += [k.ops.convert_to_numpy(layer.moving_variance)]
    counts = [len(layer.trainable_weights), len(layer.non_trainable_weights)]
    return [seen, counts, [w.path for w in layer.weights]]


@scenario
def renorm_averages(k):
    "the averages of renorm over four batches"
    layer = k.layers.BatchNormalization(momentum=0.8, renorm=True, renorm_momentum=0.5)
    out = [layer(wave(6, 2, phase=i), training=True) for i in range(4)]
    return [out, [[w.name, k.ops.convert_to_numpy(w)] for w in layer.weights]]


@scenario
def groups_and_axes_after_build(k):
    "what build writes into groups and axis"
    group = k.layers.GroupNormalization(groups=-1)
    group.build((None, 5, 4))
    layers = [k.layers.LayerNormalization(axis=axis) for axis in (-1, [2, 1])]
    for layer in layers:
        layer.build((None, 5, 4))
    rms = k.layers.RMSNormalization()
    rms.build((None, 4))
    unit = k.layers.UnitNormalization(axis=(1, 2))
    axes = [list(layer.axis) for layer in (*layers, rms)]
    return [group.groups, axes, list(unit.axis), unit.built]


@scenario
def bad_arguments(k):
    "wrong axes, groups, clippings, shapes and masks"
    layers, x = k.layers, np.ones((2, 3, 4), "float32")
    kinds = (
        (layers.BatchNormalization, {"renorm": True, "renorm_clipping": {"a": 1.0}}),
        (
            layers.BatchNormalization,
            {"renorm": True, "renorm_clipping": {"rmax": 1.0, "rmin": 2.0}},
        ),
        (
            layers.BatchNormalization,
            {"renorm": True, "renorm_clipping": {"dmax": -1.0}},
        ),
        (layers.LayerNormalization, {"axis": 1.5}),
        (layers.LayerNormalization, {"axis": {"axis": -1}}),
        (layers.UnitNormalization, {"axis": "x"}),
        (layers.GroupNormalization, {"groups": 0}),
        (layers.GroupNormalization, {"groups": -2}),
        (layers.GroupNormalization, {"groups": 1.5}),
    )
    found = [outcome(kind, **config) for kind, config in kinds]
    calls = (
        (layers.GroupNormalization(groups=3), x),
        (layers.GroupNormalization(groups=8), x),
        (layers.BatchNormalization(axis=5), x),
        (layers.LayerNormalization(axis=5), x),
    )
    found += [outcome(layer, x) for layer, x in calls]
    norm = layers.BatchNormalization()
    found.append(outcome(norm, x, mask=np.ones((2, 3, 4), "bool")))
    found.append(outcome(norm, x, mask=np.ones((2,), "bool")))
    found.append(outcome(layers.GroupNormalization(2).build, (None, None)))
    for kind in (layers.BatchNormalization, layers.UnitNormalization):
        found.append(outcome(kind(axis=3).compute_output_shape, (2, 3)))
    return found


@scenario
def spectral(k):
    "three training calls and one in use, for kernels and embeddings, also of zeros"
    found = []
    for iterations, kernel in ((1, wave(4, 3)), (3, wave(4, 3)), (1, 0 * wave(4, 3))):
        layer = k.layers.SpectralNormalization(
            k.layers.Dense(3, name="inner"), power_iterations=iterations, name="outer"
        )
        layer.build((None, 4))
        layer.kernel.assign(kernel)
        layer.vector_u.assign(wave(1, 3, phase=1.0))
        found += [layer(FLAT, training=True) for _ in range(3)]
        found.append(layer(FLAT))
        values = [k.ops.convert_to_numpy(w) for w in (layer.kernel, layer.vector_u)]
        names = [[w.path, w.trainable] for w in layer.weights]
        found.append([values, names, list(layer.compute_output_shape((None, 4)))])
        config = layer.get_config()
        found.append([config.pop("layer")["class_name"], config])
    table = k.layers.SpectralNormalization(k.layers.Embedding(5, 2))
    table.build((None, 3))
    found.append([list(w.shape) for w in table.weights])
    wrong = (k.layers.SpectralNormalization, k.layers.Dense(2))
    found.append(outcome(*wrong, power_iterations=0))
    found.append(
        outcome(k.layers.SpectralNormalization(k.layers.Identity()).build, (2, 3))
    )
    return found


def network(k, policy=None):
    constant = k.initializers.Constant
    start = {"kernel_initializer": constant(wave(4, 4, scale=0.5))}
    rows = [
        k.Input((4,)),
        k.layers.Dense(4, name="a", use_bias=False, dtype=policy, **start),
        k.layers.BatchNormalization(momentum=0.9, name="b", dtype=policy),
        k.layers.Activation("tanh", dtype=policy),
        k.layers.Dense(4, name="c", dtype=policy, **start),
        k.layers.LayerNormalization(name="d", dtype=policy),
        k.layers.Dense(1, kernel_initializer=constant(wave(4, 1)), name="e"),
    ]
    return k.Sequential(rows)


def twenty_steps(k, optimizer, freeze=False):
    model = network(k)
    model.layers[1].trainable = not freeze
    model.compile(optimizer, "mse")
    x, y = wave(24, 4), wave(24, 1, scale=1.0)
    losses = []
    for step in range(20):
        rows = slice(8 * (step % 3), 8 * (step % 3) + 8)
        losses.append(float(model.train_on_batch(x[rows], y[rows])))
    norm = model.get_layer("b")
    state = [norm.moving_mean, norm.moving_variance, norm.gamma, norm.beta]
    used = model.predict(x, verbose=0)
    return [losses, [k.ops.convert_to_numpy(v) for v in state], used]


@scenario
def training_with_sgd(k):
    "losses of twenty steps, moving averages, predictions"
    return twenty_steps(k, k.optimizers.SGD(0.02))


@scenario
def training_with_adam(k):
    "the same with Adam"
    return twenty_steps(k, k.optimizers.Adam(0.01))


@scenario
def training_frozen(k):
    "a frozen batch normalization keeps its averages in fit"
    return twenty_steps(k, k.optimizers.SGD(0.02), freeze=True)


@scenario
def training_history(k):
    "fit with validation data: history of losses, in training and in use"
    model = network(k)
    model.compile(k.optimizers.SGD(0.01, momentum=0.9), "mse")
    x, y = wave(24, 4), wave(24, 1, scale=1.0)
    options = {"batch_size": 8, "epochs": 4, "shuffle": False, "verbose": 0}
    found = model.fit(x, y, validation_data=(x[:6], y[:6]), **options).history
    return {key: [float(v) for v in values] for key, values in found.items()}
