"""tf.function: what else its users can see; the texts, the attributes, the errors.

What `functions`, `retracing` and `autograph` record is not repeated here. A text is cut
down to the part that a user can rely on: `tf.` before dtypes, ids and places are left out.
"""

import contextlib
import importlib
import inspect
import io
import re
import tempfile
from pathlib import Path

import numpy as np

from tests.golden.cases import scenarios
from tests.golden.cases.autograph import autograph, staged
from tests.golden.cases.functions import count, spec, t, traced, variable
from tests.golden.player import outcome


def cases():
    found = [f for name, f in globals().items() if getattr(f, "is_scenario", False)]
    return list(scenarios("surface", found))


def scenario(function):
    function.is_scenario = True
    return function


def plain(text):
    "A text without what differs by name only."
    text = re.sub(r"\btf\.(?=[a-z])(?!function)", "", str(text))
    return re.sub(r"<captured_default_value>", "2", text)


def said(error, *patterns):
    "Which texts that fit the patterns an error says, in its message or its notes."
    if not isinstance(error, Exception):
        return "no error"
    text = plain("\n".join([str(error), *getattr(error, "__notes__", ())]))
    found = [re.search(pattern, text) for pattern in patterns]
    return [error, *[one and one.group(0) for one in found]]


def printed(run):
    "The lines that a call prints."
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        run()
    return out.getvalue().splitlines()


# ---- the decorator -------------------------------------------------------------------


@scenario
def parameters_of_function(k):
    "Names and defaults, as far as both have them"
    parameters = list(inspect.signature(staged(k)).parameters.values())[:5]
    return [[p.name, p.default, p.kind.name] for p in parameters]


@scenario
def ways_to_decorate(k):
    "With and without parentheses, by name, a lambda, a function that is one already"
    function = staged(k)

    @function
    def bare(x):
        return x + 1.0

    @function()
    def called(x):
        return x + 2.0

    ways = [bare, called, function(func=lambda y: y + 3.0)]
    ways.append(function(lambda z: z + 4.0))
    names = [f.__name__ for f in ways]
    again = function(bare)
    return [names, [f(t(k, 1.0)) for f in [*ways, again]]]


@scenario
def a_method_is_the_same_each_time(k):
    "c.method is c.method, and not that of another object, nor that of the class"

    class Thing:
        @lambda f: traced(k, f)
        def method(self, x):
            "About it."
            return x

        @lambda f: traced(k, f)
        def __call__(self, x):
            return x

    c, d = Thing(), Thing()
    c(t(k, 1.0))
    return [
        [c.method is c.method, c.method is d.method, c.method is Thing.method],
        [type(c.method) is type(Thing.method), c.method.__name__, c.method.__doc__],
        [c.__call__ is c.__call__, count(c.__call__), count(d.__call__)],
    ]


# ---- attributes ----------------------------------------------------------------------


@scenario
def attributes_of_a_function(k):
    "What may be asked of it, before and after a call"

    def body(x, n=2):
        return x * n

    f = traced(k, body)
    before = [f.python_function is body, f.input_signature, count(f)]
    f(t(k, 1.0))
    asked = ["get_concrete_function", "experimental_get_tracing_count"]
    asked += ["pretty_printed_concrete_signatures", "python_function"]
    asked += ["input_signature", "function_type"]
    return [before, plain(f.function_type), [hasattr(f, name) for name in asked]]


@scenario
def attributes_of_a_function_with_specs(k):
    "The signature it was given is a tuple, and part of its type"
    f = traced(k, lambda x: x, input_signature=[spec(k, [None])])
    (only,) = f.input_signature
    about = [list(only.shape), plain(getattr(only.dtype, "name", only.dtype))]
    return [type(f.input_signature).__name__, *about, plain(f.function_type)]


@scenario
def signatures_in_words(k):
    "pretty_printed_concrete_signatures, a paragraph for each trace"
    f = traced(k, lambda x, n, flag=True: (x, [n, None]))
    f(t(k, [1.0]), 3)
    f([t(k, 1.0), 1], 2.5, flag=False)
    return plain(f.pretty_printed_concrete_signatures()).splitlines()


