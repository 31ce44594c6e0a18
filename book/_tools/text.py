"""A chapter as text and back: the twin in `.work/` that authors edit.

The notebook keeps what text cannot hold: cell ids and outputs. On the way back each
cell of the text looks for its old self in the notebook, first by equal source, then
by its place between equal neighbours.
"""

from __future__ import annotations

from difflib import SequenceMatcher

import nbformat

from _tools import style
from _tools.notebook import new_id

GENERATED = "generated-box"


def to_text(notebook) -> str:
    cells = [cell for cell in notebook.cells if not generated(cell)]
    import jupytext  # takes a second, and most commands need no text

    plain = nbformat.v4.new_notebook(cells=cells)
    plain.metadata["jupytext"] = {"notebook_metadata_filter": "-all"}
    return jupytext.writes(plain, fmt="md:myst").strip("\n") + "\n"


def to_notebook(text: str, old=None):
    "The notebook that `text` describes, with ids and outputs taken from `old`."
    import jupytext

    new = jupytext.reads(text, fmt="md:myst")
    new.cells = [c for c in new.cells if c.source.strip() and not generated(c)]
    style.tidy_cells(new.cells)
    boxes = [] if old is None else [cell for cell in old.cells if generated(cell)]
    past = [] if old is None else [cell for cell in old.cells if not generated(cell)]
    pairs = align([_key(cell) for cell in past], [_key(cell) for cell in new.cells])
    taken = {past[before].id for before in pairs.values()} | {box.id for box in boxes}
    for index, cell in enumerate(new.cells):
        if index in pairs:
            inherit(cell, past[pairs[index]])
        else:
            cell.id = _unused(new_id(cell.source), taken)
    return new


def generated(cell) -> bool:
    return GENERATED in cell.metadata.get("tags", [])


def inherit(cell, old):
    "An unchanged cell is its old self; a changed one keeps the id and must be run."
    cell.id = old.id
    if cell.cell_type == "code" and cell.source == old.source:
        cell.outputs, cell.execution_count = old.outputs, old.execution_count


def align(old: list, new: list) -> dict[int, int]:
    "Which old item each new item continues: {index in new: index in old}."
    pairs, leftover = {}, []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for kind, i, end_i, j, end_j in matcher.get_opcodes():
        if kind == "equal":
            pairs.update(zip(range(j, end_j), range(i, end_i), strict=True))
        else:
            leftover.append((list(range(i, end_i)), list(range(j, end_j))))
    free = {i for olds, _ in leftover for i in olds}
    for j in (j for _, news in leftover for j in news):  # moved, but unchanged
        match = next((i for i in sorted(free) if old[i] == new[j]), None)
        if match is not None:
            pairs[j] = match
            free.discard(match)
    for olds, news in leftover:  # edited in place: same kind, same order
        olds = [i for i in olds if i in free]
        for j in (j for j in news if j not in pairs):
            match = next((i for i in olds if old[i][0] == new[j][0]), None)
            if match is not None:
                pairs[j] = match
                olds = olds[olds.index(match) + 1 :]
    return pairs


def _key(cell):
    return cell.cell_type, cell.source.strip("\n")


def _unused(wanted: str, taken: set) -> str:
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    taken.add(name)
    return name
