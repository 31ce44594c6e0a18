"""`while_loop`, `fori_loop`, `scan`, `map`, `associative_scan`: eager, traced, sloped."""

import numpy as np
import pytest

from minikeras import ops
from minikeras.core.specs import TensorSpec
from minikeras.core.tape import GradientTape, custom_gradient
from minikeras.core.variable import Variable
from minikeras.graph.function import function
from minikeras.graph.graph import Graph, Plan, trace, writing
from minikeras.graph.loops import stacked

ONE, WHOLE = TensorSpec((), "float64"), TensorSpec((), "int32")
ROW = TensorSpec((None,), "float64")
xs = np.array([0.3, -0.7, 1.1, 0.2])


def run(graph, *inputs):
    return [z.numpy() for z in Plan(graph).run([np.asarray(x) for x in inputs])]


def slopes(function):
    def inner(*inputs):
        with GradientTape() as tape:
            tape.watch(inputs)
            y = ops.sum(function(*inputs))
        found = tape.gradient(y, inputs, unconnected_gradients="zero")
        return sum(ops.sum(g) for g in found)

    return inner


def recurrence(h, xs):
    return ops.scan(lambda h, x: (ops.tanh(h * x + x),) * 2, h, xs)[1]


def backwards(h, xs):
    return ops.scan(lambda h, x: (h * x, ops.sin(h)), h, xs, reverse=True)[1]


def power(h, xs):
    def body(i, y):
        return i + 1, y * ops.sin(h + ops.sum(xs))

    return ops.while_loop(lambda i, y: i < 3, body, (0, h))[1]


def nested(h, xs):
    def inner(c, x):
        return ops.fori_loop(0, 2, lambda i, c: ops.sin(c + x), c), ()

    return ops.scan(inner, h, xs)[0]


def mapped(h, xs):
    return ops.map(lambda x: ops.cond(x > 0, lambda: x * x * h, lambda: h * x), xs)


@pytest.mark.parametrize("function", [recurrence, backwards, power, nested, mapped])
def test_traced_equals_eager_to_the_third_order(function):
    inputs = [ops.convert_to_tensor(x) for x in (np.float64(0.4), xs)]
    for _ in range(4):
        graph = trace(function, ONE, ROW)
        want = function(*inputs)
        found = run(graph, *[np.asarray(x) for x in inputs])[0]
        np.testing.assert_allclose(found, want, rtol=1e-10, atol=1e-12)
        function = slopes(function)


@pytest.mark.parametrize("rounds", [0, 1, 4])
def test_no_rounds_and_many(rounds):
    graph = trace(lambda n, x: ops.fori_loop(0, n, lambda i, y: y * x, x), WHOLE, ONE)
    assert run(graph, np.int32(rounds), np.float64(2))[0] == 2 ** (rounds + 1)
    one_more = trace(
        lambda n, x: slopes(lambda x: ops.fori_loop(0, n, lambda i, y: y * x, x))(x),
        WHOLE,
        ONE,
    )
    slope = (rounds + 1) * 2.0**rounds
    assert run(one_more, np.int32(rounds), np.float64(2))[0] == slope


def test_a_scan_of_no_rows():
    graph = trace(lambda h, xs: ops.scan(lambda h, x: (h, x * h), h, xs), ONE, ROW)
    end, left = run(graph, np.float64(3), np.zeros(0))
    assert end == 3 and left.shape == (0,) and left.dtype == "float64"
    end, left = ops.scan(lambda h, x: (h, x * h), 3.0, ops.zeros((0, 2)))
    assert float(end) == 3 and left.shape == (0, 2)


def test_variables_are_carried():
    count = Variable(1.0, name="count", dtype="float64")

    def step(n):
        def body(i):
            count.assign(count * 2)
            return i + 1

        return ops.while_loop(lambda i: i < n, body, 0)

    graph = trace(step, WHOLE)
    assert [float(z) for z in run(graph, np.int32(3), np.float64(1))] == [3, 8]

    def along(xs):
        def body(c, x):
            count.assign_add(x)
            return c, count * 1

        return ops.scan(body, 0.0, xs)[1]

    graph = trace(along, ROW)
    course, end = run(graph, np.array([1.0, 2, 3]), np.float64(0))
    assert course.tolist() == [1, 3, 6] and end == 6


def test_the_question_must_not_change_variables():
    count = Variable(0, dtype="int32", name="count")

    def ask(i):
        count.assign_add(1)
        return i < 3

    with pytest.raises(ValueError, match="must not change a variable"):
        trace(lambda n: ops.while_loop(ask, lambda i: i + 1, n), WHOLE)


