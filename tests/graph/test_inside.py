"""`see` on layers and models, and what MINIKERAS_DEBUG makes traces say."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest

import minikeras as keras
from minikeras import ops
from minikeras.graph.function import listeners

X, Y = np.ones((4, 8), "float32"), np.zeros(4, "int32")


def network(**words):
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [keras.Input((8,)), keras.layers.Dense(6, "relu"), keras.layers.Dense(3)]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"], **words)
    return model


def test_a_layer_shows_its_call():
    layer = keras.layers.Dense(2, name="last")
    found = keras.see(layer, X)
    assert found["source"].startswith("def call(self, inputs")
    assert "graph last(inputs: f32[4,8]" in found["graph as traced"]
    assert "matmul" in found["graph after all passes"]
    assert layer.built
    again = keras.see(layer, keras.TensorSpec((None, 8)))
    assert "f32[?,8]" in again["graph as traced"]


def test_a_model_shows_its_call_and_with_targets_its_training_step():
    model = network()
    call = keras.see(model, X)
    assert {x.title.split(" of ")[1] for x in call.levels} == {"the call"}
    both = keras.see(model, X, Y)
    assert len(both.levels) == 2 * len(call.levels)
    assert "def train_step(self, data)" in both["source of the training step"]
    step = both["graph as traced of the training step"]
    assert "f32[?,8]" in step.splitlines()[0]  # any number of rows, as fit has it
    assert "/iteration = " in step.splitlines()[-2]
    assert "log" in step and "log" not in both["graph as traced of the call"]


def test_seeing_trains_nothing():
    model = network()
    before = [np.array(w) for w in model.get_weights()]
    keras.see(model, X, Y)
    keras.see(model, X, Y, np.ones(4, "float32"))
    assert int(model.optimizer.iterations) == 0
    for a, z in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, z)
    model.fit(X, Y, verbose=0)
    assert int(model.optimizer.iterations) == 1


def test_sample_weights_are_part_of_the_step():
    plain = keras.see(network(), X, Y)["graph as traced of the training step"]
    weighed = keras.see(network(), X, Y, np.ones(4, "float32"))
    step = weighed["graph as traced of the training step"]
    assert step.splitlines()[0].count("f32[?]") > plain.splitlines()[0].count("f32[?]")


def test_a_model_that_is_not_compiled_or_not_built():
    model = keras.Sequential([keras.layers.Dense(3)])
    titles = [x.title for x in keras.see(model, X, Y).levels]
    assert titles[0] == "source of the call" and len(titles) == 5
    model = keras.Sequential([keras.layers.Dense(3)])
    model.compile("sgd", "mse")
    assert len(keras.see(model, X, np.zeros((4, 3), "float32")).levels) == 10


def test_a_step_of_ones_own_is_shown_as_it_was_rewritten():
    class Own(keras.Sequential):
        def train_step(self, data):
            logs = super().train_step(data)
            if logs["loss"] > 1.0:
                logs["large"] = 1.0
            else:
                logs["large"] = 0.0
            return logs

    model = Own([keras.Input((8,)), keras.layers.Dense(3)])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    found = keras.see(model, X, Y)
    assert "if logs['loss'] > 1.0" in found["source of the training step"].replace(
        '"', "'"
    )
    assert "ag__.if_" in found["source after AutoGraph of the training step"]
    assert "switch" in found["graph as traced of the training step"]


PROGRAM = """
import minikeras as keras
from minikeras import ops

@keras.function
def ramp(x):
    if ops.sum(x) > 0:
        x = x * 1.0
    return x

for size in (2, 3, 2):
    ramp(ops.ones(size))
print("done")
"""


@pytest.fixture
def run(tmp_path):
    """Runs a program with MINIKERAS_DEBUG set to a level."""

    def started(level, program=PROGRAM):
        path = tmp_path / "program.py"
        path.write_text(program, encoding="utf-8")
        environment = os.environ | {"MINIKERAS_DEBUG": level}
        return subprocess.run(
            [sys.executable, str(path)],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip

    return started


def test_nothing_is_said_by_default(run):
    for level in ("", "0"):
        result = run(level)
        assert (result.stdout, result.stderr, result.returncode) == ("done\n", "", 0)


def test_each_trace_is_told_once_to_stderr(run):
    result = run("1")
    assert result.stdout == "done\n"
    lines = result.stderr.splitlines()
    assert len(lines) == 2
    for line, size in zip(lines, (2, 3), strict=True):
        assert re.fullmatch(
            rf"minikeras: traced ramp\(x: float32\[{size}\]\) -> float32\[{size}\]: "
            r"\d+ lines, \d+\.\d ms",
            line,
        )


@pytest.mark.parametrize(
    "level, wanted", [("2", "passes in"), ("3", "graph ramp("), ("5", "x * 1 >> x")]
)
def test_higher_levels_say_more(run, level, wanted):
    result = run(level)
    assert result.stdout == "done\n" and wanted in result.stderr
    assert all(line.startswith("minikeras: ") for line in result.stderr.splitlines())
    assert wanted not in run(str(int(level) - 1)).stderr or level == "5"


FALLBACK = """
import warnings
import minikeras
from minikeras import ops
warnings.simplefilter("ignore")
f, x = minikeras.function(lambda x: ops.exp(x) * 2.0), ops.ones(2)
for _ in range(101):
    f(x)
f.get_concrete_function(x)._program.plan.lean._steps.pop(0)
f(x)
"""


def test_a_run_without_the_optimised_plan_is_told(run):
    lines = run("1", FALLBACK).stderr.splitlines()
    assert len(lines) == 2 and "traced" in lines[0]
    assert "<lambda> ran as it was written, for optimised it failed" in lines[1]
    assert run("0", FALLBACK).stderr == ""


def test_a_level_that_is_none_says_so(run):
    result = run("loud")
    assert result.returncode == 1
    assert "MINIKERAS_DEBUG: a whole number from 0 to 5" in result.stderr
    assert "got   'loud'" in result.stderr


def test_fit_is_told_about_too(run):
    program = """
import numpy as np, minikeras as keras
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
model.fit(np.ones((8, 2)), np.ones((8, 1)), batch_size=3, verbose=0)
"""
    lines = run("1", program).stderr.splitlines()
    assert len(lines) == 1 and "traced train_step(" in lines[0]


def test_a_call_that_finds_its_trace_asks_no_listener():
    calls, f = [], keras.function(lambda x: ops.tanh(x))
    f(ops.ones(3))
    listeners.append(lambda *about: calls.append(about))
    try:
        f(ops.ones(3))
        assert calls == []
        f(ops.ones(4))
        assert len(calls) == 1
    finally:
        listeners.pop()
