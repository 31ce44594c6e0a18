"""The family of optimizers: 20 steps on fixed gradients, over their arguments."""

import copy

from tests.golden.cases import Table
from tests.golden.cases.optimizers import after
from tests.golden.encoding import encode
from tests.golden.player import outcome, wave

STEPS = 20
SHARED = [
    {"learning_rate": 0.01, "weight_decay": 0.1, "clipnorm": 1.0},
    {"learning_rate": 0.1, "gradient_accumulation_steps": 2, "use_ema": True},
]
CONFIGS = {
    "AdamW": [
        {}, {"learning_rate": 0.01}, {"learning_rate": 0.01, "amsgrad": True},
        {"learning_rate": 0.1, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-2},
    ],
    "Adagrad": [
        {}, {"learning_rate": 0.1},
        {"learning_rate": 0.1, "initial_accumulator_value": 0.0, "epsilon": 1e-2},
    ],
    "Adadelta": [
        {}, {"learning_rate": 1.0}, {"learning_rate": 1.0, "rho": 0.5},
        {"learning_rate": 1.0, "epsilon": 1e-3},
    ],
    "Adamax": [
        {}, {"learning_rate": 0.01},
        {"learning_rate": 0.1, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-2},
    ],
    "Nadam": [
        {}, {"learning_rate": 0.01},
        {"learning_rate": 0.1, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-2},
    ],
    "Ftrl": [
        {}, {"learning_rate": 0.1}, {"learning_rate": 0.1, "learning_rate_power": -0.2},
        {"learning_rate": 0.1, "l1_regularization_strength": 0.3},
        {"learning_rate": 0.1, "l2_regularization_strength": 0.3, "beta": 0.5},
        {"learning_rate": 0.1, "l2_shrinkage_regularization_strength": 0.1},
        {"learning_rate": 0.1, "initial_accumulator_value": 1.0},
    ],
    "Lion": [
        {}, {"learning_rate": 0.01},
        {"learning_rate": 0.1, "beta_1": 0.5, "beta_2": 0.9},
    ],
    "Lamb": [
        {}, {"learning_rate": 0.01},
        {"learning_rate": 0.1, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-2},
    ],
    "Adafactor": [
        {}, {"learning_rate": 0.01}, {"learning_rate": 0.5, "relative_step": False},
        {"learning_rate": 0.1, "beta_2_decay": -0.5, "epsilon_2": 0.1},
        {"learning_rate": 0.1, "clip_threshold": 0.3, "epsilon_1": 1e-3},
    ],
    "Muon": [
        {}, {"learning_rate": 0.01, "nesterov": False},
        {"learning_rate": 0.01, "rms_rate": None, "ns_steps": 3, "momentum": 0.5},
        {"learning_rate": 0.01, "exclude_layers": ["variable"], "adam_lr_ratio": 0.5},
        {"learning_rate": 0.01, "weight_decay": None, "adam_weight_decay": None},
    ],
    "ScheduleFreeAdamW": [
        {}, {"learning_rate": 0.1, "warmup_steps": 5},
        {"learning_rate": 0.1, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-2},
    ],
}  # fmt: skip


def cases():
    table = Table()
    starts = encode([wave(2, 3), wave(4, phase=1.0)])
    tall = encode([wave(3, 2), wave(2, 2, 3), wave(phase=0.5)])
    for name, configs in CONFIGS.items():
        for config in configs + SHARED:
            table.add("optimizer", name, config=config, starts=starts, steps=STEPS)
        config = {"learning_rate": 0.02}
        table.add("optimizer", name, config=config, starts=tall, steps=STEPS)
    for scenario in (names_and_configs, refused, half_and_double, by_name, overwritten):
        table.scenario("descents", scenario.__name__)
    return list(table)


def names_and_configs(k):
    "State in the order of files, and get_config there and back"
    result = {}
    for name in CONFIGS:
        k.utils.clear_session()
        optimizer = getattr(k.optimizers, name)()
        kernel = k.Variable(wave(2, 3), name="kernel", dtype="float64")
        optimizer.build([kernel, k.Variable(wave(3), name="bias")])
        state = [[v.path, list(v.shape), v.dtype] for v in optimizer.variables]
        config = optimizer.get_config()
        again = type(optimizer).from_config(dict(config)).get_config()
        described = k.optimizers.serialize(optimizer)
        again = again == config
        if name != "Lamb":  # Keras forgot to list it
            again = [
                again,
                k.optimizers.deserialize(copy.deepcopy(described)).get_config()
                == config,
            ]
        result[name] = [state, config, again, described["class_name"]]
    return result


def refused(k):
    "Refused at construction"
    o, bad = k.optimizers, [0.0, 1.5, -1.0]
    ftrl = ["learning_rate_power", "initial_accumulator_value"]
    ftrl += [f"{n}_regularization_strength" for n in ("l1", "l2", "l2_shrinkage")]
    found = [outcome(o.AdamW, weight_decay=None)]
    found += [outcome(lambda b=b: o.Lion(beta_1=b) and None) for b in bad]
    found += [outcome(lambda n=n: o.Ftrl(**{n: -0.1}) and None) for n in ftrl]
    return [*found, outcome(o.Ftrl, learning_rate_power=0.5)]


def half_and_double(k):
    "Other dtypes"
    result, not_numbers = {}, ("Adafactor", "Adamax")
    for name in sorted(set(CONFIGS) - {"ScheduleFreeAdamW", "Muon"}):
        for dtype in ("float64", "float16"):
            if name in not_numbers and dtype == "float16":
                continue  # Keras gives not-a-numbers
            v = k.Variable(wave(2, 2), dtype=dtype)
            after(k, getattr(k.optimizers, name)(0.1), [v])
            value = k.ops.convert_to_numpy(v.value)
            if dtype == "float64":  # Keras keeps the betas in float32
                value = value.astype("float32")
            result[f"{name} {dtype}"] = [v.dtype, value]
    return result


def by_name(k):
    "Every name with and without capitals"
    listed = set(CONFIGS) - {"Lamb"}
    names = [n for name in sorted(listed) for n in (name, name.lower(), name.upper())]
    return [type(k.optimizers.get(name)).__name__ for name in names]


def overwritten(k):
    "A variable that is overwritten with its gradient has no slots"
    result = {}
    for name in CONFIGS:
        v, w = k.Variable(wave(2, 2), name="v"), k.Variable(wave(2, 2), name="w")
        w.overwrite_with_gradient = True
        optimizer = getattr(k.optimizers, name)(0.1)
        steps = after(k, optimizer, [v, w])
        aliased = name == "ScheduleFreeAdamW"  # see deviations.py
        result[name] = [steps[:0] if aliased else steps]
        result[name] += [[u.name for u in optimizer.variables]]
    return result
