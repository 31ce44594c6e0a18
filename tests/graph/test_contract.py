"""The contract of tracing, row by row: what may go wrong, and what must happen then.

T1 Python's side effects, T2 symbols that get out, T3 Python that asks a symbol, T4 storms
of traces, T5 what changes after the trace, T6 what is left after an error, T7 tapes.
Each error must also be a built-in type, name the place, and leave all state as it was.
"""

import gc
import random
import re
import threading
import traceback
import tracemalloc
import types
import warnings
import weakref

import numpy as np
import pytest

import minikeras as keras
from minikeras import ops
from minikeras.core.door import here
from minikeras.core.errors import LeakedTensorError, TraceError
from minikeras.core.infer import Symbol
from minikeras.graph.function import KEPT, RetraceWarning, under_way
from minikeras.graph.graph import Node


def state():
    "What an error must leave as it was."
    level = here.level
    return level, level.reader, list(level.watchers), level.state, list(under_way)


@pytest.fixture(autouse=True)
def nothing_is_left():
    before = state()
    yield
    assert state() == before


x = ops.convert_to_tensor([1.0, 2.0, 3.0])
STORMS = pytest.mark.filterwarnings("ignore::minikeras.core.errors.RetraceWarning")


# ---- T1: side effects ----------------------------------------------------------------


def test_t1_side_effects_happen_once_for_each_trace(capsys):
    said, table = [], {}

    @keras.function
    def f(x):
        print("tracing")
        said.append(len(said))
        table["traces"] = table.get("traces", 0) + 1
        return x + 1

    for given in (x, x, x * 2):
        f(given)
    assert (said, table) == ([0], {"traces": 1})
    f(ops.ones((5,)))
    assert (said, table) == ([0, 1], {"traces": 2})
    assert capsys.readouterr().out == "tracing\ntracing\n"


@pytest.mark.parametrize("container", [list, dict])
def test_t1_a_container_that_would_keep_a_tensor_of_a_branch_is_refused(container):
    held = container()

    @keras.function
    def f(x):
        if ops.sum(x) > 0:
            if isinstance(held, list):
                held.append(x * 2)
            else:
                held["x"] = x * 2
        return x

    with pytest.raises(TypeError, match="'held' would keep a tensor"):
        f(x)
    assert held == container()


WRITTEN = 0


def test_t1_a_global_is_written_once_for_each_trace():
    @keras.function
    def f(x):
        global WRITTEN
        WRITTEN += 1
        return x

    before = WRITTEN
    f(x), f(x), f(ops.ones((5,))), f(x)
    assert before + 2 == WRITTEN


REMEMBERED = {"deep": [1.0]}


def remember(x):
    REMEMBERED["deep"].append(x)


def mutations():
    """{how: a function that changes a container outside, the container}."""
    listed, table, some = [1.0], {"a": 1}, {1}
    swapped = [1.0, 2.0]

    def append(x):
        listed.append(x)

    def write(x):
        table["x"] = x

    def overwrite(x):
        table["a"] = x

    def add(x):
        some.add(2)

    def swap(x):
        swapped.reverse()

    def inside(x):
        [listed.append(row) for row in (1, 2)]

    def global_one(x):
        REMEMBERED["deep"] = x

    def by_a_function(x):
        remember(x)

    def default(x, kept=listed):
        kept.append(x)

    def by_name(x, *, kept=listed):
        kept.append(x)

    found = {f: listed for f in (append, inside, default, by_name)}
    found |= {write: table, overwrite: table, add: some, swap: swapped}
    return found | {global_one: REMEMBERED, by_a_function: REMEMBERED}


@STORMS
@pytest.mark.parametrize("which", range(10))
def test_t1_strict_refuses_what_changes_outside(which):
    mutate, container = list(mutations().items())[which]
    before = repr(container)

    def run(x):
        mutate(x)
        return x * 2

    f = keras.function(run, strict=True)
    for _ in range(2):
        with pytest.raises(TraceError, match="changed while tracing") as caught:
            f(x)
        assert isinstance(caught.value, TypeError) and "run" in str(caught.value)
        assert repr(container) == before and f.experimental_get_tracing_count() == 0
    assert keras.function(run)(x).numpy().tolist() == [2.0, 4.0, 6.0]  # by default
    assert repr(container) != before
    REMEMBERED.update(deep=[1.0])


