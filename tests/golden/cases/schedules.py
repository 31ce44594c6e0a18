"""Learning-rate schedules: their values over many steps, and optimizers that follow."""

import copy

import numpy as np

from tests.golden.cases import Table
from tests.golden.cases.optimizers import after
from tests.golden.player import outcome, wave

STEPS = (0, 1, 2, 3, 4, 5, 7, 9, 10, 11, 14, 15, 16, 20, 25, 30, 31, 100, 1000)
CONFIGS = {
    "ExponentialDecay": [
        {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5},
        {"initial_learning_rate": 0.1, "decay_steps": 4, "decay_rate": 0.9,
         "staircase": True},
        {"initial_learning_rate": 0.5, "decay_steps": 2.5, "decay_rate": 1.1,
         "name": "growing"},
    ],
    "PiecewiseConstantDecay": [
        {"boundaries": [5], "values": [1.0, 0.5]},
        {"boundaries": [3, 9, 15], "values": [1.0, 0.5, 0.1, 0.01]},
        {"boundaries": [3.5, 10.0], "values": [0.1, 1.0, 0.1]},
    ],
    "PolynomialDecay": [
        {"initial_learning_rate": 0.1, "decay_steps": 10},
        {"initial_learning_rate": 0.1, "decay_steps": 10, "cycle": True},
        {"initial_learning_rate": 0.1, "decay_steps": 7, "power": 0.5,
         "end_learning_rate": 0.01},
        {"initial_learning_rate": 0.1, "decay_steps": 7, "power": 2.0,
         "end_learning_rate": 0.05, "cycle": True},
    ],
    "InverseTimeDecay": [
        {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5},
        {"initial_learning_rate": 0.1, "decay_steps": 4, "decay_rate": 2.0,
         "staircase": True},
    ],
    "CosineDecay": [
        {"initial_learning_rate": 0.1, "decay_steps": 20},
        {"initial_learning_rate": 0.1, "decay_steps": 20, "alpha": 0.1},
        {"initial_learning_rate": 0.0, "decay_steps": 10, "warmup_target": 0.1,
         "warmup_steps": 5},
        {"initial_learning_rate": 0.01, "decay_steps": 10, "warmup_target": 0.1,
         "warmup_steps": 10, "alpha": 0.3},
        {"initial_learning_rate": 0.01, "decay_steps": 10, "warmup_target": 0.1},
    ],
    "CosineDecayRestarts": [
        {"initial_learning_rate": 0.1, "first_decay_steps": 5},
        {"initial_learning_rate": 0.1, "first_decay_steps": 5, "t_mul": 1.0},
        {"initial_learning_rate": 0.1, "first_decay_steps": 6, "t_mul": 1.5,
         "m_mul": 0.5, "alpha": 0.1},
        {"initial_learning_rate": 0.1, "first_decay_steps": 4, "t_mul": 1.0,
         "m_mul": 0.9},
    ],
}  # fmt: skip


def cases():
    table = Table()
    for name, configs in CONFIGS.items():
        for config in configs:
            kwargs = {"name": name, "config": config}
            table.scenario("schedules", "values", **kwargs)
    for scenario in (kinds_of_steps, followed, described, refused, own_schedule):
        table.scenario("schedules", scenario.__name__)
    return list(table)


def values(k, name, config):
    "One schedule at many steps, its config, and the same after a round trip"
    rooms = k.optimizers.schedules
    schedule = getattr(rooms, name)(**config)
    rates = [k.ops.convert_to_numpy(schedule(step)) for step in STEPS]
    again = rooms.deserialize(rooms.serialize(schedule))
    end = k.ops.convert_to_numpy(again(7))
    return [rates, schedule.get_config(), again.get_config(), end]


def kinds_of_steps(k):
    "Steps as numbers, arrays, tensors, variables, vectors"
    result = {}
    for name, configs in CONFIGS.items():
        schedule = getattr(k.optimizers.schedules, name)(**configs[0])
        steps = [3, 3.0, np.int64(3), np.int32(3), np.array(3), k.ops.array(3)]
        steps += [k.Variable(3, dtype="int64")]
        steps += [k.ops.array(3, dtype="int32")]
        rates = [k.ops.convert_to_numpy(schedule(step)) for step in steps]
        vector = schedule(k.ops.convert_to_tensor([1, 3, 30]))
        result[name] = [rates, k.ops.convert_to_numpy(vector)]
    return result


def followed(k):
    "Optimizers that follow a schedule, also with accumulation"
    rooms, result = k.optimizers.schedules, []
    for make in (k.optimizers.SGD, k.optimizers.Adam):
        for settings in ({}, {"gradient_accumulation_steps": 2, "weight_decay": 0.1}):
            v = k.Variable(wave(3), name="v")
            optimizer = make(rooms.CosineDecay(0.1, 5), **settings)
            result.append(after(k, optimizer, [v], 6))
            result.append([u.name for u in optimizer.variables])
            result.append(float(k.ops.convert_to_tensor(optimizer.learning_rate)))
    return result


def described(k):
    "An optimizer with a schedule, written down and read again"
    k.utils.clear_session()
    o = k.optimizers
    schedule = o.schedules.ExponentialDecay(0.1, 10, 0.5, staircase=True)
    one = o.serialize(o.SGD(schedule, momentum=0.5))
    again = o.deserialize(copy.deepcopy(one))
    from_config = o.SGD.from_config(o.SGD(schedule, name="s").get_config())
    rates = [
        float(k.ops.convert_to_tensor(x.learning_rate)) for x in (again, from_config)
    ]
    return [one, again.get_config(), rates, type(from_config._learning_rate).__name__]


def refused(k):
    "Errors"
    rooms, o = k.optimizers.schedules, k.optimizers

    def reset():
        o.SGD(rooms.CosineDecay(0.1, 5)).learning_rate = 0.5

    def half_made():
        return rooms.LearningRateSchedule()(1)

    return [
        outcome(rooms.ExponentialDecay, 0.1, 0, 0.5),
        outcome(rooms.PolynomialDecay, 0.1, -1),
        outcome(rooms.InverseTimeDecay, 0.1, 0, 0.5),
        outcome(rooms.CosineDecay, 0.1, 0),
        outcome(rooms.CosineDecayRestarts, 0.1, 0),
        outcome(rooms.PiecewiseConstantDecay, [1, 2], [0.1, 0.2]),
        outcome(half_made),
        outcome(rooms.LearningRateSchedule().get_config),
        outcome(reset),
    ]


def own_schedule(k):
    "A schedule of one's own under Adam"

    class Root(k.optimizers.schedules.LearningRateSchedule):
        def __init__(self, start):
            self.start = start

        def __call__(self, step):
            return self.start / k.ops.sqrt(k.ops.cast(step, "float32") + 1.0)

        def get_config(self):
            return {"start": self.start}

    again = Root.from_config(Root(0.5).get_config())
    v = k.Variable(wave(3), name="v")
    return [
        after(k, k.optimizers.Adam(again), [v], 6),
        k.ops.convert_to_numpy(again(3)),
    ]
