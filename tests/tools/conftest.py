"""Small books in a temporary folder, to try the tools on."""

import shutil
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "book"))

from _tools import notebook as notebooks  # noqa: E402
from _tools import tangle  # noqa: E402
from _tools.book import Book  # noqa: E402

sys.path.remove(str(ROOT / "book"))

PYPROJECT = """
[project]
name = "minikeras"
version = "9.8.7"
[tool.minikeras]
shipped = ["_origin.py", "py.typed", "data/*.txt"]
"""


class Shelf:
    """A book whose chapters are given as lists of cells; `# ...` cells are prose."""

    def __init__(self, root: Path):
        self.root = root
        (root / "minikeras").mkdir()
        shutil.copy(ROOT / "minikeras" / "_origin.py", root / "minikeras")
        (root / "minikeras" / "py.typed").touch()
        (root / "pyproject.toml").write_text(PYPROJECT)
        self.slugs = []
        self.list_chapters()

    @property
    def book(self) -> Book:
        return Book(self.root)

    def list_chapters(self):
        files = "\n".join(f"  - file: book/{slug}" for slug in self.slugs)
        toc = f"format: jb-book\nroot: book/intro\nchapters:\n{files}\n"
        (self.root / "_toc.yml").write_text(toc)

    def add(self, slug: str, *sources: str):
        if slug not in self.slugs:
            self.slugs.append(slug)
            self.list_chapters()
        cells = [self.cell(source, i) for i, source in enumerate(sources)]
        notebooks.write(self.book.notebook(slug), nbformat.v4.new_notebook(cells=cells))

    @staticmethod
    def cell(source: str, index: int):
        if source.startswith(("# ", "## ")):
            return nbformat.v4.new_markdown_cell(source, id=f"p{index}")
        return nbformat.v4.new_code_cell(source, id=f"c{index}")

    def export(self):
        return tangle.export(self.book)

    def text(self, name: str) -> str:
        return (self.root / "minikeras" / name).read_text()


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path)
