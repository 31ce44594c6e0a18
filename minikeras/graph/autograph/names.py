"""Generated from book/graphs/autograph.ipynb. Edit the chapter, not this file."""

import ast


class Names:
    """The names that pieces of source use in their own scope.

    reads, binds: sets of names; an attribute that is set is bound as "thing.name".
    kept: names that functions inside look up whenever they are called.
    movers: {name of a function inside: (names of ours that it binds, names it reads)}.
    outside: names declared to belong to a scope further out; world: to the module.
    """

    def __init__(self, *nodes):
        self.reads, self.binds, self.kept = set(), set(), set()
        self.outside, self.world, self.movers = set(), set(), {}
        for node in nodes:
            self.visit(node)

    def visit(self, node):
        """Add what a node uses."""
        USES.get(type(node), _parts)(self, node)

    def moved(self, reads):
        """The names that may change, by `nonlocal`, if those in `reads` are called."""
        found, seen, todo = set(), set(), set(reads)
        while todo:
            name = todo.pop()
            seen.add(name)
            moved, read = self.movers.get(name, ((), ()))
            found |= set(moved)
            todo |= set(read) - seen
        return found & (self.binds - self.outside)


def _parts(names, node):
    for part in ast.iter_child_nodes(node):
        names.visit(part)


def _name(names, node):
    loaded = isinstance(node.ctx, ast.Load)
    (names.reads if loaded else names.binds).add(node.id)


def _attribute(names, node):
    if not isinstance(node.ctx, ast.Load) and dotted(node):
        names.binds.add(dotted(node))
    names.visit(node.value)


def dotted(node):
    """The text "a.b.c" of such an expression, or None."""
    if isinstance(node, ast.Name):
        return node.id
    base = dotted(node.value) if isinstance(node, ast.Attribute) else None
    return base and f"{base}.{node.attr}"


def _augmented(names, node):
    """x += 1 reads x, too."""
    if isinstance(node.target, ast.Name):
        names.reads.add(node.target.id)
    _parts(names, node)


def _declared(names, node):
    """global and nonlocal."""
    names.outside |= set(node.names)
    if isinstance(node, ast.Global):
        names.world |= set(node.names)


def _named(names, node):
    """What carries the name that it binds, such as `except ... as name`."""
    if node.name:
        names.binds.add(node.name)
    _parts(names, node)


def _imported(names, node):
    for one in node.names:
        names.binds.add(one.asname or one.name.split(".")[0])


def _mapping(names, node):
    """A pattern for a dictionary, {"a": x, **rest}."""
    if node.rest:
        names.binds.add(node.rest)
    _parts(names, node)


def parameters(function):
    """The names of the parameters of a function."""
    args = function.args
    several = [*args.posonlyargs, *args.args, *args.kwonlyargs]
    several += filter(None, [args.vararg, args.kwarg])
    return {one.arg for one in several}


def body_of(function):
    """The statements of a definition; of a lambda, its expression."""
    return function.body if isinstance(function.body, list) else [function.body]


def _function(names, node):
    """A function inside: what it does not bind itself, it looks up here, later."""
    if not isinstance(node, ast.Lambda):
        names.binds.add(node.name)
    outer = [*getattr(node, "decorator_list", ()), *node.args.defaults]
    for one in (*outer, *filter(None, node.args.kw_defaults)):
        names.visit(one)
    inner = Names(*body_of(node))
    own = (inner.binds - inner.outside) | parameters(node)
    wanted = (inner.reads | inner.kept | inner.outside) - own
    names.reads |= wanted
    names.kept |= wanted
    if not isinstance(node, ast.Lambda):
        moved = set().union(
            inner.outside, *[found for found, _ in inner.movers.values()]
        )
        names.movers[node.name] = moved - inner.world - own, wanted


def _class(names, node):
    names.binds.add(node.name)
    inner = Names(*node.decorator_list, *node.bases, *node.body)
    names.reads |= inner.reads | inner.kept
    names.kept |= inner.kept


def _comprehension(names, node):
    names.visit(node.generators[0].iter)
    own = Names(*[one.target for one in node.generators]).binds
    inner = Names(*ast.iter_child_nodes(node))
    names.reads |= inner.reads - own
    names.binds |= inner.binds - own
    names.kept |= inner.kept - own
    if isinstance(node, ast.GeneratorExp):
        names.kept |= inner.reads - own


USES = {
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.AugAssign: _augmented,
    **dict.fromkeys([ast.Global, ast.Nonlocal], _declared),
    **dict.fromkeys([ast.ExceptHandler, ast.MatchAs, ast.MatchStar], _named),
    **dict.fromkeys([ast.Import, ast.ImportFrom], _imported),
    ast.MatchMapping: _mapping,
    **dict.fromkeys([ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda], _function),
    ast.ClassDef: _class,
    **dict.fromkeys([ast.ListComp, ast.SetComp, ast.DictComp], _comprehension),
    ast.GeneratorExp: _comprehension,
}
