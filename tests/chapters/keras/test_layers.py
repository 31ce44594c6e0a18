"""Layers: building, paths, dtypes, training, losses, Dense."""

import threading

import numpy as np
import pytest

from minikeras import ops, random
from minikeras.core.errors import ArgumentError, ShapeError
from minikeras.core.nest import is_shape, map_shapes
from minikeras.core.specs import TensorSpec
from minikeras.core.tape import GradientTape
from minikeras.layers import Dense, Layer

X = np.arange(8, dtype="float32").reshape(2, 4)


class Ear(Layer):
    def call(self, x, training=False):
        return x * 0.0 + float(bool(training))


class Around(Layer):
    def __init__(self, inner, **said):
        super().__init__()
        self.inner, self.said = inner, said

    def call(self, x):
        return self.inner(x, **self.said)


def hears(layer, **kwargs):
    return bool(layer(X, **kwargs).numpy()[0, 0])


def test_deleting_a_weight_takes_it_out():
    dense = Dense(2)
    dense(X)
    dense.alias = dense.bias
    del dense.kernel
    assert [w.name for w in dense.weights] == ["bias"]
    del dense.alias
    assert len(dense.weights) == 1
    del dense.bias
    assert dense.weights == []


def test_weights_paths_order_and_freezing():
    class Net(Layer):
        def __init__(self):
            super().__init__(name="net")
            self.last = Dense(1, name="last")
            self.own = self.add_weight((2,), "ones", name="own")
            self.count = self.add_weight((), dtype="int32", trainable=False, name="n")

        def call(self, x):
            return self.last(x)

    net = Net()
    net(X)
    paths = [w.path for w in net.weights]
    assert paths == ["net/own", "net/n", "net/last/kernel", "net/last/bias"]
    assert len(net.trainable_weights) == 3
    net.last.trainable = False
    assert [w.path for w in net.trainable_weights] == ["net/own"]
    net.trainable = False
    assert net.trainable_weights == [] and len(net.non_trainable_weights) == 4
    with GradientTape() as tape:
        loss = ops.sum(net(X))
    assert tape.gradient(loss, net.last.kernel) is None


def test_build_gets_shapes_by_argument_names():
    class Two(Layer):
        def build(self, right_shape, left_shape):
            self.seen = (left_shape, right_shape)

        def call(self, left, right=None, mask=None):
            return left

    layer = Two()
    layer(ops.ones((2, 3)), right=ops.ones((4, 5)))
    assert layer.seen == ((2, 3), (4, 5))
    again = Two()
    again.build_from_config(layer.get_build_config())
    assert again.seen == layer.seen and again.built


def test_building_under_specs_gives_numbers():
    dense = Dense(3)
    assert dense.compute_output_spec(TensorSpec((None, 4))).shape == (None, 3)
    spec = dense.symbolic_call(TensorSpec((None, 4)))
    assert spec.shape == (None, 3) and dense.built
    assert np.isfinite(dense.kernel.numpy()).all()


def test_super_build_finishes_once():
    class Base(Layer):
        def build(self, input_shape):
            self.a = self.add_weight((1,), name="a")

    class More(Base):
        def build(self, input_shape):
            super().build(input_shape)
            self.b = self.add_weight((1,), name="b")

        def call(self, x):
            return x

    layer = More()
    layer(X)
    assert [w.name for w in layer.weights] == ["a", "b"]


def test_training_travels_and_threads_do_not_hear():
    deep = Around(Around(Ear()))
    assert hears(deep, training=True) and not hears(deep)
    assert not hears(Around(Ear(), training=False), training=True)
    heard = []

    class Asks(Layer):
        def call(self, x):
            thread = threading.Thread(target=lambda: heard.append(hears(Ear())))
            thread.start()
            thread.join()
            return x

    Asks()(X, training=True)
    assert heard == [False]


