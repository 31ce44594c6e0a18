"""Generated from
book/keras/functional.ipynb
book/keras/fit.ipynb
book/keras/onegraph.ipynb

Edit the chapter, not this file.
"""

import warnings
from contextlib import contextmanager
from itertools import groupby

import numpy as np
import optree

from minikeras import ops, optimizers
from minikeras.callbacks.callback_list import pythonify
from minikeras.core.errors import ArgumentError
from minikeras.core.nest import flatten, map_structure
from minikeras.core.specs import TensorSpec
from minikeras.core.tape import GradientTape
from minikeras.graph.function import Function, Storm, openers
from minikeras.graph.signature import NESTS
from minikeras.models.batches import (
    check_lengths,
    standardize_weights,
    tensors_for_batch,
    unpack_x_y_sample_weight,
)
from minikeras.models.compiled import Compiled


class Stepper(Compiled):
    """The part of a model that does one step with one batch, or leaves no trace."""

    train_function = test_function = predict_function = None

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

    def _steps(self, step):
        """A function of a list of batches, in the way that `compile` asked for."""
        return ways.get(bool(self.run_eagerly), one_by_one)(step)

    def make_train_function(self, force=False):
        """What fit calls: a function of an iterator of batches, which gives logs."""
        if self.train_function is None or force:
            vars(self)["train_function"] = _last(self._steps(self.train_step))
        return self.train_function

    def make_test_function(self, force=False):
        """What evaluate calls, likewise."""
        if self.test_function is None or force:
            vars(self)["test_function"] = _last(self._steps(self.test_step))
        return self.test_function

    def make_predict_function(self, force=False):
        """What predict calls: a function of a list of batches, which gives outputs."""
        steps = self._steps(self.predict_step)

        def function(batches):
            outputs = steps(list(batches))
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

    def _checked(self, logs):
        """The logs of a step, if they are a dict."""
        if not isinstance(logs, dict):
            raise ArgumentError(
                self.name, "train_step and test_step return a dict of logs",
                repr(logs)[:60], "return self.compute_metrics(x, y, y_pred, sample_weight)",
            )  # fmt: skip
        return logs

    def _on_batch(self, make_function, batch, return_dict, class_weight=None):
        x, y, sample_weight = batch
        x, y = tensors_for_batch(x), tensors_for_batch(y)
        sample_weight = tensors_for_batch(one_for_all(sample_weight, x))
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


def one_by_one(step):
    """A function of a list of batches: a step with each; gives all results."""

    def function(batches):
        return [step(batch) for batch in batches]

    return function


ways = {True: one_by_one}  # {run_eagerly: from a step to a function of batches}


def _last(steps):
    """A function of an iterator of batches, which gives the last result."""
    return lambda batches: steps(list(batches))[-1]


def one_for_all(weight, x):
    """A lone number as the weight of each sample in x; the rest as it is."""
    if isinstance(weight, (int, float, np.number)) or getattr(weight, "shape", 1) == ():
        return np.full(flatten(x)[0].shape[0], np.asarray(weight))
    return weight


def any_rows(kind):
    """The kind of the same batch with any number of rows.

    >>> any_rows(("tensor", (32, 64), "float32"))
    ('tensor', (None, 64), 'float32')
    """
    if kind[0] == "tensor" and kind[1]:
        return ("tensor", (None, *kind[1][1:]), kind[2])
    if kind[0] in NESTS:
        return (*kind[:-1], tuple(map(any_rows, kind[-1])))
    return kind


WITHOUT = "compile(run_eagerly=True) runs it as Python"


class StepFunction(Function):
    """A step of a model, traced once for batches of any number of rows."""

    def __init__(self, step):
        super().__init__(step, reduce_retracing=True)
        self._storm = Storm()  # many models, each with a trace, are no storm

    def _general_key(self, found, key):
        """Open in the rows from the start, and in what else differed so far."""
        return super()._general_key(found, (key[0], *map(any_rows, key[1:])))

    def _traced(self, *about):
        """One trace; an error says how to go without."""
        try:
            return super()._traced(*about)
        except Exception as error:
            error.add_note(f"  in    the trace of {self.__name__}; " + WITHOUT)
            raise


def looped(one):
    """Steps with stacked batches, one after the other, as a loop in one graph."""

    def steps(batches):
        rows, nest = optree.tree_flatten(batches)  # what is None has no rows

        def round(nothing, row):
            return nothing, one(optree.tree_unflatten(nest, row))

        return ops.scan(round, (), rows)[1]

    return StepFunction(steps)


def form(batch):
    """What batches must have in common to be stacked."""
    return [(np.shape(x), str(getattr(x, "dtype", x))) for x in flatten(batch)]


def stacked(batches):
    """Batches of one form as the rows of one nest."""
    return map_structure(lambda *xs: None if xs[0] is None else ops.stack(xs), *batches)


def in_graphs(step):
    """A function of a list of batches, as `one_by_one` makes it, that plays graphs."""
    one = StepFunction(step)
    several = looped(one)

    def function(batches):
        results = []
        for _, group in groupby(batches, form):
            group = list(group)
            if len(group) == 1:
                results.append(one(group[0]))
            else:
                rows = several(stacked(group))
                results += [row_of(rows, i) for i in range(len(group))]
        return results

    return function


def row_of(rows, i):
    """The result of one step, from those of all."""
    return map_structure(lambda x: None if x is None else x[i], rows)


ways[False] = in_graphs


def inside_model(model, args, kwargs):
    """What there is to be traced in a model, for `see`: its call, its training step."""
    if not isinstance(model, Stepper):
        return None
    parts = [("the call", model, args[:1], kwargs)]
    if len(args) > 1 and model.compiled:
        batch = tuple(map(tensors_for_batch, args[:3]))
        model._ready_for((*batch, None)[:3])
        step = StepFunction(model.train_step)
        parts.append(("the training step", step, (batch,), {}))
    return parts


openers.append(inside_model)
