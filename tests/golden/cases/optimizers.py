"""Optimizers: 20 steps on fixed gradients; clipping, decay, schedules, errors."""

import numpy as np

from tests.golden.cases import Table
from tests.golden.encoding import encode
from tests.golden.player import fixed_gradient, outcome, wave

STEPS = 20
CONFIGS = {
    "SGD": [
        {}, {"learning_rate": 0.1}, {"learning_rate": 0.05, "momentum": 0.9},
        {"learning_rate": 0.05, "momentum": 0.9, "nesterov": True},
        {"weight_decay": 0.01}, {"clipnorm": 1.0}, {"clipvalue": 0.5},
        {"global_clipnorm": 1.0},
        {"learning_rate": 0.1, "momentum": 0.5, "clipvalue": 1.0},
        {"learning_rate": 0.1, "use_ema": True, "ema_momentum": 0.9},
        {"learning_rate": 0.1, "gradient_accumulation_steps": 2},
    ],
    "Adam": [
        {}, {"learning_rate": 0.01}, {"learning_rate": 0.01, "amsgrad": True},
        {"learning_rate": 0.1, "beta_1": 0.8, "beta_2": 0.99, "epsilon": 1e-3},
        {"learning_rate": 0.01, "weight_decay": 0.01},
        {"learning_rate": 0.01, "clipnorm": 1.0},
        {"learning_rate": 0.01, "clipvalue": 0.5},
        {"learning_rate": 0.01, "global_clipnorm": 1.0},
    ],
    "AdamW": [{"learning_rate": 0.01}],
    "RMSprop": [
        {}, {"learning_rate": 0.01, "momentum": 0.9},
        {"learning_rate": 0.01, "centered": True},
    ],
    "Adagrad": [{"learning_rate": 0.1}],
    "Adadelta": [{"learning_rate": 1.0}],
    "Adamax": [{"learning_rate": 0.01}],
    "Nadam": [{"learning_rate": 0.01}],
}  # fmt: skip


def cases():
    table = Table()
    starts = encode([wave(2, 3), wave(4, phase=1.0)])
    for name, configs in CONFIGS.items():
        for config in configs:
            table.add("optimizer", name, config=config, starts=starts, steps=STEPS)
    for name in SCENARIOS:
        table.scenario("optimizers", name)
    return list(table)


SCENARIOS = []


def scenario(function):
    SCENARIOS.append(function.__name__)
    return function


@scenario
def schedule_changes_the_rate(k):
    "ExponentialDecay under SGD"
    schedule = k.optimizers.schedules.ExponentialDecay(
        0.5, decay_steps=2, decay_rate=0.5
    )
    optimizer, v = k.optimizers.SGD(schedule), k.Variable([1.0, -1.0])
    path = []
    for step in range(4):
        g = k.ops.convert_to_tensor(fixed_gradient((2,), step, 0))
        optimizer.apply_gradients([(g, v)])
        path.append(k.ops.convert_to_numpy(v.value))
    return path


@scenario
def iterations_count(k):
    "iterations and learning_rate; assigning the rate"
    optimizer, v = k.optimizers.SGD(0.1), k.Variable([1.0])
    g = k.ops.convert_to_tensor([1.0])
    optimizer.apply_gradients([(g, v)])
    optimizer.learning_rate = 0.5
    optimizer.apply_gradients([(g, v)])
    rate = float(
        k.ops.convert_to_numpy(k.ops.convert_to_tensor(optimizer.learning_rate))
    )
    count = int(k.ops.convert_to_numpy(optimizer.iterations.value))
    return [count, rate, k.ops.convert_to_numpy(v.value)]


@scenario
def variable_names(k):
    "Order and names of an optimizer's variables"
    result = {}
    for name in ("SGD", "Adam"):
        optimizer = getattr(k.optimizers, name)(
            **({"momentum": 0.9} if name == "SGD" else {})
        )
        optimizer.build([k.Variable(np.zeros((2, 2), "float32"), name="w")])
        result[name] = [[v.name, list(v.shape), v.dtype] for v in optimizer.variables]
    return result


@scenario
def missing_gradients(k):
    "No gradient at all is an error"
    optimizer, v = k.optimizers.SGD(0.1), k.Variable([1.0])
    return [
        outcome(optimizer.apply_gradients, [(None, v)]),
        outcome(optimizer.apply_gradients, []),
    ]


@scenario
def unknown_variable(k):
    "After build only the known variables"
    optimizer, v, w = k.optimizers.SGD(0.1), k.Variable([1.0]), k.Variable([2.0])
    optimizer.build([v])
    g = k.ops.convert_to_tensor([1.0])
    return outcome(optimizer.apply_gradients, [(g, w)])


@scenario
def by_name(k):
    "Strings and classes"
    words = ("sgd", "adam", "Adam", "rmsprop", "nonsense")
    return [outcome(lambda w=w: type(k.optimizers.get(w)).__name__) for w in words]


@scenario
def config(k):
    "get_config of SGD and Adam"
    k.utils.clear_session()
    return [
        k.optimizers.SGD(0.1, momentum=0.9).get_config(),
        k.optimizers.Adam().get_config(),
    ]


@scenario
def bad_arguments(k):
    "Refused at construction"
    sgd = k.optimizers.SGD
    return [
        outcome(sgd, momentum=2.0),
        outcome(sgd, clipnorm=1.0, clipvalue=1.0),
        outcome(sgd, gradient_accumulation_steps=1),
        outcome(sgd, use_ema=True, ema_momentum=2.0),
        outcome(sgd, nonsense=1),
    ]
