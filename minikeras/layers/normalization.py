"""Generated from book/keras/normalizing.ipynb. Edit the chapter, not this file."""

import warnings

from minikeras import initializers, ops
from minikeras.core.arguments import checked_number
from minikeras.core.config import epsilon as tiny
from minikeras.core.dtypes import result_type
from minikeras.core.errors import ArgumentError, DTypeError, ShapeError
from minikeras.core.infer import axes_of, axis_of
from minikeras.layers.choices import ROOMS, chosen_weight
from minikeras.layers.core import Wrapper
from minikeras.layers.input_spec import InputSpec
from minikeras.layers.layer import Layer


class Normalizer(Layer):
    """Base of the normalizing layers: gamma, beta, and the config."""

    supports_masking = True

    def _keep(self, **options):
        """Keep constructor arguments as attributes, names of things as the things."""
        for name, value in options.items():
            room = ROOMS.get(name.rpartition("_")[2])
            setattr(self, name, room.get(value) if room else value)
        vars(self)["_kept"] = [*vars(self).get("_kept", ()), *options]

    def get_config(self):
        config = super().get_config()
        for name in self._kept:
            value, room = getattr(self, name), ROOMS.get(name.rpartition("_")[2])
            if isinstance(value, (list, dict)):
                value = {**value} if isinstance(value, dict) else [*value]  # untracked
            config[name] = room.serialize(value) if room else value
        return config

    def compute_output_shape(self, input_shape):
        axes_of(self._title(), self.axis, len(input_shape))
        return input_shape

    def _add_scaling(self, shape, scale, center):
        """Make gamma and beta of this shape, or None where they are not wanted."""
        for name, wanted in (("gamma", scale), ("beta", center)):
            weight = (
                chosen_weight(self, name, shape, autocast=False) if wanted else None
            )
            setattr(self, name, weight)

    def _known_size(self, input_shape):
        """The size of `axis`; a ValueError if it is not there, or not known."""
        size = input_shape[axis_of(self._title(), self.axis, len(input_shape))]
        if size is None:
            problem = f"the size of axis {self.axis} must be known"
            raise ArgumentError(self._title(), problem, str(tuple(input_shape)))
        return size

    def _listed_sizes(self, input_shape):
        """Make `axis` a sorted list and fix the sizes of these axes, which are returned."""
        axes_of(self._title(), self.axis, len(input_shape))
        self.axis = (
            sorted(self.axis) if isinstance(self.axis, (list, tuple)) else [self.axis]
        )
        sizes = tuple(input_shape[axis] for axis in self.axis)
        self.input_spec = InputSpec(axes=dict(zip(self.axis, sizes, strict=True)))
        return sizes


