"""tf.function: every observation of keras_surface section 5 but those of AutoGraph.

A scenario is run with real TensorFlow to record what it returns, and by the tests with
`minikeras.function`.
"""

import collections

import numpy as np

from tests.golden.cases import scenarios
from tests.golden.player import outcome


def cases():
    found = [f for name, f in globals().items() if getattr(f, "is_scenario", False)]
    return list(scenarios("functions", found))


def scenario(function):
    function.is_scenario = True
    return function


def traced(k, f=None, **options):
    "function(f) without AutoGraph, or the decorator that gives it."
    if k.__name__ == "keras":
        import tensorflow as tf

        return tf.function(f, autograph=False, **options)
    return k.function(f, autograph=False, **options)


def t(k, value, dtype="float32"):
    return k.ops.convert_to_tensor(value, dtype=dtype)


def variable(k, value, **options):
    if k.__name__ == "keras":
        import tensorflow as tf

        return tf.Variable(value, **options)
    return k.Variable(value, **options)


def spec(k, shape, dtype="float32"):
    if k.__name__ == "keras":
        import tensorflow as tf

        return tf.TensorSpec(shape, dtype)
    from minikeras.core.specs import TensorSpec

    return TensorSpec(shape, dtype)


def now(v):
    "What a variable holds, as a tensor."
    return v + 0.0


def count(f):
    return f.experimental_get_tracing_count()


# ---- the decorator -------------------------------------------------------------------


@scenario
def names_and_docstrings(k):
    "A traced function looks like the one it was made of"

    @lambda f: traced(k, f)
    def doubled(x):
        "Twice as much."
        return x * 2.0

    original = doubled.python_function
    about = [doubled.__name__, doubled.__doc__, doubled.__wrapped__ is original]
    return [*about, doubled(t(k, 2.0)), original(2.0), doubled.input_signature]


@scenario
def a_decorator_with_arguments(k):
    "function(input_signature=...) gives a decorator"
    decorate = traced(k, input_signature=[spec(k, [None])])
    f = decorate(lambda x: k.ops.sum(x))
    return [f([1.0, 2.0]), f(t(k, [1.0, 2.0, 3.0])), count(f)]


@scenario
def methods(k):
    "Each object has a function of its own"

    class Scale:
        def __init__(self, by):
            self.by = by

        @lambda f: traced(k, f)
        def __call__(self, x):
            return x * self.by

    one, two = Scale(2.0), Scale(3.0)
    x = t(k, 1.0)
    results = [one(x), two(x), one(x), two(t(k, [1.0]))]
    return [*results, count(one.__call__), count(two.__call__), count(Scale.__call__)]


@scenario
def methods_with_a_signature(k):
    "The specs begin behind self"

    class Scale:
        by = 2.0

        @lambda f: traced(k, f, input_signature=[spec(k, [None])])
        def times(self, x):
            return x * self.by

    one = Scale()
    return [one.times([1.0, 2.0]), one.times(t(k, [3.0])), count(one.times)]


# ---- what comes out ------------------------------------------------------------------

Pair = collections.namedtuple("Pair", "left right")


@scenario
def outputs_of_python(k):
    "Numbers become tensors, None stays, nests stay"
    f = traced(k, lambda x: {"b": (1, 2.5, True), "a": [x, None, ()], "c": np.ones(2)})
    out = f(t(k, 1.0))
    return [list(out), out["b"], out["a"], out["c"]]


@scenario
def outputs_in_a_named_tuple(k):
    "A named tuple comes back as itself"
    out = traced(k, lambda x: Pair(x, [Pair(2, x)]))(t(k, 1.0))
    return [
        type(out).__name__,
        out.left,
        type(out.right[0]).__name__,
        out.right[0].left,
    ]


@scenario
def outputs_that_are_no_tensors(k):
    "An object is a TypeError"
    return [outcome(traced(k, lambda: object())), traced(k, lambda: None)()]


