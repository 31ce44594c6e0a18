"""Generated from book/arrays/indexing.ipynb. Edit the chapter, not this file."""

import operator

from minikeras.core.door import apply
from minikeras.core.dtypes import is_int_dtype
from minikeras.core.errors import ArgumentError, DTypeError, IndexRangeError
from minikeras.core.table import gather, nonzero, strided_slice, transpose
from minikeras.core.tensor import Tensor, Value, convert, in_shape, measured


def standardize_item(item):
    """An item as slice, None, Ellipsis, int, or a tensor of integers or booleans."""
    if item is None or item is Ellipsis or item.__class__ in (int, slice):
        return item
    tensor = _index_tensor(item)
    if tensor.dtype == "bool":
        return tensor
    if not is_int_dtype(tensor.dtype):
        _refuse_item(item)
    is_number = isinstance(tensor, Tensor) and tensor.ndim == 0
    return int(tensor) if is_number else tensor


def _index_tensor(item):
    """A list, array, number or value as a value; what is no index is refused."""
    try:
        tensor = convert(item)
    except DTypeError:
        _refuse_item(item)
    if isinstance(item, (list, tuple)) and 0 in tensor.shape:
        return convert(item, "int32")
    return tensor


def _refuse_item(item):
    """Raise the error for an item that is no index."""
    problem = "an index is a whole number, slice, None, ... or tensor of ints or bools"
    raise DTypeError("index", problem, getattr(item, "spec", None) or repr(item))


def axes_taken(item):
    """How many axes of the tensor an item of an index uses up."""
    if item is None or item is Ellipsis:
        return 0
    is_mask = isinstance(item, Value) and item.dtype == "bool"
    return item.ndim if is_mask else 1


def expand_index(items, ndim):
    """The items with `...` written out: together they use all `ndim` axes."""
    taken = sum(map(axes_taken, items))
    if taken > ndim:
        raise IndexRangeError("index", f"{taken} indices for {ndim} axes")
    dots = [place for place, item in enumerate(items) if item is Ellipsis]
    if len(dots) > 1:
        raise ArgumentError("index", "only one ... can stand in an index")
    place = dots[0] if dots else len(items)
    rest = (slice(None),) * (ndim - taken)
    return (*items[:place], *rest, *items[place + 1 :])


def mask_to_indices(mask, shape):
    """A boolean tensor as index tensors of the places where it is true."""
    if not mask.ndim:
        problem = "a single bool is no index"
        raise ArgumentError("index", problem, hint="a mask of the tensor's shape")
    pairs = zip(mask.shape, shape, strict=True)
    if not all(m == n or None in (m, n) for m, n in pairs):
        problem = f"a mask of shape {list(mask.shape)} on axes of {list(shape)}"
        raise IndexRangeError(
            "index", problem, hint="a mask as long as the axes it masks"
        )
    places = apply(nonzero, mask)
    rows = [
        apply(strided_slice, places, index=((i, i + 1, 1),)) for i in range(mask.ndim)
    ]
    return [in_shape(row, row.shape[1:]) for row in rows]


def masks_to_indices(items, shape):
    """Replace each boolean tensor by the index tensors of its true places."""
    result, axis = [], 0
    for item in items:
        taken = axes_taken(item)
        if isinstance(item, Value) and item.dtype == "bool":
            result += mask_to_indices(item, shape[axis : axis + taken])
        else:
            result.append(item)
        axis += taken
    return result


def triple(item, axis, size):
    """The (start, stop, step) that an item of an index cuts from its axis."""
    if isinstance(item, slice):
        return tuple(_bound(b) for b in (item.start, item.stop, item.step))
    if not isinstance(item, int):
        return (None, None, None)
    if size is not None and not -size <= item < size:
        problem = f"index {item} is out of range for axis {axis} of size {size}"
        hint = f"an index from {-size} to {size - 1}" if size else None
        raise IndexRangeError("index", problem, hint=hint)
    return (item, item + 1 or None, 1)


def _bound(bound):
    """One end or the step of a slice: a whole number, known now or later, or None."""
    if bound is None or bound.__class__ is int:
        return bound
    bound = bound._as_value() if isinstance(bound, Value) else bound
    if isinstance(bound, Value) and not isinstance(bound, Tensor):
        return _later(bound)
    try:
        return operator.index(bound)
    except TypeError:
        problem = "a slice goes from and to whole numbers"
        raise DTypeError("index", problem, repr(bound)) from None


def _later(bound):
    """A bound that only a run knows, if it is one whole number."""
    if bound.ndim or not is_int_dtype(bound.dtype):
        problem = "a slice goes from and to whole numbers"
        raise DTypeError("index", problem, str(bound.spec))
    return bound


def sliced(x, triples):
    """What (start, stop, step) for each axis take; bounds may be tensors."""
    bounds, index = open_bounds(triples)
    return apply(strided_slice, x, *bounds, index=index)


def open_bounds(triples):
    """The tensors among the bounds, and the triples with "?" in their places."""
    bounds = [n for t in triples for n in t if isinstance(n, Value)]
    index = [tuple(["?" if isinstance(n, Value) else n for n in t]) for t in triples]
    return bounds, tuple(index)


WHOLE = (None, None, None)


def cut(x, items):
    """What numbers and slices leave of `x`; a number leaves an axis of size 1."""
    used = [item for item in items if item is not None]
    pairs = enumerate(zip(used, x.shape, strict=True))
    triples = tuple(triple(item, axis, size) for axis, (item, size) in pairs)
    while triples and triples[-1] == WHOLE:
        triples = triples[:-1]
    return sliced(x, triples) if triples else x


def arrange(x, items):
    """`x` without the axes of numbers, and with an axis of 1 for each None."""
    if not any(item is None or isinstance(item, int) for item in items):
        return x
    sizes, shape = iter(measured(x)), []
    for item in items:
        size = 1 if item is None else next(sizes)
        if not isinstance(item, int):
            shape.append(size)
    return in_shape(x, shape)


def pick(x, indices, axes, apart):
    """Gather at the index tensors; NumPy's rule says where the new axes go."""
    first = 0 if apart else axes[0]
    others = [axis for axis in range(x.ndim) if axis not in axes]
    order = (*others[:first], *axes, *others[first:])
    if order != tuple(range(x.ndim)):
        x = apply(transpose, x, axes=order)
    return apply(gather, x, *indices, axis=first)


def is_apart(items):
    """Whether index tensors, and numbers among them, have a slice or None between."""
    places = [i for i, item in enumerate(items) if isinstance(item, (Value, int))]
    return places[-1] - places[0] >= len(places)


def get_item(x, index):
    """x[index], as NumPy reads it.

    Whole numbers, slices, None, `...`, and tensors (or lists) of integers or booleans.
    Source: chapter "Picking and cutting".

    >>> get_item(convert([[1, 2], [3, 4]]), (slice(None), 0))
    Tensor([1, 3], shape=(2,), dtype=int32)
    """
    items = index if isinstance(index, tuple) else (index,)
    items = expand_index(tuple(map(standardize_item, items)), x.ndim)
    if not any(isinstance(item, Value) for item in items):
        return arrange(cut(x, items), items)
    items = masks_to_indices(items, x.shape)
    x = arrange(cut(x, items), items)
    left = [item for item in items if not isinstance(item, int)]
    axes = [axis for axis, item in enumerate(left) if isinstance(item, Value)]
    return pick(x, [left[a] for a in axes], axes, is_apart(items))
