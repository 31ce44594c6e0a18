"""Generated from book/keras/initializers.ipynb. Edit the chapter, not this file."""

import math

from minikeras import random
from minikeras.core.errors import ArgumentError
from minikeras.initializers.fans import compute_fans
from minikeras.initializers.initializer import INITIALIZERS, Initializer
from minikeras.random.seed import make_default_seed


class RandomInitializer(Initializer):
    """An initializer with a seed: an integer, a SeedGenerator, or None."""

    def __init__(self, seed=None):
        if not (seed is None or isinstance(seed, (int, random.SeedGenerator))):
            hint = "an integer, a SeedGenerator or None"
            raise ArgumentError(type(self).__name__, "bad seed", f"seed={seed!r}", hint)
        self._init_seed = seed
        self.seed = make_default_seed() if seed is None else seed

    def get_config(self):
        return {"seed": self._init_seed}


@INITIALIZERS.add
class RandomNormal(RandomInitializer):
    """Normal values: mean + stddev * N(0, 1).

    >>> start = RandomNormal(seed=7)
    >>> bool((start((2, 2)).numpy() == start((2, 2)).numpy()).all())
    True
    """

    def __init__(self, mean=0.0, stddev=0.05, seed=None):
        super().__init__(seed)
        self.mean, self.stddev = mean, stddev

    def __call__(self, shape, dtype=None):
        return random.normal(shape, self.mean, self.stddev, dtype, seed=self.seed)

    def get_config(self):
        return {"mean": self.mean, "stddev": self.stddev, **super().get_config()}


@INITIALIZERS.add
class TruncatedNormal(RandomNormal):
    """Normal values, those beyond two standard deviations drawn again.

    >>> values = TruncatedNormal(stddev=0.5, seed=1)((1000,)).numpy()
    >>> bool(abs(values).max() <= 1.0)
    True
    """

    def __call__(self, shape, dtype=None):
        return random.truncated_normal(
            shape, self.mean, self.stddev, dtype, seed=self.seed
        )


@INITIALIZERS.add
class RandomUniform(RandomInitializer):
    """Values spread evenly over [minval, maxval).

    >>> RandomUniform(0.0, 2.0, seed=1)((3, 4)).shape
    (3, 4)
    """

    def __init__(self, minval=-0.05, maxval=0.05, seed=None):
        super().__init__(seed)
        self.minval, self.maxval = minval, maxval

    def __call__(self, shape, dtype=None):
        return random.uniform(shape, self.minval, self.maxval, dtype, seed=self.seed)

    def get_config(self):
        return {"minval": self.minval, "maxval": self.maxval, **super().get_config()}


MODES = ("fan_in", "fan_out", "fan_avg")

DISTRIBUTIONS = ("truncated_normal", "untruncated_normal", "uniform")


@INITIALIZERS.add
class VarianceScaling(RandomInitializer):
    """Random values of variance scale / n, n taken from the kernel's shape by `mode`.

    mode: 'fan_in' (inputs), 'fan_out' (outputs) or 'fan_avg' (their mean).
    distribution: 'truncated_normal' (also 'normal'), 'untruncated_normal', 'uniform'.
    Errors: a ValueError for any other word, or a scale that is not positive.

    >>> VarianceScaling(2.0, "fan_in", seed=1)((784, 10)).shape
    (784, 10)
    """

    def __init__(
        self, scale=1.0, mode="fan_in", distribution="truncated_normal", seed=None
    ):
        super().__init__(seed)
        kind = distribution.lower()
        kind = "truncated_normal" if kind == "normal" else kind
        if scale <= 0 or mode not in MODES or kind not in DISTRIBUTIONS:
            got = f"scale={scale!r}, mode={mode!r}, distribution={distribution!r}"
            hint = f"scale > 0, mode in {MODES}, distribution in {DISTRIBUTIONS}"
            raise ArgumentError("VarianceScaling", "argument out of range", got, hint)
        self.scale, self.mode, self.distribution = scale, mode, kind

    def variance_for(self, shape):
        """scale / n, with n the fan that `mode` names; a fan of zero counts as one."""
        fan_in, fan_out = compute_fans(shape)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}
        return self.scale / max(1.0, fan[self.mode])

    def __call__(self, shape, dtype=None):
        stddev = math.sqrt(self.variance_for(shape))
        if self.distribution == "uniform":
            limit = math.sqrt(3.0) * stddev
            return random.uniform(shape, -limit, limit, dtype, seed=self.seed)
        if self.distribution == "untruncated_normal":
            return random.normal(shape, 0.0, stddev, dtype, seed=self.seed)
        stddev = stddev / TRUNCATED_STDDEV
        return random.truncated_normal(shape, 0.0, stddev, dtype, seed=self.seed)

    def get_config(self):
        kind = {"mode": self.mode, "distribution": self.distribution}
        return {"scale": self.scale, **kind, **super().get_config()}


TRUNCATED_STDDEV = 0.87962566103423978


class Recipe(VarianceScaling):
    """A VarianceScaling whose only free argument is the seed."""

    scale, mode, distribution = 1.0, "fan_avg", "uniform"

    def __init__(self, seed=None):
        recipe = type(self)
        super().__init__(recipe.scale, recipe.mode, recipe.distribution, seed)

    def get_config(self):
        return {"seed": self._init_seed}


@INITIALIZERS.add
class GlorotUniform(Recipe):
    """U(-limit, limit) with limit = sqrt(6 / (fan_in + fan_out)); also Xavier.

    Source: Glorot and Bengio, 2010.

    >>> GlorotUniform(seed=1)((4, 3)).shape
    (4, 3)
    """


@INITIALIZERS.add
class GlorotNormal(Recipe):
    """Truncated normal of variance 2 / (fan_in + fan_out)."""

    distribution = "truncated_normal"


@INITIALIZERS.add
class HeUniform(Recipe):
    """U(-limit, limit) with limit = sqrt(6 / fan_in), for relu.

    Source: He et al., 2015.
    """

    scale, mode = 2.0, "fan_in"


@INITIALIZERS.add
class HeNormal(HeUniform):
    """Truncated normal of variance 2 / fan_in, for relu."""

    distribution = "truncated_normal"


@INITIALIZERS.add
class LecunUniform(Recipe):
    """U(-limit, limit) with limit = sqrt(3 / fan_in), for selu.

    Source: LeCun et al., 1998, reprinted 2012.
    """

    mode = "fan_in"


@INITIALIZERS.add
class LecunNormal(LecunUniform):
    """Truncated normal of variance 1 / fan_in, for selu."""

    distribution = "truncated_normal"


INITIALIZERS.add(RandomNormal, "normal")

INITIALIZERS.add(RandomUniform, "uniform")

random_normal = RandomNormal

random_uniform = RandomUniform

truncated_normal = TruncatedNormal

variance_scaling = VarianceScaling

glorot_uniform = GlorotUniform

glorot_normal = GlorotNormal

he_uniform = HeUniform

he_normal = HeNormal

lecun_uniform = LecunUniform

lecun_normal = LecunNormal
