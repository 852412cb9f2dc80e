"""The twelve named colours, recolouring an icon to one of them, and naming the colour that an icon has by nature."""

import numpy as np

PALETTE: dict[str, tuple[int, int, int]] = {
    "red": (222, 36, 40),
    "orange": (246, 130, 30),
    "yellow": (252, 208, 24),
    "green": (38, 162, 70),
    "turquoise": (22, 184, 170),
    "blue": (38, 100, 235),
    "purple": (146, 52, 232),
    "pink": (245, 116, 184),
    "brown": (134, 78, 42),
    "black": (34, 34, 38),
    "white": (244, 244, 246),
    "grey": (142, 142, 150),
}
ALIASES = {"turquoise": ["teal", "cyan"], "purple": ["violet"], "grey": ["gray"]}


def to_hsv(rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(…, 3) floats 0..1 -> hue in turns 0..1, saturation, value."""
    high, low = rgb.max(-1), rgb.min(-1)
    span = high - low
    safe = np.where(span == 0, 1, span)
    r, g, b = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    hue = np.where(high == r, (g - b) / safe, np.where(high == g, 2 + (b - r) / safe, 4 + (r - g) / safe)) / 6 % 1
    return np.where(span == 0, 0, hue), span / np.where(high == 0, 1, high), high


def from_hsv(hue: np.ndarray, saturation: np.ndarray, value: np.ndarray) -> np.ndarray:
    """The inverse of `to_hsv`."""
    sector = (hue[..., None] * 6 + np.array([5.0, 3.0, 1.0])) % 6
    ramp = np.clip(np.minimum(sector, 4 - sector), 0, 1)
    return value[..., None] * (1 - saturation[..., None] * ramp)


def straight(icon: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Premultiplied uint8 (h, w, 4) -> straight colour (h, w, 3) and alpha (h, w), floats 0..1."""
    alpha = icon[..., 3] / 255.0
    return icon[..., :3] / 255.0 / np.maximum(alpha, 1 / 255)[..., None], alpha


def body(icon: np.ndarray) -> tuple[np.ndarray, float]:
    """The part that carries the icon's colour, as weights 0..1 (h, w), and its share of all opaque pixels.

    That is what lies within 45 degrees of the dominant hue; of a colourless icon, all that is neither hue nor outline.
    """
    rgb, alpha = straight(icon)
    hue, saturation, value = to_hsv(np.clip(rgb, 0, 1))
    chromatic = alpha * (saturation > 0.22) * (value > 0.2)
    total = max(alpha.sum(), 1e-6)
    if chromatic.sum() / total > 0.2:
        histogram = np.bincount((hue * 36).astype(int).ravel() % 36, (chromatic * saturation).ravel(), 36)
        smooth = histogram + np.roll(histogram, 1) + np.roll(histogram, -1)
        peak = (smooth.argmax() + 0.5) / 36
        distance = np.abs((hue - peak + 0.5) % 1 - 0.5)
        mask = (distance < 0.125) * (saturation > 0.12) * (alpha > 0)
    else:
        mask = (saturation <= 0.3) * (value > 0.25) * (alpha > 0)
    return mask.astype(np.float32), float((mask * alpha).sum() / total)


def recolour(icon: np.ndarray, colour: str, reference: np.ndarray | None = None) -> np.ndarray:
    """The icon with its body in `colour`, shading kept. `reference` (same icon, largest size) keeps sizes alike."""
    rgb, alpha = straight(icon)
    mask, _ = body(icon)
    hue, saturation, value = to_hsv(np.clip(rgb, 0, 1))
    weights = (mask * alpha).ravel()
    if weights.sum() < 1:
        return icon
    mid_value = np.average(value.ravel(), weights=weights)
    mid_saturation = np.average(saturation.ravel(), weights=weights)
    target_hue, target_saturation, target_value = (float(x) for x in to_hsv(np.array(PALETTE[colour]) / 255.0))
    shade = np.clip(value / max(mid_value, 0.05), 0, 1.6)
    # Dark colours would swallow the shading: lift the differences a little.
    new_value = np.clip(target_value * shade + (0.12 * (shade - 1) if target_value < 0.3 else 0), 0, 1)
    richness = np.clip(saturation / max(mid_saturation, 0.05), 0, 1.4) if mid_saturation > 0.22 else 1.0
    new_saturation = np.clip(target_saturation * (0.4 + 0.6 * richness), 0, 1) + 0 * value
    painted = from_hsv(np.full_like(value, target_hue), new_saturation, new_value)
    out = np.where(mask[..., None] > 0, painted, rgb)
    return np.dstack([np.rint(np.clip(out, 0, 1) * alpha[..., None] * 255), icon[..., 3]]).astype(np.uint8)


def to_lab(rgb: np.ndarray) -> np.ndarray:
    """sRGB floats 0..1 (…, 3) -> CIELAB (D65)."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    matrix = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = linear @ matrix.T / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1)


_NAMES = list(PALETTE)
_PALETTE_LAB = to_lab(np.array(list(PALETTE.values())) / 255.0)


def natural_colour(icon: np.ndarray) -> str | None:
    """The palette's name for the colour an icon has by nature, or None if no colour has most of it."""
    return None if body(icon)[1] < 0.55 else colour_of(icon, icon)


def colour_of(painted: np.ndarray, icon: np.ndarray) -> str:
    """The palette's name for the mean colour of `painted` where `icon` carries its own."""
    mask, _ = body(icon)
    rgb, alpha = straight(painted)
    weights = (mask * alpha).ravel()
    if weights.sum() <= 0:
        return _NAMES[0]
    mean = np.average(rgb.reshape(-1, 3), axis=0, weights=weights)
    return _NAMES[int(((to_lab(mean) - _PALETTE_LAB) ** 2).sum(-1).argmin())]


def most_common_colour(picture: np.ndarray) -> str:
    """The palette's name that most opaque pixels of a picture (h, w, 4 uint8, premultiplied) are nearest to in CIELAB."""
    rgb, alpha = straight(picture)
    pixels = np.clip(rgb[alpha > 0.5], 0, 1)
    if len(pixels) == 0:
        return _NAMES[0]
    nearest = ((to_lab(pixels)[:, None] - _PALETTE_LAB) ** 2).sum(-1).argmin(1)
    return _NAMES[int(np.bincount(nearest).argmax())]
