"""Generated from
book/arrays/table.ipynb
book/arrays/specs.ipynb
book/arrays/tensors.ipynb
book/arrays/indexing.ipynb
book/gradients/tape.ipynb

Edit the chapter, not this file.
"""

import functools
import operator

import numpy as np

from minikeras.core.buffers import owned, read_only
from minikeras.core.config import floatx
from minikeras.core.door import apply, here
from minikeras.core.dtypes import NAME_OF, NAMES, NUMPY, result_type
from minikeras.core.errors import ArgumentError, DTypeError, ShapeError
from minikeras.core.specs import joint_shape, known_spec
from minikeras.core.table import (
    absolute,
    add,
    bitwise_and,
    bitwise_not,
    bitwise_or,
    bitwise_xor,
    broadcast_like,
    broadcast_to,
    cast,
    concatenate,
    dim_size,
    divide,
    equal,
    floor_divide,
    full,
    greater,
    greater_equal,
    less,
    less_equal,
    matmul,
    mod,
    multiply,
    negative,
    not_equal,
    power,
    reduce_any,
    reshape,
    subtract,
)


class Value:
    """Anything that operations take and give: tensors, later symbols and variables."""

    __slots__ = ()
    __hash__ = None

    @property
    def shape(self):
        """The sizes of the axes, a tuple; None where a size is not known."""
        return self.spec.shape

    @property
    def dtype(self):
        """The kind of the numbers, a string."""
        return self.spec.dtype

    @property
    def ndim(self):
        """The number of axes."""
        return len(self.shape)

    def _no_values(self, *args, **kwargs):
        """Refuse to be a number: there is none yet, only a shape and a dtype."""
        problem = "it has no values yet, only a shape and a dtype"
        hint = "where(condition, x, y) in place of if, cast in place of float and int"
        raise DTypeError(type(self).__name__, problem, str(self.spec), hint)

    def __bool__(self):
        return self._no_values()

    def __float__(self):
        return self._no_values()

    def __int__(self):
        return self._no_values()

    def __index__(self):
        return self._no_values()

    def __array__(self, dtype=None, copy=None):
        return self._no_values()

    def numpy(self):
        """The values as a NumPy array, where there are any."""
        return self._no_values()

    def _as_value(self):
        """What operations use in place of this value: itself, but for variables."""
        return self

    @property
    def __array_priority__(self):
        """Above NumPy's arrays, so that array + tensor asks the tensor."""
        return 100

    def __add__(self, y):
        return binary(add, self, y)

    def __radd__(self, x):
        return binary(add, x, self)

    def __sub__(self, y):
        return binary(subtract, self, y)

    def __rsub__(self, x):
        return binary(subtract, x, self)

    def __mul__(self, y):
        return binary(multiply, self, y)

    def __rmul__(self, x):
        return binary(multiply, x, self)

    def __truediv__(self, y):
        return quotient(self, y)

    def __rtruediv__(self, x):
        return quotient(x, self)

    def __floordiv__(self, y):
        return binary(floor_divide, self, y)

    def __rfloordiv__(self, x):
        return binary(floor_divide, x, self)

    def __mod__(self, y):
        return binary(mod, self, y)

    def __rmod__(self, x):
        return binary(mod, x, self)

    def __pow__(self, y):
        return binary(power, self, y)

    def __rpow__(self, x):
        return binary(power, x, self)

    def __neg__(self):
        return apply(negative, self._as_value())

    def __pos__(self):
        return self._as_value()

    def __abs__(self):
        return apply(absolute, self._as_value())

    def __invert__(self):
        return apply(bitwise_not, self._as_value())

    def __eq__(self, y):
        return False if y is None else binary(equal, self, y)

    def __ne__(self, y):
        return True if y is None else binary(not_equal, self, y)

    def __lt__(self, y):
        return binary(less, self, y)

    def __le__(self, y):
        return binary(less_equal, self, y)

    def __gt__(self, y):
        return binary(greater, self, y)

    def __ge__(self, y):
        return binary(greater_equal, self, y)

    def __and__(self, y):
        return binary(bitwise_and, self, y)

    def __rand__(self, x):
        return binary(bitwise_and, x, self)

    def __or__(self, y):
        return binary(bitwise_or, self, y)

    def __ror__(self, x):
        return binary(bitwise_or, x, self)

    def __xor__(self, y):
        return binary(bitwise_xor, self, y)

    def __rxor__(self, x):
        return binary(bitwise_xor, x, self)

    def __matmul__(self, y):
        if self.__class__ is y.__class__ is Tensor and self.ndim == 2 == y.ndim:
            return product(self, y)
        if isinstance(y, Value) and y.__array_priority__ > self.__array_priority__:
            return NotImplemented
        return matmul_any(self, y)

    def __rmatmul__(self, x):
        return matmul_any(x, self)

    def __getitem__(self, index):
        """Part of this value, as NumPy indexes."""
        from minikeras.core.indexing import get_item

        return get_item(self._as_value(), index)

    def __setitem__(self, index, value):
        problem = "a tensor never changes, so nothing can be put into it"
        hint = "where(mask, value, x), or ops.scatter_update for a changed copy"
        raise DTypeError("index", problem, str(self.spec), hint)

    def __len__(self):
        if not self.shape:
            raise DTypeError(
                "len", "a tensor without axes has no length", str(self.spec)
            )
        if self.shape[0] is None:
            problem = "the size of the first axis is not known yet"
            raise DTypeError(
                "len", problem, str(self.spec), "ops.shape(x)[0], when it runs"
            )
        return self.shape[0]

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __contains__(self, number):
        return bool(apply(reduce_any, self == number, axis=None, keepdims=False))

    def _watched_by(self, tape):
        """A value asks the tape to follow it."""
        tape.follow(self)


