"""Generated from book/graphs/autograph.ipynb. Edit the chapter, not this file."""

import __future__

import ast
import copy
import dis
import functools
import linecache
import sys
import threading
import warnings
import weakref
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, MethodType

from minikeras.core.errors import ArgumentError
from minikeras.graph.autograph.jumps import AG, Unsupported
from minikeras.graph.autograph.repeating import BUILTINS, ag
from minikeras.graph.autograph.rewrite import rewritten
from minikeras.graph.function import frames_of_ours, rewriters

parsed = functools.lru_cache(maxsize=8)(ast.parse)


def definition(function):
    """The tree that a function was made of, and the name of the class it stands in."""
    code = function.__code__
    lines = linecache.getlines(code.co_filename, function.__globals__)
    try:
        tree = parsed("".join(lines))
    except SyntaxError:
        raise Unsupported("its source cannot be read") from None
    found = [pair for pair in definitions(tree) if fits(pair[0], code)]
    if not found:
        raise Unsupported("could not get source code")
    return min(found, key=lambda pair: extent(pair[0]))


def definitions(tree, cls=None):
    """Pairs of a definition in a tree and the name of the class around it, or None."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield node, cls
        inner = node.name if isinstance(node, ast.ClassDef) else cls
        yield from definitions(node, inner)


def fits(node, code):
    """Whether code may be that of a definition."""
    if code.co_name != getattr(node, "name", "<lambda>"):
        return False
    if isinstance(node, ast.Lambda):
        first, last = span(node.body)
        return all(first <= start and end <= last for start, end in columns(code))
    lines = [node.lineno, *(x.lineno for x in node.decorator_list)]
    return min(lines) == code.co_firstlineno


def span(node):
    """Where a node begins and ends: (line, column) of both."""
    return (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)


def extent(node):
    """How long it is, to compare by."""
    (line, column), (last, end) = span(node)
    return last - line, end - column


def columns(code):
    """Where the instructions of a code begin and end in the source."""
    for line, last, column, end in code.co_positions():
        if None not in (line, last, column, end) and (column, end) != (0, 0):
            yield (line, column), (last, end)


ANNOTATIONS = __future__.annotations.compiler_flag


def new_tree(function):
    """The definition of a function, rewritten, and the class that it stands in."""
    node, cls = definition(function)
    node = copy.deepcopy(node)
    parts = list(ast.walk(node))
    taken = {getattr(x, key, None) for x in parts for key in ("id", "arg", "name")}
    return rewritten(node, taken), cls


def compiled(function):
    """The code of a function, rewritten, at the lines of the user's file."""
    code, (node, cls) = function.__code__, new_tree(function)
    node.args.defaults, node.args.kw_defaults = [], [None] * len(node.args.kwonlyargs)
    body = [ast.Expr(node)] if isinstance(node, ast.Lambda) else [node]
    if body == [node]:
        node.decorator_list, node.returns, node.type_params = [], None, []
    if cls:  # private names are spelled by the class
        body = [ast.ClassDef(cls, [], [], body, [])]
    outer = ast.parse("def outer(): pass").body[0]
    outer.args.args = [ast.arg(name) for name in (*code.co_freevars, AG)]
    bound = {cls or code.co_name} - {*code.co_freevars, "<lambda>"}
    outer.body = [*([ast.Global([*bound])] if bound else ()), *body]
    module = ast.fix_missing_locations(ast.Module([outer], []))
    flags = code.co_flags & ANNOTATIONS
    whole = compile(module, code.co_filename, "exec", flags, dont_inherit=True)
    for _ in (outer, cls, node) if cls else (outer, node):
        whole = next(codes_in(whole))
    return whole.replace(co_qualname=code.co_qualname)


def codes_in(code):
    """All code inside code, from the outside in."""
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield one
            yield from codes_in(one)


class AutographWarning(UserWarning):
    """A function runs as it is, because its source cannot be rewritten."""


made = weakref.WeakKeyDictionary()  # code: the new code, or None if it stays

making = threading.RLock()

BRANCHES = {*dis.hasjrel, *dis.hasjabs, dis.opmap["UNARY_NOT"]}


def may_ask(code):
    """Whether bytecode branches or calls, in itself or in functions inside."""
    for line in dis.get_instructions(code):
        if line.opcode in BRANCHES or line.opname.startswith("CALL"):
            return True
    return any(may_ask(one) for one in codes_in(code))


def new_code(function):
    """The code to run in place of a function's own; its own if there is nothing to do."""
    code = function.__code__
    with making:
        if code not in made:
            new = code
            try:
                new = compiled(function) if may_ask(code) else code
            except Unsupported as reason:
                _tell(function, reason)
            for one in (new, *codes_in(new)):
                made[one] = None
            made[code] = None if new is code else new
    return made[code] or code


