"""Second derivatives of every public operation, by central differences in float64.

The calls are those recorded from real Keras, the nan-reductions, and what takes
functions; and there is a count over all of `ops`, so that an operation is either
differentiated twice here or stands below with the reason why not.
"""

import inspect

import numpy as np
import pytest

from minikeras import GradientTape, ops
from tests.core.test_ops import slope
from tests.golden import load
from tests.ops.test_public_ops import (
    SMOOTH,
    call_of,
    directions,
    gradients,
    label,
    tensors_of,
    total,
)


def wave(*shape, phase=0.0):
    "Numbers without ties or pattern, none near a whole number or zero."
    n = int(np.prod(shape))
    x = 1.7 * np.sin(2.3 * np.arange(n) + 0.4 + phase)
    x = np.where(abs(x - np.round(x)) < 0.05, x + 0.1, x)
    return x.reshape(shape)


HOLES = wave(3, 4).copy()
HOLES[0, 1] = HOLES[2, 0] = HOLES[2, 3] = np.nan
CUBE = wave(2, 3, 4, phase=0.3).copy()
CUBE[0, 0, 2] = CUBE[1, 2, 0] = np.nan
X, POSITIVE = wave(2, 3), 0.3 + wave(2, 3, phase=1.0) ** 2
ENDS = np.array(0.7), np.array(1.8)
IDS = np.array([2, 0, 2, 1, 0])
NAN_REDUCTIONS = "nansum nanmean nanmax nanmin nanprod nanvar nanstd nanmedian".split()
WAYS = {
    "all": {}, "first axis": {"axis": 0}, "last axis": {"axis": -1},
    "kept": {"axis": 1, "keepdims": True}, "two axes": {"axis": (0, 1)},
}  # fmt: skip


def calls():
    "(name, what, function of a list of tensors, float64 arrays)."
    for name in NAN_REDUCTIONS:
        f = getattr(ops, name)
        for way, options in WAYS.items():
            yield name, way, lambda t, f=f, o=options: f(t[0], **o), [HOLES]
        yield name, "cube", lambda t, f=f: f(t[0], axis=(0, 2)), [CUBE]
        yield name, "no nan", lambda t, f=f: f(t[0], axis=0), [wave(4, 3)]
    for name, q in (("nanquantile", 0.3), ("nanpercentile", 30.0)):
        f = getattr(ops, name)
        for method in ("linear", "lower", "higher", "midpoint", "nearest"):
            yield name, method, lambda t, f=f, q=q, m=method: f(
                t[0], q, axis=1, method=m), [HOLES]  # fmt: skip
    for name in ("nancumsum", "nancumprod"):
        f = getattr(ops, name)
        yield name, "axis", lambda t, f=f: f(t[0], axis=1), [HOLES]
    yield from smooth_calls()
    yield from flat_calls()
    yield from calls_with_functions()


def smooth_calls():
    two = {"fmod": ops.fmod, "mod": ops.mod, "divide_no_nan": ops.divide_no_nan}
    for name, f in two.items():
        yield name, "tensors", lambda t, f=f: f(*t), [X, POSITIVE + 0.4]
    yield "mod", "negative", lambda t: ops.mod(*t), [X, -POSITIVE - 0.4]
    yield "ldexp", "", lambda t: ops.ldexp(t[0] ** 3, np.array([1, -2, 3])), [X]
    yield "nextafter", "", lambda t: ops.nextafter(t[0] ** 3, 9.0), [X]
    yield "erfinv", "", lambda t: ops.erfinv(t[0]), [X / 2.5]
    yield "real", "", lambda t: ops.real(t[0] ** 3), [X]
    yield "nan_to_num", "", lambda t: ops.nan_to_num(t[0]) ** 3, [HOLES]
    yield "cast", "", lambda t: ops.cast(t[0] ** 3, "float64"), [X]
    yield "saturate_cast", "", lambda t: ops.saturate_cast(t[0] ** 3, "float64"), [X]
    yield "convert_to_tensor", "", lambda t: ops.convert_to_tensor(t[0] ** 3), [X]
    yield "array", "", lambda t: ops.array(t[0] ** 3), [X]
    for name in ("hard_shrink", "threshold"):
        f = getattr(ops, name)
        options = {"threshold": 0.5} | ({"default_value": 3.0} if f is ops.threshold
                                        else {})  # fmt: skip
        yield name, "", lambda t, f=f, o=options: f(t[0] ** 3, **o), [X]
    yield "geomspace", "", lambda t: ops.geomspace(t[0], t[1], 5), list(ENDS)
    yield "logspace", "", lambda t: ops.logspace(t[0], t[1], 5), list(ENDS)
    yield "top_k", "", lambda t: ops.top_k(t[0] ** 3, 2)[0], [X]
    yield "slice_update", "", lambda t: ops.slice_update(
        t[0] ** 3, [0, 1], t[1] ** 2), [X, wave(2, 1)]  # fmt: skip
    yield "full", "", lambda t: ops.full((2, 3), t[0] ** 3, "float64"), [np.array(0.7)]
    yield "full_like", "", lambda t: ops.full_like(t[1], t[0] ** 3), [np.array(0.7), X]
    yield "switch", "", lambda t: ops.switch(
        1, [lambda x: x, lambda x: x**3], t[0]), [X]  # fmt: skip
    for name in ("segment_max", "segment_min", "segment_prod", "segment_sum"):
        f = getattr(ops, name)
        yield name, "rows", lambda t, f=f: f(t[0] ** 3, IDS, 3), [wave(5, 2)]
    yield "ctc_loss", "", lambda t: ops.ctc_loss(
        np.array([[1, 2], [2, 0]]), t[0], np.array([2, 1]), np.array([5, 4])
    ), [wave(2, 5, 3)]  # fmt: skip


