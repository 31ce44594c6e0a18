"""Confusion counts, precision, recall, curves: results after each update."""

import numpy as np

from tests.golden.cases import Table, metrics
from tests.golden.cases.metrics import described, refused, update

f32 = np.float32


def labels(*shape, seed=0):
    return np.random.RandomState(seed).randint(0, 2, shape).astype(f32)


def scores(*shape, seed=1):
    return np.round(np.random.RandomState(seed).rand(*shape), 2).astype(f32)


def weights(*shape, seed=2):
    return np.random.RandomState(seed).randint(0, 4, shape).astype(f32) / f32(2)


def metric(table, name, /, *updates, **config):
    "With a name: the automatic ones count all metrics made so far."
    metrics.metric(table, name, *updates, **{"name": "m"} | config)


COUNTS = ("TruePositives", "TrueNegatives", "FalsePositives", "FalseNegatives")
AT = {
    "SensitivityAtSpecificity": "specificity",
    "SpecificityAtSensitivity": "sensitivity",
    "PrecisionAtRecall": "recall",
    "RecallAtPrecision": "precision",
}


def cases():
    table = Table()
    for name in COUNTS:
        counts(table, name)
    for name in ("Precision", "Recall"):
        shares(table, name)
    for name in AT:
        constrained(table, name)
    areas(table)
    for name in (
        "contracts", "mistakes", "thresholds_of", "functions", "pieces", "in_a_model",
    ):  # fmt: skip
        table.scenario("confusion", name)
    return list(table)


def counts(table, name):
    y, p, w = labels(8), scores(8), weights(8)
    metric(table, name, update(y, p), update(labels(5, seed=3), scores(5, seed=4)))
    metric(table, name, update(y, p, sample_weight=w), thresholds=0.3)
    metric(table, name, update(y, p, sample_weight=0.5), thresholds=[0.2, 0.8])
    metric(table, name, update(y, p, sample_weight=w), thresholds=[0.0, 0.5, 1.0])
    metric(table, name, update(y[:, None], p), update(y, p[:, None]))
    y, p = labels(4, 3), scores(4, 3)
    metric(table, name, update(y, p, sample_weight=weights(4)))
    metric(table, name, update(y, p, sample_weight=weights(4, 1)))
    metric(table, name, update(y, p, sample_weight=weights(4, 3)), thresholds=[0.7])
    metric(table, name, update(y, p, sample_weight=weights(4, 3)),
           thresholds=[0.0, 0.25, 0.5, 0.75, 1.0])  # fmt: skip
    metric(table, name, update([0, 1, 1], [1, 0, 1]), name="mine")
    metric(table, name, update([0, 1, 1], [0.0, 1.0, 0.5]), thresholds=[0.0, 0.5, 1.0])
    metric(table, name, update(labels(2, 2, 3), scores(2, 2, 3)))
    metric(table, name)


def shares(table, name):
    y, p, w = labels(4, 3), scores(4, 3), weights(4)
    second = update(labels(2, 3, seed=5), scores(2, 3, seed=6))
    metric(table, name, update(y, p), second)
    metric(table, name, update(y, p, sample_weight=w), second, thresholds=[0.3, 0.7])
    metric(table, name, update(y, p, sample_weight=w), thresholds=[0.0, 0.5, 1.0])
    for config in (
        {"top_k": 1},
        {"top_k": 2},
        {"class_id": 1},
        {"class_id": 0, "thresholds": [0.2, 0.6]},
        {"top_k": 2, "class_id": 2},
        {"top_k": 2, "thresholds": 0.4},
        {"thresholds": 0},
    ):
        metric(table, name, update(y, p), second, **config)
        metric(table, name, update(y, p, sample_weight=w), **config)
    metric(table, name, update([0, 0, 1, 1], [1, 1, 1, 1]), top_k=2)
    metric(table, name, update(labels(2, 3, 4), scores(2, 3, 4)), top_k=2)
    metric(table, name, update(labels(2, 3, 4), scores(2, 3, 4)), class_id=3)
    metric(table, name, update([0, 0], [0.2, 0.1]))
    metric(table, name, update([0, 1, 1, 1], [1, 0, 1, 1], sample_weight=[0, 0, 1, 0]))
    metric(table, name)


