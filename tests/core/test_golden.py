"""Dtype promotion as recorded from real Keras: all pairs, and all operations."""

import numpy as np
import pytest

import minikeras
from minikeras import backend, ops
from tests.golden import load
from tests.golden.cases.dtypes import EXTRA, PYTHON, WEAK
from tests.golden.encoding import np_dtype

RECORDS = {record["id"]: record for record in load("dtypes")}
PAIRS = sorted(name for name, r in RECORDS.items() if r["kind"] == "pairs")
ONE = sorted(name for name, r in RECORDS.items() if r["kind"] == "dtypes")
LATER = {"diff", "median", "sort"}  # operations of later issues

# Where we differ on purpose.  Keras gives uint32 for two uint64, and so loses numbers;
# and these functions of Keras make a tensor of a Python number before they promote,
# where with us a Python number is weak everywhere.
CONVERTS_FIRST = {"arctan2", "logaddexp", "dot", "mod", "outer", "tensordot"}
ONE_DIFFERS = {  # moments of integers are integers in Keras, which rounds the mean
    ("clip", "uint64"), ("prod", "uint64"), ("moments", "int32"), ("moments", "int64"),
}  # fmt: skip


def differs_on_purpose(name, left, right):
    numbers = left in PYTHON or right in PYTHON
    if name in CONVERTS_FIRST and numbers:
        return True
    return name != "result_type" and left == right == "uint64"


def table_of(name):
    "(left, right, expected) for all pairs of a recorded square."
    record = RECORDS[name]
    order = record["order"].split()
    for left, row in record["rows"].items():
        for right, expected in zip(order, row.split(), strict=True):
            if expected != "-" and not differs_on_purpose(name, left, right):
                yield left, right, expected


def operand(name):
    if name in PYTHON:
        return PYTHON[name]
    return ops.convert_to_tensor(np.ones((2, 2), np_dtype(name)), dtype=name)


def test_result_type_of_all_pairs():
    wrong = []
    for left, right, expected in table_of("result_type"):
        found = backend.result_type(WEAK.get(left, left), WEAK.get(right, right))
        if found != expected:
            wrong.append(f"{left}, {right}: {found}, Keras {expected}")
    assert not wrong, "\n".join(wrong)


def test_result_type_is_symmetric_and_takes_many():
    assert backend.result_type("int8", "float16", int) == "float16"
    assert backend.result_type() == backend.floatx()
    assert backend.result_type("int32") == "int32"


CALLS = {
    "where": lambda x, y: ops.where(True, x, y),
    "concatenate": lambda x, y: ops.concatenate([x, y]),
    "stack": lambda x, y: ops.stack([x, y]),
    "tensordot": lambda x, y: ops.tensordot(x, y, axes=1),
}


@pytest.mark.parametrize("name", [name for name in PAIRS if name != "result_type"])
def test_dtype_of_two_operands(name):
    "Every pair of dtypes, Python numbers included, on both sides."
    call = CALLS.get(name) or getattr(ops, name)
    wrong = []
    for left, right, expected in table_of(name):
        try:
            found = call(operand(left), operand(right)).dtype
        except Exception as error:
            found = f"{type(error).__name__}: {error}".splitlines()[0]
        if found != expected:
            wrong.append(f"{left}, {right}: {found}, Keras {expected}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", ONE)
def test_dtype_of_one_operand(name):
    if name in LATER:
        pytest.skip("of a later issue")
    wrong = []
    for dtype, expected in RECORDS[name]["dtypes"].items():
        if expected == "-" or (name, dtype) in ONE_DIFFERS:
            continue
        try:
            found = getattr(ops, name)(operand(dtype), *EXTRA.get(name, ()))
            found = (found[0] if isinstance(found, (tuple, list)) else found).dtype
        except Exception as error:
            found = f"{type(error).__name__}: {error}".splitlines()[0]
        if found != expected:
            wrong.append(f"{dtype}: {found}, Keras {expected}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "name", ["add", "divide", "maximum", "power", "where", "equal"]
)
def test_symbolic_dtype_is_the_eager_dtype(name):
    "The spec column promotes as the eager one does."
    call = CALLS.get(name) or getattr(ops, name)
    from minikeras.core.infer import eval_spec

    for left, right, _ in table_of(name):
        x, y = operand(left), operand(right)
        try:
            eager = call(x, y)
        except Exception:
            continue
        assert eval_spec(call, x, y) == eager.spec, (left, right)


def test_module_has_the_api_that_cases_use():
    for name in ("GradientTape", "Variable", "ops", "backend"):
        assert hasattr(minikeras, name)
