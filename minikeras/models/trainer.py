"""Generated from
book/keras/functional.ipynb
book/keras/fit.ipynb

Edit the chapter, not this file.
"""

import functools
import warnings
from contextlib import contextmanager

import numpy as np

from minikeras import config
from minikeras.callbacks.callback_list import CallbackList, pythonify
from minikeras.core.errors import ArgumentError
from minikeras.core.nest import map_structure
from minikeras.models.batches import unpack_x_y_sample_weight
from minikeras.models.epochs import (
    EpochBatches,
    at_most,
    check_counts,
    is_due,
    out_of_data,
)
from minikeras.models.feeds import make_feed, train_validation_split
from minikeras.models.steps import Stepper


class Trainer(Stepper):
    """The part of a model that trains: fit, evaluate, predict."""

    history = None
    stop_training = False

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

    def _fit_epochs(self, batches, validate, validation_freq, epochs, callbacks):
        callbacks.on_train_begin()
        logs = None
        for epoch in epochs:
            self.reset_metrics()
            callbacks.on_epoch_begin(epoch)
            found = self._train_epoch(batches, epoch, callbacks)
            if found is None and out_of_data(epoch - epochs[0]):
                break
            logs = found
            if validate is not None and is_due(epoch, validation_freq):
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
        if not batches.gave_any:
            raise ArgumentError(self.name, "evaluate: no samples", "no batch")
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
            batches = EpochBatches(feed, steps, self.steps_per_execution)
            callbacks = self._callbacks(
                callbacks, verbose, 1, batches.num_batches, False
            )
            with self._closing(batches):
                logs = self._test_batches(batches, callbacks)
        return logs if return_dict else self._as_list(logs)

    def _validation(self, data, batch_size, steps):
        """A function that validates, or None."""
        if data is None:
            return None
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        feed = make_feed(x, y, sample_weight, batch_size, steps)
        vars(self)["_kept_batches"] = EpochBatches(
            feed, steps, self.steps_per_execution
        )
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
        check_counts("fit", epochs=epochs, initial_epoch=initial_epoch)
        epochs = at_most(config.max_epochs(), epochs, "epochs")
        if validation_split and validation_data is None:
            (x, y, sample_weight), validation_data = train_validation_split(
                (x, y, sample_weight), validation_split
            )
        feed = make_feed(
            x, y, sample_weight, batch_size, steps_per_epoch, shuffle, class_weight
        )
        batches = EpochBatches(feed, steps_per_epoch, self.steps_per_execution)
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
        batches = EpochBatches(feed, steps, self.steps_per_execution)
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
