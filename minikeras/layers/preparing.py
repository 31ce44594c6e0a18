"""Generated from book/keras/preparing.ipynb. Edit the chapter, not this file."""

from itertools import chain

import numpy as np

from minikeras import ops
from minikeras.core.arguments import checked_number
from minikeras.core.config import epsilon, image_data_format
from minikeras.core.errors import ArgumentError, DTypeError, ShapeError
from minikeras.core.infer import axes_of
from minikeras.core.tensor import Tensor, Value, convert
from minikeras.layers.layer import Layer, same_shape
from minikeras.layers.reshaping import as_sizes
from minikeras.saving.deserialization import deserialize_keras_object
from minikeras.saving.serialization import serialize_keras_object


class DataLayer(Layer):
    """Base of layers that prepare data: lists and whole numbers are welcome."""

    _allow_non_tensor_positional_args = True

    compute_output_shape = same_shape


class Rescaling(DataLayer):
    """y = x * scale + offset, as floats.

    scale, offset: numbers, or arrays with an entry for each entry of the last axis.

    >>> Rescaling(1 / 127.5, offset=-1)(np.array([0, 51, 255])).numpy().round(2)
    array([-1. , -0.6,  1. ], dtype=float32)
    """

    supports_masking = True

    def __init__(self, scale, offset=0.0, **kwargs):
        super().__init__(**kwargs)
        self.scale, self.offset = scale, offset

    def call(self, inputs):
        dtype = self.compute_dtype
        scale, offset = convert(self.scale, dtype), convert(self.offset, dtype)
        if scale.ndim and image_data_format() == "channels_first":
            scale = ops.reshape(scale, (*scale.shape, *(1,) * (3 - scale.ndim)))
        return ops.cast(inputs, dtype) * scale + offset

    def get_config(self):
        own = {"scale": self.scale, "offset": self.offset}
        own = {name: serialize_keras_object(value) for name, value in own.items()}
        return {**super().get_config(), **own}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        read = {name: config[name] for name in ("scale", "offset") if name in config}
        for name, value in read.items():
            read[name] = deserialize_keras_object(value, custom_objects=custom_objects)
        return cls(**{**config, **read})


