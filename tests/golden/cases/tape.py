"""GradientTape: every observation of keras_surface section 4, one function each.

A function is run with real Keras and TensorFlow to record what it returns, and by the
tests with minikeras.  `k` is the module: k.ops, k.Variable, k.GradientTape.
"""

import numpy as np

from tests.golden.cases import scenarios
from tests.golden.player import dense, outcome, wave


def cases():
    found = [f for name, f in globals().items() if getattr(f, "is_scenario", False)]
    return list(scenarios("tape", found))


def scenario(function):
    function.is_scenario = True
    return function


def tensor(k, value, dtype="float32"):
    return k.ops.convert_to_tensor(value, dtype=dtype)


def variable(k, value, **kwargs):
    return k.Variable(np.asarray(value, kwargs.pop("dtype", "float32")), **kwargs)


def watchable(k, v):
    "tf.GradientTape watches the tf.Variable inside a Keras variable."
    return v.value if k.__name__ == "keras" else v


# ---- one tape, one gradient ----------------------------------------------------------


@scenario
def gradient_of_square(k):
    "d x*x at 3"
    x = tensor(k, 3.0)
    with k.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    return tape.gradient(y, x)


@scenario
def second_gradient_call_raises(k):
    "A non-persistent tape can be used once"
    x = tensor(k, 3.0)
    with k.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    return [tape.gradient(y, x), outcome(tape.gradient, y, x)]


@scenario
def second_jacobian_call_raises(k):
    "jacobian uses up a non-persistent tape too"
    x = tensor(k, [3.0, 4.0])
    with k.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    tape.gradient(y, x)
    return outcome(tape.jacobian, y, x)


@scenario
def persistent_tape_is_used_twice(k):
    "persistent=True allows many calls"
    x = tensor(k, 3.0)
    with k.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x
        z = y * y
    return [tape.gradient(y, x), tape.gradient(z, x), tape.gradient(z, y)]


@scenario
def unwatched_source(k):
    "None"
    x = tensor(k, 3.0)
    with k.GradientTape() as tape:
        y = x * x
    return tape.gradient(y, x)


@scenario
def watched_after_use(k):
    "Only what happens after watch is seen"
    x = tensor(k, 3.0)
    with k.GradientTape() as tape:
        y = x * x
        tape.watch(x)
        z = y + x
    return tape.gradient(z, x)


@scenario
def constant_target(k):
    "A target that does not depend on the source: None"
    x = tensor(k, 3.0)
    with k.GradientTape() as tape:
        tape.watch(x)
        y = tensor(k, 5.0) * 2.0
    return tape.gradient(y, x)


@scenario
def integer_variable(k):
    "None: integers have no gradient"
    v = variable(k, 3, dtype="int32")
    with k.GradientTape() as tape:
        y = k.ops.cast(v.value, "float32") * 2.0
    return tape.gradient(y, v)


@scenario
def frozen_variable(k):
    "trainable=False is not watched"
    v = variable(k, 3.0, trainable=False)
    with k.GradientTape() as tape:
        y = v * v
    return tape.gradient(y, v)


@scenario
def frozen_variable_watched_by_hand(k):
    "watch works on it all the same"
    v = variable(k, 3.0, trainable=False)
    with k.GradientTape() as tape:
        tape.watch(watchable(k, v))
        y = v * v
    return tape.gradient(y, v)


@scenario
def made_under_stop_recording(k):
    "None: the tape did not look"
    x = tensor(k, 3.0)
    with k.GradientTape() as tape:
        tape.watch(x)
        with tape.stop_recording():
            y = x * x
        z = y + 1.0
    return tape.gradient(z, x)


@scenario
def stop_recording_resumes(k):
    "Recording goes on after the block"
    x = tensor(k, 3.0)
    with k.GradientTape() as tape:
        tape.watch(x)
        y = x * x
        with tape.stop_recording():
            z = y * y
        w = y + 2.0 * x
    return [tape.gradient(w, x), z]


@scenario
def unconnected_zero(k):
    "unconnected_gradients='zero': zeros of the source's shape"
    x, y = tensor(k, [[1.0, 2.0, 3.0]]), tensor(k, 2.0)
    with k.GradientTape() as tape:
        tape.watch(x)
        tape.watch(y)
        z = y * y
    return tape.gradient(z, [x, y], unconnected_gradients="zero")


