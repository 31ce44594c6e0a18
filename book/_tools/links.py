"""Check the links inside the rendered book.

python book/_tools/links.py [_build/html]

Every link from a page of the book to a file of the book must lead to a file that
exists, and an anchor (`page.html#name`) to an element with that id. Images, styles and
scripts count as links; so do addresses that would need the network when the book is
read, which are refused: the book must be readable offline. Links to other sites that a
reader may follow are not visited.
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {("img", "src"), ("script", "src"), ("source", "src"), ("object", "data")}
LAZY = ("cdn.jsdelivr.net", "unpkg.com")  # only after a click on a live-code button


class Page(HTMLParser):
    """The anchors of a page, and its links with the line each one is on."""

    def __init__(self, path: Path):
        super().__init__()
        self.anchors, self.links = {"", "top"}, []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        for name in ("id", "name"):
            if attributes.get(name):
                self.anchors.add(attributes[name])
        line = self.getpos()[0]
        for name in ("href", "src", "data"):
            if value := attributes.get(name):
                style = tag == "link" and "stylesheet" in attributes.get("rel", "")
                loaded = (tag, name) in LOADED or style
                self.links.append((line, value, loaded))


def check(root: Path) -> tuple[list[str], int]:
    """All problems, and the number of links that were looked at."""
    paths = [p for p in root.rglob("*.html") if "_static" not in p.parts]
    pages = {path.resolve(): Page(path) for path in sorted(paths)}
    problems, count = [], 0
    for path, page in pages.items():
        for line, link, loaded in page.links:
            count += 1
            if problem := trouble(path, link, loaded, pages):
                problems.append(f"{path.relative_to(root)}:{line}: {link}: {problem}")
    return problems, count


def trouble(path: Path, link: str, loaded: bool, pages) -> str | None:
    """What is wrong with a link, if anything."""
    parts = urlsplit(link)
    if parts.scheme in ("data", "mailto", "javascript"):
        return None
    if parts.scheme or parts.netloc:
        needed = loaded and not any(host in parts.netloc for host in LAZY)
        return "is loaded from the network" if needed else None
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if target.is_dir():
        target = target / "index.html"
    if not target.exists():
        return "no such file"
    if target in pages and unquote(parts.fragment) not in pages[target].anchors:
        return "no such anchor"
    return None


def main(arguments) -> int:
    root = Path(arguments[0] if arguments else "_build/html").resolve()
    if not (root / "index.html").exists():
        print(f"{root}: no book here; build it with: jupyter-book build . -W -n --all")
        return 1
    problems, count = check(root)
    print("\n".join([*problems, f"{count} links, {len(problems)} problems"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
