"""The endless compositor: scenes with one to five objects, their pictures and (with captions.py) their captions.

A scene is plain data, the ground truth of what its picture shows. Held-out combinations never come out of `Composer`.
"""

import zlib
from dataclasses import dataclass, field, replace

import numpy as np

from . import backgrounds
from .colours import PALETTE, body, colour_of, natural_colour, recolour
from .icons import ALWAYS_STYLES, DEFAULT_STYLE, DrawnObject

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


def held_out_style(name: str, style: str) -> bool:
    """10 % of (object, style), fixed by their names; never of the two styles that every object has to have."""
    return style not in ALWAYS_STYLES and _fraction(f"style:{name}:{style}") < 0.1


COUNT_LAYOUTS: dict[int, tuple[int, tuple[tuple[int, int], ...]]] = {
    2: (64, ((0, 32), (64, 32))),
    3: (64, ((32, 0), (0, 64), (64, 64))),
    4: (64, ((0, 0), (64, 0), (0, 64), (64, 64))),
    5: (40, ((4, 4), (84, 4), (44, 44), (4, 84), (84, 84))),
}
"""Corners at multiples of the tokenizer's stride, or at one offset from them: an object keeps its codes wherever it stands."""
COUNT_SHARES = {2: 0.2, 3: 0.22, 4: 0.25, 5: 0.33}
"""Five small ones share no codes with anything else."""
STYLE_SHARES = {"flat": 0.42, "fluent": 0.11, "3d": 0.14, "twemoji": 0.12, "noto": 0.12, "emojione": 0.09}
STYLE_SHARES_TOGETHER = {"flat": 0.8, "fluent": 0.06, "3d": 0.08, "twemoji": 0.02, "noto": 0.02, "emojione": 0.02}


