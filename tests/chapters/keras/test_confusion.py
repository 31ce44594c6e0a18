"""Confusion counts: both ways of counting, shares, areas, weights, and the mistakes."""

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from minikeras import metrics
from minikeras.core.tensor import convert
from minikeras.metrics.metrics_utils import (
    CELLS,
    ConfusionMatrix,
    by_buckets,
    by_comparing,
    is_evenly_distributed_thresholds,
    parse_init_thresholds,
    update_confusion_matrix_variables,
)

COUNTS = ("TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives")
AT = {
    "SensitivityAtSpecificity": ("sensitivity", "specificity"),
    "SpecificityAtSensitivity": ("specificity", "sensitivity"),
    "PrecisionAtRecall": ("precision", "recall"),
    "RecallAtPrecision": ("recall", "precision"),
}
unit = st.floats(0, 1, width=32)


def four(y, p, w, line):
    """TP, FP, TN, FN by NumPy."""
    said = p > line
    return [
        (w * (y == label) * (said == yes)).sum()
        for label, yes in ((1, True), (0, True), (0, False), (1, False))
    ]


@st.composite
def batches(draw, labels=None):
    shape = (draw(st.integers(1, 12)),) + ((labels,) if labels else ())
    y = draw(hnp.arrays("float32", shape, elements=st.sampled_from([0.0, 1.0])))
    p = draw(hnp.arrays("float32", shape, elements=unit))
    w = draw(hnp.arrays("float32", shape, elements=st.sampled_from([0.0, 0.5, 1.0, 2])))
    return y, p, w


@settings(max_examples=60, deadline=None)
@given(batches(), st.lists(unit, min_size=1, max_size=5))
def test_counts_are_numpys(batch, lines):
    y, p, w = batch
    found = [getattr(metrics, name)(lines)(y, p, w).numpy() for name in COUNTS]
    expected = [four(y, p, w, np.float32(line)) for line in lines]
    np.testing.assert_allclose(np.reshape(found, (4, -1)).T, expected, atol=1e-4)


@settings(max_examples=60, deadline=None)
@given(batches(labels=3), st.sampled_from([3, 5, 9, 33]), st.booleans())
def test_buckets_are_comparisons(batch, count, with_epsilon):
    y, p, w = batch
    lines = np.linspace(0, 1, count)
    p = np.round(p * (count - 1) * 4) / np.float32(4 * (count - 1))  # hit the lines too
    if with_epsilon:
        lines[[0, -1]] += [-1e-7, 1e-7]
    truth = {True: convert(y * w), False: convert((1 - y) * w)}
    arguments = (CELLS, truth, convert(p), lines.astype("float32"))
    slow, fast = by_comparing(*arguments), by_buckets(*arguments)
    for cell in CELLS:
        np.testing.assert_allclose(slow[cell], fast[cell], atol=1e-4)


def test_scores_that_are_no_numbers_or_outside_are_counted_alike():
    y, p = np.array([1, 0, 1, 1.0]), np.array([np.nan, 0.7, -3, 5])
    even = metrics.TruePositives([0.0, 0.5, 1.0])(y, p).numpy()
    assert even.tolist() == [1, 1, 0]
    assert metrics.TrueNegatives(0.5)(1 - y, p).numpy() == 2


@pytest.mark.parametrize("name", [*COUNTS, "Precision", "Recall", *AT, "AUC"])
def test_batches_do_not_matter(name):
    rng = np.random.default_rng(0)
    y, p = rng.integers(0, 2, 97), rng.random(97).astype("float32")
    w = rng.integers(0, 5, 97).astype("float32")
    arguments = (0.6,) if name in AT else ()
    whole, pieces = (getattr(metrics, name)(*arguments) for _ in range(2))
    whole.update_state(y, p, w)
    for rows in np.array_split(np.arange(97), 7):
        pieces.update_state(y[rows], p[rows], w[rows])
    np.testing.assert_allclose(whole.result(), pieces.result(), rtol=1e-5)
    for a, b in zip(whole.variables, pieces.variables, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-5)
    pieces.reset_state()
    assert float(np.sum(pieces.result().numpy())) == 0


@settings(max_examples=60, deadline=None)
@given(batches(), unit)
def test_precision_and_recall(batch, line):
    y, p, w = batch
    tp, fp, _, fn = four(y, p, w, np.float32(line))
    precision, recall = metrics.Precision(line), metrics.Recall(line)
    assert np.isclose(float(precision(y, p, w)), tp / (tp + fp) if tp else 0, atol=1e-5)
    assert np.isclose(float(recall(y, p, w)), tp / (tp + fn) if tp else 0, atol=1e-5)
    assert float(precision.true_positives.value[0]) == tp


