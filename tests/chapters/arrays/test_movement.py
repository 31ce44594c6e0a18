"""The same numbers elsewhere: shapes, orders, copies, borders, picking, products."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from minikeras import ops
from minikeras.core.errors import ArgumentError, AxisError, IndexRangeError, ShapeError
from minikeras.core.infer import eval_spec
from minikeras.core.specs import TensorSpec

CUBE = np.arange(24.0).reshape(2, 3, 4)


def small(**options):
    return arrays("int32", array_shapes(**{"max_dims": 3, "max_side": 4} | options))


@settings(deadline=None)
@given(st.data())
def test_flip_roll_and_transpose_are_numpys(data):
    x = data.draw(small())
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    shift = data.draw(st.integers(-9, 9))
    order = data.draw(st.permutations(range(x.ndim)))
    np.testing.assert_array_equal(ops.flip(x, axis), np.flip(x, axis))
    np.testing.assert_array_equal(ops.roll(x, shift, axis), np.roll(x, shift, axis))
    np.testing.assert_array_equal(ops.roll(x, shift), np.roll(x, shift))
    np.testing.assert_array_equal(ops.transpose(x, order), x.transpose(order))


@settings(deadline=None)
@given(st.data())
def test_tile_and_repeat_are_numpys(data):
    x = data.draw(small())
    repeats = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=4))
    np.testing.assert_array_equal(ops.tile(x, repeats), np.tile(x, repeats))
    n = data.draw(st.integers(0, 3))
    axis = data.draw(st.none() | st.integers(-x.ndim, x.ndim - 1))
    np.testing.assert_array_equal(ops.repeat(x, n, axis), np.repeat(x, n, axis))


@settings(deadline=None)
@given(st.data())
def test_pad_is_numpys(data):
    x = data.draw(small(min_side=3))
    pair = st.tuples(st.integers(0, 2), st.integers(0, 2))
    widths = [data.draw(pair) for _ in range(x.ndim)]
    mode = data.draw(st.sampled_from("constant edge reflect symmetric wrap".split()))
    np.testing.assert_array_equal(ops.pad(x, widths, mode), np.pad(x, widths, mode))


def test_pad_widths_in_every_form():
    x = np.ones((2, 2), "float32")
    for width in (1, (1,), (1, 1), ((1, 1),), ((1, 1), (1, 1)), [[1, 1], [1, 1]]):
        assert ops.pad(x, width).shape == (4, 4)
    assert float(ops.pad(x, 1, constant_values=3.5)[0, 0]) == 3.5
    with pytest.raises(ArgumentError, match="constant_values"):
        ops.pad(x, 1, mode="edge", constant_values=1)
    with pytest.raises(ArgumentError, match="unknown mode"):
        ops.pad(x, 1, mode="mirror")


def test_sizes_that_are_not_known_yet():
    x = TensorSpec((None, 3, None))
    assert eval_spec(ops.expand_dims, x, 1) == TensorSpec((None, 1, 3, None))
    assert eval_spec(ops.reshape, x, (-1,)) == TensorSpec((None,))
    assert eval_spec(ops.tile, x, (2, 2, 1)) == TensorSpec((None, 6, None))
    assert eval_spec(ops.repeat, x, 2, 1) == TensorSpec((None, 6, None))
    assert eval_spec(ops.pad, x, ((0, 0), (1, 1), (1, 1)), "reflect") == TensorSpec(
        (None, 5, None)
    )
    assert eval_spec(ops.flip, x) == eval_spec(ops.roll, x, 1, 0) == x
    index = TensorSpec((None, 1, None), "int32")
    assert eval_spec(ops.take_along_axis, x, index, 1) == TensorSpec((None, 1, None))

    def heads(x):
        return ops.reshape(x, (ops.shape(x)[0], -1, 2))

    assert eval_spec(heads, TensorSpec((None, 3, 4))) == TensorSpec((None, 6, 2))


@settings(deadline=None)
@given(st.data())
def test_split_and_concatenate_undo_each_other(data):
    x = data.draw(small())
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    places = sorted(data.draw(st.lists(st.integers(0, 5), max_size=3)))
    parts = ops.split(x, places, axis)
    assert [p.shape for p in parts] == [p.shape for p in np.split(x, places, axis)]
    np.testing.assert_array_equal(ops.concatenate(parts, axis), x)
    np.testing.assert_array_equal(ops.stack(ops.unstack(x, axis=axis), axis=axis), x)


def test_lists_meet_in_one_dtype():
    assert (
        ops.concatenate([np.ones(2, "int32"), np.ones(2, "float16")]).dtype == "float16"
    )
    assert ops.stack([np.ones(2, "uint8"), np.ones(2, "int8")]).dtype == "int16"
    for wrong in ([], np.ones((2, 2))[:0]):
        with pytest.raises(ArgumentError, match="at least one"):
            ops.concatenate(list(wrong))


@pytest.mark.parametrize("axis", [0, 1, 2, -1, None])
def test_take_is_numpys(axis):
    index = np.array([[0, -1], [1, 1]])
    np.testing.assert_array_equal(
        ops.take(CUBE, index, axis), np.take(CUBE, index, axis)
    )


def test_take_along_axis_broadcasts_the_other_axes():
    index = np.array([[[2], [0], [1]]])
    np.testing.assert_array_equal(
        ops.take_along_axis(CUBE, index, 2), np.take_along_axis(CUBE, index, 2)
    )


def test_slices_move():
    start = ops.convert_to_tensor([1, 0, 2])
    np.testing.assert_array_equal(ops.slice(CUBE, start, (1, 2, -1)), CUBE[1:, :2, 2:])
    z = ops.slice_update(np.full((3, 3), np.inf), (1, 1), np.zeros((2, 2)))
    assert np.isinf(z).sum() == 5 and not np.isnan(z).any()
    dynamic = eval_spec(
        lambda x, s: ops.slice(x, (s, 0, 0), (1, 3, 4)),
        TensorSpec((2, 3, 4)),
        TensorSpec((), "int32"),
    )
    assert dynamic == TensorSpec((1, 3, 4))


@settings(deadline=None)
@given(st.lists(st.integers(-4, 3), min_size=1, max_size=12))
def test_scatter_adds_and_update_keeps_the_last(places):
    values = np.arange(1, len(places) + 1)
    added, last = np.zeros(4, int), np.full(4, -7)
    for place, value in zip(places, values, strict=True):
        added[place] += value
        last[place] = value
    index = np.array(places)[:, None]
    np.testing.assert_array_equal(ops.scatter(index, values, (4,)), added)
    z = ops.scatter_update(np.full(4, -7), index, values)
    np.testing.assert_array_equal(z, last)


def test_scatter_update_of_rows():
    x, rows = np.zeros((3, 2)), np.array([[2], [0], [2]])
    z = ops.scatter_update(x, rows, [[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])
    np.testing.assert_array_equal(z, [[2, 2], [0, 0], [3, 3]])
    z = ops.scatter_update(x, rows, np.ones((3, 2)), reduction="add")
    np.testing.assert_array_equal(z, [[1, 1], [0, 0], [2, 2]])


def test_products_of_whole_numbers_stay_whole():
    x = np.arange(6, dtype="int32").reshape(2, 3)
    for z in (ops.dot(x, x.T), ops.outer(x, x), ops.tensordot(x, x, 2), ops.vdot(x, x)):
        assert z.dtype == "int32"
    np.testing.assert_array_equal(ops.kron(x, [[1, 2]]), np.kron(x, [[1, 2]]))


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: ops.reshape(CUBE, (5, -1)), ShapeError),
        (lambda: ops.squeeze(CUBE, 0), ShapeError),
        (lambda: ops.expand_dims(CUBE, 5), AxisError),
        (lambda: ops.transpose(CUBE, (0, 1)), AxisError),
        (lambda: ops.moveaxis(CUBE, (0, 1), (0,)), ArgumentError),
        (lambda: ops.broadcast_to(CUBE, (2, 3)), ShapeError),
        (lambda: ops.repeat(CUBE, [1, 2], 1), ShapeError),
        (lambda: ops.pad(CUBE, 4, "reflect"), ShapeError),
        (lambda: ops.split(CUBE, 2, 1), ShapeError),
        (lambda: ops.split(CUBE, 0, 1), ShapeError),
        (lambda: ops.stack([CUBE, CUBE[0]]), ShapeError),
        (lambda: ops.take(CUBE, 2, 0), IndexRangeError),
        (lambda: ops.take_along_axis(CUBE, [0], 0), ShapeError),
        (lambda: ops.slice(CUBE, (0, 0, 0), (3, 1, 1)), IndexRangeError),
        (lambda: ops.slice(CUBE, (0, 0), (3, 1)), ShapeError),
        (lambda: ops.scatter([[4]], [1], (4,)), IndexRangeError),
        (lambda: ops.scatter_update(CUBE, [[0]], [[0]], "mean"), ArgumentError),
        (lambda: ops.tensordot(CUBE, CUBE, 1), ShapeError),
        (lambda: ops.tensordot(CUBE, CUBE, 4), ShapeError),
        (lambda: ops.cross(CUBE, CUBE), ShapeError),
        (lambda: ops.diagonal(np.ones(3)), AxisError),
    ],
)
def test_mistakes_are_explained(call, error):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value).count("\n") >= 1