@scenario
def a_variable_as_output(k):
    "It is read"
    v = variable(k, 1.5)
    return traced(k, lambda: v)()


# ---- Python while tracing ------------------------------------------------------------


@scenario
def side_effects_happen_while_tracing(k):
    "append runs once for each trace"
    said = []

    def f(x, n):
        said.append(n)
        return x * n

    f = traced(k, f)
    for n in (1, 1, 2, 1, 2):
        f(t(k, 1.0), n)
    f(t(k, [1.0]), 1)
    return said


@scenario
def python_values_are_baked_in(k):
    "What a closure holds is read while tracing"
    scale = [2.0]
    f = traced(k, lambda x: x * scale[0])
    first = f(t(k, 1.0))
    scale[0] = 3.0
    return [first, f(t(k, 1.0)), f(t(k, [1.0]))]


@scenario
def order_of_side_effects(k):
    "Inner functions are traced when they are first met, once"
    said = []
    inner = traced(k, lambda x: said.append("inner") or x + 1.0)
    outer = traced(k, lambda x: said.append("outer") or inner(inner(x)))
    results = [outer(t(k, 1.0)), outer(t(k, 2.0)), outer(t(k, [1.0]))]
    return [results, said, count(inner), count(outer)]


@scenario
def leaks(k):
    "A symbol used outside is a TypeError"
    kept = []
    traced(k, lambda x: kept.append(x * 2.0))(t(k, 1.0))
    other = traced(k, lambda x: x + kept[0])
    return [outcome(lambda: kept[0] + 1.0), outcome(other, t(k, 1.0))]


@scenario
def no_numbers_inside(k):
    "bool, int and .numpy() of a symbol"
    found = []

    def f(x):
        found.extend([outcome(bool, x > 0), outcome(lambda: x.numpy())])
        return x

    traced(k, f)(t(k, 1.0))
    return [isinstance(found[0], TypeError), isinstance(found[1], AttributeError)]


@scenario
def endless_recursion(k):
    "A function that calls itself"
    f = traced(k, lambda x: f(x))
    return [outcome(f, t(k, 1.0)), count(f)]


@scenario
def recursion_that_ends(k):
    "By a Python number, a trace for each"
    f = traced(k, lambda x, n: x if n == 0 else f(x, n - 1) * n)
    return [f(t(k, 1.0), 4), count(f)]


# ---- traces --------------------------------------------------------------------------


@scenario
def reduced_retracing(k):
    "The second size leaves the size open"
    f, counts = traced(k, lambda x: k.ops.sum(x), reduce_retracing=True), []
    for n in (1, 2, 3, 4, 5, 1):
        f(t(k, np.ones(n, "float32")))
        counts.append(count(f))
    f(t(k, np.ones((2, 2), "float32")))
    return [*counts, count(f)]


@scenario
def general_traces_serve_special_calls(k):
    "A concrete function with an open size is found again"
    f = traced(k, lambda x: x * 2.0)
    concrete = f.get_concrete_function(spec(k, [None]))
    same = [f.get_concrete_function(t(k, [1.0, 2.0])) is concrete]
    return [*same, f(t(k, [1.0, 2.0, 3.0])), count(f), f(t(k, [[1.0]])), count(f)]


# ---- concrete functions --------------------------------------------------------------


@scenario
def concrete_functions(k):
    "By tensors in order, by name, and with the values of the trace"
    f = traced(k, lambda x, n=2: x * n)
    concrete = f.get_concrete_function(spec(k, [None]), n=3)
    x = t(k, [1.0, 2.0])
    return [concrete(x), concrete(x=x), concrete(x, 3), concrete(x, n=3)]


