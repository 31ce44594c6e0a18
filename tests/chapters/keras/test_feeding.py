"""Packing, arrays, lengths, weights, feeds, the held-out end."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minikeras import utils
from minikeras.core.dtypes import UnknownDTypeError
from minikeras.core.tensor import Tensor, convert
from minikeras.models.batches import (
    as_array,
    as_arrays,
    check_lengths,
    class_weights_to_sample_weights,
    standardize_weights,
    tensors_for_batch,
)
from minikeras.models.feeds import (
    ArrayFeed,
    IterableFeed,
    make_feed,
    train_validation_split,
)
from minikeras.utils import pack_x_y_sample_weight, unpack_x_y_sample_weight


@pytest.mark.parametrize(
    "parts", [(1, None, None), (1, 2, None), (1, 2, 3), ([1, 2], None, None)]
)
def test_packing_and_unpacking_are_inverse(parts):
    assert unpack_x_y_sample_weight(pack_x_y_sample_weight(*parts)) == parts


def test_four_items_are_no_batch():
    with pytest.raises(ValueError, match="4 items"):
        unpack_x_y_sample_weight((1, 2, 3, 4))


@pytest.mark.parametrize(
    "x, dtype",
    [
        (np.zeros(3), "float32"),
        (np.zeros(3, "float16"), "float32"),
        (np.zeros(3, "int64"), "int64"),
        (np.zeros(3, "uint8"), "uint8"),
        (np.zeros(3, bool), "bool"),
        (convert([1.0, 2.0]), "float32"),
    ],
)
def test_dtypes_of_arrays(x, dtype):
    assert as_array(x).dtype == dtype


def test_nests_keep_their_form():
    nest = {"a": [1, 2], "b": (np.zeros((2, 1)), [[1.0], [2.0]])}
    found = as_arrays(nest)
    assert list(found) == ["a", "b"] and isinstance(found["b"], tuple)
    assert [a.shape for a in (found["a"], *found["b"])] == [(2,), (2, 1), (2, 1)]
    assert as_arrays([np.float32(1), np.float32(2)]).shape == (2,)
    assert as_arrays(None) is None


@pytest.mark.parametrize("bad", [np.array(["a"]), np.array([None, 1]), ["a", "b"]])
def test_what_is_no_number(bad):
    with pytest.raises(UnknownDTypeError):
        as_arrays(bad)


def test_numbers_without_an_axis():
    with pytest.raises(ValueError, match="axis for the samples"):
        as_array(3.0)


def test_tensors_pass_untouched():
    batch = {"a": convert([1.0]), "b": convert([2])}
    assert tensors_for_batch(batch) is batch
    assert isinstance(tensors_for_batch([1, 2]), Tensor)


def test_lengths_name_all_sizes():
    x, y = np.zeros((4, 2)), np.zeros(3)
    with pytest.raises(ValueError, match="x: 4, y: 3"):
        check_lengths(x, y)
    with pytest.raises(ValueError, match="x: 4, 5"):
        check_lengths([x, np.zeros(5)])
    with pytest.raises(ValueError, match="no samples"):
        check_lengths(x[:0])
    assert check_lengths({"a": x, "b": x}, None, np.ones(4)) == 4


def test_class_weights():
    weights = {0: 5.0, 2: 0.5}
    for y in ([0, 1, 2], [[0], [1], [2]], np.eye(3)):
        assert class_weights_to_sample_weights(y, weights).tolist() == [5.0, 1.0, 0.5]
    for arguments in (([0], [1.0], {0: 1.0}), ([[0], [1]], None, {0: 1.0})):
        with pytest.raises(ValueError):
            standardize_weights(*arguments)


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(1, 70),
    batch=st.integers(1, 40),
    shuffle=st.sampled_from([False, True, "batch"]),
)
def test_every_row_once_with_its_label(n, batch, shuffle):
    rows = np.arange(n)
    feed = make_feed({"a": rows}, -rows, rows + 0.5, batch, shuffle=shuffle)
    seen = []
    for x, y, weight in feed:
        x, y, weight = np.asarray(x["a"]), np.asarray(y), np.asarray(weight)
        assert np.array_equal(x, -y) and np.array_equal(weight, x + 0.5)
        assert len(x) in (batch, n % batch, n)
        seen += x.tolist()
    assert sorted(seen) == list(range(n)) and feed.num_batches == -(-n // batch)
    assert shuffle or seen == list(range(n))


def test_batch_shuffle_stays_inside_batches():
    utils.set_random_seed(1)
    feed = make_feed(np.arange(64), batch_size=16, shuffle="batch")
    for number, x in enumerate(feed):
        x = np.asarray(x)
        assert sorted(x) == list(range(16 * number, 16 * number + 16))
        assert not np.array_equal(x, np.sort(x))


def test_the_seed_repeats_and_numpys_generator_does_not_matter():
    def orders():
        utils.set_random_seed(3)
        feed = ArrayFeed(np.arange(50), 50, 50, shuffle=True)
        found = []
        for _ in range(3):
            np.random.random()
            found += [np.asarray(x).tolist() for x in feed]
        return found

    first = orders()
    assert first == orders() and first[0] != first[1]


@pytest.mark.parametrize("batch_size", [0, -1, 2.5, "many"])
def test_bad_batch_sizes(batch_size):
    with pytest.raises(ValueError, match="batch_size"):
        make_feed(np.zeros(3), batch_size=batch_size)


def test_generators_and_lists_of_batches():
    def batches():
        yield np.zeros((2, 3)), [0, 1]

    feed = make_feed(batches())
    assert isinstance(feed, IterableFeed) and feed.num_batches is None
    ((x, y),) = feed
    assert x.dtype == "float32" and y.shape == (2,) and not list(feed)
    with pytest.raises(ValueError, match="generator"):
        make_feed(batches(), [0, 1])


def test_the_end_is_held_out():
    x, y = np.arange(10.0), np.arange(10)
    (x1, y1, w1), (x2, y2, _) = train_validation_split((x, y, None), 0.3)
    assert x1.tolist() == list(range(7)) and y2.tolist() == [7, 8, 9] and w1 is None
    for split in (0.0, 1.0, -0.5, 1.5, 0.99):
        with pytest.raises(ValueError):
            train_validation_split((x[:5], None, None), split)


# ---- tables ----------------------------------------------------------------------------


def test_frames_and_series():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1, 2], "b": [0.5, 1.5], "c": [True, False]})
    assert as_array(frame).tolist() == [[1.0, 0.5, 1.0], [2.0, 1.5, 0.0]]
    assert as_array(frame).dtype == "float32" and as_array(frame["a"]).shape == (2, 1)
    assert as_array(frame[["a"]]).dtype.kind == "i"
    with pytest.raises(UnknownDTypeError):
        as_array(pandas.DataFrame({"a": ["1", "2"], "b": [0.5, 1.5]}))


# ---- weights -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "y, sample_weight, class_weight",
    [
        (None, None, {0: 1.0}),
        (np.zeros(3), None, [1.0, 2.0]),
        ([np.zeros(3)], None, {0: 1.0}),
        (np.zeros(3), np.ones(3), {0: 1.0}),
        ([np.zeros(3)] * 2, [np.ones(3)], None),
        ({"a": np.zeros(3), "b": np.zeros(3)}, {"a": np.ones(3)}, None),
        ([np.zeros(3)] * 2, np.ones((3, 4)), None),
    ],
)
def test_weights_that_cannot_be_meant(y, sample_weight, class_weight):
    with pytest.raises(ValueError, match=r"class_weight|sample_weight"):
        standardize_weights(y, sample_weight, class_weight)


def test_one_array_of_weights_for_all_outputs():
    y = {"a": np.zeros(3), "b": [np.zeros((3, 2))]}
    weight = np.ones((3, 1))
    assert standardize_weights(y, weight, None) == {"a": weight, "b": [weight]}


# ---- sources -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "batches",
    [
        [(np.zeros((2, 3)), [0, 1]), (np.zeros((2, 3)),)],
        [(np.zeros((2, 3)), [0, 1]), (np.zeros((2, 3)), [0, 1], [1.0, 1.0])],
        [(np.zeros((2, 3)), [0, 1]), (np.zeros((2, 3, 1)), [0, 1])],
        [({"a": np.zeros(2)}, [0, 1]), ({"b": np.zeros(2)}, [0, 1])],
        [(np.zeros((2, 3)), [0, 1]), (np.zeros((2, 3)), None)],
    ],
)
def test_a_source_must_keep_its_form(batches):
    with pytest.raises(ValueError, match="batch 1"):
        list(make_feed(iter(batches)))


def test_sizes_may_change():
    feed = make_feed(iter([(np.zeros((2, 3)), [0, 1]), (np.zeros((1, 5)), [0])]))
    assert [x.shape for x, _ in feed] == [(2, 3), (1, 5)]


@pytest.mark.parametrize(
    "others", [{"y": [1]}, {"sample_weight": [1]}, {"class_weight": {}}]
)
def test_a_generator_comes_alone(others):
    with pytest.raises(ValueError, match="should not be passed"):
        make_feed(iter([(np.zeros((2, 3)),)]), **others)


@pytest.mark.parametrize("batch", [(), (1, 2, 3, 4), "text", [["a"]]])
def test_batches_that_are_none(batch):
    with pytest.raises((ValueError, TypeError)):
        list(make_feed(iter([batch])))


def test_a_split_needs_arrays():
    with pytest.raises(ValueError, match="only supported for arrays"):
        train_validation_split((iter([]), None, None), 0.2)


def test_float64_of_a_generator_becomes_floatx():
    ((x, _, weight),) = make_feed(iter([(np.zeros((2, 3)), [0, 1], np.ones(2))]))
    assert x.dtype == weight.dtype == "float32"