class BatchNormalization(Normalizer):
    """Each feature with mean 0 and variance 1 over the batch, then scaled and shifted.

    y = gamma (x - mean) / sqrt(variance + epsilon) + beta, mean and variance over all
    axes but `axis`: of this batch in training, else moving averages of those seen,
    moving = momentum * moving + (1 - momentum) * new. A frozen layer
    (`trainable=False`) uses and keeps the moving averages in training, too.
    mask: positions of a sequence that count in mean and variance.
    renorm: correct a batch's statistics toward the moving ones (Ioffe 2017).
    Half precision is normalised in float32. Source: Ioffe and Szegedy 2015.

    >>> layer = BatchNormalization()
    >>> layer(ops.convert_to_tensor([[1.0], [3.0]]), training=True).numpy().round(2)
    array([[-1.],
           [ 1.]], dtype=float32)
    """

    def __init__(
        self,
        axis=-1,
        momentum=0.99,
        epsilon=1e-3,
        center=True,
        scale=True,
        beta_initializer="zeros",
        gamma_initializer="ones",
        moving_mean_initializer="zeros",
        moving_variance_initializer="ones",
        beta_regularizer=None,
        gamma_regularizer=None,
        beta_constraint=None,
        gamma_constraint=None,
        renorm=False,
        renorm_clipping=None,
        renorm_momentum=0.99,
        synchronized=False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        clipping = (
            checked_clipping(renorm_clipping or {}) if renorm else renorm_clipping
        )
        for argument, value in (("momentum", momentum), ("epsilon", epsilon)):
            checked_number("BatchNormalization", argument, value)
        axis = int(checked_number("BatchNormalization", "axis", axis, whole=True))
        self._keep(axis=axis, momentum=float(momentum), epsilon=float(epsilon))
        self._keep(center=center, scale=scale, synchronized=synchronized)
        self._keep(beta_initializer=beta_initializer, beta_regularizer=beta_regularizer)
        self._keep(
            gamma_initializer=gamma_initializer, gamma_constraint=gamma_constraint
        )
        self._keep(gamma_regularizer=gamma_regularizer, beta_constraint=beta_constraint)
        self._keep(moving_mean_initializer=moving_mean_initializer)
        self._keep(moving_variance_initializer=moving_variance_initializer)
        self._keep(
            renorm=renorm, renorm_clipping=clipping, renorm_momentum=renorm_momentum
        )
        self.gamma = self.beta = self.moving_mean = self.moving_variance = None

    def build(self, input_shape):
        shape = (self._known_size(input_shape),)
        self._add_scaling(shape, self.scale, self.center)
        self.moving_mean = self._add_average("moving_mean", shape)
        self.moving_variance = self._add_average("moving_variance", shape)
        if self.renorm:
            self._build_renorm(shape)
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: shape[0]})

    def _add_average(self, name, shape):
        fill = getattr(self, f"{name}_initializer")
        return self.add_weight(shape, fill, trainable=False, autocast=False, name=name)

    def call(self, inputs, training=None, mask=None):
        self._check_mask(inputs, mask)
        x = ops.cast(inputs, result_type(inputs.dtype, "float32"))
        gamma, beta = self.gamma, self.beta
        if not (training and self.trainable):
            mean, variance = self.moving_mean, self.moving_variance
        else:
            mean, variance = self._moments(x, mask)
            if self.renorm:
                gamma, beta = self._renormed(mean, variance)
            else:
                move_toward(self.moving_mean, mean, self.momentum)
                move_toward(self.moving_variance, variance, self.momentum)
        y = ops.batch_normalization(
            x, mean, variance, self.axis, beta, gamma, self.epsilon
        )
        return ops.cast(y, self.compute_dtype)

    def _moments(self, x, mask):
        axes = [axis for axis in range(x.ndim) if axis != self.axis % x.ndim]
        if mask is None:
            return ops.moments(x, axes, synchronized=self.synchronized)
        return masked_moments(x, mask, axes)

    def _check_mask(self, x, mask):
        if mask is not None and len(mask.shape) != len(x.shape) - 1:
            problem = "a mask has one axis less than the input"
            got = f"mask {list(mask.shape)} for {list(x.shape)}"
            raise ShapeError(self._title(), problem, got)

    def _build_renorm(self, shape):
        """Averages of the standard deviation, and those that training compares with."""

        def deviation(shape, dtype=None):
            return ops.sqrt(self.moving_variance_initializer(shape, dtype=dtype))

        options = {"trainable": False, "autocast": False}
        fill = self.moving_mean_initializer
        self.moving_stddev = self.add_weight(
            shape, deviation, name="moving_stddev", **options
        )
        self.renorm_mean = self.add_weight(shape, fill, name="renorm_mean", **options)
        self.renorm_stddev = self.add_weight(
            shape, deviation, name="renorm_stddev", **options
        )

    def _renormed(self, mean, variance):
        """gamma and beta with the correction mixed in; moves all averages."""
        deviation = ops.sqrt(variance + self.epsilon)
        kept = ops.cast(self.renorm_stddev, mean.dtype)
        kept = ops.maximum(kept, self.epsilon**0.5)
        r, d = deviation / kept, (mean - ops.cast(self.renorm_mean, mean.dtype)) / kept
        rmin, rmax, dmax = map(self.renorm_clipping.get, ("rmin", "rmax", "dmax"))
        r = r if rmin is None else ops.maximum(r, rmin)
        r = r if rmax is None else ops.minimum(r, rmax)
        d = d if dmax is None else ops.clip(d, -dmax, dmax)
        gamma, beta = ops.stop_gradient(r), ops.stop_gradient(d)
        if self.gamma is not None:
            scale = ops.cast(self.gamma, mean.dtype)
            gamma, beta = gamma * scale, beta * scale
        if self.beta is not None:
            beta = beta + ops.cast(self.beta, mean.dtype)
        self._move_all(mean, deviation)
        return gamma, beta

    def _move_all(self, mean, deviation):
        move_toward(self.renorm_mean, mean, self.renorm_momentum)
        move_toward(self.renorm_stddev, deviation, self.renorm_momentum)
        move_toward(self.moving_mean, mean, self.momentum)
        move_toward(self.moving_stddev, deviation, self.momentum)
        variance = self.moving_stddev * self.moving_stddev - self.epsilon
        self.moving_variance.assign(ops.relu(variance))


