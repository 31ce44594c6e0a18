"""Generated from book/keras/descents.ipynb. Edit the chapter, not this file."""

from minikeras import ops
from minikeras.core.tensor import convert
from minikeras.optimizers.optimizer import OPTIMIZERS, Optimizer, common


@OPTIMIZERS.add
class Adamax(Optimizer):
    """Adam with a fading maximum: u = max(b2 * u, |g|).

    m = b1 * m + (1 - b1) * g;  x = x - rate / (1 - b1**t) * m / (u + epsilon).
    Source: Kingma & Ba 2015, section 7.

    >>> x = Variable([1.0, 1.0])
    >>> Adamax(0.5).apply([x * [0.1, 50.0]], [x])
    >>> x.numpy().round(3)
    array([0.5, 0.5], dtype=float32)
    """

    _own = ("beta_1", "beta_2", "epsilon")

    def __init__(
        self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7,
        weight_decay=None, clipnorm=None, clipvalue=None, global_clipnorm=None,
        use_ema=False, ema_momentum=0.99, ema_overwrite_frequency=None,
        loss_scale_factor=None, gradient_accumulation_steps=None, name=None, **kwargs,
    ):  # fmt: skip
        super().__init__(**common(locals()))
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def build(self, var_list):
        if not self.built:
            super().build(var_list)
            self._m, self._u = self.add_optimizer_variables(
                var_list, ["momentum", "norm"]
            )

    def _step_size(self, learning_rate, dtype):
        t = ops.cast(self.iterations + 1, dtype)
        return ops.cast(learning_rate, dtype) / (1 - ops.power(self.beta_1, t))

    def update_step(self, gradient, variable, learning_rate):
        i, x = self._get_variable_index(variable), variable.value
        size = self._once_a_step(self._step_size, learning_rate, x.dtype)
        g, m = convert(gradient, x.dtype), self._m[i].value
        m = m + (g - m) * (1 - self.beta_1)
        u = ops.maximum(self._u[i].value * self.beta_2, ops.abs(g))
        self.assign(self._m[i], m)
        self.assign(self._u[i], u)
        self.assign(variable, x - size * m / (u + self.epsilon))
