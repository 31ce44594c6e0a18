"""Generated from book/graphs/batching.ipynb. Edit the chapter, not this file."""

from contextlib import contextmanager

import minikeras.core.table as table
import minikeras.ops.flow as flow
from minikeras.core.door import here, reading
from minikeras.core.gradients import vjp
from minikeras.core.infer import Symbol
from minikeras.core.specs import known_spec
from minikeras.core.table import Column
from minikeras.core.tape import custom_call
from minikeras.core.tensor import in_shape, measured


class Each(Symbol):
    """What stands for a value of each row, while all rows are computed at once.

    It has the spec of one row. data: the rows, stacked along the first axis. rows: the
    reader that knows what to do with it.
    """

    __slots__ = ("data", "rows")

    def __init__(self, rows, data):
        super().__init__(known_spec(data.shape[1:], data.dtype))
        self.rows, self.data = rows, data


batch = Column("batch", "minikeras/graph/batching.py")


def one_by_one(op):
    """The rule of an operation that does not know how to handle rows: a loop."""

    def rule(rows, *xs, **attributes):
        def once(own):
            rest = iter(own)
            return op(*[next(rest) if rows.has(x) else x for x in xs], **attributes)

        return rows.each(flow.map(once, [x.data for x in xs if rows.has(x)]))

    return rule


class Rows:
    """A reader of operations on one row, which computes them for all rows.

    numbers: 0, 1, 2, ..., one for each row.
    """

    def __init__(self, numbers):
        self.numbers, self.below = numbers, None

    def has(self, x):
        """Whether a value differs from row to row."""
        return x.__class__ is Each and x.rows is self

    def each(self, data):
        """Stacked rows as what each row has."""
        return Each(self, data)

    def read(self, op, inputs, attributes):
        """The rule of the operation, if an input differs from row to row."""
        above, here.level = here.level, self.below
        try:
            if not any(self.has(x) for x in inputs):
                return op(*inputs, **attributes)
            rule = batch[op] if op in batch else one_by_one(op)
            return rule(self, *inputs, **attributes)
        finally:
            here.level = above

    @contextmanager
    def open(self):
        """Inside, operations are read for all rows, and computed on the level below."""
        outer, self.below = self.below, here.level
        try:
            with reading(self.read):
                here.level.state = self.below.state
                here.level.watchers.append(Relay(self))
                yield self
        finally:
            self.below = outer

    def tall(self, x, ndim):
        """The stacked rows with axes of 1, as if each row had `ndim` axes."""
        if not self.has(x):
            return x
        ones = (1,) * (ndim - x.ndim)
        if not ones:
            return x.data
        first, *rest = measured(x.data)
        return in_shape(x.data, (first, *ones, *rest))

    def spread(self, x):
        """The stacked rows; a value that all rows share is repeated."""
        if self.has(x):
            return x.data
        column = self.tall(self.each(self.numbers), x.ndim)
        return table.broadcast_like(x, column)


class Relay:
    """A watcher that tells those of the level below what no operation says."""

    def __init__(self, rows):
        self.rows = rows

    def follows(self, x):
        """Whether somebody below follows a value, or its rows."""
        x = x.data if self.rows.has(x) else x
        return any(watcher.follows(x) for watcher in self.rows.below.watchers)

    def read(self, variable, value):
        """A variable that all rows read; if rows disagree, nobody will assign to it."""
        for watcher in [] if self.rows.has(value) else self.rows.below.watchers:
            watcher.read(variable, value)

    def saw(self, op, inputs, attributes, output):
        """A gradient rule of the user's."""
        if op is custom_call and self.rows.below.watchers:
            tell_custom(self.rows, inputs, attributes, output)


def tell_custom(rows, inputs, attributes, output):
    """Tell the watchers below of a user's rule, as one for stacked rows."""
    one = output.__class__ is not tuple
    outputs = (output,) if one else output

    def gradient(*g):
        g = [rows.each(x) if rows.has(z) else x for x, z in zip(g, outputs)]
        with rows.open():
            shares = vjp[custom_call](g[0] if one else g, None, *inputs, **attributes)
        return [share_of(rows, *pair) for pair in zip(inputs, shares)]

    ins, outs = (
        tuple([x.data if rows.has(x) else x for x in values])
        for values in (inputs, outputs)
    )
    told = {"gradient": gradient, "variables": ()}
    for watcher in rows.below.watchers:
        watcher.saw(custom_call, ins, told, outs[0] if one else outs)


def share_of(rows, x, share):
    """A share for the stack of x; the sum over the rows, if they share x."""
    if share is None or rows.has(x):
        return share if share is None else rows.spread(share)
    if rows.has(share):
        return table.reduce_sum(share.data, axis=(0,), keepdims=False)
    return share
