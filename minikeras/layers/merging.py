"""Generated from book/keras/merging.ipynb. Edit the chapter, not this file."""

import functools
from string import ascii_letters

from minikeras import ops
from minikeras.core.errors import ArgumentError, DTypeError, ShapeError
from minikeras.layers.layer import Layer


def raised(x, ndim):
    """`x` with axes of size 1 behind the batch axis, until it has `ndim` axes."""
    for _ in range(ndim - x.ndim):
        x = ops.expand_dims(x, 1)
    return x


def together(a, b):
    """The shape of two shapes stretched to each other, lined up at the right.

    >>> together((7, 4), (4,)), together((None, 4), (3, 1))
    ((7, 4), (None, 4))
    """
    short, long = sorted((tuple(a), tuple(b)), key=len)
    first = len(long) - len(short)
    return long[:first] + tuple(map(_one_size, long[first:], short))


def _one_size(m, n):
    if m is None or n is None:
        return None
    if 1 not in (m, n) and m != n:
        raise ShapeError("merge", "sizes differ", f"{m} and {n}")
    return n if m == 1 else m


class Merge(Layer):
    """Base of the layers that make one tensor of a list of tensors.

    Subclasses name the operation for two inputs, `_pair`, or write `_merge_function`.
    An input of lower rank gets axes of size 1 behind the batch axis.
    Errors: a ValueError for anything but a list, and for shapes that do not fit.
    """

    supports_masking = True
    _pair = staticmethod(ops.add)

    def __init__(self, **kwargs):
        super().__init__(**kwargs)

    def _merge_function(self, inputs):
        return functools.reduce(self._pair, inputs)

    def call(self, inputs):
        self._need_list("inputs", inputs)
        ndim = max(x.ndim for x in inputs)
        return self._merge_function([raised(x, ndim) for x in inputs])

    def _need_list(self, name, values, count=None, of=object):
        """A ValueError unless `values` is a list (of `count`) of things of class `of`."""
        listed = isinstance(values, (list, tuple)) and len(values) > 0
        right = listed and isinstance(values[0], of)
        if not right or len(values) != (count or len(values)):
            problem = f"takes a list of {count or 'at least 1'} tensors"
            got = f"{name}={str(values)[:60]}"
            raise ArgumentError(self._title(), problem, got, "layer([x, y])")

    def _need_shapes(self, input_shape, count=None):
        """A ValueError unless `input_shape` is a list of shapes."""
        self._need_list("input_shape", input_shape, count, of=(list, tuple))

    def build(self, input_shape):
        """Only look at the shapes: there are no weights."""
        self._need_shapes(input_shape)
        if len({shape[0] for shape in input_shape if shape} - {None}) > 1:
            raise ShapeError(self._title(), "batch sizes differ", str(input_shape))
        self._joint(input_shape)

    def _joint(self, input_shape):
        """The shape of the result without its batch axis."""
        try:
            return functools.reduce(
                together, [tuple(shape[1:]) for shape in input_shape]
            )
        except ShapeError as error:
            problem = f"the inputs do not fit: {error.problem} {error.got}"
            raise ShapeError(self._title(), problem, str(input_shape)) from None

    def compute_output_shape(self, input_shape):
        batch = {shape[0] for shape in input_shape} - {None}
        return (batch.pop() if len(batch) == 1 else None, *self._joint(input_shape))

    def compute_mask(self, inputs, mask=None):
        """True where any input counts; None if one of them has no mask."""
        if mask is None:
            return None
        self._need_masks(inputs, mask)
        if any(one is None for one in mask):
            return None
        return functools.reduce(ops.logical_or, mask)

    def _need_masks(self, inputs, mask):
        self._need_list("mask", mask)
        self._need_list("inputs", inputs, len(mask))

    def _merge_unmasked(self, inputs):
        """Reduce by `_pair`; where only one of two values counts, it is the result."""
        y, valid = inputs[0], mask_over(inputs[0])
        for x in inputs[1:]:
            mask = mask_over(x)
            if mask is not None:
                x = ops.where(mask, x, y)
            if valid is not None:
                y = ops.where(valid, y, x)
            both = mask is not None and valid is not None
            valid = ops.logical_or(valid, mask) if both else None
            y = self._pair(y, x)
        return with_mask(y, valid)


