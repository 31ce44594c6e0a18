"""Generated from book/arrays/specs.ipynb. Edit the chapter, not this file."""

import optree


def flatten(nest):
    """The leaves of nested lists, tuples and dicts, in order; None is a leaf."""
    return optree.tree_leaves(nest, none_is_leaf=True)


def map_structure(function, *nests):
    """Apply `function` to the leaves of nests of one structure, and keep the structure."""
    return optree.tree_map(function, *nests, none_is_leaf=True)


def pack(nest, leaves):
    """The structure of `nest`, filled with `leaves`."""
    structure = optree.tree_structure(nest, none_is_leaf=True)
    return optree.tree_unflatten(structure, leaves)
