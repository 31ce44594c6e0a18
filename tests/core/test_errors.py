"""Bad input: every public operation x every applicable fault of the contract.

The faults are B1, B3, B5, B6 and B9 of the reliability contract.  A valid call of each
operation is taken from the recordings of real Keras; each fault spoils one argument.
Every case must raise, within a blink, one of our errors, which is also the built-in
class that people catch, starts with the operation's name, and leaves all state alone.
"""

import inspect
import re
import time

import numpy as np
import pytest

import minikeras
from minikeras import ops
from minikeras.core.door import here
from minikeras.core.errors import Report
from tests.golden import decode, load

SPEC = re.compile(r"\b(bool|u?i\d+|b?f\d+)\[[\d?,]*\]")


WITHOUT_SAMPLE = set(  # control flow and the like take functions, not numbers
    "cond while_loop fori_loop scan map vectorized_map switch custom_gradient "
    "is_tensor convert_to_numpy dtype associative_scan vectorize shape ndim "
    "size ctc_loss".split()  # ctc_loss is examined in tests/chapters/keras/test_misfits.py
)


def valid_calls():
    "For each operation, its first recorded call that works: (args, kwargs)."
    found = {}
    for file in ("ops_numpy", "ops_nn", "holes", "pantry"):
        for record in load(file):
            fine = "raises" not in str(record["out"])[:12]
            known = (
                hasattr(ops, record["name"]) and record["name"] not in WITHOUT_SAMPLE
            )
            if record["kind"] == "op" and fine and known:
                call = (record["args"], record.get("kwargs", {}))
                if record["name"] not in found or not arrays_in(
                    found[record["name"]][0]
                ):
                    found[record["name"]] = call
    # many answers are right, so Keras' own is not recorded
    found["argpartition"] = ([found["argsort"][0][0], 1], {})
    # recorded elsewhere: probes_ops, group "bits"
    found["nextafter"] = found["arctan2"]
    found["view"] = ([found["sqrt"][0][0], "int32"], {})
    return found


def arrays_in(args):
    return [i for i, arg in enumerate(args) if isinstance(arg, dict) and "array" in arg]


CALLS = valid_calls()
NAMES = sorted(CALLS)


def test_every_operation_has_a_valid_call():
    public = {name for name in ops.__all__ if inspect.isfunction(getattr(ops, name))}
    assert not sorted(public - set(NAMES) - WITHOUT_SAMPLE)


# ---- the faults ----------------------------------------------------------------------

NOT_NUMBERS = {
    "text": np.array(["a", "b"]),
    "objects": np.array([1, None], dtype=object),
    "dates": np.array(["2026-01-01"], dtype="datetime64[D]"),
    "ragged": [[1.0], [1.0, 2.0]],
    "nothing": None,
    "an object": object(),
    "a set": {1.0, 2.0},
}
BAD_AXES = {"far": 99, "far below": -99, "fraction": 1.5, "text": "x"}
ODD = np.zeros((7, 11, 13, 2), "float32")

TAKES_NONE = {("where", 1), ("where", 2), ("clip", 1), ("clip", 2)}
# operations whose arguments need not fit one another
ANY_SHAPES = set(
    "outer meshgrid take append dot tensordot linspace vdot digitize searchsorted "
    "segment_sum select kron isin nanquantile".split()
)
AXIS_IS_FREE = set("take_along_axis".split())


def wrong_kind_cases():
    for name in NAMES:
        args, kwargs = CALLS[name]
        for place in arrays_in(args):
            for fault, value in NOT_NUMBERS.items():
                if value is None and (name, place) in TAKES_NONE:
                    continue
                yield pytest.param(
                    name, place, value, id=f"{name}-{place}-{fault.replace(' ', '-')}"
                )


def axis_cases():
    for name in NAMES:
        parameters = inspect.signature(getattr(ops, name)).parameters
        for word in ("axis", "axes", "axis1", "source"):
            if word in parameters and name not in AXIS_IS_FREE:
                for fault, value in BAD_AXES.items():
                    yield pytest.param(
                        name, word, value, id=f"{name}-{fault.replace(' ', '-')}"
                    )


def shape_cases():
    for name in NAMES:
        places = arrays_in(CALLS[name][0])
        if len(places) > 1 and name not in ANY_SHAPES:
            yield pytest.param(name, places[1], id=name)


def bound(name, args, kwargs):
    "All arguments by name, so that one can be replaced."
    tensor = ops.convert_to_tensor
    args = decode(args, lambda a: tensor(a, dtype=a.dtype.name))
    kwargs = decode(kwargs, lambda a: tensor(a, dtype=a.dtype.name))
    return args, kwargs


