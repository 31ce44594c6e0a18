"""Bad inputs: the class of exception that real Keras on TensorFlow raises.

TensorFlow's own classes (InvalidArgumentError) belong to no built-in class; for those
a test accepts ValueError, TypeError or IndexError (ours are one of these).
"""

import numpy as np

from tests.golden.cases import Table
from tests.golden.player import outcome, wave

X = wave(2, 3)


def cases():
    table = Table()
    for name in sorted(BAD):
        table.scenario("errors", "bad", what=name)
    return list(table)


def bad(k, what):
    "What the call raises; 'no error' when Keras lets it pass."
    result = outcome(BAD[what], k)
    return result if isinstance(result, Exception) else "no error"


def t(k, value, dtype="float32"):
    return k.ops.convert_to_tensor(np.asarray(value, dtype), dtype=dtype)


def model_of(k):
    return k.Sequential([k.Input((3,)), k.layers.Dense(2)])


def built_dense(k):
    layer = k.layers.Dense(2)
    layer.build((None, 3))
    return layer


BAD = {
    "add shapes": lambda k: k.ops.add(t(k, X), t(k, wave(2, 4))),
    "operator shapes": lambda k: t(k, X) + t(k, wave(4)),
    "matmul inner": lambda k: k.ops.matmul(t(k, X), t(k, X)),
    "matmul scalar": lambda k: k.ops.matmul(t(k, 1.0), t(k, X)),
    "matmul symbolic": lambda k: k.ops.matmul(
        k.KerasTensor((2, 3)), k.KerasTensor((2, 3))
    ),
    "add symbolic": lambda k: k.ops.add(k.KerasTensor((2, 3)), k.KerasTensor((2, 4))),
    "reshape count": lambda k: k.ops.reshape(t(k, X), (4, 2)),
    "reshape two unknown": lambda k: k.ops.reshape(t(k, X), (-1, -1)),
    "transpose axes": lambda k: k.ops.transpose(t(k, X), axes=(0, 0)),
    "transpose count": lambda k: k.ops.transpose(t(k, X), axes=(0, 1, 2)),
    "sum axis": lambda k: k.ops.sum(t(k, X), axis=2),
    "sum axis twice": lambda k: k.ops.sum(t(k, X), axis=(0, 0)),
    "sum axis float": lambda k: k.ops.sum(t(k, X), axis=0.5),
    "argmax axis": lambda k: k.ops.argmax(t(k, X), axis=5),
    "concatenate shapes": lambda k: k.ops.concatenate(
        [t(k, X), t(k, wave(2, 4))], axis=0
    ),
    "concatenate ranks": lambda k: k.ops.concatenate([t(k, X), t(k, wave(3))], axis=0),
    "concatenate nothing": lambda k: k.ops.concatenate([]),
    "concatenate axis": lambda k: k.ops.concatenate([t(k, X), t(k, X)], axis=2),
    "stack shapes": lambda k: k.ops.stack([t(k, X), t(k, wave(2, 4))]),
    "split uneven": lambda k: k.ops.split(t(k, X), 2, axis=1),
    "squeeze size": lambda k: k.ops.squeeze(t(k, X), axis=0),
    "expand_dims axis": lambda k: k.ops.expand_dims(t(k, X), axis=5),
    "broadcast_to": lambda k: k.ops.broadcast_to(t(k, X), (2, 4)),
    "broadcast_to number": lambda k: k.ops.broadcast_to(t(k, X[0]), 3),
    "broadcast_to number symbolic": lambda k: k.ops.broadcast_to(
        k.KerasTensor((3,)), 3
    ),
    "index out of range": lambda k: t(k, X)[5],
    "index too many": lambda k: t(k, X)[0, 0, 0],
    "index string": lambda k: t(k, X)["a"],
    "einsum unknown letter": lambda k: k.ops.einsum("ij,jk->il", t(k, X), t(k, X.T)),
    "einsum sizes": lambda k: k.ops.einsum("ij,jk->ik", t(k, X), t(k, X)),
    "einsum operands": lambda k: k.ops.einsum("ij,jk->ik", t(k, X)),
    "tensordot axes": lambda k: k.ops.tensordot(t(k, X), t(k, X), axes=1),
    "pad mode": lambda k: k.ops.pad(t(k, X), ((1, 1), (1, 1)), mode="nonsense"),
    "pad negative": lambda k: k.ops.pad(t(k, X), ((-1, 1), (1, 1))),
    "cast dtype": lambda k: k.ops.cast(t(k, X), "float33"),
    "zeros dtype": lambda k: k.ops.zeros((2,), dtype="nonsense"),
    "zeros negative": lambda k: k.ops.zeros((-1, 2)),
    "tensor of text and numbers": lambda k: k.ops.convert_to_tensor([1.0, "a"]),
    "tensor of ragged lists": lambda k: k.ops.convert_to_tensor([[1.0], [1.0, 2.0]]),
    "tensor of None": lambda k: k.ops.convert_to_tensor(None),
    "tensor of object": lambda k: k.ops.convert_to_tensor(object()),
    "tensor of object array": lambda k: k.ops.convert_to_tensor(np.array([1, None])),
    "bool of many": lambda k: bool(t(k, X)),
    "float of many": lambda k: float(t(k, X)),
    "len of scalar": lambda k: len(t(k, 1.0)),
    "iterate scalar": lambda k: list(t(k, 1.0)),
    "hash": lambda k: hash(t(k, X)),
    "bool of symbolic": lambda k: bool(k.KerasTensor((2,))),
    "numpy of symbolic": lambda k: np.asarray(k.KerasTensor((2,))),
    "iterate symbolic": lambda k: list(k.KerasTensor((None, 2))),
    "assign shape": lambda k: k.Variable(X).assign(wave(2, 4)),
    "set item": lambda k: t(k, X).__setitem__(0, 1.0),
    "variable of nothing": lambda k: k.Variable(None),
    "dense units": lambda k: k.layers.Dense(0),
    "dense units float": lambda k: k.layers.Dense(2.5),
    "dense activation": lambda k: k.layers.Dense(2, activation="nonsense"),
    "dense initializer": lambda k: k.layers.Dense(2, kernel_initializer="nonsense"),
    "dense unknown argument": lambda k: k.layers.Dense(2, nonsense=1),
    "dense wrong last size": lambda k: built_dense(k)(wave(2, 4)),
    "dense rank": lambda k: built_dense(k)(wave(3)),
    "layer without inputs": lambda k: k.layers.Dense(2)(),
    "layer of text": lambda k: k.layers.Dense(2)("text"),
    "dropout rate": lambda k: k.layers.Dropout(1.5),
    "dropout negative": lambda k: k.layers.Dropout(-0.1),
    "weights unbuilt": lambda k: k.layers.Dense(2).count_params(),
    "kernel unbuilt": lambda k: k.layers.Dense(2).kernel.shape,
    "sequential of text": lambda k: k.Sequential(["text"]),
    "sequential duplicate names": lambda k: k.Sequential(
        [k.layers.Dense(1, name="a"), k.layers.Dense(1, name="a")]
    ),
    "sequential pop empty": lambda k: k.Sequential().pop(),
    "functional disconnected": lambda k: k.Model(k.Input((3,)), k.Input((2,)) * 2.0),
    "functional duplicate names": lambda k: two_named_alike(k),
    "functional of arrays": lambda k: k.Model(X, X),
    "model call wrong size": lambda k: model_of(k)(wave(2, 4)),
    "model call wrong count": lambda k: model_of(k)([X, X]),
    "get_layer name": lambda k: model_of(k).get_layer("nonsense"),
    "get_layer index": lambda k: model_of(k).get_layer(index=9),
    "summary unbuilt subclass": lambda k: type("M", (k.Model,), {})().summary(),
    "predict unbuilt call": lambda k: type("M", (k.Model,), {})()(X),
    "compile loss": lambda k: model_of(k).compile(loss="nonsense"),
    "compile optimizer": lambda k: model_of(k).compile(optimizer="nonsense"),
    "fit not compiled": lambda k: model_of(k).fit(X, X[:, :2], verbose=0),
    "fit lengths": lambda k: fitted(k, X, wave(3, 2)),
    "fit wrong width": lambda k: fitted(k, wave(4, 5), wave(4, 2)),
    "fit text": lambda k: fitted(k, np.array(["a", "b"]), wave(2, 2)),
    "fit batch size zero": lambda k: fitted(k, X, wave(2, 2), batch_size=0),
    "fit unknown argument": lambda k: fitted(k, X, wave(2, 2), nonsense=1),
    "loss shapes": lambda k: k.losses.MeanSquaredError()(wave(2, 3), wave(2, 4)),
    "loss reduction": lambda k: k.losses.MeanSquaredError(reduction="nonsense"),
    "loss name": lambda k: k.losses.get("nonsense"),
    "labels out of range": lambda k: k.losses.SparseCategoricalCrossentropy(
        from_logits=True
    )(np.array([0, 7]), X),
    "labels negative": lambda k: k.losses.SparseCategoricalCrossentropy(
        from_logits=True
    )(np.array([0, -1]), X),
    "categorical labels rank": lambda k: k.ops.categorical_crossentropy(
        t(k, [1.0, 0.0]), t(k, X)
    ),
    "metric name": lambda k: k.metrics.get("nonsense"),
    "accuracy shapes": lambda k: k.metrics.SparseCategoricalAccuracy().update_state(
        np.array([0, 1, 2]), X
    ),
    "optimizer rate": lambda k: k.optimizers.SGD(learning_rate="fast"),
    "momentum range": lambda k: k.optimizers.SGD(momentum=-1.0),
    "set_weights count": lambda k: built_dense(k).set_weights([X]),
    "take out of range": lambda k: k.ops.take(t(k, X), np.array([9]), axis=0),
    "one_hot of floats": lambda k: k.ops.one_hot(t(k, [0.0, 1.0]), 3),
    "max of empty": lambda k: k.ops.max(t(k, np.zeros((0,)))),
    "argmax of empty": lambda k: k.ops.argmax(t(k, np.zeros((0,)))),
    "linspace negative": lambda k: k.ops.linspace(0.0, 1.0, num=-1),
    "arange zero step": lambda k: k.ops.arange(0, 5, 0),
    "eye negative": lambda k: k.ops.eye(-1),
    "repeat negative": lambda k: k.ops.repeat(t(k, X), -1),
    "moveaxis": lambda k: k.ops.moveaxis(t(k, X), 0, 5),
    "swapaxes": lambda k: k.ops.swapaxes(t(k, X), 0, 5),
    "softmax axis": lambda k: k.ops.softmax(t(k, X), axis=5),
    "random negative rate": lambda k: k.random.dropout(t(k, X), -1.0),
    "set floatx": lambda k: k.backend.set_floatx("int7"),
    "glu odd": lambda k: k.activations.glu(t(k, X)),
    "activation name": lambda k: k.activations.get("nonsense"),
    "initializer name": lambda k: k.initializers.get("nonsense"),
    "to_categorical": lambda k: k.utils.to_categorical([0, 5], num_classes=3),
    "gradient of number": lambda k: k.GradientTape().gradient(1.0, 2.0),
    "jacobian of integers": lambda k: k.GradientTape().jacobian(
        t(k, 1, "int32"), t(k, 1.0)
    ),
}


def two_named_alike(k):
    x = k.Input((3,))
    y = k.layers.Dense(1, name="same")(x)
    return k.Model(x, k.layers.Dense(1, name="same")(y))


def fitted(k, x, y, **options):
    model = model_of(k)
    model.compile("sgd", "mse")
    return model.fit(x, y, **({"verbose": 0} | options))
