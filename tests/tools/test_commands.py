"""The command line, and several authors at once."""

import subprocess
import sys

from tests.tools.conftest import ROOT

TOOLS = ROOT / "book" / "_tools"


def tools(shelf, *arguments):
    command = [sys.executable, str(TOOLS), "--root", str(shelf.root), *arguments]
    return subprocess.run(command, capture_output=True, text=True)


def test_commands(shelf):
    shelf.add("arrays/one", "# One", "#| export a.py\nx = 1")
    shelf.slugs.append("arrays/two")
    shelf.list_chapters()
    done = tools(shelf, "export")
    assert done.returncode == 0 and "no notebook yet for arrays/two" in done.stderr
    assert "x = 1" in shelf.text("a.py")

    folder = tools(shelf, "stage", "arrays/one", "--end").stdout.strip()
    assert folder and (shelf.root / folder / "minikeras" / "a.py").exists()
    assert "1 exported cells" in tools(shelf, "words").stdout

    done = tools(shelf, "check")
    assert done.returncode == 1 and "check: 4 problems" in done.stdout
    assert "arrays/two: listed in _toc.yml, but not written" in done.stderr

    done = tools(shelf, "text", "arrays/one")
    assert done.stdout == ".work/arrays/one.md\n"
    twin = shelf.root / ".work/arrays/one.md"
    twin.write_text(twin.read_text().replace("x = 1", "y=2"))
    assert tools(shelf, "build", "--no-run", "arrays/one").returncode == 0
    assert "y = 2" in shelf.text("a.py")


def test_errors_are_words_not_tracebacks(shelf):
    shelf.add("arrays/one", "# One", "#| export a.py\nx = = 1")
    for arguments in (["export"], ["build", "--no-run", "arrays/one"]):
        done = tools(shelf, *arguments)
        assert done.returncode == 1 and "Traceback" not in done.stderr
        assert "cell c1, line 2: syntax error" in done.stderr
    for arguments in (["build", "arrays/zero"], ["text", "arrays/zero"]):
        done = tools(shelf, *arguments)
        assert done.returncode == 1 and "Traceback" not in done.stderr
        assert "arrays/zero" in done.stderr


AUTHOR = """
import sys; sys.path.insert(0, {book!r})
from pathlib import Path
from _tools import tangle
from _tools.book import Book
from tests.tools.conftest import Shelf
shelf = Shelf.__new__(Shelf)
shelf.root, shelf.slugs = Path({root!r}), ["arrays/one", "arrays/two"]
for size in range(1, 5):
    lines = "\\n".join(f"x{{i}} = {{size}}" for i in range(size * 30))
    shelf.add({slug!r}, "# One", "#| export {module}.py\\n" + lines)
    tangle.export(Book(shelf.root), strict={slug!r})
"""


def test_a_reader_never_sees_half_an_export(shelf):
    shelf.add("arrays/one", "# One", "#| export a.py\nx = 1")
    shelf.add("arrays/two", "# Two", "#| export b.py\nx = 1")
    shelf.export()
    authors = []
    for slug, module in (("arrays/one", "a"), ("arrays/two", "b")):
        values = {"book": str(ROOT / "book"), "root": str(shelf.root)}
        code = AUTHOR.format(**values, slug=slug, module=module)
        command = [sys.executable, "-c", code]
        authors.append(subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE))
    readings = 0
    from _tools import tangle

    origin = tangle.origin(shelf.book)
    while any(author.poll() is None for author in authors):
        _, texts = origin.read_package(shelf.root / "minikeras")
        for text in texts.values():
            values = {line[-2:] for line in text.splitlines() if line.startswith("x")}
            assert len(values) == 1
        readings += 1
    errors = [author.communicate()[1].decode() for author in authors]
    assert [author.returncode for author in authors] == [0, 0], errors
    assert readings > 3