def move_toward(average, value, momentum):
    """The average keeps the part `momentum` of itself and takes the rest from `value`."""
    kept = ops.cast(average, value.dtype) * momentum
    average.assign(kept + value * (1.0 - momentum))


def masked_moments(x, mask, axes):
    """Mean and variance of x along `axes`, where the mask (without last axis) is true."""
    valid = ops.cast(ops.expand_dims(mask, -1), "bool")
    valid = ops.broadcast_to(valid, ops.shape(x))
    count = ops.sum(ops.cast(valid, x.dtype), axes, keepdims=True) + tiny()
    mean = ops.sum(ops.where(valid, x, 0.0), axes, keepdims=True) / count
    off = ops.where(valid, x - mean, 0.0)
    variance = ops.sum(off * off, axes, keepdims=True) / count
    return ops.squeeze(mean, axes), ops.squeeze(variance, axes)


def checked_clipping(clipping):
    """The limits of `renorm`: rmax, rmin and dmax, as a dict; a ValueError if odd."""
    rmax, rmin, dmax = (clipping.get(key) for key in ("rmax", "rmin", "dmax"))
    unknown = set(clipping) - {"rmax", "rmin", "dmax"}
    crossed = rmax is not None and rmin is not None and rmax < rmin
    if unknown or crossed or (dmax is not None and dmax < 0):
        hint = "keys rmax, rmin, dmax, with rmin <= rmax and 0 <= dmax"
        got = f"renorm_clipping={clipping!r}"
        raise ArgumentError("BatchNormalization", "bad argument", got, hint)
    return dict(clipping)


class LayerNormalization(Normalizer):
    """Each example with mean 0 and variance 1 along `axis`, then scaled and shifted.

    y = gamma (x - mean) / sqrt(variance + epsilon) + beta. axis: an int or a list.
    Half precision is normalised in float32. `rms_scaling=True` is an old argument:
    it leaves the mean where it is; see RMSNormalization. Source: Ba et al. 2016.
    Errors: a TypeError if `axis` is neither.

    >>> LayerNormalization()(ops.convert_to_tensor([[1.0, 3.0]])).numpy().round(2)
    array([[-1.,  1.]], dtype=float32)
    """

    def __init__(
        self,
        axis=-1,
        epsilon=1e-3,
        center=True,
        scale=True,
        beta_initializer="zeros",
        gamma_initializer="ones",
        beta_regularizer=None,
        gamma_regularizer=None,
        beta_constraint=None,
        gamma_constraint=None,
        **kwargs,
    ):
        rms_scaling = kwargs.pop("rms_scaling", False)
        super().__init__(**kwargs)
        self.autocast = False
        self._keep(
            axis=ints("LayerNormalization", axis), epsilon=epsilon, center=center
        )
        self._keep(scale=scale, rms_scaling=rms_scaling)
        self._keep(beta_initializer=beta_initializer, beta_regularizer=beta_regularizer)
        self._keep(
            gamma_initializer=gamma_initializer, gamma_constraint=gamma_constraint
        )
        self._keep(gamma_regularizer=gamma_regularizer, beta_constraint=beta_constraint)
        if rms_scaling:
            warnings.warn("rms_scaling=True is old: use RMSNormalization", stacklevel=2)

    def build(self, input_shape):
        scale, center = (
            self.scale or self.rms_scaling,
            self.center and not self.rms_scaling,
        )
        self._add_scaling(self._listed_sizes(input_shape), scale, center)

    def call(self, inputs):
        options = {"rms_scaling": True} if self.rms_scaling else {}
        y = ops.layer_normalization(
            inputs, self.gamma, self.beta, list(self.axis), self.epsilon, **options
        )
        return ops.cast(y, self.compute_dtype)


