"""Generated from book/arrays/random.ipynb. Edit the chapter, not this file."""

import importlib
import math
from contextlib import suppress

from minikeras.core.dtypes import FLOATS, is_int_dtype, standardize_dtype
from minikeras.core.errors import ArgumentError, DTypeError, ShapeError
from minikeras.core.infer import axis_of
from minikeras.core.table import (
    add,
    argmax,
    argsort,
    cast,
    cos,
    gather,
    left_shift,
    log,
    mod,
    random_bits,
    reduce_max,
    reduce_sum,
    reshape,
    right_shift,
    select,
    sqrt,
)
from minikeras.core.tensor import (
    Tensor,
    broadcast,
    convert,
    in_shape,
    measured,
    size_of,
)
from minikeras.ops.creation import laid_out, open_shape
from minikeras.ops.shaping import broadcast_to
from minikeras.ops.special import erfinv
from minikeras.ops.words import count_to, positions

generators = {"default": None}


def default_generator():
    """The generator that draws without a seed use, once a chapter has built one."""
    if generators["default"] is None:
        with suppress(ImportError):  # the chapter on variables builds it
            importlib.import_module("minikeras.random.seed")
    return generators["default"]


def draw_seed(seed):
    """The key of one draw: u32[2] of seed and draw number.

    A whole number is the same draw each time; a generator moves on; None asks the
    default generator.
    """
    if seed is None:
        seed = default_generator()
    if isinstance(seed, int) and not isinstance(seed, bool):
        return convert([seed % 2**32, 0], "uint32")
    if hasattr(seed, "next"):
        return seed.next()
    raise ArgumentError(
        "seed", "a seed is a whole number, a SeedGenerator or None", repr(seed)
    )


DIGITS = {"bfloat16": 8, "float16": 11, "float32": 24, "float64": 53}


def _fraction(bits, digits, dtype):
    """The top `digits` of 32 random bits as a binary fraction."""
    top = right_shift(bits, convert(32 - digits, "uint32"))
    return cast(top, dtype=dtype) * 2.0**-digits


def words_of(key, shape):
    """Random words of a shape, in which sizes may be tensors."""
    sizes, later = laid_out(shape)
    return random_bits(key, *later, shape=sizes)


def unit_uniform(key, shape, dtype):
    """Uniform in [0, 1): every multiple of 2**-digits is equally likely."""
    digits = DIGITS[dtype]
    if digits <= 32:
        return _fraction(words_of(key, shape), digits, dtype)
    bits = words_of(key, (2, *shape))
    fine = _fraction(bits[1], digits - 32, dtype) * 2.0**-32
    return _fraction(bits[0], 32, dtype) + fine


def float_dtype(what, dtype):
    """A float dtype by name, or an error that says who needs one."""
    dtype = standardize_dtype(dtype)
    if dtype not in FLOATS:
        hint = "randint for integers"
        raise DTypeError(what, "draws floats", f"dtype={dtype}", hint)
    return dtype


def uniform(shape, minval=0.0, maxval=1.0, dtype=None, seed=None):
    """Numbers uniform in [minval, maxval), f[shape].

    seed: a whole number, a SeedGenerator or None (the default generator).
    Errors: a ValueError if dtype is not a float.

    >>> uniform((2, 3), seed=1).shape
    (2, 3)
    """
    dtype = float_dtype("uniform", dtype)
    u = unit_uniform(draw_seed(seed), open_shape("uniform", shape), dtype)
    return u * (maxval - minval) + minval


def normal(shape, mean=0.0, stddev=1.0, dtype=None, seed=None):
    """Normally distributed numbers: mean + stddev * z, f[shape].

    z = sqrt(-2 log(1 - u)) cos(2 pi v) for uniform u, v (Box and Muller, 1958).

    >>> normal((2, 3), seed=1).shape
    (2, 3)
    """
    dtype = float_dtype("normal", dtype)
    shape = open_shape("normal", shape)
    u = unit_uniform(draw_seed(seed), (2, *shape), dtype)
    radius = sqrt(log(1 - u[0]) * -2)
    return radius * cos(u[1] * (2 * math.pi)) * stddev + mean


