"""The smaller operations against real Keras: values, dtypes, specs and gradients."""

import pytest

import minikeras
from tests.golden import case_id, check, load
from tests.golden.deviations import PANTRY


@pytest.mark.parametrize("record", load("pantry"), ids=case_id)
def test_as_recorded(record):
    if record["id"] in PANTRY:
        pytest.skip(PANTRY[record["id"]])
    check(record, minikeras)
