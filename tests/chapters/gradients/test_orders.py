"""Higher orders, jacobians, stop_gradient, custom gradients."""

import numpy as np
import pytest

import minikeras.core.infer  # noqa: F401
import minikeras.core.table as table
from minikeras.core.door import here
from minikeras.core.errors import ArgumentError, DTypeError, ShapeError
from minikeras.core.tape import GradientTape, custom_gradient, unwatched
from minikeras.core.tensor import Value, convert
from minikeras.ops.core import stop_gradient


def taped(function, x, **options):
    x = convert(x)
    with GradientTape(**options) as tape:
        tape.watch(x)
        y = function(x)
    return tape, y, x


def slope(function, x):
    tape, y, x = taped(function, x)
    return tape.gradient(y, x)


def derivative(function, order):
    if order == 0:
        return function
    return lambda x: slope(derivative(function, order - 1), x)


@pytest.mark.parametrize(
    "order, value", list(enumerate([81.0, 108.0, 108.0, 72.0, 24.0]))
)
def test_orders_of_a_power(order, value):
    assert float(derivative(lambda x: x * x * x * x, order)(convert(3.0))) == value


def test_jacobian_shapes_and_values():
    rng = np.random.default_rng(0)
    x, w = convert(rng.normal(size=(2, 3))), convert(rng.normal(size=(3, 4)))
    with GradientTape() as tape:
        tape.watch([x, w])
        y = x @ w
    jx, jw = tape.jacobian(y, (x, w))
    assert jx.shape == (2, 4, 2, 3) and jw.shape == (2, 4, 3, 4)
    assert np.allclose(jx.numpy(), np.einsum("ac,kb->abck", np.eye(2), w.numpy()))
    assert np.allclose(jw.numpy(), np.einsum("ak,bc->abkc", x.numpy(), np.eye(4)))


def test_jacobian_at_the_edges():
    tape, y, x = taped(lambda x: x * x, 3.0)
    assert float(tape.jacobian(y, x)) == 6.0
    tape, y, x = taped(lambda x: x * x, np.zeros((0, 2)))
    assert tape.jacobian(y, x).shape == (0, 2, 0, 2)
    tape, y, x = taped(lambda x: table.cast(x, dtype="int32"), [1.0, 2.0])
    assert tape.jacobian(y, x) is None
    tape, y, x = taped(lambda x: convert([1.0, 2.0, 3.0]), [1.0, 2.0], persistent=True)
    assert tape.jacobian(y, x) is None
    assert tape.jacobian(y, x, unconnected_gradients="zero").shape == (3, 2)
    assert tape.jacobian(y, []) == []


def test_jacobian_spends_the_tape_and_refuses_numbers():
    tape, y, x = taped(lambda x: x * x, [1.0, 2.0])
    for target, source in ((1.0, x), ([y], x)):
        with pytest.raises(DTypeError):
            tape.jacobian(target, source)
    assert tape.jacobian(y, x).numpy().tolist() == [[2.0, 0.0], [0.0, 4.0]]
    with pytest.raises(RuntimeError, match="one set"):
        tape.jacobian(y, x)


def test_batch_jacobian():
    values = np.arange(1.0, 7.0).reshape(3, 2)
    w = np.arange(8.0).reshape(2, 4)
    tape, y, x = taped(lambda x: (x * x) @ convert(w), values, persistent=True)
    own = np.stack([tape.jacobian(y, x).numpy()[a, :, a] for a in range(3)])
    got = tape.batch_jacobian(y, x)
    assert got.shape == (3, 4, 2) and np.allclose(got.numpy(), own)
    assert tape.batch_jacobian(y, convert(np.ones((3, 5)))) is None
    tape, y, x = taped(lambda x: x * x, np.ones((2, 3, 2)))
    assert tape.batch_jacobian(y, x).shape == (2, 3, 2, 3, 2)
    tape, y, x = taped(lambda x: x * x, np.ones((0, 3)))
    assert tape.batch_jacobian(y, x).shape == (0, 3, 3)


def test_batch_jacobian_refuses():
    tape, y, x = taped(lambda x: table.concatenate(x, x, axis=0), np.ones((2, 3)))
    with pytest.raises(ShapeError, match="first in common"):
        tape.batch_jacobian(y, x)
    with pytest.raises(ValueError):
        tape.batch_jacobian(x[0], x[0])
    with pytest.raises(TypeError):
        tape.batch_jacobian(1.0, x)
    assert tape.gradient(y, x).shape == (2, 3)


def test_stop_gradient():
    assert float(slope(lambda x: stop_gradient(x) * x, 3.0)) == 3.0
    assert slope(lambda x: stop_gradient(x * x), 3.0) is None