def test_sizes_that_change_become_unknown():
    def grown(x, n):
        return ops.fori_loop(0, n, lambda i, x: ops.concatenate([x, x]), x)

    graph = trace(grown, TensorSpec((2,)), WHOLE)
    assert graph.outputs[0].shape == (None,)
    assert run(graph, np.ones(2, "float32"), np.int32(3))[0].shape == (16,)


def test_the_gradient_needs_values_of_one_shape():
    with pytest.raises(ValueError, match="values of one shape"):
        stacked([np.ones(2), np.ones(3)], np.ones(3))


@pytest.mark.parametrize("count", [1, 2, 5, 8, 13])
@pytest.mark.parametrize("reverse", [False, True])
def test_associative_scan_of_matrices(count, reverse):
    draw = np.random.default_rng(count)
    rows = draw.normal(size=(count, 2, 2))
    found = ops.associative_scan(lambda a, b: a @ b, rows, reverse=reverse)
    want, total = [], np.eye(2)
    for row in rows[::-1] if reverse else rows:
        total = total @ row
        want.append(total)
    np.testing.assert_allclose(found, want[::-1] if reverse else want, rtol=1e-9)
    spec = TensorSpec(rows.shape, "float64")
    graph = trace(
        lambda x: ops.associative_scan(lambda a, b: a @ b, x, reverse=reverse), spec
    )
    np.testing.assert_allclose(run(graph, rows)[0], found)


@pytest.mark.parametrize(
    "call, error, words",
    [
        (lambda x: ops.while_loop(lambda i: i < x, lambda i: i + 0.5, 0), TypeError,
         "value 0 has dtype int32 before the loop, but dtype float32"),
        (lambda x: ops.while_loop(lambda i: True, lambda i: ops.ones(2), x), ValueError,
         "before the loop, but shape"),
        (lambda x: ops.while_loop(lambda i: True, lambda i: (i, i), [x]), TypeError,
         "the structure that it was given"),
        (lambda x: ops.while_loop(lambda i: ops.ones(2), lambda i: i, x), ValueError,
         "one number is needed"),
        (lambda x: ops.scan(lambda c, x: c, x, ops.ones(3)), TypeError, "a pair"),
        (lambda x: ops.scan(lambda c, x: (c, x), x), ValueError, "`length` not provided"),
        (lambda x: ops.scan(lambda c, x: (c, x), x, ops.ones(3), length=2), ValueError,
         "differ in number"),
        (lambda x: ops.scan(lambda c, x: (c, x), x, x), ValueError, "an axis to go along"),
        (lambda x: ops.scan(lambda c, x: (c, x), x, length=2, unroll=0), ValueError,
         "`unroll`"),
        (lambda x: ops.map(3, ops.ones(3)), TypeError, "`f` should be a callable"),
        (lambda x: ops.associative_scan(lambda a, b: a, (ops.ones(3), ops.ones(4))),
         ValueError, "first dimension"),
    ],
)  # fmt: skip
def test_what_is_refused(call, error, words):
    graph = Graph()
    x = graph.input(TensorSpec(()), "x")
    with writing(graph), pytest.raises(error, match=words):
        call(x)


def test_an_error_in_a_round_is_the_users():
    own = KeyError("mine")

    def fail(c, x):
        raise own

    with pytest.raises(KeyError) as caught:
        ops.scan(fail, 0.0, ops.ones(3))
    assert caught.value is own


@custom_gradient
def steeper(x):
    return x * 1.0, lambda g: 7.0 * g


def in_a_scan(x):
    return ops.scan(lambda c, r: (steeper(c) * r, ()), x, ops.ones(2))[0]


def in_a_while(x):
    return ops.while_loop(lambda i, y: i < 2, lambda i, y: (i + 1, steeper(y)), (0, x))[
        1
    ]


def in_a_branch(x):
    return ops.cond(x > 0, lambda: steeper(steeper(x)), lambda: x)


@pytest.mark.parametrize("f", [in_a_scan, in_a_while, in_a_branch])
def test_rules_of_the_user_hold_inside(f):
    x = ops.convert_to_tensor(3.0)
    assert float(slopes(f)(x)) == 49
    assert float(function(slopes(f))(x)) == 49
    assert float(slopes(function(f))(x)) == 49


