"""Keys of calls: what shares a trace, what comes back, what is said."""

import collections
import enum
import functools
import gc
import threading

import numpy as np
import pytest

import minikeras as keras
from minikeras.core.infer import Symbol
from minikeras.core.specs import TensorSpec
from minikeras.core.tensor import Tensor, convert
from minikeras.core.variable import AutocastScope
from minikeras.graph.signature import (
    FunctionType,
    dead,
    difference,
    fits,
    generalize,
    pretty,
)

ONE = FunctionType(lambda x: x)
TWO = FunctionType(lambda x, y: x)


def key(x):
    return ONE.canonical((x,), {}).key


def ones(*shape, dtype="float32"):
    return convert(np.ones(shape, dtype))


# ---- what is the same ----------------------------------------------------------------


@pytest.mark.parametrize(
    "x, y",
    [
        (1, 1.0),
        (1, True),
        (0, False),
        (0.0, -0.0),
        ("1", b"1"),
        ("1", 1),
        (None, False),
        ((1,), (True,)),
        ({"a": 1}, {"a": True}),
        ({1: 0}, {True: 0}),
        ({1, 2}, {1.0, 2}),
        ((1,), [1]),
        (enum.IntEnum("N", "ONE").ONE, 1),
        (np.float32(1), 1.0),
        (complex(0.0, -0.0), complex(0.0, 0.0)),
        (ones(2), ones(2, dtype="float64")),
        (ones(), ones(1)),
        (ones(2), [ones(2)]),
        ([ones(2), 1], [1, ones(2)]),
        (((1,), 2), (1, (2,))),
        (float, int),
        ("tensor", ones(2)),
        (("tensor", (2,), "float32"), ones(2)),
        (slice(1, 2), slice(1, 3)),
        (collections.deque([1]), [1]),
        (collections.OrderedDict(a=1), {"a": 1}),
    ],
)
def test_different(x, y):
    assert key(x) != key(y)
    assert difference(key(x), key(y)).startswith("'x")
    assert generalize(key(x), key(y)) is None
    assert not fits(key(x), key(y))


@pytest.mark.parametrize(
    "make",
    [
        lambda: float("nan"),
        lambda: complex(float("nan"), 1),
        lambda: [1, (2.5, {"b": "text", "a": None})],
        lambda: ones(2, 3),
        lambda: np.ones((2, 3)),
        lambda: {1: ones(2), "a": 1},
        lambda: {(1, 2), "a", None},
        lambda: slice(None, 3),
        lambda: collections.deque([1, ones(2)]),
        lambda: np.str_("text"),
        lambda: keras.Variable(1.0),
        lambda: keras.KerasTensor((None, 3)),
        lambda: Symbol(TensorSpec((None, 3), "float32")),
        lambda: TensorSpec((None, 3), "float32"),
        lambda: 10**5000,
    ],
)
def test_same(make):
    assert key(make()) == key(make())
    assert hash(key(make())) == hash(key(make()))
    assert difference(key(make()), key(make())) == ""
    assert fits(key(make()), key(make()))


def test_order_of_names_does_not_count_and_values_follow_their_names():
    x, y = ones(2), ones(2)
    one = ONE.canonical(({"a": x, "b": y},), {})
    two = ONE.canonical(({"b": y, "a": x},), {})
    assert one.key == two.key
    assert one.tensors[0] is two.tensors[0] is x
    ((filled,), _) = two.fill(["first", "second"])
    assert filled == {"a": "first", "b": "second"} and list(filled) == ["b", "a"]


def test_the_short_way_and_the_long_way_make_one_key():
    x, y = ones(2), ones(3, dtype="int32")
    f = FunctionType(lambda x, y, flag=True, *args, rate=0.5, **kwargs: x)
    short = f.canonical((x, y), {})
    for args, kwargs in [((x,), {"y": y}), ((x, y, True), {}), ((x, y), {"rate": 0.5})]:
        assert f.canonical(args, kwargs).key == short.key
    assert short.key == f._canonical((x, y), {}).key
    assert short.fill([x, y]) == f._canonical((x, y), {}).fill([x, y])


