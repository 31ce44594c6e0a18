"""What probes of training and of symbolic operations met, as in Keras."""

import pytest

import minikeras
from tests.golden import case_id, check, load
from tests.golden.deviations import PROBES_TRAINING


@pytest.mark.parametrize("record", load("probes_training"), ids=case_id)
def test_as_recorded(record):
    if record["id"] in PROBES_TRAINING:
        pytest.skip(PROBES_TRAINING[record["id"]])
    check(record, minikeras)
