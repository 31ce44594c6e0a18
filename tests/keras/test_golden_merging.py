"""Merging layers against real Keras: values, gradients, masks, shapes, errors."""

import pytest

import minikeras
from tests.golden import case_id, check, load
from tests.golden.deviations import MERGING


@pytest.mark.parametrize("record", load("merging"), ids=case_id)
def test_as_recorded(record):
    if record["id"] in MERGING:
        pytest.skip(MERGING[record["id"]])
    check(record, minikeras)
