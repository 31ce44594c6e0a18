"""Generated from
book/keras/functional.ipynb
book/keras/fit.ipynb

Edit the chapter, not this file.
"""

import inspect
import warnings
from contextlib import contextmanager

import numpy as np

from minikeras import metrics as metrics_module
from minikeras import ops, optimizers
from minikeras.callbacks.callback_list import CallbackList, pythonify
from minikeras.core.errors import ArgumentError
from minikeras.core.nest import flatten, map_structure
from minikeras.core.specs import TensorSpec
from minikeras.core.tape import GradientTape
from minikeras.core.tensor import Value
from minikeras.models.batches import (
    check_lengths,
    standardize_weights,
    tensors_for_batch,
    unpack_x_y_sample_weight,
)
from minikeras.models.compiling import CompileLoss, CompileMetrics
from minikeras.models.feeds import make_feed, train_validation_split


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
        self,
        optimizer="rmsprop",
        loss=None,
        loss_weights=None,
        metrics=None,
        weighted_metrics=None,
        run_eagerly=False,
        steps_per_execution=1,
        jit_compile="auto",
        auto_scale_loss=True,
    ):
        """Choose how to train: optimizer, losses and metrics, by name or as objects.

        loss, loss_weights, metrics, weighted_metrics: one for all outputs, a list in their
        order, or a dict by output name.
        """
        names = getattr(self, "output_names", None)
        state = {
            "optimizer": optimizers.get(optimizer), "loss": loss, "compiled": True,
            "run_eagerly": run_eagerly, "jit_compile": jit_compile, "stop_training": False,
            "steps_per_execution": steps_per_execution,
            "train_function": None, "test_function": None, "predict_function": None,
            "_loss_tracker": metrics_module.Mean(name="loss"),
            "_compile_loss": loss and CompileLoss(loss, loss_weights, names),
            "_compile_metrics": None,
        }  # fmt: skip
        if metrics is not None or weighted_metrics is not None:
            state["_compile_metrics"] = CompileMetrics(metrics, weighted_metrics, names)
        vars(self).update(state)

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
        terms = [ops.sum(loss) for loss in self.losses]
        if self._compile_loss is not None:
            main = self._compile_loss(y, y_pred, sample_weight)
            terms = terms if main is None else [main, *terms]
        if not terms:
            raise ArgumentError(
                self.name,
                "No loss to compute",
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
        """What fit calls for each batch; a later chapter compiles it."""
        if self.train_function is None or force:
            vars(self)["train_function"] = self.train_step
        return self.train_function

    def make_test_function(self, force=False):
        """What evaluate calls for each batch."""
        if self.test_function is None or force:
            vars(self)["test_function"] = self.test_step
        return self.test_function

    def make_predict_function(self, force=False):
        """What predict calls for each batch."""
        if self.predict_function is None or force:
            vars(self)["predict_function"] = self.predict_step
        return self.predict_function

    def _state(self):
        """All variables a step may change."""
        found = [*self.variables, *self.metrics_variables]
        return found + (self.optimizer.variables if self.optimizer else [])

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
        """One pass over the data; gives the logs of its end."""
        logs, state = {}, []
        for step, batch in batches:
            state = state if step else self._ready_for(batch)
            callbacks.on_train_batch_begin(step)
            with self._step_or_nothing(state, f"epoch {epoch + 1}, step {step + 1}"):
                logs = self.train_function(batch)
            state = state if step else self._state()
            callbacks.on_train_batch_end(step, logs)
            if self.stop_training:
                break
        return pythonify(logs)

    def _evaluate(self, batches, callbacks):
        """One pass in test steps; gives the logs of its end."""
        batches.restart()
        self.make_test_function()
        self.reset_metrics()
        callbacks.on_test_begin()
        logs, state = {}, self._state()
        for step, batch in batches:
            self._build_for(batch)
            callbacks.on_test_batch_begin(step)
            with self._step_or_nothing(state, f"evaluation, step {step + 1}"):
                logs = self.test_function(batch)
            callbacks.on_test_batch_end(step, logs)
        logs = pythonify(logs)
        callbacks.on_test_end(logs)
        return logs

    def _fit_epochs(self, batches, validation, validation_freq, epochs, callbacks):
        callbacks.on_train_begin()
        logs = {}
        for epoch in epochs:
            self.reset_metrics()
            callbacks.on_epoch_begin(epoch)
            logs = self._train_epoch(batches, epoch, callbacks)
            if not logs and _out_of_data(epoch - epochs[0]):
                break
            if validation is not None and _is_due(epoch, validation_freq):
                found = self._evaluate(validation, callbacks)
                logs.update({f"val_{name}": value for name, value in found.items()})
            callbacks.on_epoch_end(epoch, logs)
            if self.stop_training:
                break
        if self.optimizer is not None and len(epochs) and self.optimizer.built:
            self.optimizer.finalize_variable_values(self.trainable_weights)
        callbacks.on_train_end(logs)
        return self.history

    def _validation_feed(self, data, batch_size, steps):
        """The batches to validate on, or None."""
        if data is None:
            return None
        if hasattr(data, "__next__") or not isinstance(data, (list, tuple)):
            return Batches(make_feed(data, steps=steps), steps)
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        return Batches(make_feed(x, y, sample_weight, batch_size, steps), steps)

    def _callbacks(self, callbacks, verbose, epochs, steps, history=True):
        """The list of callbacks for a run, with the bar and History added."""
        if isinstance(callbacks, CallbackList):
            return callbacks
        return CallbackList(
            callbacks, add_history=history, add_progbar=verbose != 0, model=self,
            verbose=verbose, epochs=epochs, steps=steps,
        )  # fmt: skip

    def fit(
        self,
        x=None,
        y=None,
        batch_size=None,
        epochs=1,
        verbose="auto",
        callbacks=None,
        validation_split=0.0,
        validation_data=None,
        shuffle=True,
        class_weight=None,
        sample_weight=None,
        initial_epoch=0,
        steps_per_epoch=None,
        validation_steps=None,
        validation_batch_size=None,
        validation_freq=1,
    ):
        """Train for some epochs; gives the History.

        x, y, sample_weight: arrays, lists or dicts of arrays, or x a generator of batches.
        verbose: 1 a bar, 2 a line per epoch, 0 nothing. validation_split: fraction cut off
        the end; validation_data: (x, y) or (x, y, sample_weight) instead.
        """
        self._assert_compile_called("fit")
        if validation_split and validation_data is None:
            (x, y, sample_weight), validation_data = train_validation_split(
                (x, y, sample_weight), validation_split
            )
        feed = make_feed(
            x, y, sample_weight, batch_size, steps_per_epoch, shuffle, class_weight
        )
        validation = self._validation_feed(
            validation_data, validation_batch_size or batch_size, validation_steps
        )
        steps = steps_per_epoch or feed.num_batches
        callbacks = self._callbacks(callbacks, verbose, epochs, steps)
        vars(self)["stop_training"] = False
        self.make_train_function()
        epochs, batches = range(initial_epoch, epochs), Batches(feed, steps_per_epoch)
        return self._fit_epochs(batches, validation, validation_freq, epochs, callbacks)

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
    ):
        """The loss and the metrics on data: number, list, or with return_dict a dict."""
        self._assert_compile_called("evaluate")
        feed = make_feed(x, y, sample_weight, batch_size, steps)
        steps_known = steps or feed.num_batches
        callbacks = self._callbacks(callbacks, verbose, 1, steps_known, history=False)
        logs = self._evaluate(Batches(feed, steps), callbacks)
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

    def predict(self, x, batch_size=None, verbose="auto", steps=None, callbacks=None):
        """The model's outputs for x, as NumPy arrays, batch after batch joined."""
        feed = make_feed(x, None, None, batch_size, steps)
        steps_known = steps or feed.num_batches
        callbacks = self._callbacks(callbacks, verbose, 1, steps_known, history=False)
        self.make_predict_function()
        callbacks.on_predict_begin()
        outputs = []
        for step, batch in Batches(feed, steps):
            self._build_for(batch)
            callbacks.on_predict_batch_begin(step)
            output = self.predict_function(batch)
            outputs.append(map_structure(np.asarray, output))
            callbacks.on_predict_batch_end(step, {"outputs": output})
        callbacks.on_predict_end()
        return map_structure(lambda *parts: np.concatenate(parts), *outputs)

    def _on_batch(self, step, batch, return_dict):
        batch = tuple(map(tensors_for_batch, batch))
        check_lengths(*batch)
        self.reset_metrics()
        with self._step_or_nothing(self._state(), "this batch"):
            logs = step(batch)
        logs = pythonify(logs)
        return logs if return_dict else self._as_list(logs)

    def train_on_batch(
        self, x, y=None, sample_weight=None, class_weight=None, return_dict=False
    ):
        """One training step on one batch; gives the logs."""
        self._assert_compile_called("train_on_batch")
        sample_weight = standardize_weights(y, sample_weight, class_weight)
        step = self.make_train_function()
        return self._on_batch(step, (x, y, sample_weight), return_dict)

    def test_on_batch(self, x, y=None, sample_weight=None, return_dict=False):
        """The logs of one batch, without training."""
        self._assert_compile_called("test_on_batch")
        return self._on_batch(
            self.make_test_function(), (x, y, sample_weight), return_dict
        )

    def predict_on_batch(self, x):
        """The outputs for one batch, as NumPy arrays."""
        batch = (tensors_for_batch(x),)
        return map_structure(np.asarray, self.make_predict_function()(batch))


class Batches:
    """The batches of one epoch after the other, cut to `steps` if that is given."""

    def __init__(self, feed, steps=None):
        self.feed, self.steps = feed, steps
        self._running = None

    def __iter__(self):
        if self.steps is None:
            yield from enumerate(self.feed)
            return
        self._running = self._running or iter(self.feed)
        for step in range(self.steps):
            batch = next(self._running, None)
            if batch is None:
                self._warn_short(step)
                return
            yield step, batch

    def _warn_short(self, step):
        """The source ended before its time."""
        self._running = None
        warnings.warn(
            f"Your input ran out of data after {step} of {self.steps} steps: "
            "the epoch ends here.", stacklevel=3,
        )  # fmt: skip

    def restart(self):
        """Begin at the first batch again, if the source can."""
        if not self.feed.one_shot:
            self._running = None


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
        "Your input ran out of data; training ends. A generator can be used up only "
        "once: pass steps_per_epoch, or something that can be iterated again.",
        stacklevel=4,
    )
    return True
