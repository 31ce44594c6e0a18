"""Generated from
book/keras/metrics.ipynb
book/keras/agreement.ipynb

Edit the chapter, not this file.
"""

import warnings

from minikeras import losses as loss_functions
from minikeras import ops
from minikeras.core.arguments import checked_number
from minikeras.core.errors import ArgumentError
from minikeras.core.tensor import convert
from minikeras.losses.shapes import squeeze_or_expand_to_same_rank
from minikeras.metrics.f_score_metrics import two_axes_each
from minikeras.metrics.metric import Metric
from minikeras.metrics.reduction_metrics import METRICS, Mean, MeanMetricWrapper


@METRICS.add
class MeanSquaredError(MeanMetricWrapper):
    """The mean of (y_true - y_pred) ** 2 so far.

    >>> float(MeanSquaredError()([[0.0], [2.0]], [[1.0], [2.0]]))
    0.5
    """

    _settings, _direction = (), "down"

    def __init__(self, name="mean_squared_error", dtype=None):
        super().__init__(loss_functions.mean_squared_error, name, dtype)


@METRICS.add
class MeanAbsoluteError(MeanMetricWrapper):
    """The mean of |y_true - y_pred| so far.

    >>> float(MeanAbsoluteError()([[0.0], [2.0]], [[1.0], [2.0]]))
    0.5
    """

    _settings, _direction = (), "down"

    def __init__(self, name="mean_absolute_error", dtype=None):
        super().__init__(loss_functions.mean_absolute_error, name, dtype)


@METRICS.add
class RootMeanSquaredError(Mean):
    """The root of the mean of (y_true - y_pred) ** 2 so far.

    >>> float(RootMeanSquaredError()([[0.0], [0.0]], [[3.0], [3.0]]))
    3.0
    """

    _direction = "down"

    def __init__(self, name="root_mean_squared_error", dtype=None):
        super().__init__(name, dtype)

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_true, y_pred = squeeze_or_expand_to_same_rank(
            convert(y_true, self._dtype), convert(y_pred, self._dtype)
        )
        super().update_state(ops.square(y_pred - y_true), sample_weight)

    def result(self):
        return ops.sqrt(super().result())


@METRICS.add
class MeanAbsolutePercentageError(MeanMetricWrapper):
    """The mean of 100 * |y_true - y_pred| / |y_true| so far.

    >>> float(MeanAbsolutePercentageError()([[4.0], [2.0]], [[1.0], [2.0]]))
    37.5
    """

    _settings, _direction = (), "down"

    def __init__(self, name="mean_absolute_percentage_error", dtype=None):
        super().__init__(loss_functions.mean_absolute_percentage_error, name, dtype)


@METRICS.add
class MeanSquaredLogarithmicError(MeanMetricWrapper):
    """The mean of (log(1 + y_true) - log(1 + y_pred)) ** 2 so far.

    >>> float(MeanSquaredLogarithmicError()([[0.0]], [[0.0]]))
    0.0
    """

    _settings, _direction = (), "down"

    def __init__(self, name="mean_squared_logarithmic_error", dtype=None):
        super().__init__(loss_functions.mean_squared_logarithmic_error, name, dtype)


@METRICS.add
class LogCoshError(MeanMetricWrapper):
    """The mean of log(cosh(y_pred - y_true)) so far.

    >>> float(LogCoshError()([[1.0]], [[1.0]]))
    0.0
    """

    _settings, _direction = (), "down"

    def __init__(self, name="logcosh", dtype=None):
        super().__init__(loss_functions.log_cosh, name, dtype)


def cosine_similarity(y_true, y_pred, axis=-1):
    """sum(y_true * y_pred) / (|y_true| |y_pred|) along `axis`: 1 for one direction.

    >>> cosine_similarity([[0.0, 1.0]], [[0.0, 3.0]]).numpy()
    array([1.], dtype=float32)
    """
    return -loss_functions.cosine_similarity(y_true, y_pred, axis=axis)


@METRICS.add
class CosineSimilarity(MeanMetricWrapper):
    """The mean cosine of the angles between y_true and y_pred along `axis` so far.

    >>> float(CosineSimilarity()([[0.0, 1.0], [1.0, 0.0]], [[0.0, 2.0], [0.0, 1.0]]))
    0.5
    """

    _settings, _direction = (), "up"

    def __init__(self, name="cosine_similarity", dtype=None, axis=-1):
        super().__init__(cosine_similarity, name, dtype, axis=axis)