def test_t1_strict_lets_the_rest_be():
    weight, table, held = keras.Variable(1.0), {"rate": 2.0}, [3.0]

    class Model:
        seen = None

        @keras.function(strict=True)
        def step(self, x):
            own, names = [], {}
            for row in (1.0, 2.0):
                own.append(x * row)
            names["y"] = own[0] * table["rate"] + held[0]
            weight.assign_add(1.0)
            return own, names

    for _ in range(2):
        _, names = Model().step(x)
        assert names["y"].numpy().tolist() == [5.0, 7.0, 9.0]
    assert float(weight) == 3.0


# ---- T2: symbols that get out --------------------------------------------------------


class Holder:
    kept = None


def ways_out():
    "Each gives (a traced function that lets a symbol out, what finds it)."
    holder, listed, table = Holder(), [], {}

    def on_an_object(x):
        holder.kept = x * 2
        return x

    def in_a_list(x):
        listed.append(x * 2)
        return x

    def in_a_dict(x):
        table["x"] = x * 2
        return x

    def in_a_closure(x):
        y = x * 2
        holder.closure = lambda: y
        return x

    return [
        (on_an_object, lambda: holder.kept),
        (in_a_list, lambda: listed[-1]),
        (in_a_dict, lambda: table["x"]),
        (in_a_closure, lambda: holder.closure()),
    ]


USES = {
    "an operation": lambda y: y + 1,
    "a sum": lambda y: ops.sum(y),
    "a comparison": lambda y: y > 0,
    "an index": lambda y: y[0],
    "another trace": lambda y: keras.function(lambda x: x + y)(x),
    "a list": lambda y: ops.stack([y, y]),
    "a variable": lambda y: keras.Variable(np.zeros(3, "float32")).assign(y),
    "a tape": lambda y: slope_by(y),
    "a branch": lambda y: keras.function(
        lambda x: ops.cond(ops.sum(x) > 0, lambda: y, lambda: x)
    )(x),
}


def slope_by(y):
    with keras.GradientTape() as tape:
        tape.watch(y)
        z = y * y
    return tape.gradient(z, y)


@STORMS
@pytest.mark.parametrize("way", range(4))
@pytest.mark.parametrize("use", USES)
def test_t2_a_symbol_that_got_out_is_named_where_it_is_used(way, use):
    run, find = ways_out()[way]
    traced = keras.function(run)
    traced(x)
    with pytest.raises(LeakedTensorError) as caught:
        USES[use](find())
    text = str(caught.value)
    assert isinstance(caught.value, TypeError)
    assert "out of scope and cannot be used here" in text
    assert run.__name__ in text and "return it" in text
    made = re.search(r"made at test_contract.py:\d+    (.*)", text).group(1)
    used = re.search(r"at    test_contract.py:\d+    (.*)", text).group(1)
    assert "x * 2" in made and "x * 2" not in used and "y" in used
    assert traced(x).shape == (3,)


# ---- T3: Python that asks ------------------------------------------------------------


def waits(x):
    while x[0] > 0:
        x = x - 1.0
    return x


def chooses(x):
    return x if x[0] > 0 else -x


def counts(x):
    for _ in range(ops.cast(x[0], "int32")):
        x = x * 2.0
    return x


@pytest.mark.parametrize("ask", [waits, chooses, counts])
def test_t3_what_asks_a_symbol_is_staged_by_autograph(ask):
    traced = keras.function(ask)
    for given in (x, -x, x + 1.0):
        assert traced(given).numpy().tolist() == ask(given).numpy().tolist()
    assert traced.experimental_get_tracing_count() == 1


ASKS = {
    "if": (lambda x: 1 if x[0] > 0 else 2, TypeError, "autograph"),
    "bool": (lambda x: bool(x[0] > 0), TypeError, "ops.cond"),
    "not": (lambda x: not x[0], TypeError, "ops.cond"),
    "and": (lambda x: x[0] and x[1], TypeError, "ops.cond"),
    "int": (lambda x: int(x[0]), TypeError, "cast"),
    "float": (lambda x: float(x[0]), TypeError, "cast"),
    "index": (lambda x: [1, 2, 3][ops.cast(x[0], "int32")], TypeError, "cast"),
    "range": (lambda x: list(range(ops.cast(x[0], "int32"))), TypeError, "cast"),
    "array": (lambda x: np.asarray(x), TypeError, "functions of ops"),
    "numpy": (lambda x: x.numpy(), AttributeError, "numpy"),
    "while": (waits, TypeError, "autograph"),
    "in": (lambda x: 1.0 in x, TypeError, "ops.cond"),
    "repeat": (lambda x: np.sin(x), TypeError, "functions of ops"),
}


