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


def pair_of(k):
    class Pair(k.Model):
        def __init__(self):
            super().__init__(name="pair")
            self.d, self.e = k.layers.Dense(3, name="d"), k.layers.Dense(3, name="e")

        def call(self, xs):
            return self.d(xs[0]) + self.e(xs[1])

    return Pair()


def nested_models(k):
    "Models inside a model: closed, expanded, with the column of trainability"
    k.utils.clear_session()
    L, i, j = k.layers, k.Input((3,), name="i"), k.Input((3,), name="j")
    inner = k.Model(i, L.Dense(2, name="d")(L.Dense(3, name="e")(i)), name="inner")
    seq = k.Sequential([L.Dense(4, name="f"), L.Dense(1, name="g")], name="seq")
    model = k.Model(j, seq(inner(j)), name="outer")
    inner.trainable = False
    options = (
        {},
        {"expand_nested": True},
        {"expand_nested": True, "show_trainable": True},
    )
    return "\n".join(text_of(model, line_length=90, **words) for words in options)


def several_outputs(k):
    "An inner model with two outputs; a function in the graph"
    k.utils.clear_session()
    L, i, j = k.layers, k.Input((3,), name="i"), k.Input((3,), name="j")
    inner = k.Model(i, [L.Dense(2, name="d")(i), L.Dense(3, name="e")(i)], name="inner")
    a, b = inner(j)
    model = k.Model(j, {"a": a, "b": k.ops.relu(b)}, name="outer")
    texts = [text_of(m, line_length=90) for m in (model, inner)]
    return "\n".join([*texts, text_of(model, line_length=90, expand_nested=True)])


def only_functions(k):
    "Operations without layers: their names, and where they come from"
    k.utils.clear_session()
    x = k.Input((3, 4), name="x")
    y = k.ops.sum(k.ops.abs(x) * 2 + x, axis=-1)[:, 0]
    return text_of(k.Model(x, y, name="ops"), line_length=90)


def subclass_states(k):
    "A subclassed model with two inputs: not built, and after a call"
    import numpy as np

    model = pair_of(k)
    before = text_of(model, line_length=80)
    model([np.ones((2, 3), "float32"), np.ones((2, 4), "float32")])
    return before + text_of(model, line_length=80)


def subclass_on_a_symbol(k):
    "A subclassed model called on symbols"
    model = pair_of(k)
    model([k.Input((3,)), k.Input((4,))])
    return text_of(model, line_length=80)


def subclass_with_sequential(k):
    "A Sequential inside a subclassed model, closed and expanded"
    import numpy as np

    class Outer(k.Model):
        def __init__(self):
            super().__init__(name="outer")
            parts = [k.layers.Dense(2, name="a"), k.layers.Dropout(0.1, name="b")]
            self.s, self.t = k.Sequential(parts, name="s"), k.layers.Dense(1, name="t")

        def call(self, x):
            return self.t(self.s(x))

    model = Outer()
    model(np.ones((1, 3), "float32"))
    texts = [text_of(model, line_length=80, expand_nested=e) for e in (False, True)]
    return "\n".join(texts)


def deferred_states(k):
    "A deferred Sequential before and after its first data; an empty one"
    import numpy as np

    parts = [k.layers.Dense(2, name="a"), k.layers.BatchNormalization(name="b")]
    model = k.Sequential(parts, name="s")
    before = text_of(model, line_length=80)
    model(np.ones((1, 3), "float32"))
    return before + text_of(model, line_length=80) + text_of(k.Sequential(name="e"))


def shared_layer(k):
    "A layer that is called twice"
    k.utils.clear_session()
    a, b = k.Input((3,), name="a"), k.Input((3,), name="b")
    shared = k.layers.Dense(4, name="shared")
    y = k.layers.Concatenate(name="both")([shared(a), shared(b)])
    return text_of(k.Model([a, b], y, name="m"), line_length=100)


def precisions(k):
    "Weights of several widths in memory"
    half = k.layers.Dense(2, name="half", dtype="float16")
    mixed = k.layers.Dense(3, name="mixed", dtype="mixed_float16")
    return text_of(k.Sequential([k.Input((3,)), half, mixed], name="p"), line_length=80)


def after_fit(k):
    "Compiled, and then trained: the optimizer's numbers"
    import numpy as np

    model = build(k, "sequential")
    model.compile("adam", "mse")
    before = text_of(model, line_length=80)
    shape = model.output_shape[1:]
    x = np.ones((2, *model.input_shape[1:]), "float32")
    model.fit(x, np.ones((2, *shape), "float32"), verbose=0)
    return before + text_of(model, line_length=80)


def long_name(k):
    "A name longer than its column"
    name = "a_very_long_name_for_a_layer_that_wraps_around_the_column"
    parts = [k.Input((3,)), k.layers.Dense(2, name=name)]
    return text_of(k.Sequential(parts, name="long"), line_length=60)


def a_mask_on_the_way(k):
    "An Embedding that makes a mask: a column of connections, and another row"
    k.utils.clear_session()
    words = k.Input((4,), name="words", dtype="int32")
    y = k.layers.Embedding(5, 3, mask_zero=True, name="vectors")(words)
    y = k.layers.Dense(2, name="out")(y)
    return text_of(k.Model(words, y, name="m"), line_length=90)


FUNCTIONS = [
    sequential_default, sequential_60, functional_default, functional_60,
    functional_120, sequential_trainable, sequential_compiled, sequential_unbuilt,
    subclass_built,
    wide_positions, layer_range, big_numbers, nested_models, several_outputs,
    only_functions, subclass_states, subclass_on_a_symbol, subclass_with_sequential,
    deferred_states, shared_layer, precisions, after_fit, long_name, a_mask_on_the_way,
]  # fmt: skip
