"""LossScaleOptimizer against numbers recorded from real Keras."""

import warnings

import pytest

import minikeras
from tests.golden import case_id, check, load


@pytest.mark.parametrize("record", load("scaling"), ids=case_id)
def test_as_recorded(record):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check(record, minikeras)
