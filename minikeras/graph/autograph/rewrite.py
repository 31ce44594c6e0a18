"""Generated from book/graphs/autograph.ipynb. Edit the chapter, not this file."""

import ast

from minikeras.graph.autograph.alive import Alive
from minikeras.graph.autograph.jumps import (
    AG,
    SCOPES,
    Fresh,
    Unsupported,
    binds_inside,
    without_jumps,
)
from minikeras.graph.autograph.names import Names, body_of, parameters


class Slots(ast.NodeTransformer):
    """Puts statements and expressions in place of the names of a template."""

    def __init__(self, parts):
        self.parts = parts

    def visit_Name(self, node):
        return self.parts.get(node.id, node)

    def visit_Expr(self, node):
        """A name that stands alone may stand for several statements."""
        found = self.visit(node.value)
        if isinstance(found, list):
            return found
        return ast.copy_location(ast.Expr(found), node)


def filled(place, template, **parts):
    """The statements of a template, with parts in it, as if written at `place`."""
    tree = ast.parse(template)
    for node in ast.walk(tree):
        if hasattr(node, "lineno"):
            ast.copy_location(node, place)
    return Slots(parts).visit(tree).body


def expression(place, template, **parts):
    """The expression of a template."""
    return filled(place, template, **parts)[0].value


class Rewriting(ast.NodeTransformer):
    """Rewrites one function; those inside it are rewritten each by itself.

    taken: all names of the source. words: how the functions that we add are called.
    shared: names that parts of the function must share.
    """

    def __init__(self, taken, function):
        fresh, words = Fresh(taken), ("main", "other", "test", "round", "item")
        self.taken, self.function = taken, function
        self.words = {"ag": AG} | {word: fresh(word) for word in words}
        self.names, self.shared = Names(*body_of(function)), set()
        self.names.binds |= parameters(function)

    def visit(self, node):
        """The node as it shall be."""
        rule = REWRITE.get(type(node))
        return rule(self, node) if rule else self.generic_visit(node)

    def block(self, statements):
        """Statements that become the body of a function of its own."""
        used = Names(*statements)
        binds = {name for name in used.binds if "." not in name}
        inner, world = binds - self.names.world, binds & self.names.world
        inner |= self.names.moved(used.reads)
        self.shared |= inner
        kinds = ((ast.Nonlocal, inner), (ast.Global, world))
        found = [kind(sorted(names)) for kind, names in kinds if names]
        found = [ast.copy_location(node, statements[0]) for node in found]
        return found + self.plain(statements)

    def plain(self, statements):
        """Statements that stay where they are."""
        tree = self.generic_visit(ast.Module(statements, []))
        return tree.body

    def fill(self, place, template, **parts):
        """The statements of a template, with our words in it."""
        return filled(place, template.format(**self.words), **parts)


CHOICE = """
def {main}():
    body
def {other}():
    orelse
{ag}.if_(question, {main}, {other}, names)
"""


def _if(rewriting, node):
    """The statement if."""
    parts = {"body": rewriting.block(node.body), "orelse": [ast.Pass()]}
    if node.orelse:
        parts["orelse"] = rewriting.block(node.orelse)
    parts |= {"question": rewriting.visit(node.test), "names": listed(node.flows)}
    return rewriting.fill(node.test, CHOICE, **parts)


def listed(names):
    """The expression for a list of names."""
    return ast.parse(repr(sorted(names))).body[0].value


WHILE = """
def {test}():
    return question
def {round}():
    body
{ag}.while_({test}, {round}, names)
"""

FOR = """
def {round}({item}):
    body
{ag}.for_(rows, {round}, names, stop)
"""


def _while(rewriting, node):
    place, question, told = node.test, node.test, directives(node)
    if rewriting.names.moved(Names(question).reads):
        raise Unsupported("the question of a `while` changes names")
    if node.stops:
        asked = f"not ({' or '.join(node.stops)}) and question"
        question = expression(place, asked, question=question)
    parts = {"body": rewriting.block(node.body), "names": listed(node.flows)}
    found = rewriting.fill(place, WHILE, question=rewriting.visit(question), **parts)
    found[-1].value.args += told
    return found


def _for(rewriting, node):
    place, stop, told = node.iter, ast.Constant(None), directives(node)
    item = expression(place, rewriting.words["item"])
    first = ast.copy_location(ast.Assign([node.target], item), place)
    if node.stops:
        stop = expression(place, f"lambda: {' or '.join(node.stops)}")
    parts = {"rows": rewriting.visit(node.iter), "stop": rewriting.visit(stop)}
    parts |= {"body": rewriting.block([first, *node.body])}
    found = rewriting.fill(place, FOR, names=listed(node.flows), **parts)
    found[-1].value.args += told
    return found


