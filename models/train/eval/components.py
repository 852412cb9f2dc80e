"""The things in a picture: connected areas of what is opaque, small crumbs joined to the thing they lie beside."""

from dataclasses import dataclass

import numpy as np

OPAQUE = 0.5
CRUMB_SHARE = 0.12  # of the largest area: smaller ones are parts or dirt, not things
FEWEST_PIXELS = 60


@dataclass(frozen=True)
class Component:
    mask: np.ndarray  # (h, w) bool
    box: tuple[int, int, int, int]  # top, left, bottom, right (exclusive)

    @property
    def middle(self) -> tuple[float, float]:
        """(y, x)"""
        top, left, bottom, right = self.box
        return (top + bottom) / 2, (left + right) / 2


def label(mask: np.ndarray) -> np.ndarray:
    """(h, w) bool -> (h, w) int: 0 outside, the same number for pixels that touch (corners count)."""
    labels = np.where(mask, np.arange(1, mask.size + 1).reshape(mask.shape), 0)
    while True:
        padded = np.pad(labels, 1)
        spread = labels
        for dy in (0, 1, 2):
            for dx in (0, 1, 2):
                spread = np.maximum(spread, padded[dy : dy + mask.shape[0], dx : dx + mask.shape[1]])
        spread = np.where(mask, spread, 0)
        # Jumping to the label of one's label makes long shapes quick.
        flat = np.concatenate([[0], spread.ravel()])
        spread = np.where(mask, flat[spread], 0)
        if (spread == labels).all():
            return labels
        labels = spread


def components(picture: np.ndarray) -> list[Component]:
    """The things in a picture (h, w, 4) of floats 0..1, the largest first."""
    labels = label(picture[..., 3] > OPAQUE)
    found = []
    for number in np.unique(labels[labels > 0]):
        mask = labels == number
        ys, xs = np.nonzero(mask)
        if len(ys) >= FEWEST_PIXELS:
            box = (int(ys.min()), int(xs.min()), int(ys.max()) + 1, int(xs.max()) + 1)
            found.append((len(ys), Component(mask, box)))
    found.sort(key=lambda pair: -pair[0])
    return [c for area, c in found if area >= CRUMB_SHARE * found[0][0]]
