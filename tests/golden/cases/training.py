"""Twenty steps and `fit` on the digits, from the same weights, in the same order.

The images are scaled to [0, 1]; batches of 32 in the order of the file.  Two models:
`sequential` (Flatten, Dense, Dense) and `functional` (the upper and lower half of the
image as two inputs, a sum, a skip connection).  Weights are in training.npz.
"""

import io
import json
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np

from tests.golden.cases import Table
from tests.golden.player import outcome

HERE = Path(__file__).resolve().parents[1]
DIGITS = HERE.parents[1] / "minikeras" / "datasets" / "digits.npz"
STEPS, BATCH = 20, 32
OPTIMIZERS = {
    "sgd": ("SGD", {"learning_rate": 0.1, "momentum": 0.9}),
    "adam": ("Adam", {"learning_rate": 0.01}),
}


def digits():
    with np.load(DIGITS, allow_pickle=False) as file:
        images, labels = file["images"], file["labels"]
    return (images / 16.0).astype("float32"), labels.astype("int32")


def inputs_of(kind, images):
    return images if kind == "sequential" else [images[:, :4], images[:, 4:]]


def build(k, kind):
    return {"sequential": sequential, "functional": functional}[kind](k)


def sequential(k):
    return k.Sequential(
        [
            k.Input((8, 8), name="image"),
            k.layers.Flatten(name="flat"),
            k.layers.Dense(32, activation="relu", name="hidden"),
            k.layers.Dense(10, name="logits"),
        ],
        name="digits",
    )


def functional(k):
    upper, lower = k.Input((4, 8), name="upper"), k.Input((4, 8), name="lower")
    a = k.layers.Dense(24, activation="relu", name="a")(
        k.layers.Flatten(name="fa")(upper)
    )
    b = k.layers.Dense(24, activation="relu", name="b")(
        k.layers.Flatten(name="fb")(lower)
    )
    both = a + b
    hidden = k.layers.Dense(24, activation="tanh", name="hidden")(both)
    logits = k.layers.Dense(10, name="logits")(k.ops.add(hidden, both))
    return k.Model([upper, lower], logits, name="halves")


def initial_weights(shapes, seed):
    "Glorot's limits, NumPy's old generator: the same everywhere."
    random = np.random.RandomState(seed)
    weights = []
    for shape in shapes:
        limit = np.sqrt(6.0 / sum(shape)) if len(shape) == 2 else 0.0
        weights.append(random.uniform(-limit, limit, shape).astype("float32"))
    return weights


def start(k, kind, weights):
    model = build(k, kind)
    model.set_weights(weights)
    return model


def make_optimizer(k, key):
    name, config = OPTIMIZERS[key]
    return getattr(k.optimizers, name)(**config)


def twenty_steps(k, kind, optimizer, weights):
    "Losses of each step, and the weights after the last."
    images, labels = digits()
    model, optimizer = start(k, kind, weights), make_optimizer(k, optimizer)
    loss_of = k.losses.SparseCategoricalCrossentropy(from_logits=True)
    losses = []
    for step in range(STEPS):
        rows = slice(step * BATCH, (step + 1) * BATCH)
        x, y = inputs_of(kind, images[rows]), labels[rows]
        with k.GradientTape() as tape:
            loss = loss_of(y, model(x, training=True))
        gradients = tape.gradient(loss, model.trainable_weights)
        optimizer.apply_gradients(zip(gradients, model.trainable_weights))
        losses.append(float(k.ops.convert_to_numpy(loss)))
    return losses, model.get_weights()


def record(keras, folder):
    "Write training.json and training.npz."
    stored, records = {}, []
    for seed, kind in enumerate(("sequential", "functional")):
        shapes = [tuple(w.shape) for w in build(keras, kind).weights]
        weights = initial_weights(shapes, seed)
        stored |= {f"{kind}/start/{i}": w for i, w in enumerate(weights)}
        for key in OPTIMIZERS:
            losses, final = twenty_steps(keras, kind, key, weights)
            stored |= {f"{kind}/{key}/{i}": w for i, w in enumerate(final)}
            records.append(
                {
                    "id": f"{kind}-{key}", "kind": "steps", "name": kind,
                    "optimizer": key, "losses": losses,
                }
            )  # fmt: skip
    np.savez_compressed(folder / "training.npz", **stored)
    from tests.golden.player import play
    from tests.golden.record import write

    fits = [case | play(case, keras) for case in fit_cases()]
    write("training", records + fits)
    print(f"training: {len(records)} runs of {STEPS} steps, {len(fits)} fits")
    for fit in fits:
        print("  ", fit["id"], json.dumps(fit["out"])[:300])


# ---- fit, evaluate, predict ----------------------------------------------------------


def fit_cases():
    table = Table()
    for name in FITS:
        table.scenario("training", name)
    return list(table)


FITS = []


def scenario(function):
    FITS.append(function.__name__)
    return function


def stored_weights(kind):
    from tests.golden import arrays

    found = {
        k: v for k, v in arrays("training").items() if k.startswith(f"{kind}/start")
    }
    return [found[f"{kind}/start/{i}"] for i in range(len(found))]


