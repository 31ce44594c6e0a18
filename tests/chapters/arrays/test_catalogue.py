"""The catalogue: edges of the everyday functions that formulas get wrong."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minikeras import ops
from minikeras.core.errors import ArgumentError, ShapeError
from minikeras.core.infer import eval_spec
from minikeras.core.specs import TensorSpec

INF, NAN = float("inf"), float("nan")
numbers = st.floats(-1e3, 1e3, width=32)


@pytest.mark.parametrize("name", "sqrt exp log sin tanh floor ceil reciprocal".split())
@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64"])
def test_whole_numbers_become_floats(name, dtype):
    z = getattr(ops, name)(np.array([1, 1], dtype))
    assert z.dtype == "float32" and z.spec == eval_spec(
        getattr(ops, name), TensorSpec((2,), dtype)
    )


@settings(deadline=None)
@given(numbers, numbers)
def test_logaddexp_and_hypot(x, y):
    assert float(ops.logaddexp(x, y)) == pytest.approx(
        np.logaddexp(x, y), rel=1e-5, abs=1e-5
    )
    assert float(ops.hypot(x, y)) == pytest.approx(np.hypot(x, y), rel=1e-5, abs=1e-30)


def test_logaddexp_of_infinities():
    x = [INF, -INF, -INF, INF]
    np.testing.assert_array_equal(
        ops.logaddexp(x, [INF, -INF, 1.0, -INF]), [INF, -INF, 1, INF]
    )


def test_divisions():
    x, y = np.array([7, -7]), np.array([2, 2])
    np.testing.assert_array_equal(ops.floor_divide(x, y), [3, -4])
    np.testing.assert_array_equal(ops.mod(x, y), [1, 1])
    assert ops.mod(True, True).dtype == "int32"
    np.testing.assert_array_equal(ops.divide_no_nan([1.0, 0.0], [0.0, 0.0]), [0, 0])
    assert ops.divide([1, 2], [2, 2]).dtype == "float32"


def test_round_goes_to_even_and_knows_decimals():
    np.testing.assert_array_equal(ops.round([0.5, 1.5, -2.5]), [0, 2, -2])
    np.testing.assert_allclose(ops.round([0.125, 2.345], 2), [0.12, 2.34], atol=6e-3)
    z = ops.round(np.array([126, -124]), -1)
    assert z.dtype == "int64" and z.numpy().tolist() == [130, -120]


def test_clip_promotes_its_limits():
    assert ops.clip(np.array([1, 5]), 0, 3).dtype == "int64"
    assert ops.clip(np.array([True]), 0, 1).dtype == "int32"
    np.testing.assert_array_equal(ops.clip([NAN, 5.0, -5.0], -1, 1), [NAN, 1, -1])


@pytest.mark.parametrize(
    "dtype", ["int8", "uint8", "int32", "uint32", "int64", "float16"]
)
@pytest.mark.parametrize("source", ["float16", "float32", "float64", "int64"])
def test_saturate_cast_never_wraps(dtype, source):
    x = np.array(
        [-6e4, -1, 0, 1, 6e4] if source == "float16" else [-1e30, -1, 0, 1, 1e30]
    )
    x = x.astype(source) if source != "int64" else np.array([-(2**62), -1, 0, 1, 2**62])
    z = ops.saturate_cast(x, dtype).numpy().astype("float64")
    assert z.tolist() == sorted(z) and z[3] == 1 and z[1] in (-1, 0)
    assert np.isfinite(z).all()


def test_questions_about_odd_numbers():
    x = np.array([NAN, INF, -INF, 0.0], "float32")
    assert ops.isnan(x).numpy().tolist() == [True, False, False, False]
    assert ops.isfinite(x).numpy().tolist() == [False, False, False, True]
    assert ops.isinf(np.array([1, 2])).numpy().tolist() == [False, False]
    np.testing.assert_array_equal(
        ops.isclose(x, x, equal_nan=True), np.isclose(x, x, equal_nan=True)
    )
    np.testing.assert_array_equal(ops.isclose(x, 1.0), np.isclose(x, 1.0))
    assert bool(ops.logical_and(1, 2)) and int(ops.bitwise_and(1, 2)) == 0


def test_nan_to_num_uses_the_limits_of_the_dtype():
    z = ops.nan_to_num(np.array([NAN, INF, -INF], "float16"))
    assert z.numpy().tolist() == [0, 65504, -65504]
    assert ops.nan_to_num([NAN, INF], nan=1.0, posinf=2.0).numpy().tolist() == [1, 2]


def test_where_and_select():
    assert ops.where([True, False], 1, 2.5).dtype == "float32"
    assert [i.numpy().tolist() for i in ops.where([[0, 1], [1, 0]])] == [[0, 1], [1, 0]]
    with pytest.raises(ArgumentError, match="both"):
        ops.where([True], 1.0)
    with pytest.raises(ArgumentError, match="conditions"):
        ops.select([[True]], [], 0)


@settings(deadline=None)
@given(
    st.integers(-20, 20), st.integers(-20, 20), st.integers(1, 7) | st.integers(-7, -1)
)
def test_arange_counts_as_python_does(start, stop, step):
    z = ops.arange(start, stop, step)
    assert z.numpy().tolist() == list(range(start, stop, step)) and z.dtype == "int32"


def test_arange_and_linspace_hit_their_ends():
    assert float(ops.arange(0, 100.05, 0.1)[-1]) == np.float32(100)
    for start, stop in ((0.1, 0.7), (-3, 1e6), (1e-8, 1)):
        z = ops.linspace(start, stop, 7)
        assert (float(z[0]), float(z[-1])) == (np.float32(start), np.float32(stop))
    z, step = ops.linspace([0, 1], [1, 3], 3, retstep=True, axis=-1)
    assert z.shape == (2, 3) and step.numpy().tolist() == [0.5, 1]
    assert ops.linspace(0, 1, 0).shape == (0,)


def test_creation_defaults_to_floatx():
    for z in (ops.zeros(2), ops.ones((2,)), ops.full([2], 7), ops.eye(2), ops.tri(2)):
        assert z.dtype == "float32"
    assert ops.full((2,), 1.7, "int32").numpy().tolist() == [1, 1]
    assert ops.full((2, 3), np.arange(3.0, dtype="float32")).shape == (2, 3)
    x = TensorSpec((None, 2), "float16")
    assert eval_spec(ops.ones_like, x) == x
    assert eval_spec(ops.zeros_like, x, "bool") == TensorSpec((None, 2), "bool")


def test_triangles_choose_and_do_not_multiply():
    x = np.full((2, 3, 3), INF)
    assert not np.isnan(ops.tril(x)).any() and not np.isnan(ops.triu(x, 1)).any()
    assert eval_spec(ops.tril, TensorSpec((None, None))) == TensorSpec((None, None))
    for k in (-2, 0, 1):
        np.testing.assert_array_equal(ops.diag([1, 2], k), np.diag([1, 2], k))


@settings(deadline=None)
@given(st.lists(st.integers(-5, 5), min_size=1, max_size=9))
def test_order(line):
    x = np.array(line)
    np.testing.assert_array_equal(ops.argsort(x), np.argsort(x, kind="stable"))
    np.testing.assert_array_equal(ops.sort(x), np.sort(x))
    np.testing.assert_array_equal(ops.diff(x), np.diff(x))
    bounds = np.array([-3, 0, 2])
    np.testing.assert_array_equal(ops.digitize(x, bounds), np.digitize(x, bounds))
    for side in ("left", "right"):
        z = ops.searchsorted(bounds, x, side)
        np.testing.assert_array_equal(z, np.searchsorted(bounds, x, side))


@settings(deadline=None)
@given(
    st.lists(numbers, min_size=1, max_size=8),
    st.floats(0, 1),
    st.sampled_from("linear lower higher midpoint nearest".split()),
)
def test_quantiles_are_numpys(line, q, method):
    x = np.array(line, "float64")
    place = q * (len(line) - 1)
    if abs(place - np.round(place)) > 1e-6 and abs(place % 1 - 0.5) > 1e-6:
        expected = np.quantile(x, q, method=method)
        assert float(ops.quantile(x, q, method=method)) == pytest.approx(expected)


def test_quantile_shapes():
    x = np.random.default_rng(0).normal(size=(2, 3, 4))
    for axis in (None, 1, (0, 2)):
        for q in (0.5, np.array([0.1, 0.9])):
            for keepdims in (False, True):
                expected = np.quantile(x, q, axis, keepdims=keepdims)
                z = ops.quantile(x, q, axis, keepdims=keepdims)
                assert z.shape == expected.shape
                np.testing.assert_allclose(z, expected)
    assert eval_spec(ops.median, TensorSpec((None, 3)), 0) == TensorSpec((3,))


def test_averages():
    x = np.arange(6.0).reshape(2, 3)
    for axis, weights in (
        (None, None),
        (1, np.array([1.0, 0, 2])),
        (0, x + 1),
        (None, x),
    ):
        np.testing.assert_allclose(
            ops.average(x, axis, weights), np.average(x, axis, weights)
        )
    with pytest.raises(ArgumentError, match="one axis"):
        ops.average(x, None, np.ones(3))


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: ops.add(np.ones(2), np.ones(3)), ShapeError),
        (lambda: ops.arange(0, 3, 0), ArgumentError),
        (lambda: ops.quantile([1.0], 0.5, method="best"), ArgumentError),
        (lambda: ops.searchsorted(np.ones((2, 2)), 1.0), ShapeError),
        (lambda: ops.searchsorted([1.0], 1.0, side="middle"), ArgumentError),
        (lambda: ops.tril([1.0]), ShapeError),
        (lambda: ops.diag(np.ones((1, 1, 1))), ShapeError),
        (lambda: ops.meshgrid([1], [2], indexing="yx"), ArgumentError),
        (lambda: ops.sqrt("four"), TypeError),
        (lambda: ops.exp(np.array([object()])), TypeError),
    ],
)
def test_mistakes_are_explained(call, error):
    with pytest.raises(error):
        call()
