"""Generated from book/graphs/autograph.ipynb. Edit the chapter, not this file."""

import numpy as np
import optree

from minikeras.core.errors import ArgumentError, DTypeError, ShapeError
from minikeras.core.infer import Symbol
from minikeras.core.tensor import Value
from minikeras.graph.autograph.places import LATER, MISSING, Aside, Mark, Places
from minikeras.graph.branches import Written
from minikeras.graph.choices import check_alike, choice_of
from minikeras.graph.program import writer
from minikeras.ops.core import cast
from minikeras.ops.questions import logical_not

NUMBERS = (Value, np.ndarray, np.generic, bool, int, float, complex)

SCALARS = (bool, int, float, complex, str, bytes)


def value_of(x):
    """What a variable holds; anything else as it is."""
    return x._as_value() if isinstance(x, Value) else x


def symbolic(x):
    """Whether `x` is a tensor of the graph that is being written."""
    return isinstance(x, Symbol) and writer() is not None


def one_truth(op, x):
    """A symbol to choose by, as bool."""
    if x.ndim:
        hint = "ops.any or ops.all; ops.where chooses for each element"
        problem = "the condition must be one truth value"
        raise ShapeError(op, problem, str(x.spec), hint)
    return cast(x, "bool")


def same(x, y):
    """Whether there is nothing to choose: one object, or equal Python values."""
    alike = type(x) is type(y) and isinstance(x, SCALARS)
    return x is y or (alike and x == y)


class Side:
    """One way of a choice, written down: what names stand for at its end.

    function: gives {name: value}. nests: {name: structure}; leaves: {name: pairs of a
    leaf and the node that it became, None if it is no number}.
    """

    def __init__(self, function, label):
        self.function, self.label = function, label
        self.values, self.nests, self.leaves = {}, {}, {}
        self.written = Written(self._run, label)
        nodes = iter(self.written.outputs)
        for name, leaves in self.leaves.items():
            pairs = [
                (x, next(nodes) if isinstance(x, NUMBERS) else None) for x in leaves
            ]
            self.leaves[name] = pairs

    def _run(self):
        self.values = self.function()
        for name, value in self.values.items():
            self.leaves[name], self.nests[name] = optree.tree_flatten(value)
        leaves = [x for several in self.leaves.values() for x in several]
        return [x for x in leaves if isinstance(x, NUMBERS)]

    def take_zeros(self, name, other):
        """Let a name stand for zeros, like what the other side has."""
        zeros = [zeros_for(node.spec) for _, node in other.leaves[name]]
        self.leaves[name] = [(z, self.written.graph.own(z)) for z in zeros]
        self.nests[name] = other.nests[name]

    def give(self, nodes):
        """Let the branch have these outputs."""
        self.written.outputs = list(nodes)
        self.written.structure = optree.tree_structure(self.written.outputs)


def zeros_for(spec):
    """Zeros of the dtype and, as far as it is known, the shape of a spec."""
    return cast(np.zeros([n or 0 for n in spec.shape]), spec.dtype)


class Pair(tuple):
    """Two nodes to choose from."""


def meet(op, name, one, two):
    """The leaves of a name after a choice: what the sides share, or a Pair."""
    for x, y in ((one, two), (two, one)):
        mine, other = x.values[name], y.values[name]
        if mine is LATER and not isinstance(other, Mark):
            x.take_zeros(name, y)
        elif mine is not other and (mine is None or isinstance(mine, Mark)):
            hint = "give it a value before the choice, or in both branches"
            raise ArgumentError(op, _lacking(name, mine, x.label), hint=hint)
    if one.nests[name] != two.nests[name]:
        problem = f"{name!r} has one structure in the main branch, another in the else"
        raise DTypeError(op, problem, f"{one.values[name]} and {two.values[name]}")
    pairs = zip(one.leaves[name], two.leaves[name])
    return [_meet_leaf(op, name, *pair) for pair in pairs]


def _lacking(name, mark, label):
    """What is wrong with a branch that leaves a name without a value."""
    if mark is MISSING:
        return f"{name!r} must also be initialized in the {label} branch"
    if mark is None:
        return f"{name!r} is None at the end of the {label} branch"
    return f"the {label} branch must also have a return statement"


def _meet_leaf(op, name, one, two):
    (x, left), (y, right) = one, two
    if same(x, y):
        return x
    if left is None or right is None:
        problem = f"{name!r} differs in the branches, and only tensors can be chosen"
        raise DTypeError(op, problem, f"{x!r} and {y!r}")
    return Pair((left, right))


def pick(op, test, main, other):
    """{name: value} by main() or by other(): a line that will choose."""
    test = one_truth(op, test)
    one, two = Side(main, "main"), Side(other, "else")
    met = {name: meet(op, name, one, two) for name in one.values}
    pairs = [x for leaves in met.values() for x in leaves if type(x) is Pair]
    labels = [label for name in met for label in labelled(name, met[name], Pair)]
    one.give(x for x, _ in pairs)
    two.give(y for _, y in pairs)
    sides = [two.written, one.written]
    check_alike(op, sides, labels)
    found = iter(choice_of(cast(test, "int32"), sides))
    for name, leaves in met.items():
        leaves = [next(found) if type(x) is Pair else x for x in leaves]
        met[name] = optree.tree_unflatten(one.nests[name], leaves)
    return met


def labelled(name, leaves, kind):
    """What to call the leaves of a kind: by the name, and by number if it has several."""
    several = len(leaves) > 1
    for i, x in enumerate(leaves):
        if isinstance(x, kind):
            yield f"{name!r}, part {i}," if several else repr(name)


def if_(test, main, other, names):
    """The statement `if`; `names` are those that it binds and that are read later."""
    test = value_of(test)
    if symbolic(test):
        stage(test, main, other, names, Places(main, other))
    elif test:
        main()
    else:
        other()


def stage(test, main, other, names, places):
    """Write both ways, and let names stand for what will be chosen."""

    def looking(function):
        def run():
            with Aside("if", places, names):
                function()
                return places.look(names)

        return run

    places.put(pick("if", test, looking(main), looking(other)))


def one_of(op, test, main, other):
    """The value of main() or of other()."""
    name = "the value"
    return pick(op, test, lambda: {name: main()}, lambda: {name: other()})[name]


def either(test, main, other):
    """The expression `main() if test else other()`."""
    test = value_of(test)
    if symbolic(test):
        return one_of("if", test, main, other)
    return main() if test else other()


def and_(first, *rest):
    """`first() and ...`: the next is asked only if all before are true."""
    x = value_of(first())
    if rest and symbolic(x):
        return one_of("and", x, lambda: and_(*rest), lambda: x)
    return and_(*rest) if rest and x else x


def or_(first, *rest):
    """`first() or ...`: the next is asked only if all before are false."""
    x = value_of(first())
    if rest and symbolic(x):
        return one_of("or", x, lambda: x, lambda: or_(*rest))
    return or_(*rest) if rest and not x else x


def not_(x):
    """`not x`."""
    x = value_of(x)
    return logical_not(one_truth("not", x)) if symbolic(x) else not x


def compare(x, *pairs):
    """`x < y < z`: each pair is a comparison, and what gives its right side."""
    (holds, right), *rest = pairs
    y = right()
    if not rest:
        return holds(x, y)
    return and_(lambda: holds(x, y), lambda: compare(y, *rest))
