"""Optimizers against real Keras: 20 steps on fixed gradients, slots, errors."""

import warnings

import pytest

import minikeras
from minikeras import optimizers
from tests.golden import case_id, check, load

NOW = {"SGD", "Adam"}


@pytest.mark.parametrize("record", load("optimizers"), ids=case_id)
def test_as_recorded(record):
    if record["kind"] == "optimizer" and not hasattr(optimizers, record["name"]):
        assert record["name"] not in NOW
        pytest.skip("of a later issue")
    if record["name"] == "schedule_changes_the_rate":
        if not hasattr(optimizers, "schedules"):
            pytest.skip("schedules come with a later issue")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check(record, minikeras)
