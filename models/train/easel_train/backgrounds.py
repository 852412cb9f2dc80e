"""Backgrounds: the twelve plain colours and eleven drawn places, as premultiplied (opaque) pixels."""

from functools import cache

import numpy as np

from .colours import PALETTE
from .icons import rasterise

_SKY = '<linearGradient id="g" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="{}"/><stop offset="1" stop-color="{}"/></linearGradient>'


def _place(top: str, bottom: str, shapes: str) -> str:
    gradient = _SKY.format(top, bottom)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 128 128" width="128" height="128">'
        f'<defs>{gradient}</defs><rect width="128" height="128" fill="url(#g)"/>{shapes}</svg>'
    )


def _dots(points: str, radius: float, fill: str) -> str:
    pairs = [p.split(",") for p in points.split()]
    return "".join(f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{fill}"/>' for x, y in pairs)


_STARS = _dots("12,14 34,8 58,22 84,10 108,18 20,40 118,44 8,70 120,76 100,58 30,62 66,6", 1.3, "#fff")
PLACES: dict[str, str] = {
    "night sky": _place("#0b1440", "#27408b", _STARS + _dots("22,100 104,108 60,118 90,90", 1.2, "#dfe6ff")),
    "space": _place("#05060f", "#1a0b2e", _STARS + '<circle cx="108" cy="104" r="15" fill="#6d4bb0"/><ellipse cx="108" cy="104" rx="24" ry="5" fill="none" stroke="#c9a9ff" stroke-width="2"/>'),
    "meadow": _place("#9bdcff", "#e2f6ff", '<path d="M0 88Q40 72 80 86T128 82V128H0Z" fill="#5cb85c"/><path d="M0 104Q50 92 128 104V128H0Z" fill="#429a46"/>' + _dots("14,112 46,118 88,114 114,120", 2.4, "#ffe066")),
    "beach": _place("#8fd6ff", "#d8f3ff", '<rect y="70" width="128" height="24" fill="#2aa0d8"/><path d="M0 92Q40 84 80 92T128 90V128H0Z" fill="#f2d491"/>'),
    "sea": _place("#5cc8f0", "#0a4f8f", '<path d="M0 16Q16 8 32 16T64 16T96 16T128 16V0H0Z" fill="#bfeaff"/>' + _dots("16,100 24,84 20,64 112,96 106,76 114,56", 2.6, "#bfeaff")),
    "snow": _place("#c9dcf2", "#eef5fc", '<path d="M0 92Q36 78 76 92T128 88V128H0Z" fill="#fff"/>' + _dots("12,16 38,30 64,12 92,28 118,14 24,58 110,56 52,50 84,54", 2, "#fff")),
    "sunset": _place("#5b2a86", "#ff9a3c", '<circle cx="64" cy="92" r="24" fill="#ffe08a"/><rect y="100" width="128" height="28" fill="#472060"/>'),
    "desert": _place("#ffd9a0", "#ffeccc", '<circle cx="104" cy="22" r="11" fill="#fff2b0"/><path d="M0 86Q32 66 72 86T128 80V128H0Z" fill="#e0a458"/><path d="M0 104Q60 90 128 106V128H0Z" fill="#c98a3f"/>'),
    "forest": _place("#bfe6c4", "#e6f6e4", '<path d="M6 96L20 40L34 96ZM94 96L108 40L122 96ZM34 92L46 54L58 92ZM72 92L84 54L96 92Z" fill="#2f7a45"/><rect y="92" width="128" height="36" fill="#4b9a52"/>'),
    "city": _place("#a9c6e8", "#e7effa", '<path d="M0 50H20V128H0ZM24 30H44V128H24ZM48 60H64V128H48ZM68 40H90V128H68ZM94 24H108V128H94ZM112 54H128V128H112Z" fill="#6b7d96"/><rect y="110" width="128" height="18" fill="#4a5568"/>'),
    "clouds": _place("#5fb4f4", "#bfe3fb", '<g fill="#fff"><ellipse cx="24" cy="30" rx="20" ry="9"/><ellipse cx="104" cy="46" rx="22" ry="10"/><ellipse cx="36" cy="104" rx="26" ry="11"/><ellipse cx="108" cy="112" rx="18" ry="8"/></g>'),
}  # fmt: skip
PHRASES: dict[str, list[str]] = {
    "night sky": ["at night", "in the night sky", "under the stars"],
    "space": ["in space", "in outer space"],
    "meadow": ["in a meadow", "on grass", "in a green field"],
    "beach": ["at the beach", "on the beach"],
    "sea": ["under water", "in the sea", "in the ocean"],
    "snow": ["in the snow", "in winter"],
    "sunset": ["at sunset"],
    "desert": ["in the desert"],
    "forest": ["in a forest", "in the woods"],
    "city": ["in the city", "in a city"],
    "clouds": ["in the sky", "in the clouds"],
}


@cache
def paint(background: str, side: int = 128) -> np.ndarray:
    """(side, side, 4) uint8 of a plain colour or a place."""
    if background in PALETTE:
        return np.broadcast_to(np.array([*PALETTE[background], 255], np.uint8), (side, side, 4))
    return rasterise(PLACES[background], (side,))[0]
