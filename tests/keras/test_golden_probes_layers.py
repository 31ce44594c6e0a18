"""What probes of symbols, layers and models met, as in Keras."""

import pytest

import minikeras
from tests.golden import case_id, check, load
from tests.golden.deviations import PROBES_LAYERS


@pytest.mark.parametrize("record", load("probes_layers"), ids=case_id)
def test_as_recorded(record):
    if record["id"] in PROBES_LAYERS:
        pytest.skip(PROBES_LAYERS[record["id"]])
    check(record, minikeras)
