"""Rows B8, B12, B13, K4 and K5 of the contract for failures, each with a test.

B8 labels and indices out of range; B12 sizes that do not fit; B13 sources that fail in
the middle; K4 losses that are no number; K5 exceptions of somebody else's code. What is
asked each time: the class, what the message names, the state that is left, and that the
same model learns afterwards.
"""

import gc
import os
import threading
import warnings

import numpy as np
import pytest

import minikeras as k
from minikeras import layers, ops
from minikeras.core.door import here

pytestmark = pytest.mark.filterwarnings("ignore")
WAYS = pytest.mark.parametrize("eager", [True, False], ids=["eager", "graph"])


def state_of(model):
    "Weights, seeds and slots, as bytes."
    seen = {id(v): v for v in [*model.variables, *model.optimizer.variables]}
    return [np.asarray(v).tobytes() for v in seen.values()]


def things():
    "Threads, open files and tapes that are alive."
    files = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    return threading.active_count(), files, len(here.level.watchers)


# ---- B8: labels and indices out of range ---------------------------------------------

IDS = np.array([[0, 1], [2, 0]])
LOGITS = np.linspace(-1, 1, 12, dtype="float32").reshape(4, 3)
PICKS = {  # an operation that takes labels or indices of 3 things, and good ones
    "sparse_categorical_crossentropy": (
        lambda i: ops.sparse_categorical_crossentropy(i, LOGITS, from_logits=True),
        np.array([0, 2, 1, 0]),
    ),
    "loss": (
        lambda i: k.losses.SparseCategoricalCrossentropy(from_logits=True)(i, LOGITS),
        np.array([0, 2, 1, 0]),
    ),
    "take": (lambda i: ops.take(LOGITS[:3], i, axis=0), IDS),
    "take_along_axis": (
        lambda i: ops.take_along_axis(LOGITS, i, axis=1),
        np.array([[0], [2], [1], [0]]),
    ),
    "Embedding": (lambda i: EMBEDDING(i), IDS),
    "segment_sum": (lambda i: ops.segment_sum(LOGITS, i, 3), np.array([0, 2, 1, 0])),
    "segment_max": (lambda i: ops.segment_max(LOGITS, i, 3), np.array([0, 2, 1, 0])),
    "to_categorical": (
        lambda i: k.utils.to_categorical(i, 3),
        np.array([0, 2, 1, 0]),
    ),
}
EMBEDDING = layers.Embedding(3, 2)
EMBEDDING.build()


@pytest.mark.parametrize("graph", [False, True], ids=["eager", "graph"])
@pytest.mark.parametrize("wrong", [3, 12345, -4])
@pytest.mark.parametrize("name", PICKS)
def test_an_index_out_of_range_is_named_with_its_place(name, wrong, graph):
    call, good = PICKS[name]
    if name.startswith("segment") and wrong < 0:
        pytest.skip("a negative number means: in no segment")
    bad = good.copy()
    place = tuple(n - 1 for n in good.shape)
    bad[place] = wrong
    run = k.function(lambda i: call(i)) if graph else call
    first = np.asarray(run(ops.convert_to_tensor(good)))
    with pytest.raises(IndexError) as caught:
        run(ops.convert_to_tensor(bad))
    told = str(caught.value)
    assert str(wrong) in told and str(list(place)) in told, told
    np.testing.assert_array_equal(run(ops.convert_to_tensor(good)), first)


def test_one_hot_has_a_row_of_zeros_for_what_is_no_class():
    "Where nothing is picked there is nothing to refuse: as in Keras."
    found = ops.one_hot(np.array([0, 7, -1]), 3).numpy()
    np.testing.assert_array_equal(found, [[1, 0, 0], [0, 0, 0], [0, 0, 0]])


@WAYS
def test_an_unknown_word_in_training_changes_nothing(eager):
    model = k.Sequential([layers.Embedding(5, 3), layers.Flatten(), layers.Dense(1)])
    model.compile("adam", "mse", run_eagerly=eager)
    x, y = np.arange(20).reshape(10, 2) % 5, np.ones((10, 1))
    model.fit(x, y, verbose=0)
    before = state_of(model)
    x[6, 1] = 5
    with pytest.raises(IndexError, match=r"5(?s:.*)\[") as caught:
        model.fit(x, y, batch_size=10, shuffle=False, verbose=0)
    assert state_of(model) == before and "[6, 1]" in str(caught.value)
    x[6, 1] = 4
    model.fit(x, y, verbose=0)


