"""Regularizers and constraints against real Keras."""

import pytest

import minikeras
from tests.golden import case_id, check, load

TOLERANCE = {"float16": 2e-3, "bfloat16": 2e-2}


@pytest.mark.parametrize("record", load("regularizers"), ids=case_id)
def test_as_recorded(record):
    rtol = TOLERANCE.get(record.get("kwargs", {}).get("dtype"))
    check(record, minikeras, **({"rtol": rtol, "atol": rtol} if rtol else {}))
