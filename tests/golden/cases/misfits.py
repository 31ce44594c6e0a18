"""The catalogue of losses: every class and function over its arguments, masks, configs."""

import numpy as np

from tests.golden.cases import Table
from tests.golden.cases.losses import REDUCTIONS, loss
from tests.golden.player import outcome, wave

f32 = np.float32
TRUE, PRED = wave(3, 4, phase=1.0), wave(3, 4, phase=2.0)
BINARY = np.array([[0, 1, 1, 0], [1, 0, 0, 0], [1, 1, 1, 0]], f32)
SIGNS = f32(2) * BINARY - f32(1)
PROBABILITIES = np.array(
    [[0.1, 0.2, 0.3, 0.4], [0.7, 0.1, 0.15, 0.05], [0.25, 0.35, 0.22, 0.18]], f32
)
ONE_HOT = np.eye(4, dtype=f32)[[2, 0, 3]]
LABELS = np.array([2, 0, 3], "int32")
LOGITS = wave(3, 4)
WEIGHTS = np.array([1.0, 0.5, 2.5], f32)
SOFT = np.array(
    [[0.9, 0.2, 0.6, 0.4], [0.7, 0.1, 0.3, 0.5], [0.4, 0.8, 0.5, 0.05]], f32
)
UNIT = (wave(6, 3) / np.linalg.norm(wave(6, 3), axis=1, keepdims=True)).astype(f32)
GROUPS = np.array([0, 1, 0, 2, 1, 3], "int32")
WORDS = np.array([[1, 2, 1], [3, 3, 0]], "int32")
SPEECH = wave(2, 7, 4)
INPUTS = {  # class: (y_true, y_pred, function, variations)
    "MeanAbsolutePercentageError": (TRUE, PRED, "mean_absolute_percentage_error", []),
    "MeanSquaredLogarithmicError": (
        np.abs(TRUE), np.abs(PRED), "mean_squared_logarithmic_error", []),
    "Huber": (TRUE, PRED, "huber", [{"delta": 0.5}, {"delta": 3.0}]),
    "LogCosh": (TRUE, PRED, "log_cosh", []),
    "CosineSimilarity": (TRUE, PRED, "cosine_similarity", [{"axis": 0}, {"axis": -2}]),
    "Poisson": (np.abs(TRUE), np.abs(PRED) + f32(0.1), "poisson", []),
    "KLDivergence": (PROBABILITIES[::-1].copy(), PROBABILITIES, "kl_divergence", []),
    "Hinge": (SIGNS, PRED, "hinge", []),
    "SquaredHinge": (BINARY, PRED, "squared_hinge", []),
    "CategoricalHinge": (ONE_HOT, PRED, "categorical_hinge", []),
    "BinaryFocalCrossentropy": (BINARY, SOFT, "binary_focal_crossentropy", [
        {"gamma": 0.5}, {"apply_class_balancing": True},
        {"apply_class_balancing": True, "alpha": 0.7, "gamma": 3.0},
        {"label_smoothing": 0.2}, {"axis": 0}, {"axis": 1}]),
    "CategoricalFocalCrossentropy": (
        ONE_HOT, PROBABILITIES, "categorical_focal_crossentropy", [
            {"gamma": 0.5}, {"alpha": 1.0, "gamma": 3.0}, {"label_smoothing": 0.2},
            {"alpha": [0.1, 0.2, 0.3, 0.4]}]),
    "Dice": (BINARY, SOFT, "dice", [{"axis": 1}, {"axis": (0, 1)}, {"axis": -1}]),
    "Tversky": (BINARY, SOFT, "tversky", [
        {"alpha": 0.2, "beta": 0.8}, {"axis": 1}, {"beta": 1.5, "axis": (0, 1)}]),
    "Circle": (GROUPS, UNIT, "circle", [
        {"gamma": 8.0}, {"margin": 0.25, "gamma": 16.0}, {"remove_diagonal": False}]),
    "CategoricalGeneralizedCrossEntropy": (LABELS, PROBABILITIES, None, [
        {"q": 0.1}, {"q": 0.9}]),
    "CTC": (WORDS, SPEECH, "ctc", []),
}  # fmt: skip
UNLISTED = "CategoricalGeneralizedCrossEntropy"  # Keras does not find it by name
SETTINGS = {  # what the configs of all classes are recorded with
    "MeanSquaredError": {}, "MeanAbsoluteError": {}, "MeanSquaredLogarithmicError": {},
    "MeanAbsolutePercentageError": {}, "LogCosh": {}, "Poisson": {}, "Hinge": {},
    "KLDivergence": {}, "SquaredHinge": {}, "CategoricalHinge": {}, "CTC": {},
    "Huber": {"delta": 2.0}, "CosineSimilarity": {"axis": 0},
    "BinaryCrossentropy": {"from_logits": True, "label_smoothing": 0.1, "axis": 1},
    "CategoricalCrossentropy": {"from_logits": True, "label_smoothing": 0.1},
    "SparseCategoricalCrossentropy": {"ignore_class": 3, "axis": 1},
    "BinaryFocalCrossentropy": {"alpha": 0.1, "gamma": 1.0, "axis": 0},
    "CategoricalFocalCrossentropy": {"alpha": 0.1, "from_logits": True},
    "Dice": {"axis": 1}, "Tversky": {"alpha": 0.2, "beta": 0.3},
    "Circle": {"gamma": 10.0, "margin": 0.1, "remove_diagonal": False},
    "CategoricalGeneralizedCrossEntropy": {"q": 0.25},
}  # fmt: skip