class Add(Merge):
    """The sum of the inputs, y = x1 + x2 + ...

    A list of tensors of one shape, or of shapes that stretch to each other.

    >>> Add()([ops.ones((2, 3)), ops.ones((2, 3))]).numpy()
    array([[2., 2., 2.],
           [2., 2., 2.]], dtype=float32)
    """


def add(inputs, **kwargs):
    """`Add(**kwargs)` called on `inputs`.

    >>> add([ops.ones((2,)), ops.ones((2,))]).numpy()
    array([2., 2.], dtype=float32)
    """
    return Add(**kwargs)(inputs)


class Subtract(Merge):
    """The difference of exactly two inputs, y = x1 - x2.

    >>> Subtract()([3 * ops.ones((2,)), ops.ones((2,))]).numpy()
    array([2., 2.], dtype=float32)
    """

    _pair = staticmethod(ops.subtract)

    def build(self, input_shape):
        super().build(input_shape)
        self._need_shapes(input_shape, 2)

    def _merge_function(self, inputs):
        self._need_list("inputs", inputs, 2)
        return super()._merge_function(inputs)


def subtract(inputs, **kwargs):
    """`Subtract(**kwargs)` called on `inputs`.

    >>> subtract([3 * ops.ones((2,)), ops.ones((2,))]).numpy()
    array([2., 2.], dtype=float32)
    """
    return Subtract(**kwargs)(inputs)


class Average(Merge):
    """The mean of n inputs, y = (x1 + ... + xn) / n.

    >>> Average()([ops.zeros((2,)), ops.ones((2,))]).numpy()
    array([0.5, 0.5], dtype=float32)
    """

    def _merge_function(self, inputs):
        return super()._merge_function(inputs) / len(inputs)


def average(inputs, **kwargs):
    """`Average(**kwargs)` called on `inputs`.

    >>> average([ops.zeros((2,)), ops.ones((2,))]).numpy()
    array([0.5, 0.5], dtype=float32)
    """
    return Average(**kwargs)(inputs)


def mask_over(x):
    """The mask that travels with `x`, stretched over its last axis, or None."""
    mask = getattr(x, "_keras_mask", None)
    if mask is None:
        return None
    return ops.broadcast_to(ops.expand_dims(mask, -1), ops.shape(x))


def with_mask(y, mask):
    """`y`, its positions masked that are masked in all features."""
    if mask is not None:
        y._keras_mask = ops.any(mask, axis=-1)
    return y


class Multiply(Merge):
    """The product of the inputs, y = x1 * x2 * ...

    Masked positions of an input count as 1; where all inputs are masked, y is 0.

    >>> Multiply()([2 * ops.ones((2,)), 3 * ops.ones((2,))]).numpy()
    array([6., 6.], dtype=float32)
    """

    _pair = staticmethod(ops.multiply)

    def _merge_function(self, inputs):
        masks = [mask_over(x) for x in inputs]
        pairs = zip(inputs, masks, strict=True)
        ones = ops.ones((), inputs[0].dtype)
        y = super()._merge_function(
            [x if mask is None else ops.where(mask, x, ones) for x, mask in pairs]
        )
        if any(mask is None for mask in masks):
            return y
        valid = functools.reduce(ops.logical_or, masks)
        return with_mask(ops.where(valid, y, ops.zeros((), y.dtype)), valid)


