"""Metrics: the result after each update, and after reset_state."""

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
from tests.golden.player import wave

f32 = np.float32
WEIGHTS = np.array([1.0, 0.0, 2.5], f32)


def cases():
    table = Table()
    averages(table)
    accuracies(table)
    errors(table)
    for name in ("names", "state_variables", "functions"):
        table.scenario("metrics", name)
    return list(table)


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
