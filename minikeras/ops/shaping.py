"""Generated from book/arrays/movement.ipynb. Edit the chapter, not this file."""

import builtins
import math
import operator

import minikeras.core.table as table
from minikeras.core.door import apply
from minikeras.core.dtypes import is_int_dtype
from minikeras.core.errors import ArgumentError, DTypeError, ShapeError
from minikeras.core.indexing import sliced
from minikeras.core.infer import axes_of, axis_of
from minikeras.core.tensor import Tensor, Value, convert, measured, merged, size_of
from minikeras.ops.public import public
from minikeras.ops.words import reshaped


@public
def reshape(x, newshape):
    """The same numbers, in the same order, in another shape; one size may be -1.

    >>> reshape([1, 2, 3, 4, 5, 6], (2, -1)).shape
    (2, 3)
    """
    x, sizes = convert(x), listed(newshape)
    known = worked_out(x, [whole(n) for n in sizes])
    return reshaped(x, [n if k is None else k for n, k in zip(sizes, known)])


def whole(size):
    """A size as an int, or None where it is a tensor without a number yet."""
    if not isinstance(size, Value):
        return size if size is None else operator.index(size)
    size = size._as_value()
    if isinstance(size, Tensor):
        return operator.index(size)
    if size.ndim or not is_int_dtype(size.dtype):
        raise DTypeError("shape", "a size is one whole number", str(size.spec))
    return None


def listed(shape):
    """The sizes in a shape: a number, a list of numbers, or a tensor of them."""
    shape = shape._as_value() if isinstance(shape, Value) else shape
    if isinstance(shape, Tensor):
        shape = shape.numpy().tolist()
    elif isinstance(shape, Value) and shape.ndim:
        shape = [shape[i] for i in range(len(shape))]
    return [shape] if isinstance(shape, (int, Value)) else [*shape]


def sizes_in(shape):
    """The sizes in a shape as ints, None where only a run knows."""
    return [whole(n) for n in listed(shape)]


def later_sizes(shape):
    """The sizes in a shape that only a run knows, as tensors."""
    return [n for n in listed(shape) if isinstance(n, Value) and whole(n) is None]


