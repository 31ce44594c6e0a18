"""Generated from book/keras/optimizers.ipynb. Edit the chapter, not this file."""

from minikeras import ops
from minikeras.optimizers.optimizer import OPTIMIZERS, Optimizer


@OPTIMIZERS.add
class RMSprop(Optimizer):
    """Steps of g / sqrt(mean(g * g) + epsilon), the mean running with weight rho.

    centered: use the variance instead of the mean square; momentum: as in SGD.
    Source: Tieleman & Hinton 2012.
    """

    def __init__(
        self,
        learning_rate=0.001,
        rho=0.9,
        momentum=0.0,
        epsilon=1e-7,
        centered=False,
        weight_decay=None,
        clipnorm=None,
        clipvalue=None,
        global_clipnorm=None,
        use_ema=False,
        ema_momentum=0.99,
        ema_overwrite_frequency=None,
        loss_scale_factor=None,
        gradient_accumulation_steps=None,
        name="rmsprop",
        **kwargs,
    ):
        super().__init__(
            learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema,
            ema_momentum, ema_overwrite_frequency, loss_scale_factor,
            gradient_accumulation_steps, name, **kwargs,
        )  # fmt: skip
        self.rho, self.momentum = rho, momentum
        self.epsilon, self.centered = epsilon, centered

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self._velocities = self.add_optimizer_variables(variables, "velocity")
        if self.momentum > 0:
            self._momentums = self.add_optimizer_variables(variables, "momentum")
        if self.centered:
            self._average_gradients = self.add_optimizer_variables(
                variables, "average_gradient"
            )

    def update_step(self, gradient, variable, learning_rate):
        i, x = self._get_variable_index(variable), variable.value
        g = ops.cast(gradient, x.dtype)
        square = self._velocities[i].value * self.rho + g * g * (1 - self.rho)
        self.assign(self._velocities[i], square)
        if self.centered:
            mean = self._average_gradients[i].value * self.rho + g * (1 - self.rho)
            self.assign(self._average_gradients[i], mean)
            square = square - mean * mean
        step = ops.cast(learning_rate, x.dtype) * g / ops.sqrt(square + self.epsilon)
        if self.momentum > 0:
            step = self._momentums[i].value * self.momentum + step
            self.assign(self._momentums[i], step)
        self.assign(variable, x - step)

    def get_config(self):
        own = ("rho", "momentum", "epsilon", "centered")
        return {
            **super().get_config(),
            **{name: getattr(self, name) for name in own},
        }
