"""The table, the door, and the first column against loops."""

import itertools
import math
import threading
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays, basic_indices

from minikeras.core import eager, table
from minikeras.core.door import Level, apply, here, reading
from minikeras.core.dtypes import NAMES, NUMPY
from minikeras.core.eager import compute, evaluate, explanations
from minikeras.core.errors import IndexRangeError, MissingRuleError, Report
from minikeras.core.table import OPS, Column, Op
from minikeras.core.tensor import Tensor, Value


def value(op, *arrays, **attributes):
    return apply(op, *map(Tensor, map(np.asarray, arrays)), **attributes)._data


# -- rows and columns


def test_rows_are_unique_and_named():
    assert all(OPS[name].name == name for name in OPS)
    assert repr(table.reduce_sum) == "sum" and repr(table.select) == "where"


def test_a_row_that_is_not_listed():
    before = dict(OPS)
    assert Op("private", listed=False) not in OPS.values()
    assert "private" not in OPS and len(OPS) == len(before)


def test_every_row_has_a_rule_but_random_bits():
    missing = [name for name, op in OPS.items() if op not in evaluate]
    assert missing in (["random_bits"], [])


def test_an_empty_cell_says_where_it_goes():
    column = Column("vjp", "minikeras/core/gradients.py")
    with pytest.raises(MissingRuleError) as caught:
        column[table.exp]
    assert str(caught.value).splitlines()[:2] == [
        "exp: no rule in the column 'vjp'",
        "  try   vjp[exp] = ... in minikeras/core/gradients.py",
    ]
    assert isinstance(caught.value, NotImplementedError)
    assert table.exp not in column and column.get(table.exp) is None


def test_values_are_no_keys():
    with pytest.raises(TypeError):
        {Tensor(np.ones(2))}


# -- the door


class Notes(list):
    def saw(self, op, inputs, attributes, output):
        self.append((op.name, output))


@pytest.fixture
def notes():
    notes = Notes()
    here.level.watchers.append(notes)
    yield notes
    here.level.watchers.remove(notes)


def test_watchers_see_results_in_order(notes):
    y = table.exp(Tensor(np.zeros(2)))
    z = table.add(y, y)
    assert [name for name, _ in notes] == ["exp", "add"]
    assert notes[0][1] is y and notes[1][1] is z


def test_levels_do_not_see_each_other(notes):
    class Word(Value):
        pass

    with reading(lambda op, inputs, attributes: Word()):
        above = Notes()
        here.level.watchers.append(above)
        assert isinstance(table.exp(Word()), Word)
    assert len(above) == 1 and notes == []


def test_reading_comes_back_after_an_error():
    ground_floor = here.level
    with pytest.raises(ZeroDivisionError), reading(compute):
        assert here.level is not ground_floor and here.level.explicit
        raise ZeroDivisionError
    assert here.level is ground_floor and not ground_floor.explicit


def test_threads_stand_on_their_own_ground(notes):
    found = []

    def work():
        found.append((here.level.reader, value(table.add, [1.0], [2.0])[0]))

    with reading(lambda op, inputs, attributes: None):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert found == [(compute, 3.0)] and notes == []


def test_a_level_that_writes_has_a_drawer():
    assert Level(compute).state == {} and Level(compute, explicit=False).state is None


# -- the eager reader


def test_results_are_arrays_even_without_axes():
    total = value(table.reduce_sum, [1.0], axis=0, keepdims=False)
    for result in (value(table.add, 1.0, 2.0), total):
        assert type(result) is np.ndarray and result.shape == ()


def test_infinities_are_silent_here_and_only_here():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert value(table.exp, 1000.0) == np.inf
        assert np.isnan(value(table.divide, 0.0, 0.0))
        with pytest.raises(RuntimeWarning):
            np.exp(np.array(1000.0))


def test_explanations_are_asked_in_order_and_the_error_passes():
    asked = []
    explanations.append(lambda *args: asked.append(args[0]))
    try:
        with pytest.raises(ValueError):
            value(table.add, np.ones(2), np.ones(3))
        explanations.append(lambda *args: (_ for _ in ()).throw(KeyError("better")))
        with pytest.raises(KeyError):
            value(table.add, np.ones(2), np.ones(3))
        assert asked == [table.add, table.add]
        explanations.pop()
    finally:
        explanations.pop()


# -- the column


REDUCTIONS = ["reduce_sum", "reduce_prod", "reduce_max", "reduce_min"]


