"""Bad data for training: the kind of error, against what real Keras raised for it.

Where Keras raises a class of TensorFlow's or one that nobody would catch, any refusal of
ours will do; where it raises several built-in classes at once, one of them.
"""

from functools import cache

import pytest

import minikeras as k
from tests.golden import case_id, load
from tests.golden.cases import bad_data as table
from tests.golden.deviations import BAD_DATA

RECORDS = {case_id(record): record for record in load("bad_data")}


def agree(theirs, ours):
    if theirs in ("any", "accident"):
        return ours is not None
    return theirs == ours or set((theirs or "").split()) & set((ours or "").split())


@cache
def differences(case):
    "{fault: (Keras' word, ours)} where they do not agree."
    record = RECORDS[case]
    theirs, ours = record["out"], table.trained(k, **record["kwargs"])
    return {
        f"{group} {name}": (theirs[group].get(name), ours[group].get(name))
        for group in theirs
        for name in theirs[group] | ours[group]
        if not agree(theirs[group].get(name), ours[group].get(name))
    }


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", RECORDS)
def test_as_recorded(case):
    found = differences(case)
    assert {name: pair for name, pair in found.items() if name not in BAD_DATA} == {}


@pytest.mark.filterwarnings("ignore")
def test_no_deviation_is_left_over():
    used = {name for case in RECORDS for name in differences(case)}
    assert sorted(set(BAD_DATA) - used) == []