@scenario
def calls_that_concrete_functions_refuse(k):
    "Another value, another rank in a list, too many arguments, another name"
    concrete = traced(k, lambda x, n: x).get_concrete_function(spec(k, []), 3)
    x = t(k, 1.0)
    calls = [
        ((x, 4), {}),
        (([1.0], 3), {}),
        ((x, 3, 3), {}),
        ((), {}),
        ((x,), {"z": x}),
    ]
    return [outcome(concrete, *args, **kwargs) for args, kwargs in calls]


@scenario
def what_a_concrete_function_is_made_of(k):
    "Inputs, outputs, variables"
    v, w = variable(k, 2.0), variable(k, 3.0, trainable=False)
    f = traced(k, lambda x, y: (x * v, [y + w, None]))
    concrete = f.get_concrete_function(spec(k, [None]), spec(k, []))
    out = concrete.structured_outputs
    return [
        [len(concrete.inputs), len(concrete.outputs), len(concrete.captured_inputs)],
        [concrete.variables[0] is v, concrete.variables[1] is w],
        [len(concrete.variables), len(concrete.trainable_variables)],
        [list(concrete.inputs[0].shape), list(out[0].shape), out[1][1]],
        len(concrete.structured_input_signature[0]),
    ]


# ---- variables -----------------------------------------------------------------------


@scenario
def variables_are_read_live(k):
    "An assignment outside is seen inside, without a trace"
    v = variable(k, 1.0)
    f = traced(k, lambda x: x * v)
    first = f(t(k, 3.0))
    v.assign(2.0)
    return [first, f(t(k, 3.0)), count(f)]


@scenario
def assignments_keep_their_order(k):
    "assign, assign_add, assign_sub and reads between them"
    v, w = variable(k, 1.0), variable(k, 0.0)

    def f(x):
        v.assign_add(x)
        first = v * 1.0
        w.assign(v * 2.0)
        v.assign_sub(0.5)
        v.assign(v * 10.0)
        return [first, v + w]

    f = traced(k, f)
    return [f(t(k, 1.0)), now(v), now(w), f(t(k, 2.0)), now(v), now(w), count(f)]


@scenario
def variables_made_on_the_first_call(k):
    "if self.v is None: self.v = Variable()"
    said = []

    class Late:
        v = None

        @lambda f: traced(k, f)
        def __call__(self, x):
            said.append("traced")
            if self.v is None:
                self.v = variable(k, 2.0)
            return self.v * x

    late = Late()
    results = [late(t(k, 3.0)), count(late.__call__), late(t(k, 4.0)), len(said)]
    return [*results, count(late.__call__), late(t(k, [1.0])), count(late.__call__)]


@scenario
def variables_made_on_every_call(k):
    "A ValueError, on the first call and later"
    f = traced(k, lambda: variable(k, 1.0))
    return [outcome(f), outcome(f)]


@scenario
def variables_made_on_a_later_call(k):
    "A ValueError, and the function still works"
    made = []

    def f(x, late):
        if late and not made:
            made.append(variable(k, 1.0))
        return x * 2.0

    f = traced(k, f)
    return [f(t(k, 1.0), False), outcome(f, t(k, 1.0), True), f(t(k, 2.0), False)]


@scenario
def variables_as_arguments(k):
    "Two variables, exchanged; then one given twice"

    def swap(a, b):
        old = a + 0.0
        a.assign(b)
        b.assign(old)
        return a - b

    f, v, w, u = traced(k, swap), *[variable(k, x) for x in (1.0, 2.0, 3.0)]
    results = [f(v, w), f(u, v), count(f), f(w, w), count(f)]
    return [*results, now(v), now(w), now(u)]


@scenario
def an_argument_known_from_outside(k):
    "What is given is also captured, from the first call on"
    v, w = variable(k, 1.0), variable(k, 2.0)

    def add(a):
        a.assign_add(1.0)
        v.assign_add(10.0)
        return a * 1.0 + v * 10.0

    f = traced(k, add)
    return [f(v), now(v), f(w), now(v), now(w)]


