"""Generated from book/arrays/movement.ipynb. Edit the chapter, not this file."""

import minikeras.core.table as table
from minikeras.core.door import apply
from minikeras.core.errors import ArgumentError, IndexRangeError, ShapeError
from minikeras.core.indexing import open_bounds
from minikeras.core.tensor import Value, convert, measured, size_of
from minikeras.ops.joining import unstack
from minikeras.ops.picking import as_index
from minikeras.ops.public import public
from minikeras.ops.reductions import max, min, prod
from minikeras.ops.shaping import joined, later_sizes, sizes_in, whole
from minikeras.ops.words import chosen, constant, count_to, positions, reshaped


@public
def slice(inputs, start_indices, shape):
    """A block of the given shape, cut out at `start_indices`; -1 means up to the end.

    >>> slice([[1, 2, 3], [4, 5, 6]], (0, 1), (2, 2))
    Tensor([[2, 3],
            [5, 6]], shape=(2, 2), dtype=int32)
    """
    inputs = convert(inputs)
    starts, sizes = starts_of("slice", inputs, start_indices), [whole(n) for n in shape]
    if all_ints(starts) and None not in sizes:
        index = block("slice", inputs, starts, sizes)
        return of_sizes(apply(table.strided_slice, inputs, index=index), sizes)
    for axis, (start, size) in enumerate(zip(starts, shape, strict=True)):
        rest = whole(size) == -1
        steps = count_to(size_of(inputs, axis) - start if rest else size)
        inputs = apply(table.gather, inputs, start + steps, axis=axis)
    return inputs


def of_sizes(x, sizes):
    """`x`, whose unknown sizes are those that were asked for; -1 asks for nothing."""
    pairs = zip(x.shape, sizes, strict=True)
    shape = [n if size == -1 else size for n, size in pairs]
    return x if shape.count(None) > 1 else reshaped(x, shape)


def starts_of(op, x, starts):
    """One start for each axis: an int, or a tensor that is not known yet."""
    starts = convert(starts) if not isinstance(starts, (list, tuple)) else starts
    if len(starts) != x.ndim:
        raise ShapeError(op, f"{len(starts)} starts for {x.ndim} axes", str(x.spec))
    known = [whole(start) for start in starts]
    return [s if k is None else k for s, k in zip(starts, known, strict=True)]


def all_ints(items):
    """Whether no item is a tensor."""
    return not [item for item in items if isinstance(item, Value)]


def block(op, x, starts, sizes):
    """The index of a block, checked to lie inside `x`."""
    index = []
    for axis, (start, size, n) in enumerate(zip(starts, sizes, x.shape, strict=True)):
        rest = size is None or (isinstance(size, int) and size == -1)
        stop = n if rest else start + size
        known = isinstance(start, int) and isinstance(stop, int)
        if known and (start < 0 or (n is not None and stop > n)):
            raise IndexRangeError(
                op, f"[{start}:{stop}] leaves axis {axis} of size {n}", f"{x.spec}"
            )
        index.append((start, stop, None))
    return tuple(index)


@public
def slice_update(inputs, start_indices, updates):
    """`inputs` with the block at `start_indices` replaced by `updates`."""
    inputs = convert(inputs)
    updates = convert(updates, inputs.dtype)
    starts = starts_of("slice_update", inputs, start_indices)
    sizes = [size_of(updates, axis) for axis in range(updates.ndim)]
    bounds, index = open_bounds(block("slice_update", inputs, starts, sizes))
    yes = apply(table.broadcast_like, constant(True, "bool"), updates)
    here = apply(table.scatter_slice, yes, inputs, *bounds, index=index)
    placed = apply(table.scatter_slice, updates, inputs, *bounds, index=index)
    return apply(table.select, here, placed, inputs)


