"""Generated from book/keras/compiling.ipynb. Edit the chapter, not this file."""

import optree

from minikeras import losses as losses_module
from minikeras import metrics as metrics_module
from minikeras import ops
from minikeras.core.errors import ArgumentError
from minikeras.core.names import to_snake_case
from minikeras.core.nest import flatten, map_structure, pack


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
    name = identifier if isinstance(identifier, str) else _name_of(function)
    return losses_module.LossFunctionWrapper(function, name=name)


def _name_of(thing):
    """The name of a loss, metric, function or callable object: as_in_the_logs."""
    if hasattr(thing, "name"):
        return thing.name
    return to_snake_case(getattr(thing, "__name__", type(thing).__name__))


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


NESTS = (list, tuple, dict)


class OutputNameError(ArgumentError, KeyError):
    """Something said about an output that is not there."""


def at(nest, path, what):
    """What lies at a path in a nest; OutputNameError if nothing does."""
    for key in path:
        if not _has(nest, key):
            there = sorted(map(str, nest)) if isinstance(nest, dict) else nest
            raise OutputNameError(
                "compile", f"{what}: nothing at {'/'.join(map(str, path))!r}",
                str(there)[:60], "the names and the form of the outputs",
            )  # fmt: skip
        nest = nest[key]
    return nest


def _has(nest, key):
    """Whether a nest has this key, or this place."""
    if isinstance(nest, dict):
        return key in nest
    return isinstance(nest, (list, tuple)) and key in range(len(nest))


def in_order(words, y_pred, names, what):
    """Words by name as a list, if the outputs are a list; else as they are."""
    if not isinstance(words, dict) or isinstance(y_pred, dict):
        return words
    if names is None or set(words) != set(names):
        raise OutputNameError(
            "compile", f"{what}: one for each output, by its name",
            f"keys {sorted(map(str, words))}", f"outputs {names}",
        )  # fmt: skip
    return [words[name] for name in names]


def walk(words, y_pred, path=()):
    """(path, word) for each word, in the order in which they were written."""
    if not isinstance(words, NESTS):
        if words is not None:
            yield path, words
        return
    flat_list = not isinstance(words, dict) and not any(
        isinstance(word, NESTS) for word in words
    )
    if flat_list and len(words) == len(flatten(y_pred)):
        words = pack(y_pred, words)
        if not isinstance(words, NESTS):
            yield from walk(words, y_pred, path)
            return
    keys = words if isinstance(words, dict) else range(len(words))
    for key in keys:
        if words[key] is not None:
            here = at(y_pred, (key,), "loss")
            yield from walk(words[key], here, (*path, key))


