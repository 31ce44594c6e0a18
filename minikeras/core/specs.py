"""Generated from
book/arrays/specs.ipynb
book/keras/initializers.ipynb

Edit the chapter, not this file.
"""

import operator
from itertools import zip_longest

import numpy as np

from minikeras.core.dtypes import SHORT, standardize_dtype
from minikeras.core.errors import DTypeError, ShapeError

NO_SHAPES = (str, bytes, dict, set, type(None))


def standardize_shape(shape):
    """A shape as a tuple of sizes: whole numbers from 0, or None for unknown."""
    sizes = None if isinstance(shape, NO_SHAPES) else shape
    try:
        sizes = tuple(None if n is None else operator.index(n) for n in sizes)
    except TypeError:
        problem = "a shape is a tuple of whole numbers or None"
        raise DTypeError("shape", problem, repr(shape)) from None
    if any(n is not None and n < 0 for n in sizes):
        raise ShapeError("shape", "a size cannot be negative", repr(shape))
    return sizes


def as_line(shape):
    """A whole number as the shape of a line of so many numbers; the rest as it is."""
    lone = hasattr(shape, "__index__") and not hasattr(shape, "__iter__")
    return (shape,) if lone else shape


class TensorSpec:
    """Shape and dtype of a tensor without its values; None is an unknown size.

    `dtype` defaults to `floatx()`. Specs are equal when shape and dtype are equal.

    >>> TensorSpec((None, 10), "float32")
    TensorSpec(shape=(None, 10), dtype=float32)
    >>> str(TensorSpec((None, 10)))
    'f32[?,10]'
    """

    __slots__ = ("shape", "dtype", "name")

    def __init__(self, shape, dtype=None, name=None):
        self.shape = standardize_shape(as_line(shape))
        self.dtype = standardize_dtype(dtype)
        self.name = name

    def __str__(self):
        return f"{SHORT[self.dtype]}[{sizes_text(self.shape)}]"

    def __repr__(self):
        name = "" if self.name is None else f", name={self.name!r}"
        return f"TensorSpec(shape={self.shape}, dtype={self.dtype}{name})"

    def __eq__(self, other):
        same = isinstance(other, TensorSpec)
        return same and (self.shape, self.dtype) == (other.shape, other.dtype)

    def __hash__(self):
        return hash((self.shape, self.dtype))

    @property
    def ndim(self):
        """The number of axes."""
        return len(self.shape)


def sizes_text(shape):
    """The sizes of a shape, with ? for those that are not known: "?,10"."""
    return ",".join("?" if n is None else str(n) for n in shape)


def joint_size(m, n):
    """The size two broadcast axes take together; ValueError when there is none."""
    if m == n or n == 1:
        return m
    if m == 1 or m is None:
        return n
    if n is None:
        return m
    raise ValueError(f"{m} != {n}")


def joint_shape(op, *shapes):
    """The shape all `shapes` broadcast to; ShapeError names the sizes that differ.

    >>> joint_shape("add", (None, 1), (4,))
    (None, 4)
    """
    joint = shapes[0]
    for shape in shapes[1:]:
        if shape == joint[len(joint) - len(shape) :]:
            continue  # a bias beside a batch: nothing to work out
        pairs = [*zip_longest(reversed(joint), reversed(shape), fillvalue=1)]
        try:
            joint = tuple(joint_size(m, n) for m, n in reversed(pairs))
        except ValueError as error:
            got = " with ".join(f"[{sizes_text(s)}]" for s in shapes)
            hint = "sizes that are equal, or 1, counted from the right"
            problem = "the shapes do not broadcast to one"
            raise ShapeError(op, problem, f"{got}      ({error})", hint) from None
    return joint


def known_spec(shape, dtype):
    """A TensorSpec of a shape and dtype that are in standard form already."""
    spec = TensorSpec.__new__(TensorSpec)
    spec.shape, spec.dtype, spec.name = shape, dtype, None
    return spec


def in_words(x):
    """What a call was given, in a few words: specs for tensors, arrays by their dtype."""
    if hasattr(x, "spec"):
        return str(x.spec)
    if isinstance(x, np.ndarray):
        return f"an array of {x.dtype}, shape {x.shape}"
    if isinstance(x, dict):
        items = [f"{key!r}: {in_words(value)}" for key, value in x.items()]
        return "{" + in_words_several(items) + "}"
    if isinstance(x, (list, tuple)):
        ends = "[]" if isinstance(x, list) else "()"
        return in_words_several(map(in_words, x)).join(ends)
    plain = x is None or isinstance(x, (bool, int, float, str, TensorSpec))
    return (repr if isinstance(x, str) else str)(x)[:40] if plain else type(x).__name__


def in_words_several(words, most=4):
    """The first few of them, with commas between."""
    words = list(words)
    return ", ".join(words[:most] + ["..."] * (len(words) > most))
