"""The vjp column: special points, adjoint pairs, products with zeros, what is None."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minikeras.core.eager  # noqa: F401  (NumPy answers the door)
import minikeras.core.table as table
from minikeras.core.gradients import (
    NO_GRADIENT,
    choose,
    constant,
    inverse,
    recurrence,
    vjp,
    zeros_like,
)
from minikeras.core.table import OPS, Op
from minikeras.core.tensor import convert


def share(op, g, *inputs, which=0, **attributes):
    "What the rule says about one input."
    inputs = [convert(x) for x in inputs]
    rules = vjp[op]
    z = op(*inputs, **attributes)
    if isinstance(rules, tuple):
        found = rules[which](convert(g), z, *inputs, **attributes)
    else:
        found = rules(convert(g), z, *inputs, **attributes)[which]
    return found.numpy()


def test_the_column_is_full():
    assert not [op for op in OPS.values() if op not in vjp]
    assert all(vjp[op] is None for op in NO_GRADIENT)


def test_a_missing_rule_names_the_column():
    with pytest.raises(NotImplementedError, match=r"vjp\[unknown\] = .*gradients.py"):
        vjp[Op("unknown", listed=False)]


@pytest.mark.parametrize("op", [table.maximum, table.minimum], ids=str)
def test_the_first_operand_gets_a_tie(op):
    x, g = np.array([1.0, 1.0]), np.array([3.0, 5.0])
    assert np.array_equal(share(op, g, x, x), g)
    assert np.array_equal(share(op, g, x, x, which=1), [0.0, 0.0])


@given(st.lists(st.sampled_from([1.0, 2.0, 3.0]), min_size=1, max_size=8))
@settings(max_examples=40, deadline=None)
def test_ties_of_a_reduction_share_everything(values):
    x = np.array(values)
    for op, extreme in ((table.reduce_max, x.max()), (table.reduce_min, x.min())):
        got = share(op, np.float64(6.0), x, axis=0, keepdims=False)
        assert np.allclose(got, np.where(x == extreme, 6.0 / np.sum(x == extreme), 0.0))


def test_square_root_at_zero():
    got = share(table.sqrt, np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, 4.0]))
    assert np.array_equal(got, [np.inf, 0.0, 0.0])


def test_power_at_its_corners():
    one = np.ones(3)
    base = share(table.power, one, np.zeros(3), np.array([0.0, 1.0, 2.0]))
    assert np.array_equal(base, [0.0, 1.0, 0.0])
    exponent = share(
        table.power, one, np.array([0.0, -2.0, 1.0]), np.array([2.0, 2.0, 2.0]), which=1
    )
    assert np.array_equal(exponent, [0.0, 0.0, 0.0])


@given(st.lists(st.sampled_from([0.0, 1.0, -2.0, 3.0]), min_size=1, max_size=9))
@settings(max_examples=60, deadline=None)
def test_products_with_zeros(values):
    "The true derivative, wherever zeros stand."
    x = np.array(values)
    n = len(x)
    g = np.cos(1.0 + np.arange(n))
    others = [np.prod(np.delete(x, i)) for i in range(n)]
    got = share(table.reduce_prod, np.float64(1.0), x, axis=0, keepdims=False)
    assert np.allclose(got, others)
    running = [
        sum(g[j] * np.prod(np.delete(x[: j + 1], i)) for j in range(i, n))
        for i in range(n)
    ]
    assert np.allclose(share(table.cumprod, g, x, axis=0), running)


def test_product_over_several_axes_empty_and_scalar():
    x = np.arange(1.0, 13.0).reshape(2, 3, 2)
    got = share(table.reduce_prod, np.ones(3), x, axis=(0, 2), keepdims=False)
    assert np.allclose(got, x.prod(axis=(0, 2))[:, None] / x)
    for shape, axis in (((0, 3), 1), ((0, 3), None), ((), None), ((2, 0), 0)):
        x = np.ones(shape)
        g = np.ones(np.prod(x, axis=axis).shape)
        got = share(table.reduce_prod, g, x, axis=axis, keepdims=False)
        assert got.shape == shape


def test_the_recurrence_is_the_loop():
    a, b = np.array([0.5, 2.0, 0.0, 3.0, 0.0]), np.arange(5.0)
    r = np.zeros(6)
    for i in reversed(range(5)):
        r[i] = b[i] + a[i] * r[i + 1]
    assert np.allclose(recurrence(convert(a), convert(b), 0).numpy(), r[:5])


ADJOINT = [
    (table.broadcast_to, (2, 1), {"shape": (3, 2, 4)}),
    (table.transpose, (2, 3, 4), {"axes": (2, 0, 1)}),
    (table.transpose, (2, 3, 4), {"axes": (-1, 0, -2)}),
    (table.reshape, (2, 6), {"shape": (3, 4)}),
    (table.pad, (2, 3), {"widths": ((1, 0), (0, 2)), "value": 0.0}),
    (table.pad, (0, 3), {"widths": ((1, 2), (0, 0)), "value": 0.0}),
    (table.strided_slice, (5, 3), {"index": ((None, None, -2),)}),
    (table.strided_slice, (5, 3), {"index": ((4, 0, -1), (1, 2, 1))}),
    (table.cumsum, (3, 4), {"axis": -1}),
    (table.reduce_sum, (3, 4), {"axis": (0,), "keepdims": False}),
]


@pytest.mark.parametrize("op, shape, attributes", ADJOINT, ids=lambda x: str(x))
def test_linear_rules_are_transposes(op, shape, attributes):
    "<A x, y> = <x, A' y>, exactly what a vjp of a linear operation is."
    rng = np.random.default_rng(3)
    x = rng.normal(size=shape)
    y = rng.normal(size=op(convert(x), **attributes).shape)
    left = np.sum(op(convert(x), **attributes).numpy() * y)
    assert np.isclose(left, np.sum(x * share(op, y, x, **attributes)))


def test_gather_adds_repeats():
    x, index = np.zeros((3, 2)), np.array([0, 2, 0, -3], "int32")
    got = share(table.gather, np.ones((4, 2)), x, index, axis=0)
    assert np.array_equal(got, [[3.0, 3.0], [0.0, 0.0], [1.0, 1.0]])


def test_casting_back_and_not_from_integers():
    x = convert(np.ones(2, "float16"))
    [back] = [
        rule(convert(np.ones(2)), table.cast(x, dtype="float64"), x, dtype="float64")
        for rule in vjp[table.cast]
    ]
    assert back.dtype == "float16"
    whole = table.cast(x, dtype="int32")
    assert vjp[table.cast][0](convert(np.ones(2)), whole, x, dtype="int32") is None


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_shares_keep_the_dtype(dtype):
    x = table.cast(convert([0.25, 0.5]), dtype=dtype)
    for op in (table.tanh, table.sqrt, table.erf, table.sigmoid, table.absolute):
        z = op(x)
        assert vjp[op][0](z, z, x).dtype == dtype
    for rule in vjp[table.power] + vjp[table.maximum]:
        assert rule(x, table.power(x, x), x, x).dtype == dtype


def test_helpers():
    assert inverse((2, 0, 1)) == (1, 2, 0)
    assert constant(0, "float32") is constant(0, "float32")
    assert zeros_like(convert(np.ones((0, 2)))).shape == (0, 2)
    condition = convert([True, False])
    assert choose(condition, convert(1.0), convert(2.0)).numpy().tolist() == [1.0, 2.0]