def cases():
    table = Table()
    for name, (true, pred, function, variations) in INPUTS.items():
        catalogue(table, name, true, pred, variations)
        if function:
            functions(table, f"losses.{function}", true, pred, variations)
    generalized(table)
    logits(table)
    sequences(table)
    references(table)
    shapes(table)
    for reduction in REDUCTIONS:
        table.scenario("misfits", "masks", reduction=reduction)
    for name in ("configs", "lookups", "wrapped", "mistakes", "dtypes"):
        table.scenario("misfits", name)
    return list(table)


def catalogue(table, name, true, pred, variations):
    loss(table, name, true, pred)
    weights = WEIGHTS if len(true) == 3 else wave(len(true), phase=5.0)
    if name not in ("Dice", "Tversky"):
        loss(table, name, true, pred, sample_weight=weights)
        loss(table, name, true, pred, reduction="none")
        loss(
            table, name, true, pred, reduction="mean_with_sample_weight",
            sample_weight=weights,
        )  # fmt: skip
    for config in variations:
        loss(table, name, true, pred, reduction="none", **config)


def functions(table, name, true, pred, variations):
    for config in [{}, *variations]:
        table.function(name, true, pred, **config)
    if name == "losses.ctc":
        return
    scalar = name in (
        "losses.dice",
        "losses.tversky",
    )  # the recorder cannot read bf16[]
    for dtype in (
        ("float16", "float64") if scalar else ("float16", "float64", "bfloat16")
    ):
        dtype = np.dtype(dtype) if dtype != "bfloat16" else bfloat16()
        table.function(name, true, pred.astype(dtype), grads=False)


def bfloat16():
    import ml_dtypes

    return np.dtype(ml_dtypes.bfloat16)


def generalized(table):
    name = "losses.categorical_generalized_cross_entropy"
    for q in (0.1, 0.5, 0.99):
        table.function(name, LABELS, PROBABILITIES, q)


def logits(table):
    for gamma in (0.0, 2.0):
        config = {"from_logits": True, "gamma": gamma}
        loss(table, "BinaryFocalCrossentropy", BINARY, LOGITS, **config)
        loss(table, "CategoricalFocalCrossentropy", ONE_HOT, LOGITS, **config)
    columns = ONE_HOT.T.copy(), LOGITS.T.copy()
    focal = "CategoricalFocalCrossentropy"
    loss(table, focal, *columns, from_logits=True, axis=0, reduction="none")
    sparse = "SparseCategoricalCrossentropy"
    places, cube = np.array([[0, 3, 1], [2, 2, 0]], "int32"), wave(2, 3, 4)
    for ignored in (None, 2):
        loss(
            table, sparse, places[..., None], cube, from_logits=True,
            ignore_class=ignored, reduction="none",
        )  # fmt: skip


