"""One contract for all losses: symbols, half precision, spoiled calls, examples."""

import doctest
import importlib
import inspect

import numpy as np
import pytest

import minikeras as keras
from minikeras import losses
from minikeras.core.errors import Report

RNG = np.random.default_rng(0)
YES = (RNG.random((4, 3)) > 0.5).astype("float32")
P = RNG.uniform(0.1, 0.9, (4, 3)).astype("float32")
ONE_HOT = np.eye(3, dtype="float32")[[0, 2, 1, 1]]
ROWS = P / P.sum(axis=1, keepdims=True)
SPEECH = RNG.normal(size=(4, 6, 3)).astype("float32")
SAMPLES = dict.fromkeys(
    (
        "MeanSquaredError MeanAbsoluteError MeanAbsolutePercentageError Huber LogCosh "
        "MeanSquaredLogarithmicError CosineSimilarity Poisson Hinge SquaredHinge "
        "BinaryCrossentropy BinaryFocalCrossentropy Dice Tversky"
    ).split(),
    (YES, P),
) | {
    "MeanAbsolutePercentageError": (YES + 1, P),
    "KLDivergence": (ROWS, ROWS[::-1]),
    "CategoricalHinge": (ONE_HOT, P),
    "CategoricalCrossentropy": (ONE_HOT, ROWS),
    "CategoricalFocalCrossentropy": (ONE_HOT, ROWS),
    "SparseCategoricalCrossentropy": (np.array([0, 2, 1, 1]), ROWS),
    "CategoricalGeneralizedCrossEntropy": (np.array([0, 2, 1, 1]), ROWS),
    "Circle": (np.array([0, 0, 1, 1]), ROWS),
    "CTC": (np.array([[1, 0], [1, 2], [2, 2], [1, 0]]), SPEECH),
}
NO_SLOPE_AT_ZERO = (  # of nothing but zeros: 0 / 0, in Keras too, or the slope of p**q
    "CosineSimilarity",
    "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy",
    "CategoricalGeneralizedCrossEntropy",
)
SCALARS = ("Dice", "Tversky")  # of everything together, not of each sample


def test_every_loss_has_a_sample():
    kinds = {n for n in dir(losses) if inspect.isclass(getattr(losses, n))}
    assert kinds - {"Loss", "LossFunctionWrapper"} == set(SAMPLES)


@pytest.mark.parametrize("name", SAMPLES)
class TestContract:
    def test_one_number_per_sample_and_one_number(self, name):
        true, pred = SAMPLES[name]
        values = getattr(losses, name)(reduction="none")(true, pred)
        assert tuple(values.shape) == (() if name in SCALARS else (4,))
        total = getattr(losses, name)()(true, pred)
        assert total.shape == () and np.isfinite(float(total))

    @pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
    def test_dtype(self, name, dtype):
        true, pred = SAMPLES[name]
        wide = float(getattr(losses, name)(dtype="float64")(true, pred))
        loss = getattr(losses, name)(dtype=dtype)(true, pred)
        assert loss.dtype == dtype
        atol = {"float16": 0.02, "bfloat16": 0.2}.get(dtype, 1e-9)
        assert np.isclose(float(loss), wide, rtol=atol, atol=atol)

    def test_symbols(self, name):
        true, pred = SAMPLES[name]
        if name == "Circle":  # pairs need to know how many there are, as in Keras
            symbols = [keras.KerasTensor(x.shape) for x in (true, pred)]
        else:
            symbols = [keras.KerasTensor((None, *x.shape[1:])) for x in (true, pred)]
        total = getattr(losses, name)()(*symbols)
        assert isinstance(total, keras.KerasTensor) and total.shape == ()
        values = getattr(losses, name)(reduction=None)(*symbols)
        assert len(values.shape) == (name not in SCALARS)

    def test_configuration(self, name):
        loss = getattr(losses, name)(reduction="sum", name="mine")
        again = losses.deserialize(losses.serialize(loss))
        assert type(again) is type(loss) and again.get_config() == loss.get_config()
        assert losses.get(name).name == losses.get(type(loss)).name

    def test_slopes_are_finite_in_the_corners(self, name):
        true, pred = SAMPLES[name]
        for value in (0.0, 1.0):
            corner = keras.ops.full_like(pred, value)
            with keras.GradientTape() as tape:
                tape.watch(corner)
                total = getattr(losses, name)()(true, corner)
            if name in NO_SLOPE_AT_ZERO and value == 0:
                continue
            assert np.isfinite(tape.gradient(total, corner)).all()

    def test_spoiled_calls_give_our_errors_or_numbers(self, name):
        true, pred = SAMPLES[name]
        loss = getattr(losses, name)()
        before = loss.get_config()
        for spoiled in spoils(true, pred):
            call_and_judge(lambda spoiled=spoiled: loss(*spoiled))
        assert loss.get_config() == before

    @pytest.mark.parametrize("value", ["text", object(), [1, "a"], None])
    def test_spoiled_arguments(self, name, value):
        kind = getattr(losses, name)
        for argument in inspect.signature(kind).parameters:
            if argument in ("reduction", "name", "dtype"):
                continue

            def attempt(argument=argument):
                return kind(**{argument: value})(*SAMPLES[name])

            call_and_judge(attempt, (TypeError,))
        with pytest.raises(ValueError, match="reduction"):
            kind(reduction="average")
        with pytest.raises(TypeError):
            kind(no_such_argument=1)


def spoils(true, pred):
    "Calls with a wrong shape, kind or number of things in them."
    text = np.full(pred.shape, "text")
    yield from [(true, text), (text, pred), (None, pred), (true, None)]
    yield from [(true, object()), (true, {}), ([], pred), (true, [])]
    yield (true[:2], pred)
    yield (true, pred[:, :2])
    yield (true, pred[..., None])
    yield (true, pred[0])
    yield (np.float32(1), pred)
    yield (true, np.float32(1))
    yield (true, pred * 1j)
    yield (true, pred.astype(object))
    yield (np.full_like(true, 100), pred)
    yield (np.full_like(true, -1), pred)
    yield (true, pred, "text")
    yield (true, pred, np.ones(7))
    yield (true, pred, np.ones((4, 3, 2, 2)))
    yield (true[:0], pred[:0])


def call_and_judge(call, also=()):
    "Nothing but our own errors may come out (and, of a constructor, Python's own)."
    try:
        call()
    except Report as error:
        assert str(error).strip()
    except also:
        pass


def test_a_wrapped_function_raises_its_own_error():
    def refuses(y_true, y_pred):
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        losses.LossFunctionWrapper(refuses)([1.0], [1.0])


@pytest.mark.parametrize("name", ["losses.losses", "losses.regressions", "ops.ctc",
    "losses.distributions", "losses.margins", "losses.focal", "losses.overlaps",
    "losses.pairs", "losses.sequences", "losses.names"])  # fmt: skip
def test_examples(name):
    failed, run = doctest.testmod(importlib.import_module(f"minikeras.{name}"))
    assert run and not failed


def test_sparse_labels_along_another_axis():
    cube = RNG.normal(size=(2, 5, 3)).astype("float32")
    labels = RNG.integers(0, 3, (2, 5))
    last = losses.SparseCategoricalCrossentropy(True)(labels, cube)
    moved = np.moveaxis(cube, -1, 1)
    middle = losses.SparseCategoricalCrossentropy(True, axis=1)(labels, moved)
    assert np.isclose(float(last), float(middle))
