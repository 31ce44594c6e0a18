"""Running a chapter from top to bottom in a fresh kernel, one thread for BLAS."""

from __future__ import annotations

import os
from contextlib import contextmanager

import nbformat

from _tools.book import Book

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class ChapterFailed(Exception):
    "A cell raised; the message shows the cell and the traceback."


def bootstrap(slug: str):
    "The cell that every chapter starts with."
    source = f'from minikeras._origin import chapter, extends\n\nchapter("{slug}")'
    metadata = {"tags": ["hide-input", "bootstrap"]}
    return nbformat.v4.new_code_cell(source, id="bootstrap", metadata=metadata)


def run(book: Book, slug: str, notebook):
    "Execute all cells in place, in the folder of the notebook."
    import nbclient  # takes a second, and only this needs it

    client = nbclient.NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        record_timing=False,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(book.notebook(slug).parent)}},
    )
    with environment(book):
        try:
            client.execute()
        except nbclient.exceptions.CellExecutionError as error:
            cell = notebook.cells[failed(notebook)]
            message = f"book/{slug}.ipynb, cell {cell.id}\n{error}"
            raise ChapterFailed(message) from error
    return notebook


def failed(notebook) -> int:
    "The first cell with an error that it may not have."
    for index, cell in enumerate(notebook.cells):
        outputs = cell.get("outputs", [])
        expected = "raises-exception" in cell.metadata.get("tags", [])
        if not expected and any(out.output_type == "error" for out in outputs):
            return index
    return -1


@contextmanager
def environment(book: Book):
    "What the kernel inherits: this repository's package and one thread."
    before = dict(os.environ)
    os.environ.update(dict.fromkeys(THREADS, "1"))
    paths = [str(book.root), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
