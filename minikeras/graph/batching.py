"""Generated from book/graphs/batching.ipynb. Edit the chapter, not this file."""

import minikeras.core.table as table
from minikeras.core.gradients import constant
from minikeras.core.infer import BINARY, COMPARISONS, UNARY, axes_of, spec
from minikeras.core.specs import joint_shape
from minikeras.core.tensor import (
    broadcast,
    in_shape,
    measured,
    merged,
    product,
    size_of,
)
from minikeras.graph.rows import batch, one_by_one


def each_number(op):
    """The rule of an operation that works number by number."""

    def rule(rows, *xs, **attributes):
        ndim = max([x.ndim for x in xs])
        xs = broadcast(op.name, *[rows.tall(x, ndim) for x in xs])
        return rows.each(op(*xs, **attributes))

    return rule


NUMBERWISE = (
    *UNARY, *BINARY, *COMPARISONS, table.select, table.cast, table.bitcast, table.within,
)  # fmt: skip

batch |= {op: each_number(op) for op in NUMBERWISE}


def along(op):
    """The rule of an operation along one axis, which stands one place further on."""

    def rule(rows, x, axis):
        return rows.each(op(x.data, axis=axis % x.ndim + 1))

    return rule


def reduction(op):
    """The rule of a reduction; all axes are all those of a row."""

    def rule(rows, x, axis, keepdims):
        axes = tuple([a + 1 for a in axes_of(op.name, axis, x.ndim)])
        return rows.each(op(x.data, axis=axes, keepdims=keepdims))

    return rule


ALONG = (table.argmax, table.argmin, table.argsort, table.cumsum, table.cumprod)

REDUCTIONS = (
    table.reduce_sum, table.reduce_prod, table.reduce_max, table.reduce_min,
    table.reduce_any, table.reduce_all,
)  # fmt: skip

batch |= {op: along(op) for op in ALONG} | {op: reduction(op) for op in REDUCTIONS}


WHOLE = (None, None, None)


def _reshape(rows, x, *sizes, shape):
    if any(map(rows.has, sizes)):
        return one_by_one(table.reshape)(rows, x, *sizes, shape=shape)
    known, rest = spec[table.reshape](x.spec, shape=shape).shape, iter(sizes)
    asked = [next(rest, None) if n is None else n for n in shape]
    row = [n if m is None else m for n, m in zip(asked, known, strict=True)]
    free = shape.index(-1) if -1 in shape else None
    if free is not None and known[free] is None:  # -1 is no answer for no rows
        whole = merged([size_of(x.data, axis + 1) for axis in range(x.ndim)])
        row[free] = whole // merged([n for i, n in enumerate(row) if i != free])
    count = size_of(x.data, 0) if -1 in shape else x.data.shape[0]
    return rows.each(in_shape(x.data, (count, *row)))


def _concatenate(rows, *xs, axis):
    axis = axis % xs[0].ndim + 1
    return rows.each(table.concatenate(*[rows.spread(x) for x in xs], axis=axis))


batch |= {table.reshape: _reshape, table.concatenate: _concatenate}


def _transpose(rows, x, axes):
    return rows.each(table.transpose(x.data, axes=(0, *[a % x.ndim + 1 for a in axes])))


def _pad(rows, x, widths, value):
    return rows.each(table.pad(x.data, widths=((0, 0), *widths), value=value))


def _strided_slice(rows, x, *bounds, index):
    if any(map(rows.has, bounds)):
        return one_by_one(table.strided_slice)(rows, x, *bounds, index=index)
    return rows.each(table.strided_slice(x.data, *bounds, index=(WHOLE, *index)))


batch |= {
    table.transpose: _transpose,
    table.pad: _pad,
    table.strided_slice: _strided_slice,
}


def blank(shape, dtype):
    """A tensor that is there for its shape."""
    return table.broadcast_to(constant(0, dtype), shape=shape)


def _broadcast_to(rows, x, shape):
    tall = rows.tall(x, len(shape))
    return rows.each(table.broadcast_like(tall, blank(shape, x.dtype)))