class Normalization(DataLayer):
    """y = (x - mean) / sqrt(variance), with statistics given or learnt by `adapt`.

    axis: the axes (an int, several, or None) with a mean for each index.
    mean, variance: numbers or arrays for these axes; both or none.
    invert: compute x from y instead. Errors: a ValueError if only one is given, or
    shapes do not fit.

    >>> layer = Normalization()
    >>> layer.adapt(np.array([[0.0, 10.0], [2.0, 30.0]]))
    >>> layer(np.array([[1.0, 40.0]])).numpy()
    array([[0., 2.]], dtype=float32)
    """

    supports_masking = True
    _broadcast_shape = None

    def __init__(self, axis=-1, mean=None, variance=None, invert=False, **kwargs):
        super().__init__(**kwargs)
        axes = () if axis is None else (axis,) if isinstance(axis, int) else axis
        self.axis, self.invert = as_sizes("Normalization", "axis", axes), invert
        self.input_mean, self.input_variance = mean, variance
        if mean is not None or variance is not None:
            self._check_given(mean, variance)

    def _check_given(self, mean, variance):
        """A ValueError unless mean and variance are a pair that suits the axes."""
        problem = None
        if mean is None or variance is None:
            problem = "mean and variance are given together or not at all"
        elif np.shape(mean) != np.shape(variance):
            problem = f"shapes {np.shape(mean)} and {np.shape(variance)} differ"
        elif np.ndim(mean) > len(self.axis):
            problem = f"mean has {np.ndim(mean)} axes, `axis` names {len(self.axis)}"
        if problem:
            got = f"mean={mean!r}, variance={variance!r}, axis={self.axis}"
            raise ArgumentError(self._title(), problem, got)

    def build(self, input_shape):
        if input_shape is None:
            return
        sizes, ndim = tuple(input_shape), len(input_shape)
        kept = sorted(axes_of(self._title(), self.axis, ndim))
        if any(sizes[axis] is None for axis in kept):
            problem = f"the sizes of axes {self.axis} must be known"
            raise ArgumentError(self._title(), problem, str(sizes))
        shape = tuple(sizes[axis] for axis in kept)
        if self.input_mean is None:
            self._add_statistics(shape)
        standing = [sizes[axis] if axis in kept else 1 for axis in range(ndim)]
        reduced = tuple(axis for axis in range(ndim) if axis not in kept)
        vars(self).update(
            _broadcast_shape=tuple(standing), _reduced=reduced, _built_for=sizes
        )
        if self.input_mean is not None:
            self._stand(self.input_mean), self._stand(self.input_variance)

    def _add_statistics(self, shape):
        frozen = {"trainable": False}
        self.adapt_mean = self.add_weight(shape, "zeros", name="mean", **frozen)
        self.adapt_variance = self.add_weight(shape, "ones", name="variance", **frozen)
        # Unused since Keras 3, but saved models have it.
        self.count = self.add_weight((), "zeros", dtype="int64", name="count", **frozen)

    def _stand(self, value):
        """Given or learnt statistics in the rank of the data and the dtype of the layer."""
        value, full = convert(value, self.compute_dtype), self._broadcast_shape
        kept = [axis for axis in range(len(full)) if axis not in self._reduced]
        shape = [1] * len(full)
        for axis, size in zip(reversed(kept), reversed(value.shape), strict=False):
            shape[axis] = size
        if any(m not in (1, n) for m, n in zip(shape, full, strict=True)):
            problem = f"mean and variance of shape {value.shape} do not fit"
            raise ShapeError(self._title(), problem, f"input {self._built_for}")
        return ops.broadcast_to(ops.reshape(value, shape), full)

    @property
    def mean(self):
        """The mean that the layer uses, in the rank of the data; None before `build`."""
        return self._statistic(self.input_mean, "adapt_mean")

    @property
    def variance(self):
        """The variance that the layer uses, as `mean`; None before `build`."""
        return self._statistic(self.input_variance, "adapt_variance")

    def _statistic(self, given, learnt):
        if self._broadcast_shape is None:
            return None
        return self._stand(getattr(self, learnt) if given is None else given)

    def call(self, inputs):
        mean = self.mean
        if mean is None:
            problem, hint = (
                "the shape of the data is not known",
                "build(shape), or adapt(data)",
            )
            raise ArgumentError(self._title(), problem, repr(inputs)[:60], hint)
        x = convert(inputs, self.compute_dtype)
        deviation = ops.maximum(ops.sqrt(self.variance), epsilon())
        return mean + x * deviation if self.invert else (x - mean) / deviation

    def get_config(self):
        own = {"axis": self.axis, "invert": self.invert}
        given = {"mean": self.input_mean, "variance": self.input_variance}
        own |= {name: np.array(value).tolist() for name, value in given.items()}
        return {**super().get_config(), **own}

    def get_build_config(self):
        return {"input_shape": self._built_for} if self._broadcast_shape else None

    def adapt(self, data):
        """Learn mean and variance from an array, or from an iterable of batches.

        A batch is an array, or a tuple that begins with one: (x, y). Errors: a TypeError
        for other data, a ValueError for none, or for shapes that do not fit the layer.
        """
        if isinstance(data, (np.ndarray, Value)):
            self._prepare_for(data.shape)
            room = np if isinstance(data, np.ndarray) else ops
            mean, variance = (
                room.mean(data, self._reduced),
                room.var(data, self._reduced),
            )
        elif hasattr(data, "__iter__"):
            mean, variance = self._statistics_of(iter(data))
        else:
            hint = "an array, or an iterable of batches"
            raise DTypeError(
                self._title(), "adapt: cannot read this", repr(data)[:60], hint
            )
        self.adapt_mean.assign(mean)
        self.adapt_variance.assign(variance)

    def finalize_state(self):
        """Keras' name for reading the weights again; here every call reads them."""

    def _statistics_of(self, batches):
        first = next(batches, None)
        if first is None:
            raise ArgumentError(
                self._title(), "adapt: no data", hint="at least one batch"
            )
        seen = None
        for batch in chain([first], batches):
            batch = batch[0] if isinstance(batch, tuple) else batch
            if not hasattr(batch, "shape"):
                problem, hint = "adapt: a batch is an array", "a list of arrays"
                raise DTypeError(self._title(), problem, repr(batch)[:60], hint)
            self._prepare_for(batch.shape)
            seen = seen or Statistics(self.adapt_mean.shape)
            seen.add(convert(batch, self.compute_dtype), self._reduced)
        return seen.mean, seen.variance

    def _prepare_for(self, shape):
        """Build for data of this shape, or see that it fits what we were built for."""
        if self.input_mean is not None:
            problem = "adapt: mean and variance were given"
            raise ArgumentError(self._title(), problem, hint="a layer without them")
        if self._broadcast_shape is None:
            self.build(tuple(shape))
        sizes = zip(self._broadcast_shape, shape, strict=False)
        same = all(a in self._reduced or m == n for a, (m, n) in enumerate(sizes))
        if len(shape) != len(self._broadcast_shape) or not same:
            got = f"data {tuple(shape)}, built for {self._built_for}"
            raise ShapeError(self._title(), "adapt: the data does not fit", got)