def ints(layer, axis):
    """An axis or a list of axes; a TypeError for anything else."""
    if isinstance(axis, (list, tuple)):
        return list(axis)
    if not isinstance(axis, int):
        raise DTypeError(layer, "axis is an int or a list of ints", f"axis={axis!r}")
    return axis


class RMSNormalization(Normalizer):
    """x / sqrt(mean(x²) + epsilon) * scale, the mean along `axis`, an int or a list.

    Masks do not pass. Source: Zhang and Sennrich 2019.

    >>> RMSNormalization()(ops.convert_to_tensor([[3.0, 4.0]])).numpy().round(2)
    array([[0.85, 1.13]], dtype=float32)
    """

    supports_masking = False

    def __init__(self, axis=-1, epsilon=1e-6, **kwargs):
        super().__init__(**kwargs)
        self._keep(axis=axis, epsilon=epsilon)

    def build(self, input_shape):
        shape = self._listed_sizes(input_shape)
        self.scale = self.add_weight(shape, "ones", name="scale")

    def call(self, x):
        return ops.rms_normalization(x, self.scale, list(self.axis), self.epsilon)


class UnitNormalization(Normalizer):
    """x divided by its length along `axis` (an int or a list): x / sqrt(sum(x²)).

    Zeros stay zeros. Errors: a TypeError if `axis` is neither.

    >>> UnitNormalization()(ops.convert_to_tensor([[3.0, 4.0]])).numpy()
    array([[0.6, 0.8]], dtype=float32)
    """

    def __init__(self, axis=-1, **kwargs):
        super().__init__(**kwargs)
        self._keep(axis=ints("UnitNormalization", axis))
        self.built = True

    def call(self, inputs):
        axis = self.axis if isinstance(self.axis, int) else list(self.axis)
        return ops.normalize(inputs, axis=axis, order=2, epsilon=1e-12)


class GroupNormalization(Normalizer):
    """Each group of features of an example with mean 0 and variance 1.

    `axis` is split into `groups` equal parts, or with -1 into single features; mean
    and variance are over a part and all axes but the batch axis. Half precision is
    normalised in float32. Source: Wu and He 2018.
    Errors: a ValueError if `groups` is no such number or does not divide the size.

    >>> x = ops.convert_to_tensor([[1.0, 3.0, 10.0, 30.0]])
    >>> GroupNormalization(groups=2)(x).numpy().round(2)
    array([[-1.,  1., -1.,  1.]], dtype=float32)
    """

    def __init__(
        self,
        groups=32,
        axis=-1,
        epsilon=1e-3,
        center=True,
        scale=True,
        beta_initializer="zeros",
        gamma_initializer="ones",
        beta_regularizer=None,
        gamma_regularizer=None,
        beta_constraint=None,
        gamma_constraint=None,
        **kwargs,
    ):
        if not isinstance(groups, int) or (groups <= 0 and groups != -1):
            got, hint = f"groups={groups!r}", "a whole number > 0, or -1"
            raise ArgumentError("GroupNormalization", "bad argument", got, hint)
        super().__init__(**kwargs)
        self.autocast, self.input_spec = False, InputSpec(min_ndim=2)
        self._keep(
            groups=groups, axis=axis, epsilon=epsilon, center=center, scale=scale
        )
        self._keep(beta_initializer=beta_initializer, beta_regularizer=beta_regularizer)
        self._keep(
            gamma_initializer=gamma_initializer, gamma_constraint=gamma_constraint
        )
        self._keep(gamma_regularizer=gamma_regularizer, beta_constraint=beta_constraint)

    def build(self, input_shape):
        size = self._known_size(input_shape)
        self.groups = size if self.groups == -1 else self.groups
        if size % self.groups or size < self.groups:
            problem = f"{size} features cannot be split into {self.groups} groups"
            raise ArgumentError(self._title(), problem, str(tuple(input_shape)))
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: size})
        self._add_scaling((size,), self.scale, self.center)

    def call(self, inputs):
        axis, ndim = self.axis % inputs.ndim, inputs.ndim
        members = inputs.shape[axis] // self.groups
        split = (self.groups, members)
        shape = ops.shape(inputs)
        x = ops.cast(inputs, result_type(inputs.dtype, "float32"))
        x = ops.reshape(x, (*shape[:axis], *split, *shape[axis + 1 :]))
        axes = [a for a in range(1, ndim + 1) if a != axis]
        mean, variance = ops.moments(x, axes, keepdims=True)
        factor, shift = ops.rsqrt(variance + self.epsilon), 0.0
        standing = (1,) * axis + split + (1,) * (ndim - axis - 1)
        if self.gamma is not None:
            factor = factor * ops.cast(ops.reshape(self.gamma, standing), x.dtype)
        if self.beta is not None:
            shift = ops.cast(ops.reshape(self.beta, standing), x.dtype)
        y = ops.reshape(x * factor + (shift - mean * factor), shape)
        return ops.cast(y, self.compute_dtype)


