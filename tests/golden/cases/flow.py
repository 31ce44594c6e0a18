"""Choices and loops: values, slopes of two orders, variables and errors.

Most are played eagerly, in a traced function (`tf.function` without AutoGraph,
`minikeras.function`), and as a traced function inside of tapes.
"""

import numpy as np

from tests.golden.cases import scenarios
from tests.golden.player import outcome

f32 = np.float32


def cases():
    found = [f for name, f in globals().items() if getattr(f, "is_scenario", False)]
    return list(scenarios("flow", found))


def scenario(function):
    function.is_scenario = True
    return function


def traced(k, f):
    if k.__name__ == "keras":
        import tensorflow as tf

        return tf.function(f, autograph=False)
    return k.function(f, autograph=False)


def number(x):
    return np.asarray(x).tolist()


def slopes(k, f):
    "The value of f(*xs), its slopes, and the slopes of the sum of those."

    def both(*xs):
        with k.GradientTape(persistent=True) as outer:
            outer.watch(xs)
            with k.GradientTape() as inner:
                inner.watch(xs)
                y = f(*xs)
            first = inner.gradient(y, xs)
            total = sum(k.ops.sum(g) for g in first)
        second = outer.gradient(total, xs)
        zero = [k.ops.zeros_like(x) if g is None else g for x, g in zip(xs, second)]
        return [y, *first, *zero]

    return both


def everywhere(k, f, *xs):
    "f and its slopes: eagerly, in one trace, and with the tapes around a trace."
    xs = [k.ops.convert_to_tensor(x) for x in xs]
    ways = {
        "eager": slopes(k, f),
        "tapes inside": traced(k, slopes(k, f)),
        "tapes outside": slopes(k, traced(k, f)),
    }
    return {way: [number(z) for z in run(*xs)] for way, run in ways.items()}


@scenario
def cond_true_and_false(k):
    def way(sign):
        def f(x):
            p = k.ops.sum(sign * x) > 0
            return k.ops.sum(
                k.ops.cond(p, lambda: k.ops.sin(x) * x, lambda: k.ops.exp(x))
            )

        return everywhere(k, f, np.array([0.5, 1.0], f32))

    return [way(1.0), way(-1.0)]


@scenario
def cond_with_several_results(k):
    def f(x):
        a, b = k.ops.cond(k.ops.sum(x) > 0, lambda: (x * x, x), lambda: (x, 2 * x))
        return k.ops.sum(a * b)

    return everywhere(k, f, np.array([0.5, 1.0], f32))


@scenario
def cond_in_cond(k):
    def f(x):
        def positive():
            return k.ops.cond(x > 1, lambda: x * x * x, lambda: x * x)

        return k.ops.cond(x > 0, positive, lambda: -x)

    return [everywhere(k, f, f32(x)) for x in (2.0, 0.5, -1.0)]


@scenario
def switch_in_and_out_of_range(k):
    def at(index):
        def f(x):
            i = k.ops.cast(0 * x + index, "int32")
            return k.ops.switch(i, [k.ops.sin, k.ops.exp, lambda x: x * x], x)

        return everywhere(k, f, f32(0.5))

    return [at(i) for i in (0, 1, 2)]


@scenario
def a_variable_changes_in_one_branch(k):
    v = k.Variable(1.0)

    def f(x):
        def change():
            v.assign(v + x)
            return v * x

        return k.ops.cond(x > 0, change, lambda: 0.0 * x)

    run = traced(k, f)
    found = []
    for x in (2.0, -1.0, 3.0):
        found.append([number(run(k.ops.convert_to_tensor(x))), number(v)])
    return found


@scenario
def while_with_a_power(k):
    def f(x):
        def body(i, y):
            return i + 1, y * x

        return k.ops.while_loop(lambda i, y: i < 4, body, (0, x))[1]

    return everywhere(k, f, f32(1.5))


