"""Generated from book/keras/initializers.ipynb. Edit the chapter, not this file."""

import math

import numpy as np

from minikeras import random
from minikeras.core.arguments import checked_number
from minikeras.core.dtypes import standardize_dtype
from minikeras.core.errors import ArgumentError, ShapeError
from minikeras.core.tensor import convert
from minikeras.initializers.fans import compute_fans
from minikeras.initializers.initializer import INITIALIZERS, Initializer, known_shape
from minikeras.random.seed import make_default_seed
from minikeras.saving.deserialization import deserialize_keras_object
from minikeras.saving.serialization import serialize_keras_object


class RandomInitializer(Initializer):
    """An initializer with a seed: an integer, a SeedGenerator, or None."""

    def __init__(self, seed=None):
        self._init_seed = seed
        if isinstance(seed, dict):  # a SeedGenerator that comes from a file
            seed = deserialize_keras_object(seed)
        if not (seed is None or isinstance(seed, (int, random.SeedGenerator))):
            hint = "an integer, a SeedGenerator or None"
            problem = "`seed` argument should be an instance of `SeedGenerator` or int"
            raise ArgumentError(type(self).__name__, problem, f"seed={seed!r}", hint)
        self.seed = make_default_seed() if seed is None else seed

    def get_config(self):
        return {"seed": serialize_keras_object(self._init_seed)}


def amount(owner, name, value):
    """`value`, if it is a number, or an array of them; else a DTypeError names it."""
    many = hasattr(value, "shape")
    return value if many else checked_number(type(owner).__name__, name, value)


@INITIALIZERS.add
class RandomNormal(RandomInitializer):
    """Normal values: mean + stddev * N(0, 1).

    >>> start = RandomNormal(seed=7)
    >>> bool((start((2, 2)).numpy() == start((2, 2)).numpy()).all())
    True
    """

    def __init__(self, mean=0.0, stddev=0.05, seed=None):
        super().__init__(seed)
        self.mean = amount(self, "mean", mean)
        self.stddev = amount(self, "stddev", stddev)

    def __call__(self, shape, dtype=None):
        return random.normal(shape, self.mean, self.stddev, dtype, seed=self.seed)

    def get_config(self):
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


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
        self.minval = amount(self, "minval", minval)
        self.maxval = amount(self, "maxval", maxval)

    def __call__(self, shape, dtype=None):
        return random.uniform(shape, self.minval, self.maxval, dtype, seed=self.seed)

    def get_config(self):
        return {**super().get_config(), "minval": self.minval, "maxval": self.maxval}


MODES = ("fan_in", "fan_out", "fan_avg")

DISTRIBUTIONS = ("truncated_normal", "untruncated_normal", "uniform")


def check_recipe(scale, mode, distribution):
    """Refuse a scale that is not positive, and words that do not exist."""
    checks = [
        (
            checked_number("VarianceScaling", "scale", scale) > 0,
            "Argument `scale` must be positive float",
            f"scale={scale!r}",
            None,
        ),
        (mode in MODES, f"Invalid `mode` argument: {mode}", f"mode={mode!r}", MODES),
        (
            distribution in DISTRIBUTIONS,
            f"Invalid `distribution` argument: {distribution}",
            f"distribution={distribution!r}",
            DISTRIBUTIONS,
        ),
    ]
    for good, problem, got, words in checks:
        if not good:
            hint = words and " or ".join(map(repr, words))
            raise ArgumentError("VarianceScaling", problem, got, hint)


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
        self,
        scale=1.0,
        mode="fan_in",
        distribution="truncated_normal",
        seed=None,
        input_axes=None,
        output_axes=None,
    ):
        kind = str(distribution).lower()
        kind = "truncated_normal" if kind == "normal" else kind
        check_recipe(scale, mode, kind)
        self.scale, self.mode, self.distribution = scale, mode, kind
        self.input_axes, self.output_axes = input_axes, output_axes
        super().__init__(seed)

    def variance_for(self, shape):
        """scale / n, with n the fan that `mode` names; a fan of zero counts as one."""
        fan_in, fan_out = compute_fans(shape, self.input_axes, self.output_axes)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}
        return self.scale / max(1.0, fan[self.mode])

    def __call__(self, shape, dtype=None):
        shape = known_shape(type(self).__name__, shape)
        stddev = math.sqrt(self.variance_for(shape))
        if self.distribution == "uniform":
            limit = math.sqrt(3.0) * stddev
            return random.uniform(shape, -limit, limit, dtype, seed=self.seed)
        if self.distribution == "untruncated_normal":
            return random.normal(shape, 0.0, stddev, dtype, seed=self.seed)
        stddev = stddev / TRUNCATED_STDDEV
        return random.truncated_normal(shape, 0.0, stddev, dtype, seed=self.seed)

    def get_config(self):
        words = ("scale", "mode", "distribution", "input_axes", "output_axes")
        own = {word: getattr(self, word) for word in words}
        return {**super().get_config(), **own}


