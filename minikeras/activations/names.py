"""Generated from book/arrays/activations.ipynb. Edit the chapter, not this file."""

import difflib

from minikeras.activations.rectifiers import exponential, gelu, linear, mish, relu
from minikeras.core.errors import ArgumentError
from minikeras.ops.activations import (
    celu,
    elu,
    glu,
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_swish,
    hard_tanh,
    leaky_relu,
    log_sigmoid,
    relu6,
    selu,
    sigmoid,
    silu,
    soft_shrink,
    softplus,
    softsign,
    sparse_plus,
    sparse_sigmoid,
    sparsemax,
    squareplus,
    swish,
    tanh_shrink,
    threshold,
)
from minikeras.ops.elementwise import tanh
from minikeras.ops.exponentials import log_softmax, softmax

_FUNCTIONS = (
    celu, elu, exponential, gelu, glu, hard_shrink, hard_sigmoid, hard_silu, hard_swish,
    hard_tanh, leaky_relu, linear, log_sigmoid, log_softmax, mish, relu, relu6, selu,
    sigmoid, silu, soft_shrink, softmax, softplus, softsign, sparse_plus,
    sparse_sigmoid, sparsemax, squareplus, swish, tanh, tanh_shrink, threshold,
)  # fmt: skip

ACTIVATIONS = {function.__name__: function for function in _FUNCTIONS}


def get(identifier):
    """The activation of a name; None is `linear`, a function is itself.

    >>> get("relu")([-1.0, 1.0])
    Tensor([0., 1.], shape=(2,), dtype=float32)
    """
    if identifier is None:
        return linear
    if isinstance(identifier, dict):
        return deserialize(identifier)
    if callable(identifier):
        return identifier
    if isinstance(identifier, str) and identifier in ACTIVATIONS:
        return ACTIVATIONS[identifier]
    near = difflib.get_close_matches(str(identifier), ACTIVATIONS)
    names = ", ".join(near or ACTIVATIONS)
    raise ArgumentError(
        "activations.get", "no such activation", repr(identifier), names
    )


def serialize(activation):
    """The name of an activation."""
    return activation.__name__


def deserialize(config, custom_objects=None):
    """The activation of a name, or of {"config": name}."""
    name = config["config"] if isinstance(config, dict) else config
    return (custom_objects or {}).get(name) or get(name)
