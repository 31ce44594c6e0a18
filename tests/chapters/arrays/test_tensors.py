"""Conversion, promotion, broadcasting at the door, operators, Python and NumPy."""

import copy
import datetime
import decimal
import operator
import pickle

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays, mutually_broadcastable_shapes

import minikeras.core.infer
from minikeras.core.config import set_floatx
from minikeras.core.door import Level, here, reading
from minikeras.core.dtypes import NAME_OF, NAMES, NUMPY, result_type
from minikeras.core.eager import compute
from minikeras.core.errors import ArgumentError, DTypeError, ShapeError
from minikeras.core.infer import Symbol, eval_spec
from minikeras.core.specs import TensorSpec
from minikeras.core.tensor import Tensor, Value, convert, matmul_any, promote


def kind(x, dtype=None):
    return str(convert(x, dtype).spec)


class Watcher:
    def __init__(self, *followed):
        self.ids, self.seen = set(map(id, followed)), []

    def follows(self, x):
        return id(x) in self.ids

    def saw(self, op, inputs, attributes, output):
        self.seen.append(op.name)

    def __enter__(self):
        here.level.watchers.append(self)
        return self

    def __exit__(self, *_):
        here.level.watchers.remove(self)


# -- conversion

KINDS = [
    (1, "i32[]"),
    (2**31, "i64[]"),
    (-(2**31), "i32[]"),
    (2**63, "u64[]"),
    (True, "bool[]"),
    (0.5, "f32[]"),
    ([], "f32[0]"),
    ([[]], "f32[1,0]"),
    ([1, 2.5], "f32[2]"),
    ([True, 2], "i32[2]"),
    ([True], "bool[1]"),
    (range(3), "i32[3]"),
    ([2**31], "i64[1]"),
    ([2**63], "u64[1]"),
    ((1, (2,))[1], "i32[1]"),
    (np.float64(1), "f64[]"),
    (np.zeros(2), "f64[2]"),
    (np.zeros(2, ">i2"), "i16[2]"),
    ([np.float16(1), 2.5], "f16[2]"),
    ([2, np.float32(1)], "f32[2]"),
    ([np.int64(2), 1], "i64[2]"),
    ([np.float64(1)] * 2, "f64[2]"),
    ([np.bool_(True)], "bool[1]"),
    ([np.zeros(2, "int8"), np.zeros(2, "int8")], "i8[2,2]"),
    (np.zeros(2, ml_dtypes.bfloat16), "bf16[2]"),
    (memoryview(b"ab"), "u8[2]"),
    (bytearray(b"abc"), "u8[3]"),
    (np.ma.array([1.0]), "f64[1]"),
]


@pytest.mark.parametrize("x, wanted", KINDS, ids=range(len(KINDS)))
def test_kinds(x, wanted):
    assert kind(x) == wanted


def test_python_floats_follow_floatx():
    set_floatx("float16")
    try:
        assert kind(1.5) == "f16[]" and kind([1.5, 2]) == "f16[2]"
        assert kind([np.float32(1), 2.0]) == "f32[2]"
    finally:
        set_floatx("float32")


REFUSED = [
    "a",
    b"a",
    None,
    ["a"],
    [1, "a"],
    [None],
    1j,
    {1},
    {"a": 1},
    iter([1]),
    object(),
    decimal.Decimal(1),
    datetime.date(2026, 1, 1),
    np.array("2026", "M8"),
    np.array(1, "m8"),
    np.zeros(1, [("a", "f4")]),
    np.array([1, "a"], object),
    np.longdouble(1),
    len,
]


@pytest.mark.parametrize("x", REFUSED, ids=lambda x: type(x).__name__)
def test_refused(x):
    with pytest.raises(DTypeError, match="takes numbers, not") as caught:
        convert(x)
    assert (
        caught.value.op == "convert_to_tensor" and "test_tensors.py" in caught.value.at
    )


def test_objects_of_a_table_are_named():
    class Frame:  # as pandas hands out a table with a column of names
        def __array__(self, dtype=None, copy=None):
            return np.array([[1, "Ada"], [2, "Bob"]], dtype=object)

    with pytest.raises(DTypeError, match="not int and str"):
        convert(Frame())


@pytest.mark.parametrize("x", [[[1], [2, 3]], [[1], 2], [np.zeros(2), np.zeros(3)]])
def test_ragged_lists(x):
    with pytest.raises(ShapeError, match="different lengths"):
        convert(x)


