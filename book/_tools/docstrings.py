r"""Docstrings in the house style, made safe to read as reStructuredText.

Ours are plain text for people who call `help`: formulas such as `x * y`, shapes
such as `f32[batch, n]`, names in backquotes. Read as markup, a lone `*` or `|`
would be an error. So: what stands in backquotes becomes a literal, everything else
is escaped, aligned or indented lines are kept as they are, and examples (`>>>`)
stay examples.
"""

from __future__ import annotations

import re

MARKUP = re.compile(r"([\\*|]|_(?!\w)|\b_+(?=\w)|`)")
ITEM = re.compile(r"([A-Za-z_][\w, ]*): (?=\S)")
NEXT = re.compile(r"(?<=\.) (?=[A-Za-z_]\w*(?:, [a-z_]\w*)*: \S)")  # one more on a line


def as_rst(text: str, inline: bool = False) -> str:
    """The docstring as reStructuredText; inline: as one line without blocks."""
    if inline:
        return literals(" ".join(text.split()))
    blocks = re.split(r"\n\s*\n", text.strip("\n"))
    return "\n\n".join(block_as_rst(block) for block in blocks)


def block_as_rst(block: str) -> str:
    lines = block.split("\n")
    if lines[0].lstrip().startswith(">>>"):
        return block
    if any(line.startswith(" ") or "  " in line.strip() for line in lines):
        return "::\n\n" + "\n".join("    " + line for line in lines)
    if all(line.startswith(("- ", "* ")) for line in lines):
        return "\n".join("* " + literals(line[2:]) for line in lines)
    if len(lines) > 1 and ITEM.match(lines[0]):
        return items_as_rst(lines)
    return "\n".join(map(literals, lines))


def items_as_rst(lines: list[str]) -> str:
    """Lines such as `axis: which axis to sum` become a list; others continue one.

    A sentence of that form begins an item of its own, wherever it stands in a line.
    """
    items = []
    for part in (part for line in lines for part in NEXT.split(line)):
        line = f"  {part}"
        if match := ITEM.match(part):
            names = match[1] if match[1][0].isupper() else f"`{match[1]}`"
            line = f"* {names}: {part[match.end() :]}"
        items.append(line[:2] + literals(line[2:]))
    return "\n".join(items)


def literals(line: str) -> str:
    """Escape a line of text, except what is in backquotes, which is set as code."""
    parts = re.split(r"(``[^`]+``|:[a-z:]+:`[^`]+`|`[^`]+`)", line)
    for i, part in enumerate(parts):
        if i % 2 == 0:
            parts[i] = MARKUP.sub(r"\\\1", part)
        elif not part.startswith((":", "``")):
            parts[i] = f"`{part}`"
    return "".join(parts)
