"""Small questions on which minikeras once answered otherwise than Keras."""

import numpy as np

from tests.golden.cases import scenarios
from tests.golden.player import outcome, wave


def cases():
    return list(scenarios("differences", [
        noise_of_whole_numbers, unknown_words, data_formats, weak_numbers,
        strong_numbers, logits_of_probabilities, slopes_at_the_far_end,
        one_row, no_length, whole_rates, smoothing_along_another_axis,
        division_by_zero, shapes, nadam_variables, unset_shapes, lone_sizes,
        no_room_before, one_weight_for_a_batch, no_batches, steps_together,
        one_variable_twice, one_variable_in_two_places,
    ]))  # fmt: skip


def noise_of_whole_numbers(keras):
    "dropout scales, so it takes no whole numbers; without training nothing happens."
    layer, x = keras.layers.Dropout(0.5, seed=1), np.ones((2, 3), "int32")
    flat = keras.layers.SpatialDropout1D(0.5, seed=1)
    draw = keras.random.dropout
    return [
        outcome(layer, x, training=True), layer(x), layer(x, training=False),
        outcome(layer, x > 0, training=True), keras.layers.Dropout(0)(x, training=True),
        outcome(flat, np.ones((2, 3, 4), "int32"), training=True),
        outcome(draw, x, 0.5, seed=1), draw(x, 0.0), outcome(draw, [1, 2], 0.5, seed=1),
    ]  # fmt: skip


def unknown_words(keras):
    "SeedGenerator takes no words that it does not know."
    return [
        outcome(keras.random.SeedGenerator, 1, foo=2),
        keras.random.SeedGenerator(1, name="x").name,
    ]


def data_formats(keras):
    "set_image_data_format takes capitals, and refuses other names."
    names, found = ["CHANNELS_FIRST", "Channels_Last", "channels_last"], []
    for name in names:
        keras.config.set_image_data_format(name)
        found.append(keras.config.image_data_format())
    return [*found, outcome(keras.config.set_image_data_format, "channels")]


DTYPES = ["int8", "uint8", "int32", "int64", "uint32", "float16", "float32", "float64"]


def dtypes_of(keras, names, numbers, dtypes):
    "The dtypes of f(x, number) and f(number, x)."
    found = []
    for name in names:
        function = getattr(keras.ops, name)
        for dtype in dtypes:
            x = keras.ops.ones((2,), dtype)
            for y in numbers:
                pair = function(x, y), function(y, x)
                found.append([keras.backend.standardize_dtype(z.dtype) for z in pair])
    return found


def weak_numbers(keras):
    "Functions beside which a number of Python's adopts the dtype of the tensor."
    names = ["floor_divide", "divide", "maximum", "add"]
    return dtypes_of(keras, names, [2, 2.0], DTYPES)


def strong_numbers(keras):
    "Functions that make a tensor of it first, int32 or float32."
    floats = ["mod", "arctan2", "logaddexp", "logaddexp2", "hypot", "heaviside"]
    whole = ["bitwise_and", "bitwise_or", "bitwise_xor", "left_shift", "right_shift"]
    return [
        *dtypes_of(keras, floats, [2, 2.0], DTYPES),
        *dtypes_of(keras, [*whole, "gcd", "lcm"], [2], DTYPES[:5]),
    ]


def logits_of_probabilities(keras):
    "Losses of what comes right out of softmax or sigmoid, where float32 ends."
    k, losses = keras.ops, keras.losses
    rows = k.convert_to_tensor([[0.0, 40.0], [60.0, -3.0], [1.0, 2.0]])
    y = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]], "float32")
    labels, near = np.array([0, 1, 0]), keras.layers.Softmax()(rows)
    dense = keras.layers.Dense(2, "softmax", kernel_initializer="ones", name="far")
    found = []
    for p in (k.softmax(rows), keras.activations.softmax(rows), near, 1 * near,
              k.sigmoid(rows), 1 * k.sigmoid(rows), k.softmax(rows, axis=0),
              dense(rows), k.convert_to_tensor(near)):  # fmt: skip
        found += [
            losses.categorical_crossentropy(y, p), k.categorical_crossentropy(y, p),
            losses.sparse_categorical_crossentropy(labels, p),
            losses.binary_crossentropy(y, p),
            losses.CategoricalCrossentropy(label_smoothing=0.1)(y, p),
            losses.BinaryCrossentropy(label_smoothing=0.1)(y, p),
            losses.SparseCategoricalCrossentropy(reduction="none")(labels, p),
        ]  # fmt: skip
    return found


def slopes_at_the_far_end(keras):
    "What a saturated softmax or sigmoid sends back."
    rows = keras.ops.convert_to_tensor([[0.0, 40.0], [60.0, -3.0]])
    y = np.array([[1.0, 0.0], [0.0, 1.0]], "float32")
    with keras.GradientTape(persistent=True) as tape:
        tape.watch(rows)
        soft, hard = keras.ops.softmax(rows), keras.ops.sigmoid(rows)
        one = keras.losses.sparse_categorical_crossentropy(np.array([0, 1]), soft)
        two = keras.losses.binary_crossentropy(y, hard)
    return [tape.gradient(z, rows) for z in (one, two)]


def one_row(keras):
    "normalize of vectors: an array counts as one row, a list does not."
    f, x = keras.utils.normalize, wave(4).astype("float64")
    return [f(x), f(x, axis=0), f(x, order=1), f(np.zeros(3)), f([3.0, 4.0])]


