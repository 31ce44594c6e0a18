"""Generated from book/graphs/inside.ipynb. Edit the chapter, not this file."""

import threading

import numpy as np

import minikeras.core.table as table
from minikeras.core.door import apply, here
from minikeras.core.dtypes import FLOATS, NUMPY
from minikeras.core.eager import evaluate
from minikeras.core.errors import DTypeError, NumericsError
from minikeras.core.gradients import vjp
from minikeras.core.infer import spec
from minikeras.core.table import Op
from minikeras.core.tensor import Tensor, convert
from minikeras.graph.batching import each_number
from minikeras.graph.graph import examiners, sizes, user_place
from minikeras.graph.parse import UNLISTED
from minikeras.graph.rows import batch

KINDS = frozenset(NUMPY[name] for name in FLOATS)

MOVES = frozenset((
    table.select, table.maximum, table.minimum, table.reduce_max, table.reduce_min,
    table.reshape, table.transpose, table.concatenate, table.pad, table.full,
    table.broadcast_to, table.broadcast_like, table.strided_slice, table.scatter_slice,
    table.gather, table.bitcast, table.stop_gradient,
))  # fmt: skip

HINTS = {
    table.log: "maximum(x, epsilon) before it",
    table.divide: "divide_no_nan, or epsilon added below",
    table.exp: "take the largest number off first, or clip",
    table.matmul: "a lower learning rate, or clip the gradients",
}


def unusual(x):
    """How many nan and infinite numbers an array holds, in words; "" if none."""
    if x.dtype not in KINDS or np.isfinite(x).all():
        return ""
    counts = {"nan": int(np.isnan(x).sum()), "infinite": int(np.isinf(x).sum())}
    words = [f"{n} {what}" for what, n in counts.items() if n]
    return f"{' and '.join(words)} of {x.size} numbers"


def examine(op, arrays, result):
    """A NumericsError if an operation is the first to have nan or infinite numbers."""
    if op in MOVES:
        return
    for z in result if type(result) is tuple else (result,):
        found = unusual(np.asarray(z))
        if not found:
            continue
        given = [unusual(np.asarray(x)) for x in arrays]
        if "nan" in found or not any("infinite" in what for what in given):
            specs = [Tensor(np.asarray(x)).spec for x in arrays]
            got = [f"{s}, {what or 'all finite'}" for s, what in zip(specs, given)]
            problem = f"the result has {found}"
            raise NumericsError(op.name, problem, "; ".join(got), HINTS.get(op))


class Examiner:
    """Looks at every result of one thread: of eager operations, and of lines of graphs."""

    def __init__(self):
        self.level, self.thread = here.level, threading.get_ident()

    def __call__(self, op, arrays, result):
        """A line of a graph; the plan adds where it was written."""
        if threading.get_ident() == self.thread:
            examine(op, arrays, result)

    def saw(self, op, inputs, attributes, output):
        """An eager operation."""
        outputs = output if type(output) is tuple else (output,)
        try:
            examine(op, [x._data for x in inputs], tuple(z._data for z in outputs))
        except NumericsError as error:
            error.at = user_place()
            raise

    def follows(self, x):
        """It follows nothing."""
        return False

    def read(self, variable, value):
        """What variables hold was computed before."""


class _Mine(threading.local):
    examiner = None


_mine = _Mine()


def enable_check_numerics(stack_height_limit=30, path_length_limit=50):
    """Stop at the first operation whose result has nan or infinite numbers.

    It holds for this thread, for eager operations and for graphs, until
    `disable_check_numerics`. The error names the operation, what it was given, the
    line it was written on and the layer, if it is in one. What only moves or chooses
    numbers is not looked at. The two limits are accepted and change nothing.
    Errors: a NumericsError (a FloatingPointError) from the operation. Source: chapter
    "Every level, on one page".
    """
    if _mine.examiner is None:
        _mine.examiner = examiner = Examiner()
        examiner.level.watchers.append(examiner)
        examiners.append(examiner)


def disable_check_numerics():
    """Do not look at results any more; nothing happens if nobody did."""
    if _mine.examiner is not None:
        examiner, _mine.examiner = _mine.examiner, None
        examiner.level.watchers.remove(examiner)
        examiners.remove(examiner)


checked = Op("check_numerics", listed=False)


def _checked(x, message):
    found = unusual(x)
    if found:
        problem = f"{message}: the tensor has {found}"
        raise NumericsError("check_numerics", problem, str(Tensor(x).spec))
    return x


evaluate[checked] = _checked

spec[checked] = lambda x, message: x

vjp[checked] = (
    lambda g, z, x, message: checked(g, message=f"the gradient of {message}"),
)

sizes[checked] = lambda x, message: x.sizes

batch[checked] = each_number(checked)

UNLISTED[checked.name] = checked


def check_numerics(tensor, message, name=None):
    """The tensor itself, if all its numbers are finite; its gradient is looked at too.

    message: what to say before the error. name: accepted, and changes nothing.
    Errors: a NumericsError (a FloatingPointError) for nan or infinite numbers; a
    DTypeError (a TypeError) for what is not of floats. Source: chapter "Every level, on
    one page".

    >>> check_numerics([1.0, 2.0], "the weights").numpy().tolist()
    [1.0, 2.0]
    """
    x = convert(tensor)
    if x.dtype not in FLOATS:
        raise DTypeError("check_numerics", "only floats can be nan", str(x.spec))
    return apply(checked, x, message=str(message))