def multiply(inputs, **kwargs):
    """`Multiply(**kwargs)` called on `inputs`.

    >>> multiply([2 * ops.ones((2,)), 3 * ops.ones((2,))]).numpy()
    array([6., 6.], dtype=float32)
    """
    return Multiply(**kwargs)(inputs)


class Maximum(Merge):
    """The largest of the inputs, element by element; masked values do not count.

    >>> Maximum()([ops.zeros((2,)), ops.ones((2,))]).numpy()
    array([1., 1.], dtype=float32)
    """

    _pair = staticmethod(ops.maximum)

    def _merge_function(self, inputs):
        return self._merge_unmasked(inputs)


def maximum(inputs, **kwargs):
    """`Maximum(**kwargs)` called on `inputs`.

    >>> maximum([ops.zeros((2,)), ops.ones((2,))]).numpy()
    array([1., 1.], dtype=float32)
    """
    return Maximum(**kwargs)(inputs)


class Minimum(Merge):
    """The smallest of the inputs, element by element; masked values do not count.

    >>> Minimum()([ops.zeros((2,)), ops.ones((2,))]).numpy()
    array([0., 0.], dtype=float32)
    """

    _pair = staticmethod(ops.minimum)

    def _merge_function(self, inputs):
        return self._merge_unmasked(inputs)


def minimum(inputs, **kwargs):
    """`Minimum(**kwargs)` called on `inputs`.

    >>> minimum([ops.zeros((2,)), ops.ones((2,))]).numpy()
    array([0., 0.], dtype=float32)
    """
    return Minimum(**kwargs)(inputs)


class Concatenate(Merge):
    """The inputs one after the other along `axis`; all other sizes must agree.

    [batch, m], [batch, n] -> [batch, m + n] for axis -1 or 1.

    >>> Concatenate()([ops.zeros((2, 1)), ops.ones((2, 2))]).numpy()
    array([[0., 1., 1.],
           [0., 1., 1.]], dtype=float32)
    """

    def __init__(self, axis=-1, **kwargs):
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, inputs):
        self._need_list("inputs", inputs)
        return ops.concatenate(inputs, axis=self.axis)

    def get_config(self):
        return {**super().get_config(), "axis": self.axis}

    def build(self, input_shape):
        self._need_shapes(input_shape)
        rest = [list(shape) for shape in input_shape]
        for shape in rest:
            if -len(shape) <= self.axis < len(shape):
                del shape[self.axis]
        same_rank = len({len(shape) for shape in rest}) == 1
        if not same_rank or any(
            len(set(n) - {None}) > 1 for n in zip(*rest, strict=True)
        ):
            problem = f"sizes differ elsewhere than on axis {self.axis}"
            raise ShapeError(self._title(), problem, str(input_shape))

    def compute_output_shape(self, input_shape):
        self._need_shapes(input_shape)
        sizes = [shape[self.axis] for shape in input_shape]
        shape = list(input_shape[0])
        shape[self.axis] = None if None in sizes else sum(sizes)
        return tuple(shape)

    def compute_mask(self, inputs, mask=None):
        """Masks joined as the inputs are; an input without one counts everywhere."""
        if mask is None:
            return None
        self._need_masks(inputs, mask)
        if all(one is None for one in mask):
            return None
        wide = []
        for x, one in zip(inputs, mask, strict=True):
            if one is None:
                one = ops.ones_like(x, dtype="bool")
            elif one.ndim < x.ndim:
                one = ops.expand_dims(one, -1)
                one = ops.logical_or(one, ops.zeros_like(x, dtype="bool"))
            wide.append(one)
        return ops.any(ops.concatenate(wide, axis=self.axis), axis=-1)


def concatenate(inputs, axis=-1, **kwargs):
    """`Concatenate(axis, **kwargs)` called on `inputs`.

    >>> concatenate([ops.zeros((1, 1)), ops.ones((1, 1))]).numpy()
    array([[0., 1.]], dtype=float32)
    """
    return Concatenate(axis=axis, **kwargs)(inputs)