# ---- concrete functions --------------------------------------------------------------


@scenario
def a_concrete_function_in_words(k):
    "Inputs, outputs and captures; a capture has an id of its own in TensorFlow"
    v = variable(k, [1.0])
    concrete = traced(k, lambda x, n: (x * v, [n, None])).get_concrete_function(
        spec(k, [None]), 2.0
    )
    lines = plain(concrete).splitlines()
    at = lines.index("Captures:")
    ends = re.search(r"\((x: .*?)\) -> (.*?)(?: at 0x\w+)?>$", plain(repr(concrete)))
    return [lines[: at + 1], len(lines[at + 1 :]), list(ends.groups())]


@scenario
def a_concrete_function_from_outside(k):
    "Specs with names, shapes of what goes in and comes out, what it captures"
    v, w = variable(k, [1.0]), variable(k, 2.0, trainable=False)
    f = traced(k, lambda x, n=3: {"y": x * v, "z": [w + 0.0, None]})
    concrete = f.get_concrete_function(spec(k, [None]))
    (x, n), named = concrete.structured_input_signature
    out = concrete.structured_outputs
    return [
        [list(x.shape), x.name, n, named],
        [list(out["y"].shape), list(out["z"][0].shape), out["z"][1]],
        [list(concrete.inputs[0].shape), len(concrete.outputs)],
        [len(concrete.inputs), len(concrete.captured_inputs)],
        [one is v for one in concrete.trainable_variables],
        [one is v or one is w for one in concrete.variables],
        hasattr(concrete, "graph"),
    ]


@scenario
def what_a_concrete_function_takes(k):
    "A tensor, an array; nothing of another dtype"
    concrete = traced(k, lambda x: x * 2.0).get_concrete_function(spec(k, [None]))
    given = [t(k, [1.0]), np.ones(2, "float32"), t(k, [1], "int32")]
    return [outcome(concrete, x) for x in given]


@scenario
def another_rank_for_a_concrete_function(k):
    "A tensor of another rank, in its place"
    concrete = traced(k, lambda x: x * 2.0).get_concrete_function(spec(k, [None]))
    return outcome(concrete, t(k, [[1.0]]))


# ---- what is refused, in which words -------------------------------------------------


@scenario
def words_of_a_refused_argument(k):
    "Another rank, another dtype"
    f = traced(k, lambda x: x, input_signature=[spec(k, [None])])
    words = "Binding inputs to tf.function failed due to `Can not cast .*?`"
    return [said(outcome(f, x), words) for x in (t(k, [[1.0]]), t(k, [1], "int32"))]


@scenario
def words_of_a_leak(k):
    "A symbol that got out, used outside and in another function"
    kept = []
    traced(k, lambda x: kept.append(x * 2.0))(t(k, 1.0))
    words = "is out of scope and cannot be used here"
    found = [outcome(lambda: kept[0] + 1.0)]
    found.append(outcome(traced(k, lambda x: x + kept[0]), t(k, 1.0)))
    return [said(error, words) for error in found]


@scenario
def words_of_a_late_variable(k):
    "A variable that is made on each call"
    words = "tf.function only supports singleton tf.Variables created on the first call"
    return said(outcome(traced(k, lambda: variable(k, 1.0))), words)


WAYS = "'y' must also be initialized in the else branch"
WAYS += "|'y' has dtype float32 in the main branch, but dtype int32 in the else branch"


@scenario
def words_of_two_branches(k):
    "A name that is missing, a name with two dtypes"

    def missing(x):
        if x > 0:
            y = 1.0
        return y

    def two_dtypes(x):
        if x > 0:
            y = 1.0
        else:
            y = 1
        return y

    return [said(outcome(staged(k)(f), t(k, 1.0)), WAYS) for f in (missing, two_dtypes)]