# ---- B12: sizes that do not fit ------------------------------------------------------

X = np.random.RandomState(0).standard_normal((10, 3)).astype("float32")
Y = X[:, :1] * 2 + 1


def line(eager=False, optimizer="sgd", **options):
    "A model that learns a line, the same each time."
    k.utils.set_random_seed(1)
    model = k.Sequential([k.Input((3,)), layers.Dense(1)])
    model.compile(optimizer, "mse", run_eagerly=eager, **options)
    return model


SIZES = {  # what does not fit, and the numbers that the message must name
    "labels": (lambda m: m.fit(X, Y[:7], verbose=0), "10 7"),
    "weights": (lambda m: m.fit(X, Y, sample_weight=np.ones(4), verbose=0), "10 4"),
    "validation": (
        lambda m: m.fit(X, Y, validation_data=(X[:5], Y), verbose=0),
        "5 10",
    ),
    "evaluate": (lambda m: m.evaluate(X, Y[:3], verbose=0), "10 3"),
    "on batch": (lambda m: m.train_on_batch(X, Y[:2]), "10 2"),
    "no rows": (lambda m: m.fit(X[:0], Y[:0], verbose=0), "0"),
    "no rows to predict": (lambda m: m.predict(X[:0], verbose=0), "0"),
    "batch of 0": (lambda m: m.fit(X, Y, batch_size=0, verbose=0), "0"),
    "batch of -2": (lambda m: m.fit(X, Y, batch_size=-2, verbose=0), "-2"),
    "nothing left to train": (
        lambda m: m.fit(X, Y, validation_split=0.99, verbose=0),
        "0.99",
    ),
}


@WAYS
@pytest.mark.parametrize("what", SIZES)
def test_sizes_are_listed_and_nothing_is_done(what, eager):
    call, numbers = SIZES[what]
    model = line(eager, "adam")
    model.fit(X, Y, verbose=0)
    before, alive = state_of(model), things()
    with pytest.raises(ValueError) as caught:
        call(model)
    for number in numbers.split():
        assert number in str(caught.value), str(caught.value)
    assert state_of(model) == before and things() == alive
    model.fit(X, Y, verbose=0)


@WAYS
@pytest.mark.parametrize("batch", [1, 3, 4, 10, 32])
def test_a_short_last_batch_is_weighted_right(batch, eager):
    "Losses are means over samples, weighted ones too, whatever the size of a batch."
    weights = np.linspace(0.5, 2.0, 10)
    model = line(eager, weighted_metrics=["mae"])
    off = (model.predict(X, verbose=0) - Y)[:, 0].astype("float64")
    found = model.evaluate(
        X, Y, batch_size=batch, sample_weight=weights, verbose=0, return_dict=True
    )
    assert found["loss"] == pytest.approx(np.mean(weights * off**2), rel=1e-5)
    mae = np.sum(weights * abs(off)) / weights.sum()
    assert found["mae"] == pytest.approx(mae, rel=1e-5)
    history = line(eager, k.optimizers.SGD(0.0)).fit(
        X, Y, batch_size=batch, sample_weight=weights, verbose=0
    )
    assert history.history["loss"][0] == pytest.approx(found["loss"], rel=1e-5)


# ---- B13: sources that fail in the middle --------------------------------------------


class Mine(Exception):
    "An error of somebody else's program."


GOOD = (X[:4], Y[:4])
MIDWAY = {  # the batch after two good ones
    "wrong width": (X[:4, :2], Y[:4]),
    "one axis less": (X[0], Y[:4]),
    "another structure": ((X[:4], X[:4]), Y[:4]),
    "no labels": (X[:4],),
    "four parts": (*GOOD, None, None),
    "text": (np.full((4, 3), "a"), Y[:4]),
    "objects": (np.full((4, 3), None), Y[:4]),
    "other lengths": (X[:4], Y[:3]),
    "no rows": (X[:0], Y[:0]),
    "None": None,
    "raises": Mine("mine"),
}


def source(bad, workers=None):
    "Two good batches and a bad one, from a generator or from a dataset."

    def give(item):
        if isinstance(item, Exception):
            raise item
        return item

    items = [GOOD, GOOD, bad, GOOD]
    if workers is None:
        return (give(item) for item in items)

    class Data(k.utils.PyDataset):
        def __len__(self):
            return 4

        def __getitem__(self, index):
            return give(items[index])

    return Data(workers=workers)