class Statistics:
    """Mean and variance of all that was seen, batch by batch."""

    def __init__(self, shape):
        self.mean, self.variance, self.count = ops.zeros(shape), ops.zeros(shape), 0

    def add(self, batch, axes):
        """Take in the mean and the variance of a batch along `axes`."""
        mean, variance = ops.mean(batch, axes), ops.var(batch, axes)
        count = int(np.prod([batch.shape[axis] for axis in axes]))
        self.count += count
        w = count / self.count
        both = self.mean * (1.0 - w) + mean * w
        before = self.variance + (self.mean - both) ** 2
        self.variance = before * (1.0 - w) + (variance + (mean - both) ** 2) * w
        self.mean = both


class CategoryEncoding(DataLayer):
    """Whole numbers from 0 to num_tokens - 1 as rows of zeros and ones.

    output_mode: 'one_hot', a row for each number, [batch, n] -> [batch, n, num_tokens]
    or [batch, 1] -> [batch, num_tokens]; 'multi_hot', one row for all numbers of an
    example, [batch, n] -> [batch, num_tokens]; 'count', how often each stands there,
    times `count_weights` if they are given to the call.
    A number that is too large is left out. Errors: a ValueError for other modes, for
    num_tokens below 1, and for negative numbers where rows are shared.

    >>> CategoryEncoding(4)([[0, 2], [1, 1]]).numpy()
    array([[1., 0., 1., 0.],
           [0., 1., 0., 0.]], dtype=float32)
    """

    _convert_input_args = False

    def __init__(
        self, num_tokens=None, output_mode="multi_hot", sparse=False, **kwargs
    ):
        super().__init__(**kwargs)
        mode = "multi_hot" if output_mode == "binary" else output_mode
        if mode not in ("one_hot", "multi_hot", "count"):
            got, hint = f"output_mode={output_mode!r}", "one_hot, multi_hot or count"
            raise ArgumentError("CategoryEncoding", "bad argument", got, hint)
        if num_tokens is not None:
            checked_number("CategoryEncoding", "num_tokens", num_tokens)
        if num_tokens is None or num_tokens < 1:
            got, hint = f"num_tokens={num_tokens}", "the number of categories, from 1"
            raise ArgumentError("CategoryEncoding", "bad argument", got, hint)
        if sparse:
            problem = "there are only dense tensors here"
            raise ArgumentError("CategoryEncoding", problem, "sparse=True")
        self.num_tokens, self.output_mode, self.sparse = num_tokens, mode, sparse

    def call(self, inputs, count_weights=None):
        if count_weights is not None and self.output_mode != "count":
            problem = "count_weights are for output_mode='count'"
            raise ArgumentError(self._title(), problem, f"mode {self.output_mode!r}")
        x = ops.cast(inputs, "int32")
        x = ops.expand_dims(x, -1) if x.ndim == 0 else x
        if self.output_mode == "one_hot":
            x = ops.squeeze(x, -1) if x.ndim > 1 and x.shape[-1] == 1 else x
            return ops.one_hot(x, self.num_tokens, dtype=self.dtype)
        if isinstance(x, Tensor) and bool(ops.any(x < 0)):
            raise ArgumentError(self._title(), "negative numbers", repr(x)[:60])
        if self.output_mode == "multi_hot":
            return ops.multi_hot(x, self.num_tokens, dtype=self.dtype)
        rows = ops.one_hot(x, self.num_tokens, dtype=self.dtype)
        if count_weights is not None:
            rows = rows * ops.expand_dims(convert(count_weights, self.dtype), -1)
        return ops.sum(rows, axis=1 if x.ndim > 1 else 0)

    def compute_output_shape(self, input_shape):
        shape, row = tuple(input_shape), (self.num_tokens,)
        alone = len(shape) == 1 or (shape and shape[-1] != 1)
        if self.output_mode == "one_hot" and alone:
            return shape + row
        return shape[:-1] + row

    def get_config(self):
        own = {"num_tokens": self.num_tokens, "output_mode": self.output_mode}
        return {**super().get_config(), **own}
