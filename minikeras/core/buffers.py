"""Generated from book/arrays/buffers.ipynb. Edit the chapter, not this file."""

import numpy as np


def owned(values, dtype=None):
    """Copy `values` into a fresh native-order array that nobody else can write."""
    array = np.array(values, dtype=dtype, copy=True)
    return (
        array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))
    )


def read_only(array):
    """A view of the same buffer through which nothing can be written."""
    view = array.view()
    view.flags.writeable = False
    return view
