"""Generated from book/keras/misfits.ipynb. Edit the chapter, not this file."""

from minikeras import ops
from minikeras.core.arguments import checked_number
from minikeras.core.config import epsilon
from minikeras.core.errors import ArgumentError
from minikeras.core.infer import axis_of
from minikeras.core.tensor import convert
from minikeras.losses.losses import LOSSES, NamedLoss
from minikeras.losses.shapes import matched
from minikeras.ops.crossentropy import labels_for
from minikeras.ops.public import public
from minikeras.ops.words import as_float


@LOSSES.add
@public
def poisson(y_true, y_pred):
    """mean(y_pred - y_true * log(y_pred)): f[batch, ..., n] -> f[batch, ...].

    y_true: counts, y_pred: expected counts, positive.

    >>> round(float(poisson([[3.0]], [[1.0]])[0]), 4)
    1.0
    """
    y_true, y_pred = matched(y_true, y_pred)
    least = convert(epsilon(), y_pred.dtype)
    return ops.mean(y_pred - y_true * ops.log(y_pred + least), axis=-1)


@public
def kl_divergence(y_true, y_pred):
    """sum(y_true * log(y_true / y_pred)): f[batch, ..., n] -> f[batch, ...].

    Both are distributions along the last axis; they are held within [epsilon, 1].

    >>> kl_divergence([[0.5, 0.5]], [[0.5, 0.5]])
    Tensor([0.], shape=(1,), dtype=float32)
    """
    y_true, y_pred = (ops.clip(y, epsilon(), 1) for y in matched(y_true, y_pred))
    return ops.sum(y_true * ops.log(y_true / y_pred), axis=-1)


LOSSES.add(kl_divergence, "kld", "KLD")


@LOSSES.add
class Poisson(NamedLoss):
    """The mean of y_pred - y_true * log(y_pred), for counts.

    >>> round(float(Poisson()([[3.0]], [[1.0]])), 3)
    1.0
    """

    def __init__(self, reduction="sum_over_batch_size", name="poisson", dtype=None):
        super().__init__(poisson, reduction, name, dtype)


@LOSSES.add
class KLDivergence(NamedLoss):
    """The sum of y_true * log(y_true / y_pred), for distributions.

    >>> float(KLDivergence()([[0.5, 0.5]], [[0.5, 0.5]]))
    0.0
    """

    def __init__(
        self, reduction="sum_over_batch_size", name="kl_divergence", dtype=None
    ):
        super().__init__(kl_divergence, reduction, name, dtype)


@LOSSES.add
@public
def categorical_generalized_cross_entropy(y_true, y_pred, q):
    """(1 - p**q) / q, p being the probability in y_pred of the label y_true.

    y_true: i[batch, ...], y_pred: f[batch, ..., classes] -> f[batch, ...].
    Errors: an IndexError for a label outside [0, classes). Source: Zhang, Sabuncu 2018.

    >>> categorical_generalized_cross_entropy([1], [[0.75, 0.25]], 0.5)
    Tensor([1.], shape=(1,), dtype=float32)
    """
    y_pred = as_float(convert(y_pred))
    axis = axis_of("categorical_generalized_cross_entropy", -1, y_pred.ndim)
    labels = labels_for(convert(y_true), y_pred, axis)
    chosen = ops.one_hot(labels, y_pred.shape[-1], dtype=y_pred.dtype)
    p = ops.sum(y_pred * chosen, axis=-1)
    return (1 - ops.power(p, q)) / q


@LOSSES.add
class CategoricalGeneralizedCrossEntropy(NamedLoss):
    """Between cross-entropy (q near 0) and absolute error (q near 1), for wrong labels.

    >>> float(CategoricalGeneralizedCrossEntropy(q=0.5)([1], [[0.75, 0.25]]))
    1.0
    """

    def __init__(
        self, q=0.5, reduction="sum_over_batch_size",
        name="categorical_generalized_cross_entropy", dtype=None,
    ):  # fmt: skip
        checked_number(type(self).__name__, "q", q)
        if not 0 < q < 1:
            problem = "q must be in the interval (0, 1)"
            raise ArgumentError(type(self).__name__, problem, f"q={q}")
        super().__init__(
            categorical_generalized_cross_entropy, reduction, name, dtype, q=q
        )
