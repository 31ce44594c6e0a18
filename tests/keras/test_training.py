"""The training loop under faults: bad data, odd batches, exceptions half-way, seeds."""

import gc
import itertools
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import minikeras as k
from minikeras import layers
from minikeras.callbacks.callback_list import MOMENTS
from minikeras.core.door import here

ROOT = Path(__file__).resolve().parents[2]


def data(n=100, seed=0):
    random = np.random.RandomState(seed)
    x = random.standard_normal((n, 6)).astype("float32")
    return x, (x.sum(axis=1) > 0).astype("int32")


def model_of(optimizer="sgd", dropout=0.0):
    model = k.Sequential(
        [k.Input((6,)), layers.Dense(8, activation="tanh"), layers.Dropout(dropout),
         layers.Dense(2)]
    )  # fmt: skip
    loss = k.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss, metrics=["accuracy"])
    return model


def state_of(model):
    "Weights, optimizer and metric variables, as bytes."
    variables = [*model.weights, *model.optimizer.variables]
    return [np.asarray(v).tobytes() for v in variables]


# ---- what is refused -----------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda x, y: {"x": x, "y": y[:-1]},
        lambda x, y: {"x": x[:0], "y": y[:0]},
        lambda x, y: {"x": x, "y": y, "batch_size": 0},
        lambda x, y: {"x": x, "y": y, "batch_size": -3},
        lambda x, y: {"x": x, "y": y, "batch_size": 2.5},
        lambda x, y: {"x": x, "y": y, "validation_split": 1.5},
        lambda x, y: {"x": x, "y": y, "validation_split": -0.1},
        lambda x, y: {"x": x, "y": y, "validation_split": 0.999},
        lambda x, y: {"x": x, "y": y, "sample_weight": np.ones(3)},
        lambda x, y: {"x": x, "y": y, "validation_data": (x, y[:-1])},
        lambda x, y: {"x": np.array(["a"] * len(x)), "y": y},
        lambda x, y: {"x": np.array([None] * len(x)), "y": y},
        lambda x, y: {"x": x[:, :4], "y": y},
        lambda x, y: {"x": x, "y": np.full_like(y, 7)},
        lambda x, y: {"x": x, "y": y - 5},
        lambda x, y: {"x": x, "y": None},
        lambda x, y: {"x": "text", "y": y},
        lambda x, y: {"x": x, "y": y, "epochs": "many"},
        lambda x, y: {"x": x, "y": y, "callbacks": ["not a callback"]},
    ],
)
def test_fit_refuses_and_changes_nothing(change):
    "ValueError, TypeError or IndexError before the first step; all state as it was."
    x, y = data()
    model = model_of("adam")
    model.fit(x, y, epochs=1, verbose=0)
    before, level = state_of(model), here.level
    with pytest.raises((ValueError, TypeError, IndexError)) as caught:
        model.fit(**({"verbose": 0} | change(x, y)))
    assert type(caught.value) not in (AssertionError, KeyError, AttributeError)
    assert state_of(model) == before
    assert here.level is level and not here.level.watchers
    assert np.isfinite(model.fit(x, y, epochs=1, verbose=0).history["loss"]).all()


def test_different_lengths_are_named():
    x, y = data()
    with pytest.raises(ValueError, match=r"(?s)100.*99|99.*100"):
        model_of().fit(x, y[:99], verbose=0)


def test_label_out_of_range_names_the_label():
    x, y = data()
    y[17] = 9
    with pytest.raises(IndexError, match="9"):
        model_of().fit(x, y, shuffle=False, verbose=0)


def test_uncompiled_model_says_so():
    x, y = data()
    model = k.Sequential([layers.Dense(2)])
    for method in (model.fit, model.evaluate):
        with pytest.raises(ValueError, match="compile"):
            method(x, y, verbose=0)


def test_unbuilt_model_says_so():
    model = k.Sequential([layers.Dense(2)])
    with pytest.raises(ValueError, match=r"(?i)buil"):
        model.count_params()
    model.summary(print_fn=lambda *a, **_: None)


# ---- batches -------------------------------------------------------------------------


