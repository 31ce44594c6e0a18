"""function: when it traces, what it gives, what it does to variables and tapes."""

import collections
import copy
import gc
import sys
import threading
import warnings
import weakref

import numpy as np
import pytest

import minikeras as keras
from minikeras import ops
from minikeras.core.door import here
from minikeras.core.errors import (
    EndlessTraceError,
    LeakedTensorError,
    RetraceWarning,
    ShapeError,
)
from minikeras.core.specs import TensorSpec
from minikeras.core.tape import GradientTape, custom_gradient
from minikeras.core.tensor import Tensor, convert
from minikeras.core.variable import AutocastScope, StatelessScope, Variable
from minikeras.graph import function as module
from minikeras.graph.function import (
    function,
    functions_run_eagerly,
    rewriters,
    run_functions_eagerly,
)

pytestmark = pytest.mark.filterwarnings("ignore::minikeras.core.errors.RetraceWarning")


def ones(*shape, dtype="float32"):
    return convert(np.ones(shape, dtype))


def count(f):
    return f.experimental_get_tracing_count()


def same(x, y):
    np.testing.assert_allclose(x.numpy(), np.asarray(y), rtol=1e-4, atol=1e-5)


# ---- calling -------------------------------------------------------------------------


def test_decorators_names_and_lambdas():
    @function
    def plain(x):
        "About it."
        return x + 1.0

    @function(reduce_retracing=True)
    def loose(x):
        return x * 2.0

    assert float(plain(1.0)) == 2.0 and float(loose(ones())) == 2.0
    assert (plain.__name__, plain.__doc__) == ("plain", "About it.")
    assert (
        plain.python_function(1.0) == 2.0 and plain.__wrapped__ is plain.python_function
    )
    assert float(function(lambda x: x - 1.0)(ones())) == 0.0
    assert keras.function is function
    assert "plain" in repr(plain)


def test_python_runs_while_tracing_only():
    said = []

    @function
    def f(x):
        said.append(x)
        return x * 2.0

    assert [float(f(convert(v))) for v in (1.0, 2.0, 3.0)] == [2.0, 4.0, 6.0]
    assert len(said) == count(f) == 1
    f(ones(2))
    assert len(said) == count(f) == 2


def test_structures_and_python_values():
    Pair = collections.namedtuple("Pair", "left right")

    @function
    def f(x, n):
        return Pair({"b": n, "a": [x, None]}, (True, 2.5, "text", np.ones(2), ()))

    for _ in range(2):
        out = f(ones(2), 3)
        assert isinstance(out, Pair) and list(out.left) == ["b", "a"]
        assert out.left["a"][1] is None and out.right[2] == "text"
        kinds = [out.left["b"], *out.right[:2], out.right[3]]
        assert [x.dtype for x in kinds] == ["int32", "bool", "float32", "float64"]
        assert all(x.__class__ is Tensor for x in kinds) and out.right[4] == ()
    assert function(lambda: None)() is None


def test_objects_are_no_outputs():
    with pytest.raises(TypeError, match="must return zero or more Tensors"):
        function(lambda x: object())(1)


def test_nested_arguments_come_in_any_form():
    @function
    def f(batch, *rest, scale=1.0, **named):
        total = batch["x"] * scale + batch["y"][0]
        for x in (*rest, *named.values()):
            total = total + x
        return total

    x, y = ones(2), np.full(2, 2.0, "float32")
    for _ in range(2):
        z = f({"y": (y, None), "x": x}, 1.0, x, scale=3.0, more=y)
        same(z, [9.0, 9.0])
    assert count(f) == 1


def test_errors_of_shapes_are_those_of_eager_code_at_the_users_line():
    def f(x):
        return x @ x

    with pytest.raises(ShapeError) as eager:
        f(ones(2, 3))
    with pytest.raises(ShapeError) as traced:
        function(f)(ones(2, 3))
    assert str(eager.value) == str(traced.value) and "return x @ x" in str(traced.value)


def test_errors_at_run_time_name_the_line_in_the_function():
    table = convert([1.0, 2.0])

    @function
    def look(i):
        return ops.take(table, i)

    assert float(look(convert(1))) == 2.0
    with pytest.raises(IndexError) as caught:
        look(convert(5))
    assert "return ops.take(table, i)" in str(caught.value)


