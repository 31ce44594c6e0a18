"""The generated box at the start of each chapter: what we have, what we build."""

from __future__ import annotations

import ast
import os

import nbformat

from _tools.text import GENERATED, generated

SHOWN = 8  # names of a module listed before "and n more"


def put(slug: str, notebook, found: dict, texts: dict[str, str]):
    "Write the chapter's box below its title, in place of the one that is there."
    cells = [cell for cell in notebook.cells if not generated(cell)]
    title = next((i for i, c in enumerate(cells) if c.cell_type == "markdown"), -1)
    box = nbformat.v4.new_markdown_cell(
        write(slug, found, texts), id="box", metadata={"tags": [GENERATED]}
    )
    notebook.cells = [*cells[: title + 1], box, *cells[title + 1 :]]


def write(slug: str, found: dict, texts: dict[str, str]) -> str:
    "The box as MyST text. `found` is the map of origins, `texts` the package."
    parts = ["::::{admonition} In this chapter", ":class: chapter-box", ""]
    parts += have(slug, found)
    built = build(slug, found, texts)
    if built:
        parts += ["", "**We build**", "", *built]
    for name, module in found["modules"].items():
        for block in module["blocks"]:
            parts += growth(slug, name, block, texts[name], found["chapters"])
    return "\n".join([*parts, "::::"])


def have(slug: str, found: dict) -> list[str]:
    earlier = found["prerequisites"].get(slug, [])
    links = [
        f"[{found['titles'][other]}]({link(slug, other)})"
        for other in earlier
        if other in found["titles"]
    ]
    return ["**We have** " + (", ".join(links) or "Python and NumPy")]


def link(slug: str, other: str) -> str:
    return os.path.relpath(f"{other}.ipynb", os.path.dirname(slug)).replace(os.sep, "/")


def build(slug: str, found: dict, texts: dict[str, str]) -> list[str]:
    "One line a module: how many lines it gains, and the names."
    items = []
    for name, module in found["modules"].items():
        lines = added(slug, module, texts[name])
        if not lines:
            continue
        names = [one for one in gained(slug, module) if not private(one)]
        listed = ", ".join(f"`{one}`" for one in names[:SHOWN])
        if len(names) > SHOWN:
            listed += f" and {len(names) - SHOWN} more"
        new = "new, " if module["blocks"][0]["chapter"] == slug else "+"
        share = f"{new}{lines} line{'s' * (lines > 1)}"
        items.append(f"- `{name}` ({share})" + (f": {listed}" if listed else ""))
    return items


def private(name: str) -> bool:
    return name.split(".")[-1].startswith("_")


def added(slug: str, module: dict, text: str) -> int:
    "How many lines of the module come from the chapter; blank ones do not count."
    owner = {}
    for block in module["blocks"]:
        for part in (block, *block["members"]):
            lines = range(part["start"], part["end"] + 1)
            owner.update(dict.fromkeys(lines, part["chapter"]))
    lines = text.splitlines()
    return sum(who == slug and bool(lines[n - 1].strip()) for n, who in owner.items())


def gained(slug: str, module: dict) -> list[str]:
    "Names of the module that the chapter defines; methods of earlier classes too."
    names = []
    for block in module["blocks"]:
        if block["chapter"] == slug:
            names += block["names"]
            continue
        members = [m for m in block["members"] if m["chapter"] == slug]
        names += dict.fromkeys(f"{block['name']}.{m['name']}" for m in members)
    return names


def growth(slug, file, block: dict, text: str, chapters: list[str]) -> list[str]:
    "A fold with the diff of a class of an earlier chapter that grows here."
    methods = [m for m in block["members"] if m["kind"] == "def"]
    ours = [m for m in methods if m["chapter"] == slug]
    if not ours or block["chapter"] == slug:
        return []
    before, after = methods_at(slug, block, chapters)
    lines = [f"+     {line}" for member in ours for line in signature(member, text)]
    return [
        "",
        f":::{{dropdown}} `{block['name']}`: {before} → {after} methods",
        "```diff",
        f"  class {block['name']}:  # {file}",
        *lines,
        "```",
        ":::",
    ]


def methods_at(slug: str, block: dict, chapters: list[str]) -> tuple[int, int]:
    "How many methods the class has before and after the chapter."
    now = chapters.index(slug)
    methods = [m for m in block["members"] if m["kind"] == "def"]
    past = {m["name"] for m in methods if chapters.index(m["chapter"]) < now}
    ours = {m["name"] for m in methods if m["chapter"] == slug}
    return len(past), len(past | ours)


def signature(member: dict, text: str) -> list[str]:
    "The decorators and the `def` line of a method."
    lines = text.splitlines()[member["start"] - 1 : member["end"]]
    node = ast.parse("\n".join(["class C:", *lines])).body[0].body[0]
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    kind = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    head = f"{kind} {node.name}({ast.unparse(node.args)}){returns}"
    return [*(f"@{ast.unparse(d)}" for d in node.decorator_list), head]
