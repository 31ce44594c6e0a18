"""Generated from book/keras/misfits.ipynb. Edit the chapter, not this file."""

from minikeras.core.errors import ShapeError
from minikeras.core.tensor import convert
from minikeras.ops.choices import where
from minikeras.ops.creation import arange, full_like
from minikeras.ops.elementwise import logaddexp
from minikeras.ops.exponentials import log_softmax, logsumexp
from minikeras.ops.joining import concatenate, stack
from minikeras.ops.picking import take_along_axis
from minikeras.ops.public import public
from minikeras.ops.shaping import expand_dims, reshape
from minikeras.ops.words import as_float, wide

NEVER = -1e30  # the logarithm of no chance at all; finite, so that slopes stay finite


def with_blanks(target, lengths, blank):
    """Each word as blank, letter, blank, ..., blank: i32[batch, 2 * n + 1]."""
    n = target.shape[1]
    letters = where(arange(n) < expand_dims(lengths, 1), target, blank)
    pairs = stack([full_like(letters, blank), letters], axis=-1)
    pairs = reshape(pairs, (-1, 2 * n))
    return concatenate([pairs, full_like(expand_dims(lengths, 1), blank)], axis=1)


def shifted(x, by, fill):
    """Each row moved `by` places to the right; `fill` comes in from the left."""
    return concatenate([full_like(x[:, :by], fill), x[:, :-by]], axis=1)


def arrivals(alpha, may_skip):
    """The log chance to come to each place from itself, from one or from two before."""
    near = logaddexp(alpha, shifted(alpha, 1, NEVER))
    return logaddexp(near, where(may_skip, shifted(alpha, 2, NEVER), NEVER))


def check_sequences(target, output):
    """One word for each sequence, and a known number of time steps."""
    fits = target.ndim == 2 and output.ndim == 3 and output.shape[1] is not None
    if not fits or target.shape[0] != output.shape[0]:
        problem = "target [batch, n] and output [batch, time, classes] are needed"
        raise ShapeError("ctc_loss", problem, f"{target.spec} and {output.spec}")


def walk(logs, word, lengths, blank):
    """The log chances to stand at each place of the word at the end: f[batch, places]."""
    place = arange(word.shape[1])
    may_skip = (place % 2 == 1) & (word != shifted(word, 2, blank))
    first = take_along_axis(logs[:, 0], word, -1)
    alpha = where(place < 2, first, NEVER)
    for t in range(1, logs.shape[1]):
        now = arrivals(alpha, may_skip) + take_along_axis(logs[:, t], word, -1)
        alpha = where(t < lengths, now, alpha)
    return alpha


@public
def ctc_loss(target, output, target_length, output_length, mask_index=0):
    """-log of the summed probability of all paths through `output` that spell `target`.

    target: i[batch, n], output: f[batch, time, classes], scores before a softmax; the
    lengths: i[batch] -> f[batch]. `mask_index` is the blank. inf if there is no time to
    spell the word. Errors: an IndexError for letters outside [0, classes).
    Source: Graves et al. 2006.

    >>> round(float(ctc_loss([[1]], [[[0.0, 0.0]]], [1], [1])[0]), 4)
    0.6931
    """
    target, output = convert(target, "int32"), wide(as_float(convert(output)))
    target_length, output_length = (
        expand_dims(convert(n, "int32"), 1) for n in (target_length, output_length)
    )
    check_sequences(target, output)
    word = with_blanks(target, target_length[:, 0], mask_index)
    alpha = walk(log_softmax(output), word, output_length, mask_index)
    place, end = arange(word.shape[1]), 2 * target_length
    ends = (place == end) | (place == end - 1)
    total = logsumexp(where(ends, alpha, NEVER), axis=1)
    return where(total > NEVER / 2, -total, float("inf"))
