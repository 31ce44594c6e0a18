"""Hooks, histories, results, limits and errors around the step, as in Keras."""

import pytest

import minikeras
from tests.golden import case_id, check, load
from tests.golden.deviations import FITTING


@pytest.mark.parametrize("record", load("fitting"), ids=case_id)
def test_as_recorded(record):
    if record["id"] in FITTING:
        pytest.skip(FITTING[record["id"]])
    check(record, minikeras)
