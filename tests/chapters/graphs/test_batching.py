"""`vectorized_map` and Jacobians at once: flow, variables, rules of the user's, errors."""

import numpy as np
import pytest

from minikeras import ops
from minikeras.core.door import here
from minikeras.core.specs import TensorSpec
from minikeras.core.table import Op
from minikeras.core.tape import GradientTape, custom_gradient, sweeps
from minikeras.core.tensor import convert
from minikeras.core.variable import Variable
from minikeras.graph.function import function
from minikeras.graph.graph import Plan, graphs_in, trace
from minikeras.ops.mapping import vectorized_map

X = np.array([[0.3, -0.7], [1.1, 0.2], [-0.4, -0.9], [2.5, 1.7]])
W = convert(np.array([[0.5, -1.0], [0.25, 2.0]]))


def chosen(x):
    return ops.cond(x[0] > 0, lambda: ops.sqrt(x[0]) * x, lambda: ops.exp(x) @ W)


def guarded(x):
    "The other branch would look outside of the list."
    i = ops.cast(x[0] * 2, "int32")
    return ops.cond((i >= 0) & (i < 2), lambda: x[i] * x, lambda: x)


def switched(x):
    i = ops.cast(ops.floor(x[0] * 2), "int32")
    return ops.switch(
        i, [lambda x: x * x, lambda x: ops.sin(x) @ W, lambda x: 3 * x], x
    )


def together(x):
    return ops.cond(ops.sum(W) > 0, lambda: ops.sin(x) @ W, lambda: x)


def alone(x):
    "Rows take 1 to 3 rounds."
    return ops.while_loop(
        lambda y: ops.sum(y * y) < 4, lambda y: (ops.sin(y) + 1.5 * y @ W,), (x,)
    )[0]


def limited(x):
    return ops.while_loop(lambda y: y[0] < 9, lambda y: (y * y + x,), (x,), 2)[0]


def counted(x):
    return ops.fori_loop(0, 3, lambda i, y: ops.sin(y * x) + ops.cast(i, "float64"), x)


def scanned(x):
    def step(c, e):
        return (c[0] + 1, c[1] * e + e), ops.sin(c[1]) + ops.cast(c[0], "float64")

    (n, last), left = ops.scan(step, (0, np.float64(0.5)), x)
    return left * last + ops.cast(n, "float64")


def backwards(x):
    return ops.scan(lambda c, e: (c * e, c + e), ops.sum(x), W[0], reverse=True)[1] * x


def nested(x):
    inner = vectorized_map(lambda e: ops.cond(e > 0, lambda: e * x, lambda: -e * x), x)
    return ops.sum(inner, axis=0)


def loop_in_choice(x):
    return ops.cond(x[0] > 0, lambda: alone(x), lambda: counted(x))


@custom_gradient
def doubled(x, w):
    return (x * 2) @ w, lambda g: (g * 7 * x, ops.sum(g) * w)


def customised(x):
    return doubled(ops.sin(x), W)


def sorted_pairs(x):
    values, places = ops.top_k(x, 2)
    return (
        ops.sort(x) * values + ops.take(x, ops.argsort(x)) + ops.cast(places, "float64")
    )


@function
def traced(x):
    return ops.tanh(x @ W) * x


FUNCTIONS = [
    chosen, guarded, switched, together, alone, limited, counted, scanned, backwards,
    nested, loop_in_choice, customised, sorted_pairs, traced,
]  # fmt: skip


def slopes(run):
    def found(x):
        with GradientTape() as tape:
            tape.watch([x, W])
            y = ops.sum(ops.sin(run(x)))
        return tape.gradient(y, [x, W], unconnected_gradients="zero")

    return found


def second(run):
    def found(x):
        with GradientTape() as tape:
            tape.watch([x, W])
            y = sum(ops.sum(ops.sin(g)) for g in slopes(run)(x))
        return tape.gradient(y, [x, W], unconnected_gradients="zero")

    return found


def in_turn(f):
    "The loop that all of this replaces."

    def run(x):
        rows = [ops.convert_to_tensor(f(x[i])) for i in range(len(x))]
        return ops.stack(rows)

    return run


def at_once(f):
    return lambda x: vectorized_map(f, x)


