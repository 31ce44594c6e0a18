"""Metrics: the result after each update, and after reset_state."""

import inspect

import numpy as np

from tests.golden.cases import Table
from tests.golden.cases.losses import (
    BINARY,
    LABELS,
    LOGITS,
    ONE_HOT,
    PRED,
    PROBABILITIES,
    TRUE,
)
from tests.golden.encoding import encode
from tests.golden.player import outcome, wave

f32 = np.float32
WEIGHTS = np.array([1.0, 0.0, 2.5], f32)


def cases():
    table = Table()
    averages(table)
    accuracies(table)
    errors(table)
    shapes(table)
    functions_alone(table)
    for name in (
        "names", "state_variables", "functions", "contracts", "strings", "stateless",
        "masked", "nested", "mistakes", "wrapped",
    ):  # fmt: skip
        table.scenario("metrics", name)
    return list(table)


def described(k, name, config, *batch):
    "What a metric says of itself after one batch."
    k.utils.clear_session()
    metric = getattr(k.metrics, name)(**config)
    metric.update_state(*batch)
    given = metric.get_config()
    again = type(metric).from_config(given)
    return {
        "signature": [
            str(p) for p in inspect.signature(type(metric)).parameters.values()
        ],
        "config": given,
        "again": again.get_config(),
        "repr": repr(metric),
        "dtype": metric.dtype,
        "variables": [
            [v.name, v.path, list(v.shape), v.dtype, v.trainable]
            for v in metric.variables
        ],
        "result": k.backend.standardize_dtype(metric.result().dtype),
    }


def refused(*calls):
    "What each call raises."
    return [outcome(call) for call in calls]


def metric(table, name, /, *updates, **config):
    updates = [
        {"args": encode(list(u["args"])), "kwargs": encode(u.get("kwargs", {}))}
        for u in updates
    ]
    table.add("metric", name, config=config, updates=updates)


def update(*args, **kwargs):
    return {"args": args, "kwargs": kwargs}


def averages(table):
    a, b = wave(3), wave(5, phase=1.0)
    for name in ("Mean", "Sum"):
        metric(table, name, update(a), update(b))
        metric(table, name, update(2.0), update(5))
        metric(table, name, update(a, sample_weight=WEIGHTS), update(b))
        metric(table, name, update(wave(2, 3), sample_weight=np.array([1.0, 2.0], f32)))
        metric(
            table, name, update(wave(2, 3), sample_weight=np.array([[1.0], [2.0]], f32))
        )
        metric(table, name, update(a, sample_weight=np.zeros(3, f32)))
        metric(table, name, update([1, 2, 3]), name="mine")
    metric(table, "Mean")


def accuracies(table):
    second = np.roll(LOGITS, 1, axis=1)
    sparse, dense, binary = (
        "SparseCategoricalAccuracy",
        "CategoricalAccuracy",
        "BinaryAccuracy",
    )
    for name, target in ((sparse, LABELS), (dense, ONE_HOT)):
        metric(table, name, update(target, LOGITS), update(target, second))
        metric(table, name, update(target, LOGITS, sample_weight=WEIGHTS))
        metric(table, name, update(target, PROBABILITIES))
    metric(table, sparse, update(LABELS[:, None], LOGITS))
    metric(table, sparse, update(LABELS.astype(f32), LOGITS))
    metric(
        table, sparse, update(np.array([[0, 3, 1], [2, 2, 0]], "int32"), wave(2, 3, 4))
    )
    metric(table, binary, update(BINARY, PROBABILITIES), update(BINARY, BINARY))
    metric(table, binary, update(BINARY, PROBABILITIES), threshold=0.2)
    metric(table, binary, update(BINARY[:, 0].copy(), PROBABILITIES[:, 0].copy()))
    metric(table, binary, update(BINARY, PROBABILITIES, sample_weight=WEIGHTS))
    metric(table, "Accuracy", update(LABELS, np.array([2, 1, 3], "int32")))
    metric(
        table, "Accuracy",
        update(LABELS, np.array([2, 1, 3], "int32"), sample_weight=WEIGHTS),
    )  # fmt: skip
    metric(table, "TopKCategoricalAccuracy", update(ONE_HOT, LOGITS), k=2)
    metric(table, "SparseTopKCategoricalAccuracy", update(LABELS, LOGITS), k=2)


