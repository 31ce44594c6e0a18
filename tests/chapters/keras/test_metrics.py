"""Metrics: state in variables, exact means over uneven batches, accuracies, names."""

import numpy as np
import pytest

from minikeras import metrics, ops

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
}


@pytest.mark.parametrize("name", CASES)
def test_catalogue(name):
    y_true, y_pred, expected = CASES[name]
    metric = getattr(metrics, name)()
    assert np.isclose(float(metric(y_true, y_pred)), expected, rtol=1e-5)
    assert type(metric).from_config(metric.get_config()).name == metric.name


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
