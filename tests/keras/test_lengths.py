"""Sequences of another length in each batch: the graphs of fit compute what eager does."""

import numpy as np
import pytest

from minikeras import Input, Model, layers, ops, utils

RANDOM = np.random.RandomState(0)
BATCHES = [
    (RANDOM.randint(1, 20, (rows, length)), RANDOM.rand(rows, 1).astype("float32"))
    for rows, length in ((8, 3), (8, 5), (5, 4), (8, 7), (2, 2), (8, 5))
]


class Pool(layers.Layer):
    """The mean over the steps that count."""

    def call(self, x, mask=None):
        if mask is None:
            return ops.mean(x, 1)
        counts = ops.cast(mask, x.dtype)[:, :, None]
        return ops.sum(x * counts, 1) / ops.sum(counts, 1)


def attention(x):
    return ops.softmax(ops.matmul(x, ops.transpose(x, (0, 2, 1))) / 2.0) @ x


MIDDLES = {
    "none": lambda x, i: x,
    "dense": lambda x, i: layers.Dense(4, activation="relu")(x),
    "layer_norm": lambda x, i: layers.LayerNormalization()(x),
    "batch_norm": lambda x, i: layers.BatchNormalization()(x),
    "group_norm": lambda x, i: layers.GroupNormalization(2)(x),
    "unit_norm": lambda x, i: layers.UnitNormalization()(x),
    "dropout": lambda x, i: layers.SpatialDropout1D(0.2, seed=1)(x),
    "noise": lambda x, i: layers.GaussianNoise(0.2, seed=1)(x),
    "einsum": lambda x, i: layers.EinsumDense("abc,cd->abd", (None, 5), bias_axes="d")(
        x
    ),
    "add": lambda x, i: layers.Add()([x, layers.Dense(4)(x)]),
    "long": lambda x, i: layers.Concatenate(axis=1)([x, x]),
    "wide": lambda x, i: layers.Concatenate(axis=2)([x, x]),
    "permuted": lambda x, i: layers.Permute((2, 1))(layers.Permute((2, 1))(x)),
    "reshaped": lambda x, i: layers.Reshape((-1, 2))(x),
    "softmax": lambda x, i: layers.Softmax(axis=1)(x),
    "prelu": lambda x, i: layers.PReLU(shared_axes=[1])(x),
    "attention": lambda x, i: attention(x),
    "einsum_attention": lambda x, i: ops.einsum("btd,bsd->bts", x, x) @ x,
    "differences": lambda x, i: x[:, 1:] - x[:, :-1],
    "flipped": lambda x, i: ops.flip(x, 1) + ops.cumsum(x, 1),
    "padded": lambda x, i: ops.pad(x, [[0, 0], [1, 1], [0, 0]]) * 2,
    "start": lambda x, i: ops.concatenate([x[:, :1], x], 1),
    "maximum": lambda x, i: x + ops.max(x, 1, keepdims=True),
    "one_hot": lambda x, i: ops.one_hot(i, 20),
    "where": lambda x, i: ops.where(ops.expand_dims(i, -1) > 5, x, 0.0),
    "taken": lambda x, i: ops.take(x, [0, 1], axis=1),
    "rolled": lambda x, i: ops.sort(x, 1) + ops.roll(x, 1, 1),
    "repeated": lambda x, i: ops.repeat(x, 2, axis=1),
}


def losses(middle, masked, eager):
    utils.set_random_seed(1)
    i = Input((None,), dtype="int32")
    x = layers.Embedding(20, 4, mask_zero=masked)(i)
    model = Model(i, layers.Dense(1)(Pool()(MIDDLES[middle](x, i))))
    model.compile("adam", "mse", metrics=["mae"], run_eagerly=eager)
    found = [model.train_on_batch(*batch) for batch in BATCHES * 2]
    return found, model.predict(BATCHES[0][0], verbose=0)


@pytest.mark.filterwarnings("ignore:.*does not support masking")
@pytest.mark.parametrize("middle", MIDDLES)
def test_lengths_that_differ_from_batch_to_batch(middle):
    masked = middle in ("none", "dense", "layer_norm", "batch_norm", "add", "dropout")
    found, outputs = losses(middle, masked, eager=False)
    expected, rows = losses(middle, masked, eager=True)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(outputs, rows, rtol=1e-5, atol=1e-5)
