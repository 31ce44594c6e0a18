"""Public operations: gradients by finite differences, and specs of symbolic calls.

The calls are those recorded from real Keras.  Each is done in float64 on inputs moved
off the kinks, and its gradient is compared with central differences (the second one in
`test_second_gradients`); and each is done once more on symbolic tensors, whose spec must
be the eager one.
"""

import numpy as np
import pytest

import minikeras
from minikeras import GradientTape, KerasTensor, ops
from tests.core.test_ops import slope, weights
from tests.golden import decode
from tests.ops.test_golden_ops import RECORDS

# The value depends on the input in steps or jumps, or is not kept in float64.
ROUGH = set(
    "floor ceil round sign rint trunc floor_divide mod argsort heaviside cast full "
    "hard_shrink activations.hard_shrink threshold activations.threshold erfinv".split()
)
TIED = {
    "max:11",
    "min:11",
    "amax:11",
    "amin:11",
    "sparsemax:7",
    "activations.sparsemax:7",
}


def one_per_signature():
    "One differentiable record for each operation and set of keywords."
    seen = {}
    for record in RECORDS:
        shape_of = tuple(
            len(a["array"].split(","))
            if isinstance(a, dict) and "array" in a
            else str(a)
            for a in record["args"]
        )
        key = (record["name"], str(record.get("kwargs")), shape_of)
        fine = (
            "grads" in record and "nan" not in str(record) and "inf" not in str(record)
        )
        fine = fine and record["id"] not in TIED
        if fine and record["name"] not in ROUGH and "array" in str(record["args"]):
            seen.setdefault(key, record)
    return list(seen.values())


SMOOTH = one_per_signature()


def moved(array, place):
    "float64, a little off the round numbers at which functions have kinks."
    if array.dtype.kind != "f":
        return array
    phase = np.sin(1.0 + 3.7 * np.arange(array.size) + place).reshape(array.shape)
    return array.astype("float64") + 0.011 + 0.003 * phase


def call_of(record):
    "(function of arrays, arrays): the record's call with its float arrays as inputs."
    floats = []

    def pull(array):
        floats.append(moved(array, len(floats)))
        return Slot(len(floats) - 1)

    args = decode(record["args"], pull)
    kwargs = decode(record.get("kwargs", {}), pull)
    name = record["name"]
    function = ops if record["kind"] == "op" else minikeras
    for part in name.split("."):
        function = getattr(function, part)

    def call(tensors):
        return function(*fill(args, tensors), **fill(kwargs, tensors))

    return call, floats


class Slot:
    def __init__(self, number):
        self.number = number


def fill(tree, tensors):
    if isinstance(tree, Slot):
        return tensors[tree.number]
    if isinstance(tree, (list, tuple)):
        return type(tree)(fill(item, tensors) for item in tree)
    if isinstance(tree, dict):
        return {key: fill(item, tensors) for key, item in tree.items()}
    return tree


def total(out, phase):
    "A fixed weighted sum of all floating outputs."
    parts = out if isinstance(out, (list, tuple)) else [out]
    sums = [
        ops.sum(z * ops.convert_to_tensor(weights(z.shape, phase + i), dtype=z.dtype))
        for i, z in enumerate(parts)
        if z.dtype.startswith(("float", "bfloat"))
    ]
    return sum(sums[1:], sums[0])


def tensors_of(arrays):
    return [ops.convert_to_tensor(a, dtype=a.dtype.name) for a in arrays]


def gradients(call, arrays):
    tensors = tensors_of(arrays)
    with GradientTape() as tape:
        tape.watch(tensors)
        y = total(call(tensors), 0.0)
    return tape.gradient(y, tensors, unconnected_gradients="zero")


def directions(arrays):
    return [np.cos(1.0 + np.arange(a.size)).reshape(a.shape) for a in arrays]


def label(record):
    return record["id"]


@pytest.mark.parametrize("record", SMOOTH, ids=label)
def test_first_gradient_against_differences(record):
    call, arrays = call_of(record)
    found = gradients(call, arrays)
    for place, direction in enumerate(directions(arrays)):
        if arrays[place].dtype != "float64" or not arrays[place].size:
            continue

        def f(x, place=place):
            changed = [x if i == place else a for i, a in enumerate(arrays)]
            return float(total(call(tensors_of(changed)), 0.0))

        expected = slope(f, arrays[place], direction)
        got = float((found[place].numpy() * direction).sum())
        assert got == pytest.approx(expected, rel=2e-6, abs=1e-7), f"input {place}"


# ---- symbolic calls ------------------------------------------------------------------


def specs_of(tree):
    if isinstance(tree, (list, tuple)):
        return [specs_of(item) for item in tree]
    return (tuple(tree.shape), tree.dtype)


SYMBOLIC = [
    record
    for record in RECORDS
    if "array" in str(record["args"]) and "raises" not in str(record["out"])[:12]
]
BY_VALUE = {"nonzero", "unique", "repeat", "convert_to_tensor", "array", "linspace"}
PLAIN_RESULT = {"ndim", "shape"}  # no tensor comes out


@pytest.mark.parametrize("record", SYMBOLIC, ids=label)
def test_symbolic_spec_is_the_eager_one(record):
    "KerasTensors of the same shapes, and with an unknown first size."
    name = record["name"]
    if name in BY_VALUE | PLAIN_RESULT or (
        name == "where" and len(record["args"]) == 1
    ):
        pytest.skip("the shape depends on the values")
    call, arrays = call_of(record)
    eager = specs_of(call(tensors_of(arrays)))
    known = [KerasTensor(a.shape, dtype=a.dtype.name) for a in arrays]
    assert specs_of(call(known)) == eager