def expect_error(name, args, kwargs, classes=(ValueError, TypeError, IndexError)):
    "The contract: our class, named, quick, and nothing has changed."
    level, watchers = here.level, list(here.level.watchers)
    floatx, started = minikeras.backend.floatx(), time.perf_counter()
    with pytest.raises(classes) as caught:
        getattr(ops, name)(*args, **kwargs)
    assert time.perf_counter() - started < 2.0
    assert (here.level, here.level.watchers) == (level, watchers)
    assert minikeras.backend.floatx() == floatx
    return caught.value


@pytest.mark.parametrize("name, place, value", wrong_kind_cases())
def test_what_is_no_number_is_refused(name, place, value):
    args, kwargs = bound(name, *CALLS[name])
    args[place] = value
    error = expect_error(name, args, kwargs)
    assert isinstance(error, Report), f"{type(error).__name__}: {error}"
    called = getattr(ops, name).__name__  # swish is another name of silu
    assert str(error).startswith(f"{called}: "), str(error)


@pytest.mark.parametrize("name, word, value", axis_cases())
def test_axis_that_is_none(name, word, value):
    args, kwargs = bound(name, *CALLS[name])
    place = list(inspect.signature(getattr(ops, name)).parameters).index(word)
    if place < len(args):
        args[place] = value
    else:
        kwargs[word] = value
    error = expect_error(name, args, kwargs)
    assert isinstance(error, Report), f"{type(error).__name__}: {error}"
    assert str(error).startswith(f"{name}: "), str(error)
    if isinstance(value, int) and word != "axes":  # axes want a tuple, so a TypeError
        assert isinstance(error, ValueError) and str(value) in str(error)


@pytest.mark.parametrize("name, place", shape_cases())
def test_shapes_that_do_not_fit(name, place):
    "B1: ValueError with the specs or shapes in it."
    args, kwargs = bound(name, *CALLS[name])
    dtype = args[place].dtype
    args[place] = ops.cast(ODD, dtype)
    error = expect_error(name, args, kwargs, (ValueError, IndexError))
    assert isinstance(error, Report), f"{type(error).__name__}: {error}"
    assert str(error).startswith(f"{name}: "), str(error)
    assert re.search(r"\[[\d?, ]*\]", str(error)), str(error)


# ---- single cases --------------------------------------------------------------------

HUGE = 2**40
TOO_BIG = {
    "zeros": lambda: ops.zeros((HUGE, HUGE)),
    "ones": lambda: ops.ones((HUGE, HUGE)),
    "full": lambda: ops.full((HUGE, HUGE), 1.0),
    "eye": lambda: ops.eye(HUGE),
    "tile": lambda: ops.tile(ops.ones((2, 2)), (HUGE, HUGE)),
    "add of broadcasts": lambda: (
        ops.broadcast_to(1.0, (HUGE, 1)) + ops.broadcast_to(1.0, (1, HUGE))
    ),
    "outer": lambda: ops.outer(ops.ones(2**21), ops.ones(2**21)),
    "negative size": lambda: ops.zeros((-1, 2)),
}


@pytest.mark.parametrize("what", TOO_BIG)
def test_impossible_sizes(what):
    "B9: an error before anything is allocated, and the next operation is right."
    started = time.perf_counter()
    with pytest.raises((MemoryError, ValueError)):
        TOO_BIG[what]()
    assert time.perf_counter() - started < 2.0
    assert float(ops.sum(ops.ones((3, 3)))) == 9.0


def test_message_has_the_four_lines():
    x, w = ops.ones((32, 784)), ops.ones((10, 784))
    with pytest.raises(ValueError) as caught:
        x @ w
    lines = str(caught.value).splitlines()
    assert lines[0].startswith("matmul: ")
    assert lines[1].startswith("  got   f32[32,784] @ f32[10,784]")
    assert lines[2].startswith("  try   ")
    assert lines[3].startswith("  at    test_errors.py:")
    assert lines[3].endswith("x @ w")


def test_messages_show_specs():
    with pytest.raises(ValueError) as caught:
        ops.matmul(ops.ones((2, 3), "float64"), ops.ones((2, 3), "float64"))
    assert SPEC.search(str(caught.value))


