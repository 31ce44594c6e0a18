"""A call that fails half-way leaves averages, seeds and metrics as they were."""

import numpy as np
import pytest

import minikeras as k
from minikeras import layers
from minikeras.core.errors import DTypeError, Report, ShapeError

X = np.arange(12, dtype="float32").reshape(4, 3)


class Mine(Exception):
    pass


class Fragile(layers.Layer):
    "A layer that can be told to fail."

    fails = False

    def call(self, x):
        if self.fails:
            raise Mine("mine")
        return x


class Counting(layers.Layer):
    "A layer that moves a weight and a metric in each call."

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.count = self.add_weight(shape=(), initializer="zeros", trainable=False)
        self.mean = k.metrics.Mean()

    def call(self, x):
        self.count.assign_add(1.0)
        self.mean.update_state(x)
        return x


def parts():
    return [layers.Dense(3), layers.BatchNormalization(), layers.Dropout(0.5),
            Counting()]  # fmt: skip


def sequential(last):
    return k.Sequential([k.Input((3,)), *parts(), last])


def nested(last):
    inside = k.Sequential([k.Input((3,)), *parts()])
    return k.Sequential([k.Input((3,)), inside, last])


def functional(last):
    x = y = k.Input((3,))
    for layer in (*parts(), last):
        y = layer(y)
    return k.Model(x, y)


def subclass(last):
    class Own(k.Model):
        def __init__(self):
            super().__init__()
            self.inside, self.last = parts(), last

        def call(self, x, training=None):
            for layer in self.inside:
                x = layer(x, training=training)
            return self.last(x)

    return Own()


def values(model):
    own = [*model.variables, *(v for m in model.metrics for v in m.variables)]
    return [v.numpy().tobytes() for v in own]


@pytest.mark.parametrize("make", [sequential, nested, functional, subclass])
@pytest.mark.parametrize("calls", [1, 2])
def test_a_model_is_as_before(make, calls):
    last = Fragile()
    model = make(last)
    for _ in range(calls):
        model(X, training=True)
    before, last.fails = values(model), True
    with pytest.raises(Mine):
        model(X, training=True)
    assert values(model) == before
    last.fails = False
    model(X, training=True)
    assert values(model) != before


def test_in_top_k_of_single_numbers():
    with pytest.raises(ShapeError, match="in_top_k"):
        k.ops.in_top_k(1, 0.5, 1)


@pytest.mark.parametrize("args", [(), ([1.0],), ([1.0], [1.0], None, 3)])
def test_a_loss_called_with_too_few_or_too_many(args):
    with pytest.raises(DTypeError, match="(?s)mean_squared_error.*y_true, y_pred"):
        k.losses.MeanSquaredError()(*args)


@pytest.mark.parametrize("name", ["Nadam", "Adam", "SGD", "Lamb", "Ftrl"])
def test_no_optimizer_is_built_from_an_iterator(name):
    optimizer, weight = getattr(k.optimizers, name)(), k.Variable(np.ones(2))
    with pytest.raises(Report, match="(?s)only once.*list"):
        optimizer.build(v for v in [weight])
    assert not optimizer.built and len(optimizer.variables) == 2
    optimizer.build([weight])
