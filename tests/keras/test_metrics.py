"""One contract for all metrics: state, configs, spoiled calls, symbols, examples."""

import doctest
import importlib
import inspect

import numpy as np
import pytest

import minikeras as keras
from minikeras import metrics
from minikeras.core.errors import Report

RNG = np.random.default_rng(0)
YES = (RNG.random((4, 3)) > 0.5).astype("float32")
P = RNG.uniform(0.1, 0.9, (4, 3)).astype("float32")
ONE_HOT = np.eye(3, dtype="float32")[[0, 2, 1, 1]]
ROWS = P / P.sum(axis=1, keepdims=True)
CLASSES = np.array([0, 2, 1, 1])
AT = "specificity sensitivity recall precision".split()
SAMPLES = {name: ({}, YES, P) for name in (
    "Accuracy BinaryAccuracy BinaryCrossentropy CosineSimilarity Hinge SquaredHinge "
    "MeanSquaredError RootMeanSquaredError MeanAbsoluteError LogCoshError Poisson "
    "MeanSquaredLogarithmicError MeanAbsolutePercentageError AUC Precision Recall "
    "TruePositives TrueNegatives FalsePositives FalseNegatives FBetaScore F1Score "
    "R2Score PearsonCorrelation ConcordanceCorrelation"
).split()} | {
    "MeanAbsolutePercentageError": ({}, YES + 1, P),
    "PearsonCorrelation": ({}, P[::-1], P),
    "BinaryIoU": ({}, YES[:, 0], P[:, 0]),
    "CategoricalAccuracy": ({}, ONE_HOT, ROWS),
    "TopKCategoricalAccuracy": ({"k": 2}, ONE_HOT, ROWS),
    "CategoricalCrossentropy": ({}, ONE_HOT, ROWS),
    "CategoricalHinge": ({}, ONE_HOT, ROWS),
    "KLDivergence": ({}, ROWS[::-1], ROWS),
    "SparseCategoricalAccuracy": ({}, CLASSES, ROWS),
    "SparseTopKCategoricalAccuracy": ({"k": 2}, CLASSES, ROWS),
    "SparseCategoricalCrossentropy": ({}, CLASSES, ROWS),
    "SensitivityAtSpecificity": ({"specificity": 0.5}, YES, P),
    "SpecificityAtSensitivity": ({"sensitivity": 0.5}, YES, P),
    "PrecisionAtRecall": ({"recall": 0.5}, YES, P),
    "RecallAtPrecision": ({"precision": 0.5}, YES, P),
    "MeanIoU": ({"num_classes": 3}, CLASSES, CLASSES[::-1]),
    "IoU": ({"num_classes": 3, "target_class_ids": [1]}, CLASSES, CLASSES[::-1]),
    "OneHotMeanIoU": ({"num_classes": 3}, ONE_HOT, ROWS),
    "OneHotIoU": ({"num_classes": 3, "target_class_ids": [1]}, ONE_HOT, ROWS),
}  # fmt: skip
IN_OWN_DTYPE = (  # the others keep counts, in float32 whatever is asked for
    metrics.Mean,
    metrics.FBetaScore,
)


def made(kind, /, **more):
    config, *batch = SAMPLES[kind]
    return getattr(metrics, kind)(**config, **more), batch


def state(metric):
    return [v.numpy() for v in metric.variables]


def same(a, b):
    pairs = zip(a, b, strict=True)
    return all(np.array_equal(x, y, equal_nan=True) for x, y in pairs)


def test_every_metric_has_a_sample():
    kinds = {n for n in dir(metrics) if inspect.isclass(getattr(metrics, n))}
    assert kinds - {"Metric", "Mean", "Sum", "MeanMetricWrapper"} == set(SAMPLES)