@scenario
def an_argument_known_from_outside_later(k):
    "What is given is also captured, from the second call on"
    v, w = variable(k, 1.0), variable(k, 2.0)

    def add(a):
        a.assign_add(1.0)
        v.assign_add(10.0)
        return now(a) + now(v)

    f = traced(k, add)
    return [f(w), now(v), now(w), f(v), now(v), f(w), now(v), now(w)]


# ---- tapes ---------------------------------------------------------------------------


@scenario
def a_tape_around_a_call(k):
    "Gradients of a variable, of an argument, of a captured tensor"
    v, c = variable(k, 2.0), t(k, 5.0)
    f, x = traced(k, lambda x: k.ops.sin(x) * v * c), t(k, 0.5)
    with k.GradientTape() as tape:
        tape.watch([x, c])
        y = f(x)
    return tape.gradient(y, [x, v, c])


@scenario
def a_tape_inside(k):
    "And one around it"
    v = variable(k, 2.0)

    def slope(x):
        with k.GradientTape() as tape:
            tape.watch(x)
            y = x * x * x * v
        return tape.gradient(y, x)

    f, x = traced(k, slope), t(k, 3.0)
    with k.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return [y, tape.gradient(y, [x, v])]


@scenario
def second_order_through_a_call(k):
    "Two tapes around one function"
    f, x = traced(k, lambda x: k.ops.exp(k.ops.sin(x))), t(k, 0.7)
    with k.GradientTape() as outer:
        outer.watch(x)
        with k.GradientTape() as inner:
            inner.watch(x)
            y = f(x)
        slope = inner.gradient(y, x)
    return [y, slope, outer.gradient(slope, x)]


@scenario
def reads_after_an_assignment_count(k):
    "The gradient of a variable adds up all that was read from it"
    v = variable(k, 2.0)

    def f():
        y = v * 5.0
        v.assign_add(1.0)
        return y + v * v

    f = traced(k, f)
    with k.GradientTape() as tape:
        y = f()
    return [y, tape.gradient(y, v)]


@scenario
def what_is_not_connected(k):
    "Whole numbers, frozen variables, several outputs"
    v, w = variable(k, 2.0), variable(k, 3.0, trainable=False)
    f = traced(k, lambda x, n: (x * v * w, n * 2, x * 0.5))
    x = t(k, 1.0)
    found = []
    for picks in ([0], [2], [0, 2]):
        with k.GradientTape() as tape:
            tape.watch(x)
            out = f(x, t(k, 3, "int32"))
        found.append(tape.gradient([out[i] for i in picks], [x, v, w]))
    return found


# ---- failures ------------------------------------------------------------------------


@scenario
def an_error_while_tracing(k):
    "It is raised as it is, and nothing has happened"
    v, fail = variable(k, 1.0), [True]

    def f(x):
        v.assign(9.0)
        if fail[0]:
            raise KeyError("k")
        return x

    f = traced(k, f)
    results = [outcome(f, t(k, 1.0)), now(v), count(f)]
    fail[0] = False
    return [*results, f(t(k, 1.0)), now(v), count(f)]


@scenario
def a_wrong_shape(k):
    "A ValueError while tracing"
    f = traced(k, lambda x: x @ x)
    wrong = outcome(f, t(k, np.ones((2, 3), "float32")))
    return [isinstance(wrong, ValueError), f(t(k, np.ones((2, 2), "float32")))]


# ---- as Python -----------------------------------------------------------------------


@scenario
def run_eagerly(k):
    "run_functions_eagerly(True) leaves Python as it is"
    config = k.config
    if k.__name__ == "keras":
        import tensorflow as tf

        config = tf.config
    said = []
    f = traced(k, lambda x: said.append("ran") or 3)
    before = config.functions_run_eagerly()
    config.run_functions_eagerly(True)
    try:
        results = [f(1), f(1), config.functions_run_eagerly()]
    finally:
        config.run_functions_eagerly(False)
    return [before, *results, len(said), f(1), f(1), len(said), count(f)]