def compiled(k, kind="sequential", optimizer="sgd", **options):
    images, labels = digits()
    model = start(k, kind, stored_weights(kind))
    loss = k.losses.SparseCategoricalCrossentropy(from_logits=True)
    options = {"metrics": ["accuracy"]} | options
    model.compile(optimizer=make_optimizer(k, optimizer), loss=loss, **options)
    train = inputs_of(kind, images[:200]), labels[:200]
    check = inputs_of(kind, images[200:277]), labels[200:277]
    return model, train, check


def floats(tree):
    if isinstance(tree, dict):
        return {key: floats(value) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [floats(value) for value in tree]
    return float(tree)


def run_fit(model, *data, **options):
    options = {"epochs": 3, "batch_size": 32, "shuffle": False, "verbose": 0} | options
    history = model.fit(*data, **options)
    return {"history": floats(history.history), "epoch": list(history.epoch)}


@scenario
def fit_with_validation(k):
    "200 rows in batches of 32: the last has 8; 77 rows of validation"
    model, train, check = compiled(k)
    return run_fit(model, *train, validation_data=check)


@scenario
def fit_functional_with_adam(k):
    "Two inputs, a skip connection"
    model, train, check = compiled(k, "functional", "adam")
    return run_fit(model, *train, validation_data=check)


@scenario
def fit_with_sample_weight(k):
    "Weights enter the loss and its mean; accuracy stays unweighted"
    model, (x, y), check = compiled(k)
    weight = (0.5 + (np.arange(len(y)) % 3)).astype("float32")
    return run_fit(model, x, y, sample_weight=weight, validation_data=check)


@scenario
def fit_with_weighted_metrics(k):
    "weighted_metrics see the sample weights"
    model, (x, y), _ = compiled(k, metrics=None, weighted_metrics=["accuracy"])
    weight = (0.5 + (np.arange(len(y)) % 3)).astype("float32")
    return run_fit(model, x, y, sample_weight=weight)


@scenario
def fit_with_class_weight(k):
    "class_weight is a sample weight by label"
    model, train, _ = compiled(k)
    return run_fit(model, *train, class_weight={i: 0.5 + 0.25 * i for i in range(10)})


@scenario
def fit_with_validation_split(k):
    "The last quarter of the rows is held out"
    model, train, _ = compiled(k)
    return run_fit(model, *train, validation_split=0.25)


@scenario
def fit_with_validation_freq(k):
    "Validation after epochs 2 and 4"
    model, train, check = compiled(k)
    return run_fit(model, *train, epochs=4, validation_data=check, validation_freq=2)


@scenario
def fit_with_validation_batch_and_steps(k):
    "validation_batch_size and validation_steps"
    model, train, check = compiled(k)
    options = {"validation_batch_size": 16, "validation_steps": 2}
    return run_fit(model, *train, validation_data=check, **options)


@scenario
def fit_from_initial_epoch(k):
    "initial_epoch=2, epochs=4: two epochs, numbered 2 and 3"
    model, train, _ = compiled(k)
    return run_fit(model, *train, initial_epoch=2, epochs=4)


@scenario
def fit_with_steps_per_epoch(k):
    "A generator of batches, 5 steps an epoch"
    model, (x, y), _ = compiled(k)

    def batches():
        while True:
            for i in range(0, 192, 32):
                yield x[i : i + 32], y[i : i + 32]

    return run_fit(model, batches(), batch_size=None, steps_per_epoch=5)


@scenario
def fit_twice_continues(k):
    "The optimizer keeps its state between two calls"
    model, train, _ = compiled(k)
    return [run_fit(model, *train, epochs=1), run_fit(model, *train, epochs=1)]


@scenario
def fit_in_one_batch(k):
    "A batch size larger than the data"
    model, train, _ = compiled(k)
    return run_fit(model, *train, batch_size=1000)


@scenario
def fit_with_default_batch_size(k):
    "batch_size=None is 32"
    model, train, _ = compiled(k)
    return run_fit(model, *train, batch_size=None, epochs=1)


@scenario
def fit_mse_on_one_hot(k):
    "A string loss, a string optimizer, no metrics"
    model = start(k, "sequential", stored_weights("sequential"))
    images, labels = digits()
    model.compile(optimizer="sgd", loss="mse")
    return run_fit(model, images[:200], np.eye(10, dtype="float32")[labels[:200]])


@scenario
def fit_softmax_with_strings(k):
    "Softmax outputs, the loss and metrics by name"
    model = start(k, "sequential", stored_weights("sequential"))
    model = k.Sequential([*model.layers, k.layers.Activation("softmax")])
    images, labels = digits()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["acc"])
    return run_fit(model, images[:200], labels[:200])


@scenario
def fit_categorical_accuracy(k):
    "'accuracy' means categorical accuracy for one-hot labels"
    model, (x, y), _ = compiled(k)
    loss = k.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(make_optimizer(k, "sgd"), loss, metrics=["accuracy"])
    return run_fit(model, x, np.eye(10, dtype="float32")[y])


