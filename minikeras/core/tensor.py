"""Generated from book/arrays/table.ipynb. Edit the chapter, not this file."""


class Value:
    """Anything that operations take and give: tensors, later symbols and variables."""

    __slots__ = ()
    __hash__ = None


class Tensor(Value):
    """An immutable array of numbers of one kind."""

    __slots__ = ("__weakref__", "_data", "_keras_mask")

    def __init__(self, data):
        self._data = data
