"""Generated from book/keras/masks.ipynb. Edit the chapter, not this file."""

import warnings

from minikeras.core.masks import get_keras_mask, masks_of, set_keras_mask
from minikeras.core.nest import flatten
from minikeras.core.tensor import Tensor, Value


def masks_before(layer, args, kwargs):
    """Give `call` the masks that it asks for; the answer is the mask of the first input."""
    alone = len(args) == 1 and (not kwargs or len(kwargs) == ("training" in kwargs))
    if alone and args[0].__class__ is Tensor:
        mask = getattr(args[0], "_keras_mask", None)
        if mask is not None and "mask" in layer._signature.names:
            kwargs["mask"] = mask
        return mask
    if layer._signature.masks:
        fill_in_masks(layer, args, kwargs)
    if kwargs.get("mask") is not None:
        return kwargs["mask"]
    return masks_if_any(first_input(layer, args, kwargs))


def first_input(layer, args, kwargs):
    """The first argument of a call, by position or by name."""
    return args[0] if args else kwargs.get(layer._signature.names[0])


def masks_if_any(nest):
    """The masks of a nest of tensors, or None if there is not one."""
    masks = masks_of(nest)
    return masks if any(mask is not None for mask in flatten(masks)) else None


def fill_in_masks(layer, args, kwargs):
    """Put the masks of the tensors into the mask arguments that are free."""
    tensors = layer._tensor_arguments(args, kwargs)
    free = layer._signature.names[len(args) :]
    for name, value in tensors.items():
        wanted = "mask" if len(tensors) == 1 else f"{name}_mask"
        if wanted in free and kwargs.get(wanted) is None:
            kwargs[wanted] = masks_of(value)


def masks_after(layer, args, kwargs, outputs, previous):
    """Let the outputs carry their masks, or warn that the trail ends here."""
    outputs = [y for y in flatten(outputs) if isinstance(y, Value)]
    if not layer.supports_masking:
        warn_of_lost_masks(layer, previous if outputs else None)
    elif any(get_keras_mask(y) is None for y in outputs):
        inputs = first_input(layer, args, kwargs)
        known = masks_of(inputs) if previous is None else previous
        masks = layer.compute_mask(inputs, known)
        for y, mask in zip(outputs, flatten(masks), strict=False):
            if mask is not None and get_keras_mask(y) is None:
                set_keras_mask(y, mask)


def warn_of_lost_masks(layer, masks):
    """Say that a mask came in and does not go out."""
    if any(mask is not None for mask in flatten(masks)):
        warnings.warn(
            f"Layer {layer.name!r} (of type {type(layer).__name__}) was passed an input "
            "with a mask attached to it, but does not support masking: the mask ends "
            "here, and layers after it will not see it.",
            stacklevel=5,
        )