def constrained(table, name):
    y, p = labels(20), scores(20)
    for value in (0.0, 0.4, 0.8, 1.0):
        metric(table, name, update(y, p), update(1 - y, p), **{AT[name]: value})
    for thresholds in (1, 2, 3, 20):
        metric(table, name, update(y, p, sample_weight=weights(20)),
               num_thresholds=thresholds, **{AT[name]: 0.6})  # fmt: skip
    y, p = labels(6, 3), scores(6, 3)
    metric(table, name, update(y, p, sample_weight=weights(6)), class_id=1,
           **{AT[name]: 0.5})  # fmt: skip
    metric(table, name, update(y, p), num_thresholds=10, **{AT[name]: 0.5})
    metric(table, name, **{AT[name]: 0.5})


def areas(table):
    def auc(*updates, **config):
        metric(table, "AUC", *updates, **config)

    y, p, w = labels(30), scores(30), weights(30)
    ways = ("interpolation", "minoring", "majoring")
    for curve in ("ROC", "PR", "PRGAIN"):
        for way in ways:
            setting = {"curve": curve, "summation_method": way}
            auc(update(y, p), update(labels(9, seed=7), scores(9, seed=8)), **setting)
            auc(update(y, p, sample_weight=w), num_thresholds=7, **setting)
            auc(update(labels(10, 3), scores(10, 3)), multi_label=True, **setting)
            auc(update(y, p), thresholds=[0.7, 0.1], **setting)
    auc(update(y, p), num_thresholds=2)
    auc(update(y, p), thresholds=[0.25, 0.5, 0.75])
    auc(update(y, 8 * p - 4), from_logits=True)
    auc(update(y, p), curve="pr", summation_method="Minoring")
    y, p = labels(10, 3), scores(10, 3)
    for curve in ("ROC", "PR"):
        for weight in (None, weights(10), weights(10, 1), weights(10, 3)):
            auc(update(y, p, sample_weight=weight), curve=curve)
            auc(update(y, p, sample_weight=weight), curve=curve, multi_label=True,
                label_weights=[1.0, 2.0, 0.5])  # fmt: skip
            auc(update(y, p, sample_weight=weight), curve=curve,
                label_weights=[1.0, 2.0, 0.5])  # fmt: skip
            auc(update(y, p, sample_weight=weight), curve=curve, multi_label=True,
                num_labels=3, thresholds=[0.2, 0.3, 0.9])  # fmt: skip
            auc(update(y, p, sample_weight=weight), curve=curve,
                thresholds=[0.2, 0.3, 0.9], label_weights=[0.0, 1.0, 1.0])  # fmt: skip
    auc(update(y, 4 * p - 2), multi_label=True, from_logits=True)
    auc(update(np.zeros(4, f32), scores(4)))
    auc(update(np.ones(4, f32), scores(4)), curve="PR")
    auc(update([0, 0, 1, 1], np.array([0, 0.5, 0.3, 0.9], f32)), num_thresholds=3)
    auc()


def contracts(k):
    "Signatures, configs, variables, dtypes and names of all classes"
    found = []
    for name in COUNTS:
        for config in ({}, {"thresholds": [0.1, 0.2, 0.3], "dtype": "float16"}):
            found.append(described(k, name, config, labels(8), scores(8)))
    for name in ("Precision", "Recall"):
        for config in ({}, {"top_k": 2, "class_id": 1, "dtype": "float64"}):
            found.append(described(k, name, config, labels(4, 3), scores(4, 3)))
    for name, word in AT.items():
        for config in ({word: 0.3}, {word: 1, "num_thresholds": 1, "class_id": 1}):
            found.append(described(k, name, config, labels(4, 3), scores(4, 3)))
    for config in (
        {},
        {"curve": "pr", "summation_method": "majoring", "dtype": "float16"},
        {"thresholds": [0.5, 0.2], "from_logits": True, "name": "mine"},
        {"multi_label": True, "num_labels": 3, "num_thresholds": 4},
        {"multi_label": True, "label_weights": [1.0, 2.0, 3.0]},
    ):
        found.append(described(k, "AUC", config, labels(4, 3), scores(4, 3)))
    return found