def test_top_k_and_class_id():
    y = np.array([[1, 0, 0, 1], [0, 1, 0, 0]], "float32")
    p = np.array([[0.1, 0.9, 0.2, 0.8], [0.4, 0.3, 0.2, 0.1]], "float32")
    assert float(metrics.Precision(top_k=2)(y, p)) == 0.5
    assert np.isclose(float(metrics.Recall(top_k=2)(y, p)), 2 / 3)
    assert float(metrics.Recall(top_k=2, class_id=3)(y, p)) == 1
    assert float(metrics.Recall(class_id=1)(y, p)) == 0
    assert float(metrics.Precision(class_id=3)(y, p)) == 1


@pytest.mark.parametrize("name", AT)
@pytest.mark.parametrize("value", [0.0, 0.3, 0.75, 1.0])
def test_the_best_under_a_condition(name, value):
    rng = np.random.default_rng(1)
    y, p = rng.integers(0, 2, 60), rng.random(60).astype("float32")
    w = rng.random(60).astype("float32")
    best = 0.0
    for line in np.linspace(0, 1, 41).astype("float32"):
        tp, fp, tn, fn = four(y, p, w, line)
        shares = {
            "sensitivity": tp / (tp + fn),
            "recall": tp / (tp + fn),
            "specificity": tn / (tn + fp),
            "precision": tp / (tp + fp) if tp else 0.0,
        }
        wanted, condition = AT[name]
        if shares[condition] >= value - 1e-7:
            best = max(best, shares[wanted])
    metric = getattr(metrics, name)(value, num_thresholds=41)
    assert np.isclose(float(metric(y, p, w)), best, atol=1e-5)


@settings(max_examples=40, deadline=None)
@given(batches())
def test_roc_area_is_the_share_of_pairs_in_order(batch):
    y, p, w = batch
    positive, negative = y * w, (1 - y) * w
    order = (p[:, None] > p).astype(float) + (p[:, None] == p) / 2
    total = positive.sum() * negative.sum()
    exact = (np.outer(positive, negative) * order).sum() / total if total else 0
    lines = np.unique(np.concatenate([p, [0, 1]])).tolist()  # every score is a line
    area = metrics.AUC(thresholds=lines)
    assert np.isclose(float(area(y, p, w)), exact, atol=1e-4)


def test_areas_by_label_and_their_weights():
    rng = np.random.default_rng(2)
    y, p = rng.integers(0, 2, (40, 3)), rng.random((40, 3)).astype("float32")
    for curve in ("ROC", "PR", "PRGAIN"):
        each = [float(metrics.AUC(curve=curve)(y[:, i], p[:, i])) for i in range(3)]
        plain = metrics.AUC(curve=curve, multi_label=True)
        assert np.isclose(float(plain(y, p)), np.mean(each), atol=1e-5)
        weights = [1.0, 0.0, 3.0]
        weighted = metrics.AUC(curve=curve, multi_label=True, label_weights=weights)
        expected = np.average(each, weights=weights)
        assert np.isclose(float(weighted(y, p)), expected, atol=1e-5)


def test_minoring_and_majoring_enclose():
    rng = np.random.default_rng(3)
    y, p = rng.integers(0, 2, 50), rng.random(50).astype("float32")
    for curve in ("ROC", "PR"):
        low, middle, high = (
            float(metrics.AUC(9, curve, method)(y, p))
            for method in ("minoring", "interpolation", "majoring")
        )
        assert low < middle < high


def test_logits():
    y, p = np.array([0, 1, 1, 0]), np.array([0.2, 0.7, 0.4, 0.6])
    logits = np.log(p / (1 - p))
    expected = float(metrics.AUC()(y, p))
    assert np.isclose(float(metrics.AUC(from_logits=True)(y, logits)), expected)


def test_thresholds():
    assert parse_init_thresholds(None, 0.3) == [0.3]
    assert parse_init_thresholds((0.2, 0.1)) == [0.2, 0.1]
    assert is_evenly_distributed_thresholds([0, 0.5, 1])
    assert not is_evenly_distributed_thresholds([0, 1])
    assert not is_evenly_distributed_thresholds([0, 0.4, 1])


