"""Generated from book/arrays/pantry.ipynb. Edit the chapter, not this file."""

import math

from minikeras.core.errors import ArgumentError, ShapeError
from minikeras.core.tensor import convert, measured, merged
from minikeras.ops.public import public
from minikeras.ops.shaping import ordered
from minikeras.ops.words import reshaped


def groups_in(side):
    """'b (h w) c' as [['b'], ['h', 'w'], ['c']]."""
    groups, inside = [], False
    for word in side.replace("(", " ( ").replace(")", " ) ").split():
        if word in ("(", ")"):
            inside = word == "("
            groups += [[]] if inside else []
        elif inside:
            groups[-1].append(word)
        else:
            groups.append([word])
    return groups


def sizes_of_names(x, groups, given):
    """The size of each name on the left side of a picture; None if not known yet."""
    if len(groups) != x.ndim:
        problem = f"the left side names {len(groups)} axes"
        raise ShapeError("rearrange", problem, str(x.spec))
    sizes = dict(given)
    for group, size in zip(groups, measured(x), strict=True):
        known = math.prod(given[name] for name in group if name in given)
        unknown = [name for name in group if name not in given]
        if isinstance(size, int) and (size % known or not (unknown or size == known)):
            problem = f"{' '.join(group)} does not divide {size} numbers"
            raise ShapeError("rearrange", problem, f"{x.spec}, {given}")
        if len(unknown) > 1:
            problem = f"give the sizes of all but one of {', '.join(unknown)}"
            raise ArgumentError("rearrange", problem, str(given))
        sizes |= {name: None if size is None else size // known for name in unknown}
    return sizes


@public
def rearrange(tensor, pattern, **axes_lengths):
    """The axes of a tensor in the order, and in the brackets, of a picture.

    pattern: names before and after "->"; (a b) is one axis that counts a, then b.
    axes_lengths: the sizes of all names but one in a bracket on the left.

    >>> rearrange(convert([[1, 2, 3, 4]]), "b (h p) -> p b h", p=2)
    Tensor([[[1, 3]],
    <BLANKLINE>
            [[2, 4]]], shape=(2, 1, 2), dtype=int32)
    """
    x = convert(tensor)
    before, arrow, after = pattern.partition("->")
    left, right = groups_in(before), groups_in(after)
    names = [name for group in left for name in group]
    wanted = [name for group in right for name in group]
    if not arrow or sorted(names) != sorted(wanted) or len(set(names)) < len(names):
        problem = "both sides of the arrow have the same names, each once"
        raise ArgumentError("rearrange", problem, repr(pattern))
    sizes = sizes_of_names(x, left, axes_lengths)
    x = reshaped(x, [sizes[name] for name in names])
    x = ordered(x, tuple(names.index(name) for name in wanted))
    return reshaped(x, [merged([sizes[name] for name in group]) for group in right])
