"""Generated from book/arrays/movement.ipynb. Edit the chapter, not this file."""

import builtins

import minikeras.core.table as table
from minikeras.core.door import apply
from minikeras.core.errors import ArgumentError, ShapeError
from minikeras.core.infer import axis_of
from minikeras.core.tensor import Value, binary, convert, measured, promote, size_of
from minikeras.ops.public import public
from minikeras.ops.shaping import expand_dims, joined, section, sizes_in, squeeze
from minikeras.ops.words import reshaped


def alike(op, xs):
    """The tensors of a list in their common dtype."""
    if isinstance(xs, Value) or not len(xs):
        raise ArgumentError(op, "a list of at least one tensor", str(xs)[:60])
    xs = [convert(x) for x in xs]
    same = {x.dtype for x in xs}
    return xs if len(same) == 1 else promote(*xs)


@public
def concatenate(xs, axis=0):
    """Tensors one after the other along an axis that is there already.

    >>> concatenate([[1, 2], [3]])
    Tensor([1, 2, 3], shape=(3,), dtype=int32)
    """
    xs = alike("concatenate", xs)
    return apply(table.concatenate, *xs, axis=axis_of("concatenate", axis, xs[0].ndim))


@public
def stack(x, axis=0):
    """Tensors of one shape, side by side along a new axis.

    >>> stack([[1, 2], [3, 4]], axis=1)
    Tensor([[1, 3],
            [2, 4]], shape=(2, 2), dtype=int32)
    """
    xs = alike("stack", x)
    axis = axis_of("stack", axis, xs[0].ndim + 1)
    return joined([expand_dims(one, axis) for one in xs], axis)


@public
def hstack(xs):
    """Side by side: along axis 1, or 0 if they have one axis."""
    xs = [at_least(1, one) for one in alike("hstack", xs)]
    return joined(xs, 0 if xs[0].ndim == 1 else 1)


@public
def vstack(xs):
    """On top of each other: along axis 0, lines as rows."""
    return joined([at_least(2, one) for one in alike("vstack", xs)], 0)


@public
def dstack(xs):
    """Behind each other: along axis 2."""
    xs = [at_least(2, one) for one in alike("dstack", xs)]
    return joined([expand_dims(x, 2) if x.ndim == 2 else x for x in xs], 2)


@public
def append(x1, x2, axis=None):
    """x2 after x1 along `axis`; without one, both in a line."""
    both = alike("append", [x1, x2])
    if axis is None:
        return joined([reshaped(x, (-1,)) for x in both], 0)
    return concatenate(both, axis)


def at_least(ndim, x):
    """`x` with new axes of size 1 in front, if it has fewer than `ndim`."""
    return x if x.ndim >= ndim else reshaped(x, (1,) * (ndim - x.ndim) + measured(x))


@public
def split(x, indices_or_sections, axis=0):
    """A list of parts along `axis`: a number of equal ones, or cut at the given places.

    >>> [part.shape for part in split(ones((5, 2)), [2, 3])]
    [(2, 2), (1, 2), (2, 2)]
    """
    x = convert(x)
    axis = axis_of("split", axis, x.ndim)
    if not isinstance(indices_or_sections, int):
        return cut_at(x, sizes_in(indices_or_sections), axis)
    size, number = x.shape[axis], indices_or_sections
    if size is None and number > 0:
        return evenly(x, axis, number)
    if number <= 0 or size % number:
        problem = f"axis {axis} does not divide into {number} equal parts"
        raise ShapeError("split", problem, str(x.spec), "array_split")
    return cut_at(x, range(size // number, size, size // number or 1), axis, number)


@public
def array_split(x, indices_or_sections, axis=0):
    """As `split`, but the parts need not be equal: the first ones are longer by one."""
    if not isinstance(indices_or_sections, int):
        return split(x, indices_or_sections, axis)
    x = convert(x)
    axis = axis_of("array_split", axis, x.ndim)
    size, number = x.shape[axis], indices_or_sections
    if number <= 0:
        raise ArgumentError("array_split", "a positive number of parts", str(number))
    if size is None:
        part, longer = size_of(x, axis) // number, size_of(x, axis) % number
        places = [i * part + binary(table.minimum, i, longer) for i in range(1, number)]
        return cut_at(x, places, axis)
    part, longer = divmod(size, number)
    places = [i * part + builtins.min(i, longer) for i in range(1, number)]
    return cut_at(x, places, axis)


def evenly(x, axis, number):
    """Parts of an axis of unknown size, which has to divide when it is known."""
    sizes = [size_of(x, a) for a in range(x.ndim)]
    part = sizes[axis] // number
    return unstack(
        reshaped(x, [*sizes[:axis], number, part, *sizes[axis + 1 :]]), axis=axis
    )


def cut_at(x, places, axis, number=None):
    """The parts of an axis between the places (`number` of them, if it is empty)."""
    if number and x.shape[axis] == 0:
        return [x] * number
    return [
        section(x, axis, start, stop)
        for start, stop in zip([None, *places], [*places, None], strict=True)
    ]


@public
def hsplit(x, indices_or_sections):
    """Parts side by side: along axis 1, or 0 if there is one axis."""
    return split(x, indices_or_sections, 0 if convert(x).ndim == 1 else 1)


@public
def vsplit(x, indices_or_sections):
    """Parts from top to bottom: along axis 0."""
    return split(x, indices_or_sections, 0)


@public
def dsplit(x, indices_or_sections):
    """Parts from front to back: along axis 2."""
    return split(x, indices_or_sections, 2)


@public
def unstack(x, num=None, axis=0):
    """The tensors along an axis, which they lose: the inverse of `stack`."""
    x = convert(x)
    axis = axis_of("unstack", axis, x.ndim)
    size = x.shape[axis] if num is None else num
    if size is None or x.shape[axis] not in (None, size):
        problem = f"axis {axis} is not known to have {num} parts"
        raise ShapeError("unstack", problem, str(x.spec))
    return [squeeze(section(x, axis, i, i + 1), axis) for i in range(size)]