class CompileLoss(losses_module.Loss):
    """The losses of all outputs, as one: total = sum of weight * loss.

    loss: a word, or a nest of words; loss_weights: a number, or numbers in its form.
    """

    def __init__(
        self,
        loss,
        loss_weights=None,
        reduction="sum_over_batch_size",
        output_names=None,
    ):
        super().__init__(name="compile_loss", reduction=reduction)
        if loss_weights and not isinstance(loss_weights, (float, *NESTS)):
            raise ArgumentError(
                "compile", "`loss_weights` is a float, a list, a tuple or a dict",
                repr(loss_weights)[:60], "one number for each loss",
            )  # fmt: skip
        self.loss, self.loss_weights = loss, loss_weights
        self.output_names = output_names
        self.built, self._single = False, None
        self.metrics = []

    def __call__(self, y_true, y_pred, sample_weight=None):
        if isinstance(y_pred, NESTS) or isinstance(y_true, NESTS):
            y_true = self._labels(y_true, y_pred)
        if not self.built:
            self.build(y_true, y_pred)
        if self._single is None or isinstance(sample_weight, NESTS):
            return self._several(y_true, y_pred, sample_weight)
        return self._single(y_true, y_pred, sample_weight)

    @property
    def variables(self):
        """The variables of the running means of the losses."""
        return [v for metric in self.metrics for v in metric.variables]

    def build(self, y_true, y_pred):
        """Turn words into loss objects, now that the shapes are known."""
        words = in_order(self.loss, y_pred, self.output_names, "loss")
        if not isinstance(words, NESTS):
            words = map_structure(lambda _: words, y_pred)
        weights = self._weights(words, y_pred)
        self._rows = []
        for path, word in walk(words, y_pred):
            labels = at(y_true, path, "y")
            loss = resolve_loss(word, labels, at(y_pred, path, "loss"))
            self._rows.append((path, loss, weights.get(path)))
        self._make_trackers(y_pred)
        alone = len(self._rows) == 1 and not self._rows[0][0]
        self._single = self._rows[0][1] if alone and not weights else None
        self.built = True

    def _weights(self, words, y_pred):
        """{path: weight} of the losses, empty without weights."""
        if self.loss_weights is None:
            return {}
        weights = self.loss_weights
        if isinstance(self.loss, dict):
            weights = in_order(weights, y_pred, self.output_names, "loss_weights")
        count, flat = len(flatten(self.loss)), flatten(weights)
        if len(flat) != count:
            raise ArgumentError(
                "compile", "`loss_weights` must match the number of losses",
                f"{count} losses and {len(flat)} weights", "one weight for each loss",
            )  # fmt: skip
        flat = flat * (len(flatten(words)) if count == 1 else 1)
        return dict(walk(pack(words, flat[: len(flatten(words))]), y_pred))

    def _make_trackers(self, y_pred):
        """A running mean for each loss, if there are several."""
        count, names = len(flatten(y_pred)), self.output_names
        names = names if names and len(names) == count else [None] * count
        names = pack(y_pred, list(names))
        if len(self._rows) > 1:
            self.metrics = [
                metrics_module.Mean(
                    name=f"{_title(path, at(names, path, 'y'), loss)}_loss"
                )
                for path, loss, _ in self._rows
            ]

    def _labels(self, y_true, y_pred):
        """The labels as a nest in the form of the outputs, or of the losses."""
        if paths(y_true) == paths(y_pred):
            return y_true
        if isinstance(y_true, dict):
            if isinstance(y_pred, dict) and set(y_true) < set(y_pred):
                return y_true
            y_true = in_order(y_true, y_pred, self.output_names, "y")
        flat, outputs = flatten(y_true), flatten(y_pred)
        words = in_order(self.loss, y_pred, self.output_names, "loss")
        wanted = [word is not None for word in flatten(words)]
        if isinstance(y_true, dict) or len(flat) not in (len(outputs), sum(wanted)):
            raise _other_structure(y_true, y_pred)
        if len(flat) == len(outputs):
            return pack(y_pred, flat)
        if not isinstance(words, NESTS):
            raise _other_structure(y_true, y_pred)
        rest = iter(flat)
        return pack(words, [next(rest) if has_loss else None for has_loss in wanted])

    def _several(self, y_true, y_pred, sample_weight):
        """The weighted sum over all rows."""
        total, trackers = None, self.metrics or [None] * len(self._rows)
        for (path, loss, weight), tracker in zip(self._rows, trackers, strict=True):
            prediction = at(y_pred, path, "loss")
            samples = sample_weight
            if isinstance(samples, NESTS):
                samples = at(samples, path or (0,), "sample_weight")
            value = loss(at(y_true, path, "y"), prediction, samples)
            if tracker is not None:
                size = ops.shape(flatten(prediction)[0])[0]
                tracker.update_state(value, sample_weight=size)
            value = value if weight is None else value * weight
            total = value if total is None else total + value
        return total


def _title(path, name, loss):
    """What the loss at a path is called in the logs."""
    if path and (isinstance(path[-1], str) or isinstance(name, NESTS)):
        return "/".join(map(str, path))
    return "/".join([*map(str, path[:-1]), name or loss.name])


def _other_structure(y_true, y_pred):
    count = f"{len(flatten(y_true))} label arrays"
    return OutputNameError(
        "fit", "y_true and y_pred have different structures", count,
        f"labels for {len(flatten(y_pred))} outputs",
    )  # fmt: skip


def paths(nest):
    """The paths of all leaves of a nest."""
    return optree.tree_paths(nest, none_is_leaf=True)


