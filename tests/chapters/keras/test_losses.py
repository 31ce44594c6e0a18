"""Losses: shapes that agree, reductions, weights and masks, labels, names."""

import numpy as np
import pytest

from minikeras import losses, ops
from minikeras.core.tape import GradientTape
from minikeras.core.tensor import convert
from minikeras.losses.loss import REDUCTIONS, reduce_weighted_values

RNG = np.random.default_rng(0)
SCORES = RNG.normal(size=(6, 4)).astype("float32")
LABELS = np.array([0, 3, 1, 1, 2, 0])
LOG_PROBABILITIES = SCORES - np.log(np.exp(SCORES).sum(axis=1, keepdims=True))


@pytest.mark.parametrize("shape", [(5,), (5, 1)])
@pytest.mark.parametrize("other", [(5,), (5, 1)])
def test_a_missing_last_axis_never_makes_a_square(shape, other):
    y_true, y_pred = np.arange(5.0).reshape(shape), np.ones(other)
    expected = ((np.arange(5.0) - 1) ** 2).mean()
    assert np.isclose(float(losses.MeanSquaredError()(y_true, y_pred)), expected)


def test_cross_entropy_in_three_spellings():
    expected = -LOG_PROBABILITIES[range(6), LABELS].mean()
    one_hot, probabilities = np.eye(4)[LABELS], np.exp(LOG_PROBABILITIES)
    sparse = losses.SparseCategoricalCrossentropy(from_logits=True)(LABELS, SCORES)
    column = losses.SparseCategoricalCrossentropy()(LABELS[:, None], probabilities)
    dense = losses.CategoricalCrossentropy()(one_hot, probabilities)
    assert np.allclose(
        [float(sparse), float(column), float(dense)], expected, rtol=1e-5
    )


def test_the_slope_is_what_was_said_minus_what_was_so():
    scores = convert(SCORES)
    with GradientTape() as tape:
        tape.watch(scores)
        loss = losses.SparseCategoricalCrossentropy(True, reduction="sum")(
            LABELS, scores
        )
    expected = np.exp(LOG_PROBABILITIES) - np.eye(4)[LABELS]
    assert np.allclose(tape.gradient(loss, scores), expected, atol=1e-6)


def test_smoothing_mixes_the_label_with_the_uniform():
    smooth = 0.9 * np.eye(4)[LABELS] + 0.025
    expected = -(smooth * LOG_PROBABILITIES).sum(axis=1).mean()
    loss = losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    assert np.isclose(float(loss(np.eye(4)[LABELS], SCORES)), expected, rtol=1e-5)


VALUES, WEIGHTS = [1.0, 2.0, 6.0], [1.0, 0.0, 3.0]
EXPECTED = {
    "sum_over_batch_size": 19 / 3,
    "mean": 19 / 3,
    "mean_with_sample_weight": 19 / 4,
    "sum": 19,
}


@pytest.mark.parametrize("reduction", EXPECTED)
def test_reductions_of_weighted_values(reduction):
    found = reduce_weighted_values(VALUES, WEIGHTS, reduction=reduction)
    assert np.isclose(float(found), EXPECTED[reduction])


def test_none_keeps_one_number_per_sample():
    assert set(REDUCTIONS) == {*EXPECTED, "none", None}
    loss = losses.MeanAbsoluteError(reduction=None)
    assert loss(np.zeros((3, 2)), np.ones((3, 2))).shape == (3,)


def test_masked_positions_do_not_count_and_ignored_labels_are_masked():
    found = reduce_weighted_values(VALUES, mask=convert([True, False, True]))
    assert np.isclose(float(found), 3.5)
    ignoring = losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)
    partly = np.array([0, -1, 1, 1, -1, 0])
    expected = -LOG_PROBABILITIES[[0, 2, 3, 5], [0, 1, 1, 0]].mean()
    assert np.isclose(float(ignoring(partly, SCORES)), expected, rtol=1e-5)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_mask_on_the_predictions_counts_whatever_their_dtype(dtype):
    pred = convert(np.array([0.0, 5.0, 2.0], dtype)[:, None])
    pred._keras_mask = np.array([True, False, True])
    found = losses.MeanSquaredError()(np.zeros((3, 1)), pred)
    assert np.isclose(float(found), 2.0)


