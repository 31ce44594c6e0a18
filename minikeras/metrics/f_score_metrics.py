"""Generated from book/keras/agreement.ipynb. Edit the chapter, not this file."""

import numpy as np

from minikeras import ops
from minikeras.core.config import epsilon
from minikeras.core.errors import ArgumentError, ShapeError
from minikeras.core.tensor import convert
from minikeras.metrics.metric import Metric
from minikeras.metrics.reduction_metrics import METRICS


def checked_f_score(average, beta, threshold):
    """A ValueError for arguments of an F score that make no sense."""
    averages = (None, "micro", "macro", "weighted")
    if average not in averages:
        problem = "Invalid `average` argument value"
        raise ArgumentError("F score", problem, repr(average), f"one of {averages}")
    for name, value, high in (("beta", beta, np.inf), ("threshold", threshold, 1.0)):
        problem = f"Invalid `{name}` argument value"
        if value is None and name == "threshold":
            continue
        if not isinstance(value, float):
            raise ArgumentError("F score", problem, f"{value!r}", "a Python float")
        if not 0.0 < value <= high:
            rule = "0 < threshold <= 1" if name == "threshold" else "beta > 0"
            raise ArgumentError("F score", problem, f"{name}={value}", rule)


@METRICS.add
class FBetaScore(Metric):
    """(1 + beta^2) P R / (beta^2 P + R), with precision P and recall R of each class.

    y_true, y_pred: f32[batch, classes], labels one-hot or several ones in a row.
    average: None (a score for each class), 'micro' (count all classes together), 'macro'
    (the mean of the scores), 'weighted' (by how often each class occurs).
    threshold: what is above it is called; without, the largest score of a row is.
    Errors: ValueError for other arguments, and for inputs without exactly two axes.

    >>> score = FBetaScore(beta=2.0, threshold=0.5)
    >>> score([[1, 1], [1, 0]], [[0.2, 0.6], [0.6, 0.7]]).numpy().round(4)
    array([0.5556, 0.8333], dtype=float32)
    """

    _settings, _direction = ("average", "beta", "threshold"), "up"

    def __init__(
        self,
        average=None,
        beta=1.0,
        threshold=None,
        name="fbeta_score",
        dtype=None,
    ):
        super().__init__(name=name, dtype=dtype)
        checked_f_score(average, beta, threshold)
        self.average, self.beta, self.threshold = average, beta, threshold
        self.axis = None if average == "micro" else 0
        self._built = False

    def _build(self, y_true_shape, y_pred_shape):
        """Make the counts, for labels and predictions of these shapes."""
        two_axes_each(type(self).__name__, y_true_shape, y_pred_shape)
        shape = () if self.average == "micro" else (y_pred_shape[-1],)
        for name in (
            "true_positives",
            "false_positives",
            "false_negatives",
            "intermediate_weights",
        ):
            variable = self.add_variable(shape, "zeros", self.dtype, name=name)
            setattr(self, name, variable)
        self._built = True

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Count a batch f32[batch, classes], with a weight for each sample."""
        y_true, y_pred = convert(y_true, self._dtype), convert(y_pred, self._dtype)
        two_axes_each(type(self).__name__, y_true.shape, y_pred.shape)
        said = ops.cast(self._said(y_pred), self._dtype)
        counts = [said * y_true, said * (1 - y_true), (1 - said) * y_true, y_true]
        if sample_weight is not None:
            weight = convert(sample_weight, self._dtype)
            weight = ops.expand_dims(weight, 1) if len(weight.shape) == 1 else weight
            counts = [count * weight for count in counts]
        counts = [ops.sum(count, axis=self.axis) for count in counts]
        if not self._built:
            self._build(y_true.shape, y_pred.shape)
        for variable, count in zip(self.variables, counts, strict=True):
            variable.assign_add(count)

    def _said(self, y_pred):
        """Which classes are called: above the threshold, or the largest of a row."""
        if self.threshold is not None:
            return y_pred > self.threshold
        largest = y_pred >= ops.max(y_pred, axis=-1, keepdims=True)
        return ops.logical_and(largest, ops.absolute(y_pred) > 1e-9)

    def result(self):
        """The score of each class, or their average."""
        hits, false, missed, cases = (v.value for v in self.variables)
        precision = hits / (hits + false + epsilon())
        recall = hits / (hits + missed + epsilon())
        beta2 = self.beta**2
        mean = precision * recall / (beta2 * precision + recall + epsilon())
        scores = mean * (1 + beta2)
        if self.average == "weighted":
            return ops.sum(scores * (cases / (ops.sum(cases) + epsilon())))
        return scores if self.average is None else ops.mean(scores)


def two_axes_each(name, y_true_shape, y_pred_shape):
    """A ShapeError unless both are the same [batch, n] with a known n."""
    shapes = f"y_true {tuple(y_true_shape)}, y_pred {tuple(y_pred_shape)}"
    if len(y_true_shape) != 2 or len(y_pred_shape) != 2:
        problem = f"{name} expects 2D inputs with shape (batch_size, output_dim)"
        raise ShapeError(name, problem, shapes)
    if y_pred_shape[-1] is None or tuple(y_true_shape) != tuple(y_pred_shape):
        raise ShapeError(name, "labels and predictions of the same, known size", shapes)


@METRICS.add
class F1Score(FBetaScore):
    """2 P R / (P + R), the harmonic mean of precision and recall of each class.

    The arguments are those of `FBetaScore`, without `beta`.

    >>> score = F1Score(average="macro")
    >>> round(float(score([[0, 1], [1, 0]], [[0.2, 0.8], [0.3, 0.7]])), 4)
    0.3333
    """

    _settings = ("average", "threshold")

    def __init__(self, average=None, threshold=None, name="f1_score", dtype=None):
        super().__init__(average, 1.0, threshold, name, dtype)
