"""Every layer, loss, metric and optimizer, called with what it was not made for.

Either the call is answered, or it is refused: with a ValueError or a TypeError of ours
(an IndexError of ours for a label outside its range), which names who refuses and what
was got. After a refusal all state is as before, and a good call works.
"""

import inspect
import re

import numpy as np
import pytest

import minikeras as k
from minikeras import layers, losses, metrics, optimizers
from minikeras.core.errors import IndexRangeError, Report
from minikeras.core.variable import autocast, current_scope
from minikeras.layers.layer import calls
from tests.golden.cases.refusals import spoiled
from tests.keras import test_layers, test_losses, test_metrics

pytestmark = pytest.mark.filterwarnings("ignore")


def values(variables):
    return [(id(v), v.numpy().tobytes()) for v in variables]


def digest(thing):
    "All that a refused call must leave alone."
    state = [calls.told, autocast.dtype, current_scope(), sorted(vars(thing))]
    state += [values(thing.variables), getattr(thing, "built", None)]
    if isinstance(thing, layers.Layer):
        for layer in thing._flatten_layers():
            seeds = layer._tracker.store("seed_generators")
            state += [layer.built, len(layer._losses), layer.input_spec is None]
            state += [sorted(vars(layer)), values(seed.state for seed in seeds)]
    return state


def refused(thing, what, call, *names):
    "Whether the call is refused, as it should be if it is."
    before = digest(thing)
    try:
        call()
    except Exception as error:
        told = "\n".join([str(error), *getattr(error, "__notes__", [])])
        assert isinstance(error, (ValueError, TypeError, IndexRangeError)), (what, told)
        assert isinstance(error, Report), (what, told)
        assert any(name in told for name in names), (what, told)
        assert error.got or re.search("called with|axis", told), (what, told)
        assert digest(thing) == before, (what, told)
        return True
    return False


MASKS = {
    "text": "text", "number": 3, "short": np.ones(7, bool), "dict": {"a": 1},
    "wide": np.ones((4, 77), bool), "deep": np.ones((4, 1, 1, 1, 1, 1), bool),
    "strings": np.full((4, 2), "a"), "list": [np.ones(7, bool)],
}  # fmt: skip


def layer_calls(good):
    "Names, positional arguments and keywords of calls that are not like layer(good)."
    several = isinstance(good, list)
    for what, x in spoiled(good[0] if several else good):
        yield what, (x,), {}
        if several:
            yield f"first {what}", ([x, good[1]],), {}
            yield f"second {what}", ([good[0], x],), {}
    yield "no argument", (), {}
    yield "too many", (good,) * 4, {}
    yield "unknown word", (good,), {"nonsense": 1}
    yield "twice", (good,), {"inputs": good}
    for what, mask in MASKS.items():
        yield f"mask {what}", (good,), {"mask": mask}
    for training in ("text", np.ones(7), {}, object()):
        yield f"training={training}", (good,), {"training": training}


def made_layer(name):
    if name == "SpectralNormalization":  # that of the samples is shared
        return layers.SpectralNormalization(layers.Dense(3))
    return test_layers.make(name)[0]


@pytest.mark.parametrize("built", [False, True], ids=["fresh", "built"])
@pytest.mark.parametrize("name", test_layers.HERE)
def test_layer_calls(name, built):
    good = test_layers.make(name)[1]
    for what, args, kwargs in layer_calls(good):
        layer = made_layer(name)
        if built:
            layer(good)
        call = lambda: layer(*args, **kwargs)
        if refused(layer, what, call, name, layer.name):
            layer(good)


def pair_calls(true, pred):
    for what, y in spoiled(true):
        yield f"true {what}", (y, pred)
    for what, y in spoiled(pred):
        yield f"pred {what}", (true, y)
    for (what, y), (_, z) in zip(spoiled(true), spoiled(pred), strict=True):
        yield f"both {what}", (y, z)
    for what, weight in spoiled(np.ones(4, "float32")):
        yield f"weight {what}", (true, pred, weight)
    yield "weights of others", (true, pred, np.ones(3))


