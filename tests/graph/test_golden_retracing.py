"""When a function is traced again, against tf.function's own counts."""

import pytest

import minikeras
from tests.golden import case_id, check, load
from tests.golden.deviations import RETRACING

pytestmark = pytest.mark.filterwarnings("ignore::minikeras.core.errors.RetraceWarning")


@pytest.mark.parametrize("record", load("retracing"), ids=case_id)
def test_as_recorded(record):
    if record["id"] in RETRACING:
        pytest.skip(RETRACING[record["id"]])
    check(record, minikeras)
