"""Prices on weights and laws for them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from minikeras import constraints, ops, regularizers
from minikeras.core.tape import GradientTape
from minikeras.core.variable import Variable
from minikeras.saving import register_keras_serializable

WEIGHTS = arrays("float64", (4, 3), elements=st.floats(-5, 5, allow_subnormal=False))
PRICES = [name for name in regularizers.__all__ if name[0].isupper()]
LAWS = [name for name in constraints.__all__ if name[0].isupper()]
PRICES.remove("Regularizer")


@given(WEIGHTS)
def test_prices_are_their_formulas(w):
    close = lambda x, y: np.testing.assert_allclose(x.numpy(), y, rtol=1e-6, atol=1e-9)
    close(regularizers.L1(0.5)(w), 0.5 * np.abs(w).sum())
    close(regularizers.L2(0.5)(w), 0.5 * (w * w).sum())
    close(regularizers.L1L2(0.5, 0.25)(w), 0.5 * np.abs(w).sum() + 0.25 * (w * w).sum())
    assert float(regularizers.L1L2()(w)) == 0


@given(WEIGHTS)
def test_slopes(w):
    v = Variable(w)
    with GradientTape(persistent=True) as tape:
        one, two = regularizers.L1(0.5)(v), regularizers.L2(0.25)(v)
    np.testing.assert_allclose(tape.gradient(one, v).numpy(), 0.5 * np.sign(w))
    np.testing.assert_allclose(tape.gradient(two, v).numpy(), 0.5 * w)


def test_orthogonal_price():
    q = np.linalg.qr(np.random.RandomState(0).normal(size=(5, 3)))[0]
    for mode, x in (("columns", q), ("rows", q.T)):
        assert abs(float(regularizers.OrthogonalRegularizer(1.0, mode)(7 * x))) < 1e-6
    same = np.ones((4, 3))
    assert float(regularizers.OrthogonalRegularizer(0.5)(same)) == pytest.approx(0.5)
    x = np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 2.0]])
    cosines = (math.sqrt(0.5) + 0 + math.sqrt(0.5)) / 3
    assert float(regularizers.OrthogonalRegularizer(1.0)(x)) == pytest.approx(cosines)


@given(WEIGHTS)
def test_laws_hold(w):
    small = 1e-5
    lengths = lambda x, axis=0: np.linalg.norm(x.numpy(), axis=axis)
    assert (lengths(constraints.MaxNorm(2.0)(w)) <= 2 + small).all()
    assert (constraints.NonNeg()(w).numpy() >= 0).all()
    unit = lengths(constraints.UnitNorm(axis=1)(w), 1)
    real = np.linalg.norm(w, axis=1) > 0.01
    np.testing.assert_allclose(unit[real], 1, atol=1e-4)
    held = lengths(constraints.MinMaxNorm(0.5, 2.0)(w))
    real = np.linalg.norm(w, axis=0) > 0.01
    assert ((held[real] > 0.499) & (held[real] < 2 + small)).all()
    for law in (constraints.MaxNorm(2.0), constraints.NonNeg()):  # once is enough
        once = law(w)
        np.testing.assert_allclose(law(once).numpy(), once.numpy(), atol=1e-5)
    inside = w / np.maximum(np.linalg.norm(w, axis=0), 1.0)
    np.testing.assert_allclose(
        constraints.MaxNorm(1.01)(inside).numpy(), inside, atol=1e-6
    )


def test_zero_vectors_stay():
    zeros = ops.zeros((3, 2))
    for name in LAWS:
        assert not getattr(constraints, name)()(zeros).numpy().any()
    for name in PRICES:
        assert float(getattr(regularizers, name)()(zeros)) == 0


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_dtypes_are_kept(dtype):
    w = ops.cast([[1.0, -2.0], [0.5, 3.0]], dtype)
    for name in PRICES[:3]:
        price = getattr(regularizers, name)(0.5)(w)
        assert price.dtype == dtype and price.shape == ()
    for name in LAWS:
        assert getattr(constraints, name)()(w).dtype == dtype


@pytest.mark.parametrize("room, names", [(regularizers, PRICES), (constraints, LAWS)])
def test_names_configs_and_files(room, names):
    for name in names:
        cls = getattr(room, name)
        thing = cls()
        for again in (
            room.get(name),
            room.get(cls),
            room.get(room.serialize(thing)),
            room.deserialize(room.serialize(thing)),
            cls.from_config(thing.get_config()),
        ):
            assert type(again) is cls and again.get_config() == thing.get_config()
        assert room.get(thing) is thing
    assert room.get(None) is None and room.get(abs) is abs
    for wrong in ("typo", 3, {"a": 1}, {"class_name": "typo", "config": {}}):
        with pytest.raises(ValueError):
            room.get(wrong)


def test_ones_own():
    @register_keras_serializable("tests")
    class Cubes(regularizers.Regularizer):
        def __call__(self, x):
            return ops.sum(ops.abs(x) ** 3)

        def get_config(self):
            return {}

    kept = regularizers.serialize(Cubes())
    assert kept["registered_name"] == "tests>Cubes"
    assert float(regularizers.get(kept)(np.array([2.0]))) == 8
    with pytest.raises(NotImplementedError, match="get_config"):
        regularizers.Regularizer().get_config()


@pytest.mark.parametrize("value", [-1, "a", math.inf, math.nan, [0.1], (1,)])
@pytest.mark.parametrize("name", ["L1", "L2", "L1L2", "OrthogonalRegularizer"])
def test_odd_prices_are_refused(name, value):
    with pytest.raises(ValueError, match="non-negative float"):
        getattr(regularizers, name)(value)


def test_odd_shapes_and_modes():
    with pytest.raises(ValueError, match="mode"):
        regularizers.OrthogonalRegularizer(mode="diagonals")
    with pytest.raises(ValueError, match="rank 2"):
        regularizers.OrthogonalRegularizer()(np.ones((2, 3, 4)))