# ---- traces --------------------------------------------------------------------------


def test_reduce_retracing():
    f = function(lambda x: ops.sum(x), reduce_retracing=True)
    for n in range(1, 300):
        assert float(f(ones(n))) == n
    assert count(f) == 2
    f(ones(2, 2))
    assert count(f) == 3


def test_a_general_trace_serves_special_calls_and_the_most_special_one_does():
    f = function(lambda x: x * 1.0)
    any_size = f.get_concrete_function(TensorSpec((None, None)))
    pairs = f.get_concrete_function(TensorSpec((None, 2)))
    assert pairs is any_size and count(f) == 1
    g = function(lambda x: x * 1.0)
    pairs = g.get_concrete_function(TensorSpec((None, 2)))
    any_size = g.get_concrete_function(TensorSpec((None, None)))
    assert g.get_concrete_function(ones(3, 2)) is pairs
    assert g.get_concrete_function(ones(3, 3)) is any_size and count(g) == 2


def test_input_signature():
    f = function(lambda x, k=2: x * k, input_signature=[TensorSpec((None,))])
    for x in ([1.0, 2.0], np.ones(3), ones(4), Variable([1.0])):
        f(x)
    assert count(f) == 1 and f.input_signature == (TensorSpec((None,)),)
    with pytest.raises(TypeError, match="Can not cast TensorSpec"):
        f(ones(2, 2))
    assert f.get_concrete_function() is f.get_concrete_function(TensorSpec((7,)))


def test_traces_are_bounded_and_counted_all_the_same():
    f = function(lambda x, n: x * n)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for n in range(module.KEPT + 50):
            f(1.0, n)
    assert count(f) == module.KEPT + 50
    assert len(f._traces.found[None]) == module.KEPT


