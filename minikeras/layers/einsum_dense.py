"""Generated from book/keras/shapes.ipynb. Edit the chapter, not this file."""

import re

from minikeras import activations, ops, regularizers
from minikeras.core.errors import ArgumentError, ShapeError
from minikeras.layers.choices import chosen_weight, keep_choices, written_choices
from minikeras.layers.input_spec import InputSpec
from minikeras.layers.layer import Layer
from minikeras.layers.reshaping import as_sizes

FORMS = ("[X],[Y]->[Z]", "...[X],[Y]->...[Z]", "[X]...,[Y]->[Z]...")

LETTERS = "([a-zA-Z]+)"

PATTERNS = (
    f"{LETTERS},{LETTERS}->{LETTERS}$",
    rf"\.\.\.{LETTERS},{LETTERS}->\.\.\.{LETTERS}$",
    rf"([a-zA-Z]{{2,}})\.\.\.,{LETTERS}->{LETTERS}\.\.\.$",
)


def read_equation(equation):
    """The letters of input, kernel and output, and on which side the dots are."""
    for pattern, side in zip(PATTERNS, (None, "left", "right"), strict=True):
        if found := re.match(pattern, equation.replace(" ", "")):
            return (*found.groups(), side)
    problem, hint = "invalid einsum equation", " or ".join(FORMS)
    raise ArgumentError("EinsumDense", problem, repr(equation), hint)


def full_output_shape(partial, input_shape, letters, side):
    """The output's shape: the batch, what the dots stand for, and the given sizes."""
    batch, *rest = input_shape
    hidden = len(input_shape) - len(letters)
    if side == "left":
        return (batch, *rest[: max(hidden - 1, 0)], *partial)
    return (batch, *partial, *rest[len(rest) - max(hidden, 0) :])


def letter_sizes(letters, shape, side):
    """The size of each letter: at the right end if the dots are at the left."""
    sizes = shape[len(shape) - len(letters) :] if side == "left" else shape
    return dict(zip(letters, sizes, strict=False))


def check_shared(inputs, outputs, equation):
    """A ShapeError if a letter has one size in the input and another in the output."""
    for letter, size in inputs.items():
        wanted = outputs.get(letter)
        if wanted is not None and wanted != size:
            problem = (
                f"input and output shape do not match at the shared letter {letter!r}"
            )
            raise ShapeError(
                "EinsumDense", problem, f"{size} != {wanted} in {equation!r}"
            )


def kernel_sizes(kernel, inputs, outputs, equation):
    """The kernel's shape, and its axes that are summed over, and that are made."""
    if lost := [letter for letter in kernel if letter not in {**inputs, **outputs}]:
        problem = (
            f"the kernel's letter {lost[0]!r} is neither in the input nor the output"
        )
        raise ArgumentError("EinsumDense", problem, repr(equation))
    if lost := [letter for letter in outputs if letter not in {*inputs, *kernel}]:
        problem = (
            f"the output's letter {lost[0]!r} is neither in the input nor the kernel"
        )
        raise ArgumentError("EinsumDense", problem, repr(equation))
    shape = tuple(outputs[a] if a in outputs else inputs[a] for a in kernel)
    made = [i for i, letter in enumerate(kernel) if letter in outputs]
    summed = [i for i, letter in enumerate(kernel) if letter not in outputs]
    return shape, summed, made


def bias_sizes(bias_axes, output, outputs, hidden_right, equation):
    """The bias's shape: from its first letter on, size 1 along letters not named."""
    if lost := [letter for letter in bias_axes if letter not in output]:
        problem = f"the bias letter {lost[0]!r} is not part of the output"
        raise ArgumentError("EinsumDense", problem, f"{bias_axes!r} in {equation!r}")
    first = min(output.index(letter) for letter in bias_axes)
    sizes = [outputs[a] if a in bias_axes else 1 for a in output[first:]]
    return (*sizes, *[1] * hidden_right)