def test_dtypes_follow_the_policy():
    mixed = Dense(2, dtype="mixed_bfloat16")
    mixed(X.astype("float64"))
    assert mixed.input_dtype == mixed.compute_dtype == "bfloat16"
    assert mixed.kernel.dtype == mixed.dtype == "float32"
    assert Ear()(X.astype("float64")).dtype == "float32"
    assert Around(Ear(), training=None)(np.ones((1, 1), "int32")).dtype == "float32"


def test_losses_are_those_of_the_last_call():
    def square(x):
        return ops.sum(x * x)

    dense = Dense(3, kernel_regularizer=square, activity_regularizer=square)
    for _ in range(2):
        y = dense(X).numpy()
        activity, weight = map(float, dense.losses)
    np.testing.assert_allclose(activity, (y**2).sum() / 2, rtol=1e-5)
    np.testing.assert_allclose(weight, (dense.kernel.numpy() ** 2).sum(), rtol=1e-5)


def test_a_failed_call_leaves_no_trace():
    class Fails(Layer):
        def call(self, x, fail=True):
            if fail:
                raise KeyError("mine")
            return x

    outer = Around(Fails(name="fails"), fail=True)
    with pytest.raises(KeyError) as caught:
        outer(X, training=True)
    assert "fails" in caught.value.__notes__[0] and len(caught.value.__notes__) == 2
    assert not hears(Ear())


def test_dense_against_numpy_and_its_config():
    dense = Dense(3, "relu", name="d", bias_initializer="ones")
    for shape in [(2, 4), (5, 2, 4), (0, 4)]:
        x = random.normal(shape, seed=1).numpy()
        want = np.maximum(x @ (dense(x), dense.kernel.numpy())[1] + 1, 0)
        np.testing.assert_allclose(dense(x).numpy(), want, rtol=1e-5, atol=1e-6)
        assert dense.compute_output_shape((None, *shape[1:]))[-1] == 3
    again = Dense.from_config(dense.get_config())
    assert again.get_config() == dense.get_config()
    again(X)
    again.set_weights(dense.get_weights())
    np.testing.assert_array_equal(again(X).numpy(), dense(X).numpy())
    assert again.count_params() == 15 and len(Dense(2, use_bias=False).weights) == 0


class Forgetful(Layer):
    def __init__(self):
        self.inner = Dense(1)


def dense_of_width_4():
    dense = Dense(2, name="narrow")
    dense(X)
    return dense


@pytest.mark.parametrize(
    "kind, call, words",
    [
        (ShapeError, lambda: dense_of_width_4()(X[:, :3]), "'narrow'.*size 4, found 3"),
        (ShapeError, lambda: Dense(2)(X[0]), "at least 2 axes"),
        (ValueError, lambda: Dense(2)(X, True), "by position"),
        (ValueError, lambda: Dense(0), "units=0"),
        (ValueError, lambda: Dense(2, colour="red"), "colour"),
        (ValueError, lambda: Layer().add_weight("kernel"), "name='kernel'"),
        (ValueError, lambda: Layer().count_params(), "no weights yet"),
        (ValueError, lambda: Layer().add_loss("much"), "not a tensor"),
        (ValueError, lambda: dense_of_width_4().set_weights([X]), "do not fit"),
        (ValueError, lambda: setattr(dense_of_width_4(), "late", Dense(1)), "is built"),
        (RuntimeError, lambda: Forgetful()(X), "super"),
        (NotImplementedError, lambda: Layer()(X), "call"),
    ],
)
def test_refusals(kind, call, words):
    with pytest.raises(kind, match=words):
        call()


def test_set_weights_changes_nothing_when_one_does_not_fit():
    dense = dense_of_width_4()
    before = dense.get_weights()
    with pytest.raises(ArgumentError):
        dense.set_weights([before[0] + 1, np.ones(7)])
    np.testing.assert_array_equal(dense.get_weights()[0], before[0])


def test_nests_of_shapes():
    assert is_shape((None, 3)) and not is_shape(((1,), (2,)))
    nest = {"a": (2, 3), "b": [(4,), (None,)]}
    assert map_shapes(len, nest) == {"a": 2, "b": [1, 1]}


