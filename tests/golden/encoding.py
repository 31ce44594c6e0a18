"""Values as JSON and back, and the comparison of two encoded outcomes.

| value                       | JSON                                               |
| --------------------------- | -------------------------------------------------- |
| None, bool, int, str        | itself                                             |
| float                       | itself, or {"float": "nan" / "inf" / "-inf"}       |
| tensor or array             | {"array": "float32[2,3]", "values": [...]}         |
| NumPy array (not converted) | {"numpy": "float32[2,3]", "values": [...]}         |
| symbolic tensor             | {"symbol": "float32[?,3]"}                         |
| list, tuple, dict           | [...], {"tuple": [...]}, {"key": ...}              |
| slice, ...                  | {"slice": [start, stop, step]}, {"ellipsis": true} |
| exception                   | {"raises": "ValueError", "bases": ["ValueError"]}  |
"""

import math

import ml_dtypes
import numpy as np

RTOL = {"float16": 4e-3, "bfloat16": 3e-2, "float32": 2e-5, "float64": 1e-9}
ATOL = {"float16": 2e-3, "bfloat16": 2e-2, "float32": 2e-6, "float64": 1e-10}


class Raw:
    "An array that a case passes as NumPy array, not as tensor."

    def __init__(self, array):
        self.array = np.asarray(array)


def np_dtype(name):
    return np.dtype(ml_dtypes.bfloat16 if name == "bfloat16" else name)


def encode(value):
    "Value to JSON; see the table above."
    if value is None or isinstance(value, (bool, str)):
        return value
    if type(value) is int:
        return value
    if type(value) is float:
        return value if math.isfinite(value) else {"float": repr(value)}
    if isinstance(value, BaseException):
        return encode_exception(value)
    if isinstance(value, Raw):
        return {"numpy": spec(value.array), "values": numbers(value.array)}
    if isinstance(value, list):
        return [encode(item) for item in value]
    if isinstance(value, tuple):
        return {"tuple": [encode(item) for item in value]}
    if isinstance(value, dict):
        return {str(key): encode(item) for key, item in value.items()}
    if isinstance(value, slice):
        return {"slice": [encode(i) for i in (value.start, value.stop, value.step)]}
    if value is Ellipsis:
        return {"ellipsis": True}
    if type(value).__name__ == "KerasTensor":
        return {"symbol": spec(value)}
    if isinstance(value, (np.ndarray, np.generic)) or hasattr(value, "__array__"):
        array = np.asarray(value)
        return {"array": spec(array), "values": numbers(array)}
    raise TypeError(f"cannot encode {type(value)}")


def encode_exception(error):
    "The class, and which built-in classes catch it."
    bases = [c.__name__ for c in type(error).__mro__ if c.__module__ == "builtins"]
    general = ("Exception", "BaseException", "object")
    return {
        "raises": type(error).__name__,
        "bases": [name for name in bases if name not in general],
    }


def spec(value):
    sizes = ["?" if size is None else str(size) for size in value.shape]
    return f"{getattr(value.dtype, 'name', value.dtype)}[{','.join(sizes)}]"


def numbers(array):
    "Flat list of an array's elements; floats as short as they can be written."
    flat = array.reshape(-1)
    if array.dtype.kind in "iub":
        return [int(item) for item in flat]
    if array.dtype.kind in "SU":
        return [str(item) for item in flat]
    return [short(item) for item in flat]


def short(number):
    "The shortest decimal that reads back as this number of this dtype."
    number = float(str(number))
    if not math.isfinite(number):
        return repr(number)
    return int(number) if number == int(number) and abs(number) < 1e6 else number


