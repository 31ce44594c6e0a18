"""Generated from
book/keras/functional.ipynb
book/keras/fit.ipynb
book/keras/ownsteps.ipynb

Edit the chapter, not this file.
"""

import inspect
import warnings

from minikeras import metrics as metrics_module
from minikeras import ops, optimizers
from minikeras.core.config import floatx
from minikeras.core.errors import ArgumentError
from minikeras.core.nest import flatten
from minikeras.core.tensor import Value
from minikeras.core.variable import StatelessScope
from minikeras.models.compiling import CompileLoss, CompileMetrics
from minikeras.saving.deserialization import deserialize_keras_object
from minikeras.saving.serialization import serialize_keras_object


class Compiled:
    """The part of a model that knows what to learn: optimizer, losses, metrics."""

    compiled = False
    optimizer = None
    loss = None
    run_eagerly = False
    jit_compile = False
    steps_per_execution = 1
    _compile_loss = _compile_metrics = _loss_tracker = None

    def compile(
        self, optimizer="rmsprop", loss=None, loss_weights=None, metrics=None,
        weighted_metrics=None, run_eagerly=False, steps_per_execution=1,
        jit_compile="auto", auto_scale_loss=True,
    ):  # fmt: skip
        """Choose how to train: optimizer, losses and metrics, by name or as objects.

        loss, loss_weights, metrics, weighted_metrics: one for all outputs, a list in their
        order, a dict by output name, or a nest like the outputs.
        steps_per_execution: steps between two calls of the batch callbacks.
        """
        optimizer = optimizers.get(optimizer)
        said = {
            "optimizer": optimizer, "loss": loss, "loss_weights": loss_weights,
            "metrics": metrics, "weighted_metrics": weighted_metrics,
            "run_eagerly": run_eagerly, "steps_per_execution": steps_per_execution,
            "jit_compile": _jit(jit_compile, run_eagerly),
        }  # fmt: skip
        state = {key: said[key] for key in ("loss", *list(said)[5:])} | {
            "optimizer": self._scaling(optimizer) if auto_scale_loss else optimizer,
            "compiled": True, "stop_training": False, "_compile_config": said,
            "train_function": None, "test_function": None, "predict_function": None,
        }  # fmt: skip
        state |= self._scores(loss, loss_weights, metrics, weighted_metrics)
        vars(self).update(state)

    def _scores(self, loss, loss_weights, metrics, weighted_metrics):
        """The part of the state that counts: the mean loss, the losses, the metrics."""
        names = getattr(self, "output_names", None)
        state = {
            "_loss_tracker": metrics_module.Mean(name="loss"),
            "_compile_loss": None, "_compile_metrics": None,
        }  # fmt: skip
        if loss is not None:
            state["_compile_loss"] = CompileLoss(loss, loss_weights, output_names=names)
        if metrics is not None or weighted_metrics is not None:
            state["_compile_metrics"] = CompileMetrics(
                metrics, weighted_metrics, output_names=names
            )
        return state

    def _scaling(self, optimizer):
        """The optimizer, in a LossScaleOptimizer if the model computes in float16."""
        scaling = optimizers.LossScaleOptimizer
        half = self.dtype_policy.name == "mixed_float16"
        if not half or optimizer is None or isinstance(optimizer, scaling):
            return optimizer
        return scaling(optimizer, name="loss_scale_optimizer")

    def get_compile_config(self):
        """What `compile` was told, as a config; {} before."""
        return serialize_keras_object(self._compile_config) if self.compiled else {}

    def compile_from_config(self, config):
        """Compile with what `get_compile_config` wrote down."""
        if type(self).compile is not Compiled.compile:
            warnings.warn(
                "`compile()` of the model is its own and was not called: override "
                "`compile_from_config` too, or call `compile` yourself.", stacklevel=2,
            )  # fmt: skip
            return
        self.compile(**deserialize_keras_object(config))
        if self.optimizer is not None and self.built:
            self.optimizer.build(self.trainable_variables)

    def _assert_compile_called(self, method_name):
        if not self.compiled:
            raise ArgumentError(
                self.name,
                f"{method_name}: You must call `compile()` before using the model",
                None,
                "model.compile(optimizer='adam', loss='mse')",
            )

    @property
    def metrics(self):
        """All metrics: loss, compiled ones, own ones, those of layers inside."""
        found = []
        if self.compiled:
            found = [self._loss_tracker, self._compile_metrics]
            found += self._compile_loss.metrics if self._compile_loss else []
        found += self._tracker.store("metrics")
        for layer in self._flatten_layers(include_self=False):
            if not isinstance(layer, Compiled):
                found += layer.metrics
        return [metric for metric in found if metric is not None]

    @property
    def metrics_names(self):
        """The names of `metrics`; those of compile count as one."""
        return [metric.name for metric in self.metrics]

    def reset_metrics(self):
        """Start all metrics again."""
        for metric in self.metrics:
            metric.reset_state()

    def get_metrics_result(self):
        """{name: value so far} of all metrics."""
        results = {}
        for metric in self.metrics:
            value = metric.result()
            results.update(value if isinstance(value, dict) else {metric.name: value})
        return results

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        """Update the compiled metrics by one batch, and give all results."""
        if self._compile_metrics is not None:
            self._compile_metrics.update_state(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        """The total loss of a batch, a scalar tensor."""
        terms = [ops.sum(_as_float(loss)) for loss in self.losses]
        if self._compile_loss is not None:
            main = self._compile_loss(y, y_pred, sample_weight)
            terms = terms if main is None else [main, *terms]
        if not terms:
            raise ArgumentError(
                self.name,
                "No loss to compute: provide a `loss` argument in `compile()`",
                None,
                "compile(loss=...), or add_loss inside a layer",
            )
        return sum(terms[1:], terms[0])

    def _loss_of(self, x, y, y_pred, sample_weight, training):
        """compute_loss, which a subclass may have written without `training`."""
        if type(self).compute_loss is Compiled.compute_loss or (
            "training" in inspect.signature(self.compute_loss).parameters
        ):
            return self.compute_loss(x, y, y_pred, sample_weight, training=training)
        return self.compute_loss(x, y, y_pred, sample_weight)

    def _track_loss(self, loss, x):
        """Count the loss with the number of samples it is the mean of."""
        first = (
            x if isinstance(x, Value) else next(v for v in flatten(x) if v is not None)
        )
        self._loss_tracker.update_state(loss, sample_weight=ops.shape(first)[0])

    def _metrics_or_logs(self, logs):
        """The results of the metrics, if they have the names of the logs; else the logs."""
        if self._compile_metrics is not None and not self._compile_metrics.built:
            return logs
        results = self.get_metrics_result()
        return results if set(results) == set(logs) else logs

    def _as_list(self, logs):
        """The values of the logs, the loss first; a single one by itself."""
        first = [name for name in self._log_names() if name in logs]
        values = [logs[name] for name in [*first, *sorted(set(logs) - set(first))]]
        return values[0] if len(values) == 1 else values

    def _log_names(self):
        """The names of all metrics in the order of `metrics`."""
        names = []
        for metric in self.metrics:
            inner = metric.metrics if isinstance(metric, CompileMetrics) else [metric]
            names += [m.name for m in inner]
        return names

    def compiled_loss(self, y, y_pred, sample_weight=None, regularization_losses=None):
        """`compute_loss` as Keras 2 spelled it, penalties of layers included.

        Source: chapter "Steps of your own".
        """
        _old("compiled_loss", "compute_loss(x, y, y_pred, sample_weight, training)")
        return self.compute_loss(y=y, y_pred=y_pred, sample_weight=sample_weight)

    @property
    def compiled_metrics(self):
        """The metrics given to `compile`; has `update_state(y, y_pred, sample_weight)`."""
        _old("compiled_metrics", "compute_metrics(x, y, y_pred, sample_weight)")
        if self._compile_metrics is None:
            problem = "there are no compiled metrics"
            raise ArgumentError(self.name, problem, None, "compile(metrics=...)")
        return self._compile_metrics

    def stateless_compute_loss(
        self,
        trainable_variables,
        non_trainable_variables,
        metrics_variables,
        x=None,
        y=None,
        y_pred=None,
        sample_weight=None,
        training=True,
    ):
        """compute_loss for these values of all variables, which stay as they are.

        Gives (loss, (trainable, non-trainable, metrics values)) with the values after it.
        """
        own = (
            self.trainable_variables,
            self.non_trainable_variables,
            self.metrics_variables,
        )
        given = trainable_variables, non_trainable_variables, metrics_variables
        pairs = [
            p for pair in zip(own, given, strict=True) for p in zip(*pair, strict=True)
        ]
        with StatelessScope(pairs) as scope:
            loss = self._loss_of(x, y, y_pred, sample_weight, training)
        after = [
            [scope.get_current_value(v) for v in variables] for variables in own[1:]
        ]
        return loss, (trainable_variables, *after)


def _jit(jit_compile, run_eagerly):
    """Whether steps are to be compiled, when there is a compiler."""
    if jit_compile is True and run_eagerly:
        warnings.warn(
            "If `run_eagerly` is True, `jit_compile` cannot also be True: it is off.",
            stacklevel=3,
        )
    return jit_compile is True and not run_eagerly


def _as_float(loss):
    """A loss from `add_loss`, which may be a whole number, in floatx at least."""
    return loss if "float" in str(loss.dtype) else ops.cast(loss, floatx())


def _old(name, new):
    warnings.warn(f"`model.{name}` is deprecated: use {new}", stacklevel=3)
