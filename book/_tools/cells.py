"""The export cells of a chapter: what their first lines say, and where they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from _tools import notebook as notebooks
from _tools.book import Book

TARGET = re.compile(r"([a-z_][a-z0-9_]*/)*[a-z_][a-z0-9_]*\.py")
NAMESPACE = re.compile(r"\.|[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*")
GENERATED = ("__init__.py", "_origin.py")


class ExportError(Exception):
    "What is wrong, in which notebook, cell and line, and what to do about it."

    def __init__(self, slug, cell, line, problem, fix):
        place = f"book/{slug}.ipynb"
        if cell:
            place += f", cell {cell}" + (f", line {line}" if line else "")
        super().__init__(f"{place}: {problem}\n  try   {fix}")
        self.slug = slug


@dataclass
class Cell:
    """A code cell. `target` is the module it goes to, None if it stays in the book."""

    slug: str
    id: str
    place: int  # counts the cells of the chapter
    source: str
    section: str
    anchor: str
    target: str | None = None
    namespaces: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)

    def error(self, line, problem, fix):
        return ExportError(self.slug, self.id, line, problem, fix)


@dataclass
class Chapter:
    slug: str
    title: str
    cells: list[Cell]


def read(book: Book, slug: str) -> Chapter:
    try:
        notebook = notebooks.read(book.notebook(slug))
    except notebooks.NotebookError as error:
        fix = f"python book/_tools text {slug}, or git checkout of the last good one"
        raise ExportError(slug, None, None, f"not a notebook ({error})", fix) from error
    return parse(slug, notebook.cells)


def parse(slug: str, cells) -> Chapter:
    title, section, anchor, found = "", "", "", []
    for place, cell in enumerate(cells):
        if cell.cell_type == "markdown":
            for heading in headings(cell.source):
                title = title or heading
                section, anchor = heading, slugify(heading)
        elif cell.cell_type == "code":
            code = Cell(slug, cell.id, place, cell.source, section or title, anchor)
            code.tags = list(cell.metadata.get("tags", []))
            read_directives(code)
            found.append(code)
    return Chapter(slug, title or slug, found)


def headings(markdown: str):
    fenced = False
    for line in markdown.splitlines():
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        match = re.match(r"#{1,6}\s+(.*?)\s*#*$", line)
        if match and not fenced:
            yield re.sub(r"[`*]|\{[^}]*\}", "", match[1]).strip()


def slugify(heading: str) -> str:
    "The anchor that Sphinx gives a heading."
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-").lstrip("-0123456789")


def read_directives(cell: Cell):
    "Fill `target` and `namespaces` from the `#|` lines at the top of the cell."
    top = True
    for number, line in enumerate(cell.source.splitlines(), 1):
        if not line.startswith("#|"):
            top = False
            continue
        word, *rest = line[2:].split() or [""]
        if not top:
            fix = "move it to the top of the cell"
            raise cell.error(number, f"`{line}` stands below code", fix)
        if word == "export":
            _read_export(cell, number, rest)
        elif word == "public":
            _read_public(cell, number, rest)
        else:
            fix = "known are `#| export path.py` and `#| public namespace ...`"
            raise cell.error(number, f"unknown directive `#| {word}`", fix)
    if cell.namespaces and not cell.target:
        fix = "put `#| export path.py` in the line above it"
        raise cell.error(1, "`#| public` in a cell that is not exported", fix)


def _read_export(cell: Cell, number, words):
    fix = "name one file below minikeras/, such as `#| export core/tape.py`"
    if cell.target:
        raise cell.error(number, "a second `#| export`", "split the cell in two")
    if len(words) != 1 or not TARGET.fullmatch(words[0]):
        got = " ".join(words) or "nothing"
        problem = f"the target `{got}` is not a module of minikeras"
        raise cell.error(number, problem, fix)
    if words[0].split("/")[-1] in GENERATED:
        raise cell.error(number, f"`{words[0]}` is written by the tools", fix)
    cell.target = words[0]


def _read_public(cell: Cell, number, words):
    fix = "write `.` for the top level, or names such as `ops` and `ops.numpy`"
    for word in words or [""]:
        if not NAMESPACE.fullmatch(word):
            raise cell.error(number, f"`{word}` is not a namespace of minikeras", fix)
    cell.namespaces += [word for word in words if word not in cell.namespaces]