class Tensor(Value):
    """An immutable array of numbers of one kind."""

    __slots__ = ("__weakref__", "_data", "_keras_logits", "_keras_mask")

    def __init__(self, data):
        self._data = data

    @property
    def spec(self):
        """The shape and dtype of this tensor, a TensorSpec."""
        return known_spec(self._data.shape, NAME_OF[self._data.dtype])

    @property
    def shape(self):
        """The sizes of the axes, a tuple."""
        return self._data.shape

    @property
    def dtype(self):
        """The kind of the numbers, a string."""
        return NAME_OF[self._data.dtype]

    @property
    def ndim(self):
        """The number of axes."""
        return self._data.ndim

    @property
    def size(self):
        """How many numbers there are."""
        return self._data.size

    def numpy(self):
        """A copy of the values as a NumPy array; yours to change."""
        return self._data.copy()

    def __array__(self, dtype=None, copy=None):
        """The values for NumPy: a read-only view, or a copy where one is needed."""
        if dtype is not None and np.dtype(dtype) != self._data.dtype:
            if copy is False:
                problem = f"{self.dtype} cannot become {np.dtype(dtype)} without a copy"
                raise ArgumentError("asarray", problem, str(self.spec))
            return self._data.astype(dtype)
        return self._data.copy() if copy else read_only(self._data)

    def __dlpack__(self, *, max_version=None, **options):
        """The buffer for other libraries: read-only where the protocol can say so."""
        old = max_version is None or max_version < (1, 0)
        if old and options.get("copy") is not False:
            return self._data.copy().__dlpack__(**options)
        return read_only(self._data).__dlpack__(max_version=max_version, **options)

    def __dlpack_device__(self):
        return self._data.__dlpack_device__()

    def __float__(self):
        return float(_single(self, "float"))

    def __int__(self):
        return int(_single(self, "int"))

    def __bool__(self):
        return bool(
            _single(self, "bool", "any(x) or all(x); & and | in place of and, or")
        )

    def __index__(self):
        if self._data.dtype.kind not in "iu":
            raise DTypeError("index", "only a whole number can index", str(self.spec))
        return int(_single(self, "index"))

    def __repr__(self):
        values = np.array2string(self._data, separator=", ", prefix="Tensor(")
        return f"Tensor({values}, shape={self.shape}, dtype={self.dtype})"

    def __format__(self, form):
        return format(_single(self, "format"), form) if form else repr(self)

    def __reduce__(self):
        return Tensor, (self._data,)

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self


