"""Metrics against real Keras: results after each update and after reset_state."""

import pytest

import minikeras
from tests.golden import case_id, check, load


@pytest.mark.parametrize("record", load("metrics"), ids=case_id)
def test_as_recorded(record):
    check(record, minikeras)
