"""The README keeps its promises: its example runs, its chapters are those of the book."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_chapter_list_is_the_table_of_contents():
    yaml = pytest.importorskip("yaml")
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    parts = [part for part in toc["parts"] if part["caption"].startswith("Part")]
    chapters = [chapter["file"] for part in parts for chapter in part["chapters"]]
    assert re.findall(r"\((book/\w+/\w+)\.ipynb\)", README) == chapters


def test_links_lead_somewhere():
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_example_runs_and_learns(capsys):
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(example.strip().splitlines()) <= 26
    names = {}
    exec(compile(example, "README.md", "exec"), names)
    model, x, y = names["model"], names["x_test"], names["y_test"]
    assert model.evaluate(x, y, verbose=0, return_dict=True)["accuracy"] > 0.95
    assert "(64, 64)" in capsys.readouterr().out.replace("[", "(").replace("]", ")")
