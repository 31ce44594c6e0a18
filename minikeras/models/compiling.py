"""Generated from book/keras/compiling.ipynb. Edit the chapter, not this file."""

from minikeras import losses as losses_module
from minikeras import metrics as metrics_module
from minikeras import ops
from minikeras.core.errors import ArgumentError
from minikeras.core.nest import flatten


def kind_of_labels(y_true, y_pred):
    """'binary', 'sparse_categorical' or 'categorical', read from the shapes."""
    if y_pred.shape[-1] == 1:
        return "binary"
    one_column = len(y_true.shape) and y_true.shape[-1] == 1
    sparse = len(y_true.shape) < len(y_pred.shape) or one_column
    return "sparse_categorical" if sparse else "categorical"


ENDINGS = {
    "accuracy": "_accuracy",
    "acc": "_accuracy",
    "crossentropy": "_crossentropy",
    "ce": "_crossentropy",
}


def spelled_out(word, y_true, y_pred):
    """The full name for a word that depends on shapes; anything else as it is."""
    ending = ENDINGS.get(word.lower()) if isinstance(word, str) else None
    return word if ending is None else kind_of_labels(y_true, y_pred) + ending


def resolve_loss(identifier, y_true, y_pred):
    """The Loss object for what the user wrote, or None."""
    function = losses_module.get(spelled_out(identifier, y_true, y_pred))
    if function is None or isinstance(function, losses_module.Loss):
        return function
    name = identifier if isinstance(identifier, str) else function.__name__
    return losses_module.LossFunctionWrapper(function, name=name)


def resolve_metric(identifier, y_true, y_pred):
    """The Metric for what the user wrote; a string names it in the logs."""
    if identifier is None:
        raise ArgumentError("compile", "a metric is None", None, "leave it out")
    metric = metrics_module.get(spelled_out(identifier, y_true, y_pred))
    metric = metric() if isinstance(metric, type) else metric
    if not isinstance(metric, metrics_module.Metric):
        metric = metrics_module.MeanMetricWrapper(metric, name=_name_of(metric))
    if isinstance(identifier, str):
        metric.name = identifier
    return metric


def _name_of(thing):
    """The name of a loss, metric, function or callable object."""
    found = getattr(thing, "name", None) or getattr(thing, "__name__", None)
    return found or type(thing).__name__


NESTS = (list, tuple, dict)


def spread(value, outputs, names, what):
    """`value` as a flat list, one item per output."""
    count = len(flatten(outputs))
    if not isinstance(value, NESTS):
        return [value] * count
    if isinstance(value, dict):
        return _by_name(value, outputs, names, what)
    if len(value) == count:
        return list(value)
    flat = flatten(value)
    if len(flat) != count:
        raise ArgumentError(
            "compile", f"{what}: one item for each output", f"{len(flat)} items",
            f"{count} outputs: {names}",
        )  # fmt: skip
    return flat


def _by_name(values, outputs, names, what):
    """The items of a dict in the order of the outputs; missing ones are None."""
    order = sorted(outputs) if isinstance(outputs, dict) else list(names or ())
    if names and not set(values) <= set(order) and set(values) <= set(names):
        order = list(names)
    unknown = [key for key in values if key not in order]
    if unknown:
        raise ArgumentError(
            "compile", f"{what}: no output is called {unknown[0]!r}",
            f"keys {sorted(map(str, values))}", f"outputs {order}",
        )  # fmt: skip
    return [values.get(name) for name in order]


class CompileLoss:
    """The losses of all outputs, as one: total = sum of weight * loss."""

    def __init__(self, loss, loss_weights=None, output_names=None):
        self.loss, self.loss_weights = loss, loss_weights
        self.output_names = output_names
        self.built = False
        self.metrics = []

    def __call__(self, y_true, y_pred, sample_weight=None):
        if not self.built:
            self.build(y_true, y_pred)
        if self._single is not None and not isinstance(y_true, NESTS):
            return self._single(y_true, y_pred, sample_weight)
        return self._several(y_true, y_pred, sample_weight)

    def build(self, y_true, y_pred):
        """Turn words into loss objects, now that the shapes are known."""
        predictions, names = flatten(y_pred), self._names(y_pred)
        asked = spread(self.loss, y_pred, names, "loss")
        labels = self._labels(y_true, y_pred, asked)
        self._losses = [
            resolve_loss(*triple)
            for triple in zip(asked, labels, predictions, strict=True)
        ]
        weights = spread(self.loss_weights, y_pred, names, "loss_weights")
        self._weights = [None if w is None else float(w) for w in weights]
        self._make_trackers(names)
        alone = len(self._losses) == 1 and not isinstance(y_pred, NESTS)
        self._single = self._losses[0] if alone and self._weights[0] is None else None
        self.built = True

    def _make_trackers(self, names):
        """A running mean for each loss, if there are several."""
        several = sum(loss is not None for loss in self._losses) > 1
        self._trackers = [
            metrics_module.Mean(name=f"{name}_loss")
            if several and loss is not None
            else None
            for name, loss in zip(names, self._losses, strict=True)
        ]
        self.metrics = [tracker for tracker in self._trackers if tracker is not None]

    def _names(self, y_pred):
        """A name for each output: the model's, the dict's keys, or the loss's."""
        count = len(flatten(y_pred))
        if isinstance(y_pred, dict):
            return sorted(y_pred)
        if self.output_names and len(self.output_names) == count:
            return list(self.output_names)
        if isinstance(self.loss, dict):
            return [str(number) for number in range(count)]
        words = spread(self.loss, y_pred, None, "loss")
        return [word if isinstance(word, str) else _name_of(word) for word in words]

    def _labels(self, y_true, y_pred, losses):
        """The labels in the order of the outputs; outputs without a loss need none."""
        if isinstance(y_true, dict) or not isinstance(y_true, NESTS):
            return spread(y_true, y_pred, self.output_names, "y")
        flat, wanted = flatten(y_true), [loss is not None for loss in losses]
        if len(flat) == len(wanted):
            return flat
        if len(flat) != sum(wanted):
            raise ArgumentError(
                "fit", "y_true and y_pred have different structures",
                f"{len(flat)} label arrays", f"{len(wanted)} outputs",
            )  # fmt: skip
        rest = iter(flat)
        return [next(rest) if has_loss else None for has_loss in wanted]

    def _several(self, y_true, y_pred, sample_weight):
        """The weighted sum over all outputs that have a loss."""
        labels = self._labels(y_true, y_pred, self._losses)
        samples = spread(sample_weight, y_pred, self.output_names, "sample_weight")
        rows = zip(
            self._losses, self._weights, self._trackers, labels, flatten(y_pred), samples,
            strict=True,
        )  # fmt: skip
        terms = [_weighted(*row) for row in rows if row[0] is not None]
        return sum(terms[1:], terms[0]) if terms else None


