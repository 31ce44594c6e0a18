"""Generated from book/keras/initializers.ipynb. Edit the chapter, not this file."""

import math


def compute_fans(shape, input_axes=None, output_axes=None):
    """How many inputs one output sums over, and the reverse: (fan_in, fan_out).

    A dense kernel is [inputs, outputs]; a convolution kernel is [*window, inputs,
    outputs], and each window position counts. With both lists of axes given, the
    fans are the products of their sizes.

    >>> compute_fans((784, 10)), compute_fans((3, 3, 16, 32))
    ((784, 10), (144, 288))
    """
    if input_axes is not None and output_axes is not None:
        fans = ([shape[a] for a in axes] for axes in (input_axes, output_axes))
        return tuple(math.prod(sizes) for sizes in fans)
    if len(shape) < 2:
        size = int(shape[0]) if shape else 1
        return size, size
    window = math.prod(shape[:-2])
    return int(shape[-2] * window), int(shape[-1] * window)