def test_a_default_that_can_change_is_looked_at_each_time():
    default = [1]
    f = FunctionType(lambda x, y=default: x)
    first = f.canonical((ones(2),), {}).key
    default.append(2)
    assert f.canonical((ones(2),), {}).key != first


# ---- objects and their ends ----------------------------------------------------------


class Thing:
    pass


class Slotted:
    __slots__ = ()


class Unhashable:
    __hash__ = None

    def __eq__(self, other):
        return True


class UnhashableSlotted:
    __slots__ = ()
    __hash__ = None


@pytest.mark.parametrize("cls", [Thing, Slotted, Unhashable, UnhashableSlotted])
def test_objects_by_identity(cls):
    x, y = cls(), cls()
    assert key(x) == key(x) and key(x) != key(y)
    name = cls.__name__
    assert difference(key(x), key(y)) == f"'x' was a {name}, is another {name}"


@pytest.mark.parametrize("cls", [Thing, Slotted, Unhashable, UnhashableSlotted])
def test_the_id_of_a_dead_object_is_no_key(cls):
    keys = set()
    for _ in range(100):
        keys.add(key(cls()))
    assert len(keys) == 100


@pytest.mark.parametrize("cls", [Thing, Unhashable])
def test_keys_do_not_keep_objects_alive_and_know_when_they_are_gone(cls):
    x = cls()
    held = key([x])
    assert not dead(held)
    del x
    gc.collect()
    assert dead(held)
    assert "gone" in pretty(held)
    assert len({held}) == 1  # a dead key can still be thrown out of a dict


def test_a_method_is_its_object_and_its_function():
    x, y = Thing(), Thing()
    Thing.method = lambda self: 0
    assert key(x.method) == key(x.method) != key(y.method)


def test_things_of_the_same_class_inside_a_nest():
    x = Thing()
    assert key([x, x]) == key([x, x]) and key([x, Thing()]) != key([x, x])


# ---- variables -----------------------------------------------------------------------


def test_variables_by_spec_and_alias():
    v, w = keras.Variable(np.ones(2, "float32")), keras.Variable(np.zeros(2, "float32"))
    pair = TWO.canonical((v, w), {})
    assert pair.key == TWO.canonical((w, v), {}).key
    assert pair.variables[0] is v and pair.variables[1] is w and not pair.tensors
    twice = TWO.canonical((v, v), {})
    assert twice.key != pair.key and len(twice.variables) == 1
    text = "'y' was variable 1, f32[2], is variable 0, f32[2]"
    assert difference(pair.key, twice.key) == text


def test_a_variable_keeps_its_spec_where_it_is_read_in_another_dtype():
    v = keras.Variable(np.ones(2, "float32"))
    with AutocastScope("float16"):
        assert v.dtype == "float16"
        inside = key(v)
    assert inside == key(v)


def test_a_trainable_variable_is_not_a_frozen_one():
    v = keras.Variable(1.0)
    before = key(v)
    v.trainable = False
    assert difference(before, key(v)).endswith("not trainable")


def test_a_thousand_variables_are_not_compared_pair_by_pair():
    many = [keras.Variable(0.0, name="v") for _ in range(1000)]
    call = ONE.canonical((many,), {})
    assert [k[-1] for k in call.key[1][-1]] == list(range(1000))


# ---- filling -------------------------------------------------------------------------

Pair = collections.namedtuple("Pair", "left right")


class Named(dict):
    pass


