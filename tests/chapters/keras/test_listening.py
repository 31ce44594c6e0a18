"""Callbacks, History, the bar, and the list that tells them."""

import io
import re
from contextlib import redirect_stdout
from types import SimpleNamespace

import pytest

from minikeras import ops
from minikeras.callbacks import Callback, CallbackList, History, ProgbarLogger
from minikeras.callbacks.callback_list import pythonify
from minikeras.utils import Progbar
from minikeras.utils.progbar import format_pace, format_time, format_value


def printed(function, *args):
    paper = io.StringIO()
    with redirect_stdout(paper):
        function(*args)
    return paper.getvalue()


@pytest.mark.parametrize(
    "seconds, text",
    [(0, "0s"), (59.9, "59s"), (60, "1:00"), (3661, "1:01:01"), (90000, "25:00:00")],
)
def test_times(seconds, text):
    assert format_time(seconds) == text


@pytest.mark.parametrize(
    "seconds, text", [(0, "0s/x"), (2, "2s/x"), (0.0021, "2ms/x"), (3e-5, "30us/x")]
)
def test_paces(seconds, text):
    assert format_pace(seconds, "x") == text


def test_values():
    assert [format_value(v) for v in (0.5, 1e-4, -2)] == [
        "0.5000", "1.0000e-04", "-2.0000"
    ]  # fmt: skip


def steps(bar, count):
    for step in range(1, count + 1):
        bar.update(step, [("loss", float(step))])


def test_a_file_gets_the_finished_line_only():
    bar = Progbar(5)
    bar._redraws = False
    text = printed(steps, bar, 5)
    assert re.fullmatch(r"5/5 ━{20} \d+s \S+/step - loss: 5\.0000\n", text)


def test_a_terminal_is_drawn_over():
    bar = Progbar(5, interval=0.0)
    bar._redraws = True
    text = printed(steps, bar, 5)
    assert text.count("\r") == 5 and text.count("\n") == 1


def test_the_old_line_is_covered():
    bar = Progbar(2, interval=0.0)
    bar._redraws = True
    text = printed(
        lambda: (bar.update(1, [("a_long_name", 1.0)]), bar.update(2, [("b", 1.0)]))
    )
    widths = [len(re.sub(r"\x1b\[\d*m", "", line)) for line in text.split("\r")[1:]]
    assert widths[1] >= widths[0]


def test_silence_line_and_unknown_target():
    assert printed(steps, Progbar(3, verbose=0), 3) == ""
    assert printed(steps, Progbar(3, verbose=2), 3).startswith("3/3 - 0s")
    bar = Progbar(None)
    assert "Unknown" in printed(bar.update, 7, [], True)


def test_the_bar_averages_what_it_is_told_to():
    bar = Progbar(10, verbose=0)
    bar.add(1, [("loss", 1.0)])
    bar.add(3, [("loss", 5.0)])
    assert bar._values() == " - loss: 4.0000"
    bar = Progbar(10, verbose=0, stateful_metrics=["loss"])
    bar.add(1, [("loss", 1.0)])
    bar.add(3, [("loss", 5.0)])
    assert bar._values() == " - loss: 5.0000"


def test_pythonify():
    found = pythonify({"loss": ops.ones(()), "acc": {"b": 2, "a": ops.zeros(())}})
    assert found == {"a": 0.0, "b": 2, "loss": 1.0}
    assert list(found) == ["a", "b", "loss"]
    assert type(found["loss"]) is float and pythonify(None) == {}


class Heard(Callback):
    def __init__(self):
        self.found = []

    def on_batch_end(self, batch, logs=None):
        self.found.append((batch, logs))


def test_old_names_are_heard_and_numbers_are_floats():
    heard = Heard()
    CallbackList([heard]).on_train_batch_end(3, {"loss": ops.ones(())})
    assert heard.found == [(3, {"loss": 1.0})]


def test_nobody_is_told_what_nobody_hears():
    class Trap(dict):
        def items(self):
            raise AssertionError("converted for nobody")

    listeners = CallbackList([History()], model=SimpleNamespace())
    listeners.on_train_batch_end(0, Trap(loss=1))
    with pytest.raises(AssertionError):
        listeners.on_epoch_end(0, Trap(loss=1))


def test_history_and_bar_are_added_once():
    model = SimpleNamespace()
    mine = History()
    found = CallbackList(
        [mine], add_history=True, add_progbar=True, model=model,
        verbose=0, epochs=1, steps=1,
    ).callbacks  # fmt: skip
    assert [type(c) for c in found] == [History, ProgbarLogger]
    assert model.history is mine and found[1].params["steps"] == 1
    assert CallbackList(mine).callbacks == [mine] and CallbackList().callbacks == []


@pytest.mark.parametrize("bad", ["a", History, 3])
def test_what_is_no_callback(bad):
    with pytest.raises(ValueError, match="not a callback"):
        CallbackList([bad])


def test_history_of_rare_names():
    history = History()
    history.set_model(SimpleNamespace())
    history.on_epoch_end(0, {"loss": 1.0})
    history.on_epoch_end(1, {"loss": 0.5, "val_loss": 2.0})
    assert history.history == {"loss": [1.0, 0.5], "val_loss": [2.0]}
    assert history.epoch == [0, 1] and history.model.history is history
