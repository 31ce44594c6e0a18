"""Which arguments are refused, and with which class of error, as in real Keras.

Where Keras stumbles over an argument (a KeyError, a class of TensorFlow's own) ours
may refuse it with any of the classes that the contract has, or take it.
"""

import re
import warnings
from fnmatch import fnmatchcase
from functools import cache

import pytest

import minikeras
from minikeras.core.errors import Report
from tests.golden import load, play
from tests.golden.cases import refusals
from tests.golden.deviations import MISUSES
from tests.golden.deviations import REFUSALS as OF_SMALL_PARTS

REFUSALS = OF_SMALL_PARTS | MISUSES
RECORDS = {
    f"{r['name']}:{'.'.join(r['kwargs'].values())}": r
    for area in ("refusals", "misuses")
    for r in load(area)
    if "raises" not in r["out"]
}
OURS = {"ValueError", "TypeError", "IndexError", "NotImplementedError", "MemoryError"}


def judged(recorded, found):
    "What is wrong with a refusal of ours (a string of classes, or None), or None."
    if found is None:
        return recorded != "accident" and f"Keras raises {recorded}, ours takes it"
    classes = set(found.split())
    if not classes & OURS:
        return f"ours raises {found}"
    if recorded is None:
        return f"Keras takes it, ours raises {found}"
    same = recorded in ("any", "accident") or classes & set(recorded.split())
    return None if same else f"Keras raises {recorded}, ours {found}"


@cache
def differences(name):
    "{case:room.class.argument=value: what is wrong}"
    record = RECORDS[name]
    found, wrong = play(record, minikeras)["out"], {}
    for argument in {**record["out"], **found}:
        recorded, ours = record["out"].get(argument, {}), found.get(argument, {})
        for value in {**recorded, **ours}:
            words = judged(recorded.get(value), ours.get(value))
            if words:
                wrong[f"{name}.{argument}={value}"] = words
    return wrong


def deviation(place):
    return next((p for p in REFUSALS if fnmatchcase(place, p)), None)


@pytest.mark.parametrize("name", RECORDS)
def test_same_refusals(name):
    wrong = {p: w for p, w in differences(name).items() if deviation(p) is None}
    assert not wrong, "\n".join(f"{place}: {words}" for place, words in wrong.items())


def test_no_deviation_is_left_over():
    used = {deviation(place) for name in RECORDS for place in differences(name)}
    assert sorted(set(REFUSALS) - used) == []


def signature_of_python(error):
    "Python's own words on a constructor, which name the class and the argument."
    words = r"(\w+\.)?(__init__)?\(?\)? ?(got an unexpected|takes|missing)"
    return type(error) is TypeError and re.search(words, str(error))


TAKE_FUNCTIONS = {"Lambda", "MeanMetricWrapper"}  # whose errors pass unchanged


@pytest.mark.parametrize("name", RECORDS)
def test_refusals_say_who_and_why(name, monkeypatch):
    "The class or function is named, with what it got, in the text or a note."
    case, wrong = RECORDS[name], []
    who = case["kwargs"].get("name", case["kwargs"].get("room"))
    if case["name"] == "activation":
        who = getattr(minikeras.activations, who).__name__  # swish is silu

    def look(call):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                call()
        except Exception as error:
            told = "\n".join([str(error), *getattr(error, "__notes__", ())])
            named = who in told or case["name"] == "looked_up"
            if who in TAKE_FUNCTIONS and not isinstance(error, Report):
                return
            if not (isinstance(error, (Report, MemoryError)) and named):
                if not (case["name"] == "made" and signature_of_python(error)):
                    wrong.append(f"{error!r}: {told}")

    monkeypatch.setattr(refusals, "refusal", look)
    play(case, minikeras)
    assert not wrong, "\n".join(wrong)
