"""Generated from book/graphs/batching.ipynb. Edit the chapter, not this file."""

import re
from functools import wraps

import optree

from minikeras.core.errors import ArgumentError, ShapeError
from minikeras.core.specs import joint_shape
from minikeras.core.tensor import convert
from minikeras.ops.mapping import vectorized_map
from minikeras.ops.shaping import expand_dims


def axis_by_axis(function, xs, extra):
    """function(*numbers) for arrays that have `extra` axes of their own in front."""
    deepest = max(extra, default=0)
    if not deepest:
        return function(*xs)
    here = [i for i, count in enumerate(extra) if count == deepest]
    left = [count - (count == deepest) for count in extra]
    rows = {i: xs[i] for i in here if xs[i].shape[0] != 1}
    shared = {i: xs[i][0] for i in here if i not in rows}

    def inner(rows):
        found = {**shared, **rows}
        parts = [found.get(i, x) for i, x in enumerate(xs)]
        return axis_by_axis(function, parts, left)

    if rows:
        return vectorized_map(inner, rows)
    return optree.tree_map(lambda z: expand_dims(z, 0), inner({}))


AXES = r"\((?:\w+(?:,\w+)*)?\)"

SIGNATURE = re.compile(rf"{AXES}(?:,{AXES})*->{AXES}(?:,{AXES})*")


def parse_signature(signature):
    """The names of the axes of each input, and of each output."""
    plain = re.sub(r"\s", "", signature)
    if not SIGNATURE.fullmatch(plain):
        problem = "the signature does not name axes of inputs and outputs"
        hint = "write the axes by name, as in '(m,n),(n)->(m)'"
        raise ArgumentError("vectorize", problem, repr(signature), hint)
    return [
        [re.findall(r"\w+", axes) for axes in re.findall(AXES, side)]
        for side in plain.split("->")
    ]


def match(sizes, names, shape, exact):
    """Enter the sizes of the last axes of a shape under their names, or refuse.

    exact: the shape may have no other axes.
    """
    got = f"a shape {tuple(shape)} for the axes ({','.join(names)})"
    if len(shape) < len(names) or (exact and len(shape) > len(names)):
        problem = "the number of axes is not that of the signature"
        hint = "give the axes of the signature last; a result has no others"
        raise ShapeError("vectorize", problem, got, hint)
    for name, size in zip(names, shape[len(shape) - len(names) :]):
        known = sizes.setdefault(name, size)
        if None not in (known, size) and known != size:
            problem = f"the axis {name!r} has the sizes {known} and {size}"
            raise ShapeError(
                "vectorize", problem, got, "axes of one name have one size"
            )


def vectorize(pyfunc, *, excluded=None, signature=None):
    """A function that applies `pyfunc`, one of numbers, to each element of arrays.

    The arguments broadcast. signature: axes at the end that belong to `pyfunc`, as in
    "(m,n),(n)->(m)"; excluded: positions of arguments that are passed on as they are,
    as are None and keyword arguments. `pyfunc` is traced (see `vectorized_map`).
    Errors: ArgumentError (a ValueError) for a signature that cannot be read;
    ShapeError (a ValueError) if shapes do not fit it or do not broadcast.
    Source: `numpy.vectorize`; chapter "All rows at once".

    >>> vectorize(lambda a, b: a * 10 + b)([[1], [2]], [3, 4]).numpy()
    array([[13, 14],
           [23, 24]], dtype=int32)
    """
    if not callable(pyfunc):
        problem = "`pyfunc` should be a callable"
        raise ArgumentError("vectorize", problem, repr(pyfunc), "a function of numbers")
    axes = parse_signature(signature) if signature is not None else None

    @wraps(pyfunc)
    def vectorized(*arguments, **words):
        whole = {i for i, x in enumerate(arguments) if x is None} | set(excluded or ())
        mapped = [i for i in range(len(arguments)) if i not in whole]
        xs = [convert(arguments[i]) for i in mapped]
        inner, outer = axes or ([[]] * len(xs), None)
        sizes = named_sizes(xs, inner)

        def one(*parts):
            given = dict(enumerate(arguments)) | dict(zip(mapped, parts))
            result = pyfunc(*given.values(), **words)
            return result if outer is None else as_signed(result, outer, sizes)

        return axis_by_axis(one, xs, [x.ndim - len(n) for x, n in zip(xs, inner)])

    return vectorized


def named_sizes(xs, inner):
    """The sizes of the named axes; an error if the arguments do not fit together."""
    if len(xs) != len(inner):
        problem = f"the signature has {len(inner)} inputs"
        got, hint = f"{len(xs)} arguments", "exclude what is no array"
        raise ArgumentError("vectorize", problem, got, hint)
    sizes, fronts = {}, []
    for x, names in zip(xs, inner):
        match(sizes, names, x.shape, False)
        fronts.append(x.shape[: x.ndim - len(names)])
    joint_shape("vectorize", (), *fronts)
    return sizes


def as_signed(result, outer, sizes):
    """The result, if it is as many tensors of such shapes as the signature says."""
    parts = result if isinstance(result, (tuple, list)) else [result]
    if len(parts) != len(outer):
        problem = f"the signature has {len(outer)} outputs"
        got, hint = f"the function returned {len(parts)}", "return a tuple of so many"
        raise ArgumentError("vectorize", problem, got, hint)
    for part, names in zip(parts, outer):
        match(dict(sizes), names, convert(part).shape, True)
    return result
