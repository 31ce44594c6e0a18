"""Generated from
book/keras/shelf.ipynb
book/keras/noise.ipynb

Edit the chapter, not this file.
"""

import math

from minikeras import ops, random, regularizers
from minikeras.core.arguments import checked_number
from minikeras.core.errors import ArgumentError
from minikeras.layers.formats import checked_data_format
from minikeras.layers.input_spec import InputSpec
from minikeras.layers.layer import Layer, same_shape
from minikeras.ops.activations import SELU_ALPHA, SELU_SCALE
from minikeras.random.draws import check_scalable, noise_shape_of


def checked_share(layer, name, value):
    """`value`, if it is a number from 0 to 1; else a DTypeError or an ArgumentError."""
    checked_number(type(layer).__name__, name, value)
    if not 0 <= value <= 1:
        got, hint = f"{name}={value!r}", f"0 <= {name} <= 1"
        raise ArgumentError(type(layer).__name__, "bad argument", got, hint)
    return value


def checked_noise_shape(layer, shape):
    """A noise shape as a tuple; an ArgumentError if its sizes are no sizes."""
    if shape is None:
        return None
    sizes = tuple(shape) if hasattr(shape, "__iter__") else (0,)
    if not all(n is None or (isinstance(n, int) and n > 0) for n in sizes):
        got, hint = f"noise_shape={shape!r}", "a tuple of sizes above 0, or None"
        raise ArgumentError(type(layer).__name__, "bad argument", got, hint)
    return sizes