WEAK = {bool, int, float}


def _alone(x):
    """The dtype that a Python number gets when it meets nothing else."""
    if x.__class__ is not int:
        return "bool" if x.__class__ is bool else floatx()
    if -(2**31) <= x < 2**31:
        return "int32"
    return "int64" if -(2**63) <= x < 2**63 else "uint64"


def _number(x, dtype):
    """A Python number as a tensor of `dtype`."""
    try:
        if abs(x) < 65504:  # float16 ends here
            return Tensor(np.array(x, NUMPY[dtype]))
        with np.errstate(over="ignore"):
            return Tensor(np.array(x, NUMPY[dtype]))
    except (OverflowError, ValueError):
        hint = "a wider dtype, or a float one"
        problem = f"{x} does not fit into {dtype}"
        raise ArgumentError("convert_to_tensor", problem, hint=hint) from None


def _leaf_kinds(x):
    """The classes of the things in a nest of lists and tuples."""
    if not isinstance(x, (list, tuple)):
        return {int} if isinstance(x, range) else {type(x)}
    kinds = set(map(type, x))
    if any(issubclass(kind, (list, tuple, range)) for kind in kinds):
        return set().union(*map(_leaf_kinds, x))
    return kinds


def _read(x):
    """What NumPy makes of `x`; lists of unequal lengths are refused."""
    try:
        if hasattr(x, "__dlpack__") and not hasattr(x, "__array__"):
            return np.from_dlpack(x)
        return np.asarray(x)
    except ValueError:
        if not isinstance(x, (list, tuple)):
            raise
        problem = "the nested lists have different lengths"
        hint = "lists of one length, for example padded"
        raise ShapeError("convert_to_tensor", problem, _short(x), hint) from None


def _short(x, width=60):
    """A value's repr, cut to fit a line of an error."""
    text = " ".join(repr(x).split())
    return text if len(text) <= width else text[: width - 3] + "..."


WORDS = {"U": "text", "S": "bytes", "M": "dates", "m": "time spans"}

WORDS |= {"c": "complex numbers", "V": "records"}


def _refuse(x, array):
    """Raise the error for something that holds no numbers of ours."""
    held = WORDS.get(array.dtype.kind, str(array.dtype))
    if array.dtype == object:
        classes = {type(item) for item in array.flat}
        if classes <= {bool, int}:
            problem = "a whole number needs more than 64 bits"
            raise ArgumentError("convert_to_tensor", problem, _short(x))
        held = " and ".join(sorted(kind.__name__ for kind in classes)) or "objects"
    hint = "numbers, or an array of numbers"
    raise DTypeError("convert_to_tensor", f"takes numbers, not {held}", _short(x), hint)


def _own_dtype(array, kinds):
    """The dtype for an array read from things of these classes; None keeps it."""
    strong = kinds - WEAK
    if not strong and array.dtype.kind == "f":
        return floatx()
    if not strong and array.dtype.kind == "i":
        fits = (array >= -(2**31)) & (array < 2**31)
        return "int32" if fits.all() else "int64"
    mixed = strong and kinds & WEAK and all(issubclass(k, np.generic) for k in strong)
    return result_type(*kinds) if mixed else None


def _array_of(x, kinds, dtype=None):
    """The numbers of `x` in an array of our own; anything else is an error."""
    array = _read(x)
    if array.dtype.newbyteorder("=") not in NAME_OF:
        _refuse(x, array)
    dtype = NUMPY.get(dtype or _own_dtype(array, kinds))
    with np.errstate(all="ignore"):
        mine = owned(array, dtype)
    if int in kinds and array.dtype.kind in "iu" and mine.dtype.kind in "iu":
        if (mine != array).any():
            problem = f"numbers that do not fit into {NAME_OF[mine.dtype]}"
            raise ArgumentError(
                "convert_to_tensor", problem, _short(x), "a wider dtype"
            )
    return mine


