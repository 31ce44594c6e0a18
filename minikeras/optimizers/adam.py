"""Generated from book/keras/optimizers.ipynb. Edit the chapter, not this file."""

from minikeras import ops
from minikeras.core.tensor import convert
from minikeras.optimizers.optimizer import OPTIMIZERS, Optimizer, common


@OPTIMIZERS.add
class Adam(Optimizer):
    """Steps of mean(g) / sqrt(mean(g * g)), both means running and corrected.

    m = b1 * m + (1 - b1) * g;  v = b2 * v + (1 - b2) * g * g;
    x = x - rate * sqrt(1 - b2**t) / (1 - b1**t) * m / (sqrt(v) + epsilon).
    amsgrad: keep the largest v so far. Source: Kingma & Ba 2015; Reddi et al. 2018.

    >>> x = Variable([1.0, 2.0])
    >>> Adam(0.5).apply([ops.convert_to_tensor([0.01, -100.0])], [x])
    >>> x.numpy().round(3)
    array([0.5, 2.5], dtype=float32)
    """

    _own = ("beta_1", "beta_2", "epsilon", "amsgrad")

    def __init__(
        self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7,
        amsgrad=False, weight_decay=None, clipnorm=None, clipvalue=None,
        global_clipnorm=None, use_ema=False, ema_momentum=0.99,
        ema_overwrite_frequency=None, loss_scale_factor=None,
        gradient_accumulation_steps=None, name=None, **kwargs,
    ):  # fmt: skip
        super().__init__(**common(locals()))
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon
        self.amsgrad = amsgrad

    def build(self, var_list):
        if self.built:
            return
        super().build(var_list)
        names = ["momentum", "velocity"]
        self._momentums, self._velocities = self.add_optimizer_variables(
            var_list, names
        )
        if self.amsgrad:
            self._velocity_hats = self.add_optimizer_variables(var_list, "velocity_hat")

    def _step_size(self, learning_rate, dtype):
        """The corrected rate: rate * sqrt(1 - b2**t) / (1 - b1**t)."""
        t = ops.cast(self.iterations + 1, dtype)
        correction_1 = 1 - ops.power(self.beta_1, t)
        correction_2 = 1 - ops.power(self.beta_2, t)
        return ops.cast(learning_rate, dtype) * ops.sqrt(correction_2) / correction_1

    def update_step(self, gradient, variable, learning_rate):
        i, x = self._get_variable_index(variable), variable.value
        size = self._once_a_step(self._step_size, learning_rate, x.dtype)
        g = convert(gradient, x.dtype)
        m, v = self._momentums[i].value, self._velocities[i].value
        m = m + (g - m) * (1 - self.beta_1)
        v = v + (g * g - v) * (1 - self.beta_2)
        self.assign(self._momentums[i], m)
        self.assign(self._velocities[i], v)
        if self.amsgrad:
            v = ops.maximum(self._velocity_hats[i].value, v)
            self.assign(self._velocity_hats[i], v)
        self.assign(variable, x - m * size / (ops.sqrt(v) + self.epsilon))
