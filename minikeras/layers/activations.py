"""Generated from book/keras/bends.ipynb. Edit the chapter, not this file."""

import warnings

from minikeras import activations, ops
from minikeras.core.arguments import checked_number
from minikeras.core.errors import ArgumentError, AxisError, ShapeError
from minikeras.layers.choices import chosen_weight, keep_choices, written_choices
from minikeras.layers.input_spec import InputSpec
from minikeras.layers.layer import Layer, same_shape


def checked_knob(layer, name, value, optional=False):
    """`value`, if it is a number from 0 on (or None, if optional); else an error."""
    if value is None and optional:
        return value
    if value is not None:
        checked_number(type(layer).__name__, name, value)
    if value is None or value < 0:
        got, hint = f"{name}={value!r}", "a number from 0 on"
        problem = f"{name} cannot be {'negative' if value is not None else 'None'}"
        raise ArgumentError(type(layer).__name__, problem, got, hint)
    return value


class ReLU(Layer):
    """The rectifier: x above `threshold`, negative_slope * (x - threshold) below it.

    f[...] -> f[...], and nothing above `max_value`. With the defaults, max(0, x).
    Errors: an ArgumentError (a ValueError) for a negative knob.

    >>> ReLU(2.0, negative_slope=0.5)(ops.convert_to_tensor([-1.0, 1.0, 5.0])).numpy()
    array([-0.5,  1. ,  2. ], dtype=float32)
    """

    supports_masking = True

    def __init__(self, max_value=None, negative_slope=0.0, threshold=0.0, **kwargs):
        super().__init__(**kwargs)
        self.max_value = checked_knob(self, "max_value", max_value, optional=True)
        self.negative_slope = checked_knob(self, "negative_slope", negative_slope)
        self.threshold = checked_knob(self, "threshold", threshold)
        self._build_at_init()

    def _knobs(self):
        """The arguments of `activations.relu`."""
        names = ("max_value", "negative_slope", "threshold")
        return {name: getattr(self, name) for name in names}

    def call(self, inputs):
        return activations.relu(inputs, **self._knobs())

    def get_config(self):
        return {**super().get_config(), **self._knobs()}


ReLU.compute_output_shape = same_shape


class LeakyReLU(Layer):
    """x above 0, negative_slope * x below. Source: Maas et al., 2013.

    >>> LeakyReLU(0.5)(ops.convert_to_tensor([-2.0, 2.0])).numpy()
    array([-1.,  2.], dtype=float32)
    """

    supports_masking = True

    def __init__(self, negative_slope=0.3, **kwargs):
        if "alpha" in kwargs:
            negative_slope = kwargs.pop("alpha")
            warnings.warn("LeakyReLU: alpha is now negative_slope", stacklevel=2)
        super().__init__(**kwargs)
        self.negative_slope = checked_knob(self, "negative_slope", negative_slope)
        self._build_at_init()

    def call(self, inputs):
        return activations.leaky_relu(inputs, negative_slope=self.negative_slope)

    compute_output_shape = same_shape

    def get_config(self):
        own = {"negative_slope": self.negative_slope}
        return {**super().get_config(), **own}


class ELU(Layer):
    """x above 0, alpha * (exp(x) - 1) below. Source: Clevert et al., 2016.

    >>> ELU()(ops.convert_to_tensor([-1000.0, 2.0])).numpy()
    array([-1.,  2.], dtype=float32)
    """

    supports_masking = True

    def __init__(self, alpha=1.0, **kwargs):
        super().__init__(**kwargs)
        self.alpha = alpha
        self._build_at_init()

    def call(self, inputs):
        return activations.elu(inputs, alpha=self.alpha)

    compute_output_shape = same_shape

    def get_config(self):
        return {**super().get_config(), "alpha": self.alpha}


class PReLU(Layer):
    """x above 0, alpha * x below, where alpha is learned. Source: He et al., 2015.

    [batch, ...] -> [batch, ...]; alpha has the shape of the input without the batch,
    and size 1 along `shared_axes` (counted as in the input, from 1).

    >>> PReLU(shared_axes=[1])(ops.ones((2, 5, 3))).shape
    (2, 5, 3)
    """

    supports_masking = True

    def __init__(
        self,
        alpha_initializer="Zeros",
        alpha_regularizer=None,
        alpha_constraint=None,
        shared_axes=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        keep_choices(self, locals(), "alpha")
        if shared_axes is not None and not isinstance(shared_axes, (list, tuple)):
            shared_axes = [shared_axes]
        for axis in shared_axes or ():
            checked_number("PReLU", "a shared axis", axis, whole=True)
        self.shared_axes = None if shared_axes is None else list(shared_axes)

    def build(self, input_shape):
        sizes, shared = dict(enumerate(input_shape)), self.shared_axes or []
        if strange := [axis for axis in shared if axis not in sizes or axis == 0]:
            got, hint = f"shared_axes={strange}", f"axes from 1 to {len(sizes) - 1}"
            raise AxisError(self.name, "no such axis to share", got, hint)
        shape = [1 if axis in shared else n for axis, n in sizes.items() if axis > 0]
        self.alpha = chosen_weight(self, "alpha", shape)
        own = {axis: n for axis, n in sizes.items() if axis > 0 and axis not in shared}
        self.input_spec = InputSpec(ndim=len(sizes), axes=own if shared else {})

    def call(self, inputs):
        return activations.relu(inputs) - self.alpha * activations.relu(-inputs)

    def get_config(self):
        own = {**written_choices(self, "alpha"), "shared_axes": self.shared_axes}
        return {**super().get_config(), **own}


PReLU.compute_output_shape = same_shape


class Softmax(Layer):
    """exp(x) / sum(exp(x)) along `axis`, an int or several; masked positions get 0.

    inputs: f[...]; mask: bool, or numbers of which those above 0.5 keep their place,
    of a shape that stretches to that of the inputs.

    >>> Softmax()(ops.zeros((3,)), mask=ops.convert_to_tensor([True, True, False])).numpy()
    array([0.5, 0.5, 0. ], dtype=float32)
    """

    supports_masking = True

    def __init__(self, axis=-1, **kwargs):
        super().__init__(**kwargs)
        self.axis = axis
        self._build_at_init()

    def get_config(self):
        return {**super().get_config(), "axis": self.axis}

    def call(self, inputs, mask=None):
        axis = tuple(self.axis) if isinstance(self.axis, list) else self.axis
        if mask is None:
            return activations.softmax(inputs, axis=axis)
        check_mask(self.name, inputs, mask)
        if mask.dtype != "bool":
            mask = mask > 0.5
        nowhere = -3e4 if inputs.dtype == "float16" else -1e9
        shares = activations.softmax(ops.where(mask, inputs, nowhere), axis=axis)
        return ops.where(mask, shares, 0.0)


Softmax.compute_output_shape = same_shape


def check_mask(name, inputs, mask):
    """A ShapeError unless the mask stretches to the shape of the inputs."""
    sizes = list(zip(reversed(mask.shape), reversed(inputs.shape), strict=False))
    fits = all(m in (1, n) or None in (m, n) for m, n in sizes)
    if fits and len(mask.shape) <= len(inputs.shape):
        return
    more = len(mask.shape) > len(inputs.shape)
    why = "it has more axes than the inputs" if more else "sizes must be 1 or equal"
    problem, got = "the mask does not stretch to the inputs", f"mask {mask.shape}"
    raise ShapeError(name, f"{problem}: {why}", f"{got}, inputs {inputs.shape}")
