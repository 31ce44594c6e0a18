"""Generated from book/arrays/catalogue.ipynb. Edit the chapter, not this file."""

import minikeras.core.table as table
from minikeras.core.door import apply
from minikeras.core.errors import ArgumentError
from minikeras.core.tensor import convert, promote
from minikeras.ops.joining import unstack
from minikeras.ops.public import public
from minikeras.ops.words import as_bool, chosen


@public
def where(condition, x1=None, x2=None):
    """x1 where the condition holds, x2 elsewhere; alone, the places where it holds.

    >>> where([True, False], 1.0, [5.0, 6.0])
    Tensor([1., 6.], shape=(2,), dtype=float32)
    """
    condition = as_bool(condition)
    if x1 is None and x2 is None:
        return nonzero(condition)
    if x1 is None or x2 is None:
        raise ArgumentError("where", "give both x1 and x2, or neither")
    return chosen(condition, *promote(x1, x2))


@public
def nonzero(x):
    """The places of the numbers that are not 0: one index tensor for each axis."""
    return unstack(apply(table.nonzero, convert(x)))


@public
def select(condlist, choicelist, default=0):
    """For each place, the choice of the first condition that holds, or `default`."""
    if len(condlist) != len(choicelist) or not len(condlist):
        got = f"{len(condlist)} and {len(choicelist)}"
        raise ArgumentError("select", "as many conditions as choices", got)
    *choices, z = promote(*choicelist, default)
    for condition, choice in reversed([*zip(condlist, choices, strict=True)]):
        z = chosen(as_bool(condition), choice, z)
    return z