@pytest.mark.parametrize(
    "x, dtype",
    [
        (300, "uint8"),
        ([300], "uint8"),
        (-1, "uint8"),
        ([2**40], "int32"),
        (2**64, None),
        ([2**64], None),
        (float("nan"), "int32"),
        (float("inf"), "int8"),
    ],
)
def test_numbers_that_do_not_fit(x, dtype):
    with pytest.raises(ArgumentError):
        convert(x, dtype)


@pytest.mark.parametrize("name", ["float16", "bfloat16", "float32"])
@pytest.mark.filterwarnings("error")
def test_large_floats_become_infinite_in_silence(name):
    assert np.isinf(float(convert(1e300, name))) and np.isinf(
        float(convert(1, name) * -1e39)
    )
    assert np.isinf(convert([1e300], name).numpy().astype("float32")).all()
    assert float(convert(65504.0, "float16")) == 65504


def test_arrays_cast_as_numpy_does():
    assert convert(np.array([300]), "uint8")._data.tolist() == [44]
    assert convert([2.7, -2.7], "int32")._data.tolist() == [2, -2]
    assert convert([0.1], "float64")._data[0] == 0.1


def test_conversion_copies():
    array = np.ones(3)
    x = convert(array)
    array[0] = 5
    assert x._data[0] == 1 and not np.shares_memory(x, array)


def test_values_are_not_copied():
    x = convert([1.0])
    assert convert(x) is x is convert(x, "float32")
    assert convert(x, "int8").dtype == "int8"


def test_only_dlpack():
    class Foreign:
        def __init__(self, array):
            self.array = array

        def __dlpack__(self, **options):
            return self.array.__dlpack__(**options)

        def __dlpack_device__(self):
            return self.array.__dlpack_device__()

    array = np.arange(3.0)
    x = convert(Foreign(array))
    assert kind(x) == "f64[3]" and not np.shares_memory(x, array)


def test_an_error_of_the_object_itself_passes():
    class Broken:
        def __array__(self, dtype=None, copy=None):
            raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        convert(Broken())


def test_lists_of_tensors_are_operations():
    x = convert([1.0, 2.0])
    with Watcher() as watcher:
        z = convert([[x, x], [x, [3, 4]]])
    assert z.shape == (2, 2, 2) and z.dtype == "float32"
    assert watcher.seen.count("concatenate") == 3
    assert kind([convert(1), convert(2.0)]) == "f32[2]"


def test_a_list_of_symbols():
    def stack(x):
        return convert([x, x])

    assert str(eval_spec(stack, TensorSpec((None, 2)))) == "f32[2,?,2]"


# -- the two meetings


def test_weak_numbers_are_converted_once():
    x, y = promote(np.zeros(1), 0.1)
    assert y._data == 0.1 and y.dtype == "float64"
    assert promote(1, 2)[0].dtype == "int32"
    assert [v.dtype for v in promote(True, 2.0)] == ["float32"] * 2


@given(mutually_broadcastable_shapes(num_shapes=2, max_dims=3), st.data())
def test_add_meets_like_numpy(shapes, data):
    names = [data.draw(st.sampled_from(NAMES)) for _ in range(2)]
    a, b = (
        data.draw(arrays("int8", shape, elements=st.integers(0, 3))).astype(NUMPY[name])
        for shape, name in zip(shapes.input_shapes, names, strict=True)
    )
    z = convert(a) * convert(b)
    if names[0] != names[1]:
        assert z.dtype == result_type(*names)
    assert z.shape == shapes.result_shape
    np.testing.assert_array_equal(z, a.astype(z._data.dtype) * b.astype(z._data.dtype))


def test_stretching_is_written_down_for_watchers_only():
    row, column = convert(np.ones((1, 3))), convert(np.ones((2, 1)))
    with Watcher() as watcher:
        row + column
    assert watcher.seen == ["add"]
    with Watcher(row) as watcher:
        row + column
    assert watcher.seen == ["broadcast_to", "add"]
    with Watcher(row, column) as watcher:
        row + 1.0
    assert watcher.seen == ["add"]


def test_on_an_explicit_level_all_is_written_down():
    seen = []

    def reader(op, inputs, attributes):
        seen.append(op.name)
        return compute(op, inputs, attributes)

    with reading(reader):
        convert([1.0, 2.0]) + 1
    assert seen == ["broadcast_to", "add"]