def sequences(table):
    lengths = np.array([3, 2], "int32"), np.array([7, 5], "int32")
    table.function("ops.ctc_loss", WORDS, SPEECH, *lengths)
    # A blank inside a word counts as a letter; TensorFlow's own slope forgets it there.
    holes = np.array([[1, 0, 2], [0, 1, 1]], "int32")
    table.function("losses.ctc", holes, SPEECH, grads=False)
    last = np.array([[0, 1, 0], [2, 2, 0]], "int32")
    table.function("ops.ctc_loss", last, SPEECH, *lengths, mask_index=3)
    table.function("ops.nn.ctc_loss", WORDS[:1], SPEECH[:1], [1], [4])
    table.function("losses.ctc", WORDS.astype("float32"), SPEECH.astype("float16"),
                   grads=False)  # fmt: skip


def references(table):
    others = UNIT[::-1].copy()
    table.function(
        "losses.circle", GROUPS, UNIT, GROUPS[::-1].copy(), others, gamma=8.0,
        remove_diagonal=False,
    )  # fmt: skip
    table.function("losses.circle", GROUPS[:, None], UNIT, gamma=8.0)


def shapes(table):
    column, row = wave(5, 1), wave(5, phase=1.0)
    for name in ("Huber", "LogCosh", "Hinge", "Poisson", "KLDivergence"):
        positive = np.abs(column) + f32(0.1), np.abs(row) + f32(0.1)
        loss(table, name, *positive)
        loss(table, name, *positive[::-1])
    volume = wave(2, 3, 4), wave(2, 3, 4, phase=1.0)
    for name in ("Huber", "CosineSimilarity", "CategoricalHinge"):
        loss(table, name, *volume, sample_weight=wave(2, 3))
        loss(table, name, *volume, sample_weight=wave(2, 1))
        loss(table, name, *volume, sample_weight=3.0, reduction="sum")
    zeros = np.zeros((2, 3), f32)
    loss(table, "MeanAbsolutePercentageError", zeros, wave(2, 3))
    loss(table, "KLDivergence", zeros, zeros)
    loss(table, "Dice", zeros, zeros)
    loss(table, "Huber", TRUE, PRED, delta=0.5, dtype="float64")
    loss(table, "LogCosh", TRUE, PRED, dtype="float16")
    loss(table, "LogCosh", f32(50) * TRUE, f32(50) * PRED)
    loss(table, "Huber", TRUE, PRED, reduction="average")
    loss(table, "CategoricalGeneralizedCrossEntropy", LABELS, PROBABILITIES, q=1.0)
    loss(table, "CTC", WORDS[0], SPEECH)
    loss(table, "CTC", WORDS, SPEECH[0])


# ---- scenarios -----------------------------------------------------------------------


def masks(keras, reduction):
    "A mask on the predictions, alone and with weights and ignored labels."
    mask = keras.ops.convert_to_tensor([[True, False, True], [False, True, True]])
    places = np.array([[0, 3, 1], [2, 2, 0]])
    results = []
    for options in ({}, {"ignore_class": 0}):
        sparse = keras.losses.SparseCategoricalCrossentropy(
            from_logits=True, reduction=reduction, **options
        )
        for weights in (None, np.array([[2.0], [0.5]], f32), wave(2, 3)):
            scores = keras.ops.convert_to_tensor(wave(2, 3, 4))
            scores._keras_mask = mask
            results.append(sparse(places, scores, weights))
    scores = keras.ops.convert_to_tensor(wave(4, dtype="float64"))
    scores._keras_mask = np.array([True, False, True, True])
    log_cosh = keras.losses.LogCosh(reduction=reduction)
    results.append(log_cosh(wave(4, 1), scores, wave(4)))
    scores = keras.ops.convert_to_tensor(wave(2, 3))
    scores._keras_mask = keras.ops.zeros((2, 3), dtype="bool")
    results.append(
        outcome(keras.losses.LogCosh(reduction=reduction), wave(2, 3), scores)
    )
    return results


