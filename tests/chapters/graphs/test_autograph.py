"""Rewritten functions: Python's own semantics, lines of the user, and what is left out."""

import ast
import contextlib
import functools
import inspect
import linecache
import threading
import traceback
import warnings

import numpy as np
import pytest

from minikeras import ops
from minikeras.autograph import do_not_convert, to_code, to_graph
from minikeras.core.errors import OperatorNotAllowedInGraphError
from minikeras.core.specs import TensorSpec
from minikeras.graph.autograph.alive import Alive
from minikeras.graph.autograph.convert import AutographWarning, call, converted, made
from minikeras.graph.autograph.jumps import without_jumps
from minikeras.graph.autograph.names import Names
from minikeras.graph.function import function

did = []
number = ops.convert_to_tensor(2.0)


def say(*x):
    did.append(x)
    return x[-1] if x else None


# ---- Python stays Python -------------------------------------------------------------


def loops(n):
    for i in range(n):
        if i == 3:
            say("break")
            break
        if i % 2:
            continue
        say(i)
    else:
        say("else")
    return i


def returns(n):
    while n > 0:
        n -= 1
        if n == 5:
            return "five"
        for k in range(n):
            if k == 4:
                break
            if k == n - 1:
                return (n, k)
        else:
            say("inner else", n)
    else:
        say("else")


def attempts(x):
    try:
        if x == 0:
            return say("return")
        elif x == 1:
            raise ValueError("a")
        y = 1
    except ValueError as e:
        say(str(e))
        if x:
            return "caught"
    else:
        say("else")
    finally:
        say("finally")
    return y


def logic(x):
    a = say(0) and say(1)
    b = say(2) or say(3)
    c = not say(0)
    d = say(1) < say(2) < say(1) < say(9)
    return a, b, c, d, say(4) if x else say(5)


def unbound(x):
    if x:
        y = 1
    return y


def closures(x):
    def inner(v):
        nonlocal x
        if v:
            x = x + 1
        return x

    for i in range(3):
        inner(i)
    return [inner(i) if i else x for i in range(2)], x


def everything(x, *args, k=3, **more):
    "A docstring."
    with contextlib.suppress(KeyError):
        for a in args:
            if a is None:
                raise KeyError
            x += a
            with contextlib.suppress(TypeError):
                if a == 7:
                    continue
                if a == 9:
                    return ("nine", x, k, more)
        say("end")
    match x:
        case [first, *rest]:
            return first, rest
        case {"q": z, **others} if z:
            return z, others
        case int():
            pass
    del a
    if x:
        import json
        import os.path as path

        class Inner:
            w = 1
            q = w and 2

            def m(self):
                return self.q if self.q else 0

        say(Inner().m(), path.basename("a/b"), json.__name__)
    return (lambda u: u if u else "zero")(x)


class Base:
    def __hidden(self, x):
        return x + 1 if x else 0

    def m(self, x):
        return [self.__hidden(x), type(self).__name__]

    @property
    def p(self):
        return 1 if self else 2


class Child(Base):
    def m(self, x):
        if x:
            return super().m(x)
        return __class__.__name__


def classes(x):
    return Child().m(x), Base().m(x), Child().p


