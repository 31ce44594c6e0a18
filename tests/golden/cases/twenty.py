"""Twenty steps of `train_on_batch`, and `fit`, for models of every make.

All read the digits, 32 at a time in the order of the file.  Weights with two axes or
more are drawn by NumPy (`initial_weights`); the others keep what their initializer gave.
"""

import warnings

import numpy as np

from tests.golden.cases import Table
from tests.golden.cases.training import digits, floats, initial_weights

KINDS, BATCH = {}, 32


def kind(function):
    KINDS[function.__name__] = function
    return function


# A kind gives (model, words of compile, x, y, sample_weight) from images and labels.


@kind
def sequential(k, images, labels):
    "Flatten, Dense, Dense"
    return k.Sequential(
        [k.Input((8, 8)), k.layers.Flatten(), k.layers.Dense(16, "relu"),
         k.layers.Dense(10)]
    ), {}, images, labels, None  # fmt: skip


@kind
def deferred(k, images, labels):
    "A Sequential without Input, built by its first batch; softmax and names"
    model = k.Sequential(
        [k.layers.Flatten(), k.layers.Dense(16, "tanh"), k.layers.Dense(10, "softmax")]
    )
    words = {"loss": "ce", "metrics": ["acc"]}
    return model, words, images, labels, None


def halves(k):
    upper, lower = k.Input((4, 8), name="upper"), k.Input((4, 8), name="lower")
    flat = k.layers.Flatten()
    return upper, lower, flat(upper), flat(lower)


@kind
def two_and_two(k, images, labels):
    "Two inputs, two outputs, two losses with weights, metrics by output"
    upper, lower, a, b = halves(k)
    both = k.layers.Dense(16, "relu")(a) + k.layers.Dense(16, "relu")(b)
    outputs = [
        k.layers.Dense(10, name="digit")(both),
        k.layers.Dense(1, name="ink")(both),
    ]
    words = {
        "loss": {"digit": crossentropy(k), "ink": "mse"},
        "loss_weights": {"digit": 1.0, "ink": 0.5},
        "metrics": {"digit": ["accuracy"], "ink": ["mae", "mse"]},
    }
    x = [images[:, :4], images[:, 4:]]
    return k.Model([upper, lower], outputs), words, x, [labels, ink(images)], None


@kind
def dicts(k, images, labels):
    "Inputs and outputs in dicts; sample weights for each output"
    upper, lower, a, b = halves(k)
    both = k.ops.tanh(k.layers.Dense(16)(a) * k.layers.Dense(16)(b))
    outputs = {"d": k.layers.Dense(10)(both), "i": k.layers.Dense(1)(both)}
    model = k.Model({"upper": upper, "lower": lower}, outputs)
    words = {
        "loss": {"d": crossentropy(k), "i": "mae"},
        "weighted_metrics": {"d": ["accuracy"]},
        "metrics": None,
    }
    x = {"upper": images[:, :4], "lower": images[:, 4:]}
    weight = {"d": 0.5 + labels / 10.0, "i": np.ones(len(labels))}
    return model, words, x, {"d": labels, "i": ink(images)}, weight


@kind
def shared(k, images, labels):
    "One Dense layer for both halves"
    upper, lower, a, b = halves(k)
    layer = k.layers.Dense(16, "relu")
    out = k.layers.Dense(10)(layer(a) * layer(b) - layer(b))
    return (
        k.Model([upper, lower], out),
        {},
        [images[:, :4], images[:, 4:]],
        labels,
        None,
    )


@kind
def nested(k, images, labels):
    "A Sequential in a Functional in a Functional"
    inner = k.Sequential(
        [k.Input((64,)), k.layers.Dense(16, "relu"), k.layers.Dense(12)]
    )
    flat = k.Input((64,))
    middle = k.Model(flat, [inner(flat), k.layers.Dense(12, "tanh")(flat)])
    image = k.Input((8, 8))
    a, b = middle(k.layers.Flatten()(image))
    return k.Model(image, k.layers.Dense(10)(a * b)), {}, images, labels, None


def own_class(k):
    class Own(k.Model):
        def __init__(self):
            super().__init__()
            self.flat = k.layers.Flatten()
            self.many = [k.layers.Dense(12, "relu"), k.layers.Dense(12, "tanh")]
            self.out = k.layers.Dense(10)

        def call(self, x, training=False):
            x = self.flat(x)
            for layer in self.many:
                x = layer(x)
            return self.out(x)

    return Own


@kind
def subclassed(k, images, labels):
    "A Model with layers in a list"
    return own_class(k)(), {}, images, labels, None


@kind
def without_training(k, images, labels):
    "A `call` that does not take `training`, and a loss from add_loss"

    class Own(k.Model):
        def __init__(self):
            super().__init__()
            self.flat, self.out = k.layers.Flatten(), k.layers.Dense(10)

        def call(self, inputs):
            x = self.flat(inputs)
            self.add_loss(0.01 * k.ops.mean(k.ops.square(self.out(x))))
            return self.out(x)

    return Own(), {}, images, labels, None


