"""`ops.vectorized_map` and the tape's Jacobians: values, slopes, flow, errors.

Played eagerly and in a traced function.
"""

import numpy as np

from tests.golden.cases import scenarios
from tests.golden.cases.flow import number, traced
from tests.golden.player import outcome

f32 = np.float32
X = np.array([[0.3, -0.7], [1.1, 0.2], [-0.4, -0.9], [2.5, 1.7]], f32)
W = np.array([[0.5, -1.0], [0.25, 2.0]], f32)


def cases():
    found = [f for name, f in globals().items() if getattr(f, "is_scenario", False)]
    return list(scenarios("vectorized_map", found))


def scenario(function):
    function.is_scenario = True
    return function


def nest_leaves(k, nest):
    "The tensors of a nest; TensorFlow's sparse gradients are leaves."
    if isinstance(nest, (list, tuple)):
        return [z for part in nest for z in nest_leaves(k, part)]
    return k.tree.flatten(nest)


def leaves(k, nest):
    return [number(k.ops.convert_to_tensor(z)) for z in nest_leaves(k, nest)]


def both(k, f, elements):
    "The result of mapping f, its slope by the first element, eagerly and traced."
    elements = k.tree.map_structure(k.ops.convert_to_tensor, elements)
    first = k.tree.flatten(elements)[0]

    def run(elements):
        first = k.tree.flatten(elements)[0]
        with k.GradientTape() as tape:
            tape.watch(first)
            out = k.ops.vectorized_map(f, elements)
            floats = [
                z
                for z in k.tree.flatten(out)
                if "float" in k.backend.standardize_dtype(z.dtype)
            ]
            y = sum(k.ops.sum(k.ops.sin(z)) for z in floats)
        return out, tape.gradient(y, first, unconnected_gradients="zero")

    assert first.ndim > 0
    return [leaves(k, run(elements)), leaves(k, traced(k, run)(elements))]


@scenario
def one_tensor(k):
    return both(k, lambda x: k.ops.tanh(x) * x[0], X)


@scenario
def nests_in_and_out(k):
    def f(d):
        return {"sum": d["a"] + d["b"][0], "more": (d["b"][1], k.ops.sum(d["a"]))}

    return both(k, f, {"a": X, "b": [X[:, ::-1], np.arange(4, dtype="int32")]})


@scenario
def a_first_axis_of_one(k):
    return both(k, lambda p: p[0] * p[1], [X, X[:1]])


@scenario
def numbers_are_repeated(k):
    return leaves(k, k.ops.vectorized_map(lambda x: [x, 1.0, 2], X))


@scenario
def products_reductions_and_picking(k):
    def f(x):
        w = k.ops.convert_to_tensor(W)
        top, places = k.ops.top_k(x, 1)
        y = k.ops.concatenate([k.ops.matmul(x, w), top, k.ops.cumsum(x)])
        return (
            y,
            k.ops.sort(y),
            k.ops.take(y, places),
            k.ops.argmax(y),
            k.ops.softmax(y),
        )

    return both(k, f, X)


@scenario
def gradients_of_each_row(k):
    w = k.ops.convert_to_tensor(W)

    def f(x):
        with k.GradientTape() as tape:
            tape.watch([x, w])
            y = k.ops.sum(k.ops.sin(k.ops.matmul(x, w)))
        return tape.gradient(y, [x, w])

    return both(k, f, X)


@scenario
def rows_choose(k):
    "Values; the tests compare the slopes with those of a loop."

    def f(x):
        return k.ops.cond(x[0] > 0, lambda: k.ops.sqrt(x[0]) * x, lambda: -x)

    return leaves(k, k.ops.vectorized_map(f, k.ops.convert_to_tensor(X)))


@scenario
def rows_go_on(k):
    def f(x):
        return k.ops.while_loop(
            lambda y, n: y < 10.0, lambda y, n: (2 * y + 1, n + 1), (x[0], 0)
        )

    return leaves(k, k.ops.vectorized_map(f, k.ops.convert_to_tensor(X)))


@scenario
def draws_are_shared(k):
    "Whether all rows get one draw, and where the generator stands afterwards."
    seed = k.random.SeedGenerator(1)
    z = np.asarray(
        k.ops.vectorized_map(lambda x: x * 0 + k.random.uniform((2,), seed=seed), X)
    )
    return [bool((z == z[0]).all()), number(seed.state)]


@scenario
def variables(k):
    v, count = k.Variable([1.0, 2.0]), k.Variable(0)

    def f(x):
        count.assign(count + 1)
        return x * v

    with k.GradientTape() as tape:
        y = k.ops.sum(k.ops.vectorized_map(f, X))
    return [
        number(y),
        number(tape.gradient(y, v.value if k.__name__ == "keras" else v)),
        number(count),
    ]


@scenario
def jacobians(k):
    w = k.ops.convert_to_tensor(W)

    def run(x):
        with k.GradientTape(persistent=True) as tape:
            tape.watch([x, w])
            y = k.ops.tanh(k.ops.matmul(x, w)) * x
        return [*tape.jacobian(y, [x, w]), tape.batch_jacobian(y, x)]

    x = k.ops.convert_to_tensor(X)
    return [leaves(k, run(x)), leaves(k, traced(k, run)(x))]


@scenario
def errors(k):
    "The built-in class of each error."

    def kind(f, elements):
        error = outcome(k.ops.vectorized_map, f, elements)
        kinds = (IndexError, TypeError, ValueError, AttributeError)
        return next(kind.__name__ for kind in kinds if isinstance(error, kind))

    return [
        kind(lambda x: x, 3.0),
        kind(lambda p: p[0], [X, 3.0]),
        kind(lambda x: x, []),
        kind(lambda x: object(), X),
        kind(3, X),
        kind(lambda x: x if x[0] > 0 else -x, X),
        kind(lambda x: k.ops.matmul(x, k.ops.ones((3, 3))), X),
    ]
