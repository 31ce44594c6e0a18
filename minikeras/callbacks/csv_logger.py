"""Generated from book/keras/logbook.ipynb. Edit the chapter, not this file."""

import csv
import io
import os
from collections.abc import Iterable

import numpy as np

from minikeras.callbacks.callback import Callback
from minikeras.core.errors import DTypeError
from minikeras.utils.appending import append


class CSVLogger(Callback):
    """Writes the logs of each epoch to a CSV file: a header, then a row for each.

    Columns: `epoch`, then the logs by name; names of validation hold NA until there is
    some. separator: one character. append: go on with a file that exists.
    Errors: an OSError naming the file; a TypeError for a separator that is none.
    """

    def __init__(self, filename, separator=",", append=False):
        super().__init__()
        if not isinstance(separator, str) or len(separator) != 1:
            raise DTypeError("CSVLogger", "separator is one character", repr(separator))
        self.filename, self.sep, self.append = os.fspath(filename), separator, append
        self.keys, self.append_header = None, True

    def on_train_begin(self, logs=None):
        self.keys = None
        append(self.filename, b"")
        with open(self.filename, "rb" if self.append else "wb") as file:
            self.append_header = not (self.append and file.readline())

    def on_epoch_end(self, epoch, logs=None):
        logs = logs or {}
        keys = columns_of(logs) if self.keys is None else self.keys
        text = io.StringIO(newline="")
        rows = csv.writer(text, delimiter=self.sep)
        if self.keys is None and self.append_header:
            rows.writerow(["epoch", *keys])
        rows.writerow([epoch, *(cell_of(logs.get(key, "NA")) for key in keys)])
        append(self.filename, text.getvalue().encode())
        self.keys = keys


def columns_of(logs):
    """The names of the columns, and those that validation may bring."""
    keys = sorted(logs)
    if any(key.startswith("val_") for key in keys):
        return keys
    return [*keys, *(f"val_{key}" for key in keys)]


def cell_of(value):
    """A value as one cell: lists and arrays in brackets, all others as they are."""
    single = isinstance(value, str) or not isinstance(value, Iterable)
    if single or (isinstance(value, np.ndarray) and value.ndim == 0):
        return value
    return f'"[{", ".join(map(str, value))}]"'
