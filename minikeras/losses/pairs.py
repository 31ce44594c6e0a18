"""Generated from book/keras/misfits.ipynb. Edit the chapter, not this file."""

from minikeras import ops
from minikeras.core.tensor import convert
from minikeras.losses.losses import LOSSES, NamedLoss
from minikeras.ops.public import public
from minikeras.ops.words import as_float, positions


def equals_and_strangers(labels, others, remove_diagonal):
    """Which pairs have one label, and which have two: bool[n, m], twice."""
    labels, others = (ops.reshape(convert(x, "int32"), (-1,)) for x in (labels, others))
    equal = ops.equal(ops.expand_dims(labels, 1), others)
    strange = ops.logical_not(equal)
    if remove_diagonal:
        self = ops.expand_dims(positions(labels, 0), 1) == positions(others, 0)
        equal = ops.logical_and(equal, ops.logical_not(self))
    return equal, strange


def soft_worst(scores, among):
    """logsumexp of each row's scores `among` some; hugely negative if there are none."""
    nothing = -3e4 if scores.dtype == "float16" else -1e30
    scores = ops.where(among, scores, convert(nothing, scores.dtype))
    return ops.logsumexp(scores, axis=1)


@LOSSES.add
@public
def circle(
    y_true, y_pred, ref_labels=None, ref_embeddings=None, remove_diagonal=True,
    gamma=80, margin=0.4,
):  # fmt: skip
    """softplus(soft worst of the equals + soft worst of the strangers), for each sample.

    y_true: i[batch], y_pred: f[batch, n], rows of length 1 -> f[batch]; compared with
    each other, or with `ref_embeddings` labelled `ref_labels`. Samples whose loss is 0
    are masked. Source: Sun et al. 2020.

    >>> circle([0, 0, 1], [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]).shape
    (3,)
    """
    y_pred = as_float(convert(y_pred))
    others = y_pred if ref_embeddings is None else convert(ref_embeddings, y_pred.dtype)
    ref_labels = y_true if ref_labels is None else ref_labels
    equal, strange = equals_and_strangers(y_true, ref_labels, remove_diagonal)
    far = ops.maximum(1 - ops.matmul(y_pred, ops.transpose(others)), 0.0)
    pull = gamma * (margin + far) * (far - margin)
    push = gamma * ops.maximum(1 + margin - far, 0.0) * (1 - margin - far)
    losses = ops.softplus(soft_worst(pull, equal) + soft_worst(push, strange))
    losses._keras_mask = losses > 0
    return losses


@LOSSES.add
class Circle(NamedLoss):
    """Equals together, strangers apart: y_true i[batch], y_pred f[batch, n]; see `circle`.

    >>> far_apart = [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
    >>> float(Circle()([0, 0, 1], far_apart)) < 1e-3
    True
    """

    def __init__(
        self, gamma=80.0, margin=0.4, remove_diagonal=True,
        reduction="sum_over_batch_size", name="circle", dtype=None,
    ):  # fmt: skip
        super().__init__(
            circle, reduction, name, dtype,
            gamma=gamma, margin=margin, remove_diagonal=remove_diagonal,
        )  # fmt: skip