@scenario
def unconnected_zero_of_unwatched(k):
    "Zeros too when the source was never watched"
    x = tensor(k, [1.0, 2.0])
    with k.GradientTape() as tape:
        y = x * 2.0
    return tape.gradient(y, x, unconnected_gradients="zero")


@scenario
def unconnected_bad_word(k):
    "Only 'none' and 'zero' are known"
    x = tensor(k, 1.0)
    with k.GradientTape() as tape:
        tape.watch(x)
        y = x * 2.0
    return outcome(tape.gradient, y, x, unconnected_gradients="nothing")


# ---- who is watched ------------------------------------------------------------------


@scenario
def variables_are_watched_when_read(k):
    "A trainable variable needs no watch"
    v = variable(k, 3.0)
    with k.GradientTape() as tape:
        y = v * v
    return tape.gradient(y, v)


@scenario
def variables_not_read_are_not_watched(k):
    "watched_variables lists what was read"
    a, b, c = (variable(k, float(i)) for i in range(3))
    with k.GradientTape() as tape:
        _ = c * a
    watched = tape.watched_variables()
    return [len(watched), sorted(float(np.asarray(w)) for w in watched)]


@scenario
def automatic_watching_off(k):
    "watch_accessed_variables=False watches nothing by itself"
    v, w = variable(k, 3.0), variable(k, 2.0)
    with k.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(watchable(k, w))
        y = v * v * w
    return [tape.gradient(y, [v, w]), len(tape.watched_variables())]


@scenario
def watch_of_python_number(k):
    "ValueError"
    with k.GradientTape() as tape:
        return outcome(tape.watch, 1.0)


@scenario
def watch_of_a_nest(k):
    "watch takes a list of tensors"
    x, y = tensor(k, 2.0), tensor(k, 3.0)
    with k.GradientTape() as tape:
        tape.watch([x, y])
        z = x * y
    return tape.gradient(z, [x, y])


@scenario
def watch_of_integer_tensor(k):
    "Watching integers is allowed and gives None"
    x = tensor(k, 3, "int32")
    with k.GradientTape() as tape:
        tape.watch(x)
        y = k.ops.cast(x, "float32") * 2.0
    return tape.gradient(y, x)


# ---- nests ---------------------------------------------------------------------------


@scenario
def sources_as_dict(k):
    "The result has the structure of the sources"
    x, y = tensor(k, 2.0), tensor(k, 3.0)
    with k.GradientTape() as tape:
        tape.watch([x, y])
        z = x * x * y
    return tape.gradient(z, {"a": x, "b": [y, x]})


@scenario
def sources_as_empty_list(k):
    "Nothing asked, nothing given"
    x = tensor(k, 2.0)
    with k.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    return tape.gradient(y, [])


@scenario
def source_is_an_intermediate(k):
    "Gradients with respect to values computed on the way"
    x = tensor(k, 2.0)
    with k.GradientTape() as tape:
        tape.watch(x)
        y = x * x
        z = y * y * x
    return tape.gradient(z, [x, y, z])


@scenario
def target_as_list(k):
    "Gradients of several targets add up"
    x = tensor(k, 2.0)
    with k.GradientTape() as tape:
        tape.watch(x)
        y, z = x * x, 3.0 * x
    return tape.gradient([y, z], x)


@scenario
def target_as_dict(k):
    "A dict of targets adds up too"
    x = tensor(k, 2.0)
    with k.GradientTape() as tape:
        tape.watch(x)
        y, z = x * x, 3.0 * x
    return tape.gradient({"y": y, "z": z}, x)


@scenario
def vector_target_is_summed(k):
    "A target with many elements: the gradient of their sum"
    x = tensor(k, [1.0, 2.0, 3.0])
    with k.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    return tape.gradient(y, x)


@scenario
def output_gradients_seed_the_sweep(k):
    "output_gradients=[...] is the upstream gradient"
    x = tensor(k, [1.0, 2.0, 3.0])
    with k.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    return tape.gradient(y, x, output_gradients=tensor(k, [1.0, 0.0, -2.0]))


@scenario
def output_gradients_of_a_list(k):
    "One seed per target"
    x = tensor(k, [1.0, 2.0])
    with k.GradientTape() as tape:
        tape.watch(x)
        y, z = x * x, x + 1.0
    seeds = [tensor(k, [1.0, 10.0]), tensor(k, [100.0, 1000.0])]
    return tape.gradient([y, z], x, output_gradients=seeds)


