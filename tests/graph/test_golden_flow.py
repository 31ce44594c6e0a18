"""Choices and loops, against what tf.function and Keras gave."""

import pytest

import minikeras
from tests.golden import case_id, check, load


@pytest.mark.parametrize("record", load("flow"), ids=case_id)
def test_as_recorded(record):
    check(record, minikeras)