class SpectralNormalization(Wrapper):
    """A layer whose kernel is divided by its largest singular value, in training.

    layer: one with a `kernel` or `embeddings`; power_iterations: round trips a call.
    Errors: a ValueError for a layer with neither. Source: Miyato et al. 2018.

    >>> from minikeras.layers import Dense
    >>> SpectralNormalization(Dense(2))(ops.ones((3, 4)), training=True).shape
    (3, 2)
    """

    def __init__(self, layer, power_iterations=1, **kwargs):
        super().__init__(layer, **kwargs)
        checked_number("SpectralNormalization", "power_iterations", power_iterations)
        if power_iterations <= 0:
            got, hint = f"power_iterations={power_iterations}", "a number from 1"
            raise ArgumentError("SpectralNormalization", "bad argument", got, hint)
        self.power_iterations = power_iterations

    def compute_output_shape(self, input_shape):
        return self.layer.compute_output_shape(input_shape)

    def get_config(self):
        return {**super().get_config(), "power_iterations": self.power_iterations}

    def build(self, input_shape):
        super().build(input_shape)
        self.input_spec = InputSpec(min_ndim=1, axes={-1: input_shape[-1]})
        kernels = [getattr(self.layer, name, None) for name in ("kernel", "embeddings")]
        if kernels == [None, None]:
            problem = f"{type(self.layer).__name__} has no kernel and no embeddings"
            raise ArgumentError(self._title(), problem)
        self.kernel = kernels[0] if kernels[1] is None else kernels[1]
        self.vector_u = self.add_weight(
            (1, self.kernel.shape[-1]),
            initializers.TruncatedNormal(stddev=0.02),
            dtype=self.kernel.dtype,
            trainable=False,
            name="vector_u",
        )

    def normalized_weights(self):
        """The direction of the largest stretch after some trips, and the new kernel."""
        table = ops.reshape(self.kernel, (-1, self.kernel.shape[-1]))
        u = self.vector_u
        for _ in range(self.power_iterations):
            v = ops.normalize(ops.matmul(u, ops.transpose(table)), axis=None)
            u = ops.normalize(ops.matmul(v, table), axis=None)
        stretch = ops.matmul(ops.matmul(v, table), ops.transpose(u))
        dead = (
            stretch == 0
        )  # a kernel of zeros stays as it is, and so does its direction
        u = ops.where(dead, self.vector_u, u)
        return u, self.kernel / ops.reshape(ops.where(dead, 1.0, stretch), ())

    def call(self, inputs, training=False):
        if training:
            u, kernel = self.normalized_weights()
            self.vector_u.assign(u)
            self.kernel.assign(kernel)
        return ops.cast(self.layer(inputs), inputs.dtype)