@pytest.mark.parametrize(
    "call, classes",
    [
        (lambda x: x[5], IndexError),
        (lambda x: x[0, 0, 0], IndexError),
        (lambda x: x["a"], (TypeError, IndexError)),
        (lambda x: x[1.5], (TypeError, IndexError)),
        (lambda x: x[..., ...], (ValueError, IndexError)),
        (lambda x: x[np.array([0, 9])], IndexError),
        (lambda x: x[np.array([True, False, True])], IndexError),
        (lambda x: ops.take(x, [0, 9], axis=0), IndexError),
        (lambda x: ops.take_along_axis(x, ops.full((2, 3), 9, "int32"), 1), IndexError),
        (lambda x: bool(x), ValueError),
        (lambda x: float(x), (TypeError, ValueError)),
        (lambda x: hash(x), TypeError),
        (lambda x: len(x[0, 0]), TypeError),
        (lambda x: list(x[0, 0]), TypeError),
        (lambda x: x.__setitem__(0, 1.0), (AttributeError, TypeError)),
        (lambda x: x + "text", TypeError),
        (lambda x: "text" + x, TypeError),
        (lambda x: x + None, TypeError),
        (lambda x: x @ 2.0, (ValueError, TypeError)),
        (lambda x: x + np.array(["a"]), TypeError),
    ],
)
def test_tensor_methods(call, classes):
    x = ops.convert_to_tensor(np.arange(6.0).reshape(2, 3))
    before = x.numpy()
    with pytest.raises(classes):
        call(x)
    np.testing.assert_array_equal(x.numpy(), before)


def test_take_names_value_and_position():
    with pytest.raises(IndexError, match=r"9.*\n.*\[1\]"):
        ops.take(ops.ones((3, 2)), [0, 9], axis=0)


# ---- aliasing (B10) ------------------------------------------------------------------


def test_tensor_does_not_alias_its_array():
    a = np.ones(3, "float32")
    x = ops.convert_to_tensor(a)
    a[0] = 7.0
    assert x.numpy().tolist() == [1.0, 1.0, 1.0]


def test_numpy_gives_a_copy_and_array_a_locked_view():
    x = ops.convert_to_tensor([1.0, 2.0])
    x.numpy()[0] = 9.0
    view = np.asarray(x)
    with pytest.raises(ValueError):
        view[0] = 9.0
    assert x.numpy().tolist() == [1.0, 2.0]


def test_variable_does_not_alias_its_array():
    a = np.ones(3, "float32")
    v = minikeras.Variable(a)
    a[0] = 7.0
    b = np.full(3, 2.0, "float32")
    v.assign(b)
    b[0] = 7.0
    assert v.numpy().tolist() == [2.0, 2.0, 2.0]


def test_old_value_survives_an_assignment():
    v = minikeras.Variable([1.0, 2.0])
    old = v.value
    v.assign_add([1.0, 1.0])
    assert old.numpy().tolist() == [1.0, 2.0]


# ---- layouts and special values (B5, B7) ---------------------------------------------


@pytest.mark.parametrize("layout", ["reversed", "fortran", "swapped", "locked", "odd"])
def test_any_array_becomes_the_same_tensor(layout):
    a = np.arange(12, dtype="float32").reshape(3, 4)
    arrays = {
        "reversed": a[::-1, ::-1].copy()[::-1, ::-1],
        "fortran": np.asfortranarray(a),
        "swapped": a.astype(">f4"),
        "locked": a.copy(),
        "odd": np.frombuffer(b"x" + a.tobytes(), "uint8")[1:]
        .view("float32")
        .reshape(3, 4),
    }
    source = arrays[layout]
    if layout == "locked":
        source.flags.writeable = False
    x = ops.convert_to_tensor(source)
    assert x.dtype == "float32"
    np.testing.assert_array_equal(x.numpy(), a)
    np.testing.assert_array_equal((x * 2.0).numpy(), a * 2)


@pytest.mark.parametrize(
    "name", ["maximum", "minimum", "relu", "max", "sum", "softmax"]
)
def test_nan_is_not_hidden(name):
    x = ops.convert_to_tensor([1.0, np.nan, -1.0])
    more = (
        [ops.convert_to_tensor([0.0, 0.0, 0.0])]
        if name in ("maximum", "minimum")
        else []
    )
    assert np.isnan(getattr(ops, name)(x, *more).numpy()).any()


def test_signed_zeros():
    x = ops.convert_to_tensor([-0.0, 0.0])
    assert np.signbit(x.numpy()).tolist() == [True, False]
    assert np.signbit((-x).numpy()).tolist() == [False, True]
    assert np.isneginf((1.0 / x).numpy()).tolist() == [True, False]
