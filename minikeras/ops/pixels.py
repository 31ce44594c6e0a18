"""Generated from book/arrays/pantry.ipynb. Edit the chapter, not this file."""

from minikeras.core.errors import ArgumentError, ShapeError
from minikeras.core.tensor import convert, size_of
from minikeras.ops.public import public
from minikeras.ops.shaping import expand_dims, joined, laid_together, moveaxis, section


@public
def space_to_depth(x, block_size, data_format="channels_last"):
    """Blocks of pixels as channels: [b, h, w, c] -> [b, h/n, w/n, c n n]"""
    x, n = last_channels("space_to_depth", x, block_size, data_format)
    if any_left(x.shape[1:3], n):
        problem = f"height and width must be multiples of {n}"
        raise ShapeError("space_to_depth", problem, str(x.spec))
    rows = [section(x, 1, i, None, n) for i in range(n)]
    parts = [section(row, 2, j, None, n) for row in rows for j in range(n)]
    return as_before(joined(parts, 3), data_format)


@public
def depth_to_space(x, block_size, data_format="channels_last"):
    """Channels as blocks of pixels: [b, h, w, c n n] -> [b, h n, w n, c]"""
    x, n = last_channels("depth_to_space", x, block_size, data_format)
    if any_left(x.shape[3:], n * n):
        problem = f"the channels must be a multiple of {n * n}"
        raise ShapeError("depth_to_space", problem, str(x.spec))
    c = size_of(x, 3) // (n * n)
    parts = [section(x, 3, c * i, c * i + c) for i in range(n * n)]
    rows = [interleaved(parts[n * i : n * i + n], 2) for i in range(n)]
    return as_before(interleaved(rows, 1), data_format)


def last_channels(who, x, n, data_format):
    """A picture [b, h, w, c], and the length of the side of a block."""
    x = convert(x)
    if data_format not in ("channels_last", "channels_first"):
        raise ArgumentError(who, "unknown data_format", repr(data_format))
    if x.ndim != 4:
        raise ShapeError(who, "a batch of pictures has four axes", str(x.spec))
    if not isinstance(n, int) or n < 1:
        raise ArgumentError(who, "block_size is a whole number from 1", repr(n))
    return (x if data_format == "channels_last" else moveaxis(x, 1, -1)), n


def as_before(x, data_format):
    """The channels back where they were."""
    return x if data_format == "channels_last" else moveaxis(x, -1, 1)


def any_left(sizes, n):
    """Whether a known size is no multiple of n."""
    return [size for size in sizes if size is not None and size % n] != []


def interleaved(parts, axis):
    """The first lines along `axis` of all parts, then the second lines, ..."""
    return laid_together(
        joined([expand_dims(x, axis + 1) for x in parts], axis + 1), axis
    )
