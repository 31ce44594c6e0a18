"""F scores, R2, overlap and correlation against real Keras."""

import pytest

import minikeras
from tests.golden import case_id, check, load


@pytest.mark.parametrize("record", load("agreement"), ids=case_id)
def test_as_recorded(record):
    check(record, minikeras)