@pytest.mark.parametrize("dtype", NAMES)
@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions_keep_the_dtype(name, dtype):
    x = np.array([[1, 0, 1], [1, 1, 1]], NUMPY[dtype])
    op = getattr(table, name)
    for axis, shape in [((0,), (3,)), ((0, 1), ()), ((), (2, 3)), (1, (2,))]:
        result = value(op, x, axis=axis, keepdims=False)
        assert result.dtype == NUMPY[dtype] and result.shape == shape
    assert value(op, x, axis=(0,), keepdims=True).shape == (1, 3)


@pytest.mark.parametrize("name", ["any", "all"])
def test_questions_give_bools(name):
    result = value(OPS[name], np.array([[0.0, 2.0]]), axis=(1,), keepdims=False)
    assert result.dtype == bool and bool(result[0]) == (name == "any")


def test_positions_are_int32_and_sorting_is_stable():
    x = np.array([2, 1, 2, 1, 2])
    assert value(table.argsort, x, axis=0).tolist() == [1, 3, 0, 2, 4]
    for op, attributes in [
        (table.argsort, {"axis": 0}),
        (table.argmax, {"axis": 0}),
        (table.argmin, {"axis": 0}),
        (table.nonzero, {}),
    ]:
        assert value(op, x, **attributes).dtype == np.int32


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_our_own_functions_against_math(dtype):
    x = np.array([-80, -20, -3, -0.5, 0, 1e-3, 0.5, 3, 20, 80], NUMPY[dtype])
    exact = {
        "sigmoid": [1 / (1 + math.exp(-v)) for v in x.tolist()],
        "softplus": [max(v, 0) + math.log1p(math.exp(-abs(v))) for v in x.tolist()],
        "erf": [math.erf(v) for v in x.tolist()],
    }
    tiny = 2.0**-24 if dtype == "float16" else 1e-37
    rtol = {"float16": 3e-3, "bfloat16": 3e-2, "float32": 1e-6, "float64": 1e-14}[dtype]
    for name, expected in exact.items():
        result = value(OPS[name], x)
        assert result.dtype == NUMPY[dtype]
        np.testing.assert_allclose(
            result.astype("float64"), expected, rtol=rtol, atol=tiny
        )


def test_our_own_functions_at_the_edges():
    x = np.array([-np.inf, np.inf, np.nan])
    np.testing.assert_array_equal(value(table.sigmoid, x), [0, 1, np.nan])
    np.testing.assert_array_equal(value(table.softplus, x), [0, np.inf, np.nan])
    np.testing.assert_array_equal(value(table.erf, x), [-1, 1, np.nan])


@given(st.data())
def test_reduce_like_adds_up_what_broadcasting_repeats(data):
    small = data.draw(array_shapes(min_dims=0, max_dims=3, max_side=3))
    like = tuple(data.draw(st.sampled_from([n, 1])) for n in small)
    extra = data.draw(array_shapes(min_dims=0, max_dims=2, max_side=3))
    x = np.arange(math.prod(extra + small), dtype="int64").reshape(extra + small)
    expected = np.zeros(like, "int64")
    for index in itertools.product(*map(range, x.shape)):
        home = index[len(extra) :]
        expected[tuple(i if n > 1 else 0 for i, n in zip(home, like, strict=True))] += (
            x[index]
        )
    np.testing.assert_array_equal(value(table.reduce_like, x, np.empty(like)), expected)


@given(st.data())
def test_scatter_slice_puts_a_slice_back(data):
    shape = data.draw(array_shapes(max_dims=3, max_side=5))
    x = 1 + np.arange(math.prod(shape)).reshape(shape)
    step = st.sampled_from([-2, -1, 1, 2])
    bound = st.none() | st.integers(-5, 5)
    index = tuple((data.draw(bound), data.draw(bound), data.draw(step)) for _ in shape)
    cut = value(table.strided_slice, x, index=index)
    back = value(table.scatter_slice, cut, x, index=index)
    assert np.isin(back, [0, *cut.ravel()]).all() and back.sum() == cut.sum()
    np.testing.assert_array_equal(value(table.strided_slice, back, index=index), cut)