@scenario
def words_of_a_loop(k):
    "A loop variable keeps its dtype, and its rank"

    def two_dtypes(n):
        y = 0
        for _ in range(n):
            y = 0.5
        return y

    def two_ranks(n):
        y = t(k, 1.0)
        for _ in range(n):
            y = k.ops.stack([y, y])
        return y

    words = "'y' has (dtype|shape) \\S+ before the loop, but (dtype|shape) \\S+ after"
    found = [outcome(staged(k)(f), t(k, 3, "int32")) for f in (two_dtypes, two_ranks)]
    return [said(error, words) for error in found]


@scenario
def words_of_bool(k):
    "bool(tensor), and if with autograph=False"

    def choose(x):
        return 1.0 if x > 0 else 2.0

    found = [outcome(staged(k)(lambda x: bool(x)), t(k, True, "bool"))]
    found.append(outcome(traced(k, choose), t(k, 1.0)))
    words = "a Python `?bool`? is not allowed"
    same = [said(error, words)[1].replace("`", "") for error in found]
    return [[type(error).__name__, isinstance(error, TypeError)] for error in found] + [
        same
    ]


@scenario
def words_of_numpy(k):
    "x.numpy() and an assertion"

    def assertion(x):
        assert x > 0
        return x

    found = [outcome(staged(k)(f), t(k, 1.0)) for f in (lambda x: x.numpy(), assertion)]
    return [said(found[0], "has no attribute 'numpy'"), found[1]]


@scenario
def in_user_code(k):
    "An error while tracing names the file and the line, of ours and of the user's own"

    def wrong_shape(x):
        return x @ k.ops.ones((7, 2))

    def own(x):
        raise KeyError("mine")

    def inner(x):
        return staged(k)(own)(x)

    def tells(error, f):
        line = f'surface.py", line {f.__code__.co_firstlineno + 1}, in {f.__name__}'
        words = said(error, "in user code:", line, "@ k.ops.ones|raise KeyError")[1:]
        return [words[0], words[1] is not None, words[2]]

    return [
        tells(outcome(staged(k)(wrong_shape), t(k, [[1.0]])), wrong_shape),
        tells(outcome(staged(k)(own), t(k, 1.0)), own),
        tells(outcome(staged(k)(inner), t(k, 1.0)), own),
    ]


# ---- while tracing -------------------------------------------------------------------


@scenario
def prints_while_tracing(k):
    "print is Python's, and happens once for each trace"
    f = staged(k)(lambda x: print("tracing") or x)
    given = t(k, 1.0), t(k, 2.0), t(k, [1.0]), t(k, 3.0)
    return printed(lambda: [f(x) for x in given])


@scenario
def a_branch_that_is_not_taken(k):
    "What it assigns does not happen, and what comes after sees that"
    v = variable(k, 1.0)

    @staged(k)
    def f(x):
        v.assign_add(1.0)
        if x > 0:
            v.assign(v * 10.0)
        else:
            v.assign_sub(0.5)
        v.assign_add(x)
        return v + 0.0

    return [f(t(k, 1.0)), f(t(k, -1.0)), v + 0.0, count(f)]


@scenario
def closures(k):
    "A variable is captured by reference, a number is not; names are met while tracing"
    v, scale = variable(k, 2.0), 3.0
    f = staged(k)(lambda x: x * v * scale)
    found = [f(t(k, 1.0))]
    scale = 5.0
    v.assign(4.0)
    return [*found, f(t(k, 1.0)), f(t(k, [1.0])), count(f)]


# ---- the rest ------------------------------------------------------------------------


@scenario
def compiled(k):
    "jit_compile=True: the same results, slopes and assignments"

    def body(x, v):
        y = k.ops.tanh(x) * k.ops.sum(x * x) + v
        v.assign_add(k.ops.sum(y))
        return y

    found = []
    for options in ({}, {"jit_compile": True}):
        v, x = variable(k, 0.5), t(k, [0.5, -1.0, 2.0])
        f = traced(k, body, **options)
        for _ in range(2):
            with k.GradientTape() as tape:
                tape.watch(x)
                y = f(x, v)
            found.append([y, *tape.gradient(y, [x, v]), v + 0.0, count(f)])
    return found