def errors(table):
    for name in (
        "MeanSquaredError", "MeanAbsoluteError", "RootMeanSquaredError",
        "MeanAbsolutePercentageError", "MeanSquaredLogarithmicError", "LogCoshError",
        "CosineSimilarity", "Hinge", "SquaredHinge", "CategoricalHinge",
    ):  # fmt: skip
        target, pred = np.abs(TRUE), np.abs(PRED)
        metric(
            table,
            name,
            update(target, pred),
            update(target, pred, sample_weight=WEIGHTS),
        )
    metric(table, "KLDivergence", update(PROBABILITIES, np.abs(PRED)))
    metric(table, "Poisson", update(np.abs(TRUE), np.abs(PRED) + f32(0.1)))
    metric(
        table, "SparseCategoricalCrossentropy", update(LABELS, LOGITS), from_logits=True
    )
    metric(table, "CategoricalCrossentropy", update(ONE_HOT, PROBABILITIES),
           label_smoothing=0.1)  # fmt: skip
    metric(table, "BinaryCrossentropy", update(BINARY, PROBABILITIES))


def names(k):
    "Default names, dtype, and what strings mean"
    made = [k.metrics.Mean(), k.metrics.SparseCategoricalAccuracy(), k.metrics.Sum("s")]
    found = [k.metrics.get(word).name for word in ("mse", "MeanSquaredError")
             if hasattr(k.metrics.get(word), "name")]  # fmt: skip
    return [[m.name for m in made], [m.dtype for m in made], found]


def state_variables(k):
    "Two variables of a Mean, by name"
    mean = k.metrics.Mean()
    mean.update_state([1.0, 3.0], sample_weight=[1.0, 3.0])
    values = [float(k.ops.convert_to_numpy(v.value)) for v in mean.variables]
    return [
        values,
        [v.name for v in mean.variables],
        [v.trainable for v in mean.variables],
    ]


def functions(k):
    "Per-sample values of the functional forms"
    t = k.ops.convert_to_tensor
    return [
        k.metrics.sparse_categorical_accuracy(t(LABELS), t(LOGITS)),
        k.metrics.categorical_accuracy(t(ONE_HOT), t(LOGITS)),
        k.metrics.binary_accuracy(t(BINARY), t(PROBABILITIES)),
        k.metrics.mean_squared_error(t(TRUE), t(PRED)),
    ]


def shapes(table):
    "Weights of each rank, dtypes and one-axis inputs for the wrapped functions"
    target, pred = np.abs(TRUE), np.abs(PRED)
    grid = (wave(2, 3, 4), wave(2, 3, 4, phase=1.0))
    for weight in (2.0, np.array([1.0, 3.0], f32), np.array([[1.0], [3.0]], f32),
                   np.array([[1.0, 0.0, 2.0], [0.5, 1.0, 1.0]], f32)):  # fmt: skip
        for name in ("MeanSquaredError", "RootMeanSquaredError", "CosineSimilarity"):
            metric(table, name, update(*grid, sample_weight=weight), update(*grid))
        for name in ("Mean", "Sum"):
            metric(table, name, update(grid[0], sample_weight=weight))
    for dtype in ("float16", "float64"):

        def wide(x, given="float64" if dtype == "float64" else "float32"):
            return x.astype(given)

        # not LogCoshError in float64: there the logarithm of 2 in Keras is a float32
        half = ("LogCoshError",) if dtype == "float16" else ()
        for name in ("MeanSquaredError", "RootMeanSquaredError", *half):
            metric(table, name, update(wide(target), wide(pred)), dtype=dtype)
        metric(table, "Mean", update(wide(target)), dtype=dtype)
        metric(table, "Sum", update(wide(target)), dtype=dtype)
        metric(table, "BinaryAccuracy", update(BINARY, PROBABILITIES), dtype=dtype)
    metric(table, "RootMeanSquaredError", update(target[:, 0], pred[:, :1]))
    metric(table, "CosineSimilarity", update(target, pred), axis=0)
    metric(table, "BinaryCrossentropy", update(BINARY, PROBABILITIES),
           label_smoothing=0.2)  # fmt: skip
    metric(table, "BinaryCrossentropy", update(BINARY, LOGITS), from_logits=True)
    metric(table, "SparseCategoricalCrossentropy", update(LABELS, PROBABILITIES),
           ignore_class=2)  # fmt: skip
    metric(table, "CategoricalCrossentropy", update(ONE_HOT, LOGITS), from_logits=True)
    for name, right in (("TopKCategoricalAccuracy", ONE_HOT),
                        ("SparseTopKCategoricalAccuracy", LABELS)):  # fmt: skip
        for k in (1, 3):
            metric(table, name, update(right, LOGITS), k=k)
            metric(table, name, update(right, LOGITS, sample_weight=WEIGHTS), k=k)
    ids = np.array([[3, 1, 0], [1, 2, 3], [0, 1, 2]], "int32")
    metric(table, "SparseTopKCategoricalAccuracy", update(LABELS, ids), k=2,
           from_sorted_ids=True)  # fmt: skip


