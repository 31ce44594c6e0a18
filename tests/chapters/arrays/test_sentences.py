"""Sentences over the table: the thin door, reductions, softmax, one_hot, einsum."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minikeras import ops
from minikeras.core.errors import ArgumentError, AxisError, ShapeError
from minikeras.core.infer import eval_spec
from minikeras.core.specs import TensorSpec
from minikeras.ops.public import RECORDERS, public

HALVES = st.sampled_from(["float16", "bfloat16"])


class Diary:
    def __init__(self):
        self.calls = []

    def record(self, function, args, kwargs):
        self.calls.append((function.__name__, args, kwargs))
        return self


@pytest.fixture
def diary():
    RECORDERS.add(Diary)
    yield Diary()
    RECORDERS.remove(Diary)


def test_a_recorder_is_found_in_lists_and_keywords(diary):
    ops.sum(diary, axis=1)
    ops.einsum("ij,jk", np.ones((2, 3)), diary)
    ops.mean([1.0, [2.0, {"x": diary}]])
    ops.max(x=diary)
    assert [name for name, _, _ in diary.calls] == ["sum", "einsum", "mean", "max"]
    assert diary.calls[0][1:] == ((diary,), {"axis": 1})


def test_the_outermost_public_function_names_the_error():
    @public
    def outer(x):
        return ops.sum(x, axis=7)

    with pytest.raises(AxisError, match=r"^outer: axis 7"):
        outer([1.0])


@pytest.mark.parametrize("name", ["sum", "mean", "prod", "max", "min", "var", "std"])
@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2), [1], ()])
@pytest.mark.parametrize("keepdims", [False, True])
def test_reductions_are_numpys(name, axis, keepdims):
    x = np.random.default_rng(0).normal(size=(2, 3, 4))
    axes = tuple(axis) if isinstance(axis, list) else axis
    expected = getattr(np, name)(x, axis=axes, keepdims=keepdims)
    z = getattr(ops, name)(x, axis, keepdims)
    assert z.shape == np.shape(expected)
    np.testing.assert_allclose(z, expected)


def test_small_integers_have_room():
    x = np.array([200, 100], "uint8")
    assert (ops.sum(x).dtype, int(ops.sum(x))) == ("uint32", 300)
    assert (ops.sum([True, True]).dtype, int(ops.sum([True, True]))) == ("int32", 2)
    assert (ops.mean(x).dtype, float(ops.mean(x))) == ("float32", 150.0)


@settings(deadline=None)
@given(HALVES, st.integers(1, 3000))
def test_half_precision_means_do_not_overflow(dtype, n):
    x = ops.cast(np.full(n, 300.0), dtype)
    z = ops.mean(x)
    assert z.dtype == dtype and float(z) == 300.0


def test_empty_axes():
    x = np.zeros((3, 0), "float32")
    assert ops.sum(x, axis=1).shape == (3,)
    assert np.isnan(ops.mean(x, axis=1)).all()
    np.testing.assert_array_equal(ops.max(x, axis=1, initial=0.5), [0.5] * 3)
    with pytest.raises(ShapeError, match="max: axis 1 is empty"):
        ops.max(x, axis=1)
    with pytest.raises(ShapeError, match="argmin"):
        ops.argmin(x, axis=1)


@pytest.mark.parametrize("bad", [2, -3, (0, 0), 0.5, "x"])
def test_axes_are_checked(bad):
    with pytest.raises((AxisError, TypeError)):
        ops.sum(np.ones((2, 2)), axis=bad)


def test_unknown_sizes_stay_unknown():
    x = TensorSpec((None, 3, None))
    assert eval_spec(ops.mean, x, axis=0) == TensorSpec((3, None))
    assert eval_spec(ops.softmax, x, axis=0) == x
    assert eval_spec(ops.logsumexp, x, axis=-1) == TensorSpec((None, 3))
    labels = TensorSpec((None, None), "int32")
    assert eval_spec(ops.one_hot, labels, 5) == TensorSpec((None, None, 5))
    y = TensorSpec((None, 2, None, 4))
    z = eval_spec(ops.einsum, "bhqd,bhkd->bhqk", y, y)
    assert z.shape == (None, 2, None, None)


@settings(deadline=None)
@given(st.lists(st.floats(-1e4, 1e4, width=32), min_size=1, max_size=6))
def test_softmax_sums_to_one_and_ignores_a_shift(numbers):
    x = np.array(numbers, "float32")
    p = np.array(ops.softmax(x))
    assert np.isfinite(p).all() and abs(p.sum() - 1) < 1e-5
    np.testing.assert_allclose(ops.softmax(x - x.max()), p, atol=1e-6)
    logs = np.array(ops.log_softmax(x))
    assert np.isfinite(logs).all()
    np.testing.assert_allclose(np.exp(logs), p, atol=1e-6)


def test_logsumexp_at_the_edges():
    inf = float("inf")
    assert float(ops.logsumexp([-inf, -inf])) == -inf
    assert float(ops.logsumexp([inf, 1.0])) == inf
    assert float(ops.logsumexp([1000.0, 1000.0])) == pytest.approx(1000 + np.log(2))
    assert ops.logsumexp(np.ones((2, 3)), axis=1, keepdims=True).shape == (2, 1)


def test_one_hot_of_labels_out_of_range_is_zero():
    z = ops.one_hot(np.array([[0, 3], [-1, 2]], "int8"), 3, axis=0)
    assert z.shape == (3, 2, 2) and z.dtype == "float32"
    np.testing.assert_array_equal(np.array(z).sum(0), [[1, 0], [0, 1]])
    np.testing.assert_array_equal(
        ops.multi_hot([[0, 2], [5, 1]], 3), [[1, 0, 1], [0, 1, 0]]
    )


@pytest.mark.parametrize(
    ("subscripts", "shapes"),
    [
        ("iij->j", [(3, 3, 2)]),
        ("iii->i", [(2, 2, 2)]),
        ("...ij,...jk", [(5, 1, 2, 3), (4, 3, 2)]),
        ("ij,kj,k->i", [(2, 3), (4, 3), (4,)]),
        ("i,j,k->kji", [(2,), (3,), (4,)]),
        ("i...,i...->...", [(2, 3), (2, 3)]),
        ("ij,ij->", [(0, 3), (0, 3)]),
        (" b a ", [(2, 3)]),
    ],
)
def test_einsum_is_numpys(subscripts, shapes):
    rng = np.random.default_rng(1)
    operands = [rng.normal(size=shape) for shape in shapes]
    expected = np.einsum(subscripts, *operands)
    z = ops.einsum(subscripts, *operands)
    assert z.shape == expected.shape
    np.testing.assert_allclose(z, expected, atol=1e-12)


@pytest.mark.parametrize(
    ("subscripts", "shapes", "error"),
    [
        ("ij,jk", [(2, 3), (4, 2)], ShapeError),
        ("ij,jk", [(2, 3)], ArgumentError),
        ("ijk", [(2, 3)], ArgumentError),
        ("ij->ik", [(2, 3)], ArgumentError),
        ("ij->ii", [(2, 3)], ArgumentError),
        ("i1->i", [(2, 3)], ArgumentError),
        ("...->", [(2, 3)], ArgumentError),
    ],
)
def test_einsum_explains_itself(subscripts, shapes, error):
    with pytest.raises(error, match="^einsum: "):
        ops.einsum(subscripts, *(np.ones(shape) for shape in shapes))
