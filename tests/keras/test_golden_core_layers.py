"""Bends, shapes, equations, words and masks against real Keras."""

import pytest

import minikeras
from tests.golden import case_id, check, load
from tests.golden.deviations import CORE_LAYERS


@pytest.mark.parametrize("record", load("core_layers"), ids=case_id)
def test_as_recorded(record):
    if record["id"] in CORE_LAYERS:
        pytest.skip(CORE_LAYERS[record["id"]])
    check(record, minikeras)
