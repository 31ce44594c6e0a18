"""Generated from book/keras/descents.ipynb. Edit the chapter, not this file."""

from minikeras import initializers, ops
from minikeras.core.arguments import checked_number
from minikeras.core.tensor import convert
from minikeras.optimizers.optimizer import OPTIMIZERS, Optimizer, common


@OPTIMIZERS.add
class Ftrl(Optimizer):
    """Adagrad's rates with an L1 penalty that makes exact zeros.

    learning_rate_power: how rates fall with the squares seen, <= 0; the l1 and l2
    strengths: penalties; l2_shrinkage: a penalty on the gradient's side; beta: more l2.
    Errors: a ValueError for a positive power or a negative strength.
    Source: McMahan et al. 2013.

    >>> x = Variable([1.0, 1.0])
    >>> Ftrl(0.5, l1_regularization_strength=0.2).apply([x * [0.1, 1.0]], [x])
    >>> x.numpy().round(2) * 1
    array([0.59, 0.1 ], dtype=float32)
    """

    _own = (
        "learning_rate_power", "initial_accumulator_value",
        "l1_regularization_strength", "l2_regularization_strength",
        "l2_shrinkage_regularization_strength", "beta",
    )  # fmt: skip

    def __init__(
        self, learning_rate=0.001, learning_rate_power=-0.5,
        initial_accumulator_value=0.1, l1_regularization_strength=0.0,
        l2_regularization_strength=0.0, l2_shrinkage_regularization_strength=0.0,
        beta=0.0, weight_decay=None, clipnorm=None, clipvalue=None, global_clipnorm=None,
        use_ema=False, ema_momentum=0.99, ema_overwrite_frequency=None,
        loss_scale_factor=None, gradient_accumulation_steps=None, name=None, **kwargs,
    ):  # fmt: skip
        super().__init__(**common(locals()))
        for setting in self._own:
            setattr(self, setting, locals()[setting])
        self._check()

    def _check(self):
        """A ValueError for settings that are no numbers, or have the wrong sign."""
        for setting in self._own[:5]:
            checked_number("Ftrl", setting, getattr(self, setting))
        for setting in self._own[1:5]:
            if getattr(self, setting) < 0:
                self._refuse(setting, ">= 0")
        if self.learning_rate_power > 0:
            self._refuse("learning_rate_power", "<= 0")

    def build(self, var_list):
        if self.built:
            return
        super().build(var_list)
        first = initializers.Constant(self.initial_accumulator_value)
        self._accumulators, self._linears = self.add_optimizer_variables(
            var_list, ["accumulator", "linear"], [first, "zeros"]
        )

    def update_step(self, gradient, variable, learning_rate):
        i, x = self._get_variable_index(variable), variable.value
        rate, g = convert(learning_rate, x.dtype), convert(gradient, x.dtype)
        seen, z = self._accumulators[i].value, self._linears[i].value
        more, power = seen + g * g, -self.learning_rate_power
        before, now = ops.power(seen, power), ops.power(more, power)
        g = g + 2 * self.l2_shrinkage_regularization_strength * x
        z = z + g - (now - before) / rate * x
        l1, l2 = self.l1_regularization_strength, self.l2_regularization_strength
        curvature = now / rate + 2 * (l2 + self.beta / (2.0 * rate))
        self.assign(self._accumulators[i], more)
        self.assign(self._linears[i], z)
        self.assign(variable, (ops.clip(z, -l1, l1) - z) / curvature)