def test_what_is_gone_is_not_kept():
    class Setting:
        pass

    f = function(lambda x, how: x + 1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(20):
            f(ones(), Setting())
    assert count(f) == 20 and len(f._traces.found[None]) <= 2


def test_a_scope_of_autocast_has_traces_of_its_own():
    v = Variable([1.5])
    f = function(lambda: v * 1.0)
    assert f().dtype == "float32"
    with AutocastScope("float16"):
        assert f().dtype == "float16"
    assert f().dtype == "float32" and count(f) == 2


def test_rewriters_change_what_is_traced():
    rewriters.append(lambda f: lambda x: f(x) + 100.0)
    try:
        assert float(function(lambda x: x)(1.0)) == 101.0
        assert float(function(lambda x: x, autograph=False)(1.0)) == 1.0
    finally:
        rewriters.pop()


def test_run_eagerly():
    said = []
    f = function(lambda x: said.append(x) or 3)
    assert not functions_run_eagerly() and not keras.config.functions_run_eagerly()
    run_functions_eagerly(True)
    try:
        assert functions_run_eagerly() and f(ones()) == f(1) == 3 and len(said) == 2
    finally:
        run_functions_eagerly(False)
    assert f(1) is not 3 and len(said) == 3  # noqa: F632


def test_storms_are_told_once_with_argument_and_line():
    f = function(lambda x, n: x * n)
    with pytest.warns(RetraceWarning) as caught:
        for n in range(12):
            f(ones(), n)
    assert len(caught) == 1 and caught[0].filename == __file__
    text = str(caught[0].message)
    assert "5 of the last 5 calls" in text and "'n' was 3, is 4" in text
    assert "f(ones(), n)" in text


def test_a_storm_of_traces_that_fail_says_so():
    f = function(lambda x: x @ x)
    with pytest.warns(RetraceWarning, match="the trace before was given up"):
        for _ in range(5):
            with pytest.raises(ShapeError):
                f(ones(2, 3))


def test_functions_made_in_a_loop_are_a_storm():
    with pytest.warns(RetraceWarning, match="made anew each time") as caught:
        for _ in range(12):
            function(lambda x: x * 2.0)(ones())
    assert len(caught) == 1


def test_few_traces_among_many_calls_are_no_storm():
    f = function(lambda x, n: x * n)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for n in range(12):
            for _ in range(3):
                f(ones(), n)


# ---- methods -------------------------------------------------------------------------


class Counter:
    def __init__(self, start):
        self.start, self.v = start, None

    @function
    def add(self, x):
        "Adds."
        if self.v is None:
            self.v = Variable(self.start)
        self.v.assign_add(x)
        return self.v.value

    @function(input_signature=[TensorSpec((None,))])
    def total(self, x):
        return ops.sum(x) + self.start


def test_each_object_has_a_function_of_its_own():
    one, two = Counter(1.0), Counter(10.0)
    assert [float(one.add(ones())) for _ in range(3)] == [2.0, 3.0, 4.0]
    assert float(two.add(ones())) == 11.0
    assert count(one.add) == count(two.add) == 2  # the first call made a variable
    assert count(Counter.add) == 0 and Counter.add.__doc__ == "Adds."
    assert float(one.total([1.0, 2.0])) == 4.0 and float(two.total(ones(3))) == 13.0
    assert count(one.total) == 1
    assert float(Counter.total(one, ones(1))) == 2.0


def test_a_method_is_one_function_while_it_is_held():
    one = Counter(1.0)
    add = one.add
    assert one.add is add and one.total is not add and Counter(1.0).add is not add
    reference = weakref.ref(add)
    del add
    gc.collect()
    assert reference() is None and float(one.add(ones())) == 2.0


def test_methods_keep_nothing_alive_and_live_as_long_as_they_are_held():
    one = Counter(1.0)
    one.add(ones())
    reference = weakref.ref(one)
    del one
    gc.collect()
    assert reference() is None
    add = Counter(5.0).add
    gc.collect()
    assert float(add(ones())) == 6.0


def test_objects_without_hash_or_weak_references():
    class Slotted:
        __slots__ = ("k",)
        __hash__ = None

        def __init__(self, k):
            self.k = k

        def __eq__(self, other):
            return True

        @function
        def times(self, x):
            return x * self.k

    one, two = Slotted(2.0), Slotted(3.0)
    assert [float(s.times(ones())) for s in (one, two, one)] == [2.0, 3.0, 2.0]


def test_copies_begin_without_traces():
    f = function(lambda x: x + 1.0)
    f(ones())
    other = copy.deepcopy(f)
    assert count(other) == 0 and float(other(ones())) == 2.0 and count(f) == 1


# ---- concrete functions --------------------------------------------------------------


def test_concrete_functions():
    v = Variable(2.0, name="v")
    frozen = Variable(1.0, name="w", trainable=False)
    f = function(lambda x, n=4: {"y": x * v + frozen, "n": [n, None]})
    concrete = f.get_concrete_function(TensorSpec((None,)), n=3)
    assert concrete.variables == (v, frozen) and concrete.trainable_variables == (v,)
    assert concrete.captured_inputs == [v, frozen]
    assert [str(x.spec) for x in concrete.inputs] == ["f32[?]", "f32[]", "f32[]"]
    assert [str(x.spec) for x in concrete.outputs] == ["i32[]", "f32[?]"]
    args, kwargs = concrete.structured_input_signature
    assert args == (TensorSpec((None,)), 3) and args[0].name == "x" and kwargs == {}
    assert concrete.structured_outputs == {
        "y": TensorSpec((None,)),
        "n": [TensorSpec((), "int32"), None],
    }
    assert "graph <lambda>" in str(concrete.graph) or "lambda" in str(concrete.graph)
    for out in (concrete(ones(2)), concrete(ones(2), 3), concrete(x=ones(2), n=3)):
        same(out["y"], [3.0, 3.0])
        assert int(out["n"][0]) == 3 and out["n"][1] is None
    assert count(f) == 1


@pytest.mark.parametrize(
    "args, kwargs",
    [
        ((ones(2, dtype="int32"),), {}),
        ((ones(2, 2),), {}),
        ((ones(2), 4), {}),
        ((), {}),
        ((ones(2),), {"z": 1}),
        ((ones(2), 3, 3), {}),
    ],
)
def test_concrete_functions_refuse_what_they_were_not_traced_for(args, kwargs):
    concrete = function(lambda x, n: x).get_concrete_function(TensorSpec((2,)), 3)
    with pytest.raises(TypeError, match="Binding inputs to tf.function failed"):
        concrete(*args, **kwargs)


def test_concrete_functions_in_words():
    v = Variable([1.0], name="v")
    f = function(lambda x, n: (x, [v + n, None]))
    concrete = f.get_concrete_function(ones(), 2.0)
    text = (
        "Input Parameters:\n"
        "  x (POSITIONAL_OR_KEYWORD): TensorSpec(shape=(), dtype=float32, name=None)\n"
        "  n (POSITIONAL_OR_KEYWORD): Literal[2.0]\n"
        "Output Type:\n"
        "  Tuple[TensorSpec(shape=(), dtype=float32, name=None), "
        "List[TensorSpec(shape=(1,), dtype=float32, name=None), Literal[None]]]\n"
        "Captures:\n"
        "  v: TensorSpec(shape=(1,), dtype=float32, name=None)"
    )
    assert f.pretty_printed_concrete_signatures() == text
    assert str(concrete) == f"ConcreteFunction {text}"
    assert repr(concrete).startswith(
        "<ConcreteFunction <lambda>(x: TensorSpec(shape=()"
    )


def test_nests_in_concrete_functions():
    f = function(lambda batch: batch["a"] + batch["b"][0])
    concrete = f.get_concrete_function({"b": [TensorSpec(())], "a": TensorSpec(())})
    assert float(concrete({"a": ones(), "b": [ones()]})) == 2.0
    ((batch,), _) = concrete.structured_input_signature
    assert batch == {"a": TensorSpec(()), "b": [TensorSpec(())]}
    assert [x.attributes["name"] for x in concrete.inputs] == ["batch_a", "batch_b_0"]


# ---- variables -----------------------------------------------------------------------


def test_variables_are_read_live_and_written_in_order():
    v, w = Variable(1.0), Variable(0.0)

    @function
    def f(x):
        v.assign_add(x)
        w.assign(v * 2.0)
        v.assign(v * 10.0)
        return v + w

    assert float(f(ones())) == 24.0 and (float(v), float(w)) == (20.0, 4.0)
    v.assign(0.0)
    assert float(f(ones())) == 12.0 and count(f) == 1


def test_python_values_are_baked_in():
    scale = [2.0]
    f = function(lambda x: x * scale[0])
    assert float(f(ones())) == 2.0
    scale[0] = 3.0
    assert float(f(ones())) == 2.0 and float(f(ones(1))[0]) == 3.0


def test_variables_are_made_on_the_first_call_only():
    made = []

    @function
    def wrong(x):
        made.append(Variable(1.0))
        return x * made[-1]

    for _ in range(2):
        with pytest.raises(ValueError, match="only supports singleton tf.Variables"):
            wrong(ones())
    assert not wrong._traces.found.get(None)

    class Late:
        v = None

        @function
        def f(self, x, late):
            if late and self.v is None:
                self.v = Variable(2.0)
            return x

    late = Late()
    late.f(ones(), False)
    with pytest.raises(ValueError, match="created on the first call"):
        late.f(ones(), True)
    assert float(late.f(ones(), False)) == 1.0 and count(late.f) == 1


def test_variables_as_arguments():
    @function
    def swap(a, b):
        old = a + 0.0
        a.assign(b)
        b.assign(old)
        return a - b

    v, w, u = Variable(1.0), Variable(2.0), Variable(3.0)
    assert float(swap(v, w)) == 1.0 and (float(v), float(w)) == (2.0, 1.0)
    assert float(swap(u, v)) == -1.0 and (float(u), float(v)) == (2.0, 3.0)
    assert count(swap) == 1
    assert float(swap(w, w)) == 0.0 and float(w) == 1.0 and count(swap) == 2


def test_an_argument_that_is_also_known_from_outside():
    v, w, u = Variable(1.0), Variable(2.0), Variable(5.0)

    def add(a):
        a.assign_add(1.0)
        v.assign_add(10.0)
        return a * 1.0 + v * 10.0

    for order in ((w, v, u, v), (v, w, u, v)):
        f = function(add)
        for a in order:
            before = [x.numpy() for x in (v, w, u)]
            expected = float(add(a)), [float(x) for x in (v, w, u)]
            for x, value in zip((v, w, u), before):
                x.assign(value)
            got = float(f(a)), [float(x) for x in (v, w, u)]
            if order[0] is not v:  # else, as in TensorFlow, v stands for the argument
                assert got == expected


def test_random_states_move_on():
    f = function(lambda: keras.random.uniform((3,), seed=generator))
    generator = keras.random.SeedGenerator(7)
    eager = keras.random.SeedGenerator(7)
    for _ in range(3):
        np.testing.assert_array_equal(
            f().numpy(), keras.random.uniform((3,), seed=eager).numpy()
        )
    assert count(f) == 1


def test_inside_a_stateless_scope():
    v = Variable(1.0)
    f = function(lambda x: v.assign_add(x))
    f(ones())
    with StatelessScope([(v, convert(5.0))]) as scope:
        assert float(f(ones())) == 6.0
    assert float(scope.get_current_value(v)) == 6.0 and float(v) == 2.0


# ---- inside one another --------------------------------------------------------------


def test_functions_in_functions():
    said, v = [], Variable(1.0)

    @function
    def inner(x):
        said.append("inner")
        v.assign_add(1.0)
        return x * v

    @function
    def outer(x):
        said.append("outer")
        y = inner(x)
        v.assign(v * 10.0)
        return inner(y)

    assert float(outer(ones())) == 2.0 * 21.0 and float(v) == 21.0
    v.assign(1.0)
    assert float(outer(ones())) == 42.0 and said == ["outer", "inner"]
    assert count(inner) == 1


def test_tensors_of_the_function_around():
    @function
    def outer(x):
        scale = x * 2.0

        @function
        def inner(y):
            @function
            def innermost(z):
                return z + scale + x

            return innermost(y) * scale

        return inner(ones()) + inner(x)

    x = convert(3.0)
    for _ in range(2):
        assert float(outer(x)) == (1 + 6 + 3) * 6 + (3 + 6 + 3) * 6
    with GradientTape() as tape:
        tape.watch(x)
        y = outer(x)
    plain = lambda x: (1 + 3 * x) * 2 * x + (x + 3 * x) * 2 * x
    with GradientTape() as other:
        other.watch(x)
        z = plain(x)
    same(y, z.numpy())
    same(tape.gradient(y, x), other.gradient(z, x).numpy())


def test_recursion():
    @function
    def factorial(n):
        return convert(1) if n == 0 else factorial(n - 1) * n

    assert int(factorial(5)) == 120 and count(factorial) == 6
    endless = function(lambda x: endless(x))
    for _ in range(2):
        with pytest.raises(EndlessTraceError, match="calls itself"):
            endless(ones())
    with pytest.raises(RecursionError):
        endless(1.0)
    assert module.under_way == [] and count(endless) == 0


# ---- tapes ---------------------------------------------------------------------------


def gradient_of(f, x, *sources, order=1):
    "The value, and the gradients by x and the sources; or those of their sum."
    with GradientTape() as tape:
        tape.watch(x)
        if order == 1:
            y = f(x)
        else:
            inner = gradient_of(f, x, *sources, order=order - 1)
            y = sum(ops.sum(s * s) for s in inner if s is not None)
    return [y, *tape.gradient(y, [x, *sources])]


W = Variable(np.linspace(-1, 1, 6).reshape(3, 2).astype("float32"))
B = Variable([0.5, -0.5])


def network(x):
    h = ops.tanh(x @ W + B)
    return ops.sum(ops.sigmoid(h * h) * h, axis=-1)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_gradients_through_a_function(order):
    x = convert(np.linspace(-1, 2, 12).reshape(4, 3).astype("float32"))
    f = function(network)
    for mine, theirs in zip(
        gradient_of(f, x, W, B, order=order),
        gradient_of(network, x, W, B, order=order),
        strict=True,
    ):
        same(mine, theirs.numpy())


@pytest.mark.parametrize("order", [1, 2])
def test_tapes_inside_and_outside_and_nested_functions(order):
    x = convert(np.linspace(-1, 2, 12).reshape(4, 3).astype("float32"))
    eager = gradient_of(network, x, W, B, order=order)
    inner = function(network)
    for f in (
        function(lambda x: gradient_of(network, x, W, B, order=order)),
        function(lambda x: gradient_of(inner, x, W, B, order=order)),
        lambda x: gradient_of(function(lambda x: inner(x) * 1.0), x, W, B, order=order),
    ):
        for mine, theirs in zip(f(x), eager, strict=True):
            same(mine, theirs.numpy())


def test_forward_runs_once_under_a_tape_and_back_needs_no_second():
    x = convert(np.linspace(-1, 2, 12).reshape(4, 3).astype("float32"))
    f = function(network)
    with GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    op, inputs, attributes, outputs = tape._log[0]
    assert len(tape._log) == 1 and op.name == "call"
    adjoint = attributes["adjoint"]
    names = [n.op.name for n in adjoint.back.graph.nodes]
    assert "tanh" not in names and "sigmoid" not in names
    assert len(attributes["saved"]) == len(adjoint.back.graph.inputs) - 1
    same(tape.gradient(y, x), gradient_of(network, x)[1].numpy())


def test_only_what_is_asked_for_is_computed_on_the_way_back():
    x = convert(np.ones((4, 3), "float32"))
    f = function(network)
    with GradientTape() as tape:
        y = f(x)
    products = [n.op.name for n in tape._log[0][2]["adjoint"].back.graph.nodes].count(
        "matmul"
    )
    assert products == 1  # the one for W; none for x
    assert tape.gradient(y, [x])[0] is None


def test_watchers_of_tapes():
    v, frozen = Variable(2.0), Variable(3.0, trainable=False)
    f = function(lambda: v * v * frozen)
    with GradientTape(persistent=True) as tape:
        y = f()
    assert tape.watched_variables() == (v,)
    assert float(tape.gradient(y, v)) == 12.0 and tape.gradient(y, frozen) is None
    with GradientTape() as tape:
        tape.watch(frozen)
        y = f()
    assert float(tape.gradient(y, frozen)) == 4.0
    with GradientTape(watch_accessed_variables=False) as tape:
        y = f()
    assert tape.gradient(y, v) is None


def test_a_constant_that_is_watched():
    x = convert(3.0)
    f = function(lambda: x * x)
    f()
    with GradientTape() as tape:
        tape.watch(x)
        y = f()
    assert float(tape.gradient(y, x)) == 6.0


@pytest.mark.parametrize("nested", [False, True])
def test_reads_after_assignments_count(nested):
    v = Variable(2.0)

    def body():
        y = v * 5.0
        v.assign_add(1.0)
        return y + v * v

    f = function(body)
    f = function(lambda: f_inner()) if nested else f
    f_inner = function(body)
    for _ in range(2):
        v.assign(2.0)
        with GradientTape() as tape:
            y = f()
        assert (float(y), float(tape.gradient(y, v))) == (19.0, 11.0)


def test_several_outputs_whole_numbers_and_what_is_not_connected():
    def body(x, n):
        return ops.sin(x), n * 2, ops.cos(x) * 2.0, ops.stop_gradient(x), x

    f, x, n = function(body), convert(0.3), convert(3)
    for picks in ([0], [2], [0, 2], [1], [3], [4], [0, 4]):
        got = []
        for g in (f, body):
            with GradientTape() as tape:
                tape.watch(x)
                out = g(x, n)
            slope = tape.gradient([out[i] for i in picks], x)
            got.append(None if slope is None else float(slope))
        assert got[0] is None or abs(got[0] - (got[1] or 0.0)) < 1e-6
        assert got[1] is None or got[0] is not None


@custom_gradient
def clipped(x):
    seen = x * 1.0

    def gradient(g):
        return ops.clip(g, -0.1, 0.1) * seen

    return x * x, gradient


@custom_gradient
def weighted(x):
    def gradient(g, variables=None):
        return g * 7.0, [g * 11.0 * x for _ in variables]

    return x * W[0, 0], gradient


@pytest.mark.parametrize("rule", [clipped, weighted])
@pytest.mark.parametrize("order", [1, 2])
def test_custom_gradients_are_kept(rule, order):
    x = convert(3.0)
    body = lambda x: rule(ops.sin(x)) * 2.0
    inner = function(body)
    want = gradient_of(body, x, W, order=order)
    for f in (inner, function(lambda x: inner(x)), function(lambda x: rule(x + 0.0))):
        if f is not inner and f._source.__code__.co_freevars == ("rule",):
            want = gradient_of(lambda x: rule(x), x, W, order=order)
        for mine, theirs in zip(gradient_of(f, x, W, order=order), want, strict=True):
            if theirs is None or mine is None:
                assert theirs is None and (mine is None or not mine.numpy().any())
            else:
                same(mine, theirs.numpy())


def test_custom_gradients_inside_custom_gradients():
    @custom_gradient
    def double(g):
        return g * 2.0, lambda h: h * 100.0

    @custom_gradient
    def outer(x):
        return x * x, lambda g: double(g * x)

    x = convert(3.0)
    for order in (1, 2):
        eager = gradient_of(outer, x, order=order)
        for f in (function(outer), function(lambda x: function(outer)(x))):
            for mine, theirs in zip(gradient_of(f, x, order=order), eager, strict=True):
                same(mine, theirs.numpy())


def test_persistent_tapes_see_their_own_gradients():
    x = convert(3.0)
    f = function(lambda x: x * x * x)
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = f(x)
        slope = tape.gradient(y, x)
    assert float(slope) == 27.0 and float(tape.gradient(slope, x)) == 18.0


def test_jacobians_through_a_function():
    x = convert([1.0, 2.0])
    f = function(lambda x: x * x)
    with GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    same(tape.jacobian(y, x), [[2.0, 0.0], [0.0, 4.0]])


def test_a_training_step_inside_and_outside():
    draw = np.random.default_rng(3)
    x = convert(draw.normal(size=(16, 4)).astype("float32"))
    y = ops.sum(x, axis=1, keepdims=True)

    def run(wrap_step, wrap_loss):
        w = Variable(np.zeros((4, 1), "float32"))
        optimizer = keras.optimizers.Adam(0.1)
        loss_of = wrap_loss(lambda: ops.mean(ops.square(x @ w - y)))

        def step():
            with GradientTape() as tape:
                loss = loss_of()
            optimizer.apply(tape.gradient(loss, [w]), [w])
            return loss

        step = wrap_step(step)
        return [float(step()) for _ in range(10)]

    plain = lambda f: f
    eager = run(plain, plain)
    for ways in ((function, plain), (plain, function), (function, function)):
        np.testing.assert_allclose(run(*ways), eager, rtol=1e-4)


# ---- failures ------------------------------------------------------------------------


def state(*variables):
    return (
        here.level,
        here.level.reader,
        list(here.level.watchers),
        [v.numpy().tolist() for v in variables],
    )


@pytest.mark.parametrize("error", [KeyError("k"), KeyboardInterrupt(), SystemExit(1)])
def test_an_error_while_tracing_leaves_nothing(error):
    v, fail = Variable(1.0), [True]

    @function
    def f(x):
        v.assign(9.0)
        if fail[0]:
            raise error
        return x

    before = state(v)
    with pytest.raises(type(error)):
        f(ones())
    assert state(v) == before and count(f) == 0 and module.under_way == []
    fail[0] = False
    f(ones())
    assert float(v) == 9.0


def test_an_error_while_running_leaves_nothing():
    v, table = Variable(1.0), convert([1.0, 2.0])

    @function
    def f(i):
        v.assign(9.0)
        return ops.take(table, i)

    with pytest.raises(IndexError):
        f(convert(5))
    assert float(v) == 1.0 and float(f(convert(1))) == 2.0 and float(v) == 9.0


class Interrupter:
    """Raises KeyboardInterrupt at the n-th place where a signal could be answered.

    Python looks for signals when a function begins and when one written in C returns.
    """

    def __init__(self, n):
        self.left = n

    def __enter__(self):
        sys.setprofile(self.saw)

    def __exit__(self, *exception):
        sys.setprofile(None)

    def saw(self, frame, event, arg):
        ours = frame.f_globals.get("__name__", "").startswith("minikeras.")
        if ours and event in ("call", "c_return"):
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt


@pytest.mark.parametrize("traced_before", [True, False])
def test_an_interrupt_at_any_line_leaves_all_or_nothing(traced_before):
    v, w = Variable(1.0), Variable(2.0)

    def body(x):
        v.assign_add(x)
        w.assign_add(x)
        return v + w

    n, done = 0, False
    while not done:
        n += 1 if traced_before else 7
        f = function(body)
        if traced_before:
            f(ones())
        v.assign(1.0), w.assign(2.0)
        level = here.level
        try:
            with Interrupter(n):
                f(ones())
            done = True
        except KeyboardInterrupt:
            pass
        sys.setprofile(None)
        assert here.level is level and not level.watchers and level.state is None
        assert (float(v), float(w)) in {(1.0, 2.0), (2.0, 3.0)}, n
        assert module.under_way == []
        v.assign(1.0), w.assign(2.0)
        assert float(f(ones())) == 5.0
        here.level = level
    assert n > 20


def test_an_error_notes_the_lines_of_the_user_once():
    @function
    def inner(x):
        return x @ x

    def outer(x):
        return inner(x)

    for f in (function(outer), function(outer, autograph=False)):
        with pytest.raises(ShapeError) as caught:
            f(ones(2, 3))
        (note,) = caught.value.__notes__
        title, _, *lines = note.splitlines()
        assert title == "in user code:" and len(lines) == 4
        assert "in outer" in lines[0] and lines[1].strip() == "return inner(x)"
        assert "in inner" in lines[2] and lines[3].strip() == "return x @ x"
        assert not str(caught.value).startswith(title)  # it begins as in eager code


def test_the_note_of_an_error_is_short_and_not_repeated():
    error = KeyError("mine")

    def deep(x, n):
        if n == 0:
            raise error
        return deep(x, n - 1)

    f = function(deep, autograph=False)
    for _ in range(2):
        with pytest.raises(KeyError):
            f(ones(), 50)
    (note,) = error.__notes__
    assert len(note.splitlines()) == 2 + 2 * module.LINES


def test_leaks():
    kept = []

    @function
    def careless(x):
        kept.append(ops.tanh(x))
        return x

    careless(ones())
    for use in (
        lambda: kept[0] + 1.0,
        lambda: function(lambda x: x + kept[0])(ones()),
        lambda: careless(kept[0]),
        lambda: function(lambda x: x * 2.0)(kept[0]),
        lambda: function(lambda: kept[0])(),
    ):
        with pytest.raises(LeakedTensorError) as caught:
            use()
        assert "'careless' is out of scope" in str(caught.value)
        assert "kept.append(ops.tanh(x))" in str(caught.value)


def test_keras_tensors_are_refused():
    with pytest.raises(ValueError, match="has no numbers"):
        function(lambda x: x * 2.0)(keras.KerasTensor((None, 3)))


def test_shapes_without_numbers():
    from minikeras.core.infer import eval_spec

    v = Variable(np.ones((3, 2), "float32"))
    f = function(lambda x: ops.tanh(x @ v))
    assert str(eval_spec(f, TensorSpec((None, 3)))) == "f32[?,2]"


# ---- threads -------------------------------------------------------------------------


def in_threads(*jobs):
    "Run all at once; raises what they raised; fails if they hang."
    failures, start = [], threading.Barrier(len(jobs))

    def guarded(job):
        try:
            start.wait()
            job()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(j,), daemon=True) for j in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive(), "deadlock"
    if failures:
        raise failures[0]