class Stateless:
    variables = ()


@pytest.mark.parametrize("name", test_losses.SAMPLES)
def test_loss_calls(name):
    loss, good = getattr(losses, name)(), test_losses.SAMPLES[name]
    before = float(loss(*good))
    for what, args in pair_calls(*good):
        refused(Stateless(), what, lambda: loss(*args), name, loss.name)
    assert float(loss(*good)) == before


@pytest.mark.parametrize("built", [False, True], ids=["fresh", "updated"])
@pytest.mark.parametrize("name", [*test_metrics.SAMPLES, "Mean", "Sum"])
def test_metric_calls(name, built):
    lone = name in ("Mean", "Sum")
    config, *good = ({}, test_metrics.YES) if lone else test_metrics.SAMPLES[name]
    trials = list(spoiled(good[0])) if lone else pair_calls(*good)
    for what, args in trials:
        metric = getattr(metrics, name)(**config)
        if built:
            metric.update_state(*good)
        args = (args,) if lone else args
        call = lambda: metric.update_state(*args)
        if refused(metric, what, call, name, metric.name):
            metric.update_state(*good)
            metric.result()


OPTIMIZERS = [
    name
    for name in optimizers.__all__
    if inspect.isclass(getattr(optimizers, name)) and name != "Optimizer"
]
GRADS = [np.ones((3, 2), "float32"), np.ones((2,), "float32")]


def made_optimizer(name):
    inner = [optimizers.SGD()] if name == "LossScaleOptimizer" else []
    return getattr(optimizers, name)(*inner)


def optimizer_calls():
    for what, g in spoiled(GRADS[0]):
        yield f"first {what}", lambda o, v, g=g: o.apply([g, GRADS[1]], v)
    for what, g in spoiled(GRADS[1]):
        yield f"second {what}", lambda o, v, g=g: o.apply([GRADS[0], g], v)
        yield f"gradients {what}", lambda o, v, g=g: o.apply(g, v)
        yield f"pairs {what}", lambda o, v, g=g: o.apply_gradients(g)
        yield f"variables {what}", lambda o, v, g=g: o.apply(GRADS, g)
        yield f"variable {what}", lambda o, v, g=g: o.apply(GRADS, [v[0], g])
        yield f"build {what}", lambda o, v, g=g: o.build([v[0], g])
        yield f"rate {what}", lambda o, v, g=g: setattr(o, "learning_rate", g)
    yield "none at all", lambda o, v: o.apply([None, None], v)
    yield "too few", lambda o, v: o.apply(GRADS[:1], v)
    yield "too many", lambda o, v: o.apply(GRADS * 2, v)
    yield "no variables", lambda o, v: o.apply(GRADS, [])
    yield "others", lambda o, v: o.apply(GRADS, [v[0], k.Variable(np.ones(2))])
    yield "swapped", lambda o, v: o.apply(GRADS[::-1], v)
    yield "no variables given", lambda o, v: o.apply(GRADS)


class Both:
    "An optimizer and the variables that it trains, for one digest."

    def __init__(self, optimizer, variables):
        self.variables = [*optimizer.variables, *variables]
        self.optimizer = optimizer

    @property
    def built(self):
        optimizer = self.optimizer
        return optimizer.built, sorted(vars(optimizer)), values(optimizer.variables)


@pytest.mark.parametrize("built", [False, True], ids=["fresh", "built"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizer_calls(name, built):
    for what, call in optimizer_calls():
        optimizer = made_optimizer(name)
        trained = [k.Variable(np.ones(g.shape, "float32")) for g in GRADS]
        good = [k.ops.convert_to_tensor(g) for g in GRADS]
        if built:
            optimizer.apply(good, trained)
        names = (name, optimizer.name, "sgd")  # the rate is that of the inner one
        spoil = lambda: call(optimizer, trained)
        if refused(Both(optimizer, trained), what, spoil, *names):
            optimizer.apply(good, trained)
