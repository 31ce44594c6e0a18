"""Losses as classes and functions: reductions, weights, smoothing, ranks, gradients."""

import numpy as np

from tests.golden.cases import Table
from tests.golden.encoding import encode
from tests.golden.player import wave

f32 = np.float32
LOGITS = wave(3, 4)
PROBABILITIES = np.array(
    [[0.1, 0.2, 0.3, 0.4], [0.7, 0.1, 0.1, 0.1], [0.25, 0.25, 0.25, 0.25]], f32
)
ONE_HOT = np.eye(4, dtype=f32)[[2, 0, 3]]
LABELS = np.array([2, 0, 3], "int32")
TRUE, PRED = wave(3, 4, phase=1.0), wave(3, 4, phase=2.0)
BINARY = np.array([[0, 1, 1, 0], [1, 0, 0, 0], [1, 1, 1, 0]], f32)
WEIGHTS = np.array([1.0, 0.0, 2.5], f32)
REDUCTIONS = (
    "sum_over_batch_size",
    "sum",
    "mean",
    "mean_with_sample_weight",
    "none",
    None,
)
PLAIN = (  # class, function
    ("MeanSquaredError", "mean_squared_error"),
    ("MeanAbsoluteError", "mean_absolute_error"),
    ("MeanAbsolutePercentageError", "mean_absolute_percentage_error"),
    ("MeanSquaredLogarithmicError", "mean_squared_logarithmic_error"),
    ("Huber", "huber"),
    ("LogCosh", "log_cosh"),
    ("Hinge", "hinge"),
    ("SquaredHinge", "squared_hinge"),
    ("CategoricalHinge", "categorical_hinge"),
    ("Poisson", "poisson"),
    ("KLDivergence", "kl_divergence"),
    ("CosineSimilarity", "cosine_similarity"),
)


def cases():
    table = Table()
    crossentropies(table)
    regressions(table)
    shapes(table)
    functions(table)
    return list(table)


def loss(table, name, /, *args, sample_weight=None, **config):
    details = {"config": encode(config), "args": encode(list(args)), "grads": None}
    if sample_weight is not None:
        details["kwargs"] = encode({"sample_weight": sample_weight})
    table.add("loss", name, **details)


def crossentropies(table):
    sparse, dense, binary = (
        "SparseCategoricalCrossentropy",
        "CategoricalCrossentropy",
        "BinaryCrossentropy",
    )
    for name, target in ((sparse, LABELS), (dense, ONE_HOT), (binary, BINARY)):
        for output, from_logits in ((LOGITS, True), (PROBABILITIES, False)):
            loss(table, name, target, output, from_logits=from_logits)
            loss(
                table,
                name,
                target,
                output,
                from_logits=from_logits,
                sample_weight=WEIGHTS,
            )
        for reduction in REDUCTIONS:
            loss(table, name, target, LOGITS, from_logits=True, reduction=reduction)
            loss(
                table, name, target, LOGITS, from_logits=True, reduction=reduction,
                sample_weight=WEIGHTS,
            )  # fmt: skip
    for name, target in ((dense, ONE_HOT), (binary, BINARY)):
        for amount in (0.1, 0.5):
            loss(table, name, target, LOGITS, from_logits=True, label_smoothing=amount)
        loss(table, name, target, PROBABILITIES, label_smoothing=0.2)
    loss(table, dense, ONE_HOT.T.copy(), LOGITS.T.copy(), from_logits=True, axis=0)
    loss(table, dense, ONE_HOT, ONE_HOT)
    loss(table, dense, ONE_HOT, f32(1) - ONE_HOT)
    loss(table, binary, BINARY, BINARY)
    loss(table, binary, BINARY, f32(1) - BINARY)
    for ignored in (0, 3, -1):
        loss(table, sparse, LABELS, LOGITS, from_logits=True, ignore_class=ignored)
    loss(
        table,
        sparse,
        np.array([2, -1, -1], "int32"),
        LOGITS,
        from_logits=True,
        ignore_class=-1,
    )
    loss(table, sparse, LABELS, PROBABILITIES, ignore_class=2, reduction="none")
    cube = wave(2, 3, 4)
    places = np.array([[0, 3, 1], [2, 2, 0]], "int32")
    loss(table, sparse, places, cube, from_logits=True)
    loss(table, sparse, places, cube, from_logits=True, reduction="none")
    loss(table, sparse, places[..., None], cube, from_logits=True)
    loss(
        table, sparse, places, cube, from_logits=True,
        sample_weight=np.array([[1.0, 0.0, 2.0], [0.5, 1.0, 0.0]], f32),
    )  # fmt: skip
    loss(
        table,
        sparse,
        places,
        cube,
        from_logits=True,
        sample_weight=np.array([1.0, 3], f32),
    )
    loss(table, sparse, LABELS.astype("int64"), LOGITS, from_logits=True)
    loss(table, sparse, LABELS.astype("uint8"), LOGITS, from_logits=True)
    loss(table, sparse, LABELS.astype("float32"), LOGITS, from_logits=True)
    loss(table, sparse, LABELS[:, None], PROBABILITIES)
    loss(table, sparse, LABELS, LOGITS.astype("float64"), from_logits=True)
    loss(table, sparse, LABELS, LOGITS, from_logits=True, dtype="float64")