def same(found, expected, atol=1e-10):
    for x, y in zip(found, expected, strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-10, atol=atol)


@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
def test_values_are_those_of_a_loop(f):
    x = convert(X)
    expected = in_turn(f)(x)
    ways = [at_once(f)]
    for shape in ((4, 2), (None, 2)):
        ways.append(
            function(at_once(f), input_signature=[TensorSpec(shape, "float64")])
        )
    for run in ways:
        found = run(x)
        assert found.dtype == expected.dtype
        same([found], [expected])


@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("order", [slopes, second], ids=["first", "second"])
def test_slopes_with_the_tape_outside(f, order):
    x = convert(X)
    expected = order(in_turn(f))(x)
    same(order(at_once(f))(x), expected)
    inside = order(at_once(f))
    spec = TensorSpec((4, 2), "float64")
    same(function(inside, input_signature=[spec])(x), expected)
    same(order(function(at_once(f), input_signature=[spec]))(x), expected)


@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("order", [slopes, second], ids=["first", "second"])
def test_slopes_with_the_tape_inside(f, order):
    x = convert(X)
    rows = [order(f)(x[i]) for i in range(4)]
    expected = [ops.stack(column) for column in zip(*rows)]
    same(vectorized_map(order(f), x), expected)


def test_what_rows_share_is_computed_once():
    counted = []

    class Counter:
        def saw(self, op, inputs, attributes, output):
            counted.append((op.name, output.shape))

        def follows(self, x):
            return False

        read = saw

    here.level.watchers.append(Counter())
    try:
        vectorized_map(lambda x: x + ops.exp(W[0]), X)
    finally:
        here.level.watchers.clear()
    assert ("exp", (2,)) in counted
    assert ("add", (4, 2)) in counted


def test_nests_numbers_and_none():
    found = vectorized_map(lambda d: {"a": [d["x"] * 2, 1.0], "b": None}, {"x": X})
    np.testing.assert_array_equal(found["a"][0], X * 2)
    assert found["a"][1].shape == (4,)
    assert found["a"][1].dtype == "float32"
    assert found["b"] is None


def test_a_first_axis_of_one_is_shared():
    found = vectorized_map(lambda p: p[0] + p[1], (X, X[:1]))
    np.testing.assert_array_equal(found, X + X[:1])
    assert vectorized_map(lambda x: x * 2, X[:1]).shape == (1, 2)


def test_no_rows():
    found = vectorized_map(lambda x: (ops.sum(x), alone(x), scanned(x)), X[:0])
    assert [z.shape for z in found] == [(0,), (0, 2), (0, 2)]


def test_variables_are_read_and_assigned_once():
    v, count = Variable([1.0, 2.0], dtype="float64"), Variable(0)

    def f(x):
        count.assign(count + 1)
        return x * v

    for run in (at_once(f), function(at_once(f))):
        with GradientTape() as tape:
            y = ops.sum(run(convert(X)))
        np.testing.assert_allclose(tape.gradient(y, v), X.sum(0))
    assert int(count) == 2


def test_rows_cannot_assign_each_their_own():
    v = Variable([1.0, 2.0], dtype="float64")
    with pytest.raises(ValueError, match="each row would give 'variable"):
        vectorized_map(v.assign, X)
    np.testing.assert_array_equal(v, [1.0, 2.0])


def test_an_operation_without_a_rule_is_looped_over():
    from minikeras.core.eager import evaluate
    from minikeras.core.infer import spec

    cube, shapes = Op("cube", listed=False), []
    spec[cube] = lambda x, y: x
    evaluate[cube] = lambda x, y: shapes.append(x.shape) or x**3 + y
    found = vectorized_map(lambda x: cube(x, W[0]), X)
    np.testing.assert_allclose(found, X**3 + W.numpy()[0])
    assert shapes == [(2,)] * 4
    traced = function(
        at_once(lambda x: cube(x, W[0])),
        input_signature=[TensorSpec((None, 2), "float64")],
    )
    np.testing.assert_allclose(traced(X), found)


def test_places_are_found_row_by_row():
    found = vectorized_map(lambda x: ops.nonzero(x)[0], X)
    np.testing.assert_array_equal(found, [[0, 1]] * 4)


