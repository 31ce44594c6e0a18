"""Losses against real Keras: reductions, weights, smoothing, ranks, gradients."""

import pytest

import minikeras
from minikeras import losses
from tests.golden import case_id, check, load


@pytest.mark.parametrize("record", load("losses"), ids=case_id)
def test_as_recorded(record):
    wide = "float64" in str(record.get("args"))  # reduced in float32 by both
    check(record, minikeras, **({"rtol": 1e-5, "atol": 1e-7} if wide else {}))


@pytest.mark.parametrize("label", [-1, 4, 100])
def test_label_out_of_range_names_value_and_place(label):
    "Keras gives nan on a GPU; we raise IndexError everywhere."
    import numpy as np

    loss = losses.SparseCategoricalCrossentropy(from_logits=True)
    with pytest.raises(IndexError, match=f"{label}"):
        loss(np.array([0, label]), np.zeros((2, 4), "float32"))
