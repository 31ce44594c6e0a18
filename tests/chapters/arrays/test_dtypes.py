"""Errors in four lines, settings, names of kinds and the lattice where kinds meet."""

import itertools
import pickle

import ml_dtypes
import numpy as np
import pytest

from minikeras.core import config, dtypes, errors
from minikeras.core.dtypes import LATTICE, NAMES, UPPER, result_type, standardize_dtype


@pytest.fixture(autouse=True)
def same_settings():
    before = dict(config._settings)
    yield
    config._settings.update(before)


# -- errors


def test_report_has_four_lines_and_points_here():
    with pytest.raises(dtypes.UnknownDTypeError) as caught:
        standardize_dtype("float31")
    first, got, hint, at = str(caught.value).splitlines()
    assert first == "dtype: not a kind of number we have"
    assert got == "  got   'float31'"
    assert hint == "  try   'float32', 'int32' or 'bool'"
    assert at.startswith("  at    test_dtypes.py:")
    assert at.endswith('standardize_dtype("float31")')


def test_report_leaves_out_what_is_not_given():
    lines = str(errors.ShapeError("matmul", "inner sizes differ")).splitlines()
    assert lines[0] == "matmul: inner sizes differ"
    assert [line.split()[0] for line in lines[1:]] == ["at"]


@pytest.mark.parametrize(
    "ours, builtin",
    [
        (errors.ShapeError, ValueError),
        (errors.DTypeError, TypeError),
        (errors.AxisError, ValueError),
        (errors.AxisError, IndexError),
        (errors.IndexRangeError, IndexError),
        (errors.ArgumentError, ValueError),
        (dtypes.UnknownDTypeError, ValueError),
        (dtypes.UnknownDTypeError, TypeError),
    ],
)
def test_errors_are_what_people_catch(ours, builtin):
    assert issubclass(ours, errors.Report) and issubclass(ours, builtin)


def test_reports_travel_between_processes():
    error = errors.AxisError("turn", "no such axis", "axis 5", "axis 0")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is errors.AxisError and str(again) == str(error)


# -- settings


def test_floatx_changes_what_python_floats_become():
    assert config.floatx() == "float32"
    for name in dtypes.FLOATS:
        config.set_floatx(name)
        assert config.floatx() == standardize_dtype(None) == result_type() == name
        assert result_type(float) == ("float16" if name == "bfloat16" else name)


@pytest.mark.parametrize(
    "change, value",
    [
        (config.set_floatx, "int32"),
        (config.set_floatx, None),
        (config.set_image_data_format, "channels"),
    ],
)
def test_a_refused_setting_is_not_changed(change, value):
    before = dict(config._settings)
    with pytest.raises(ValueError, match="one of"):
        change(value)
    assert config._settings == before


def test_epsilon_and_image_data_format():
    config.set_epsilon(1)
    config.set_image_data_format("channels_first")
    assert config.epsilon() == 1.0 and isinstance(config.epsilon(), float)
    assert config.image_data_format() == "channels_first"


# -- names


@pytest.mark.parametrize("name", NAMES)
def test_every_spelling_of_a_dtype(name):
    dtype = dtypes.NUMPY[name]
    spellings = [name, dtype, dtype.type, dtype.newbyteorder(">")]
    assert {standardize_dtype(spelling) for spelling in spellings} == {name}
    assert dtypes.NAME_OF[dtype] == name
    kinds = [name == "bool", dtypes.is_int_dtype(name), dtypes.is_float_dtype(name)]
    assert kinds.count(True) == 1


def test_python_types_as_keras_on_tensorflow():
    found = [standardize_dtype(t) for t in (bool, int, "int", float, None)]
    assert found == ["bool", "int64", "int64", "float32", "float32"]


@pytest.mark.parametrize(
    "wrong", ["float", "f4", "", str, object, "complex64", 3, [1], {}]
)
def test_unknown_dtypes(wrong):
    with pytest.raises(ValueError):
        standardize_dtype(wrong)
    with pytest.raises(TypeError):
        standardize_dtype(wrong)


def test_short_names_are_unique():
    assert len(set(dtypes.SHORT.values())) == len(NAMES)
    assert dtypes.SHORT["bfloat16"] == "bf16" and dtypes.SHORT["uint8"] == "u8"


# -- the lattice


def test_every_pair_has_one_least_upper_bound():
    for a, b in itertools.product(LATTICE, repeat=2):
        assert UPPER[dtypes._join([a, b])] == UPPER[a] & UPPER[b]


def test_result_type_ignores_order_and_repetition():
    kinds = ["bool", "uint8", "int32", "bfloat16", int, float]
    for a, b, c in itertools.product(kinds, repeat=3):
        assert result_type(a, b, c) == result_type(c, a, b, b)


@pytest.mark.parametrize(
    "kinds, expected",
    [
        (["uint8", int], "uint8"),
        (["bool", int], "int32"),
        (["bool", bool], "bool"),
        (["int64", float], "float32"),
        (["float16", "bfloat16"], "float32"),
        (["int64", "float16"], "float16"),
        (["uint32", "int8"], "int64"),
        (["uint64"], "uint32"),
        (["uint64", "int8"], "float32"),
        ([np.float64, ml_dtypes.bfloat16], "float64"),
        ([None, "int8"], "float32"),
    ],
)
def test_result_types(kinds, expected):
    assert result_type(*kinds) == expected


def test_weak_results_follow_floatx():
    answers = {"float16": "int16", "float32": "int32", "float64": "int64"}
    for name, whole in answers.items():
        config.set_floatx(name)
        assert (result_type(int), result_type(int, float)) == (whole, name)
