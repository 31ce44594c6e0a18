"""Whatever ends a fit: the same exception, no thread left, weights of the last step."""

import threading
import time

import numpy as np
import pytest

import minikeras as k


class Data(k.utils.PyDataset):
    def __init__(self, fails_at=None, error=None, **options):
        super().__init__(**options)
        self.fails_at, self.error = fails_at, error

    def __len__(self):
        return 6

    def __getitem__(self, index):
        time.sleep(0.001)
        if index == self.fails_at:
            raise self.error
        rows = np.random.RandomState(index)
        x = rows.standard_normal((4, 3)).astype("float32")
        return x, x[:, :1]


def model_of():
    k.utils.set_random_seed(2)
    model = k.Sequential([k.Input((3,)), k.layers.Dense(1)])
    model.compile("adam", "mse")
    return model


def weights_after(batches, steps):
    model = model_of()
    for i in range(steps):
        model.train_on_batch(*batches[i])
    return model.get_weights()


def raiser(hook, error):
    spy = k.callbacks.Callback()

    def method(*args, **kwargs):
        raise error

    setattr(spy, hook, method)
    return spy


WORKERS = [0, 1, 3]


@pytest.mark.parametrize("workers", WORKERS)
def test_a_source_that_raises(workers):
    error, before, model = KeyError("mine"), threading.active_count(), model_of()
    with pytest.raises(KeyError) as caught:
        model.fit(Data(4, error, workers=workers), shuffle=False, verbose=0)
    assert caught.value is error and threading.active_count() == before
    for a, b in zip(model.get_weights(), weights_after(Data(), 4), strict=True):
        assert np.array_equal(a, b)
    assert int(model.optimizer.iterations) == 4
    model.fit(Data(workers=workers), verbose=0)
    assert int(model.optimizer.iterations) == 10


HOOKS = [f"on_{run}_{edge}" for run in ("train", "test") for edge in ("begin", "end")]
HOOKS += [
    f"on_{run}_batch_{edge}" for run in ("train", "test") for edge in ("begin", "end")
]
HOOKS += ["on_epoch_begin", "on_epoch_end"]


@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize("hook", HOOKS)
def test_a_callback_that_raises(hook, workers):
    error, before, model = OSError("mine"), threading.active_count(), model_of()
    with pytest.raises(OSError) as caught:
        model.fit(
            Data(workers=workers), validation_data=Data(workers=workers), verbose=0,
            callbacks=[raiser(hook, error)],
        )  # fmt: skip
    assert caught.value is error and threading.active_count() == before
    assert np.isfinite(
        model.fit(Data(workers=workers), verbose=0).history["loss"]
    ).all()


@pytest.mark.parametrize("where", ["train_step", "test_step", "predict_step"])
def test_a_step_that_raises(where):
    error = ArithmeticError("mine")

    class Own(k.Sequential):
        pass

    def step(self, data):
        raise error

    setattr(Own, where, step)
    model, before = Own([k.Input((3,)), k.layers.Dense(1)]), threading.active_count()
    model.compile("sgd", "mse")
    calls = {"train_step": "fit", "test_step": "evaluate", "predict_step": "predict"}
    with pytest.raises(ArithmeticError) as caught:
        getattr(model, calls[where])(Data(workers=3), verbose=0)
    assert caught.value is error and threading.active_count() == before


def test_ctrl_c_in_a_step_ends_the_threads():
    model, before = model_of(), threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        model.fit(
            Data(workers=3), verbose=0,
            callbacks=[raiser("on_train_batch_end", KeyboardInterrupt())],
        )  # fmt: skip
    assert threading.active_count() == before


def test_stopped_in_the_middle():
    spy, model, before = k.callbacks.Callback(), model_of(), threading.active_count()

    def stop(batch, logs=None):
        model.stop_training = batch == 1

    spy.on_train_batch_end = stop
    model.fit(Data(workers=3), verbose=0, callbacks=[spy], epochs=3)
    assert threading.active_count() == before
    assert int(model.optimizer.iterations) == 2


def test_workers_and_one_hand_learn_the_same():
    found = []
    for workers in WORKERS:
        model = model_of()
        history = model.fit(
            Data(workers=workers), validation_data=Data(workers=workers), epochs=2,
            shuffle=False, verbose=0,
        )  # fmt: skip
        found.append((history.history, model.predict(Data(workers=workers), verbose=0)))
    for history, out in found[1:]:
        assert history == found[0][0] and np.array_equal(out, found[0][1])


def test_an_empty_source_is_refused():
    class Empty(Data):
        def __len__(self):
            return 0

    with pytest.raises(ValueError, match="no samples"):
        model_of().fit(Empty(), verbose=0)
