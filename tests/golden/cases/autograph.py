"""tf.function with AutoGraph: what becomes of if, while, for, break, continue, return.

A scenario is run with real TensorFlow to record what it gives, and by the tests with
`minikeras.function`.
"""

from tests.golden.cases import scenarios
from tests.golden.cases.functions import t, traced, variable


def cases():
    found = [f for name, f in globals().items() if getattr(f, "is_scenario", False)]
    return list(scenarios("autograph", found))


def scenario(function):
    function.is_scenario = True
    return function


def staged(k):
    "The decorator `function`, with AutoGraph."
    if k.__name__ == "keras":
        import tensorflow as tf

        return tf.function
    return k.function


def autograph(k):
    if k.__name__ == "keras":
        import tensorflow as tf

        return tf.autograph
    return k.autograph


def sloped(k, f, *args):
    "The value, and its gradients by the float arguments."
    sources = [x for x in args if "float" in str(x.dtype)]
    with k.GradientTape() as tape:
        for x in sources:
            tape.watch(x)
        y = f(*args)
    return [y, *tape.gradient(y, sources)]


WORDS = ("'y'", "'i'", "main branch", "else branch", "return statement")
WORDS += ("before the loop", "after one iteration")
WORDS += ("int32", "float32")


def refused(f, *args):
    "The error of a call, and which of the words that matter it says."
    try:
        f(*args)
    except Exception as error:
        last = str(error).strip()
        return [error, [word for word in WORDS if word in last]]
    return "no error"


# ---- if ------------------------------------------------------------------------------


@scenario
def absolute(k):
    "if and else, both ways, with slopes"

    @staged(k)
    def f(x):
        if x > 0:
            y = x * x
        else:
            y = -3.0 * x
        return y

    return [sloped(k, f, t(k, 2.0)), sloped(k, f, t(k, -2.0))]


@scenario
def three_ways(k):
    "elif"

    @staged(k)
    def f(x):
        if x < -1:
            y = x * 0.0
        elif x < 1:
            y = x * x
        else:
            y = 2.0 * x
        return y

    return [sloped(k, f, t(k, x)) for x in (-2.0, 0.5, 3.0)]


@scenario
def early_return(k):
    "return from the middle"

    @staged(k)
    def f(x):
        if x > 10:
            return x
        x = x + 1.0
        if x > 5:
            return x * 2.0
        return x * x

    return [sloped(k, f, t(k, x)) for x in (11.0, 6.0, 2.0)]


@scenario
def ternary(k):
    "x if test else y"
    f = staged(k)(lambda x: x * x if x > 0 else -x)
    return [sloped(k, f, t(k, 3.0)), sloped(k, f, t(k, -3.0))]


@scenario
def and_or_not(k):
    "The words of logic"

    @staged(k)
    def f(x, y):
        return x > 0 and y > 0, x > 0 or y > 0, not x > 0, x > 0 and not y > 0

    return [list(f(t(k, x), t(k, y))) for x in (1.0, -1.0) for y in (1.0, -1.0)]


@scenario
def lazy_and(k):
    "and does not compute what it need not"
    steps = variable(k, 0.0)

    @staged(k)
    def f(x):
        def asked():
            steps.assign_add(1.0)
            return x < 5

        return x > 0 and asked()

    return [f(t(k, 1.0)), f(t(k, -1.0)), f(t(k, 9.0)), steps + 0.0]


@scenario
def chained(k):
    "a < x < b"
    f = staged(k)(lambda x: -1 < x < 2)
    return [f(t(k, x)) for x in (-2.0, 0.0, 3.0)]


@scenario
def python_stays(k):
    "Conditions on Python values are decided while tracing"
    seen = []

    @staged(k)
    def f(x, double):
        if double:
            seen.append("double")
            return x * 2.0
        else:
            seen.append("single")
            return x

    return [f(t(k, 1.0), True), f(t(k, 1.0), False), f(t(k, 2.0), True), seen]


@scenario
def both_traced(k):
    "Both ways of a tensor's choice are traced, the main one first"
    seen = []

    @staged(k)
    def f(x):
        if x > 0:
            seen.append("main")
            y = x
        else:
            seen.append("else")
            y = -x
        return y

    return [f(t(k, -1.0)), f(t(k, 1.0)), seen]


