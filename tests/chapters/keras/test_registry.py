"""Names in files: writing, reading, refusing, scopes, catalogues."""

import copy
import json
import random
import threading
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikeras import activations, config, ops, saving, utils
from minikeras.config.switches import _switches
from minikeras.core.errors import Report, UnknownNameError, UnsafeFileError
from minikeras.random import SeedGenerator
from minikeras.saving.deserialization import SafeModeScope, in_safe_mode
from minikeras.saving.publics import ROOMS, public_thing, room_of
from minikeras.saving.registration import scopes
from minikeras.saving.serialization import ObjectSharingScope
from minikeras.utils.catalogue import Catalogue

PLAIN = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner)
    ),
)


class Box:
    def __init__(self, **inside):
        self.inside = inside

    def get_config(self):
        return dict(self.inside)

    @classmethod
    def from_config(cls, config):
        read = saving.deserialize_keras_object
        return cls(**{key: read(value) for key, value in config.items()})


def again(thing, **options):
    kept = json.loads(json.dumps(saving.serialize_keras_object(thing)))
    return saving.deserialize_keras_object(kept, **options)


@pytest.fixture
def registry():
    before = dict(saving.get_custom_objects())
    yield saving.get_custom_objects()
    saving.get_custom_objects().clear()
    saving.get_custom_objects().update(before)


@given(PLAIN)
def test_plain_values_go_through_unchanged(value):
    assert again(value) == value


@pytest.mark.parametrize(
    "thing", [b"ab", slice(1, None, 2), ..., np.eye(2), np.arange(3, dtype="int8")]
)
def test_pythons_own_kinds(thing):
    found = again({"x": [thing]})["x"][0]
    assert type(found) is type(thing)
    np.testing.assert_array_equal(found, thing)
    assert getattr(found, "dtype", None) == getattr(thing, "dtype", None)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "int64", "bool"])
def test_tensors(dtype):
    x = ops.cast([[0.0, 1.0], [2.0, 0.5]], dtype)
    found = again(x)
    assert found.dtype == dtype and bool(ops.all(found == x))


def test_objects_in_objects():
    box = Box(a=1, inner=Box(x=slice(0, 2), f=activations.relu))
    found = again(box, custom_objects={"Box": Box})
    assert found.inside["a"] == 1 and type(found.inside["inner"]) is Box
    assert found.inside["inner"].inside["f"] is activations.relu
    with pytest.raises(UnknownNameError, match="Box"):
        again(box)


def test_registering(registry):
    class Named(Box):
        pass

    assert saving.register_keras_serializable("pkg", "B")(Named) is Named
    assert saving.get_registered_name(Named) == "pkg>B"
    assert saving.serialize_keras_object(Named(a=1))["registered_name"] == "pkg>B"
    assert type(again(Named(a=1))) is Named
    assert registry["pkg>B"] is Named is saving.get_registered_object("pkg>B")
    with pytest.raises(ValueError, match="get_config"):
        saving.register_keras_serializable()(object)
    assert utils.custom_object_scope is saving.CustomObjectScope


def test_scopes_end_also_after_an_error_and_hold_in_one_thread_only():
    with pytest.raises(KeyError), saving.custom_object_scope({"a": Box}):
        with saving.custom_object_scope({"b": Box}):
            assert saving.get_registered_object("a") is Box
            found = []
            thread = threading.Thread(
                target=lambda: found.append(saving.get_registered_object("b"))
            )
            thread.start()
            thread.join()
            assert found == [None]
        raise KeyError
    assert saving.get_registered_object("a") is None and scopes.objects == {}
    with pytest.raises(ValueError, match="custom_object_scope"):
        saving.custom_object_scope([Box])


def test_sharing():
    box = Box(a=1)
    with ObjectSharingScope():
        kept = saving.serialize_keras_object([box, Box(a=1), box])
    ids = [entry.get("shared_object_id") for entry in kept]
    assert ids[0] == ids[2] and ids[1] is None
    with ObjectSharingScope(), saving.custom_object_scope({"Box": Box}):
        one, other, same = saving.deserialize_keras_object(kept)
    assert one is same and one is not other and scopes.read is None


def square(n):
    return lambda x: x * n


def test_lambdas_are_refused_unless_trusted():
    with pytest.warns(UserWarning, match="lambda"):
        kept = json.loads(json.dumps(saving.serialize_keras_object(square(3))))
    before = in_safe_mode(), scopes.safe_mode
    for entry in (kept, {"deep": [kept]}, {"class_name": "__lambda__", "config": 3}):
        with pytest.raises(UnsafeFileError, match="lambda"):
            saving.deserialize_keras_object(entry)
    with SafeModeScope(True), pytest.raises(ValueError, match="lambda"):
        saving.deserialize_keras_object(kept, safe_mode=False)
    assert saving.deserialize_keras_object(kept, safe_mode=False)(4) == 12
    assert before == (in_safe_mode(), scopes.safe_mode) == (True, None)


def test_the_switch_for_unsafe_files():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kept = saving.serialize_keras_object(lambda x: x + 1)
    config.enable_unsafe_deserialization()
    try:
        assert saving.deserialize_keras_object(kept)(1) == 2
    finally:
        _switches["unsafe_deserialization"] = False
    with pytest.raises(UnsafeFileError):
        saving.deserialize_keras_object(kept)


