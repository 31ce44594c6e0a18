"""Generated from book/keras/optimizers.ipynb. Edit the chapter, not this file."""

from minikeras.core.tensor import convert
from minikeras.optimizers.optimizer import OPTIMIZERS, Optimizer, common


@OPTIMIZERS.add
class SGD(Optimizer):
    """Gradient descent, with momentum if asked: v = momentum * v - rate * g; x = x + v.

    nesterov: step from where the momentum will have carried us.
    Errors: a ValueError if momentum is not a float between 0 and 1.
    Source: Sutskever et al. 2013.

    >>> x = Variable([1.0, 2.0])
    >>> SGD(0.5).apply([ops.ones((2,))], [x])
    >>> x.numpy()
    array([0.5, 1.5], dtype=float32)
    """

    _own = ("momentum", "nesterov")

    def __init__(
        self, learning_rate=0.01, momentum=0.0, nesterov=False,
        weight_decay=None, clipnorm=None, clipvalue=None, global_clipnorm=None,
        use_ema=False, ema_momentum=0.99, ema_overwrite_frequency=None,
        loss_scale_factor=None, gradient_accumulation_steps=None, name=None, **kwargs,
    ):  # fmt: skip
        super().__init__(**common(locals()))
        self.momentum, self.nesterov = momentum, nesterov
        if not isinstance(momentum, float) or not 0 <= momentum <= 1:
            self._refuse("momentum", "a float, 0 to 1")

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self.momentums = []
        if self.momentum:
            self.momentums = self.add_optimizer_variables(variables, "momentum")

    def update_step(self, gradient, variable, learning_rate):
        dtype = variable.dtype
        step = convert(gradient, dtype) * convert(learning_rate, dtype)
        if not self.momentum:
            self.assign_sub(variable, step)
            return
        slot = self.momentums[self._get_variable_index(variable)]
        velocity = slot * self.momentum - step
        self.assign(slot, velocity)
        self.assign_add(
            variable, velocity * self.momentum - step if self.nesterov else velocity
        )
