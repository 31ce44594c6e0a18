"""Generated from
book/keras/confusion.ipynb
book/keras/agreement.ipynb

Edit the chapter, not this file.
"""

from enum import Enum

import numpy as np

from minikeras import ops
from minikeras.core.arguments import checked_number
from minikeras.core.config import epsilon
from minikeras.core.errors import ArgumentError, IndexRangeError, ShapeError
from minikeras.core.table import within
from minikeras.core.tensor import convert
from minikeras.losses.shapes import squeeze_or_expand_to_same_rank


class ConfusionMatrix(Enum):
    """The four kinds of answers to a yes/no question."""

    TRUE_POSITIVES = "tp"
    FALSE_POSITIVES = "fp"
    TRUE_NEGATIVES = "tn"
    FALSE_NEGATIVES = "fn"


CELLS = {  # which label, and what was said
    ConfusionMatrix.TRUE_POSITIVES: (True, True),
    ConfusionMatrix.FALSE_POSITIVES: (False, True),
    ConfusionMatrix.TRUE_NEGATIVES: (False, False),
    ConfusionMatrix.FALSE_NEGATIVES: (True, False),
}


NEG_INF = -1e10  # a threshold that every score is above


def assert_thresholds_range(thresholds):
    """A ValueError unless all thresholds lie in [0, 1]; None stands for no list."""
    for t in thresholds or ():
        if t is not None:
            checked_number("thresholds", "a threshold", t)
    wrong = [t for t in thresholds or () if t is None or not 0 <= t <= 1]
    if wrong:
        problem = "Threshold values must be in [0, 1]"
        raise ArgumentError("thresholds", problem, wrong, "thresholds=0.5")


def parse_init_thresholds(thresholds, default_threshold=0.5):
    """The list of thresholds that a user's argument stands for."""
    if thresholds is None:
        return [default_threshold]
    several = isinstance(thresholds, (list, tuple, np.ndarray))
    thresholds = list(thresholds) if several else [thresholds]
    assert_thresholds_range(thresholds)
    return thresholds


def by_comparing(cells, truth, y_pred, thresholds):
    """{cell: f[T, labels]}, each score compared with each threshold.

    truth: {True: f[n, labels], False: ...}, the weights by label; y_pred: f[n, labels];
    thresholds: f[T], or f[T, labels].
    """
    lines = ops.reshape(thresholds, (len(thresholds), 1, -1))
    above = ops.greater(y_pred, lines)
    said = {True: above, False: ops.logical_not(above)}
    return {
        cell: ops.sum(ops.where(said[CELLS[cell][1]], truth[CELLS[cell][0]], 0), axis=1)
        for cell in cells
    }


def by_buckets(cells, truth, y_pred, thresholds):
    """The same for evenly spaced thresholds in [0, 1]: one bucket for each score."""
    count, labels = len(thresholds), y_pred.shape[1]
    passed = ops.ceil(ops.clip(y_pred, 0.0, 1.0) * (count - 1))
    if thresholds[0] < 0:  # a first line below zero is passed by everyone
        passed = ops.maximum(passed, 1)
    passed = ops.where(ops.isnan(y_pred), 0, passed)
    bucket = ops.cast(passed, "int32") + ops.arange(labels) * (count + 1)
    bucket = ops.reshape(bucket, (-1,))

    def above(weights):
        weights = ops.reshape(weights, (-1,))
        sums = ops.segment_sum(weights, bucket, (count + 1) * labels)
        sums = ops.flip(ops.reshape(sums, (labels, count + 1)), axis=1)
        return ops.transpose(ops.flip(ops.cumsum(sums, axis=1), axis=1)[:, 1:])

    said_yes = {label: above(truth[label]) for label in {CELLS[c][0] for c in cells}}
    return {
        cell: said_yes[label]
        if yes
        else ops.sum(truth[label], axis=0) - said_yes[label]
        for cell, (label, yes) in CELLS.items()
        if cell in cells
    }


