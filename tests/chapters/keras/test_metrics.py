"""Metrics: state in variables, exact means over uneven batches, accuracies, names."""

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from minikeras import losses, metrics, ops
from minikeras.core.tensor import convert

RNG = np.random.default_rng(1)


def pieces(*arrays):
    start = 0
    while start < len(arrays[0]):
        stop = start + int(RNG.integers(1, 30))
        yield [array[start:stop] for array in arrays]
        start = stop


def test_the_mean_does_not_depend_on_the_batches():
    values, weights = RNG.normal(size=200), RNG.uniform(size=200)
    plain, weighted = metrics.Mean(), metrics.Mean()
    for v, w in pieces(values, weights):
        plain.update_state(v)
        weighted.update_state(v, w)
    assert np.isclose(float(plain.result()), values.mean(), atol=1e-5)
    expected = np.average(values, weights=weights)
    assert np.isclose(float(weighted.result()), expected, atol=1e-5)


def test_weights_with_fewer_axes_than_values():
    mean = metrics.Mean()
    mean.update_state([[1.0, 2.0, 3.0], [4.0, 4.0, 7.0]], [1.0, 3.0])
    assert float(mean.result()) == 4.25


def test_nothing_yet_is_zero_and_reset_forgets():
    mean = metrics.Mean(name="m")
    assert float(mean.result()) == 0
    mean.update_state([4.0])
    mean.reset_state()
    assert float(mean.result()) == 0
    assert [v.path for v in mean.variables] == ["m/total", "m/count"]
    assert not any(v.trainable for v in mean.variables)


def test_sum():
    total = metrics.Sum()
    assert float(total([1, 3, 5], sample_weight=[1, 1, 0])) == 4
    assert float(total([1])) == 5


CASES = {
    "Accuracy": ([1, 2, 3], [1, 2, 4], 2 / 3),
    "BinaryAccuracy": ([[1], [0], [1]], [[0.9], [0.6], [0.4]], 1 / 3),
    "CategoricalAccuracy": ([[0, 1], [1, 0]], [[0.2, 0.8], [0.4, 0.6]], 1 / 2),
    "SparseCategoricalAccuracy": ([1, 0], [[0.2, 0.8], [0.4, 0.6]], 1 / 2),
    "MeanSquaredError": ([[1.0], [2.0]], [[1.0], [4.0]], 2),
    "MeanAbsoluteError": ([[1.0], [2.0]], [[1.0], [4.0]], 1),
    "BinaryCrossentropy": ([[1.0]], [[0.5]], np.log(2)),
    "CategoricalCrossentropy": ([[0.0, 1.0]], [[0.5, 0.5]], np.log(2)),
    "SparseCategoricalCrossentropy": ([1], [[0.5, 0.5]], np.log(2)),
    "TopKCategoricalAccuracy": ([[0, 0, 1]], [[0.3, 0.2, 0.1]], 1),
    "SparseTopKCategoricalAccuracy": ([2], [[0.3, 0.2, 0.1]], 1),
    "RootMeanSquaredError": ([[1.0], [2.0]], [[1.0], [4.0]], np.sqrt(2)),
    "MeanAbsolutePercentageError": ([[1.0], [2.0]], [[1.0], [4.0]], 50),
    "MeanSquaredLogarithmicError": ([[1.0]], [[3.0]], np.log(2) ** 2),
    "LogCoshError": ([[0.0]], [[2.0]], np.log(np.cosh(2.0))),
    "CosineSimilarity": ([[1.0, 0.0]], [[1.0, 1.0]], np.sqrt(0.5)),
    "Hinge": ([[1.0, -1.0]], [[0.5, 0.5]], 1),
    "SquaredHinge": ([[1.0, -1.0]], [[0.5, 0.5]], 1.25),
    "CategoricalHinge": ([[0.0, 1.0]], [[0.5, 0.75]], 0.75),
    "KLDivergence": ([[0.5, 0.5]], [[0.25, 0.75]], np.log(4 / 3) / 2),
    "Poisson": ([[2.0]], [[3.0]], 3 - 2 * np.log(3)),
}


@pytest.mark.parametrize("name", CASES)
def test_catalogue(name):
    y_true, y_pred, expected = CASES[name]
    metric = getattr(metrics, name)()
    assert np.isclose(float(metric(y_true, y_pred)), expected, rtol=1e-5)
    config = metric.get_config()
    assert type(metric).from_config(config).get_config() == config
    again = metrics.deserialize(metrics.serialize(metric))
    assert type(again) is type(metric) and again.get_config() == config
    assert metrics.get(name).name == metric.name
    arguments = list(inspect.signature(type(metric)).parameters)
    assert {"name", "dtype"} <= set(arguments) and "args" not in arguments


