"""Generated from book/keras/descents.ipynb. Edit the chapter, not this file."""

from minikeras import ops
from minikeras.core.tensor import convert
from minikeras.optimizers.optimizer import OPTIMIZERS, Optimizer, common


@OPTIMIZERS.add
class Adadelta(Optimizer):
    """Steps as long as the steps before: d = -rms(d) / rms(g) * g;  x = x + rate * d.

    rms: the root of a running mean of squares, of weight rho, plus epsilon. The paper
    has learning_rate=1. Source: Zeiler 2012.

    >>> x = Variable([1.0, 1.0])
    >>> Adadelta(1.0, rho=0.0, epsilon=1e-2).apply([x * [5.0, 50.0]], [x])
    >>> x.numpy().round(2)
    array([0.9, 0.9], dtype=float32)
    """

    _own = ("rho", "epsilon")

    def __init__(
        self, learning_rate=0.001, rho=0.95, epsilon=1e-7,
        weight_decay=None, clipnorm=None, clipvalue=None, global_clipnorm=None,
        use_ema=False, ema_momentum=0.99, ema_overwrite_frequency=None,
        loss_scale_factor=None, gradient_accumulation_steps=None, name=None, **kwargs,
    ):  # fmt: skip
        super().__init__(**common(locals()))
        self.rho, self.epsilon = rho, epsilon

    def build(self, var_list):
        if self.built:
            return
        super().build(var_list)
        self._accumulated_grads, self._accumulated_delta_vars = (
            self.add_optimizer_variables(
                var_list, ["accumulated_grad", "accumulated_delta_var"]
            )
        )

    def update_step(self, grad, variable, learning_rate):
        i, x = self._get_variable_index(variable), variable.value
        rate, g = convert(learning_rate, x.dtype), convert(grad, x.dtype)
        slopes, steps = self._accumulated_grads[i], self._accumulated_delta_vars[i]
        self.assign(slopes, self.rho * slopes + (1 - self.rho) * (g * g))
        rms_steps, rms_slopes = (
            ops.sqrt(s + self.epsilon) for s in (steps.value, slopes.value)
        )
        step = -(rms_steps * g / rms_slopes)
        self.assign(steps, self.rho * steps + (1 - self.rho) * (step * step))
        self.assign(variable, x + rate * step)