def convert(x, dtype=None):
    """A value for `x`: a tensor of its numbers, or `x` itself if it is a value already.

    `dtype` is the name of a dtype. Source: chapter "Tensors that feel like numbers".

    >>> convert([1, 2.5])
    Tensor([1. , 2.5], shape=(2,), dtype=float32)
    """
    if isinstance(x, Value):
        x = x._as_value()
        return x if dtype is None or x.dtype == dtype else apply(cast, x, dtype=dtype)
    if x.__class__ in WEAK:
        return _number(x, dtype or _alone(x))
    kinds = _leaf_kinds(x)
    if any(issubclass(kind, Value) for kind in kinds):
        return _stacked(x, dtype)
    return Tensor(_array_of(x, kinds, dtype))


def _stacked(items, dtype):
    """Tensors in lists become one tensor with one more axis, and gradients pass."""
    parts = [convert(item, dtype) for item in items]
    kind = dtype or result_type(*(part.dtype for part in parts))
    rows = [in_shape(convert(part, kind), (1, *measured(part))) for part in parts]
    return apply(concatenate, *rows, axis=0)


def size_of(x, axis):
    """The size of an axis: an int, or a tensor that will know it at run time."""
    size = x.shape[axis]
    return apply(dim_size, x, axis=axis) if size is None else size


def measured(x):
    """The sizes of `x`; where several are not known yet, tensors that will hold them."""
    if x.shape.count(None) < 2 and not (None in x.shape and 0 in x.shape):
        return x.shape
    return tuple([size_of(x, axis) for axis in range(x.ndim)])


def merged(sizes):
    """The size of several axes laid into one; None if one of them is unknown."""
    return None if None in sizes else functools.reduce(operator.mul, sizes, 1)


def in_shape(x, shape):
    """`x` reshaped; sizes may be tensors, and one None is worked out when it runs."""
    later = [n for n in shape if isinstance(n, Value)]
    known = [n for n in shape if not isinstance(n, Value)] if later else shape
    free = -1 if known.count(None) == 1 and -1 not in known else None
    if later or free:
        shape = [
            n if isinstance(n, int) else free if n is None else None for n in shape
        ]
    shape = tuple(shape)
    if x.shape == shape and not later:
        return x
    return apply(reshape, x, *later, shape=shape)


def dtype_of(x):
    """What `x` brings to a promotion: a dtype, or the class of a Python number."""
    if x.__class__ in WEAK:
        return x.__class__
    return x.dtype if isinstance(x, Value) else convert(x).dtype


def promote(*values, at_least=None):
    """All values in the dtype in which they meet (with `at_least` among them)."""
    values = [x if x.__class__ in WEAK else convert(x) for x in values]
    kinds = [*map(dtype_of, values), *([at_least] if at_least else [])]
    if kinds.count(kinds[0]) == len(kinds) and kinds[0] not in WEAK:
        return values
    dtype = result_type(*kinds)
    return [
        _number(x, dtype) if x.__class__ in WEAK else convert(x, dtype) for x in values
    ]


def followed(x):
    """Whether what happens to `x` is being written down: by a graph or by a tape."""
    level = here.level
    return level.explicit or any(watcher.follows(x) for watcher in level.watchers)


def _stretched(x, joint, values):
    """`x` in the joint shape; sizes that are not known yet are read from the others."""
    if None not in joint:
        return x if x.shape == joint else apply(broadcast_to, x, shape=joint)
    others, stretched = [other for other in values if other is not x], x
    for other in others:
        stretched = apply(broadcast_like, stretched, other)
    return stretched


def broadcast(op, *values):
    """Stretch the values to their joint shape, where someone will ask how.

    On a level that writes graphs, always; for a tape, only what it follows: NumPy
    stretches the rest while it computes, for a fraction of the price.
    """
    level = here.level
    if not (level.explicit or level.watchers):
        return values
    shapes = [x.shape for x in values]
    if shapes.count(shapes[0]) == len(shapes) and None not in shapes[0]:
        return values
    joint = joint_shape(op, *shapes)
    return [_stretched(x, joint, values) if followed(x) else x for x in values]


def align(op, *values):
    """The values in their common dtype, and in their common shape where it matters."""
    return broadcast(op, *promote(*values))


KEEPS = {
    (kind, NUMPY[name])
    for kind in WEAK
    for name in NAMES
    if result_type(name, kind) == name
}


