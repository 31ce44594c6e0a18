"""Generated from book/keras/shelf.ipynb. Edit the chapter, not this file."""

from minikeras import random
from minikeras.core.errors import ArgumentError
from minikeras.layers.layer import Layer


class Dropout(Layer):
    """While training, zeros a fraction `rate` of the inputs and scales the rest up.

    y = x * mask / (1 - rate), mask 0 with probability `rate`, else 1.
    rate: between 0 and 1; noise_shape: the shape of the mask, where 1 or None means
    "the same for the whole axis" or "as the input"; seed: an integer.
    Errors: a ValueError if `rate` is outside [0, 1]. Source: Srivastava et al., 2014.

    >>> from minikeras import ops
    >>> Dropout(0.5)(ops.ones((2,))).numpy()
    array([1., 1.], dtype=float32)
    """

    supports_masking = True

    def __init__(self, rate, noise_shape=None, seed=None, **kwargs):
        super().__init__(**kwargs)
        if not 0 <= rate <= 1:
            hint = "0 <= rate <= 1"
            raise ArgumentError("Dropout", "bad argument", f"rate={rate!r}", hint)
        self.rate, self.noise_shape, self.seed = rate, noise_shape, seed
        self.seed_generator = random.SeedGenerator(seed) if rate > 0 else None

    def call(self, inputs, training=False):
        if not training or self.rate == 0:
            return inputs
        return random.dropout(
            inputs, self.rate, noise_shape=self.noise_shape, seed=self.seed_generator
        )

    def get_config(self):
        own = {"rate": self.rate, "noise_shape": self.noise_shape, "seed": self.seed}
        return {**super().get_config(), **own}
