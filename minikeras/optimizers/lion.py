"""Generated from book/keras/descents.ipynb. Edit the chapter, not this file."""

from minikeras import ops
from minikeras.core.arguments import checked_number
from minikeras.core.tensor import convert
from minikeras.optimizers.optimizer import OPTIMIZERS, Optimizer, common


@OPTIMIZERS.add
class Lion(Optimizer):
    """Steps of one length: x = x - rate * sign(b1 * m + (1 - b1) * g).

    m = b2 * m + (1 - b2) * g, after the step. Use a rate 3 to 10 times below Adam's.
    Errors: a ValueError unless 0 < beta_1 <= 1. Source: Chen et al. 2023.

    >>> x = Variable([1.0, 1.0])
    >>> Lion(0.25).apply([x * [0.1, -50.0]], [x])
    >>> x.numpy()
    array([0.75, 1.25], dtype=float32)
    """

    _own = ("beta_1", "beta_2")

    def __init__(
        self, learning_rate=0.001, beta_1=0.9, beta_2=0.99,
        weight_decay=None, clipnorm=None, clipvalue=None, global_clipnorm=None,
        use_ema=False, ema_momentum=0.99, ema_overwrite_frequency=None,
        loss_scale_factor=None, gradient_accumulation_steps=None, name=None, **kwargs,
    ):  # fmt: skip
        super().__init__(**common(locals()))
        self.beta_1, self.beta_2 = beta_1, beta_2
        if not 0 < checked_number("Lion", "beta_1", beta_1) <= 1:
            self._refuse("beta_1", "above 0 and at most 1")

    def build(self, var_list):
        if not self.built:
            super().build(var_list)
            self._momentums = self.add_optimizer_variables(var_list, "momentum")

    def update_step(self, gradient, variable, learning_rate):
        i, x = self._get_variable_index(variable), variable.value
        rate, g = convert(learning_rate, x.dtype), convert(gradient, x.dtype)
        m = self._momentums[i].value
        direction = ops.sign(m * self.beta_1 + g * (1.0 - self.beta_1))
        self.assign(variable, x - rate * direction)
        self.assign(self._momentums[i], m * self.beta_2 + g * (1.0 - self.beta_2))
