"""How much prose and how much code a chapter has."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from statistics import median

from _tools.text import generated

DOCUMENTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass
class Measure:
    words: int
    cells: list[int]  # code lines of each exported cell
    pictures: int

    def __str__(self):
        size = median(self.cells) if self.cells else 0
        most = max(self.cells, default=0)
        each = self.words / len(self.cells) if self.cells else float("nan")
        return (
            f"{self.words:6,} words  {len(self.cells):4} exported cells of median "
            f"{size:4.1f} and at most {most:3} lines  {each:5.0f} words per cell  "
            f"{self.pictures:2} figures"
        )


def measure(notebook) -> Measure:
    written = [cell for cell in notebook.cells if not generated(cell)]
    prose = [cell for cell in written if cell.cell_type == "markdown"]
    code = [c for c in notebook.cells if c.cell_type == "code"]
    exported = [cell for cell in code if cell.source.startswith("#| export")]
    return Measure(
        sum(words(cell.source) for cell in prose),
        [lines(cell.source) for cell in exported],
        sum("image/png" in str(cell.outputs) for cell in code),
    )


def total(measures: list[Measure]) -> Measure:
    return Measure(
        sum(one.words for one in measures),
        [size for one in measures for size in one.cells],
        sum(one.pictures for one in measures),
    )


def words(markdown: str) -> int:
    "Words of prose: without code blocks, formulas' marks and directive lines."
    prose = re.sub(r"^(```|~~~).*?^\1", "", markdown, flags=re.DOTALL | re.MULTILINE)
    prose = re.sub(r"^:+.*$", "", prose, flags=re.MULTILINE)
    return len(re.findall(r"[^\W_][\w'’.-]*", prose))


def lines(source: str) -> int:
    "Lines of code: without docstrings, comments and blank lines."
    skipped = set()
    for node in ast.walk(_parsed(source)):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node) is not None:
            first = node.body[0]
            skipped |= set(range(first.lineno, first.end_lineno + 1))
    kept = [
        line
        for number, line in enumerate(source.splitlines(), 1)
        if number not in skipped and line.strip() and not line.strip().startswith("#")
    ]
    return len(kept)


def _parsed(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError:
        return ast.Module([], [])
