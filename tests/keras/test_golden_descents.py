"""The family of optimizers against numbers recorded from real Keras."""

import warnings

import pytest

import minikeras
from tests.golden import case_id, check, load
from tests.golden.deviations import DESCENTS


@pytest.mark.parametrize("record", load("descents"), ids=case_id)
def test_as_recorded(record):
    if record["id"] in DESCENTS:
        pytest.skip(DESCENTS[record["id"]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check(record, minikeras)
