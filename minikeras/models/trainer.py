"""Generated from
book/keras/functional.ipynb
book/keras/fit.ipynb
book/keras/ownsteps.ipynb

Edit the chapter, not this file.
"""

import functools
import inspect
import warnings
from contextlib import contextmanager
from itertools import count, islice

import numpy as np

from minikeras import config, ops, optimizers
from minikeras import metrics as metrics_module
from minikeras.callbacks.callback_list import CallbackList, pythonify
from minikeras.core.config import floatx
from minikeras.core.errors import ArgumentError
from minikeras.core.nest import flatten, map_structure
from minikeras.core.specs import TensorSpec
from minikeras.core.tape import GradientTape
from minikeras.core.tensor import Value
from minikeras.core.variable import StatelessScope
from minikeras.models.batches import (
    check_lengths,
    standardize_weights,
    tensors_for_batch,
    unpack_x_y_sample_weight,
)
from minikeras.models.compiling import CompileLoss, CompileMetrics
from minikeras.models.feeds import make_feed, train_validation_split
from minikeras.saving.deserialization import deserialize_keras_object
from minikeras.saving.serialization import serialize_keras_object


class Trainer:
    """The part of a model that trains: compile, fit, evaluate, predict."""

    compiled = False
    optimizer = None
    loss = None
    history = None
    stop_training = False
    run_eagerly = False
    jit_compile = False
    steps_per_execution = 1
    train_function = test_function = predict_function = None
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
        names = getattr(self, "output_names", None)
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
            "_loss_tracker": metrics_module.Mean(name="loss"),
            "_compile_loss": None, "_compile_metrics": None,
        }  # fmt: skip
        if loss is not None:
            state["_compile_loss"] = CompileLoss(loss, loss_weights, output_names=names)
        if metrics is not None or weighted_metrics is not None:
            state["_compile_metrics"] = CompileMetrics(
                metrics, weighted_metrics, output_names=names
            )
        vars(self).update(state)

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
        if type(self).compile is not Trainer.compile:
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
            if not isinstance(layer, Trainer):
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
        if type(self).compute_loss is Trainer.compute_loss or (
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

    def train_step(self, data):
        """Learn from one batch; gives the logs. Override it for training of your own."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        with GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self._loss_of(x, y, y_pred, sample_weight, True)
            scaled = loss if self.optimizer is None else self.optimizer.scale_loss(loss)
        self._track_loss(loss, x)
        weights = self.trainable_weights
        if weights:
            self.optimizer.apply(tape.gradient(scaled, weights), weights)
        else:
            warnings.warn(
                "The model does not have any trainable weights.", stacklevel=2
            )
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def test_step(self, data):
        """Judge one batch; gives the logs."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=False)
        self._track_loss(self._loss_of(x, y, y_pred, sample_weight, False), x)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def predict_step(self, data):
        """The predictions for one batch."""
        x, _, _ = unpack_x_y_sample_weight(data)
        return self(x, training=False)

    def make_train_function(self, force=False):
        """What fit calls: a function of an iterator of batches, which gives logs."""
        if self.train_function is None or force:
            vars(self)["train_function"] = _step_by_step(self.train_step)
        return self.train_function

    def make_test_function(self, force=False):
        """What evaluate calls, likewise."""
        if self.test_function is None or force:
            vars(self)["test_function"] = _step_by_step(self.test_step)
        return self.test_function

    def make_predict_function(self, force=False):
        """What predict calls: a function of a list of batches, which gives outputs."""

        def function(batches):
            outputs = [self.predict_step(batch) for batch in batches]
            if len(outputs) == 1:
                return outputs[0]
            return map_structure(lambda *parts: ops.concatenate(parts), *outputs)

        if self.predict_function is None or force:
            vars(self)["predict_function"] = function
        return self.predict_function

    def _state(self):
        """All variables a step may change."""
        found = [*self.variables, *self.metrics_variables]
        for value in vars(self).values():
            if isinstance(value, optimizers.Optimizer):
                found += value.variables
        return found

    @contextmanager
    def _step_or_nothing(self, state, where):
        """Run one step; if it raises, give the variables back what they held."""
        before = [variable._value for variable in state]
        try:
            yield
        except BaseException as error:
            for variable, value in zip(state, before, strict=True):
                variable._value = value
            if isinstance(error, Exception):
                error.add_note(f"  in    {where} of model {self.name!r}")
            raise

    def _build_for(self, batch):
        """Build an unbuilt model for batches like this one, of any size."""
        if self.built:
            return
        x, _, _ = unpack_x_y_sample_weight(batch)
        specs = map_structure(
            lambda v: None if v is None else TensorSpec((None, *v.shape[1:]), v.dtype),
            x,
        )
        try:
            self.symbolic_call(specs)
        except Exception:
            vars(self)["built"] = False

    def _ready_for(self, batch):
        """Build model and optimizer if need be; gives the state a step may change."""
        self._build_for(batch)
        optimizer, weights = self.optimizer, self.trainable_weights
        if optimizer is not None and self.built and weights and not optimizer.built:
            optimizer.build(weights)
        return self._state()

    def _train_epoch(self, batches, epoch, callbacks):
        """One pass over the data; gives the logs of its end, or None without data."""
        logs, state = None, []
        for step, last, group in batches:
            first = logs is None
            state = self._ready_for(group[0]) if first else state
            callbacks.on_train_batch_begin(step)
            with self._step_or_nothing(state, f"epoch {epoch + 1}, step {step + 1}"):
                logs = self._checked(self.train_function(iter(group)))
            state = self._state() if first else state
            callbacks.on_train_batch_end(last, logs)
            if self.stop_training:
                break
        return None if logs is None else pythonify(self._metrics_or_logs(logs))

    def _checked(self, logs):
        """The logs of a step, if they are a dict."""
        if not isinstance(logs, dict):
            raise ArgumentError(
                self.name, "train_step and test_step return a dict of logs",
                repr(logs)[:60], "return self.compute_metrics(x, y, y_pred, sample_weight)",
            )  # fmt: skip
        return logs

    def _metrics_or_logs(self, logs):
        """The results of the metrics, if they have the names of the logs; else the logs."""
        if self._compile_metrics is not None and not self._compile_metrics.built:
            return logs
        results = self.get_metrics_result()
        return results if set(results) == set(logs) else logs

    def _fit_epochs(self, batches, validate, validation_freq, epochs, callbacks):
        callbacks.on_train_begin()
        logs = None
        for epoch in epochs:
            self.reset_metrics()
            callbacks.on_epoch_begin(epoch)
            found = self._train_epoch(batches, epoch, callbacks)
            if found is None and _out_of_data(epoch - epochs[0]):
                break
            logs = found
            if validate is not None and _is_due(epoch, validation_freq):
                found = validate(callbacks=callbacks)
                logs.update({f"val_{name}": value for name, value in found.items()})
            callbacks.on_epoch_end(epoch, logs)
            if self.stop_training:
                break
        if self.optimizer is not None and len(epochs) and self.optimizer.built:
            self.optimizer.finalize_variable_values(self.trainable_weights)
        callbacks.on_train_end(logs)
        return self.history

    def _callbacks(self, callbacks, verbose, epochs, steps, history=True):
        """The list of callbacks for a run, with the bar and History added."""
        if isinstance(callbacks, CallbackList):
            return callbacks
        return CallbackList(
            callbacks, add_history=history, add_progbar=verbose != 0, model=self,
            verbose=verbose, epochs=epochs, steps=steps,
        )  # fmt: skip

    @contextmanager
    def _closing(self, batches):
        """Close the batches, and those kept for validation, at the end of a run."""
        outer = vars(self).pop("_kept_batches", None)
        try:
            yield
        finally:
            batches.close()
            kept = vars(self).pop("_kept_batches", None)
            if kept is not None:
                kept.close()
            if outer is not None:
                vars(self)["_kept_batches"] = outer

    def _test_batches(self, batches, callbacks):
        """One pass in test steps; gives the logs of its end."""
        batches.restart()
        self.make_test_function()
        vars(self)["stop_evaluating"] = False
        callbacks.on_test_begin()
        self.reset_metrics()
        logs, state = {}, self._state()
        for step, last, group in batches:
            self._build_for(group[0])
            callbacks.on_test_batch_begin(step)
            with self._step_or_nothing(state, f"evaluation, step {step + 1}"):
                logs = self._checked(self.test_function(iter(group)))
            callbacks.on_test_batch_end(last, logs)
            if self.stop_evaluating:
                break
        if not logs:
            warnings.warn(
                "Your input ran out of data: nothing to evaluate.", stacklevel=3
            )
        logs = pythonify(self._metrics_or_logs(logs))
        callbacks.on_test_end(logs)
        return logs

    def evaluate(
        self,
        x=None,
        y=None,
        batch_size=None,
        verbose="auto",
        sample_weight=None,
        steps=None,
        callbacks=None,
        return_dict=False,
        **kwargs,
    ):
        """The loss and the metrics on data: number, list, or with return_dict a dict."""
        self._assert_compile_called("evaluate")
        kept = kwargs.pop("_use_cached_eval_dataset", False)
        if kwargs:
            raise ArgumentError(
                self.name, "evaluate: unknown arguments", str(kwargs)[:60]
            )
        if kept:
            logs = self._test_batches(self._kept_batches, callbacks)
        else:
            feed = make_feed(x, y, sample_weight, batch_size, steps)
            batches = Batches(feed, steps, self.steps_per_execution)
            callbacks = self._callbacks(
                callbacks, verbose, 1, batches.num_batches, False
            )
            with self._closing(batches):
                logs = self._test_batches(batches, callbacks)
        return logs if return_dict else self._as_list(logs)

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

    def _validation(self, data, batch_size, steps):
        """A function that validates, or None."""
        if data is None:
            return None
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        feed = make_feed(x, y, sample_weight, batch_size, steps)
        vars(self)["_kept_batches"] = Batches(feed, steps, self.steps_per_execution)
        return functools.partial(
            self.evaluate, x, y, batch_size=batch_size, sample_weight=sample_weight,
            steps=steps, return_dict=True, _use_cached_eval_dataset=True,
        )  # fmt: skip

    def fit(
        self, x=None, y=None, batch_size=None, epochs=1, verbose="auto", callbacks=None,
        validation_split=0.0, validation_data=None, shuffle=True, class_weight=None,
        sample_weight=None, initial_epoch=0, steps_per_epoch=None, validation_steps=None,
        validation_batch_size=None, validation_freq=1,
    ):  # fmt: skip
        """Train for some epochs; gives the History.

        x, y, sample_weight: arrays, lists or dicts of arrays, or x a source of batches.
        verbose: 1 a bar, 2 a line per epoch, 0 nothing. validation_split: fraction cut off
        the end; validation_data: (x, y) or (x, y, sample_weight) instead.
        """
        self._assert_compile_called("fit")
        epochs = _at_most(config.max_epochs(), epochs, "epochs")
        if validation_split and validation_data is None:
            (x, y, sample_weight), validation_data = train_validation_split(
                (x, y, sample_weight), validation_split
            )
        feed = make_feed(
            x, y, sample_weight, batch_size, steps_per_epoch, shuffle, class_weight
        )
        batches = Batches(feed, steps_per_epoch, self.steps_per_execution)
        with self._closing(batches):
            validate = self._validation(
                validation_data, validation_batch_size or batch_size, validation_steps
            )
            callbacks = self._callbacks(callbacks, verbose, epochs, batches.num_batches)
            batches.restart()
            vars(self)["stop_training"] = False
            self.make_train_function()
            epochs = range(initial_epoch, epochs)
            return self._fit_epochs(
                batches, validate, validation_freq, epochs, callbacks
            )

    def predict(self, x, batch_size=None, verbose="auto", steps=None, callbacks=None):
        """The model's outputs for x, as NumPy arrays, batch after batch joined."""
        feed = make_feed(x, None, None, batch_size, steps)
        batches = Batches(feed, steps, self.steps_per_execution)
        callbacks = self._callbacks(callbacks, verbose, 1, batches.num_batches, False)
        self.make_predict_function()
        vars(self)["stop_predicting"] = False
        callbacks.on_predict_begin()
        with self._closing(batches):
            outputs = self._predict_batches(batches, callbacks)
        callbacks.on_predict_end()
        if not outputs:
            raise ArgumentError(self.name, "predict: no samples", "no batch")
        return map_structure(
            lambda *parts: parts[0] if len(parts) == 1 else np.concatenate(parts),
            *outputs,
        )

    def _predict_batches(self, batches, callbacks):
        outputs = []
        for step, last, group in batches:
            self._build_for(group[0])
            callbacks.on_predict_batch_begin(step)
            output = self.predict_function(group)
            outputs.append(map_structure(np.asarray, output))
            callbacks.on_predict_batch_end(last, {"outputs": output})
            if self.stop_predicting:
                break
        return outputs

    def _on_batch(self, make_function, batch, return_dict, class_weight=None):
        x, y, sample_weight = map(tensors_for_batch, batch)
        sample_weight = standardize_weights(y, sample_weight, class_weight)
        batch = (x, y, tensors_for_batch(sample_weight))
        check_lengths(*batch)
        function, state = make_function(), self._ready_for(batch)
        self.reset_metrics()
        with self._step_or_nothing(state, "this batch"):
            logs = pythonify(self._checked(function(iter([batch]))))
        return logs if return_dict else self._as_list(logs)

    def train_on_batch(
        self, x, y=None, sample_weight=None, class_weight=None, return_dict=False
    ):
        """One training step on one batch; gives the logs."""
        self._assert_compile_called("train_on_batch")
        batch = (x, y, sample_weight)
        return self._on_batch(
            self.make_train_function, batch, return_dict, class_weight
        )

    def test_on_batch(self, x, y=None, sample_weight=None, return_dict=False):
        """The logs of one batch, without training."""
        self._assert_compile_called("test_on_batch")
        return self._on_batch(
            self.make_test_function, (x, y, sample_weight), return_dict
        )

    def predict_on_batch(self, x):
        """The outputs for one batch, as NumPy arrays."""
        batch = (tensors_for_batch(x),)
        return map_structure(np.asarray, self.make_predict_function()([batch]))

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


def _step_by_step(step):
    """A function that does a step with each batch; gives the logs of the last."""

    def function(batches):
        for batch in batches:
            logs = step(batch)
        return logs

    return function


def _at_most(limit, asked, what):
    """What was asked for, or the limit that is set for trial runs."""
    if limit and (not asked or limit < asked):
        warnings.warn(f"Limiting {what} to {limit}", stacklevel=4)
        return limit
    return asked


class Batches:
    """The batches of one epoch after the other, in groups of `together`."""

    def __init__(self, feed, steps=None, together=1):
        steps = _at_most(config.max_steps_per_epoch(), steps, "steps_per_epoch")
        self.feed, self.steps, self.together = feed, steps, together
        self._running, self._seen = None, 0

    @property
    def num_batches(self):
        """The number of batches of an epoch, or None if nobody knows."""
        return self.steps or self.feed.num_batches

    def __iter__(self):
        self.feed.on_epoch_begin()
        if self._running is None or self.steps is None:
            self._begin()
        for step in count(0, self.together):
            if self.num_batches is not None and step >= self.num_batches:
                break
            group = list(islice(self._running, self.together))
            if not group:
                self._ran_out(step)
                break
            self._seen += len(group)
            yield step, step + self.together - 1, group
        if self.feed.num_batches is not None and self._seen >= self.feed.num_batches:
            self.close()
        self.feed.on_epoch_end()

    def _begin(self):
        self.close()
        self._running, self._seen = iter(self.feed), 0

    def close(self):
        """Let go of the running iterator, and of what it holds."""
        if self._running is not None:
            self._running.close()
        self._running = None

    def _ran_out(self, step):
        """The source ended before its time."""
        self.close()
        if self.steps is not None and step:
            warnings.warn(
                f"Your input ran out of data after {step} of {self.steps} steps; "
                "interrupting training. It must give `steps_per_epoch * epochs` batches.",
                stacklevel=3,
            )

    def restart(self):
        """Begin at the first batch again, if the source can.

        Like Keras, this tells the source of an end, also before the first epoch.
        """
        self.close()
        self.feed.on_epoch_end()


def _is_due(epoch, validation_freq):
    """Whether to validate after this epoch: every n-th, or those listed (from 1)."""
    if isinstance(validation_freq, int):
        return (epoch + 1) % validation_freq == 0
    if isinstance(validation_freq, (list, tuple, set)):
        return epoch + 1 in validation_freq
    raise ArgumentError(
        "fit", "bad argument", f"validation_freq={validation_freq!r}",
        "a number or a list",
    )  # fmt: skip


def _out_of_data(epochs_done):
    """An epoch without a batch: an error at once, later a warning and the end."""
    if not epochs_done:
        raise ArgumentError("fit", "no samples", "the input gave no batch")
    warnings.warn(
        "Your input ran out of data; interrupting training. A generator can be used up "
        "only once: pass steps_per_epoch, or something that can be iterated again.",
        stacklevel=4,
    )
    return True
