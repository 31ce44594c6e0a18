"""ReLU, LeakyReLU, ELU, PReLU, Softmax and Lambda."""

import numpy as np
import pytest

from minikeras import ops, random
from minikeras.core.errors import AxisError, UnsafeFileError
from minikeras.core.specs import TensorSpec
from minikeras.core.tape import GradientTape
from minikeras.layers import ELU, Lambda, LeakyReLU, PReLU, ReLU, Softmax
from minikeras.saving import register_keras_serializable
from minikeras.saving.deserialization import SafeModeScope

X = random.normal((4, 5), seed=1).numpy()


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize("kind", [ReLU, LeakyReLU, ELU, PReLU, Softmax])
def test_dtype_shape_and_config(kind, dtype):
    layer = kind(dtype=dtype)
    y = layer(X)
    assert y.dtype == dtype and y.shape == X.shape
    assert layer.compute_output_spec(TensorSpec((None, 5), dtype)).shape == (None, 5)
    again = kind.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert layer.supports_masking


@pytest.mark.parametrize("slope", [0.0, 0.1, 1.0])
def test_formulas(slope):
    np.testing.assert_allclose(
        LeakyReLU(slope)(X), np.where(X > 0, X, slope * X), rtol=1e-6
    )
    knee = ReLU(max_value=1.0, negative_slope=slope, threshold=0.5)(X)
    bent = np.where(X >= 0.5, X, slope * (X - 0.5))
    np.testing.assert_allclose(knee, np.minimum(bent, 1.0), rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(
        ELU(slope)(X), np.where(X > 0, X, slope * np.expm1(X)), rtol=1e-5, atol=1e-7
    )


@pytest.mark.parametrize(
    "knob", [{"max_value": -1}, {"negative_slope": None}, {"threshold": -0.5}]
)
def test_bad_knobs_are_named(knob):
    with pytest.raises(ValueError, match=f"ReLU: {next(iter(knob))} cannot be"):
        ReLU(**knob)


def test_alpha_is_the_old_name_of_the_slope():
    with pytest.warns(UserWarning, match="negative_slope"):
        assert LeakyReLU(alpha=0.2).negative_slope == 0.2


def test_prelu_shares_slopes_and_learns_them():
    x = random.normal((3, 4, 5, 2), seed=2)
    for shared, shape in ((None, (4, 5, 2)), ([1, 2], (1, 1, 2)), (3, (4, 5, 1))):
        layer = PReLU("ones", shared_axes=shared)
        with GradientTape() as tape:
            total = ops.sum(layer(x))
        slope = tape.gradient(total, layer.alpha).numpy()
        below = -np.maximum(0, -x.numpy()).sum(0)
        axes = tuple(a for a, n in enumerate(shape) if n == 1)
        np.testing.assert_allclose(
            slope, below.sum(axes, keepdims=True), rtol=1e-4, atol=1e-5
        )
        assert layer.alpha.shape == shape
    layer = PReLU(shared_axes=[1])
    layer(x)
    with pytest.raises(ValueError, match="axis 3"):
        layer(x[:, :, :, :1])


@pytest.mark.parametrize("axis", [0, 4, -1])
def test_prelu_has_axes_to_share(axis):
    layer = PReLU(shared_axes=[axis])
    with pytest.raises(AxisError):
        layer.build((None, 4, 5))
    assert layer.weights == [] and not layer.built


@pytest.mark.parametrize("axis", [-1, 0, 1, (0, 1), [1], [0, -1]])
def test_softmax_adds_up(axis):
    axes = tuple(axis) if isinstance(axis, (list, tuple)) else (axis,)
    np.testing.assert_allclose(Softmax(axis)(X).numpy().sum(axes), 1, rtol=1e-5)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_masked_positions_get_nothing(dtype):
    mask = X > 0
    mask[0] = False
    shares = Softmax(dtype=dtype)(X, mask=mask).numpy().astype("float64")
    assert (shares[~mask] == 0).all() and np.isfinite(shares).all()
    some = mask.any(1)
    np.testing.assert_allclose(shares[some].sum(1), 1, rtol=2e-2)
    numbers = Softmax(dtype=dtype)(X, mask=mask.astype("float32"))
    np.testing.assert_array_equal(numbers.numpy().astype("float64"), shares)


def test_masks_must_stretch_to_the_inputs():
    for shape in ((2, 5), (4, 4), (1, 4, 5)):
        with pytest.raises(ValueError, match="does not stretch"):
            Softmax()(X, mask=np.ones(shape, bool))
    with pytest.raises(ValueError, match="more axes than the inputs"):
        Softmax()(X[0], mask=np.ones((4, 5), bool))


@register_keras_serializable(package="tests", name="half_of")
def half_of(x, by=2.0):
    return x / by


def test_lambda_files():
    layer = Lambda(half_of, output_shape=(5,), arguments={"by": 4.0}, name="half")
    config = layer.get_config()
    assert config["function"]["config"] == "tests>half_of"
    again = Lambda.from_config(config)
    assert again.get_config() == config and again.function is half_of
    np.testing.assert_allclose(again(X), X / 4)
    offset = 3.0
    nameless = Lambda(lambda x, n=2: x * n + offset, lambda shape: shape).get_config()
    before = str(nameless)
    for scope in (None, True):
        with pytest.raises(UnsafeFileError), SafeModeScope(scope):
            Lambda.from_config(nameless)
    assert str(nameless) == before
    np.testing.assert_allclose(
        Lambda.from_config(nameless, safe_mode=False)(X), X * 2 + 3, rtol=1e-6
    )
    with SafeModeScope(False):
        Lambda.from_config(nameless)
        with pytest.raises(UnsafeFileError):
            Lambda.from_config(nameless, safe_mode=True)


def test_lambda_hears_what_it_asks_for():
    layer = Lambda(lambda x, training=None, mask=None: (training, mask is None))
    assert layer(ops.ones((1,)), training=True) == (True, True)
    with pytest.raises(NotImplementedError, match="output_shape"):
        Lambda(lambda x: np.asarray(x)).compute_output_shape((None, 3))
    with pytest.raises(TypeError):
        Lambda(3)