def is_evenly_distributed_thresholds(thresholds):
    """Whether thresholds are 0, 1/m, 2/m, ..., 1 with m of at least 2."""
    count = len(thresholds)
    if count < 3:
        return False
    even = np.arange(count, dtype=np.float32) / (count - 1)
    return bool(np.allclose(thresholds, even, atol=epsilon()))


def _filter_top_k(x, k):
    """x, with all but the k largest of each row replaced by NEG_INF."""
    classes = x.shape[-1]
    if not 0 < k <= classes:
        problem = "top_k has to be between 1 and the number of classes"
        raise ArgumentError("top_k", problem, f"top_k={k} for {x.spec}")
    _, best = ops.top_k(x, k)
    kept = ops.sum(ops.one_hot(best, classes, dtype=x.dtype), axis=-2)
    return x * kept + NEG_INF * (1 - kept)


def only_class(class_id, y_true, y_pred):
    """The column `class_id` of both, as a last axis of 1."""
    if len(y_pred.shape) == 1:
        problem = "When class_id is provided, y_pred must be a 2D array"
        raise ShapeError("class_id", problem, str(y_pred.spec), "[samples, classes]")
    class_id = int(checked_number("class_id", "it", class_id, whole=True))
    if not 0 <= class_id < y_pred.shape[-1]:
        got = f"class_id={class_id} for {y_pred.spec}"
        raise IndexRangeError("class_id", "there is no such class", got)
    return y_true[..., class_id, None], y_pred[..., class_id, None]


def joint_weights(sample_weight, label_weights, y_true, y_pred):
    """Both kinds of weights in the shape of y_pred, multiplied; or None."""
    weights = None
    if sample_weight is not None:
        weights = ops.expand_dims(convert(sample_weight, y_pred.dtype), -1)
        _, weights = squeeze_or_expand_to_same_rank(y_true, weights, False)
        weights = ops.broadcast_to(weights, ops.shape(y_pred))
    if label_weights is not None:
        by_label = convert(label_weights, y_pred.dtype)
        by_label = ops.broadcast_to(ops.expand_dims(by_label, 0), ops.shape(y_pred))
        weights = by_label if weights is None else weights * by_label
    return weights


def columns(
    y_true, y_pred, dtype, top_k, class_id, sample_weight, label_weights, multi_label
):
    """truth by label and scores, as `by_comparing` and `by_buckets` take them."""
    y_true, y_pred = convert(y_true, dtype), convert(y_pred, dtype)
    y_pred, y_true = squeeze_or_expand_to_same_rank(y_pred, y_true)
    if y_true.shape != y_pred.shape or not y_pred.shape:
        problem = "labels and scores need the same shape, of at least one axis"
        raise ShapeError("confusion", problem, f"{y_true.spec} and {y_pred.spec}")
    kept = y_true
    if top_k is not None:
        y_pred = _filter_top_k(y_pred, top_k)
    if class_id is not None:
        kept, y_pred = only_class(class_id, y_true, y_pred)
    weights = joint_weights(sample_weight, label_weights, y_true, y_pred)
    shape = (-1, y_pred.shape[1] if multi_label else 1)
    positive = ops.cast(ops.not_equal(kept, 0), dtype)
    truth = {True: positive, False: 1 - positive}
    if weights is not None:
        truth = {label: values * weights for label, values in truth.items()}
    truth = {label: ops.reshape(values, shape) for label, values in truth.items()}
    return truth, ops.reshape(y_pred, shape)