def test_metrics_inside_metrics_are_found():
    class Both(metrics.Metric):
        def __init__(self):
            super().__init__(name="both")
            self.parts = [metrics.Mean(name="a"), metrics.Sum(name="b")]

        def update_state(self, values):
            for part in self.parts:
                part.update_state(values)

        def result(self):
            return ops.stack([part.result() for part in self.parts])

    both = Both()
    assert both([1.0, 3.0]).numpy().tolist() == [2, 4]
    assert len(both.variables) == 3
    both.reset_state()
    assert both.result().numpy().tolist() == [0, 0]


def test_a_failed_update_leaves_the_state():
    metric = metrics.MeanSquaredError()
    metric.update_state(np.zeros((4, 2)), np.ones((4, 2)))
    with pytest.raises(ValueError, match="broadcast"):
        metric.update_state(np.zeros((4, 2)), np.ones((3, 2)))
    assert float(metric.total) == 4 and float(metric.count) == 4


def test_mistakes():
    class Forgetful(metrics.Metric):
        def __init__(self):
            self.total = self.add_variable((), "zeros")

    with pytest.raises(RuntimeError, match="super"):
        Forgetful()
    with pytest.raises(ValueError, match="no such"):
        metrics.get("no such metric")
    assert metrics.get("mse").name == "mean_squared_error"


def weighted_mean(values, weight):
    """The mean by the rule of ranks, written with loops over the axes."""
    weight = np.asarray(weight, "float64")
    if weight.ndim == values.ndim + 1 and weight.shape[-1] == 1:
        weight = weight[..., 0]
    if values.ndim == weight.ndim + 1 == 2 and values.shape[-1] == 1:
        weight = weight[:, None]
    values = values.mean(axis=tuple(range(weight.ndim, values.ndim)))
    return (values * weight).sum() / np.broadcast_to(weight, values.shape).sum()


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(1, 5), st.integers(1, 4), st.integers(1, 3))
def test_weights_of_any_rank(data, n, words, letters):
    shape = data.draw(st.sampled_from([(n,), (n, words), (n, words, letters)]))
    rank = data.draw(st.integers(1, len(shape)))
    grid = st.integers(-50, 50).map(lambda i: i / 10)
    values = data.draw(hnp.arrays("float64", shape, elements=grid))
    whole = st.integers(1, 4).map(float)
    weight = data.draw(hnp.arrays("float64", shape[:rank], elements=whole))
    found = float(metrics.Mean()(values, sample_weight=weight))
    assert np.isclose(found, weighted_mean(values, weight), atol=1e-4)


def test_the_state_is_kept_in_floatx_except_for_sums_and_means():
    own = metrics.Metric(dtype="float16")
    assert own.dtype == "float16" and own.add_variable((2,), "ones").dtype == "float32"
    assert own.add_weight(dtype="float64").dtype == "float64"
    assert [v.dtype for v in metrics.Mean(dtype="float16").variables] == ["float16"] * 2
    assert metrics.Mean(dtype="mixed_float16").dtype == "float16"
    assert own.variables[0].aggregation == "sum"
    with pytest.raises(AttributeError):
        own.dtype = "float32"


def test_stateless():
    mean = metrics.Mean()
    mean.update_state([7.0])
    state = mean.stateless_reset_state()
    state = mean.stateless_update_state(state, [1.0, 3.0], sample_weight=[1.0, 3.0])
    assert [float(v) for v in state] == [10, 4]
    assert float(mean.stateless_result(state)) == 2.5
    assert float(mean.result()) == 7
    for bad in ([], [1.0], [1.0, 2.0, 3.0]):
        with pytest.raises(ValueError, match="metric_variables"):
            mean.stateless_update_state(bad, [1.0])
        with pytest.raises(ValueError, match="metric_variables"):
            mean.stateless_result(bad)
    with pytest.raises(ValueError):
        mean.stateless_update_state(state, [1.0, 2.0], sample_weight=[1.0, 2.0, 3.0])
    assert float(mean.result()) == 7


def test_directions():
    up = "Accuracy BinaryAccuracy TopKCategoricalAccuracy CosineSimilarity".split()
    down = "MeanSquaredError RootMeanSquaredError Hinge CategoricalCrossentropy".split()
    for direction, names in (("up", up), ("down", down)):
        assert {getattr(metrics, name)()._direction for name in names} == {direction}
    assert not hasattr(metrics.Mean(), "_direction")
    wrapped = metrics.MeanMetricWrapper(losses.mean_absolute_error)
    assert wrapped._direction == "down"
    assert not hasattr(metrics.MeanMetricWrapper(metrics.binary_accuracy), "_direction")