@WAYS
@pytest.mark.parametrize("workers", [None, 1, 2], ids=["generator", "data", "threads"])
@pytest.mark.parametrize("what", MIDWAY)
def test_what_fails_midway_keeps_the_steps_before(what, workers, eager):
    one = line(eager, "adam")
    for _ in range(2):
        one.train_on_batch(*GOOD)
    model, alive = line(eager, "adam"), things()
    with pytest.raises((ValueError, TypeError, Mine)) as caught:
        model.fit(source(MIDWAY[what], workers), shuffle=False, verbose=0)
    error = caught.value
    if what == "raises":
        assert error is MIDWAY[what]
    else:
        told = "\n".join([str(error), *getattr(error, "__notes__", ())])
        assert len(told.splitlines()) > 1, told
    assert int(model.optimizer.iterations) == 2
    assert state_of(model) == state_of(one)
    error = caught = None
    gc.collect()
    assert things() == alive
    assert np.isfinite(model.fit(X, Y, verbose=0).history["loss"]).all()


@WAYS
def test_a_source_that_ends_early_says_at_which_step(eager):
    model = line(eager)
    with pytest.warns(UserWarning, match="after 3 of 5 steps"):
        model.fit((GOOD for _ in range(3)), steps_per_epoch=5, epochs=2, verbose=0)
    assert int(model.optimizer.iterations) == 3
    model.fit(X, Y, verbose=0)


@WAYS
def test_a_source_of_nothing_is_refused_everywhere(eager):
    for call in (
        lambda m: m.fit(iter(()), verbose=0),
        lambda m: m.evaluate(iter(()), verbose=0),
        lambda m: m.predict(iter(()), verbose=0),
        lambda m: m.fit(X, Y, validation_data=iter(()), verbose=0),
    ):
        with pytest.raises(ValueError, match="no samples"):
            call(line(eager))


@WAYS
def test_a_validation_that_is_used_up_does_not_stop_the_training(eager):
    history = line(eager).fit(
        X, Y, validation_data=(GOOD for _ in range(2)), epochs=3, verbose=0
    )
    assert len(history.history["loss"]) == 3


