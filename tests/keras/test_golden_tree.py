"""keras.tree and the switches against real Keras."""

import pytest

import minikeras
from tests.golden import check, load


@pytest.mark.parametrize("record", load("tree"), ids=lambda r: r["kwargs"]["what"])
def test_as_recorded(record):
    check(record, minikeras)