@scenario
def only_one_way(k):
    "if without else keeps the value"

    @staged(k)
    def f(x):
        y = 1.0
        if x > 0:
            y = x
        return y

    return [f(t(k, 3.0)), f(t(k, -3.0))]


@scenario
def assigned_in_one_way(k):
    "A variable is assigned to only if its way is taken"
    v = variable(k, 1.0)

    @staged(k)
    def f(x):
        if x > 0:
            v.assign_add(x)
        return v + 0.0

    return [f(t(k, 3.0)), f(t(k, -3.0)), v + 0.0]


@scenario
def nested_ifs(k):
    "if in if in else"

    @staged(k)
    def f(x, y):
        if x > 0:
            if y > 0:
                z = x * y
            else:
                z = x - y
        else:
            z = y
            if y > 1:
                z = z * x
        return z

    pairs = [(2.0, 3.0), (2.0, -3.0), (-2.0, 3.0), (-2.0, 0.5)]
    return [sloped(k, f, t(k, x), t(k, y)) for x, y in pairs]


@scenario
def not_needed_later(k):
    "A name that nobody reads may be missing"

    @staged(k)
    def f(x):
        if x > 0:
            y = x * 2.0
            x = y + 1.0
        return x

    return [f(t(k, 1.0)), f(t(k, -1.0))]


@scenario
def attribute(k):
    "An attribute is set in one way"

    class Box:
        pass

    box = Box()
    box.v = t(k, 0.0)

    @staged(k)
    def f(x):
        box.v = x * 0.0
        if x > 0:
            box.v = x
        return box.v

    return [f(t(k, 2.0)), f(t(k, -2.0))]


# ---- while ---------------------------------------------------------------------------


@scenario
def newton(k):
    "while, with the slope of all rounds"

    @staged(k)
    def f(x):
        y = x
        while abs(y * y - x) > 1e-3:
            y = 0.5 * (y + x / y)
        return y

    return sloped(k, f, t(k, 3.0))


@scenario
def counting(k):
    "A Python number that counts becomes a tensor"

    @staged(k)
    def f(n):
        i = 0
        while i * i < n:
            i += 1
        return i

    return [f(t(k, n, "int32")) for n in (0, 1, 17)]


@scenario
def while_with_and(k):
    "and in the question of a loop"

    @staged(k)
    def f(n):
        i = 0
        while i < 10 and n > 0:
            i += 1
            n -= 2
        return i, n

    return [list(f(t(k, n, "int32"))) for n in (5, 100, -1)]


@scenario
def while_with_break(k):
    "break"

    @staged(k)
    def f(n):
        i, total = 0, 0
        while i < n:
            if total > 10:
                break
            total += i
            i += 1
        return i, total

    return [list(f(t(k, n, "int32"))) for n in (3, 100)]


@scenario
def collatz(k):
    "if in while"

    @staged(k)
    def f(n):
        steps = 0
        while n != 1:
            if n % 2 == 0:
                n = n // 2
            else:
                n = 3 * n + 1
            steps += 1
        return steps

    return [f(t(k, n, "int32")) for n in (1, 6, 27)]


# ---- for -----------------------------------------------------------------------------


@scenario
def over_a_range(k):
    "for over range of a tensor"

    @staged(k)
    def f(x, n):
        y = 1.0
        for _ in range(n):
            y = y * x
        return y

    return [sloped(k, f, t(k, 2.0), t(k, n, "int32")) for n in (3, 5)]


@scenario
def over_a_range_with_steps(k):
    "Two ends and a step, downwards too"

    @staged(k)
    def f(n):
        up, down = 0, 0
        for i in range(2, n, 3):
            up += i
        for i in range(n, 0, -2):
            down = 10 * down + i
        return up, down

    return [list(f(t(k, n, "int32"))) for n in (9, 2)]