@given(arrays("int32", (2, 3), elements=st.integers(-4, 3)), st.sampled_from([0, 1]))
def test_gather_and_scatter_add_against_loops(index, axis):
    x = np.arange(16.0).reshape(4, 4)
    picked = value(table.gather, x, index, axis=axis)
    np.testing.assert_array_equal(picked, np.take(x, index, axis=axis))
    expected, updates = np.zeros((4, 4)), np.ones(picked.shape)
    for place in index.ravel():
        expected[(slice(None),) * axis + (place,)] += 1
    result = value(table.scatter_add, np.zeros((4, 4)), updates, index, axis=axis)
    np.testing.assert_array_equal(result, expected)


def test_scatter_add_leaves_its_base_alone():
    base = np.zeros(3)
    value(table.scatter_add, base, np.ones(2), [1, 1], axis=0)
    assert base.tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    "index, wrong, place", [([0, 4], 4, [1]), ([[0], [-5]], -5, [1, 0])]
)
def test_an_index_out_of_range_names_value_and_position(index, wrong, place):
    with pytest.raises(IndexRangeError) as caught:
        value(table.gather, np.ones((2, 4)), index, axis=1)
    message = str(caught.value)
    assert f"index {wrong} is out of range for axis 1 of size 4" in message
    assert f"at position {place}" in message and "test_table.py" in message
    assert isinstance(caught.value, IndexError) and isinstance(caught.value, Report)


def test_an_index_into_nothing():
    with pytest.raises(IndexRangeError, match="a tensor that is not empty"):
        value(table.gather, np.ones((0, 4)), [0], axis=0)


@given(st.data())
def test_elementwise_rules_read_any_strides(data):
    base = np.arange(24.0).reshape(2, 3, 4)
    view = base[data.draw(basic_indices(base.shape, allow_ellipsis=True))]
    for op in (table.sigmoid, table.softplus, table.erf, table.negative):
        np.testing.assert_array_equal(value(op, view), value(op, np.array(view)))


def test_numbers_out_of_nothing():
    assert apply(table.full, shape=(2,), value=7, dtype="int8")._data.tolist() == [7, 7]
    assert apply(table.iota, size=3, dtype="bfloat16")._data.dtype == NUMPY["bfloat16"]
    assert value(table.dim_size, np.ones((2, 5)), axis=1) == 5
    assert eager.evaluate[table.cast](np.array([1.7]), "int32").tolist() == [1]


@pytest.mark.parametrize("kind", ["float16", "bfloat16"])
@pytest.mark.parametrize("n", [1, 7, 200])
def test_products_of_halves_are_rounded_once(kind, n):
    "They are the nearest number to the float64 product, or (rarely) its neighbour."
    draw = np.random.default_rng(n).standard_normal
    x, y = (draw((2, n, n)).astype(NUMPY[kind]) for _ in range(2))
    found, exact = value(table.matmul, x, y), x.astype("float64") @ y.astype("float64")
    nearest = exact.astype(NUMPY[kind])
    assert found.dtype == NUMPY[kind] and (found == nearest).mean() > 0.99
    size = (abs(x.astype("float64")) @ abs(y.astype("float64"))).max()
    step = 2.0**-10 if kind == "float16" else 2.0**-7
    assert (abs(found - nearest).astype("float64") <= step * size).all()


def test_products_of_halves_overflow_to_infinity_only_at_the_end():
    x = np.array([[60000.0, 60000.0]], "float16")
    assert value(table.matmul, x, x.T).item() == np.inf
    assert value(table.matmul, x, np.array([[1.0], [-1.0]], "float16")).item() == 0.0


def test_products_of_whole_numbers_of_16_bits_are_exact():
    x = np.array([[181, 1, 2]], "int16")  # float16 has no 32766
    assert value(table.matmul, x, x.T).item() == 181 * 181 + 1 + 4


def test_padding_a_number_without_axes():
    assert value(table.pad, 3.0, widths=(), value=0) == 3.0


@pytest.mark.parametrize("op", eager.ROUNDED, ids=str)
def test_strides_do_not_change_a_bit(op):
    x = np.linspace(1, 1.9, 60).reshape(3, 4, 5) - (op.name in ("arccos", "arctanh"))
    inputs = 2 if op in (table.power, table.arctan2) else 1
    plain = value(op, *[x] * inputs)
    layouts = [x[::-1, ::-1, ::-1].copy()[::-1, ::-1, ::-1], np.asfortranarray(x), x]
    layouts.append(np.repeat(x, 2, axis=-1)[..., ::2])
    for first, second in itertools.product(layouts, repeat=2):
        np.testing.assert_array_equal(value(op, *[first, second][:inputs]), plain)
