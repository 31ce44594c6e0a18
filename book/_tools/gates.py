"""The checks that keep book and package one thing. Each returns what is wrong."""

from __future__ import annotations

import ast

from _tools import box, cells, execute, names, tangle, text
from _tools import notebook as notebooks
from _tools.book import Book


def problems(book: Book) -> list[str]:
    "All that is wrong with the book; empty if all is well."
    absent = [f"{slug}: listed in _toc.yml, but not written" for slug in book.chapters]
    found = [one for one in absent if one.split(":")[0] not in book.written]
    found += unlisted(book) + unclosed(book)
    readable = {}
    for slug in book.written:
        try:
            readable[slug] = notebooks.read(book.notebook(slug))
        except notebooks.NotebookError as error:
            found.append(f"{slug}: not a notebook ({error})")
    for slug, notebook in readable.items():
        found += [f"{slug}: {one}" for one in executed(notebook)]
        found += [f"{slug}: {one}" for one in normal(book, slug, notebook)]
        found += [f"{slug}: {one}" for one in bootstrapped(slug, notebook)]
        found += [f"{slug}: {one}" for one in mixed_up(slug, notebook)]
    try:
        package, _ = tangle.gather(book, None)
    except Exception as error:  # whatever stops an export is a finding
        return [*found, f"export: {error}"]
    texts, origins = tangle.render(book, package)
    found += [str(error) for error in package.late]
    found += exported(book, texts)
    for slug, notebook in readable.items():
        found += [f"{slug}: {one}" for one in boxed(slug, notebook, origins, texts)]
    return found


def unlisted(book: Book) -> list[str]:
    "Notebooks that no reader would find."
    paths = (book.root / "book").glob("*/*.ipynb")
    listed = {book.notebook(slug) for slug in book.chapters}
    return [f"{book.name(p)}: not in _toc.yml" for p in sorted({*paths} - listed)]


def unclosed(book: Book) -> list[str]:
    "Entries of the bibliography that lost their last brace, as merges like to do."
    path = book.root / "book/references.bib"
    found, depth, entry = [], 0, ""
    for line in [*(path.read_text().splitlines() if path.exists() else ()), "@end"]:
        if line.startswith("@"):
            found += [f"references.bib: {entry} is not closed"] * (depth != 0)
            depth, entry = 0, line
        depth += line.count("{") - line.count("}")
    return found


def executed(notebook) -> list[str]:
    "Every code cell ran, in order, and failed only where it should."
    found, code = [], [c for c in notebook.cells if c.cell_type == "code"]
    wrong = [(n, c) for n, c in enumerate(code, 1) if c.execution_count != n]
    for wanted, cell in wrong[:1]:
        count = cell.execution_count or "never"
        found.append(f"cell {cell.id} is number {wanted}, but was run {count}")
        if len(wrong) > 1:
            found[-1] += f" (and {len(wrong) - 1} more cells)"
    index = execute.failed(notebook)
    if index >= 0:
        found.append(f"cell {notebook.cells[index].id} stores an error")
    return found


def normal(book: Book, slug: str, notebook) -> list[str]:
    "Metadata, ids and layout of the file are what the tools write."
    if book.notebook(slug).read_bytes() == notebooks.text(notebook).encode():
        return []
    return [f"not in normal form\n  try   python book/_tools build {slug}"]


def bootstrapped(slug: str, notebook) -> list[str]:
    "The first code cell stages the package."
    first = next((c for c in notebook.cells if c.cell_type == "code"), None)
    wanted = execute.bootstrap(slug)
    if first and (first.source, first.metadata) == (wanted.source, wanted.metadata):
        return []
    return ["the first code cell is not the bootstrap cell"]


def mixed_up(slug: str, notebook) -> list[str]:
    """Names that two modules of one chapter define, if one looks its own up when called.

    As modules they are apart. In the notebook there is one name for both, and the
    functions of the first would find what the second has put there.
    """
    try:
        code = [cell for cell in cells.parse(slug, notebook.cells).cells if cell.target]
        trees = [(cell.target, ast.parse(cell.source).body) for cell in code]
    except (cells.ExportError, SyntaxError):  # the export will say so
        return []
    defined, called = {}, {}
    for module, nodes in trees:
        for node in nodes:
            for name in () if imported_or_extending(node) else names.bound([node]):
                defined.setdefault(name, set()).add(module)
            for name, when in names.needs(node).items():
                if names.LATER in when:
                    called.setdefault(name, set()).add(module)
    twice = {name: modules for name, modules in defined.items() if len(modules) > 1}
    fix = "\n  try   another name, here the notebook has only one"
    return [
        f"{name} is defined for {' and '.join(sorted(modules))}{fix}"
        for name, modules in twice.items()
        if modules & called.get(name, set())
    ]


def imported_or_extending(node: ast.stmt) -> bool:
    "Whether what a statement binds is no new name of its module."
    if isinstance(node, (ast.Import, ast.ImportFrom, ast.AugAssign)):
        return True
    marks = getattr(node, "decorator_list", ())
    return any(ast.unparse(mark).startswith("extends(") for mark in marks)


def boxed(slug: str, notebook, origins: dict, texts: dict) -> list[str]:
    "The box at the start tells the truth."
    boxes = [cell.source for cell in notebook.cells if text.generated(cell)]
    if boxes == [box.write(slug, origins, texts)]:
        return []
    return ["the box is out of date\n  try   python book/_tools boxes"]


def exported(book: Book, texts: dict[str, str]) -> list[str]:
    "minikeras/ is what a fresh export writes, no more and no less."
    found, fix = [], "\n  try   python book/_tools export"
    for name, wanted in texts.items():
        path = book.package / name
        if not path.exists():
            found.append(f"minikeras/{name}: missing{fix}")
        elif path.read_bytes() != wanted.encode():
            found.append(f"minikeras/{name}: differs from a fresh export{fix}")
    for path in tangle.strays(book, texts):
        fix = (
            "\n  try   remove it, or list it in pyproject.toml (tool.minikeras.shipped)"
        )
        found.append(f"{book.name(path)}: no chapter exports it{fix}")
    return found
