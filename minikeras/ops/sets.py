"""Generated from book/arrays/pantry.ipynb. Edit the chapter, not this file."""

import math

import minikeras.core.table as table
from minikeras.core.door import apply
from minikeras.core.tensor import convert, promote
from minikeras.ops.lines import argsort, cumsum
from minikeras.ops.picking import take
from minikeras.ops.public import public
from minikeras.ops.reductions import any
from minikeras.ops.shaping import broadcast_to, expand_dims, joined, moveaxis, section
from minikeras.ops.slicing import constant_line
from minikeras.ops.words import constant, positions, reshaped


def lexicon(rows):
    """The order that sorts the rows of a matrix; equal rows keep their order."""
    order = positions(rows, 0)
    for column in reversed(range(rows.shape[1])):
        line = take(section(rows, 1, column, column + 1), order, 0)
        order = take(order, argsort(reshaped(line, (-1,))), 0)
    return order


def groups(rows):
    """(places of first occurrences, number of each row, counts), values rising."""
    order = lexicon(rows)
    lying = take(rows, order, 0)
    differs = any(section(lying, 0, 1, None) != section(lying, 0, None, -1), 1)
    first = constant_line(True, reshaped(section(lying, 0, None, 1), (-1,))[:1])
    new = joined([first, differs], 0)
    which = take(cumsum(new) - 1, argsort(order), 0)
    starts = reshaped(apply(table.nonzero, new), (-1,))
    ones = apply(table.broadcast_like, constant(1, "int32"), which)
    base = apply(table.broadcast_like, constant(0, "int32"), starts)
    counts = apply(table.scatter_add, base, ones, which, axis=0)
    return take(order, starts, 0), which, counts


def fitted(z, size, filling):
    """The first `size` rows of z, with rows of `filling` behind them if there are fewer."""
    if size is None:
        return z
    shape = (size, *z.shape[1:])
    more = broadcast_to(convert(filling, z.dtype), shape)
    return reshaped(section(joined([z, more], 0), 0, None, size), shape)


def by_appearance(first, which, counts):
    """The groups in the order in which they came."""
    order = argsort(first)
    which = take(argsort(order), which, 0)
    return take(first, order, 0), which, take(counts, order, 0)


@public
def unique(
    x, sorted=True, return_index=False, return_inverse=False, return_counts=False,
    axis=None, size=None, fill_value=None,
):  # fmt: skip
    """The numbers of x without repetitions, or its slices along `axis`.

    On request also: where each came first, which of them each number of x is, and how
    often it occurs. With `size` there are so many values, the rest `fill_value` or 0.

    >>> unique([3, 1, 3], return_counts=True)[1]
    Tensor([1, 2], shape=(2,), dtype=int32)
    """
    x = convert(x)
    lines = reshaped(x, (-1,)) if axis is None else moveaxis(x, axis, 0)
    width = math.prod(lines.shape[1:]) if None not in lines.shape[1:] else None
    first, which, counts = groups(reshaped(lines, (lines.shape[0], width)))
    if not sorted:
        first, which, counts = by_appearance(first, which, counts)
    values = fitted(take(lines, first, 0), size, fill_value or 0)
    found = [values if axis is None else moveaxis(values, 0, axis)]
    if return_index:
        found.append(fitted(first, size, section(first, 0, None, 1)))
    if return_inverse:
        found.append(reshaped(which, x.shape if axis is None else (-1,)))
    if return_counts:
        found.append(fitted(counts, size, 0))
    return tuple(found) if len(found) > 1 else found[0]


@public
def isin(x1, x2, assume_unique=False, invert=False):
    """Whether each number of x1 is among the numbers of x2; the opposite, if `invert`.

    >>> isin([1, 2, 3], [3, 1])
    Tensor([ True, False,  True], shape=(3,), dtype=bool)
    """
    x1, x2 = promote(x1, x2)
    found = any(expand_dims(x1, -1) == reshaped(x2, (-1,)), -1)
    return apply(table.equal, found, constant_line(not invert, found))


@public
def argpartition(x, kth, axis=-1):
    """Places such that the number at `kth` is where sorting puts it: a whole sort."""
    return argsort(x, axis)
