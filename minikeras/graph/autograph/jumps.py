"""Generated from book/graphs/autograph.ipynb. Edit the chapter, not this file."""

import ast
import copy

JUMPS = {ast.Return: "return", ast.Break: "break", ast.Continue: "continue"}

LOOPS = (ast.While, ast.For)

SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


class Unsupported(Exception):
    """A function that must stay as it is, and why."""


def leaves(*nodes):
    """The kinds of jumps that may lead out of statements."""
    found = set()
    for node in nodes:
        if type(node) in JUMPS:
            found.add(JUMPS[type(node)])
        elif isinstance(node, LOOPS):
            found |= leaves(*node.body) & {"return"} | leaves(*node.orelse)
        elif not isinstance(node, SCOPES):
            found |= leaves(*ast.iter_child_nodes(node))
    return found


def ends(statements):
    """Whether no path leads to the end of statements."""
    return any(_ends(node) for node in statements)


def _ends(node):
    if isinstance(node, ast.If):
        return ends(node.body) and ends(node.orelse)
    return type(node) in JUMPS or isinstance(node, ast.Raise)


AG = "ag__"  # how our operators are called in what we write, as in TensorFlow

PLACES = ("lineno", "col_offset", "end_lineno", "end_col_offset")


class Fresh:
    """Gives names that are not taken."""

    def __init__(self, taken):
        self.taken = set(taken)

    def __call__(self, name):
        names = [name, *(f"{name}_{i}" for i in range(1, len(self.taken) + 2))]
        found = next(one for one in names if one not in self.taken)
        self.taken.add(found)
        return found


def at(place, node):
    """A new node, as if it were written at `place`; parts that have a place keep it."""
    for one in ast.walk(node):
        if not hasattr(one, "lineno"):
            ast.copy_location(one, place)
    return node


def source(text):
    """The expression that a text spells, written nowhere yet."""
    found = ast.parse(text, mode="eval").body
    for node in ast.walk(found):
        for name in PLACES:
            node.__dict__.pop(name, None)
    return found


def assign(place, name, value):
    """The statement name = value."""
    return at(place, ast.Assign([ast.Name(name, ast.Store())], value))


class Jumps:
    """Takes the jumps out of a function: each becomes a flag that is looked at.

    taken: names in use. asked: the flags that somebody looks at; others are not set.
    kept: the kinds of jumps that stay.
    """

    def __init__(self, taken, asked=None, kept=()):
        self.fresh, self.asked, self.kept = Fresh(taken), asked, set(kept)
        self.result, self.flags, self.seen = None, {}, set()

    def block(self, statements):
        """The same statements, without jumps."""
        done = []
        for i, node in enumerate(statements):
            rest, kinds = statements[i + 1 :], leaves(node) - self.kept
            if type(node) in JUMPS:
                return done + self.jump(node)
            joined = isinstance(node, ast.If) and kinds and join(node, rest)
            done += TAKE_OUT.get(type(node), _not_cleared)(self, node)
            if joined:
                return done
            if kinds and rest:
                return [*done, self.guard(kinds, rest)]
        return done

    def guard(self, kinds, rest):
        """The statement `if not jumped: rest`."""
        flags = [self.flags[kind] for kind in sorted(kinds)]
        body = self.block(rest) or [ast.Pass()]
        return at(rest[0], ast.If(self.none(flags), body, []))

    def none(self, flags):
        """The question whether none of some flags is set."""
        self.seen |= set(flags)
        return source(f"not ({' or '.join(flags)})")

    def jump(self, node):
        """What stands in place of a jump."""
        kind = JUMPS[type(node)]
        if kind in self.kept:
            return [node]
        marked = self.mark(node, self.flags[kind], True)
        if kind != "return":
            return marked
        return [assign(node, self.result, node.value or ast.Constant(None)), *marked]

    def mark(self, place, flag, value):
        """The statement flag = value, if anybody asks."""
        if self.asked is not None and flag not in self.asked:
            return []
        return [assign(place, flag, ast.Constant(value))]


def join(node, rest):
    """Move what follows a choice into the way that goes on, if only one does."""
    if ends(node.body):
        node.orelse += rest
    elif ends(node.orelse):
        node.body += rest
    else:
        return False
    return True