@pytest.mark.filterwarnings("ignore:.*float weights", "ignore:.*one class only")
@pytest.mark.parametrize("name", SAMPLES)
class TestContract:
    def test_a_call_updates_and_gives_the_result(self, name):
        metric, batch = made(name)
        assert repr(metric) == f"<{name} name={metric.name}>"
        found = metric(*batch).numpy()
        assert np.isfinite(found).all()
        np.testing.assert_array_equal(found, metric.result().numpy())
        twice = metric(*batch).numpy()  # the same again changes no mean, only counts
        if not name.startswith(("True", "False")):
            np.testing.assert_allclose(found, twice, rtol=1e-5)
        assert not any(v.trainable for v in metric.variables)

    def test_lists_arrays_and_tensors_are_one(self, name):
        found = []
        for form in (np.asarray, np.ndarray.tolist, keras.ops.convert_to_tensor):
            metric, batch = made(name)
            found.append(metric(*map(form, batch)).numpy())
        assert np.allclose(found, found[0])

    def test_weights_of_one_change_nothing_and_zeros_leave_out(self, name):
        (plain, batch), (ones, _), (some, _), (part, _) = (made(name) for _ in range(4))
        plain.update_state(*batch)
        ones.update_state(*batch, sample_weight=np.ones(4))
        assert np.allclose(plain.result(), ones.result(), rtol=1e-5)
        some.update_state(*batch, sample_weight=np.array([1, 1, 0, 1]))
        part.update_state(*(x[[0, 1, 3]] for x in batch))
        assert np.allclose(some.result(), part.result(), rtol=1e-4)

    def test_without_touching_the_object(self, name):
        (metric, batch), (other, _) = made(name), made(name)
        metric.update_state(*batch)
        other.update_state(*batch)
        before = state(metric)
        start = metric.stateless_reset_state()
        once = metric.stateless_update_state(start, *batch)
        assert all(np.allclose(a, b) for a, b in zip(once, before, strict=True))
        found = metric.stateless_result(once)
        assert np.allclose(found, other.result())
        assert same(state(metric), before)

    def test_configuration(self, name):
        metric, _ = made(name, name="mine")
        assert metric.name == "mine"
        again = metrics.deserialize(metrics.serialize(metric))
        assert type(again) is type(metric) and again.get_config() == metric.get_config()
        assert metrics.get({"class_name": name, "config": metric.get_config()}).dtype
        assert metrics.get(metric) is metric

    @pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
    def test_dtype(self, name, dtype):
        metric, batch = made(name, dtype=dtype)
        assert metric.dtype == metric.get_config()["dtype"] == dtype
        own = isinstance(metric, IN_OWN_DTYPE)
        found = metric(*batch)
        assert found.dtype == (dtype if own else "float32")
        expected = made(name)[0](*batch)
        assert np.allclose(
            found.numpy().astype("float32"), expected, rtol=0.03, atol=0.03
        )

    def test_spoiled_calls_give_our_errors_and_leave_the_state(self, name):
        metric, (true, pred) = made(name)
        metric.update_state(true, pred)
        for spoiled in spoils(true, pred):
            before = state(metric)
            try:
                metric.update_state(*spoiled)
            except Report as error:
                assert str(error).strip()
                assert same(state(metric), before)

    @pytest.mark.parametrize("value", ["text", object(), [1, "a"], None])
    def test_spoiled_arguments(self, name, value):
        kind, (config, true, pred) = getattr(metrics, name), SAMPLES[name]
        for argument in inspect.signature(kind).parameters:
            if argument in ("name", "dtype"):
                continue
            try:
                kind(**config | {argument: value})(true, pred)
            except (Report, TypeError) as error:
                assert str(error).strip()
        with pytest.raises(TypeError):
            kind(**config, no_such_argument=1)
        with pytest.raises((ValueError, TypeError)):
            kind(**config, dtype="no such dtype")


def spoils(true, pred):
    "Calls with a wrong shape, kind or number of things in them."
    text = np.full(pred.shape, "text")
    yield from [(true, text), (text, pred), (None, pred), (true, None)]
    yield from [(true, object()), (true, {}), ([], pred), (true, [])]
    yield (true[:2], pred)
    yield (true, pred[:3])
    yield (true, pred[..., None, None])
    yield (true, pred[0])
    yield (np.float32(1), pred)
    yield (true, pred * 1j)
    yield (true, pred.astype(object))
    yield (true, pred, "text")
    yield (true, pred, np.ones(7))
    yield (true, pred, np.ones((4, 3, 2, 2)))


FUNCTIONS = (
    "binary_accuracy categorical_accuracy top_k_categorical_accuracy "
    "pearson_correlation concordance_correlation"
).split()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_take_symbols(name):
    x = keras.KerasTensor((None, 3))
    found = getattr(metrics, name)(x, x)
    assert isinstance(found, keras.KerasTensor)
    assert found.shape == ((None, 3) if name == "binary_accuracy" else (None,))


@pytest.mark.parametrize(
    "name", ["sparse_categorical_accuracy", "sparse_top_k_categorical_accuracy"]
)
def test_sparse_functions_take_symbols(name):
    labels, scores = keras.KerasTensor((None,), "int32"), keras.KerasTensor((None, 3))
    assert getattr(metrics, name)(labels, scores).shape == (None,)


@pytest.mark.parametrize("name", ["metric", "reduction_metrics", "accuracy_metrics",
    "regression_metrics", "hinge_metrics", "probabilistic_metrics", "metrics_utils",
    "confusion_metrics", "f_score_metrics", "iou_metrics", "correlation_metrics",
    "names"])  # fmt: skip
def test_examples(name):
    module = importlib.import_module(f"minikeras.metrics.{name}")
    failed, run = doctest.testmod(module, extraglobs={"Mean": metrics.Mean})
    assert run and not failed


@pytest.mark.parametrize("argument", AT)
def test_shares_lie_between_zero_and_one(argument):
    name = next(n for n, (c, *_) in SAMPLES.items() if argument in c)
    for value in (-0.1, 1.1):
        with pytest.raises(ValueError, match="range"):
            getattr(metrics, name)(value)