def truncated_normal(shape, mean=0.0, stddev=1.0, dtype=None, seed=None):
    """Normal numbers at most two standard deviations from the mean, f[shape].

    x = sqrt(2) erfinv((2 u - 1) erf(sqrt(2))) for uniform u.

    >>> bool(abs(truncated_normal((1000,), seed=1)).numpy().max() <= 2)
    True
    """
    dtype = float_dtype("truncated_normal", dtype)
    shape = open_shape("truncated_normal", shape)
    u = unit_uniform(draw_seed(seed), shape, dtype)
    edge = math.erf(math.sqrt(2))
    return erfinv((u * 2 - 1) * edge) * math.sqrt(2) * stddev + mean


def randint(shape, minval, maxval, dtype="int32", seed=None):
    """Whole numbers uniform in [minval, maxval), i[shape].

    Errors: a ValueError if dtype is not an integer or the interval is empty.

    >>> randint((1000,), 0, 6, seed=1).numpy().max().item()
    5
    """
    dtype = standardize_dtype(dtype)
    if not is_int_dtype(dtype):
        raise ArgumentError("randint", "draws integers", f"dtype={dtype}", "uniform")
    if not minval < maxval:
        raise ArgumentError(
            "randint", "minval must be below maxval", f"{minval}, {maxval}"
        )
    return cast(_below(maxval - minval, draw_seed(seed), shape), dtype=dtype) + minval


def _below(n, key, shape):
    """Whole numbers uniform below `n`, from 64 bits each."""
    bits = cast(words_of(key, (2, *open_shape("randint", shape))), dtype="uint64")
    wide = add(left_shift(bits[0], convert(32, "uint64")), bits[1])
    return mod(wide, convert(n, "uint64"))


def categorical(logits, num_samples, dtype="int32", seed=None):
    """Class numbers drawn with softmax(logits): f[batch, classes] -> i[batch, num_samples].

    argmax(logits - log(-log(u))) for uniform u (the Gumbel trick).
    Errors: ShapeError (a ValueError) unless logits has two axes.
    """
    logits = convert(logits)
    if logits.ndim != 2:
        raise ShapeError(
            "categorical", "logits must be [batch, classes]", str(logits.spec)
        )
    batch, classes = size_of(logits, 0), size_of(logits, 1)
    u = unit_uniform(draw_seed(seed), (batch, num_samples, classes), "float32")
    gumbel = -log(-log(u + 1e-20))
    return cast(argmax(logits[:, None] + gumbel, axis=2), dtype=dtype)


def shuffle(x, axis=0, seed=None):
    """The slices of `x` along `axis`, in random order.

    >>> sorted(shuffle([3, 1, 2], seed=1).numpy().tolist())
    [1, 2, 3]
    """
    x = convert(x)
    axis = axis_of("shuffle", axis, x.ndim)
    words = words_of(draw_seed(seed), (size_of(x, axis),))
    return gather(x, argsort(words, axis=0), axis=axis)


def dropout(inputs, rate, noise_shape=None, seed=None):
    """Zero each number with probability `rate`, and divide the rest by 1 - rate.

    noise_shape: sizes (None: the input's own) of the coins; 1 shares one coin.

    >>> dropout([1.0, 1.0], rate=0.0, seed=1).numpy()
    array([1., 1.], dtype=float32)
    """
    if not 0 <= rate <= 1:
        raise ArgumentError("dropout", "the rate is a share from 0 to 1", repr(rate))
    inputs = convert(inputs)
    if rate == 0:
        return inputs  # also a symbol's, and no seed is spent
    check_scalable("dropout", inputs)
    key, shape = draw_seed(seed), noise_shape_of(inputs, noise_shape)
    kept = unit_uniform(key, shape, "float32") >= rate
    scaled = inputs * (1 / (1 - rate) if rate < 1 else 0)
    return select(*broadcast("dropout", kept, scaled, convert(0, inputs.dtype)))


def check_scalable(op, x):
    """A DTypeError unless `x` has a float dtype."""
    if x.dtype not in FLOATS:
        problem, hint = "only floats can be scaled", "cast(x, 'float32')"
        raise DTypeError(op, problem, str(x.spec), hint)