@pytest.mark.parametrize("ask", ASKS)
def test_t3_python_that_asks_a_symbol_is_told_what_to_do(ask):
    run, error, hint = ASKS[ask]
    with pytest.raises(error, match=hint) as caught:
        keras.function(run, autograph=False)(x)
    assert type(caught.value).__module__ in ("minikeras.core.errors", "builtins")


@pytest.mark.parametrize("walk", [list, len])
def test_t3_rows_of_unknown_number_cannot_be_walked_by_python(walk):
    signature = [keras.TensorSpec((None, 2))]
    traced = keras.function(walk, autograph=False, input_signature=signature)
    with pytest.raises(TypeError, match="not known yet"):
        traced(ops.ones((3, 2)))


def test_t3_masks_have_a_size_that_only_a_run_knows():
    @keras.function
    def positive(x):
        return x[x > 1.5]

    assert positive(x).numpy().tolist() == [2.0, 3.0]
    assert positive.get_concrete_function(x).structured_outputs.shape == (None,)


# ---- T4: storms ----------------------------------------------------------------------


GIVEN = {
    "ints": lambda i: i,
    "floats": lambda i: 0.5 * i,
    "shapes": lambda i: ops.ones((i + 1,)),
    "texts": str,
}


@pytest.mark.parametrize("kind", GIVEN)
def test_t4_a_storm_is_told_once_and_names_the_argument(kind):
    def plain(x, argument):
        return x

    code = plain.__code__.replace(co_name=kind)  # storms are counted for each code
    f = keras.function(types.FunctionType(code, globals()))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for i in range(12):
            f(x, GIVEN[kind](i))
    told = [one for one in caught if one.category is RetraceWarning]
    assert len(told) == 1
    assert "argument" in str(told[0].message) and "5 of the last" in str(
        told[0].message
    )


def test_t4_a_lambda_made_anew_in_a_loop():
    with pytest.warns(RetraceWarning, match="made anew each time"):
        for _ in range(8):
            keras.function(lambda x: x + 1)(x)


def test_t4_calls_keep_nothing():
    @keras.function
    def f(x):
        return ops.sum(ops.sin(x) * x)

    def alive():
        gc.collect()
        return sum(isinstance(one, (Symbol, keras.core.tensor.Tensor))
                   for one in gc.get_objects())  # fmt: skip

    for _ in range(200):  # until it runs as it will
        f(x)
    before = alive()
    tracemalloc.start()
    f(x)
    held, _ = tracemalloc.get_traced_memory()
    for _ in range(10_000):
        f(x)
    grown = tracemalloc.get_traced_memory()[0] - held
    tracemalloc.stop()
    assert alive() <= before + 2 and grown < 10_000


@STORMS
def test_t4_traces_are_bounded_and_the_ones_in_use_stay():
    traced = []

    @keras.function
    def f(x, n):
        traced.append(n)
        return x * n

    for n in range(KEPT + 100):
        f(1.0, n)
        f(1.0, 0)
    assert traced == list(range(KEPT + 100))  # 0 has not been traced again
    assert len(f._traces.found[None]) == KEPT
    f(1.0, 1)
    assert traced[-1] == 1  # it was not used for long, and had gone


# ---- T5: what changes after the trace ------------------------------------------------

FACTOR = 2.0


def test_t5_python_values_are_those_of_the_trace_and_variables_are_read():
    global FACTOR
    closure, held = 3.0, Holder()
    held.kept = 5.0
    weight = keras.Variable(7.0)

    @keras.function
    def f(x, default=[1.0]):  # noqa: B006
        return x * FACTOR * closure * held.kept * weight * default[0]

    assert float(f(ops.ones(()))) == 210.0
    FACTOR, closure, held.kept = 1.0, 1.0, 1.0
    try:
        assert float(f(ops.ones(()))) == 210.0
        weight.assign(1.0)
        assert float(f(ops.ones(()))) == 30.0
        assert f.experimental_get_tracing_count() == 1
    finally:
        FACTOR = 2.0


