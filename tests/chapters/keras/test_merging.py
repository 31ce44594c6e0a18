"""The layers at which several tensors meet."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikeras import layers, ops
from minikeras.core.specs import TensorSpec
from minikeras.core.tape import GradientTape
from minikeras.layers.merging import Merge, batch_dot, raised, together

RNG = np.random.default_rng(0)
PAIRS = {
    "Add": np.add,
    "Subtract": np.subtract,
    "Multiply": np.multiply,
    "Average": lambda x, y: (x + y) / 2,
    "Maximum": np.maximum,
    "Minimum": np.minimum,
}


@st.composite
def two_shapes(draw):
    "Shapes of one batch size that stretch to each other behind the batch axis."
    batch = draw(st.integers(1, 3))
    long = draw(st.lists(st.integers(1, 3), max_size=3))
    short = long[draw(st.integers(0, len(long))) :]
    short = [draw(st.sampled_from([n, 1])) for n in short]
    shapes = [(batch, *long), (batch, *short)]
    return shapes[::-1] if draw(st.booleans()) else shapes


@pytest.mark.parametrize("name", PAIRS)
@given(shapes=two_shapes())
def test_examples_meet_examples(name, shapes):
    "The layer on a batch is NumPy on each example alone, and its shape is foretold."
    x, y = (RNG.normal(size=shape).astype("float32") for shape in shapes)
    layer = getattr(layers, name)()
    z = layer([x, y])
    want = np.stack([PAIRS[name](a, b) for a, b in zip(x, y, strict=True)])
    np.testing.assert_allclose(z.numpy(), want, rtol=1e-6)
    assert layer.compute_output_shape(shapes) == want.shape
    specs = [TensorSpec((None, *shape[1:])) for shape in shapes]
    assert layer.compute_output_spec(specs).shape[0] is None


@pytest.mark.parametrize("name", PAIRS)
def test_functions_are_the_layers(name):
    x, y = RNG.normal(size=(2, 2, 3)).astype("float32")
    function = getattr(layers, name.lower())
    np.testing.assert_array_equal(
        function([x, y], name="here").numpy(), getattr(layers, name)()([x, y]).numpy()
    )


def test_together_knows_unknown_sizes():
    assert together((3, None), (1, 4)) == (3, None)
    assert together((), (3, 4)) == (3, 4)
    with pytest.raises(ValueError, match="2 and 3|3 and 2"):
        together((2,), (3,))


@given(st.integers(1, 3), st.permutations(["m", "n", "k"]), st.permutations(["n", "p"]))
def test_batch_dot_is_einsum_on_each_example(batch, first, second):
    sizes = {"m": 2, "n": 3, "k": 4, "p": 2}
    x = RNG.normal(size=(batch, *(sizes[c] for c in first)))
    y = RNG.normal(size=(batch, *(sizes[c] for c in second)))
    rest = "".join(first + second).replace("n", "")
    rule = f"z{''.join(first)},z{''.join(second)}->z{rest}"
    axes = [first.index("n") + 1, second.index("n") + 1]
    found = layers.Dot(axes=axes)([x.astype("float32"), y.astype("float32")])
    np.testing.assert_allclose(
        found.numpy(), np.einsum(rule, x, y), rtol=1e-4, atol=1e-4
    )
    inner = batch_dot(*map(ops.convert_to_tensor, (x, y)), axes)
    assert inner.shape == found.shape


def test_two_rows_give_a_column_and_cosines():
    x, y = RNG.normal(size=(2, 5, 3)).astype("float32")
    column = layers.dot([x, y], axes=1, normalize=True).numpy()
    lengths = np.linalg.norm(x, axis=1) * np.linalg.norm(y, axis=1)
    np.testing.assert_allclose(column[:, 0], (x * y).sum(1) / lengths, rtol=1e-5)
    assert column.shape == (5, 1)


def test_gradients_reach_all_inputs():
    xs = [ops.convert_to_tensor(RNG.normal(size=(2, 3))) for _ in range(3)]
    with GradientTape() as tape:
        for x in xs:
            tape.watch(x)
        total = ops.sum(layers.Average()(xs))
    for slope in tape.gradient(total, xs):
        np.testing.assert_allclose(slope.numpy(), 1 / 3, rtol=1e-6)


def masked(values, mask):
    x = ops.convert_to_tensor(np.array(values, "float32")[None, :, None])
    x._keras_mask = ops.convert_to_tensor([mask])
    return x


@pytest.mark.parametrize(
    ("name", "want"),
    [("multiply", [2, 15, 7, 0]), ("maximum", [2, 5, 7]), ("minimum", [2, 3, 7])],
)
def test_padding_does_not_count(name, want):
    a = masked([2, 3, 9, 9], [True, True, False, False])
    b = masked([9, 5, 7, 9], [False, True, True, False])
    z = getattr(layers, name)([a, b])
    assert z.numpy().ravel().tolist()[: len(want)] == want
    assert z._keras_mask.numpy().tolist() == [[True, True, True, False]]


def test_masks_of_a_concatenation():
    x = ops.ones((1, 2, 3))
    a, b = (
        ops.convert_to_tensor([[True, False]]),
        ops.convert_to_tensor([[False, False]]),
    )
    time, features = layers.Concatenate(axis=1), layers.Concatenate()
    assert time.compute_mask([x, x], [a, b]).numpy().tolist() == [[1, 0, 0, 0]]
    assert features.compute_mask([x, x], [a, b]).numpy().tolist() == [[1, 0]]
    assert features.compute_mask([x, x], [b, None]).numpy().tolist() == [[1, 1]]
    assert features.compute_mask([x, x], [None, None]) is None
    with pytest.raises(ValueError, match="list of 2"):
        layers.Add().compute_mask([x], [a, b])


def test_a_layer_of_ones_own():
    class Mix(Merge):
        def _merge_function(self, inputs):
            return 0.25 * inputs[0] + 0.75 * inputs[1]

    z = Mix()([np.zeros((2, 4, 3), "float32"), np.ones((2, 3), "float32")])
    assert z.shape == (2, 4, 3) and (z.numpy() == 0.75).all()
    assert raised(ops.ones((2, 3)), 4).shape == (2, 1, 1, 3)


@pytest.mark.parametrize(
    ("layer", "shapes"),
    [
        ("Add", [(2, 3), (2, 4)]),
        ("Add", [(2, 3), (5, 3)]),
        ("Add", (2, 3)),
        ("Subtract", [(2, 3)] * 3),
        ("Concatenate", [(2, 3), (3, 3)]),
        ("Concatenate", [(2, 3), (2, 3, 3)]),
        ("Concatenate", (2, 3)),
    ],
)
def test_inputs_that_do_not_fit_are_named(layer, shapes):
    layer = getattr(layers, layer)(name="meet")
    many = isinstance(shapes, list)
    x = [np.ones(shape) for shape in shapes] if many else np.ones(shapes)
    with pytest.raises(ValueError, match="meet") as report:
        layer(x)
    assert "(2, 3)" in str(report.value) or "2, 3" in str(report.value)
    assert not layer.built


@pytest.mark.parametrize("axes", ["a", None, 1.5])
def test_axes_of_a_wrong_type(axes):
    with pytest.raises(TypeError, match="axes"):
        layers.Dot(axes)


@pytest.mark.parametrize("axes", [(1,), (1, 2, 3), (1, "b"), []])
def test_axes_of_a_wrong_number(axes):
    with pytest.raises(ValueError, match="axes"):
        layers.Dot(axes)


@pytest.mark.parametrize(("axes", "shape"), [(0, (2, 3)), (2, (2, 3)), (-3, (2, 3))])
def test_axes_that_are_not_there(axes, shape):
    with pytest.raises(ValueError, match=f"axes={axes}"):
        layers.Dot(axes)([np.ones(shape), np.ones(shape)])
