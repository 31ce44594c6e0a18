"""`view` and `nextafter` against NumPy, over all kinds of numbers and odd ones."""

import numpy as np
import pytest

from minikeras import GradientTape, KerasTensor, function, ops
from minikeras.core.dtypes import NUMPY

KINDS = [name for name in NUMPY if name != "bool"]
ODD = [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1e-45, -1e-45, 6e-8, 65504.0, 3.3]


@pytest.mark.parametrize("after", KINDS)
@pytest.mark.parametrize("before", KINDS)
def test_view_as_numpy(before, after):
    data = np.random.default_rng(0).integers(0, 256, (3, 16), "uint8")
    x = data.view(NUMPY[before])
    z = ops.view(ops.convert_to_tensor(x, dtype=before), after)
    assert z.dtype == after and z.numpy().tobytes() == data.tobytes()
    assert z.shape == x.view(NUMPY[after]).shape
    unknown = ops.view(KerasTensor((None, x.shape[1]), dtype=before), after)
    assert unknown.shape == (None, z.shape[1]) and unknown.dtype == after


def test_view_in_a_function_of_unknown_sizes():
    traced = function(lambda x: ops.view(x, "float64"), reduce_retracing=True)
    for rows in (2, 3, 4):
        x = np.arange(4.0 * rows, dtype="float32").reshape(rows, 4)
        np.testing.assert_array_equal(traced(x), x.view("float64"))
    assert traced.experimental_get_tracing_count() == 2


@pytest.mark.parametrize("kind", ["float16", "bfloat16", "float32", "float64"])
def test_nextafter_as_numpy(kind):
    x, y = np.meshgrid(*[np.array(ODD).astype(NUMPY[kind])] * 2)
    z = ops.nextafter(*[ops.convert_to_tensor(v, dtype=kind) for v in (x, y)])
    with np.errstate(over="ignore"):
        expected = np.nextafter(x, y)
    np.testing.assert_array_equal(
        z.numpy().astype("float64"), expected.astype("float64")
    )
    assert z.dtype == kind
    moved = x != y  # from 0.0 to -0.0 NumPy's float16 stays, and C's standard goes
    assert (np.signbit(z) == np.signbit(expected))[moved & (expected == 0)].all()


def test_slopes_of_nextafter():
    x, y = (
        ops.convert_to_tensor([1.0, -2.0, np.inf]),
        ops.convert_to_tensor([3.0, 0, 0]),
    )
    with GradientTape() as tape:
        tape.watch([x, y])
        z = ops.nextafter(x, y)
    dx, dy = tape.gradient(z, [x, y], unconnected_gradients="zero")
    assert dx.numpy().tolist() == [1.0, 1.0, 0.0] and not dy.numpy().any()
