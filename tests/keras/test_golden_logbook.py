"""The small tools of `utils` against real Keras."""

import pytest

import minikeras
from tests.golden import case_id, check, load


@pytest.mark.parametrize("record", load("logbook"), ids=case_id)
def test_as_recorded(record):
    check(record, minikeras)
