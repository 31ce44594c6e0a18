"""Bad arguments of layers, losses, metrics and optimizers: which error Keras raises.

The mechanism, the strange values and the words are those of `refusals`. `made` spoils
one argument of a constructor and uses what comes out; `called` spoils what a good object
is called with; `built` does so after a call with good inputs, so that there is a shape to
be held to.
"""

import numpy as np

from tests.golden.cases import Table
from tests.golden.cases.refusals import STRANGE, X, arguments_of, refusals, spoiled
from tests.golden.player import find, wave

CUBE = wave(2, 3, 4)
IDS = np.array([[0, 1], [2, 0]])
CLASSES = np.array([0, 2, 1, 0])
ONE_HOT = np.eye(3, dtype="float32")[CLASSES]
SHARES = np.array(
    [[0.6, 0.3, 0.1], [0.2, 0.2, 0.6], [0.5, 0.3, 0.2], [0.1, 0.8, 0.1]], "float32"
)
COLUMN, GUESS = ONE_HOT[:, :1], SHARES[:, :1]
TWO = [X, X + np.float32(1)]


def double(x):
    return 2.0 * x


def gap(y_true, y_pred):
    return y_pred - y_true


WRAPPED = {"layer": lambda k: k.layers.Dense(2)}
ONE = "Add Average Maximum Minimum Multiply Concatenate".split()
LAYERS = {  # class: required arguments, and what it is called with
    "Activation": ({"activation": "relu"}, X),
    "ActivityRegularization": ({}, X),
    "AlphaDropout": ({"rate": 0.4}, X),
    "BatchNormalization": ({}, X),
    "CategoryEncoding": ({"num_tokens": 3}, IDS),
    "Dense": ({"units": 2}, X),
    "Dropout": ({"rate": 0.4}, X),
    "ELU": ({}, X),
    "EinsumDense": ({"equation": "ab,bc->ac", "output_shape": 2}, X),
    "Embedding": ({"input_dim": 3, "output_dim": 2}, IDS),
    "Flatten": ({}, CUBE),
    "GaussianDropout": ({"rate": 0.4}, X),
    "GaussianNoise": ({"stddev": 0.4}, X),
    "GroupNormalization": ({"groups": 3}, X),
    "Identity": ({}, X),
    "Lambda": ({"function": double}, X),
    "LayerNormalization": ({}, X),
    "LeakyReLU": ({}, X),
    "Masking": ({}, CUBE),
    "Normalization": ({"mean": 0.5, "variance": 2.0}, X),
    "PReLU": ({}, X),
    "Permute": ({"dims": (2, 1)}, CUBE),
    "RMSNormalization": ({}, X),
    "ReLU": ({}, X),
    "RepeatVector": ({"n": 2}, X),
    "Rescaling": ({"scale": 0.5}, X),
    "Reshape": ({"target_shape": (3, 1)}, X),
    "Softmax": ({}, X),
    "SpatialDropout1D": ({"rate": 0.4}, CUBE),
    "SpatialDropout2D": ({"rate": 0.4}, CUBE[..., None]),
    "SpatialDropout3D": ({"rate": 0.4}, CUBE[..., None, None]),
    "SpectralNormalization": (WRAPPED, X),
    "UnitNormalization": ({}, X),
    "Dot": ({"axes": 1}, TWO),
    "Subtract": ({}, TWO),
    **{name: ({}, TWO) for name in ONE},
}
LOSSES = {  # class: required arguments, labels, predictions
    **{
        name: ({}, X, X + np.float32(1))
        for name in (
            "MeanAbsoluteError MeanAbsolutePercentageError MeanSquaredError "
            "MeanSquaredLogarithmicError CosineSimilarity Huber LogCosh"
        ).split()
    },
    **{
        name: ({}, ONE_HOT, SHARES)
        for name in (
            "BinaryCrossentropy BinaryFocalCrossentropy CategoricalCrossentropy "
            "CategoricalFocalCrossentropy CategoricalGeneralizedCrossEntropy "
            "CategoricalHinge Dice Hinge KLDivergence Poisson SquaredHinge Tversky"
        ).split()
    },
    "SparseCategoricalCrossentropy": ({}, CLASSES, SHARES),
    "Circle": ({}, CLASSES, SHARES),
    "CTC": ({}, np.array([[1, 2], [2, 1]]), wave(2, 5, 3)),
    "LossFunctionWrapper": ({"fn": gap}, X, X + np.float32(1)),
}
LOSSES["CategoricalGeneralizedCrossEntropy"] = ({}, CLASSES, SHARES)
IOU = {"num_classes": 3, "target_class_ids": [0]}
METRICS = {
    **{
        name: ({}, X, X + np.float32(1))
        for name in (
            "MeanAbsoluteError MeanAbsolutePercentageError MeanSquaredError "
            "MeanSquaredLogarithmicError CosineSimilarity LogCoshError Accuracy "
            "RootMeanSquaredError R2Score PearsonCorrelation ConcordanceCorrelation"
        ).split()
    },
    **{
        name: ({}, ONE_HOT, SHARES)
        for name in (
            "AUC BinaryAccuracy BinaryCrossentropy BinaryIoU CategoricalAccuracy "
            "CategoricalCrossentropy CategoricalHinge F1Score FBetaScore Hinge "
            "KLDivergence Poisson Precision Recall SquaredHinge TopKCategoricalAccuracy "
            "TruePositives TrueNegatives FalsePositives FalseNegatives"
        ).split()
    },
    **{
        name: ({}, CLASSES, SHARES)
        for name in (
            "SparseCategoricalAccuracy SparseCategoricalCrossentropy "
            "SparseTopKCategoricalAccuracy"
        ).split()
    },
    "IoU": (IOU, CLASSES, CLASSES),
    "MeanIoU": ({"num_classes": 3}, CLASSES, CLASSES),
    "OneHotIoU": (IOU, ONE_HOT, SHARES),
    "OneHotMeanIoU": ({"num_classes": 3}, ONE_HOT, SHARES),
    "MeanMetricWrapper": ({"fn": gap}, X, X + np.float32(1)),
    "PrecisionAtRecall": ({"recall": 0.5}, COLUMN, GUESS),
    "RecallAtPrecision": ({"precision": 0.5}, COLUMN, GUESS),
    "SensitivityAtSpecificity": ({"specificity": 0.5}, COLUMN, GUESS),
    "SpecificityAtSensitivity": ({"sensitivity": 0.5}, COLUMN, GUESS),
}
MEANS = ("Mean", "Sum")  # updated with values and weights
OPTIMIZERS = (
    "Adadelta Adafactor Adagrad Adam AdamW Adamax Ftrl Lamb Lion Muon Nadam RMSprop SGD "
    "ScheduleFreeAdamW"
).split()
ROOMS = {"layers": LAYERS, "losses": LOSSES, "metrics": METRICS}
OF_ALL = {  # arguments of a room that are spoiled for one class only
    "layers": ("Dense", ("name", "dtype", "trainable", "input_shape", "batch_size")),
    "losses": ("MeanSquaredError", ("name", "dtype", "reduction")),
    "metrics": ("MeanSquaredError", ("name", "dtype")),
    "optimizers": ("SGD", (
        "name", "weight_decay", "clipnorm", "clipvalue", "global_clipnorm", "use_ema",
        "ema_momentum", "ema_overwrite_frequency", "loss_scale_factor",
        "gradient_accumulation_steps", "learning_rate")),
}  # fmt: skip


