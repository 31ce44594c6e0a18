"""`vectorized_map` and Jacobians, against what Keras gave."""

import pytest

import minikeras
from tests.golden import case_id, check, load


@pytest.mark.parametrize("record", load("vectorized_map"), ids=case_id)
def test_as_recorded(record):
    check(record, minikeras)
