"""`ops.vectorize` beside NumPy's: values, signatures, slopes, sizes that a run knows."""

import numpy as np
import pytest

import minikeras as keras
from minikeras import GradientTape, ops
from minikeras.core.specs import TensorSpec
from minikeras.graph.function import function

draw = np.random.default_rng(3)

SHAPES = [
    [(), ()],
    [(3,), ()],
    [(3, 1), (4,)],
    [(1, 4), (3, 1)],
    [(1,), (1, 1)],
    [(2, 1, 3), (5, 1)],
    [(0, 3), (3,)],
]


def pair(a, b):
    return a * a + 2.0 * b


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_numbers(shapes):
    x, y = (draw.normal(size=shape) for shape in shapes)
    found = ops.vectorize(pair)(x, y)
    np.testing.assert_allclose(found, pair(x, y), rtol=1e-12)
    assert found.shape == np.broadcast_shapes(*shapes)


SIGNED = {
    "(n),(n)->()": (np.dot, lambda a, b: ops.sum(a * b), [(4, 3), (2, 1, 3)]),
    "(m,n),(n)->(m)": (np.matmul, ops.matmul, [(5, 1, 2, 3), (4, 3)]),
    "(), (k) -> (k)": (np.multiply, ops.multiply, [(2, 3), (3, 4)]),
    "(n)->(n),()": (
        lambda a: (a * 2, a.sum()),
        lambda a: (a * 2, ops.sum(a)),
        [(2, 3, 4)],
    ),
}


@pytest.mark.parametrize("signature", SIGNED)
def test_signature(signature):
    theirs, mine, shapes = SIGNED[signature]
    xs = [draw.normal(size=shape) for shape in shapes]
    found = ops.vectorize(mine, signature=signature)(*xs)
    right = np.vectorize(theirs, signature=signature)(*xs)
    assert isinstance(found, tuple) == isinstance(right, tuple)
    for one, two in zip(keras.tree.flatten(found), keras.tree.flatten(right)):
        np.testing.assert_allclose(one, two, rtol=1e-12)


def test_excluded_none_and_keywords_arrive_as_they_are():
    def seen(a, word, b, nothing, *, more):
        assert word == "word" and nothing is None and more == [1]
        assert a.shape == b.shape == ()
        return a + b

    run = ops.vectorize(seen, excluded={1})
    np.testing.assert_array_equal(run([1, 2], "word", 3, None, more=[1]), [4, 5])
    assert run.__name__ == "seen"


def test_slopes_and_a_run_that_knows_the_sizes():
    x, y = draw.normal(size=(3, 1)), draw.normal(size=(4,))
    spec = [TensorSpec((None, None), "float64"), TensorSpec((None,), "float64")]

    @function(input_signature=spec)
    def slopes(a, b):
        with GradientTape() as tape:
            tape.watch((a, b))
            z = ops.vectorize(lambda p, q: p * p * q)(a, b)
        return z, tape.gradient(z, (a, b))

    for size in (3, 2):
        z, (da, db) = slopes(x[:size], y)
        np.testing.assert_allclose(z, x[:size] ** 2 * y, rtol=1e-12)
        np.testing.assert_allclose(da, 2 * x[:size] * y.sum(), rtol=1e-12)
        np.testing.assert_allclose(db, (x[:size] ** 2).sum() + 0 * y, rtol=1e-12)


def test_in_a_functional_model():
    x = keras.Input((3,))
    model = keras.Model(x, ops.vectorize(lambda a: a * a + 1)(x))
    assert model.output_shape == (None, 3)
    data = draw.normal(size=(2, 3)).astype("float32")
    np.testing.assert_allclose(model(data), data * data + 1, rtol=1e-6)


@pytest.mark.parametrize(
    ("signature", "shapes", "words"),
    [
        ("(n)", [(3,)], "does not name axes"),
        ("(n),(n)->()", [(3,), (4,)], "'n' has the sizes 3 and 4"),
        ("(n),(n)->()", [(3,)], "has 2 inputs"),
        ("(m,n),(n)->()", [(3,), (3,)], "the number of axes"),
        ("(n),(n)->(n)", [(3,), (3,)], "the number of axes"),
        ("(n),(n)->(),()", [(3,), (3,)], "has 2 outputs"),
        (None, [(3,), (4,)], "do not broadcast"),
    ],
)
def test_refusals(signature, shapes, words):
    xs = [np.ones(shape) for shape in shapes]
    with pytest.raises(ValueError, match=words):
        run = ops.vectorize(lambda *x: ops.sum(x[0]), signature=signature)
        run(*xs)


def test_no_callable():
    with pytest.raises(ValueError, match="`pyfunc` should be a callable"):
        ops.vectorize(3)
