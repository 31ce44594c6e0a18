"""Bad data for training: the kind of error, against what real Keras raised for it.

Where Keras raises a class of TensorFlow's or one that nobody would catch, any refusal of
ours will do; where it raises several built-in classes at once, one of them.
"""

import pytest

import minikeras as k
from tests.golden import case_id, load
from tests.golden.cases import bad_data as table
from tests.golden.deviations import BAD_DATA

RECORDS = load("bad_data")


def agree(theirs, ours):
    if theirs in ("any", "accident"):
        return ours is not None
    return theirs == ours or set((theirs or "").split()) & set((ours or "").split())


def differences(record):
    "{fault: (Keras' word, ours)} where they do not agree."
    theirs, ours = record["out"], table.trained(k, **record["kwargs"])
    return {
        f"{group} {name}": (theirs[group].get(name), ours[group].get(name))
        for group in theirs
        for name in theirs[group] | ours[group]
        if not agree(theirs[group].get(name), ours[group].get(name))
    }


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("record", RECORDS, ids=case_id)
def test_as_recorded(record):
    found = differences(record)
    assert {name: pair for name, pair in found.items() if name not in BAD_DATA} == {}
    found = set(found)
    seen.append(found)


seen: list[set] = []


def test_no_deviation_is_stale():
    if len(seen) == len(RECORDS):  # all of the above ran, in this process
        assert set(BAD_DATA) == set.union(*seen)
