"""The gates: a good book passes, and each gate fails on the fault it is there for."""

from pathlib import Path

import pytest
from _tools import chapter, execute, gates, measure
from _tools import notebook as notebooks

HERE = Path(__file__).parent
SLUGS = {"arrays/one": "first.md", "arrays/two": "second.md"}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    "Two chapters built in full, with a kernel (about ten seconds); copied per test."
    from tests.tools.conftest import Shelf

    shelf = Shelf(tmp_path_factory.mktemp("book"))
    shelf.slugs = list(SLUGS)
    shelf.list_chapters()
    for slug, name in SLUGS.items():
        path = shelf.book.twin(slug)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((HERE / name).read_text())
        chapter.build(shelf.book, slug)
    keep = {p: p.read_bytes() for p in shelf.root.rglob("*") if p.is_file()}
    return shelf, keep


@pytest.fixture
def good(finished):
    "The finished book; whatever a test does to it is undone."
    shelf, keep = finished
    yield shelf
    for path in shelf.root.rglob("*"):
        if path.is_file() and path not in keep:
            path.unlink()
    for path, content in keep.items():
        path.write_bytes(content)


def edit(shelf, slug, change):
    notebook = notebooks.read(shelf.book.notebook(slug))
    change(notebook)
    notebooks.write(shelf.book.notebook(slug), notebook)


def test_a_good_book_has_no_problems(good):
    assert gates.problems(good.book) == []


def test_the_notebooks_ran_in_the_package_before_them(good):
    cells = notebooks.read(good.book.notebook("arrays/two")).cells
    outputs = [str(cell.outputs) for cell in cells if cell.get("outputs")]
    assert "False" in outputs[0]  # no Tensor.pick yet
    assert "2 3\\n7\\n" in outputs[1]


def test_the_box_shows_the_growth_of_a_class(good):
    box = notebooks.read(good.book.notebook("arrays/two")).cells[1].source
    assert "**We have** [A line of numbers](one.ipynb)" in box
    assert "`Tensor`: 1 → 3 methods" in box
    assert "+     def pick(self, i)\n" in box
    assert "+     @value.setter\n" in box


def unrun(notebook):
    notebook.cells[-1].execution_count = None


def edited(notebook):
    code = [cell for cell in notebook.cells if "export" in cell.source]
    code[0].source += "\n\nEXTRA = 1"


def looks_ahead(notebook):
    notebook.cells[-1].source = "from minikeras import pick"


def old_box(notebook):
    notebook.cells[1].source = "An old box."


def no_box(notebook):
    del notebook.cells[1]


def no_bootstrap(notebook):
    notebook.cells = [c for c in notebook.cells if c.id != "bootstrap"]


def failed(notebook):
    error = {"output_type": "error", "ename": "E", "evalue": "", "traceback": []}
    notebook.cells[-1].outputs = [error]


FAULTS = {
    "was run never": unrun,
    "minikeras/core/tensor.py: differs from a fresh export": edited,
    "`pick` is defined only later": looks_ahead,
    "the box is out of date": old_box,
    "the box is out of date ": no_box,
    "the first code cell is not the bootstrap cell": no_bootstrap,
    "stores an error": failed,
}


@pytest.mark.parametrize("message", FAULTS)
def test_faults_of_a_notebook_are_found(good, message):
    edit(good, "arrays/one", FAULTS[message])
    found = "\n".join(gates.problems(good.book))
    assert message.strip() in found


def test_cells_run_out_of_order_are_found(good):
    path = good.book.notebook("arrays/one")
    text = path.read_text().replace('"execution_count": 2', '"execution_count": 5', 1)
    path.write_text(text)
    found = "\n".join(gates.problems(good.book))
    assert "is number 2, but was run 5" in found and "not in normal form" in found


def test_noise_in_a_notebook_is_found(good):
    path = good.book.notebook("arrays/one")
    path.write_text(
        path.read_text().replace('"metadata": {}', '"metadata": {"a": 1}', 1)
    )
    assert any("not in normal form" in one for one in gates.problems(good.book))


def test_a_package_edited_by_hand_is_found(good):
    path = good.root / "minikeras/core/tensor.py"
    path.write_text(path.read_text() + "\n")
    assert any("core/tensor.py: differs" in one for one in gates.problems(good.book))
    path.unlink()
    assert any("core/tensor.py: missing" in one for one in gates.problems(good.book))


def test_stray_files_are_found(good):
    (good.root / "minikeras/extra.py").write_text("x = 1\n")
    found = gates.problems(good.book)
    assert any("minikeras/extra.py: no chapter exports it" in one for one in found)


def test_chapters_and_contents_agree(good):
    good.slugs = ["arrays/one", "arrays/zero"]
    good.list_chapters()
    found = gates.problems(good.book)
    assert "arrays/zero: listed in _toc.yml, but not written" in found
    assert "book/arrays/two.ipynb: not in _toc.yml" in found
    good.slugs = list(SLUGS)


def test_an_entry_of_the_bibliography_that_is_not_closed(good):
    path = good.root / "book/references.bib"
    path.write_text("@book{one,\n  title = {{A} b}\n}\n\n@book{two,\n  year = {1}\n}\n")
    assert not gates.unclosed(good.book)
    path.write_text("@book{one,\n  title = {{A} b}\n@book{two,\n  year = {1}\n}\n")
    assert gates.problems(good.book) == ["references.bib: @book{one, is not closed"]


def test_a_broken_notebook_fails_the_check(good):
    good.book.notebook("arrays/one").write_text("{")
    assert any("not a notebook" in one for one in gates.problems(good.book))


def test_a_failing_cell_is_shown(good):
    notebook = notebooks.read(good.book.notebook("arrays/one"))
    notebook.cells[-1].source = "ones('many')"
    with pytest.raises(execute.ChapterFailed) as caught:
        execute.run(good.book, "arrays/one", notebook)
    message = str(caught.value)
    assert f"cell {notebook.cells[-1].id}" in message and "ones('many')" in message


def test_measures():
    assert (
        measure.words("Two words.\n\n```python\nnot = these\n```\n:::{note}\n:::\n")
        == 2
    )
    code = '#| export a.py\ndef f():\n    """Say.\n\n    More.\n    """\n    # why\n\n    return 1\n'
    assert measure.lines(code) == 2


def test_two_modules_of_a_chapter_do_not_share_a_name(shelf):
    first = "#| export a.py\nRULES = [1]\n\n\ndef f():\n    return RULES"
    second = "#| export b.py\nRULES = [2]\nx = RULES"
    shelf.add("arrays/one", "# One", first, second)
    notebook = notebooks.read(shelf.book.notebook("arrays/one"))
    (found,) = gates.mixed_up("arrays/one", notebook)
    assert found.startswith("RULES is defined for a.py and b.py")
    shelf.add("arrays/two", "# Two", first.replace("return RULES", "return 1"), second)
    notebook = notebooks.read(shelf.book.notebook("arrays/two"))
    assert gates.mixed_up("arrays/two", notebook) == []
