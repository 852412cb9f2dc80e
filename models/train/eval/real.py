"""Real renders of the prompts: what a perfect model would draw. The judge's ceiling is its verdict on them."""

import numpy as np

from easel_train.icons import DEFAULT_STYLE
from easel_train.scenes import COUNT_LAYOUTS, Composer, Placed, Scene

PLACES = {
    "left of": ((0, 32), (64, 32)),
    "right of": ((64, 32), (0, 32)),
    "above": ((32, 0), (32, 64)),
    "below": ((32, 64), (32, 0)),
}


def scene_of(prompt: dict, composer: Composer) -> Scene:
    """The scene that a prompt asks for."""
    indices = {o.name: i for i, o in enumerate(composer.objects)}
    first, *rest = prompt["objects"]
    if "count" in first:
        size, places = COUNT_LAYOUTS[first["count"]]
        placed = [Placed(indices[first["name"]], DEFAULT_STYLE, None, x, y, size) for x, y in places]
        return Scene("count", tuple(placed))
    if not rest:
        style = first.get("style", DEFAULT_STYLE)
        return Scene("single", (Placed(indices[first["name"]], style, first.get("colour"), 0, 0, 128),))
    places = PLACES[prompt.get("relation", "left of")]
    placed = [
        Placed(indices[thing["name"]], DEFAULT_STYLE, thing.get("colour"), *at, 64)
        for thing, at in zip(prompt["objects"], places, strict=True)
    ]
    return Scene("pair", tuple(placed), prompt.get("relation", "and"))


def real_picture(prompt: dict, composer: Composer) -> np.ndarray:
    """(128, 128, 4) uint8, premultiplied."""
    return composer.paint(scene_of(prompt, composer))
