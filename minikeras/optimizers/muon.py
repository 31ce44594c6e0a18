"""Generated from book/keras/descents.ipynb. Edit the chapter, not this file."""

import re

from minikeras import ops
from minikeras.core.errors import ArgumentError, DTypeError
from minikeras.core.tensor import convert
from minikeras.optimizers.optimizer import OPTIMIZERS, Optimizer, common


@OPTIMIZERS.add
class Muon(Optimizer):
    """Momentum with all singular values of the step made equal; AdamW for the rest.

    Matrices: m = momentum * m + g;  x = x - rate * c * orthogonal(m), in ns_steps steps
    of the polynomial muon_a, muon_b, muon_c; c = rms_rate * sqrt(longer side).
    exclude_layers: patterns of paths left to AdamW, as vectors and embeddings are; its
    arguments begin with adam_. Source: Jordan et al. 2024.
    """

    _own = (
        "adam_beta_1", "adam_beta_2", "adam_weight_decay", "epsilon", "exclude_layers",
        "exclude_embeddings", "muon_a", "muon_b", "muon_c", "adam_lr_ratio", "momentum",
        "ns_steps", "nesterov", "rms_rate",
    )  # fmt: skip

    def __init__(
        self, learning_rate=0.001, adam_beta_1=0.9, adam_beta_2=0.999,
        adam_weight_decay=0.004, epsilon=1e-7, weight_decay=0.004, clipnorm=None,
        clipvalue=None, global_clipnorm=None, use_ema=False, ema_momentum=0.99,
        ema_overwrite_frequency=None, loss_scale_factor=None,
        gradient_accumulation_steps=None, name=None, exclude_layers=None,
        exclude_embeddings=True, muon_a=3.4445, muon_b=-4.775, muon_c=2.0315,
        adam_lr_ratio=1, momentum=0.95, ns_steps=5, nesterov=True, rms_rate=0.2,
        **kwargs,
    ):  # fmt: skip
        super().__init__(**common(locals()))
        for setting in self._own:
            setattr(self, setting, locals()[setting])
        self.exclude_layers = exclude_layers or []
        words = self.exclude_layers
        listed = isinstance(words, (list, tuple))
        if not listed or not all(isinstance(word, str) for word in words):
            got, hint = f"exclude_layers={words!r}", "patterns of paths"
            raise DTypeError("Muon", "exclude_layers is a list of texts", got, hint)

    def _should_use_adamw(self, variable):
        embedding = self.exclude_embeddings and "embedding" in variable.path.lower()
        excluded = any(re.search(word, variable.path) for word in self.exclude_layers)
        return len(variable.shape) != 2 or embedding or excluded

    def build(self, var_list):
        if self.built:
            return
        super().build(var_list)
        self.momentums, self.adam_velocities = [], []
        for x in var_list:
            spared, slot = self._overwrite_variable_with_gradient(x), None
            if not spared:
                slot = self.add_variable_from_reference(x, "momentum")
            self.momentums.append(slot)
            two = not spared and self._should_use_adamw(x)
            slot = self.add_variable_from_reference(x, "velocity") if two else None
            self.adam_velocities.append(slot)

    def _apply_weight_decay(self, variables):
        for fraction, adam in (
            (self.adam_weight_decay, True),
            (self.weight_decay, False),
        ):
            if fraction is not None:
                chosen = [v for v in variables if self._should_use_adamw(v) == adam]
                self._decay(chosen, fraction)

    def zeropower_via_newtonschulz5(self, x, steps):
        """Push all singular values of a matrix towards 1, by products alone."""
        if len(x.shape) < 2:
            raise ArgumentError(
                "Muon", "the gradient of a matrix is needed", f"{x.spec}"
            )
        tall = x.shape[-2] > x.shape[-1]
        x = transposed(x) if tall else x
        x = x / (ops.sqrt(ops.sum(x * x, axis=(-2, -1), keepdims=True)) + 1e-7)
        for _ in range(steps):
            a = x @ transposed(x)
            x = self.muon_a * x + (self.muon_b * a + self.muon_c * a @ a) @ x
        return transposed(x) if tall else x

    def lr_adjust(self, x):
        """The step scaled so that its elements are about as large as AdamW's."""
        if self.rms_rate is None:
            return x
        return x * (max(x.shape[0], x.shape[1]) ** 0.5 * self.rms_rate)

    def update_step(self, gradient, variable, learning_rate):
        i, x = self._get_variable_index(variable), variable.value
        rate, g = convert(learning_rate, x.dtype), convert(gradient, x.dtype)
        if self.adam_velocities[i] is not None:
            self._adamw_update_step(i, g, variable, rate * self.adam_lr_ratio)
            return
        m = self._momentums_after(i, g)
        step = self.zeropower_via_newtonschulz5(m, self.ns_steps)
        self.assign(variable, x - self.lr_adjust(rate * step))

    def _momentums_after(self, i, g):
        """Add the gradient to the momentum; gives what to step along."""
        m = self.momentums[i].value
        m = m + (g + m * (self.momentum - 1))
        self.assign(self.momentums[i], m)
        return g + self.momentum * m if self.nesterov else m

    def _adamw_update_step(self, i, g, variable, rate):
        x, m, v = variable.value, self.momentums[i].value, self.adam_velocities[i].value
        t = ops.cast(self.iterations + 1, x.dtype)
        corrected = ops.sqrt(1 - ops.power(self.adam_beta_2, t))
        size = rate * corrected / (1 - ops.power(self.adam_beta_1, t))
        m = m + (g - m) * (1 - self.adam_beta_1)
        v = v + (g * g - v) * (1 - self.adam_beta_2)
        self.assign(self.momentums[i], m)
        self.assign(self.adam_velocities[i], v)
        self.assign(variable, x - m * size / (ops.sqrt(v) + self.epsilon))


def transposed(x):
    """`x` with its last two axes exchanged."""
    return ops.swapaxes(x, -1, -2)
