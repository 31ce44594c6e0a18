"""Generated from book/keras/losses.ipynb. Edit the chapter, not this file."""

from minikeras import ops
from minikeras.core.errors import ShapeError
from minikeras.core.nest import flatten, pack
from minikeras.core.tensor import convert
from minikeras.ops.words import as_float


def squeeze_or_expand_to_same_rank(x1, x2, expand_rank_1=True):
    """Drop or add a last axis of size 1 where the ranks differ by one."""
    if len(x1.shape) == len(x2.shape) + 1 and x1.shape[-1] == 1:
        if len(x2.shape) == 1 and expand_rank_1:
            return x1, ops.expand_dims(x2, -1)
        return ops.squeeze(x1, -1), x2
    if len(x2.shape) == len(x1.shape) + 1 and x2.shape[-1] == 1:
        if len(x1.shape) == 1 and expand_rank_1:
            return ops.expand_dims(x1, -1), x2
        return x1, ops.squeeze(x2, -1)
    return x1, x2


def matched(y_true, y_pred):
    """Both as floats of y_pred's dtype, and of one rank."""
    y_pred = as_float(convert(y_pred))
    return squeeze_or_expand_to_same_rank(convert(y_true, y_pred.dtype), y_pred)


def same_ranks(y_true, y_pred):
    """Two tensors, or two nests of them leaf by leaf, with ranks that agree."""
    if not isinstance(y_pred, (list, tuple, dict)):
        return squeeze_or_expand_to_same_rank(y_true, y_pred)
    true, pred = flatten(y_true), flatten(y_pred)
    if len(true) != len(pred) or not isinstance(y_true, (list, tuple, dict)):
        problem = "y_true and y_pred are nests of different structure"
        raise ShapeError("loss", problem, f"{len(true)} and {len(pred)} tensors")
    pairs = [squeeze_or_expand_to_same_rank(*pair) for pair in zip(true, pred)]
    return pack(y_true, [x for x, _ in pairs]), pack(y_pred, [x for _, x in pairs])
