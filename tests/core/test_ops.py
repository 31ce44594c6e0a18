"""Every primitive operation against NumPy, its spec rule and finite differences.

Driven by `tests/samples.py`: the same checks for each row of the op table, on random
shapes.  In CI each check draws a few shapes from a fixed seed; `pytest -m deep` draws
hundreds.
"""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minikeras.core.eager import evaluate
from minikeras.core.gradients import vjp
from minikeras.core.infer import spec
from minikeras.core.specs import TensorSpec
from minikeras.core.table import OPS
from minikeras.core.tape import GradientTape
from minikeras.core.tensor import Tensor, convert
from tests.samples import ROWS

EVERY = sorted(ROWS)
SMOOTH = sorted(name for name, row in ROWS.items() if row.gradient == "smooth")
QUICK = 5
COUNTS = [
    pytest.param(QUICK, id="quick"),
    pytest.param(200, id="deep", marks=pytest.mark.deep),
]


def repeat(count, check):
    "Run check(data) on `count` random draws, the same at every run."

    @settings(
        max_examples=count, derandomize=True, database=None, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.data())
    def run(data):
        check(data)

    run()


def call(name, arrays, attributes):
    return OPS[name](*map(convert, arrays), **attributes)


# ---- the table is complete -----------------------------------------------------------


def test_every_operation_has_a_sample():
    assert sorted(OPS) == EVERY


@pytest.mark.parametrize("column", [evaluate, spec, vjp], ids=lambda c: c.name)
def test_every_cell_is_filled(column):
    missing = [name for name, op in OPS.items() if op not in column]
    assert not missing


@pytest.mark.parametrize("name", EVERY)
def test_gradient_column_says_what_the_sample_says(name):
    "No gradient is an explicit None, never silence."
    assert (vjp[OPS[name]] is None) == (ROWS[name].gradient == "none")


def test_missing_cell_names_the_table():
    with pytest.raises(NotImplementedError, match=r"exp(.|\n)*core/eager\.py"):
        type(evaluate)("evaluate", "minikeras/core/eager.py")[OPS["exp"]]


# ---- values --------------------------------------------------------------------------


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("name", EVERY)
def test_eager_agrees_with_numpy(name, count):
    def check(data):
        arrays, attributes = ROWS[name].draw(data, (1, 4))
        compare(name, arrays, attributes)

    repeat(count, check)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("name", EVERY)
def test_empty_tensors(name, count):
    "Axes of size 0 give NumPy's answer, or ValueError where there is none."

    def check(data):
        arrays, attributes = ROWS[name].draw(data, (0, 2))
        compare(name, arrays, attributes)

    repeat(count, check)