def described(k, room, name):
    "The required arguments of a class, and good inputs of what it makes."
    if room == "optimizers":
        return {}, ()
    if name in MEANS:
        return {}, (X,)
    given, *inputs = ROOMS[room][name]
    return {key: v(k) if key == "layer" else v for key, v in given.items()}, inputs


def use(k, room, thing, inputs):
    "Call a thing once, or update it, or let it take two steps."
    if room == "metrics":
        thing.update_state(*inputs)
        return thing.result()
    if room != "optimizers":
        return thing(*inputs)
    variable = k.Variable(wave(3, 2))
    for _ in range(2):
        thing.apply([k.ops.convert_to_tensor(wave(3, 2))], [variable])


def made(k, room, name):
    "{argument: {value: word}} of a constructor, with one argument spoiled at a time."
    kind = find(k, f"{room}.{name}")
    first, common = OF_ALL[room]
    own = [a for a in arguments_of(kind) if a not in common]
    given, _ = described(k, room, name)

    def trial(argument, value):
        good, inputs = described(k, room, name)
        use(k, room, kind(**{**good, argument: value}), inputs)

    found = {
        argument: refusals(
            (label, lambda argument=argument, value=value: trial(argument, value))
            for label, value in STRANGE.items()
        )
        for argument in (own + list(common) if name == first else own)
    }
    found["call"] = refusals([
        ("unknown word", lambda: kind(**given, nonsense=1)),
        ("nothing", kind),
    ])  # fmt: skip
    return found