def test_a_rule_may_take_what_stands_around_the_branch():
    rate = Variable(5.0, name="rate")

    def f(x, y):
        @custom_gradient
        def scaled(z):
            return z * 1.0, lambda g: g * y * rate

        return ops.cond(x > 0, lambda: scaled(x), lambda: x)

    x, y = ops.convert_to_tensor(3.0), ops.convert_to_tensor(2.0)

    def slope(f):
        with GradientTape() as tape:
            tape.watch(x)
            z = f(x, y)
        return float(tape.gradient(z, x))

    assert slope(f) == slope(function(f)) == 10


@pytest.mark.parametrize("f", [power, recurrence, nested])
def test_tapes_around_a_traced_function(f):
    h, rows = ops.convert_to_tensor(np.float64(0.4)), ops.convert_to_tensor(xs)
    want = slopes(slopes(f))(h, rows)
    found = slopes(slopes(function(f)))(h, rows)
    np.testing.assert_allclose(found, want, rtol=1e-10)


HELD = np.array([0.5, -1.5])


def held_ways():
    """Functions that know `w` only inside of a branch, and the plain form of each."""
    w = ops.convert_to_tensor(HELD)

    def chosen(x):
        return ops.cond(ops.sum(x) > 0, lambda: x * x * w, lambda: ops.exp(x))

    def nested(x):
        inner = lambda: ops.cond(x[0] < 9, lambda: ops.sin(x * w), lambda: x)
        return ops.cond(ops.sum(x) > 0, inner, lambda: x)

    def looped(x):
        return ops.fori_loop(0, 3, lambda i, y: ops.sin(y * w) + x, x)

    def until(x):
        go = lambda y: ops.sum(y * y * w * w) < 50
        return ops.while_loop(go, lambda y: (y * w - x,), (x,), maximum_iterations=4)[0]

    def scanned(x):
        step = lambda c, e: (c * e + w, ops.sin(c) * w)
        (end, left) = ops.scan(step, x, ops.stack([x, 2 * x]))
        return end + ops.sum(left, axis=0)

    def mixed(x):
        step = lambda i, y: ops.cond(i > 1, lambda: y * w, lambda: y + x)
        return ops.fori_loop(0, 3, step, x) + w

    return w, [chosen, nested, looped, until, scanned, mixed]


def gradients(f, x, w, second):
    with GradientTape(persistent=True) as outer:
        outer.watch([x, w])
        with GradientTape() as inner:
            inner.watch([x, w])
            y = ops.sum(ops.sin(f(x)))
        first = inner.gradient(y, [x, w])
        bend = ops.sum(first[0] * 2) + ops.sum(ops.sin(first[1]))
    return outer.gradient(bend, [x, w]) if second else first


@pytest.mark.parametrize("second", [False, True], ids=["first", "second"])
@pytest.mark.parametrize("place", range(6))
def test_tensors_held_by_branches_have_gradients(place, second):
    w, several = held_ways()
    f, x = several[place], ops.convert_to_tensor(np.array([1.2, 0.3]))
    expected = gradients(f, x, w, second)
    early = function(f)
    early(x)  # traced where no tape follows w
    inside = function(lambda x, f=f: gradients(f, x, w, second))
    found = [gradients(early, x, w, second), inside(x), inside(x, early)]
    for one in found:
        for a, b in zip(one, expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12)


@pytest.mark.parametrize("most", [-1, 0, 2, 9])
@pytest.mark.parametrize("order", [0, 1, 2])
def test_a_limit_that_only_a_run_knows(most, order):
    """As a number, as a tensor of the graph, and in eager mode: so many rounds."""

    def f(x, n):
        step = lambda y, i: (y * x, i + 1)
        return ops.while_loop(lambda y, i: i < 5, step, (x, 0), maximum_iterations=n)[0]

    def sloped(x, n):
        g = lambda x: f(x, n)
        for _ in range(order):
            g = slopes(g)
        return g(x)

    rounds = min(max(most, 0), 5)
    expected = float(np.poly1d([1] + [0] * (1 + rounds)).deriv(order)(1.5))
    x, n = ops.convert_to_tensor(1.5), ops.convert_to_tensor(most)
    ways = [sloped(x, most), sloped(x, n), function(sloped)(x, n)]
    ways += [function(lambda x: sloped(x, most))(x)]
    if order == 1:
        g = function(f)
        ways += [slopes(lambda x: g(x, n))(x)]
    assert [float(z) for z in ways] == pytest.approx([expected] * len(ways))
