"""Twenty steps and histories of models of every make, against Keras' numbers."""

import pytest

import minikeras
from tests.golden import case_id, check, load
from tests.golden.deviations import TWENTY

HALF = {"mixed_float16": 2e-2, "mixed_bfloat16": 6e-2}


@pytest.mark.parametrize("record", load("twenty"), ids=case_id)
def test_as_recorded(record):
    "Losses, metrics and weights within 1e-5; in half precision within its rounding."
    if record["id"] in TWENTY:
        pytest.skip(TWENTY[record["id"]])
    wide = HALF.get(record["kwargs"]["name"], 1e-5)
    check(record, minikeras, rtol=wide, atol=wide)
