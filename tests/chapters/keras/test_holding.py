"""What a layer holds: tracking, containers, policies, input specs, the class begun."""

import collections
import pickle

import numpy as np
import pytest

from minikeras import ops
from minikeras.core.errors import ArgumentError
from minikeras.core.specs import TensorSpec
from minikeras.core.variable import Variable
from minikeras.dtype_policies.dtype_policy import DTypePolicy, get_policy
from minikeras.layers.input_spec import InputSpec
from minikeras.layers.layer import Layer
from minikeras.layers.operation import Operation
from minikeras.utils.tracking import TrackedDict, Tracker


def tracked():
    tracker = Tracker()
    return tracker, lambda: [v.name for v in tracker.store("trainable_variables")]


def v(name):
    return Variable(1.0, name=name)


def test_lists_tell_what_comes_and_goes():
    tracker, names = tracked()
    things = tracker.track([v("a"), [v("b")], (v("c"), 3)])
    things.append(v("d"))
    things.insert(0, v("e"))
    things.extend([v("f")])
    things += [v("g")]
    assert names() == list("abcdefg")
    things[0] = v("h")
    del things[1]
    assert things.pop().name == "g"
    assert sorted(names()) == list("bcdfh")
    things.clear()
    assert "d" not in names() and len(things) == 0


def test_dicts_tell_what_comes_and_goes():
    tracker, names = tracked()
    things = tracker.track({"x": v("a"), "deep": {"y": v("b")}})
    assert isinstance(things["deep"], TrackedDict)
    things.update(z=v("c"))
    assert things.setdefault("w", v("d")).name == "d" == things.setdefault("w", 1).name
    assert names() == list("abcd")
    things["x"] = v("e")
    assert things.pop("z").name == "c" and things.pop("zz", None) is None
    assert things.popitem()[0] == "w"
    assert sorted(names()) == ["b", "e"]
    with pytest.raises(KeyError):
        things.pop("zz")


def test_copies_of_tracked_containers_are_plain():
    tracker, _ = tracked()
    for nest in ([1, [2]], {"a": 1}):
        copy = pickle.loads(pickle.dumps(tracker.track(nest)))
        assert copy == nest and type(copy) is type(nest)


def test_sets_and_named_tuples_and_ordered_dicts_are_watched():
    pair = collections.namedtuple("Pair", "left right")
    tracker, names = tracked()
    things = tracker.track({1, 2})
    assert isinstance(things, set) and things.pop() in (1, 2)
    both = tracker.track(pair(v("b"), [v("c")]))
    both.right.append(v("d"))
    ordered = tracker.track(collections.OrderedDict(z=v("e"), y=[v("f")]))
    assert names() == list("bcdef") and list(ordered) == ["z", "y"]
    ordered.pop("y")
    assert names() == list("bcde")
    layers = tracker.track({Layer()})
    layers.add(Layer())
    assert len(tracker.store("layers")) == 2
    layers.clear()
    assert tracker.store("layers") == []


def test_signs_that_change_a_container_are_watched():
    tracker, names = tracked()
    things = tracker.track({"x": v("a")})
    things |= {"x": v("b"), "y": v("c")}
    assert names() == ["b", "c"] and isinstance(things, TrackedDict)
    twice = tracker.track([v("d")])
    twice *= 2
    twice.pop()
    assert names() == ["b", "c", "d"]
    twice *= 0
    assert names() == ["b", "c"]


@pytest.mark.parametrize("sign", ["or", "and", "sub", "xor"])
@pytest.mark.parametrize("spelled", [False, True])
def test_sets_meet_as_those_of_python(sign, spelled):
    words = {
        "or": "update",
        "and": "intersection_update",
        "sub": "difference_update",
        "xor": "symmetric_difference_update",
    }
    name = words[sign] if spelled else f"__i{sign}__"
    a, b, c = Layer(), Layer(), Layer()
    tracker, plain = Tracker(), {a, b}
    things = tracker.track({a, b})
    getattr(things, name)({b, c})
    getattr(plain, name)({b, c})
    assert things == plain and set(tracker.store("layers")) == plain
    things.clear()
    assert tracker.store("layers") == []


def test_nothing_can_be_taken_from_what_is_empty():
    tracker, names = tracked()
    for empty in ({}, set(), collections.OrderedDict()):
        take = tracker.track(empty)
        with pytest.raises(KeyError):
            take.pop() if isinstance(empty, set) else take.popitem()
    ordered = tracker.track(collections.OrderedDict(x=v("a"), y=v("b")))
    assert ordered.popitem(last=False)[0] == "x" and names() == ["b"]


def test_a_container_of_another_owner_is_watched_by_both():
    "Keras 3.15.1: the list of the second layer is another one, with the same weights."
    one, two = Layer(), Layer()
    one.parts = [v("a")]
    two.parts = one.parts
    two.parts.append(v("b"))
    assert [x.name for x in one._trainable_variables] == ["a"]
    assert [x.name for x in two._trainable_variables] == ["a", "b"]