@public
def scatter(indices, values, shape):
    """Zeros of `shape`, with the values added at the indices; repeats add up.

    indices: i[..., k], each row the first k indices of a place in the result.

    >>> scatter([[0], [2], [0]], [1, 2, 3], (4,))
    Tensor([4, 0, 2, 0], shape=(4,), dtype=int32)
    """
    values = convert(values)
    sizes = tuple(sizes_in(shape))
    base = apply(
        table.full, *later_sizes(shape), shape=sizes, value=0, dtype=values.dtype
    )
    return apply(table.scatter_add, base, values, *columns_of(indices), axis=0)


def columns_of(indices):
    """The last axis of an index tensor, as a list of tensors."""
    return unstack(as_index(indices), axis=-1)


@public
def scatter_update(inputs, indices, updates, reduction=None):
    """`inputs` with `updates` at the indices, replaced or, by `reduction`, combined.

    indices: i[..., k] as in `scatter`. Of repeated indices the last one stays; with
    reduction "add", "max", "min" or "mul", old and new values meet in that way.
    """
    inputs, columns = convert(inputs), columns_of(indices)
    updates = convert(updates, inputs.dtype)
    if reduction == "add":
        return apply(table.scatter_add, inputs, updates, *columns, axis=0)
    columns = [reshaped(column, (-1,)) for column in columns]
    rest = [size_of(inputs, axis) for axis in range(len(columns), inputs.ndim)]
    updates = reshaped(updates, (-1, *rest))
    if reduction is not None:
        return combined(inputs, columns, updates, reduction)
    last = last_of_each(columns, [size_of(inputs, a) for a in range(inputs.ndim)])
    columns = [column[last] for column in columns]
    zeros = apply(table.broadcast_like, constant(0, inputs.dtype), inputs)
    placed = apply(table.scatter_add, zeros, updates[last], *columns, axis=0)
    ones = apply(table.broadcast_like, constant(1, "int32"), updates[last])
    zeros = apply(table.broadcast_like, constant(0, "int32"), inputs)
    hits = apply(table.scatter_add, zeros, ones, *columns, axis=0)
    return apply(table.select, hits > 0, placed, inputs)


def last_of_each(columns, shape):
    """Among equal indices, the mask of the one that comes last."""
    place = place_in_line(columns, shape)
    order = apply(table.argsort, place, axis=0)
    line = apply(table.gather, place, order, axis=0)
    ends = joined([line[1:] != line[:-1], constant_line(True, line[:1])], 0)
    back = apply(table.argsort, order, axis=0)
    return apply(table.gather, ends, back, axis=0)


def place_in_line(columns, shape):
    """The places that indices name, as one number each."""
    place = 0
    for column, size in zip(columns, shape, strict=False):
        place = place * size + apply(table.mod, column, convert(size, column.dtype))
    return place


def constant_line(value, like):
    """One bool value in the shape of `like`."""
    return apply(table.broadcast_like, constant(value, "bool"), like)


MEETINGS = {  # reduction: how values meet, and whether the old one changes nothing
    "max": (max, True),
    "min": (min, True),
    "mul": (prod, False),
}


def combined(inputs, columns, updates, reduction):
    """Each element together with all updates for its place."""
    if reduction not in MEETINGS:
        hint = ", ".join(["None", "'add'", *map(repr, MEETINGS)])
        raise ArgumentError(
            "scatter_update", "unknown reduction", repr(reduction), hint
        )
    meet_at, old = MEETINGS[reduction]
    kept = [size_of(inputs, axis) for axis in range(len(columns), inputs.ndim)]
    line = reshaped(inputs, (-1, 1, *kept))
    place = place_in_line(columns, [size_of(inputs, a) for a in range(inputs.ndim)])
    mine = reshaped(positions(line, 0), (-1, 1)) == place
    mine = reshaped(mine, (*measured(mine), *(1,) * len(kept)))
    seen = chosen(mine, updates, line if old else constant(1, inputs.dtype))
    z = meet_at(joined([line, seen], 1), 1)
    return reshaped(convert(z, inputs.dtype), measured(inputs))