@pytest.mark.parametrize("n, batch", [(10, 3), (7, 7), (5, 100), (33, 32), (1, 32)])
def test_losses_are_exact_means_over_samples(n, batch):
    "A short last batch counts by its size: evaluate equals the mean over all rows."
    x, y = data(n)
    model = model_of()
    logits = np.asarray(model.predict(x, verbose=0), "float64")
    logits -= logits.max(axis=1, keepdims=True)
    each = np.log(np.exp(logits).sum(1)) - logits[np.arange(n), y]
    found = model.evaluate(x, y, batch_size=batch, verbose=0)
    assert found[0] == pytest.approx(each.mean(), rel=1e-5)
    assert found[1] == pytest.approx((logits.argmax(1) == y).mean(), rel=1e-6)


def test_predict_keeps_order_and_length():
    x, _ = data(50)
    model = model_of()
    whole = model.predict(x, batch_size=50, verbose=0)
    parts = model.predict(x, batch_size=7, verbose=0)
    np.testing.assert_allclose(parts, whole, 1e-5, 1e-6)


def test_shuffle_moves_x_y_and_weights_together():
    "Training on shuffled rows learns the rule that joins x and y."
    x, y = data(400)
    model = model_of(k.optimizers.Adam(0.05))
    history = model.fit(x, y, epochs=15, verbose=0, sample_weight=np.ones(400))
    assert history.history["accuracy"][-1] > 0.95


def test_inputs_are_not_written():
    x, y = data()
    copies = x.copy(), y.copy()
    x.flags.writeable = y.flags.writeable = False
    model_of(dropout=0.5).fit(x, y, epochs=2, verbose=0)
    np.testing.assert_array_equal(x, copies[0])
    np.testing.assert_array_equal(y, copies[1])


def quiet(callback):
    return {"verbose": 0, "callbacks": [callback]}


def set_of_threads():
    return {thread.ident for thread in threading.enumerate()}


class Pairs(k.utils.PyDataset):
    "Batches of 25, fetched by two threads."

    def __init__(self, x, y):
        super().__init__(workers=2)
        self.x, self.y = x, y

    def __len__(self):
        return len(self.x) // 25

    def __getitem__(self, index):
        rows = slice(25 * index, 25 * index + 25)
        return self.x[rows], self.y[rows]


TESTING = {hook for hook in MOMENTS if "_test_" in hook}
PREDICTING = {hook for hook in MOMENTS if "_predict_" in hook}
HEARD = {
    "fit": set(MOMENTS) - PREDICTING, "workers": set(MOMENTS) - PREDICTING,
    "evaluate": TESTING, "predict": PREDICTING,
}  # fmt: skip


# ---- exceptions half-way (B13) -------------------------------------------------------


class Mine(Exception):
    pass


def steps_done(model):
    return int(np.asarray(model.optimizer.iterations))


@pytest.mark.parametrize("at", [0, 1, 3])
def test_generator_that_raises(at):
    "The same exception object comes out, and the steps before it count."
    x, y = data()
    model = model_of()
    model.fit(x, y, epochs=1, verbose=0)
    done, error = steps_done(model), Mine("from the generator")

    def batches():
        for i in itertools.count():
            if i == at:
                raise error
            yield x[:10], y[:10]

    with pytest.raises(Mine) as caught:
        model.fit(batches(), epochs=1, steps_per_epoch=10, verbose=0)
    assert caught.value is error
    assert steps_done(model) == done + at
    assert not here.level.watchers
    model.fit(x, y, epochs=1, verbose=0)


def test_exception_says_epoch_and_step():
    x, y = data()
    model = model_of()

    class Bad(layers.Layer):
        calls = 0

        def call(self, inputs):
            Bad.calls += 1
            if Bad.calls > 4:
                raise Mine("layer")
            return inputs

    model = k.Sequential([k.Input((6,)), layers.Dense(2), Bad()])
    loss = k.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss, run_eagerly=True)
    with pytest.raises(Mine) as caught:
        model.fit(x, y, epochs=3, batch_size=50, verbose=0)
    notes = " ".join(getattr(caught.value, "__notes__", []))
    assert "epoch" in notes and "step" in notes and "trace" not in notes