def test_own_losses_get_weights_and_reductions_from_the_frame():
    class Linear(losses.Loss):
        def call(self, y_true, y_pred):
            return y_true - y_pred

    loss = Linear(name="linear")
    weights = np.array([1.0, 0.5])
    assert float(loss(np.array([3.0, 5.0]), np.ones(2), weights)) == 2
    assert Linear.from_config(loss.get_config()).name == "linear"


def test_names_give_functions_and_classes_give_objects():
    assert losses.get("mse") is losses.mean_squared_error
    assert isinstance(losses.get("MeanSquaredError"), losses.MeanSquaredError)
    assert losses.get(None) is None


def test_wrapped_functions_take_nests_settings_and_configs():
    def gap(y_true, y_pred, factor):
        return factor * (y_true["a"] - y_pred["a"])

    loss = losses.LossFunctionWrapper(gap, reduction="none", name="gap", factor=2.0)
    found = loss({"a": np.ones((3, 1))}, {"a": np.zeros(3)})
    assert found.shape == (3, 1) and np.allclose(found, 2)
    assert loss.get_config()["factor"] == 2.0
    with pytest.raises(ValueError, match="structure"):
        loss({"a": np.ones(3), "b": np.ones(3)}, {"a": np.ones(3)})
    mse = losses.LossFunctionWrapper(losses.mean_squared_error)
    again = losses.LossFunctionWrapper.from_config(mse.get_config())
    assert again.fn is losses.mean_squared_error and again.name == mse.name


def test_settings_are_attributes_and_survive_a_configuration():
    loss = losses.BinaryCrossentropy(True, label_smoothing=0.2, axis=0, name="yes")
    assert (loss.from_logits, loss.label_smoothing, loss.axis) == (True, 0.2, 0)
    assert losses.BinaryCrossentropy.from_config(loss.get_config()).axis == 0


def test_the_dtype_of_a_policy_is_its_compute_dtype_and_stays():
    loss = losses.MeanSquaredError(dtype="mixed_float16")
    assert loss.dtype == "float16" == loss([1.0], [2.0]).dtype
    with pytest.raises(AttributeError):
        loss.dtype = "float32"


def test_lists_of_numbers_are_arrays():
    sparse = losses.SparseCategoricalCrossentropy()
    assert np.isclose(float(sparse([1], [[0.5, 0.5]])), np.log(2))
    assert losses.mean_squared_error([0.5], [1]).dtype == "float32"


def test_one_class_and_a_bool_as_axis():
    with pytest.warns(SyntaxWarning, match="one class"):
        losses.categorical_crossentropy([[1.0]], [[1.0]])
    with pytest.raises(ValueError, match="axis=True"):
        losses.categorical_crossentropy([[1.0, 0.0]], [[0.5, 0.5]], axis=True)


def test_from_logits_the_slope_never_vanishes():
    scores = convert([[0.0, 40.0]])
    with GradientTape(persistent=True) as tape:
        tape.watch(scores)
        stable = losses.sparse_categorical_crossentropy([0], scores, True)
        known = losses.sparse_categorical_crossentropy([0], ops.softmax(scores))
        lost = 1 * ops.softmax(scores)  # probabilities that have lost their logits
        clipped = losses.sparse_categorical_crossentropy([0], lost)
    assert np.allclose(tape.gradient(stable, scores), [[-1, 1]])
    assert np.allclose(tape.gradient(known, scores), [[-1, 1]])
    assert np.allclose(tape.gradient(clipped, scores), 0)


@pytest.mark.parametrize(
    ("mistake", "error", "match"),
    [
        (lambda: losses.MeanSquaredError(reduction="average"), ValueError, "reduction"),
        (lambda: losses.get("no such loss"), ValueError, "no such"),
        (
            lambda: losses.MeanSquaredError()(np.zeros((4, 3)), np.zeros((4, 2))),
            ValueError,
            "broadcast",
        ),
        (
            lambda: losses.SparseCategoricalCrossentropy(True)([1, 9, 0], SCORES[:3]),
            IndexError,
            "9",
        ),
        (lambda: losses.MeanSquaredError()("a", [1.0]), TypeError, "number"),
    ],
)
def test_mistakes(mistake, error, match):
    with pytest.raises(error, match=match):
        mistake()
