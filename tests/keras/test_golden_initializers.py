"""Initializers against real Keras: limits and statistics, not the numbers."""

import math

import pytest

import minikeras
from tests.golden import case_id, check, load, play

RANDOM = [r for r in load("initializers") if r["name"] in ("statistics", "bound")]
FIXED = [r for r in load("initializers") if r["name"] not in ("statistics", "bound")]


def outcome_of(record):
    return play(record, minikeras)["out"]


@pytest.mark.parametrize("record", RANDOM, ids=case_id)
def test_random_numbers_have_keras_statistics(record):
    "Mean and spread of 40,000 numbers within five standard errors, limits within 3 %."
    found, keras = outcome_of(record), record["out"]
    if record["name"] == "bound":
        assert found == pytest.approx(keras, rel=0.03)
        return
    assert isinstance(found, dict) and "raises" not in found, found
    n = math.prod(keras["shape"])
    assert found["shape"] == keras["shape"]
    assert abs(found["mean"] - keras["mean"]) < 7 * keras["spread"] / math.sqrt(n)
    assert found["spread"] == pytest.approx(keras["spread"], rel=0.02)
    if keras["largest_per_spread"] is not None:
        reach = keras["largest_per_spread"]
        assert found["largest_per_spread"] == pytest.approx(reach, abs=0.03)


@pytest.mark.parametrize("record", FIXED, ids=case_id)
def test_as_recorded(record):
    check(record, minikeras)