@kind
def custom_step(k, images, labels):
    "A train_step of its own, with the compiled loss and a metric of its own"

    class Own(own_class(k)):
        def __init__(self):
            super().__init__()
            self.length = k.metrics.Mean(name="length")

        def train_step(self, data):
            x, y = data[:2]
            with k.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = self.compute_loss(x=x, y=y, y_pred=y_pred)
            gradients = tape.gradient(loss, self.trainable_weights)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_weights))
            self.length.update_state(sum(k.ops.sum(g * g) for g in gradients))
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
                elif metric.name != "length":
                    metric.update_state(y, y_pred)
            return {m.name: m.result() for m in self.metrics}

    return Own(), {}, images, labels, None


@kind
def custom_loss_and_metrics(k, images, labels):
    "compute_loss and compute_metrics of its own"

    class Own(own_class(k)):
        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None):
            main = super().compute_loss(x, y, y_pred, sample_weight)
            return main + 0.1 * k.ops.mean(k.ops.abs(y_pred))

        def compute_metrics(self, x, y, y_pred, sample_weight=None):
            logs = super().compute_metrics(x, y, y_pred, sample_weight)
            return logs | {"largest": k.ops.max(y_pred)}

    return Own(), {}, images, labels, None


@kind
def autoencoder(k, images, labels):
    "The images as their own labels, and no labels at all: only add_loss"

    class Own(k.Model):
        def __init__(self):
            super().__init__()
            self.flat = k.layers.Flatten()
            self.inner, self.outer = k.layers.Dense(6, "tanh"), k.layers.Dense(64)

        def call(self, x):
            flat = self.flat(x)
            out = self.outer(self.inner(flat))
            self.add_loss(k.ops.mean(k.ops.square(out - flat)))
            return out

    return Own(), {"loss": None, "metrics": None}, images, None, None


@kind
def weights(k, images, labels):
    "Sample weights, and metrics that see them"
    model, _, x, y, _ = sequential(k, images, labels)
    return model, {"weighted_metrics": ["accuracy"]}, x, y, 0.5 + labels / 10.0


@kind
def regularized(k, images, labels):
    "Penalties on kernel, bias and activity"
    layer = k.layers.Dense(
        16, "relu", kernel_regularizer="l2", bias_regularizer="l1",
        activity_regularizer=k.regularizers.L2(0.001),
    )  # fmt: skip
    return k.Sequential(
        [k.Input((8, 8)), k.layers.Flatten(), layer, k.layers.Dense(10)]
    ), {}, images, labels, None  # fmt: skip


@kind
def masks(k, images, labels):
    "Rows of an image as steps, empty rows masked; a label for each step"
    model = k.Sequential(
        [k.Input((8, 8)), k.layers.Masking(), k.layers.Dense(16, "relu"),
         k.layers.Dense(10)]
    )  # fmt: skip
    hollow = images * (np.arange(8) % 3 > 0)[None, :, None].astype("float32")
    return model, {}, hollow, np.repeat(labels[:, None], 8, axis=1), None


@kind
def embedded(k, images, labels):
    "Grey values as words, 0 masked"
    words = (images[:, ::2, ::2] * 16).astype("int32").reshape(len(images), -1)
    model = k.Sequential(
        [k.Input((16,), dtype="int32"), k.layers.Embedding(17, 4, mask_zero=True),
         k.layers.Flatten(), k.layers.Dense(10)]
    )  # fmt: skip
    return model, {}, words, labels, None


@kind
def normalized(k, images, labels):
    "BatchNormalization and LayerNormalization"
    return k.Sequential(
        [k.Input((8, 8)), k.layers.Flatten(), k.layers.Dense(16, use_bias=False),
         k.layers.BatchNormalization(momentum=0.9), k.layers.Activation("relu"),
         k.layers.LayerNormalization(), k.layers.Dense(10)]
    ), {}, images, labels, None  # fmt: skip


@kind
def frozen(k, images, labels):
    "A layer that is not trained"
    model = sequential(k, images, labels)[0]
    model.layers[1].trainable = False
    return model, {}, images, labels, None


def mixed(k, images, labels, policy):
    return k.Sequential(
        [k.Input((8, 8)), k.layers.Flatten(),
         k.layers.Dense(16, "relu", dtype=policy), k.layers.Dense(16, dtype=policy),
         k.layers.Dense(10, dtype="float32")]
    ), {}, images, labels, None  # fmt: skip


@kind
def mixed_float16(k, images, labels):
    "Layers that compute in float16"
    return mixed(k, images, labels, "mixed_float16")


@kind
def mixed_bfloat16(k, images, labels):
    "Layers that compute in bfloat16"
    return mixed(k, images, labels, "mixed_bfloat16")


def crossentropy(k):
    return k.losses.SparseCategoricalCrossentropy(from_logits=True)