class Dropout(Layer):
    """While training, zeros a fraction `rate` of the inputs and scales the rest up.

    y = x * mask / (1 - rate), mask 0 with probability `rate`, else 1.
    rate: between 0 and 1; noise_shape: the shape of the mask, where 1 means "the same
    for the whole axis" and None "as the input"; seed: an integer.
    Errors: an ArgumentError (a ValueError) for another rate or a noise_shape that is no
    shape. Source: Srivastava et al., 2014.

    >>> from minikeras import ops
    >>> Dropout(0.5)(ops.ones((2,))).numpy()
    array([1., 1.], dtype=float32)
    """

    supports_masking = True

    def __init__(self, rate, noise_shape=None, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.rate, self.seed = checked_share(self, "rate", rate), seed
        self.noise_shape = checked_noise_shape(self, noise_shape)
        if rate > 0:
            self.seed_generator = random.SeedGenerator(seed)
        self._build_at_init()

    def call(self, inputs, training=False):
        if not training or self.rate == 0:
            return inputs
        return random.dropout(
            inputs, self.rate, noise_shape=self.noise_shape, seed=self.seed_generator
        )

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        own = {"rate": self.rate, "noise_shape": self.noise_shape, "seed": self.seed}
        return {**super().get_config(), **own}


class SpatialDropout(Dropout):
    """Dropout with one coin for each channel; subclasses say how many axes a map has."""

    rank = None

    def __init__(self, rate, seed=None, name=None, dtype=None):
        super().__init__(rate, seed=seed, name=name, dtype=dtype)
        self.data_format = "channels_last"
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def call(self, inputs, training=False):
        if not training or self.rate == 0:
            return inputs
        coins, map_axes = (None, None), (1,) * self.rank
        place = 1 if self.data_format == "channels_last" else 2
        shape = (*coins[:place], *map_axes, *coins[place:])
        return random.dropout(inputs, self.rate, shape, seed=self.seed_generator)

    def get_config(self):
        own = {"rate": self.rate, "seed": self.seed}
        return {**own, "name": self.name, "dtype": self.dtype}


class SpatialDropout1D(SpatialDropout):
    """While training, zeros whole features of a sequence: [batch, time, features].

    The features that stay are divided by 1 - rate. Source: Tompson et al., 2015.

    >>> from minikeras import ops
    >>> SpatialDropout1D(0.5)(ops.ones((1, 2, 3))).shape
    (1, 2, 3)
    """

    rank = 1


class SpatialDropout2D(SpatialDropout):
    """While training, zeros whole channels of pictures.

    [batch, height, width, channels], or, with data_format="channels_first",
    [batch, channels, height, width]. The channels that stay are divided by 1 - rate.
    Source: Tompson et al., 2015.

    >>> from minikeras import ops
    >>> SpatialDropout2D(0.5)(ops.ones((1, 4, 4, 3))).shape
    (1, 4, 4, 3)
    """

    rank = 2

    def __init__(self, rate, data_format=None, seed=None, name=None, dtype=None):
        super().__init__(rate, seed=seed, name=name, dtype=dtype)
        self.data_format = checked_data_format(data_format, type(self).__name__)

    def get_config(self):
        return {**super().get_config(), "data_format": self.data_format}


class SpatialDropout3D(SpatialDropout2D):
    """While training, zeros whole channels of volumes.

    [batch, depth, height, width, channels], or, with data_format="channels_first",
    [batch, channels, depth, height, width]. Source: Tompson et al., 2015.

    >>> from minikeras import ops
    >>> SpatialDropout3D(0.5)(ops.ones((1, 2, 2, 2, 3))).shape
    (1, 2, 2, 2, 3)
    """

    rank = 3


class GaussianNoise(Layer):
    """While training, adds normal numbers: y = x + stddev * N(0, 1).

    stddev: from 0 to 1; seed: an integer.
    Errors: an ArgumentError (a ValueError) for another stddev.

    >>> from minikeras import ops
    >>> GaussianNoise(0.1)(ops.ones((2,))).numpy()
    array([1., 1.], dtype=float32)
    """

    supports_masking = True

    def __init__(self, stddev, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.stddev, self.seed = checked_share(self, "stddev", stddev), seed
        if stddev > 0:
            self.seed_generator = random.SeedGenerator(seed)
        self._build_at_init()

    def call(self, inputs, training=False):
        if not training or self.stddev == 0:
            return inputs
        check_scalable(self.name, inputs)
        shape, dice = ops.shape(inputs), self.seed_generator
        return inputs + random.normal(shape, 0.0, self.stddev, self.compute_dtype, dice)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        own = {"stddev": self.stddev, "seed": self.seed}
        return {**super().get_config(), **own}


class GaussianDropout(Layer):
    """While training, multiplies by normal numbers of mean 1, variance rate / (1 - rate).

    rate: from 0 to 1, as for `Dropout`, whose factors have that variance.
    Errors: an ArgumentError (a ValueError) for another rate.

    >>> from minikeras import ops
    >>> GaussianDropout(0.5)(ops.ones((2,))).numpy()
    array([1., 1.], dtype=float32)
    """

    supports_masking = True

    def __init__(self, rate, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.rate, self.seed = checked_share(self, "rate", rate), seed
        if rate > 0:
            self.seed_generator = random.SeedGenerator(seed)
        self._build_at_init()

    def call(self, inputs, training=False):
        if not training or self.rate == 0:
            return inputs
        check_something_left(self)
        check_scalable(self.name, inputs)
        spread = math.sqrt(self.rate / (1 - self.rate))
        shape, dice = ops.shape(inputs), self.seed_generator
        return inputs * random.normal(shape, 1.0, spread, self.compute_dtype, dice)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        own = {"rate": self.rate, "seed": self.seed}
        return {**super().get_config(), **own}


def check_something_left(layer):
    """An ArgumentError for a rate of 1, at which nothing is left to be scaled."""
    if layer.rate == 1:
        problem, hint = "a rate of 1 leaves nothing to keep the spread of", "rate < 1"
        raise ArgumentError(layer.name, problem, f"rate={layer.rate!r}", hint)


OFF = -SELU_ALPHA * SELU_SCALE


class AlphaDropout(Dropout):
    """Dropout for `selu`: numbers are replaced by -1.758, mean and variance are kept.

    y = a * (x if kept else -1.758) + b, for inputs of mean 0 and variance 1.
    rate, noise_shape, seed: as for `Dropout`. Source: Klambauer et al., 2017.

    >>> from minikeras import ops
    >>> AlphaDropout(0.5)(ops.ones((2,))).numpy()
    array([1., 1.], dtype=float32)
    """

    def call(self, inputs, training=False):
        if not training or self.rate == 0:
            return inputs
        check_something_left(self)
        check_scalable(self.name, inputs)
        coins = noise_shape_of(inputs, self.noise_shape)
        kept = random.uniform(coins, seed=self.seed_generator) >= self.rate
        a = ((1 - self.rate) * (1 + self.rate * OFF**2)) ** -0.5
        return ops.where(kept, inputs, OFF) * a - a * OFF * self.rate


class ActivityRegularization(Layer):
    """The input, unchanged; adds (l1 * sum|x| + l2 * sum x²) / batch to the losses.

    Errors: an ArgumentError (a ValueError) for a negative factor.

    >>> from minikeras import ops
    >>> layer = ActivityRegularization(l1=0.5)
    >>> layer(ops.ones((2, 3))).shape, float(layer.losses[0])
    ((2, 3), 1.5)
    """

    supports_masking = True

    def __init__(self, l1=0.0, l2=0.0, **kwargs):
        price = regularizers.L1L2(l1=l1, l2=l2)
        super().__init__(activity_regularizer=price, **kwargs)
        self.l1, self.l2 = l1, l2
        self._build_at_init()

    def call(self, inputs):
        return inputs

    compute_output_shape = same_shape

    def get_config(self):
        config = super().get_config()
        config.pop("activity_regularizer", None)
        return {**config, "l1": self.l1, "l2": self.l2}
