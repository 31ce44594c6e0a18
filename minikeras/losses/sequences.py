"""Generated from book/keras/misfits.ipynb. Edit the chapter, not this file."""

from minikeras import ops
from minikeras.core.errors import ShapeError
from minikeras.core.tensor import convert
from minikeras.losses.losses import LOSSES, NamedLoss
from minikeras.ops.ctc import ctc_loss
from minikeras.ops.public import public
from minikeras.ops.words import as_float


@LOSSES.add
@public
def ctc(y_true, y_pred):
    """-log of the chance that y_pred spells y_true, at any pace; see `ops.ctc_loss`.

    y_true: i[batch, n], padded with 0, y_pred: f[batch, time, classes], scores; class 0
    is the blank -> f[batch]. Source: Graves et al. 2006.

    >>> round(float(ctc([[1]], [[[0.0, 0.0]]])[0]), 4)
    0.6931
    """
    y_true, y_pred = convert(y_true), as_float(convert(y_pred))
    if y_true.ndim != 2 or y_pred.ndim != 3:
        problem = "y_true [batch, n] and y_pred [batch, time, classes] are needed"
        raise ShapeError("ctc", problem, f"{y_true.spec} and {y_pred.spec}")
    letters = ops.sum(ops.cast(ops.not_equal(y_true, 0), "int32"), axis=-1)
    steps = ops.full_like(letters, y_pred.shape[1])
    return ctc_loss(y_true, y_pred, letters, steps, mask_index=0)


@LOSSES.add
class CTC(NamedLoss):
    """Labels without times: y_true i[batch, n], y_pred f[batch, time, classes]; see `ctc`.

    >>> round(float(CTC()([[1]], [[[0.0, 0.0]]])), 4)
    0.6931
    """

    def __init__(self, reduction="sum_over_batch_size", name="ctc", dtype=None):
        super().__init__(ctc, reduction, name, dtype)
