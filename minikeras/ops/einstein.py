"""Generated from book/arrays/sentences.ipynb. Edit the chapter, not this file."""

import builtins

import minikeras.core.table as table
from minikeras.core.door import apply
from minikeras.core.errors import ArgumentError, ShapeError
from minikeras.core.tensor import (
    binary,
    convert,
    measured,
    merged,
    product,
    promote,
    size_of,
)
from minikeras.ops.public import public
from minikeras.ops.words import positions, reshaped


def read(subscripts, ranks):
    """The labels of each operand and of the result: 'ij,jk->ik' as ['ij', 'jk'], 'ik'.

    The axes under an ellipsis get labels of their own, the numbers -1, -2, ... from the
    right, so that a label is a letter or a negative number.
    """
    terms, arrow, result = subscripts.replace(" ", "").partition("->")
    terms = terms.split(",")
    if len(terms) != len(ranks):
        problem = f"{len(terms)} terms for {len(ranks)} operands"
        raise ArgumentError("einsum", problem, repr(subscripts))
    labels = [labels_of(*pair) for pair in zip(terms, ranks, strict=True)]
    dots = dots_in(labels)
    if arrow:
        return labels, labels_of(result, len(result.replace("...", "")) + len(dots))
    return labels, dots + lonely(labels)


def labels_of(term, rank):
    """One label for each axis of an operand of this rank."""
    before, dots, after = term.partition("...")
    hidden = rank - len(before) - len(after)
    letters = (before + after).replace("->", "?")
    if (hidden and not dots) or hidden < 0 or not (letters + "a").isalpha():
        problem = f"the term {term!r} does not name the axes of a tensor of rank {rank}"
        raise ArgumentError(
            "einsum", problem, f"{term!r} for [{', '.join('?' * rank)}]"
        )
    return [*before, *range(-hidden, 0), *after]


def dots_in(labels):
    """The labels under the longest ellipsis."""
    hidden = [label for term in labels for label in term if isinstance(label, int)]
    return list(range(builtins.min(hidden, default=0), 0))


def lonely(labels):
    """Without an arrow: the letters that stand once, in alphabetical order."""
    letters = [label for term in labels for label in term if isinstance(label, str)]
    return sorted(letter for letter in set(letters) if letters.count(letter) == 1)


def check_sizes(subscripts, labels, operands):
    """The size of each label; a letter has one, and under an ellipsis 1 may stretch."""
    sizes = {}
    for term, x in zip(labels, operands, strict=True):
        for label, size in zip(term, x.shape, strict=True):
            known = sizes.get(label)
            stretches = isinstance(label, int) and 1 in (size, known)
            if None in (size, known) or size == known or stretches:
                sizes[label] = size if known in (None, 1) else known
                continue
            specs = ", ".join(str(x.spec) for x in operands)
            raise ShapeError(
                "einsum",
                f"the letter {label!r} has two sizes in {subscripts!r}",
                f"{specs}      ({known} != {size})",
            )
    return sizes


def check_result(subscripts, result, sizes):
    """The result has letters of the terms only, and each once."""
    if strange := [label for label in result if label not in sizes]:
        problem = f"{strange[0]!r} stands in no term"
        raise ArgumentError("einsum", problem, repr(subscripts))
    if len(set(result)) < len(result):
        problem = "a letter stands twice in the result"
        raise ArgumentError("einsum", problem, repr(subscripts))


def diagonals(x, labels):
    """Where a label stands twice, take the diagonal of its two axes."""
    twice = next((label for label in labels if labels.count(label) > 1), None)
    if twice is None:
        return x, labels
    first = labels.index(twice)
    second = labels.index(twice, first + 1)
    rest = [axis for axis in range(x.ndim) if axis not in (first, second)]
    x = apply(table.transpose, x, axes=(first, second, *rest))
    steps = positions(x, 0)
    x = apply(table.gather, x, steps, steps, axis=0)
    return diagonals(x, [twice, *(labels[axis] for axis in rest)])


