"""Command line of the book: from text to notebooks, from notebooks to the package."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

# jsonschema would load this one, for seconds, to check addresses; notebooks have none
sys.modules.setdefault("rfc3987_syntax", None)
sys.path[0] = str(Path(__file__).resolve().parents[1])

from _tools import book as books  # noqa: E402
from _tools import cells, chapter, execute, gates, measure, style, tangle  # noqa: E402
from _tools import notebook as notebooks  # noqa: E402

sys.path.pop(0)

EXPECTED = (
    cells.ExportError,
    chapter.Conflict,
    execute.ChapterFailed,
    FileNotFoundError,
    notebooks.NotebookError,
    ValueError,
)


def main(arguments=None) -> int:
    options = parser().parse_args(arguments)
    book = books.Book(options.root.resolve())
    try:
        return options.command(book, options) or 0
    except EXPECTED as error:
        print(error, file=sys.stderr)
        return 1


def parser():
    top = argparse.ArgumentParser(prog="python book/_tools", description=__doc__)
    top.add_argument("--root", type=Path, default=books.here().root)
    commands = top.add_subparsers(required=True)

    def command(function, name):
        one = commands.add_parser(name, help=function.__doc__)
        one.set_defaults(command=function)
        return one

    command(export, "export")
    one = command(build, "build")
    one.add_argument("slugs", nargs="*")
    one.add_argument("--all", action="store_true")
    one.add_argument("--no-run", action="store_true", help="do not execute the cells")
    command(boxes, "boxes")
    command(check, "check")
    command(words, "words")
    one = command(text, "text")
    one.add_argument("slugs", nargs="+")
    one.add_argument("--force", action="store_true")
    one = command(run, "run")
    one.add_argument("slugs", nargs="+")
    one = command(stage, "stage")
    one.add_argument("slug")
    one.add_argument("--end", action="store_true")
    return top


def export(book, options):
    "write minikeras/ from the notebooks"
    skipped(book)
    tangle.export(book)


def build(book, options):
    "text twin to notebook, export, run (one chapter or more)"
    for slug in book.written if options.all else options.slugs:
        for notice in chapter.build(book, slug, run=not options.no_run):
            print(f"notice: {notice}", file=sys.stderr)
        for complaint in style.complaints(book.notebook(slug)):
            print(f"lint: {complaint}", file=sys.stderr)
        print(f"built {slug}")


def text(book, options):
    "write the text twin .work/PART/SLUG.md of a notebook"
    for slug in options.slugs:
        chapter.to_twin(book, slug, options.force)
        print(book.name(book.twin(slug)))


def boxes(book, options):
    "renew the boxes at the start of all chapters"
    for slug in chapter.boxes(book):
        print(f"new box in {slug}")


def check(book, options):
    "all gates: package, notebooks, boxes, reading order"
    found = gates.problems(book)
    for problem in found:
        print(problem, file=sys.stderr)
    words(book, options)
    print(f"check: {len(found)} problems" if found else "check: all is well")
    return 1 if found else 0


def words(book, options):
    "how much prose and code each chapter has"
    measures = {}
    for slug in book.written:
        try:
            measures[slug] = measure.measure(notebooks.read(book.notebook(slug)))
        except notebooks.NotebookError:
            continue
        print(f"{slug:22} {measures[slug]}")
    print(f"{'the book':22} {measure.total(list(measures.values()))}")


def run(book, options):
    "execute notebooks as they are, and store the outputs"
    for slug in options.slugs:
        notebook = notebooks.read(book.notebook(slug))
        execute.run(book, slug, notebook)
        notebooks.write(book.notebook(slug), notebook)
        print(f"ran {slug}")


def stage(book, options):
    "print a folder that holds the package before (--end: after) a chapter"
    print(tangle.origin(book).stage(options.slug, options.end))


def skipped(book):
    "Say which chapters of the table of contents are not written yet."
    absent = [slug for slug in book.chapters if slug not in book.written]
    if absent:
        print(f"notice: no notebook yet for {', '.join(absent)}", file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())
