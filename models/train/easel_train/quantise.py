"""Weights in fewer bits: blocks of 32 along the input for matrix products (MatMulNBits), a scale a row for tables.

Letters: N outputs, K inputs of a matrix; G = K / 32 blocks.
"""

from dataclasses import dataclass

import numpy as np

BLOCK = 32
SEARCHED_SHRINKS = np.linspace(0.75, 1.0, 11)  # the largest weight of a block may be clipped when the others gain by it


@dataclass(frozen=True)
class QuantisedMatrix:
    """What MatMulNBits takes: `packed` uint8 (N, G, 32 * bits / 8), `scales` float32 (N, G), `zeros` uint8 or None (symmetric)."""

    packed: np.ndarray
    scales: np.ndarray
    zeros: np.ndarray | None
    bits: int
    restored: np.ndarray  # (N, K): the matrix that these bits mean

    def error(self, weight: np.ndarray) -> float:
        """Root of the summed squared error over that of the weight itself."""
        return float(np.linalg.norm(self.restored - weight) / (np.linalg.norm(weight) + 1e-12))


def quantise_matrix(weight: np.ndarray, bits: int) -> QuantisedMatrix:
    """`weight` (N, K) in blocks of 32: symmetric or with zero points, whichever is nearer to it."""
    if weight.shape[1] % BLOCK:
        raise ValueError(
            f"a matrix with {weight.shape[1]} inputs can't be cut into blocks of {BLOCK}: choose widths that are multiples of {BLOCK}"
        )
    candidates = [_symmetric(weight, bits)]
    if bits == 4:  # at 8 bits zero points gain next to nothing and cost speed
        candidates.append(_with_zero_points(weight, bits))
    return min(candidates, key=lambda candidate: candidate.error(weight))


def _symmetric(weight: np.ndarray, bits: int) -> QuantisedMatrix:
    n, k = weight.shape
    blocks = weight.reshape(n, k // BLOCK, BLOCK).astype(np.float32)
    middle = 2 ** (bits - 1)
    # The most negative level reaches one step further than the most positive one: give it to the larger side.
    extreme = np.take_along_axis(blocks, np.abs(blocks).argmax(-1, keepdims=True), -1)
    full = -extreme / middle
    best = _search(blocks, full, np.full_like(full, middle), bits)
    return _pack(weight, *best, bits, symmetric=True)


def _with_zero_points(weight: np.ndarray, bits: int) -> QuantisedMatrix:
    n, k = weight.shape
    blocks = weight.reshape(n, k // BLOCK, BLOCK).astype(np.float32)
    low, high = np.minimum(blocks.min(-1, keepdims=True), 0), np.maximum(blocks.max(-1, keepdims=True), 0)
    scale = (high - low) / (2**bits - 1)
    zero = np.clip(np.round(-low / np.where(scale == 0, 1, scale)), 0, 2**bits - 1)
    best = _search(blocks, scale, zero, bits)
    return _pack(weight, *best, bits, symmetric=False)


def _search(
    blocks: np.ndarray, full: np.ndarray, zero: np.ndarray, bits: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(levels, scale, zero) with the scale that leaves each block the least squared error."""
    best_error = np.full(full.shape, np.inf, np.float32)
    best_scale, best_levels = full, np.zeros_like(blocks)
    for shrink in SEARCHED_SHRINKS:
        scale = (full * shrink).astype(np.float32)
        safe = np.where(scale == 0, 1, scale)
        levels = np.clip(np.round(blocks / safe) + zero, 0, 2**bits - 1)
        error = (((levels - zero) * scale - blocks) ** 2).sum(-1, keepdims=True)
        better = error < best_error
        best_error = np.where(better, error, best_error)
        best_scale, best_levels = np.where(better, scale, best_scale), np.where(better, levels, best_levels)
    return best_levels, best_scale, zero


def _pack(
    weight: np.ndarray, levels: np.ndarray, scale: np.ndarray, zero: np.ndarray, bits: int, symmetric: bool
) -> QuantisedMatrix:
    restored = ((levels - zero) * scale).reshape(weight.shape).astype(np.float32)
    zeros = None if symmetric else _nibbles(zero[..., 0].astype(np.uint8), bits)
    return QuantisedMatrix(
        _nibbles(levels.astype(np.uint8), bits), scale[..., 0].astype(np.float32), zeros, bits, restored
    )


def _nibbles(levels: np.ndarray, bits: int) -> np.ndarray:
    """Two 4-bit levels a byte along the last axis, the first in the low half."""
    if bits == 8:
        return levels
    if levels.shape[-1] % 2:
        levels = np.concatenate([levels, np.zeros_like(levels[..., :1])], -1)
    return levels[..., 0::2] | (levels[..., 1::2] << 4)


def quantise_table(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """An embedding table (rows, width) -> int8 of the same shape and a float32 scale a row (rows, 1)."""
    scale = np.abs(table).max(1, keepdims=True) / 127
    levels = np.round(table / np.where(scale == 0, 1, scale))
    return np.clip(levels, -127, 127).astype(np.int8), scale.astype(np.float32)
