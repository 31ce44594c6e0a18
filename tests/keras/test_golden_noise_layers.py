"""Layers that make noise against real Keras; the numbers drawn are our own."""

import pytest

import minikeras
from tests.golden import case_id, check, load

DRAWN = ("statistics", "alpha_dropout_keeps_the_balance")


@pytest.mark.parametrize("record", load("noise_layers"), ids=case_id)
def test_as_recorded(record):
    loose = {"rtol": 0.02, "atol": 0.02} if record["name"] in DRAWN else {}
    check(record, minikeras, **loose)
