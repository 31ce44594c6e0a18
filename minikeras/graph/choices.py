"""Generated from book/graphs/choices.ipynb. Edit the chapter, not this file."""

from functools import reduce

import optree

from minikeras.core.eager import evaluate
from minikeras.core.errors import DTypeError, ShapeError
from minikeras.core.gradients import vjp
from minikeras.core.infer import Symbol, spec
from minikeras.core.nest import map_structure
from minikeras.core.specs import known_spec
from minikeras.graph.branches import (
    Several,
    Specs,
    Written,
    close,
    derived,
    floats,
    slopes,
    spread,
)
from minikeras.graph.concrete import contents
from minikeras.graph.program import writer

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


def back(graph):
    """The branch that goes backwards: inputs, then seeds -> gradients of the inputs."""

    def walk(branch, inputs):
        ends = enumerate(floats(graph.outputs))
        return slopes(
            graph, inputs, [branch.another_input(z, f"g{i}") for i, z in ends]
        )

    return derived(f"{graph.name}_back", graph, walk)


def _switch_back(g, z, index, *operands, branches):
    """The gradient of a choice: a choice between gradients."""
    backs = tuple(map(back, branches))
    shares = choice(index, *operands, *floats(g), branches=backs)
    return [None, *spread(shares, operands)]


vjp[choice] = _switch_back
