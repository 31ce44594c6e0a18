"""The scripts behind the rendered pages: docstrings, links, the map of the layers."""

import ast
from pathlib import Path

import pytest
from _tools import layers, links
from _tools.docstrings import as_rst

SAFE = {
    "a lone star": ("x * y", r"x \* y"),
    "absolute value": ("the sum of |x|", r"the sum of \|x\|"),
    "a reference by accident": ("see x_ and y_", r"see x\_ and y\_"),
    "underscores inside a name": ("the keras_mask", "the keras_mask"),
    "names in backquotes": ("`x * y` is set as code", "``x * y`` is set as code"),
    "a role is kept": ("see :ref:`there`", "see :ref:`there`"),
}


@pytest.mark.parametrize("text, expected", SAFE.values(), ids=SAFE)
def test_docstring_text_is_escaped(text, expected):
    assert as_rst(text) == expected


def test_examples_and_aligned_lines_are_kept():
    text = "Sum.\n\n>>> f(x * 2)\n4\n\nx    the input\nlong the other"
    expected = "Sum.\n\n>>> f(x * 2)\n4\n\n::\n\n    x    the input\n    long the other"
    assert as_rst(text) == expected


def test_arguments_on_one_line_become_items_of_their_own():
    text = "x: the input. axis, order: of the norm.\nSource: a book."
    expected = "* `x`: the input.\n* `axis, order`: of the norm.\n* Source: a book."
    assert as_rst(text) == expected.replace("`", "``")


def test_every_docstring_of_the_package_reads_without_complaint():
    docutils = pytest.importorskip("docutils.core")
    package = Path(__file__).parents[2] / "minikeras"
    for path in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                text = as_rst(ast.get_docstring(node) or "")
                settings = {"report_level": 2, "halt_level": 2, "warning_stream": False}
                docutils.publish_doctree(text, settings_overrides=settings)


@pytest.fixture
def site(tmp_path):
    def write(**pages):
        for name, body in pages.items():
            (tmp_path / f"{name}.html").write_text(f"<html>{body}</html>")
        return links.check(tmp_path)[0]

    return write


def test_good_links_pass(site):
    index = '<a href="b.html#here">b</a> <a href="https://keras.io">k</a>'
    assert site(index=index, b='<p id="here"></p><a href="#here">up</a>') == []


@pytest.mark.parametrize(
    "link, problem",
    [
        ('<a href="c.html">', "no such file"),
        ('<a href="b.html#there">', "no such anchor"),
        ('<a href="#there">', "no such anchor"),
        ('<img src="none.png">', "no such file"),
        ('<script src="https://example.org/x.js"></script>', "loaded from the network"),
    ],
)
def test_bad_links_are_named_with_page_and_line(site, link, problem):
    (found,) = site(index=f"\n{link}", b="")
    assert found.startswith("index.html:2: ") and problem in found


def test_every_chapter_has_a_room():
    yaml = pytest.importorskip("yaml")
    toc = yaml.safe_load((Path(__file__).parents[2] / "_toc.yml").read_text())
    parts = [part for part in toc["parts"] if part["caption"].startswith("Part")]
    for part in parts:
        for chapter in part["chapters"]:
            place = layers.place(chapter["file"])
            assert place and place[1], f"{chapter['file']}: no room in layers.py"


def test_the_map_marks_where_you_are():
    html = layers.strip(layers.place("book/arrays/dtypes"), lambda page: None)
    assert '<li class="here">Arrays</li>' in html
    assert '<li class="here">memory</li>' not in html  # no page, so no link
    html = layers.strip(layers.place("book/arrays/dtypes"), lambda page: "x.html")
    assert (
        '<li class="here"><a href="x.html" aria-current="true">memory</a></li>' in html
    )


def test_a_solution_ends_where_the_next_exercise_begins():
    nodes = pytest.importorskip("docutils.nodes")
    pytest.importorskip("myst_nb")
    from _tools import solutions

    def paragraph(*children):
        return nodes.paragraph("", "", *children)

    def words(text):
        return paragraph(nodes.Text(text))

    def number(text):  # the reader of Markdown puts an empty text before bold words
        return paragraph(
            nodes.Text(""), nodes.strong("", text), nodes.Text(" Show it.")
        )

    def code(text):
        return nodes.container("", words(text), nb_element="cell_code", hide_mode="all")

    page = nodes.section()
    page += [number("1"), words("Solution"), code("a = 1"), words("and so on")]
    page += [number("2"), words("Solution: no."), nodes.section("", words("Recap"))]
    solutions.fold_solutions(None, page)
    kinds = [type(child).__name__ for child in page.children]
    fold = "HideCodeCellNode"
    assert kinds == ["paragraph", fold, "paragraph", fold, "section"]
    assert page.children[1].astext().split() == "a = 1 and so on".split()
    assert "Solution: no." in page.children[3].astext()