def _broadcast_like(rows, x, like):
    if not rows.has(x) and None not in (*x.shape, *like.shape):
        joint = joint_shape("broadcast_like", x.shape, like.shape)
        return table.broadcast_to(x, shape=joint)
    ndim = max(x.ndim, like.ndim)
    return rows.each(table.broadcast_like(rows.tall(x, ndim), rows.tall(like, ndim)))


batch |= {table.broadcast_to: _broadcast_to, table.broadcast_like: _broadcast_like}


def _dim_size(rows, x, axis):
    return table.dim_size(x.data, axis=axis % x.ndim + 1)


batch[table.dim_size] = _dim_size


def lent(op, rule):
    """The rule of op(x, like), for which `like` only lends its shape."""

    def outer(rows, x, like, *bounds, **attributes):
        if any(map(rows.has, bounds)):
            return one_by_one(op)(rows, x, like, *bounds, **attributes)
        if not rows.has(x) and None not in like.shape:
            return op(x, blank(like.shape, like.dtype), *bounds, **attributes)
        x, like = rows.each(rows.spread(x)), rows.each(rows.spread(like))
        return rows.each(rule(rows, x, like, *bounds, **attributes))

    return outer


def _reduce_like(rows, x, like):
    z = table.reduce_like(x.data, rows.tall(like, x.ndim))
    return in_shape(z, measured(like.data))


def _scatter_slice(rows, x, like, *bounds, index):
    return table.scatter_slice(x.data, like.data, *bounds, index=(WHOLE, *index))


for _op, _rule in (
    (table.reduce_like, _reduce_like),
    (table.scatter_slice, _scatter_slice),
):
    batch[_op] = lent(_op, _rule)


def moved(x, start, stop):
    """One axis of `x` at another place."""
    order = [a for a in range(x.ndim) if a != start]
    order.insert(stop, start)
    return x if start == stop else table.transpose(x, axes=tuple(order))


def lined_up(rows, indices):
    """The numbers of the rows, and index tensors of as many axes."""
    ndim = max([x.ndim for x in indices])
    return [rows.tall(x, ndim) for x in (rows.each(rows.numbers), *indices)]


def _gather(rows, x, *indices, axis):
    if not any(rows.has(i) for i in indices):
        return rows.each(table.gather(x.data, *indices, axis=axis + 1))
    numbers, *lined = lined_up(rows, indices)
    if rows.has(x):
        z = table.gather(moved(x.data, 0, axis), numbers, *lined, axis=axis)
    else:
        z = table.gather(x, *lined, axis=axis)
    return rows.each(moved(z, axis, 0))


def _scatter_add(rows, base, updates, *indices, axis):
    shape = spec[table.gather](base.spec, *[i.spec for i in indices], axis=axis).shape
    base = rows.spread(base)
    updates = rows.tall(rows.each(rows.spread(updates)), len(shape))
    if not any(rows.has(i) for i in indices):
        z = table.scatter_add(base, updates, *indices, axis=axis + 1)
        return rows.each(z)
    base, updates = moved(base, 0, axis), moved(updates, 0, axis)
    z = table.scatter_add(base, updates, *lined_up(rows, indices), axis=axis)
    return rows.each(moved(z, axis, 0))


batch |= {table.gather: _gather, table.scatter_add: _scatter_add}


def _matmul(rows, x, y):
    """A matrix that all rows share meets them as one tall matrix."""
    if not rows.has(y) and y.ndim == 2:
        *outer, size = measured(x.data)
        z = product(in_shape(x.data, (merged(outer), size)), y)
        return rows.each(in_shape(z, (*outer, size_of(y, 1))))
    ndim = max(x.ndim, y.ndim)
    return rows.each(product(rows.tall(x, ndim), rows.tall(y, ndim)))


batch[table.matmul] = _matmul

batch |= {op: one_by_one(op) for op in (table.full, table.iota, table.random_bits)}