def flat_calls():
    "Steps: between them both derivatives are 0."
    for name in "floor ceil round trunc sign angle".split():
        yield name, "", lambda t, name=name: getattr(ops, name)(t[0]), [X]
    yield "floor_divide", "", lambda t: ops.floor_divide(*t), [X, POSITIVE + 0.4]
    yield "heaviside", "", lambda t: ops.heaviside(t[0], 0.5), [X]


def calls_with_functions():
    "What takes functions: branches, loops, scans, maps."
    yield "cond", "", lambda t: ops.cond(
        True, lambda: t[0] ** 3, lambda: t[0]), [X]  # fmt: skip
    yield "fori_loop", "", lambda t: ops.fori_loop(
        0, 3, lambda i, x: ops.sin(x) * t[0], t[0]), [X]  # fmt: skip
    yield "while_loop", "", lambda t: ops.while_loop(
        lambda i, x: i < 3, lambda i, x: (i + 1, ops.sin(x) * t[0]), (0, t[0])
    )[1], [X]  # fmt: skip
    yield "scan", "", lambda t: ops.scan(
        lambda c, x: (ops.tanh(c * x), c * c), *t), [wave(3), wave(4, 3)]  # fmt: skip
    yield "associative_scan", "", lambda t: ops.associative_scan(
        lambda a, b: a * b, t[0]), [wave(4, 2)]  # fmt: skip
    yield "map", "", lambda t: ops.map(lambda x: x**3, t[0]), [wave(4, 2)]
    yield "vectorize", "", lambda t: ops.vectorize(
        lambda x, y: ops.sin(x) * y**2)(*t), [wave(4, 1), wave(2)]  # fmt: skip
    yield "vectorized_map", "", lambda t: ops.vectorized_map(
        lambda x: ops.sum(x) * x**2, t[0]), [wave(4, 2)]  # fmt: skip


WHOLE = "the result is a whole number, a place, or yes and no"
MADE = "made without a floating input"
WITHOUT = {  # why there is nothing to differentiate
    **dict.fromkeys(
        "all allclose any argmax argmin argpartition argsort bincount bitwise_and "
        "bitwise_invert bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift "
        "bitwise_xor count_nonzero digitize equal gcd greater greater_equal histogram "
        "in_top_k isclose isfinite isin isinf isnan isneginf isposinf isreal lcm "
        "left_shift less less_equal logical_and logical_not logical_or logical_xor "
        "nanargmax nanargmin nonzero not_equal right_shift searchsorted signbit "
        "unravel_index".split(), WHOLE),
    **dict.fromkeys(
        "arange bartlett blackman empty empty_like eye hamming hanning identity kaiser "
        "multi_hot one_hot ones ones_like tri zeros zeros_like imag".split(), MADE),
    **dict.fromkeys("dtype is_tensor ndim shape size".split(), "no tensor comes out"),
    "convert_to_numpy": "leaves the world of tensors",
    "custom_gradient": "its second derivative is what the user writes",
    "stop_gradient": "its derivative is 0 by definition, not by differences",
    "view": "the result is the bits",
    "unique": "the shape depends on the values",
}  # fmt: skip
CALLS = list(calls())
RECORDED = SMOOTH + [record for record in load("pantry") if "grads" in record]
NOT_TWICE = {
    f"{name}:{i}": "segment 1 is empty: the result is infinite, its differences are nan"
    for name in ("segment_max", "segment_min")
    for i in (1, 4)
}


def check_twice(call, arrays):
    "The tape's second derivative along a direction, and the difference of its first."
    tensors = tensors_of(arrays)
    with GradientTape() as outer:
        outer.watch(tensors)
        with GradientTape() as inner:
            inner.watch(tensors)
            y = total(call(tensors), 0.0)
        firsts = inner.gradient(y, tensors, unconnected_gradients="zero")
        z = total(firsts, 1.0)
    seconds = outer.gradient(z, tensors, unconnected_gradients="zero")
    for place, direction in enumerate(directions(arrays)):
        if arrays[place].dtype != "float64" or not arrays[place].size:
            continue

        def changed(x, place=place):
            return [x if i == place else a for i, a in enumerate(arrays)]

        for found, f in (
            (firsts, lambda x: float(total(call(tensors_of(changed(x))), 0.0))),
            (seconds, lambda x: float(total(gradients(call, changed(x)), 1.0))),
        ):
            expected = slope(f, arrays[place], direction)
            assert np.isfinite(expected), f"input {place}"
            got = float((found[place].numpy() * direction).sum())
            assert got == pytest.approx(expected, rel=2e-5, abs=1e-6), f"input {place}"


@pytest.mark.parametrize(
    "call, arrays", [c[2:] for c in CALLS], ids=["-".join(c[:2]) for c in CALLS]
)
def test_twice(call, arrays):
    check_twice(call, arrays)


@pytest.mark.parametrize("record", RECORDED, ids=label)
def test_twice_as_recorded(record):
    if record["id"] in NOT_TWICE:
        pytest.skip(NOT_TWICE[record["id"]])
    check_twice(*call_of(record))


def test_every_operation_is_here_or_has_a_reason():
    public = {name for name in ops.__all__ if inspect.isroutine(getattr(ops, name))}
    done = {record["name"] for record in RECORDED} | {c[0] for c in CALLS}
    assert not done & set(WITHOUT), "both tested and excused"
    assert sorted(public - done - set(WITHOUT)) == []
    assert sorted(set(WITHOUT) - public) == []