def decode(tree, tensor=lambda array: array):
    "JSON to value; `tensor` turns the arrays of the case into tensors."
    if isinstance(tree, list):
        return [decode(item, tensor) for item in tree]
    if not isinstance(tree, dict):
        return tree
    if "array" in tree:
        return tensor(decode_array(tree["array"], tree["values"]))
    if "numpy" in tree:
        return decode_array(tree["numpy"], tree["values"])
    if "float" in tree:
        return float(tree["float"])
    if "tuple" in tree:
        return tuple(decode(item, tensor) for item in tree["tuple"])
    if "slice" in tree:
        return slice(*(decode(item, tensor) for item in tree["slice"]))
    if "ellipsis" in tree:
        return Ellipsis
    return {key: decode(item, tensor) for key, item in tree.items()}


def decode_array(text, values):
    name, _, sizes = text.rstrip("]").partition("[")
    shape = tuple(int(size) for size in sizes.split(",") if size)
    if name.startswith(("str", "bytes", "object")):
        return np.array(values).reshape(shape)
    dtype = np_dtype(name)
    if dtype.kind not in "iub":
        values = [float(value) for value in values]
    return np.array(values, dtype).reshape(shape)


def differences(expected, actual, where="", rtol=None, atol=None):
    "All places where two encoded values differ, as lines of text."
    if isinstance(expected, dict) and "raises" in expected:
        return raise_differences(expected, actual, where)
    if isinstance(expected, dict) and "array" in expected:
        return array_differences(expected, actual, where, rtol, atol)
    if isinstance(expected, dict) and isinstance(actual, dict):
        if set(expected) != set(actual):
            return [f"{where}: got {short_text(actual)}, Keras {short_text(expected)}"]
        pairs = [(key, expected[key], actual[key]) for key in expected]
    elif isinstance(expected, list) and isinstance(actual, list):
        if len(expected) != len(actual):
            return [f"{where}: got {len(actual)} items, Keras {len(expected)}"]
        pairs = [(i, *both) for i, both in enumerate(zip(expected, actual))]
    else:
        return scalar_differences(expected, actual, where, rtol, atol)
    return [
        line
        for key, e, a in pairs
        for line in differences(e, a, f"{where}.{key}", rtol, atol)
    ]


def short_text(tree, limit=300):
    text = str(tree)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def scalar_differences(expected, actual, where, rtol, atol):
    if is_number(expected) and is_number(actual):
        rtol, atol = rtol or RTOL["float32"], atol or ATOL["float32"]
        if abs(expected - actual) <= atol + rtol * abs(expected):
            return []
    elif type(expected) is type(actual) and expected == actual:
        return []
    return [f"{where}: got {short_text(actual)}, Keras {short_text(expected)}"]


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def raise_differences(expected, actual, where):
    "The same built-in class must catch it; TensorFlow's own errors have none."
    if not (isinstance(actual, dict) and "raises" in actual):
        return [f"{where}: Keras raises {expected['raises']}, got {short_text(actual)}"]
    allowed = expected["bases"] or ["ValueError", "TypeError", "IndexError"]
    if any(name in actual["bases"] for name in allowed):
        return []
    return [f"{where}: raised {actual['raises']}, Keras {expected['raises']}"]


def array_differences(expected, actual, where, rtol, atol):
    if not (isinstance(actual, dict) and "array" in actual):
        return [f"{where}: got {short_text(actual)}, Keras {short_text(expected)}"]
    if actual["array"] != expected["array"]:
        return [f"{where}: got {actual['array']}, Keras gives {expected['array']}"]
    e = decode_array(expected["array"], expected["values"])
    a = decode_array(actual["array"], actual["values"])
    name = e.dtype.name
    if e.dtype.kind in "iubSUO":
        same = (e == a).all()
    else:
        with np.errstate(all="ignore"):
            e, a = e.astype("float64"), a.astype("float64")
            close = np.isclose(
                a, e, rtol or RTOL[name], atol or ATOL[name], equal_nan=True
            )
            same = close.all()
    if same:
        return []
    return [f"{where}: {name} got {short_text(a.tolist())}, Keras {e.tolist()}"]
