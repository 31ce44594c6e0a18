"""Paste a chapter's figures on the two page colours, to look at them.

python book/_tools/figures_look.py arrays/buffers
writes /tmp/figures-buffers-light.png and -dark.png from the stored outputs.
"""

import base64
import io
import json
import pathlib
import sys
import tempfile

from PIL import Image

PAGES = {"light": "#ffffff", "dark": "#14181e"}


def figures(notebook):
    """The PNG outputs of a notebook, in order."""
    for cell in json.loads(notebook.read_text())["cells"]:
        for output in cell.get("outputs", []):
            if png := output.get("data", {}).get("image/png"):
                yield Image.open(io.BytesIO(base64.b64decode(png))).convert("RGBA")


def sheet(images, page):
    """One picture of all images below each other on a page colour."""
    size = max(i.width for i in images) + 40, sum(i.height + 40 for i in images)
    paper, y = Image.new("RGBA", size, page), 20
    for image in images:
        paper.alpha_composite(image, (20, y))
        y += image.height + 40
    return paper.convert("RGB")


def main(chapter):
    """Write both sheets of a chapter and print where they are."""
    book = pathlib.Path(__file__).parents[1]
    images = list(figures(book / f"{chapter}.ipynb"))
    if not images:
        raise SystemExit(f"{chapter}: no figure among the stored outputs")
    for name, page in PAGES.items():
        slug = chapter.split("/")[-1]
        path = pathlib.Path(tempfile.gettempdir()) / f"figures-{slug}-{name}.png"
        sheet(images, page).save(path)
        print(path)


if __name__ == "__main__":
    main(sys.argv[1])
