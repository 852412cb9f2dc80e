"""IconEval's judge and arithmetic: real renders get what they show, and means are means."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from easel_train.colours import PALETTE, most_common_colour
from eval.judge import MODEL, NAMES, Judge, box_of, crop
from eval.prompts import COUNTS, FILE
from eval.score import hash_of_ids
from eval.statistics import mean_with_interval, summarise
from eval.verdict import is_right, judge_picture, stands

from .made_up import icon

MODELS = [path.parent for path in Path(__file__).parents[2].glob("*/eval.json")]


class Named:
    """A judge that knows what stands where: names by the order of components, largest first."""

    def __init__(self, *names: str):
        self.names = names

    def name(self, crops):
        return list(self.names[: len(crops)])

    def name_components(self, picture, found):
        return list(self.names[: len(found)])


def picture(*things: tuple[str, int, int, int]) -> np.ndarray:
    """Squares of a colour: (colour, top, left, side) on a transparent ground, floats premultiplied."""
    canvas = np.zeros((128, 128, 4), np.float32)
    for colour, top, left, side in things:
        canvas[top : top + side, left : left + side] = [*np.array(PALETTE[colour]) / 255, 1]
    return canvas


def test_attribution_wants_each_colour_on_its_own_thing():
    prompt = {
        "task": "colour attribution",
        "objects": [{"name": "cat", "colour": "red"}, {"name": "dog", "colour": "blue"}],
    }
    shown = picture(("red", 10, 0, 60), ("blue", 10, 70, 50))
    assert judge_picture(prompt, shown, Named("cat", "dog"))["correct"]
    assert not judge_picture(prompt, shown, Named("dog", "cat"))["correct"]
    assert judge_picture(prompt, shown, Named("dog", "cat"))["saw"] == ["red dog", "blue cat"]


def test_counting_wants_that_many_and_nothing_else():
    prompt = {"task": "counting", "objects": [{"name": "cat", "count": 2}]}
    two = picture(("red", 0, 0, 40), ("red", 60, 60, 40))
    assert judge_picture(prompt, two, Named("cat", "cat"))["correct"]
    assert not judge_picture(prompt, two, Named("cat", "dog"))["correct"]
    assert not judge_picture(prompt, picture(("red", 0, 0, 40)), Named("cat"))["correct"]


def test_position_goes_by_the_larger_distance_of_the_middles():
    a, b = {"name": "a", "x": 10, "y": 50}, {"name": "b", "x": 90, "y": 60}
    assert (stands(a, b), stands(b, a)) == ("left of", "right of")
    assert stands({"x": 10, "y": 0}, {"x": 20, "y": 80}) == "above"
    prompt = {"task": "position", "objects": [{"name": "a"}, {"name": "b"}], "relation": "left of"}
    assert is_right(prompt, prompt["objects"], [a, b])
    assert not is_right(prompt | {"relation": "right of"}, prompt["objects"], [a, b])


def test_nothing_drawn_is_never_right():
    empty = np.zeros((128, 128, 4), np.float32)
    for task in COUNTS:
        prompt = {"task": task, "objects": [{"name": "cat", "count": 2, "colour": "red"}] * 2, "relation": "above"}
        assert not judge_picture(prompt, empty, Named("cat"))["correct"]


@pytest.mark.parametrize("colour", PALETTE)
def test_colours_are_told_without_a_network(colour):
    shaded = icon(0, PALETTE[colour], 64)
    assert most_common_colour(shaded) == colour


def test_the_committed_judge_names_only_its_objects_and_sees_shape_and_place_alike():
    judge = Judge()
    assert judge.names == json.loads(NAMES.read_text())["names"]
    shown = picture(("red", 10, 0, 60))
    moved = picture(("red", 40, 60, 60))
    assert np.array_equal(crop(shown, box_of(shown)), crop(moved, box_of(moved)))
    assert judge.name([crop(shown, box_of(shown))])[0] in judge.names


def test_the_overall_score_is_the_mean_of_the_six_tasks_and_intervals_hold_it():
    rng = np.random.default_rng(3)
    verdicts = [
        {"id": f"{task}/{n}", "task": task, "correct": bool(rng.random() < 0.1 * (k + 1))}
        for k, task in enumerate(COUNTS)
        for n in range(COUNTS[task])
        for _ in range(4)
    ]
    result = summarise(verdicts)
    for task, cell in result["tasks"].items():
        assert cell["value"] == pytest.approx(np.mean([v["correct"] for v in verdicts if v["task"] == task]), abs=1e-4)
        assert cell["interval"][0] <= cell["value"] <= cell["interval"][1]
    overall = result["overall"]
    assert overall["value"] == pytest.approx(np.mean([c["value"] for c in result["tasks"].values()]), abs=1e-3)
    assert 0 < overall["interval"][1] - overall["interval"][0] < 0.1
    assert mean_with_interval(np.ones(10)) == {"value": 1.0, "interval": [1.0, 1.0]}


@pytest.mark.parametrize("folder", MODELS, ids=lambda folder: folder.name)
def test_the_report_of_a_shipped_model_is_what_its_verdicts_and_files_say(folder):
    report = json.loads((folder / "eval.json").read_text(encoding="utf-8"))
    text = (folder / "verdicts.jsonl").read_text(encoding="utf-8")
    prompts = {p["id"]: p for p in json.loads(FILE.read_text(encoding="utf-8"))}
    verdicts = [prompts[v["id"]] | v for v in map(json.loads, text.splitlines())]
    assert report["sha256"]["verdicts"] == hashlib.sha256(text.encode()).hexdigest()
    for key, file in (("model", folder / "model.json"), ("prompts", FILE), ("judge", MODEL)):
        assert report["sha256"][key] == hashlib.sha256(file.read_bytes()).hexdigest(), key
    assert len(verdicts) == 2 * sum(COUNTS.values()) * report["seedsAPrompt"]
    assert len({(v["id"], v["seed"]) for v in verdicts}) == len(verdicts)
    for split in ("heldOut", "seen"):
        means = []
        for task, cell in report[split]["tasks"].items():
            chosen = [v["correct"] for v in verdicts if v["split"] == split and v["task"] == task]
            means.append(sum(chosen) / len(chosen))
            assert cell["value"] == pytest.approx(means[-1], abs=1e-4)
        assert report[split]["overall"]["value"] == pytest.approx(sum(means) / 6, abs=1e-4)
    hashes = {(v["id"], v["seed"]): v["sha256"] for v in verdicts}
    assert len(report["drawAgain"]) == 24
    for again in report["drawAgain"]:
        assert hashes[again["id"], again["seed"]] == hash_of_ids(again["ids"])
