"""F scores, R2, overlap and correlation: results after each update."""

import numpy as np

from tests.golden.cases import Table
from tests.golden.cases.confusion import labels, metric, model_of, scores, weights
from tests.golden.cases.metrics import described, refused, update

f32 = np.float32


def classes(*shape, count=3, seed=0):
    return np.random.RandomState(seed).randint(0, count, shape).astype("int32")


def one_hot(*shape, count=3, seed=0):
    return np.eye(count, dtype=f32)[classes(*shape, count=count, seed=seed)]


def cases():
    table = Table()
    f_scores(table)
    r2_scores(table)
    overlaps(table)
    correlations(table)
    for name in ("contracts", "mistakes", "warned", "in_a_model"):
        table.scenario("agreement", name)
    return list(table)


def f_scores(table):
    hot, p, w = one_hot(7), scores(7, 3), weights(7)
    second = update(one_hot(4, seed=3), scores(4, 3, seed=4))
    for average in (None, "micro", "macro", "weighted"):
        for config in ({}, {"threshold": 0.5}, {"threshold": 1.0}):
            config = {"average": average, **config}
            metric(table, "F1Score", update(hot, p), second, **config)
            metric(table, "F1Score", update(labels(7, 3), p, sample_weight=w), **config)
        for beta in (0.5, 2.0):
            setting = {"average": average, "beta": beta}
            metric(table, "FBetaScore", update(hot, p, sample_weight=w), **setting)
            metric(table, "FBetaScore", update(labels(7, 3), p), second, threshold=0.3,
                   **setting)  # fmt: skip
    metric(table, "F1Score", update(labels(5, 1), scores(5, 1)), threshold=0.5)
    metric(table, "F1Score", update([[1, 0], [0, 1]], [[0, 0], [0.5, 0.5]]))
    metric(table, "F1Score", update(np.zeros((2, 2), f32), np.zeros((2, 2), f32)))
    metric(table, "F1Score", update(hot, p), dtype="float16")
    metric(table, "F1Score", update(hot, p), dtype="float64")


def r2_scores(table):
    y, p, w = scores(6, 2), scores(6, 2, seed=5), weights(6)
    second = update(scores(3, 2, seed=6), scores(3, 2, seed=7))
    for how in (None, "uniform_average", "variance_weighted_average"):
        for regressors in (0, 2):
            config = {"class_aggregation": how, "num_regressors": regressors}
            metric(table, "R2Score", update(y, p), second, **config)
            metric(table, "R2Score", update(y, p, sample_weight=w), second, **config)
            metric(table, "R2Score", update(y, p, sample_weight=w[:, None]), **config)
    metric(table, "R2Score", update(y, p, sample_weight=2.0))
    metric(table, "R2Score", update(y, p, sample_weight=weights(6, 2)))
    metric(table, "R2Score", update([[1], [4], [3]], [[2], [4], [4]]))
    metric(table, "R2Score", update(np.ones((3, 1), f32), scores(3, 1)))
    metric(table, "R2Score", update(np.ones((3, 1), f32), np.ones((3, 1), f32)))


def overlaps(table):
    y, p = classes(2, 4), classes(2, 4, seed=1)
    w = classes(2, 4, seed=2)
    second = update(classes(5, seed=3), classes(5, seed=4))
    for config in ({}, {"ignore_class": 0}, {"ignore_class": 2, "dtype": "float32"}):
        metric(table, "MeanIoU", update(y, p), second, num_classes=3, **config)
        metric(table, "MeanIoU", update(y, p, sample_weight=w), num_classes=3, **config)
        for ids in ([0], [0, 2], (1,)):
            metric(table, "IoU", update(y, p), second, num_classes=3,
                   target_class_ids=list(ids), **config)  # fmt: skip
    metric(table, "MeanIoU", update([0, 1, 255], [0, 1, 1]), num_classes=2,
           ignore_class=255)  # fmt: skip
    metric(table, "MeanIoU", update([0, -1, 1], [0, 1, 1]), num_classes=2)
    metric(table, "MeanIoU", update([0, 1, 1], [0, 5, 1]), num_classes=2)
    metric(table, "MeanIoU", update(y, p, sample_weight=weights(2, 4)), num_classes=3,
           dtype="float32")  # fmt: skip
    metric(table, "MeanIoU", update(y, p, sample_weight=3), num_classes=3)
    metric(table, "MeanIoU", update(y, p), num_classes=4)
    metric(table, "MeanIoU", num_classes=2)
    hot, chances = one_hot(2, 4), scores(2, 4, 3)
    metric(table, "IoU", update(hot, chances), num_classes=3, target_class_ids=[0, 1],
           sparse_y_true=False, sparse_y_pred=False)  # fmt: skip
    metric(table, "IoU", update(y, chances), num_classes=3, target_class_ids=[0, 1],
           sparse_y_pred=False)  # fmt: skip
    for config in ({}, {"ignore_class": 1}, {"dtype": "float32"}):
        metric(table, "OneHotMeanIoU", update(hot, chances), num_classes=3, **config)
        metric(table, "OneHotIoU", update(hot, chances, sample_weight=w), num_classes=3,
               target_class_ids=[0, 2], **config)  # fmt: skip
    metric(table, "OneHotMeanIoU", update(hot, p), num_classes=3, sparse_y_pred=True)
    binary, chance = labels(8), scores(8)
    for config in ({}, {"threshold": 0.3}, {"target_class_ids": [1]}):
        metric(table, "BinaryIoU", update(binary, chance), **config)
        metric(table, "BinaryIoU", update(binary, chance, sample_weight=weights(8)),
               dtype="float32", **config)  # fmt: skip
    metric(table, "BinaryIoU", update([[0, 1], [1, 1]], [[0.5, 0.4], [0.9, 0.1]]))