def batch_dot(x, y, axes):
    """The dot products along axes[0] of x and axes[1] of y, example by example.

    x: [batch, ..., n, ...], y: [batch, ..., n, ...] -> [batch, the rest of x, of y];
    if there is no rest, [batch, 1].
    """
    first = ascii_letters[: x.ndim]
    second = first[0] + ascii_letters[x.ndim : x.ndim + y.ndim - 1]
    summed = second[axes[1]]
    first = first.replace(first[axes[0]], summed)
    rest = (first + second[1:]).replace(summed, "")
    z = ops.einsum(f"{first},{second}->{rest}", x, y)
    return ops.expand_dims(z, -1) if z.ndim == 1 else z


class Dot(Merge):
    """The dot product of two inputs along an axis of each, example by example.

    axes: one number for both, or a pair; never 0, the batch axis.
    normalize: give the cosine of the angle instead.
    [batch, n], [batch, n] -> [batch, 1]; [batch, m, n], [batch, k, n] -> [batch, m, k]
    for axes=2. Errors: a TypeError or ValueError for axes that are no such numbers.

    >>> Dot(axes=1)([ops.ones((2, 3)), ops.ones((2, 3))]).numpy()
    array([[3.],
           [3.]], dtype=float32)
    """

    def __init__(self, axes, normalize=False, **kwargs):
        super().__init__(**kwargs)
        numbers = [axes] * 2 if isinstance(axes, int) else axes
        if not isinstance(numbers, (list, tuple)):
            raise DTypeError("Dot", "axes is a number or a pair", f"axes={axes!r}")
        if len(numbers) != 2 or not all(isinstance(axis, int) for axis in numbers):
            raise ArgumentError("Dot", "axes is a number or a pair", f"axes={axes!r}")
        self.axes, self.normalize = axes, normalize

    def compute_mask(self, inputs, mask=None):
        """None: the positions of the inputs are summed over or crossed."""

    def get_config(self):
        own = {"axes": self.axes, "normalize": self.normalize}
        return {**super().get_config(), **own}

    def _axes_of(self, shapes):
        """The two axes, counted from the left, for inputs of these two shapes."""
        self._need_shapes(shapes, 2)
        axes = [self.axes] * 2 if isinstance(self.axes, int) else self.axes
        counted = []
        for axis, shape in zip(axes, shapes, strict=True):
            if axis == 0 or not -len(shape) < axis < len(shape):
                problem = f"axes={self.axes} is the batch axis, or not there"
                raise ShapeError(self._title(), problem, str(shapes), "axes from 1")
            counted.append(axis % len(shape))
        sizes = [shape[axis] for axis, shape in zip(counted, shapes, strict=True)]
        if None not in sizes and sizes[0] != sizes[1]:
            problem = f"sizes {sizes[0]} and {sizes[1]} along axes={self.axes} differ"
            raise ShapeError(self._title(), problem, str(shapes))
        return counted

    def build(self, input_shape):
        self._axes_of(input_shape)

    def call(self, inputs):
        self._need_list("inputs", inputs, 2)
        axes = self._axes_of([x.shape for x in inputs])
        if self.normalize:
            pairs = zip(inputs, axes, strict=True)
            inputs = [ops.normalize(x, axis=axis) for x, axis in pairs]
        return batch_dot(*inputs, axes)

    def compute_output_shape(self, input_shape):
        first, second = self._axes_of(input_shape)
        x, y = (list(shape) for shape in input_shape)
        del x[first], y[second]
        return tuple(x + y[1:]) if len(x + y) > 2 else (x[0], 1)


def dot(inputs, axes=-1, **kwargs):
    """`Dot(axes, **kwargs)` called on `inputs`.

    >>> dot([ops.ones((1, 3)), ops.ones((1, 3))]).numpy()
    array([[3.]], dtype=float32)
    """
    return Dot(axes=axes, **kwargs)(inputs)
