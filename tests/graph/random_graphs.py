"""Programs that nobody wrote: a seeded generator of functions over the table.

`program(seed)` draws inputs (shapes, dtypes, unknown sizes), then operation upon
operation on values that are there, and keeps what gives small finite results.  The
outcome is a `Program`: a function that runs eagerly and traced, with or without the
gradients of its result, with a variable that it reads and assigns to.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from minikeras import ops
from minikeras.core import table as t
from minikeras.core.specs import TensorSpec
from minikeras.core.tape import GradientTape, custom_gradient
from minikeras.core.tensor import Tensor, convert
from minikeras.core.variable import Variable
from minikeras.graph.function import function
from minikeras.graph.graph import graphs_in, trace
from minikeras.graph.program import writer

FLOATS, WHOLE = ("float32", "float64"), ("int32", "int64")
REFUSED = (ValueError, TypeError, NotImplementedError, IndexError)
MOST, LARGE = 300, 1e4  # numbers in a value, and how large they may be


def elements(x):
    return int(np.prod(x.shape)) if None not in x.shape else 1


def perm(draw, x):
    return tuple(int(a) for a in draw.permutation(x.ndim))


def axis_of(draw, x):
    return int(draw.integers(-x.ndim, x.ndim))


# Each maker takes draw and the values it may use, and gives a function of them; it
# sees concrete tensors, so it can look at shapes, but only bakes in what is certain.

SMOOTH = (
    ops.tanh, ops.sin, ops.cos, ops.sigmoid, ops.softplus, ops.erf, ops.negative,
    ops.absolute, ops.arctan, ops.arcsinh, t.stop_gradient, ops.square,
    lambda x: ops.exp(ops.tanh(x)), lambda x: ops.log1p(ops.absolute(x)),
    lambda x: ops.sqrt(ops.absolute(x) + 0.5), lambda x: ops.expm1(-ops.absolute(x)),
    lambda x: ops.tan(ops.tanh(x)), lambda x: ops.arcsin(ops.tanh(x) * 0.5),
    lambda x: ops.arctanh(ops.tanh(x) * 0.5), lambda x: ops.sinh(ops.tanh(x)),
    lambda x: ops.cosh(ops.tanh(x)), lambda x: ops.arccosh(ops.absolute(x) + 1.5),
    lambda x: ops.arccos(ops.tanh(x) * 0.5), lambda x: ops.log(ops.absolute(x) + 1.0),
)  # fmt: skip
STEPS = (ops.floor, ops.ceil, ops.round, ops.sign)
PAIRS = (
    lambda x, y: x + y, lambda x, y: x - y, lambda x, y: x * y, ops.maximum,
    ops.minimum, lambda x, y: x / (y * y + 1.0), lambda x, y: ops.arctan2(x, y + 3.0),
    lambda x, y: (ops.absolute(x) + 0.5) ** ops.tanh(y), lambda x, y: -x + -y,
    lambda x, y: -x * -y, lambda x, y: x - -y, lambda x, y: y + -x,
)  # fmt: skip
FOLLIES = (
    lambda x: x * 1, lambda x: x + 0, lambda x: x - 0, lambda x: 0 - x, lambda x: -(-x),
    lambda x: x * -1, lambda x: ops.maximum(x, x), lambda x: ops.where(True, x, -x),
    lambda x: x * 0, lambda x: x - x, lambda x: ops.absolute(-x), lambda x: x + x,
)  # fmt: skip
FLOAT_FOLLIES = (
    lambda x: x / 1, lambda x: x / 4.0, lambda x: x / -1.0, lambda x: x**1,
    lambda x: x * 2.0 * 3.0, lambda x: x + 0.5 + 0.25, lambda x: x / 3.0,
    lambda x: ops.cast(ops.cast(x, "float64"), x.dtype), lambda x: x**2,
)  # fmt: skip
QUESTIONS = (
    lambda x, y: x < y, lambda x, y: x <= y, lambda x, y: x > y, lambda x, y: x >= y,
    lambda x, y: x == y, lambda x, y: x != y,
)  # fmt: skip
LOGIC = (
    lambda x, y: x & y, lambda x, y: x | y, lambda x, y: x ^ y, lambda x, y: ~x & ~y,
    lambda x, y: (x & x) | y, lambda x, y: ~(~x), lambda x, y: x & True,
)  # fmt: skip
WHOLES = (
    lambda x, y: x // (y * y + 1), lambda x, y: x % (y * y + 1), lambda x, y: x & y,
    lambda x, y: x | y, lambda x, y: x ^ y, lambda x, y: x * 0 + y, lambda x, y: ~x,
    lambda x, y: t.left_shift(x, x * 0 + 1), lambda x, y: t.right_shift(x, x * 0 + 1),
)  # fmt: skip
FOLDS = (ops.sum, ops.mean, ops.max, ops.min, ops.prod)


def pick(draw, items):
    return items[int(draw.integers(len(items)))]


def elementwise(draw, x, y, c):
    kind = draw.integers(8)
    if x.dtype == "bool":
        return pick(draw, LOGIC) if y.dtype == "bool" else None
    if kind == 0:
        f = pick(draw, FOLLIES)
        return lambda x, y, c: f(x)
    if x.dtype in FLOATS:
        if kind < 4:
            f = pick(draw, (*SMOOTH, *SMOOTH, *STEPS, *FLOAT_FOLLIES))
            return lambda x, y, c: f(x)
    elif kind < 4 and y.dtype == x.dtype:
        f = pick(draw, WHOLES)
        return lambda x, y, c: f(x, y)
    if y.dtype == "bool" or (x.dtype in WHOLE) != (y.dtype in WHOLE):
        return None
    if kind == 4:
        f = pick(draw, QUESTIONS)
        return lambda x, y, c: f(x, y)
    if kind == 5 and c.dtype == "bool":
        return lambda x, y, c: ops.where(c, x, y)
    f = pick(draw, PAIRS if x.dtype in FLOATS else PAIRS[:5])
    return lambda x, y, c: f(x, y)


def reduction(draw, x, y, c):
    if not x.ndim or 0 in x.shape:
        return None
    axis, keep, kind = axis_of(draw, x), bool(draw.integers(2)), draw.integers(9)
    if x.dtype == "bool":
        f = pick(draw, (ops.any, ops.all))
    elif kind < 5:
        f = FOLDS[kind] if x.dtype in FLOATS else FOLDS[3 if kind == 1 else kind]
        axis = None if draw.integers(4) == 0 else axis
        if f is ops.prod and x.dtype in FLOATS:
            return lambda x, y, c: ops.prod(ops.tanh(x), axis=axis, keepdims=keep)
    elif kind < 7:
        f = pick(draw, (ops.argmax, ops.argmin, ops.argsort))
        return lambda x, y, c: f(x, axis=axis)
    else:
        f = pick(draw, (ops.cumsum, ops.cumprod))
        return lambda x, y, c: f(ops.tanh(x) if x.dtype in FLOATS else x, axis=axis)
    return lambda x, y, c: f(x, axis=axis, keepdims=keep)


def movement(draw, x, y, c):
    kind = draw.integers(11)
    if kind == 0:
        axes = perm(draw, x)
        return lambda x, y, c: ops.transpose(x, axes)
    if kind == 1:
        return lambda x, y, c: ops.reshape(x, (-1,))
    if kind == 2 and x.ndim < 4:
        axis = int(draw.integers(x.ndim + 1))
        return lambda x, y, c: ops.expand_dims(x, axis)
    if not x.ndim:
        return None
    axis = axis_of(draw, x)
    if kind == 3:
        return lambda x, y, c: ops.concatenate(
            [x, x * 1 if x.dtype != "bool" else x], axis
        )
    if kind == 4:
        widths = [tuple(map(int, draw.integers(0, 2, 2))) for _ in x.shape]
        return lambda x, y, c: ops.pad(x, widths)
    if kind == 5:
        cut = pick(
            draw,
            (
                slice(None, None, -1),
                slice(1, None),
                slice(None, -1),
                slice(None, None, 2),
            ),
        )
        return lambda x, y, c: x[cut]
    if kind == 6 and x.shape[axis]:
        return lambda x, y, c: ops.take(x, [0, -1], axis=axis)
    if kind == 7 and x.shape[0] and x.dtype in FLOATS:
        return lambda x, y, c: t.scatter_add(x, x[0:1] * 0.5, convert([0]), axis=0)
    if kind == 8:
        axes = perm(draw, x)
        return lambda x, y, c: ops.transpose(ops.transpose(x, axes), axes)
    if kind == 9 and x.dtype in FLOATS:
        return lambda x, y, c: t.reduce_like(t.broadcast_like(x, x), x[:1] * 0.0)
    if kind == 10 and x.dtype in FLOATS:
        axes = perm(draw, x)
        return lambda x, y, c: ops.exp(ops.tanh(ops.transpose(x, axes))) * 2.0 - 1.0
    return None


def product(draw, x, y, c):
    if x.dtype not in FLOATS or x.dtype != y.dtype or min(x.ndim, y.ndim) < 2:
        return None
    swap = lambda v: ops.swapaxes(v, -1, -2)
    if draw.integers(3) == 0:
        return lambda x, y, c: ops.tanh(swap(x) @ swap(y))
    return lambda x, y, c: ops.tanh(x @ swap(y))


def change(draw, x, y, c):
    kind = draw.integers(6)
    if kind == 0:
        return lambda x, y, c: ops.cast(x, "float32")
    if kind == 1:
        return lambda x, y, c: ops.cast(ops.cast(x, "float64"), "float32")
    if kind == 2 and x.dtype not in FLOATS:
        return lambda x, y, c: ops.cast(ops.cast(x, "int64"), "int32")
    if kind == 3 and x.ndim:
        return lambda x, y, c: ops.cast(t.dim_size(x, axis=0), "float32") * 0.5
    if kind == 4:
        number = float(draw.integers(-2, 3)) / 2
        return lambda x, y, c: t.full(shape=(2, 3), value=number, dtype="float32")
    return rare(draw, x)


def rare(draw, x):
    """Operations that few programs have."""
    kind, seed = draw.integers(5), int(draw.integers(100))
    if kind == 0:
        key = convert([seed, 7], "uint32")
        return lambda x, y, c: (
            ops.cast(t.random_bits(key, shape=(3,)), "float64") * 1e-10
        )
    if kind == 1 and x.dtype in FLOATS and x.ndim and x.shape[0]:
        cut = pick(draw, (((0, 1, None),), ((None, None, 2),)))
        return lambda x, y, c: t.scatter_slice(
            t.strided_slice(x, index=cut) * 0.5, x, index=cut
        )
    if kind == 2:
        about = {"who": "f", "thing": "label", "problem": "is not a class"}
        return lambda x, y, c: t.within(
            ops.argmax(ops.reshape(x, (-1,))) * 0, number=3, **about
        )
    if kind == 3:
        return lambda x, y, c: ops.sum(t.bitcast(x, dtype="uint8") % 7, axis=-1)
    return lambda x, y, c: ops.sum(t.nonzero(x), axis=1)


# ---- control flow --------------------------------------------------------------------


def small(x, dtype):
    """A number of this dtype, made of all numbers of x."""
    total = ops.tanh(ops.sum(ops.cast(x, "float64")))
    if dtype in FLOATS:
        return ops.cast(total, dtype)
    return ops.cast(total > 0.0, dtype)


def keeping(draw, depth=2):
    """A function (z, y) -> a value of the spec of z; y is what is captured."""
    steps = [one_step(draw, depth) for _ in range(draw.integers(1, 4))]

    def f(z, y):
        for step in steps:
            z = step(z, y)
        return z

    return f


def by_dtype(floats, whole, bools):
    """A step that does what fits the dtype of z."""

    def step(z, y):
        kind = floats if z.dtype in FLOATS else bools if z.dtype == "bool" else whole
        return kind(z, y)

    return step


def one_step(draw, depth):
    if depth and draw.integers(3) == 0:
        return flowing(draw, depth - 1)
    smooth, folly, number = (
        pick(draw, SMOOTH),
        pick(draw, FOLLIES),
        int(draw.integers(3)),
    )
    whole = pick(draw, (
        lambda z, y: z * 1 + 0, lambda z, y: (z + small(y, z.dtype)) % 7,
        lambda z, y: z - z + number, lambda z, y: -(-z), lambda z, y: z & 3,
    ))  # fmt: skip
    bools = pick(
        draw, (lambda z, y: ~z, lambda z, y: z | small(y, "bool"), lambda z, y: z)
    )
    floats = pick(draw, (
        lambda z, y: ops.tanh(smooth(z)), lambda z, y: ops.tanh(folly(z)),
        lambda z, y: z * small(y, z.dtype),
        lambda z, y: ops.tanh(z) + small(y, z.dtype) * 2.0,
        lambda z, y: ops.where(small(y, "bool"), z, ops.sin(z)),
        lambda z, y: ops.exp(-ops.absolute(z)) * small(y, z.dtype),
        lambda z, y: ops.transpose(ops.cos(ops.transpose(z))), lambda z, y: z / 2.0,
    ))  # fmt: skip
    return by_dtype(floats, whole, bools)


def flowing(draw, depth):
    """A step with control flow in it."""
    one, two, three = (keeping(draw, depth) for _ in range(3))
    kind, count = int(draw.integers(8)), int(draw.integers(4))

    def choice(z, y):
        asked = small(y, "bool") if count else convert(True)
        pair = ops.cond(
            asked,
            lambda: (one(z, y), z),
            lambda: (two(z, y), z * 1 if z.dtype != "bool" else z),
        )
        return pair[0] if count % 2 else ops.where(True, *pair)

    def switch(z, y):
        index = ops.cast(small(y, "float32") * 3.0, "int32")
        index = convert(count, "int32") if count == 2 else index
        return ops.switch(index, [lambda v, f=f: f(v, y) for f in (one, two, three)], z)

    def for_loop(z, y):
        return ops.fori_loop(0, count, lambda i, v: one(v, y), z)

    def while_loop(z, y):
        limit = ops.cast(ops.absolute(small(y, "float32")) * 4.0, "int32")
        body = lambda i, v, u, w: (i + 1, one(v, u), u, ops.sum(ops.cast(v, "float32")))
        return ops.while_loop(lambda i, *rest: i < limit, body, (0, z, y, 0.0))[1]

    def scan(z, y):
        rows = ops.stack([z, one(z, y), z]) if count else None
        step = lambda c, row: (
            two(c, y) if row is None else mixed(two(c, y), row),
            (c, three(c, y)),
        )
        end, (left, other) = ops.scan(
            step, z, rows, length=None if count else 2, reverse=count == 2
        )
        return mixed(left[0] if count < 2 else end, other[-1])

    def rule(z, y):
        if z.dtype not in FLOATS:
            return z

        @custom_gradient
        def halved(v):
            return ops.tanh(v), lambda g: g * 0.5

        return halved(z)

    def rows(z, y):
        if not z.ndim or z.shape[0] == 0:
            return z
        return (ops.vectorized_map if count % 2 else ops.map)(lambda v: one(v, y), z)

    traced = function(one, autograph=False)

    def called(z, y):
        return traced(z, y)

    return (choice, switch, for_loop, while_loop, scan, rule, rows, called)[kind]


def mixed(z, other):
    if z.dtype == "bool":
        return z ^ other
    return ops.tanh(z + other) if z.dtype in FLOATS else (z + other) % 5


def flow(draw, x, y, c):
    step = flowing(draw, 2)
    return lambda x, y, c: step(x, y)


MAKERS = (elementwise,) * 7 + (
    reduction,
    reduction,
    movement,
    movement,
    product,
    change,
    flow,
)


@dataclass
class Program:
    """inputs: arrays; specs: with unknown sizes; steps: (function, numbers of inputs)."""

    seed: int
    arrays: list
    specs: list
    steps: list
    variable: Variable
    results: list  # numbers of the values that come out

    @cached_property
    def fragile(self):
        """The numbers of steps that need a size that is not known in a graph."""
        return fragile_steps(self)

    def values(self, inputs, fragile=(), note=None):
        """All values, None where a step is left out.

        note: a set that is told which steps fail, and then left out.
        """
        held = self.variable + 0.0
        values = [*inputs, held]
        for number, (step, places) in enumerate(self.steps):
            chosen = [values[p] for p in places]
            skip = number in fragile or any(x is None for x in chosen)
            values.append(None if skip else self.tried(step, chosen, number, note))
        return values

    def tried(self, step, chosen, number, note):
        """The result of a step; None if it needs a size that is not known."""
        if note is None:
            return step(*chosen)
        try:
            z = step(*chosen)
        except REFUSED:
            z = None
        lines = writer().nodes
        if z is None or any(map(undecided, lines)):
            lines[:] = [node for node in lines if not undecided(node)]
            note.add(number)
            return None
        return z

    def __call__(self, *inputs, gradients=False, fragile=()):
        floats = [x for x in inputs if x.dtype in FLOATS]
        with GradientTape() as tape:
            tape.watch(floats)
            values = self.values(inputs, fragile)
            out = [values[n] for n in self.results if values[n] is not None]
            total = sum(
                (
                    ops.sum(ops.cast(ops.tanh(z), "float64"))
                    for z in out
                    if z.dtype in FLOATS
                ),
                start=ops.sum(ops.cast(self.variable, "float64")),
            )
        self.variable.assign(self.variable * 0.5 + ops.cast(ops.tanh(total), "float32"))
        if gradients:
            out += tape.gradient(total, floats, unconnected_gradients="zero")
        return out


def draw_input(draw, batch):
    ndim = int(draw.integers(0, 4))
    shape = [int(draw.integers(1, 4)) for _ in range(ndim)]
    dtype = pick(draw, ("float32", "float64", "float64", "int32", "bool"))
    known = list(shape)
    for axis in range(ndim):
        if draw.integers(3) == 0:
            shape[axis], known[axis] = batch, None
    low, high = (0, 2) if dtype == "bool" else (-4, 5)
    array = (
        draw.integers(low, high, shape)
        if dtype in ("bool", "int32")
        else draw.normal(size=shape)
    )
    return np.asarray(array).astype(dtype), TensorSpec(known, dtype)


def sane(z):
    array = np.asarray(z._data, "float64") if isinstance(z, Tensor) else None
    fits = array is not None and array.size <= MOST and array.ndim <= 4
    return fits and np.isfinite(array).all() and np.all(np.abs(array) < LARGE)


def program(seed, length=8):
    """The program of a seed."""
    draw = np.random.default_rng(seed)
    batch = int(draw.integers(1, 4))
    pairs = [draw_input(draw, batch) for _ in range(draw.integers(1, 4))]
    variable = Variable(draw.normal(size=3).astype("float32"), name="v")
    one = Program(seed, [a for a, _ in pairs], [s for _, s in pairs], [], variable, [])
    values = [*map(convert, one.arrays), variable + 0.0]
    for _ in range(8 * length):
        places = [
            int(n)
            for n in len(values)
            - 1
            - np.minimum(draw.geometric(0.25, 3) - 1, len(values) - 1)
        ]
        chosen = [values[p] for p in places]
        step = pick(draw, MAKERS)(draw, *chosen)
        if step is None:
            continue
        wrapped = step if step not in LOGIC else (lambda x, y, c, f=step: f(x, y))
        try:
            z = wrapped(*chosen)
        except REFUSED:
            continue
        if sane(z):
            one.steps.append((wrapped, places))
            values.append(z)
        if len(one.steps) == length:
            break
    count = len(values)
    one.results = sorted({count - 1, *map(int, draw.integers(0, count, 3))})
    return one


def present(values):
    return [v for v in values if v is not None]


def undecided(node):
    """A reshape that NumPy cannot do: a None, two sizes not known, one beside a zero."""
    if any(map(undecided, (x for g in graphs_in(node) for x in g.nodes))):
        return True
    shape = node.attributes["shape"] if node.op is t.reshape else ()
    unknown = sum(n in (None, -1) for n in shape)
    return None in shape or unknown > 1 or (unknown == 1 and 0 in shape)


def fragile_steps(one):
    """The numbers of steps that need a size that is not known."""
    found = set()
    trace(lambda *xs: present(one.values(xs, note=found)), *one.specs)
    return found


def graph_of(one, gradients=False):
    """The traced program; steps that need a size that is not known are left out."""
    fragile, name = one.fragile, f"random_{one.seed}"
    try:
        graph = trace(
            lambda *xs: one(*xs, gradients=gradients, fragile=fragile),
            *one.specs,
            name=name,
        )
    except REFUSED:
        graph = None
    if graph is None or any(map(undecided, all_lines(graph))):  # so are some gradients
        graph = trace(lambda *xs: one(*xs, fragile=fragile), *one.specs, name=name)
    return graph


def all_lines(graph):
    """The lines of a graph, with those in branches."""
    found = list(graph.nodes)
    for node in graph.nodes:
        for inner in graphs_in(node):
            found += all_lines(inner)
    return found