def test_many_threads_share_one_trace():
    f = function(lambda x: ops.tanh(x) * 2.0)
    results = []
    in_threads(*[lambda: results.append(float(f(convert(0.5))))] * 8)
    assert count(f) == 1 and len(set(results)) == 1 and len(results) == 8


def test_functions_that_call_each_other_do_not_lock():
    for _ in range(5):
        f = function(lambda x, n: x if n == 0 else g(x, n - 1) + 1.0)
        g = function(lambda x, n: x if n == 0 else f(x, n - 1) + 1.0)
        in_threads(
            lambda: [f(ones(), n) for n in (3, 4)],
            lambda: [g(ones(), n) for n in (4, 3)],
            lambda: f(ones(2), 2),
            lambda: g(ones(2), 2),
        )
        assert float(f(ones(), 4)) == 5.0 == float(g(ones(), 4))


def test_no_addition_is_lost():
    v = Variable(0.0)
    add = function(lambda: v.assign_add(1.0))
    in_threads(*[lambda: [add() for _ in range(200)]] * 4)
    assert float(v) == 800.0


def test_one_thread_runs_while_another_traces():
    inside, go_on = threading.Event(), threading.Event()
    ready = function(lambda x: x + 1.0)
    ready(ones())

    @function
    def slow(x):
        inside.set()
        assert go_on.wait(30)
        return x

    def other():
        assert inside.wait(30)
        try:
            assert float(ready(ones())) == 2.0
        finally:
            go_on.set()

    in_threads(lambda: slow(ones()), other)


def test_variables_are_made_once_by_many_threads():
    counter = Counter(0.0)
    in_threads(*[lambda: counter.add(ones())] * 6)
    assert float(counter.v) == 6.0 and count(counter.add) == 2
