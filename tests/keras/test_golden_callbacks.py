"""Callbacks act on curves as those of Keras do."""

import pytest

import minikeras
from tests.golden import case_id, check, load
from tests.golden.deviations import CALLBACKS


@pytest.mark.parametrize("record", load("callbacks"), ids=case_id)
def test_as_recorded(record):
    if record["id"] in CALLBACKS:
        pytest.skip(CALLBACKS[record["id"]])
    check(record, minikeras)
