"""Words into losses and metrics, by shapes and by outputs."""

import numpy as np
import pytest

from minikeras import losses, metrics, ops
from minikeras.core.specs import TensorSpec
from minikeras.models.compiling import (
    CompileLoss,
    CompileMetrics,
    OutputNameError,
    at,
    kind_of_labels,
    resolve_loss,
    resolve_metric,
    walk,
)

ONE, TWO = ops.ones((4, 2)), ops.ones((4, 1)) * 2
ZERO = [ops.zeros((4, 2)), ops.zeros((4, 1))]
NAMES = ["a", "b"]


@pytest.mark.parametrize(
    "y, z, kind",
    [
        ((None,), (None, 1), "binary"),
        ((None, 3), (None, 1), "binary"),
        ((None,), (None, 3), "sparse_categorical"),
        ((None, 1), (None, 3), "sparse_categorical"),
        ((None, 3), (None, 3), "categorical"),
        ((None, 7), (None, 7, 3), "sparse_categorical"),
        ((None, 7, 3), (None, 7, 3), "categorical"),
    ],
)
def test_kinds(y, z, kind):
    assert kind_of_labels(TensorSpec(y), TensorSpec(z)) == kind


def test_words_become_objects():
    y, z = ops.convert_to_tensor([0, 1]), ops.ones((2, 3)) / 3
    assert resolve_loss(None, y, z) is None
    mine = losses.MeanAbsoluteError()
    assert resolve_loss(mine, y, z) is mine
    assert resolve_loss("ce", y, z).name == "ce"
    own = resolve_loss(lambda a, b: ops.sum(b, axis=-1), y, z)
    assert float(own(y, z)) == pytest.approx(1.0)
    for word in ("accuracy", "acc", "ACC"):
        metric = resolve_metric(word, y, z)
        assert isinstance(metric, metrics.SparseCategoricalAccuracy)
        assert metric.name == word
    assert resolve_metric(metrics.MeanSquaredError, y, z).name == ("mean_squared_error")

    def twice(y_true, y_pred):
        return 2 * ops.mean(y_pred, axis=-1)

    assert resolve_metric(twice, y, z).name == "twice"
    with pytest.raises(ValueError, match="None"):
        resolve_metric(None, y, z)


NEST = {"m": {"a": 1}, "n": [2, 3]}


@pytest.mark.parametrize(
    "words, outputs, rows",
    [
        ("mse", 1, [((), "mse")]),
        (["mse"], 1, [((), "mse")]),
        (["mse", None], [1, 2], [((0,), "mse")]),
        (("mse", "mae"), [1, 2], [((0,), "mse"), ((1,), "mae")]),
        (["mse"], [1, 2], [((0,), "mse")]),
        ({"q": "mse"}, {"q": 1, "p": 2}, [(("q",), "mse")]),
        (["x", "y"], {"q": 1, "p": 2}, [(("p",), "x"), (("q",), "y")]),
        (["x", "y", "z"], NEST, [(("m", "a"), "x"), (("n", 0), "y"), (("n", 1), "z")]),
        ({"n": ["x", None]}, NEST, [(("n", 0), "x")]),
        ({"n": "pair"}, NEST, [(("n",), "pair")]),
    ],
)
def test_walk(words, outputs, rows):
    assert sorted(walk(words, outputs)) == rows
    for path, _ in rows:
        at(outputs, path, "loss")


@pytest.mark.parametrize(
    "words, outputs",
    [({"z": "x"}, {"q": 1}), (["x", "y"], 1), ({"m": ["x", "y"]}, NEST), ([["x"]], 1)],
)
def test_walk_to_what_is_not_there(words, outputs):
    for kind in (OutputNameError, KeyError, ValueError):
        with pytest.raises(kind):
            list(walk(words, outputs))