def test_t5_a_default_that_changes_is_traced_again():
    default = [1.0]
    f = keras.function(lambda x, by=default: x * by[0])
    assert float(f(ops.ones(()))) == 1.0
    default[0] = 2.0
    assert float(f(ops.ones(()))) == 2.0 and f.experimental_get_tracing_count() == 2


def test_t5_a_numpy_array_from_outside_is_that_of_the_trace():
    table = np.ones(3, "float32")
    f = keras.function(lambda x: x + table)
    assert f(x).numpy().tolist() == [2.0, 3.0, 4.0]
    table += 100
    assert f(x).numpy().tolist() == [2.0, 3.0, 4.0]


# ---- T6: what is left after an error -------------------------------------------------


class Own(Exception):
    pass


def fails(how):
    if how == "error":
        raise Own("mine")
    if how == "interrupt":
        raise KeyboardInterrupt
    return fails(how)  # recursion without end


@STORMS
@pytest.mark.parametrize("how", ["error", "interrupt", "recursion"])
@pytest.mark.parametrize(
    "where", ["function", "cond", "while", "tape", "vectorized_map"]
)
def test_t6_errors_while_tracing_leave_nothing_and_a_retry_works(how, where):
    broken, weight = [True], keras.Variable(1.0)

    def inner(y):
        weight.assign_add(1.0)
        return fails(how) if broken else y * 2

    def run(x):
        if where == "cond":
            return ops.cond(ops.sum(x) > 0, lambda: inner(x), lambda: x)
        if where == "while":
            return ops.while_loop(
                lambda i, y: i < 1, lambda i, y: (i + 1, inner(y)), (0, x)
            )[1]
        if where == "vectorized_map":
            return ops.vectorized_map(inner, x)
        if where == "tape":
            with keras.GradientTape() as tape:
                tape.watch(x)
                y = inner(x)
            return tape.gradient(y, x) * x
        return inner(x)

    traced, before = keras.function(run, autograph=False), state()
    kinds = {"error": Own, "interrupt": KeyboardInterrupt, "recursion": RecursionError}
    with pytest.raises(kinds[how]):
        traced(x)
    assert state() == before and float(weight) == 1.0
    broken.clear()
    if where != "vectorized_map":
        assert traced(x).numpy().tolist() == [2.0, 4.0, 6.0]
        assert float(weight) == 2.0


def test_t6_a_function_that_calls_itself_is_told_so_and_works_later():
    endless = [True]

    @keras.function
    def f(x):
        return f(x) if endless else x * 2

    for _ in range(2):
        with pytest.raises(RecursionError, match="calls itself, with the same"):
            f(x)
    endless.clear()
    assert f(x).numpy().tolist() == [2.0, 4.0, 6.0]


def test_t6_a_thousand_ways_in_and_out():
    "Functions, tapes and branches inside one another; any of them may fail."
    choose = random.Random(0)

    def nested(depth, y):
        kind = choose.choice(["function", "tape", "cond", "map", "raise", "plain"])
        if depth == 0 or kind == "plain":
            return y + 1
        if kind == "raise":
            raise Own(depth)
        if kind == "function":
            return keras.function(lambda y: nested(depth - 1, y), autograph=False)(y)
        if kind == "cond":
            return ops.cond(ops.sum(y) > 0, lambda: nested(depth - 1, y), lambda: y)
        if kind == "map":
            return ops.map(lambda row: nested(depth - 1, row), ops.stack([y, y]))[0]
        with keras.GradientTape() as tape:
            tape.watch(y)
            z = nested(depth - 1, y) * y
        return tape.gradient(z, y) + z

    before, failed = state(), 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RetraceWarning)
        for _ in range(1000):
            try:
                nested(4, x)
            except Own:
                failed += 1
            assert state() == before
    assert 100 < failed < 900


