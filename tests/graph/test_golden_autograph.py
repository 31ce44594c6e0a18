"""Functions with `if`, `while` and `for`, against what tf.function and AutoGraph gave."""

import pytest

import minikeras
from tests.golden import case_id, check, load
from tests.golden.deviations import AUTOGRAPH


@pytest.mark.parametrize("record", load("autograph"), ids=case_id)
def test_as_recorded(record):
    if record["id"] in AUTOGRAPH:
        pytest.skip(AUTOGRAPH[record["id"]])
    check(record, minikeras)
