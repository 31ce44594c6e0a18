"""Generated from book/keras/confusion.ipynb. Edit the chapter, not this file."""

import numpy as np

from minikeras import activations, ops
from minikeras.core.arguments import checked_number
from minikeras.core.config import epsilon
from minikeras.core.errors import ArgumentError, DTypeError, ShapeError
from minikeras.core.tensor import convert
from minikeras.metrics.metric import Metric
from minikeras.metrics.metrics_utils import (
    NEG_INF,
    AUCCurve,
    AUCSummationMethod,
    ConfusionMatrix,
    is_evenly_distributed_thresholds,
    parse_init_thresholds,
    update_confusion_matrix_variables,
)
from minikeras.metrics.reduction_metrics import METRICS
from minikeras.saving.deserialization import deserialize_keras_object


def _counters(metric, cells, shape):
    """{cell: variable}, each also an attribute of the metric: `true_positives`..."""
    for cell in cells:
        name = cell.name.lower()
        setattr(metric, name, metric.add_variable(shape, "zeros", name=name))
    return {cell: getattr(metric, cell.name.lower()) for cell in cells}


class _Counting(Metric):
    """A metric that keeps some cells of the confusion table: `_cells`, {cell: variable}."""

    top_k = class_id = None

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Count a batch: labels are yes or no, scores in [0, 1]."""
        update_confusion_matrix_variables(
            self._cells, y_true, y_pred, self.thresholds, self.top_k, self.class_id,
            sample_weight,
            thresholds_distributed_evenly=self._thresholds_distributed_evenly,
        )  # fmt: skip


class _AtThresholds(_Counting):
    """Counts at thresholds that were given; the result has a number for each."""

    def _set_thresholds(self, thresholds, default):
        self.init_thresholds = thresholds
        self.thresholds = parse_init_thresholds(thresholds, default)
        even = is_evenly_distributed_thresholds(self.thresholds)
        self._thresholds_distributed_evenly = even

    def get_config(self):
        return {**super().get_config(), "thresholds": self.init_thresholds}


def _alone(values):
    """The only element of a vector of one, or the vector."""
    return values[0] if values.shape[0] == 1 else values


class _ConfusionMatrixConditionCount(_AtThresholds):
    """How many samples (or what weight) fall into the cell `_condition`."""

    def __init__(self, thresholds=None, name=None, dtype=None):
        super().__init__(name=name, dtype=dtype)
        self._set_thresholds(thresholds, 0.5)
        shape = (len(self.thresholds),)
        self.accumulator = self.add_variable(shape, "zeros", name="accumulator")
        self._cells = {self._condition: self.accumulator}

    def result(self):
        return _alone(self.accumulator.value)


@METRICS.add
class TruePositives(_ConfusionMatrixConditionCount):
    """The number (weight) of positives that were called positive: hits.

    thresholds: one or a list in [0, 1], 0.5 by default; a result for each.

    >>> float(TruePositives()([0, 1, 1, 1], [1, 0, 1, 1]))
    2.0
    """

    _condition = ConfusionMatrix.TRUE_POSITIVES


@METRICS.add
class TrueNegatives(_ConfusionMatrixConditionCount):
    """The number (weight) of negatives that were called negative.

    thresholds: one or a list in [0, 1], 0.5 by default; a result for each.

    >>> float(TrueNegatives()([0, 1, 0, 0], [1, 1, 0, 0]))
    2.0
    """

    _condition = ConfusionMatrix.TRUE_NEGATIVES


@METRICS.add
class FalsePositives(_ConfusionMatrixConditionCount):
    """The number (weight) of negatives that were called positive: false alarms.

    thresholds: one or a list in [0, 1], 0.5 by default; a result for each.

    >>> float(FalsePositives()([0, 1, 0, 0], [0, 0, 1, 1]))
    2.0
    """

    _condition = ConfusionMatrix.FALSE_POSITIVES


@METRICS.add
class FalseNegatives(_ConfusionMatrixConditionCount):
    """The number (weight) of positives that were called negative: misses.

    thresholds: one or a list in [0, 1], 0.5 by default; a result for each.

    >>> float(FalseNegatives()([0, 1, 1, 1], [0, 1, 0, 0]))
    2.0
    """

    _condition = ConfusionMatrix.FALSE_NEGATIVES


class _Share(_AtThresholds):
    """Hits divided by hits and what is in the cell `_rest`."""

    _settings, _direction = ("top_k", "class_id"), "up"

    def __init__(
        self, thresholds=None, top_k=None, class_id=None, name=None, dtype=None
    ):
        super().__init__(name=name, dtype=dtype)
        self._set_thresholds(thresholds, 0.5 if top_k is None else NEG_INF)
        self.top_k, self.class_id = top_k, class_id
        cells = (ConfusionMatrix.TRUE_POSITIVES, self._rest)
        self._cells = _counters(self, cells, (len(self.thresholds),))

    def result(self):
        hits, rest = (variable.value for variable in self._cells.values())
        return _alone(ops.divide_no_nan(hits, hits + rest))


@METRICS.add
class Precision(_Share):
    """The share of the alarms that were justified: TP / (TP + FP); 0 before the first.

    thresholds: one or a list in [0, 1] (0.5); top_k: call the k best of each row instead;
    class_id: count this class only.

    >>> round(float(Precision()([0, 1, 1, 1], [1, 0, 1, 1])), 4)
    0.6667
    """

    _rest = ConfusionMatrix.FALSE_POSITIVES


@METRICS.add
class Recall(_Share):
    """The share of the cases that raised an alarm: TP / (TP + FN); 0 before the first.

    thresholds: one or a list in [0, 1] (0.5); top_k: call the k best of each row instead;
    class_id: count this class only.

    >>> round(float(Recall()([0, 1, 1, 1], [1, 0, 1, 1])), 4)
    0.6667
    """

    _rest = ConfusionMatrix.FALSE_NEGATIVES


@METRICS.add
class AUC(Metric):
    """The area under the ROC or precision-recall curve, by `num_thresholds` points.

    curve: 'ROC', 'PR' or 'PRGAIN'. thresholds: instead of evenly spaced ones.
    summation_method: 'interpolation', or boxes below ('minoring') or above ('majoring').
    multi_label: a curve for each column of f[batch, labels], then the mean of the areas,
    weighted by `label_weights`; else these weigh the columns in one curve.
    from_logits: the scores have not been through a sigmoid.

    >>> metric = AUC(num_thresholds=3)
    >>> float(metric([0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9]))
    0.75
    """

    _settings = ("num_thresholds", "multi_label", "num_labels", "label_weights")
    _direction = "up"

    def __init__(
        self, num_thresholds=200, curve="ROC", summation_method="interpolation",
        name=None, dtype=None, thresholds=None, multi_label=False, num_labels=None,
        label_weights=None, from_logits=False,
    ):  # fmt: skip
        lines = _curve_thresholds(num_thresholds, thresholds)
        super().__init__(name=name, dtype=dtype)
        self.curve = AUCCurve.from_str(curve)
        self.summation_method = AUCSummationMethod.from_str(summation_method)
        self._init_from_thresholds = thresholds is not None
        self._set_lines(lines)
        self.multi_label, self.num_labels = multi_label, num_labels
        self._from_logits, self._built = from_logits, False
        self._set_labels(label_weights)

    def _set_lines(self, inner):
        """All thresholds, with one just below 0 and one just above 1."""
        self.num_thresholds = len(inner) + 2
        self._thresholds_distributed_evenly = (
            not self._init_from_thresholds
            or is_evenly_distributed_thresholds([0.0, *inner, 1.0])
        )
        self._thresholds = np.array([-epsilon(), *inner, 1.0 + epsilon()])

    @property
    def thresholds(self):
        """The thresholds of the curve, from just below 0 to just above 1."""
        return list(self._thresholds)

    def _set_labels(self, label_weights):
        """Keep the weights of the labels; make the variables if their shape is known."""
        if self.num_labels and not self.multi_label:
            problem = "`num_labels` is needed only when `multi_label` is True"
            raise ArgumentError("AUC", problem, f"num_labels={self.num_labels}")
        self.label_weights = None
        if label_weights is not None:
            self.label_weights = ops.array(label_weights, dtype=self.dtype)
        if not self.multi_label or self.num_labels:
            self._build((None, self.num_labels))

    def _build(self, shape):
        """Make the variables, for scores of this shape."""
        if self.multi_label and len(shape) != 2:
            problem = "`y_pred` must have rank 2 when `multi_label=True`"
            raise ShapeError("AUC", problem, f"shape {tuple(shape)}", "[batch, labels]")
        labels = (shape[1],) if self.multi_label else ()
        self._cells = _counters(self, ConfusionMatrix, (self.num_thresholds, *labels))
        self._built = True

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Count a batch: labels are yes or no, scores in [0, 1] (or any, from_logits)."""
        y_true, y_pred = convert(y_true), convert(y_pred)
        if not self._built:
            if len(y_true.shape) == 2 and y_true.shape != y_pred.shape:
                got = f"{y_true.spec} and {y_pred.spec}"
                raise ShapeError(self.name, "labels and scores differ in shape", got)
            self._build(y_pred.shape)
        if self._from_logits:
            y_pred = activations.sigmoid(y_pred)
        update_confusion_matrix_variables(
            self._cells,
            y_true,
            y_pred,
            self._thresholds,
            sample_weight=sample_weight,
            multi_label=self.multi_label,
            label_weights=None if self.multi_label else self.label_weights,
            thresholds_distributed_evenly=self._thresholds_distributed_evenly,
        )

    def _points(self):
        """x and y of the curve at each threshold, from the highest x to the lowest."""
        tp, fp, tn, fn = (self._cells[cell].value for cell in ConfusionMatrix)
        recall = ops.divide_no_nan(tp, tp + fn)
        if self.curve is AUCCurve.ROC:
            return ops.divide_no_nan(fp, fp + tn), recall
        if self.curve is AUCCurve.PR:
            return recall, ops.divide_no_nan(tp, tp + fp)
        odds = ops.divide_no_nan(tp + fn, tn + fp)
        recall_gain = 1.0 - odds * ops.divide_no_nan(fn, tp)
        precision_gain = 1.0 - odds * ops.divide_no_nan(fp, tp)
        none = ops.equal(tp, 0.0)
        recall_gain = ops.maximum(ops.where(none, 0.0, recall_gain), 0.0)
        return recall_gain, ops.where(none, 1.0, precision_gain)

    def result(self):
        """The area under the curve so far."""
        method = self.summation_method
        straight = method is AUCSummationMethod.INTERPOLATION
        if straight and self.curve is AUCCurve.PR:
            return self.interpolate_pr_auc()
        x, y = self._points()
        if straight:
            heights = (y[:-1] + y[1:]) / 2.0
        elif method is AUCSummationMethod.MINORING:
            heights = ops.minimum(y[:-1], y[1:])
        else:
            heights = ops.maximum(y[:-1], y[1:])
        return self._over_labels((x[:-1] - x[1:]) * heights)

    def _over_labels(self, pieces):
        """The sum of the pieces of an area; with several labels, the mean of the sums."""
        areas = ops.sum(pieces, axis=0)
        if not self.multi_label:
            return areas
        if self.label_weights is None:
            return ops.mean(areas)
        return ops.divide_no_nan(
            ops.sum(areas * self.label_weights), ops.sum(self.label_weights)
        )

    def interpolate_pr_auc(self):
        """The area under the PR curve, with TP and FP linear between thresholds.

        By Davis and Goadrich, "The relationship between precision-recall and ROC curves",
        ICML 2006.
        """
        tp, fp, _, fn = (self._cells[cell].value for cell in ConfusionMatrix)
        said = tp + fp
        more_hits, more_said = tp[:-1] - tp[1:], said[:-1] - said[1:]
        slope = ops.divide_no_nan(more_hits, ops.maximum(more_said, 0.0))
        intercept = tp[1:] - slope * said[1:]
        both = ops.logical_and(said[:-1] > 0, said[1:] > 0)
        ratio = ops.divide_no_nan(said[:-1], ops.maximum(said[1:], 0.0))
        log_ratio = ops.log(ops.where(both, ratio, 1.0))
        cases = ops.maximum(tp[1:] + fn[1:], 0.0)
        pieces = slope * (more_hits + intercept * log_ratio)
        return self._over_labels(ops.divide_no_nan(pieces, cases))

    def get_config(self):
        """The arguments that make an equal metric; thresholds only if they were given."""
        config = {
            **super().get_config(),
            "curve": self.curve.value,
            "summation_method": self.summation_method.value,
            "from_logits": self._from_logits,
        }
        return config | self._given_thresholds()

    def _given_thresholds(self):
        return (
            {"thresholds": self.thresholds[1:-1]} if self._init_from_thresholds else {}
        )

    @classmethod
    def from_config(cls, config):
        """The metric that `get_config` describes, also as a file holds it."""
        weights = config.get("label_weights")
        if isinstance(weights, dict):
            config = {**config, "label_weights": deserialize_keras_object(weights)}
        return cls(**config)