@scenario
def evaluate_forms(k):
    "A list, a dict, with sample weights, without metrics"
    model, _, (x, y) = compiled(k)
    weight = (np.arange(len(y)) % 2).astype("float32")
    listed = floats(model.evaluate(x, y, verbose=0, batch_size=32))
    named = floats(model.evaluate(x, y, verbose=0, return_dict=True))
    weighted = floats(model.evaluate(x, y, sample_weight=weight, verbose=0))
    model, _, _ = compiled(k, metrics=None)
    return [listed, named, weighted, floats(model.evaluate(x, y, verbose=0))]


@scenario
def predict_forms(k):
    "Shape and first row; steps"
    model, _, (x, _) = compiled(k)
    out = model.predict(x, batch_size=16, verbose=0)
    short = model.predict(x, batch_size=16, steps=2, verbose=0)
    return [list(out.shape), str(out.dtype), out[0], out[-1], list(short.shape)]


@scenario
def train_on_batch_results(k):
    "Running means, because nothing resets the metrics"
    model, (x, y), _ = compiled(k)
    first = floats(model.train_on_batch(x[:32], y[:32]))
    second = floats(model.train_on_batch(x[32:64], y[32:64], return_dict=True))
    test = floats(model.test_on_batch(x[:32], y[:32]))
    return [first, second, test, model.predict_on_batch(x[:2])]


@scenario
def metrics_names(k):
    "Before and after the first batch"
    model, train, _ = compiled(k)
    run_fit(model, *train, epochs=1)
    return model.metrics_names


@scenario
def callback_order(k):
    "Hooks of one epoch of two batches with validation, in order"
    model, (x, y), check = compiled(k)
    seen = []

    class Spy(k.callbacks.Callback):
        pass

    def hook(name):
        def method(self, *args, **kwargs):
            numbers = [arg for arg in args if isinstance(arg, int)]
            logs = [arg for arg in (*args, kwargs.get("logs")) if isinstance(arg, dict)]
            seen.append([name, numbers, sorted(logs[0]) if logs else []])

        return method

    for name in (
        "on_train_begin on_train_end on_epoch_begin on_epoch_end on_train_batch_begin "
        "on_train_batch_end on_test_begin on_test_end on_test_batch_begin "
        "on_test_batch_end"
    ).split():
        setattr(Spy, name, hook(name))
    options = {"epochs": 1, "batch_size": 100, "validation_batch_size": 100}
    run_fit(model, x, y, validation_data=check, callbacks=[Spy()], **options)
    return seen


@scenario
def own_train_step(k):
    "A subclass that overrides nothing but counts its calls"

    class Counting(k.Model):
        def __init__(self):
            super().__init__()
            self.flat, self.out = k.layers.Flatten(), k.layers.Dense(10, name="o")

        def call(self, x, training=False):
            return self.out(self.flat(x))

    model = Counting()
    images, labels = digits()
    model(images[:1])
    model.set_weights(initial_weights([(64, 10), (10,)], 3))
    loss = k.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(make_optimizer(k, "sgd"), loss, metrics=["accuracy"])
    return run_fit(model, images[:200], labels[:200], epochs=2)


@scenario
def verbose_two(k):
    "The log of verbose=2, times masked"
    model, train, check = compiled(k)
    text = io.StringIO()
    with redirect_stdout(text):
        run_fit(model, *train, validation_data=check, verbose=2, epochs=2)
        model.evaluate(*check, verbose=2)
    return mask_times(text.getvalue())


def mask_times(text):
    import re

    return re.sub(r"\d+(\.\d+)?(e-\d+)?(ms|us|s)(/step|/epoch)?", "TIME", text)


@scenario
def bad_lengths(k):
    "x and y of different length; not compiled; no loss; and what Keras lets pass"
    model, (x, y), _ = compiled(k)
    fresh = start(k, "sequential", stored_weights("sequential"))
    silent = start(k, "sequential", stored_weights("sequential"))
    silent.compile(optimizer="sgd")
    return [
        outcome(run_fit, model, x, y[:-1]),
        outcome(run_fit, fresh, x, y),
        outcome(run_fit, silent, x, y),
        outcome(run_fit, model, x[:0], y[:0]),
        outcome(run_fit, model, x, y, validation_split=1.5),
        outcome(run_fit, model, x, y, validation_split=0.999),
        outcome(fresh.evaluate, x, y, verbose=0),
    ]


@scenario
def generator_that_raises(k):
    "The user's own exception reaches the user"
    model, (x, y), _ = compiled(k)

    def batches():
        yield x[:32], y[:32]
        raise KeyError("my own")

    try:
        run_fit(model, batches(), batch_size=None, epochs=1)
    except KeyError:
        return "KeyError"
    except Exception as error:
        return type(error).__name__
    return "nothing"


@scenario
def callback_that_raises(k):
    "An exception of a callback passes unchanged"
    model, train, _ = compiled(k)

    class Bad(k.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise ZeroDivisionError("mine")

    return outcome(run_fit, model, *train, callbacks=[Bad()])