class Counting(Layer):
    """Counts its calls, and asks for small activations."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.w = self.add_weight(shape=(4,), initializer="ones", regularizer="l2")
        self.n = self.add_weight((), "zeros", trainable=False, name="n")

    def call(self, x):
        self.n.assign_add(1.0)
        self.add_loss(ops.sum(x))
        return x * self.w


def test_stateless_call_leaves_everything_as_it_was():
    layer = Counting()
    layer(X)
    before, added = layer.get_weights(), list(layer._losses)
    out, after, losses = layer.stateless_call([[1, 2, 3, 4]], [5.0], X, return_losses=1)
    np.testing.assert_allclose(out.numpy(), X * [1, 2, 3, 4])
    assert float(after[0]) == 6.0 and [round(float(x), 2) for x in losses] == [28, 0.3]
    for old, new in zip(before, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert layer._losses == added
    with pytest.raises(ArgumentError, match="one value per trainable"):
        layer.stateless_call([], [5.0], X)
    assert float(layer.n) == 1.0


def test_gradients_reach_the_values_on_loan():
    dense, w = Dense(2, use_bias=False), ops.ones((4, 2))
    dense.build((None, 4))
    with GradientTape() as tape:
        tape.watch(w)
        total = ops.sum(dense.stateless_call([w], [], ops.convert_to_tensor(X))[0])
    want = np.repeat(X.sum(axis=0)[:, None], 2, axis=1)
    np.testing.assert_allclose(tape.gradient(total, w).numpy(), want)


def test_own_variables_go_through_a_store():
    layer, again, store = Counting(), Counting(), {}
    layer.n.assign(7.0)
    layer.save_own_variables(store)
    again.load_own_variables(store)
    assert sorted(store) == ["0", "1"] and float(again.n) == 7.0
    with pytest.raises(ArgumentError, match="2 variables"):
        again.load_own_variables({"0": X})


def test_weights_are_asked_for_in_many_ways():
    layer = Layer(name="it")
    a = layer.add_weight((2,), "ones", "float16", name="a")
    b = layer.add_weight(dtype="int32", name="b", constraint="non_neg")
    assert (a.shape, a.dtype, a.path) == ((2,), "float16", "it/a")
    assert b.numpy() == 0 and b.constraint is not None
    for kind, call in [
        (ValueError, lambda: layer.add_weight((1,), shape=(1,))),
        (TypeError, lambda: layer.add_weight((1,), "ones", "float32", True)),
        (ValueError, lambda: layer.add_weight(shape=(1,), regularizer=3)),
        (ValueError, lambda: layer.add_weight(shape=(None,))),
    ]:
        with pytest.raises(kind):
            call()
    assert len(layer.weights) == 2


def test_configs_of_plain_arguments_write_themselves():
    class Takes(Layer):
        def __init__(self, units, pair=(1, None), **kwargs):
            super().__init__(**kwargs)
            self.units = units

    config = Takes(3, name="t").get_config()
    assert (config["units"], config["pair"], config["name"]) == (3, (1, None), "t")
    assert Takes.from_config(config).units == 3
    with pytest.raises(NotImplementedError, match="get_config"):
        Takes(np.ones(2)).get_config()
    with pytest.raises(TypeError, match="from_config"):
        Takes.from_config({"nonsense": 1})


def test_layers_without_build_are_built_by_their_call():
    around = Around(Dense(3, name="d"), training=None)
    assert around.symbolic_call(TensorSpec((None, 4))).shape == (None, 3)
    assert around.built and around.get_build_config() == {"input_shape": (None, 4)}
    assert around.inner.path.endswith("/d") and len(around.weights) == 2
    with pytest.warns(UserWarning, match="not built"):
        Around(Dense(3)).build((None, 4))
    with pytest.raises(ValueError, match="built"):
        around.late = Dense(1)
