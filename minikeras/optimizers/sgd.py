"""Generated from book/keras/optimizers.ipynb. Edit the chapter, not this file."""

from minikeras import ops
from minikeras.core.errors import ArgumentError
from minikeras.optimizers.optimizer import OPTIMIZERS, Optimizer


@OPTIMIZERS.add
class SGD(Optimizer):
    """Gradient descent, with momentum if asked: v = momentum * v - rate * g; x = x + v.

    nesterov: step from where the momentum will have carried us.
    Source: Sutskever et al. 2013.
    """

    def __init__(
        self,
        learning_rate=0.01,
        momentum=0.0,
        nesterov=False,
        weight_decay=None,
        clipnorm=None,
        clipvalue=None,
        global_clipnorm=None,
        use_ema=False,
        ema_momentum=0.99,
        ema_overwrite_frequency=None,
        loss_scale_factor=None,
        gradient_accumulation_steps=None,
        name=None,
        **kwargs,
    ):
        super().__init__(
            learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema,
            ema_momentum, ema_overwrite_frequency, loss_scale_factor,
            gradient_accumulation_steps, name, **kwargs,
        )  # fmt: skip
        if not isinstance(momentum, float) or not 0 <= momentum <= 1:
            raise ArgumentError(
                "SGD", "bad argument", f"momentum={momentum!r}", "a float, 0 to 1"
            )
        self.momentum, self.nesterov = momentum, nesterov

    def build(self, variables):
        if not self.built:
            super().build(variables)
            if self.momentum:
                self.momentums = self.add_optimizer_variables(variables, "momentum")

    def update_step(self, gradient, variable, learning_rate):
        step = ops.cast(gradient, variable.dtype) * ops.cast(
            learning_rate, variable.dtype
        )
        if not self.momentum:
            self.assign_sub(variable, step)
            return
        slot = self.momentums[self._get_variable_index(variable)]
        velocity = slot * self.momentum - step
        self.assign(slot, velocity)
        self.assign_add(
            variable, velocity * self.momentum - step if self.nesterov else velocity
        )

    def get_config(self):
        own = {"momentum": self.momentum, "nesterov": self.nesterov}
        return {**super().get_config(), **own}
