"""Generated from book/keras/descents.ipynb. Edit the chapter, not this file."""

from minikeras import initializers, ops
from minikeras.core.tensor import convert
from minikeras.optimizers.optimizer import OPTIMIZERS, Optimizer, common


@OPTIMIZERS.add
class Adagrad(Optimizer):
    """A rate for each weight: a = a + g * g;  x = x - rate * g / sqrt(a + epsilon).

    initial_accumulator_value: the first a. Source: Duchi, Hazan & Singer 2011.

    >>> x = Variable([1.0, 1.0])
    >>> Adagrad(0.5, initial_accumulator_value=0.0).apply([x * [1.0, 9.0]], [x])
    >>> x.numpy().round(3)
    array([0.5, 0.5], dtype=float32)
    """

    _own = ("initial_accumulator_value", "epsilon")

    def __init__(
        self, learning_rate=0.001, initial_accumulator_value=0.1, epsilon=1e-7,
        weight_decay=None, clipnorm=None, clipvalue=None, global_clipnorm=None,
        use_ema=False, ema_momentum=0.99, ema_overwrite_frequency=None,
        loss_scale_factor=None, gradient_accumulation_steps=None, name=None, **kwargs,
    ):  # fmt: skip
        super().__init__(**common(locals()))
        self.initial_accumulator_value = initial_accumulator_value
        self.epsilon = epsilon

    def build(self, var_list):
        if self.built:
            return
        super().build(var_list)
        first = initializers.Constant(self.initial_accumulator_value)
        self._accumulators = self.add_optimizer_variables(
            var_list, "accumulator", first
        )

    def update_step(self, gradient, variable, learning_rate):
        i, x = self._get_variable_index(variable), variable.value
        rate, g = convert(learning_rate, x.dtype), convert(gradient, x.dtype)
        seen = self._accumulators[i].value + g * g
        self.assign(self._accumulators[i], seen)
        self.assign(variable, x - rate * g / ops.sqrt(seen + self.epsilon))
