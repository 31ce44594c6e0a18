"""PyDataset, and the pool that is ordered, bounded and ended."""

import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from minikeras import utils
from minikeras.models.feeds import make_feed
from minikeras.models.workers import PyDatasetFeed, ahead


class Numbers(utils.PyDataset):
    "Batch i is two rows of i; the first takes longest."

    def __init__(self, n=6, fails=None, **options):
        super().__init__(**options)
        self.n, self.fails, self.heard = n, fails, []

    @property
    def num_batches(self):
        return self.n

    def __getitem__(self, index):
        if self.fails is not None and index == self.fails.args[0]:
            raise self.fails
        time.sleep(0.02 if index == 0 else 0.001)
        return np.full((2, 1), index), [index, index]

    def on_epoch_begin(self):
        self.heard.append("begin")

    def on_epoch_end(self):
        self.heard.append("end")


class Endless(Numbers):
    def __init__(self, **options):
        super().__init__(None, **options)


def numbers(batches):
    return [int(np.asarray(batch[0])[0, 0]) for batch in batches]


WAYS = [
    {"workers": 0},
    {"workers": 1},
    {"workers": 3},
    {"workers": 2, "max_queue_size": 1},
    {"workers": 2, "max_queue_size": 0},
]


@pytest.mark.parametrize("options", WAYS, ids=str)
def test_in_order_and_all_threads_end(options):
    before = threading.active_count()
    feed = make_feed(Numbers(**options))
    assert isinstance(feed, PyDatasetFeed) and feed.num_batches == 6
    for _ in range(2):
        assert numbers(feed) == list(range(6))
    assert threading.active_count() == before


def test_processes():
    feed = make_feed(Numbers(3, workers=2, use_multiprocessing=True))
    assert numbers(feed) == [0, 1, 2]
    failing = Numbers(4, fails=OSError(2), workers=1, use_multiprocessing=True)
    got = []
    with pytest.raises(OSError, match="2"):
        for batch in make_feed(failing):
            got.append(batch)
    assert numbers(got) == [0, 1]


@pytest.mark.parametrize("options", WAYS, ids=str)
def test_the_exception_of_a_worker_is_the_same_object(options):
    error, before, got = KeyError(3), threading.active_count(), []
    with pytest.raises(KeyError) as caught:
        for batch in make_feed(Numbers(fails=error, **options)):
            got.append(batch)
    assert caught.value is error and numbers(got) == [0, 1, 2]
    assert threading.active_count() == before


@pytest.mark.parametrize("options", WAYS, ids=str)
def test_an_early_end_ends_the_threads(options):
    before = threading.active_count()
    batches = iter(make_feed(Endless(**options)))
    assert numbers([next(batches), next(batches)]) == [0, 1]
    batches.close()
    assert threading.active_count() == before


def test_no_more_than_room_are_ahead():
    fetched = []

    def fetch(index):
        fetched.append(index)
        return index

    for index in ahead(ThreadPoolExecutor(4), fetch, range(30), 5):
        time.sleep(0.001)
        assert len(fetched) - index <= 5


def test_shuffled_by_number_and_repeatable():
    dataset = Numbers(12, workers=2)
    found = []
    for _ in range(2):
        utils.set_random_seed(5)
        feed = make_feed(dataset, shuffle=True)
        found.append([numbers(feed), numbers(feed)])
    (first, second), again = found
    assert again == [first, second] and first != second
    assert sorted(first) == sorted(second) == list(range(12))


def test_class_weight_becomes_sample_weight():
    (_, _, weight), *_ = make_feed(Numbers(2), class_weight={0: 3.0})
    assert np.asarray(weight).tolist() == [3.0, 3.0]


class Fixed(utils.PyDataset):
    def __init__(self, batch):
        super().__init__()
        self.batch = batch

    def __len__(self):
        return 1

    def __getitem__(self, index):
        return self.batch


X, Y = np.zeros((2, 3)), np.zeros(2)


@pytest.mark.parametrize(
    "batch, parts",
    [(X, 1), ((X,), 1), ([X, Y], 2), ((X, Y, Y), 3), ({"a": X}, None)],
)
def test_forms_of_a_batch(batch, parts):
    (found,) = make_feed(Fixed(batch))
    assert isinstance(found, dict) if parts is None else len(found) == parts


@pytest.mark.parametrize("batch", ["text", (), (X, Y, Y, Y), 3, None])
def test_what_is_no_batch(batch):
    with pytest.raises(ValueError, match="Fixed: __getitem__"):
        list(make_feed(Fixed(batch)))


def test_both_kinds_of_weight():
    with pytest.raises(ValueError, match="class_weight"):
        list(make_feed(Fixed((X, Y, Y)), class_weight={0: 1.0}))


@pytest.mark.parametrize("name", ["y", "sample_weight"])
def test_it_comes_alone(name):
    with pytest.raises(ValueError, match=f"`{name}` should not be passed"):
        make_feed(Numbers(), **{name: Y})


def test_settings_without_super():
    class Forgetful(utils.PyDataset):
        def __init__(self):
            pass

    with pytest.warns(UserWarning, match="super"):
        assert Forgetful().workers == 1
    dataset = Forgetful()
    dataset.max_queue_size = 3
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert dataset.max_queue_size == 3


def test_what_a_subclass_must_write():
    dataset = utils.PyDataset()
    for ask in (lambda: dataset[0], lambda: dataset.num_batches):
        with pytest.raises(NotImplementedError, match="PyDataset"):
            ask()
    batches = iter(Endless())
    assert numbers([next(batches), next(batches)]) == [0, 1]
    assert utils.Sequence is utils.PyDataset
