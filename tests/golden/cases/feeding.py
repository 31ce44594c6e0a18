"""What fit takes as data, and which batches a training step sees of it.

The model's step writes down what it gets: shapes, dtypes and first numbers.  Shuffling
is off, since the two libraries draw different orders.
"""

import warnings

import numpy as np

from tests.golden.cases import Table
from tests.golden.player import outcome, wave

FOUND = []


def scenario(function):
    FOUND.append(function.__name__)
    return function


def cases():
    table = Table()
    for name in FOUND:
        table.scenario("feeding", name)
    return list(table)


def witness(k, seen):
    "A model whose steps tell the batches."

    class Witness(k.Model):
        def __init__(self):
            super().__init__()
            self.out = k.layers.Dense(1)

        def call(self, x):
            first = x
            while isinstance(first, (list, tuple, dict)):
                first = first[sorted(first)[0]] if isinstance(first, dict) else first[0]
            first = k.ops.cast(first, "float32")
            return self.out(k.ops.reshape(first, (k.ops.shape(first)[0], -1)))

        def compute_loss(self, x, y, y_pred, sample_weight, training=True):
            return k.ops.mean(y_pred)

        def train_step(self, data):
            seen.append(told(data))
            return super().train_step(data)

        def test_step(self, data):
            seen.append(told(data))
            return super().test_step(data)

        def predict_step(self, data):
            seen.append(told(data))
            return super().predict_step(data)

    model = Witness()
    model.compile("sgd", run_eagerly=True)
    return model


def told(data):
    "Shapes, dtypes and the first number of each part."
    if isinstance(data, dict):
        return {key: told(data[key]) for key in sorted(data)}
    if isinstance(data, (list, tuple)):
        return [told(part) for part in data]
    if data is None:
        return None
    array = np.asarray(data)
    dtype = str(array.dtype)
    return f"{dtype}{list(array.shape)} {float(array.ravel()[0]):.3g}"


def batches_of(k, *args, method="fit", **options):
    seen = []
    model = witness(k, seen)
    options = {"verbose": 0, "batch_size": 4} | options
    if method == "fit":
        options = {"shuffle": False} | options

    def run():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            getattr(model, method)(*args, **options)
        return seen

    return outcome(run)


X = wave(6, 3)
Y = wave(6, 1)


@scenario
def kinds_of_arrays(k):
    "Dtypes: floats become float32, integers and booleans stay"
    found = {}
    for dtype in ("float64", "float32", "float16", "int64", "int32", "uint8", "bool"):
        x = np.arange(18).reshape(6, 3).astype(dtype)
        found[dtype] = batches_of(k, x, Y.astype("float64"))
    return found


@scenario
def frames_and_series(k):
    "pandas: a series is a column; columns of different kinds"
    import pandas

    frame = pandas.DataFrame({"a": X[:, 0], "b": np.arange(6.0)})
    mixed = pandas.DataFrame({"a": np.arange(6), "b": np.arange(6.0)})
    whole = pandas.DataFrame({"a": np.arange(6), "b": np.arange(6)})
    flags = pandas.DataFrame({"a": np.arange(6.0), "b": np.arange(6) > 2})
    series = pandas.Series(np.arange(6))
    return [
        batches_of(k, frame, series),
        batches_of(k, mixed, series.astype("float64")),
        batches_of(k, whole, Y, sample_weight=series.astype("float64")),
        batches_of(k, flags, Y),
        batches_of(k, frame, series, validation_split=0.34),
        batches_of(k, {"a": frame["a"], "b": frame["b"]}, Y),
    ]


@scenario
def nests(k):
    "Lists, tuples and dicts of arrays"
    return [
        batches_of(k, [X, X[:, :2]], Y),
        batches_of(k, (X, X[:, :2]), Y),
        batches_of(k, {"b": X, "a": X[:, :2]}, {"y": Y}),
        batches_of(k, X, [Y]),
        batches_of(k, [X, None], Y),
        batches_of(k, {"a": [X, X], "b": X}, Y),
        batches_of(k, X, Y, sample_weight=np.arange(6.0)),
        batches_of(k, X, Y, sample_weight=np.arange(6)),
        batches_of(k, k.ops.convert_to_tensor(X), k.ops.convert_to_tensor(Y)),
    ]


@scenario
def class_weights(k):
    "Labels as numbers, floats, columns, one-hot; missing classes; conflicts"
    weight = {0: 2.0, 1: 0.5}
    numbers = np.array([0, 1, 2, 1, 0, 0])
    return [
        batches_of(k, X, numbers, class_weight=weight),
        batches_of(k, X, numbers.astype("float32"), class_weight=weight),
        batches_of(k, X, numbers[:, None], class_weight=weight),
        batches_of(k, X, np.eye(3, dtype="int32")[numbers], class_weight=weight),
        batches_of(k, X, numbers, class_weight=weight, sample_weight=np.ones(6)),
        batches_of(k, X, [numbers, numbers], class_weight=weight),
        batches_of(k, X, numbers, class_weight={}),
    ]


@scenario
def weights_of_outputs(k):
    "One array for all; a nest; a wrong nest; per step"
    y = [Y, Y[:, 0]]
    ones = np.ones(6, "float32")
    return [
        batches_of(k, X, y, sample_weight=ones),
        batches_of(k, X, y, sample_weight=ones[:, None]),
        batches_of(k, X, y, sample_weight=[ones, 2 * ones]),
        batches_of(k, X, {"a": Y, "b": Y}, sample_weight={"a": ones, "b": 2 * ones}),
        batches_of(k, X, y, sample_weight=[ones]),
        batches_of(k, X, {"a": Y, "b": Y}, sample_weight={"a": ones}),
        batches_of(k, X, y, sample_weight=np.ones((6, 3))),
    ]