@scenario
def python_names_of_autograph(k):
    "to_code shows the source, do_not_convert leaves a function as it is"

    def body(x):
        if x > 0:
            return x
        return -x

    tools = autograph(k)
    kept = tools.experimental.do_not_convert(body)
    return [
        "def " in tools.to_code(body) and "return" in tools.to_code(body),
        [kept(2), kept(-2), kept.__name__],
    ]


# ---- lines that are more than their results --------------------------------------------


def at_the_end_of_a_file(run):
    "The lines that run(stream) prints to the stream."
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "printed.txt")
        path.touch()
        run(f"file://{path}")
        return path.read_text(encoding="utf-8").splitlines()


def engine(k):
    "Where print and py_function live."
    return importlib.import_module("tensorflow") if k.__name__ == "keras" else k


@scenario
def print_writes_numbers(k):
    "Tensors, nests, long axes, separators"
    x, long = t(k, [1.0, 2.5, 1e-20]), k.ops.reshape(k.ops.arange(20), (10, 2))
    calls = [
        (["x:", x], {}),
        ([long], {}),
        ([k.ops.arange(10)], {"summarize": 2}),
        ([k.ops.arange(10)], {"summarize": -1}),
        ([{"a": k.ops.convert_to_tensor(1), "b": [t(k, 2.0), "s"]}], {}),
        (["{", (1, k.ops.convert_to_tensor(2)), None, 1.5], {}),
        ([k.ops.convert_to_tensor([True, False])], {}),
        ([k.ops.convert_to_tensor([1, 2]), 3], {"sep": ";", "end": "!\n"}),
        ([t(k, [float("nan"), float("inf")]), k.ops.zeros((0, 3))], {}),
    ]
    return [
        at_the_end_of_a_file(
            lambda place: engine(k).print(*x, output_stream=place, **how)
        )
        for x, how in calls
    ]


@scenario
def print_in_a_graph(k):
    "On each call, in the order of the program, in rounds and in branches that run"
    write = engine(k).print

    def run(place):
        def body(x):
            write("first", x, output_stream=place)
            n = 0
            while x < 10.0:
                write("round", x, output_stream=place)
                x, n = 2.0 * x, n + 1
            if n > 2:
                write("many", output_stream=place)
            else:
                write("few", n, output_stream=place)
            return x

        f = staged(k)(body)
        for start in (9.0, 2.0, 6.0):
            f(t(k, start))
        with k.GradientTape() as tape:
            tape.watch(x := t(k, 3.0))
            y = f(x)
        tape.gradient(y, x)

    return at_the_end_of_a_file(run)


@scenario
def python_in_a_graph(k):
    "py_function: values, several results, gradients of both orders"
    tools = engine(k)
    number = spec(k, [], "float32")

    def cube(x):
        return x * x * x

    def two(x):
        return [x + 1.0, 2.0 * x]

    def body(x):
        y = tools.py_function(cube, [x], number)
        return [y, *tools.py_function(two, [y], [number, number])]

    f, x = staged(k)(body), t(k, 2.0)
    with k.GradientTape() as tape:
        tape.watch(x)
        found = f(x)
        y = found[0] + found[1] * found[2]
    return [*found, tape.gradient(y, x)]


@scenario
def python_runs_on_each_call(k):
    "py_function: also if nobody reads what it gives"
    tools, calls = engine(k), []

    def note(x):
        calls.append(float(x))

    def body(x):
        tools.py_function(note, [x], [])
        return x + 1.0

    f = staged(k)(body)
    return [f(t(k, 1.0)), f(t(k, 2.0)), calls]


@scenario
def python_that_breaks_its_word(k):
    "py_function: an error for another dtype"
    tools, number = engine(k), spec(k, [], "float32")

    def calls(function):
        f = staged(k)(lambda x: tools.py_function(function, [x], number))
        return isinstance(outcome(lambda: f(t(k, 1.0))), Exception)

    return calls(lambda x: k.ops.cast(x, "int32"))
