"""What every layer does: state, names, building, masks, policies, configs, loans."""

import warnings

import numpy as np

from tests.golden.cases import scenarios
from tests.golden.player import outcome, wave

X = wave(2, 3)
SCENARIOS = []


def cases():
    return list(scenarios("layer_contract", SCENARIOS))


def scenario(function):
    SCENARIOS.append(function)
    return function


def paths(layer):
    return [w.path for w in layer.weights]


def raised(call, *args, **kwargs):
    "The exception of a call as it is compared, or its answer."
    result = outcome(call, *args, **kwargs)
    return result if isinstance(result, Exception) else str(result)[:40]


def mask_of(x):
    mask = getattr(x, "_keras_mask", None)
    return None if mask is None else np.asarray(mask)


def masked(k, values, mask):
    x = k.ops.convert_to_tensor(values)
    x._keras_mask = k.ops.convert_to_tensor(mask)
    return x


# ---- variables -----------------------------------------------------------------------


@scenario
def variable_basics(k):
    "dtypes, shapes, names and paths"
    k.utils.clear_session()
    made = [
        k.Variable(1.0),
        k.Variable(1),
        k.Variable(np.ones((2, 3))),
        k.Variable(np.ones((2,), "int64"), dtype="float16"),
        k.Variable("zeros", shape=(2,)),
        k.Variable(k.initializers.Ones(), shape=(1, 2), dtype="int32"),
        k.Variable(True, trainable=False, name="flag"),
    ]
    with k.name_scope("a"), k.name_scope("b"):
        made.append(k.Variable(2.0, name="inner"))
    return [
        [v.name, v.path, list(v.shape), v.dtype, v.ndim, v.trainable, v.numpy()]
        for v in made
    ]


@scenario
def variable_errors(k):
    "bad arguments"
    v = k.Variable(np.ones(2, "float32"))
    tries = [
        lambda: k.Variable("zeros"),
        lambda: k.Variable(1.0, name="a/b"),
        lambda: k.Variable(1.0, aggregation="median"),
        lambda: k.Variable(1.0, synchronization="never"),
        lambda: k.Variable("zeros", shape=(None, 2)),
        lambda: v.assign(np.ones(3)),
        lambda: bool(v),
        lambda: float(v),
        lambda: int(v),
        lambda: setattr(v, "regularizer", 3),
        lambda: setattr(v, "constraint", "nonneg"),
        lambda: setattr(v, "overwrite_with_gradient", 1),
        lambda: k.name_scope("a/b"),
    ]
    return [raised(call) for call in tries]


@scenario
def variable_arithmetic(k):
    "operators on both sides"
    v, w = k.Variable([1.5, -2.5]), k.Variable([2, 3])
    flags = k.Variable([True, False])
    return [
        v + 1, 1 - v, v * w, 2 / v, v // 2, v % 2, v**2, 2**w, -v, +v, abs(v),
        v == w, v != 1.5, v < w, v >= 1, flags & True, flags | True, flags ^ True, ~flags,
        v[0], v @ v, round(k.Variable([1.26, 2.5]), 1),
    ]  # fmt: skip


@scenario
def variable_assign(k):
    "assign, assign_add and assign_sub give the new value"
    v = k.Variable([1.0, 2.0])
    out = [v.assign([3, 4]), v.assign_add([1, 1]), v.assign_sub([2.0, 0.5])]
    return [*out, v.value, v.dtype]


@scenario
def variable_hooks(k):
    "trainable, regularizer, constraint and overwrite_with_gradient can be set"
    v = k.Variable(1.0, aggregation="mean", synchronization=None, autocast=False)
    v.trainable, v.overwrite_with_gradient = 0, True
    v.regularizer, v.constraint = abs, abs
    names = "trainable overwrite_with_gradient aggregation synchronization autocast"
    read = [getattr(v, n) for n in names.split() if n != "autocast"]
    return [*read, v.regularizer is abs, v.constraint is abs]