def ink(images):
    return images.mean(axis=(1, 2))[:, None]


OPTIMIZERS = {
    "SGD": {"learning_rate": 0.1},
    "Momentum": {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True},
    "Adam": {"learning_rate": 0.01},
    "AdamW": {"learning_rate": 0.01, "weight_decay": 0.05},
    "RMSprop": {"learning_rate": 0.01, "momentum": 0.5, "centered": True},
    "Adagrad": {"learning_rate": 0.1},
    "Adadelta": {"learning_rate": 1.0},
    "Adamax": {"learning_rate": 0.01},
    "Nadam": {"learning_rate": 0.01},
    "Ftrl": {"learning_rate": 0.1},
    "Lion": {"learning_rate": 0.003},
    "Lamb": {"learning_rate": 0.01},
    "Adafactor": {"learning_rate": 0.01},
    "Clipped": {"learning_rate": 0.1, "global_clipnorm": 0.5, "use_ema": True},
    "Muon": {"learning_rate": 0.01},
    "ScheduleFreeAdamW": {"learning_rate": 0.01, "warmup_steps": 5},
    "Accumulated": {"learning_rate": 0.01, "gradient_accumulation_steps": 3},
    "Scheduled": lambda k: {
        "learning_rate": k.optimizers.schedules.ExponentialDecay(0.1, 5, 0.7)
    },
    "LossScaleOptimizer": lambda k: {
        "inner_optimizer": k.optimizers.SGD(0.1), "initial_scale": 64.0,
        "dynamic_growth_steps": 7,
    },
}  # fmt: skip
CLASSES = {
    "Momentum": "SGD", "Clipped": "SGD", "Accumulated": "Adam", "Scheduled": "SGD"
}  # fmt: skip


def start(k, name, optimizer):
    "A compiled model of a kind with fixed weights, and its data."
    images, labels = digits()
    model, words, x, y, weight = KINDS[name](k, images, labels)
    if not model.built:
        model(cut(x, slice(0, 2)))
    drawn = iter(initial_weights([w.shape for w in model.weights], 7))
    held = [k.ops.convert_to_numpy(w) for w in model.weights]
    model.set_weights([d if d.ndim > 1 else w for d, w in zip(drawn, held)])
    cls = getattr(k.optimizers, CLASSES.get(optimizer, optimizer))
    options = OPTIMIZERS[optimizer]
    options = options(k) if callable(options) else options
    default = {"loss": crossentropy(k), "metrics": ["accuracy"]}
    model.compile(cls(**options), **(default | words))
    return model, x, y, weight


def cut(nest, rows):
    if isinstance(nest, dict):
        return {key: cut(value, rows) for key, value in nest.items()}
    if isinstance(nest, list):
        return [cut(value, rows) for value in nest]
    return None if nest is None else nest[rows]


def steps(k, name, optimizer):
    "The logs of twenty steps, and what the weights are then."
    model, x, y, weight = start(k, name, optimizer)
    logs = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for step in range(20):
            rows = slice(step * BATCH, (step + 1) * BATCH)
            x1, y1, w1 = (cut(part, rows) for part in (x, y, weight))
            logs.append(floats(model.train_on_batch(x1, y1, w1, return_dict=True)))
    final = [k.ops.convert_to_numpy(w).astype("float64") for w in model.weights]
    return {
        "losses": {key: [log[key] for log in logs] for key in sorted(logs[0])},
        "weights": [[float(w.mean()), float(np.sqrt((w * w).mean()))] for w in final],
    }


def history(k, name, optimizer):
    "History of three epochs over 200 rows with validation, and evaluate's list."
    model, x, y, weight = start(k, name, optimizer)
    whole = name in ("two_and_two", "dicts")  # Keras weighs their batches alike
    ends = (192, 264) if whole else (200, 277)
    train, check = ([cut(p, rows) for p in (x, y, weight)] for rows in (
        slice(0, ends[0]), slice(200, ends[1])
    ))  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = model.fit(
            *train[:2], sample_weight=train[2], validation_data=tuple(check), epochs=3,
            batch_size=BATCH, shuffle=False, verbose=0,
        )  # fmt: skip
        listed = model.evaluate(*check[:2], sample_weight=check[2], verbose=0)
    return {
        "history": floats(found.history),
        "keys": list(found.history),
        "evaluate": floats(np.reshape(listed, -1).tolist()),
    }


def cases():
    table = Table()
    for name in KINDS:
        table.scenario("twenty", "steps", name=name, optimizer="Momentum")
        optimizer = "Momentum" if name == "embedded" else "Adam"
        table.scenario("twenty", "history", name=name, optimizer=optimizer)
    for optimizer in OPTIMIZERS:
        table.scenario("twenty", "steps", name="sequential", optimizer=optimizer)
    table.scenario("twenty", "history", name="sequential", optimizer="Clipped")
    return list(table)