def worked_out(x, sizes):
    """`sizes` with -1 replaced, where both shapes have the same one unknown size."""
    unknown = (x.shape.count(None), sizes.count(None))
    if unknown != (1, 1) or sizes.count(-1) != 1:
        return sizes
    known = math.prod(n for n in x.shape if n is not None)
    other = math.prod(n for n in sizes if n not in (None, -1))
    return [known // other if n == -1 and other else n for n in sizes]


@public
def ravel(x):
    """All numbers in one line."""
    return reshaped(convert(x), (-1,))


@public
def expand_dims(x, axis):
    """New axes of size 1, at the places in the result that `axis` names.

    >>> expand_dims([1, 2], (0, 2)).shape
    (1, 2, 1)
    """
    x = convert(x)
    new = axis if isinstance(axis, (tuple, list)) else (axis,)
    ndim = x.ndim + len(new)
    new, old = axes_of("expand_dims", new, ndim), iter(measured(x))
    return reshaped(x, [1 if a in new else next(old) for a in range(ndim)])


@public
def squeeze(x, axis=None):
    """Drop axes of size 1: all of them, or those that `axis` names.

    >>> squeeze([[[1], [2]]]).shape
    (2,)
    """
    x = convert(x)
    gone = [a for a, n in enumerate(x.shape) if n == 1]
    if axis is not None:
        gone = axes_of("squeeze", axis, x.ndim)
        if wrong := [a for a in gone if x.shape[a] not in (1, None)]:
            problem = f"axis {wrong[0]} has size {x.shape[wrong[0]]}, not 1"
            raise ShapeError("squeeze", problem, str(x.spec))
    return reshaped(x, [n for a, n in enumerate(measured(x)) if a not in gone])


@public
def transpose(x, axes=None):
    """The axes in the order `axes`; without it, in reverse.

    >>> transpose(ones((2, 3, 4)), (0, 2, 1)).shape
    (2, 4, 3)
    """
    x = convert(x)
    order = tuple(reversed(range(x.ndim))) if axes is None else axes
    return ordered(x, axes_of("transpose", tuple(order), x.ndim))


def ordered(x, axes):
    """`x` with its axes in the order `axes`; nothing to do if they are in order."""
    in_order = axes == tuple(range(x.ndim))
    return x if in_order else apply(table.transpose, x, axes=axes)


@public
def moveaxis(x, source, destination):
    """The axes `source` at the places `destination`; the others keep their order.

    >>> moveaxis(ones((2, 3, 4)), 0, -1).shape
    (3, 4, 2)
    """
    x = convert(x)
    source = axes_of("moveaxis", source, x.ndim)
    destination = axes_of("moveaxis", destination, x.ndim)
    if len(source) != len(destination):
        raise ArgumentError(
            "moveaxis", "as many destinations as sources", f"{source} to {destination}"
        )
    order = [axis for axis in range(x.ndim) if axis not in source]
    for place, axis in sorted(zip(destination, source, strict=True)):
        order.insert(place, axis)
    return ordered(x, tuple(order))


@public
def swapaxes(x, axis1, axis2):
    """Two axes change places."""
    x = convert(x)
    first = axis_of("swapaxes", axis1, x.ndim)
    second = axis_of("swapaxes", axis2, x.ndim)
    order = list(range(x.ndim))
    order[first], order[second] = second, first
    return ordered(x, tuple(order))


@public
def flip(x, axis=None):
    """Backwards along `axis`, or along every axis.

    >>> flip([1, 2, 3])
    Tensor([3, 2, 1], shape=(3,), dtype=int32)
    """
    x = convert(x)
    axes = axes_of("flip", axis, x.ndim)
    backwards = tuple((None, None, -1 if a in axes else None) for a in range(x.ndim))
    return apply(table.strided_slice, x, index=backwards)


@public
def rot90(array, k=1, axes=(0, 1)):
    """A quarter turn, `k` times, from the first of two axes towards the second."""
    array = convert(array)
    first, second = axes_of("rot90", tuple(axes), array.ndim)
    for _ in range(k % 4):
        array = swapaxes(flip(array, second), first, second)
    return array


def section(x, axis, start, stop, step=None):
    """x[start:stop:step] along one axis."""
    whole_axes = ((None, None, None),) * axis
    return sliced(x, (*whole_axes, (start, stop, step)))


def joined(parts, axis):
    """The parts, one after the other along `axis`."""
    return parts[0] if len(parts) == 1 else apply(table.concatenate, *parts, axis=axis)


@public
def roll(x, shift, axis=None):
    """Move on by `shift` places; what falls off the end comes in at the beginning.

    >>> roll([1, 2, 3, 4], 1)
    Tensor([4, 1, 2, 3], shape=(4,), dtype=int32)
    """
    x = convert(x)
    if axis is None:
        return reshaped(roll(reshaped(x, (-1,)), shift, 0), measured(x))
    axes = axes_of("roll", axis, x.ndim)
    shifts = shift if isinstance(shift, (tuple, list)) else (shift,) * len(axes)
    for a, places in zip(axes, shifts, strict=True):
        if x.shape[a] == 0:
            continue
        places = places % size_of(x, a)
        if isinstance(places, Value) or places:
            x = joined([section(x, a, -places, None), section(x, a, None, -places)], a)
    return x


@public
def broadcast_to(x, shape):
    """Stretch `x` to a shape, as two operands stretch when they meet.

    >>> broadcast_to([1, 2], (2, 2))
    Tensor([[1, 2],
            [1, 2]], shape=(2, 2), dtype=int32)
    """
    if isinstance(shape, int) or getattr(shape, "ndim", 1) == 0:
        problem = "a shape lists a size for each axis"
        raise DTypeError("broadcast_to", problem, f"shape={shape!r}", f"({shape},)")
    x, later, shape = convert(x), later_sizes(shape), tuple(sizes_in(shape))
    if not later:
        return apply(table.broadcast_to, x, shape=shape)
    like = apply(table.full, *later, shape=shape, value=0, dtype="int32")
    return apply(table.broadcast_like, x, like)


def copies(x, axis, number):
    """`x`, whose axis has size 1, `number` times along it."""
    sizes = [size_of(x, a) for a in range(x.ndim)]
    return broadcast_to(x, [*sizes[:axis], number, *sizes[axis + 1 :]])


def laid_together(x, axis):
    """`axis` and the one after it as one axis."""
    sizes = measured(x)
    both = merged(sizes[axis : axis + 2])
    return reshaped(x, (*sizes[:axis], both, *sizes[axis + 2 :]))


@public
def tile(x, repeats):
    """The whole tensor again and again: `repeats` times along each axis.

    >>> tile([1, 2], 2)
    Tensor([1, 2, 1, 2], shape=(4,), dtype=int32)
    """
    x = convert(x)
    repeats = [n if whole(n) is None else whole(n) for n in listed(repeats)]
    repeats = [1] * (x.ndim - len(repeats)) + repeats
    x = reshaped(x, (1,) * (len(repeats) - x.ndim) + measured(x))
    for axis, number in enumerate(repeats):
        if isinstance(number, Value) or number != 1:
            line = expand_dims(x, axis)
            x = laid_together(copies(line, axis, number), axis)
    return x


@public
def repeat(x, repeats, axis=None):
    """Each element again and again: `repeats` is a number, or one for each element.

    >>> repeat([1, 2], 2)
    Tensor([1, 1, 2, 2], shape=(4,), dtype=int32)
    """
    x = reshaped(convert(x), (-1,)) if axis is None else convert(x)
    axis = axis_of("repeat", axis or 0, x.ndim)
    counts = convert(repeats)
    if counts.ndim == 0 or counts.shape == (1,):
        number = counts if counts.ndim == 0 else counts[0]
        number = number if whole(number) is None else whole(number)
        wider = expand_dims(x, axis + 1)
        return laid_together(copies(wider, axis + 1, number), axis)
    if counts.shape != (x.shape[axis],) and (
        counts.ndim != 1 or x.shape[axis] is not None
    ):
        raise ShapeError(
            "repeat", "one number, or one for each element", f"{x.spec}, {counts.spec}"
        )
    places = [i for i, n in enumerate(counts.numpy().tolist()) for _ in range(n)]
    return apply(table.gather, x, convert(places, "int32"), axis=axis)


BORDERS = {  # mode: the slices that give n elements before the first and after the last
    "reflect": (lambda n: (n, 0, -1), lambda n: (-2, -2 - n, -1)),
    "symmetric": (lambda n: (n - 1, None, -1), lambda n: (-1, -1 - n, -1)),
    "wrap": (lambda n: (-n, None, None), lambda n: (None, n, None)),
    "edge": (lambda n: (None, 1, None), lambda n: (-1, None, None)),
}


def bordered(x, axis, before, after, mode):
    """A border along one axis, made of slices of `x` itself."""
    room = x.shape[axis]
    reach = 1 if mode == "edge" else builtins.max(before, after) + (mode == "reflect")
    if (before or after) and room is not None and room < reach:
        problem = f"axis {axis} of size {room} is too short for mode {mode!r}"
        raise ShapeError("pad", problem, str(x.spec))
    first, last = BORDERS[mode]
    left = [section(x, axis, *first(before))] if before else []
    right = [section(x, axis, *last(after))] if after else []
    if mode == "edge":
        left, right = left * before, right * after
    return joined([*left, x, *right], axis)


def pairs_of(widths, ndim):
    """(before, after) for each axis, from one number, one pair, or all pairs."""
    if isinstance(widths, int):
        widths = ((widths, widths),)
    elif isinstance(widths[0], int):
        widths = ((widths[0], widths[-1]),)
    pairs = tuple(tuple(map(operator.index, pair)) for pair in widths)
    if len(pairs) not in (1, ndim):
        raise ShapeError("pad", f"{len(pairs)} pairs of widths for {ndim} axes")
    return pairs * ndim if len(pairs) == 1 else pairs


@public
def pad(x, pad_width, mode="constant", constant_values=None):
    """`x` with a border: `pad_width` elements before and after, for each axis.

    pad_width: an int, a pair for all axes, or a pair for each axis. `mode`: "constant"
    (`constant_values`, 0 by default), "edge" repeats the last element, "reflect"
    mirrors at it, "symmetric" after it, "wrap" begins again from the other side.

    >>> pad([1, 2, 3], 2, mode="reflect")
    Tensor([3, 2, 1, 2, 3, 2, 1], shape=(7,), dtype=int32)
    """
    x = convert(x)
    widths = pairs_of(pad_width, x.ndim)
    if mode == "constant":
        return apply(table.pad, x, widths=widths, value=constant_values or 0)
    if mode not in BORDERS or constant_values is not None:
        known = mode in BORDERS
        problem = "constant_values are for mode='constant'" if known else "unknown mode"
        modes = ", ".join(["constant", *BORDERS])
        raise ArgumentError("pad", problem, repr(mode), f"one of {modes}")
    for axis, (before, after) in enumerate(widths):
        x = bordered(x, axis, before, after, mode)
    return x
