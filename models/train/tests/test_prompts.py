"""The committed prompts of IconEval keep the rules of what is held out."""

import json
from collections import Counter

from easel_train.captions import NUMBERS, plural
from easel_train.icons import COMMON_FILE
from easel_train.scenes import held_out_colour, held_out_count, held_out_pair, held_out_style
from eval.prompts import COUNTS, FILE

PROMPTS = json.loads(FILE.read_text(encoding="utf-8"))
NAMED = {line for line in COMMON_FILE.read_text().splitlines() if line and not line.startswith("#")}


def is_held_out(prompt: dict) -> bool:
    names = [thing["name"] for thing in prompt["objects"]]
    first = prompt["objects"][0]
    match prompt["task"]:
        case "single object":
            return held_out_style(names[0], first["style"])
        case "counting":
            return held_out_count(names[0], first["count"])
        case "colours":
            return held_out_colour(names[0], first["colour"])
        case _:
            return held_out_pair(*names)


def test_every_task_has_its_number_of_distinct_prompts_in_both_splits():
    for split in ("heldOut", "seen"):
        chosen = [p for p in PROMPTS if p["split"] == split]
        assert Counter(p["task"] for p in chosen) == COUNTS
        assert len({p["caption"] for p in chosen}) == len(chosen)
    assert len({p["id"] for p in PROMPTS}) == len(PROMPTS) == 2 * sum(COUNTS.values())


def test_held_out_prompts_ask_for_what_training_never_shows_and_seen_ones_for_what_it_does():
    for prompt in PROMPTS:
        assert is_held_out(prompt) == (prompt["split"] == "heldOut"), prompt
        if prompt["task"] == "colour attribution":
            assert not any(held_out_colour(t["name"], t["colour"]) for t in prompt["objects"]), prompt


def test_prompts_say_what_they_expect():
    assert len(NAMED) <= 300
    for prompt in PROMPTS:
        for thing in prompt["objects"]:
            assert thing["name"] in NAMED
            assert (plural(thing["name"]) if "count" in thing else thing["name"]) in prompt["caption"]
            assert thing.get("colour", "") in prompt["caption"]
            assert NUMBERS.get(thing.get("count"), "") in prompt["caption"]
