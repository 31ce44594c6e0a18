"""Generated from book/keras/optimizers.ipynb. Edit the chapter, not this file."""

import re
import warnings

from minikeras import initializers, ops
from minikeras.core.config import floatx
from minikeras.core.errors import ArgumentError
from minikeras.core.names import auto_name, name_scope, to_snake_case
from minikeras.core.variable import Variable
from minikeras.layers.layer import eagerly
from minikeras.optimizers.clipping import clip_by_global_norm, clip_by_norm
from minikeras.utils.catalogue import Catalogue

OPTIMIZERS = Catalogue("optimizers")


class Optimizer:
    """Turns gradients into steps: `apply(gradients, variables)`.

    Subclasses write `update_step(gradient, variable, learning_rate)`, and `build` where
    they keep state. learning_rate: a float, or a function without arguments.
    weight_decay: fraction of each variable to remove per step, times the rate.
    clipnorm, clipvalue, global_clipnorm: limits on each gradient's norm, on each of its
    elements, on the norm of all gradients together (only one of the three).
    """

    built = False

    def __init__(
        self,
        learning_rate,
        weight_decay=None,
        clipnorm=None,
        clipvalue=None,
        global_clipnorm=None,
        use_ema=False,
        ema_momentum=0.99,
        ema_overwrite_frequency=None,
        loss_scale_factor=None,
        gradient_accumulation_steps=None,
        name=None,
        **kwargs,
    ):
        if kwargs:
            raise ArgumentError(
                type(self).__name__, "unknown arguments", ", ".join(kwargs)
            )
        self.name = name or auto_name(to_snake_case(type(self).__name__))
        self.weight_decay = weight_decay
        self.clipnorm, self.clipvalue = clipnorm, clipvalue
        self.global_clipnorm = global_clipnorm
        self.use_ema, self.ema_momentum = use_ema, ema_momentum
        self.ema_overwrite_frequency = ema_overwrite_frequency
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self._check_settings()
        self._prepare(learning_rate)

    def _prepare(self, learning_rate):
        """No variables yet, but the two that every optimizer has."""
        self._variables, self._trainable_variables, self._indices = [], [], {}
        self._not_decayed = (set(), ())
        self._iterations = self.add_variable((), dtype="int64", name="iteration")
        self._set_first_rate(learning_rate)

    def _check_settings(self):
        limits = (self.clipnorm, self.clipvalue, self.global_clipnorm)
        if sum(limit is not None for limit in limits) > 1:
            raise ArgumentError(
                self.name,
                "only one way to clip",
                "clipnorm={}, clipvalue={}, global_clipnorm={}".format(*limits),
            )
        if self.use_ema and not 0 <= self.ema_momentum <= 1:
            raise ArgumentError(
                self.name, "bad argument", f"ema_momentum={self.ema_momentum}", "0 to 1"
            )
        steps = self.gradient_accumulation_steps
        if steps is not None and steps < 2:
            raise ArgumentError(
                self.name,
                "bad argument",
                f"gradient_accumulation_steps={steps}",
                ">= 2",
            )

    def _set_first_rate(self, learning_rate):
        """A number becomes a variable; a function is asked at each step."""
        self._learning_rate = learning_rate
        if callable(learning_rate):
            return
        if not isinstance(learning_rate, float):
            raise ArgumentError(
                self.name,
                "the learning rate is a float, a schedule or a function",
                f"learning_rate={learning_rate!r}",
            )
        fill = initializers.Constant(learning_rate)
        self._learning_rate = self.add_variable(
            (), fill, floatx(), name="learning_rate"
        )

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
                initializers.get(initializer), shape, dtype, trainable=False, name=name
            )
        self._variables.append(variable)
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
            name=f"{path.replace('/', '_')}_{name or 'var'}",
        )

    def add_optimizer_variables(self, trainable_variables, name, initializer="zeros"):
        """One slot per variable, or for a list of names one list of slots per name."""
        names = [name] if isinstance(name, str) else name
        fills = (
            initializer
            if isinstance(initializer, (list, tuple))
            else [initializer] * len(names)
        )
        slots = tuple([] for _ in names)
        for variable in trainable_variables:
            for column, slot, fill in zip(slots, names, fills, strict=True):
                column.append(self.add_variable_from_reference(variable, slot, fill))
        return slots[0] if isinstance(name, str) else slots

    def build(self, variables):
        """Make the state for these variables; subclasses add their slots."""
        variables = list(variables)
        if self.use_ema:
            self._averages = self.add_optimizer_variables(variables, "average")
        if self.gradient_accumulation_steps:
            self._sums = self.add_optimizer_variables(variables, "gradient_accumulator")
        self._indices = {id(variable): i for i, variable in enumerate(variables)}
        self._trainable_variables = variables
        self.built = True

    @property
    def variables(self):
        """All state, in the order of files: iteration, learning_rate, slots."""
        return list(self._variables)

    def _get_variable_index(self, variable):
        return self._indices[id(variable)]

    @property
    def learning_rate(self):
        """The rate of the next step; set it to a number, a schedule or a function."""
        rate = self._learning_rate
        if isinstance(rate, Variable):
            return rate
        return rate(self._iterations) if hasattr(rate, "get_config") else rate()

    @learning_rate.setter
    def learning_rate(self, learning_rate):
        if callable(learning_rate):
            if isinstance(self._learning_rate, Variable):
                kept = [v for v in self._variables if v is not self._learning_rate]
                self._variables = kept
            self._learning_rate = learning_rate
        elif isinstance(self._learning_rate, Variable):
            self._learning_rate.assign(learning_rate)
        else:
            raise TypeError(
                f"{self.name}: the rate is a schedule, it cannot be set to a number\n"
                "  try   an optimizer made with a float learning_rate"
            )

    @property
    def iterations(self):
        """How many steps have been made."""
        if self.gradient_accumulation_steps:
            return self._iterations // self.gradient_accumulation_steps
        return self._iterations

    def apply(self, grads, trainable_variables=None):
        """Make one step: grads[i] belongs to trainable_variables[i]."""
        grads = list(grads)
        if not grads:
            return
        variables = self._variables_for(grads, trainable_variables)
        grads, variables = self._present(grads, variables)
        if self.loss_scale_factor is not None:
            grads = [g / self.loss_scale_factor for g in grads]
        self._step(grads, variables)
        for variable in variables:
            if variable.constraint is not None:
                variable.assign(variable.constraint(variable))
        self._iterations.assign_add(1)

    def apply_gradients(self, grads_and_vars):
        """As `apply`, from pairs; returns the counter."""
        grads, variables = zip(*grads_and_vars, strict=True)
        self.apply(grads, variables)
        return self._iterations

    def _variables_for(self, grads, variables):
        """The variables of this step: those given, or those it was built with."""
        if variables is None:
            if not self.built:
                raise ArgumentError(
                    self.name,
                    "not built, and no variables given",
                    hint="apply(grads, variables), or build(variables) first",
                )
            variables = self._trainable_variables
        variables = list(variables)
        if not self.built:
            self.build(variables)
        if len(grads) != len(variables):
            raise ArgumentError(
                self.name,
                "one gradient for each variable",
                f"{len(grads)} gradients, {len(variables)} variables",
            )
        for variable in variables:
            if id(variable) not in self._indices:
                raise ArgumentError(
                    self.name,
                    f"Unknown variable: {variable.path}",
                    None,
                    "a new optimizer for a new set of variables",
                )
        return variables

    def _present(self, grads, variables):
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

    def _step(self, grads, variables):
        if self.gradient_accumulation_steps:
            self._accumulated_step(grads, variables)
        else:
            self._update(grads, variables)
        if self.use_ema:
            self._update_averages()

    def _update(self, grads, variables):
        grads = self._clip(grads)
        if self.weight_decay is not None:
            self._decay(variables)
        rate = self.learning_rate
        self.begin_step(rate, {variable.dtype for variable in variables})
        for gradient, variable in zip(grads, variables, strict=True):
            self.update_step(gradient, variable, rate)

    def begin_step(self, learning_rate, dtypes):
        """Before the first update of a step: the place for numbers all variables share."""

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

    def _clip(self, grads):
        if self.clipnorm:
            return [clip_by_norm(g, self.clipnorm) for g in grads]
        if self.global_clipnorm:
            return clip_by_global_norm(grads, self.global_clipnorm)
        if self.clipvalue:
            return [ops.clip(g, -self.clipvalue, self.clipvalue) for g in grads]
        return grads

    def exclude_from_weight_decay(self, var_list=None, var_names=None):
        """Spare these variables, and those with one of these patterns in their name."""
        if self.built:
            raise ArgumentError(
                self.name,
                "too late to exclude variables from weight decay",
                "a built optimizer",
                "exclude_from_weight_decay before build",
            )
        self._not_decayed = ({id(v) for v in var_list or ()}, tuple(var_names or ()))

    def _use_weight_decay(self, variable):
        spared, patterns = self._not_decayed
        named = any(re.search(pattern, variable.name) for pattern in patterns)
        return id(variable) not in spared and not named

    def _decay(self, variables):
        for variable in variables:
            if self._use_weight_decay(variable):
                rate = ops.cast(self.learning_rate, variable.dtype)
                variable.assign(variable - variable * self.weight_decay * rate)

    def _accumulated_step(self, grads, variables):
        """Add up; every so many calls, step by the mean and start again."""
        n = self.gradient_accumulation_steps
        sums = [self._sums[self._get_variable_index(v)] for v in variables]
        if (self._iterations + 1) % n == 0:
            self._update(
                [(g + total) / n for g, total in zip(grads, sums, strict=True)],
                variables,
            )
            for total in self._sums:
                total.assign(ops.zeros_like(total))
        else:
            for g, total in zip(grads, sums, strict=True):
                total.assign_add(g)

    def _update_averages(self):
        keep = ops.cast(ops.not_equal(self.iterations, 0), floatx()) * self.ema_momentum
        for variable, average in zip(
            self._trainable_variables, self._averages, strict=True
        ):
            momentum = ops.cast(keep, variable.dtype)
            average.assign(momentum * average + (1 - momentum) * variable)
        every = self.ema_overwrite_frequency
        if every and (self.iterations + 1) % every == 0:
            self.finalize_variable_values(self._trainable_variables)

    def finalize_variable_values(self, var_list):
        """With use_ema, set the variables to their averages; called when training ends."""
        if self.use_ema:
            for variable in var_list:
                variable.assign(self._averages[self._get_variable_index(variable)])

    def scale_loss(self, loss):
        """The loss times `loss_scale_factor`, if there is one."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    def set_weights(self, weights):
        """Set all state from arrays, in the order of `variables`."""
        for variable, value in zip(self._variables, weights, strict=True):
            variable.assign(value)

    def get_config(self):
        """The arguments that make an equal optimizer; its state is not part of it."""
        rate = self._learning_rate
        names = (
            "weight_decay", "clipnorm", "global_clipnorm", "clipvalue", "use_ema",
            "ema_momentum", "ema_overwrite_frequency", "loss_scale_factor",
            "gradient_accumulation_steps",
        )  # fmt: skip
        settings = {name: getattr(self, name) for name in names}
        rate = float(rate) if isinstance(rate, Variable) else rate
        return {"name": self.name, "learning_rate": rate, **settings}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        return cls(**config)
