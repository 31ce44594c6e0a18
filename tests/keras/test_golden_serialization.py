"""Object serialization against real Keras: the words, the objects, the refusals."""

import pytest

import minikeras
from minikeras.saving.publics import ROOMS, public_name, public_thing, room_of
from tests.golden import case_id, check, load
from tests.golden.deviations import SERIALIZATION

RECORDS = [r for r in load("serialization") if r["name"] != "public_names"]
KERAS_NAMES = next(r for r in load("serialization") if r["name"] == "public_names")[
    "out"
]


@pytest.mark.parametrize("record", RECORDS, ids=case_id)
def test_as_recorded(record):
    if record["id"] in SERIALIZATION:
        pytest.skip(SERIALIZATION[record["id"]])
    check(record, minikeras)


def classes():
    "Every class that a file may name, by the name of its first room."
    for module in ROOMS:
        for name in getattr(room_of(module), "__all__", ()):
            thing = public_thing(module, name)
            if isinstance(thing, type):
                yield f"{module}.{name}", thing


@pytest.mark.parametrize("name, cls", classes())
def test_public_names_are_keras(name, cls):
    "A class is written under the name that Keras writes."
    written = ".".join(public_name(cls))
    assert written in KERAS_NAMES or written == "keras.losses.LossFunctionWrapper"


def test_no_name_is_read_as_another_class():
    for name in KERAS_NAMES:
        thing = public_thing(*name.rsplit(".", 1))
        if thing is not None:
            assert ".".join(public_name(thing)) == name