def test_t6_each_thread_has_its_own_levels():
    inside, go, found = threading.Event(), threading.Event(), []

    @keras.function
    def slow(x):
        inside.set()
        assert go.wait(10)
        return x + 1

    worker = threading.Thread(target=lambda: found.append(slow(x)))
    worker.start()
    assert inside.wait(10)
    eager = x * 2  # this thread computes, while that one traces
    assert isinstance(eager, keras.core.tensor.Tensor)
    go.set()
    worker.join(10)
    assert found[0].numpy().tolist() == [2.0, 3.0, 4.0]


def test_t6_a_variable_on_a_later_call_is_refused_and_nothing_else_changes():
    made, weight = [], keras.Variable(1.0)

    @keras.function
    def f(x):
        weight.assign_add(1.0)
        if x.shape[0] == 2:
            made.append(keras.Variable(1.0))
        return x

    f(x)
    for _ in range(2):
        with pytest.raises(ValueError, match="only supports singleton"):
            f(ops.ones((2,)))
    assert float(weight) == 2.0 and f.experimental_get_tracing_count() == 1
    f(x)
    assert float(weight) == 3.0


@STORMS
def test_t6_two_threads_trace_at_once():
    start, found = threading.Barrier(2), {}

    def run(by):
        before = state()
        start.wait(10)
        for n in range(1, 20):
            f = keras.function(lambda x, n=n: ops.sin(x) * float(by * n))
            found[by, n] = f(x)
        found[by] = state() == before and here.level

    workers = [threading.Thread(target=run, args=(by,)) for by in (1, 2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join(30)
    assert found[1] and found[2] and found[1] is not found[2] is not here.level
    for by, n in [key for key in found if isinstance(key, tuple)]:
        np.testing.assert_allclose(found[by, n], np.sin(x.numpy()) * by * n, rtol=1e-6)


def test_t6_no_symbol_outlives_its_trace():
    def alive():
        gc.collect()
        return sum(isinstance(one, (Node, Symbol)) for one in gc.get_objects())

    before = alive()

    @keras.function
    def f(x):
        y = ops.cond(ops.sum(x) > 0, lambda: x * 2, lambda: x)
        return ops.scan(lambda c, row: (c + row, c * row), 0.0, y)[1]

    with keras.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    tape.gradient(y, x)
    lost = weakref.ref(f.get_concrete_function(x).graph.nodes[0])
    assert alive() > before
    del f, tape, y
    assert alive() <= before and lost() is None


def test_t6_a_function_goes_with_all_that_it_holds():
    held, weight = Holder(), keras.Variable(1.0)

    def run(x):
        return x * weight if held else f(x)

    f = keras.function(run)
    with keras.GradientTape() as tape:
        y = f(x)
    tape.gradient(y, weight)
    f(ops.ones((5,)))
    lost = [weakref.ref(one) for one in (held, weight, f, run)]
    held = weight = f = run = tape = y = None
    gc.collect()
    assert [one() for one in lost] == [None] * 4


# ---- T7: tapes -----------------------------------------------------------------------


def test_t7_a_tape_is_spent_also_in_a_trace():
    @keras.function
    def f(x):
        with keras.GradientTape() as tape:
            tape.watch(x)
            y = x * x
        return tape.gradient(y, x) + tape.gradient(y, x)

    with pytest.raises(RuntimeError, match="non-persistent GradientTape"):
        f(x)


def test_t7_a_tensor_of_a_graph_that_is_gone():
    out = []

    def run(x):
        out.append(x * 2)
        return x

    keras.function(run)(x)
    gc.collect()
    with pytest.raises(LeakedTensorError, match="out of scope"):
        out[0] + 1


def test_t7_a_tape_that_was_opened_in_another_trace():
    tapes = []

    @keras.function
    def opening(x):
        with keras.GradientTape(persistent=True) as tape:
            tape.watch(x)
            y = x * x
        tapes.append((tape, y))
        return y

    opening(x)
    tape, y = tapes[0]
    with pytest.raises(LeakedTensorError, match="out of scope"):
        tape.gradient(y, y)


def test_an_error_in_a_trace_shows_the_line_of_the_user():
    def run(x):
        y = x + 1
        return y @ ops.ones((7, 2))  # the line

    with pytest.raises(ValueError) as caught:
        keras.function(run)(x)
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert any("the line" in (frame.line or "") for frame in frames)
    assert "test_contract.py" in str(caught.value)
