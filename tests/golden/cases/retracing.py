"""When tf.function traces again: the number of traces after each call.

Recorded with `tf.function(f, autograph=False).experimental_get_tracing_count()`; the
tests play the same calls on minikeras.  A call that is refused has its error in place
of the count.
"""

import collections
import enum
import fractions
from dataclasses import dataclass

import numpy as np

from tests.golden.cases import scenarios
from tests.golden.player import outcome


def cases():
    found = [f for name, f in globals().items() if getattr(f, "is_scenario", False)]
    return list(scenarios("retracing", found))


def scenario(function):
    function.is_scenario = True
    return function


class Given:
    "The arguments of one call."

    def __init__(self, *args, **kwargs):
        self.args, self.kwargs = args, kwargs


def counts(k, calls, f=lambda x: 0, input_signature=None):
    "The number of traces after each call: 1, 1, 2, ... or the error of that call."
    trace, count = tracer(k, f, input_signature)
    found = []
    for given in calls:
        given = given if isinstance(given, Given) else Given(given)
        error = outcome(trace, *given.args, **given.kwargs)
        found.append(error if isinstance(error, Exception) else count())
    return found


def tracer(k, f, input_signature):
    "A function that may trace `f`, and one that says how often that has happened."
    if k.__name__ == "keras":
        import tensorflow as tf

        f = tf.function(f, input_signature=input_signature, autograph=False)
        return f, f.experimental_get_tracing_count
    f = k.function(f, input_signature=input_signature, autograph=False)
    return f, f.experimental_get_tracing_count


def t(k, value, dtype="float32"):
    return k.ops.convert_to_tensor(value, dtype=dtype)


def variable(k, value, trainable=True):
    if k.__name__ == "keras":
        import tensorflow as tf

        return tf.Variable(value, trainable=trainable)
    return k.Variable(value, trainable=trainable)


def spec(k, shape, dtype="float32"):
    if k.__name__ == "keras":
        import tensorflow as tf

        return tf.TensorSpec(shape, dtype)
    from minikeras.core.specs import TensorSpec

    return TensorSpec(shape, dtype)


# ---- tensors -------------------------------------------------------------------------


@scenario
def tensors_by_shape_and_dtype(k):
    "Values do not count, shapes and dtypes do"
    shapes = ((), (1,), (2,), (2, 1), (1,))
    floats = [t(k, np.ones(s)) for s in shapes]
    return counts(k, [*floats, t(k, [1], "int32"), t(k, [7], "int32")])


@scenario
def arrays_are_tensors(k):
    "NumPy arrays and scalars count like tensors of their dtype"
    f32, i32 = np.float32, np.int32
    calls = [f32(1), f32(2), i32(1), np.array(3, i32), t(k, 4, "int32"), np.bool_(True)]
    return counts(k, [*calls, np.ones(3), np.ones(3, f32), t(k, [1.0, 2.0, 3.0])])


@scenario
def what_offers_an_array(k):
    "An object with __array__ is the tensor of its numbers"

    class Numbers:
        def __array__(self, dtype=None, copy=None):
            return np.ones(2, np.float32)

    return counts(k, [Numbers(), Numbers(), t(k, [1.0, 2.0])])


@scenario
def one_tensor_twice(k):
    "That two arguments are one tensor does not count"
    x, y = t(k, 1.0), t(k, 2.0)
    return counts(k, [Given(x, x), Given(x, y)], lambda x, y: 0)


# ---- Python values -------------------------------------------------------------------


@scenario
def whole_numbers(k):
    "Each whole number is a trace"
    return counts(k, [1, 2, 1, 10**30, 10**30, -1])


@scenario
def floats(k):
    "Each float is a trace"
    return counts(k, [1.0, 2.0, 1.5, 1.0, 0.0])


@scenario
def equal_numbers_of_different_types(k):
    "1, 1.0 and True"
    return counts(k, [1, 1.0, True])


@scenario
def two_zeros(k):
    "0.0 and -0.0"
    return counts(k, [0.0, -0.0])


@scenario
def nan_equals_itself(k):
    "Two nans share a trace"
    return counts(k, [float("nan"), float("nan"), np.nan])


@scenario
def texts_and_nothing(k):
    "str, bytes, None, complex"
    return counts(k, ["1", b"1", None, "1", None, 2 + 0j, 2j, 2j, "", True, False])


