"""Generated from book/keras/masks.ipynb. Edit the chapter, not this file."""

from minikeras.core.nest import map_structure


def get_keras_mask(x):
    """The mask that a tensor carries, or None."""
    return getattr(x, "_keras_mask", None)


def set_keras_mask(x, mask):
    """Let a tensor carry a mask: bool, with one entry for each position; None for none.

    >>> from minikeras import ops
    >>> x = ops.ones((1, 2, 3))
    >>> set_keras_mask(x, ops.convert_to_tensor([[True, False]]))
    >>> get_keras_mask(x).numpy()
    array([[ True, False]])
    """
    x._keras_mask = mask


def masks_of(nest):
    """The masks of a tensor, or of each tensor in a nest, in the same structure."""
    return None if nest is None else map_structure(get_keras_mask, nest)
