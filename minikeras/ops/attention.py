"""Generated from book/arrays/activations.ipynb. Edit the chapter, not this file."""

import math

import minikeras.core.table as table
from minikeras.core.door import apply
from minikeras.core.dtypes import result_type
from minikeras.core.errors import ArgumentError, ShapeError
from minikeras.core.tensor import convert, promote, size_of
from minikeras.ops.einstein import einsum
from minikeras.ops.elementwise import tanh
from minikeras.ops.exponentials import softmax
from minikeras.ops.public import public
from minikeras.ops.words import chosen, constant, count_to, reshaped

FORBIDDEN = -2.4e38  # 0.7 of the lowest float32: room to subtract a maximum


def masked(scores, mask, is_causal):
    """The scores [b, n, t, s], lowered where they may not count."""
    if is_causal:
        rows, columns = count_to(size_of(scores, 2)), count_to(size_of(scores, 3))
        past = reshaped(rows, (-1, 1)) >= columns
        mask = past if mask is None else past & convert(mask, "bool")
    if mask is None:
        return scores
    return chosen(convert(mask, "bool"), scores, constant(FORBIDDEN, scores.dtype))


def scores_of(query, key, scale, cap, bias):
    """scale * query . key, softly capped, + bias: f[b, n, t, s], float32 at least."""
    scores = einsum("btnh,bsnh->bnts", query, key)
    scores = convert(scores, result_type(query.dtype, "float32"))
    scores = scores * (usual_scale(query, scores.dtype) if scale is None else scale)
    if cap:
        scores = cap * tanh(scores / cap)
    return scores if bias is None else scores + convert(bias, scores.dtype)


def usual_scale(query, dtype):
    """1 / sqrt(h) for heads of size h, also where h is known only at run time."""
    size = size_of(query, 3)
    if isinstance(size, int):
        return 1 / math.sqrt(size)
    return 1 / apply(table.sqrt, convert(size, dtype))


@public
def dot_product_attention(
    query,
    key,
    value,
    bias=None,
    mask=None,
    scale=None,
    is_causal=False,
    flash_attention=None,
    attn_logits_soft_cap=None,
):
    """softmax(scale * query . key + bias) . value, for each head by itself.

    query: f[b, t, n, h]; key, value: f[b, s, n, h]; mask, bias: to f[b, n, t, s]
    -> f[b, t, n, h]. scale: by default 1 / sqrt(h). Shares are float32 at least.
    Errors: a ValueError unless all three have four axes; flash attention is refused.
    Source: Vaswani et al., 2017.
    """
    query, key, value = promote(query, key, value)
    if not query.ndim == key.ndim == value.ndim == 4:
        got = f"{query.spec}, {key.spec}, {value.spec}"
        raise ShapeError(
            "dot_product_attention", "needs [batch, length, heads, size]", got
        )
    if flash_attention:
        raise ArgumentError("dot_product_attention", "there is no flash attention here")
    scores = scores_of(query, key, scale, attn_logits_soft_cap, bias)
    shares = convert(softmax(masked(scores, mask, is_causal)), key.dtype)
    return einsum("bnts,bsnh->btnh", shares, value)
