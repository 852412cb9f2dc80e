"""Thirty made-up objects: discs, squares and triangles that no icon set has to be fetched for."""

import numpy as np

from easel_train.icons import ICON_SETS, LANGUAGES, SIZES_PX, DrawnObject

STYLES = tuple(s.style for s in ICON_SETS)
HUES = ((200, 40, 40), (40, 160, 60), (60, 90, 220), (240, 200, 40), (150, 150, 150))


def icon(shape: int, rgb: tuple[int, int, int], size: int) -> np.ndarray:
    """(size, size, 4) uint8 premultiplied: one of three shapes in a colour, with a lighter top."""
    y, x = (np.mgrid[:size, :size] + 0.5) / size - 0.5
    inside = [x**2 + y**2 < 0.19, np.maximum(abs(x), abs(y)) < 0.4, (y < 0.42) & (abs(x) < 0.25 + y / 2)][shape % 3]
    shade = np.where(y < 0, 1.15, 1.0)[..., None]
    colour = np.clip(np.array(rgb) * shade, 0, 255) * inside[..., None]
    return np.dstack([colour, inside * 255]).astype(np.uint8)


def world(count: int = 30, scale: int = 1) -> tuple[list[DrawnObject], dict]:
    """Objects and their icons, as `load_icons` gives them."""
    objects, icons = [], {}
    for n in range(count):
        names = {language: [f"{language}{n}"] for language in LANGUAGES if language != "en"}
        drawn = {style: f"{n}-{style}" for style in STYLES}
        objects.append(DrawnObject(f"thing{n}", [], names, [], "", f"thing {n}", "things", n % 2 == 0, drawn))
        for k, style in enumerate(STYLES):
            icons[n, style] = {size: icon(n + k, HUES[(n + k) % 5], size * scale) for size in SIZES_PX}
    return objects, icons
