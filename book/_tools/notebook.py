"""Reading and writing notebooks in one normal form, so that git diffs stay small."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import nbformat

from _tools import files

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
KEPT = ("tags", "mystnb")
PATHS = [  # of kernels and stages; tests/nbval.cfg has the same
    (re.compile(r"\S*/ipykernel_\d+/\d+\.py"), "cell.py"),
    (re.compile(r"\S*/minikeras-\w+/[0-9a-f]{16}/"), ""),
]


class NotebookError(ValueError):
    "A file that is not a notebook we can read."


def read(path: Path):
    try:
        notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
        nbformat.validate(notebook)
    except Exception as error:
        reason = str(error).strip().splitlines()
        raise NotebookError(reason[0] if reason else repr(error)) from error
    return notebook


def write(path: Path, notebook) -> bool:
    return files.write(path, text(notebook))


def text(notebook) -> str:
    "The notebook in normal form, as the characters of its file."
    return nbformat.writes(normalise(notebook), version=4) + "\n"


def normalise(notebook):
    "Drop what says nothing about the chapter; keep outputs and execution counts."
    cells, ids, count = [], set(), 0
    for cell in notebook.cells:
        source = cell.source.strip("\n")
        if not source:
            continue
        cell = nbformat.from_dict({**cell, "source": source})
        cell.id = _free(cell.get("id") or new_id(source), ids)
        cell.metadata = nbformat.from_dict(
            {key: cell.metadata[key] for key in KEPT if cell.metadata.get(key)}
        )
        cell.pop("attachments", None)
        if cell.cell_type == "code":
            if cell.execution_count is not None:
                count += 1
                cell.execution_count = count
            cell.outputs = [_output(output, count) for output in _joined(cell.outputs)]
        cells.append(cell)
    return nbformat.from_dict(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": METADATA, "cells": cells}
    )


def new_id(source: str) -> str:
    return hashlib.sha1(source.encode()).hexdigest()[:8]


def _free(wanted: str, taken: set) -> str:
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    taken.add(name)
    return name


def _output(output, count):
    if "execution_count" in output:
        output.execution_count = count
    if "metadata" in output:
        output.metadata = nbformat.from_dict(_sizes(output.metadata))
    if "text" in output:
        output.text = without_paths(output.text)
    if "traceback" in output:
        output.traceback = [without_paths(line) for line in output.traceback]
    return output


def _sizes(metadata) -> dict:
    "How large a picture is shown; the rest says nothing."
    kept = {
        kind: {key: value[key] for key in ("height", "width") if key in value}
        for kind, value in metadata.items()
        if kind.startswith("image/")
    }
    return {kind: sizes for kind, sizes in kept.items() if sizes}


def without_paths(text: str) -> str:
    "Where a kernel or a stage happened to be is no part of a result."
    for pattern, replacement in PATHS:
        text = pattern.sub(replacement, text)
    return text


def _joined(outputs):
    "Pieces of one stream in a row become one piece: how it was cut is chance."
    joined = []
    for output in outputs:
        last = joined[-1] if joined else None
        if last and _stream(last) and _stream(last) == _stream(output):
            last.text += output.text
            continue
        joined.append(nbformat.from_dict(dict(output)))
    return joined


def _stream(output) -> str | None:
    return output.name if output.output_type == "stream" else None