def test_custom_gradients():
    hundred = custom_gradient(lambda x: (x * x, lambda g: g * 100.0))
    assert float(slope(lambda x: hundred(x) * 2.0, 3.0)) == 200.0
    product = custom_gradient(lambda x, y: (x * y, lambda g: (g * 7.0, g * x)))
    x, y = convert(2.0), convert(3.0)
    with GradientTape() as tape:
        tape.watch([x, y])
        z = product(x, y)
    assert [float(g) for g in tape.gradient(z, [x, y])] == [7.0, 2.0]


def test_custom_gradients_nest_and_have_orders():
    inner = custom_gradient(lambda x: (x * 2.0, lambda g: g * 5.0))
    outer = custom_gradient(lambda x: (inner(x) * 3.0, lambda g: g * 11.0))
    assert float(slope(outer, 1.0)) == 11.0 and float(slope(inner, 1.0)) == 5.0
    cube = custom_gradient(lambda x: (x * x * x, lambda g: g * 3.0 * x * x))
    assert float(derivative(cube, 2)(convert(3.0))) == 18.0


def test_what_is_computed_inside_is_known_to_later_orders():
    @custom_gradient
    def log1pexp(x):
        e = table.exp(x)
        return table.log(1 + e), lambda g: g * (1 - 1 / (1 + e))

    s = 1 / (1 + np.exp(-3.0))
    assert np.isclose(float(derivative(log1pexp, 2)(convert(3.0))), s * (1 - s))


def test_several_results():
    @custom_gradient
    def two(x):
        return {"square": x * x, "next": x + 1.0}, lambda n, s: s * 10.0 + n

    tape, y, x = taped(two, 3.0, persistent=True)
    assert float(tape.gradient(y["square"], x)) == 10.0
    assert float(tape.gradient(y, x)) == 11.0
    assert float(y["square"]) == 9.0


def test_shares_are_fitted_or_refused():
    x = [1.0, 2.0, 3.0]
    one = custom_gradient(lambda x: (x * x, lambda g: 1.0))
    assert slope(one, x).numpy().tolist() == [1.0, 1.0, 1.0]
    assert slope(custom_gradient(lambda x: (x * x, lambda g: None)), x) is None
    tape, y, v = taped(custom_gradient(lambda x: (x * x, lambda g: g[:2])), x)
    with pytest.raises(ShapeError, match="custom_gradient"):
        tape.gradient(y, v)
    tape, y, v = taped(custom_gradient(lambda x: (x * x, lambda g: (g, g))), x)
    with pytest.raises(ArgumentError, match="one gradient is needed"):
        tape.gradient(y, v)


@pytest.mark.parametrize("result", [lambda x: x, lambda x: (x, x), lambda x: (x,)])
def test_a_custom_function_returns_a_pair(result):
    with pytest.raises(TypeError, match="gradient function"):
        custom_gradient(result)(1.0)


class Cell(Value):
    trainable = _trainable = True

    def __init__(self, value):
        self.held = convert(value)

    spec = property(lambda self: self.held.spec)

    def _as_value(self):
        for watcher in here.level.watchers:
            if hasattr(watcher, "read"):
                watcher.read(self, self.held)
        return self.held


def test_variables_read_inside():
    cell = Cell(2.0)

    @custom_gradient
    def scaled(x):
        return x * cell, lambda g, variables=None: (
            g * cell,
            [g * x * 10.0 for _ in variables],
        )

    x = convert(3.0)
    with GradientTape() as tape:
        tape.watch([x, cell.held])
        y = scaled(x)
    assert [float(g) for g in tape.gradient(y, [x, cell.held])] == [2.0, 30.0]
    with pytest.raises(TypeError, match="reads variables"):
        custom_gradient(lambda x: (x * cell, lambda g: g))(x)


def test_a_raising_function_leaves_the_watchers():
    before = list(here.level.watchers)

    @custom_gradient
    def bad(x):
        raise KeyError

    with pytest.raises(KeyError):
        bad(1.0)
    assert here.level.watchers == before


def test_unwatched_hides_and_gives_back():
    x = convert(3.0)
    with GradientTape() as tape:
        tape.watch(x)
        level = here.level
        with pytest.raises(KeyError), unwatched():
            hidden = x * x
            raise KeyError
        assert here.level is level
        y = hidden * x
    assert float(tape.gradient(y, x)) == 9.0


def test_keyword_arguments_are_settings():
    times = custom_gradient(
        lambda x, factor=1.0: (x * factor, lambda g: g * factor * 2)
    )
    assert float(slope(lambda x: times(x, factor=3.0), 1.0)) == 6.0
    assert custom_gradient(max).__name__ == "max"
