"""Generated from book/graphs/choices.ipynb. Edit the chapter, not this file."""

import functools

from minikeras.core.errors import ArgumentError, DTypeError, ShapeError
from minikeras.core.tensor import Tensor, convert
from minikeras.graph.choices import choose
from minikeras.ops.core import cast
from minikeras.ops.public import recorder_in


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
    for name, function in functions.items():
        if not callable(function):
            raise DTypeError(op, f"`{name}` should be a callable", repr(function))


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
