"""Layers that prepare data against real Keras: values, adapt, configs, errors."""

import pytest

import minikeras
from tests.golden import case_id, check, load


@pytest.mark.parametrize("record", load("preprocessing"), ids=case_id)
def test_as_recorded(record):
    check(record, minikeras)
