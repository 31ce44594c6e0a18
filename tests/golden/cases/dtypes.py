"""Dtype promotion: backend.result_type for all pairs, and the result dtype of each op.

The record of a two-operand rule is a square: for each left dtype one string with the
result dtypes for all right dtypes, in the order of `ALL`.  "-" means that TensorFlow
refuses the pair (for many it has no kernel).
"""

import json

import numpy as np

from tests.golden.encoding import np_dtype

DTYPES = (
    "bool uint8 uint16 uint32 uint64 int8 int16 int32 int64 float16 bfloat16 float32 "
    "float64"
).split()
PYTHON = {"python_bool": True, "python_int": 1, "python_float": 1.0}
ALL = [*DTYPES, *PYTHON]
WEAK = {"python_bool": bool, "python_int": int, "python_float": float}
BINARY = (
    "add subtract multiply divide true_divide floor_divide mod power maximum minimum "
    "arctan2 logaddexp equal less logical_and matmul dot outer where concatenate stack "
    "append isclose divide_no_nan tensordot"
).split()
UNARY = (
    "abs negative sign square sqrt exp expm1 log log1p log2 log10 sin cos tan tanh "
    "sinh cosh arcsin arccos arctan arcsinh arccosh arctanh reciprocal ceil floor "
    "round isnan isfinite logical_not sum prod mean var std max min any all "
    "argmax argmin "
    "cumsum cumprod average count_nonzero relu sigmoid softmax gelu silu elu softplus "
    "log_softmax logsumexp clip zeros_like ones_like transpose trace tril flip sort "
    "nan_to_num rsqrt erf leaky_relu relu6 tile repeat diff median real moments "
    "normalize"
).split()
EXTRA = {"clip": (0, 1), "tile": (2,), "repeat": (2,), "moments": (0,)}


def record(keras, folder):
    "Write dtypes.json: three kinds of records, one line each."
    records = [result_types(keras)]
    records += [binary(keras, name) for name in BINARY]
    records += [unary(keras, name) for name in UNARY]
    lines = ",\n".join(json.dumps(item) for item in records)
    (folder / "dtypes.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    print(f"dtypes: {len(records)} records")


def result_types(keras):
    def rule(left, right):
        pair = [WEAK.get(left, left), WEAK.get(right, right)]
        return keras.backend.result_type(*pair)

    return {"id": "result_type", "kind": "pairs", "name": "result_type"} | square(rule)


def square(rule):
    rows = {}
    for left in ALL:
        rows[left] = " ".join(attempt(rule, left, right) for right in ALL)
    return {"order": " ".join(ALL), "rows": rows}


def attempt(rule, *names):
    try:
        return str(rule(*names))
    except Exception:
        return "-"


def operand(keras, name):
    if name in PYTHON:
        return PYTHON[name]
    return keras.ops.convert_to_tensor(np.ones((2, 2), np_dtype(name)), dtype=name)


def call_binary(keras, name, x, y):
    op = getattr(keras.ops, name)
    if name == "where":
        return op(True, x, y)
    if name in ("concatenate", "stack"):
        return op([x, y])
    if name == "tensordot":
        return op(x, y, axes=1)
    return op(x, y)


def eager_dtype(keras, name, names, call):
    "The dtype of the result, or an exception where TensorFlow has no kernel."
    out = call(keras, name, *(operand(keras, n) for n in names))
    out = out[0] if isinstance(out, (tuple, list)) else out
    return keras.backend.standardize_dtype(out.dtype)


def binary(keras, name):
    def rule(*names):
        return eager_dtype(keras, name, names, call_binary)

    return {"id": name, "kind": "pairs", "name": name} | square(rule)


def call_unary(keras, name, x):
    return getattr(keras.ops, name)(x, *EXTRA.get(name, ()))


def unary(keras, name):
    def rule(dtype):
        return eager_dtype(keras, name, (dtype,), call_unary)

    dtypes = {d: attempt(rule, d) for d in DTYPES}
    return {"id": name, "kind": "dtypes", "name": name, "dtypes": dtypes}
