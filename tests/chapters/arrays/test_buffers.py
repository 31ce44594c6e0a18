"""What comes into a tensor is copied, what goes out cannot be written."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays, basic_indices

from minikeras.core.buffers import owned, read_only


@given(st.data())
def test_owned_copies_any_view(data):
    shape = data.draw(array_shapes(max_dims=3, max_side=4))
    base = data.draw(arrays("int32", shape))
    view = base[
        data.draw(basic_indices(shape, allow_newaxis=True, allow_ellipsis=True))
    ]
    kept, before = owned(view), np.array(view)
    base += 1
    np.testing.assert_array_equal(kept, before)
    assert not np.shares_memory(kept, base)
    assert kept.flags.owndata


def test_owned_takes_lists_numbers_and_a_dtype():
    assert owned([[1, 2], [3, 4]], "float32").dtype == np.float32
    assert owned(2.5).shape == ()
    assert owned([]).shape == (0,)


def test_owned_fills_a_stretched_array():
    kept = owned(np.broadcast_to(np.array([1, 2]), (3, 2)))
    assert 0 not in kept.strides
    kept[0, 0] = 9
    assert kept[1, 0] == 1


@pytest.mark.parametrize("order", "<>")
def test_owned_stops_foreign_byte_orders(order):
    kept = owned(np.array([1.0, -2.0], dtype=order + "f4"))
    assert kept.dtype.isnative
    assert kept.tolist() == [1.0, -2.0]


def test_read_only_shares_memory_and_refuses_writing():
    array = np.arange(4)
    seen = read_only(array)
    assert np.shares_memory(seen, array)
    with pytest.raises(ValueError):
        seen[0] = 1
    array[0] = 7  # the flag belongs to the view, not to the buffer
    assert seen[0] == 7


def test_read_only_keeps_strides():
    array = np.arange(6).reshape(2, 3)[:, ::-1]
    assert read_only(array).strides == array.strides