@scenario
def values_without_weak_references(k):
    "Ranges and fractions by value"
    half = fractions.Fraction(1, 2)
    return counts(k, [range(3), range(3), range(4), half, fractions.Fraction(2, 4)])


class Colour(enum.Enum):
    RED, BLUE = 1, 2


class Count(enum.IntEnum):
    ONE, TWO = 1, 2


@scenario
def enumerations(k):
    "Members of an Enum by member"
    return counts(k, [Colour.RED, Colour.BLUE, Colour.RED])


@scenario
def counting_enumerations(k):
    "An IntEnum beside the number it equals"
    return counts(k, [Count.ONE, Count.TWO, 1, Count.ONE])


# ---- objects -------------------------------------------------------------------------


class Thing:
    pass


class Slotted:
    __slots__ = ("x",)


@dataclass(frozen=True)
class Setting:
    size: int


@dataclass
class Open:
    size: int


@scenario
def objects_by_identity(k):
    "Objects, slotted objects, classes, functions and dtypes"
    a, b, c, d = Thing(), Thing(), Slotted(), Slotted()
    return counts(k, [a, b, a, c, d, c, Thing, Thing, counts, counts, np.float32, len])


@scenario
def dead_objects(k):
    "An object that is gone is not met again, whatever its id"
    return counts(k, (Thing() for _ in range(20)))


@scenario
def equal_settings(k):
    "Objects that define equality share, while they live"
    one, same, other = Setting(1), Setting(1), Setting(2)
    return counts(k, [one, same, other, frozenset([1]), frozenset([1])])


@scenario
def equal_settings_made_anew(k):
    "The first is gone when the second comes"
    return counts(k, (Setting(1) for _ in range(3)))


@scenario
def what_cannot_be_hashed(k):
    "A dataclass that can change"
    one, other = Open(1), Open(1)
    return counts(k, [one, other, one])


@scenario
def sets_and_slices(k):
    "A set and a slice"
    return counts(k, [{1}, {1}, slice(1, 2), slice(1, 2)])


@scenario
def bound_methods(k):
    "x.method is a new object each time it is asked for"
    text = Thing()
    text.__class__.method = lambda self: 0
    return counts(k, (text.method for _ in range(3)))


# ---- variables -----------------------------------------------------------------------


@scenario
def variables_by_spec(k):
    "Shape, dtype and trainable count, the content does not"
    v, w, u = variable(k, 1.0), variable(k, 2.0), variable(k, 2.0, trainable=False)
    return counts(k, [v, w, u, t(k, 1.0), variable(k, [1.0]), v])


@scenario
def variables_and_aliases(k):
    "The same variable twice is not two variables"
    v, w, u = variable(k, 1.0), variable(k, 2.0), variable(k, 2.0, trainable=False)
    pairs = (v, w), (w, v), (v, v), (w, w), (v, u), (u, v), (u, u)
    return counts(k, [Given(*pair) for pair in pairs], lambda x, y: 0)


@scenario
def variables_in_a_list(k):
    "Aliases across a nest"
    v, w = variable(k, 1.0), variable(k, 2.0)
    return counts(k, [[v, w], [w, v], [v, v], [w, w]])


# ---- nests ---------------------------------------------------------------------------


Pair = collections.namedtuple("Pair", "a b")
Other = collections.namedtuple("Other", "a b")


@scenario
def lists_and_tuples(k):
    "The kind of nest counts"
    x, y = t(k, 1.0), t(k, 2.0)
    calls = [[x], (x,), [y], [x, x], [[x]], [x, 1], [y, 1], [x, 2], [], (), {}]
    return counts(k, calls)


@scenario
def names_in_dicts(k):
    "Names count, their order does not"
    x, y = t(k, 1.0), t(k, 2.0)
    calls = [{"a": x, "b": y}, {"b": x, "a": y}, {"a": x}, {"c": x}, {"a": 1}]
    return counts(k, calls)


@scenario
def names_of_two_types(k):
    "A dict whose keys cannot be sorted"
    return counts(k, [{1: t(k, 1.0), "a": t(k, 2.0)}])


@scenario
def named_tuples(k):
    "A named tuple is its own kind of nest"
    x = t(k, 1.0)
    return counts(k, [Pair(x, 2), (x, 2), Pair(x, 2), Other(x, 2), Pair(x, 3)])


class List(list):
    pass