@scenario
def loans(k):
    "a StatelessScope lends values and keeps assignments to itself"
    v, w = k.Variable([1.0, 2.0]), k.Variable(3.0)
    with k.StatelessScope([(v, k.ops.convert_to_tensor([5.0, 6.0]))]) as scope:
        inside = [v.value, v + w]
        v.assign_add([1.0, 1.0])
        w.assign(9.0)
    after = [scope.get_current_value(v), scope.get_current_value(w), v.value, w.value]
    bad = [
        raised(k.StatelessScope, [(v, 1.0)]),
        raised(k.StatelessScope, [(1.0, v)]),
        scope.get_current_value(k.Variable(1.0)),
    ]
    return [inside, after, bad]


@scenario
def variables_made_in_a_scope(k):
    "filled when it closes"
    with k.StatelessScope():
        v = k.Variable("ones", shape=(2,))
        inside = [v._value is None, v + 1, raised(k.Variable, 0.0)]
    return [inside, v.value]


# ---- state ---------------------------------------------------------------------------


@scenario
def tracking(k):
    "layers and weights in lists, dicts, tuples and nests of them"

    class Keeper(k.layers.Layer):
        def __init__(self):
            super().__init__(name="keeper")
            self.own = self.add_weight(shape=(2,), name="own")
            self.items = [k.layers.Dense(1, name="a"), (k.layers.Dense(1, name="b"),)]
            self.table = {"x": k.layers.Dense(1, name="c"), "y": [k.Variable(1.0)]}
            self.items.append(k.layers.Dense(1, name="d"))
            self.table["z"] = k.layers.Dense(1, name="e")
            self.counter = k.Variable(0, trainable=False)
            self.dice = k.random.SeedGenerator(1)

    keeper = Keeper()
    names = [layer.name for layer in keeper._layers]
    keeper.items.pop(0)
    left = [layer.name for layer in keeper._layers]
    counts = [
        len(getattr(keeper, name))
        for name in (
            "weights", "trainable_weights", "non_trainable_weights", "variables",
            "trainable_variables", "non_trainable_variables",
        )
    ]  # fmt: skip
    return [names, left, counts]


@scenario
def deleting_a_weight(k):
    "del layer.weight takes it out"
    layer = k.layers.Dense(2)
    layer.build((None, 3))
    del layer.bias
    return [w.name for w in layer.weights]


@scenario
def locked_after_build(k):
    "no new state in a built layer"

    class Late(k.layers.Layer):
        def call(self, x):
            self.w = self.add_weight(shape=(2,))
            return x

    dense = k.layers.Dense(2)
    dense.build((None, 3))
    return [
        raised(dense.add_weight, shape=(1,)),
        raised(setattr, dense, "sub", k.layers.Dense(1)),
        raised(setattr, dense, "subs", [k.layers.Dense(1)]),
        raised(Late(), X),
    ]


@scenario
def freezing(k):
    "trainable reaches all layers inside, and their variables"
    layer = nested(k)
    layer(X)
    counts = []
    for change in (lambda: None, lambda: freeze(layer.dense), lambda: freeze(layer)):
        change()
        lists = (layer.trainable_weights, layer.non_trainable_weights)
        counts.append([len(each) for each in lists])
    layer.trainable = True
    counts.append([len(layer.trainable_weights), layer.dense.kernel.trainable])
    return counts


def freeze(layer):
    layer.trainable = False


