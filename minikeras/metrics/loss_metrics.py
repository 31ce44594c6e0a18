"""Generated from book/keras/metrics.ipynb. Edit the chapter, not this file."""

from minikeras.losses import losses as loss_functions
from minikeras.metrics.reduction_metrics import METRICS, MeanMetricWrapper


@METRICS.add
class MeanSquaredError(MeanMetricWrapper):
    """The mean of (y_true - y_pred) ** 2 so far."""

    def __init__(self, name="mean_squared_error", dtype=None):
        super().__init__(loss_functions.mean_squared_error, name, dtype)


@METRICS.add
class MeanAbsoluteError(MeanMetricWrapper):
    """The mean of |y_true - y_pred| so far."""

    def __init__(self, name="mean_absolute_error", dtype=None):
        super().__init__(loss_functions.mean_absolute_error, name, dtype)


@METRICS.add
class BinaryCrossentropy(MeanMetricWrapper):
    """The mean cross-entropy of yes/no answers so far."""

    def __init__(
        self,
        name="binary_crossentropy",
        dtype=None,
        from_logits=False,
        label_smoothing=0,
    ):
        super().__init__(
            loss_functions.binary_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
        )


@METRICS.add
class CategoricalCrossentropy(MeanMetricWrapper):
    """The mean cross-entropy of one-hot targets so far."""

    def __init__(
        self,
        name="categorical_crossentropy",
        dtype=None,
        from_logits=False,
        label_smoothing=0,
        axis=-1,
    ):
        super().__init__(
            loss_functions.categorical_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


@METRICS.add
class SparseCategoricalCrossentropy(MeanMetricWrapper):
    """The mean cross-entropy of integer labels so far."""

    def __init__(
        self,
        name="sparse_categorical_crossentropy",
        dtype=None,
        from_logits=False,
        axis=-1,
    ):
        super().__init__(
            loss_functions.sparse_categorical_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            axis=axis,
        )


METRICS.add(MeanSquaredError, "mse", "MSE")

METRICS.add(MeanAbsoluteError, "mae", "MAE")

METRICS.add(BinaryCrossentropy, "bce", "BCE")
