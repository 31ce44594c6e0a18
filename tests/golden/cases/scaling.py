"""LossScaleOptimizer: scales, skipped steps, names, configurations, errors."""

import copy

import numpy as np

from tests.golden.cases import Table
from tests.golden.cases.optimizers import arrays
from tests.golden.player import fixed_gradient, outcome, wave


def cases():
    table = Table()
    for name in SCENARIOS:
        table.scenario("scaling", name)
    return list(table)


SCENARIOS = []


def scenario(function):
    SCENARIOS.append(function.__name__)
    return function


def trail(k, optimizer, variables, bad_steps, steps=8):
    "The variables and the scale after each step; gradients of bad steps are infinite."
    path = []
    for step in range(steps):
        scale = float(k.ops.convert_to_tensor(optimizer.scale_loss(1.0)))
        gradients = [scale * fixed_gradient(v.shape, step, 0) for v in variables]
        if step in bad_steps:
            gradients[0][0] = bad_steps[step]
        gradients = [k.ops.convert_to_tensor(g) for g in gradients]
        optimizer.apply_gradients(zip(gradients, variables))
        count = int(k.ops.convert_to_tensor(optimizer.iterations))
        path.append([scale, count, arrays(k, variables)])
    return path


@scenario
def finite_and_not(k):
    "Doubles after so many good steps, halves and skips at a bad one"
    result = []
    for bad in ({}, {2: np.inf}, {1: np.nan, 2: -np.inf, 6: np.nan}):
        for settings in ({"dynamic_growth_steps": 3}, {"initial_scale": 4.0}):
            v = k.Variable(wave(3), name="v")
            optimizer = k.optimizers.LossScaleOptimizer(
                k.optimizers.SGD(0.1, momentum=0.5), **settings
            )
            result.append(trail(k, optimizer, [v, k.Variable(wave(2, 2))], bad))
            result.append(arrays(k, optimizer.variables))
    return result


@scenario
def inner_settings(k):
    "Clipping, averages and accumulation of the inner optimizer"
    result = []
    for settings in (
        {"clipnorm": 0.5, "weight_decay": 0.1},
        {"use_ema": True, "ema_momentum": 0.5},
        {"gradient_accumulation_steps": 2},
    ):
        v = k.Variable(wave(3), name="v")
        optimizer = k.optimizers.LossScaleOptimizer(
            k.optimizers.Adam(0.1, **settings), initial_scale=8.0
        )
        result.append(trail(k, optimizer, [v], {3: np.inf}))
        optimizer.finalize_variable_values([v])
        result.append(arrays(k, [v]))
    return result


@scenario
def names(k):
    "State before and after build"
    k.utils.clear_session()
    optimizer = k.optimizers.LossScaleOptimizer(k.optimizers.Adam(0.1))
    before = [v.path for v in optimizer.variables]
    optimizer.build([k.Variable(wave(2, 2), name="w")])
    state = [[v.path, v.dtype, list(v.shape)] for v in optimizer.variables]
    return [before, state]


@scenario
def configs(k):
    "get_config there and back"
    k.utils.clear_session()
    o = k.optimizers
    inner = o.SGD(o.schedules.CosineDecay(0.1, 5), momentum=0.5)
    optimizer = o.LossScaleOptimizer(inner, 2.0, dynamic_growth_steps=7, name="lso")
    described = o.serialize(optimizer)
    again = o.deserialize(copy.deepcopy(described))
    return [o.LossScaleOptimizer(o.SGD()).get_config(), described, again.get_config()]


@scenario
def rates(k):
    "Rate and count are those of the inner optimizer"
    o = k.optimizers
    optimizer = o.LossScaleOptimizer(o.SGD(0.5, loss_scale_factor=3.0))
    optimizer.learning_rate = 0.25
    rate = float(k.ops.convert_to_tensor(optimizer.learning_rate))
    inner = optimizer.inner_optimizer
    return [rate, inner.loss_scale_factor, optimizer.initial_scale]


@scenario
def refused(k):
    "Settings that belong to the inner optimizer"
    o = k.optimizers
    make = o.LossScaleOptimizer
    settings = {
        "weight_decay": 0.1, "clipnorm": 1.0, "global_clipnorm": 1.0, "clipvalue": 1.0,
        "use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 2,
        "loss_scale_factor": 2.0, "gradient_accumulation_steps": 2, "nonsense": 1,
        "dynamic": False,
    }  # fmt: skip
    found = [outcome(make, o.SGD(), **{n: value}) for n, value in settings.items()]
    harmless = make(o.SGD(), use_ema=False, clipnorm=None, dynamic=True)
    return [*found, harmless.initial_scale]


@scenario
def overwritten(k):
    "Values that are no gradients are not divided by the scale"
    v, w = k.Variable([1.0, 2.0], name="v"), k.Variable([1.0, 2.0], name="w")
    w.overwrite_with_gradient = True
    optimizer = k.optimizers.LossScaleOptimizer(
        k.optimizers.SGD(0.1), initial_scale=4.0
    )
    return trail(k, optimizer, [v, w], {}, 2)
