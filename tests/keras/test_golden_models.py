"""Models against recordings of real Keras: descriptions, clones, inputs, refusals."""

import pytest

import minikeras
from tests.golden import case_id, check, load


@pytest.mark.parametrize("record", load("models"), ids=case_id)
def test_as_recorded(record):
    minikeras.backend.clear_session()
    check(record, minikeras, rtol=1e-5, atol=1e-6)
