"""Generated from book/arrays/specs.ipynb. Edit the chapter, not this file."""

import optree


def flatten(nest):
    """The leaves of nested lists, tuples and dicts, in order; None is a leaf."""
    return optree.tree_leaves(nest, none_is_leaf=True)


def map_structure(function, *nests):
    """Apply `function` to the leaves of nests of one structure, and keep the structure."""
    structure = optree.tree_structure(nests[0], none_is_leaf=True)
    leaves = zip(*map(structure.flatten_up_to, nests), strict=True)
    return optree.tree_unflatten(structure, [function(*group) for group in leaves])


def pack(nest, leaves):
    """The structure of `nest`, filled with `leaves`."""
    structure = optree.tree_structure(nest, none_is_leaf=True)
    return optree.tree_unflatten(structure, leaves)
