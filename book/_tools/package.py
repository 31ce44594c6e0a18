"""Placing blocks: which module holds what, which class gets which member."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

import libcst as cst

from _tools.blocks import Block, Import, cut, decoration, read_import
from _tools.cells import Cell, Chapter, ExportError

REPEATABLE = ("setter", "deleter", "getter", "overload", "register")


@dataclass
class Module:
    target: str
    position: int  # in reading order, of its first block
    blocks: list[Block] = field(default_factory=list)
    imports: dict[str, list] = field(default_factory=dict)  # line: [slug, note only]

    @property
    def dotted(self) -> str:
        return dotted(self.target)

    def defines(self, name: str) -> Block | None:
        return next((block for block in self.blocks if name in block.names), None)

    @property
    def chapters(self) -> list[str]:
        return list(dict.fromkeys(piece.cell.slug for piece in pieces(self)))


@dataclass
class Package:
    """Everything the chapters export, in reading order."""

    order: list[str]
    chapters: list[Chapter]
    modules: dict[str, Module] = field(default_factory=dict)
    public: dict[str, tuple[str, str]] = field(default_factory=dict)
    imports: dict[tuple[str, str], list[Import]] = field(default_factory=dict)
    prerequisites: dict[str, list[str]] = field(default_factory=dict)
    late: list[ExportError] = field(default_factory=list)  # cells that look ahead


def dotted(target: str) -> str:
    return "minikeras." + target.removesuffix(".py").replace("/", ".")


def pieces(module: Module):
    "Blocks and class members of a module, all of them."
    for block in module.blocks:
        yield block
        yield from block.members


def assemble(order: list[str], chapters: list[Chapter]) -> Package:
    package = Package(order, chapters)
    for chapter in chapters:
        for cell in chapter.cells:
            if cell.target is None:
                package.imports[cell.slug, cell.id] = loose_imports(cell)
                continue
            package.imports[cell.slug, cell.id], blocks = cut(cell)
            for block in blocks:
                module = module_of(package, cell.target)
                place(module, block, package)
                publish(package, module, block)
    check_rooms(package)
    return package


def module_of(package: Package, target: str) -> Module:
    if target not in package.modules:
        package.modules[target] = Module(target, len(package.modules))
    return package.modules[target]


def loose_imports(cell: Cell) -> list[Import]:
    "What a cell that stays in the book imports; such a cell may hold anything."
    try:
        body = ast.parse(cell.source).body
        found = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
        return [one for node in found for one in read_import(cell, node, False)]
    except (SyntaxError, ExportError):
        return []


def place(module: Module, block: Block, package: Package):
    if block.extends:
        extend(module, block, package)
        return
    for name in block.names:
        before = module.defines(name)
        if before and name != "_" and not (repeats(block) or repeats(before)):
            raise block.error(
                block.line,
                f"`{name}` is already defined in {module.target}, by {where(before)}",
                "choose another name, or extend it; later chapters never redefine",
            )
    module.blocks.append(block)


def where(block: Block) -> str:
    return f"book/{block.cell.slug}.ipynb, cell {block.cell.id}"


def repeats(block: Block) -> bool:
    "A setter or an overload bears a name that is there already."
    decorators = getattr(block.node, "decorators", ())
    codes = (decoration(decorator).split("(")[0] for decorator in decorators)
    return any(code.split(".")[-1] in REPEATABLE for code in codes)


def extend(module: Module, block: Block, package: Package):
    "Put the function into the body of its class, beside one of the same name."
    owner = module.defines(block.extends)
    if owner is None or owner.kind != "class":
        raise block.error(block.line, *_no_class(module, block, package))
    names = [name for member in owner.members for name in member.names]
    if block.name in names and not repeats(block):
        before = next(m for m in owner.members if block.name in m.names)
        raise block.error(
            block.line,
            f"`{block.extends}.{block.name}` is already defined by {where(before)}",
            "choose another name; later chapters never redefine",
        )
    if block.name in names:
        last = max(i for i, m in enumerate(owner.members) if block.name in m.names)
        owner.members.insert(last + 1, block)
    else:
        owner.members.append(block)


def _no_class(module: Module, block: Block, package: Package):
    problem = f"`@extends({block.extends})`, but {module.target} has no such class"
    others = [m.target for m in package.modules.values() if m.defines(block.extends)]
    if others:
        return problem, f"the class lives in {others[0]}: export this cell there"
    return (
        f"{problem} (yet)",
        "define the class in an earlier cell, or move this cell below it",
    )


def publish(package: Package, module: Module, block: Block):
    if block.extends or block.kind not in ("class", "def", "assign"):
        return
    for namespace in block.cell.namespaces:
        room = "minikeras" + ("" if namespace == "." else f".{namespace}")
        full = f"{room}.{block.name}"
        if block.name.startswith("_"):
            continue
        before = package.public.get(full)
        if before and before != (module.target, block.name):
            raise block.error(
                block.line,
                f"`{full}` is already published, from {before[0]}",
                "publish each name once in each namespace",
            )
        if room != module.dotted:
            package.public[full] = (module.target, block.name)


def check_rooms(package: Package):
    "A module is its own namespace, and no name may hide a module beside it."
    modules = {module.dotted: module for module in package.modules.values()}
    for name in modules:
        parents = [m for m in modules if name.startswith(f"{m}.")]
        if parents:
            block = modules[name].blocks[0]
            problem = f"{modules[parents[0]].target} is a module and a folder"
            raise block.error(1, problem, "use another target for one of them")
    for full, (target, name) in package.public.items():
        block = package.modules[target].defines(name)
        room = full.rpartition(".")[0]
        if room in modules:
            problem = f"`{full}` is published, but {modules[room].target} is a module"
            fix = f"export the cell to {modules[room].target}, or make it a folder"
            raise block.error(block.line, problem, fix)
        if full in modules:
            problem = f"`{full}` would hide the module {modules[full].target}"
            raise block.error(block.line, problem, "rename the module or the name")


def body_of(block: Block) -> cst.BaseStatement:
    "The statement as it stands in the module: with members and local imports."
    if block.kind != "class":
        return with_local_imports(block.node, block.local)
    members = [body_of(member) for member in block.members]
    inner = block.node.body.with_changes(body=members)
    return block.node.with_changes(body=inner)


def with_local_imports(node, lines: list[str]):
    "A function that imports, when called, what cannot be imported at the top."
    if not lines:
        return node
    body = list(node.body.body)
    docstring = node.get_docstring() is not None
    new = [cst.parse_statement(line) for line in lines]
    body[docstring:docstring] = new
    return node.with_changes(body=node.body.with_changes(body=body))