@pytest.mark.parametrize("k", [1, 2, 5])
def test_top_k_is_in_the_sorted_ones(k):
    scores = RNG.permuted(np.tile(np.arange(6.0), (40, 1)), axis=1)
    labels = RNG.integers(0, 6, 40)
    best = np.argsort(-scores, axis=1)
    expected = (best[:, :k] == labels[:, None]).any(axis=1).mean()
    hot = np.eye(6)[labels]
    assert np.isclose(float(metrics.TopKCategoricalAccuracy(k)(hot, scores)), expected)
    assert np.isclose(
        float(metrics.SparseTopKCategoricalAccuracy(k)(labels, scores)), expected
    )
    by_ids = metrics.SparseTopKCategoricalAccuracy(k, from_sorted_ids=True)
    assert np.isclose(float(by_ids(labels, best)), expected)


def test_accuracy_of_large_class_numbers_in_half_precision():
    scores = np.zeros((1, 3000), "float16")
    scores[0, 2049] = 1
    assert float(metrics.sparse_categorical_accuracy([2049], scores)[0]) == 1
    assert float(metrics.sparse_categorical_accuracy([2048], scores)[0]) == 0


def test_labels_of_other_kinds_than_scores():
    scores = convert([[0.1, 0.9, 0.0], [0.2, 0.1, 0.7]])
    for labels in ([1, 0], np.array([1, 0], "uint8"), [1.0, 0.0], [True, False]):
        found = metrics.sparse_categorical_accuracy(labels, scores).numpy()
        assert found.tolist() == [1, 0]
    found = metrics.binary_accuracy([True, False], [0.9, 0.8]).numpy()
    assert found.tolist() == [1, 0]


def test_names_have_no_other_meanings():
    assert type(metrics.get("accuracy")) is metrics.Accuracy
    for word in ("acc", 3, {"config": {}}):
        with pytest.raises(ValueError):
            metrics.get(word)
    assert metrics.get(None) is None
    assert (
        metrics.deserialize({"class_name": "Sum", "config": {"name": "s"}}).name == "s"
    )


BAD = [
    (metrics.Mean, ("text",), (TypeError, ValueError)),
    (metrics.Mean, ([1.0, 2.0], [1.0, 2.0, 3.0]), ValueError),
    (metrics.Accuracy, ([1, 2], [1, 2, 3]), ValueError),
    (metrics.BinaryAccuracy, ([[1, 0]], [[0.5, 0.5, 0.1]]), ValueError),
    (metrics.CategoricalAccuracy, (np.ones((2, 3)), np.ones(2)), ValueError),
    (metrics.CategoricalAccuracy, ([1, 2], np.ones((2, 3))), ValueError),
    (metrics.RootMeanSquaredError, (np.ones((2, 3)), np.ones((3, 3))), ValueError),
    (metrics.CosineSimilarity, (np.ones((2, 3)), np.ones((2, 4))), ValueError),
    (metrics.CategoricalCrossentropy, (np.ones((2, 3)), np.ones((2, 4))), ValueError),
    (metrics.SparseCategoricalCrossentropy, ([3], [[0.5, 0.5]]), IndexError),
    (metrics.SparseCategoricalAccuracy, ([1, 0, 1], [[0.5, 0.5]] * 2), ValueError),
]


@pytest.mark.parametrize(("kind", "batch", "error"), BAD)
def test_bad_batches_leave_the_state(kind, batch, error):
    metric = kind()
    with pytest.raises(error):
        metric.update_state(*batch)
    assert [float(v) for v in metric.variables] == [0, 0]


def test_a_label_that_is_no_class_is_not_among_the_best():
    metric = metrics.SparseTopKCategoricalAccuracy(k=2)
    assert float(metric([-1, 2, 0], [[0.1, 0.9]] * 3)) == float(np.float32(1 / 3))


def test_labels_in_a_column():
    scores = [[0.1, 0.9, 0.3], [0.8, 0.1, 0.4]]
    found = metrics.sparse_top_k_categorical_accuracy([[2], [2]], scores, k=1)
    assert found.shape == (2, 1)
    found = metrics.categorical_accuracy([[[0, 1, 0]], [[0, 1, 0]]], scores).numpy()
    assert found.tolist() == [[1], [0]]
