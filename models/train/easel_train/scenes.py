"""The endless compositor: scenes with one to five objects, their pictures and (with captions.py) their captions.

A scene is plain data, the ground truth of what its picture shows. Held-out combinations never come out of `Composer`.
"""

import zlib
from dataclasses import dataclass, field

import numpy as np

from . import backgrounds
from .colours import PALETTE, natural_colour, recolour
from .icons import DrawnObject

PICTURE_PX = 128
RELATIONS = ("and", "next to", "left of", "right of", "above", "below", "on")


@dataclass(frozen=True)
class Placed:
    """One object in a scene: `colour` None is its natural look; `x`, `y` its top left corner, `size` its side, pixels."""

    object: int
    style: str
    colour: str | None
    x: int
    y: int
    size: int


@dataclass(frozen=True)
class Scene:
    kind: str  # single, count, pair
    placed: tuple[Placed, ...]
    relation: str | None = None  # of placed[0] to placed[1]
    background: str | None = None  # None is transparent
    natural: tuple[str | None, ...] = field(default=())  # each object's natural colour, for captions


def _fraction(text: str) -> float:
    return zlib.crc32(text.encode()) / 2**32


def held_out_colour(name: str, colour: str) -> bool:
    """10 % of (object, colour), fixed by their names."""
    return _fraction(f"colour:{name}:{colour}") < 0.1


def held_out_pair(first: str, second: str) -> bool:
    """10 % of unordered (object, object), fixed by their names."""
    return _fraction("pair:" + ":".join(sorted((first, second)))) < 0.1


def held_out_count(name: str, count: int) -> bool:
    """10 % of (object, count), fixed by their names."""
    return _fraction(f"count:{name}:{count}") < 0.1


COUNT_LAYOUTS: dict[int, tuple[int, tuple[tuple[int, int], ...]]] = {
    2: (64, ((0, 32), (64, 32))),
    3: (64, ((32, 0), (0, 64), (64, 64))),
    4: (64, ((0, 0), (64, 0), (0, 64), (64, 64))),
    5: (48, ((0, 0), (80, 0), (40, 40), (0, 80), (80, 80))),
}


class Composer:
    def __init__(self, objects: list[DrawnObject], icons: dict, seed: int):
        self.objects, self.icons = objects, icons
        self.rng = np.random.default_rng(seed)
        self.natural = {key: natural_colour(sizes[128]) for key, sizes in icons.items()}

    def scene(self) -> Scene:
        """One scene at random: half single objects, the rest counts and pairs."""
        kind = self.rng.choice(["single", "count", "pair"], p=[0.6, 0.12, 0.28])
        return getattr(self, f"_{kind}")()

    def _pick(self) -> tuple[int, str]:
        index = int(self.rng.integers(len(self.objects)))
        return index, self._style_for(index)

    def _style_for(self, index: int, style: str | None = None) -> str:
        styles = list(self.objects[index].icons)
        if style in styles:
            return style
        weights = np.array([0.65 if s == "fluent" else 0.35 for s in styles])
        return str(self.rng.choice(styles, p=weights / weights.sum()))

    def _colour(self, index: int, style: str, chance: float) -> str | None:
        if self.rng.random() > chance:
            return None
        name = self.objects[index].name
        allowed = [c for c in PALETTE if not held_out_colour(name, c)]
        colour = str(self.rng.choice(allowed))
        return None if colour == self.natural[index, style] else colour

    def _background(self, chance: float, avoid: tuple[str | None, ...]) -> str | None:
        if self.rng.random() > chance:
            return None
        choices = list(backgrounds.PLACES) if self.rng.random() < 0.5 else [c for c in PALETTE if c not in avoid]
        return str(self.rng.choice(choices))

    def _finish(self, kind: str, placed: list[Placed], relation: str | None, background_chance: float) -> Scene:
        natural = tuple(self.natural[p.object, p.style] for p in placed)
        shown = tuple(p.colour or n for p, n in zip(placed, natural, strict=True))
        return Scene(kind, tuple(placed), relation, self._background(background_chance, shown), natural)

    def _single(self) -> Scene:
        index, style = self._pick()
        size, at = (128, 0) if self.rng.random() < 0.7 else (96, 16)
        colour = self._colour(index, style, 0.28)
        background = 0.1 if size == 128 else 0.7
        return self._finish("single", [Placed(index, style, colour, at, at, size)], None, background)

    def _count(self) -> Scene:
        while True:
            index, style = self._pick()
            count = int(self.rng.integers(2, 6))
            if not held_out_count(self.objects[index].name, count):
                break
        size, places = COUNT_LAYOUTS[count]
        colour = self._colour(index, style, 0.35)
        return self._finish("count", [Placed(index, style, colour, x, y, size) for x, y in places], None, 0.15)

    def _pair(self) -> Scene:
        while True:
            (first, style), second = self._pick(), int(self.rng.integers(len(self.objects)))
            if first != second and not held_out_pair(self.objects[first].name, self.objects[second].name):
                break
        styles = (style, self._style_for(second, style))
        relation = str(self.rng.choice(RELATIONS, p=[0.2, 0.12, 0.14, 0.14, 0.14, 0.14, 0.12]))
        colours = (self._colour(first, styles[0], 0.35), self._colour(second, styles[1], 0.35))
        a, b = self._places(relation)
        placed = [Placed(i, s, c, *p) for i, s, c, p in zip((first, second), styles, colours, (a, b), strict=True)]
        return self._finish("pair", placed, relation, 0.15)

    def _places(self, relation: str) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
        left, right, top, bottom = (0, 32, 64), (64, 32, 64), (32, 0, 64), (32, 64, 64)
        match relation:
            case "left of":
                return left, right
            case "right of":
                return right, left
            case "above":
                return top, bottom
            case "below":
                return bottom, top
            case "on":
                return (32, 0, 64), (16, 32, 96)
            case _:
                return (left, right) if self.rng.random() < 0.8 else (right, left)

    def paint(self, scene: Scene) -> np.ndarray:
        """(128, 128, 4) uint8, premultiplied."""
        if scene.background is None:
            canvas = np.zeros((PICTURE_PX, PICTURE_PX, 4), np.float32)
        else:
            canvas = backgrounds.paint(scene.background).astype(np.float32)
        for placed in reversed(scene.placed):  # the first stands before the second ("on")
            icon = self.icons[placed.object, placed.style][placed.size]
            if placed.colour is not None:
                icon = recolour(icon, placed.colour)
            area = canvas[placed.y : placed.y + placed.size, placed.x : placed.x + placed.size]
            area[:] = icon + area * (1 - icon[..., 3:] / 255.0)
        return np.clip(np.rint(canvas), 0, 255).astype(np.uint8)
