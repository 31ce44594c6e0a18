"""Generated from book/keras/descents.ipynb. Edit the chapter, not this file."""

from minikeras import ops
from minikeras.core.tensor import convert
from minikeras.core.variable import Variable
from minikeras.optimizers.optimizer import OPTIMIZERS, Optimizer, common


@OPTIMIZERS.add
class Adafactor(Optimizer):
    """Mean squares kept by row and by column only: v = r * c / mean(r), u = g / sqrt(v).

    x = x - size * u / max(1, rms(u) / clip_threshold),
    size = max(epsilon_2, rms(x)) * min(rate, 1 / sqrt(t)); the decay of the means is
    1 - t**beta_2_decay. relative_step: bound a rate that is a number by 1 / sqrt(t).
    Source: Shazeer & Stern 2018.

    >>> x = Variable([[3.0, 4.0]])
    >>> Adafactor(0.1).apply([x * [[0.1, 50.0]]], [x])
    >>> x.numpy().round(2)
    array([[2.65, 3.65]], dtype=float32)
    """

    _own = (
        "beta_2_decay", "epsilon_1", "epsilon_2", "clip_threshold", "relative_step",
    )  # fmt: skip

    def __init__(
        self, learning_rate=0.001, beta_2_decay=-0.8, epsilon_1=1e-30, epsilon_2=1e-3,
        clip_threshold=1.0, relative_step=True,
        weight_decay=None, clipnorm=None, clipvalue=None, global_clipnorm=None,
        use_ema=False, ema_momentum=0.99, ema_overwrite_frequency=None,
        loss_scale_factor=None, gradient_accumulation_steps=None, name=None, **kwargs,
    ):  # fmt: skip
        super().__init__(**common(locals()))
        self.beta_2_decay, self.clip_threshold = beta_2_decay, clip_threshold
        self.epsilon_1, self.epsilon_2 = epsilon_1, epsilon_2
        self.relative_step = relative_step

    def build(self, var_list):
        if self.built:
            return
        super().build(var_list)
        self._r, self._c, self._v = [], [], []
        for x in var_list:
            shape, spared = tuple(x.shape), self._overwrite_variable_with_gradient(x)
            for column, sizes in (
                (self._r, shape[:-1]),
                (self._c, shape[:-2] + shape[-1:]),
            ):
                slot = None
                if len(shape) < 2:
                    slot = Variable(0, name=x.name, trainable=False)
                elif not spared:
                    slot = self.add_variable(sizes, dtype=x.dtype, name=x.name)
                column.append(slot)
            self._v.append(
                None if spared else self.add_variable_from_reference(x, "velocity")
            )

    def _numbers(self, learning_rate, dtype):
        """How much of the means to keep, and the relative step, in this step."""
        t = ops.cast(self.iterations + 1, dtype)
        size = ops.minimum(ops.cast(learning_rate, dtype), 1 / ops.sqrt(t))
        return 1 - ops.power(t, self.beta_2_decay), size

    def _mean_square(self, i, square, keep):
        """The running mean of the squares; of matrices, from those of rows and columns."""
        if square.ndim < 2:
            return keep * self._v[i] + (1 - keep) * square
        rows = keep * self._r[i] + (1 - keep) * ops.mean(square, axis=-1)
        columns = keep * self._c[i] + (1 - keep) * ops.mean(square, axis=-2)
        self.assign(self._r[i], rows)
        self.assign(self._c[i], columns)
        rows = rows / ops.mean(rows, axis=-1, keepdims=True)
        return ops.expand_dims(rows, -1) * ops.expand_dims(columns, -2)

    def update_step(self, gradient, variable, learning_rate):
        i, x = self._get_variable_index(variable), variable.value
        keep, size = self._once_a_step(self._numbers, learning_rate, x.dtype)
        g = convert(gradient, x.dtype)
        v = self._mean_square(i, g * g + self.epsilon_1, keep)
        self.assign(self._v[i], v)
        step = g / ops.sqrt(v)
        step = step / ops.maximum(rms(step) / self.clip_threshold, 1)
        size = ops.maximum(rms(x), self.epsilon_2) * size
        self.assign(variable, x - size * step)


def rms(x):
    """The root of the mean square."""
    return ops.sqrt(ops.mean(ops.square(x)))
