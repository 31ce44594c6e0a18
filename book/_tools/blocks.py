"""Cutting export cells into blocks: imports, definitions, statements, extensions."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

import libcst as cst

from _tools.cells import Cell
from _tools.names import bound, needs

KEPT = "  # noqa: F401"
TOP = "import it in the form `from package.module import name`"


@dataclass
class Block:
    """One statement of a module, or one member of a class, and the cell it is from."""

    cell: Cell
    kind: str  # class, def, assign, statement
    names: list[str]
    node: cst.BaseStatement
    needs: dict[str, dict[str, int]]
    line: int
    extends: str | None = None
    members: list[Block] = field(default_factory=list)
    local: list[str] = field(default_factory=list)  # imports its functions make

    @property
    def name(self) -> str:
        return self.names[0] if self.names else ""

    def error(self, name_or_line, problem, fix):
        line = name_or_line
        if isinstance(name_or_line, str):
            line = min(self.needs.get(name_or_line, {"": self.line}).values())
        return self.cell.error(line, problem, fix)


@dataclass
class Import:
    """`line` imports `name`; `module` and `attribute` say from where."""

    cell: Cell
    number: int
    name: str
    module: str
    attribute: str | None
    kept: bool = False

    @property
    def line(self) -> str:
        if self.attribute is None:
            root = self.module.split(".")[0]
            alias = "" if self.name == root else f" as {self.name}"
            return f"import {self.module}{alias}"
        alias = "" if self.name == self.attribute else f" as {self.name}"
        return f"from {self.module} import {self.attribute}{alias}"


def cut(cell: Cell) -> tuple[list[Import], list[Block]]:
    "The imports and the blocks of an export cell."
    tree = parse(cell)
    module = cst.parse_module(cell.source)
    imports, blocks = [], []
    for node, code in zip(tree.body, statements(module), strict=True):
        if isinstance(node, ast.Import | ast.ImportFrom):
            imports += read_import(cell, node, "noqa" in code_of(code))
        else:
            blocks.append(read_block(cell, node, code))
    return imports, blocks


def parse(cell: Cell) -> ast.Module:
    try:
        return ast.parse(cell.source)
    except SyntaxError as error:
        fix = "an exported cell holds plain Python only, no `%` or `!` lines"
        raise cell.error(error.lineno, f"syntax error: {error.msg}", fix) from error


def code_of(*nodes: cst.BaseStatement) -> str:
    return cst.Module(body=list(nodes)).code


def statements(module: cst.Module) -> list[cst.BaseStatement]:
    "The statements of a cell with the comments above each; directives are dropped."
    body = flat(module.body)
    if body:
        above = [line for line in module.header if not _directive(line)]
        body[0] = body[0].with_changes(leading_lines=[*above, *body[0].leading_lines])
    return body


def _directive(line: cst.EmptyLine) -> bool:
    return bool(line.comment and line.comment.value.startswith("#|"))


def flat(body) -> list[cst.BaseStatement]:
    "One statement an entry: `a = 1; b = 2` is two."
    found = []
    for node in body:
        parts = node.body if isinstance(node, cst.SimpleStatementLine) else ()
        if len(parts) < 2:
            found.append(node)
        for part in parts if len(parts) > 1 else ():
            bare = part.with_changes(semicolon=cst.MaybeSentinel.DEFAULT)
            found.append(cst.SimpleStatementLine(body=[bare]))
    return found


def read_import(cell: Cell, node, kept) -> list[Import]:
    "One `Import` a name."
    relative = isinstance(node, ast.ImportFrom) and node.level
    if relative or any(alias.name == "*" for alias in node.names):
        raise cell.error(node.lineno, "a relative or star import", TOP)
    found = []
    for alias in node.names:
        name = alias.asname or alias.name.split(".")[0]
        if isinstance(node, ast.ImportFrom):
            source = (node.module, alias.name)
        else:
            source = (alias.name, None)
        found.append(Import(cell, node.lineno, name, *source, kept))
    return found


def read_block(cell: Cell, node, code) -> Block:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        owner = _owner(cell, node)
        if owner:
            return _extension(cell, node, code, owner)
    if isinstance(node, ast.ClassDef):
        return _class(cell, node, code)
    names = sorted(bound([node]))
    if isinstance(node, ast.AugAssign):
        names = [name for name in names if not isinstance(node.target, ast.Name)]
    return Block(cell, _kind(node), names, code, needs(node), node.lineno)


def _kind(node) -> str:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return "def"
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return "assign"
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        return "assign" if isinstance(node.targets[0], ast.Name) else "statement"
    return "statement"


def _class(cell: Cell, node: ast.ClassDef, code: cst.ClassDef) -> Block:
    "A class is its header and its members, so that later cells can add some."
    if isinstance(code.body, cst.SimpleStatementSuite):
        line = cst.SimpleStatementLine(body=code.body.body)
        code = code.with_changes(body=cst.IndentedBlock(body=[line]))
    members = [
        _member(cell, part, inner)
        for part, inner in zip(node.body, flat(code.body.body), strict=True)
    ]
    head = [*node.decorator_list, *node.bases, *(word.value for word in node.keywords)]
    wanted = needs(*(ast.Expr(value) for value in head))
    return Block(cell, "class", [node.name], code, wanted, node.lineno, members=members)


def _member(cell: Cell, node, code) -> Block:
    return Block(
        cell, _kind(node), sorted(bound([node])), code, needs(node), node.lineno
    )


def _owner(cell: Cell, node) -> str | None:
    "The class that `@extends(Class)` names, or None."
    for decorator in filter(_extends, node.decorator_list):
        if len(decorator.args) == 1 and isinstance(decorator.args[0], ast.Name):
            return decorator.args[0].id
        fix = "write `@extends(Tensor)`, with the name of one class"
        raise cell.error(decorator.lineno, "`@extends` needs one class", fix)
    return None


def _extends(decorator) -> bool:
    called = isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name)
    return called and decorator.func.id == "extends"


def _extension(cell: Cell, node, code, owner) -> Block:
    "A member of a class that an earlier cell defines."
    if isinstance(node, ast.ClassDef):
        fix = "extend with functions; a class attribute belongs in the class statement"
        raise cell.error(node.lineno, f"a class cannot extend `{owner}`", fix)
    for part in ast.walk(node):
        _forbid(cell, part, owner)
    if "super" in cell.source:
        code = code.with_changes(body=code.body.visit(BareSuper(owner, node)))
    node.decorator_list = [d for d in node.decorator_list if not _extends(d)]
    kept = [d for d in code.decorators if not decoration(d).startswith("extends(")]
    above = [line for d in code.decorators if d not in kept for line in d.leading_lines]
    kept = [_without_owner(decorator, owner) for decorator in kept]
    code = code.with_changes(
        decorators=kept, leading_lines=[*code.leading_lines, *above]
    )
    return Block(cell, "def", [node.name], code, needs(node), node.lineno, owner)


class BareSuper(cst.CSTTransformer):
    "Inside the class `super(Tensor, self)` is spelled `super()`."

    def __init__(self, owner: str, method: ast.FunctionDef):
        first = method.args.args[0].arg if method.args.args else ""
        self.long = cst.parse_expression(f"super({owner}, {first})")

    def visit_FunctionDef(self, node) -> bool:
        return False  # an inner function has another first argument

    visit_Lambda = visit_ListComp = visit_SetComp = visit_FunctionDef
    visit_DictComp = visit_GeneratorExp = visit_FunctionDef

    def leave_Call(self, original_node, updated_node):
        same = original_node.deep_equals(self.long)
        return updated_node.with_changes(args=[]) if same else updated_node


def decoration(decorator: cst.Decorator) -> str:
    return cst.Module(body=[]).code_for_node(decorator.decorator)


def _without_owner(decorator: cst.Decorator, owner: str) -> cst.Decorator:
    "Inside the class `@Variable.value.setter` is spelled `@value.setter`."
    code = decoration(decorator)
    if not code.startswith(f"{owner}."):
        return decorator
    inner = cst.parse_expression(code.removeprefix(f"{owner}."))
    return decorator.with_changes(decorator=inner)


def _forbid(cell: Cell, part, owner):
    "What works inside a class body only, and so would fail in the notebook."
    if isinstance(part, ast.Call) and ast.unparse(part) == "super()":
        fix = f"write `super({owner}, self)`, or define the method in the class"
        problem = "`super()` without arguments in an extension"
        raise cell.error(part.lineno, problem, fix)
    name = getattr(part, "attr", "") if isinstance(part, ast.Attribute) else ""
    if name.startswith("__") and not name.endswith("__"):
        problem = f"`{name}` would be mangled in the class, and is not in the notebook"
        raise cell.error(part.lineno, problem, "use one leading underscore")