class Composer:
    """Draws scenes at random. With `unseen` it gives only compositions that the other never gives (for validation)."""

    def __init__(self, objects: list[DrawnObject], icons: dict, seed: int, unseen: bool = False):
        self.objects, self.icons, self.unseen = objects, icons, unseen
        self.scale = next(iter(icons.values()))[PICTURE_PX].shape[0] // PICTURE_PX
        self.rng = np.random.default_rng(seed)
        self.weights = np.array([6.0 if o.common else 1.0 for o in objects])
        self.weights /= self.weights.sum()
        common = np.array([float(o.common) for o in objects])
        self.weights_together = 0.95 * common / common.sum() + 0.05 / len(objects)
        self._bodies: dict[tuple[int, str], tuple[str | None, float]] = {}
        self._painted: dict[tuple[int, str, str, int], np.ndarray] = {}
        self._paintable: dict[tuple[int, str], list[str]] = {}

    def scene(self) -> Scene:
        """One scene at random."""
        while True:
            kind = self.rng.choice(["single", "count", "pair"], p=[0.47, 0.16, 0.37])
            scene = getattr(self, f"_{kind}")()
            if held_out_composition(self.objects, scene) == self.unseen:
                return scene

    def natural(self, index: int, style: str) -> str | None:
        """The colour that an icon has by nature, if one has most of it."""
        return self._body(index, style)[0]

    def paintable(self, index: int, style: str, colour: str) -> bool:
        """Whether the icon in `colour` is of that colour and no other of the palette."""
        own, share = self._body(index, style)
        if own == colour or share < 0.35:
            return False
        painted = self.painted(index, style, colour, 64)
        return colour_of(painted, self.icons[index, style][64]) == colour

    def painted(self, index: int, style: str, colour: str | None, size: int) -> np.ndarray:
        """The icon's pixels, (size * scale, size * scale, 4) premultiplied."""
        icon = self.icons[index, style][size]
        if colour is None:
            return icon
        key = (index, style, colour, size)
        if key not in self._painted:
            if len(self._painted) > 60_000:
                self._painted.clear()
            painted = recolour(icon, colour)
            if size == 128:
                return painted
            self._painted[key] = painted
        return self._painted[key]

    def _body(self, index: int, style: str) -> tuple[str | None, float]:
        if (index, style) not in self._bodies:
            icon = self.icons[index, style][64]
            self._bodies[index, style] = (natural_colour(icon), body(icon)[1])
        return self._bodies[index, style]

    def _pick(self, weights: np.ndarray, shares: dict[str, float]) -> tuple[int, str]:
        index = int(self.rng.choice(len(self.objects), p=weights))
        return index, self._style_for(index, shares)

    def _style_for(self, index: int, shares: dict[str, float]) -> str:
        drawn = self.objects[index]
        styles = [s for s in drawn.icons if not held_out_style(drawn.name, s)]
        chances = np.array([shares[s] for s in styles])
        return str(self.rng.choice(styles, p=chances / chances.sum()))

    def _colour(self, index: int, style: str, chance: float) -> str | None:
        if self.rng.random() > chance:
            return None
        colours = self._colours_of(index, style)
        return str(self.rng.choice(colours)) if colours else None

    def _colours_of(self, index: int, style: str) -> list[str]:
        if (index, style) not in self._paintable:
            name = self.objects[index].name
            free = (c for c in PALETTE if not held_out_colour(name, c))
            self._paintable[index, style] = [c for c in free if self.paintable(index, style, c)]
        return self._paintable[index, style]

    def _background(self, chance: float, places: bool, avoid: tuple[str | None, ...]) -> str | None:
        if self.rng.random() > chance:
            return None
        if places and self.rng.random() < 0.5:
            return str(self.rng.choice(list(backgrounds.PLACES)))
        return str(self.rng.choice([c for c in PALETTE if c not in avoid]))

    def _finish(self, kind: str, placed: list[Placed], relation: str | None, background_chance: float) -> Scene:
        natural = tuple(self.natural(p.object, p.style) for p in placed)
        shown = tuple(p.colour or n for p, n in zip(placed, natural, strict=True))
        background = self._background(background_chance, kind == "single", shown)
        return Scene(kind, tuple(placed), relation, background, natural)

    def _single(self) -> Scene:
        index, style = self._pick(self.weights, STYLE_SHARES)
        # Each thing in each colour is 64 codes of its own: few styles, so that every one is seen often.
        chance = 0.65 if style == DEFAULT_STYLE and self.objects[index].common else 0.1
        scene = self._finish("single", [Placed(index, style, self._colour(index, style, chance), 0, 0, 128)], None, 0.2)
        if scene.background in backgrounds.PLACES:  # smaller, so that the place can be seen
            return replace(scene, placed=(replace(scene.placed[0], x=32, y=48, size=64),))
        return scene

    def _count(self) -> Scene:
        while True:
            index, style = self._pick(self.weights_together, STYLE_SHARES_TOGETHER)
            count = int(self.rng.choice(list(COUNT_SHARES), p=list(COUNT_SHARES.values())))
            if not held_out_count(self.objects[index].name, count):
                break
        size, places = COUNT_LAYOUTS[count]
        colour = self._colour(index, style, 0.25)
        return self._finish("count", [Placed(index, style, colour, x, y, size) for x, y in places], None, 0.08)

    def _pair(self) -> Scene:
        while True:
            first, style = self._pick(self.weights_together, STYLE_SHARES_TOGETHER)
            second = int(self.rng.choice(len(self.objects), p=self.weights_together))
            names = self.objects[first].name, self.objects[second].name
            drawn = style in self.objects[second].icons and not held_out_style(names[1], style)
            if first != second and drawn and not held_out_pair(*names):
                break
        relation = str(self.rng.choice(RELATIONS, p=[0.2, 0.1, 0.16, 0.16, 0.16, 0.16, 0.06]))
        both = 0.9 if self.rng.random() < 0.55 else 0.06
        colours = (self._colour(first, style, both), self._colour(second, style, both))
        places = self._places(relation)
        placed = [Placed(i, style, c, *p, 64) for i, c, p in zip((first, second), colours, places, strict=True)]
        return self._finish("pair", placed, relation, 0.1)

    def _places(self, relation: str) -> tuple[tuple[int, int], tuple[int, int]]:
        left, right, top, bottom = (0, 32), (64, 32), (32, 0), (32, 64)
        match relation:
            # Of two things side by side the one that is named first stands left: if either could, the first row of tokens, where
            # little is drawn yet, would not know whose it is.
            case "left of" | "and" | "next to":
                return left, right
            case "right of":
                return right, left
            case "above":
                return top, bottom
            case "below":
                return bottom, top
            case _:  # on
                return (32, 16), bottom

    def paint(self, scene: Scene) -> np.ndarray:
        """(128 * scale, 128 * scale, 4) uint8, premultiplied."""
        side, scale = PICTURE_PX * self.scale, self.scale
        if scene.background is None:
            canvas = np.zeros((side, side, 4), np.float32)
        else:
            canvas = backgrounds.paint(scene.background, side).astype(np.float32)
        for placed in reversed(scene.placed):  # the first stands before the second ("on")
            icon = self.painted(placed.object, placed.style, placed.colour, placed.size)
            y, x, size = placed.y * scale, placed.x * scale, placed.size * scale
            area = canvas[y : y + size, x : x + size]
            area[:] = icon + area * (1 - icon[..., 3:] / 255.0)
        return np.clip(np.rint(canvas), 0, 255).astype(np.uint8)


def held_out_composition(objects: list[DrawnObject], scene: Scene) -> bool:
    """2 % of compositions (which objects, in which colours, how many, how placed, on what), fixed by their description."""
    parts = [f"{objects[p.object].name}/{p.colour}/{p.style}" for p in scene.placed]
    return _fraction(f"scene:{scene.kind}:{scene.relation}:{scene.background}:{':'.join(parts)}") < 0.02
