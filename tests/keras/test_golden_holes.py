"""Reductions that pass over nan, against real Keras."""

import pytest

import minikeras
from tests.golden import case_id, check, load


@pytest.mark.parametrize("record", load("holes"), ids=case_id)
def test_as_recorded(record):
    half = "float16" in str(record["args"])
    check(record, minikeras, **({"rtol": 2e-3} if half else {}))
