"""Generated from book/arrays/movement.ipynb. Edit the chapter, not this file."""

import builtins

import minikeras.core.table as table
from minikeras.core.errors import ShapeError
from minikeras.core.infer import axes_of, axis_of
from minikeras.core.tensor import binary, matmul_any, promote
from minikeras.ops.einstein import product_of, with_room
from minikeras.ops.joining import at_least, stack, unstack
from minikeras.ops.public import public
from minikeras.ops.shaping import laid_together, ordered
from minikeras.ops.words import reshaped


@public
def tensordot(x1, x2, axes=2):
    """The sum of products over pairs of axes.

    axes: a number n pairs the last n of x1 with the first n of x2, in order; or two
    lists name the pairs. What is left of x1 comes first in the result, then x2.

    >>> tensordot(ones((2, 3, 4)), ones((4, 3, 5)), axes=([1, 2], [1, 0])).shape
    (2, 5)
    """
    x1, x2 = promote(x1, x2)
    first, second = paired_axes(axes, x1.ndim, x2.ndim)
    left = [a for a in range(x1.ndim) if a not in first]
    right = [a for a in range(x2.ndim) if a not in second]
    sizes = [(x1.shape[a], x2.shape[b]) for a, b in zip(first, second, strict=True)]
    if wrong := [pair for pair in sizes if None not in pair and pair[0] != pair[1]]:
        raise ShapeError(
            "tensordot",
            "paired axes have different sizes",
            f"{x1.spec} and {x2.spec}      ({wrong[0][0]} != {wrong[0][1]})",
        )
    x1, x2 = ordered(x1, (*left, *first)), ordered(x2, (*second, *right))
    return product_of(x1, x2, [], left, list(first), right)


def paired_axes(axes, n, m):
    """The axes of the left and of the right operand that are summed together."""
    if isinstance(axes, int):
        if not 0 <= axes <= builtins.min(n, m):
            raise ShapeError(
                "tensordot", f"no {axes} axes to pair", f"ranks {n} and {m}"
            )
        return tuple(range(n - axes, n)), tuple(range(axes))
    first, second = axes
    first, second = axes_of("tensordot", first, n), axes_of("tensordot", second, m)
    if len(first) != len(second):
        problem = "as many axes on the left as on the right"
        raise ShapeError("tensordot", problem, str(axes))
    return first, second


@public
def matmul(x1, x2):
    """The matrix product x1 @ x2; further axes in front are batches.

    f[..., n, k] @ f[..., k, m] -> f[..., n, m]; a vector is a row on the left and a
    column on the right. Two int8 operands give int32, where the sums have room.
    """
    return matmul_any(*with_room((x1, x2)))


@public
def dot(x1, x2):
    """The last axis of x1 times the last but one of x2; a number scales."""
    x1, x2 = promote(x1, x2)
    if 0 in (x1.ndim, x2.ndim):
        return binary(table.multiply, x1, x2)
    return tensordot(x1, x2, ([-1], [-2 if x2.ndim > 1 else -1]))


@public
def outer(x1, x2):
    """Every product x1[i] * x2[j]; more axes are flattened first."""
    x1, x2 = promote(x1, x2)
    return reshaped(x1, (-1, 1)) * reshaped(x2, (1, -1))


@public
def inner(x1, x2):
    """The last axis of x1 times the last axis of x2."""
    x1, x2 = promote(x1, x2)
    if 0 in (x1.ndim, x2.ndim):
        return binary(table.multiply, x1, x2)
    return tensordot(x1, x2, ([-1], [-1]))


@public
def vdot(x1, x2):
    """The sum of all products of two tensors with as many numbers."""
    x1, x2 = promote(x1, x2)
    return matmul_any(reshaped(x1, (-1,)), reshaped(x2, (-1,)))


@public
def cross(x1, x2, axisa=-1, axisb=-1, axisc=-1, axis=None):
    """The vector at right angles to two vectors of three components.

    (a, b, c) x (d, e, f) = (b f - c e, c d - a f, a e - b d). With two components the
    third is 0; if both have two, only the third component is returned.
    """
    axisa, axisb, axisc = (axisa, axisb, axisc) if axis is None else (axis,) * 3
    x1, x2 = promote(x1, x2)
    left, right = components(x1, axisa), components(x2, axisb)
    if {len(left), len(right)} - {2, 3}:
        problem = "vectors have 2 or 3 components"
        raise ShapeError("cross", problem, f"{x1.spec}, {x2.spec}")
    flat = len(left) == len(right) == 2
    a, b, c = left if len(left) == 3 else (*left, left[0] * 0)
    d, e, f = right if len(right) == 3 else (*right, right[0] * 0)
    if flat:
        return a * e - b * d
    return stack([b * f - c * e, c * d - a * f, a * e - b * d], axis=axisc)


@public
def kron(x1, x2):
    """Every element of x1 times all of x2, laid out as blocks."""
    x1, x2 = promote(x1, x2)
    ndim = builtins.max(x1.ndim, x2.ndim)
    x1, x2 = at_least(ndim, x1), at_least(ndim, x2)
    spread = tensordot(x1, x2, axes=0)
    order = tuple(axis for a in range(ndim) for axis in (a, ndim + a))
    blocks = ordered(spread, order)
    for axis in range(ndim):
        blocks = laid_together(blocks, axis)
    return blocks


def components(x, axis):
    """The numbers of vectors along an axis: three, if their number is not known."""
    axis = axis_of("cross", axis, x.ndim)
    return unstack(x, 3 if x.shape[axis] is None else None, axis)