def _weighted(loss, weight, tracker, y_true, y_pred, sample_weight):
    """The loss of one output, counted by its tracker and then weighted."""
    value = loss(y_true, y_pred, sample_weight)
    if tracker is not None:
        tracker.update_state(value, sample_weight=ops.shape(y_pred)[0])
    return value if weight is None else value * weight


class CompileMetrics:
    """All metrics of a compiled model, by output."""

    def __init__(self, metrics, weighted_metrics, output_names=None):
        asked = {"metrics": metrics, "weighted_metrics": weighted_metrics}
        for name, value in asked.items():
            if value and not isinstance(value, NESTS):
                raise ArgumentError(
                    "compile", f"Expected `{name}` argument to be a list, tuple, or dict",
                    repr(value)[:60], f"{name}=[...]",
                )  # fmt: skip
        self._asked = (metrics, weighted_metrics)
        self.output_names = output_names
        self.name, self.built = "compile_metrics", False
        self._plain, self._weighted = [], []

    @property
    def metrics(self):
        """All metrics, resolved."""
        return [metric for _, _, metric in self._plain + self._weighted]

    @property
    def variables(self):
        """The variables of all metrics."""
        return [v for metric in self.metrics for v in metric.variables]

    def build(self, y_true, y_pred):
        """Turn words into metrics, now that the shapes are known."""
        self._plain, self._weighted = (
            self._resolve(asked, y_true, y_pred) for asked in self._asked
        )
        self.built = True

    def _resolve(self, asked, y_true, y_pred):
        """(output number, output name or None, metric) for all that was asked."""
        if not asked:
            return []
        predictions = flatten(y_pred)
        labels = spread(y_true, y_pred, self.output_names, "y")
        return [
            (number, name, resolve_metric(word, labels[number], predictions[number]))
            for number, name, group in self._groups(asked, y_pred)
            for word in (group if isinstance(group, (list, tuple)) else [group])
            if word is not None
        ]

    def _groups(self, asked, y_pred):
        """(output number, output name or None, what was asked for it)."""
        if len(flatten(y_pred)) == 1:
            return [(0, None, flatten(asked))]
        names = sorted(y_pred) if isinstance(y_pred, dict) else self.output_names
        groups = spread(asked, y_pred, names, "metrics")
        names = names or [None] * len(groups)
        return [(i, names[i], group) for i, group in enumerate(groups)]

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Count one batch in all metrics."""
        if not self.built:
            self.build(y_true, y_pred)
        labels, predictions, weights = [y_true], [y_pred], [sample_weight]
        if isinstance(y_true, NESTS) or isinstance(y_pred, NESTS):
            predictions = flatten(y_pred)
            labels = spread(y_true, y_pred, self.output_names, "y")
            weights = spread(sample_weight, y_pred, self.output_names, "sample_weight")
        for i, _, metric in self._plain:
            metric.update_state(labels[i], predictions[i])
        for i, _, metric in self._weighted:
            metric.update_state(labels[i], predictions[i], weights[i])

    def result(self):
        """{name: value}; repeated names are numbered."""
        if not self.built:
            raise ArgumentError("metrics", "no result before the first batch")
        results, uses = {}, {}
        for weighted, rows in ((False, self._plain), (True, self._weighted)):
            for _, output, metric in rows:
                prefix = f"{output}_" if output else ""
                name = prefix + metric.name
                if weighted and name in results:
                    name = f"{prefix}weighted_{metric.name}"
                if name in results:
                    uses[name] = uses.get(name, 0) + 1
                    name = f"{name}_{uses[name]}"
                results[name] = metric.result()
        return results

    def reset_state(self):
        """Start all metrics again."""
        for metric in self.metrics:
            metric.reset_state()
