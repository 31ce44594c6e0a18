"""Random calls: a result, or a fair error; never an accident of the inside.

Takes the recorded valid calls and spoils some of their arguments at random: other
shapes, dtypes, numbers, strings, None.  The rule: the call returns, or it raises one
of our errors, the mode stacks are as before, and the arrays that went in are
unchanged.
"""

import numpy as np
import pytest
from hypothesis import strategies as st

from minikeras import ops
from minikeras.core.door import here
from minikeras.core.dtypes import NUMPY
from minikeras.core.errors import Report
from tests.core.test_errors import CALLS
from tests.core.test_ops import repeat
from tests.golden import decode

FAIR = (Report, MemoryError)  # a Report is a ValueError, TypeError or IndexError
COUNTS = [
    pytest.param(1000, id="quick"),
    pytest.param(100_000, id="deep", marks=pytest.mark.deep),
]
SCALARS = [
    0, 1, -1, 2, 7, 99, -99, 0.5, 1e30, float("nan"), True, None, "x", "float32",
    (), (0,), (1, 0), (-1,), [0, 1], [[1.0]], {}, b"b", 1j, Ellipsis,
]  # fmt: skip


def spoiled(data, value):
    "The argument as it is, or something else in its place."
    kind = data.draw(st.integers(0, 9))
    if kind < 6:
        return value
    if kind < 8:
        return data.draw(st.sampled_from(SCALARS))
    shape = data.draw(st.lists(st.integers(0, 3), max_size=3))
    dtype = NUMPY[data.draw(st.sampled_from(sorted(NUMPY)))]
    return (np.arange(np.prod(shape, dtype=int)) % 3).reshape(shape).astype(dtype)


def draw_call(data):
    name = data.draw(st.sampled_from(sorted(CALLS)))
    args, kwargs = (decode(tree) for tree in CALLS[name])
    args = [spoiled(data, arg) for arg in args]
    kwargs = {key: spoiled(data, value) for key, value in kwargs.items()}
    return name, args, kwargs


def brief(value):
    "An argument in a few characters."
    if isinstance(value, np.ndarray):
        return f"{value.dtype}{list(value.shape)}"
    if isinstance(value, list):
        return f"[{', '.join(map(brief, value))}]"
    return repr(value)


def too_big(args, kwargs):
    "Counts of 99 and more in a shape would only be slow."
    numbers = str(args) + str(kwargs)
    return "99" in numbers and "array" not in numbers


@pytest.mark.parametrize("count", COUNTS)
def test_random_calls(count):
    accidents = {}

    def check(data):
        name, args, kwargs = draw_call(data)
        if too_big(args, kwargs):
            return
        before = [a.tobytes() for a in args if isinstance(a, np.ndarray)]
        level, watchers = here.level, list(here.level.watchers)
        try:
            getattr(ops, name)(*args, **kwargs)
        except FAIR:
            pass
        except Exception as error:
            text = f"{type(error).__name__}: {error}".splitlines()[0]
            accidents.setdefault((name, text), (args, kwargs))
        after = [a.tobytes() for a in args if isinstance(a, np.ndarray)]
        assert before == after, f"{name} wrote into its input"
        assert (here.level, here.level.watchers) == (level, watchers)

    with np.errstate(all="ignore"):
        repeat(count, check)
    lines = [
        f"{name}({', '.join(map(brief, args))}, {kwargs}) -> {text}"
        for (name, text), (args, kwargs) in sorted(accidents.items())
    ]
    assert not lines, f"{len(lines)} accidents\n" + "\n".join(lines)
