"""Twenty steps and fit on the digits, from Keras' weights, against Keras' numbers."""

import numpy as np
import pytest

import minikeras
from tests.golden import arrays, case_id, check, load
from tests.golden.cases.training import build, stored_weights, twenty_steps
from tests.golden.deviations import TRAINING

STEPS = [record for record in load("training") if record["kind"] == "steps"]
FITS = [record for record in load("training") if record["kind"] == "scenario"]


@pytest.mark.parametrize("record", STEPS, ids=case_id)
def test_twenty_steps_equal_keras_losses(record):
    "Every loss within 1e-5, the final weights within 2e-5."
    kind, optimizer = record["name"], record["optimizer"]
    losses, weights = twenty_steps(minikeras, kind, optimizer, stored_weights(kind))
    np.testing.assert_allclose(losses, record["losses"], rtol=1e-5, atol=1e-5)
    for i, weight in enumerate(weights):
        keras = arrays("training")[f"{kind}/{optimizer}/{i}"]
        np.testing.assert_allclose(weight, keras, rtol=1e-4, atol=2e-5, err_msg=str(i))


@pytest.mark.parametrize("kind", ["sequential", "functional"])
def test_weights_have_keras_order(kind):
    shapes = [tuple(w.shape) for w in build(minikeras, kind).weights]
    assert shapes == [w.shape for w in stored_weights(kind)]


@pytest.mark.parametrize("record", FITS, ids=case_id)
def test_fit_as_recorded(record):
    if record["id"] in TRAINING:
        pytest.skip(TRAINING[record["id"]])
    check(record, minikeras, rtol=2e-4, atol=2e-5)