def test_a_model_of_ones_row_has_specs():
    from minikeras.core.infer import eval_spec

    found = eval_spec(at_once(lambda x: x @ W), TensorSpec((None, 2), "float64"))
    assert (found.shape, found.dtype) == ((None, 2), "float64")


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: vectorized_map(3, X), TypeError, "`function` should be a callable"),
        (lambda: vectorized_map(abs, []), ValueError, "nothing to map over"),
        (lambda: vectorized_map(abs, None), ValueError, "takes numbers"),
        (lambda: vectorized_map(abs, 3.0), IndexError, "needs a first axis"),
        (lambda: vectorized_map(sum, [X, 3.0]), IndexError, "needs a first axis"),
        (lambda: vectorized_map(sum, [X, X[:2]]), ValueError, "differ in size"),
        (lambda: vectorized_map(lambda x: object(), X), TypeError, "must return"),
        (lambda: vectorized_map(lambda x: x if x[0] > 0 else -x, X), TypeError, "bool"),
        (lambda: vectorized_map(lambda x: int(x[0]), X), TypeError, ""),
    ],
)
def test_refused(call, kind, words):
    level = here.level
    with pytest.raises(kind, match=words):
        call()
    assert here.level is level


def test_the_users_own_error_passes():
    def f(x):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        vectorized_map(f, X)


def jacobians(f, x, **how):
    with GradientTape(persistent=True) as tape:
        tape.watch([x, W])
        y = f(x)
    return [*tape.jacobian(y, [x, W], **how), tape.batch_jacobian(y, x, **how)]


def smooth(x):
    return ops.cumsum(ops.tanh(x @ W), axis=1) * ops.max(x, axis=1, keepdims=True)


@pytest.mark.parametrize("how", [{}, {"parallel_iterations": 3}])
def test_jacobians_at_once_equal_those_row_by_row(how):
    x = convert(X)
    expected = jacobians(smooth, x, experimental_use_pfor=False)
    same(jacobians(smooth, x, **how), expected, atol=1e-13)
    run = function(lambda x: jacobians(smooth, x, **how))
    same(run(x), expected, atol=1e-13)
    same(jacobians(function(smooth), x, **how), expected, atol=1e-13)


def test_a_jacobian_can_be_differentiated():
    x = convert(X)

    def third(pfor):
        with GradientTape() as outer:
            outer.watch(x)
            j = jacobians(smooth, x, experimental_use_pfor=pfor)[0]
            y = ops.sum(ops.sin(j))
        return outer.gradient(y, x)

    same([third(True)], [third(False)])


def test_a_rule_that_looks_at_numbers_is_asked_row_by_row():
    @custom_gradient
    def clipped(x):
        return x * 2, lambda g: g * (1.0 if float(ops.sum(g)) > 0 else 0.0)

    x = convert(X[0])
    with GradientTape() as tape:
        tape.watch(x)
        y = clipped(x)
    np.testing.assert_array_equal(tape.jacobian(y, x), np.eye(2))


def test_empty_unconnected_and_zero():
    x = convert(X)
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        y, none = ops.sum(x * x, axis=0), x[:0, :0] * 2
    assert tape.jacobian(y, W) is None
    assert tape.jacobian(none, x).shape == (0, 0, 4, 2)
    zeros = tape.jacobian(y, W, unconnected_gradients="zero")
    assert zeros.shape == (2, 2, 2)
    assert not zeros.numpy().any()
    assert len(sweeps) == 2


def test_rows_of_rows_have_names_of_their_own():
    """A choice in a map in a map: both numbers of rows are inputs of its branches."""
    choose = lambda v: ops.cond(ops.sum(v) > 0.0, lambda: ops.tanh(v), lambda: -v)
    twice = lambda x: ops.vectorized_map(lambda y: ops.vectorized_map(choose, y), x)
    graph = trace(twice, TensorSpec((2, 3, 4)))
    for node in graph.nodes:
        for branch in graphs_in(node):
            names = [each.attributes["name"] for each in branch.inputs]
            assert len(set(names)) == len(names)
    x = np.random.default_rng(0).normal(size=(2, 3, 4)).astype("float32")
    got = Plan(graph).run([x])[0].numpy()
    want = np.where(x.sum(-1, keepdims=True) > 0, np.tanh(x), -x)
    np.testing.assert_allclose(got, want, rtol=1e-6)
