"""Small tools: labels, norms, padding, splits, settings, sources."""

import numpy as np
import pytest

from minikeras import ops, utils
from minikeras.core.errors import Report
from minikeras.layers import Dense, Input
from minikeras.models import Sequential

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(), (5,), (5, 1), (2, 3), (2, 3, 1), (0,)])
def test_categorical_rows_are_rows_of_the_identity(shape):
    labels = RNG.integers(0, 4, shape)
    expected = np.eye(4)[labels[..., 0] if shape[1:] and shape[-1] == 1 else labels]
    found = utils.to_categorical(labels, 4)
    assert found.dtype == "float64" and (found == expected).all()
    tensor = utils.to_categorical(ops.convert_to_tensor(labels), 4)
    assert ops.is_tensor(tensor) and tensor.dtype == "float32"
    assert (tensor.numpy() == expected).all()


@pytest.mark.parametrize("wrap", [np.array, ops.convert_to_tensor])
@pytest.mark.parametrize("label", [-1, 3, 10**9])
def test_a_label_out_of_range_is_named_with_its_place(wrap, label):
    with pytest.raises(IndexError, match=rf"{label} at position \[1, 0\]"):
        utils.to_categorical(wrap([[0, 1], [label, 2]]), 3)


def test_normalize_divides_along_its_axis_and_leaves_zeros():
    x = RNG.normal(size=(3, 4, 5))
    x[0] = 0
    for axis in (0, 1, -1):
        for order in (1, 2, 3, np.inf):
            found = np.linalg.norm(utils.normalize(x, axis, order), order, axis)
            assert np.allclose(found[found > 0], 1)
    assert (utils.normalize(x)[0] == 0).all()
    assert ops.is_tensor(utils.normalize([[3.0, 4.0]]))


@pytest.mark.parametrize("padding", ["pre", "post"])
@pytest.mark.parametrize("truncating", ["pre", "post"])
def test_padding_by_hand(padding, truncating):
    sequences = [list(range(1, n + 1)) for n in (0, 2, 5, 3)]
    found = utils.pad_sequences(sequences, 3, "int64", padding, truncating, -7)
    for row, sequence in zip(found.tolist(), sequences, strict=True):
        kept = sequence[-3:] if truncating == "pre" else sequence[:3]
        fill = [-7] * (3 - len(kept))
        assert row == (fill + kept if padding == "pre" else kept + fill)
    assert utils.pad_sequences([[1, 2]], maxlen=0).shape == (1, 0)


def test_splits_hold_every_sample_once():
    x, y = np.arange(20), RNG.normal(size=(20, 3))
    left, right = utils.split_dataset((x, y), right_size=0.25, shuffle=True, seed=3)
    assert (len(left), len(right), right.cardinality()) == (15, 5, 5)
    seen = [int(a) for part in (left, right) for a, _ in part]
    assert sorted(seen) == list(range(20)) and seen != list(range(20))
    for a, b in right:
        assert np.allclose(b, y[int(a)])
    assert [int(a) for a, _ in left] == seen[:15]  # again, from the start
    again, _ = utils.split_dataset((x, y), 15, shuffle=True, seed=3)
    assert [int(a) for a, _ in again] == seen[:15]


def test_a_seed_leaves_the_global_generator_alone():
    import random

    random.seed(5)
    expected = random.random()
    random.seed(5)
    utils.split_dataset(np.arange(9), 4, shuffle=True, seed=1)
    assert random.random() == expected


def test_a_split_gives_batches_that_fit_takes():
    x = RNG.normal(size=(10, 2)).astype("float32")
    left, _ = utils.split_dataset((x, x[:, :1]), left_size=7)
    sizes = [len(batch[0]) for batch in left.batch(3)]
    assert sizes == [3, 3, 1] and len(left.batch(3, drop_remainder=True)) == 2
    model = Sequential([Dense(1)])
    model.compile("sgd", "mse")
    assert len(model.fit(left.batch(3), epochs=2, verbose=0).history["loss"]) == 2


def test_config_is_a_dict_with_attributes_that_can_be_frozen():
    config = utils.Config(b=1)
    config.a, config["c"] = 2, 3
    assert list(config) == ["a", "b", "c"] and dict(config) == config.as_dict()
    config.freeze()
    before = config.as_dict()
    for change in (lambda: config.update(d=1), lambda: setattr(config, "a", 5)):
        with pytest.raises(ValueError, match="frozen"):
            change()
    assert config.as_dict() == before
    with pytest.raises(AttributeError, match="Did you mean 'learning_rate'"):
        getattr(utils.Config(learning_rate=1), "learning_rte")  # noqa: B009


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("data_format", [None, "channels_last", "channels_first"])
def test_pictures_and_back(channels, data_format):
    pytest.importorskip("PIL")
    x = RNG.integers(0, 256, (5, 4, channels)).astype("float32")
    x.flat[:2] = 0, 255
    given = x.transpose(2, 0, 1) if data_format == "channels_first" else x
    picture = utils.array_to_img(given, data_format)
    assert picture.size == (4, 5)
    found = utils.img_to_array(picture, data_format)
    assert found.dtype == "float32" and (found == given).all()
    plain = utils.img_to_array(utils.array_to_img(given / 2, data_format, scale=False))
    assert (plain == (x / 2).astype("uint8")).all()


@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 3, 5), (1, 2, 3, 3)])
def test_what_is_no_picture(shape):
    with pytest.raises(ValueError, match="array_to_img"):
        utils.array_to_img(np.zeros(shape))
    with pytest.raises(ValueError, match="data_format"):
        utils.img_to_array(np.zeros((2, 3)), data_format="first")


def test_sources_are_found_once_and_in_order():
    a, b, c = (Input((2,), name=name) for name in "abc")
    y = Dense(2)(a + b) + a
    assert [x.name for x in utils.get_source_inputs(y)] == ["a", "b"]
    assert utils.get_source_inputs(c)[0] is c
    assert utils.get_source_inputs(3) == 3


LABELS, X = np.array([0, 2, 1]), np.arange(12.0).reshape(3, 4)
STRANGE = ["text", object(), 1.5, -1, [1, "a"], {"a": 1}, (), float("nan"), 1j, [[]]]
CALLS = {
    "to_categorical": [LABELS, 3],
    "normalize": [X, -1, 2],
    "pad_sequences": [[[1], [2, 3]], 2, "int32", "pre", "post", 0.0],
    "img_to_array": [X, "channels_last", "float32"],
    "array_to_img": [X[..., None], "channels_last", True, "float32"],
    "split_dataset": [X, 0.5, 0.25, True, 1],
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("strange", STRANGE, ids=lambda x: str(x)[:7])
def test_spoiled_calls_give_results_or_our_errors(name, strange):
    function = getattr(utils, name)
    for place in range(len(CALLS[name])):
        args = list(CALLS[name])
        args[place] = strange
        try:
            function(*args)
        except Report as error:
            assert any(word in str(error) for word in (name, "dtype", "normalize"))
    with pytest.raises(TypeError):
        function(*CALLS[name], no_such_argument=1)
