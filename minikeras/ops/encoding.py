"""Generated from book/arrays/sentences.ipynb. Edit the chapter, not this file."""

import minikeras.core.table as table
from minikeras.core.door import apply
from minikeras.core.dtypes import FLOATS, standardize_dtype
from minikeras.core.errors import ArgumentError
from minikeras.core.infer import axis_of
from minikeras.core.tensor import convert
from minikeras.ops.public import public
from minikeras.ops.reductions import max, roomy
from minikeras.ops.words import reshaped, with_axis


@public
def one_hot(x, num_classes, axis=-1, dtype=None, sparse=False):
    """1 where the new axis counts to the label, 0 elsewhere.

    x: i[...], labels -> `dtype` (floatx)[..., num_classes], the new axis at `axis`. A
    label out of range gives zeros; fractions are cut off.

    >>> one_hot([0, 2, 7], 3)
    Tensor([[1., 0., 0.],
            [0., 0., 1.],
            [0., 0., 0.]], shape=(3, 3), dtype=float32)
    """
    if sparse:
        raise ArgumentError("one_hot", "there are only dense tensors here")
    x = convert(x)
    x = roomy(x, "int32" if x.dtype in FLOATS else None)
    axis = axis_of("one_hot", axis, x.ndim + 1)
    labels = with_axis(x, axis)
    counting = apply(table.iota, size=num_classes, dtype="int32")
    counting = reshaped(counting, (num_classes, *(1,) * (x.ndim - axis)))
    return apply(table.cast, labels == counting, dtype=standardize_dtype(dtype))


@public
def multi_hot(inputs, num_classes=None, axis=-1, dtype=None, sparse=False):
    """1 at every label of a row, 0 elsewhere: the largest of the labels' one-hot rows.

    inputs: i[n] -> [num_classes], or i[batch, n] -> [batch, num_classes].

    >>> multi_hot([[0, 2], [1, 1]], 3)
    Tensor([[1., 0., 1.],
            [0., 1., 0.]], shape=(2, 3), dtype=float32)
    """
    if num_classes is None:
        raise ArgumentError("multi_hot", "num_classes is missing")
    rows = one_hot(inputs, num_classes, axis, dtype, sparse)
    return max(rows, axis=1 if rows.ndim > 2 else 0)
