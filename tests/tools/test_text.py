"""Text twins: a round trip keeps ids and outputs."""

from pathlib import Path

import nbformat
import pytest
from _tools import chapter, text
from _tools import notebook as notebooks

HERE = Path(__file__).parent
FIRST = (HERE / "first.md").read_text()


def ran(source):
    "The notebook of a text, with made-up outputs."
    notebook = text.to_notebook(source)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for count, cell in enumerate(code, 1):
        cell.execution_count = count
        cell.outputs = [nbformat.v4.new_output("stream", text=f"output {count}\n")]
    return notebooks.normalise(notebook)


def test_the_round_trip_is_exact():
    for name in ("first.md", "second.md"):
        source = (HERE / name).read_text()
        assert text.to_text(text.to_notebook(source)) == source


def test_unchanged_cells_keep_ids_and_outputs():
    old = ran(FIRST)
    new = text.to_notebook(text.to_text(old), old)
    assert notebooks.text(new) == notebooks.text(old)


def test_an_edited_cell_keeps_its_id_and_loses_its_output():
    old = ran(FIRST)
    new = text.to_notebook(FIRST.replace("ones(3)", "ones(4)"), old)
    assert [cell.id for cell in new.cells] == [cell.id for cell in old.cells]
    assert new.cells[-1].outputs == [] and new.cells[-1].execution_count is None
    assert new.cells[-2].outputs == old.cells[-2].outputs


def test_inserted_and_removed_cells_leave_the_others_alone():
    old = ran(FIRST)
    extra = "```{code-cell}\n1 + 1\n```\n\n"
    new = text.to_notebook(FIRST.replace("## Boxes", "## Boxes\n\n" + extra), old)
    kept = {cell.source: cell.id for cell in old.cells}
    assert all(kept.get(c.source, c.id) == c.id for c in new.cells)
    assert len({cell.id for cell in new.cells}) == len(new.cells) == len(old.cells) + 2
    back = text.to_notebook(FIRST, new)
    assert [cell.source for cell in back.cells] == [cell.source for cell in old.cells]


def test_a_moved_cell_keeps_its_id():
    source = "\n\n".join(f"```{{code-cell}}\nx = {i}\n```" for i in range(5))
    old = ran(source)
    cells = source.split("\n\n")
    new = text.to_notebook("\n\n".join([cells[4], *cells[:4]]), old)
    assert {c.source: c.id for c in new.cells} == {c.source: c.id for c in old.cells}


def test_equal_cells_get_different_ids():
    new = text.to_notebook("```{code-cell}\nx = 1\n```\n\n```{code-cell}\nx = 1\n```\n")
    assert len({cell.id for cell in new.cells}) == 2


def test_cells_are_formatted_on_the_way():
    new = text.to_notebook(
        "```{code-cell}\nx=[1,2]\n```\n\n```{code-cell}\n%time x\n```\n"
    )
    assert [cell.source for cell in new.cells] == ["x = [1, 2]", "%time x"]


def test_normal_form_drops_noise_and_keeps_outputs():
    notebook = ran(FIRST)
    noisy = nbformat.from_dict(notebook)
    noisy.metadata["widgets"] = {"x": 1}
    noisy.cells[-1].metadata["execution"] = {"iopub.execute_input": "2026"}
    noisy.cells[-1].metadata["collapsed"] = True
    noisy.cells[-1].execution_count = 77
    pieces = [
        nbformat.v4.new_output("stream", text=part) for part in ("output", " 2\n")
    ]
    noisy.cells[-1].outputs = pieces
    assert notebooks.text(noisy) == notebooks.text(notebook)


def test_pictures_keep_their_size():
    picture = nbformat.v4.new_output("display_data", {"image/png": "aGk="})
    picture.metadata = {
        "image/png": {"width": 400, "height": 90},
        "needs_background": "x",
    }
    notebook = ran(FIRST)
    notebook.cells[-1].outputs = [picture]
    kept = notebooks.normalise(notebook).cells[-1].outputs[0].metadata
    assert kept == {"image/png": {"width": 400, "height": 90}}


def test_paths_of_kernels_and_stages_are_no_output():
    line = "/tmp/minikeras-0/0123456789abcdef/minikeras/core/a.py and /tmp/ipykernel_7/12.py"
    assert notebooks.without_paths(line) == "minikeras/core/a.py and cell.py"


# -- twins on disk ---------------------------------------------------------------------


@pytest.fixture
def twin(shelf):
    shelf.slugs.append("arrays/one")
    shelf.list_chapters()
    path = shelf.book.twin("arrays/one")
    path.parent.mkdir(parents=True)
    path.write_text(FIRST)
    chapter.build(shelf.book, "arrays/one", run=False)
    return shelf, path


def test_build_makes_notebook_box_and_package(twin):
    shelf, _ = twin
    notebook = notebooks.read(shelf.book.notebook("arrays/one"))
    assert [cell.id for cell in notebook.cells][1] == "box"
    assert "`Tensor`, `ones`" in notebook.cells[1].source
    assert notebook.cells[-3].metadata.tags == ["hide-input", "bootstrap"]
    assert "class Tensor" in shelf.text("core/tensor.py")


def test_building_twice_changes_nothing(twin):
    shelf, _ = twin
    before = shelf.book.notebook("arrays/one").read_bytes()
    chapter.build(shelf.book, "arrays/one", run=False)
    assert shelf.book.notebook("arrays/one").read_bytes() == before


def test_edits_of_the_notebook_survive_an_unedited_twin(twin):
    shelf, path = twin
    notebook = notebooks.read(shelf.book.notebook("arrays/one"))
    notebook.cells[-1].source = "print(ones(9)._data)"
    notebooks.write(shelf.book.notebook("arrays/one"), notebook)
    chapter.build(shelf.book, "arrays/one", run=False)
    assert "ones(9)" in shelf.book.notebook("arrays/one").read_text()
    chapter.to_twin(shelf.book, "arrays/one")
    assert "ones(9)" in path.read_text()


def test_edits_on_both_sides_are_a_conflict(twin):
    shelf, path = twin
    notebook = notebooks.read(shelf.book.notebook("arrays/one"))
    notebook.cells[-1].source = "print(ones(9)._data)"
    notebooks.write(shelf.book.notebook("arrays/one"), notebook)
    path.write_text(FIRST.replace("ones(3)", "ones(4)"))
    with pytest.raises(chapter.Conflict, match="both the notebook and"):
        chapter.build(shelf.book, "arrays/one", run=False)
    with pytest.raises(chapter.Conflict, match="edits that were not built"):
        chapter.to_twin(shelf.book, "arrays/one")
    chapter.to_twin(shelf.book, "arrays/one", force=True)
    assert "ones(9)" in path.read_text()
