"""Formatting and import order, by ruff, for modules and for cells."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat

from _tools import files

STYLE = ["--isolated", "--no-cache", "--line-length=88", "--target-version=py311"]
SORTED = ["--select=I", "--config=lint.isort.known-first-party=['minikeras']"]


def tidy(drafts: dict[str, str]) -> dict[str, str]:
    "Modules with sorted imports and in normal format, all of them in one go."
    with tempfile.TemporaryDirectory() as folder:
        for name, text in drafts.items():
            files.write(Path(folder) / name, text)
        ruff("check", *SORTED, "--fix", folder)
        ruff("format", folder)
        return {name: (Path(folder) / name).read_text() for name in drafts}


def tidy_cells(cells):
    "Format code cells in place; a cell that does not parse is left as it is."
    code = [cell for cell in cells if cell.cell_type == "code"]
    plain = [nbformat.v4.new_code_cell(cell.source) for cell in code]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cells.ipynb"
        nbformat.write(nbformat.v4.new_notebook(cells=plain), path)
        try:
            ruff("format", str(path))
        except RuntimeError:
            return
        done = nbformat.read(path, as_version=4).cells
    for cell, formatted in zip(code, done, strict=True):
        cell.source = formatted.source


def complaints(path: Path) -> list[str]:
    "What the linter says about a notebook, by the rules in pyproject.toml."
    command = [sys.executable, "-m", "ruff", "check", "--output-format=concise"]
    done = subprocess.run([*command, str(path)], capture_output=True, text=True)
    return [line for line in done.stdout.splitlines() if line.startswith(str(path))]


def ruff(verb, *arguments):
    command = [sys.executable, "-m", "ruff", verb, *STYLE, *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"ruff {verb}: {done.stdout}{done.stderr}")
