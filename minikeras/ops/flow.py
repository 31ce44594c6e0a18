"""Generated from
book/graphs/choices.ipynb
book/graphs/loops.ipynb

Edit the chapter, not this file.
"""

import functools

from minikeras.core.errors import ArgumentError, DTypeError, ShapeError
from minikeras.core.infer import Symbol, eval_spec
from minikeras.core.nest import flatten, map_structure
from minikeras.core.specs import known_spec
from minikeras.core.tensor import Tensor, convert
from minikeras.graph.choices import choose, joint
from minikeras.graph.loops import fold, loop, pair, rows_of
from minikeras.graph.program import writer
from minikeras.ops.core import cast
from minikeras.ops.creation import zeros
from minikeras.ops.joining import concatenate, stack
from minikeras.ops.public import recorder_in
from minikeras.ops.shaping import flip, moveaxis, reshape


def calling_back(function):
    """For a public function that calls functions of the user: their errors are theirs.

    Like every public operation it is recorded if a symbol of a model is among its
    arguments.
    """

    @functools.wraps(function)
    def call(*args, **kwargs):
        recorder = recorder_in((*args, *kwargs.values()))
        if recorder is not None:
            return recorder.record(call, args, kwargs)
        return function(*args, **kwargs)

    return call


def one_number(op, x, kind):
    """The number to choose by: an int if it is known now, else an int32 tensor.

    kind: `bool` or `int`, what the number means.
    """
    x = convert(x)
    if x.ndim:
        hint = "ops.where, which chooses for each element"
        raise ShapeError(op, "one number is needed to choose by", str(x.spec), hint)
    if x.__class__ is Tensor:
        return int(kind(x.numpy()))
    return cast(cast(x, "bool") if kind is bool else x, "int32")


def check_callable(op, **functions):
    """Raise a TypeError for what cannot be called."""
    for name, given in functions.items():
        if not callable(given):
            raise DTypeError(op, f"`{name}` should be a callable", repr(given))


@calling_back
def cond(pred, true_fn, false_fn):
    """true_fn() if `pred`, else false_fn(): one of them runs.

    pred: one truth value; numbers are true if they are not 0. In a graph both
    functions are traced, and must return the same structure, dtypes and ranks.
    Errors: ShapeError if `pred` has axes; DTypeError, ShapeError if the results
    differ. Source: chapter "Choices".

    >>> float(cond(True, lambda: 1.0, lambda: 2.0))
    1.0
    """
    check_callable("cond", true_fn=true_fn, false_fn=false_fn)
    index = one_number("cond", pred, bool)
    return choose("cond", index, [false_fn, true_fn], ["else", "main"])


@calling_back
def switch(index, branches, *operands):
    """branches[index](*operands); an index out of range takes the nearest branch.

    Errors: as `cond`; ArgumentError (a ValueError) if there are no branches.

    >>> int(switch(1, [lambda x: x + 1, lambda x: 10 * x], 5))
    50
    """
    check_callable("switch", **{f"branches[{i}]": b for i, b in enumerate(branches)})
    if not branches:
        raise ArgumentError("switch", "there must be at least one branch")
    functions = [functools.partial(branch, *operands) for branch in branches]
    names = [f"branch_{i}" for i in range(len(branches))]
    return choose("switch", one_number("switch", index, int), functions, names)


def only_specs(*nests):
    """Whether a shape computation asks: there are symbols, and no graph is written."""
    return writer() is None and any(isinstance(x, Symbol) for x in flatten(nests))


def _while_now(test, body, values, limit):
    """The loop in Python, for tensors; for symbols the spec after a round."""
    values = map_structure(convert, values)
    if only_specs(values):
        after = map_structure(convert, body(values))
        return map_structure(lambda x, z: Symbol(joint(x.spec, z.spec)), values, after)
    rounds = 0
    while (limit is None or rounds < limit) and test(values):
        values, rounds = map_structure(convert, body(values)), rounds + 1
    return values


@calling_back
def while_loop(cond, body, loop_vars, maximum_iterations=None):
    """loop_vars = body(*loop_vars), as long as cond(*loop_vars) is true.

    loop_vars: a tuple or list of values or nests, or one value. In a graph the
    structure, dtypes and ranks must stay, and sizes that change become unknown.
    maximum_iterations: at most so many rounds; a number, or a tensor of one.
    Errors: DTypeError, ShapeError if they do not. Source: chapter "Loops".

    >>> int(while_loop(lambda n: n < 50, lambda n: 2 * n, 1))
    64
    """
    check_callable("while_loop", cond=cond, body=body)
    several = isinstance(loop_vars, (tuple, list))
    start = tuple(loop_vars) if several else (loop_vars,)

    def test(values):
        return one_number("while_loop", cond(*values), bool)

    def step(values):
        found = body(*values)
        return tuple(found) if several else (found,)

    if writer() is None:
        found = _while_now(test, step, start, maximum_iterations)
    else:
        found = loop("while_loop", test, step, start, maximum_iterations)
    return found if several else found[0]


@calling_back
def fori_loop(lower, upper, body_fun, init_val):
    """x = body_fun(i, x) for i from `lower` up to `upper`, starting with `init_val`.

    >>> float(fori_loop(0, 5, lambda i, x: 2.0 * x, 1.0))
    32.0
    """
    check_callable("fori_loop", body_fun=body_fun)
    _, found = while_loop(
        lambda i, x: i < upper, lambda i, x: (i + 1, body_fun(i, x)), (lower, init_val)
    )
    return found


