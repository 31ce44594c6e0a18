"""Specs, the meeting of shapes, the spec column, symbols and explained errors."""

import itertools
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

import minikeras
import minikeras.core.infer
from minikeras.core import table
from minikeras.core.door import here, reading
from minikeras.core.errors import ArgumentError, AxisError, DTypeError, ShapeError
from minikeras.core.infer import (
    Symbol,
    axes_of,
    axis_of,
    eval_spec,
    infer,
    spec,
)
from minikeras.core.nest import flatten, map_structure, pack
from minikeras.core.specs import (
    TensorSpec,
    as_line,
    joint_shape,
    joint_size,
    standardize_shape,
)
from minikeras.core.tensor import Tensor

SIZES = st.sampled_from([None, 0, 1, 2, 5])
SHAPES = st.lists(SIZES, max_size=4).map(tuple)


def f32(*shape):
    return TensorSpec(shape)


# -- a spec


def test_spec_spellings():
    assert minikeras.TensorSpec is TensorSpec
    assert str(f32(None, 10)) == "f32[?,10]" and str(TensorSpec((), "bool")) == "bool[]"
    assert repr(f32(3)) == "TensorSpec(shape=(3,), dtype=float32)"
    assert f32(3).ndim == 1


@pytest.mark.parametrize("shape", [[3], (np.int32(3),), np.array([3])])
def test_shapes_in_many_spellings(shape):
    assert standardize_shape(shape) == (3,)
    assert all(type(n) is int for n in standardize_shape(shape))


@pytest.mark.parametrize("shape", [3, np.int64(3)])
def test_a_number_is_a_shape_only_where_tensorflow_says_so(shape):
    with pytest.raises(DTypeError):
        standardize_shape(shape)
    assert as_line(shape) == (3,) == TensorSpec(shape).shape


@pytest.mark.parametrize("shape", [None, 2.5, (2.0,), "ab", ((2,),), object()])
def test_what_is_no_shape(shape):
    with pytest.raises(DTypeError):
        standardize_shape(shape)


def test_negative_sizes_are_refused():
    with pytest.raises(ShapeError):
        TensorSpec((2, -1))


def test_specs_are_keys():
    assert f32(None, 2) == TensorSpec([None, 2], "float32", name="x") != f32(2, None)
    assert len({f32(1), TensorSpec(1), TensorSpec(1, "int32")}) == 2
    assert f32(1) != (1,)
    assert pickle.loads(pickle.dumps(f32(None))) == f32(None)


# -- the meeting of shapes


def test_unknown_sizes_meet():
    assert joint_size(None, 1) is None and joint_size(1, None) is None
    assert joint_size(None, 5) == 5 == joint_size(5, None)
    assert joint_size(None, None) is None
    assert joint_size(0, 1) == 0 == joint_size(None, 0)


@given(mutually_broadcastable_shapes(num_shapes=3, max_dims=4))
def test_joint_shape_is_numpys(shapes):
    assert joint_shape("add", *shapes.input_shapes) == shapes.result_shape


@given(SHAPES, SHAPES)
def test_joint_shape_never_claims_too_much(m, n):
    """Whatever the unknown sizes turn out to be, known joint sizes are right."""
    known = [
        [[s] if s is not None else [0, 1, 2, 5] for s in shape] for shape in (m, n)
    ]
    try:
        joint = joint_shape("add", m, n)
    except ShapeError:
        joint = None
    for a in itertools.islice(itertools.product(*known[0]), 20):
        for b in itertools.islice(itertools.product(*known[1]), 20):
            try:
                actual = np.broadcast_shapes(a, b)
            except ValueError:
                continue
            assert joint is not None
            assert all(j in (None, k) for j, k in zip(joint, actual, strict=True))


def test_the_error_names_the_sizes():
    with pytest.raises(ShapeError, match="4 != 3") as caught:
        joint_shape("where", (2, 4), (2, 3), ())
    assert caught.value.op == "where" and "[2,4] with [2,3] with []" in caught.value.got


# -- rules


@pytest.mark.parametrize(
    "axis, ndim, wanted", [(0, 2, 0), (-1, 2, 1), (np.int8(-2), 3, 1)]
)
def test_axis_of(axis, ndim, wanted):
    assert axis_of("sum", axis, ndim) == wanted