def test_a_container_with_two_names_is_known_until_both_are_deleted():
    layer = Layer()
    layer.one = {"x": [v("a")]}
    layer.two = layer.one
    assert layer.two is layer.one
    layer.two["x"] += [v("b")]
    del layer.one
    assert [x.name for x in layer._trainable_variables] == ["a", "b"]
    layer.parts = []
    layer.parts += [v("c")]
    del layer.parts[0]
    assert [x.name for x in layer._trainable_variables] == ["a", "b"]


def test_subclasses_of_containers_are_kept_like_their_base():
    class Mine(list):
        pass

    tracker, names = tracked()
    tracker.track(Mine([v("a")]))
    more = collections.defaultdict(list, x=[v("b")])
    assert isinstance(tracker.track(more), TrackedDict) and names() == ["a", "b"]


def test_shared_layers_count_once_and_deleted_ones_not_at_all():
    shared = Layer()
    net = Layer()
    net.inner = shared
    net.again = [shared, {"deep": Layer()}]
    assert len(net._flatten_layers()) == 3
    del net.again
    assert net._flatten_layers(include_self=False) == [shared]
    del net.inner
    assert net._flatten_layers(include_self=False) == []


def test_old_words_for_the_input_shape_are_understood():
    with pytest.warns(UserWarning, match="input_shape"):
        assert Layer(input_dim=3)._input_shape_arg == (3,)
    with pytest.warns(UserWarning, match="input_shape"):
        assert Layer(input_shape=(3, 4))._input_shape_arg == (3, 4)


@pytest.mark.parametrize(
    "spec, shape, fits",
    [
        (InputSpec(ndim=2), (3, 4), True),
        (InputSpec(ndim=2), (3,), False),
        (InputSpec(max_ndim=1), (3, 4), False),
        (InputSpec(dtype="int32"), (3,), False),
        (InputSpec(shape=(None, 4)), (9, 4), True),
        (InputSpec(shape=(None, 4)), (9, 5), False),
        (InputSpec(shape=(None, 1), allow_last_axis_squeeze=True), (9,), True),
        (InputSpec(shape=(None,), allow_last_axis_squeeze=True), (9, 1), True),
    ],
)
def test_input_specs(spec, shape, fits):
    assert (spec.problem(ops.ones(shape)) is None) == fits


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: Layer(colour="red"), "colour"),
        (lambda: Layer(name="a/b"), "a/b"),
        (lambda: Layer(trainable=1), "trainable=1"),
        (lambda: Layer(dtype="float31"), "float31"),
        (lambda: get_policy({"class_name": "Nobody"}), "no policy"),
        (lambda: InputSpec(ndim=2, axes={2: 3}), "no axis 2"),
        (lambda: InputSpec(shape=3), "a shape is a tuple"),
    ],
)
def test_refusals(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_a_locked_tracker_refuses_news_and_keeps_its_notes():
    tracker, names = tracked()
    kept = tracker.track([v("a")])
    noted = tracker.noted()
    kept.append(v("b"))
    tracker.note_again(noted)
    tracker.lock("too late")
    tracker.track(kept[0])  # known already
    with pytest.raises(ValueError, match="too late"):
        kept.append(v("c"))
    with pytest.raises(ValueError, match="too late"):
        kept[0] = v("c")
    full = Tracker()
    table = full.track({"x": v("d")})
    full.lock("too late")
    with pytest.raises(ValueError, match="too late"):
        table["x"] = v("e")
    assert names() == ["a"] and [x.name for x in kept] == ["a", "b"]
    assert full.store("trainable_variables") == [table["x"]]


def test_policies_from_many_places():
    mixed = get_policy("mixed_bfloat16")
    assert (mixed.compute_dtype, mixed.variable_dtype) == ("bfloat16", "float32")
    assert mixed == DTypePolicy.from_config(mixed.get_config()) != get_policy("float32")
    assert get_policy({"config": {"name": "float16"}}) == DTypePolicy("float16")
    assert get_policy(np.float16) == DTypePolicy("float16")
    assert mixed.convert_input(np.ones(2), True, "bfloat16").dtype == "bfloat16"
    assert mixed.convert_input(np.arange(2), True, "bfloat16").dtype == "int64"
    spec = mixed.convert_input(TensorSpec((None,)), True, "bfloat16")
    assert (spec.shape, spec.dtype) == ((None,), "bfloat16")


def test_operations_describe_themselves():
    class Shift(Operation):
        def __init__(self, by, twice=False, name=None):
            super().__init__(name)
            self.by = by

        def call(self, x):
            return x + self.by

    shift = Shift(2, name="up")
    assert shift.get_config() == {"name": "up", "by": 2, "twice": False}
    again = Shift.from_config(shift.get_config())
    np.testing.assert_array_equal(again(ops.ones(2)).numpy(), [3, 3])
    assert shift.compute_output_spec(TensorSpec((None, 2))).shape == (None, 2)
    with pytest.raises(NotImplementedError, match="get_config"):
        Shift(np.ones(2)).get_config()
    with pytest.raises(TypeError, match="from_config"):
        Shift.from_config({"nonsense": 1})
    with pytest.raises(ArgumentError):
        Shift(1, name="a/b")
