"""Whether a picture shows what its prompt asked for."""

import numpy as np

from easel_train.colours import most_common_colour

from .components import components
from .judge import Judge, box_of, crop


def judge_picture(prompt: dict, picture: np.ndarray, judge: Judge) -> dict:
    """`picture` (h, w, 4) floats 0..1, premultiplied -> {"correct": bool, "saw": what was recognised, left to right}."""
    asked = prompt["objects"]
    if prompt["task"] in ("single object", "colours"):  # the whole picture is the thing
        box = box_of(picture)
        things = [] if box is None else [thing_of(judge.name([crop(picture, box)])[0], picture, box)]
    else:
        found = components(picture)
        names = judge.name_components(picture, found)
        things = [thing_of(n, picture * c.mask[..., None], c.box) for n, c in zip(names, found, strict=True)]
    things.sort(key=lambda thing: thing["x"])
    return {"correct": is_right(prompt, asked, things), "saw": [f"{t['colour']} {t['name']}" for t in things]}


def thing_of(name: str, picture: np.ndarray, box: tuple[int, int, int, int]) -> dict:
    top, left, bottom, right = box
    part = np.rint(picture[top:bottom, left:right] * 255).astype(np.uint8)
    return {"name": name, "colour": most_common_colour(part), "y": (top + bottom) / 2, "x": (left + right) / 2}


def is_right(prompt: dict, asked: list[dict], things: list[dict]) -> bool:
    match prompt["task"]:
        case "counting":
            return sum(t["name"] == asked[0]["name"] for t in things) == asked[0]["count"] == len(things)
        case "position":
            return any(
                a["name"] == asked[0]["name"] and b["name"] == asked[1]["name"] and stands(a, b) == prompt["relation"]
                for a in things
                for b in things
            )
        case _:
            return all(
                any(t["name"] == a["name"] and t["colour"] == a.get("colour", t["colour"]) for t in things)
                for a in asked
            )


def stands(a: dict, b: dict) -> str:
    """Where `a` is, seen from `b`, by the larger distance of their middles."""
    dx, dy = a["x"] - b["x"], a["y"] - b["y"]
    if abs(dx) > abs(dy):
        return "left of" if dx < 0 else "right of"
    return "above" if dy < 0 else "below"
