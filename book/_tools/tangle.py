"""The exporter: from the export cells of all chapters to the files of the package."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
from pathlib import Path

from _tools import cells, files
from _tools.blocks import KEPT, code_of
from _tools.book import Book
from _tools.cells import Chapter, ExportError
from _tools.imports import resolve
from _tools.names import NOTE
from _tools.package import Module, Package, assemble, body_of, pieces
from _tools.style import tidy

FUTURE = "from __future__ import annotations"


def export(book: Book, strict: str | None = None):
    """Write the package; return its texts, the map of origins, and notices.

    With `strict`, only that chapter must be well: a broken other one counts as it was
    when it was last exported, and a notice says so.
    """
    with files.lock(book.work):
        package, notices = gather(book, strict)
        texts, origins = render(book, package)
        put(book, texts)
        for chapter in package.chapters:
            remember(book, chapter)
    return texts, origins, notices


def gather(book: Book, strict: str | None) -> tuple[Package, list[str]]:
    "The resolved package and what was wrong with chapters that may be wrong."
    notices, old = [], set()
    while True:
        chapters = []
        try:
            for slug in book.written:
                chapter = recall(book, slug) if slug in old else cells.read(book, slug)
                chapters += [chapter] if chapter else []
            return resolve(assemble(book.chapters, chapters)), notices
        except ExportError as error:
            if strict in (None, error.slug) or error.slug in old:
                raise
            old.add(error.slug)
            notices.append(f"{error}\n  (using the last good export of {error.slug})")


def _memory(book: Book, slug: str) -> Path:
    return book.work / "good" / f"{slug}.json"


def remember(book: Book, chapter: Chapter):
    "Keep a chapter that exported well, for the time when it does not."
    data = {"title": chapter.title, "cells": [vars(cell) for cell in chapter.cells]}
    files.write(_memory(book, chapter.slug), json.dumps(data))


def recall(book: Book, slug: str) -> Chapter | None:
    path = _memory(book, slug)
    if not path.exists():
        return None
    data = json.loads(path.read_text())
    return Chapter(slug, data["title"], [cells.Cell(**cell) for cell in data["cells"]])


# -- the text of the files -------------------------------------------------------------


def render(book: Book, package: Package) -> tuple[dict[str, str], dict]:
    "{file name: text} of all that is generated in minikeras/, and the map of origins."
    drafts = {name: draft(module) for name, module in package.modules.items()}
    texts = tidy(drafts)
    found = {
        "version": book.version,
        "chapters": book.chapters,
        "titles": {chapter.slug: chapter.title for chapter in package.chapters},
        "prerequisites": package.prerequisites,
        "modules": {
            name: describe(module, texts[name])
            for name, module in package.modules.items()
        },
        "public": {full: list(home) for full, home in sorted(package.public.items())},
    }
    texts |= tidy(origin(book).namespaces(found, found))
    texts["_origin.json"] = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    return texts, found


def origin(book: Book):
    "The hand-written minikeras/_origin.py, loaded by its path."
    path = book.package / "_origin.py"
    spec = importlib.util.spec_from_file_location("_minikeras_origin", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def draft(module: Module) -> str:
    "The module before formatting."
    lines = imported(module)
    notes = [line for line in lines if module.imports[line][1]]
    parts = [header(module), *([FUTURE] if annotated(module) else [])]
    parts += sorted(line for line in lines if line not in notes)
    if notes:
        parts += ["from typing import TYPE_CHECKING", "if TYPE_CHECKING:"]
        parts += [f"    {line}" for line in sorted(notes)]
    return "\n".join([*parts, "", *(code_of(body_of(b)) for b in module.blocks)])


def imported(module: Module) -> list[str]:
    "The import lines; one marked `noqa` is not needed beside the same one in use."
    used = set(module.imports)
    return sorted(used - {line + KEPT for line in used})


def annotated(module: Module) -> bool:
    "Annotations may name a class that stands below; so they are never evaluated."
    wanted = [when for piece in pieces(module) for when in piece.needs.values()]
    return any(NOTE in when for when in wanted)


def header(module: Module) -> str:
    sources = [f"book/{slug}.ipynb" for slug in module.chapters]
    advice = "Edit the chapter, not this file."
    line = f'"""Generated from {", ".join(sources)}. {advice}"""'
    if len(line) <= 88:
        return line
    return "\n".join(['"""Generated from', *sources, "", advice, '"""'])


# -- the map of origins ----------------------------------------------------------------


def describe(module: Module, text: str) -> dict:
    "The map of one module: its imports, and where each of its lines comes from."
    body = ast.parse(text).body
    own = body[-len(module.blocks) :]
    above = body[: -len(module.blocks)]
    return {
        "sha": _sha(text),
        "docstring": body[0].end_lineno,
        "imports": imports(module),
        "blocks": spans(module.blocks, own, above[-1].end_lineno, text.splitlines()),
    }


def _sha(text):
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def imports(module: Module) -> list:
    found = {line: module.imports[line] for line in imported(module)}
    lines = {line: slug for line, (slug, note) in found.items() if not note}
    if annotated(module):
        lines = {FUTURE: module.blocks[0].cell.slug, **lines}
    return [list(item) for item in lines.items()]


def spans(blocks, nodes, end: int, lines: list[str]) -> list[dict]:
    "Lines of each block; a comment above a statement belongs to it."
    found = []
    for block, node in zip(blocks, nodes, strict=True):
        start = end + 1
        while not lines[start - 1].strip():
            start += 1
        end = node.end_lineno
        found.append(span(block, node, start, lines))
    return found


def span(block, node, start, lines) -> dict:
    inner = getattr(node, "body", []) if block.kind == "class" else []
    above = _head(node, inner, lines) if inner else 0
    return {
        "name": block.name or ("__doc__" if _is_text(node) else ""),
        "names": block.names,
        "kind": block.kind,
        "chapter": block.cell.slug,
        "cell": block.cell.id,
        "section": block.cell.section,
        "anchor": block.cell.anchor,
        "start": start,
        "end": node.end_lineno,
        "members": spans(block.members, inner, above, lines) if inner else [],
    }


def _head(node, inner, lines) -> int:
    "The last line of `class Name(...):` above the first member and its comments."
    decorators = getattr(inner[0], "decorator_list", [])
    line = min(part.lineno for part in (inner[0], *decorators)) - 1
    while not lines[line - 1].strip() or lines[line - 1].lstrip().startswith("#"):
        line -= 1
    return line


def _is_text(node) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


# -- writing ---------------------------------------------------------------------------


def put(book: Book, texts: dict[str, str]):
    "Write what changed, the map last; remove modules that nothing exports any more."
    for name, text in sorted(texts.items(), key=lambda item: item[0] == "_origin.json"):
        files.write(book.package / name, text)
    for path in strays(book, texts):
        if "Generated " in path.read_text(errors="replace")[:200]:
            path.unlink()


def strays(book: Book, texts: dict[str, str]) -> list[Path]:
    "Files of the package that are neither generated nor listed as shipped."
    found = []
    for path in sorted(book.package.rglob("*")):
        name = path.relative_to(book.package)
        listed = any(name.match(pattern) for pattern in book.shipped)
        hidden = "__pycache__" in name.parts or path.name.startswith(".")
        if path.is_file() and not (listed or hidden or name.as_posix() in texts):
            found.append(path)
    return found