def _curve_thresholds(num_thresholds, thresholds):
    """The thresholds strictly inside a curve, sorted: given, or evenly spaced."""
    if thresholds is not None:
        if not isinstance(thresholds, (list, tuple, np.ndarray)):
            got, hint = f"thresholds={thresholds!r}", "thresholds=[0.25, 0.5]"
            raise DTypeError("AUC", "thresholds is a list of numbers", got, hint)
        return sorted(checked_number("AUC", "a threshold", t) for t in thresholds)
    checked_number("AUC", "num_thresholds", num_thresholds, whole=True)
    if num_thresholds <= 1:
        problem = "Argument `num_thresholds` must be an integer > 1"
        raise ArgumentError("AUC", problem, f"num_thresholds={num_thresholds}")
    return [(i + 1) / (num_thresholds - 1) for i in range(num_thresholds - 2)]


class SensitivitySpecificityBase(_Counting):
    """The largest of one share over the thresholds where another is at least `value`."""

    _settings, _direction = ("num_thresholds", "class_id"), "up"

    def __init__(self, value, num_thresholds=200, class_id=None, name=None, dtype=None):
        super().__init__(name=name, dtype=dtype)
        checked_number(
            type(self).__name__, "num_thresholds", num_thresholds, whole=True
        )
        if num_thresholds <= 0:
            problem = "Argument `num_thresholds` must be an integer > 0"
            raise ArgumentError(self.name, problem, f"num_thresholds={num_thresholds}")
        self.value, self.num_thresholds, self.class_id = value, num_thresholds, class_id
        self._thresholds_distributed_evenly = num_thresholds > 1
        self.thresholds = [0.5]
        if num_thresholds > 1:
            inner = _curve_thresholds(num_thresholds, None)
            self.thresholds = [0.0, *inner, 1.0]
        self._cells = _counters(self, ConfusionMatrix, (len(self.thresholds),))

    def result(self):
        """The largest wanted share among thresholds at which the other is large enough."""
        wanted, held = map(self._share, self._wanted_and_held)
        return ops.max(ops.where(held >= self.value, wanted, 0), initial=0)

    def _share(self, name):
        part, rest = (self._cells[cell].value for cell in _SHARES[name])
        return ops.divide_no_nan(part, part + rest)


