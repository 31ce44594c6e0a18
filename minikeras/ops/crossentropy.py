"""Generated from book/arrays/activations.ipynb. Edit the chapter, not this file."""

import warnings

import minikeras.core.table as table
from minikeras.core.config import epsilon as backend_epsilon
from minikeras.core.door import apply
from minikeras.core.errors import ShapeError
from minikeras.core.infer import axis_of
from minikeras.core.tensor import convert, promote
from minikeras.ops.activations import held
from minikeras.ops.exponentials import log_softmax
from minikeras.ops.picking import as_index, standing
from minikeras.ops.public import public
from minikeras.ops.reductions import sum
from minikeras.ops.shaping import squeeze
from minikeras.ops.words import (
    as_float,
    chosen,
    constant,
    meet,
    narrow,
    positions,
    with_axis,
)


def differ(shape, other):
    """Whether two shapes cannot be the same; an unknown size may be any."""
    if len(shape) != len(other):
        return True
    pairs = zip(shape, other, strict=True)
    return bool([pair for pair in pairs if None not in pair and pair[0] != pair[1]])


def pair_of(op, target, output):
    """Target and output as floats of one dtype; their shapes must be the same."""
    target, output = promote(target, output, at_least=float)
    if differ(target.shape, output.shape):
        problem = "target and output have different shapes"
        raise ShapeError(op, problem, f"{target.spec} and {output.spec}")
    return target, output


def log_of_probability(p):
    """log(p), for p kept a little away from 0 and 1."""
    epsilon = backend_epsilon()
    return apply(table.log, held(p, epsilon, 1 - epsilon))


def logits_of(op, output, from_logits):
    """The logits that `output` was squashed from, if it knows them, and whether it is
    logits now."""
    logits = getattr(output, "_keras_logits", None)
    if logits is None:
        return output, from_logits
    if from_logits:
        squashed = "from_logits=True, but output comes out of a softmax or sigmoid"
        warnings.warn(f"{op}: {squashed}", stacklevel=4)
    return logits, True


@public
def categorical_crossentropy(target, output, from_logits=False, axis=-1):
    """-sum(target * log(output)) along `axis`.

    target, output: f[..., n, ...] -> f[...]. `output` are probabilities, which are
    scaled to the sum 1, or the logits before a softmax.
    """
    output, from_logits = logits_of("categorical_crossentropy", output, from_logits)
    target, output = pair_of("categorical_crossentropy", target, output)
    axis = axis_of("categorical_crossentropy", axis, output.ndim)
    if from_logits:
        logs = log_softmax(output, axis)
    else:
        logs = log_of_probability(output / sum(output, axis, keepdims=True))
    return -sum(target * logs, axis)


@public
def binary_crossentropy(target, output, from_logits=False):
    """-target log(output) - (1 - target) log(1 - output), number by number.

    `output` are probabilities, or the logits before a sigmoid.
    """
    output, from_logits = logits_of("binary_crossentropy", output, from_logits)
    target, output = pair_of("binary_crossentropy", target, output)
    if from_logits:
        return apply(table.softplus, output) - output * target
    epsilon = backend_epsilon()
    p = held(output, epsilon, 1 - epsilon)
    return -(target * apply(table.log, p) + (1 - target) * apply(table.log, 1 - p))


@public
def sparse_categorical_crossentropy(target, output, from_logits=False, axis=-1):
    """-log(output) at the label, for labels that are whole numbers.

    target: i[...] or i[..., 1], output: f[..., n] -> f[...]. A label outside [0, n) is
    an IndexRangeError.
    """
    name = "sparse_categorical_crossentropy"
    output, from_logits = logits_of(name, output, from_logits)
    output = as_float(output)
    axis = axis_of(name, axis, output.ndim)
    labels = labels_for(convert(target), output, axis)
    logits = output if from_logits else log_of_probability(output)
    logs = log_softmax(logits, axis)
    classes = standing(positions(output, axis), axis, output.ndim)
    column = with_axis(labels, axis)
    picked = chosen(meet(table.equal, column, classes), logs, constant(0, logs.dtype))
    return -apply(table.reduce_sum, picked, axis=(axis,), keepdims=False)


def labels_for(target, output, axis):
    """Labels as int32 in the shape of `output` without `axis`, checked."""
    shape = (*output.shape[:axis], *output.shape[axis + 1 :])
    if target.ndim == output.ndim and target.shape[axis] == 1:
        target = squeeze(target, axis)
    if differ(target.shape, shape):
        raise ShapeError(
            "sparse_categorical_crossentropy",
            "one label for each row of output",
            f"{target.spec} for {output.spec}",
        )
    labels = narrow(as_index(target), "int32")
    number, problem = output.shape[axis], "is not a class"
    if number is None:
        return labels
    who = "sparse_categorical_crossentropy"
    return apply(
        table.within, labels, who=who, number=number, thing="label", problem=problem
    )