def no_length(keras):
    "pad_sequences to no length, cutting at the end."
    f = keras.utils.pad_sequences
    return [
        f([[1, 2], [3]], maxlen=0, truncating="post", padding="post"),
        outcome(f, [[1, 2], [3]], maxlen=-1),
    ]


def whole_rates(keras):
    "Rates that are whole numbers."
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([2, 4], [1, 2, 3])
    return [keras.backend.standardize_dtype(schedule(3).dtype)]


def smoothing_along_another_axis(keras):
    "Smoothed labels whose classes are not the last axis."
    y, p = np.eye(3, 2, dtype="float32"), np.full((3, 2), 0.3, "float32")
    return [keras.losses.categorical_crossentropy(y, p, axis=0, label_smoothing=0.1)]


def division_by_zero(keras):
    "Whole numbers divided by 0."
    x, zero = keras.ops.array([1, 0, -3]), keras.ops.array([0, 0, 0])
    return [outcome(f, x, zero) for f in (keras.ops.floor_divide, keras.ops.mod)]


def shapes(keras):
    "Shapes that are one number, or an array of them."
    k = keras.ops
    given = [np.int64(3), 3, np.array([2, 3]), (np.int64(2), 3)]
    return [tuple(f(s).shape) for f in (k.zeros, k.ones) for s in given]


def unset_shapes(keras):
    "Draws in a shape that is not known."
    r = keras.random
    return [outcome(f, s) for f in (r.normal, r.uniform) for s in (None, (2, None))]


def nadam_variables(keras):
    "Which variables of Nadam can be trained, by path."
    optimizer = keras.optimizers.Nadam(name="nadam")
    optimizer.build([keras.Variable(np.ones(3), name="kernel")])
    paths = [v.path for v in optimizer.variables if v.path.startswith("nadam")]
    return [paths, [bool(v.trainable) for v in optimizer.variables]]


def lone_sizes(keras):
    "A number, or a tensor or array of one, in the place of a shape."
    k, r = keras.ops, keras.random
    draws = [r.uniform, r.normal, r.truncated_normal, lambda s: r.randint(s, 0, 3),
             lambda s: r.gamma(s, 1.0), lambda s: r.beta(s, 1.0, 1.0),
             lambda s: r.binomial(s, 3.0, 0.5), lambda s: k.full(s, 1.0)]  # fmt: skip
    sizes = [3, np.int64(3), np.array(3), k.convert_to_tensor(3)]
    refused = [isinstance(outcome(f, s), Exception) for f in draws for s in sizes[:3]]
    taken = [tuple(f(s).shape) for f in (k.zeros, k.ones, k.empty) for s in sizes]
    unknown = [outcome(f, (None, 2)) for f in (k.zeros, k.ones, *draws)]
    return [refused, taken, unknown]


def no_room_before(keras):
    "pad_sequences to no length, cutting at the front."
    return [outcome(keras.utils.pad_sequences, [[1, 2], [3]], maxlen=0)]


X, Y = wave(4, 3), wave(4, 1, phase=1.0)


def line(keras, **options):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, "linear", True)])
    model.layers[-1].set_weights([wave(3, 1), wave(1)])
    model.compile("sgd", "mse", **options)
    return model


def one_weight_for_a_batch(keras):
    "A number, of Python or NumPy or a tensor, as the weight of a whole batch."
    numbers = [2.0, 3, np.float32(2), np.array(2.0), keras.ops.convert_to_tensor(2.0)]
    return [
        [model.train_on_batch(X, Y, sample_weight=w), model.get_weights()]
        for w in numbers
        for model in [line(keras)]
    ] + [line(keras).test_on_batch(X, Y, sample_weight=w) for w in numbers]


def no_batches(keras):
    "Sources that give nothing."

    class Empty(keras.utils.PyDataset):
        def __len__(self):
            return 0

        def __getitem__(self, index):
            return X, Y

    found = []
    for source in (lambda: iter(()), Empty):
        model = line(keras)
        found += [
            outcome(model.evaluate, source(), verbose=0),
            outcome(model.predict, source(), verbose=0),
            outcome(model.fit, source(), verbose=0),
            outcome(model.fit, X, Y, validation_data=source(), verbose=0),
        ]
    return found


def steps_together(keras):
    "steps_per_execution that is no number of steps."
    return [
        outcome(line(keras, steps_per_execution=n).fit, X, Y, verbose=0)
        for n in (1.5, 2.0, "text", None, 0)
    ]


def numbers_of_weights(layer, *actions):
    found = []
    for action in actions:
        action()
        found.append(len(layer.weights))
    return found


def one_variable_twice(keras):
    "A variable that is assigned to one attribute twice, and deleted."
    layer, v = keras.layers.Layer(), keras.Variable(np.ones(2))
    put, away = (lambda: setattr(layer, "a", v)), lambda: delattr(layer, "a")
    return numbers_of_weights(layer, put, put, away, put, away)


def one_variable_in_two_places(keras):
    "One of them is deleted."
    layer, v = keras.layers.Layer(), keras.Variable(np.ones(2))
    return numbers_of_weights(
        layer,
        lambda: setattr(layer, "a", v),
        lambda: setattr(layer, "b", v),
        lambda: delattr(layer, "a"),
        lambda: delattr(layer, "b"),
    )