@scenario
def while_that_asks_the_contents(k):
    def f(x):
        return k.ops.while_loop(lambda y: y < 50.0, lambda y: [y * y + x], [x])[0]

    return [everywhere(k, f, f32(x)) for x in (1.5, 2.5, 60.0)]


@scenario
def while_with_maximum_iterations(k):
    def f(x):
        return k.ops.while_loop(
            lambda y: y > 0, lambda y: (y * x,), (x,), maximum_iterations=3
        )[0]

    return everywhere(k, f, f32(1.25))


@scenario
def fori_loop(k):
    def f(x):
        return k.ops.fori_loop(0, 5, lambda i, y: k.ops.sin(y) * x, x)

    return everywhere(k, f, f32(1.5))


@scenario
def a_variable_counts_in_a_loop(k):
    v = k.Variable(0.0)

    def f(n):
        def body(i):
            v.assign(v + k.ops.cast(i, "float32"))
            return i + 1

        return k.ops.while_loop(lambda i: i < n, body, 0)

    run = traced(k, f)
    return [[number(run(k.ops.convert_to_tensor(n))), number(v)] for n in (3, 0, 4)]


@scenario
def scan_of_a_recurrence(k):
    def both(reverse):
        def f(h, xs, w):
            def step(h, x):
                h = k.ops.tanh(h * w + x)
                return h, h * h

            h, ys = k.ops.scan(step, h, xs, reverse=reverse)
            return k.ops.sum(ys) + h

        return everywhere(k, f, f32(0.3), np.array([0.1, -0.4, 0.7], f32), f32(0.8))

    return [both(False), both(True)]


@scenario
def scan_results(k):
    def f(xs):
        return k.ops.scan(lambda c, x: (c + x, c * x), k.ops.zeros(()), xs)

    xs = k.ops.convert_to_tensor(np.array([1, 2, 3], f32))
    return [[number(z) for z in run(xs)] for run in (f, traced(k, f))]


@scenario
def scan_by_length(k):
    c, ys = k.ops.scan(lambda c, _: (c + 1, c), 0, length=4)
    return [number(c), number(ys)]


@scenario
def map_over_a_nest(k):
    def f(x, y):
        return k.ops.sum(k.ops.map(lambda row: row[0] * k.ops.sin(row[1]), (x, y)))

    rows = np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]], f32)
    return everywhere(k, f, rows, rows + 1)


@scenario
def associative_scans(k):
    x = k.ops.convert_to_tensor(np.arange(1, 8, dtype=f32))
    y = k.ops.reshape(k.ops.arange(12), (3, 4))
    return [
        number(k.ops.associative_scan(lambda a, b: a + b, x)),
        number(k.ops.associative_scan(lambda a, b: a * b, x, reverse=True)),
        number(k.ops.associative_scan(lambda a, b: a + b, y, axis=1)),
        number(k.ops.associative_scan(lambda a, b: k.ops.maximum(a, b), y, axis=0)),
    ]


@scenario
def errors(k):
    def eagerly(f, *args, **kwargs):
        error = outcome(f, *args, **kwargs)
        kinds = (TypeError, ValueError)
        return next(kind.__name__ for kind in kinds if isinstance(error, kind))

    ops = k.ops
    names = [
        eagerly(ops.cond, True, 1, lambda: 2),
        eagerly(ops.switch, 0, []),
        eagerly(ops.scan, lambda c, x: (c, x), 0),
        eagerly(ops.scan, 1, 0, length=3),
        eagerly(ops.scan, lambda c, x: (c, x), 0, ops.arange(3), unroll=0),
        eagerly(ops.associative_scan, 1, ops.arange(5)),
    ]
    wrong = [
        lambda x: ops.cond(x > 0, lambda: 1.0, lambda: 1),
        lambda x: ops.while_loop(lambda y: y < 3, lambda y: ops.cast(y, "int32"), x),
    ]
    return names + [eagerly(traced(k, f), ops.convert_to_tensor(1.0)) for f in wrong]
