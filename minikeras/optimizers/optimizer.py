"""Generated from book/keras/optimizers.ipynb. Edit the chapter, not this file."""

import re
import warnings

from minikeras import initializers, ops
from minikeras.core.arguments import checked_name, checked_number, naming
from minikeras.core.config import floatx
from minikeras.core.errors import ArgumentError, DTypeError, own_up
from minikeras.core.names import auto_name, name_scope, to_snake_case
from minikeras.core.specs import in_words, in_words_several
from minikeras.core.variable import StatelessScope, Variable, eagerly
from minikeras.optimizers.clipping import clip_by_global_norm, clip_by_norm
from minikeras.optimizers.schedules.schedule import LearningRateSchedule
from minikeras.saving.deserialization import deserialize_keras_object
from minikeras.saving.serialization import serialize_keras_object
from minikeras.utils.catalogue import Catalogue
from minikeras.utils.tracking import Tracker

OPTIMIZERS = Catalogue("optimizers")

SETTINGS = (
    "weight_decay", "clipnorm", "global_clipnorm", "clipvalue", "use_ema",
    "ema_momentum", "ema_overwrite_frequency", "loss_scale_factor",
    "gradient_accumulation_steps",
)  # fmt: skip


class StateTracker(Tracker):
    """Keeps the variables put into attributes of an optimizer, in one list."""

    def add(self, store, thing):
        if isinstance(thing, Variable):
            super().add("variables", thing)


