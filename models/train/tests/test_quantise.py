import numpy as np
import pytest

from easel_train.quantise import quantise_matrix, quantise_table

RNG = np.random.default_rng(1)
NORMAL = RNG.standard_normal((96, 64)).astype(np.float32)
LARGEST_ERROR = {8: 0.006, 4: 0.095}  # of the matrix's own norm, for normal numbers in blocks of 32


@pytest.mark.parametrize("bits", [8, 4])
def test_a_quantised_matrix_is_near_the_weights(bits):
    assert 0 < quantise_matrix(NORMAL, bits).error(NORMAL) < LARGEST_ERROR[bits]


def test_searching_the_scale_beats_plain_rounding():
    plain = np.abs(NORMAL).reshape(96, 2, 32).max(-1, keepdims=True) / 7
    rounded = (np.clip(np.round(NORMAL.reshape(96, 2, 32) / plain), -8, 7) * plain).reshape(96, 64)
    assert quantise_matrix(NORMAL, 4).error(NORMAL) < 0.9 * np.linalg.norm(rounded - NORMAL) / np.linalg.norm(NORMAL)


def test_one_sided_weights_get_zero_points():
    one_sided = np.abs(NORMAL) + 1
    assert quantise_matrix(one_sided, 4).zeros is not None


def test_zeros_stay_zeros():
    assert (quantise_matrix(np.zeros((32, 32), np.float32), 4).restored == 0).all()
    levels, scales = quantise_table(np.zeros((4, 32), np.float32))
    assert (levels * scales == 0).all()


@pytest.mark.parametrize("bits", [8, 4])
def test_the_packed_bits_mean_the_restored_matrix(bits):
    """Unpacks as MatMulNBits does: the low half of a byte first, 2^(bits-1) is zero where no zero points are given."""
    for weight in (NORMAL, np.abs(NORMAL) + 1):
        q = quantise_matrix(weight, bits)
        levels = q.packed if bits == 8 else np.stack([q.packed & 15, q.packed >> 4], -1).reshape(96, 2, 32)
        zeros = np.full((96, 2), 2 ** (bits - 1))
        if q.zeros is not None:
            zeros = np.stack([q.zeros & 15, q.zeros >> 4], -1).reshape(96, 2)
        meant = (levels.astype(np.float32) - zeros[..., None]) * q.scales[..., None]
        np.testing.assert_allclose(meant.reshape(96, 64), q.restored, rtol=1e-6, atol=1e-7)


def test_a_table_keeps_every_row_within_half_a_step():
    levels, scales = quantise_table(NORMAL)
    assert (np.abs(levels * scales - NORMAL) <= scales * 0.5001).all()


def test_a_width_that_blocks_do_not_divide_is_refused_with_what_to_do():
    with pytest.raises(ValueError, match="multiples of 32"):
        quantise_matrix(np.zeros((4, 40), np.float32), 4)
