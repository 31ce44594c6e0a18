"""Generated from
book/arrays/table.ipynb
book/arrays/activations.ipynb

Edit the chapter, not this file.
"""

from __future__ import annotations

from minikeras.core.door import apply
from minikeras.core.errors import MissingRuleError


class Op:
    """The name of one primitive operation: a row of the table.

    Calling it passes the inputs through the door: `add(x, y)` is `apply(add, x, y)`.
    """

    __slots__ = ("name",)

    def __init__(self, name, listed=True):
        self.name = name
        if listed:
            OPS[name] = self

    def __call__(self, *inputs, **attributes):
        return apply(self, *inputs, **attributes)

    def __repr__(self):
        return self.name


OPS: dict[str, Op] = {}


def rows(names):
    """One new operation for each word of `names`."""
    return [Op(name) for name in names.split()]


# arithmetic of one number, and of two
negative, absolute, sign = rows("negative absolute sign")

floor, ceil, rint = rows("floor ceil rint")

add, subtract, multiply, divide = rows("add subtract multiply divide")

floor_divide, mod, power = rows("floor_divide mod power")

maximum, minimum = rows("maximum minimum")

# functions of the calculus book
exp, expm1, log, log1p, sqrt = rows("exp expm1 log log1p sqrt")

sin, cos, tan, arcsin, arccos, arctan, arctan2 = rows(
    "sin cos tan arcsin arccos arctan arctan2"
)

sinh, cosh, tanh, arcsinh, arccosh, arctanh = rows(
    "sinh cosh tanh arcsinh arccosh arctanh"
)

sigmoid, softplus, erf = rows("sigmoid softplus erf")

# questions, and answers to them
equal, not_equal, less, less_equal = rows("equal not_equal less less_equal")

greater, greater_equal = rows("greater greater_equal")

bitwise_and, bitwise_or, bitwise_xor, bitwise_not = rows(
    "bitwise_and bitwise_or bitwise_xor bitwise_not"
)

left_shift, right_shift = rows("left_shift right_shift")

select = Op("where")

# many numbers to fewer
reduce_sum, reduce_prod, reduce_max, reduce_min = rows("sum prod max min")

reduce_any, reduce_all, argmax, argmin = rows("any all argmax argmin")

cumsum, cumprod, argsort, nonzero = rows("cumsum cumprod argsort nonzero")

matmul = Op("matmul")

# the same numbers in another arrangement
reshape, transpose, concatenate, pad = rows("reshape transpose concatenate pad")

broadcast_to, broadcast_like, reduce_like = rows(
    "broadcast_to broadcast_like reduce_like"
)

strided_slice, scatter_slice = rows("strided_slice scatter_slice")

gather, scatter_add = rows("gather scatter_add")

# numbers out of nothing, numbers of another kind, numbers cut loose
full, iota, random_bits, dim_size = rows("full iota random_bits dim_size")

cast, bitcast, stop_gradient = rows("cast bitcast stop_gradient")


class Column(dict):
    """One interpretation of the table: a rule for each operation."""

    def __init__(self, name, room):
        super().__init__()
        self.name, self.room = name, room

    def __missing__(self, op):
        problem = f"no rule in the column {self.name!r}"
        hint = f"{self.name}[{op.name}] = ... in {self.room}"
        raise MissingRuleError(op.name, problem, hint=hint)


within = Op("within")