HOSTILE = [
    {"module": module, "class_name": class_name, "config": config}
    for module, name in [
        ("os", "system"), ("builtins", "eval"), ("builtins", "exec"), ("subprocess", "run"),
        ("keras.utils", "get_file"), ("keras.models", "load_model"), ("keras", "version"),
        ("keras.config", "enable_unsafe_deserialization"), ("keras.activations", "get"),
        ("keras.saving", "deserialize_keras_object"), ("keras.activations", "names"),
        ("keras.src.utils.file_utils", "get_file"), ("minikeras.utils", "clear_session"),
        ("keras.activations", "rectifiers.importlib"), ("keras.ops", "__builtins__"),
        ("keras.activations", "__getattr__"), ("keras.random", "seed.np.load"),
        ("keras.src.random.seed", "make_default_seed"), ("keras.random", "normal"),
        ("", "relu"), ("keras.", "relu"), ("keras.activations.rectifiers", "relu"),
    ]
    for class_name, config in [("function", name), (name, {}), (name, {"seed": 1})]
]  # fmt: skip


@pytest.mark.parametrize("entry", HOSTILE, ids=lambda e: f"{e['module']}-{e['config']}")
def test_no_file_can_name_what_is_not_in_the_table(entry):
    with pytest.raises(UnknownNameError, match="Could not locate"):
        saving.deserialize_keras_object(entry)
    with pytest.raises((ValueError, TypeError)):
        activations.get(entry)


@pytest.mark.parametrize(
    "entry",
    [
        {"class_name": 3, "config": {}},
        {"class_name": ["relu"], "config": {}},
        {"class_name": "SeedGenerator", "module": 3, "config": {}},
        {"class_name": "SeedGenerator", "module": ["keras.random"], "config": {}},
        {"class_name": "SeedGenerator", "module": "keras.random", "config": [1]},
        {"class_name": "SeedGenerator", "module": "keras.random", "config": {"seed": "a"}},
        {"class_name": "SeedGenerator", "module": "keras.random", "config": {},
         "registered_name": ["x"]},
        {"class_name": "SeedGenerator", "module": "keras.random", "config": {},
         "registered_name": "other>Name"},
        {"class_name": "function", "module": "builtins", "config": {"a": 1}},
        {"class_name": "__slice__", "config": {}},
        {"class_name": "__numpy__", "config": {"value": [[1], [1, 2]], "dtype": "int8"}},
        {"class_name": "__numpy__", "config": {"value": [1], "dtype": "object"}},
        {"class_name": "__tensor__", "config": {"value": ["x"], "dtype": "float32"}},
        {"class_name": "__bytes__", "config": {"value": 1}},
        {"class_name": "__typespec__", "config": [], "spec_name": "x"},
        object(),
        {1, 2},
    ],
    ids=str,
)  # fmt: skip
def test_malformed_entries_are_one_of_our_errors(entry):
    before = dict(scopes.objects), scopes.safe_mode
    with pytest.raises(Report):
        saving.deserialize_keras_object({"deep": [entry]}, {"f": Box})
    assert before == (dict(scopes.objects), scopes.safe_mode)


def places(entry):
    for key, value in entry.items() if isinstance(entry, dict) else enumerate(entry):
        yield entry, key
        if isinstance(value, (dict, list)):
            yield from places(value)


@pytest.mark.parametrize("seed", range(4))
def test_mutants_are_read_or_refused(seed):
    dice = random.Random(seed)
    valid = saving.serialize_keras_object(
        [
            Box(a=np.eye(2), s=slice(1, 2)),
            SeedGenerator(1),
            activations.relu,
            {"x": b"a"},
        ]
    )
    junk = [
        None,
        -1,
        10**400,
        float("nan"),
        "os",
        "function",
        "__lambda__",
        [],
        {},
        [[]],
    ]
    junk += [
        {"class_name": "x", "config": {}},
        "SeedGenerator",
        "keras.random",
        valid[0],
    ]
    for _ in range(500):
        mutant = copy.deepcopy(valid)
        for _ in range(dice.randint(1, 3)):
            box, key = dice.choice(list(places(mutant)))
            box[key] = copy.deepcopy(dice.choice(junk))
        try:
            saving.deserialize_keras_object(mutant, {"Box": Box})
        except Report:
            pass


def test_everything_in_the_table_is_a_thing_that_may_be_kept():
    for module in ROOMS:
        for name in getattr(room_of(module), "__all__", ()):
            thing = public_thing(module, name)
            if isinstance(thing, type):
                assert hasattr(thing, "from_config")
            elif thing is not None:
                assert module not in ("keras", "keras.models", "keras.random")
                assert name not in ("get", "serialize", "deserialize")


def test_what_cannot_be_written():
    class Odd:
        def get_config(self):
            return [1]

    for thing in (object(), 1j, {1}, Odd(), Box):
        with pytest.raises(TypeError, match="serialize_keras_object"):
            saving.serialize_keras_object({"x": [thing]})


def test_names_of_activations():
    for name in sorted(activations.__all__):
        function = getattr(activations, name)
        if name in ("get", "serialize", "deserialize"):
            continue
        assert activations.get(name) is function is activations.deserialize(name)
        assert activations.get(activations.serialize(function)) is function
    assert activations.get(None) is activations.linear
    assert activations.get(abs) is abs
    for wrong in ("rleu", 3, ["relu"], {"a": 1}):
        with pytest.raises(ValueError, match="identifier|config"):
            activations.get(wrong)


def test_given_names_beat_derived_ones():
    class ThisThing:
        pass

    def this_thing():
        return 1

    for order in ([ThisThing, this_thing], [this_thing, ThisThing]):
        catalogue = Catalogue("activations")
        for thing in order:
            catalogue.add(thing)
        assert catalogue.find("this_thing") is this_thing
        assert catalogue.find("ThisThing") is ThisThing


def test_near_names_are_offered():
    with pytest.raises(ValueError, match="'softmax'"):
        activations.get("sofmax")