def regressions(table):
    for name, _ in PLAIN:
        target = PROBABILITIES if name == "KLDivergence" else TRUE
        pred = np.abs(PRED) + f32(0.1) if name in ("Poisson", "KLDivergence") else PRED
        if "Logarithmic" in name:
            target, pred = np.abs(TRUE), np.abs(PRED)
        if "Hinge" in name:
            target = f32(2) * BINARY - f32(1)
        loss(table, name, target, pred)
        loss(table, name, target, pred, sample_weight=WEIGHTS)
        loss(table, name, target, pred, reduction="none")
        loss(table, name, target, pred, reduction="sum", sample_weight=WEIGHTS)
    loss(table, "Huber", TRUE, PRED, delta=0.5)
    loss(table, "CosineSimilarity", TRUE, PRED, axis=0)


def shapes(table):
    mse = "MeanSquaredError"
    loss(table, mse, wave(3), wave(3, phase=1.0))
    loss(table, mse, wave(3, 1), wave(3, phase=1.0))
    loss(table, mse, wave(3), wave(3, 1, phase=1.0))
    loss(table, mse, wave(2, 3, 4), wave(2, 3, 4, phase=1.0))
    loss(table, mse, wave(2, 3, 4), wave(2, 3, 4, phase=1.0),
         sample_weight=wave(2, 3, phase=3.0))  # fmt: skip
    loss(table, mse, wave(2, 3), wave(2, 3, phase=1.0), sample_weight=wave(2, 1))
    loss(table, mse, wave(2, 3), wave(2, 3, phase=1.0), sample_weight=2.0)
    loss(table, mse, np.array([[1, 2]], "int32"), wave(1, 2))
    loss(table, mse, TRUE.astype("float64"), PRED)
    loss(table, mse, np.zeros((0, 3), f32), np.zeros((0, 3), f32))
    loss(table, mse, TRUE, PRED, reduction="nonsense")
    loss(table, mse, TRUE, PRED[:, :3].copy())


def functions(table):
    for _, name in PLAIN:
        target = f32(2) * BINARY - f32(1) if "hinge" in name else np.abs(TRUE)
        table.function(f"losses.{name}", target, np.abs(PRED) + f32(0.1))
    for from_logits, output in ((True, LOGITS), (False, PROBABILITIES)):
        options = {"from_logits": from_logits}
        table.function(
            "losses.sparse_categorical_crossentropy", LABELS, output, **options
        )
        table.function("losses.categorical_crossentropy", ONE_HOT, output, **options)
        table.function("losses.binary_crossentropy", BINARY, output, **options)
    table.function(
        "losses.categorical_crossentropy", ONE_HOT, PROBABILITIES, label_smoothing=0.1
    )
