"""What CSVLogger writes: headers, columns, separators, cells, files that exist."""

import os
import tempfile
from pathlib import Path

import numpy as np

from tests.golden.cases import scenarios
from tests.golden.player import outcome


def cases():
    return list(scenarios("logbook", [columns, cells, twice, separators, mistakes]))


def written(keras, epochs, before=None, runs=1, name="log.csv", **options):
    "The text of the file after runs of training that end with these logs."
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        if before is not None:
            path.write_bytes(before.encode())
        logger = keras.callbacks.CSVLogger(path, **options)
        for _ in range(runs):
            logger.on_train_begin()
            begun = path.read_bytes().decode()
            for epoch, logs in enumerate(epochs):
                logger.on_epoch_end(epoch, logs)
            logger.on_train_end()
        return [begun, path.read_bytes().decode(), logger.sep, logger.append,
                logger.filename == os.fspath(path)]  # fmt: skip


def columns(keras):
    "Sorted, with room for validation, decided by the first epoch."
    return [
        written(keras, [{"loss": 0.5, "acc": 1.0}, {"acc": 0.25, "loss": 1e-9}]),
        written(keras, [{"loss": 0.5}, {"loss": 0.25, "val_loss": 0.125}]),
        written(keras, [{"val_loss": 1.0, "loss": 0.5}, {"loss": 0.25}]),
        written(keras, [{"b": 1, "val_a": 2}, {"c": 3}]),
        written(keras, [{}, {"loss": 1.0}]),
        written(keras, [None]),
        written(keras, []),
    ]


def cells(keras):
    "Text, lists, arrays, NumPy scalars, nan."
    return [
        written(keras, [{"a": [1, 2], "b": np.arange(3), "c": "x,y", "d": (0.5,)}]),
        written(keras, [{"a": np.array(2.5), "c": float("nan")}]),
        written(keras, [{"a": True, "b": None, "c": 'say "so"', "d": "two\nlines"}]),
    ]


def twice(keras):
    "The same logger again, and files that are there already."
    logs = [{"loss": 0.5}, {"loss": 0.25}]
    return [
        written(keras, logs, runs=2), written(keras, logs, runs=2, append=True),
        written(keras, logs, before="old\r\n"),
        written(keras, logs, before="old\r\n", append=True),
        written(keras, logs, before="", append=True),
        written(keras, logs, before="\r\n", append=True),
        written(keras, logs, before="old", append=True),
    ]  # fmt: skip


def separators(keras):
    logs = [{"loss": 0.5, "name": "a;b\tc"}]
    return [written(keras, logs, separator=sep) for sep in (",", ";", "\t", " ", "|")]


def mistakes(keras):
    with tempfile.TemporaryDirectory() as folder:
        missing = Path(folder) / "no such folder" / "log.csv"
        make = keras.callbacks.CSVLogger
        return [
            outcome(lambda: make(missing).on_train_begin()),
            outcome(lambda: make(folder).on_train_begin()),
        ]