def _tell(function, reason):
    """Warn, once for each piece of source."""
    text = (
        f"AutoGraph could not transform {function.__qualname__} and will run it as-is"
    )
    hint = "autograph.do_not_convert, if that is as it should be"
    what = f"{text}: {reason}\n  try   {hint}"
    warnings.warn(what, AutographWarning, frames_of_ours())


LIBRARIES = {*sys.stdlib_module_names, "minikeras", "numpy", "optree", "scipy"}

LIBRARIES |= {"matplotlib", "pandas", "PIL", "h5py", "numba", "pytest", "_pytest"}


def of_user(function):
    """Whether a function is neither a library's nor of a cell that is exported."""
    module = function.__globals__.get("__name__") or ""
    first_line = linecache.getline(function.__code__.co_filename, 1)
    exported = first_line.startswith("#| export")
    return module.split(".")[0] not in LIBRARIES and not exported


def converted(f):
    """A function whose choices and loops may ask tensors; itself if it has none."""
    if isinstance(f, MethodType):
        return MethodType(converted(f.__func__), f.__self__)
    if isinstance(f, functools.partial):
        return functools.partial(converted(f.func), *f.args, **f.keywords)
    if not isinstance(f, FunctionType):
        found = callable(f) and not isinstance(f, type)
        call = type(f).__call__ if found else None
        plain = isinstance(call, FunctionType) and of_user(call)
        return MethodType(converted(call), f) if plain else f
    if f.__dict__.get("autograph") is False or not of_user(f):
        return f
    code = new_code(f)
    return f if code is f.__code__ else _with_code(f, code)


def _with_code(f, code):
    """A function with other code, and all else, cells and defaults, of this one."""
    cells = dict(zip(f.__code__.co_freevars, f.__closure__ or ()))
    cells[AG] = CellType(ag)
    closure = tuple([cells[name] for name in code.co_freevars])
    new = FunctionType(code, f.__globals__, f.__name__, f.__defaults__, closure)
    new.__kwdefaults__ = f.__kwdefaults__
    return functools.update_wrapper(new, f)


def call(f):
    """What to call in place of `f`."""
    if isinstance(f, (type, BuiltinFunctionType)):
        return BUILTINS.get(f, f)
    if getattr(f, "__module__", None) == "minikeras.ops.flow":
        return functools.partial(_calling_back, f)
    return converted(f)


def _calling_back(f, *args, **kwargs):
    """Call cond, scan and the like, with functions that are converted."""
    args = [converted(x) if callable(x) else x for x in args]
    named = {k: converted(x) if callable(x) else x for k, x in kwargs.items()}
    return f(*args, **named)


ag.call = call

rewriters.append(converted)


def to_graph(entity, recursive=True):
    """The function `entity`, rewritten; in Python it does what it always did.

    Source: chapter "Python that asks tensors".

    >>> to_graph(lambda x: x * 2)(3)
    6
    """
    return converted(getattr(entity, "python_function", entity))


def to_code(entity, recursive=True):
    """The source of the function that `to_graph` gives.

    Errors: ArgumentError (a ValueError) if it has no source, or cannot be rewritten.

    >>> print(to_code(lambda q: not q))  # doctest: +SKIP
    lambda q: ag__.not_(q)
    """
    entity = getattr(entity, "python_function", entity)
    entity = getattr(entity, "__func__", entity)
    try:
        tree, _ = new_tree(entity)
    except Unsupported as reason:
        raise ArgumentError("to_code", str(reason), repr(entity)) from None
    return ast.unparse(ast.fix_missing_locations(tree))


def do_not_convert(func=None):
    """Decorator: run a function, and what it calls, as it is.

    >>> do_not_convert(lambda x: x + 1)(1)
    2
    """
    if func is None:
        return do_not_convert

    @functools.wraps(func)
    def as_it_is(*args, **kwargs):
        return func(*args, **kwargs)

    as_it_is.autograph = False
    return as_it_is


def set_loop_options(
    parallel_iterations=None, swap_memory=None, maximum_iterations=None,
    shape_invariants=None,
):  # fmt: skip
    """Said in the body of a `for` or `while` that becomes a line: how it shall run.

    maximum_iterations: so many rounds at most. shape_invariants: pairs of a variable of
    the loop and a shape that it keeps to, None for sizes that change. The others are
    accepted. Where a loop stays Python, it changes nothing.
    Errors: ShapeError (a ValueError) if a round breaks the promise.

    >>> set_loop_options(maximum_iterations=10)
    """