def mistakes(k):
    "What is refused, and with which built-in class"
    m, y, p = k.metrics, labels(4, 3), scores(4, 3)
    return refused(
        lambda: m.Precision(thresholds=-0.1),
        lambda: m.Recall(thresholds=[0.5, 1.2]),
        lambda: m.TruePositives(thresholds=[None]),
        lambda: m.Precision(class_id=1).update_state(y[:, 0], p[:, 0]),
        lambda: m.SensitivityAtSpecificity(1.5),
        lambda: m.SpecificityAtSensitivity(-1),
        lambda: m.PrecisionAtRecall(2),
        lambda: m.RecallAtPrecision(-0.5),
        lambda: m.RecallAtPrecision(0.5, num_thresholds=0),
        lambda: m.AUC(num_thresholds=1),
        lambda: m.AUC(curve="no such curve"),
        lambda: m.AUC(summation_method="no such sum"),
        lambda: m.AUC(num_labels=3),
        lambda: m.AUC(multi_label=True).update_state(y[:, 0], p[:, 0]),
    )


def thresholds_of(k):
    "The thresholds that settings stand for"
    m = k.metrics
    made = [
        m.Precision(), m.Precision(top_k=2), m.Recall(thresholds=0.2),
        m.TruePositives(thresholds=[0.1, 0.6]), m.PrecisionAtRecall(0.5, 5),
        m.PrecisionAtRecall(0.5, 1), m.AUC(5), m.AUC(thresholds=[0.9, 0.1]),
    ]  # fmt: skip
    return [[float(t) for t in metric.thresholds] for metric in made]


def functions(k):
    "A metric after reset, and Precision and Recall called like functions"
    precision = k.metrics.Precision()
    first = precision(labels(4), scores(4))
    precision.reset_state()
    return [first, precision.result(), precision(labels(5, seed=9), scores(5))]


def pieces(k):
    "State after two updates, of metrics without a scalar in common"
    auc = k.metrics.AUC(num_thresholds=5, multi_label=True)
    auc.update_state(labels(4, 2), scores(4, 2))
    auc.update_state(labels(3, 2, seed=5), scores(3, 2, seed=6), weights(3))
    return [k.ops.convert_to_numpy(v.value) for v in auc.variables]


def model_of(k, units, activation):
    "One Dense layer with weights that are the same everywhere."
    k.utils.clear_session()
    model = k.Sequential([k.Input((4,)), k.layers.Dense(units, activation=activation)])
    kernel = 2 * scores(4, units, seed=11) - 1
    model.set_weights([kernel, np.zeros(units, f32)])
    return model


def in_a_model(k):
    "The values and names that evaluate gives, with batches, weights and strings"
    model = model_of(k, 1, "sigmoid")
    model.compile(
        loss="binary_crossentropy",
        metrics=[k.metrics.AUC(), k.metrics.Precision(0.4), "Recall", "true_positives"],
        weighted_metrics=[k.metrics.AUC(curve="PR"), k.metrics.RecallAtPrecision(0.6)],
    )
    x, y = 4 * scores(22, 4, seed=12) - 2, labels(22, 1, seed=13)
    found = [
        model.evaluate(x, y, batch_size=5, verbose=0, return_dict=True,
                       sample_weight=weight)
        for weight in (None, weights(22))
    ]  # fmt: skip
    return [{name: np.float32(v) for name, v in one.items()} for one in found]
