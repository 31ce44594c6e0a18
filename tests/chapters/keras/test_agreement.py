"""F scores, R2, overlap and correlation against NumPy; batches, weights, mistakes."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from minikeras import metrics
from minikeras.metrics.metrics_utils import confusion_matrix

RNG = np.random.default_rng(0)
hundredths = st.integers(-200, 200).map(lambda n: n / 100)


def divide(a, b):
    return a / b if b else 0.0


def f_score(y, said, w, beta):
    """The score of each class, by NumPy."""
    scores = []
    for label, call in zip(y.T, said.T, strict=True):
        hits = (w * label * call).sum()
        precision, recall = (
            divide(hits, (w * call).sum()),
            divide(hits, (w * label).sum()),
        )
        top = (1 + beta**2) * precision * recall
        scores.append(divide(top, beta**2 * precision + recall))
    return np.array(scores)


@st.composite
def batches(draw):
    shape = draw(st.integers(1, 12)), draw(st.integers(1, 4))
    y = draw(hnp.arrays("float32", shape, elements=st.sampled_from([0.0, 1.0])))
    grid = st.integers(0, 20).map(lambda n: n / 20)
    p = draw(hnp.arrays("float32", shape, elements=grid))
    w = draw(hnp.arrays("float32", shape[:1], elements=st.sampled_from([0.5, 1.0, 2])))
    return y, p, w


@settings(max_examples=60, deadline=None)
@given(batches(), st.sampled_from([0.5, 1.0, 2.0]))
def test_f_scores_are_numpys(batch, beta):
    y, p, w = batch
    said = (p > np.float32(0.45)).astype("float32")
    each = f_score(y, said, w, beta)
    support = (y * w[:, None]).sum(axis=0)
    expected = {
        None: each,
        "macro": each.mean(),
        "weighted": divide((each * support).sum(), support.sum()),
    }
    for average, value in expected.items():
        metric = metrics.FBetaScore(average, beta, 0.45)
        np.testing.assert_allclose(metric(y, p, w), value, atol=1e-4)
    pot = f_score(y.reshape(-1, 1), said.reshape(-1, 1), np.repeat(w, y.shape[1]), beta)
    micro = metrics.FBetaScore("micro", beta, 0.45)
    np.testing.assert_allclose(micro(y, p, w), pot[0], atol=1e-4)


def test_without_a_threshold_the_largest_is_called():
    y = np.eye(3, dtype="float32")[[0, 1, 2, 2]]
    p = np.array([[0.5, 0.5, 0], [0.1, 0.2, 0.3], [0, 0, 0], [0.1, 0, 0.8]], "float32")
    said = np.array([[1, 1, 0], [0, 0, 1], [0, 0, 0], [0, 0, 1]], "float32")
    expected = f_score(y, said, np.ones(4), 1.0)
    np.testing.assert_allclose(metrics.F1Score()(y, p), expected, atol=1e-5)


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(2, 12), st.integers(1, 3))
def test_r2_is_numpys(data, samples, outputs):
    draw = hnp.arrays("float32", (samples, outputs), elements=hundredths)
    y, p = data.draw(draw), data.draw(draw)
    y[0] += 3  # never constant
    spread = ((y - y.mean(axis=0)) ** 2).sum(axis=0)
    each = 1 - ((y - p) ** 2).sum(axis=0) / spread
    expected = {
        None: each,
        "uniform_average": each.mean(),
        "variance_weighted_average": (each * spread).sum() / spread.sum(),
    }
    for how, value in expected.items():
        np.testing.assert_allclose(
            metrics.R2Score(how)(y, p), value, rtol=1e-2, atol=1e-2
        )


def test_adjusted_r2():
    y, p = RNG.normal(size=(20, 1)), RNG.normal(size=(20, 1))
    plain = float(metrics.R2Score()(y, p))
    adjusted = float(metrics.R2Score(num_regressors=3)(y, p))
    assert np.isclose(adjusted, 1 - (1 - plain) * 19 / 16, atol=1e-4)
    too_many = metrics.R2Score(num_regressors=19)
    too_many.update_state(y, p)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert float(too_many.result()) == plain
    assert "Division by zero" in str(caught[0].message)
    assert caught[0].filename == __file__


def overlaps(y, p, classes, w):
    """The mean overlap of the classes that occur, by NumPy."""
    found = []
    for c in classes:
        either = (w * ((y == c) | (p == c))).sum()
        if either:
            found.append((w * ((y == c) & (p == c))).sum() / either)
    return np.mean(found) if found else 0.0


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(1, 20))
def test_overlap_is_numpys(data, n):
    ids = hnp.arrays("int32", (n,), elements=st.integers(0, 3))
    y, p, w = (data.draw(ids) for _ in range(3))
    assert np.isclose(float(metrics.MeanIoU(4)(y, p)), overlaps(y, p, range(4), 1 + 0 * w),
                      atol=1e-5)  # fmt: skip
    assert np.isclose(float(metrics.MeanIoU(4)(y, p, w)), overlaps(y, p, range(4), w),
                      atol=1e-5)  # fmt: skip
    some = metrics.IoU(4, [1, 3], ignore_class=0)
    kept = (y != 0).astype(int)
    assert np.isclose(float(some(y, p)), overlaps(y, p, [1, 3], kept), atol=1e-5)
    eye = np.eye(4)
    hot = metrics.OneHotMeanIoU(4)(eye[y], eye[p])
    assert np.isclose(float(hot), float(metrics.MeanIoU(4)(y, p)))
    one = metrics.OneHotIoU(4, [2])(eye[y], eye[p])
    assert np.isclose(float(one), float(metrics.IoU(4, [2])(y, p)))


def test_classes_along_another_axis():
    y = RNG.integers(0, 3, (2, 5))
    scores = RNG.random((2, 3, 5))
    hot = np.moveaxis(np.eye(3)[y], -1, 1)
    found = metrics.OneHotMeanIoU(3, axis=1)(hot, scores)
    expected = metrics.MeanIoU(3)(y, scores.argmax(axis=1))
    assert np.isclose(float(found), float(expected))


def test_binary_overlap_includes_the_threshold():
    metric = metrics.BinaryIoU([1], threshold=0.5)
    assert np.isclose(float(metric([1, 1, 0], [0.5, 0.2, 0.4])), 0.5, atol=1e-5)


def test_confusion_matrix():
    table = confusion_matrix([0, 1, 1, 2], [0, 2, 1, 2], 3, weights=[1, 2, 3, 4])
    assert table.numpy().tolist() == [[1, 0, 0], [0, 3, 2], [0, 0, 4]]
    assert table.dtype == "int32"
    with pytest.raises(IndexError, match="confusion_matrix"):
        confusion_matrix([0, 3], [0, 0], 3)
    with pytest.raises(IndexError):
        confusion_matrix([0, 1], [0, -1], 3)


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(1, 4), st.integers(2, 8))
def test_correlations_are_numpys(data, rows, n):
    draw = hnp.arrays("float64", (rows, n), elements=hundredths)
    y, p = data.draw(draw), data.draw(draw)
    y[:, 0] += 5
    p[:, -1] -= 5
    expected = [np.corrcoef(a, b)[0, 1] for a, b in zip(y, p, strict=True)]
    np.testing.assert_allclose(metrics.pearson_correlation(y, p), expected, atol=1e-6)
    np.testing.assert_allclose(
        metrics.pearson_correlation(y.T, p.T, axis=0), expected, atol=1e-6
    )
    covariance = ((y - y.mean(1)[:, None]) * (p - p.mean(1)[:, None])).mean(1)
    bottom = y.var(1) + p.var(1) + (y.mean(1) - p.mean(1)) ** 2
    np.testing.assert_allclose(
        metrics.concordance_correlation(y, p), 2 * covariance / bottom, atol=1e-5
    )
    assert np.isclose(
        float(metrics.PearsonCorrelation()(y, p)), np.mean(expected), atol=1e-5
    )


HOT, SCORES = np.eye(3)[RNG.integers(0, 3, 60)], RNG.random((60, 3))
CLASSES = RNG.integers(0, 3, (2, 60))
MADE = {
    "f": (lambda: metrics.FBetaScore("weighted", 2.0), HOT, SCORES),
    "f micro": (lambda: metrics.F1Score("micro", 0.4), HOT, SCORES),
    "r2": (lambda: metrics.R2Score(None), SCORES, SCORES[::-1]),
    "iou": (lambda: metrics.MeanIoU(3), *CLASSES),
    "binary": (lambda: metrics.BinaryIoU(dtype="float32"), HOT[:, 0], SCORES[:, 0]),
    "pearson": (metrics.PearsonCorrelation, SCORES, SCORES[::-1]),
}


@pytest.mark.parametrize("name", MADE)
def test_batches_do_not_matter(name):
    make, y, p = MADE[name]
    w = RNG.integers(1, 4, 60)
    whole, pieces = make(), make()
    whole.update_state(y, p, w)
    for rows in np.array_split(np.arange(60), 7):
        pieces.update_state(y[rows], p[rows], w[rows])
    np.testing.assert_allclose(whole.result(), pieces.result(), rtol=1e-4)
    pieces.reset_state()
    assert all(not v.numpy().any() for v in pieces.variables)


@pytest.mark.parametrize("name", MADE)
def test_round_trip(name):
    metric = MADE[name][0]()
    again = type(metric).from_config(metric.get_config())
    assert again.get_config() == metric.get_config() and again.dtype == metric.dtype


MISTAKES = [
    (lambda: metrics.F1Score(average="mean"), "average"),
    (lambda: metrics.F1Score(threshold=1), "threshold"),
    (lambda: metrics.F1Score(threshold=1.5), "threshold"),
    (lambda: metrics.F1Score(threshold=-0.5), "threshold"),
    (lambda: metrics.FBetaScore(beta=2), "beta"),
    (lambda: metrics.FBetaScore(beta=0.0), "beta"),
    (lambda: metrics.R2Score("mean"), "class_aggregation"),
    (lambda: metrics.R2Score(num_regressors=-1), "num_regressors"),
    (lambda: metrics.IoU(2, [0, 2]), "out of range"),
    (lambda: metrics.IoU(2, []), "out of range"),
]


@pytest.mark.parametrize(("make", "word"), MISTAKES)
def test_mistakes_in_arguments(make, word):
    with pytest.raises(ValueError, match=word):
        make()


BATCHES = [
    (metrics.F1Score, (HOT[:, 0], SCORES[:, 0])),
    (metrics.F1Score, (HOT, SCORES[:, :2])),
    (metrics.F1Score, (HOT, SCORES[:5])),
    (metrics.F1Score, (HOT, SCORES, np.ones(7))),
    (metrics.R2Score, (SCORES[:, 0], SCORES[:, 0])),
    (metrics.R2Score, (SCORES, SCORES[:, :2])),
    (metrics.R2Score, (SCORES, SCORES, np.ones(7))),
    (lambda: metrics.MeanIoU(3), ([0, 1, 0], [0, 1])),
    (lambda: metrics.MeanIoU(3), ([0, 1], [0, 1], [1, 1, 1])),
    (metrics.PearsonCorrelation, (SCORES, SCORES[:4])),
]


@pytest.mark.parametrize(("make", "batch"), BATCHES)
@pytest.mark.parametrize("first", [True, False])
def test_a_batch_that_fails_leaves_the_state(make, batch, first):
    metric = make()
    if not first:
        metric.update_state(
            *(CLASSES if "IoU" in type(metric).__name__ else (HOT, SCORES))
        )
    before = [v.numpy() for v in metric.variables]
    with pytest.raises(ValueError):
        metric.update_state(*batch)
    after = [v.numpy() for v in metric.variables]
    assert len(before) == len(after)
    assert all((a == b).all() for a, b in zip(before, after, strict=True))