def configs(keras):
    found = {}
    for name, settings in SETTINGS.items():
        kind = getattr(keras.losses, name)
        first = kind(**settings, reduction="sum", name="given")
        again = kind.from_config(first.get_config())
        found[name] = [
            first.get_config(),
            again.get_config(),
            kind(**settings).name,
            keras.losses.serialize(first)["class_name"],
        ]
        if name != UNLISTED:
            written = keras.losses.serialize(first)
            found[name].append(keras.losses.deserialize(written).get_config())  # fmt: skip
    return found


def lookups(keras):
    names = (
        "mse MSE mae MAE mape MAPE msle MSLE bce BCE kld KLD mean_squared_error huber "
        "log_cosh cosine_similarity hinge squared_hinge categorical_hinge poisson dice "
        "tversky circle ctc kl_divergence binary_focal_crossentropy nonsense"
    ).split()
    functions = {name: outcome(keras.losses.get, name) for name in names}
    functions = {k: getattr(v, "__name__", v) for k, v in functions.items()}
    classes = {name: keras.losses.get(name).name for name in SETTINGS
               if name != UNLISTED}  # fmt: skip
    config = {"class_name": "Tversky", "config": {"alpha": 0.1}}
    others = [keras.losses.get(config).alpha, keras.losses.get(None)]
    others.append(keras.losses.get(keras.losses.Hinge).name)
    return [functions, classes, others, outcome(keras.losses.get, 3)]


def wrapped(keras):
    "A function with settings and nested arguments, in a wrapper."
    keras.utils.clear_session()
    from_losses = type(keras.losses.Huber()).__mro__

    def gap(y_true, y_pred, factor=1.0):
        return factor * (y_true["a"] - y_pred["a"]) + y_true["b"] * y_pred["b"]

    wrapper = next(c for c in from_losses if c.__name__ == "LossFunctionWrapper")
    loss = wrapper(gap, name="gap", reduction="none", factor=2.0)
    true = {"a": wave(3, 1), "b": wave(3)}
    pred = {"a": wave(3, phase=1.0), "b": wave(3, 1, phase=2.0)}
    config = loss.get_config()
    same = wrapper(keras.losses.mean_squared_error)
    again = wrapper.from_config(same.get_config())
    return [
        loss(true, pred), loss(true, pred, np.array([1.0, 0.0, 2.0], f32)),
        config["name"], config["reduction"], config["factor"], loss.dtype, again.name,
        outcome(loss, true, {"a": wave(3)}), again([1.0, 2.0], [3.0, 5.0]),
    ]  # fmt: skip


def mistakes(keras):
    losses = keras.losses
    return [
        outcome(
            losses.categorical_focal_crossentropy, ONE_HOT, PROBABILITIES, axis=True
        ),
        outcome(losses.ctc, WORDS, SPEECH[0]),
        outcome(losses.Huber, reduction="average"),
        outcome(losses.CategoricalGeneralizedCrossEntropy, q=0.0),
        outcome(losses.MeanSquaredError(), ["text"], [1.0]),
        outcome(losses.Loss(), [1.0], [1.0]),
        outcome(losses.Huber, wrong=1),
        outcome(losses.LogCosh(), TRUE, PRED[:, :3]),
        outcome(losses.KLDivergence(), TRUE, PRED[:2]),
    ]


def dtypes(keras):
    "Names and dtypes of losses of our own."
    keras.utils.clear_session()

    class GapLoss(keras.losses.Loss):
        def call(self, y_true, y_pred):
            return y_true - y_pred

    first, second = GapLoss(), GapLoss(dtype="mixed_bfloat16")
    policy = keras.DTypePolicy("mixed_float16")
    return [
        first.name, second.name, first.dtype, second.dtype, GapLoss(dtype=policy).dtype,
        keras.ops.cast(second(wave(3), wave(3, phase=1.0)), "float32"), first.get_config(),
    ]  # fmt: skip
