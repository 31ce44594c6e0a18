"""Generated from book/keras/optimizers.ipynb. Edit the chapter, not this file."""

from minikeras import ops


def clip_by_norm(g, limit):
    """The gradient, scaled down if its norm is above `limit`."""
    norm = ops.sqrt(ops.sum(ops.square(g)))
    return ops.multiply(g, limit) / ops.maximum(norm, limit)


def global_norm(grads):
    """sqrt of the sum of squares of all gradients."""
    return ops.sqrt(sum(ops.sum(ops.square(g)) for g in grads))


def clip_by_global_norm(grads, limit):
    """All gradients scaled by one factor to a global norm of at most `limit`."""
    norm = global_norm(grads)
    scale = limit * ops.minimum(1.0 / norm, 1.0 / limit) + (norm - norm)
    return [g * scale for g in grads]