def noise_shape_of(inputs, noise_shape):
    """The shape of the coins to toss, with the input's own sizes in place of None."""
    if noise_shape is None:
        return tuple([size_of(inputs, axis) for axis in range(inputs.ndim)])
    if len(noise_shape) > inputs.ndim:
        got = f"noise_shape={tuple(noise_shape)} for {inputs.spec}"
        raise ShapeError("dropout", "more sizes than the input has axes", got)
    sizes = enumerate(noise_shape)
    return tuple([size_of(inputs, axis) if n is None else n for axis, n in sizes])


ATTEMPTS = 16


def _gamma_attempts(alpha, key, shape, dtype):
    """ATTEMPTS gamma numbers for each element, and whether each is accepted."""
    u = unit_uniform(key, (3, ATTEMPTS, *shape), dtype)
    z = sqrt(log(1 - u[0]) * -2) * cos(u[1] * (2 * math.pi))
    d = alpha - 1 / 3
    root = z / sqrt(d * 9) + 1
    v = root * root * root
    positive = v > 0
    safe = select(*broadcast("gamma", positive, v, convert(1, dtype)))
    accepted = log(1 - u[2]) < z * z * 0.5 + d * (1 - v + log(safe))
    return d * v, positive & accepted


def _first(values, accepted):
    """Along the first axis, the first value that is accepted, else the last."""
    which = argmax(accepted, axis=0)
    flat = reshape(values, shape=(values.shape[0], -1))
    places = reshape(which, shape=(-1,))
    chosen = gather(flat, places, positions(flat, 1), axis=0)
    return in_shape(chosen, measured(which))


def _spread(x, shape, dtype):
    """A parameter of a distribution, one for each number to draw."""
    return broadcast_to(convert(x, dtype), shape)


def gamma(shape, alpha, dtype=None, seed=None):
    """Gamma numbers with shape parameter alpha > 0 and scale 1, f[shape].

    Source: Marsaglia and Tsang, 2000, with a fixed number of attempts.

    >>> bool((gamma((1000,), 0.5, seed=1) >= 0).numpy().all())
    True
    """
    dtype, shape = float_dtype("gamma", dtype), open_shape("gamma", shape)
    key, alpha = draw_seed(seed), _spread(alpha, shape, dtype)
    small = cast(alpha < 1, dtype=dtype)
    drawn = _first(*_gamma_attempts(alpha + small, key, shape, dtype))
    other_key = key + convert([0, 2**31], "uint32")
    u = 1 - unit_uniform(other_key, shape, dtype)
    return drawn * u ** (small / alpha)


def beta(shape, alpha, beta, dtype=None, seed=None):
    """Beta numbers in (0, 1): x / (x + y) for gamma numbers x (alpha) and y (beta).

    >>> beta((2,), 1.0, 2.0, seed=1).shape
    (2,)
    """
    dtype, shape = float_dtype("beta", dtype), open_shape("beta", shape)
    both = convert([_spread(alpha, shape, dtype), _spread(beta, shape, dtype)])
    x, y = gamma((2, *shape), both, dtype=dtype, seed=seed)
    return x / (x + y)


def binomial(shape, counts, probabilities, dtype=None, seed=None):
    """How many of `counts` coins, each heads with `probabilities`, show heads.

    >>> binomial((2,), 10, 1.0, seed=1).numpy()
    array([10., 10.], dtype=float32)
    """
    whole = dtype is not None and is_int_dtype(dtype)
    dtype = standardize_dtype(dtype) if whole else float_dtype("binomial", dtype)
    counts, shape = convert(counts, "int32"), open_shape("binomial", shape)
    most = reduce_max(counts, axis=None, keepdims=False)
    most = int(most) if isinstance(most, Tensor) else most
    u = unit_uniform(draw_seed(seed), (most, *shape), "float32")
    coin = reshape(count_to(most), shape=(-1, *(1,) * len(shape)))
    heads = (u < convert(probabilities, "float32")) & (coin < counts)
    return reduce_sum(cast(heads, dtype=dtype), axis=0, keepdims=False)