def sum_out(x, labels, wanted):
    """Sum over the axes whose labels nobody wants any more."""
    axes = tuple(axis for axis, label in enumerate(labels) if label not in wanted)
    if not axes:
        return x, labels
    x = apply(table.reduce_sum, x, axis=axes, keepdims=False)
    return x, [label for label in labels if label in wanted]


def contract(x, x_labels, y, y_labels, wanted):
    """Two terms to one: a product of matrices, or of numbers if nothing is summed."""
    x, x_labels = sum_out(x, x_labels, wanted.union(y_labels))
    y, y_labels = sum_out(y, y_labels, wanted.union(x_labels))
    shared = [label for label in x_labels if label in y_labels]
    batch = [label for label in shared if label in wanted]
    inner = [label for label in shared if label not in wanted]
    left = [label for label in x_labels if label not in shared]
    right = [label for label in y_labels if label not in shared]
    x = arranged(x, x_labels, batch, left, inner)
    y = arranged(y, y_labels, batch, inner, right)
    return product_of(x, y, batch, left, inner, right), batch + left + right


def arranged(x, labels, *groups):
    """The axes of `x` in the order of the groups of labels."""
    order = tuple(labels.index(label) for group in groups for label in group)
    return x if order == tuple(range(x.ndim)) else apply(table.transpose, x, axes=order)


def product_of(x, y, batch, left, inner, right):
    """x[batch, left, inner] times y[batch, inner, right], summed over inner."""
    b, sizes, others = len(batch), measured(x), measured(y)
    if None in sizes and None in others:
        sizes, others = ([size_of(v, a) for a in range(v.ndim)] for v in (x, y))
    rows, columns = sizes[b : b + len(left)], others[b + len(inner) :]
    if not inner:
        x = reshaped(x, (*sizes, *(1,) * len(right)))
        y = reshaped(y, (*others[:b], *(1,) * len(left), *columns))
        return binary(table.multiply, x, y)
    x = reshaped(x, (*sizes[:b], merged(rows), merged(sizes[b + len(left) :])))
    y = reshaped(y, (*others[:b], merged(others[b:][: len(inner)]), merged(columns)))
    return laid_out(product(x, y), b, rows, columns)


def laid_out(z, b, rows, columns):
    """A product of flattened matrices with the sizes of rows and columns again."""
    return reshaped(z, (*measured(z)[:b], *rows, *columns))


def with_room(operands):
    """The operands of a product as they are; if all are int8, as int32."""
    if [x for x in operands if getattr(x, "dtype", None) != "int8"]:
        return operands
    return [apply(table.cast, convert(x), dtype="int32") for x in operands]


@public
def einsum(subscripts, *operands, **kwargs):
    """Sums of products, in Einstein's notation: one letter for each axis.

    A letter that stands in several terms runs along all of them together, and one that
    is missing from the result is summed over. '...' stands for any further axes, which
    broadcast. Without '->', the result has the letters that stand once, sorted.
    Raises ShapeError where a letter has two sizes. Source: Einstein 1916.

    >>> einsum("ij,jk->ik", ones((2, 3)), ones((3, 4))).shape
    (2, 4)
    """
    operands = promote(*with_room(operands))
    labels, result = read(subscripts, [x.ndim for x in operands])
    check_result(subscripts, result, check_sizes(subscripts, labels, operands))
    terms = [diagonals(x, term) for x, term in zip(operands, labels, strict=True)]
    x, axes = terms[0]
    for number, (y, others) in enumerate(terms[1:], 2):
        wanted = {label for _, term in terms[number:] for label in term}.union(result)
        x, axes = contract(x, axes, y, others, wanted)
    x, axes = sum_out(x, axes, result)
    order = tuple(axes.index(label) for label in result)
    return x if order == tuple(range(x.ndim)) else apply(table.transpose, x, axes=order)