@scenario
def over_rows(k):
    "for over the rows of a tensor"

    @staged(k)
    def f(xs):
        y = k.ops.zeros((2,))
        for x in xs:
            y = k.ops.tanh(y + x)
        return k.ops.sum(y)

    return sloped(k, f, t(k, [[0.1, 0.2], [0.3, -0.4], [1.0, 0.5]]))


@scenario
def over_rows_with_continue(k):
    "continue and break in a walk along rows"

    @staged(k)
    def f(xs):
        total = 0.0
        for x in xs:
            if x < 0:
                continue
            if x > 10:
                break
            total += x
        return total

    return [f(t(k, xs)) for xs in ([1.0, -5.0, 2.0], [1.0, 20.0, 3.0])]


@scenario
def python_range(k):
    "A loop over Python numbers is unrolled"
    seen = []

    @staged(k)
    def f(x):
        for i in range(3):
            seen.append(i)
            x = x * 2.0 + i
        return x

    return [f(t(k, 1.0)), f(t(k, 2.0)), seen]


@scenario
def in_tensors_loop_in_python(k):
    "A list of tensors is walked while tracing"

    @staged(k)
    def f(xs):
        total = 0.0
        for x in xs:
            if x > 0:
                total += x
        return total

    return f([t(k, 1.0), t(k, -2.0), t(k, 3.0)])


@scenario
def nested_loops(k):
    "for in for, with break in the inner one"

    @staged(k)
    def f(n):
        total = 0
        for i in range(n):
            for j in range(i):
                if j > 2:
                    break
                total += j
        return total

    return [f(t(k, n, "int32")) for n in (2, 4, 6)]


@scenario
def the_last_index(k):
    "The variable of a loop is there after it"

    @staged(k)
    def f(n):
        for i in range(n):
            pass
        return i

    return f(t(k, 4, "int32"))


@scenario
def born_in_a_loop(k):
    "A name that gets its first value in a loop"

    @staged(k)
    def f(n):
        for i in range(n):
            y = i * 2
        return y

    return f(t(k, 4, "int32"))


@scenario
def born_as_none(k):
    "None before a loop is no value yet"

    @staged(k)
    def f(n):
        y = None
        for i in range(n):
            y = i
        return y

    return f(t(k, 4, "int32"))


@scenario
def no_round(k):
    "and if there is no round"

    @staged(k)
    def f(n):
        for i in range(n):
            y = i * 2
        return y

    f(t(k, 4, "int32"))
    return f(t(k, 0, "int32"))


@scenario
def variable_in_a_loop(k):
    "Assignments in a loop happen in each round"
    v = variable(k, 1.0)

    @staged(k)
    def f(n):
        for _ in range(n):
            v.assign(v * 2.0)
        return v + 0.0

    return [f(t(k, 3, "int32")), f(t(k, 0, "int32")), v + 0.0]


# ---- functions -----------------------------------------------------------------------


def outside(x):
    if x > 0:
        return x
    return -x


@scenario
def called_functions(k):
    "A function that is called is converted as well"
    f = staged(k)(lambda x: outside(x) + 1.0)
    return [f(t(k, 2.0)), f(t(k, -2.0))]


@scenario
def functions_inside(k):
    "So are functions inside, and lambdas"

    @staged(k)
    def f(x):
        def inner(y):
            if y > x:
                return y
            return x

        bend = lambda y: y if y > 0 else 0.0 * y
        return inner(x * x) + bend(x)

    return [f(t(k, x)) for x in (2.0, 0.5, -0.5)]


@scenario
def methods(k):
    "And methods, with super"

    class Base:
        def step(self, x):
            if x > 1:
                return x - 1.0
            return x

    class Child(Base):
        factor = 3.0

        @staged(k)
        def step(self, x):
            if x > 0:
                x = super().step(x) * self.factor
            return x

    return [Child().step(t(k, x)) for x in (2.0, 0.5, -1.0)]


