"""Small questions, answered as Keras answers them."""

import pytest

import minikeras
from tests.golden import case_id, check, load
from tests.golden.deviations import DIFFERENCES


@pytest.mark.parametrize("record", load("differences"), ids=case_id)
def test_as_recorded(record):
    if record["id"] in DIFFERENCES:
        pytest.skip(DIFFERENCES[record["id"]])
    check(record, minikeras)
