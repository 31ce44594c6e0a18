"""The text of summary() equals Keras' to the letter."""

import pytest

import minikeras
from tests.golden import case_id, load, play


def lines(text):
    return [line.rstrip() for line in text.strip().splitlines()]


@pytest.mark.parametrize("record", load("summary"), ids=case_id)
def test_text_as_recorded(record, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    found = play(record, minikeras)["out"]
    assert isinstance(found, str), found
    assert lines(found) == lines(record["out"])