def _not_cleared(jumps, node):
    if leaves(node) - jumps.kept:
        raise Unsupported(f"it jumps out of {type(node).__name__}")
    return [node]


def _clear_blocks(jumps, node):
    """A statement with blocks, after which all goes on behind it."""
    for field in ("body", "orelse"):
        block = getattr(node, field, None)
        if block:
            setattr(node, field, jumps.block(block) or [at(node, ast.Pass())])
    return [node]


def _clear_try(jumps, node):
    """try: what stands under `else` is passed over after a jump."""
    if leaves(*node.finalbody):
        raise Unsupported("it jumps out of `finally`")
    kinds = leaves(*node.body) - jumps.kept
    if kinds and node.orelse:
        node.orelse = [jumps.guard(kinds, node.orelse)]
    for one in node.handlers:
        _clear_blocks(jumps, one)
    return _clear_blocks(jumps, node)


def _clear_match(jumps, node):
    for one in node.cases:
        _clear_blocks(jumps, one)
    return [node]


def _clear_loop(jumps, node):
    """`break` and `return` stop it, `continue` passes over the rest of a round."""
    if isinstance(node, ast.While) and binds_inside(node.test):
        _ask_inside(node)
    kinds, outer = leaves(*node.body) - jumps.kept, jumps.flags
    own = {"break": jumps.fresh("broken"), "continue": jumps.fresh("skipped")}
    jumps.flags = outer | own
    set_off = {
        kind: jumps.mark(node, flag, False) if kind in kinds else []
        for kind, flag in own.items()
    }
    body = set_off["continue"] + jumps.block(node.body)
    node.body, orelse, node.orelse = body or [at(node, ast.Pass())], node.orelse, []
    node.stops = [jumps.flags[kind] for kind in ("break", "return") if kind in kinds]
    jumps.seen |= set(node.stops)
    if node.stops and orelse:
        orelse = [at(orelse[0], ast.If(jumps.none(node.stops), orelse, []))]
    jumps.flags = outer
    return [*set_off["break"], node, *jumps.block(orelse)]


def binds_inside(expression):
    """Whether there is a := in an expression."""
    return any(isinstance(x, ast.NamedExpr) for x in ast.walk(expression))


def _ask_inside(node):
    """while (x := f()): ...  becomes  while True: if not (x := f()): break; ..."""
    if node.orelse:
        raise Unsupported("its `while` with := has an else")
    test = at(node.test, ast.UnaryOp(ast.Not(), node.test))
    node.body.insert(0, at(node.test, ast.If(test, [ast.Break()], [])))
    node.test = at(node.test, ast.Constant(True))


TAKE_OUT = {
    ast.If: _clear_blocks,
    ast.With: _clear_blocks,
    ast.Try: _clear_try,
    ast.TryStar: _clear_try,
}

TAKE_OUT |= {ast.Match: _clear_match, ast.While: _clear_loop, ast.For: _clear_loop}


def without_jumps(function, taken):
    """Rewrite a function so that choices and loops are left at their ends only."""
    ways = [way for node in function.body for way in _ways(node)]
    start = _without_returns if "return" in leaves(*ways) else _with_returns
    first = start(Jumps(taken))
    first.block(copy.deepcopy(function.body))
    jumps, whole = start(Jumps(taken, first.seen)), ends(function.body)
    place, last = function.body[0], function.body[-1]
    body = jumps.block(function.body)
    if jumps.result:
        before = jumps.mark(place, jumps.flags["return"], False)
        mark = source(f"{AG}.{'LATER' if whole else 'NOTHING'}")
        if before or not whole:
            before.append(assign(place, jumps.result, mark))
        found = jumps.result if whole else f"{AG}.given({jumps.result})"
        body = [*before, *body, at(last, ast.Return(source(found)))]
    function.body = body


def _without_returns(jumps):
    jumps.result, jumps.flags = (
        jumps.fresh("result"),
        {"return": jumps.fresh("returned")},
    )
    return jumps


def _with_returns(jumps):
    jumps.kept = {"return"}
    return jumps


def _ways(node):
    """The choices and loops in a statement, itself or inside."""
    if isinstance(node, (ast.If, *LOOPS)):
        yield node
    elif not isinstance(node, SCOPES):
        for one in ast.iter_child_nodes(node):
            yield from _ways(one)