def correlations(table):
    y, p = scores(4, 5), scores(4, 5, seed=9)
    for name in ("Pearson", "Concordance"):
        function = f"metrics.{name.lower()}_correlation"
        table.function(function, y, p)
        table.function(function, y, p, axis=0)
        table.function(function, y.astype("float64"), p.astype("float64"), axis=1)
        table.function(function, y[0], p[0])
        second = update(scores(2, 5), scores(2, 5, seed=8))
        metric(table, f"{name}Correlation", update(y, p), second)
        metric(table, f"{name}Correlation", update(y, p), axis=0)
        metric(table, f"{name}Correlation", update(y, p, sample_weight=weights(4)))
        metric(table, f"{name}Correlation", update(y, p), dtype="float16")


def contracts(k):
    "Signatures, configs, variables, dtypes and names of all classes"
    hot, p, y = one_hot(7), scores(7, 3), classes(7)
    found = [
        described(k, name, config, hot, p)
        for name, config in (
            ("F1Score", {}),
            ("F1Score", {"average": "micro", "threshold": 0.5, "dtype": "float16"}),
            ("FBetaScore", {"beta": 2.0, "average": "weighted"}),
            ("R2Score", {}),
            ("R2Score", {"class_aggregation": None, "num_regressors": 2}),
            ("OneHotIoU", {"num_classes": 3, "target_class_ids": (0, 1)}),
            ("OneHotMeanIoU", {"num_classes": 3, "ignore_class": 1}),
            ("PearsonCorrelation", {}),
            ("ConcordanceCorrelation", {"axis": 0, "dtype": "float16"}),
        )
    ]
    found += [
        described(k, name, config, y, y)
        for name, config in (
            ("IoU", {"num_classes": 3, "target_class_ids": (0, 1)}),
            ("MeanIoU", {"num_classes": 3, "dtype": "float32"}),
            ("BinaryIoU", {}),
            ("BinaryIoU", {"target_class_ids": [1], "threshold": 0.3}),
        )
    ]
    return found


def mistakes(k):
    "What is refused, and with which built-in class"
    m, y = k.metrics, scores(4, 3)
    return refused(
        lambda: m.F1Score(average="no such average"),
        lambda: m.F1Score(threshold=1),
        lambda: m.F1Score(threshold=1.5),
        lambda: m.F1Score(threshold=0.0),
        lambda: m.FBetaScore(beta=2),
        lambda: m.FBetaScore(beta=-1.0),
        lambda: m.F1Score().update_state(y[0], y[0]),
        lambda: m.R2Score(class_aggregation="no such"),
        lambda: m.R2Score(num_regressors=-1),
        lambda: m.R2Score().update_state(y[0], y[0]),
        lambda: m.IoU(num_classes=2, target_class_ids=[0, 2]),
    )


def warned(k):
    "Which calls warn"
    import warnings

    def count(call):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            call()
        return [w.category.__name__ for w in caught]

    y, p = classes(4), classes(4, seed=1)
    many = k.metrics.R2Score(num_regressors=20)
    many.update_state(scores(4, 1), scores(4, 1, seed=3))
    exact = k.metrics.R2Score(num_regressors=3)
    exact.update_state(scores(4, 1), scores(4, 1, seed=3))
    iou = k.metrics.MeanIoU(num_classes=3)
    return [
        count(lambda: iou.update_state(y, p, weights(4))),
        count(lambda: iou.update_state(y, p, [1, 2, 1, 1])),
        count(many.result),
        count(exact.result),
        many.result(),
        exact.result(),
    ]


def in_a_model(k):
    "The values and names that evaluate gives, for three classes"
    model = model_of(k, 3, "softmax")
    m = k.metrics
    model.compile(
        loss="categorical_crossentropy",
        metrics=[
            m.F1Score(average="macro"), m.R2Score(), m.OneHotMeanIoU(num_classes=3),
            m.TopKCategoricalAccuracy(k=2), m.PearsonCorrelation(), "accuracy", "mse",
        ],
        weighted_metrics=[m.FBetaScore(average="micro", beta=2.0), "kl_divergence"],
    )  # fmt: skip
    x, y = 4 * scores(22, 4, seed=12) - 2, one_hot(22, seed=13)
    found = [
        model.evaluate(x, y, batch_size=5, verbose=0, return_dict=True,
                       sample_weight=weight)
        for weight in (None, weights(22))
    ]  # fmt: skip
    return [{name: np.float32(v) for name, v in one.items()} for one in found]