def test_a_loss_of_several_outputs_at_once():
    def apart(y_true, y_pred):
        return ops.mean(ops.square(y_pred[0] - y_pred[1]), axis=-1)

    outputs = {"pair": [ONE, TWO], "more": ONE}
    compiled = CompileLoss({"pair": apart, "more": "mse"})
    labels = {"pair": ZERO, "more": ZERO[0]}
    assert float(compiled(labels, outputs)) == pytest.approx(1.0 + 1.0)
    assert [m.name for m in compiled.metrics] == ["pair_loss", "more_loss"]


@pytest.mark.parametrize("loss", [["mse"] * 3, {"c": "mse"}, {"a": "mse"}])
def test_wrong_number_or_name(loss):
    with pytest.raises(ValueError):
        CompileLoss(loss, output_names=NAMES)(ZERO, [ONE, TWO])


@pytest.mark.parametrize(
    "loss, weights, total, trackers",
    [
        ("mse", None, 5.0, {"a_loss": 1.0, "b_loss": 4.0}),
        (["mse", "mae"], [1.0, 10.0], 21.0, {"a_loss": 1.0, "b_loss": 2.0}),
        ({"a": None, "b": "mse"}, {"a": 9.0, "b": 0.5}, 2.0, {}),
        ("mse", 0.5, 2.5, {"a_loss": 1.0, "b_loss": 4.0}),
        (["mse", None], None, 1.0, {}),
    ],
)
def test_totals(loss, weights, total, trackers):
    compiled = CompileLoss(loss, weights, output_names=NAMES)
    assert float(compiled(ZERO, [ONE, TWO])) == pytest.approx(total)
    assert {m.name: float(m.result()) for m in compiled.metrics} == trackers


def test_labels_only_for_outputs_with_a_loss():
    compiled = CompileLoss([None, "mse"], output_names=NAMES)
    assert float(compiled([ZERO[1]], [ONE, TWO])) == 4.0
    with pytest.raises(ValueError, match="structures"):
        CompileLoss("mse", output_names=NAMES)([ZERO[0]], [ONE, TWO])


def test_trackers_weigh_batches_by_their_rows():
    compiled = CompileLoss("mse", output_names=NAMES)
    compiled(ZERO, [ONE, TWO])
    compiled([z[:1] for z in ZERO], [3 * ONE[:1], TWO[:1]])
    assert float(compiled.metrics[0].result()) == pytest.approx((4 * 1 + 9) / 5)


def test_names_of_metrics():
    scores = CompileMetrics(["mse", "mse"], ["mse", "mae"])
    with pytest.raises(ValueError, match="first batch"):
        scores.result()
    scores.update_state(ZERO[0], ONE, ops.convert_to_tensor([1.0, 0.0, 0.0, 0.0]))
    assert list(scores.result()) == ["mse", "mse_1", "weighted_mse", "mae"]
    scores.reset_state()
    assert float(scores.result()["mse"]) == 0.0
    several = CompileMetrics(
        {"a": ["mse", "mae"], "b": "mse"}, None, output_names=NAMES
    )
    several.update_state(ZERO, [ONE, TWO])
    assert {k: float(v) for k, v in several.result().items()} == {
        "a_mse": 1.0, "a_mae": 1.0, "b_mse": 4.0
    }  # fmt: skip


def test_only_weighted_metrics_see_weights():
    y = ops.convert_to_tensor(np.array([[0.0], [0.0]]))
    z = ops.convert_to_tensor(np.array([[1.0], [3.0]]))
    scores = CompileMetrics(["mae"], ["mae"])
    scores.update_state(y, z, ops.convert_to_tensor([3.0, 1.0]))
    found = {k: float(v) for k, v in scores.result().items()}
    assert found == {"mae": 2.0, "weighted_mae": 1.5}


@pytest.mark.parametrize("field", [{"metrics": "mse"}, {"weighted_metrics": "mse"}])
def test_a_bare_string_is_refused(field):
    with pytest.raises(ValueError, match=next(iter(field))):
        CompileMetrics(**({"metrics": None, "weighted_metrics": None} | field))