@pytest.mark.parametrize(
    "wrap",
    [
        lambda x: [x],
        lambda x: (1, x),
        lambda x: {"a": x, "b": 2},
        lambda x: Pair(x, "right"),
        lambda x: collections.deque([x], maxlen=3),
        lambda x: collections.OrderedDict(z=x, a=1),
        lambda x: collections.defaultdict(list, {"k": x}),
        lambda x: Named(k=[{"deep": (x,)}]),
        lambda x: slice(x, None),
    ],
)
def test_fill_puts_others_into_the_same_nest(wrap):
    given = wrap(ones(2))
    call = ONE.canonical((given,), {})
    (filled,), kwargs = call.fill(["other"])
    assert kwargs == {} and filled == wrap("other")
    assert filled.__class__ is given.__class__
    assert filled is not given and call.tensors[0].shape == (2,)
    assert getattr(filled, "maxlen", None) == getattr(given, "maxlen", None)


def test_fill_gives_each_parameter_in_its_own_way():
    def f(a, /, b, *rest, c=1, **names):
        return a, b, rest, c, names

    v, x = keras.Variable(1.0), ones(2)
    call = FunctionType(f).canonical((x, v, 3, x), {"z": x, "c": None, "y": Thing})
    args, kwargs = call.fill(["1", "2", "3"])
    assert args[0] == "1" and args[1] is v and args[2:] == (3, "2")
    assert kwargs == {"c": None, "y": Thing, "z": "3"}
    assert f(*args, **kwargs)[2] == (3, "2")


def test_specs_stand_for_tensors():
    call = ONE.canonical((TensorSpec((None, 2), "int32", name="x"),), {})
    assert isinstance(call.tensors[0], Symbol)
    assert call.specs == [TensorSpec((None, 2), "int32")]
    assert call.key == key(TensorSpec((None, 2), "int32"))


def test_arrays_become_tensors():
    call = ONE.canonical(([np.ones(2), np.float32(3)],), {})
    assert [x.__class__ for x in call.tensors] == [Tensor, Tensor]
    assert [x.dtype for x in call.tensors] == ["float64", "float32"]


# ---- binding -------------------------------------------------------------------------

FAILED = "Binding inputs to tf.function failed due to `{}`"


def f(x, y=2, *, n):
    return x


@pytest.mark.parametrize(
    "args, kwargs, reason",
    [
        ((), {}, "missing a required argument: 'x'"),
        ((1,), {"n": 1, "x": 2}, "multiple values for argument 'x'"),
        ((1, 2, 3), {"n": 1}, "too many positional arguments"),
        ((1,), {"n": 1, "m": 1}, "got an unexpected keyword argument 'm'"),
    ],
)
def test_arguments_that_do_not_fit(args, kwargs, reason):
    with pytest.raises(TypeError) as caught:
        FunctionType(f).canonical(args, kwargs)
    text = str(caught.value)
    assert FAILED.format(reason) in text and text.startswith("f: ")
    assert "for signature: (x, y=2, *, n)" in text
    assert f"Received args: {args} and kwargs:" in text


def test_big_arguments_are_named_by_their_specs():
    with pytest.raises(TypeError) as caught:
        ONE.canonical((ones(1000), np.ones(7)), {"list": list(range(10000))})
    assert "(f32[1000], f64[7])" in str(caught.value) and len(str(caught.value)) < 500


def test_positional_only_parameters_have_no_name():
    g = FunctionType(lambda x, /, y=2: x)
    assert g.canonical((1,), {"y": 3}).fill([]) == ((1, 3), {})
    with pytest.raises(TypeError, match="Binding inputs to tf.function failed"):
        g.canonical((), {"x": 2})


def test_wrappers_partials_methods_and_callables():
    def plain(x, flag=True):
        return x

    @functools.wraps(plain)
    def wrapper(*args, **kwargs):
        return plain(*args, **kwargs)

    @functools.wraps(plain)
    def narrow(x):
        return plain(x)

    class Model:
        def __call__(self, x, training=False):
            return x

        def step(self, x):
            return x

    for function, names in [
        (wrapper, ["x", "flag"]),
        (narrow, ["x"]),
        (functools.partial(plain, flag=False), ["x", "flag"]),
        (Model(), ["x", "training"]),
        (Model().step, ["x"]),
        (Model.step, ["self", "x"]),
        (lambda: 0, []),
    ]:
        assert [p.name for p in FunctionType(function).parameters] == names


