"""Normalizing layers against real Keras: values, averages, configs, training."""

import pytest

import minikeras
from tests.golden import case_id, check, load


@pytest.mark.filterwarnings("ignore:rms_scaling")
@pytest.mark.parametrize("record", load("normalization"), ids=case_id)
def test_as_recorded(record):
    trained = record["name"].startswith("training_")
    check(record, minikeras, **({"rtol": 1e-5, "atol": 1e-5} if trained else {}))
