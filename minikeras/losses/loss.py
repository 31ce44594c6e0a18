"""Generated from book/keras/losses.ipynb. Edit the chapter, not this file."""

import numpy as np

from minikeras import ops
from minikeras.core.arguments import checked_name, naming, owning
from minikeras.core.config import floatx
from minikeras.core.errors import ArgumentError
from minikeras.core.names import auto_name, to_snake_case
from minikeras.core.nest import flatten, map_structure
from minikeras.core.tensor import convert
from minikeras.dtype_policies.dtype_policy import get_policy
from minikeras.losses.shapes import squeeze_or_expand_to_same_rank

REDUCTIONS = (
    "sum_over_batch_size",
    "mean",
    "mean_with_sample_weight",
    "sum",
    "none",
    None,
)


def standardize_reduction(reduction):
    """The reduction itself, or ArgumentError if there is no such reduction."""
    if reduction not in REDUCTIONS:
        raise ArgumentError(
            "loss",
            "no such reduction",
            f"reduction={reduction!r}",
            f"one of {REDUCTIONS}",
        )
    return reduction


def reduce_values(values, sample_weight=None, reduction="sum_over_batch_size"):
    """One number from many, by the rule named `reduction`."""
    if reduction in ("none", None) or tuple(values.shape) in ((), (0,)):
        return values
    if reduction == "sum":
        return ops.sum(values)
    if reduction == "mean_with_sample_weight" and sample_weight is not None:
        return ops.divide_no_nan(
            ops.sum(values), ops.cast(ops.sum(sample_weight), values.dtype)
        )
    return ops.mean(values)


def apply_mask(sample_weight, mask, dtype, reduction):
    """The sample weights, 0 where masked (and for a mean the others scaled up)."""
    if mask is None:
        return sample_weight
    mask = ops.cast(mask, dtype)
    if reduction in ("mean", "sum_over_batch_size"):
        mask = mask * ops.divide_no_nan(ops.sum(ops.ones_like(mask)), ops.sum(mask))
    if sample_weight is None:
        return mask
    mask, sample_weight = squeeze_or_expand_to_same_rank(
        mask, ops.cast(sample_weight, dtype)
    )
    return sample_weight * mask


def reduce_weighted_values(
    values, sample_weight=None, mask=None, reduction="sum_over_batch_size", dtype=None
):
    """Weight the values, leave out the masked ones, and reduce."""
    values = convert(values, dtype)
    if sample_weight is None and mask is None:
        return reduce_values(values, None, reduction)
    if sample_weight is not None:
        sample_weight = convert(sample_weight, values.dtype)
    weight = apply_mask(sample_weight, mask, values.dtype, reduction)
    values, weight = squeeze_or_expand_to_same_rank(values, weight)
    return reduce_values(values * weight, weight, reduction)


def telling(method):
    """The method of a loss, whose errors name the loss and what it was given."""
    usage = "loss(y_true, y_pred, sample_weight=None)"
    return owning(method, usage, lambda x: f"loss {x.name!r} ({type(x).__name__})")


class Loss:
    """What training makes small: `loss(y_true, y_pred, sample_weight=None)`.

    Subclasses write `call(y_true, y_pred)`, which gives one number per sample.
    reduction: how these become one number; see `reduce_values`.
    """

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        naming(cls)

    def __init__(self, name=None, reduction="sum_over_batch_size", dtype=None):
        kind = type(self).__name__
        self.name = checked_name(kind, name) or auto_name(to_snake_case(kind))
        self.reduction = standardize_reduction(reduction)
        self._dtype_policy = get_policy(dtype or floatx())
        self._dtype = self._dtype_policy.compute_dtype

    @property
    def dtype(self):
        """In which dtype the loss is computed; that of a policy is its compute dtype."""
        return self._dtype

    def call(self, y_true, y_pred):
        raise NotImplementedError(f"{type(self).__name__} has no call(y_true, y_pred)")

    @telling
    def __call__(self, y_true, y_pred, sample_weight=None):
        mask = getattr(y_pred, "_keras_mask", None)  # a cast would lose it
        y_pred = self._in_dtype(y_pred)
        y_true = self._in_dtype(y_true)
        values = self.call(y_true, y_pred)
        mask = _joint_mask(mask, getattr(values, "_keras_mask", None))
        return reduce_weighted_values(
            values, sample_weight, mask, self.reduction, self.dtype
        )

    def _in_dtype(self, y):
        if isinstance(y, dict) or (isinstance(y, (list, tuple)) and not _is_array(y)):
            return map_structure(lambda x: convert(x, self._dtype), y)
        return convert(y, self._dtype)

    def get_config(self):
        return {"name": self.name, "reduction": self.reduction}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


def _is_array(y):
    leaves = flatten(y)
    return bool(leaves) and all(
        isinstance(x, (int, float, str, np.generic)) for x in leaves
    )


def _joint_mask(x, y):
    return y if x is None else x if y is None else ops.logical_and(x, y)
