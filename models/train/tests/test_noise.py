import numpy as np
import pytest

from easel_train.noise import philox, uniforms

ONES = 0xFFFFFFFF
KNOWN_ANSWERS = [  # Random123, tests/kat_vectors, "philox4x32 10"
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((ONES, ONES, ONES, ONES), (ONES, ONES), (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "key", "words"), KNOWN_ANSWERS)
def test_philox_gives_the_known_answers_of_random123(counter, key, words):
    assert philox(counter, key) == words


def test_noise_lies_in_0_1_and_a_token_has_the_same_number_in_any_range():
    whole = uniforms(7, 0, range(4096))
    assert whole.dtype == np.float32
    assert whole.min() >= 0
    assert whole.max() < 1
    assert abs(float(whole.mean()) - 0.5) < 0.02
    assert (uniforms(7, 0, range(100, 108)) == whole[100:108]).all()


def test_seed_and_picture_each_change_the_noise():
    base = uniforms(7, 0, range(8))
    assert (uniforms(8, 0, range(8)) != base).all()
    assert (uniforms(7, 1, range(8)) != base).all()
