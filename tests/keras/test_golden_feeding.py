"""The batches that a step sees of all kinds of data, as in Keras."""

import pytest

import minikeras
from tests.golden import case_id, check, load
from tests.golden.deviations import FEEDING


@pytest.mark.parametrize("record", load("feeding"), ids=case_id)
def test_as_recorded(record):
    if record["id"] in FEEDING:
        pytest.skip(FEEDING[record["id"]])
    check(record, minikeras)