MISTAKES = [
    (lambda: metrics.Precision(thresholds=-0.1), ValueError, "must be in"),
    (lambda: metrics.Recall(thresholds=[0.5, 1.2]), ValueError, "1.2"),
    (lambda: metrics.TruePositives(thresholds=[None]), ValueError, "must be in"),
    (lambda: metrics.TruePositives(thresholds="half"), TypeError, "number"),
    (lambda: metrics.AUC(num_thresholds=1), ValueError, "num_thresholds"),
    (lambda: metrics.AUC(curve="straight"), ValueError, "AUC curve"),
    (lambda: metrics.AUC(summation_method="guess"), ValueError, "summation"),
    (lambda: metrics.AUC(num_labels=3), ValueError, "num_labels"),
    (lambda: metrics.SensitivityAtSpecificity(1.5), ValueError, "specificity"),
    (lambda: metrics.SpecificityAtSensitivity(-1), ValueError, "sensitivity"),
    (lambda: metrics.PrecisionAtRecall("most"), TypeError, "recall"),
    (lambda: metrics.RecallAtPrecision(0.5, 0), ValueError, "num_thresholds"),
]


@pytest.mark.parametrize(("make", "kind", "word"), MISTAKES)
def test_mistakes_in_arguments(make, kind, word):
    with pytest.raises(kind, match=word):
        make()


Y, P = np.ones((4, 3), "float32"), np.full((4, 3), 0.7, "float32")
BATCHES = [
    (metrics.Precision, (Y, P[:3]), {}, ValueError),
    (metrics.Precision, (Y, P, np.ones(3)), {}, ValueError),
    (metrics.Precision, (Y[:, 0], P[:, 0]), {"class_id": 1}, ValueError),
    (metrics.Recall, (Y, P), {"class_id": 3}, IndexError),
    (metrics.Recall, (Y, P), {"top_k": 4}, ValueError),
    (metrics.TruePositives, (1.0, 0.7), {}, ValueError),
    (metrics.FalseNegatives, ("yes", "no"), {}, (TypeError, ValueError)),
    (metrics.AUC, (Y, P[:, :2]), {}, ValueError),
    (metrics.AUC, (Y[:, 0], P[:, 0]), {"multi_label": True}, ValueError),
    (metrics.AUC, (Y, P[:2]), {"multi_label": True}, ValueError),
    (metrics.AUC, (Y, P), {"label_weights": [1.0, 2.0]}, ValueError),
]


@pytest.mark.parametrize(("kind", "batch", "config", "error"), BATCHES)
def test_a_batch_that_fails_leaves_the_state(kind, batch, config, error):
    metric = kind(**config)
    if metric.variables and "label_weights" not in config and "top_k" not in config:
        if config.get("class_id") != 3:
            metric.update_state(Y, P)
    before = [v.numpy() for v in metric.variables]
    with pytest.raises(error):
        metric.update_state(*batch)
    after = [v.numpy() for v in metric.variables]
    assert len(before) == len(after)
    assert all((a == b).all() for a, b in zip(before, after, strict=True))


def test_the_shared_update_checks_its_keys():
    count = metrics.TruePositives().accumulator
    with pytest.raises(ValueError, match="at least one valid"):
        update_confusion_matrix_variables({"tp": count}, [1], [1], [0.5])
    with pytest.raises(ValueError, match="Invalid keys"):
        update_confusion_matrix_variables(
            {ConfusionMatrix.TRUE_POSITIVES: count, "x": count}, [1], [1], [0.5]
        )
    assert update_confusion_matrix_variables(None, [1], [1], [0.5]) is None


@pytest.mark.parametrize(
    "metric",
    [
        metrics.Precision([0.2, 0.4], name="p"),
        metrics.Recall(top_k=2, class_id=1),
        metrics.FalsePositives(0.3, dtype="float16"),
        metrics.PrecisionAtRecall(0.4, 7, 1),
        metrics.AUC(7, "PR", "majoring"),
        metrics.AUC(thresholds=[0.3, 0.1], multi_label=True, num_labels=2),
    ],
)
def test_round_trip(metric):
    config = metric.get_config()
    again = type(metric).from_config(config)
    assert again.get_config() == config
    assert [v.shape for v in again.variables] == [v.shape for v in metric.variables]
    assert [v.dtype for v in metric.variables] == ["float32"] * len(metric.variables)


def test_signatures_have_keras_order():
    names = list(inspect.signature(metrics.Precision).parameters)
    assert names == ["thresholds", "top_k", "class_id", "name", "dtype"]
    names = list(inspect.signature(metrics.AUC).parameters)
    assert names[:5] == ["num_thresholds", "curve", "summation_method", "name", "dtype"]


def test_label_weights_survive_a_file():
    metric = metrics.AUC(multi_label=True, label_weights=[1.0, 2.0])
    again = metrics.deserialize(metrics.serialize(metric))
    assert again.label_weights.numpy().tolist() == [1, 2]