@scenario
def source_twice_in_the_list(k):
    "The same source twice gets the same gradient twice"
    x = tensor(k, 2.0)
    with k.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    return tape.gradient(y, [x, x])


@scenario
def source_is_the_target(k):
    "dx/dx is one"
    x = tensor(k, [2.0, 5.0])
    with k.GradientTape() as tape:
        tape.watch(x)
    return tape.gradient(x, x)


@scenario
def skip_connection_adds(k):
    "A value used twice: both shares count"
    x = tensor(k, 2.0)
    with k.GradientTape() as tape:
        tape.watch(x)
        y = k.ops.tanh(x) + x
        z = y * y + y
    return tape.gradient(z, x)


# ---- higher orders -------------------------------------------------------------------


@scenario
def nested_tapes(k):
    "Second derivative of x**3 at 3 is 18"
    x = tensor(k, 3.0)
    with k.GradientTape() as outer:
        outer.watch(x)
        with k.GradientTape() as inner:
            inner.watch(x)
            y = x * x * x
        first = inner.gradient(y, x)
    return [first, outer.gradient(first, x)]


@scenario
def three_nested_tapes(k):
    "Third derivative of x**4 at 2 is 48"
    x = tensor(k, 2.0)
    with k.GradientTape() as a:
        a.watch(x)
        with k.GradientTape() as b:
            b.watch(x)
            with k.GradientTape() as c:
                c.watch(x)
                y = x * x * x * x
            first = c.gradient(y, x)
        second = b.gradient(first, x)
    return [first, second, a.gradient(second, x)]


@scenario
def gradient_inside_a_persistent_tape(k):
    "The backward pass is recorded by the tape itself: 18"
    x = tensor(k, 3.0)
    with k.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x * x
        first = tape.gradient(y, x)
    return [first, tape.gradient(first, x)]


@scenario
def gradient_inside_a_plain_tape(k):
    "Allowed once; after it the tape is used up"
    x = tensor(k, 3.0)
    with k.GradientTape() as tape:
        tape.watch(x)
        y = x * x * x
        first = tape.gradient(y, x)
        z = first * x
    return [first, outcome(tape.gradient, z, x)]


@scenario
def variable_hessian_by_nested_tapes(k):
    "Second order with respect to a variable"
    v = variable(k, [1.0, 2.0])
    with k.GradientTape() as outer:
        with k.GradientTape() as inner:
            y = k.ops.sum(v * v * v)
        first = inner.gradient(y, v)
    return [first, outer.jacobian(first, v)]


# ---- entering again, reset -----------------------------------------------------------


@scenario
def entered_again(k):
    "`with tape:` once more goes on recording"
    x = tensor(k, 3.0)
    with k.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    with tape:
        z = y * x
    return tape.gradient(z, x)


@scenario
def entered_while_open(k):
    "A tape that is recording cannot be entered"
    with k.GradientTape() as tape:
        return outcome(tape.__enter__)


@scenario
def reset_forgets(k):
    "After reset the gradient is None"
    x = tensor(k, 3.0)
    with k.GradientTape() as tape:
        tape.watch(x)
        y = x * x
        tape.reset()
        z = y + x
    return [tape.gradient(z, x)]


@scenario
def reset_after_watching_again(k):
    "After reset one may watch again"
    x = tensor(k, 3.0)
    with k.GradientTape() as tape:
        tape.watch(x)
        y = x * x
        tape.reset()
        tape.watch(x)
        z = y + x * 2.0
    return tape.gradient(z, x)


# ---- variables that change -----------------------------------------------------------


@scenario
def assigned_inside_before_use(k):
    "v.assign_add then v*v: the new value"
    v = variable(k, 1.0)
    with k.GradientTape() as tape:
        v.assign_add(1.0)
        y = v * v
    return [y, tape.gradient(y, v)]


@scenario
def assigned_after_use(k):
    "assign after the use does not change the recorded value"
    v = variable(k, 1.0)
    with k.GradientTape() as tape:
        y = v * v
        v.assign(5.0)
    return [y, tape.gradient(y, v)]


@scenario
def assigned_between_two_uses(k):
    "Each use keeps the value it read"
    v = variable(k, 2.0)
    with k.GradientTape() as tape:
        y = v * v
        v.assign(5.0)
        z = y + v * v
    return [z, tape.gradient(z, v)]


@scenario
def assigned_value_is_not_differentiated(k):
    "assign cuts the gradient of what was assigned"
    v, x = variable(k, 2.0), tensor(k, 3.0)
    with k.GradientTape() as tape:
        tape.watch(x)
        v.assign(x * x)
        y = v * x
    return [y, tape.gradient(y, [x, v])]


