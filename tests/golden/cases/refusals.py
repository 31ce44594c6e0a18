"""Bad arguments: which error real Keras raises for them, class by class.

`made` spoils one argument of a constructor after the other and uses what comes out;
`called` spoils what a good object is called with. An outcome has a line only for what
is refused: {"units": {"-1": "ValueError"}}. The word is the built-in class that catches
the error, "accident" for a class that nobody would catch (KeyError, AttributeError), and
"any" for TensorFlow's own classes, which are no built-in class.
"""

import inspect
import warnings

import numpy as np

from tests.golden.cases import Table
from tests.golden.player import find, wave

X = wave(4, 3)
STRANGE = {  # what no argument, or only some, are meant to be
    "None": None, "text": "text", "bytes": b"text", "mixed list": [1, "a"],
    "object": object(), "-1": -1, "0": 0, "0.5": 0.5, "2": 2, "dict": {},
    "nan": float("nan"), "True": True, "complex": 2j,
}  # fmt: skip
SHAPES = {
    "None": None, "text": "text", "bytes": b"ab", "number": 3, "float": 2.5,
    "object": object(), "dict": {2: 3}, "set": {2, 3}, "negative": (-1, 2),
    "unknown": (None, 2), "half": (2.5, 2), "words": ("2", "3"), "nested": ((2, 3),),
    "list": [2, 3], "array": np.array([2, 3]), "floats": np.array([2.0, 3.0]),
    "sizes of numpy": (np.int64(2), np.int64(3)), "nothing": (), "no rows": (0, 2),
    "huge": (2**40, 2**40), "true": (True, 2), "function": abs,
}  # fmt: skip
DTYPES = {
    "text": "text", "number": 3, "object": object(), "list": ["float32"], "dict": {},
    "string": "string", "half word": "float33", "int": int, "class": np.float32,
    "dtype": np.dtype("float32"),
}  # fmt: skip


def spoiled(x):
    "Names and values of things that are not quite, or not at all, like the array x."
    objects = np.empty(x.shape, object)
    objects[...] = object()
    yield from {
        "text": np.full(x.shape, "a"), "str": "text", "bytes": b"text",
        "objects": objects, "numbers as objects": x.astype(object),
        "complex": x.astype("complex64"), "bool": x > 0, "ints": x.astype("int64"),
        "dates": np.zeros(x.shape, "datetime64[s]"), "None": None,
        "nan": x * np.float32("nan"), "no rows": x[:0], "no columns": x[..., :0],
        "0-d": np.float32(0.5), "number": 3, "ragged": [[1.0], [1.0, 2.0]],
        "mixed": [1.0, "a"], "with None": [1.0, None], "two": [x, x],
        "three": (x, x, x), "list of one": [x], "nothing": [], "dict": {"a": x},
        "empty dict": {}, "set": {1.0, 2.0}, "function": abs, "object": object(),
        "more axes": x[..., None], "fewer axes": x[0], "flat": x.reshape(-1),
        "wider": np.concatenate([x, x], -1), "narrower": x[..., :1],
        "longer": np.concatenate([x, x]), "deep": x.reshape(x.shape + (1,) * 6),
    }.items()  # fmt: skip


CAUGHT = (
    ValueError, TypeError, IndexError, NotImplementedError, RuntimeError, MemoryError
)  # fmt: skip


def refusal(call):
    "The names of the built-in classes that catch what a call raises, or None."
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            call()
    except Exception as error:
        names = [kind.__name__ for kind in CAUGHT if isinstance(error, kind)]
        ours = type(error).__module__ != "builtins"
        return " ".join(names) or ("any" if ours else "accident")
    return None


def refusals(trials):
    "{name: word} of the trials, pairs of a name and a call, that are refused."
    found = {name: refusal(call) for name, call in trials}
    return {name: word for name, word in found.items() if word is not None}


# ---- what is made, and how it is used ------------------------------------------------

RATE = {"initial_learning_rate": 0.1, "decay_steps": 10}
NO_ARGUMENTS = {
    "initializers": (
        "Zeros Ones Constant RandomNormal TruncatedNormal RandomUniform Identity "
        "VarianceScaling GlorotUniform GlorotNormal HeUniform HeNormal LecunUniform "
        "LecunNormal Orthogonal"
    ),
    "regularizers": "L1 L2 L1L2 OrthogonalRegularizer",
    "constraints": "MaxNorm NonNeg UnitNorm MinMaxNorm",
}
PARTS = {  # room: {class: arguments that are required}
    **{
        room: {name: {} for name in names.split()}
        for room, names in NO_ARGUMENTS.items()
    },
    "optimizers.schedules": {
        "ExponentialDecay": RATE | {"decay_rate": 0.5},
        "InverseTimeDecay": RATE | {"decay_rate": 0.5},
        "PolynomialDecay": RATE,
        "CosineDecay": RATE,
        "CosineDecayRestarts": {"initial_learning_rate": 0.1, "first_decay_steps": 10},
        "PiecewiseConstantDecay": {"boundaries": [1, 2], "values": [1.0, 0.5, 0.1]},
    },
}
ACTIVATIONS = (
    "celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_swish "
    "hard_tanh leaky_relu linear log_sigmoid log_softmax mish relu relu6 selu sigmoid "
    "silu soft_shrink softmax softplus softsign sparse_plus sparse_sigmoid sparsemax "
    "squareplus swish tanh tanh_shrink threshold"
).split()
EVEN = wave(4, 2)


