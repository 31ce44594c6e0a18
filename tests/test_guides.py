"""The table of Keras' guides in the introduction: every place it names is there."""

import json
import re
from pathlib import Path

import pytest

BOOK = Path(__file__).parents[1] / "book"
INTRO = (BOOK / "intro.md").read_text(encoding="utf-8")
TABLE = INTRO.split("### If you know Keras' guides")[1].split("Whoever you are")[0]
ROWS = [row.split("|")[1:3] for row in TABLE.splitlines() if "](keras/" in row]
FIVE = [
    "The Sequential model", "The Functional API",
    "Making new layers and models via subclassing",
    "Training & evaluation with the built-in methods",
    "Customizing what happens in `fit()`",
]  # fmt: skip


def headings(chapter):
    """The title and the section titles of a chapter."""
    cells = json.loads((BOOK / f"{chapter}.ipynb").read_text(encoding="utf-8"))["cells"]
    text = "\n".join(
        "".join(c["source"]) for c in cells if c["cell_type"] == "markdown"
    )
    return re.findall(r"^#+ (.+)$", text, re.MULTILINE)


def test_the_five_guides_are_listed():
    names = [guide.strip() for guide, _ in ROWS]
    assert [name for name in FIVE if name not in names] == []


@pytest.mark.parametrize(
    "guide, places", ROWS, ids=[guide.strip() for guide, _ in ROWS]
)
def test_chapters_and_sections_are_there(guide, places):
    for place in places.split(";"):
        (title, chapter), sections = (
            re.search(r"\[(.+?)\]\((.+?)\)", place).groups(),
            re.findall(r'"(.+?)"', place),
        )
        found = headings(chapter)
        assert found[0] == title
        assert [section for section in sections if section not in found] == []