WEIGHTS = {
    "short": np.ones(3), "long": np.ones(5), "text": np.full(4, "a"), "str": "text",
    "wide": np.ones((4, 3)), "wider": np.ones((4, 5)), "column": np.ones((4, 1)),
    "deep": np.ones((4, 1, 1, 2)), "number": 2.0, "0-d": np.float32(2), "bool": True,
    "objects": np.full(4, None), "dict": {"a": np.ones(4)}, "two": [np.ones(4)] * 2,
    "none": np.ones(0), "object": object(), "ints": np.arange(4), "list": [1.0] * 4,
    "dates": np.zeros(4, "datetime64[s]"), "negative": -np.ones(4),
}  # fmt: skip
LABELS = {
    "too large": CLASSES + 3, "negative": CLASSES - 1, "floats": CLASSES + 0.5,
    "column": CLASSES[:, None], "short": CLASSES[:-1], "one hot": ONE_HOT,
}  # fmt: skip


def called(k, room, name):
    "{part: {value: word}} of the call of a good object, each part spoiled in turn."
    given, inputs = described(k, room, name)
    make = find(k, f"{room}.{name}")
    parts = ["y_true", "y_pred"] if len(inputs) == 2 else ["x"]

    def trial(inputs, **kwargs):
        thing = make(**described(k, room, name)[0])
        if room == "metrics":
            return thing.update_state(*inputs, **kwargs)
        return thing(*inputs, **kwargs)

    found = {}
    for i, part in enumerate(parts):
        values = dict(spoiled(np.asarray(inputs[i]))) if room != "layers" else {}
        if part == "y_true":
            values |= LABELS
        if room == "layers":
            values = strange_inputs(inputs[i])
        found[part] = refusals(
            (n, lambda i=i, x=x: trial([*inputs[:i], x, *inputs[i + 1 :]]))
            for n, x in values.items()
        )
    if room != "layers":
        found["sample_weight"] = refusals(
            (n, lambda w=w: trial(inputs, sample_weight=w)) for n, w in WEIGHTS.items()
        )
    found["call"] = refusals([
        ("nothing", lambda: trial([])),
        ("too many", lambda: trial([*inputs, X, X, X, X])),
        ("unknown word", lambda: trial(inputs, nonsense=1)),
    ])  # fmt: skip
    return found


def strange_inputs(x):
    "Spoiled inputs of a layer; of lists, in one place."
    if not isinstance(x, list):
        return dict(spoiled(x))
    one = {f"one {n}": [x[0], s] for n, s in spoiled(x[1]) if n != "two"}
    return one | {
        "alone": x[0], "none": [], "only one": x[:1], "three": [*x, x[0]], "None": None,
        "text": "text", "dict": {"a": x[0], "b": x[1]}, "object": object(),
        "number": 3, "tuple": tuple(x),
    }  # fmt: skip


def built(k, room, name):
    "{value: word} of a layer that has been called with good inputs before."
    given, (x,) = described(k, room, name)

    def trial(value, **kwargs):
        layer = find(k, f"layers.{name}")(**described(k, room, name)[0])
        layer(x)
        layer(value, **kwargs)

    shape = np.shape(x[0] if isinstance(x, list) else x)
    symbols = {
        "other width": (*shape[:-1], 7), "more axes": (*shape, 1), "no axes": (),
        "unknown width": (*shape[:-1], None), "one axis": shape[:1],
    }  # fmt: skip
    tensors = {
        n: k.KerasTensor(s) if not isinstance(x, list) else [k.KerasTensor(s)] * 2
        for n, s in symbols.items()
    }
    return {
        "x": refusals(
            (n, lambda v=v: trial(v)) for n, v in strange_inputs(x).items()
        ),
        "symbols": refusals((n, lambda v=v: trial(v)) for n, v in tensors.items()),
        "training": refusals(
            (n, lambda v=v: trial(x, training=v)) for n, v in STRANGE.items()
        ),
        "mask": refusals(
            (n, lambda v=v: trial(x, mask=v)) for n, v in STRANGE.items()
        ),
        "input_shape": refusals(
            (n, lambda s=s: find(k, f"layers.{name}")(**given).build(s))
            for n, s in {
                "None": None, "number": 3, "text": "text", "empty": (), "dict": {},
                "negative": (-1, -2), "half": (2.5, 2), "object": object(),
            }.items()
        ),
    }  # fmt: skip


def cases():
    table = Table()
    for room, kinds in ROOMS.items():
        for name in [*kinds, *(MEANS if room == "metrics" else ())]:
            table.scenario("misuses", "made", room=room, name=name)
            table.scenario("misuses", "called", room=room, name=name)
            if room == "layers":
                table.scenario("misuses", "built", room=room, name=name)
    for name in OPTIMIZERS:
        table.scenario("misuses", "made", room="optimizers", name=name)
    return list(table)
