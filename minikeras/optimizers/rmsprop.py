"""Generated from book/keras/optimizers.ipynb. Edit the chapter, not this file."""

from minikeras import ops
from minikeras.core.tensor import convert
from minikeras.optimizers.optimizer import OPTIMIZERS, Optimizer, common


@OPTIMIZERS.add
class RMSprop(Optimizer):
    """Steps of g / sqrt(mean(g * g) + epsilon), the mean running with weight rho.

    centered: use the variance instead of the mean square; momentum: as in SGD.
    Source: Tieleman & Hinton 2012.

    >>> x = Variable([1.0, 2.0])
    >>> RMSprop(0.1, rho=0.0).apply([ops.convert_to_tensor([0.5, -50.0])], [x])
    >>> x.numpy().round(3)
    array([0.9, 2.1], dtype=float32)
    """

    _own = ("rho", "momentum", "epsilon", "centered")

    def __init__(
        self, learning_rate=0.001, rho=0.9, momentum=0.0, epsilon=1e-7, centered=False,
        weight_decay=None, clipnorm=None, clipvalue=None, global_clipnorm=None,
        use_ema=False, ema_momentum=0.99, ema_overwrite_frequency=None,
        loss_scale_factor=None, gradient_accumulation_steps=None, name=None, **kwargs,
    ):  # fmt: skip
        super().__init__(**common(locals()))
        self.rho, self.momentum = rho, momentum
        self.epsilon, self.centered = epsilon, centered

    def build(self, var_list):
        if self.built:
            return
        super().build(var_list)
        self._velocities = self.add_optimizer_variables(var_list, "velocity")
        if self.momentum > 0:
            self._momentums = self.add_optimizer_variables(var_list, "momentum")
        if self.centered:
            self._average_gradients = self.add_optimizer_variables(
                var_list, "average_gradient"
            )

    def update_step(self, gradient, variable, learning_rate):
        i, x = self._get_variable_index(variable), variable.value
        g = convert(gradient, x.dtype)
        square = self._velocities[i].value * self.rho + g * g * (1 - self.rho)
        self.assign(self._velocities[i], square)
        if self.centered:
            mean = self._average_gradients[i].value * self.rho + g * (1 - self.rho)
            self.assign(self._average_gradients[i], mean)
            square = square - mean * mean
        step = convert(learning_rate, x.dtype) * g / ops.sqrt(square + self.epsilon)
        if self.momentum > 0:
            step = self._momentums[i].value * self.momentum + step
            self.assign(self._momentums[i], step)
        self.assign(variable, x - step)
