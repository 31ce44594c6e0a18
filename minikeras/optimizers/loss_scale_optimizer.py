"""Generated from book/keras/steadying.ipynb. Edit the chapter, not this file."""

import inspect

from minikeras import initializers, ops
from minikeras.core.errors import ArgumentError
from minikeras.optimizers.optimizer import OPTIMIZERS, SETTINGS, Optimizer
from minikeras.saving.deserialization import deserialize_keras_object
from minikeras.saving.serialization import serialize_keras_object


@OPTIMIZERS.add
class LossScaleOptimizer(Optimizer):
    """Keeps gradients in float16's range: scales the loss, skips steps that overflow.

    Use `scale_loss(loss)` inside the tape; `apply` divides by the scale and calls
    inner_optimizer. A gradient that is not finite: no step, half the scale. After
    dynamic_growth_steps good steps in a row: twice the scale.
    Errors: a ValueError for settings that belong to the inner optimizer.
    Source: Micikevicius et al. 2018.

    >>> from minikeras.optimizers import SGD
    >>> optimizer = LossScaleOptimizer(SGD(0.5), initial_scale=8.0)
    >>> x = Variable([1.0, 1.0])
    >>> optimizer.apply([ops.convert_to_tensor([8.0, -16.0])], [x])
    >>> x.numpy()
    array([0.5, 2. ], dtype=float32)
    """

    def __init__(
        self,
        inner_optimizer,
        initial_scale=2.0**15,
        dynamic_growth_steps=2000,
        name=None,
        **kwargs,
    ):
        self._check_kwargs(inner_optimizer, kwargs)
        super().__init__(learning_rate=0.0, name=name)
        self.inner_optimizer = inner_optimizer
        self.initial_scale = initial_scale
        self.dynamic_growth_steps = dynamic_growth_steps
        inner_optimizer.loss_scale_factor = None

    def _check_kwargs(self, inner_optimizer, kwargs):
        if not isinstance(inner_optimizer, Optimizer):
            got, hint = (
                f"inner_optimizer={inner_optimizer!r}",
                "an optimizer, such as SGD()",
            )
            raise ArgumentError("LossScaleOptimizer", "nothing to wrap", got, hint)
        frame = inspect.signature(Optimizer.__init__).parameters
        harmless = {name: frame[name].default for name in SETTINGS} | {"dynamic": True}
        for name, value in kwargs.items():
            if name not in harmless or value != harmless[name]:
                known = name in harmless and name != "dynamic"
                hint = f"set {name} on the inner optimizer" if known else None
                got = f"{name}={value!r}"
                raise ArgumentError("LossScaleOptimizer", "unknown argument", got, hint)

    def build(self, var_list):
        if self.built:
            return
        var_list = self._only_variables(var_list)
        self.step_counter = self.add_variable((), dtype="int64", name="step_counter")
        first = initializers.Constant(self.initial_scale)
        self.dynamic_scale = self.add_variable(
            (), first, "float32", name="dynamic_scale"
        )
        self.inner_optimizer.build(var_list)
        super().build(var_list)

    @property
    def variables(self):
        """Own state, then that of the inner optimizer."""
        return [*self._variables, *self.inner_optimizer.variables]

    def scale_loss(self, loss):
        """The loss times the scale of this moment."""
        scale = self.dynamic_scale.value if self.built else self.initial_scale
        return ops.multiply(loss, scale)

    def check_finite(self, grads):
        """Whether all elements of all gradients are finite, as a tensor."""
        finite = [ops.all(ops.isfinite(g)) for g in grads if g is not None]
        return ops.all(ops.convert_to_tensor(finite))

    def _as_it_is(self):
        """For going back, the inner optimizer included."""
        return super()._as_it_is() + self.inner_optimizer._as_it_is()

    def _step_of(self, grads, trainable_variables):
        """One inner step, or half the scale if a gradient is not finite."""
        if not grads:
            return
        if not self.built:
            self._variables_for(grads, trainable_variables)
        ops.cond(
            self.check_finite(grads),
            lambda: self._good_step(grads, trainable_variables),
            lambda: self._rescale(0.5),
        )

    def _good_step(self, grads, variables):
        if variables is not None:
            variables = list(variables)
        known = self._trainable_variables if variables is None else variables
        scale = self.dynamic_scale.value
        whole = [
            g if g is None or self._overwrite_variable_with_gradient(v) else g / scale
            for g, v in zip(grads, known, strict=False)
        ]
        whole += grads[len(whole) :]  # one too many is the inner optimizer's to refuse
        self.inner_optimizer.apply(whole, variables)
        enough = self.step_counter == self.dynamic_growth_steps - 1
        ops.cond(enough, lambda: self._rescale(2.0), self._count)

    def _count(self):
        self.step_counter.assign_add(1)

    def _rescale(self, factor):
        """Change the scale, and count good steps from zero again."""
        self.step_counter.assign(0)
        self.dynamic_scale.assign(self.dynamic_scale * factor)

    @property
    def learning_rate(self):
        """The rate of the inner optimizer."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, learning_rate):
        self.inner_optimizer.learning_rate = learning_rate

    @property
    def iterations(self):
        """The steps that the inner optimizer has made."""
        return self.inner_optimizer.iterations

    def finalize_variable_values(self, var_list):
        """As the inner optimizer does it."""
        self.inner_optimizer.finalize_variable_values(var_list)

    def get_config(self):
        """The arguments, the inner optimizer as an entry of its own among them."""
        return {
            "name": self.name,
            "inner_optimizer": serialize_keras_object(self.inner_optimizer),
            "initial_scale": self.initial_scale,
            "dynamic_growth_steps": self.dynamic_growth_steps,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """The optimizer that `get_config` describes."""
        inner = deserialize_keras_object(config["inner_optimizer"], custom_objects)
        return cls(**{**config, "inner_optimizer": inner})
