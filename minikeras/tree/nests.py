"""Generated from book/keras/nests.ipynb. Edit the chapter, not this file."""

import warnings

import optree

from minikeras.core.errors import ArgumentError, DTypeError
from minikeras.core.nest import is_shape

OPTIONS = {"none_is_leaf": True, "namespace": "keras"}


def is_nested(structure):
    """Whether `structure` is a list, tuple, dict, named tuple or deque.

    >>> is_nested([]), is_nested((1, 2)), is_nested("ab"), is_nested(None)
    (True, True, False, False)
    """
    return not optree.tree_is_leaf(structure, **OPTIONS)


def flatten(structure):
    """The leaves of a nest, in order; dicts by sorted keys; None is a leaf.

    >>> flatten({"b": 1, "a": [2, None]})
    [2, None, 1]
    """
    return optree.tree_leaves(structure, **OPTIONS)


def flatten_with_path(structure):
    """(path, leaf) for each leaf, in the order of `flatten`.

    >>> flatten_with_path({"b": 1, "a": [2, (3,)]})
    [(('a', 0), 2), (('a', 1, 0), 3), (('b',), 1)]
    """
    paths, leaves, _ = optree.tree_flatten_with_path(structure, **OPTIONS)
    return list(zip(paths, leaves))


def pack_sequence_as(structure, flat_sequence):
    """The nest `structure`, with its leaves replaced by those of `flat_sequence`.

    Errors: a ValueError if there are too few or too many; a TypeError if it is no
    sequence.

    >>> pack_sequence_as({"b": 0, "a": [0, 0]}, [1, 2, 3])
    {'b': 3, 'a': [1, 2]}
    """
    spec = optree.tree_structure(structure, **OPTIONS)
    if not hasattr(flat_sequence, "__iter__"):
        got = repr(flat_sequence)[:60]
        raise DTypeError("tree.pack_sequence_as", "not a sequence of leaves", got)
    leaves = list(flat_sequence)
    if len(leaves) != spec.num_leaves:
        few = "few" if len(leaves) < spec.num_leaves else "many"
        got = f"{len(leaves)} leaves for {spec.num_leaves} places"
        raise ArgumentError("tree.pack_sequence_as", f"Too {few} leaves", got)
    return optree.tree_unflatten(spec, leaves)


MISFIT = "Structures don't have the same nested structure."


def _laid_along(spec, structure, name, exact=True):
    """The parts of `structure` at the leaves of `spec`; a ValueError if it differs."""
    try:
        parts = spec.flatten_up_to(structure)
    except (ValueError, TypeError) as error:
        raise ArgumentError(f"tree.{name}", MISFIT, str(error)) from None
    for part in parts if exact else ():
        if part is not None and is_nested(part):
            got = f"a leaf in one, {type(part).__name__} in the other"
            raise ArgumentError(f"tree.{name}", MISFIT, got)
    return parts


def map_structure(func, *structures, none_is_leaf=True):
    """func on the corresponding leaves of nests of one structure, in that structure.

    none_is_leaf: False leaves None where it stands, without calling func.
    Errors: a ValueError if the structures differ; func is not called then.

    >>> map_structure(lambda x, y: x + y, {"a": 1, "b": [2]}, {"b": [20], "a": 10})
    {'a': 11, 'b': [22]}
    """
    _check_call("map_structure", func, structures)
    options = {**OPTIONS, "none_is_leaf": none_is_leaf}
    spec = optree.tree_structure(structures[0], **options)
    groups = zip(*[_laid_along(spec, x, "map_structure") for x in structures])
    return optree.tree_unflatten(spec, [func(*group) for group in groups])


def map_structure_up_to(shallow_structure, func, *structures):
    """Like map_structure, but only down to the leaves of `shallow_structure`.

    >>> map_structure_up_to([0, 0], len, [[1, 2], [3]])
    [2, 1]
    """
    name = "map_structure_up_to"
    _check_call(name, func, structures)
    spec = optree.tree_structure(shallow_structure, **OPTIONS)
    groups = zip(*[_laid_along(spec, x, name, exact=False) for x in structures])
    return optree.tree_unflatten(spec, [func(*group) for group in groups])


def _check_call(name, func, structures):
    if not callable(func):
        raise DTypeError(f"tree.{name}", "func is not callable", repr(func)[:60])
    if not structures:
        raise ArgumentError(f"tree.{name}", "Must provide at least one structure")


def assert_same_structure(a, b, check_types=None):
    """Nothing, if two nests differ in their leaves only; otherwise a ValueError.

    check_types: has no effect any more, and a DeprecationWarning says so.
    """
    if check_types is not None:
        hint = "" if check_types else "; assert_same_paths() is the looser check"
        warnings.warn(
            f"check_types has no effect{hint}", DeprecationWarning, stacklevel=2
        )
    spec = optree.tree_structure(a, **OPTIONS)
    _laid_along(spec, b, "assert_same_structure")


def assert_same_paths(a, b):
    """Nothing, if two nests have the same paths to leaves; otherwise a ValueError.

    >>> assert_same_paths([1, (2,)], (3, [4]))
    """
    ours, theirs = (set(optree.tree_paths(x, **OPTIONS)) for x in (a, b))
    if ours != theirs:
        got = f"Paths in `a` missing in `b`: {sorted(map(str, ours - theirs))}, "
        got += f"Paths in `b` missing in `a`: {sorted(map(str, theirs - ours))}"
        problem = "`a` and `b` don't have the same paths."
        raise ArgumentError("tree.assert_same_paths", problem, got)


class MAP_TO_NONE:
    """What a function given to `traverse` returns to put None in a place."""


def traverse(func, structure, top_down=True):
    """func at every node; what it returns replaces the node, None goes on inside.

    top_down: ask a box before its items, or (False) after they have been replaced.

    >>> traverse(lambda x: -x if isinstance(x, int) else None, {"a": [1, (2,)]})
    {'a': [-1, (-2,)]}
    """
    _check_call("traverse", func, (structure,))
    node = structure if top_down else _traversed(func, structure, top_down)
    answer = func(node)
    if answer is None:
        return _traversed(func, structure, top_down) if top_down else node
    return None if answer is MAP_TO_NONE else answer


def _traversed(func, structure, top_down):
    """A box with `traverse` done to its items; a leaf as it is."""
    if not is_nested(structure):
        return structure
    items, spec = optree.tree_flatten(
        structure, is_leaf=lambda x: x is not structure, **OPTIONS
    )
    return optree.tree_unflatten(spec, [traverse(func, x, top_down) for x in items])


def lists_to_tuples(structure):
    """The nest with tuples for lists.

    >>> lists_to_tuples([1, [2, {"a": [3]}]])
    (1, (2, {'a': (3,)}))
    """
    as_tuple = lambda x: tuple(x) if isinstance(x, list) else None
    return traverse(as_tuple, structure, top_down=False)


def map_shape_structure(func, structure):
    """func on every shape in a nest: a list or tuple of sizes, None for unknown.

    >>> map_shape_structure(len, {"a": (None, 8, 8), "b": [(3,), (4, 5)]})
    {'a': 3, 'b': [1, 2]}
    """
    return optree.tree_map(func, structure, is_leaf=is_shape, **OPTIONS)
