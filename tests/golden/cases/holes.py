"""Reductions that pass over nan, on real Keras."""

import numpy as np

from tests.golden.cases import Table

NAN = float("nan")
HOLES = np.array([[1.5, NAN, -2.0], [NAN, NAN, NAN], [0.25, 4.0, NAN]], "float32")
CUBE = np.where(np.arange(24) % 5 == 2, NAN, np.sin(np.arange(24.0))).reshape(2, 3, 4)
INTS = np.array([[3, -1, 4], [1, 5, -9]], "int32")
NAMES = "nansum nanprod nanmax nanmin nanmean nanvar nanstd".split()


def cases():
    table = Table()
    for name in NAMES:
        for axis in (None, 0, -1):
            table.op(name, CUBE.astype("float32"), axis=axis)
        table.op(name, CUBE, axis=(0, 2), keepdims=True)
        table.op(name, HOLES, axis=1, grads=False)
        table.op(name, HOLES[:1].astype("float16"), grads=False)
        if name not in ("nanvar", "nanstd"):  # no integer kernel in TensorFlow
            for dtype in ("int32", "uint8", "int64"):
                table.op(name, np.abs(INTS).astype(dtype), axis=0, grads=False)
    return list(table)