def _scan_now(f, carry, rows, count, reverse):
    """The scan in Python, for tensors; for symbols the specs after a round."""

    def once(carry, i):
        row = None if rows is None else map_structure(lambda x: x[i], rows)
        carry, y = pair("scan", f(carry, row))
        return map_structure(convert, carry), y

    carry, left = map_structure(convert, carry), []
    if only_specs(carry, rows) or not count:
        return _scan_of_none(f, carry, rows, count)
    for i in range(count)[:: -1 if reverse else 1]:
        carry, y = once(carry, i)
        left.append(y)
    if reverse:
        left.reverse()
    return carry, map_structure(_stack_or_none, *left)


def _stack_or_none(*rows):
    return None if rows[0] is None else stack(rows)


def _scan_of_none(f, carry, rows, count):
    """What a scan gives if it cannot run: no rows, or symbols for rows."""

    def row(x):
        return None if x is None else known_spec(x.shape[1:], x.dtype)

    specs = map_structure(lambda x: x.spec, carry)
    _, y = eval_spec(f, specs, map_structure(row, rows))
    if count == 0:
        return carry, map_structure(lambda z: zeros((0, *z.shape), z.dtype), y)
    return carry, map_structure(lambda z: Symbol(rows_of(z, count)), y)


@calling_back
def scan(f, init, xs=None, length=None, reverse=False, unroll=1):
    """carry, y = f(carry, x) along the first axis of xs; the last carry, all y stacked.

    init, xs: values or nests. length: the number of rounds, needed if there are no xs.
    reverse: from the last row to the first. unroll is accepted, and changes nothing.
    Errors: ArgumentError (a ValueError) if the number of rounds is not known, or rows
    differ in number; DTypeError if `f` does not return a pair. Source: chapter "Loops".

    >>> total, sums = scan(lambda c, x: (c + x, c + x), 0, convert([1, 2, 3]))
    >>> int(total), sums.numpy().tolist()
    (6, [1, 3, 6])
    """
    if not callable(f):
        raise DTypeError("scan", "`f` should be a callable", repr(f))
    if not isinstance(unroll, bool) and (not isinstance(unroll, int) or unroll < 1):
        problem = "`unroll` must be a positive integer or boolean"
        raise ArgumentError("scan", problem, repr(unroll))
    rows = map_structure(convert, xs) if xs is not None else ()
    count = _rounds(rows, length)
    if writer() is None:
        return _scan_now(f, init, rows if xs is not None else None, count, reverse)
    step = f if xs is not None else (lambda carry, _: f(carry, None))
    return fold("scan", step, init, rows, count, reverse)


@calling_back
def map(f, xs):
    """f(x) for each row of xs, stacked; xs and the result may be nests.

    >>> map(lambda x: x * x, convert([1, 2, 3])).numpy().tolist()
    [1, 4, 9]
    """
    if not callable(f):
        raise DTypeError("map", "`f` should be a callable", repr(f))
    return scan(lambda _, x: ((), f(x)), (), xs)[1]


def _rounds(rows, length):
    """How many rounds a scan has; None if the rows do not know it yet."""
    counts = {x.shape[0] if x.ndim else None for x in flatten(rows)}
    if any(x.ndim == 0 for x in flatten(rows)):
        raise ShapeError("scan", "`xs` needs an axis to go along", "a single number")
    counts = {n for n in (*counts, length) if n is not None}
    if len(counts) > 1:
        got = " and ".join(str(n) for n in sorted(counts))
        raise ArgumentError("scan", "the rows and `length` differ in number", got)
    if not counts and not flatten(rows):
        raise ArgumentError(
            "scan", "got no `xs` to scan over and `length` not provided"
        )
    return counts.pop() if counts else None


def _halves(f, rows):
    """The running results of nests of rows, by halving."""
    count = flatten(rows)[0].shape[0]
    if count < 2:
        return rows
    pairs = f(_every(rows, 0, count - 1), _every(rows, 1, count))
    odd = _halves(f, pairs)
    before = odd if count % 2 else map_structure(lambda x: x[:-1], odd)
    even = f(before, _every(rows, 2, count)) if count > 2 else before
    return map_structure(_zipped, rows, even, odd)


def _every(rows, start, stop):
    """Every second row, from `start` up to `stop`."""
    return map_structure(lambda x: x[start:stop:2], rows)


def _zipped(x, even, odd):
    """The first row of x, then rows of `odd` and `even` in turn."""
    even = concatenate([x[:1], even], axis=0)
    count, short = even.shape[0] + odd.shape[0], odd.shape[0]
    both = reshape(stack([even[:short], odd], axis=1), (2 * short, *odd.shape[1:]))
    return concatenate([both, even[short:]], axis=0) if count % 2 else both


@calling_back
def associative_scan(f, elems, reverse=False, axis=0):
    """Running results of an associative f(a, b) along an axis, in about 2 log n calls.

    f: takes and gives nests like `elems`, many rows at once. reverse: from the end.
    Errors: ArgumentError (a ValueError) if the sizes along the axis differ or are not
    known. Source: chapter "Loops"; Blelloch, "Prefix sums and their applications".

    >>> associative_scan(lambda a, b: a + b, convert([1, 2, 3, 4])).numpy().tolist()
    [1, 3, 6, 10]
    """
    if not callable(f):
        raise DTypeError("associative_scan", "`f` should be a callable", repr(f))

    def turned(x):
        return flip(x, axis=0) if reverse else x

    rows = map_structure(lambda x: turned(moveaxis(convert(x), axis, 0)), elems)
    counts = {x.shape[0] for x in flatten(rows)}
    if len(counts) != 1 or None in counts:
        got = " and ".join(str(n) for n in counts)
        problem = "array inputs must have the same, known first dimension"
        raise ArgumentError("associative_scan", problem, got)
    found = _halves(f, rows)
    return map_structure(lambda x: moveaxis(turned(x), 0, axis), found)
