"""Optimizers against real Keras: 20 steps on fixed gradients, slots, errors."""

import warnings

import pytest

import minikeras
from tests.golden import case_id, check, load


@pytest.mark.parametrize("record", load("optimizers"), ids=case_id)
def test_as_recorded(record):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check(record, minikeras)
