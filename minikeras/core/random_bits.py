"""Generated from book/arrays/random.ipynb. Edit the chapter, not this file."""

import math

import numpy as np

from minikeras.core.eager import evaluate, settled
from minikeras.core.infer import spec
from minikeras.core.specs import TensorSpec
from minikeras.core.table import random_bits

MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))


def high_low(a, b):
    """The two halves of the 64-bit product of 32-bit numbers."""
    product = a.astype(np.uint64) * b
    return (product >> np.uint64(32)).astype(np.uint32), product.astype(np.uint32)


KEY_STEPS = (0x9E3779B9, 0xBB67AE85)

WORD = 2**32

ROUNDS = 10


def philox(counter, key):
    """Philox 4x32-10: four mixed words for each counter of four words.

    counter: four u32[n] arrays; key: two numbers below 2**32.
    Source: Salmon, Moraes, Dror and Shaw, 2011.
    """
    c0, c1, c2, c3 = counter
    k0, k1 = int(key[0]), int(key[1])
    for _ in range(ROUNDS):
        high0, low0 = high_low(c0, MULTIPLIERS[0])
        high1, low1 = high_low(c2, MULTIPLIERS[1])
        c0, c1 = high1 ^ c1 ^ np.uint32(k0), low1
        c2, c3 = high0 ^ c3 ^ np.uint32(k1), low0
        k0, k1 = (k0 + KEY_STEPS[0]) % WORD, (k1 + KEY_STEPS[1]) % WORD
    return c0, c1, c2, c3


def _random_bits(key, *sizes, shape):
    """Words of 32 random bits: element i is word i % 4 of block i // 4.

    sizes: a number for each None in `shape`, in order.
    """
    shape = settled(shape, sizes)
    size = math.prod(shape)
    block = np.arange(-(-size // 4), dtype=np.uint64)
    low, high = block.astype(np.uint32), (block >> np.uint64(32)).astype(np.uint32)
    draw = np.full_like(low, key[1])
    mixed = philox((low, high, draw, np.zeros_like(low)), (key[0], 0))
    return np.stack(mixed, axis=-1).reshape(-1)[:size].reshape(shape)


evaluate[random_bits] = _random_bits


spec[random_bits] = lambda key, *sizes, shape: TensorSpec(shape, "uint32")