@pytest.mark.parametrize("axis, ndim", [(2, 2), (-3, 2), (0, 0)])
def test_axes_out_of_range(axis, ndim):
    with pytest.raises(AxisError):
        axis_of("sum", axis, ndim)
    with pytest.raises(IndexError):
        axes_of("sum", (axis,), ndim)


def test_axes_of():
    assert axes_of("sum", None, 3) == (0, 1, 2)
    assert axes_of("sum", [-1, 0], 3) == (2, 0)
    with pytest.raises(AxisError):
        axes_of("sum", (0, -2), 2)
    with pytest.raises(DTypeError):
        axes_of("sum", 1.0, 2)


GOOD = [
    (table.matmul, (f32(None, 3), f32(3, 4)), {}, "f32[?,4]"),
    (table.matmul, (f32(5, 1, 2, 3), f32(7, 3, None)), {}, "f32[5,7,2,?]"),
    (table.reshape, (f32(None, 28, 28),), {"shape": (-1, 784)}, "f32[?,784]"),
    (table.reshape, (f32(None, 4),), {"shape": (2, 2)}, "f32[2,2]"),
    (
        table.reshape,
        (f32(None, None, 3),),
        {"shape": (None, None, 3, 1)},
        "f32[?,?,3,1]",
    ),
    (table.reshape, (f32(0, 3),), {"shape": (3, 0)}, "f32[3,0]"),
    (table.concatenate, (f32(None, 2), f32(4, 3)), {"axis": 1}, "f32[4,5]"),
    (table.concatenate, (f32(None, 2), f32(4, 2)), {"axis": 0}, "f32[?,2]"),
    (table.broadcast_to, (f32(None),), {"shape": (3, 1)}, "f32[3,1]"),
    (table.broadcast_like, (f32(None, 1), f32(None, 4)), {}, "f32[?,4]"),
    (table.reduce_like, (f32(None, 4), f32(None, 1)), {}, "f32[?,1]"),
    (table.reduce_sum, (f32(None, 4),), {"axis": None, "keepdims": True}, "f32[1,1]"),
    (table.reduce_max, (f32(None),), {"axis": 0, "keepdims": False}, "f32[]"),
    (table.argmax, (f32(2, 3),), {"axis": -1}, "i32[2]"),
    (table.nonzero, (f32(2, 3),), {}, "i32[2,?]"),
    (table.transpose, (f32(2, None, 4),), {"axes": (2, 0, -2)}, "f32[4,2,?]"),
    (table.pad, (f32(None, 2),), {"widths": ((1, 1), (0, 2)), "value": 0}, "f32[?,4]"),
    (table.strided_slice, (f32(5, 4),), {"index": ((None, None, -2),)}, "f32[3,4]"),
    (
        table.gather,
        (f32(9, 4), TensorSpec((None, 2), "int32")),
        {"axis": 0},
        "f32[?,2,4]",
    ),
]


@pytest.mark.parametrize("op, inputs, attributes, wanted", GOOD)
def test_rules(op, inputs, attributes, wanted):
    assert str(spec[op](*inputs, **attributes)) == wanted


