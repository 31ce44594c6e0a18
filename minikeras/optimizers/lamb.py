"""Generated from book/keras/descents.ipynb. Edit the chapter, not this file."""

from minikeras import ops
from minikeras.core.tensor import convert
from minikeras.optimizers.optimizer import OPTIMIZERS, Optimizer, common


@OPTIMIZERS.add
class Lamb(Optimizer):
    """Adam's direction r, as long as the variable: x = x - rate * |x| / |r| * r.

    r = m / (1 - b1**t) / (sqrt(v / (1 - b2**t)) + epsilon). Source: You et al. 2020.

    >>> x = Variable([3.0, 4.0])
    >>> Lamb(0.1).apply([ops.convert_to_tensor([0.01, 0.01])], [x])
    >>> x.numpy().round(2)
    array([2.65, 3.65], dtype=float32)
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
        if self.built:
            return
        super().build(var_list)
        names = ["momentum", "velocity"]
        self._momentums, self._velocities = self.add_optimizer_variables(
            var_list, names
        )

    def _corrections(self, learning_rate, dtype):
        t = ops.cast(self.iterations + 1, dtype)
        corrections = [1 - ops.power(beta, t) for beta in (self.beta_1, self.beta_2)]
        return *corrections, ops.cast(learning_rate, dtype)

    def update_step(self, gradient, variable, learning_rate):
        i, x = self._get_variable_index(variable), variable.value
        of_m, of_v, rate = self._once_a_step(self._corrections, learning_rate, x.dtype)
        g, m = convert(gradient, x.dtype), self._momentums[i].value
        v = self._velocities[i].value
        m, v = m + (g - m) * (1 - self.beta_1), v + (g * g - v) * (1 - self.beta_2)
        self.assign(self._momentums[i], m)
        self.assign(self._velocities[i], v)
        step = m / of_m / (ops.sqrt(v / of_v) + self.epsilon)
        length, reach = (ops.sqrt(ops.sum(y * y)) for y in (x, step))
        both = ops.logical_and(length > 0, reach > 0)
        ratio = ops.where(both, length / reach, ops.ones_like(length))
        self.assign(variable, x - ratio * rate * step)