def functions_alone(table):
    "The accuracies as functions, on ranks from one to three"
    words = np.array([[0, 3, 1], [2, 2, 0]], "int32")
    text = wave(2, 3, 4)
    hot = np.eye(4, dtype=f32)[words]

    def call(name, *args, **kwargs):
        table.function(f"metrics.{name}", *args, grads=False, **kwargs)

    for y in (LABELS, LABELS[:, None], LABELS.astype(f32)):
        call("sparse_categorical_accuracy", y, LOGITS)
    call("sparse_categorical_accuracy", words, text)
    call("sparse_categorical_accuracy", words[..., None], text)
    call("categorical_accuracy", ONE_HOT, LOGITS)
    call("categorical_accuracy", hot, text)
    call("categorical_accuracy", hot[:, :1], text[:, :1])
    for threshold in (0.5, 0.2):
        call("binary_accuracy", BINARY, PROBABILITIES, threshold=threshold)
        call("binary_accuracy", BINARY[:, 0], PROBABILITIES[:, 0], threshold=threshold)
        call("binary_accuracy", BINARY.astype("int32")[:, :1], PROBABILITIES[:, 0],
             threshold=threshold)  # fmt: skip
    for k in (1, 2, 3):
        call("top_k_categorical_accuracy", ONE_HOT, LOGITS, k=k)
        call("top_k_categorical_accuracy", hot, text, k=k)
        call("sparse_top_k_categorical_accuracy", LABELS, LOGITS, k=k)
        call("sparse_top_k_categorical_accuracy", words, text, k=k)
    call("sparse_top_k_categorical_accuracy", words,
         np.argsort(-text, axis=-1).astype("int32"), k=2, from_sorted_ids=True)  # fmt: skip


CONTRACTS = [
    ("Mean", {}, (TRUE,)),
    ("Sum", {"name": "s", "dtype": "float16"}, (TRUE,)),
    ("Mean", {"dtype": "bfloat16"}, (TRUE,)),
    ("MeanSquaredError", {"dtype": "mixed_bfloat16"}, (TRUE, PRED)),
    ("Accuracy", {}, (BINARY, BINARY)),
    ("BinaryAccuracy", {"threshold": 0.3}, (BINARY, PROBABILITIES)),
    ("CategoricalAccuracy", {"dtype": "float64"}, (ONE_HOT, LOGITS)),
    ("SparseCategoricalAccuracy", {}, (LABELS, LOGITS)),
    ("TopKCategoricalAccuracy", {}, (ONE_HOT, LOGITS)),
    ("TopKCategoricalAccuracy", {"k": 2}, (ONE_HOT, LOGITS)),
    ("SparseTopKCategoricalAccuracy", {"k": 2}, (LABELS, LOGITS)),
    ("SparseTopKCategoricalAccuracy", {"k": 2, "from_sorted_ids": True},
     (LABELS, np.array([[3, 1], [1, 2], [0, 1]], "int32"))),
    *[(name, {}, (np.abs(TRUE), np.abs(PRED)))
      for name in ("MeanSquaredError", "RootMeanSquaredError", "MeanAbsoluteError",
                   "MeanAbsolutePercentageError", "MeanSquaredLogarithmicError",
                   "LogCoshError", "CosineSimilarity", "KLDivergence", "Poisson",
                   "Hinge", "SquaredHinge", "CategoricalHinge")],
    ("CosineSimilarity", {"axis": 0}, (TRUE, PRED)),
    ("BinaryCrossentropy", {}, (BINARY, PROBABILITIES)),
    ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.1},
     (BINARY, PROBABILITIES)),
    ("CategoricalCrossentropy", {"label_smoothing": 0.1}, (ONE_HOT, PROBABILITIES)),
    ("SparseCategoricalCrossentropy", {"ignore_class": 1}, (LABELS, PROBABILITIES)),
]  # fmt: skip


def contracts(k):
    "Signatures, configs, variables, dtypes and names of all classes"
    return [described(k, name, config, *batch) for name, config, batch in CONTRACTS]


