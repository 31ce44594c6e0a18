"""The map of origins (`minikeras/_origin.json`), read for the pages of the book."""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path


@dataclass
class Definition:
    """A class, function or value of the package, and the cell that it is from."""

    name: str
    kind: str  # class, def, assign
    module: str  # core/tensor.py
    chapter: str
    cell: str
    title: str  # of the chapter
    section: str
    summary: str  # the first line of the docstring
    paths: list[str] = field(default_factory=list)  # minikeras.ops.add, ...
    members: dict[str, Definition] = field(default_factory=dict)

    @property
    def home(self) -> str | None:
        """The public name under which it is documented.

        The name in a room, rather than at the top; in the room that the module is
        named after, if there is one; and the shortest.
        """
        places = dotted(self.module).split(".")
        if not self.paths:
            return None

        def order(path):
            room = path.split(".")[1:-1]
            return not room, not set(room) <= set(places), len(room), path

        return min(self.paths, key=order)

    def path(self, namespace: str) -> str:
        """Its public name in a namespace, or in one below it."""
        room = Origins.room(namespace)
        direct = f"{room}.{self.home.rpartition('.')[2]}"
        return direct if direct in self.paths else self.home

    @property
    def place(self) -> str:
        """The headings it stands under."""
        return self.title + (f", {self.section}" if self.section != self.title else "")

    def link(self) -> str:
        """A reStructuredText link to the cell, in the words of its headings."""
        place = self.place.replace("`", "").replace("<", r"\<")
        return f":ref:`{place} <cell-{self.cell}>`"


class Origins:
    """All definitions of the package."""

    def __init__(self, path: Path):
        self.path = path
        self.map = json.loads(path.read_text(encoding="utf-8"))

    @classmethod
    def read(cls, root) -> Origins:
        return cls(Path(root) / "minikeras" / "_origin.json")

    @staticmethod
    def room(namespace: str) -> str:
        return "minikeras" if namespace == "." else f"minikeras.{namespace}"

    @cached_property
    def definitions(self) -> dict[tuple[str, str], Definition]:
        """{(module, name): definition}, in the order of the modules."""
        found = {}
        for module, entry in self.map["modules"].items():
            tree = ast.parse((self.path.parent / module).read_text(encoding="utf-8"))
            for block in entry["blocks"]:
                for name in block["names"]:
                    found[module, name] = self.definition(
                        module, block, name, tree.body
                    )
        for path, (module, name) in self.map["public"].items():
            found[module, name].paths.append(path)
        for (module, name), definition in found.items():
            private = name.startswith("_") or module.startswith("_")
            if "/" not in module and not private:  # a namespace of its own
                definition.paths.append(f"minikeras.{dotted(module)}.{name}")
        return found

    def definition(self, module, block, name, body) -> Definition:
        node = next((n for n in body if getattr(n, "name", None) == name), None)
        text = (ast.get_docstring(node) or "") if node else ""
        inner = getattr(node, "body", [])
        return Definition(
            name,
            block["kind"],
            module,
            block["chapter"],
            block["cell"],
            self.map["titles"].get(block["chapter"], block["chapter"]),
            block["section"],
            text.split("\n\n")[0],
            members={
                n: self.definition(module, member, n, inner)
                for member in block["members"]
                for n in member["names"]
            },
        )

    def of(self, path: str) -> Definition | None:
        """The definition of a public name such as `minikeras.Tensor.reshape`."""
        owner, _, member = path.rpartition(".")
        for definition in self.definitions.values():
            if path in definition.paths:
                return definition
            if owner in definition.paths:
                return definition.members.get(member)
        return None

    def in_cell(self, anchor: str) -> list[Definition]:
        """The public definitions of a cell."""
        found = self.definitions.values()
        return [d for d in found if d.paths and f"cell-{d.cell}" == anchor]

    def published(self, namespace: str):
        """What a page documents: the definitions at home there, and the others."""
        room = self.room(namespace)
        inside = [
            d
            for d in self.definitions.values()
            if any(self.shown_in(path, room) for path in d.paths)
        ]
        inside.sort(key=lambda d: (d.kind != "class", d.path(namespace).lower()))
        here = [d for d in inside if self.shown_in(d.home, room)]
        return here, [d for d in inside if d not in here]

    def shown_in(self, path: str, room: str) -> bool:
        """Is this public name on the page of the room, or of a room below it?"""
        return path.rpartition(".")[0] == room or (
            room != "minikeras" and path.startswith(f"{room}.")
        )

    def by_module(self) -> dict[str, list[Definition]]:
        modules: dict[str, list[Definition]] = {}
        for (module, _), definition in self.definitions.items():
            modules.setdefault(module, []).append(definition)
        return dict(sorted(modules.items()))


def dotted(module: str) -> str:
    return module.removesuffix(".py").replace("/", ".")
