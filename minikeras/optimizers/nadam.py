"""Generated from book/keras/descents.ipynb. Edit the chapter, not this file."""

from minikeras import ops
from minikeras.core.config import floatx
from minikeras.core.tensor import convert
from minikeras.core.variable import Variable
from minikeras.optimizers.optimizer import OPTIMIZERS, Optimizer, common


@OPTIMIZERS.add
class Nadam(Optimizer):
    """Adam with Nesterov's momentum: a mean that looks one step ahead.

    mu_t = b1 * (1 - 0.96**t / 2);  p_t = mu_1 * ... * mu_t;
    n = mu_(t+1) * m / (1 - p_(t+1)) + (1 - mu_t) * g / (1 - p_t);
    x = x - rate * n / (sqrt(v / (1 - b2**t)) + epsilon). Source: Dozat 2016.

    >>> x = Variable([1.0, 1.0])
    >>> Nadam(0.1).apply([x * [0.1, 50.0]], [x])
    >>> float(x[0]) < 0.9, bool(x[0] == x[1])
    (True, True)
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
        dtype = var_list[0].dtype if len(var_list) else floatx()
        self._u_product = Variable(1.0, dtype=dtype)  # "trainable" in Keras, too

    def _momentum_at(self, step, dtype):
        """mu of this step: grows from about half of beta_1 to beta_1."""
        fading = ops.power(ops.cast(0.96, dtype), ops.cast(step, dtype))
        return self.beta_1 * (1.0 - 0.5 * fading)

    def _backend_update_step(self, grads, trainable_variables, learning_rate):
        now = self._momentum_at(self.iterations + 1, self._u_product.dtype)
        self.assign(self._u_product, self._u_product * now)
        super()._backend_update_step(grads, trainable_variables, learning_rate)

    def _shares(self, learning_rate, dtype):
        """The weights of mean, gradient and mean square in this step, and the rate."""
        t = self.iterations + 1
        now, ahead = self._momentum_at(t, dtype), self._momentum_at(t + 1, dtype)
        product = ops.cast(self._u_product, dtype)
        correction = 1 - ops.power(self.beta_2, ops.cast(t, dtype))
        shares = ahead / (1 - product * ahead), (1 - now) / (1 - product)
        return *shares, correction, ops.cast(learning_rate, dtype)

    def update_step(self, gradient, variable, learning_rate):
        i, x = self._get_variable_index(variable), variable.value
        of_m, of_g, of_v, rate = self._once_a_step(self._shares, learning_rate, x.dtype)
        g, m = convert(gradient, x.dtype), self._momentums[i].value
        v = self._velocities[i].value
        m, v = m + (g - m) * (1 - self.beta_1), v + (g * g - v) * (1 - self.beta_2)
        self.assign(self._momentums[i], m)
        self.assign(self._velocities[i], v)
        step = rate * (of_m * m + of_g * g) / (ops.sqrt(v / of_v) + self.epsilon)
        self.assign(variable, x - step)
