"""Generated from book/keras/handy.ipynb. Edit the chapter, not this file."""

import numpy as np

from minikeras.core.config import floatx
from minikeras.core.dtypes import NUMPY, UnknownDTypeError, standardize_dtype
from minikeras.core.errors import ShapeError
from minikeras.layers.formats import checked_data_format


def numbers_of(x, dtype, tool):
    """x as an array of `dtype` (floatx); an error if it is no array of numbers."""
    dtype = NUMPY[standardize_dtype(dtype or floatx())]
    try:
        x = np.asarray(x)
    except ValueError as error:
        raise UnknownDTypeError(tool, "numbers are needed", f"{x!r:.40}") from error
    if x.dtype.kind not in "biuf" and x.dtype != NUMPY["bfloat16"]:
        raise UnknownDTypeError(tool, "numbers are needed", f"{x!r:.40}")
    return x.astype(dtype)


def img_to_array(img, data_format=None, dtype=None):
    """A picture of Pillow, or an array, as floats: [height, width, channels].

    A grey picture gets one channel; channels_first: [channels, height, width].

    >>> img_to_array(np.zeros((2, 3), "uint8")).shape
    (2, 3, 1)
    """
    first = checked_data_format(data_format, "img_to_array") == "channels_first"
    x = numbers_of(img, dtype, "img_to_array")
    if x.ndim not in (2, 3):
        problem = "a picture has two axes, or three with channels"
        raise ShapeError("img_to_array", problem, f"shape {x.shape}")
    if x.ndim == 2:
        return x[None] if first else x[..., None]
    return x.transpose(2, 0, 1) if first else x


def array_to_img(x, data_format=None, scale=True, dtype=None):
    """A picture of Pillow from [height, width, channels], with 1, 3 or 4 channels.

    scale: stretch the numbers to 0...255. Needs the package Pillow.

    >>> array_to_img(np.zeros((2, 3, 1))).size  # Pillow says the width first
    (3, 2)
    """
    first = checked_data_format(data_format, "array_to_img") == "channels_first"
    x = numbers_of(x, dtype, "array_to_img")
    x = x.transpose(1, 2, 0) if first and x.ndim == 3 else x
    if x.ndim != 3 or x.shape[2] not in (1, 3, 4):
        problem = "three axes with 1, 3 or 4 channels are needed"
        raise ShapeError("array_to_img", problem, f"shape {x.shape}")
    if scale and x.size:
        x = x - x.min()
        x = x * (255 / x.max()) if x.max() else x
    from PIL import Image

    wide = x.shape[2] == 1 and x.size and x.max() > 255  # grey, with more than a byte
    x = x.astype("int32" if wide else "uint8")
    return Image.fromarray(x[..., 0] if x.shape[2] == 1 else x)