@scenario
def batch_sizes(k):
    "Larger than the data, not dividing, by steps"
    return [
        batches_of(k, X, Y, batch_size=100),
        batches_of(k, X, Y, batch_size=1),
        batches_of(k, X, Y, batch_size=None, steps_per_epoch=4),
        batches_of(k, X, Y, batch_size=None),
        batches_of(k, X, Y, batch_size=2, steps_per_epoch=2, epochs=3),
        batches_of(k, X, Y, batch_size=2, steps_per_epoch=1, epochs=5),
    ]


@scenario
def wrong_lengths(k):
    "x, y and weights of different length"
    return [
        batches_of(k, X, Y[:-1]),
        batches_of(k, [X, X[:-1]], Y),
        batches_of(k, X, Y, sample_weight=np.ones(5)),
        batches_of(k, X, Y, validation_data=(X, Y[:2])),
    ]


def generator(parts=3, form=tuple):
    for i in range(parts):
        yield form([X[i : i + 2], Y[i : i + 2]])


@scenario
def generators(k):
    "Batches as they come; float64; weights; x alone; forms"

    def weighted():
        for i in range(2):
            yield X[i : i + 2].astype("float64"), Y[:2], np.array([1.0, 2.0])

    def alone():
        for _ in range(2):
            yield (X[:2],)

    def named():
        for _ in range(2):
            yield {"a": X[:2], "b": X[:2]}, {"y": Y[:2]}

    options = {"batch_size": None, "epochs": 1}
    return [
        batches_of(k, generator(), **options),
        batches_of(k, weighted(), **options),
        batches_of(k, named(), **options),
        batches_of(k, generator(4), steps_per_epoch=2, batch_size=None, epochs=2),
        batches_of(k, alone(), method="predict", batch_size=None),
        batches_of(k, generator(), method="evaluate", batch_size=None),
    ]


@scenario
def generator_refusals(k):
    "Labels, weights or class weights beside it; empty; a split"
    options = {"batch_size": None}
    return [
        batches_of(k, generator(), Y, **options),
        batches_of(k, generator(), sample_weight=np.ones(6), **options),
        batches_of(k, generator(), class_weight={0: 1.0}, **options),
        batches_of(k, generator(0), **options),
        batches_of(k, generator(), validation_split=0.2, **options),
        batches_of(k, "text", Y),
        batches_of(k, object(), Y),
    ]


def dataset_of(k, seen, batches=3, **options):
    class Own(k.utils.PyDataset):
        def __init__(self):
            super().__init__(**options)

        @property
        def num_batches(self):
            return batches

        def __getitem__(self, index):
            return X[:2] + index, Y[:2]

        def on_epoch_begin(self):
            seen.append("begin")

        def on_epoch_end(self):
            seen.append("end")

    return Own()


@scenario
def py_dataset(k):
    "Three batches, in order; by two threads too"
    options = {"batch_size": None, "epochs": 2}
    return [
        batches_of(k, dataset_of(k, []), **options),
        batches_of(k, dataset_of(k, [], workers=2), **options),
        batches_of(k, dataset_of(k, []), method="predict", batch_size=None),
        batches_of(k, dataset_of(k, [], workers=2), method="evaluate", batch_size=None),
        batches_of(k, dataset_of(k, [], None), steps_per_epoch=2, **options),
        batches_of(k, dataset_of(k, [], None, workers=2), steps_per_epoch=2, **options),
        batches_of(k, dataset_of(k, []), steps_per_epoch=2, **options),
        batches_of(k, dataset_of(k, []), class_weight={0: 2.0}, **options),
    ]


@scenario
def py_dataset_hooks(k):
    "When the dataset hears of epochs"
    found = []
    for options in ({}, {"workers": 2}):
        seen, val = [], []
        batches_of(
            k, dataset_of(k, seen, **options), validation_data=dataset_of(k, val),
            batch_size=None, epochs=2,
        )  # fmt: skip
        found.append([seen, val])
    seen = []
    batches_of(k, dataset_of(k, seen), method="predict", batch_size=None)
    return [*found, seen]


@scenario
def py_dataset_refusals(k):
    "Labels beside it; a bad batch; its own errors; a length of 0"

    class Bad(k.utils.PyDataset):
        def __init__(self, item, n=2):
            super().__init__()
            self.item, self.n = item, n

        def __len__(self):
            return self.n

        def __getitem__(self, index):
            return self.item

    class Nothing(k.utils.PyDataset):
        pass

    options = {"batch_size": None}
    return [
        batches_of(k, dataset_of(k, []), Y, **options),
        batches_of(k, dataset_of(k, []), sample_weight=np.ones(6), **options),
        batches_of(k, Bad("text"), **options),
        batches_of(k, Bad((X, Y, Y, Y)), **options),
        batches_of(k, Bad((X, Y, np.ones(6))), class_weight={0: 1.0}, **options),
        outcome(lambda: Nothing()[0]),
        outcome(lambda: Nothing().num_batches),
        [type(k.utils.PyDataset).__name__, k.utils.Sequence is k.utils.PyDataset],
        [d.workers for d in (dataset_of(k, []), dataset_of(k, [], workers=3))],
    ]
