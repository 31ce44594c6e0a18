"""Where things are, and the order in which the chapters are read."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Book:
    """A repository that holds chapters in `book/` and the package they build."""

    root: Path

    @property
    def package(self) -> Path:
        return self.root / "minikeras"

    @property
    def work(self) -> Path:
        return self.root / ".work"

    def notebook(self, slug: str) -> Path:
        return self.root / "book" / f"{slug}.ipynb"

    def twin(self, slug: str) -> Path:
        return self.work / f"{slug}.md"

    def name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    @cached_property
    def chapters(self) -> list[str]:
        "Slugs such as `arrays/tensors`, in reading order, from `_toc.yml`."
        toc = yaml.safe_load((self.root / "_toc.yml").read_text())
        files = (file.removeprefix("book/") for file in _files(toc))
        return [slug for slug in files if self.is_chapter(slug)]

    def is_chapter(self, slug: str) -> bool:
        "A page of a part's folder is a chapter unless it is written in plain text."
        in_a_part = "/" in slug and slug.split("/")[0] not in ("appendix", "api")
        return in_a_part and not (self.root / "book" / f"{slug}.md").exists()

    @cached_property
    def written(self) -> list[str]:
        return [slug for slug in self.chapters if self.notebook(slug).exists()]

    @cached_property
    def settings(self) -> dict:
        return tomllib.loads((self.root / "pyproject.toml").read_text())

    @property
    def version(self) -> str:
        return self.settings["project"]["version"]

    @property
    def shipped(self) -> list[str]:
        "Patterns of the files of the package that no chapter exports."
        return self.settings["tool"]["minikeras"]["shipped"]


def _files(toc):
    "All `file:` entries of a table of contents, in order."
    if isinstance(toc, list):
        for entry in toc:
            yield from _files(entry)
    elif isinstance(toc, dict):
        if "file" in toc:
            yield toc["file"]
        for key in ("parts", "chapters", "sections", "subtrees", "entries"):
            yield from _files(toc.get(key, []))


def here() -> Book:
    "The repository that this file lies in."
    return Book(Path(__file__).resolve().parents[2])
