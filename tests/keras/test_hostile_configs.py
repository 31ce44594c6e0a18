"""Configs of whole models with random changes are read or refused, and run nothing."""

import copy
import json
import random
import sys

import pytest

import minikeras as keras
from minikeras.core.door import here
from minikeras.core.errors import Report
from minikeras.saving.registration import scopes

GUARD = {"on": False}
ALARMS = []
LOUD = ("exec", "compile", "open", "os", "subprocess", "socket", "marshal")


def watch(event, arguments, guard=GUARD, alarms=ALARMS, loud=LOUD):
    source = event == "open" and arguments[1] in ("r", "rb")
    if guard["on"] and event.split(".")[0] in loud and not source:
        alarms.append((event, arguments[0]))


def sequential():
    layers = keras.layers
    hidden = layers.Dense(
        4, activation="relu", kernel_regularizer="l2", bias_constraint="non_neg"
    )
    rows = [keras.Input((8,)), hidden, layers.Dropout(0.5, seed=1), layers.Dense(2)]
    return keras.Sequential(rows)


def functional():
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    shared = keras.layers.Dense(3, name="shared")
    total = shared(a) + shared(b)
    return keras.Model({"a": a, "b": b}, keras.layers.Flatten()(total))


THINGS = {
    "sequential": sequential,
    "functional": functional,
    "optimizer": lambda: keras.optimizers.Adam(0.1, weight_decay=0.01),
    "loss": lambda: keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
    "metric": lambda: keras.metrics.SparseCategoricalAccuracy(name="x"),
    "batch norm": lambda: keras.layers.BatchNormalization(momentum=0.9),
}


def lamb(code):
    return {"class_name": "__lambda__", "config": {"value": [code, None, None]}}


def junk(valid):
    entries = [
        {"module": "os", "class_name": "function", "config": "system"},
        {"module": "keras.utils", "class_name": "get_file", "config": {"fname": "x"}},
        {"module": "keras.config", "class_name": "function",
         "config": "enable_unsafe_deserialization", "registered_name": "function"},
        {"module": "keras.layers", "class_name": "Lambda",
         "config": {"function": lamb("4wA=")}},
        lamb("4wAAAA=="),
    ]  # fmt: skip
    names = ["", "relu", "os", "Dense", "keras.layers", "keras.src.models.functional"]
    plain = [None, True, -1, 0.5, float("nan"), [], {}, [[]], [None, 4], [[None, 2]]]
    return [*entries, *names, *plain, valid]


def places(entry):
    for key, value in entry.items() if isinstance(entry, dict) else enumerate(entry):
        yield entry, key
        if isinstance(value, (dict, list)):
            yield from places(value)


def outcome(entry):
    GUARD["on"] = True
    try:
        keras.saving.deserialize_keras_object(entry)
        return "read"
    except Exception as error:
        return error
    finally:
        GUARD["on"] = False


@pytest.fixture(scope="module", autouse=True)
def warm():
    "Everything that loads when first used is loaded before the hook listens."
    for make in THINGS.values():
        kept = json.loads(json.dumps(keras.saving.serialize_keras_object(make())))
        keras.saving.deserialize_keras_object(kept)
    for room in (
        keras.layers,
        keras.losses,
        keras.metrics,
        keras.optimizers,
        keras.ops,
    ):
        [getattr(room, name) for name in room.__all__]
    if not GUARD.get("hooked"):
        sys.addaudithook(watch)
        GUARD["hooked"] = True


@pytest.mark.parametrize("name", THINGS)
def test_mutants_are_read_or_refused(name):
    dice = random.Random(7)
    valid = json.loads(json.dumps(keras.saving.serialize_keras_object(THINGS[name]())))
    odd = {}
    for _ in range(250):
        mutant = copy.deepcopy(valid)
        for _ in range(dice.randint(1, 2)):
            box, key = dice.choice(list(places(mutant)))
            box[key] = copy.deepcopy(dice.choice(junk(valid)))
        found = outcome(mutant)
        if found != "read" and not isinstance(found, (Report, ValueError, TypeError)):
            odd[f"{type(found).__name__}: {found}"[:200]] = box
    assert not odd, "\n".join(odd)
    assert not ALARMS
    assert scopes.objects == {} and scopes.safe_mode is None
    assert here.level.state is None and not here.level.watchers