def lazily(rule):
    """The rule for an expression whose parts become functions."""

    def rewrite(rewriting, node):
        found = rewriting.generic_visit(node)
        return found if binds_inside(node) else rule(node)

    return rewrite


@lazily
def _and_or(node):
    name = "and_" if isinstance(node.op, ast.And) else "or_"
    call = expression(node, f"{AG}.{name}()")
    call.args = [expression(x, "lambda: x", x=x) for x in node.values]
    return call


@lazily
def _either(node):
    parts = {"q": node.test, "x": node.body, "y": node.orelse}
    return expression(node, f"{AG}.either(q, lambda: x, lambda: y)", **parts)


@lazily
def _not(node):
    if not isinstance(node.op, ast.Not):
        return node
    return expression(node, f"{AG}.not_(x)", x=node.operand)


@lazily
def _compare(node):
    """x < y < z; a single comparison can stay."""
    if len(node.ops) == 1:
        return node
    call = expression(node, f"{AG}.compare(x)", x=node.left)
    for op, y in zip(node.ops, node.comparators):
        pair = expression(y, "(lambda x, y: x < y, lambda: right)", right=y)
        pair.elts[0].body.ops = [op]
        call.args.append(pair)
    return call


def _call(rewriting, node):
    node = rewriting.generic_visit(node)
    if isinstance(node.func, ast.Name) and node.func.id == "super":
        args = rewriting.function.args
        if not node.args:
            first = [*args.posonlyargs, *args.args][0].arg
            node.args = expression(node, f"f(__class__, {first})").args
        return node
    node.func = expression(node.func, f"{AG}.call(f)", f=node.func)
    return node


def _definition(rewriting, node):
    """A function inside, unless it cannot be rewritten or is not to be."""
    marks = [ast.unparse(x) for x in node.decorator_list]
    if any("do_not_convert" in mark for mark in marks):
        return node
    try:
        return rewritten(node, rewriting.taken)
    except Unsupported:
        return node


def _stays(rewriting, node):
    return node


REWRITE = {ast.If: _if, ast.While: _while, ast.For: _for, ast.BoolOp: _and_or}

REWRITE |= {ast.IfExp: _either, ast.UnaryOp: _not, ast.Compare: _compare}

REWRITE |= {ast.Call: _call, ast.FunctionDef: _definition}

REWRITE |= {ast.AsyncFunctionDef: _stays, ast.ClassDef: _stays}

PAUSES = (ast.Yield, ast.YieldFrom, ast.Await, ast.AsyncFor, ast.AsyncWith)


def _here(*nodes):
    """All nodes of the same scope."""
    for node in nodes:
        yield node
        if not isinstance(node, SCOPES):
            yield from _here(*ast.iter_child_nodes(node))


def rewritten(function, taken):
    """A definition whose choices and loops may ask tensors; the tree itself changes."""
    if any(isinstance(x, PAUSES) for x in _here(*body_of(function))):
        raise Unsupported("generators are not supported")
    if AG in taken:
        raise Unsupported(f"it uses the name {AG}")
    rewriting = Rewriting(taken, function)
    if isinstance(function, ast.Lambda):
        function.body = rewriting.visit(function.body)
        return function
    without_jumps(function, taken)
    Alive(function)
    body = rewriting.plain(function.body)
    now = Names(*body)
    local = rewriting.shared - now.binds - now.outside - parameters(function)
    declared = [filled(function, f"{name}: 'local'")[0] for name in sorted(local)]
    first = 1 if ast.get_docstring(function) is not None else 0
    function.body = [*body[:first], *declared, *body[first:]]
    return function


def directives(node):
    """What a loop says by `set_loop_options`, taken out: a list of one lambda, or none."""
    said = [one for one in node.body if is_directive(one)]
    node.body = [one for one in node.body if one not in said]
    if not said:
        return []
    node.body = node.body or [ast.copy_location(ast.Pass(), said[0])]
    call = said[-1].value
    for one in (*call.args, *[word.value for word in call.keywords]):
        for pair in [x for x in getattr(one, "elts", ()) if isinstance(x, ast.Tuple)]:
            pair.elts[0] = ast.copy_location(
                ast.Constant(ast.unparse(pair.elts[0])), pair
            )
    call.func = expression(call, f"{AG}.options")
    return [expression(call, "lambda: call", call=call)]


def is_directive(node):
    """Whether a statement is a call of `set_loop_options`."""
    call = node.value if isinstance(node, ast.Expr) else None
    text = ast.unparse(call.func) if isinstance(call, ast.Call) else ""
    return text.split(".")[-1] == "set_loop_options"