# ---- jacobians -----------------------------------------------------------------------


@scenario
def jacobian_of_square(k):
    "diag [[2, 0], [0, 4]]"
    v = variable(k, [1.0, 2.0])
    with k.GradientTape() as tape:
        y = v * v
    return tape.jacobian(y, v)


@scenario
def jacobian_of_matrix_product(k):
    "shape: target's, then source's"
    x, w = tensor(k, wave(2, 3)), tensor(k, wave(3, 2, phase=1.0))
    with k.GradientTape() as tape:
        tape.watch([x, w])
        y = x @ w
    return tape.jacobian(y, [x, w])


@scenario
def jacobian_of_unconnected(k):
    "None, or zeros on demand"
    x, w = tensor(k, [1.0, 2.0]), tensor(k, [3.0])
    with k.GradientTape(persistent=True) as tape:
        tape.watch([x, w])
        y = x * x
    zeros = outcome(tape.jacobian, y, w, unconnected_gradients="zero")
    return [tape.jacobian(y, w), zeros]


@scenario
def batch_jacobian_of_rows(k):
    "shape [B, n_out, n_in]"
    x = tensor(k, wave(3, 2))
    with k.GradientTape() as tape:
        tape.watch(x)
        y = k.ops.stack([x[:, 0] * x[:, 1], x[:, 0] ** 2, x[:, 1]], axis=1)
    return tape.batch_jacobian(y, x)


@scenario
def batch_jacobian_of_higher_rank(k):
    "shape [B, *out, *in]"
    x = tensor(k, wave(2, 2, 2))
    with k.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    return tape.batch_jacobian(y, x)


@scenario
def batch_jacobian_needs_equal_batches(k):
    "ValueError when the first sizes differ"
    x = tensor(k, wave(2, 3))
    with k.GradientTape() as tape:
        tape.watch(x)
        y = k.ops.concatenate([x, x], axis=0)
    return outcome(tape.batch_jacobian, y, x)


@scenario
def batch_jacobian_needs_rank_two(k):
    "ValueError for vectors"
    x = tensor(k, [1.0, 2.0])
    with k.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    return outcome(tape.batch_jacobian, y, x)


# ---- custom gradients ----------------------------------------------------------------


@scenario
def custom_gradient_replaces_the_rule(k):
    "f(x) -> (y, grad_fn(upstream))"

    @k.ops.custom_gradient
    def square(x):
        return x * x, lambda upstream: upstream * 100.0

    x = tensor(k, [1.0, 2.0])
    with k.GradientTape() as tape:
        tape.watch(x)
        y = k.ops.sum(square(x) * 2.0)
    return [y, tape.gradient(y, x)]


@scenario
def custom_gradient_of_two_inputs(k):
    "grad_fn returns one gradient per input"

    @k.ops.custom_gradient
    def product(x, y):
        return x * y, lambda upstream: (upstream * 7.0, upstream * x)

    x, y = tensor(k, 2.0), tensor(k, 3.0)
    with k.GradientTape() as tape:
        tape.watch([x, y])
        z = product(x, y)
    return [z, tape.gradient(z, [x, y])]


@scenario
def custom_gradient_at_second_order(k):
    "The gradient function is itself differentiated"

    @k.ops.custom_gradient
    def cube(x):
        return x * x * x, lambda upstream: upstream * 3.0 * x * x

    x = tensor(k, 3.0)
    with k.GradientTape() as outer:
        outer.watch(x)
        with k.GradientTape() as inner:
            inner.watch(x)
            y = cube(x)
        first = inner.gradient(y, x)
    return [first, outer.gradient(first, x)]


@scenario
def custom_gradient_nested(k):
    "A custom gradient that calls another"

    @k.ops.custom_gradient
    def inner(x):
        return x * 2.0, lambda upstream: upstream * 5.0

    @k.ops.custom_gradient
    def outer(x):
        return inner(x) * 3.0, lambda upstream: upstream * 11.0

    x = tensor(k, 1.0)
    with k.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y, z = outer(x), inner(x)
    return [y, tape.gradient(y, x), tape.gradient(z, x)]


@scenario
def stop_gradient_cuts(k):
    "The value passes, the gradient does not"
    x = tensor(k, 3.0)
    with k.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = k.ops.stop_gradient(x) * x
        z = k.ops.stop_gradient(x * x)
    return [y, tape.gradient(y, x), tape.gradient(z, x)]