def shapes_of(equation, bias_axes, input_shape, partial):
    """Shapes of kernel, bias (or None) and output; axes summed over, axes made."""
    inputs, kernel, output, side = read_equation(equation)
    hidden = max(len(input_shape) - len(inputs), 0)
    full = full_output_shape(partial, input_shape, inputs, side)
    in_sizes = letter_sizes(inputs, input_shape, side)
    out_sizes = letter_sizes(output, full, side)
    check_shared(in_sizes, out_sizes, equation)
    kernel_shape, summed, made = kernel_sizes(kernel, in_sizes, out_sizes, equation)
    bias = None
    if bias_axes is not None:
        right = 0 if side == "left" else hidden
        bias = bias_sizes(bias_axes, output, out_sizes, right, equation)
    return kernel_shape, bias, full, summed, made


class EinsumDense(Layer):
    """An affine map as an equation: activation(einsum(equation, x, kernel) + bias).

    equation: "ab,bc->ac" and the like, with "..." at the left or at the right of both
    input and output; output_shape: sizes of the output's letters without the batch,
    None where the input says it; bias_axes: letters of the output that have a bias.
    Errors: an ArgumentError or ShapeError (both ValueErrors) that names the letter.

    >>> from minikeras import ops
    >>> EinsumDense("abc,cde->abde", (None, 2, 3))(ops.ones((7, 5, 4))).shape
    (7, 5, 2, 3)
    """

    def __init__(
        self,
        equation,
        output_shape,
        activation=None,
        bias_axes=None,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        kernel_regularizer=None,
        bias_regularizer=None,
        kernel_constraint=None,
        bias_constraint=None,
        lora_rank=None,
        lora_alpha=None,
        gptq_unpacked_column_size=None,
        quantization_config=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        refuse_later(self, lora_rank=lora_rank, quantization_config=quantization_config)
        whole = isinstance(output_shape, int)
        self.equation, self.bias_axes = equation, bias_axes
        sizes = (output_shape,) if whole else output_shape
        self.partial_output_shape = as_sizes("EinsumDense", "output_shape", sizes)
        self.activation = activations.get(activation)
        keep_choices(self, locals(), "kernel", "bias")

    def build(self, input_shape):
        kernel, bias, _, summed, made = self._shapes_for(input_shape)
        self.input_spec = InputSpec(ndim=len(input_shape))
        fill = with_axes(self.kernel_initializer, summed, made)
        self.kernel = chosen_weight(self, "kernel", kernel, initializer=fill)
        self.bias = None if bias is None else chosen_weight(self, "bias", bias)

    def _shapes_for(self, input_shape):
        partial = self.partial_output_shape
        return shapes_of(self.equation, self.bias_axes, tuple(input_shape), partial)

    def compute_output_shape(self, input_shape):
        return self._shapes_for(input_shape)[2]

    def call(self, inputs, training=None):
        y = ops.einsum(self.equation, inputs, self.kernel)
        if self.bias is not None:
            y = y + self.bias
        return self.activation(y)

    def get_config(self):
        own = {
            "output_shape": self.partial_output_shape,
            "equation": self.equation,
            "activation": activations.serialize(self.activation),
            "bias_axes": self.bias_axes,
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
            **written_choices(self, "kernel", "bias"),
            "quantization_config": None,
        }
        return {**super().get_config(), **own}


def with_axes(initializer, summed, made):
    """An initializer that scales by fans, told which axes are inputs and outputs."""
    if not hasattr(initializer, "input_axes") or initializer.input_axes is not None:
        return initializer
    axes = {"input_axes": summed, "output_axes": made}
    config = {**initializer.get_config(), "seed": initializer.seed, **axes}
    return type(initializer).from_config(config)


def refuse_later(layer, **arguments):
    """An ArgumentError for arguments of Keras' that are accepted but not built."""
    for name, value in arguments.items():
        if value is not None:
            problem = f"{name} is not built in minikeras"
            raise ArgumentError(
                type(layer).__name__, problem, f"{name}={value!r}", "None"
            )
