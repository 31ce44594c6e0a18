"""Generated from
book/arrays/specs.ipynb
book/keras/nests.ipynb
book/keras/layers.ipynb

Edit the chapter, not this file.
"""

from numbers import Integral

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


def is_shape(x):
    """Whether `x` is one shape: a tuple or list of sizes and Nones."""
    return isinstance(x, (tuple, list)) and all(
        n is None or isinstance(n, Integral) for n in x
    )


def map_shapes(function, nest):
    """Apply `function` to each shape in a nest of shapes; None stays None."""
    if nest is None:
        return None
    if is_shape(nest) and not (isinstance(nest, list) and not nest):
        return function(tuple(nest))
    if isinstance(nest, dict):
        return {key: map_shapes(function, value) for key, value in nest.items()}
    return type(nest)(map_shapes(function, value) for value in nest)
