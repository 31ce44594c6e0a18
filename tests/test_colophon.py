"""The colophon shows every script that is written by hand."""

import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COLOPHON = ROOT / "book/appendix/colophon.md"


def by_hand():
    tools = [p for p in (ROOT / "book/_tools").glob("*.py") if p.stat().st_size > 200]
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    shipped = settings["tool"]["minikeras"]["shipped"]
    package = [p for name in shipped for p in (ROOT / "minikeras").glob(name)]
    return sorted([*tools, *(p for p in package if p.suffix == ".py")])


@pytest.mark.parametrize("path", by_hand(), ids=lambda path: path.name)
def test_every_script_is_on_the_page(path):
    assert f"`{path.relative_to(ROOT).as_posix()}`" in COLOPHON.read_text()
