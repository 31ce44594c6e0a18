"""Generated from book/keras/shelf.ipynb. Edit the chapter, not this file."""

from minikeras.core.config import image_data_format
from minikeras.core.errors import ArgumentError

FORMATS = ("channels_last", "channels_first")


def checked_data_format(data_format, layer="layer"):
    """`data_format`, or the global one for None; an ArgumentError for other words."""
    if data_format is None:
        return image_data_format()
    if data_format not in FORMATS:
        got = f"data_format={data_format!r}"
        raise ArgumentError(layer, "bad argument", got, " or ".join(FORMATS))
    return data_format
