"""Fold the solutions of exercises, text and code together.

In a notebook an exercise is a paragraph that begins with its number in bold. Its
solution is what follows a paragraph that begins with "Solution", up to the next
exercise or section, words after its cells included. On the page all of that is one fold;
a cell tagged `hide-cell` without such a paragraph is a fold of its own.
"""

from __future__ import annotations

import re

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode

SOLUTION = re.compile(r"Solution\b")
SHOW, HIDE = "Show the solution", "Hide the solution"


def fold_solutions(app, doctree):
    """Put every solution of the page into a fold."""
    for cell in doctree.findall(nodes.container):
        if hidden(cell):
            cell["prompt_show"], cell["prompt_hide"] = SHOW, HIDE
    for first in list(doctree.findall(nodes.paragraph)):
        if SOLUTION.match(first.astext()) and first.parent is not None:
            fold(first)


def fold(first):
    """Move a solution that begins with this paragraph into one fold."""
    parent = first.parent
    start = end = parent.index(first)
    siblings = parent.children
    while end + 1 < len(siblings) and not finished(siblings[end + 1]):
        end += 1
    solution = siblings[start : end + 1]
    box = HideCodeCellNode(prompt_show=SHOW, prompt_hide=HIDE, classes=["solution"])
    box += [n for n in solution if n.astext().strip(" .:") != "Solution"]
    for cell in box.children:
        if hidden(cell):
            del cell["hide_mode"]
    parent[start : end + 1] = [box]


def finished(following) -> bool:
    """Does a solution end before this?"""
    return isinstance(following, nodes.section) or exercise(following)


def exercise(node) -> bool:
    """A paragraph that begins with something bold, the number of an exercise."""
    if not isinstance(node, nodes.paragraph):
        return False
    words = [child for child in node.children if child.astext()]
    return bool(words) and isinstance(words[0], nodes.strong)


def hidden(node) -> bool:
    return isinstance(node, nodes.container) and node.get("hide_mode") == "all"
