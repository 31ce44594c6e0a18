"""Reshape, Permute, RepeatVector and EinsumDense."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikeras import ops, random
from minikeras.core.specs import TensorSpec
from minikeras.core.tape import GradientTape
from minikeras.initializers import GlorotUniform, Ones
from minikeras.layers import Dense, EinsumDense, Permute, RepeatVector, Reshape

X = random.normal((2, 3, 4), seed=1).numpy()


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.data())
def test_reshape_keeps_order_with_any_size_left_out(sizes, data):
    n = int(np.prod(sizes))
    x = np.arange(2 * n, dtype="float32").reshape(2, n)
    target = list(sizes)
    if data.draw(st.booleans()):
        target[data.draw(st.integers(0, len(sizes) - 1))] = -1
    layer = Reshape(target)
    y = layer(x)
    np.testing.assert_array_equal(y.numpy(), x.reshape(2, *sizes))
    assert layer.compute_output_shape((None, n)) == (None, *sizes)
    assert layer.built and layer.weights == []


@pytest.mark.parametrize("dtype", ["int32", "float16", "float64", "bool"])
def test_rearranging_keeps_whole_numbers(dtype):
    x = ops.cast(np.arange(6).reshape(1, 6), dtype)
    layer = Reshape((2, 3), dtype=dtype if "float" in dtype else None)
    assert layer(x).dtype == layer.compute_output_spec(x.spec).dtype == dtype


@pytest.mark.parametrize("target", [(5,), (3, -1, 5), (7, -1), (0, -1)])
def test_reshape_counts(target):
    layer = Reshape(target)
    for call in (lambda: layer(X), lambda: layer.compute_output_shape((None, 3, 4))):
        with pytest.raises(ValueError, match="total size"):
            call()


@pytest.mark.parametrize("target", [(-2, 3), (-1, -1)])
def test_targets_are_checked(target):
    with pytest.raises(ValueError, match="Reshape"):
        Reshape(target)


@pytest.mark.parametrize("dims", itertools.permutations((1, 2, 3)))
def test_permute(dims):
    x = random.normal((2, 3, 4, 5), seed=1).numpy()
    y = Permute(dims)(x)
    np.testing.assert_array_equal(y.numpy(), x.transpose(0, *dims))
    back = Permute(tuple(np.argsort(dims) + 1))
    np.testing.assert_array_equal(back(y).numpy(), x)


def test_repeat_adds_gradients():
    x = ops.convert_to_tensor(X[0])
    with GradientTape() as tape:
        tape.watch(x)
        total = ops.sum(RepeatVector(6)(x) ** 2)
    np.testing.assert_allclose(tape.gradient(total, x), 12 * X[0], rtol=1e-5)
    for n, kind in ((2.0, TypeError), (True, TypeError), (0, ValueError)):
        with pytest.raises(kind, match="RepeatVector"):
            RepeatVector(n)


EQUATIONS = [
    ("ab,bc->ac", 5, (3, 4)),
    ("abc,cde->abde", (None, 2, 5), (2, 3, 4)),
    ("abc,bd->adc", (5, None), (2, 3, 4)),
    ("...c,cd->...d", 5, (2, 3, 2, 4)),
    ("ab...,bc->ac...", 5, (2, 3, 2, 4)),
]


@pytest.mark.parametrize("equation, output_shape, shape", EQUATIONS)
def test_einsum_against_numpy(equation, output_shape, shape):
    x = random.normal(shape, seed=1).numpy()
    layer = EinsumDense(equation, output_shape)
    y = layer(x)
    np.testing.assert_allclose(
        y, np.einsum(equation, x, layer.kernel.numpy()), rtol=1e-4, atol=1e-5
    )
    told = layer.compute_output_shape((None, *shape[1:]))
    assert all(n in (None, m) for n, m in zip(told, y.shape, strict=True))
    again = EinsumDense.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()


def test_einsum_gradients_are_those_of_dense():
    dense, equation = Dense(5, "tanh"), EinsumDense("...c,cd->...d", 5, "tanh", "d")
    dense(X), equation(X)
    equation.set_weights(dense.get_weights())
    slopes = []
    for layer in (dense, equation):
        with GradientTape() as tape:
            total = ops.sum(layer(X) ** 2)
        slopes.append(tape.gradient(total, layer.trainable_weights))
    for a, b in zip(*slopes, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "equation, bias, wrong",
    [
        ("ab->ab", None, "invalid einsum equation"),
        ("ab,bc->ac;", None, "invalid einsum equation"),
        ("...ab,bc->ac", None, "invalid einsum equation"),
        ("ab,bcd->ac", None, "kernel's letter 'd'"),
        ("ab,bc->cd", None, "output's letter 'd'"),
        ("ab,bc->ac", "d", "bias letter 'd'"),
    ],
)
def test_equations_are_read_to_the_end(equation, bias, wrong):
    layer = EinsumDense(equation, 3, bias_axes=bias)
    with pytest.raises(ValueError, match=wrong):
        layer(X[:, 0])
    assert layer.weights == [] and not layer.built


def test_shared_letters_have_one_size():
    with pytest.raises(ValueError, match="shared letter 'b'"):
        EinsumDense("abc,cd->abd", (7, 3)).build((None, 5, 4))


def test_initializers_hear_about_axes_and_others_are_left_alone():
    start = GlorotUniform(seed=1)
    layer = EinsumDense("abc,cde->abde", (None, 10, 20), kernel_initializer=start)
    layer.build((None, 5, 100))
    top, limit = np.abs(layer.kernel.numpy()).max(), np.sqrt(6 / (100 + 200))
    assert 0.97 * limit < top <= limit and start.input_axes is None
    ones = EinsumDense("ab,bc->ac", 3, kernel_initializer=Ones())
    assert (ones(X[:, 0]).numpy() > -np.inf).all() and (ones.kernel.numpy() == 1).all()


@pytest.mark.parametrize("name", ["lora_rank", "quantization_config"])
def test_what_is_not_built_is_refused(name):
    with pytest.raises(ValueError, match="not built"):
        EinsumDense("ab,bc->ac", 3, **{name: 2})


def test_unknown_sizes():
    assert Reshape((3, -1)).compute_output_shape((None, None, 2)) == (None, 3, None)
    spec = EinsumDense("abc,cd->abd", (None, 3)).compute_output_spec
    assert spec(TensorSpec((None, None, 4))).shape == (None, None, 3)