def test_an_exception_in_the_trace_says_how_to_go_without():
    x, y = data()

    class Bad(layers.Layer):
        def call(self, inputs):
            return inputs.numpy()

        def compute_output_shape(self, input_shape):
            return input_shape

    model = k.Sequential([k.Input((6,)), layers.Dense(2), Bad()])
    model.compile("sgd", "sparse_categorical_crossentropy")
    before = model.get_weights()
    with pytest.raises(Exception) as caught:
        model.fit(x, y, verbose=0)
    notes = " ".join(getattr(caught.value, "__notes__", []))
    assert "epoch 1, step 1" in notes and "run_eagerly=True" in notes
    for one, other in zip(before, model.get_weights(), strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize("where", ["loss", "metric"])
def test_step_that_fails_leaves_the_weights(where):
    x, y = data()

    class BadMetric(k.metrics.Mean):
        def update_state(self, *args, **kwargs):
            raise Mine("metric")

    def bad_loss(y_true, y_pred):
        raise Mine("loss")

    model = model_of()
    model.fit(x, y, epochs=1, verbose=0)
    good = k.losses.SparseCategoricalCrossentropy(from_logits=True)
    if where == "loss":
        model.compile("sgd", bad_loss)
    else:
        model.compile("sgd", good, metrics=[BadMetric()])
    before = [w.tobytes() for w in model.get_weights()]
    with pytest.raises(Mine):
        model.fit(x, y, epochs=1, verbose=0)
    if where == "loss":
        assert [w.tobytes() for w in model.get_weights()] == before
    assert not here.level.watchers


@pytest.mark.parametrize("run", ["fit", "evaluate", "predict", "workers"])
@pytest.mark.parametrize("hook", MOMENTS)
def test_a_callback_that_raises_in_any_hook(hook, run):
    "The same object arrives; threads and tapes end; the model trains on afterwards."
    x, y = data()
    model, mine, told = model_of(), Mine(hook), []

    def fail(self, *args, **kwargs):
        told.append(hook)
        raise mine

    bad, threads = (
        type("Bad", (k.callbacks.Callback,), {hook: fail})(),
        set_of_threads(),
    )
    batches = Pairs(x, y)
    call = {
        "fit": lambda: model.fit(x, y, validation_data=(x, y), **quiet(bad)),
        "workers": lambda: model.fit(batches, validation_data=batches, **quiet(bad)),
        "evaluate": lambda: model.evaluate(x, y, **quiet(bad)),
        "predict": lambda: model.predict(x, **quiet(bad)),
    }[run]
    try:
        call()
    except Mine as error:
        assert error is mine
    assert bool(told) == (hook in HEARD[run])
    assert set_of_threads() == threads and not here.level.watchers
    model.fit(x, y, verbose=0)


def test_keyboard_interrupt_leaves_whole_steps():
    x, y = data()
    model = model_of()

    class Stop(k.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 2:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model.fit(x, y, batch_size=10, verbose=0, callbacks=[Stop()])
    assert steps_done(model) == 3
    assert not here.level.watchers
    model.fit(x, y, epochs=1, verbose=0)


def test_stop_training_from_a_callback():
    x, y = data()
    model = model_of()

    class Stop(k.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 1

    history = model.fit(x, y, epochs=10, verbose=0, callbacks=[Stop()])
    assert history.epoch == [0, 1]


def test_endless_generator_needs_steps():
    x, y = data()
    model = model_of()

    def batches():
        while True:
            yield x[:10], y[:10]

    history = model.fit(batches(), epochs=2, steps_per_epoch=3, verbose=0)
    assert len(history.history["loss"]) == 2 and steps_done(model) == 6


# ---- seeds ---------------------------------------------------------------------------


def trained(seed):
    k.utils.set_random_seed(seed)
    x, y = data()
    model = model_of(dropout=0.3)
    model.fit(x, y, epochs=2, verbose=0)
    return [w.tobytes() for w in model.get_weights()]


def test_same_seed_same_weights_to_the_bit():
    assert trained(1) == trained(1)
    assert trained(1) != trained(2)


def test_same_seed_in_another_process():
    "Neither the hash seed nor the process changes a bit."
    code = (
        "import hashlib; from tests.keras.test_training import trained; "
        "print(hashlib.sha256(b''.join(trained(3))).hexdigest())"
    )
    runs = set()
    for hash_seed in ("0", "12345"):
        env = os.environ | {"PYTHONHASHSEED": hash_seed}
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            env=env,
            cwd=ROOT,
        )
        assert done.returncode == 0, done.stderr
        runs.add(done.stdout.strip())
    assert len(runs) == 1


def test_no_tensors_pile_up():
    "The number of live objects does not grow with the number of epochs."
    x, y = data()
    model = model_of("adam")
    model.fit(x, y, epochs=2, verbose=0)
    gc.collect()
    before = len(gc.get_objects())
    model.fit(x, y, epochs=20, verbose=0)
    gc.collect()
    assert len(gc.get_objects()) - before < 500
