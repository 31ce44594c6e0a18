"""What probes of `ops` met: each a call, written as Python, and what Keras answers.

Beside values and dtypes these are empty tensors, nan, sizes that are tensors, and
symbols (K) with unknown sizes.
"""

import numpy as np

from tests.golden.cases import Table
from tests.golden.encoding import np_dtype
from tests.golden.player import outcome, wave

CALLS = {
    "room": """
        matmul(T([[100, 100]], 'int8'), T([[100], [100]], 'int8'))
        matmul(T([[1, 2]], 'int8'), T([[1], [2]], 'uint8'))
        matmul(K((2, 3), 'int8'), K((3, 2), 'int8'))
        einsum('ij,jk->ik', T([[100, 2]], 'int8'), T([[100], [1]], 'int8'))
        einsum('ij,jk->ik', T([[1, 2]], 'int8'), T([[1], [1]], 'int32'))
        einsum('i,j->ij', K((None,), 'int8'), K((3,), 'int8'))
        hypot(T([3, 4], 'int64'), T([4, 3], 'int32'))
        hypot(T([3, 4], 'uint32'), T([4, 3], 'int8'))
        hypot(T([3, 4], 'uint32'), T([4, 3], 'uint32'))
        hypot(T([3, 4], 'int32'), 4)
        cumsum(I, axis=0, dtype='bool')
        cumprod(M, axis=1, dtype='bool')
        nancumsum(I, dtype='bool')
    """,
    "nothing": """
        logsumexp(E)
        logsumexp(E, axis=0)
        softmax(E, axis=0)
        softmax(E, axis=(0, 1))
        log_softmax(E, axis=0)
        ptp(E)
        ptp(E, axis=0)
        nanmax(E, axis=0)
        nanmin(E)
        nanmin(E, axis=0, keepdims=True)
        nanmedian(E)
        nanmedian(E, axis=0)
        diff(M, n=-1)
        diff(M, n=0)
    """,
    "holes": """
        median(HOLES)
        median(HOLES, axis=1)
        median(HOLES, axis=0, keepdims=True)
        quantile(HOLES, [0.0, 0.5], axis=1)
        quantile(HOLES, 0.3, method='lower')
        percentile(HOLES, 50.0, axis=-1)
    """,
    "bits": """
        view(M, 'int32')
        view(M)
        view(T([[1, 2], [3, 4]], 'uint16'), 'uint8')
        view(T([[1, 2], [3, 4]], 'int16'), 'int32')
        view(T([[1, 2], [3, 4]], 'float16'), 'float32')
        view(T([1.5, 2.5], 'bfloat16'), 'uint16')
        view(T(1.5, 'float32'), 'uint32')
        view(T(1.5, 'float32'), 'uint8')
        view(T([1.5], 'float32'), 'float64')
        view(T([[1.0, 2.0, 3.0]], 'float32'), 'float64')
        view(T([True]), 'int8')
        view(T([1], 'int8'), 'bool')
        view(E, 'int8')
        view(K((None, 4)), 'int8')
        view(K((None, 4)), 'float64')
        view(K((3, None)), 'float64')
        view(K((3, None)), 'int32')
        view(K((3, 3)), 'float64')
        view(K(()), 'int8')
        nextafter(T([1.0, 2.0], 'float64'), T([2.0, 1.0], 'float64'))
        nextafter(T([1.0, 2.0]), T([1.0, 2.0]))
        nextafter(T([1, 2], 'int32'), T([1, 2], 'int32'))
        nextafter(T([1.0], 'float16'), T([1.0], 'float16'))
        nextafter(K((None, 3), 'int32'), K((3,), 'int64'))
        nextafter(K((None, 3), 'float16'), K((3,), 'float16'))
    """,
    "sizes": """
        reshape(M, T([3, -1]))
        reshape(M, np.array([3, 2]))
        tile(M, T([2, 1]))
        tile(M, T([1, 2, 1]))
        broadcast_to(M, T([2, 2, 3]))
        split(M, T([1]), axis=1)
        split(S, T([1]), axis=1)
        array_split(M, 2, axis=1)
        slice(S, (0, 0), (1, 2))
        slice(K((None, 3, None)), (0, 1, 0), (2, 2, 3))
        slice(M, (0, 1), (2, -1))
        take_along_axis(M, T([[0, 1, 0], [1, 0, 1]]), axis=None)
        take_along_axis(M, T([5, 1]), axis=None)
        dot_product_attention(Q, Q, Q, scale=None)
        dot_product_attention(HEADS, HEADS, HEADS)
        dot_product_attention(HEADS, HEADS, HEADS, is_causal=True)
    """,
    "numbers": """
        one_hot(M, 4)
        one_hot(T([0.9, 2.1, 5.0], 'float64'), 3)
        bincount(T([3.0, 1.7, 1.0]))
        bincount(np.ones((2, 3)))
        saturate_cast(M, 'bool')
        saturate_cast(I, 'bool')
        convert_to_numpy([1, 2])
        convert_to_numpy([0.5])
        convert_to_numpy(2.5)
        convert_to_numpy(M)
    """,
    "meeting": """
        scatter_update(M, [[0, 1], [0, 1]], [9, 8], reduction='add')
        scatter_update(M, [[0, 1], [0, 1]], [9, 8], reduction='max')
        scatter_update(M, [[0, 1], [0, 1]], [9, 8], reduction='min')
        scatter_update(M, [[0, 1], [0, 1]], [9, 8], reduction='mul')
        scatter_update(M, [[1], [0], [1]], wave(3, 3), reduction='max')
        scatter_update(M, [[1], [0], [1]], wave(3, 3), reduction='mul')
        scatter_update(I, [[1], [1]], [[1, 9, 2], [3, 0, 5]], reduction='min')
        scatter_update(M, [[0, 1]], [9], reduction='mean')
    """,
    "pictures": """
        rearrange(CUBE, 'b c d -> b (c d)')
        rearrange(CUBE, 'b (c d) e -> d b c e', c=3)
        rearrange(CUBE, 'a b c -> c b a')
        rearrange(CUBE, '(a b) c (d e) -> (d c) (a e) b', a=2, e=2)
        rearrange(CUBE, 'a b c -> a b c')
    """,
}


def cases():
    table = Table()
    for group in CALLS:
        table.scenario("probes_ops", "answers", group=group)
    return list(table)


def answers(k, group):
    "Every call of a group, and what it gives."
    ops = k.ops

    def T(x, dtype=None):
        x = np.asarray(x, dtype and np_dtype(dtype)) if dtype else x
        return ops.convert_to_tensor(x, dtype=dtype)

    names = {
        "np": np,
        "wave": wave,
        "T": T,
        "K": k.KerasTensor,
        "M": T([[1.0, -2.0, 3.0], [0.5, 0.0, -1.0]], "float32"),
        "I": T([[3, 1, 2], [0, 5, 4]], "int32"),
        "E": T(np.zeros((0, 2)), "float32"),
        "HOLES": T([[1.5, np.nan, 4.0], [0.0, 2.0, 1.0]], "float32"),
        "CUBE": T(wave(2, 3, 4), "float32"),
        "Q": T(wave(2, 3, 2, 4), "float32"),
        "S": k.KerasTensor((None, 3)),
        "HEADS": k.KerasTensor((None, 5, 2, None)),
    }
    found = {}
    for call in filter(None, map(str.strip, CALLS[group].split("\n"))):
        name = call.partition("(")[0]
        found[call] = outcome(eval, call, names | {name: getattr(ops, name)})
    return found