def strings(k):
    "What `get` makes of words, configs, classes and objects"
    k.utils.clear_session()
    words = (
        "accuracy", "Accuracy", "binary_accuracy", "mse", "MSE", "mae", "mape", "MSLE",
        "bce", "BCE", "mean", "Mean", "auc", "AUC", "f1_score", "F1Score", "f_beta_score",
        "kl_divergence", "KLDivergence", "root_mean_squared_error", "log_cosh_error",
        "categorical_crossentropy", "top_k_categorical_accuracy", "r2_score", "hinge",
        "true_positives", "precision", "Recall", "binary_io_u", "pearson_correlation",
    )  # fmt: skip
    found = [[type(m).__name__, m.name] for m in map(k.metrics.get, words)]
    mean = k.metrics.Mean(name="m")
    config = {"class_name": "BinaryAccuracy", "config": {"threshold": 0.25}}
    return [
        found,
        k.metrics.get(None),
        k.metrics.get(mean) is mean,
        k.metrics.get(k.metrics.Sum).name,
        k.metrics.get(k.metrics.binary_accuracy) is k.metrics.binary_accuracy,
        k.metrics.get(config).get_config(),
        refused(*(lambda w=w: k.metrics.get(w) for w in ("no such", "acc", 3, "kld"))),
    ]


def stateless(k):
    "Update, result and reset without touching the object"
    mean = k.metrics.Mean()
    mean.update_state([5.0])
    state = [k.ops.zeros(()), k.ops.zeros(())]
    state = mean.stateless_update_state(state, [1.0, 2.0])
    state = mean.stateless_update_state(state, [6.0], sample_weight=[2.0])
    return [
        [k.ops.convert_to_numpy(v) for v in state],
        mean.stateless_result(state),
        mean.result(),
        [k.ops.convert_to_numpy(v) for v in mean.stateless_reset_state()],
        mean.result(),
        refused(
            lambda: mean.stateless_update_state([1.0], [1.0]),
            lambda: mean.stateless_result([1.0, 2.0, 3.0]),
        ),
    ]


def masked(k):
    "A mask on the predictions or the values counts as weights"
    t = k.ops.convert_to_tensor
    found = []
    for weight in (None, [[1.0, 2.0, 3.0], [1.0, 0.0, 1.0]]):
        pred = t(wave(2, 3, 4))
        pred._keras_mask = t(np.array([[True, True, False], [True, False, False]]))
        error = k.metrics.MeanSquaredError()
        error.update_state(t(wave(2, 3, 4, phase=1.0)), pred, weight)
        found.append(error.result())
    return found


def nested(k):
    "Variables of metrics inside metrics, in order, and one reset for all"

    class Both(k.metrics.Metric):
        def __init__(self):
            super().__init__(name="both")
            self.mean = k.metrics.Mean(name="a")
            self.own = self.add_variable((), "ones", name="own")
            self.more = [k.metrics.Sum(name="b")]
            self.table = {"c": k.metrics.Sum(name="c")}

        def update_state(self, values):
            self.mean.update_state(values)
            self.more[0].update_state(values)

        def result(self):
            return {"mean": self.mean.result(), "sum": self.more[0].result()}

    both = Both()
    before = both([1.0, 3.0])
    both.reset_state()
    return [[v.path for v in both.variables], before, both.result(), float(both.own)]


def mistakes(k):
    "What is refused, and with which built-in class"

    class Forgetful(k.metrics.Metric):
        def __init__(self):
            self.total = self.add_variable((), "zeros")

    class Silent(k.metrics.Metric):
        def __init__(self):
            pass

    m = k.metrics
    return refused(
        Forgetful,
        lambda: Silent()(1.0),
        lambda: m.Metric().update_state(1.0),
        lambda: m.Metric().result(),
        lambda: m.Mean(dtype="no such dtype"),
        lambda: m.Mean().update_state("no number"),
        lambda: setattr(m.Mean(), "dtype", "float16"),
    )


def wrapped(k):
    "Functions of the user's own as metrics"
    k.utils.clear_session()
    square = k.metrics.MeanMetricWrapper(lambda t, p: (t - p) ** 2)
    scaled = k.metrics.MeanMetricWrapper(k.metrics.binary_accuracy, threshold=0.9)
    return [
        square([1.0, 2.0], np.array([2.0, 4.0], f32)),
        square.name,
        scaled([[1.0]], [[0.8]]),
        sorted(scaled.get_config()),
        scaled.get_config()["threshold"],
    ]