@scenario
def recursion(k):
    "A recursion that ends by a Python value"

    def power(x, n):
        if n == 0:
            return 1.0
        half = power(x, n // 2)
        return half * half * x if n % 2 else half * half

    f = staged(k)(lambda x: power(x, 5))
    return sloped(k, f, t(k, 2.0))


@scenario
def casts(k):
    "int, float and len of tensors"
    f = staged(k)(lambda x: (int(x), float(int(x)), len(k.ops.zeros((3, 2)))))
    return list(f(t(k, 3.7)))


@scenario
def not_converted(k):
    "do_not_convert"

    @autograph(k).experimental.do_not_convert
    def plain(x):
        if x > 0:
            return x
        return -x

    return refused(staged(k)(lambda x: plain(x)), t(k, 1.0))


@scenario
def switched_off(k):
    "autograph=False"

    def f(x):
        if x > 0:
            return x
        return -x

    return refused(traced(k, f), t(k, 1.0))


@scenario
def by_hand(k):
    "to_graph, and the function it gives in Python"
    f, text = autograph(k).to_graph(outside), autograph(k).to_code(outside)
    return [f(2), f(-2), "x > 0" in text or "ld(x) > 0" in text]


# ---- refusals ------------------------------------------------------------------------


@scenario
def missing_in_else(k):
    "A name is missing in the else branch"

    @staged(k)
    def f(x):
        if x > 0:
            y = 1.0
        return y

    return refused(f, t(k, 1.0))


@scenario
def missing_in_main(k):
    "A name is missing in the main branch"

    @staged(k)
    def f(x):
        if x > 0:
            pass
        else:
            y = 1.0
        return y

    return refused(f, t(k, 1.0))


@scenario
def none_in_else(k):
    "A name is None in one branch"

    @staged(k)
    def f(x):
        y = None
        if x > 0:
            y = x
        return y

    return refused(f, t(k, 1.0))


@scenario
def no_return_in_else(k):
    "Only one branch returns"

    @staged(k)
    def f(x):
        if x > 0:
            return x

    return refused(f, t(k, 1.0))


@scenario
def two_dtypes(k):
    "A name has two dtypes"

    @staged(k)
    def f(x):
        if x > 0:
            y = 1.0
        else:
            y = 1
        return y

    return refused(f, t(k, 1.0))


@scenario
def two_structures(k):
    "A name is a pair or a tensor"

    @staged(k)
    def f(x):
        if x > 0:
            y = (x, x)
        else:
            y = x
        return y

    return refused(f, t(k, 1.0))


@scenario
def a_dtype_that_changes(k):
    "A dtype changes in a loop"

    @staged(k)
    def f(n):
        y = 0
        for _ in range(n):
            y = 0.5
        return y

    return refused(f, t(k, 3, "int32"))


@scenario
def a_rank_that_changes(k):
    "A rank changes in a loop"

    @staged(k)
    def f(n):
        y = t(k, 1.0)
        for _ in range(n):
            y = k.ops.stack([y, y])
        return y

    return refused(f, t(k, 3, "int32"))


@scenario
def a_condition_with_axes(k):
    "A condition for each element"

    @staged(k)
    def f(x):
        if x > 0:
            return x
        return -x

    return refused(f, t(k, [1.0, -2.0]))


@scenario
def a_list_in_a_loop(k):
    "A tensor of one round is kept in a list"

    @staged(k)
    def f(n):
        kept = []
        for i in range(n):
            kept.append(i)
        return kept

    return refused(f, t(k, 3, "int32"))


@scenario
def bool_of_a_tensor(k):
    "bool is for Python"
    return refused(staged(k)(lambda x: bool(x)), t(k, True, "bool"))


@scenario
def an_assertion(k):
    "assert is for Python"

    @staged(k)
    def f(x):
        assert x > 0
        return x

    return refused(f, t(k, 1.0))


@scenario
def the_error_of_the_user(k):
    "An error in a branch comes out"

    @staged(k)
    def f(x):
        if x > 0:
            raise KeyError("mine")
        return x

    return refused(f, t(k, 1.0))


# ---- where we do more ----------------------------------------------------------------


@scenario
def return_in_a_loop(k):
    "return from the middle of a loop"

    @staged(k)
    def f(n):
        for i in range(n):
            if i > 3:
                return i
        return -1

    return refused(f, t(k, 5, "int32"))


@scenario
def break_in_an_unrolled_loop(k):
    "A tensor ends a Python loop"

    @staged(k)
    def f(x):
        s = 0
        for i in range(5):
            if x < i:
                break
            s += i
        return s

    return refused(f, t(k, 3.0))


@scenario
def while_true(k):
    "while True with break"

    @staged(k)
    def f(x):
        while True:
            x = x * 2.0
            if x > 10:
                break
        return x

    return refused(f, t(k, 1.0))


@scenario
def else_of_a_loop(k):
    "for ... else"

    @staged(k)
    def f(n):
        s = 0
        for i in range(n):
            if i > 2:
                break
            s += i
        else:
            s += 100
        return s

    return refused(f, t(k, 2, "int32"))


@scenario
def a_size_that_changes(k):
    "A size grows in a loop"

    @staged(k)
    def f(n):
        y = t(k, [1.0])
        for _ in range(n):
            y = k.ops.concatenate([y, y])
        return y

    return refused(f, t(k, 3, "int32"))


# ---- options of loops ----------------------------------------------------------------


tools = None  # autograph as TensorFlow wants to find it: by a global name


def ready(k):
    globals()["tools"] = autograph(k)


@scenario
def a_loop_of_so_many_rounds(k):
    "maximum_iterations ends a loop, before its question does"
    ready(k)

    @staged(k)
    def waiting(n):
        i = 0
        while i < n:
            tools.experimental.set_loop_options(
                maximum_iterations=3, parallel_iterations=1
            )
            i += 1
        return i

    @staged(k)
    def walking(x, n):
        for i in range(n):
            tools.experimental.set_loop_options(maximum_iterations=2, swap_memory=True)
            if i > 7:
                break
            x = x * x
        return x

    n = t(k, 5, "int32")
    return [waiting(n), waiting(t(k, 2, "int32")), *sloped(k, walking, t(k, 3.0), n)]


@scenario
def a_number_of_rounds_that_is_a_tensor(k):
    "maximum_iterations may be worked out in the graph; with slopes"
    ready(k)

    @staged(k)
    def waiting(n, most):
        i = 0
        while i < n:
            tools.experimental.set_loop_options(maximum_iterations=most + 1)
            i += 1
        return i

    @staged(k)
    def walking(x, n, most):
        for i in range(n):
            tools.experimental.set_loop_options(maximum_iterations=most)
            x = x * x
        return x

    n, x = t(k, 5, "int32"), t(k, 3.0)
    few = [t(k, i, "int32") for i in (0, 2, 9)]
    found = [waiting(n, most) for most in few]
    return found + [
        z for most in few[1:] for z in sloped(k, walking, x, t(k, 3, "int32"), most)
    ]


@scenario
def a_size_that_is_said_to_change(k):
    "shape_invariants opens a size"
    ready(k)

    @staged(k)
    def f(n):
        y = t(k, [1.0])
        for _ in range(n):
            tools.experimental.set_loop_options(shape_invariants=[(y, dims(k, [None]))])
            y = k.ops.concatenate([y, 2.0 * y])
        return y

    return [f(t(k, 0, "int32")), f(t(k, 2, "int32"))]


def dims(k, sizes):
    "A shape, as each library writes it."
    if k.__name__ == "keras":
        import tensorflow as tf

        return tf.TensorShape(sizes)
    return sizes


@scenario
def promises_that_are_not_kept(k):
    "shape_invariants that do not fit before a loop, or after a round"
    ready(k)

    def loop(sizes):
        @staged(k)
        def f(n):
            y = t(k, [[1.0, 2.0]])
            for _ in range(n):
                tools.experimental.set_loop_options(
                    shape_invariants=[(y, dims(k, sizes))]
                )
                y = k.ops.concatenate([y, y], axis=1)
            return y

        return f

    n = t(k, 2, "int32")
    return [refused(loop(sizes), n)[0] for sizes in ([None, 2], [1, 3], [None])]


@scenario
def options_where_python_loops(k):
    "In a loop of Python's they change nothing"
    ready(k)

    @staged(k)
    def f(x):
        for _ in range(4):
            tools.experimental.set_loop_options(maximum_iterations=2)
            x = x + 1.0
        return x

    return f(t(k, 1.0))
