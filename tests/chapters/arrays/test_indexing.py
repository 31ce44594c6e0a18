"""NumPy's index language, item by item and at random."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import (
    array_shapes,
    arrays,
    basic_indices,
    integer_array_indices,
)

from minikeras.core.door import here
from minikeras.core.errors import (
    ArgumentError,
    DTypeError,
    IndexRangeError,
    Report,
    ShapeError,
)
from minikeras.core.indexing import expand_index, get_item, standardize_item
from minikeras.core.infer import eval_spec
from minikeras.core.specs import TensorSpec
from minikeras.core.tensor import Tensor, Value, convert

SHAPES = array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=4)


def numbered(shape):
    return np.arange(np.prod(shape), dtype="int32").reshape(shape)


def agree(array, index):
    """Both give the same numbers in the same shape, or both an error."""
    try:
        wanted = array[index]
    except IndexError:
        with pytest.raises((IndexError, ShapeError)):
            convert(array)[index]
        return
    np.testing.assert_array_equal(convert(array)[index], wanted)


@given(st.data())
def test_basic_indices(data):
    shape = data.draw(SHAPES)
    index = data.draw(basic_indices(shape, allow_newaxis=True))
    agree(numbered(shape), index)


@given(st.data())
def test_integer_arrays(data):
    shape = data.draw(array_shapes(min_dims=1, max_dims=3))
    index = data.draw(
        integer_array_indices(shape, result_shape=array_shapes(max_dims=2))
    )
    agree(numbered(shape), index)


@given(st.data())
def test_mixed_items(data):
    shape = data.draw(array_shapes(min_dims=1, max_dims=4, max_side=3))

    def item(size):
        place = st.integers(-size - (size == 1), size - 1)
        ends = st.one_of(st.none(), place)
        step = st.sampled_from([None, 1, 2, -1, -2])
        lists = st.lists(place, min_size=2, max_size=2)
        masks = arrays(bool, size)
        return st.one_of(place, st.builds(slice, ends, ends, step), lists, masks)

    items = [data.draw(item(size)) for size in shape]
    items = items[: data.draw(st.integers(0, len(items)))]
    for _ in range(data.draw(st.integers(0, 2))):
        items.insert(data.draw(st.integers(0, len(items))), None)
    agree(numbered(shape), tuple(items))


@pytest.mark.parametrize("ndim", [1, 2, 3])
def test_masks(ndim):
    array = numbered((3, 2, 4))
    mask = numbered(array.shape[:ndim]) % 3 == 1
    agree(array, mask)
    agree(array, (mask, *[0] * (3 - ndim)))
    agree(array, (Ellipsis, numbered((4,)) > 1))


X = numbered((3, 4, 5))
CASES = {
    "front": (0, slice(None), [1, 2]),
    "stay": (slice(None), 0, [1, 2]),
    "none between": ([0, 1], None, [1, 2]),
    "dots between": ([0, 1], ..., [1, 2]),
    "mask apart": ([True, False, True], slice(None), [1, 2]),
    "table": ([[0], [1]], [0, 1, 2]),
    "0-d": (np.array(1), [0, 1]),
    "negative": ([-1, -3],),
    "empty": ([],),
    "empty table": (np.zeros((0, 2), int),),
    "nothing": (),
    "dots": ...,
    "new": None,
    "new twice": (None, ..., None),
    "uint8": np.uint8([1, 2]),
    "number": np.int64(2),
    "bools": [False, True, True],
}


@pytest.mark.parametrize("index", CASES.values(), ids=CASES)
def test_cases(index):
    agree(X, index)


def test_tensors_as_items():
    x = convert(X)
    np.testing.assert_array_equal(x[convert(1)], X[1])
    np.testing.assert_array_equal(x[convert([2, 0]), convert(1) :], X[[2, 0], 1:])
    np.testing.assert_array_equal(x[x % 2 == 0], X[X % 2 == 0])
    np.testing.assert_array_equal(x[:, convert([0, 1, 0, 1]) == 1], X[:, [1, 3]])


def test_a_value_in_front_of_another_may_index():
    class Variable(Value):
        def _as_value(self):
            return convert([2, 0])

        @property
        def spec(self):
            return self._as_value().spec

    np.testing.assert_array_equal(convert(X)[Variable()], X[[2, 0]])


OUT_OF_RANGE = [
    3,
    -4,
    (0, 4),
    (..., 5),
    [0, 3],
    ([0], [0, -5]),
    (0,) * 4,
    [True, False],
    np.ones((3, 5), bool),
    ([0], ..., [0], 5),
]


@pytest.mark.parametrize("index", OUT_OF_RANGE, ids=str)
def test_out_of_range(index):
    with pytest.raises(IndexRangeError) as caught:
        convert(X)[index]
    assert (
        isinstance(caught.value, IndexError) and "test_indexing.py" in caught.value.at
    )
    with pytest.raises(IndexError):
        X[index]


@pytest.mark.parametrize(
    "index", [1.0, "a", [0.5], 1j, {0}, slice(0.5), slice("a"), [None]]
)
def test_what_is_no_index(index):
    with pytest.raises(DTypeError) as caught:
        convert(X)[index]
    assert caught.value.op == "index"


@pytest.mark.parametrize(
    "index", [(..., 0, ...), True, np.bool_(False), slice(0, 1, 0)]
)
def test_indices_that_make_no_sense(index):
    with pytest.raises(ArgumentError):
        convert(X)[index]


def test_the_error_gives_the_range():
    with pytest.raises(
        IndexRangeError, match="index 4 is out of range for axis 1 of size 4"
    ):
        convert(X)[:, 4]
    with pytest.raises(IndexRangeError) as caught:
        convert(X)[[[0, 1], [2, 9]]]
    assert caught.value.got == "index 9 at position [1, 1]"


def test_at_most_four_operations():
    seen = []

    class Watcher:
        def saw(self, op, *_):
            seen.append(op.name)

    here.level.watchers.append(Watcher())
    try:
        x = convert(X)
        x[...], x[:], x[()]
        assert seen == []
        x[1, ::2, [0, 3]]
    finally:
        here.level.watchers.pop()
    assert seen == ["strided_slice", "reshape", "transpose", "gather"]


def test_slices_are_views():
    x = convert(X)
    assert np.shares_memory(x[1:, ::-1], x) and not np.shares_memory(x[[1, 2]], x)


SPECS = [
    ((None, 20, 64), (slice(None), -1), "f32[?,64]"),
    ((None, 5), 0, "f32[5]"),
    ((None, None, 3), (..., 0), "f32[?,?]"),
    ((None, 4), (slice(None), [0, 2, 2]), "f32[?,3]"),
    ((5, None), (None, slice(0, 2)), "f32[1,2,?]"),
    ((None, 6), ([0, 1], slice(None, None, 2)), "f32[2,3]"),
]


@pytest.mark.parametrize("shape, index, wanted", SPECS)
def test_on_specs(shape, index, wanted):
    result = eval_spec(lambda x: x[index], TensorSpec(shape))
    assert str(result) == wanted


def test_symbols_as_items():
    def function(x, i, mask):
        return [x[i], x[:, i], x[mask], x[i, 0]]

    specs = TensorSpec((7, 5)), TensorSpec((), "int32"), TensorSpec((7,), "bool")
    shapes = [str(s) for s in eval_spec(function, *specs)]
    assert shapes == ["f32[5]", "f32[7]", "f32[?,5]", "f32[]"]


def test_length_and_iteration():
    x = convert(X)
    assert len(x) == 3 and [row.shape for row in x] == [(4, 5)] * 3
    a, b = convert([1, 2])
    assert int(a + b) == 3 and [*convert(np.zeros((0, 2)))] == []
    assert 59 in x and 60 not in x
    for ask in (len, list):
        with pytest.raises(DTypeError, match="no length"):
            ask(convert(1))
    with pytest.raises(DTypeError, match="not known"):
        eval_spec(list, TensorSpec((None, 2)))


def test_nothing_can_be_put_in():
    x = convert([1, 2])
    with pytest.raises(DTypeError, match="never changes"):
        x[0] = 3
    assert x.numpy().tolist() == [1, 2]


def test_the_steps():
    assert expand_index((0, ..., None), 3) == (0, slice(None), slice(None), None)
    assert standardize_item(np.int8(3)) == 3 and standardize_item(convert(3)) == 3
    assert standardize_item([]).dtype == "int32"
    assert isinstance(get_item(convert(X), 0), Tensor)
    with pytest.raises(Report):
        expand_index((0, 0), 1)
