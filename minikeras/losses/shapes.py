"""Generated from book/keras/losses.ipynb. Edit the chapter, not this file."""

from minikeras import ops


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