BAD = [
    (table.matmul, (f32(2, 3), f32(2, 3)), {}, ShapeError),
    (table.matmul, (f32(3), f32(3, 1)), {}, ShapeError),
    (table.matmul, (f32(2, 2, 3), f32(3, 3, 1)), {}, ShapeError),
    (table.add, (f32(2), TensorSpec((2,), "int32")), {}, DTypeError),
    (table.exp, (TensorSpec((2,), "int32"),), {}, DTypeError),
    (table.negative, (TensorSpec((2,), "bool"),), {}, DTypeError),
    (table.bitwise_and, (f32(2), f32(2)), {}, DTypeError),
    (table.reshape, (f32(2, 3),), {"shape": (4, -1)}, ShapeError),
    (table.reshape, (f32(2, 3),), {"shape": (-1, -1)}, ShapeError),
    (table.reshape, (f32(0, 3),), {"shape": (-1, 0)}, ShapeError),
    (table.reshape, (f32(None, 10),), {"shape": (12,)}, ShapeError),
    (table.reduce_max, (f32(2, 0),), {"axis": 1, "keepdims": False}, ShapeError),
    (table.argmin, (f32(0),), {"axis": 0}, ShapeError),
    (table.nonzero, (f32(),), {}, ShapeError),
    (table.transpose, (f32(2, 3),), {"axes": (0,)}, AxisError),
    (table.concatenate, (), {"axis": 0}, ArgumentError),
    (table.concatenate, (f32(2, 3), f32(2)), {"axis": 0}, ShapeError),
    (table.concatenate, (f32(2, 3), f32(3, 2)), {"axis": 0}, ShapeError),
    (table.pad, (f32(2),), {"widths": ((0, -1),), "value": 0}, ShapeError),
    (table.pad, (f32(2),), {"widths": (), "value": 0}, ShapeError),
    (table.broadcast_to, (f32(2, 3),), {"shape": (3,)}, ShapeError),
    (table.broadcast_to, (f32(3),), {"shape": (1,)}, ShapeError),
    (table.reduce_like, (f32(3), f32(2)), {}, ShapeError),
    (table.strided_slice, (f32(3),), {"index": ((None, None, 0),)}, ArgumentError),
    (table.gather, (f32(3), f32(2)), {"axis": 0}, DTypeError),
    (table.gather, (f32(3), TensorSpec((), "int32")), {"axis": 1}, AxisError),
]


@pytest.mark.parametrize("op, inputs, attributes, error", BAD)
def test_rules_refuse(op, inputs, attributes, error):
    with pytest.raises(error) as caught:
        spec[op](*inputs, **attributes)
    assert caught.value.op == op.name or op is table.reduce_like
    with pytest.raises(error), reading(infer):
        op(*map(Symbol, inputs), **attributes)


def test_a_transposed_matrix_is_recognised():
    with pytest.raises(ShapeError) as caught:
        spec[table.matmul](f32(32, 784), f32(10, 784))
    assert "784 != 10" in caught.value.got and "transpose" in caught.value.hint


# -- symbols


def test_eval_spec_keeps_the_structure():
    def function(pair, *, scale):
        x, y = pair
        return {"z": table.add(x, y), "more": [table.exp(x), None, scale]}

    result = eval_spec(function, (f32(None, 1), f32(3)), scale=2)
    assert result == {"z": f32(None, 3), "more": [f32(None, 1), None, 2]}


def test_eval_spec_takes_tensors_for_their_spec():
    x = Tensor(np.ones((2, 3), "float32"))
    assert eval_spec(table.exp, x) == f32(2, 3)
    assert here.level.reader is not infer


def test_eval_spec_leaves_the_level_after_an_error():
    before = here.level
    with pytest.raises(ShapeError):
        eval_spec(table.add, f32(2), f32(3))
    assert here.level is before


@pytest.mark.parametrize("ask", [bool, float, int, range, np.asarray, Symbol.numpy])
def test_a_symbol_has_no_values(ask):
    with pytest.raises(DTypeError, match="no values yet"):
        ask(Symbol(f32()))


def test_symbols_know_their_spec():
    symbol = Symbol(f32(None, 2))
    assert (symbol.shape, symbol.dtype, symbol.ndim) == ((None, 2), "float32", 2)
    assert repr(symbol) == "Symbol(f32[?,2])"
    with pytest.raises(TypeError):
        hash(symbol)


def test_nests():
    nest = {"b": (1, [None]), "a": 2}
    assert flatten(nest) == [2, 1, None]
    assert pack(nest, "xyz") == {"b": ("y", ["z"]), "a": "x"}
    assert map_structure(lambda x, y: (x, y), [1, None], [3, 4]) == [(1, 3), (None, 4)]
    with pytest.raises(ValueError):
        map_structure(max, [1, 2], [1])


# -- explained errors


def test_eager_errors_speak_in_specs():
    x, y = Tensor(np.ones((2, 3))), Tensor(np.ones((4, 3)))
    with pytest.raises(ShapeError) as caught:
        table.add(x, y)
    assert "[2,3] with [4,3]" in caught.value.got
    assert caught.value.__suppress_context__ and "test_specs.py" in caught.value.at


def test_a_failure_of_values_keeps_the_operations_name():
    with pytest.raises(ArgumentError) as caught:
        table.power(Tensor(np.array([2])), Tensor(np.array([-1])))
    assert caught.value.op == "power" and caught.value.got == "i64[1], i64[1]"
