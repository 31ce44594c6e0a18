"""Generated from book/keras/metrics.ipynb. Edit the chapter, not this file."""

from minikeras import losses as loss_functions
from minikeras.metrics.reduction_metrics import METRICS, MeanMetricWrapper


@METRICS.add
class KLDivergence(MeanMetricWrapper):
    """The mean of sum(y_true * log(y_true / y_pred)) so far.

    >>> float(KLDivergence()([[0.5, 0.5]], [[0.5, 0.5]]))
    0.0
    """

    _settings, _direction = (), "down"

    def __init__(self, name="kl_divergence", dtype=None):
        super().__init__(loss_functions.kl_divergence, name, dtype)


@METRICS.add
class Poisson(MeanMetricWrapper):
    """The mean of y_pred - y_true * log(y_pred) so far.

    >>> float(Poisson()([[0.0]], [[2.0]]))
    2.0
    """

    _settings, _direction = (), "down"

    def __init__(self, name="poisson", dtype=None):
        super().__init__(loss_functions.poisson, name, dtype)


@METRICS.add
class BinaryCrossentropy(MeanMetricWrapper):
    """The mean cross-entropy of yes/no answers so far: -log of the right one's chance.

    from_logits: y_pred has not been through a sigmoid.
    label_smoothing: how much of the label, in [0, 1], is moved towards one half.

    >>> round(float(BinaryCrossentropy()([[1.0]], [[0.5]])), 4)
    0.6931
    """

    _settings, _direction = ("from_logits", "label_smoothing"), "down"

    def __init__(
        self,
        name="binary_crossentropy",
        dtype=None,
        from_logits=False,
        label_smoothing=0,
    ):
        self.from_logits, self.label_smoothing = from_logits, label_smoothing
        super().__init__(
            loss_functions.binary_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
        )


@METRICS.add
class CategoricalCrossentropy(MeanMetricWrapper):
    """The mean cross-entropy of one-hot (or soft) labels so far.

    from_logits: y_pred has not been through a softmax along `axis`.
    label_smoothing: how much of the label, in [0, 1], is spread over all classes.

    >>> round(float(CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])), 4)
    0.6931
    """

    _settings, _direction = ("from_logits", "label_smoothing", "axis"), "down"

    def __init__(
        self,
        name="categorical_crossentropy",
        dtype=None,
        from_logits=False,
        label_smoothing=0,
        axis=-1,
    ):
        self.from_logits, self.label_smoothing = from_logits, label_smoothing
        self.axis = axis
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
    """The mean cross-entropy of integer labels so far.

    from_logits: y_pred has not been through a softmax along `axis`.
    ignore_class: a label that costs nothing (it does count as a sample, as in Keras).

    >>> round(float(SparseCategoricalCrossentropy()([1], [[0.5, 0.5]])), 4)
    0.6931
    """

    _settings, _direction = ("from_logits", "ignore_class", "axis"), "down"

    def __init__(
        self,
        name="sparse_categorical_crossentropy",
        dtype=None,
        from_logits=False,
        ignore_class=None,
        axis=-1,
    ):
        self.from_logits, self.ignore_class, self.axis = from_logits, ignore_class, axis
        super().__init__(
            loss_functions.sparse_categorical_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            ignore_class=ignore_class,
            axis=axis,
        )
