"""The sampler's noise: Philox 4x32-10, a counter-based generator, so that a picture is the same alone and in any batch.

Checked against Random123's known answers; the engine has the same in TypeScript (docs/model-format.md, "Noise").
"""

import numpy as np

MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
WEYL = (0x9E3779B9, 0xBB67AE85)
EASEL_KEY = 0x4541534C  # "EASL"
ROUNDS = 10
WORD = 0xFFFFFFFF


def philox(counter: tuple[int, int, int, int], key: tuple[int, int]) -> tuple[int, int, int, int]:
    """Four random 32-bit words for a counter of four words and a key of two."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(ROUNDS):
        product0, product1 = MULTIPLIERS[0] * c0, MULTIPLIERS[1] * c2
        c0, c1, c2, c3 = (product1 >> 32) ^ c1 ^ k0, product1 & WORD, (product0 >> 32) ^ c3 ^ k1, product0 & WORD
        k0, k1 = (k0 + WEYL[0]) & WORD, (k1 + WEYL[1]) & WORD
    return c0, c1, c2, c3


def uniforms(seed: int, picture: int, tokens: range) -> np.ndarray:
    """One number in [0, 1) for each token index of `tokens`, float32; 24 bits, so every one is exact."""
    words = [philox((token, picture, 0, 0), (seed & WORD, EASEL_KEY))[0] for token in tokens]
    return np.array([(word >> 8) / 2**24 for word in words], np.float32)
