"""The text of model.summary()."""

from tests.golden.cases import scenarios
from tests.golden.cases.training import build
from tests.golden.player import outcome


def cases():
    return scenarios("summary", FUNCTIONS)


def text_of(model, **options):
    lines = []
    model.summary(print_fn=lambda line, **_: lines.append(line), **options)
    return "\n".join(lines)


def sequential_default(k):
    "line_length left out"
    return text_of(build(k, "sequential"))


def sequential_60(k):
    "line_length=60"
    return text_of(build(k, "sequential"), line_length=60)


def functional_default(k):
    "With the column of connections"
    k.utils.clear_session()
    return text_of(build(k, "functional"))


def functional_60(k):
    "line_length=60"
    k.utils.clear_session()
    return text_of(build(k, "functional"), line_length=60)


def functional_120(k):
    "line_length=120"
    k.utils.clear_session()
    return text_of(build(k, "functional"), line_length=120)


def sequential_trainable(k):
    "show_trainable=True, one layer frozen"
    model = build(k, "sequential")
    model.layers[1].trainable = False
    return text_of(model, show_trainable=True, line_length=80)


def sequential_compiled(k):
    "With an optimizer that has state"
    model = build(k, "sequential")
    model.compile(optimizer=k.optimizers.Adam(), loss="mse")
    model.optimizer.build(model.trainable_variables)
    return text_of(model, line_length=80)


def sequential_unbuilt(k):
    "No input shape yet"
    model = k.Sequential([k.layers.Dense(2, name="d")], name="later")
    return outcome(text_of, model, line_length=80)


def subclass_built(k):
    "A subclassed model after its first call"
    import numpy as np

    class Own(k.Model):
        def __init__(self):
            super().__init__(name="own")
            self.d = k.layers.Dense(3, name="d")

        def call(self, x):
            return self.d(x)

    model = Own()
    model(np.zeros((2, 4), "float32"))
    return text_of(model, line_length=80)


def wide_positions(k):
    "positions given"
    return text_of(build(k, "sequential"), line_length=90, positions=[0.5, 0.8, 1.0])


def layer_range(k):
    "Only from the second to the third layer"
    return text_of(
        build(k, "sequential"), line_length=80, layer_range=["hidden", "logits"]
    )


def big_numbers(k):
    "Thousands separators and units of memory"
    model = k.Sequential(
        [
            k.Input((784,)),
            k.layers.Dense(2000, name="wide"),
            k.layers.Dense(10, name="end"),
        ],
        name="big",
    )
    return text_of(model, line_length=80)


FUNCTIONS = [
    sequential_default, sequential_60, functional_default, functional_60,
    functional_120, sequential_trainable, sequential_compiled, sequential_unbuilt,
    subclass_built,
    wide_positions, layer_range, big_numbers,
]  # fmt: skip