def test_unknown_sizes_are_read_at_run_time():
    seen = []

    def reader(op, inputs, attributes):
        seen.append(op.name)
        return minikeras.core.infer.infer(op, inputs, attributes)

    with reading(reader):
        z = Symbol(TensorSpec((None,))) + Symbol(TensorSpec((None,)))
    assert (
        seen == ["broadcast_like", "broadcast_like", "add"] and str(z.spec) == "f32[?]"
    )


# -- operators

SIGNS = "add sub mul truediv floordiv mod pow lt le gt ge eq ne matmul".split()


@pytest.mark.parametrize("name", SIGNS)
def test_every_operator_from_both_sides(name):
    sign, a = getattr(operator, name), np.array([[1.0, 2.0], [3.0, 4.0]])
    x, wanted = convert(a), sign(a, a.T)
    for z in (
        sign(x, convert(a.T)),
        sign(x, a.T),
        sign(a, convert(a.T)),
        sign(x, a.T.tolist()),
    ):
        assert isinstance(z, Tensor)
        np.testing.assert_array_equal(z, wanted)


@pytest.mark.parametrize("name", SIGNS[:-1])
@pytest.mark.parametrize("number", [2, 2.0, np.float32(2), True])
def test_numbers_on_either_side(name, number):
    sign, a = getattr(operator, name), np.array([1.0, 2.0, 5.0], "float32")
    np.testing.assert_array_equal(sign(convert(a), number), sign(a, np.float32(number)))
    np.testing.assert_array_equal(sign(number, convert(a)), sign(np.float32(number), a))
    assert sign(convert(a), number).dtype in ("float32", "bool")


def test_bits():
    x, y = convert([True, True, False]), convert([True, False, False])
    assert (x & y).numpy().tolist() == [True, False, False]
    assert (x | [False, False, True]).numpy().tolist() == [True, True, True]
    assert ([True] ^ x).numpy().tolist() == [False, False, True]
    assert (~x).numpy().tolist() == [False, False, True] and int(~convert(5)) == -6
    assert (1 & convert([3, 2])).numpy().tolist() == [1, 0]


def test_signs():
    x = convert([-1.0, 2.0])
    assert (-x).numpy().tolist() == [1, -2] and abs(x).numpy().tolist() == [1, 2]
    assert +x is x


@pytest.mark.parametrize(
    "x, y, dtype",
    [
        ([1, 2], 2, "float32"),
        ([1, 2], [3, 4], "float32"),
        (np.ones(1, "int8"), 2, "float32"),
        (np.ones(1, "f2"), 2, "float16"),
        (np.ones(1, "i4"), np.ones(1, "f8"), "float64"),
    ],
)
def test_division_has_a_fraction(x, y, dtype):
    assert (convert(x) / y).dtype == dtype == (y / convert(x)).dtype


def test_remainders_and_zero():
    a, b = convert([-7, 7]), convert([2, -2])
    assert (a // b).numpy().tolist() == [-4, -4] and (a % b).numpy().tolist() == [1, -1]
    with np.errstate(all="raise"):
        assert np.isinf(convert(1.0) / 0) and np.isnan(convert(0.0) / 0.0)


def test_equality():
    x = convert([1, 2])
    assert (x == None) is False and (x != None) is True  # noqa: E711
    assert (x == [1, 3]).numpy().tolist() == [True, False]
    with pytest.raises(TypeError):
        hash(x)


def test_operators_with_what_is_no_number():
    for sign in (operator.add, operator.eq, operator.matmul):
        with pytest.raises(DTypeError):
            sign(convert([1.0]), "a")
        with pytest.raises(DTypeError):
            sign(object(), convert([1.0]))


@pytest.mark.parametrize("name", SIGNS)
def test_a_value_of_higher_priority_answers(name):
    class Recorder(Value):
        @property
        def __array_priority__(self):
            return 200

    def answer(self, x):
        return "mine"

    mirrored = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le", "eq": "eq", "ne": "ne"}
    setattr(Recorder, f"__{mirrored.get(name, 'r' + name)}__", answer)
    assert getattr(operator, name)(convert([1.0]), Recorder()) == "mine"


MATMUL = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 4)),
    ((5, 2, 3), (3,)),
    ((3,), (5, 3, 4)),
    ((5, 2, 3), (3, 4)),
    ((5, 1, 2, 3), (6, 3, 4)),
    ((0,), (0,)),
]


@pytest.mark.parametrize("m, n", MATMUL)
def test_matmul_of_any_rank(m, n):
    a, b = np.arange(np.prod(m)).reshape(m), np.arange(np.prod(n)).reshape(n)
    np.testing.assert_array_equal(convert(a) @ convert(b), a @ b)
    np.testing.assert_array_equal(matmul_any(a, b.astype("float64")), a @ b)