def test_functions_that_do_not_tell_their_parameters():
    g = FunctionType(dict)  # nobody knows what it takes
    args, kwargs = g.canonical(([(1, 2)],), {"a": 3}).fill([])
    assert args == ([(1, 2)],) and kwargs == {"a": 3}


# ---- input_signature -----------------------------------------------------------------

ROW = TensorSpec((None,), "float32")


@pytest.mark.parametrize(
    "x",
    [ones(1), ones(3), [1, 2], (1.0,), np.ones(3), np.ones(2, "int8"), [ones(), 2.0]],
)
def test_one_key_for_all_that_fit(x):
    g = FunctionType(lambda x, n=2: x, [ROW])
    call = g.canonical((x,), {})
    assert call.key == g.canonical((ROW,), {}).key
    assert call.tensors[0].dtype == "float32" and call.tensors[0].ndim == 1
    assert call.key == g.canonical((), {"n": 2, "x": x}).key


@pytest.mark.parametrize(
    "x, reason",
    [
        (3.0, "Can not cast TensorSpec(shape=(), dtype=float32, name=None) to "),
        (ones(1, 1), "to TensorSpec(shape=(None,), dtype=float32, name=None)"),
        (ones(2, dtype="int32"), "Can not cast TensorSpec(shape=(2,), dtype=int32"),
        (None, "takes numbers, not NoneType"),
        ([[1.0], [1.0, 2.0]], "different lengths"),
    ],
)
def test_what_does_not_fit_is_refused(x, reason):
    g = FunctionType(lambda x: x, [ROW])
    with pytest.raises(
        TypeError, match="Binding inputs to tf.function failed"
    ) as caught:
        g.canonical((x,), {})
    assert reason in str(caught.value)
    assert "for signature: (x: TensorSpec(shape=(None,)" in str(caught.value)


def test_floats_do_not_become_whole_numbers():
    g = FunctionType(lambda x: x, [TensorSpec((), "int32")])
    assert g.canonical((True,), {}).tensors[0].dtype == "int32"
    with pytest.raises(TypeError, match=r"Cannot convert 1\.5 to int32"):
        g.canonical((1.5,), {})


def test_what_has_no_spec_keeps_its_default():
    g = FunctionType(lambda x, y=2: x, (ROW,))
    with pytest.raises(TypeError, match=r"Can not cast Literal\[3\] to Literal\[2\]"):
        g.canonical((ones(2), 3), {})


def test_a_method_may_skip_self():
    x, y = Thing(), Thing()
    g = FunctionType(lambda self, x: x, [ROW], skip=1)
    one, two, other = (
        g.canonical((o, ones(n)), {}) for o, n in [(x, 1), (x, 2), (y, 1)]
    )
    assert one.key == two.key != other.key


def test_variables_are_read_for_specs():
    v = keras.Variable(np.ones(2, "float32"))
    call = FunctionType(lambda x: x, [ROW]).canonical((v,), {})
    assert not call.variables and call.tensors[0].__class__ is Tensor


def test_nests_of_specs():
    g = FunctionType(lambda x, *rest: x, [{"a": [ROW]}, ROW, ROW])
    call = g.canonical(({"a": [[1, 2]]}, [3.0], ones(4)), {})
    assert [x.shape for x in call.tensors] == [(2,), (1,), (4,)]
    assert call.key == g.canonical(({"a": [ones(9)]}, ones(1), ones(1)), {}).key
    for wrong in [
        ({"a": (ones(9),)}, ones(1), ones(1)),
        ({"b": [1]}, ones(1), ones(1)),
    ]:
        with pytest.raises(TypeError, match="Can not cast Dict"):
            g.canonical(wrong, {})
    with pytest.raises(TypeError, match="Can not cast Tuple"):
        g.canonical(({"a": [ones(9)]}, ones(1)), {})


# ---- shapes left open ----------------------------------------------------------------