def use(k, room, thing):
    "Use a thing once, as it is meant to be."
    if room == "initializers":
        return thing((4, 3))
    if room == "optimizers.schedules":
        return thing(3)
    return thing(k.ops.convert_to_tensor(X))


def arguments_of(kind):
    parameters = inspect.signature(kind).parameters.values()
    return [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]


def made(k, room, name):
    "{argument: {value: word}} of a constructor, with one argument spoiled at a time."
    kind, good = find(k, f"{room}.{name}"), PARTS[room][name]

    def trials(argument):
        for label, value in STRANGE.items():
            given = {**good, argument: value}
            yield label, lambda given=given: use(k, room, kind(**given))

    found = {argument: refusals(trials(argument)) for argument in arguments_of(kind)}
    found["call"] = refusals([
        ("unknown word", lambda: kind(**good, nonsense=1)),
        ("too many", lambda: kind(*range(1, 12))),
        ("nothing", kind),
    ])  # fmt: skip
    return found


def called(k, room, name):
    "{argument: {value: word}} of the call of a good object."
    thing = find(k, f"{room}.{name}")(**PARTS[room][name])
    found = {}
    if room == "initializers":
        found["shape"] = refusals((n, lambda s=s: thing(s)) for n, s in SHAPES.items())
        dtypes = ((n, lambda d=d: thing((4, 3), d)) for n, d in DTYPES.items())
        found["dtype"] = refusals(dtypes)
    elif room == "optimizers.schedules":
        steps = spoiled(np.array(3.0).reshape(1))
        found["step"] = refusals((n, lambda x=x: thing(x)) for n, x in steps)
    else:
        found["x"] = refusals((n, lambda x=x: thing(x)) for n, x in spoiled(X))
    found["call"] = refusals([
        ("nothing", thing),
        ("too many", lambda: thing(X, X, X, X)),
        ("unknown word", lambda: thing(X, nonsense=1)),
    ])  # fmt: skip
    return found


def activation(k, name):
    "{argument: {value: word}} of an activation function."
    function = find(k, f"activations.{name}")
    more = {"threshold": 0.1, "default_value": 0.2} if name == "threshold" else {}
    spoil = ((n, lambda x=x: function(x, **more)) for n, x in spoiled(EVEN))
    found = {"x": refusals(spoil)}
    for argument in arguments_of(function)[1:]:
        trials = (
            (label, lambda given={**more, argument: value}: function(EVEN, **given))
            for label, value in STRANGE.items()
        )
        found[argument] = refusals(trials)
    found["call"] = refusals([
        ("nothing", function),
        ("too many", lambda: function(EVEN, *range(1, 12))),
        ("unknown word", lambda: function(EVEN, **more, nonsense=1)),
    ])  # fmt: skip
    return found


ROOMS = (
    "activations initializers regularizers constraints layers losses metrics".split()
)
NAMES = {
    "unknown": "nonsense", "near": "rellu", "empty": "", "number": 3, "object": object(),
    "list": ["relu"], "bytes": b"relu", "empty dict": {}, "array": X,
    "other dict": {"a": 1}, "odd class": {"class_name": "Nonsense", "config": {}},
    "odd config": {"class_name": "Zeros", "config": {"nonsense": 1}},
    "class of no text": {"class_name": 3, "config": {}}, "float": 0.5, "set": {"relu"},
    "bool": True, "tuple": ("relu",),
}  # fmt: skip


def looked_up(k, room):
    "{identifier: word} of get and deserialize."
    get, read = find(k, f"{room}.get"), find(k, f"{room}.deserialize")
    return {
        "get": refusals((n, lambda x=x: get(x)) for n, x in NAMES.items()),
        "deserialize": refusals((n, lambda x=x: read(x)) for n, x in NAMES.items()),
    }


def cases():
    table = Table()
    for room, kinds in PARTS.items():
        for name in kinds:
            table.scenario("refusals", "made", room=room, name=name)
            table.scenario("refusals", "called", room=room, name=name)
    for name in ACTIVATIONS:
        table.scenario("refusals", "activation", name=name)
    for room in [*ROOMS, "optimizers"]:
        if room != "layers":  # there is no keras.layers.get
            table.scenario("refusals", "looked_up", room=room)
    return list(table)