@METRICS.add
class R2Score(Metric):
    """1 - sum (y_true - y_pred)^2 / sum (y_true - mean)^2, for each output.

    y_true, y_pred: f32[batch, outputs].
    class_aggregation: None (a score for each output), 'uniform_average', or
    'variance_weighted_average'. num_regressors: if not 0, the number p of inputs of the
    model, for the adjusted score 1 - (1 - R2) (n - 1) / (n - p - 1).
    Errors: ValueError for other arguments, and for inputs without exactly two axes.

    >>> float(R2Score()([[1], [4], [3]], [[2], [4], [4]])) > 0.57
    True
    """

    _settings, _direction = ("class_aggregation", "num_regressors"), "up"

    def __init__(
        self, class_aggregation="uniform_average", num_regressors=0, name="r2_score",
        dtype=None,
    ):  # fmt: skip
        super().__init__(name=name, dtype=dtype)
        _check_score(name, class_aggregation, num_regressors)
        self.class_aggregation = class_aggregation
        self.num_regressors = num_regressors
        self.num_samples = self.add_variable((), "zeros", name="num_samples")
        self._built = False

    def _build(self, y_true_shape, y_pred_shape):
        """Make the four sums, for labels and predictions of these shapes."""
        two_axes_each("R2Score", y_true_shape, y_pred_shape)
        shape = (y_pred_shape[-1],)
        self.squared_sum = self.add_variable(shape, "zeros", name="squared_sum")
        self.sum = self.add_variable(shape, "zeros", name="sum")
        self.total_mse = self.add_variable(shape, "zeros", name="residual")
        self.count = self.add_variable(shape, "zeros", name="count")
        self._built = True

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Count a batch f32[batch, outputs]; weights for samples, or in this shape."""
        y_true, y_pred = squeeze_or_expand_to_same_rank(
            convert(y_true, self._dtype), convert(y_pred, self._dtype)
        )
        two_axes_each("R2Score", y_true.shape, y_pred.shape)
        weight = convert(1 if sample_weight is None else sample_weight, self._dtype)
        weight = ops.expand_dims(weight, 1) if len(weight.shape) == 1 else weight
        weight = ops.broadcast_to(weight, ops.shape(y_true))
        if not self._built:
            self._build(y_true.shape, y_pred.shape)
        weighted = y_true * weight
        self.sum.assign_add(ops.sum(weighted, axis=0))
        self.squared_sum.assign_add(ops.sum(y_true * weighted, axis=0))
        self.total_mse.assign_add(ops.sum((y_true - y_pred) ** 2 * weight, axis=0))
        self.count.assign_add(ops.sum(weight, axis=0))
        self.num_samples.assign_add(ops.size(y_true))

    def result(self):
        """The score of each output, or their average."""
        total = self.squared_sum - self.sum * (self.sum / self.count)
        scores = 1 - self.total_mse / total
        scores = ops.where(ops.isinf(scores), 0.0, scores)
        if self.class_aggregation == "uniform_average":
            scores = ops.mean(scores)
        elif self.class_aggregation == "variance_weighted_average":
            scores = ops.sum(total * scores) / ops.sum(total)
        return self._adjusted(scores) if self.num_regressors else scores

    def _adjusted(self, score):
        """The score with something taken off for each input of the model."""
        left = float(self.num_samples) - 1 - self.num_regressors
        if left <= 0:
            problem = "Division by zero" if left == 0 else "More inputs than samples"
            message = (
                f"{problem} in the adjusted R2 score; giving the standard R2 score"
            )
            warnings.warn(message, stacklevel=3)
            return score
        return 1.0 - (1.0 - score) * ((self.num_samples - 1.0) / left)


_AGGREGATIONS = (None, "uniform_average", "variance_weighted_average")


def _check_score(name, class_aggregation, num_regressors):
    """ArgumentError if R2Score cannot work with these."""
    if class_aggregation not in _AGGREGATIONS:
        problem = "Invalid value for argument `class_aggregation`"
        hint = f"one of {_AGGREGATIONS}"
        raise ArgumentError(name, problem, repr(class_aggregation), hint)
    checked_number("R2Score", "num_regressors", num_regressors, whole=True)
    if num_regressors < 0:
        problem = "Invalid value for argument `num_regressors`"
        raise ArgumentError(name, problem, str(num_regressors), "a value >= 0")
