"""Generated from book/graphs/autograph.ipynb. Edit the chapter, not this file."""

import ast

from minikeras.graph.autograph.names import Names, parameters


class Alive:
    """Which names will still be read, at each place of a function.

    Its choices and loops get an attribute `flows`: the names that they bind and that
    somebody reads afterwards, or in the next round.
    """

    def __init__(self, function):
        self.names = names = Names(*function.body)
        names.binds |= parameters(function)
        attributes = {name for name in names.binds if "." in name}
        self.everything = names.reads | names.binds
        self.always = names.kept | names.outside | attributes
        self.block(function.body, set())

    def block(self, statements, after):
        """What is alive before statements, if `after` is alive behind them."""
        for node in reversed(statements):
            rule = ALIVE.get(type(node), _before_plain)
            after = rule(self, node, after | self.always) | self.always
        return after


def _before_plain(alive, node, after):
    """A statement with none inside: what it assigns to need not be there before."""
    targets = getattr(node, "targets", [])
    if isinstance(node, ast.AnnAssign) and node.value:
        targets = [node.target]
    return (after - Names(*targets).binds) | Names(node).reads


def flowing(alive, node, after):
    """The names that a choice or a loop binds, itself or by a call, for others to read."""
    used = Names(node)
    return (used.binds | alive.names.moved(used.reads)) & after


def _before_choice(alive, node, after):
    node.flows = flowing(alive, node, after)
    ways = alive.block(node.body, after) | alive.block(node.orelse, after)
    return ways | Names(node.test).reads


def _before_loop(alive, node, after):
    walks = isinstance(node, ast.For)
    given = Names(node.target).binds if walks else set()
    head = Names(node.iter if walks else node.test).reads | set(node.stops)
    before, found = None, after | head
    while before != found:
        before = found
        found = before | (alive.block(node.body, before) - given)
    node.flows = flowing(alive, node, found)
    return found


def _before_with(alive, node, after):
    items = Names(*node.items)
    return (alive.block(node.body, after) - items.binds) | items.reads


def _before_match(alive, node, after):
    ways = [alive.block(one.body, after) for one in node.cases]
    return Names(node).reads.union(after, *ways)


def _before_try(alive, node, after):
    """From anywhere in the body a handler may be entered."""
    after = alive.block(node.finalbody, after)
    ways = [alive.block(one.body, after) for one in node.handlers]
    kinds = Names(*[one.type for one in node.handlers if one.type]).reads
    always = alive.always
    alive.always = always | kinds.union(after, *ways)
    try:
        return alive.block(node.body, alive.block(node.orelse, after))
    finally:
        alive.always = always


def _before_return(alive, node, after):
    return Names(node).reads


ALIVE = {
    ast.If: _before_choice,
    ast.While: _before_loop,
    ast.For: _before_loop,
    ast.With: _before_with,
}

ALIVE |= {
    ast.Try: _before_try,
    ast.TryStar: _before_try,
    ast.Match: _before_match,
    ast.Return: _before_return,
}
