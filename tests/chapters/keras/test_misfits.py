"""The catalogue of losses: formulas, slopes, labels, pairs and paths."""

from itertools import groupby, product

import numpy as np
import pytest

from minikeras import losses, ops
from minikeras.core.tape import GradientTape
from minikeras.core.tensor import convert

RNG = np.random.default_rng(0)
T, P = RNG.uniform(0.1, 0.9, (2, 5, 3))
ROWS = P / P.sum(axis=1, keepdims=True)
ONE_HOT = np.eye(3)[[0, 2, 1, 1, 0]]
LABELS = ONE_HOT.argmax(axis=1)
YES = (T > 0.5).astype("float64")
E = T - P
FORMULAS = {
    "mean_absolute_percentage_error": (T, P, 100 * (abs(E) / T).mean(-1)),
    "mean_squared_logarithmic_error": (
        T,
        P,
        (np.log((1 + T) / (1 + P)) ** 2).mean(-1),
    ),
    "huber": (T, 5 * P, None),
    "log_cosh": (T, P, np.log(np.cosh(E)).mean(-1)),
    "cosine_similarity": (
        T,
        P,
        -(T * P).sum(-1) / np.linalg.norm(T, axis=-1) / np.linalg.norm(P, axis=-1),
    ),
    "poisson": (T, P, (P - T * np.log(P)).mean(-1)),
    "kl_divergence": (T, P, (T * np.log(T / P)).sum(-1)),
    "hinge": (YES, P, np.maximum(1 - (2 * YES - 1) * P, 0).mean(-1)),
    "squared_hinge": (YES, P, (np.maximum(1 - (2 * YES - 1) * P, 0) ** 2).mean(-1)),
    "categorical_hinge": (
        ONE_HOT,
        P,
        np.maximum(0, 1 + ((1 - ONE_HOT) * P).max(-1) - (ONE_HOT * P).sum(-1)),
    ),
    "categorical_focal_crossentropy": (
        ONE_HOT,
        ROWS,
        -0.25 * (ONE_HOT * (1 - ROWS) ** 2 * np.log(ROWS)).sum(-1),
    ),
    "binary_focal_crossentropy": (
        YES,
        P,
        np.where(YES == 1, -((1 - P) ** 2) * np.log(P), -(P**2) * np.log(1 - P)).mean(
            -1
        ),
    ),
    "dice": (YES, P, 1 - 2 * (YES * P).sum() / (YES.sum() + P.sum())),
    "tversky": (YES, P, 1 - 2 * (YES * P).sum() / (YES.sum() + P.sum())),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_values_are_the_formula_and_slopes_the_difference_quotient(name):
    true, pred, expected = FORMULAS[name]
    loss = getattr(losses, name)
    if expected is not None:
        assert np.allclose(loss(true, pred), expected, atol=1e-6), name
    check_slope(lambda p: ops.sum(loss(true, p)), pred)


def check_slope(function, x, step=1e-6, atol=1e-5):
    x = np.asarray(x, "float64")
    with GradientTape() as tape:
        variable = convert(x)
        tape.watch(variable)
        value = function(variable)
    found = tape.gradient(value, variable).numpy()
    for place in np.ndindex(x.shape):
        nudge = np.zeros_like(x)
        nudge[place] = step
        rise = float(function(convert(x + nudge))) - float(function(convert(x - nudge)))
        assert np.isclose(found[place], rise / (2 * step), rtol=1e-4, atol=atol)


def test_huber_is_a_square_near_zero_and_straight_far_away():
    found = losses.huber(np.zeros((3, 1)), [[0.5], [1.0], [3.0]], delta=1.0)
    assert np.allclose(found, [0.125, 0.5, 2.5])


def test_log_cosh_never_overflows():
    found = losses.log_cosh([[0.0], [0.0]], [[1e4], [-1e4]])
    assert np.allclose(found, 1e4 - np.log(2), rtol=1e-5)


def test_generalized_cross_entropy_between_entropy_and_absolute_error():
    p = ROWS[range(5), LABELS]
    loss = losses.categorical_generalized_cross_entropy
    assert np.allclose(loss(LABELS, ROWS, 0.5), (1 - p**0.5) / 0.5)
    assert np.allclose(loss(LABELS[:, None], ROWS, 1e-5), -np.log(p), atol=1e-4)
    check_slope(lambda x: ops.sum(loss(LABELS, x, 0.7)), ROWS)


def test_signs_are_only_converted_when_all_labels_are_zero_or_one():
    assert np.allclose(losses.hinge([[0.0, 1.0]], [[-2.0, 2.0]]), 0)
    assert np.allclose(losses.hinge([[0.0, -1.0]], [[-2.0, 2.0]]), (1 + 3) / 2)


def test_gamma_zero_is_cross_entropy():
    plain = losses.binary_crossentropy(YES, P)
    assert np.allclose(losses.binary_focal_crossentropy(YES, P, gamma=0.0), plain)
    plain = losses.categorical_crossentropy(ONE_HOT, ROWS)
    focal = losses.categorical_focal_crossentropy(ONE_HOT, ROWS, alpha=1.0, gamma=0.0)
    assert np.allclose(focal, plain)


def test_overlaps_by_picture_and_their_weights():
    assert losses.dice(YES, P, axis=1).shape == (5,)
    missed = losses.tversky([[1.0, 1.0]], [[1.0, 0.0]], alpha=1.0, beta=0.0)
    in_vain = losses.tversky([[1.0, 0.0]], [[1.0, 1.0]], alpha=1.0, beta=0.0)
    assert np.isclose(float(missed), 0.5) and np.isclose(float(in_vain), 0, atol=1e-6)


def unit(rows):
    rows = RNG.normal(size=(rows, 4))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_circle_loss_by_loops():
    labels, points, m, gamma = np.array([0, 1, 0, 1, 1]), unit(5), 0.25, 4.0
    expected = []
    for i in range(5):
        d = np.maximum(1 - points @ points[i], 0)
        same = [j for j in range(5) if labels[j] == labels[i] and j != i]
        other = [j for j in range(5) if labels[j] != labels[i]]
        pull = np.log(sum(np.exp(gamma * (m + d[j]) * (d[j] - m)) for j in same))
        push = [np.exp(gamma * max(1 + m - d[j], 0) * (1 - m - d[j])) for j in other]
        expected.append(np.log1p(np.exp(pull + np.log(sum(push)))))
    found = losses.circle(labels, points, gamma=gamma, margin=m)
    assert np.allclose(found, expected)
    check_slope(lambda x: ops.sum(losses.circle(labels, x, gamma=gamma)), points)


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_samples_without_a_pair_cost_nothing_and_have_no_slope(dtype):
    points = convert(unit(3).astype(dtype))
    for labels in ([0, 1, 2], [0, 0, 0]):
        with GradientTape() as tape:
            tape.watch(points)
            values = losses.circle(labels, points)
        assert np.allclose(values, 0) and not np.asarray(values._keras_mask).any()
        assert np.allclose(tape.gradient(values, points), 0)


def spells(path, blank=0):
    return [letter for letter, _ in groupby(path) if letter != blank]


@pytest.mark.parametrize("word", [[1], [1, 2], [2, 2], [1, 2, 1]])
@pytest.mark.parametrize("steps", [3, 5])
def test_ctc_is_the_sum_over_all_paths(word, steps):
    scores = RNG.normal(size=(6, 3))
    chance = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    paths = [p for p in product(range(3), repeat=steps) if spells(p) == word]
    total = sum(np.prod(chance[range(steps), path]) for path in paths)
    padded = word + [0] * (4 - len(word))
    found = ops.ctc_loss([padded], scores[None], [len(word)], [steps])
    assert np.isclose(float(found[0]), -np.log(total))


def test_ctc_slope_padding_and_another_blank():
    scores, lengths = RNG.normal(size=(2, 5, 4)), ([2, 3], [5, 4])
    words = np.array([[1, 1, 2], [0, 2, 0]])

    def total(x):
        return ops.sum(ops.ctc_loss(words, x, *lengths, mask_index=3))

    check_slope(total, scores)
    changed = scores.copy()
    changed[1, 4] += 1  # after the end of the second sequence
    assert np.isclose(float(total(convert(changed))), float(total(convert(scores))))


def test_ctc_without_time_is_infinite_and_has_no_slope():
    scores = convert(np.zeros((1, 2, 3), "float32"))
    with GradientTape() as tape:
        tape.watch(scores)
        loss = losses.ctc([[1, 1]], scores)
    assert np.isinf(loss.numpy()).all()
    assert np.allclose(tape.gradient(loss, scores), 0)


@pytest.mark.parametrize(
    ("mistake", "error", "match"),
    [
        (lambda: losses.CategoricalGeneralizedCrossEntropy(q=1.0), ValueError, "q="),
        (
            lambda: losses.CategoricalGeneralizedCrossEntropy()([3], [[0.5, 0.5]]),
            IndexError,
            "label 3",
        ),
        (lambda: losses.ctc([1], np.zeros((1, 2, 3))), ValueError, "ctc"),
        (lambda: losses.ctc([[5]], np.zeros((1, 2, 3))), IndexError, "5"),
        (lambda: losses.huber(np.zeros((4, 3)), np.zeros((4, 2))), ValueError, "huber"),
        (
            lambda: losses.categorical_focal_crossentropy(ONE_HOT, ROWS, axis=True),
            ValueError,
            "axis=True",
        ),
        (lambda: losses.Hinge()(["yes"], [1.0]), TypeError, "number"),
        (lambda: losses.Dice(axis=7)(YES, P), ValueError, "axis 7"),
    ],
)
def test_mistakes(mistake, error, match):
    with pytest.raises(error, match=match):
        mistake()


def test_every_name_finds_its_loss():
    for short, name in {"mape": "mean_absolute_percentage_error", "KLD": "kl_divergence",
                        "msle": "mean_squared_logarithmic_error"}.items():  # fmt: skip
        assert losses.get(short) is getattr(losses, name)
    assert losses.get("Tversky").beta == 0.5 and losses.get("ctc") is losses.ctc