def test_batches_are_stretched_for_watchers():
    x, w = convert(np.ones((5, 2, 3))), convert(np.ones((3, 4)))
    with Watcher(x, w) as watcher:
        x @ w
        x @ x.numpy().transpose(0, 2, 1)
        w.numpy().T @ w
    assert watcher.seen == ["broadcast_to", "matmul", "matmul", "matmul"]
    x @ w
    assert len(watcher.seen) == 4


def test_unknown_batches_are_stretched_at_run_time():
    seen = []

    def reader(op, inputs, attributes):
        seen.append(op.name)
        return minikeras.core.infer.infer(op, inputs, attributes)

    x, w = Symbol(TensorSpec((None, 2, 3))), Symbol(TensorSpec((3, 4)))
    with reading(reader):
        assert str((x @ w).spec) == "f32[?,2,4]"
    assert seen.count("broadcast_like") == 2 and seen[-1] == "matmul"
    specs = TensorSpec((None, 2, None)), TensorSpec((7, 3, 4))
    assert str(eval_spec(operator.matmul, *specs)) == "f32[7,2,4]"


def test_matmul_errors():
    with pytest.raises(ShapeError, match="no axes to multiply"):
        convert(1.0) @ convert([1.0])
    with pytest.raises(ShapeError, match="3 != 2"):
        convert(np.ones((2, 3))) @ np.ones((2, 3))


def test_matmul_of_symbols():
    x, y = TensorSpec((None, None, 3)), TensorSpec((3,))
    assert str(eval_spec(operator.matmul, x, y)) == "f32[?,?]"


# -- towards Python and NumPy


def test_properties():
    x = convert(np.zeros((2, 3), "int8"))
    assert (x.shape, x.dtype, x.ndim, x.size) == ((2, 3), "int8", 2, 6)
    assert x.spec == TensorSpec((2, 3), "int8")


def test_array_protocol():
    x = convert([1.0, 2.0])
    view = np.asarray(x)
    assert not view.flags.writeable and np.shares_memory(view, x._data)
    assert np.array(x).flags.writeable and np.asarray(x, "int32").tolist() == [1, 2]
    assert np.asarray(x, copy=False) is not None
    with pytest.raises(ArgumentError):
        np.asarray(x, "int32", copy=False)
    mine = x.numpy()
    mine[0] = 9
    assert x._data[0] == 1


@pytest.mark.parametrize("name", [name for name in NAMES if name != "bfloat16"])
def test_dlpack(name):
    x = convert([1, 0], name)
    lent = np.from_dlpack(x)
    assert not lent.flags.writeable and np.shares_memory(lent, x._data)
    assert NAME_OF[lent.dtype] == name
    assert x.__dlpack_device__() == (1, 0)
    assert "dltensor" in repr(x.__dlpack__())  # an old consumer gets a copy
    with pytest.raises(BufferError):
        x.__dlpack__(copy=False)


def test_one_number_is_a_number():
    assert (
        float(convert([[2.5]])) == 2.5 and int(convert(3)) == 3 and bool(convert([0.1]))
    )
    assert [10, 20][convert(1)] == 20 and list(range(convert(np.uint8(2)))) == [0, 1]
    for ask in (float, int, bool):
        with pytest.raises(ArgumentError):
            ask(convert([1, 2]))
        with pytest.raises(ValueError):
            ask(convert([]))
    for not_index in (convert(1.0), convert(True)):
        with pytest.raises(DTypeError):
            operator.index(not_index)


def test_text():
    assert repr(convert([1.0, 2.5])) == "Tensor([1. , 2.5], shape=(2,), dtype=float32)"
    assert repr(convert(1)) == "Tensor(1, shape=(), dtype=int32)"
    assert f"{convert(0.125):.2f} {convert(7):03d}" == "0.12 007"
    assert str(convert([1])) == f"{convert([1])}"
    with pytest.raises(ArgumentError):
        f"{convert([1.0, 2.0]):.2f}"


@pytest.mark.parametrize("name", NAMES)
def test_keeping(name):
    x = convert([[1, 0]], name)
    y = pickle.loads(pickle.dumps(x))
    assert y.spec == x.spec and np.array_equal(x, y)
    assert copy.copy(x) is x is copy.deepcopy([x])[0]
    assert (y + x).spec == x.spec


def test_levels_keep_their_reader():
    assert isinstance(here.level, Level) and here.level.reader is compute