@WAYS
def test_an_endless_source_is_ended_by_a_callback(eager):
    def endless():
        while True:
            yield GOOD

    class Stop(k.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 6

    model = line(eager)
    model.fit(endless(), callbacks=[Stop()], verbose=0)
    assert int(model.optimizer.iterations) == 7


# ---- K4: losses that are no number ---------------------------------------------------


def loss_of(f):
    "A loss that is f of the mean distance, once it is past the first two steps."
    return lambda y_true, y_pred: f(ops.mean(ops.square(y_pred - y_true), axis=-1))


def lambda_of(f):
    return [layers.Lambda(f)]


NAN, INF = float("nan"), float("inf")
AT = 2  # the number of the batch that goes wrong, counted from 0


def spoil(array, value):
    array = np.array(array, "float32")
    array[4 * AT] = value
    return array


LONG = np.tile(X, (2, 1)), np.tile(Y, (2, 1))  # five batches of 4


def zero_at(x):
    "0 for the batch that goes wrong (its x is set to 0), something else before."
    return ops.sum(ops.abs(x), axis=-1)


def blank(x):
    x = np.array(x)
    x[4 * AT : 4 * AT + 4] = 0.0
    return x


RECIPES = {  # name: (layers after Dense, loss, changes of the data, optimizer)
    "nan in x": {"x": lambda x: spoil(x, NAN)},
    "inf in x": {"x": lambda x: spoil(x, INF)},
    "nan in y": {"y": lambda y: spoil(y, NAN)},
    "inf in y": {"y": lambda y: spoil(y, INF)},
    "nan as weight": {"w": lambda w: spoil(w, NAN)},
    "inf as weight": {"w": lambda w: spoil(w, INF)},
    "huge x": {"x": lambda x: spoil(x, 1e30)},
    "huge y": {"y": lambda y: spoil(y, 3e38)},
    "log of 0": {"x": blank, "first": lambda x: x + 0 * ops.log(zero_at(x))[:, None]},
    "0 / 0": {"x": blank, "first": lambda x: x / zero_at(x)[:, None]},
    "1 / 0": {"x": blank, "first": lambda x: x + 1 / zero_at(x)[:, None]},
    "power below 0": {"x": blank, "first": lambda x: x + (zero_at(x)[:, None] - 0) ** -1},
    "log1p of -1": {
        "x": blank, "first": lambda x: x + ops.log1p(zero_at(x) - 1.0 + 0 * 1)[:, None]},
    "square root below 0": {
        "x": blank, "first": lambda x: x + ops.sqrt(zero_at(x) - 1e-3)[:, None]},
    "no variance": {
        "x": blank, "first": lambda x: (x - ops.mean(x, -1, keepdims=True))
        / ops.std(x, -1, keepdims=True)},
    "exp too large": {
        "x": lambda x: spoil(x, 100.0), "first": lambda x: ops.exp(x)},
    "softmax of inf": {
        "x": lambda x: spoil(x, INF), "first": lambda x: ops.softmax(x)},
    "inf - inf": {
        "x": lambda x: spoil(x, INF), "first": lambda x: x - ops.max(x)},
    "0 * inf": {"x": lambda x: spoil(x, INF), "first": lambda x: x * 0},
    "float16 overflow": {
        "x": lambda x: spoil(x, 300.0),
        "first": lambda x: ops.cast(ops.cast(x, "float16") ** 3, "float32")},
    "price of an activity": {
        "x": lambda x: spoil(x, 1e30), "after": [layers.ActivityRegularization(l2=1.0)]},
}  # fmt: skip


class Keeper(k.callbacks.Callback):
    "Keeps what the weights were before each step."

    def on_train_batch_begin(self, batch, logs=None):
        self.kept = self.model.get_weights()


def sick(recipe, eager):
    "A model and its data; batch AT gives a loss that is no number."
    k.utils.set_random_seed(3)
    first = [layers.Lambda(recipe["first"])] if "first" in recipe else []
    model = k.Sequential(
        [k.Input((3,)), *first, layers.Dense(1), *recipe.get("after", [])]
    )
    model.compile(k.optimizers.SGD(1e-3), "mse", run_eagerly=eager)
    same = lambda array: array
    x = recipe.get("x", same)(LONG[0])
    y = recipe.get("y", same)(LONG[1])
    w = recipe.get("w", same)(np.ones(20, "float32"))
    return model, {"x": x, "y": y, "sample_weight": w}


@WAYS
@pytest.mark.parametrize("name", RECIPES)
def test_a_loss_that_is_no_number_ends_the_training_at_its_step(name, eager):
    model, data = sick(RECIPES[name], eager)
    options = {"batch_size": 4, "shuffle": False, "verbose": 0, "epochs": 3}
    keeper = Keeper()
    model.fit(**data, **options, callbacks=[keeper, k.callbacks.TerminateOnNaN()])
    assert int(model.optimizer.iterations) == AT + 1
    model.set_weights(keeper.kept)  # as before the bad step
    with np.errstate(all="ignore"):
        good = model.evaluate(LONG[0][:8], LONG[1][:8], verbose=0)
    assert np.isfinite(good), "what was before the bad step is as good as it was"


@WAYS
@pytest.mark.parametrize("name", RECIPES)
def test_or_raises_and_says_where(name, eager):
    model, data = sick(RECIPES[name], eager)
    options = {"batch_size": 4, "shuffle": False, "verbose": 0}
    stop = k.callbacks.TerminateOnNaN(raise_error=True)
    with pytest.raises(RuntimeError, match=f"batch {AT}"):
        model.fit(**data, **options, callbacks=[stop])
    assert int(model.optimizer.iterations) == AT + 1 and not here.level.watchers


@WAYS
@pytest.mark.parametrize("name", ["rate", "slope"])
def test_weights_that_become_no_numbers(name, eager):
    "A rate that is too high, and the slope of a root at 0: the step after it is told."
    k.utils.set_random_seed(3)
    loss, rate = "mse", 1e30
    if name == "slope":
        loss, rate = lambda y_true, y_pred: ops.sqrt(0.0 * ops.sum(y_pred, -1)), 0.1
    model = k.Sequential([k.Input((3,)), layers.Dense(1)])
    model.compile(k.optimizers.SGD(rate), loss, run_eagerly=eager)
    stop = k.callbacks.TerminateOnNaN(raise_error=True)
    with pytest.raises(RuntimeError, match="batch 1"):
        model.fit(X, Y, batch_size=2, shuffle=False, verbose=0, callbacks=[stop])


# ---- K5: exceptions of somebody else's code ------------------------------------------


class Cause(Exception):
    "Why it was raised."


def fail():
    try:
        raise Cause("cause")
    except Cause as cause:
        raise Mine("mine") from cause


class Failing:
    "Whose n-th call fails."

    def __init__(self, n):
        self.calls, self.n = 0, n

    def __call__(self):
        self.calls += 1
        if self.calls == self.n:
            fail()


def with_layer(turn):
    class Bad(layers.Layer):
        def call(self, x):
            turn()
            return x

        def compute_output_shape(self, shape):
            return shape

    return {"layer": Bad()}


def with_loss(turn):
    def bad(y_true, y_pred):
        turn()
        return ops.mean(ops.square(y_true - y_pred), -1)

    return {"loss": bad}


def with_metric(turn):
    class Bad(k.metrics.Mean):
        def update_state(self, *args, **kwargs):
            turn()

    return {"metrics": [Bad()]}


def with_constraint(turn):
    class Bad(k.constraints.Constraint):
        def __call__(self, w):
            turn()
            return w

    return {"constraint": Bad()}


def with_regularizer(turn):
    class Bad(k.regularizers.Regularizer):
        def __call__(self, w):
            turn()
            return ops.sum(w) * 0.0

    return {"regularizer": Bad()}


def with_schedule(turn):
    class Bad(k.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            turn()
            return 0.1

    return {"optimizer": k.optimizers.SGD(Bad())}


def with_optimizer(turn):
    class Bad(k.optimizers.SGD):
        def update_step(self, gradient, variable, learning_rate):
            turn()
            super().update_step(gradient, variable, learning_rate)

    return {"optimizer": Bad(0.1)}


PLACES = [with_layer, with_loss, with_metric, with_constraint, with_regularizer,
          with_schedule, with_optimizer]  # fmt: skip


def built_of(layer=None, constraint=None, regularizer=None, **options):
    k.utils.set_random_seed(1)
    dense = layers.Dense(
        1, kernel_constraint=constraint, kernel_regularizer=regularizer
    )
    model = k.Sequential([k.Input((3,)), dense, *([layer] if layer else [])])
    model.compile(**({"optimizer": "adam", "loss": "mse"} | options), run_eagerly=True)
    return model


@pytest.mark.parametrize("run", ["fit", "train_on_batch", "evaluate", "test_on_batch"])
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_the_same_exception_arrives_and_the_step_is_undone(place, run):
    "In the second batch; with its cause, and a note of epoch and step from fit."
    once = Failing(-1)
    model = built_of(**place(once))
    x, y = X[:8], Y[:8]
    model.fit(x, y, batch_size=4, shuffle=False, verbose=0)
    in_one = max(once.calls // 2, 1)
    alive, once.n = things(), -1
    getattr(model, run)(x, y) if "batch" in run else getattr(model, run)(
        x, y, verbose=0
    )
    before, once.calls = state_of(model), 0
    once.n = 1
    if run == "fit":
        once.n = in_one + 1
    try:
        if "batch" in run:
            getattr(model, run)(x, y)
        else:
            getattr(model, run)(x, y, batch_size=4, verbose=0)
    except Mine as error:
        assert type(error.__cause__) is Cause and error.args == ("mine",)
        if run == "fit":
            assert "epoch 1, step" in " ".join(error.__notes__)
        else:
            assert state_of(model) == before
        error.__traceback__ = None
    else:
        tested_only_in_training = {with_constraint, with_schedule, with_optimizer}
        assert "train" not in run and run != "fit" and place in tested_only_in_training
    gc.collect()
    assert things() == alive
    once.n = -1
    assert np.isfinite(model.fit(x, y, verbose=0).history["loss"]).all()


@pytest.mark.parametrize("use", ["threads", "processes"])
def test_the_exception_of_a_worker_arrives_with_its_cause(use):
    "And no thread, process or file is left."
    import multiprocessing

    model, alive = line(), things()
    data = Failer(workers=2, use_multiprocessing=use == "processes")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(Mine, match="mine") as caught:
            model.fit(data, verbose=0)
    if use == "threads":
        assert type(caught.value.__cause__) is Cause
    caught = None
    gc.collect()
    assert not multiprocessing.active_children()
    assert things()[0] == alive[0] and things()[2] == alive[2]
    assert np.isfinite(model.fit(X, Y, verbose=0).history["loss"]).all()


class Failer(k.utils.PyDataset):
    "Whose third batch fails."

    def __len__(self):
        return 5

    def __getitem__(self, index):
        if index == 2:
            fail()
        return GOOD
