"""Optimizers: 20 steps on fixed gradients; clipping, decay, schedules, errors."""

import copy

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
        {"learning_rate": 0.1, "use_ema": True, "ema_momentum": 0.5,
         "ema_overwrite_frequency": 3},
        {"learning_rate": 0.1, "use_ema": True, "ema_overwrite_frequency": 2,
         "gradient_accumulation_steps": 3},
        {"learning_rate": 0.1, "loss_scale_factor": 8.0, "momentum": 0.3},
        {"learning_rate": 0.1, "gradient_accumulation_steps": 4, "clipnorm": 0.5,
         "weight_decay": 0.1, "momentum": 0.9},
    ],
    "Adam": [
        {}, {"learning_rate": 0.01}, {"learning_rate": 0.01, "amsgrad": True},
        {"learning_rate": 0.1, "beta_1": 0.8, "beta_2": 0.99, "epsilon": 1e-3},
        {"learning_rate": 0.01, "weight_decay": 0.01},
        {"learning_rate": 0.01, "clipnorm": 1.0},
        {"learning_rate": 0.01, "clipvalue": 0.5},
        {"learning_rate": 0.01, "global_clipnorm": 1.0},
        {"learning_rate": 0.01, "gradient_accumulation_steps": 2, "use_ema": True,
         "weight_decay": 0.1, "global_clipnorm": 0.3, "loss_scale_factor": 2.0},
    ],
    "RMSprop": [
        {}, {"learning_rate": 0.01, "momentum": 0.9},
        {"learning_rate": 0.01, "centered": True},
        {"learning_rate": 0.01, "rho": 0.5, "epsilon": 1e-3, "momentum": 0.5,
         "centered": True, "weight_decay": 0.1, "clipvalue": 2.0},
    ],
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


def arrays(k, variables):
    return [k.ops.convert_to_numpy(v.value) for v in variables]


def after(k, optimizer, variables, steps=4):
    "The variables after a few steps on fixed gradients."
    for step in range(steps):
        gradients = [
            k.ops.convert_to_tensor(fixed_gradient(v.shape, step, i))
            for i, v in enumerate(variables)
        ]
        optimizer.apply(gradients, variables)
    return arrays(k, variables)


@scenario
def other_dtypes(k):
    "Variables of half and of double precision, slots included"
    result = []
    for name in ("SGD", "Adam", "RMSprop"):
        for dtype in ("float64", "float16"):
            v = k.Variable(wave(3), dtype=dtype, name="v")
            optimizer = getattr(k.optimizers, name)(0.1)
            after(k, optimizer, [v])
            result.append([v.dtype, k.ops.convert_to_numpy(v.value).astype("float32")])
            result.append([u.dtype for u in optimizer.variables])
    return result


@scenario
def decay_and_exclusions(k):
    "Weight decay with variables spared by identity, by pattern, and late"
    result = []
    for spared in ({}, {"var_names": ["bias", "gam+a"]}, {"var_list": [1]}):
        names = ("kernel", "my_bias", "gamma")
        variables = [k.Variable(wave(3, phase=i), name=n) for i, n in enumerate(names)]
        optimizer = k.optimizers.SGD(0.1, weight_decay=0.3)
        chosen = {
            key: [variables[i] for i in what] if key == "var_list" else what
            for key, what in spared.items()
        }
        optimizer.exclude_from_weight_decay(**chosen)
        result.append(after(k, optimizer, variables, 2))
        optimizer.exclude_from_weight_decay(var_names=["kernel"])
        result.append(after(k, optimizer, variables, 2))
    return result


@scenario
def constraints_come_last(k):
    "A constraint has the last word"
    v = k.Variable([0.5, -0.5, 2.0])
    v.constraint = lambda w: k.ops.clip(w, 0.0, 1.0)
    return after(k, k.optimizers.SGD(0.1), [v])


@scenario
def overwritten_by_gradients(k):
    "overwrite_with_gradient: the gradient is the next value"
    result = []
    for settings in ({}, {"gradient_accumulation_steps": 3}):
        v, w = k.Variable([1.0, 2.0], name="v"), k.Variable([1.0, 2.0], name="w")
        w.overwrite_with_gradient = True
        optimizer = k.optimizers.Adam(0.1, **settings)
        for steps in (1, 1, 1, 1):
            result.append(after(k, optimizer, [v, w], steps))
        result.append([u.name for u in optimizer.variables])
    return result


@scenario
def averages(k):
    "finalize_variable_values, and the names of the averages"
    variables = [k.Variable(wave(3), name="a"), k.Variable(wave(2), name="b")]
    optimizer = k.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5)
    path = after(k, optimizer, variables)
    optimizer.finalize_variable_values(variables)
    plain = k.optimizers.SGD(0.1)
    plain.build(variables)
    plain.finalize_variable_values(variables)
    return [path, arrays(k, variables), [v.name for v in optimizer.variables]]