_SHARES = {  # numerator, and what is added to it in the denominator
    "sensitivity": (ConfusionMatrix.TRUE_POSITIVES, ConfusionMatrix.FALSE_NEGATIVES),
    "specificity": (ConfusionMatrix.TRUE_NEGATIVES, ConfusionMatrix.FALSE_POSITIVES),
    "precision": (ConfusionMatrix.TRUE_POSITIVES, ConfusionMatrix.FALSE_POSITIVES),
    "recall": (ConfusionMatrix.TRUE_POSITIVES, ConfusionMatrix.FALSE_NEGATIVES),
}


def _in_unit(name, value):
    """`value`, which has to lie in [0, 1]."""
    checked_number(name, "a share", value)
    if not 0 <= value <= 1:
        problem = f"Argument `{name}` must be in the range [0, 1]"
        raise ArgumentError(name, problem, f"{name}={value}")
    return value


@METRICS.add
class SensitivityAtSpecificity(SensitivitySpecificityBase):
    """The best TP / (TP + FN) where TN / (TN + FP) is at least `specificity`.

    num_thresholds: how many, evenly spaced in [0, 1], are tried.

    >>> metric = SensitivityAtSpecificity(0.5)
    >>> float(metric([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]))
    0.5
    """

    _settings = (*SensitivitySpecificityBase._settings, "specificity")
    _wanted_and_held = "sensitivity", "specificity"

    def __init__(
        self, specificity, num_thresholds=200, class_id=None, name=None, dtype=None
    ):
        self.specificity = _in_unit("specificity", specificity)
        super().__init__(specificity, num_thresholds, class_id, name, dtype)