def walrus(x):
    while (y := x // 2) > 0:
        x = y
    return x, y, [(v, w) for v in range(3) if v and v < 2 for w in range(v)]


def iterators(n):
    rows = iter(range(10))
    for i in rows:
        if i == n:
            break
    return next(rows, None)


def patterns(x):
    for a, (b, *c) in [(1, (2, 3, 4)), (5, (6,))]:
        say(a, b, c)
    x = [0, 0]
    for x[0] in range(3):
        pass
    return x


def tails(x):
    if x > 1:
        if x > 2:
            say("big")
        else:
            return 2
        say("after")
    say("tail")


def finals(x):
    for i in range(3):
        try:
            if i == x:
                break
            say(i)
        finally:
            say("finally", i)
    assert x < 5, "big"
    return i


def rounds(x):
    i = 0
    while i < x:
        i += 1
        try:
            if i == 2:
                continue
            if i == 4:
                return i
        except ValueError:
            pass
        say(i)


def endless(n):
    total = 0
    while True:
        total += n
        if total > 10:
            return total
        elif n == 0:
            return


CALLS = {
    loops: [2, 6],
    returns: [0, 3, 9],
    attempts: [0, 1, 2],
    logic: [0, 1],
    unbound: [0, 1],
    closures: [1],
    everything: [
        1,
        (1, 2, 3),
        (1, None),
        (0, 9),
        ([1, 2],),
        ({"q": 1, "r": 2},),
        (1, 7),
    ],
    classes: [0, 3],
    walrus: [0, 9],
    iterators: [3],
    patterns: [1],
    tails: [1, 2, 3],
    finals: [1, 7],
    rounds: [3, 6],
    endless: [0, 3],
}
PAIRS = [(f, x) for f, several in CALLS.items() for x in several]


def story(f, x):
    "What a function gives or raises, and all it did."
    did.clear()
    try:
        result = f(*x) if isinstance(x, tuple) else f(x)
    except NameError:  # a cell that is empty raises this one, a local its subclass
        result = NameError
    except Exception as error:
        result = type(error)
    return result, list(did)


@pytest.mark.parametrize("f, x", PAIRS, ids=lambda x: getattr(x, "__name__", repr(x)))
def test_python_stays_python(f, x):
    new = to_graph(f)
    assert new is not f
    assert story(new, x) == story(f, x)


# ---- in a graph ----------------------------------------------------------------------


def test_line_of_an_error_in_a_branch():
    def wrong(x):
        if x > 0:
            y = x * undefined_name  # noqa: F821
        else:
            y = x
        return y

    with pytest.raises(NameError) as caught:
        function(wrong)(number)
    last = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert last.filename == __file__
    assert last.line.startswith("y = x * undefined_name")


def test_errors_point_at_the_line_of_the_user():
    def wrong(x):
        for i in range(x):
            y = ops.reshape(x, (2, 2))
        return y

    with pytest.raises(ValueError, match=r"test_autograph.py:\d+    y = ops.reshape"):
        function(wrong)(ops.convert_to_tensor(3))


def test_a_structure_that_changes_in_a_loop_is_named():
    def wrong(n):
        state = (n, n)
        for i in range(n):
            state = n
        return state

    with pytest.raises(TypeError, match="'state' is .* before the loop, but"):
        function(wrong)(ops.convert_to_tensor(3))


def test_a_part_of_a_nest_is_named():
    def wrong(x):
        state = {"a": x, "b": x}
        if x > 0:
            state = {"a": x, "b": 1}
        return state

    with pytest.raises(TypeError, match="'state', part 1, has dtype"):
        function(wrong)(number)


def test_nests_and_equal_objects_pass_through():
    @function
    def f(x):
        if x > 0:
            state, mode = {"a": x, "b": (x, None)}, "same"
        else:
            state, mode = {"a": -x, "b": (x * x, None)}, "same"
        return state["a"] + state["b"][0] if mode == "same" else None

    assert [float(f(ops.convert_to_tensor(x))) for x in (2.0, -3.0)] == [4.0, 12.0]


def test_objects_that_differ_are_refused():
    def f(x):
        if x > 0:
            mode = "up"
        else:
            mode = "down"
        return x if mode == "up" else -x

    with pytest.raises(TypeError, match="'mode' differs in the branches"):
        function(f)(number)


def test_a_list_is_as_before_after_a_refusal():
    kept = ["before"]

    def f(n):
        for i in range(n):
            kept.append(i)
        return n

    with pytest.raises(TypeError, match="'kept' would keep a tensor"):
        function(f)(ops.convert_to_tensor(3))
    assert kept == ["before"]


def test_closure_names_are_as_before_after_an_error():
    total = 1.0

    def f(x):
        nonlocal total
        if x > 0:
            total = x
            raise KeyError("mine")
        return x

    with pytest.raises(KeyError):
        function(f)(number)
    assert total == 1.0


def test_a_return_in_a_loop_with_slopes():
    from minikeras.core.tape import GradientTape

    @function
    def f(xs):
        for x in xs:
            if x > 1:
                return x * x
        return 3.0 * xs[0]

    for values, value, slope in (([0.5, 2.0, 4.0], 4, [0, 4, 0]), ([0.5], 1.5, [3])):
        xs = ops.convert_to_tensor(values)
        with GradientTape() as tape:
            tape.watch(xs)
            y = f(xs)
        assert float(y) == value
        assert tape.gradient(y, xs).numpy().tolist() == slope


def test_rows_of_unknown_number():
    @function
    def f(xs):
        total = 0.0
        for x in xs:
            if x < 0:
                break
            total += x
        return total, len(xs)

    trace = f.get_concrete_function(TensorSpec((None,)))
    for values, total in (([1.0, 2.0], 3.0), ([], 0.0), ([1.0, -1.0, 5.0], 1.0)):
        found = trace(ops.convert_to_tensor(values, dtype="float32"))
        assert [float(x) for x in found] == [total, len(values)]


def test_range_with_tensors_for_all_ends():
    @function
    def f(start, stop, step):
        total = 0
        for i in range(start, stop, step):
            total = 10 * total + i
        return total

    for ends in ((1, 6, 2), (5, 0, -2), (3, 3, 1)):
        expected = functools.reduce(lambda total, i: 10 * total + i, range(*ends), 0)
        assert int(f(*[ops.convert_to_tensor(x) for x in ends])) == expected


def test_a_range_of_tensors_is_for_statements():
    with pytest.raises(TypeError, match="can only be walked by a `for` statement"):
        function(lambda n: list(range(n)))(ops.convert_to_tensor(3))


def test_variables_are_conditions():
    from minikeras.core.variable import Variable

    v, steps = Variable(3.0), Variable(0, dtype="int32")

    @function
    def f():
        while v > 0:
            v.assign_sub(1.0)
            steps.assign_add(1)
        return steps + 0 if not v else steps - 1

    assert int(f()) == 3
    assert float(v) == 0.0


def test_functions_that_are_handed_over_are_converted():
    def sign(x):
        if x > 0:
            return 1.0
        return -1.0

    mapped = function(lambda xs: ops.map(sign, xs))
    assert mapped(np.array([2.0, -3.0])).numpy().tolist() == [1.0, -1.0]


def test_partial_functions_methods_and_callable_objects():
    class Bend:
        def __call__(self, x):
            return x if x > 0 else 0.0 * x

        def steep(self, x, by):
            return x * by if x > 0 else x

    bend = Bend()
    five = functools.partial(bend.steep, by=5.0)
    f = function(lambda x: bend(x) + five(x) + bend.steep(x, by=2.0))
    assert [float(f(ops.convert_to_tensor(x))) for x in (1.0, -1.0)] == [8.0, -2.0]


def test_two_lambdas_on_one_line():
    up, down = (lambda x: x if x > 0 else -x), (lambda x: -x if x > 0 else x)
    assert [float(function(f)(number)) for f in (up, down)] == [2.0, -2.0]


# ---- what stays ----------------------------------------------------------------------


def test_nothing_to_do():
    def straight(x):
        return x * 2.0 + x[0]

    assert converted(straight) is straight
    assert call(np.sum) is np.sum
    assert call(ops.sum) is ops.sum
    assert call(dict) is dict


def test_do_not_convert():
    @do_not_convert
    def plain(x):
        return x if x > 0 else -x

    assert converted(plain) is plain and plain(-2) == 2 and plain.__name__ == "plain"
    with pytest.raises(OperatorNotAllowedInGraphError):
        function(plain)(number)
    with pytest.raises(OperatorNotAllowedInGraphError):
        function(lambda x: plain(x))(number)


def test_do_not_convert_inside():
    @function
    def f(x):
        @do_not_convert()
        def plain(y):
            return y if y > 0 else -y

        return plain(x)

    with pytest.raises(OperatorNotAllowedInGraphError):
        f(number)


def test_without_source():
    space = {}
    exec("def f(x):\n  if x > 0: return x\n  return -x", space)
    told = pytest.warns(AutographWarning, match="could not get source code")
    with told, pytest.raises(OperatorNotAllowedInGraphError):
        function(space["f"])(number)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert converted(space["f"]) is space["f"]  # told once
    with pytest.raises(ValueError, match="could not get source code"):
        to_code(space["f"])


def test_generators_stay():
    def evens(n):
        for i in range(n):
            if i % 2 == 0:
                yield i

    with pytest.warns(AutographWarning, match="generators are not supported"):
        f = function(lambda x: x + sum(evens(5)))
        assert float(f(number)) == 8.0


def test_a_return_in_finally_stays():
    def f(x):
        try:
            raise KeyError
        finally:
            if x > 0:
                return x  # noqa: B012

    with pytest.warns(AutographWarning, match="jumps out of `finally`"):
        assert to_graph(f)(3) == 3


def test_a_cell_of_a_notebook_has_source():
    name, text = "/tmp/ipykernel_1/7.py", "def f(x):\n    return x if x > 0 else -x\n"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    space = {"__name__": "__main__"}
    try:
        exec(compile(text, name, "exec"), space)
        assert float(function(space["f"])(ops.convert_to_tensor(-2.0))) == 2.0
    finally:
        del linecache.cache[name]


# ---- the parts -----------------------------------------------------------------------


def test_rewritten_once_for_each_piece_of_source():
    codes = {converted(lambda x: x if x else -x).__code__ for _ in range(3)}
    assert len(codes) == 1
    assert converted(to_graph(loops)).__code__ in made


def test_many_threads_convert_one_function():
    def f(x):
        return x if x > 0 else -x

    found = []
    threads = [
        threading.Thread(target=lambda: found.append(to_graph(f))) for _ in range(8)
    ]
    [t.start() for t in threads], [t.join() for t in threads]
    assert len({g.__code__ for g in found}) == 1 and [g(-3) for g in found] == [3] * 8


def test_all_else_of_a_function_is_kept():
    new = to_graph(everything)
    assert inspect.signature(new) == inspect.signature(everything)
    assert new.__doc__ == "A docstring." and new.__name__ == "everything"
    assert new.__code__.co_filename == __file__ and new.__kwdefaults__ == {"k": 3}


def test_a_function_may_be_called_like_what_we_add():
    class main:
        def main(self, x, other=2):
            outer = main, other

            def round(item):
                return item if x and item else outer

            return round(x)

    @function
    def outer(x):
        broken = result = 0.0
        for test in range(3):
            if x > test:
                broken += 1.0
                continue
            result = broken
        return broken, result

    assert to_graph(main.main)(main(), 0) == (main, 2)
    assert [float(x) for x in outer(number)] == [2.0, 2.0]


def factorial(x, n):
    return x if n == 0 else factorial(x, n - 1) * n


class Counted:
    made = 0

    def __init__(self, n):
        if n:
            Counted.made += 1

    def again(self, n):
        return Counted(n) if n else self


def test_global_functions_and_classes_that_name_themselves():
    assert float(function(factorial)(number, 4)) == 48.0
    assert to_graph(Counted.again)(Counted(0), 1).made == 1


def test_names_of_a_piece_of_source():
    text = "import a.b, c as d\nx.y = z\nfor i in r: pass\nf = lambda q: q + w\n"
    text += "class K(B): pass\n[u for u in v if (t := u)]\nn += 1\nglobal g\n"
    names = Names(*ast.parse(text).body)
    assert names.binds == {"a", "d", "x.y", "i", "f", "K", "t", "n"}
    assert names.reads == {"x", "z", "r", "w", "B", "v", "n"}
    assert names.kept == {"w"} and names.world == {"g"}


def test_what_flows_out_of_statements():
    text = """
def f(x):
    while x > 0:
        a = x
        if a > 1:
            b = a
            c = b
        x = c
    try:
        if x:
            d = 1
        g(x)
    except E:
        return d
    return lambda: e
"""
    tree = ast.parse(text).body[0]
    without_jumps(tree, set())
    Alive(tree)
    flows = [sorted(n.flows) for n in ast.walk(tree) if hasattr(n, "flows")]
    assert flows == [["c", "x"], ["c"], ["d"]]