class CompileMetrics(metrics_module.Metric):
    """All metrics of a compiled model, by output."""

    def __init__(
        self, metrics, weighted_metrics, name="compile_metric", output_names=None
    ):
        asked = {"metrics": metrics, "weighted_metrics": weighted_metrics}
        for what, value in asked.items():
            if value and not isinstance(value, NESTS):
                raise ArgumentError(
                    "compile", f"Expected `{what}` argument to be a list, tuple, or dict",
                    repr(value)[:60], f"{what}=[...]",
                )  # fmt: skip
        super().__init__(name=name)
        vars(self).update(
            _asked=asked, output_names=output_names, name="compile_metrics",
            built=False, _order=None, _plain=[], _weighted=[],
        )  # fmt: skip

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
        outputs, names = flatten(y_pred), self.output_names
        flat = isinstance(y_pred, NESTS) and len(y_pred) == len(outputs)
        if flat and isinstance(y_pred, dict) and set(names or ()) != set(y_pred):
            names = sorted(y_pred)
        vars(self)["_order"] = names if flat and len(outputs) > 1 else None
        rows = [self._resolve(what, y_true, y_pred, names) for what in self._asked]
        vars(self).update(_plain=rows[0], _weighted=rows[1])
        self.built = True

    def _resolve(self, what, y_true, y_pred, names):
        """(output number, output name or None, metric) for all that was asked."""
        asked = self._asked[what]
        if not asked:
            return []
        labels, predictions = self._flat(y_true), self._flat(y_pred)
        several = len(predictions) > 1 and names
        rows = []
        for i, group in enumerate(self._groups(what, y_pred, names)):
            for word in group if isinstance(group, (list, tuple)) else [group]:
                if group is not None:
                    metric = resolve_metric(word, labels[i], predictions[i])
                    rows.append((i, names[i] if several else None, metric))
        return rows

    def _groups(self, what, y_pred, names):
        """What was asked for each output, in their order."""
        asked, count = self._asked[what], len(flatten(y_pred))
        if count == 1:
            return [flatten(asked)]
        flat = len(y_pred) == count
        if flat and isinstance(asked, (list, tuple)) and len(asked) == count:
            return asked
        if flat and isinstance(asked, dict) and set(asked) <= set(names or ()):
            return [asked.get(name) for name in names]
        return _up_to(asked, y_pred, what)

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Count one batch in all metrics."""
        if not self.built:
            self.build(y_true, y_pred)
        labels, predictions, weights = [y_true], [y_pred], [sample_weight]
        if isinstance(y_true, NESTS) or isinstance(y_pred, NESTS):
            labels, predictions = self._flat(y_true), self._flat(y_pred)
            weights = self._flat(sample_weight)
        if len(weights) < len(predictions):
            weights = weights[:1] * len(predictions)
        for i, _, metric in self._plain:
            metric.update_state(labels[i], predictions[i])
        for i, _, metric in self._weighted:
            metric.update_state(labels[i], predictions[i], weights[i])

    def _flat(self, nest):
        """The leaves of a nest in the order of the outputs."""
        if isinstance(nest, dict) and self._order:
            return [nest.get(name) for name in self._order]
        return flatten(nest)

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


def _up_to(words, outputs, what):
    """The words at the leaves of the outputs, which have the same form above them."""
    if not isinstance(outputs, NESTS):
        return [words]
    by_key = isinstance(outputs, dict)
    keys = sorted(outputs) if by_key else list(range(len(outputs)))
    named = isinstance(words, dict)
    if not isinstance(words, NESTS) or named != by_key or len(words) != len(keys):
        raise _other_form(words, outputs, what)
    if named and set(words) != set(keys):
        raise _other_form(words, outputs, what)
    return [word for key in keys for word in _up_to(words[key], outputs[key], what)]


def _other_form(words, outputs, what):
    form = map_structure(lambda _: "X", outputs)
    return ArgumentError(
        "compile", f"Invalid `{what}`: they need the form of the outputs, or their names",
        str(words)[:80], f"{form}",
    )  # fmt: skip