def _beside(number, tensor):
    """A Python number as a tensor beside another, or None if both must change."""
    dtype = tensor._data.dtype
    if (number.__class__, dtype) in KEEPS:
        return _number(number, NAME_OF[dtype])
    return None


def binary(op, x, y):
    """Apply an operation of two operands; the frequent cases take short paths."""
    if x.__class__ is Tensor:
        if y.__class__ is Tensor:
            a, b = x._data, y._data
            if a.dtype is b.dtype:
                if a.shape == b.shape:
                    return apply(op, x, y)
                return apply(op, *broadcast(op.name, x, y))
        elif y.__class__ in WEAK and not here.level.explicit:
            number = _beside(y, x)
            if number is not None:
                return apply(op, x, number)
    return _binary_of_all(op, x, y)


def _binary_of_all(op, x, y):
    """`binary` for operands of every kind."""
    if y.__class__ is Tensor and x.__class__ in WEAK and not here.level.explicit:
        number = _beside(x, y)
        if number is not None:
            return apply(op, number, y)
    if isinstance(x, Value) and isinstance(y, Value):
        if y.__array_priority__ > x.__array_priority__:
            return NotImplemented
    return apply(op, *align(op.name, x, y))


def quotient(x, y):
    """x / y; whole numbers are divided as floats."""
    for operand in (x, y):
        if operand.__class__ is Tensor and operand._data.dtype.kind == "f":
            return binary(divide, x, y)
    if isinstance(x, Value) and isinstance(y, Value):
        if y.__array_priority__ > x.__array_priority__:
            return NotImplemented
    return apply(divide, *broadcast("divide", *promote(x, y, at_least=float)))


def product(x, y):
    """x @ y for two values of at least two axes each; batch axes broadcast."""
    if not (x.__class__ is y.__class__ is Tensor and x._data.dtype is y._data.dtype):
        x, y = promote(x, y)
    if x.ndim != 2 or y.ndim != 2:
        x, y = _same_batch(x, y)
    return apply(matmul, x, y)


def _same_batch(x, y):
    """Stretch the batch axes, all but the last two, where someone will ask how."""
    level, batches = here.level, (x.shape[:-2], y.shape[:-2])
    if not (level.explicit or level.watchers):
        return x, y
    joint = joint_shape("matmul", *batches)
    if batches[0] == batches[1] and None not in joint:
        return x, y
    both = (x, y), (y, x)
    return [_batched(v, joint, w) if followed(v) else v for v, w in both]


def _batched(x, joint, other):
    """`x` with the joint batch axes; what is not known yet is read from `other`."""
    shape = (*joint, *x.shape[-2:])
    if None not in shape:
        return _stretched(x, shape, ())
    batch = [size_of(other, axis) for axis in range(other.ndim - 2)]
    later = [n for n in batch if isinstance(n, Value)]
    shape = (*other.shape[:-2], 1, 1)
    blank = apply(full, *later, shape=shape, value=0, dtype=x.dtype)
    return apply(broadcast_like, x, blank)


def matmul_any(x, y):
    """x @ y as NumPy has it: a vector is a row on the left, a column on the right."""
    x, y = promote(x, y)
    if x.ndim > 1 and y.ndim > 1:
        return product(x, y)
    if 0 in (x.ndim, y.ndim):
        problem = "a single number has no axes to multiply over"
        raise ShapeError("matmul", problem, f"{x.spec} @ {y.spec}", "x * y")
    row = x if x.ndim > 1 else in_shape(x, (1, *x.shape))
    column = y if y.ndim > 1 else in_shape(y, (*y.shape, 1))
    return _without_vectors(product(row, column), x, y)


def _without_vectors(z, x, y):
    """The product `z` without the axes that were lent to a vector x or y."""
    *batch, rows, columns = measured(z)
    kept = [rows] * (x.ndim > 1) + [columns] * (y.ndim > 1)
    return in_shape(z, (*batch, *kept))


def _single(tensor, what, hint=None):
    """The one number of a tensor, as Python's own."""
    if tensor._data.size != 1:
        problem = "only a tensor of one number is one number"
        raise ArgumentError(what, problem, str(tensor.spec), hint)
    return tensor._data.item()
