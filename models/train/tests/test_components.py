import numpy as np

from eval.components import components, label


def picture(*boxes: tuple[int, int, int, int]) -> np.ndarray:
    canvas = np.zeros((64, 64, 4))
    for top, left, bottom, right in boxes:
        canvas[top:bottom, left:right] = 1
    return canvas


def test_things_that_do_not_touch_are_several_largest_first():
    found = components(picture((0, 0, 20, 20), (30, 30, 60, 60)))
    assert [c.box for c in found] == [(30, 30, 60, 60), (0, 0, 20, 20)]
    assert found[1].middle == (10, 10)


def test_corners_touch():
    assert len(components(picture((0, 0, 20, 20), (20, 20, 40, 40)))) == 1


def test_crumbs_are_not_things():
    assert len(components(picture((0, 0, 40, 40), (50, 50, 55, 55)))) == 1
    assert components(np.zeros((64, 64, 4))) == []


def test_a_long_spiral_is_one_area():
    mask = np.zeros((41, 41), bool)
    for ring in range(0, 20, 4):
        mask[ring, ring : 41 - ring] = mask[40 - ring, ring : 41 - ring] = True
        mask[ring : 41 - ring, 40 - ring] = mask[ring + 2 : 41 - ring, ring] = True
        mask[ring + 2, ring : ring + 5] = mask[ring + 2 : ring + 5, ring + 4] = True
    assert len(np.unique(label(mask))) == 2
    assert len(np.unique(label(np.indices((9, 9)).sum(0) % 4 == 0))) > 3
