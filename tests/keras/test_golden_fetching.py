"""The data sets and get_file against real Keras."""

import pytest

import minikeras
from tests.golden import case_id, check, load


@pytest.mark.parametrize("record", load("fetching"), ids=case_id)
def test_as_recorded(record):
    check(record, minikeras)
