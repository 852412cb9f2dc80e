"""What fewer bits cost is counted prompt by prompt, on models that are really exported in those bits."""

import json

import pytest

from easel_train import fixture, package
from easel_train.card_scores import precision_table
from easel_train.onnx_engine import OnnxEngine
from eval.precisions import draw_and_judge, export, lost
from eval.prompts import COUNTS, FILE


def verdicts(right: float) -> list[dict]:
    return [{"task": t, "id": f"{t}/{n}", "correct": n < right * 20} for t in COUNTS for n in range(20)]


@pytest.mark.parametrize(("right", "expected"), [(1.0, 0.0), (0.5, 0.5), (0.0, 1.0)])
def test_what_is_lost_is_the_mean_difference_of_the_tasks(right, expected):
    cell = lost(verdicts(right), verdicts(1.0))
    low, high = cell["interval"]
    assert cell["value"] == pytest.approx(expected)
    assert low <= expected <= high


def test_gains_are_losses_below_zero():
    assert lost(verdicts(1.0), verdicts(0.5))["value"] == pytest.approx(-0.5)


class Namer:
    """Calls everything a cat."""

    def name(self, crops):
        return ["cat"] * len(crops)

    def name_components(self, picture, found):
        return ["cat"] * len(found)


def test_a_model_is_exported_in_other_bits_and_drawn_in_both_number_types(copy_of, tmp_path):
    package.write_training_files(copy_of, *fixture.checkpoints())
    export(copy_of, "int8", tmp_path)
    assert json.loads((tmp_path / "model.json").read_text())["precision"] == "int8"
    prompts = json.loads(FILE.read_text(encoding="utf-8"))[:10]
    for half in (False, True):
        seen = draw_and_judge(OnnxEngine(tmp_path, half=half), prompts, Namer())
        assert [v["id"] for v in seen] == [p["id"] for p in prompts]
        assert {name.split()[-1] for v in seen for name in v["saw"]} <= {"cat"}


def test_the_card_says_which_precision_may_ship():
    cell = {"value": 0.25, "interval": [0.2, 0.3]}
    row = {
        "weights": "int8",
        "compute": "float16",
        "weightBytes": 10_373_680,
        "agreement": 0.991,
        "reconstructionDb": 22.04,
    }
    text = precision_table([row | {"heldOut": cell, "seen": cell, "lost": cell, "mayShip": False}])
    assert "| int8 | float16 | 10.4 MB | 99.1% | 22.04 dB | 0.250 | 0.250 | 0.250 [0.200, 0.300] | no |" in text
