"""Programs that nobody wrote: a seeded generator of functions over the table.

`program(seed)` draws inputs (shapes, dtypes, unknown sizes), then operation upon
operation on values that are there, and keeps what gives small finite results.  The
outcome is a `Program`: a function that runs eagerly and traced, with or without the
gradients of its result, with a variable that it reads and assigns to.
"""

from dataclasses import dataclass

import numpy as np

from minikeras import ops
from minikeras.core import table as t
from minikeras.core.specs import TensorSpec
from minikeras.core.tape import GradientTape
from minikeras.core.tensor import Tensor, convert
from minikeras.core.variable import Variable
from minikeras.graph.graph import trace

FLOATS, WHOLE = ("float32", "float64"), ("int32", "int64")
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
    seed = int(draw.integers(100))
    bits = lambda: t.random_bits(
        convert([seed, 7], "uint32"), convert([0, 0], "uint32"), shape=(3,)
    )
    try:
        bits()
    except Exception:
        bits = lambda: t.iota(size=3, dtype="int32")
    return lambda x, y, c: ops.cast(bits(), "float64") * 1e-10


MAKERS = (elementwise,) * 7 + (
    reduction,
    reduction,
    movement,
    movement,
    product,
    change,
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

    def values(self, inputs, fragile=()):
        """All values, None where a step is left out."""
        held = self.variable + 0.0
        values = [*inputs, held]
        for number, (function, places) in enumerate(self.steps):
            chosen = [values[p] for p in places]
            skip = number in fragile or any(x is None for x in chosen)
            values.append(None if skip else function(*chosen))
        return values

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


def program(seed, length=14):
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
        function = pick(draw, MAKERS)(draw, *chosen)
        if function is None:
            continue
        wrapped = (
            function if function not in LOGIC else (lambda x, y, c, f=function: f(x, y))
        )
        try:
            z = wrapped(*chosen)
        except (ValueError, TypeError, NotImplementedError, IndexError):
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
    shape = node.attributes["shape"] if node.op is t.reshape else ()
    unknown = sum(n in (None, -1) for n in shape)
    return None in shape or unknown > 1 or (unknown == 1 and 0 in shape)


def graph_of(one, gradients=False):
    """The traced program; steps that need a size that is not known are left out."""
    fragile, count = set(), len(one.steps)
    for number in range(count):
        later = range(number + 1, count)
        try:
            bits = trace(
                lambda *xs: present(one.values(xs, {*fragile, *later})), *one.specs
            )
        except (ValueError, TypeError, NotImplementedError, IndexError):
            fragile.add(number)
        else:
            if any(map(undecided, bits.nodes)):
                fragile.add(number)
    name = f"random_{one.seed}"
    try:
        graph = trace(
            lambda *xs: one(*xs, gradients=gradients, fragile=fragile),
            *one.specs,
            name=name,
        )
    except (ValueError, TypeError, NotImplementedError):
        graph = None
    if graph is None or any(map(undecided, graph.nodes)):  # so are some gradients
        graph = trace(lambda *xs: one(*xs, fragile=fragile), *one.specs, name=name)
    return graph
