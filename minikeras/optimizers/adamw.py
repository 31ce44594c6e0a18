"""Generated from book/keras/descents.ipynb. Edit the chapter, not this file."""

from minikeras.optimizers.adam import Adam
from minikeras.optimizers.optimizer import OPTIMIZERS, common


@OPTIMIZERS.add
class AdamW(Adam):
    """Adam, and each step takes `rate * weight_decay` of every variable away.

    Errors: a ValueError for weight_decay=None; use Adam then.
    Source: Loshchilov & Hutter 2019.

    >>> x = Variable([1.0, 1.0])
    >>> AdamW(0.5, weight_decay=0.2).apply([ops.zeros((2,))], [x])
    >>> x.numpy()
    array([0.9, 0.9], dtype=float32)
    """

    def __init__(
        self, learning_rate=0.001, weight_decay=0.004, beta_1=0.9, beta_2=0.999,
        epsilon=1e-7, amsgrad=False, clipnorm=None, clipvalue=None,
        global_clipnorm=None, use_ema=False, ema_momentum=0.99,
        ema_overwrite_frequency=None, loss_scale_factor=None,
        gradient_accumulation_steps=None, name=None, **kwargs,
    ):  # fmt: skip
        own = {"beta_1": beta_1, "beta_2": beta_2, "epsilon": epsilon}
        super().__init__(**common(locals()), **own, amsgrad=amsgrad)
        if weight_decay is None:
            self._refuse("weight_decay", "a float; or Adam, which needs none")