TRUNCATED_STDDEV = 0.87962566103423978

RECIPE = ("scale", "mode", "distribution")


class Recipe(VarianceScaling):
    """A VarianceScaling whose three words are chosen."""

    scale, mode, distribution = 1.0, "fan_avg", "uniform"

    def __init__(self, seed=None, input_axes=None, output_axes=None):
        words = {word: getattr(type(self), word) for word in RECIPE}
        axes = {"input_axes": input_axes, "output_axes": output_axes}
        super().__init__(**words, **axes, seed=seed)

    def get_config(self):
        config = super().get_config()
        return {key: config[key] for key in config if key not in RECIPE}


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


def orthonormal(tall):
    """The matrix with orthonormal columns that straightening `tall` gives: f64[m, n]."""
    q, r = np.linalg.qr(np.asarray(tall, "float64"))
    signs = np.where(np.diag(r) < 0, -1.0, 1.0)
    return q * signs


@INITIALIZERS.add
class Orthogonal(RandomInitializer):
    """gain * a random matrix whose columns (or rows, if fewer) are orthonormal.

    Source: Saxe et al., 2014. Errors: a ShapeError for less than two axes.

    >>> w = Orthogonal(seed=1)((5, 3))
    >>> bool(ops.all(ops.abs(ops.transpose(w) @ w - ops.eye(3)) < 1e-6))
    True
    """

    def __init__(self, gain=1.0, seed=None):
        self.gain = checked_number("Orthogonal", "gain", gain)
        super().__init__(seed)

    def __call__(self, shape, dtype=None):
        shape = known_shape("Orthogonal", shape)
        if len(shape) < 2:
            problem = "The tensor to initialize must be at least two-dimensional"
            raise ShapeError("Orthogonal", problem, f"shape={shape}", "such as (3, 3)")
        rows, columns = math.prod(shape[:-1]), shape[-1]
        tall = (max(rows, columns), min(rows, columns))
        q = orthonormal(random.normal(tall, seed=self.seed).numpy())
        q = self.gain * (q if rows >= columns else q.T)
        return convert(q.reshape(shape), standardize_dtype(dtype))

    def get_config(self):
        return {**super().get_config(), "gain": self.gain}


INITIALIZERS.add(RandomNormal, "normal")

INITIALIZERS.add(RandomUniform, "uniform")

INITIALIZERS.add(Orthogonal, "OrthogonalInitializer")

random_normal = RandomNormal

random_uniform = RandomUniform

truncated_normal = TruncatedNormal

variance_scaling = VarianceScaling

orthogonal = Orthogonal

OrthogonalInitializer = Orthogonal

glorot_uniform = GlorotUniform

glorot_normal = GlorotNormal

he_uniform = HeUniform

he_normal = HeNormal

lecun_uniform = LecunUniform

lecun_normal = LecunNormal
