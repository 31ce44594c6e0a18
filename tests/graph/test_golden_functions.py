"""What traced functions give and do, against recordings of tf.function."""

import pytest

import minikeras
from tests.golden import case_id, check, load
from tests.golden.deviations import FUNCTIONS

pytestmark = pytest.mark.filterwarnings("ignore::minikeras.core.errors.RetraceWarning")


@pytest.mark.parametrize("record", load("functions"), ids=case_id)
def test_as_recorded(record):
    if record["id"] in FUNCTIONS:
        pytest.skip(FUNCTIONS[record["id"]])
    check(record, minikeras)
