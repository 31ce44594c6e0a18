"""Losses, weights and metrics in every form, against Keras' logs."""

import warnings

import pytest

import minikeras
from tests.golden import case_id, check, load
from tests.golden.deviations import COMPILING


@pytest.mark.parametrize("record", load("compiling"), ids=case_id)
def test_as_recorded(record):
    if record["id"] in COMPILING:
        pytest.skip(COMPILING[record["id"]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check(record, minikeras)