@METRICS.add
class SpecificityAtSensitivity(SensitivitySpecificityBase):
    """The best TN / (TN + FP) where TP / (TP + FN) is at least `sensitivity`.

    num_thresholds: how many, evenly spaced in [0, 1], are tried.

    >>> metric = SpecificityAtSensitivity(0.5)
    >>> round(float(metric([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8])), 4)
    0.6667
    """

    _settings = (*SensitivitySpecificityBase._settings, "sensitivity")
    _wanted_and_held = "specificity", "sensitivity"

    def __init__(
        self, sensitivity, num_thresholds=200, class_id=None, name=None, dtype=None
    ):
        self.sensitivity = _in_unit("sensitivity", sensitivity)
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)


@METRICS.add
class PrecisionAtRecall(SensitivitySpecificityBase):
    """The best TP / (TP + FP) where TP / (TP + FN) is at least `recall`.

    num_thresholds: how many, evenly spaced in [0, 1], are tried.

    >>> metric = PrecisionAtRecall(0.5)
    >>> float(metric([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]))
    0.5
    """

    _settings = (*SensitivitySpecificityBase._settings, "recall")
    _wanted_and_held = "precision", "recall"

    def __init__(
        self, recall, num_thresholds=200, class_id=None, name=None, dtype=None
    ):
        self.recall = _in_unit("recall", recall)
        super().__init__(recall, num_thresholds, class_id, name, dtype)


@METRICS.add
class RecallAtPrecision(SensitivitySpecificityBase):
    """The best TP / (TP + FN) where TP / (TP + FP) is at least `precision`.

    num_thresholds: how many, evenly spaced in [0, 1], are tried.

    >>> metric = RecallAtPrecision(0.8)
    >>> float(metric([0, 0, 1, 1], [0, 0.5, 0.3, 0.9]))
    0.5
    """

    _settings = (*SensitivitySpecificityBase._settings, "precision")
    _wanted_and_held = "recall", "precision"

    def __init__(
        self, precision, num_thresholds=200, class_id=None, name=None, dtype=None
    ):
        self.precision = _in_unit("precision", precision)
        super().__init__(precision, num_thresholds, class_id, name, dtype)