@scenario
def state_in_and_out(k):
    "save_own_variables, load_own_variables, set_weights"
    variables, store = [k.Variable(wave(3), name="a")], {}
    optimizer = k.optimizers.Adam(0.1, name="one")
    after(k, optimizer, variables)
    optimizer.save_own_variables(store)
    other = k.optimizers.Adam(0.7, name="two")
    before = outcome(other.set_weights, [])
    other.build(variables)
    other.load_own_variables(store)
    result = [before, store, after(k, other, variables)]
    bad = [np.zeros(2)] * 4
    return [*result, outcome(other.set_weights, bad), arrays(k, other.variables)]


@scenario
def setting_the_rate(k):
    "Numbers, functions and schedules as rates, one after the other"

    def rate_of(optimizer):
        return float(k.ops.convert_to_tensor(optimizer.learning_rate))

    result, optimizer = [], k.optimizers.SGD(0.1, name="sgd")
    for rate in (0.5, k.Variable(0.25), np.float32(2.0), 3, lambda: 0.125):
        optimizer.learning_rate = rate
        result.append([rate_of(optimizer), [v.path for v in optimizer.variables]])
    bad = (1, None, "fast", np.float32(0.1), True)
    result += [outcome(lambda r=r: k.optimizers.SGD(r) and None) for r in bad]
    return [*result, rate_of(k.optimizers.SGD(np.float64(0.5)))]


@scenario
def own_optimizer(k):
    "A class of one's own, written as Keras' documentation does it"

    class Heavy(k.optimizers.Optimizer):
        def __init__(self, learning_rate=0.1, name="heavy", **kwargs):
            super().__init__(learning_rate=learning_rate, name=name, **kwargs)
            self.extra = k.Variable(3.0, name="extra")
            self.more = [k.Variable(1.0, name="first")]
            self.more.append(k.Variable(2.0, name="second"))

        def build(self, variables):
            super().build(variables)
            self.momentums = []
            for v in variables:
                self.momentums.append(
                    self.add_variable_from_reference(
                        reference_variable=v, name="momentum"
                    )
                )

        def update_step(self, gradient, variable, learning_rate):
            learning_rate = k.ops.cast(learning_rate, variable.dtype)
            gradient = k.ops.cast(gradient, variable.dtype)
            m = self.momentums[self._get_variable_index(variable)]
            self.assign(m, m * 0.9 - gradient * learning_rate)
            self.assign_add(variable, m)

    class Forgetful(k.optimizers.Optimizer):
        def __init__(self):
            self.rate = 1.0

    variables = [k.Variable(wave(2, 2), name="a"), k.Variable(wave(3), name="b")]
    optimizer = Heavy()
    path = after(k, optimizer, variables)
    names = [v.path for v in optimizer.variables]
    return [path, names, outcome(Forgetful), optimizer.get_config()]


@scenario
def rates_by_name(k):
    "A subclass that changes the rate and leaves the formula to Adam"

    class ByName(k.optimizers.Adam):
        def update_step(self, gradient, variable, learning_rate):
            factor = 0.1 if "slow" in variable.name else 1.0
            super().update_step(gradient, variable, learning_rate * factor)

    variables = [k.Variable(wave(2), name=n) for n in ("slow", "fast", "slow_too")]
    return after(k, ByName(0.1), variables)


@scenario
def names_count_up(k):
    "The names of unnamed optimizers"
    k.utils.clear_session()
    o = k.optimizers
    made = [o.SGD(), o.SGD(), o.Adam(), o.Adam(), o.RMSprop(), o.SGD(name="mine")]
    return [optimizer.name for optimizer in made]


@scenario
def more_bad_arguments(k):
    "Refused at construction, or ignored"
    sgd = k.optimizers.SGD
    return [
        outcome(sgd, use_ema=True, ema_overwrite_frequency=0.5),
        outcome(sgd, use_ema=True, ema_overwrite_frequency=-1),
        outcome(sgd, global_clipnorm=1.0, clipvalue=1.0),
        outcome(sgd, momentum=1),
        outcome(lambda: sgd(gradient_accumulation_steps=0).gradient_accumulation_steps),
        outcome(lambda: sgd(use_ema=False, ema_momentum=7.0).ema_momentum),
        outcome(k.optimizers.get, 0.01),
        outcome(k.optimizers.get, "nonsense"),
        outcome(lambda: k.optimizers.Optimizer(0.1).update_step(1, 2, 3)),
    ]


@scenario
def round_trips(k):
    "serialize, deserialize, from_config"
    k.utils.clear_session()
    o = k.optimizers
    made = [o.SGD(0.5, momentum=0.5, clipnorm=3.0), o.Adam(0.1), o.RMSprop(name="r")]
    described = [o.serialize(optimizer) for optimizer in made]
    again = [o.deserialize(copy.deepcopy(one)).get_config() for one in described]
    third = o.get({"class_name": "adam", "config": {"learning_rate": 0.25}})
    return [described, again, third.get_config()]