class Optimizer:
    """Turns gradients into steps: `apply(gradients, variables)`.

    Subclasses write `update_step(gradient, variable, learning_rate)`, and `build` where
    they keep state. learning_rate: a float, a schedule, or a function without
    arguments. weight_decay: fraction of each variable to remove per step, times the
    rate. clipnorm, clipvalue, global_clipnorm: limits on each gradient's norm, on each
    of its elements, on the norm of all gradients together (only one of the three).
    use_ema: keep running averages of the variables; gradient_accumulation_steps: step
    by the mean of so many gradients; loss_scale_factor: what the loss was multiplied by.
    Errors: a ValueError for settings that contradict each other.
    """

    built, _own = False, ()

    def __init__(
        self, learning_rate, weight_decay=None, clipnorm=None, clipvalue=None,
        global_clipnorm=None, use_ema=False, ema_momentum=0.99,
        ema_overwrite_frequency=None, loss_scale_factor=None,
        gradient_accumulation_steps=None, name=None, **kwargs,
    ):  # fmt: skip
        vars(self)["_tracker"] = StateTracker()
        kind = type(self).__name__
        self.name = checked_name(kind, name) or auto_name(to_snake_case(kind))
        self.weight_decay, self.loss_scale_factor = weight_decay, loss_scale_factor
        self.clipnorm, self.clipvalue = clipnorm, clipvalue
        self.global_clipnorm = global_clipnorm
        self.use_ema, self.ema_momentum = use_ema, ema_momentum
        self.ema_overwrite_frequency = ema_overwrite_frequency
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self._check_settings(kwargs)
        self._prepare(learning_rate)

    @classmethod
    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        naming(cls)

    def __setattr__(self, name, value):
        if "_tracker" not in vars(self):
            raise RuntimeError(
                f"{type(self).__name__}: __init__ did not call super().__init__()\n"
                "  try   super().__init__(learning_rate) as its first line"
            )
        object.__setattr__(self, name, self._tracker.track(value))

    def _prepare(self, learning_rate):
        """No variables yet, but the two that every optimizer has."""
        vars(self).update(_trainable_variables=[], _indices={}, _shared={})
        self._not_decayed = set(), None
        self._iterations = self.add_variable((), dtype="int64", name="iteration")
        self._set_first_rate(learning_rate)

    def _check_settings(self, unknown):
        if unknown.pop("decay", None) is not None:
            warnings.warn(
                "Argument `decay` is of Keras 2 and is ignored.", stacklevel=4
            )
        limits = (self.clipnorm, self.clipvalue, self.global_clipnorm)
        if sum(limit is not None for limit in limits) > 1:
            got = "clipnorm={}, clipvalue={}, global_clipnorm={}".format(*limits)
            raise ArgumentError(self.name, "only one way to clip", got)
        if unknown:
            raise ArgumentError(self.name, "unknown arguments", ", ".join(unknown))
        every, steps = self.ema_overwrite_frequency, self.gradient_accumulation_steps
        kind = type(self).__name__
        if (
            steps
            and not checked_number(kind, "gradient_accumulation_steps", steps) >= 2
        ):
            self._refuse("gradient_accumulation_steps", "a whole number >= 2, or None")
        if self.use_ema and not 0 <= self.ema_momentum <= 1:
            self._refuse("ema_momentum", "0 to 1")
        if self.use_ema and every and not (isinstance(every, int) and every >= 1):
            self._refuse("ema_overwrite_frequency", "a whole number >= 1, or None")

    def _refuse(self, name, hint):
        """Raise: the argument called `name` has a value that makes no sense."""
        got = f"{name}={getattr(self, name)!r}"
        raise ArgumentError(type(self).__name__, "bad argument", got, hint)

    def _set_first_rate(self, learning_rate):
        """A number becomes a variable; a schedule or function is asked at each step."""
        if not isinstance(learning_rate, float) and not callable(learning_rate):
            raise ArgumentError(
                self.name,
                "the learning rate is a float, a schedule or a function",
                f"learning_rate={learning_rate!r}",
            )
        if not callable(learning_rate):
            fill = initializers.Constant(learning_rate)
            learning_rate = self.add_variable((), fill, floatx(), name="learning_rate")
        self._learning_rate = learning_rate

    def add_variable(
        self,
        shape,
        initializer="zeros",
        dtype=None,
        aggregation="none",
        layout=None,
        name=None,
    ):
        """A new variable of the optimizer's own."""
        with eagerly(), name_scope(self.name, caller=self):
            variable = Variable(
                initializers.get(initializer),
                shape,
                dtype,
                trainable=False,
                aggregation=aggregation,
                layout=layout,
                name=name,
            )
        self._tracker.track(variable)
        return variable

    def add_variable_from_reference(
        self, reference_variable, name=None, initializer="zeros"
    ):
        """A slot: a variable of the shape and dtype of another, named after it."""
        path = getattr(reference_variable, "path", reference_variable.name)
        return self.add_variable(
            reference_variable.shape,
            initializer,
            reference_variable.dtype,
            layout=getattr(reference_variable, "_layout", None),
            name=f"{path.replace('/', '_')}_{name or 'var'}",
        )

    def add_optimizer_variables(self, trainable_variables, name, initializer="zeros"):
        """One slot per variable, or for a list of names one list of slots per name."""
        names = [name] if isinstance(name, str) else name
        several = isinstance(initializer, (list, tuple))
        fills = initializer if several else [initializer] * len(names)
        if len(fills) != len(names):
            problem = "one initializer for each name, or one for all"
            got = f"{len(names)} names, {len(fills)} initializers"
            raise ArgumentError(self.name, problem, got)
        slots = tuple([] for _ in names)
        for variable in trainable_variables:
            for column, slot, fill in zip(slots, names, fills, strict=True):
                needed = not self._overwrite_variable_with_gradient(variable)
                column.append(
                    self.add_variable_from_reference(variable, slot, fill)
                    if needed
                    else None
                )
        return slots[0] if isinstance(name, str) else slots

    def _overwrite_variable_with_gradient(self, variable):
        return getattr(variable, "overwrite_with_gradient", False)

    def _only_variables(self, things):
        """A list of variables, or an ArgumentError."""
        listed = list(things) if hasattr(things, "__iter__") else [things]
        if not all(isinstance(thing, Variable) for thing in listed):
            got = in_words(things)
            raise ArgumentError(self.name, "only variables can be trained", got)
        return listed

    def build(self, variables):
        """Make the state for these variables; subclasses add their slots."""
        if hasattr(variables, "__next__"):  # it would be empty when the slots are made
            problem, got = (
                "build: an iterator can be read only once",
                in_words(variables),
            )
            raise ArgumentError(self.name, problem, got, "build(list(variables))")
        variables = self._only_variables(variables)
        if self.use_ema:
            self._model_variables_moving_average = self.add_optimizer_variables(
                variables, "average"
            )
        if self.gradient_accumulation_steps:
            self._accumulated_gradients = [
                self.add_variable_from_reference(variable, "gradient_accumulator")
                for variable in variables
            ]
        self._find_again(variables)
        self.built = True

    def _find_again(self, variables):
        """Note the places of these variables; they are the model's, not ours to track."""
        places = {id(variable): i for i, variable in enumerate(variables)}
        vars(self).update(_trainable_variables=variables, _indices=places)
        self._overwrites = any(map(self._overwrite_variable_with_gradient, variables))

    @property
    def variables(self):
        """All state, in the order of files: iteration, learning_rate, slots."""
        return list(self._variables)

    @property
    def _variables(self):
        return self._tracker.store("variables")

    def _get_variable_index(self, variable):
        return self._indices[id(variable)]

    def __setstate__(self, state):
        vars(self).update(state)
        self._find_again(self._trainable_variables)

    @property
    def learning_rate(self):
        """The rate of the next step; set it to a number, a schedule or a function."""
        return self._get_current_learning_rate()

    @learning_rate.setter
    def learning_rate(self, learning_rate):
        if callable(learning_rate):
            kept = [v for v in self._variables if v is not self._learning_rate]
            self._variables[:] = kept
            self._learning_rate = learning_rate
        elif isinstance(self._learning_rate, Variable):
            try:
                self._learning_rate.assign(learning_rate)
            except Exception as error:
                own_up(error, f"optimizer {self.name!r}", in_words(learning_rate))
                raise
        else:
            raise TypeError(
                f"{self.name}: the rate is a schedule, it cannot be set to a number\n"
                "  try   an optimizer made with a float learning_rate"
            )

    def _get_current_learning_rate(self):
        rate = self._learning_rate
        if isinstance(rate, LearningRateSchedule):
            return rate(self._iterations)
        return rate if isinstance(rate, Variable) else rate()

    @property
    def iterations(self):
        """How many steps have been made."""
        if self.gradient_accumulation_steps:
            return self._iterations // self.gradient_accumulation_steps
        return self._iterations

    def apply(self, grads, trainable_variables=None):
        """Make one step: grads[i] belongs to trainable_variables[i].

        Errors: a ValueError if no gradient is there, or a variable is not known; whatever
        raises, all variables are left as they were.
        """
        unbuilt = () if self.built else self._as_it_is()
        try:
            self._step_of(list(grads), trainable_variables)
        except BaseException as error:
            for one, attributes, noted in unbuilt:
                vars(one).clear()
                vars(one).update(attributes)
                one._tracker.note_again(noted)
            if isinstance(error, Exception):
                got = in_words_several(map(in_words, (grads, trainable_variables)))
                hint = "apply(gradients, variables)"
                own_up(
                    error, f"optimizer {self.name!r} ({type(self).__name__})", got, hint
                )
            raise

    def _step_of(self, grads, trainable_variables):
        """What `apply` does with a list of gradients."""
        if not grads:
            return
        variables = self._variables_for(grads, trainable_variables)
        grads, variables = self._filter_empty_gradients(grads, variables)
        before = [(v, v._value) for v in (*self.variables, *variables)]
        try:
            self._whole_step(grads, variables)
        except BaseException:
            for variable, value in before:
                variable._value = value
            raise

    def _as_it_is(self):
        """For going back: this optimizer, its attributes, and what its tracker noted."""
        return [(self, dict(vars(self)), self._tracker.noted())]

    def _whole_step(self, grads, variables):
        if self._overwrites:
            grads, variables = self._overwrite_variables_directly_with_gradients(
                grads, variables
            )
        if self.loss_scale_factor is not None:
            grads = [g / self.loss_scale_factor for g in grads]
        if grads:
            self._backend_apply_gradients(grads, variables)
        for variable in variables:
            if variable.constraint is not None:
                variable.assign(variable.constraint(variable))
        self._iterations.assign_add(1)

    def apply_gradients(self, grads_and_vars):
        """As `apply`, from pairs; returns the counter."""
        try:
            grads, variables = zip(*grads_and_vars, strict=True)
        except (TypeError, ValueError) as error:
            got, hint = in_words(grads_and_vars), "zip(gradients, variables)"
            problem = "apply_gradients takes pairs"
            raise DTypeError(self.name, problem, got, hint) from error
        self.apply(grads, variables)
        return self._iterations

    def _variables_for(self, grads, variables):
        """The variables of this step: those given, or those it was built with."""
        if variables is None and not self.built:
            hint = "apply(grads, variables), or build(variables) first"
            got = "variables=None"
            raise ArgumentError(
                self.name, "not built, and no variables given", got, hint
            )
        variables = self._trainable_variables if variables is None else list(variables)
        if not self.built:
            self.build(variables)
            self.built = True
        if len(grads) != len(variables):
            got = f"{len(grads)} gradients, {len(variables)} variables"
            raise ArgumentError(self.name, "one gradient for each variable", got)
        for variable in variables:
            if (
                id(variable) not in self._indices
            ):  # looked up in each step: keep it cheap
                problem = f"Unknown variable: {getattr(variable, 'path', '')}"
                hint = "a new optimizer for a new set of variables"
                raise ArgumentError(self.name, problem, in_words(variable), hint)
        return variables

    def _filter_empty_gradients(self, grads, variables):
        """The pairs that have a gradient."""
        if not any(g is None for g in grads):
            return grads, variables
        pairs = list(zip(grads, variables, strict=True))
        missing = [v.path for g, v in pairs if g is None]
        if len(missing) == len(pairs):
            raise ArgumentError(
                self.name,
                "No gradients provided for any variable.",
                ", ".join(missing)[:70],
                "compute the loss inside the tape, from these variables",
            )
        warnings.warn(
            f"Gradients do not exist for variables {missing}: "
            "the loss does not depend on them.",
            stacklevel=4,
        )
        return map(
            list, zip(*[pair for pair in pairs if pair[0] is not None], strict=True)
        )

    def _backend_apply_gradients(self, grads, trainable_variables):
        if self.gradient_accumulation_steps:
            self._accumulated_step(grads, trainable_variables)
        else:
            self._clipped_step(grads, trainable_variables)
        if self.use_ema:
            self._follow_averages()

    def _clipped_step(self, grads, variables):
        grads = self._clip_gradients(grads)
        self._apply_weight_decay(variables)
        rate = self.learning_rate
        self._backend_update_step(
            grads, variables, rate.value if isinstance(rate, Variable) else rate
        )

    def _backend_update_step(self, grads, trainable_variables, learning_rate):
        for gradient, variable in zip(grads, trainable_variables, strict=True):
            self.update_step(gradient, variable, learning_rate)

    def update_step(self, gradient, variable, learning_rate):
        """Change one variable by its gradient; subclasses say how."""
        raise NotImplementedError(f"{type(self).__name__} has no update_step(...)")

    def assign(self, variable, value):
        """Set a variable, of the model or of the optimizer."""
        variable.assign(value)

    def assign_add(self, variable, value):
        """Add to a variable."""
        variable.assign_add(value)

    def assign_sub(self, variable, value):
        """Subtract from a variable."""
        variable.assign_sub(value)

    def _once_a_step(self, make, learning_rate, dtype):
        """make(learning_rate, dtype), remembered until the step or the rate is another."""
        if isinstance(learning_rate, Variable):
            learning_rate = learning_rate.value
        step = self._iterations.value
        known = self._shared.get(dtype)
        if known is None or known[0] is not step or known[1] is not learning_rate:
            known = step, learning_rate, make(learning_rate, dtype)
            self._shared[dtype] = known
        return known[2]

    def _clip_gradients(self, grads):
        if self.clipnorm and self.clipnorm > 0:
            return [clip_by_norm(g, self.clipnorm) for g in grads]
        if self.global_clipnorm and self.global_clipnorm > 0:
            return clip_by_global_norm(grads, self.global_clipnorm)
        if self.clipvalue and self.clipvalue > 0:
            return [ops.clip(g, -self.clipvalue, self.clipvalue) for g in grads]
        return grads

    def exclude_from_weight_decay(self, var_list=None, var_names=None):
        """Spare these variables, and those with one of these patterns in their name."""
        pattern = re.compile("|".join(var_names)) if var_names else None
        self._not_decayed = {id(variable) for variable in var_list or ()}, pattern

    def _use_weight_decay(self, variable):
        spared, pattern = self._not_decayed
        named = pattern is not None and pattern.search(variable.name)
        return id(variable) not in spared and not named

    def _apply_weight_decay(self, variables):
        if self.weight_decay is not None:
            self._decay(variables, self.weight_decay)

    def _decay(self, variables, fraction):
        """Take `rate * fraction` of each variable away, but of those that are spared."""
        rate = self.learning_rate
        for variable in filter(self._use_weight_decay, variables):
            share = fraction * ops.cast(rate, variable.dtype)
            variable.assign(variable - variable * share)

    def _accumulated_step(self, grads, variables):
        """Add up; every so many calls, step by the mean and start again."""
        n = self.gradient_accumulation_steps
        sums = [
            self._accumulated_gradients[self._get_variable_index(v)] for v in variables
        ]
        grads = [g + total for g, total in zip(grads, sums, strict=True)]

        def step():
            self._clipped_step([g / n for g in grads], variables)
            for total in self._accumulated_gradients:
                total.assign(ops.zeros_like(total))

        def keep():
            for g, total in zip(grads, sums, strict=True):
                total.assign(g)

        ops.cond((self._iterations + 1) % n == 0, step, keep)

    def _follow_averages(self):
        variables, every = self._trainable_variables, self.ema_overwrite_frequency
        self._update_model_variables_moving_average(variables)
        if every:
            overwrite = self._overwrite_model_variables_with_average_value
            due = (self.iterations + 1) % every == 0
            ops.cond(due, lambda: overwrite(variables), lambda: None)

    def _update_model_variables_moving_average(self, trainable_variables):
        keep = ops.cast(ops.not_equal(self.iterations, 0), floatx()) * self.ema_momentum
        averages = self._model_variables_moving_average
        for variable, average in zip(trainable_variables, averages, strict=True):
            if average is not None:
                share = ops.cast(keep, variable.dtype)
                average.assign(share * average + (1 - share) * variable)

    def finalize_variable_values(self, var_list):
        """With use_ema, set the variables to their averages; called when training ends."""
        if self.use_ema:
            self._overwrite_model_variables_with_average_value(var_list)

    def _overwrite_model_variables_with_average_value(self, trainable_variables):
        averages = self._model_variables_moving_average
        if len(trainable_variables) != len(averages):
            got = f"{len(trainable_variables)} variables, {len(averages)} averages"
            raise ArgumentError(self.name, "one average for each variable", got)
        for variable, average in zip(trainable_variables, averages, strict=True):
            if average is not None:
                variable.assign(average)

    def _overwrite_variables_directly_with_gradients(self, grads, variables):
        """Set the variables that ask for it; gives the pairs that are left."""
        left, n = [], self.gradient_accumulation_steps
        for g, variable in zip(grads, variables, strict=True):
            if not self._overwrite_variable_with_gradient(variable):
                left.append((g, variable))
                continue
            if n:
                total = self._accumulated_gradients[self._get_variable_index(variable)]
                g, last = ops.maximum(g, total), (self._iterations + 1) % n == 0
                total.assign(ops.where(last, ops.zeros_like(total), g))
                g = ops.where(last, g, variable)
            variable.assign(g)
        return [g for g, _ in left], [variable for _, variable in left]

    def scale_loss(self, loss):
        """The loss times `loss_scale_factor`, if there is one."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    def set_weights(self, weights):
        """Set all state from arrays, in the order of `variables`."""
        if not self.built:
            hint = "build(trainable_variables) first"
            raise ArgumentError(self.name, "not built, no weights to set", None, hint)
        for variable, value in zip(self._variables, weights, strict=False):
            if tuple(variable.shape) != tuple(ops.shape(value)):
                got = f"{list(ops.shape(value))} for {variable.path} {variable.spec}"
                raise ArgumentError(self.name, "weights of other shapes", got)
        for variable, value in zip(self._variables, weights, strict=False):
            variable.assign(value)

    def save_own_variables(self, store):
        """Put the state into a store, under the keys "0", "1", ..."""
        for i, variable in enumerate(self.variables):
            store[str(i)] = variable.numpy()

    def load_own_variables(self, store):
        """Take the state from a store; a warning if it belongs to another optimizer."""
        variables, count = self.variables, len(store.keys())
        if count != len(variables):
            warnings.warn(
                f"Skipping variable loading for optimizer {self.name!r}: it has "
                f"{len(variables)} variables, and {count} were saved. "
                "Build it first: optimizer.build(trainable_variables).",
                stacklevel=2,
            )
            return
        for i, variable in enumerate(variables):
            variable.assign(store[str(i)])

    def stateless_apply(self, optimizer_variables, grads, trainable_variables):
        """`apply` on values instead of variables: (trainable, own) values afterwards."""
        ours, theirs = self.variables, list(self._trainable_variables)
        if not self.built:
            hint = "build(trainable_variables) first"
            raise ArgumentError(self.name, "stateless_apply: not built", None, hint)
        values = [*trainable_variables, *optimizer_variables]
        if (len(theirs), len(ours)) != (
            len(trainable_variables),
            len(optimizer_variables),
        ):
            got = f"{len(trainable_variables)} and {len(optimizer_variables)}"
            hint = f"{len(theirs)} trainable and {len(ours)} own values"
            raise ArgumentError(self.name, "one value for each variable", got, hint)
        with StatelessScope(zip(theirs + ours, values, strict=True)) as scope:
            self.apply(grads)
        after = [scope.get_current_value(variable) for variable in theirs + ours]
        return after[: len(theirs)], after[len(theirs) :]

    def get_config(self):
        """The arguments that make an equal optimizer; its state is not part of it."""
        rate = self._learning_rate
        is_number = isinstance(rate, Variable)
        rate = float(rate) if is_number else serialize_keras_object(rate)
        settings = {name: getattr(self, name) for name in (*SETTINGS, *self._own)}
        return {"name": self.name, "learning_rate": rate, **settings}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """The optimizer that `get_config` describes."""
        rate = config.get("learning_rate")
        if isinstance(rate, dict):
            rate = deserialize_keras_object(rate, custom_objects)
            config = {**config, "learning_rate": rate}
        return cls(**config)


def common(arguments):
    """The frame's share of a constructor's arguments, from its `locals()`."""
    names = ("learning_rate", *SETTINGS, "name")
    for name, value in arguments.items():
        if isinstance(value, str) and name not in ("learning_rate", "name"):
            kind, got = type(arguments["self"]).__name__, f"{name}={value!r}"
            raise DTypeError(kind, "takes numbers, not text", got)
    return {name: arguments[name] for name in names} | arguments["kwargs"]