def update_confusion_matrix_variables(
    variables_to_update,
    y_true,
    y_pred,
    thresholds,
    top_k=None,
    class_id=None,
    sample_weight=None,
    multi_label=False,
    label_weights=None,
    thresholds_distributed_evenly=False,
):
    """Add a batch to the counts: {ConfusionMatrix cell: variable f[T] or f[T, labels]}.

    A score is positive where it is greater than the threshold.
    top_k: only the k best scores of a row can be. class_id: only this class is counted.
    multi_label: count each column by itself; else all are counted together.
    Errors: ValueError for shapes that differ, or keys that are no cells.
    """
    if variables_to_update is None:
        return
    checked_cells(variables_to_update, multi_label, label_weights)
    dtype = next(iter(variables_to_update.values())).dtype
    truth, scores = columns(
        y_true, y_pred, dtype, top_k, class_id, sample_weight, label_weights, multi_label
    )  # fmt: skip
    count = by_buckets if thresholds_distributed_evenly else by_comparing
    counts = count(variables_to_update, truth, scores, np.asarray(thresholds, dtype))
    if not multi_label:
        counts = {cell: sums[:, 0] for cell, sums in counts.items()}
    totals = [v + counts[cell] for cell, v in variables_to_update.items()]
    for variable, total in zip(variables_to_update.values(), totals, strict=True):
        variable.assign(total)


def checked_cells(variables, multi_label, label_weights):
    """A ValueError for keys that are no cells, and for label weights of single labels."""
    wrong = [key for key in variables if key not in CELLS]
    if wrong or not variables:
        problem = (
            "Please provide at least one valid confusion matrix variable to update"
        )
        if wrong and len(wrong) < len(variables):
            problem = "Invalid keys"
        hint = "the members of ConfusionMatrix"
        raise ArgumentError("confusion", problem, list(variables), hint)
    if multi_label and label_weights is not None:
        problem = "`label_weights` belong outside when labels are counted by themselves"
        raise ArgumentError("confusion", problem)


class AUCCurve(Enum):
    """Which curve: ROC, precision-recall, or the gains of both."""

    ROC = "ROC"
    PR = "PR"
    PRGAIN = "PRGAIN"

    @staticmethod
    def from_str(key):
        """'ROC', 'PR' or 'PRGAIN', also in small letters."""
        return _named(AUCCurve, key, "Invalid AUC curve value", str.lower)


class AUCSummationMethod(Enum):
    """How an area is added up between two points of a curve."""

    INTERPOLATION = "interpolation"
    MAJORING = "majoring"
    MINORING = "minoring"

    @staticmethod
    def from_str(key):
        """'interpolation', 'majoring' or 'minoring', also with a capital."""
        problem = "Invalid AUC summation method value"
        return _named(AUCSummationMethod, key, problem, str.capitalize)


def _named(enumeration, key, problem, also):
    """The member with this value, or with `also` of it; a member is itself."""
    for member in enumeration:
        if key in (member, member.value, also(member.value)):
            return member
    names = [member.value for member in enumeration]
    raise ArgumentError("AUC", problem, repr(key), f"one of {names}")


def confusion_matrix(labels, predictions, num_classes, weights=None, dtype="int32"):
    """i32[n, n]: how many samples (what weight) of class `row` were called `column`.

    labels, predictions: i[samples], class numbers in [0, num_classes).
    Errors: an IndexError for other class numbers.

    >>> confusion_matrix([1, 2, 1], [2, 2, 1], 3).numpy()
    array([[0, 0, 0],
           [0, 1, 1],
           [0, 0, 1]], dtype=int32)
    """
    labels, predictions = squeeze_or_expand_to_same_rank(
        convert(labels, "int64"), convert(predictions, "int64")
    )
    about = {"who": "confusion_matrix", "number": int(num_classes)}
    about |= {"thing": "class number", "problem": f"is not in [0, {num_classes})"}
    labels, predictions = (within(x, **about) for x in (labels, predictions))
    weights = (
        ops.ones_like(labels, dtype) if weights is None else convert(weights, dtype)
    )
    cell = ops.stack([labels, predictions], axis=1)
    return ops.scatter(cell, weights, (int(num_classes), int(num_classes)))