def nested(k):
    class Nested(k.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.own = self.add_weight(shape=(), initializer="ones", name="own")
            self.dense = k.layers.Dense(2, name="dense", kernel_initializer="ones")

        def call(self, x):
            return self.dense(x) * self.own

    return Nested(name="nested")


@scenario
def paths_and_build_configs(k):
    "where variables are, and with which shapes layers say they were built"
    k.utils.clear_session()
    layer, model = nested(k), k.Sequential([k.Input((3,)), nested(k)], name="model")
    before = [layer.path, layer.get_build_config()]
    layer(X)
    inner = layer.dense
    after = [layer.path, inner.path, layer.get_build_config(), inner.get_build_config()]
    return [before, after, paths(layer), paths(model)]


@scenario
def late_layers_inside(k):
    "layers that are made in build, or called first when the layer around is built"

    class Makes(k.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.first, self.rest = k.layers.Dense(2, name="first"), []

        def build(self, input_shape):
            self.rest.append(k.layers.Dense(2, name="second"))

        def call(self, x):
            return self.rest[0](self.first(x))

    class Around(k.layers.Layer):
        def __init__(self):
            super().__init__(name="around")
            self.inner = Makes(name="makes")

        def build(self, input_shape):
            self.inner.build(input_shape)

        def call(self, x):
            return self.inner(x)

    alone, around = Makes(name="alone"), Around()
    alone.build((None, 3))
    alone(X)
    around(X)
    return [len(alone._layers), paths(alone), paths(around), around.inner.rest[0].path]


@scenario
def losses_in_a_scope(k):
    "a StatelessScope collects the losses of the layers called in it"

    class Adds(k.layers.Layer):
        def __init__(self):
            super().__init__()
            self.dense = k.layers.Dense(
                1, kernel_initializer="ones", activity_regularizer="l1"
            )

        def call(self, x):
            self.add_loss(k.ops.sum(x))
            return self.dense(x)

    layer = Adds()
    layer(X)
    before = list(layer.losses)
    with k.StatelessScope(collect_losses=True) as scope:
        layer(X * 2)
    with k.StatelessScope() as silent:
        layer(X)
    return [before, scope.losses, silent.losses]


@scenario
def state_before_super(k):
    "attributes set before super().__init__() are found"

    class Early(k.layers.Layer):
        def __init__(self):
            self.w = k.Variable(np.ones(2))
            self.parts = [k.layers.Dense(1)]
            super().__init__()

    early = Early()
    return [len(early.weights), len(early._layers)]


@scenario
def add_weight_arguments(k):
    "positions, keywords, defaults"
    layer = k.layers.Layer(name="it")
    made = [
        layer.add_weight((2,), "ones", "float16", name="a"),
        layer.add_weight(shape=(2, 3), name="b"),
        layer.add_weight(dtype="int32", trainable=False, name="c"),
        layer.add_weight(
            shape=[1], initializer="zeros", regularizer="l2", constraint="non_neg"
        ),
        layer.add_variable((1,), "ones", trainable=False, name="e"),
    ]
    told = [[w.path.split("/")[0], list(w.shape), w.dtype, w.trainable] for w in made]
    hooks = [type(made[3].regularizer).__name__, type(made[3].constraint).__name__]
    errors = [
        raised(layer.add_weight, "name"),
        raised(layer.add_weight, (1,), shape=(1,)),
        raised(layer.add_weight, (1,), "ones", initializer="ones"),
        raised(layer.add_weight, (1,), "ones", "float32", True),
        raised(layer.add_weight, shape=(1,), regularizer=3),
        raised(layer.add_weight, shape=(None,)),
    ]
    return [told, hooks, errors]


@scenario
def own_variables_in_a_store(k):
    "save_own_variables and load_own_variables"
    layer, store = k.layers.Dense(2), {}
    layer.build((None, 3))
    layer.save_own_variables(store)
    keys = sorted(store)
    values = {"0": np.full((3, 2), 0.5), "1": np.ones(2)}
    layer.load_own_variables(values)
    bad = [
        raised(layer.load_own_variables, {"0": values["0"]}),
        raised(k.layers.Dense(2).load_own_variables, values),
    ]
    return [keys, layer.get_weights(), bad]


# ---- building and calling ------------------------------------------------------------


@scenario
def build_by_names(k):
    "shapes go to the arguments of build by name"

    class Two(k.layers.Layer):
        def build(self, b_shape, a_shape):
            self.seen = [a_shape, b_shape]

        def call(self, a, b=None, mask=None):
            return a

    class Nest(k.layers.Layer):
        def build(self, anything):
            self.seen = anything

        def call(self, x):
            return x["a"]

    class Wrong(Two):
        def build(self, a_shape, c_shape):
            pass

    class Worse(Two):
        def build(self, a_shape, b):
            pass

    two, nest, again = Two(), Nest(), Two()
    two(X, b=wave(4))
    nest({"a": X, "b": [wave(4), wave(1, 5)]})
    again.build_from_config(two.get_build_config())
    return [
        two.seen, two.get_build_config(), nest.seen, nest.get_build_config(), again.seen,
        raised(Wrong(), X, b=X), raised(Worse(), X, b=X),
    ]  # fmt: skip


@scenario
def calling_errors(k):
    "what a call refuses"

    class Mixed(k.layers.Layer):
        def call(self, x, y=None):
            return x

    class Forgot(k.layers.Layer):
        def __init__(self):
            self.a = 1

        def call(self, x):
            return x

    dense = k.layers.Dense(2)
    dense(X)
    tries = [
        lambda: dense(X, 5),
        lambda: dense(X, nonsense=5),
        lambda: dense(),
        lambda: dense(wave(2, 4)),
        lambda: dense(wave(3)),
        lambda: Mixed()(X, y=[X, 3]),
        lambda: Forgot()(X),
        lambda: k.layers.Layer()(X),
        lambda: k.layers.Layer(trainable=1),
        lambda: k.layers.Layer(nonsense=1),
        lambda: k.layers.Layer(name="a/b"),
        lambda: k.layers.Layer(dtype="nonsense"),
        lambda: k.layers.Layer().count_params(),
        lambda: k.layers.Layer().add_loss(1.0),
        lambda: k.layers.Layer().add_metric(),
        lambda: dense.set_weights([]),
        lambda: dense.quantize("int3"),
        lambda: k.layers.Dense(2).quantize("int8"),
        lambda: dense.input,
    ]
    return [raised(call) for call in tries]


@scenario
def training_travels(k):
    "caller, layers around, default"
    heard, last = [], []

    class Ear(k.layers.Layer):
        def call(self, x, training=False):
            heard.append(bool(training))
            return x

    class Around(k.layers.Layer):
        def __init__(self, inner, **said):
            super().__init__()
            self.inner, self.said = inner, said

        def call(self, x):
            return self.inner(x, **self.said)

    ear = Ear()
    for layer, said in [
        (ear, {}), (ear, {"training": True}), (Around(ear), {}),
        (Around(ear), {"training": True}), (Around(Around(ear)), {"training": True}),
        (Around(ear, training=False), {"training": True}),
        (Around(ear, training=True), {}), (Around(ear, training=True), {"training": False}),
    ]:  # fmt: skip
        layer(X, **said)
        last.append(heard[-1])
    return last


@scenario
def words_travel(k):
    "registered call-context arguments reach the layers inside"

    class Inner(k.layers.Layer):
        def __init__(self):
            super().__init__()
            self._register_call_context_args("foo")

        def call(self, x, foo=False):
            return x + (1.0 if foo else 0.0)

    class Outer(k.layers.Layer):
        def __init__(self):
            super().__init__()
            self.inner = Inner()

        def call(self, x):
            return self.inner(x)

    outer, plain = Outer(), Outer()
    outer._register_call_context_args("foo")
    return [outer(X, foo=True), outer(X), plain(X)]


@scenario
def losses_of_a_call(k):
    "add_loss, activity regularizers and weight regularizers; cleared at each call"

    class Adds(k.layers.Layer):
        def __init__(self):
            super().__init__(activity_regularizer="l2")
            self.dense = k.layers.Dense(
                2, kernel_initializer="ones", kernel_regularizer="l1"
            )

        def call(self, x):
            self.add_loss(k.ops.sum(x))
            return self.dense(x)

    layer = Adds()
    for _ in range(2):
        layer(X)
    frozen = list(layer.losses)
    layer.trainable = False
    return [frozen, len(layer.losses)]


@scenario
def stateless(k):
    "stateless_call leaves the layer alone"

    class Counts(k.layers.Layer):
        def __init__(self):
            super().__init__()
            self.w = self.add_weight(shape=(3,), initializer="ones", regularizer="l2")
            self.n = self.add_weight(
                shape=(), initializer="zeros", trainable=False, name="n"
            )

        def call(self, x):
            self.n.assign_add(1.0)
            self.add_loss(k.ops.sum(x))
            return x * self.w

    layer = Counts()
    early = raised(layer.stateless_call, [], [], X)
    layer(X)
    x = k.ops.convert_to_tensor(X)
    new = [k.ops.convert_to_tensor([1.0, 2.0, 3.0])], [k.ops.convert_to_tensor(7.0)]
    out = layer.stateless_call(*new, x)
    more = layer.stateless_call(*new, x, return_losses=True)
    return [
        out, more, layer.n.value, layer.w.value, early,
        raised(layer.stateless_call, [], new[1], x),
        raised(layer.stateless_call, new[0], [], x),
    ]  # fmt: skip


@scenario
def symbolic(k):
    "specs from compute_output_shape, from call, and the layers built on the way"

    class Shaped(k.layers.Layer):
        def call(self, a, b):
            return {"sum": a + b, "both": [a, b]}

        def compute_output_shape(self, a_shape, b_shape):
            return {"sum": a_shape, "both": [a_shape, b_shape]}

    class Bad(k.layers.Layer):
        def call(self, x):
            return x

        def compute_output_shape(self, input_shape):
            return 3

    layer = nested(k)
    spec = layer.compute_output_spec(k.KerasTensor((None, 3)))
    out = Shaped()(k.Input((3,)), k.Input((3,)))
    shaped = nested(k)
    y = shaped(k.Input((3,)))
    return [
        list(spec.shape), spec.dtype, out, y, shaped.built, paths(shaped),
        raised(Bad(), k.Input((3,))),
    ]  # fmt: skip


@scenario
def inputs_and_outputs(k):
    "layer.input and layer.output are those of the first symbolic call"
    dense, a, b = k.layers.Dense(2), k.Input((3,), name="a"), k.Input((3,), name="b")
    first = dense(a)
    dense(b)
    return [dense.input is a, dense.output is first]


@scenario
def input_specs(k):
    "checks, texts and configs"
    specs = [
        k.InputSpec(ndim=2), k.InputSpec(min_ndim=3), k.InputSpec(max_ndim=1),
        k.InputSpec(shape=(None, 3)), k.InputSpec(axes={-1: 4}), k.InputSpec(dtype="int32"),
        k.InputSpec(shape=(None, 3, 1), allow_last_axis_squeeze=True),
    ]  # fmt: skip

    class Passes(k.layers.Layer):
        def call(self, x):
            return 0.0

    def passes(spec, x):
        layer = Passes()
        layer.input_spec = spec
        result = outcome(layer, x)
        return result if isinstance(result, Exception) else "passes"

    inputs = [X, wave(3), wave(2, 3, 4), (X * 3).astype("int32")]
    table = [[passes(spec, x) for x in inputs] for spec in specs]
    by_name = [k.InputSpec(shape=(None, 3), name="a"), k.InputSpec(ndim=1, name="b")]
    named = [
        passes(by_name, {"b": wave(3), "a": X}),
        passes(by_name, {"a": X}),
        passes(by_name, [X, wave(3), X]),
        passes([k.InputSpec(ndim=2), None], [X, wave(2)]),
        passes([k.InputSpec(ndim=2), k.InputSpec(ndim=2, optional=True)], [X, None]),
    ]
    bad = [
        raised(k.InputSpec, axes={"a": 1}),
        raised(k.InputSpec, axes=3),
        raised(k.InputSpec, ndim=2, axes={2: 1}),
    ]
    again = k.InputSpec.from_config(specs[3].get_config())
    return [table, named, bad, [repr(s) for s in specs], again.get_config()]


# ---- masks ---------------------------------------------------------------------------

MASK = [[True, False, True], [True, True, False]]


@scenario
def masks_pass(k):
    "who supports masking passes a mask on, who computes one replaces it"

    class Plain(k.layers.Layer):
        def call(self, x):
            return x * 2

    class Passes(Plain):
        def __init__(self):
            super().__init__()
            self.supports_masking = True

    class Makes(Plain):
        def compute_mask(self, inputs, previous_mask=None):
            return k.ops.not_equal(inputs, 0.0)

    x = masked(k, X, MASK)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        plain = mask_of(Plain()(x))
    warned = sum("mask" in str(w.message) for w in told)
    zeros = k.ops.convert_to_tensor(X * np.array(MASK))
    supports = [layer().supports_masking for layer in (Plain, Passes, Makes)]
    return [
        plain, warned, mask_of(Passes()(x)), mask_of(Makes()(x)), mask_of(Makes()(zeros)),
        mask_of(Passes()(Makes()(zeros))), supports, k.layers.Dense(1).supports_masking,
    ]  # fmt: skip


@scenario
def masks_are_given(k):
    "call gets mask, or <argument>_mask"
    seen = []

    class One(k.layers.Layer):
        def call(self, x, mask=None):
            seen.append(mask)
            return k.ops.sum(x, axis=-1)

    class Two(k.layers.Layer):
        def call(self, a, b, a_mask=None, b_mask=None):
            seen.append([a_mask, b_mask])
            return a

    class Nest(k.layers.Layer):
        def call(self, xs, mask=None):
            seen.append(mask)
            return xs[0]

    x, y = masked(k, X, MASK), k.ops.convert_to_tensor(X)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        One()(x)
        One()(y)
        One()(y, mask=k.ops.convert_to_tensor(MASK))
        Two()(x, y)
        Two()(y, b=x)
        Nest()([x, y])
        One()(masked(k, X.astype("float64"), MASK))  # the mask survives the cast
    return seen


@scenario
def masks_of_nests(k):
    "several inputs, several outputs"

    class Swap(k.layers.Layer):
        supports = True

        def __init__(self):
            super().__init__()
            self.supports_masking = True

        def call(self, xs):
            return [xs[1] * 2.0, xs[0] * 2.0]

        def compute_mask(self, inputs, mask=None):
            return [mask[1], mask[0]]

    class Sets(k.layers.Layer):
        def __init__(self):
            super().__init__()
            self.supports_masking = True

        def call(self, x):
            y = x * 2.0
            y._keras_mask = k.ops.convert_to_tensor([[False] * 3] * 2)
            return y

    x, y = masked(k, X, MASK), k.ops.convert_to_tensor(X)
    return [[mask_of(out) for out in Swap()([x, y])], mask_of(Sets()(x))]


@scenario
def masks_in_models(k):
    "a mask made inside a Functional or Sequential model reaches the layer that asks"

    class Makes(k.layers.Layer):
        def compute_mask(self, inputs, previous_mask=None):
            return k.ops.not_equal(inputs, 0.0)

        def call(self, x):
            return x * 1.0

    class Takes(k.layers.Layer):
        def call(self, x, mask=None):
            return x if mask is None else x + k.ops.cast(mask, x.dtype)

    inputs = k.Input((3,))
    hidden = Makes()(inputs)
    symbol = getattr(hidden, "_keras_mask", None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = k.Model(inputs, Takes()(k.layers.Activation("linear")(hidden)))
    stack = k.Sequential([Makes(), k.layers.Activation("linear"), Takes()])
    zeros = (X * np.array(MASK)).astype("float32")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [symbol, model(zeros), stack(zeros), model.predict(zeros, verbose=0)]


# ---- policies ------------------------------------------------------------------------


@scenario
def policies(k):
    "names, dtypes, configs and errors"
    names = [
        "float16",
        "bfloat16",
        "float64",
        "mixed_float16",
        "mixed_bfloat16",
        "int32",
    ]
    made = [k.dtype_policies.get(name) for name in names]
    told = [[p.name, p.compute_dtype, p.variable_dtype, repr(p)] for p in made]
    same = [
        k.FloatDTypePolicy("float32") == k.DTypePolicy("float32"),
        k.DTypePolicy("float32") == k.DTypePolicy("float16"),
        k.dtype_policies.get(made[0]) is made[0],
        k.dtype_policies.get(np.float32).name,
        k.dtype_policies.get(None).name,
    ]
    serial = k.dtype_policies.serialize(made[3])
    again = k.dtype_policies.deserialize(serial)
    bad = [
        raised(k.DTypePolicy, 3), raised(k.DTypePolicy, "foo"),
        raised(k.DTypePolicy, "mixed_float32"), raised(k.dtype_policies.get, 3),
        raised(k.config.set_dtype_policy, None),
    ]  # fmt: skip
    return [told, same, serial, again.name, k.dtype_policies.get(serial).name, bad]


@scenario
def policy_maps(k):
    "a policy by path"
    policies = k.dtype_policies.DTypePolicyMap("float32")
    policies["a/b"] = "mixed_float16"
    policies["c/.*"] = k.DTypePolicy("bfloat16")
    found = [policies[p].name for p in ("a/b", "a", "c/x/y", "c")]
    serial = k.dtype_policies.serialize(policies)
    again = k.dtype_policies.deserialize(serial)
    policies["a/.*"] = "float64"
    bad = [
        raised(policies.__setitem__, "a/b", "float16"),
        raised(k.dtype_policies.DTypePolicyMap, policies),
        raised(k.dtype_policies.DTypePolicyMap, None, 3),
        raised(policies.__setitem__, "z", 3),
    ]
    policies[".*/q"] = "float64"
    bad.append(raised(policies.__getitem__, "a/q"))
    about = [policies.name, policies.compute_dtype, len(policies), "a/b" in policies]
    return [found, serial, sorted(again), again["c/z"].name, bad, about]


@scenario
def global_policy(k):
    "set for all layers to come"
    told = []
    try:
        for name in ("mixed_bfloat16", k.DTypePolicy("float16")):
            k.config.set_dtype_policy(name)
            layer = k.layers.Dense(2)
            y = layer(np.ones((1, 2)))
            told.append([layer.compute_dtype, layer.variable_dtype, dtype(k, y)])
            told.append(k.mixed_precision.global_policy().name)
            told.append(k.layers.Dense(1, dtype="float64").dtype_policy.name)
    finally:
        k.mixed_precision.set_global_policy("float32")
    return told


def dtype(k, x):
    return k.backend.standardize_dtype(x.dtype)


@scenario
def autocast(k):
    "in which dtype inputs come and weights are read"

    class Spy(k.layers.Layer):
        def __init__(self, inner=None, **kwargs):
            super().__init__(**kwargs)
            self.inner = inner
            self.w = self.add_weight(shape=(), initializer="ones")
            self.exact = self.add_weight(shape=(), initializer="ones", autocast=False)

        def call(self, x):
            read = [x, self.w, self.w.value, self.exact, self.w * 1.0]
            self.seen = [dtype(k, v) for v in read]
            return x if self.inner is None else self.inner(x)

    told = []
    for outer, inner in [
        ({}, {}),
        ({"dtype": "mixed_float16"}, {"dtype": "float32"}),
        ({"dtype": "float32"}, {"dtype": "mixed_float16"}),
        ({"dtype": "mixed_float16"}, {"autocast": False, "dtype": "float32"}),
        ({"dtype": "mixed_float16"}, {"dtype": "int32"}),
        ({"dtype": "mixed_float16", "autocast": False}, {"dtype": "mixed_bfloat16"}),
        ({"dtype": "float64"}, {"dtype": "bfloat16"}),
    ]:
        if inner.get("dtype") == "int32":
            inside = k.layers.Dense(1, dtype="float32")
            around = Spy(inside, **outer)
            around(np.ones((2, 2)))
            told.append(around.seen)
            continue
        inside = Spy(**inner)
        around = Spy(inside, **outer)
        out = around(np.ones((2, 2)))
        told.append([around.seen, inside.seen, dtype(k, out)])
    ints = Spy(dtype="mixed_float16")(np.ones((1,), "int32"))
    return [told, dtype(k, ints)]


@scenario
def mixed_dense(k):
    "a Dense layer in mixed precision: outputs, gradients, dtypes"
    told = []
    for name in ("mixed_float16", "mixed_bfloat16", "float16", "float64"):
        dense = k.layers.Dense(2, activation="relu", dtype=name)
        dense.build((None, 3))
        dense.set_weights([wave(3, 2, phase=1.0), wave(2)])
        with k.GradientTape() as tape:
            y = dense(X)
            loss = k.ops.sum(k.ops.cast(y, "float32") ** 2)
        slopes = tape.gradient(loss, dense.trainable_weights)
        told.append([dtype(k, y), [dtype(k, g) for g in slopes]])
        told.append(k.ops.cast(y, "float32") if "float16" in name else y)
    return told


# ---- configs -------------------------------------------------------------------------


@scenario
def configs_by_themselves(k):
    "layers without a get_config of their own"

    class Bare(k.layers.Layer):
        pass

    class Takes(k.layers.Layer):
        def __init__(self, units, names=("a", "b"), **kwargs):
            super().__init__(**kwargs)
            self.units = units

    class Only(k.layers.Layer):
        def __init__(self, units, name=None):
            super().__init__(name=name)

    class Star(k.layers.Layer):
        def __init__(self, *sizes):
            super().__init__()

    class Own(k.layers.Layer):
        def get_config(self):
            return {**super().get_config(), "mine": 1}

    again = Takes.from_config(Takes(3, name="t", trainable=False).get_config())
    return [
        Bare(name="b").get_config(),
        Takes(3, name="t", dtype="mixed_float16", trainable=False).get_config(),
        Takes(3, names=["x", ["y", None]], name="t").get_config(),
        Only(2, name="o").get_config(),
        Own(name="own", activity_regularizer="l2").get_config(),
        [again.units, again.name, again.trainable],
        raised(Only.from_config, Only(2).get_config()),
        raised(Takes(np.ones(2)).get_config),
        raised(Takes(k.initializers.Zeros()).get_config),
        raised(Star(1, 2).get_config),
        raised(Bare(dtype=k.DTypePolicy("float32")).get_config),
    ]


@scenario
def config_of_dense(k):
    "regularizers, constraints and policies in a config"
    dense = k.layers.Dense(
        2,
        "relu",
        kernel_regularizer="l2",
        bias_constraint="non_neg",
        activity_regularizer=k.regularizers.L1(0.5),
        dtype="mixed_bfloat16",
        name="d",
    )
    again = k.layers.Dense.from_config(dense.get_config())
    return [dense.get_config(), again.get_config() == dense.get_config()]


@scenario
def texts(k):
    "repr"
    dense = k.layers.Dense(2, name="d")
    before = repr(dense)
    dense.build((None, 3))
    return [before, repr(dense), str(dense)]
