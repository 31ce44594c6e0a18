"""The small tools of `keras.utils`: labels, norms, padding, splits, settings."""

import numpy as np

from tests.golden.cases import scenarios
from tests.golden.player import outcome, wave


def cases():
    return list(scenarios("handy", [labels, norms, padding, splits, settings, packs,
                                    sources]))  # fmt: skip


def labels(keras):
    "to_categorical over shapes, numbers of classes, tensors and mistakes."
    f = keras.utils.to_categorical
    tensor = keras.ops.convert_to_tensor([[1], [2]])
    return [
        f([0, 2, 1]), f([[0], [2]]), f(3), f([[1, 0], [2, 2]], 4), f([], 3),
        f(np.zeros((2, 3, 1), "uint8"), 2), f([True, False]), f([1.0, 2.0]), f([1], 0),
        f([1, 2], num_classes=np.int64(4)), f(tensor, 3), f(tensor[:, 0], 4),
        outcome(f, [3], 2), outcome(f, [-5], 2), outcome(f, []), outcome(f, ["a"]),
        outcome(f, [1], -1), outcome(f, [1], 2.0), outcome(f, [1], "a"),
        outcome(f, None), outcome(f, [float("nan")]),
    ]  # fmt: skip


def norms(keras):
    "normalize over orders and axes, arrays and tensors."
    f, x = keras.utils.normalize, wave(3, 4).astype("float64")
    x[1] = 0
    tensor = keras.ops.convert_to_tensor(wave(3, 4))
    return [
        f(x), f(x.astype("float32")), f(x, order=1), f(x, order=3), f(x, order=np.inf),
        f(x, axis=None), f(np.array([[3, 4]])), f(wave(2, 3, 4), axis=1),
        f(wave(2, 3, 4), axis=-2), f(tensor), f(tensor, axis=0, order=1),
        f([[3.0, 4.0]]), outcome(f, x, axis=5), outcome(f, np.array(["a"])),
        outcome(f, x, order="a"), outcome(f, np.array(3.0)),
    ]  # fmt: skip


def padding(keras):
    "pad_sequences over its arguments and mistakes."
    f = keras.utils.pad_sequences
    a = [[1], [2, 3], [4, 5, 6]]
    vectors = [[[1, 2]], [[1, 2], [3, 4]]]
    found = [
        f(a), f(a, value=-1), f(a, padding="post"), f(a, maxlen=2), f([[]]), f([[], [1]]),
        f(a, maxlen=2, truncating="post"), f(a, 5, "float32", "post", "post", 0.5),
        f([[1.7, -2.3]]), f(vectors), f(vectors, maxlen=1, padding="post"),
        f(np.ones((2, 3)), maxlen=2), f([], maxlen=3),
        f([["a", "b"], ["c"]], dtype=object, value="").tolist(),
        f([["ab", "c"], ["d"]], dtype="U2", value="z").tolist(),
        keras.preprocessing.sequence.pad_sequences(a, maxlen=1),
    ]  # fmt: skip
    mistakes = [
        outcome(f, []), outcome(f, 3), outcome(f, [1, 2]), outcome(f, None),
        outcome(f, a, padding="x"), outcome(f, a, maxlen=2, truncating="x"),
        outcome(f, [["a"]], value="b"), outcome(f, [["a"]]), outcome(f, iter(a)),
        outcome(f, [[[1, 2]], [[1, 2, 3]]]), outcome(f, a, maxlen=-1),
        outcome(f, a, maxlen=1.5), outcome(f, a, dtype="no such dtype"),
    ]  # fmt: skip
    return [found, mistakes]


def splits(keras):
    "split_dataset: sizes, shuffles with a seed, several arrays, mistakes."
    f, x = keras.utils.split_dataset, np.arange(10)
    y = np.arange(20).reshape(10, 2)

    def listed(parts):
        return [[as_list(sample) for sample in part] for part in parts]

    found = [
        listed(f(x, 0.8)), listed(f(x, right_size=3)), listed(f(x, 0.5, 0.2)),
        listed(f(x, 2, 3)), listed(f((x, y), 0.8)), listed(f([x, y], left_size=2)),
        listed(f(x, 3, shuffle=True, seed=1)), listed(f(x, 0.33)), listed(f(y, 1)),
        listed(f((x, y), right_size=3, shuffle=True, seed=1337)), listed(f([x], 0.5)),
        [len(part) for part in f(x, right_size=0.25)],
    ]  # fmt: skip
    mistakes = [
        outcome(f, x), outcome(f, x, 0.9, 0.5), outcome(f, x, 12), outcome(f, x, 1.0),
        outcome(f, x, 0, 0), outcome(f, x, "a"), outcome(f, [[1, 2], [3, 4]], 0.5),
        outcome(f, [], 0.5), outcome(f, (), 0.5), outcome(f, iter(x), 0.5),
        outcome(f, {"a": x}, 0.5), outcome(f, [x, x[:3]], 0.5), outcome(f, x, 0.01),
        outcome(f, x, 8, 8), outcome(f, np.zeros((0, 2)), 0.5), outcome(f, x, -1),
        outcome(f, x, -0.2), outcome(f, x, True), outcome(f, "abc", 0.5),
        outcome(f, x, right_size="a"), outcome(f, x, right_size=10),
    ]  # fmt: skip
    return [found, mistakes]


def as_list(sample):
    if isinstance(sample, tuple):
        return [as_list(item) for item in sample]
    return np.asarray(sample).tolist()


def settings(keras):
    "Config: access, changes, freezing."
    c = keras.utils.Config(b=1, a="x")
    c.c, c["d"] = [1, 2], None
    seen = [c.a, c["d"], list(c), len(c), "a" in c, "e" in c, c.to_json(), repr(c)]
    seen += [c.get("e", 7), c.as_dict(), list(c.keys()), c.pop("a"), dict(c)]
    c.update({"e": 5}, f=6)
    del c["b"]
    c.freeze()
    seen += [
        c.frozen, outcome(setattr, c, "q", 1), outcome(c.__setitem__, "q", 1),
        outcome(c.pop, "e"), outcome(c.update, q=1), outcome(c.__delitem__, "e"),
        c.as_dict(),
    ]  # fmt: skip
    c.unfreeze()
    c.q = 8
    wrong = [outcome(getattr, c, "nothing"), outcome(c.__getitem__, "nothing"),
             outcome(c.pop, "nothing"), outcome(keras.utils.Config, 1)]  # fmt: skip
    return [seen, c.frozen, dict(c.items()), wrong]


def packs(keras):
    "pack_x_y_sample_weight and back."
    pack, unpack = (
        keras.utils.pack_x_y_sample_weight,
        keras.utils.unpack_x_y_sample_weight,
    )
    return [
        pack(1), pack([1]), pack((1,)), pack(1, 2), pack(1, 2, 3), unpack(1),
        unpack([1, 2]), unpack((1,)), unpack((1, 2, 3)), unpack({"a": 1}),
        outcome(unpack, (1, 2, 3, 4)), outcome(unpack, ()),
    ]  # fmt: skip


def sources(keras):
    "get_source_inputs through operators, layers, models, and of other things."
    a, b = keras.Input((2,), name="a"), keras.Input((2,), name="b")
    unused = keras.Input((2,), name="c")
    y = keras.layers.Dense(2)(a + b) + a
    inner = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    pair = keras.layers.Concatenate()([y, b])
    find = keras.utils.get_source_inputs
    named = [[x.name for x in find(t)] for t in (y, a, unused, inner(y), pair, b * 2.0)]
    return [named, find(3), find("text")]
