"""Generated from book/keras/metrics.ipynb. Edit the chapter, not this file."""

from minikeras import losses, ops
from minikeras.core.config import floatx
from minikeras.core.tensor import convert
from minikeras.losses.loss import apply_mask
from minikeras.losses.shapes import squeeze_or_expand_to_same_rank
from minikeras.metrics.metric import Metric
from minikeras.utils.catalogue import Catalogue


def reduce_to_samplewise_values(values, sample_weight, reduce_fn, dtype):
    """Values and weights with one number per sample; `reduce_fn` reduces other axes."""
    mask = getattr(values, "_keras_mask", None)
    dtype = dtype or floatx()
    values = convert(values, dtype)
    if sample_weight is not None:
        sample_weight = apply_mask(convert(sample_weight, dtype), mask, dtype, "sum")
        values, sample_weight = _weighted(values, sample_weight, reduce_fn)
    if len(values.shape) > 1:
        values = reduce_fn(values, axis=tuple(range(1, len(values.shape))))
    return values, sample_weight


def _weighted(values, sample_weight, reduce_fn):
    values, sample_weight = squeeze_or_expand_to_same_rank(values, sample_weight)
    rank = len(sample_weight.shape)
    if len(values.shape) > rank:
        values = reduce_fn(values, axis=tuple(range(rank, len(values.shape))))
    if sample_weight.shape != values.shape:
        sample_weight = ops.broadcast_to(sample_weight, ops.shape(values))
    values = values * sample_weight
    if rank > 1:
        sample_weight = reduce_fn(sample_weight, axis=tuple(range(1, rank)))
    return values, sample_weight


METRICS = Catalogue("metrics")


@METRICS.add
class Sum(Metric):
    """The (weighted) sum of all values so far.

    >>> float(Sum()([1, 3, 5], sample_weight=[1, 1, 0]))
    4.0
    """

    def __init__(self, name="sum", dtype=None):
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable((), "zeros", self.dtype, name="total")

    def update_state(self, values, sample_weight=None):
        values, _ = reduce_to_samplewise_values(
            values, sample_weight, ops.sum, self._dtype
        )
        self.total.assign_add(ops.sum(values))

    def result(self):
        return ops.cast(self.total, self.dtype)


@METRICS.add
class Mean(Metric):
    """The (weighted) mean of all values so far: sum(w * v) / sum(w); 0 before the first.

    >>> float(Mean()([1, 3, 5, 7], sample_weight=[1, 1, 0, 0]))
    2.0
    """

    def __init__(self, name="mean", dtype=None):
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable((), "zeros", self.dtype, name="total")
        self.count = self.add_variable((), "zeros", self.dtype, name="count")

    def update_state(self, values, sample_weight=None):
        values, weight = reduce_to_samplewise_values(
            values, sample_weight, ops.mean, self._dtype
        )
        if weight is None:
            weight = ops.shape(values)[0] if len(values.shape) else 1
        elif len(weight.shape):
            weight = ops.sum(weight)
        self.total.assign_add(ops.sum(values) if len(values.shape) else values)
        self.count.assign_add(weight)

    def result(self):
        count = self.count.value
        return ops.where(count == 0, count, self.total.value / count)


@METRICS.add
class MeanMetricWrapper(Mean):
    """The mean of fn(y_true, y_pred, **kwargs), which gives one number per sample.

    >>> def gap(y_true, y_pred):
    ...     return y_true - y_pred
    >>> float(MeanMetricWrapper(gap)(convert([3.0, 5.0]), convert([1.0, 1.0])))
    3.0
    """

    _settings = None  # for subclasses; without, the config has fn and its keywords

    def __init__(self, fn, name=None, dtype=None, **kwargs):
        super().__init__(name=name, dtype=dtype)
        self._fn, self._fn_kwargs = fn, kwargs
        if getattr(losses, getattr(fn, "__name__", type(fn).__name__), None) is fn:
            self._direction = "down"  # a loss: the smaller the better

    def update_state(self, y_true, y_pred, sample_weight=None):
        mask = getattr(y_pred, "_keras_mask", None)
        values = self._fn(y_true, y_pred, **self._fn_kwargs)
        if mask is not None:
            sample_weight = apply_mask(sample_weight, mask, self._dtype, "sum")
        super().update_state(values, sample_weight)

    def get_config(self):
        """Name, dtype and settings; without `_settings`, the function and its keywords."""
        if self._settings is not None:
            return super().get_config()
        known = {"name": self.name, "dtype": self.dtype}
        return {**known, "fn": METRICS.serialize(self._fn), **self._fn_kwargs}

    @classmethod
    def from_config(cls, config):
        """The metric that `get_config` describes."""
        if "fn" in config:
            config = {**config, "fn": METRICS.deserialize(config["fn"])}
        return cls(**config)
