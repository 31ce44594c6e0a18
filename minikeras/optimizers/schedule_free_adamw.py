"""Generated from book/keras/descents.ipynb. Edit the chapter, not this file."""

from minikeras import ops
from minikeras.core.tensor import convert
from minikeras.optimizers.optimizer import OPTIMIZERS, Optimizer, common


@OPTIMIZERS.add
class ScheduleFreeAdamW(Optimizer):
    """Adam's steps by z, averaged into x; the variables hold (1 - b1) * z + b1 * x.

    warmup_steps: the rate rises over so many steps. Source: Defazio et al. 2024.

    >>> y = Variable([1.0, 1.0])
    >>> ScheduleFreeAdamW(0.5).apply([y * [0.1, 50.0]], [y])
    >>> y.numpy().round(3)
    array([0.5, 0.5], dtype=float32)
    """

    _own = ("beta_1", "beta_2", "epsilon", "warmup_steps")

    def __init__(
        self, learning_rate=0.0025, beta_1=0.9, beta_2=0.999, epsilon=1e-8,
        warmup_steps=0,
        weight_decay=None, clipnorm=None, clipvalue=None, global_clipnorm=None,
        use_ema=False, ema_momentum=0.99, ema_overwrite_frequency=None,
        loss_scale_factor=None, gradient_accumulation_steps=None, name=None, **kwargs,
    ):  # fmt: skip
        super().__init__(**common(locals()))
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon
        self.warmup_steps = warmup_steps

    def build(self, var_list):
        if self.built:
            return
        super().build(var_list)
        names = ["momentum", "velocity"]
        self._momentums, self._velocities = self.add_optimizer_variables(
            var_list, names
        )
        for z, variable in zip(self._momentums, var_list, strict=True):
            if z is not None:
                self.assign(z, variable)

    def update_step(self, gradient, variable, learning_rate):
        i, y = self._get_variable_index(variable), variable.value
        rate, g = convert(learning_rate, y.dtype), convert(gradient, y.dtype)
        t, b1 = ops.cast(self.iterations + 1, y.dtype), self.beta_1
        if self.warmup_steps > 0:
            rate = rate * ops.minimum(t / self.warmup_steps, 1.0)
        z, v = self._momentums[i].value, self._velocities[i].value
        x = (y - (1 - b1) * z) / b1
        v = v + (g * g - v) * (1 - self.beta_2)
        root = ops.sqrt(v / (1 - ops.power(self.beta_2, t)))
        z = z - rate * g / (root + self.epsilon)
        x = (1 - 1.0 / t) * x + z / t
        self.assign(self._velocities[i], v)
        self.assign(self._momentums[i], z)
        self.assign(variable, (1 - b1) * z + b1 * x)