def compare(name, arrays, attributes):
    before = [a.copy() for a in arrays]
    try:
        expected = ROWS[name].reference(*arrays, **attributes)
    except ValueError:
        with pytest.raises(ValueError, match=name):
            call(name, arrays, attributes)
        return
    z = call(name, arrays, attributes)
    assert (z.shape, z.dtype) == (expected.shape, expected.dtype.name)
    np.testing.assert_allclose(z.numpy(), expected, rtol=ROWS[name].rtol, atol=1e-12)
    for old, new in zip(before, arrays, strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
@pytest.mark.parametrize("name", SMOOTH)
def test_other_float_dtypes_are_kept(name, dtype):
    "The result has the inputs' dtype and nearly the value of float64."

    def check(data):
        arrays, attributes = ROWS[name].draw(data, (1, 3))
        if name == "cast":
            return
        wide = call(name, arrays, attributes)
        floats = [a.dtype == "float64" for a in arrays]
        cast = [
            OPS["cast"](convert(a), dtype=dtype) if f else convert(a)
            for a, f in zip(arrays, floats, strict=True)
        ]
        narrow = OPS[name](*cast, **attributes)
        assert narrow.dtype == dtype
        if dtype == "float32":
            np.testing.assert_allclose(narrow.numpy(), wide.numpy(), 2e-4, 2e-5)

    repeat(4, check)


# ---- strides -------------------------------------------------------------------------


def views(array):
    "The same numbers in other layouts: Fortran, reversed strides, a cut, read-only."
    if array.ndim == 0:
        yield "scalar", array.copy()
        return
    yield "fortran", np.asfortranarray(array)
    turned = np.ascontiguousarray(array[(slice(None, None, -1),) * array.ndim])
    yield "reversed", turned[(slice(None, None, -1),) * array.ndim]
    wide = np.zeros(tuple(2 * n + 1 for n in array.shape), array.dtype)
    cut = wide[tuple(slice(0, 2 * n, 2) for n in array.shape)]
    cut[...] = array
    yield "every second", cut
    order = tuple(reversed(range(array.ndim)))
    yield "transposed", np.ascontiguousarray(array.transpose(order)).transpose(order)
    locked = array.copy()
    locked.flags.writeable = False
    yield "read-only", locked


def layouts(arrays):
    "One list of (layout, view) pairs for all inputs at a time."
    lists = [list(views(array)) for array in arrays]
    for i in range(max(map(len, lists), default=0)):
        yield [each[i % len(each)] for each in lists]


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("name", EVERY)
def test_strided_inputs_give_the_same(name, count):
    "Bit for bit for movement and elementwise operations, and inputs are not written."

    def check(data):
        arrays, attributes = ROWS[name].draw(data, (1, 3))
        expected = call(name, arrays, attributes).numpy()
        for variants in layouts(arrays):
            layout = variants[0][0]
            inputs = [Tensor(view) for _, view in variants]
            found = OPS[name](*inputs, **attributes).numpy()
            if ROWS[name].exact:
                np.testing.assert_array_equal(found, expected, err_msg=layout)
            else:
                np.testing.assert_allclose(
                    found, expected, 1e-12, 1e-12, err_msg=layout
                )
            for (_, view), array in zip(variants, arrays, strict=True):
                np.testing.assert_array_equal(view, array)

    repeat(count, check)


@pytest.mark.parametrize("name", ["add", "multiply", "exp", "sum", "matmul", "gather"])
def test_broadcast_views_with_stride_zero(name):
    wide = np.broadcast_to(np.arange(3.0) + 1, (3, 3))
    attributes = {"sum": {"axis": (1,), "keepdims": False}, "gather": {"axis": 0}}
    more = {"gather": [Tensor(np.array([2, 0]))], "exp": [], "sum": []}
    others = more.get(name, [Tensor(wide)])
    found = OPS[name](Tensor(wide), *others, **attributes.get(name, {}))
    plain = OPS[name](
        Tensor(wide.copy()), *[Tensor(o._data.copy()) for o in others],
        **attributes.get(name, {}),
    )  # fmt: skip
    np.testing.assert_array_equal(found.numpy(), plain.numpy())


# ---- specs ---------------------------------------------------------------------------


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("name", EVERY)
def test_spec_rule_agrees_with_eager(name, count):
    "Known sizes give the exact spec; unknown ones never contradict the result."

    def check(data):
        arrays, attributes = ROWS[name].draw(data, (1, 4))
        inputs = [convert(a) for a in arrays]
        z = OPS[name](*inputs, **attributes)
        exact = spec[OPS[name]](*(x.spec for x in inputs), **attributes)
        if name != "nonzero":
            assert exact == z.spec
        hidden = [hide_sizes(data, x.spec) for x in inputs]
        loose = spec[OPS[name]](*hidden, **attributes)
        assert loose.dtype == z.dtype and len(loose.shape) == z.ndim
        pairs = zip(loose.shape, z.shape, strict=True)
        assert all(m in (None, n) for m, n in pairs), f"{loose} is not {z.spec}"

    repeat(count, check)


def hide_sizes(data, x):
    "The spec with some sizes unknown."
    shape = [None if data.draw(st.booleans()) else n for n in x.shape]
    return TensorSpec(shape, x.dtype)


@pytest.mark.parametrize("name", sorted(n for n in EVERY if n not in ("full", "iota")))
def test_elementwise_broadcasting(name):
    "Two-operand rules broadcast like NumPy when nobody watches."
    if ROWS[name].draw.__qualname__.split(".")[0] not in ("binary", "bits"):
        pytest.skip("not elementwise on two operands")

    def check(data):
        (x, y), _ = ROWS[name].draw(data, (1, 3))
        y = y[(0,) * min(1, y.ndim)]
        z = call(name, [x, y], {})
        expected = ROWS[name].reference(x, y)
        np.testing.assert_allclose(z.numpy(), expected, 1e-11)
        assert z.spec == spec[OPS[name]](convert(x).spec, convert(y).spec)

    repeat(4, check)


# ---- gradients -----------------------------------------------------------------------

STEP = 1e-3


def slope(f, x, direction):
    "Central difference of fourth order of a number-valued f along a direction."
    values = [f(x + k * STEP * direction) for k in (-2, -1, 1, 2)]
    return (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * STEP)


def weights(shape, phase):
    n = int(np.prod(shape, dtype=int))
    return (1.5 + np.sin(2.3 * np.arange(n) + phase)).reshape(shape)


def total(z, phase):
    "A fixed weighted sum, so that no two elements count the same."
    return float((np.asarray(z) * weights(z.shape, phase)).sum())


def first_order(name, arrays, attributes, phase=0.0):
    "The tape's gradient of the weighted sum for each floating input."
    tensors = [convert(a) for a in arrays]
    sources = [t for t in tensors if t.dtype == "float64"]
    with GradientTape() as tape:
        tape.watch(sources)
        z = OPS[name](*tensors, **attributes)
    seed = convert(weights(z.shape, phase))
    return z, tape.gradient(z, sources, output_gradients=seed)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("name", SMOOTH)
def test_first_gradient(name, count):
    def check(data):
        arrays, attributes = ROWS[name].draw(data, (1, 3))
        check_first(name, arrays, attributes)

    repeat(count, check)


def check_first(name, arrays, attributes):
    _, gradients = first_order(name, arrays, attributes)
    places = [i for i, a in enumerate(arrays) if a.dtype == "float64"]
    for place, g in zip(places, gradients, strict=True):
        x = arrays[place]

        def f(value, place=place):
            changed = [value if i == place else a for i, a in enumerate(arrays)]
            return total(call(name, changed, attributes), 0.0)

        direction = np.cos(1.0 + np.arange(x.size)).reshape(x.shape)
        expected = slope(f, x, direction)
        if g is None:  # nothing flows: the value must not depend on this input
            assert abs(expected) < 1e-9
            continue
        assert (g.shape, g.dtype) == (x.shape, "float64")
        found = float((g.numpy() * direction).sum())
        assert found == pytest.approx(expected, rel=1e-6, abs=1e-8), f"input {place}"


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("name", SMOOTH)
def test_second_gradient(name, count):
    "The derivative of the gradient, by the tape and by differences of the gradient."

    def check(data):
        arrays, attributes = ROWS[name].draw(data, (1, 3))
        places = [i for i, a in enumerate(arrays) if a.dtype == "float64"]
        for of in range(len(places)):
            check_second(name, arrays, attributes, places, of)

    repeat(count, check)


def check_second(name, arrays, attributes, places, of):
    "d/dx of the weighted sum of the gradient of input `of`."
    tensors = [convert(a) for a in arrays]
    sources = [tensors[i] for i in places]
    with GradientTape() as outer:
        outer.watch(sources)
        with GradientTape() as inner:
            inner.watch(sources)
            z = OPS[name](*tensors, **attributes)
        seed = convert(weights(z.shape, 0.0))
        g = inner.gradient(z, sources, output_gradients=seed)[of]
    if g is None:
        return
    seconds = outer.gradient(
        g, sources, output_gradients=convert(weights(g.shape, 1.0))
    )
    for place, second in zip(places, seconds, strict=True):
        x = arrays[place]

        def f(value, place=place):
            changed = [value if i == place else a for i, a in enumerate(arrays)]
            _, gradients = first_order(name, changed, attributes)
            return total(gradients[of], 1.0)

        direction = np.cos(1.0 + np.arange(x.size)).reshape(x.shape)
        expected = slope(f, x, direction)
        found = 0.0 if second is None else float((second.numpy() * direction).sum())
        assert found == pytest.approx(expected, rel=1e-6, abs=1e-7), f"input {place}"


@pytest.mark.parametrize("name", SMOOTH)
def test_gradient_of_empty_tensors(name):
    "A gradient of the right shape, full of zeros or empty."

    def check(data):
        arrays, attributes = ROWS[name].draw(data, (0, 2))
        try:
            _, gradients = first_order(name, arrays, attributes)
        except ValueError:
            return
        sources = [a for a in arrays if a.dtype == "float64"]
        for g, x in zip(gradients, sources, strict=True):
            assert g is None or g.shape == x.shape

    repeat(QUICK, check)


@pytest.mark.parametrize("name", sorted(n for n in EVERY if ROWS[n].gradient == "zero"))
def test_flat_operations_have_zero_gradient(name):
    def check(data):
        arrays, attributes = ROWS[name].draw(data, (1, 3))
        _, gradients = first_order(name, arrays, attributes)
        assert not any(g.numpy().any() for g in gradients)

    repeat(3, check)


@pytest.mark.parametrize("name", sorted(n for n in EVERY if ROWS[n].gradient == "none"))
def test_operations_without_gradient_cut(name):
    def check(data):
        arrays, attributes = ROWS[name].draw(data, (1, 3))
        if any(a.dtype == "float64" for a in arrays):
            _, gradients = first_order(name, arrays, attributes)
            assert gradients == [None] * len(gradients)

    repeat(3, check)


@pytest.mark.parametrize("name", SMOOTH)
def test_gradient_of_strided_inputs(name):
    "The gradient does not depend on the layout of the inputs."

    def check(data):
        arrays, attributes = ROWS[name].draw(data, (2, 3))
        _, plain = first_order(name, arrays, attributes)
        for variants in layouts(arrays):
            tensors = [Tensor(view) for _, view in variants]
            sources = [t for t in tensors if t.dtype == "float64"]
            with GradientTape() as tape:
                tape.watch(sources)
                z = OPS[name](*tensors, **attributes)
            seed = convert(weights(z.shape, 0.0))
            found = tape.gradient(z, sources, output_gradients=seed)
            for a, b in zip(found, plain, strict=True):
                assert (a is None) == (b is None)
                if a is not None:
                    np.testing.assert_allclose(a.numpy(), b.numpy(), 1e-11, 1e-12)

    repeat(3, check)