@scenario
def subclasses_of_nests(k):
    "A list of one's own beside a list, an ordered dict beside a dict"
    x = t(k, 1.0)
    return counts(k, [[x], List([x]), {"a": x}, collections.OrderedDict(a=x)])


# ---- how arguments are given ---------------------------------------------------------


@scenario
def defaults_and_names(k):
    "f(x) is f(x, True) is f(flag=True, x=x)"
    ways = [Given(1), Given(1, flag=True), Given(1, True), Given(flag=True, x=1)]
    return counts(k, [*ways, Given(x=1), Given(1, False)], lambda x, flag=True: 0)


@scenario
def any_number_of_arguments(k):
    "*args and **kwargs"
    x = t(k, 1.0)
    given = [Given(), Given(1), Given(1, 2), Given(x, x), Given(a=1, b=2)]
    given += [Given(b=2, a=1), Given(a=1), Given(a=x), Given(a=x)]
    return counts(k, given, lambda *args, **kwargs: 0)


@scenario
def names_only(k):
    "Keyword-only parameters"
    return counts(k, [Given(n=1), Given(), Given(n=2)], lambda *, n=1: 0)


@scenario
def defaults_that_are_tensors(k):
    "A default counts by its spec"
    start = t(k, [1.0, 2.0])
    given = [Given(), Given(start), Given(t(k, [3.0, 4.0])), Given(t(k, 1.0))]
    return counts(k, given, lambda x=start: 0)


@scenario
def arguments_that_do_not_fit(k):
    "Missing, unknown, too many, given twice"
    x = t(k, 1.0)
    given = [Given(), Given(1), Given(1, n=1, x=2), Given(1, 2, 3), Given(1, n=x, m=2)]
    return counts(k, given, lambda x, y=2, *, n: 0)


# ---- input_signature -----------------------------------------------------------------


@scenario
def one_trace_for_all_lengths(k):
    "Tensors, variables, lists, arrays of another dtype"
    calls = [t(k, [1.0]), t(k, [1.0, 2.0]), [1.0, 2.0], [1, 2], (1, 2), np.ones(3)]
    calls += [np.ones(3, "int32"), variable(k, [1.0]), [t(k, 1.0), t(k, 2.0)], []]
    return counts(k, calls, input_signature=[spec(k, [None])])


@scenario
def casts_that_are_refused(k):
    "Another rank, another dtype, no numbers"
    calls = [3.0, t(k, [[1.0]]), t(k, [1], "int32"), None, "a", [[1.0]]]
    return counts(k, calls, input_signature=[spec(k, [None])])


@scenario
def numbers_for_specs(k):
    "A number becomes the tensor that was asked for, if it is of that kind"
    floats = [1, 1.0, True, np.float32(2), np.float64(2), t(k, 1, "int32"), t(k, 1.0)]
    wholes = [1, 1.0, 1.5, True]
    return [
        counts(k, floats, input_signature=[spec(k, [])]),
        counts(k, wholes, input_signature=[spec(k, [], "int32")]),
    ]


@scenario
def defaults_beside_specs(k):
    "A parameter without spec keeps its default"
    x, given = t(k, 1.0), []
    given = [Given(x), Given(x=x), Given(x, 2), Given(x, y=2), Given(x, y=3)]
    given.append(Given(x, y=x))
    return counts(k, given, lambda x, y=2: 0, [spec(k, [])])


@scenario
def nests_of_specs(k):
    "A list of specs, a dict of specs"
    x, y = t(k, 1.0), t(k, 2, "int32")
    lists, names = [[x, y], [1.0, 2], (x, y), [x]], [{"a": x}, {"a": 1.0}, {"b": x}]
    signature = [[spec(k, []), spec(k, [], "int32")]]
    return [
        counts(k, lists, input_signature=signature),
        counts(k, names, input_signature=[{"a": spec(k, [])}]),
    ]


@scenario
def signatures_that_make_no_sense(k):
    "Too few specs, too many, no specs"
    one = spec(k, [])
    functions = [
        (lambda x, y: 0, [one]),
        (lambda x: 0, [one, one]),
        (lambda x, *, n: 0, [one]),
        (lambda x: 0, one),
        (lambda x: 0, [3]),
        (lambda x: 0, [None]),
        (lambda x: 0, {"x": one}),
    ]
    return [outcome(tracer, k, f, signature) for f, signature in functions]
