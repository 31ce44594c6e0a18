"""Numbers recorded from real Keras, and how to replay them on minikeras.

Each file `tests/golden/NAME.json` holds one record per line.  A record is a *case*
(what was done) and its *outcome* under real Keras on TensorFlow (what came out):

    {"id": "sum:3", "kind": "op", "name": "sum", "args": [...], "out": ...}

The same code, `tests/golden/player.py`, performs a case on any module with Keras' API:
the recorder gives it real Keras, a test gives it minikeras.  So a test is two lines:

    @pytest.mark.parametrize("record", load("ops_numpy"), ids=case_id)
    def test_op(record):
        check(record, minikeras)

Arrays are written {"array": "float32[2,3]", "values": [...]}; an exception is written
{"raises": "ValueError", "bases": [...]} with the built-in classes it belongs to.
"""

import json
from functools import cache
from pathlib import Path

import numpy as np

from tests.golden.encoding import decode, differences, encode
from tests.golden.player import play

__all__ = ["HERE", "arrays", "case_id", "check", "decode", "encode", "load", "play"]

HERE = Path(__file__).resolve().parent


@cache
def load(name):
    "The records of one file, as a tuple of dicts (arrays still encoded)."
    return tuple(json.loads((HERE / f"{name}.json").read_text(encoding="utf-8")))


@cache
def arrays(name):
    "A dict of the arrays in one recorded npz file."
    with np.load(HERE / f"{name}.npz", allow_pickle=False) as file:
        return {key: file[key] for key in file.files}


def case_id(record):
    return record["id"]


def check(record, keras, **tolerance):
    "Perform the case on `keras` and fail, naming each difference, if it disagrees."
    outcome = play(record, keras)
    expected = {key: record[key] for key in outcome if key in record}
    wrong = differences(expected, {key: outcome[key] for key in expected}, **tolerance)
    assert not wrong, f"{describe(record)}\n  " + "\n  ".join(wrong)


def describe(record):
    "One line that says what was done."
    hidden = ("id", "kind", "name", "out", "grads", "doc")
    details = {k: v for k, v in record.items() if k not in hidden and v not in ([], {})}
    text = json.dumps(details)
    return f"{record['kind']} {record['name']} {text[:600]}"
