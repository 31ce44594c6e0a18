"""Indexing against NumPy on random indices of every kind, with gradients."""

import numpy as np
import pytest
from hypothesis import strategies as st

from minikeras import GradientTape, ops
from minikeras.core.infer import eval_spec
from tests.core.test_ops import COUNTS, repeat, slope, weights
from tests.samples import integers, numbers, shapes


def an_item(data, n, advanced):
    "Something that indexes an axis of size n."
    kinds = ["int", "slice", "slice"] + (["list", "mask"] if advanced else [])
    kind = data.draw(st.sampled_from(kinds))
    if kind == "int" and n:
        return data.draw(st.integers(-n, n - 1))
    if kind == "list" and n:
        return integers(data, (3,), -n, n)
    if kind == "mask":
        return integers(data, (n,), 0, 2, "bool")
    bound = st.none() | st.integers(-n - 2, n + 2)
    step = data.draw(st.sampled_from([None, 1, 2, 3, -1, -2]))
    return slice(data.draw(bound), data.draw(bound), step)


def an_index(data, shape, advanced):
    "A tuple of items, with None and ... among them; at most one array."
    items, arrays = [], 0
    for n in shape[: data.draw(st.integers(0, len(shape)))]:
        item = an_item(data, n, advanced and not arrays)
        arrays += isinstance(item, np.ndarray)
        items.append(item)
    if len(items) < len(shape) and data.draw(st.booleans()):
        items.append(Ellipsis)
    for _ in range(data.draw(st.integers(0, 2))):
        items.insert(data.draw(st.integers(0, len(items))), None)
    if len(items) == 1 and data.draw(st.booleans()):
        return items[0]
    return tuple(items)


@pytest.mark.parametrize("advanced", [False, True], ids=["basic", "arrays"])
@pytest.mark.parametrize("count", [pytest.param(60, id="quick"), *COUNTS[1:]])
def test_index_as_numpy(count, advanced):
    def check(data):
        shape = shapes(data, (0, 4))
        a = numbers(data, shape)
        index = an_index(data, shape, advanced)
        x = ops.convert_to_tensor(a)
        z = x[index]
        np.testing.assert_array_equal(z.numpy(), a[index], err_msg=str(index))
        assert z.shape == a[index].shape

    repeat(count, check)


@pytest.mark.parametrize("advanced", [False, True], ids=["basic", "arrays"])
def test_gradient_of_index(advanced):
    def check(data):
        shape = shapes(data, (1, 4))
        a = numbers(data, shape)
        index = an_index(data, shape, advanced)
        x = ops.convert_to_tensor(a)
        with GradientTape() as tape:
            tape.watch(x)
            z = x[index]
        seed = weights(z.shape, 0.0)
        g = tape.gradient(z, x, output_gradients=ops.convert_to_tensor(seed))
        direction = np.cos(np.arange(a.size)).reshape(shape)
        expected = slope(lambda v: float((v[index] * seed).sum()), a, direction)
        found = 0.0 if g is None else float((g.numpy() * direction).sum())
        assert found == pytest.approx(expected, rel=1e-6, abs=1e-8)

    repeat(40, check)


def test_spec_of_index():
    def check(data):
        shape = shapes(data, (1, 4))
        a = numbers(data, shape)
        index = an_index(data, shape, advanced=False)
        x = ops.convert_to_tensor(a)
        assert eval_spec(lambda v: v[index], x) == x[index].spec

    repeat(40, check)


@pytest.mark.parametrize(
    "index",
    [
        lambda a: (np.array([0, 2]), np.array([1, 3])),
        lambda a: (np.array([[0], [2]]), np.array([1, 3])),
        lambda a: (np.array([0, 2]), slice(None), np.array([1, 0])),
        lambda a: (slice(None), np.array([0, 1]), np.array([1, 0])),
        lambda a: (np.array([0, 2]), None, np.array([1, 3])),
        lambda a: (0, slice(None), np.array([1, 0])),
        lambda a: (np.array([1, 0]), 2),
        lambda a: (Ellipsis, np.array([[1, 0], [0, 1]])),
        lambda a: a > 0,
        lambda a: (a > 0)[..., 0],
        lambda a: ((a > 0)[:, 0, 0], 1),
        lambda a: [0, 2],
        lambda a: ([0, 2], [1, 1]),
        lambda a: np.int64(1),
        lambda a: (np.int32(1), np.uint8(2)),
        lambda a: np.array(1),
        lambda a: np.zeros((0,), int),
        lambda a: ops.convert_to_tensor([2, 0]),
        lambda a: (ops.convert_to_tensor(1), slice(0, 2)),
    ],
)
def test_several_arrays_as_numpy(index):
    a = np.sin(np.arange(24.0)).reshape(3, 4, 2)
    index = index(a)
    plain = index
    if isinstance(index, tuple):
        plain = tuple(i.numpy() if hasattr(i, "spec") else i for i in index)
    elif hasattr(index, "spec"):
        plain = index.numpy()
    found = ops.convert_to_tensor(a)[index]
    np.testing.assert_array_equal(found.numpy(), a[plain])


def test_iteration_and_membership_of_axes():
    x = ops.convert_to_tensor(np.arange(6.0).reshape(3, 2))
    assert [row.numpy().tolist() for row in x] == [[0, 1], [2, 3], [4, 5]]
    a, b, c = x
    assert len(x) == 3 and c.shape == (2,) and float(a[1] + b[0]) == 3.0