# ---- shapes --------------------------------------------------------------------------


@scenario
def broadcast_gradients_keep_their_shape(k):
    "A broadcast operand gets a gradient of its own shape"
    a, b, c = tensor(k, wave(2, 1)), tensor(k, wave(3)), tensor(k, 0.5)
    with k.GradientTape() as tape:
        tape.watch([a, b, c])
        y = a * b + c * b - a / (c + 2.0)
    return tape.gradient(y, [a, b, c])


@scenario
def gradient_of_empty(k):
    "Right-shaped zeros of size nothing"
    x = tensor(k, np.zeros((0, 3)))
    with k.GradientTape() as tape:
        tape.watch(x)
        y = k.ops.sum(x * x)
    return [y, tape.gradient(y, x)]


@scenario
def gradient_through_cast(k):
    "The gradient has the source's dtype"
    x = tensor(k, [1.5, 2.5])
    with k.GradientTape() as tape:
        tape.watch(x)
        y = k.ops.cast(x, "float64") * 2.0
    return [y, tape.gradient(y, x)]


@scenario
def gradient_through_integers_is_cut(k):
    "Casting to an integer cuts"
    x = tensor(k, [1.5, 2.5])
    with k.GradientTape() as tape:
        tape.watch(x)
        y = k.ops.cast(k.ops.cast(x, "int32"), "float32") * x
    return [y, tape.gradient(y, x)]


@scenario
def gradient_of_integer_target(k):
    "An integer target has no gradient"
    x = tensor(k, [1.5, 2.5])
    with k.GradientTape() as tape:
        tape.watch(x)
        y = k.ops.cast(x, "int32")
    return tape.gradient(y, x)


@scenario
def take_with_repeats_adds(k):
    "Rows taken twice get both gradients"
    x = tensor(k, wave(3, 2))
    with k.GradientTape() as tape:
        tape.watch(x)
        y = k.ops.take(x, np.array([0, 2, 0, 0], "int32"), axis=0) * wave(
            4, 2, phase=1.0
        )
    return dense(tape.gradient(y, x))


@scenario
def indexing_gradients(k):
    "Slices, steps, integers and None"
    x = tensor(k, wave(3, 4))
    with k.GradientTape() as tape:
        tape.watch(x)
        y = (
            k.ops.sum(x[1:, ::2] * 2.0)
            + x[0, -1] * 3.0
            + k.ops.sum(x[::-1, None] * x[:, None])
        )
    return tape.gradient(y, x)


# ---- ties, limits and corners --------------------------------------------------------

TIED = np.array([1.0, 2.0, 2.0, 0.0, -1.0], "float32")


def slope(k, call, *values):
    "Gradients of the sum of call(*values)."
    xs = [tensor(k, value) for value in values]
    with k.GradientTape() as tape:
        tape.watch(xs)
        y = call(*xs)
    found = tape.gradient(y, xs)
    return found[0] if len(found) == 1 else found


@scenario
def tie_of_maximum(k):
    "Two equal operands: the first gets it"
    return slope(k, k.ops.maximum, [1.0, 2.0, 0.0], [1.0, 1.0, 3.0])


@scenario
def tie_of_minimum(k):
    "Two equal operands: the first gets it"
    return slope(k, k.ops.minimum, [1.0, 2.0, 0.0], [1.0, 1.0, 3.0])


@scenario
def tie_of_max(k):
    "Reductions share"
    return slope(k, k.ops.max, TIED)


@scenario
def tie_of_min_along_axis(k):
    "Reductions share within the row"
    return slope(k, lambda x: k.ops.min(x, axis=1), [[1.0, 1.0, 1.0], [0.0, 5.0, 0.0]])


@scenario
def clip_at_its_limits(k):
    "At the limit the gradient passes"
    return slope(k, lambda x: k.ops.clip(x, -1.0, 1.0), [-2.0, -1.0, 0.0, 1.0, 2.0])


@scenario
def relu_at_zero(k):
    "0 at 0"
    return slope(k, k.ops.relu, [-1.0, -0.0, 0.0, 1.0])


@scenario
def relu6_at_its_limits(k):
    "0 at 0 and 0 at 6"
    return slope(k, k.ops.relu6, [-1.0, 0.0, 3.0, 6.0, 7.0])


@scenario
def leaky_relu_at_zero(k):
    "The slope at 0"
    return slope(k, k.ops.leaky_relu, [-1.0, 0.0, 1.0])


