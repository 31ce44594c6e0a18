"""The step of a model as a graph, on the package as of the end of its chapter."""

import numpy as np
import pytest

from minikeras import Input, Model, Sequential, layers, losses, ops, random, utils
from minikeras.graph.function import RetraceWarning
from minikeras.models.steps import StepFunction, any_rows, in_graphs

crossentropy = losses.SparseCategoricalCrossentropy(from_logits=True)


def data(rows=40):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, 6)).astype("float32")
    return x, rng.integers(0, 3, rows)


def trained(kind, **words):
    """The weights and the history after two epochs."""
    utils.set_random_seed(3)
    model = kind()
    model.compile("adam", crossentropy, metrics=["accuracy"], **words)
    x, y = data()
    found = model.fit(x, y, epochs=2, batch_size=16, verbose=0, validation_data=(x, y))
    return model.get_weights(), found.history, model.predict(x, verbose=0)


def noisy():
    return Sequential(
        [Input((6,)), layers.Dense(8, "relu"), layers.Dropout(0.3),
         layers.GaussianNoise(0.1), layers.BatchNormalization(), layers.Dense(3)]
    )  # fmt: skip


def with_losses():
    inputs = Input((6,))
    hidden = layers.Dense(8, kernel_regularizer="l2", activity_regularizer="l1")(inputs)
    return Model(inputs, layers.Dense(3)(ops.tanh(hidden)))


@pytest.mark.parametrize("kind", [noisy, with_losses])
@pytest.mark.parametrize("together", [1, 2, 3])
def test_graphs_learn_what_python_learns(kind, together):
    eager = trained(kind, run_eagerly=True)
    graph = trained(kind, steps_per_execution=together)
    for one, other in zip(eager[0], graph[0], strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(graph[2], eager[2], rtol=1e-4, atol=1e-6)
    assert list(eager[1]) == list(graph[1])
    for name in eager[1]:
        np.testing.assert_allclose(graph[1][name], eager[1][name], rtol=1e-5)


def test_any_rows_of_nests():
    kinds = ("items", tuple, (("tensor", (3, 4), "int32"), ("constant", int, 1)))
    assert any_rows(kinds)[-1] == (("tensor", (None, 4), "int32"), ("constant", int, 1))
    assert any_rows(("tensor", (), "float32")) == ("tensor", (), "float32")


def test_one_trace_for_all_sizes_and_a_second_for_another_length():
    step = StepFunction(lambda x: ops.sum(x, axis=-1))
    for rows in (4, 3, 1, 9):
        assert step(np.ones((rows, 2), "float32")).shape == (rows,)
    assert step.experimental_get_tracing_count() == 1
    for length in (5, 6, 7):
        step(np.ones((2, length), "float32"))
    assert step.experimental_get_tracing_count() == 2


def test_forty_steps_are_rounds_of_one_loop():
    seen = []

    def step(x):
        seen.append(1)
        return ops.sum(x)

    batches = [np.full(3, i, "float32") for i in range(40)]
    results = in_graphs(step)(batches)
    assert [int(r) for r in results] == [3 * i for i in range(40)]
    assert len(seen) == 1


def test_batches_that_differ_in_form_keep_their_order():
    def step(batch):
        x, y, weight = batch
        assert weight is None
        return {"sum": ops.sum(x) + ops.sum(ops.cast(y, "float32")), "none": None}

    rows = [3, 3, 3, 2, 4, 4, 1]
    batches = [
        (np.full((n, 2), i, "float32"), np.full(n, 100 * i), None)
        for i, n in enumerate(rows)
    ]
    results = in_graphs(step)(batches)
    assert [float(r["sum"]) for r in results] == [
        102 * i * n for i, n in enumerate(rows)
    ]
    assert all(r["none"] is None for r in results)


def test_a_step_that_fails_in_a_loop_has_not_happened():
    model = Sequential([Input((6,)), layers.Dense(3)])
    model.compile("sgd", crossentropy, steps_per_execution=20)
    x, y = data(120)
    y[95] = 7
    before = model.get_weights()
    with pytest.raises(IndexError, match="label 7"):
        model.fit(x, y, batch_size=6, shuffle=False, verbose=0)
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert int(model.optimizer.iterations) == 0


def test_many_models_are_no_storm(recwarn):
    for _ in range(8):
        trained(noisy)
    assert not [w for w in recwarn if issubclass(w.category, RetraceWarning)]


def test_dropout_draws_anew_at_each_step():
    layer = layers.Dropout(0.5, seed=1)
    step = StepFunction(lambda x: layer(x, training=True))
    one, other = (step(np.ones((20, 5), "float32")).numpy() for _ in range(2))
    assert not np.array_equal(one, other)
    assert step(np.ones((7, 5), "float32")).shape == (7, 5)


def test_draws_of_a_shape_that_only_a_run_knows():
    def draws(x):
        rows = ops.shape(x)[0]
        return (
            random.uniform((rows, 2), seed=1), random.normal((rows, 2), seed=1),
            random.truncated_normal((2, rows), seed=1),
            random.randint((rows,), 0, 9, seed=1), random.shuffle(x, seed=1),
            random.categorical(x, 3, seed=1), ops.zeros((rows, 3)),
            ops.broadcast_to(ops.ones((1, 2)), (rows, 2)),
        )  # fmt: skip

    x = np.arange(12, dtype="float32").reshape(6, 2)
    for one, other in zip(StepFunction(draws)(x), draws(ops.convert_to_tensor(x))):
        assert np.array_equal(one, other)
