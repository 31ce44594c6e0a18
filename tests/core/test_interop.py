"""Tensors among NumPy arrays, pickles and DLPack, and operators from both sides."""

import copy
import operator
import pickle

import numpy as np
import pytest

from minikeras import Variable, ops

BINARY = [
    operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv,
    operator.mod, operator.pow, operator.lt, operator.le, operator.gt, operator.ge,
    operator.eq, operator.ne,
]  # fmt: skip
A = np.array([[1.5, 2.0, 3.5], [4.0, 0.5, 2.5]], "float32")
B = np.array([2.0, 0.5, 1.5], "float32")


@pytest.mark.parametrize("op", BINARY, ids=lambda op: op.__name__)
@pytest.mark.parametrize("side", ["tensor array", "array tensor", "number", "variable"])
def test_operators_from_both_sides(op, side):
    x, y = ops.convert_to_tensor(A), ops.convert_to_tensor(B)
    pairs = {
        "tensor array": (x, B, A, B),
        "array tensor": (A, y, A, B),
        "number": (2, y, np.float32(2), B),
        "variable": (x, Variable(B), A, B),
    }
    left, right, a, b = pairs[side]
    z = op(left, right)
    assert type(z).__name__ == "Tensor"
    np.testing.assert_allclose(z.numpy(), op(a, b), rtol=1e-6)


def test_matmul_from_both_sides():
    x = ops.convert_to_tensor(A)
    np.testing.assert_allclose((x @ A.T).numpy(), A @ A.T, rtol=1e-6)
    np.testing.assert_allclose((A.T @ x).numpy(), A.T @ A, rtol=1e-6)


def test_numpy_functions_take_tensors():
    x = ops.convert_to_tensor(A)
    assert np.asarray(x).dtype == "float32"
    assert float(np.sum(x)) == A.sum()
    np.testing.assert_array_equal(np.stack([x, x])[0], A)
    assert np.array(x, dtype="float64").dtype == "float64"


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16", "int8", "bool"])
def test_pickle_and_copy(dtype):
    x = ops.cast(ops.convert_to_tensor(A), dtype)
    for again in (pickle.loads(pickle.dumps(x)), copy.deepcopy(x), copy.copy(x)):
        assert again.dtype == dtype and again.shape == x.shape
        np.testing.assert_array_equal(again.numpy(), x.numpy())


def test_dlpack_to_numpy_and_back():
    x = ops.convert_to_tensor(A)
    a = np.from_dlpack(x)
    np.testing.assert_array_equal(a, A)
    if a.flags.writeable:  # then it must be a copy
        a[0, 0] = 99.0
    assert float(x[0, 0]) == 1.5


def test_repr_shows_values_shape_and_dtype():
    text = repr(ops.convert_to_tensor([1.0, 2.0]))
    assert "1." in text and "(2,)" in text and "float32" in text


def test_tensor_is_immutable_and_unhashable():
    x = ops.convert_to_tensor(A)
    with pytest.raises((AttributeError, TypeError)):
        x[0] = 1.0
    with pytest.raises(TypeError):
        hash(x)
    with pytest.raises(AttributeError):
        x.shape = (6,)
    y = x
    y += 1.0
    assert float(x[0, 0]) == 1.5


def test_scalars_convert_to_python():
    x = ops.convert_to_tensor(3)
    assert (int(x), float(x), bool(x), [10, 20, 30, 40][x]) == (3, 3.0, True, 40)
    assert f"{ops.convert_to_tensor(0.5):.2f}" == "0.50"


def test_comparison_with_none_is_no_tensor():
    x = ops.convert_to_tensor(A)
    assert (x == None) is False and (x != None) is True  # noqa: E711
