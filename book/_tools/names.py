"""Which outside names a piece of code needs, and when it needs them.

NOW: while the module is being imported. LATER: when a function is called.
NOTE: only in an annotation, which generated modules never evaluate.
"""

from __future__ import annotations

import ast

NOW, LATER, NOTE = "now", "later", "note"
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
NAMED = (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def bound(nodes) -> set[str]:
    "Names that these statements bind in their own scope."
    names = set()
    for node in nodes:
        _bind(node, names)
    return names


def _bind(node, names):
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        names.add(node.name)
        return
    if isinstance(node, (ast.Lambda, *COMPREHENSIONS)):
        walruses = (n for n in ast.walk(node) if isinstance(n, ast.NamedExpr))
        names.update(walrus.target.id for walrus in walruses)
        return
    if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
        names.add(node.id)
    elif isinstance(node, ast.alias):
        names.add((node.asname or node.name).split(".")[0])
    elif isinstance(node, NAMED) and node.name:
        names.add(node.name)
    elif isinstance(node, ast.MatchMapping) and node.rest:
        names.add(node.rest)
    for child in ast.iter_child_nodes(node):
        _bind(child, names)


class Names(ast.NodeVisitor):
    "Collects {name: {when: first line}} of the names a module must provide."

    def __init__(self):
        self.found: dict[str, dict[str, int]] = {}
        self.scopes: list[set[str]] = []
        self.when = NOW

    def see(self, node, when=None):
        before, self.when = self.when, when or self.when
        for one in node if isinstance(node, list) else [node]:
            if one is not None:
                self.visit(one)
        self.when = before

    def within(self, names, node, when=None):
        self.scopes.append(names)
        self.see(node, when)
        self.scopes.pop()

    def visit_Name(self, node):
        if not any(node.id in scope for scope in self.scopes):
            self.found.setdefault(node.id, {}).setdefault(self.when, node.lineno)

    def visit_FunctionDef(self, node):
        self.see(node.decorator_list)
        arguments = self.arguments(node.args)
        self.see(node.returns, NOTE)
        outer, self.scopes = self.scopes, self.around()
        free = {n for s in ast.walk(node) if isinstance(s, ast.Global) for n in s.names}
        self.within((bound(node.body) | arguments) - free, node.body, LATER)
        self.scopes = outer

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node):
        arguments = self.arguments(node.args)
        outer, self.scopes = self.scopes, self.around()
        self.within(arguments, node.body, LATER)
        self.scopes = outer

    def arguments(self, arguments) -> set[str]:
        self.see(arguments.defaults + arguments.kw_defaults)
        every = arguments.posonlyargs + arguments.args + arguments.kwonlyargs
        every += [arguments.vararg, arguments.kwarg]
        every = [argument for argument in every if argument]
        for argument in every:
            self.see(argument.annotation, NOTE)
        return {argument.arg for argument in every}

    def around(self) -> list[set[str]]:
        "The scopes that a function body sees: all but that of its class."
        return [scope for scope in self.scopes if scope is not self.classy]

    classy: set[str] | None = None  # the scope that methods do not see

    def visit_ClassDef(self, node):
        self.see(node.decorator_list + node.bases + node.keywords)
        before, self.classy = self.classy, bound(node.body)
        self.within(self.classy, node.body)
        self.classy = before

    def visit_AnnAssign(self, node):
        self.see(node.annotation, NOTE)
        self.see([node.value])
        if not isinstance(node.target, ast.Name):
            self.see(node.target)

    def visit_AugAssign(self, node):
        if isinstance(node.target, ast.Name):
            self.visit_Name(node.target)
        else:
            self.see(node.target)
        self.see(node.value)

    def visit_comprehension_of(self, node):
        first, *rest = node.generators
        self.see(first.iter)
        targets = set()
        for generator in node.generators:
            _bind(generator.target, targets)
        parts = [generator.iter for generator in rest]
        parts += [test for generator in node.generators for test in generator.ifs]
        both = isinstance(node, ast.DictComp)
        parts += [node.key, node.value] if both else [node.elt]
        self.within(targets, parts)

    visit_ListComp = visit_SetComp = visit_comprehension_of
    visit_DictComp = visit_GeneratorExp = visit_comprehension_of


def needs(*nodes: ast.stmt) -> dict[str, dict[str, int]]:
    "What these statements need from outside: {name: {when: line}}."
    visitor = Names()
    for node in nodes:
        visitor.see(node)
    local = bound(node for node in nodes if not isinstance(node, ast.AugAssign))
    return {name: when for name, when in visitor.found.items() if name not in local}
