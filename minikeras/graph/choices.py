"""Generated from book/graphs/choices.ipynb. Edit the chapter, not this file."""

from collections import Counter
from functools import reduce

import optree

from minikeras.core.eager import evaluate
from minikeras.core.errors import DTypeError, ShapeError
from minikeras.core.gradients import vjp
from minikeras.core.infer import Symbol, spec
from minikeras.core.nest import map_structure
from minikeras.core.specs import known_spec
from minikeras.graph.branches import (
    Branch,
    Kept,
    Several,
    Specs,
    Written,
    close,
    nothing,
    read_back,
    saving,
    seeds_of,
    spread,
)
from minikeras.graph.concrete import contents
from minikeras.graph.program import open_sheet, writer

choice = Several("switch", listed=False)


def _switch(index, *operands, branches):
    """The results of one branch; a number out of range takes the nearest."""
    return branches[min(max(int(index), 0), len(branches) - 1)](*operands)


def joint(x, y):
    """The spec that covers both: sizes that differ become unknown."""
    pairs = zip(x.shape, y.shape, strict=True)
    return known_spec(tuple(m if m == n else None for m, n in pairs), x.dtype)


def _switch_spec(index, *operands, branches):
    columns = zip(*[[z.spec for z in branch.outputs] for branch in branches])
    return Specs(reduce(joint, column) for column in columns)


evaluate[choice], spec[choice] = _switch, _switch_spec


def check_alike(op, several, labels=None):
    """Raise an error that names the result on which two branches differ, if they do.

    The last branch is what the others are compared with: for `cond` the true one.
    labels: what to call the results.
    """
    *others, first = several
    for other in reversed(others):
        if first.structure != other.structure:
            got = f"{_in_stars(first.structure)} and {_in_stars(other.structure)}"
            problem = "the branches must return results of the same structure"
            raise DTypeError(op, problem, got)
        names = labels or [f"result {i}" for i in range(len(first.outputs))]
        for label, x, y in zip(names, first.outputs, other.outputs):
            _check_pair(op, label, (first, x), (other, y))


def _in_stars(structure):
    """A nest with a star for each result: "(*, *)"."""
    stars = ["*"] * structure.num_leaves
    return repr(optree.tree_unflatten(structure, stars)).replace("'", "")


def _check_pair(op, label, one, two):
    """Two results that should be of one kind; each comes with its function."""
    (first, x), (other, y) = one, two
    words = "{} has {} in the {} branch, but {} in the {} branch"
    for error, name, of in (
        (DTypeError, "dtype", lambda z: z.dtype),
        (ShapeError, "rank", lambda z: z.ndim),
    ):
        if of(x) != of(y):
            a, b = (f"{name} {of(z)}" for z in (x, y))
            problem = words.format(label, a, first.graph.name, b, other.graph.name)
            raise error(op, problem, f"{x.spec} and {y.spec}")


def choose(op, index, functions, names, labels=None):
    """functions[index](): now, or a line that will choose when the graph runs.

    index: an int, or the int32 symbol of one. op: what the caller is called, for
    errors. names: of the branches.
    """
    if index.__class__ is int:
        return functions[min(max(index, 0), len(functions) - 1)]()
    if writer() is None:  # only specs are wanted
        return map_structure(
            lambda *xs: Symbol(reduce(joint, [x.spec for x in xs])),
            *[function() for function in functions],
        )
    several = [Written(*pair) for pair in zip(functions, names)]
    check_alike(op, several, labels)
    return choice_of(index, several)


def choice_of(index, several):
    """The line that chooses among branches that are written and alike."""
    values, changed = close(several)
    values += contents(changed)
    found = choice(index, *values, branches=tuple(one.graph for one in several))
    count = len(several[0].outputs)
    for variable, value in zip(changed, found[count:]):
        variable.assign(value)
    return optree.tree_unflatten(several[0].structure, found[:count])


def _switch_saving(branches):
    """A choice among branches that save, all of them values of the same specs."""
    if all(isinstance(branch, Kept) for branch in branches):
        return None, {"branches": branches}
    several = tuple(map(Kept, branches))
    read, wanted = list(map(read_back, several)), Counter()
    for nodes in read:
        wanted |= Counter(x.spec for x in nodes)
    for kept, nodes in zip(several, read):
        kept.save(filed(kept, nodes, wanted.elements()))
    return len(branches[0].outputs), {"branches": several}


def filed(kept, nodes, specs):
    """One of the nodes for each spec; zeros in places that belong to other branches."""
    rest, found = list(nodes), []
    for wanted in specs:
        own = next((x for x in rest if x.spec == wanted), None)
        rest = [x for x in rest if x is not own]
        found.append(kept.constant(nothing(wanted)) if own is None else own)
    return found


saving[choice] = _switch_saving


def back(kept, which):
    """The branch back: inputs, saved values, seeds -> gradients of the inputs."""
    branch, (_, _, seeds, _) = Branch(f"{kept.name}_back"), kept.page(which)
    inputs = [branch.another_input(x, x.attributes["name"]) for x in kept.inputs]
    saved, seeds = (
        [branch.another_input(x, f"{name}{i}") for i, x in enumerate(group)]
        for name, group in (("kept_", kept.saved), ("g", seeds))
    )
    with open_sheet(branch):
        found = kept.slopes(inputs, saved, seeds, which)
        branch.outputs = [branch.own(z) for z in found]
    return branch


def _switch_back(g, z, index, *operands, branches):
    """The gradient of a choice: a choice between gradients."""
    which, seeds = seeds_of(g, z, branches[0])
    saved = [z[i] for i in branches[0].places]
    backs = tuple([back(kept, which) for kept in branches])
    shares = choice(index, *operands, *saved, *seeds, branches=backs)
    return [None, *spread(shares, operands)]


vjp[choice] = _switch_back
