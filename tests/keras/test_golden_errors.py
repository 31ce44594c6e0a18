"""Bad inputs raise what Keras raises, or a class that the same `except` catches."""

import pytest

import minikeras
from minikeras.core.door import here
from tests.golden import load, play
from tests.golden.deviations import ERRORS
from tests.golden.encoding import raise_differences

RECORDS = [record for record in load("errors") if record["out"] != "no error"]


def what_of(record):
    return record["kwargs"]["what"].replace(" ", "-")


@pytest.mark.parametrize("record", RECORDS, ids=what_of)
def test_same_class_of_error(record):
    what = record["kwargs"]["what"]
    if what == "to_categorical" and not hasattr(minikeras.utils, what):
        pytest.skip("of a later issue")
    expected = dict(record["out"])
    if what in ERRORS:
        expected["bases"] = ERRORS[what]
    level, watchers = here.level, list(here.level.watchers)
    found = play(record, minikeras)["out"]
    assert (here.level, here.level.watchers) == (level, watchers), "state changed"
    assert not raise_differences(expected, found, what)