def test_generalize_relaxes_what_differs():
    one = TWO.canonical(([ones(2, 3)], {"a": ones(4)}), {}).key
    two = TWO.canonical(([ones(5, 3)], {"a": ones(4)}), {}).key
    general = generalize(one, two)
    assert general[1][-1][0] == ("tensor", (None, 3), "float32")
    assert fits(one, general) and fits(two, general) and not fits(general, one)
    assert generalize(general, one) == general
    assert not fits(TWO.canonical(([ones(5, 4)], {"a": ones(4)}), {}).key, general)
    assert not fits(TWO.canonical(([ones(5)], {"a": ones(4)}), {}).key, general)


@pytest.mark.parametrize(
    "x, y",
    [
        (ones(2), ones(2, 2)),
        (ones(2), ones(3, dtype="int32")),
        ([ones(2), 1], [ones(3), 2]),
        ([ones(2)], [ones(3), ones(3)]),
        ({"a": ones(2)}, {"b": ones(3)}),
        (keras.Variable(np.ones(2, "float32")), keras.Variable(np.ones(3))),
    ],
)
def test_nothing_else_is_relaxed(x, y):
    assert generalize(key(x), key(y)) is None


def test_keys_of_two_functions_have_nothing_in_common():
    x = ones(2)
    assert generalize(key(x), FunctionType(lambda x: x).canonical((x,), {}).key) is None


# ---- texts ---------------------------------------------------------------------------


def test_difference_names_argument_and_place():
    one = TWO.canonical(([ones(2), {"a": 1}], True), {}).key
    two = TWO.canonical(([ones(3), {"a": 2.5}], False), {}).key
    assert difference(one, two) == (
        "'x[0]' was f32[2], is f32[3]; 'x[1]['a']' was 1, is 2.5; 'y' was True, is False"
    )


@pytest.mark.parametrize(
    "x, y, text",
    [
        (ones(2), 3, "'x' was f32[2], is 3"),
        ([1], [1, 2], "'x' was a list of 1, is a list of 2"),
        ({"a": 1}, {"b": 1}, "'x' was a dict of 1 with 'a', is a dict of 1 with 'b'"),
        ("short", "x" * 200, "'x' was 'short', is '" + "x" * 56 + "..."),
        (len, print, "'x' was len, is print"),
        (range(3), range(4), "'x' was range(0, 3), is range(0, 4)"),
        ({1}, {1, 2}, "'x' was a set of 1, is a set of 2"),
    ],
)
def test_differences(x, y, text):
    assert difference(key(x), key(y)) == text


def test_pretty_as_tensorflow_prints():
    g = FunctionType(lambda x, flag=True, *args, k=2, **kw: x)
    v = keras.Variable(np.ones(2, "float32"))
    nest = [convert(1.0), {"b": convert(2.0), "a": 1}]
    call = g.canonical((nest, v, v, None), {"z": (1.5,), "b": "text", "k": range(2)})
    assert pretty(call.key).splitlines() == [
        "x (POSITIONAL_OR_KEYWORD): List[TensorSpec(shape=(), dtype=float32, name=None),"
        " Dict[['a', Literal[1]], ['b', TensorSpec(shape=(), dtype=float32, name=None)]]]",
        "flag (POSITIONAL_OR_KEYWORD): VariableSpec(shape=(2,), dtype=float32,"
        " trainable=True, alias_id=0)",
        "args_0 (POSITIONAL_ONLY): VariableSpec(shape=(2,), dtype=float32,"
        " trainable=True, alias_id=0)",
        "args_1 (POSITIONAL_ONLY): Literal[None]",
        "k (KEYWORD_ONLY): Weakref[range(0, 2)]",
        "b (KEYWORD_ONLY): Literal['text']",
        "z (KEYWORD_ONLY): Tuple[Literal[1.5]]",
    ]


def test_threads_make_the_same_keys():
    x, found = ones(2), []
    make = lambda: found.append(TWO.canonical((x, [x, 1]), {}).key)
    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and len(set(found)) == 1
