"""`minikeras.ops` against real Keras: values, dtypes, shapes and first gradients."""

import pytest

import minikeras
from minikeras import ops
from tests.golden import case_id, check, load
from tests.golden.deviations import OPS

# Sorting, scans, scatter and the like come with later issues.
LATER = (
    "sort argsort median quantile digitize diff cross unique searchsorted top_k "
    "in_top_k dot_product_attention erfinv erfc "
    "scatter scatter_update slice_update segment_sum"
).split()


def present(name):
    return name not in LATER or hasattr(ops, name)


RECORDS = [
    record
    for file in ("ops_numpy", "ops_nn")
    for record in load(file)
    if record["kind"] != "op" or present(record["name"])
]


@pytest.mark.parametrize("record", RECORDS, ids=case_id)
def test_as_recorded(record):
    if record["id"] in OPS:
        pytest.skip(OPS[record["id"]])
    wide = "float64" in str(record["args"])  # Keras keeps its constants in float32
    check(record, minikeras, **({"rtol": 1e-6, "atol": 1e-7} if wide else {}))
