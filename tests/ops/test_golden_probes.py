"""What probes of `ops` met, against real Keras: call by call."""

import pytest

import minikeras
from tests.golden import case_id, check, load
from tests.golden.deviations import PROBES_OPS


@pytest.mark.parametrize("record", load("probes_ops"), ids=case_id)
def test_as_recorded(record):
    if record["id"] in PROBES_OPS:
        pytest.skip(PROBES_OPS[record["id"]])
    check(record, minikeras)
