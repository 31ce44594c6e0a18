"""Building a chapter: text to notebook, export, run, and export again."""

from __future__ import annotations

import hashlib
import json

from _tools import box, execute, files, tangle, text
from _tools import notebook as notebooks
from _tools.book import Book


class Conflict(Exception):
    "Both the notebook and its twin were changed since they last agreed."


def build(book: Book, slug: str, run: bool = True):
    "Bring the notebook up to date with its twin, export it, and run it."
    if slug not in book.chapters:
        known = ", ".join(book.chapters)
        raise ValueError(f"{slug} is not in _toc.yml\n  try   one of {known}")
    notebook = from_twin(book, slug)
    twin = _hash(book.twin(slug))
    ready(slug, notebook)
    notebooks.write(book.notebook(slug), notebook)
    remember(book, slug, twin)
    texts, origins, notices = tangle.export(book, strict=slug)
    notebook = notebooks.read(book.notebook(slug))
    box.put(slug, notebook, origins, texts)
    if run:
        execute.run(book, slug, notebook)
    notebooks.write(book.notebook(slug), notebook)
    return notices


def boxes(book: Book) -> list[str]:
    "Renew the boxes of all chapters; return the chapters that changed."
    texts, origins, _ = tangle.export(book)
    changed = []
    for slug in book.written:
        notebook = notebooks.read(book.notebook(slug))
        box.put(slug, notebook, origins, texts)
        if notebooks.write(book.notebook(slug), notebook):
            changed.append(slug)
    return changed


def ready(slug: str, notebook):
    "See that the bootstrap cell is there, first of all code."
    wanted = execute.bootstrap(slug)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    found = next((c for c in code if "bootstrap" in c.metadata.get("tags", [])), None)
    if found is None:
        place = notebook.cells.index(code[0]) if code else len(notebook.cells)
        notebook.cells.insert(place, wanted)
    else:
        found.source, found.metadata = wanted.source, wanted.metadata


def from_twin(book: Book, slug: str):
    "The notebook as it should be now: from the text twin if that was edited."
    path, twin = book.notebook(slug), book.twin(slug)
    old = notebooks.read(path) if path.exists() else None
    agreed = _agreed(book, slug)
    edited = twin.exists() and _hash(twin) != agreed.get("twin")
    if not edited:
        if old is None:
            raise FileNotFoundError(f"neither {book.name(twin)} nor {book.name(path)}")
        return old
    if old is not None and agreed and _sources(old) != agreed.get("notebook"):
        raise Conflict(
            f"{slug}: both the notebook and .work/{slug}.md were edited\n"
            f"  try   python book/_tools text {slug} --force    to drop its edits\n"
            f"  or    git checkout book/{slug}.ipynb    to drop the notebook's"
        )
    return text.to_notebook(twin.read_text(encoding="utf-8"), old)


def to_twin(book: Book, slug: str, force: bool = False):
    "Write the text twin of a notebook."
    twin = book.twin(slug)
    agreed = _agreed(book, slug)
    if twin.exists() and _hash(twin) != agreed.get("twin") and not force:
        problem = f".work/{slug}.md has edits that were not built"
        raise Conflict(f"{problem}\n  try   build {slug}, or --force to drop them")
    files.write(twin, text.to_text(notebooks.read(book.notebook(slug))))
    remember(book, slug, _hash(twin))


def remember(book: Book, slug: str, twin: str):
    "Note that the notebook and the twin with this hash agree."
    notebook = notebooks.read(book.notebook(slug))
    state = {"notebook": _sources(notebook), "twin": twin}
    files.write(book.work / "agreed" / f"{slug}.json", json.dumps(state))


def _agreed(book: Book, slug: str) -> dict:
    path = book.work / "agreed" / f"{slug}.json"
    return json.loads(path.read_text()) if path.exists() else {}


def _hash(path) -> str:
    return hashlib.sha1(path.read_bytes()).hexdigest() if path.exists() else ""


def _sources(notebook) -> str:
    kept = [(c.cell_type, c.source) for c in notebook.cells if not text.generated(c)]
    return hashlib.sha1(repr(kept).encode()).hexdigest()