@scenario
def hard_sigmoid_at_its_limits(k):
    "At -3 and 3"
    return slope(k, k.ops.hard_sigmoid, [-4.0, -3.0, 0.0, 3.0, 4.0])


@scenario
def abs_at_zero(k):
    "sign(0) = 0"
    return slope(k, k.ops.abs, [-2.0, 0.0, 3.0])


@scenario
def sqrt_at_zero(k):
    "inf, as the formula says"
    return slope(k, k.ops.sqrt, [0.0, 4.0])


@scenario
def log_at_zero(k):
    "inf"
    return slope(k, k.ops.log, [0.0, 2.0])


@scenario
def power_at_zero(k):
    "x**0, x**1, x**2 and 0**y at zero"
    return [
        slope(k, lambda x: k.ops.power(x, 0.0), [0.0, 2.0]),
        slope(k, lambda x: k.ops.power(x, 1.0), [0.0, 2.0]),
        slope(k, lambda x: k.ops.power(x, 2.0), [0.0, 2.0]),
        slope(k, k.ops.power, [0.0, 0.0, -2.0], [0.0, 2.0, 2.0]),
    ]


@scenario
def divide_no_nan_at_zero(k):
    "0, not nan"
    return slope(k, k.ops.divide_no_nan, [1.0, 2.0], [0.0, 4.0])


@scenario
def where_with_a_nan_branch(k):
    "The double-where problem: nan leaks through the branch not taken"

    def unsafe(x):
        return k.ops.where(x > 0, k.ops.log(x), 0.0 * x)

    return slope(k, unsafe, [-1.0, 0.0, 4.0])


@scenario
def sqrt_in_the_branch_not_taken(k):
    "TensorFlow's kernel gives 0 where the upstream gradient is 0"

    def unsafe(x):
        return k.ops.where(x > 0, k.ops.sqrt(x), 0.0 * x)

    return slope(k, unsafe, [-1.0, 0.0, 4.0])


@scenario
def where_with_double_where(k):
    "The cure"

    def safe(x):
        good = x > 0
        inside = k.ops.where(good, x, k.ops.ones_like(x))
        return k.ops.where(good, k.ops.sqrt(inside), k.ops.zeros_like(x))

    return slope(k, safe, [-1.0, 0.0, 4.0])


@scenario
def norm_at_zero(k):
    "sqrt(sum(x*x)) at the origin: nan"
    return slope(k, lambda x: k.ops.sqrt(k.ops.sum(x * x)), [0.0, 0.0])


@scenario
def std_of_equal_values(k):
    "std at a constant vector"
    return slope(k, k.ops.std, [2.0, 2.0, 2.0])


@scenario
def logsumexp_of_ties(k):
    "Shares are the softmax"
    return slope(k, k.ops.logsumexp, TIED)


@scenario
def logsumexp_of_minus_infinity(k):
    "All -inf"
    return slope(k, k.ops.logsumexp, [-np.inf, -np.inf])


@scenario
def cumsum_gradient(k):
    "Cumulative sums, weighted"
    return slope(k, lambda x: k.ops.cumsum(x) * wave(4), [1.0, 2.0, 3.0, 4.0])


@scenario
def cumprod_with_a_zero(k):
    "A zero among the factors"
    return slope(k, lambda x: k.ops.cumprod(x) * wave(4), [1.0, 0.0, 3.0, 4.0])


@scenario
def prod_with_zeros(k):
    "No zero, one zero, two zeros"
    rows = [[1.0, 2.0, 3.0], [0.0, 2.0, 3.0], [0.0, 0.0, 3.0]]
    return slope(k, lambda x: k.ops.prod(x, axis=1), rows)


@scenario
def arctan2_at_the_origin(k):
    "0/0"
    return slope(k, k.ops.arctan2, [0.0, 1.0], [0.0, 0.0])


@scenario
def softplus_far_out(k):
    "No overflow"
    return slope(k, k.ops.softplus, [-100.0, 0.0, 100.0])


@scenario
def sign_floor_and_round_have_no_slope(k):
    "None or zeros"
    return [slope(k, f, [0.3, -1.2]) for f in (k.ops.sign, k.ops.floor, k.ops.round)]


@scenario
def mod_and_floor_divide(k):
    "mod passes 1 to the first operand"
    return slope(k, k.ops.mod, [5.5, -3.0], [2.0, 2.0])
