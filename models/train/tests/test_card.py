import json
import math

import numpy as np
import pytest
from PIL import Image

from easel_train import fixture
from easel_train.card import Curve, judge, table, write
from easel_train.card_scores import score_section
from easel_train.sheet import compose, paint, read_prompts, to_image


def history(**series) -> list[dict]:
    return [{"step": i, "minutes": float(i), **{key: value(i) for key, value in series.items()}} for i in range(1, 101)]


@pytest.mark.parametrize(
    ("loss", "verdict"),
    [
        (lambda i: 5 - i / 50, "still falling"),
        (lambda i: 2 + math.exp(-i / 5), "flat at the end"),
        (lambda i: 2 + i / 50, "flat at the end (-"),  # rising is not falling
    ],
)
def test_a_card_says_whether_the_curve_was_still_falling(loss, verdict):
    assert verdict in judge(Curve.of(history(loss=loss), "loss").fall())


def test_a_curve_of_few_points_gets_no_verdict():
    assert Curve.of(history(loss=lambda i: 1.0)[:3], "loss").fall() is None
    assert Curve.of([], "loss").last is None
    assert "too few" in judge(None)


def test_a_card_is_written_from_the_model_and_its_checkpoints(copy_of):
    tokenizer, gpt = fixture.checkpoints()
    tokenizer["history"] = history(
        psnr=lambda i: 20 + i / 20, ssim=lambda i: 0.8, l1=lambda i: 1 / i, pictures=lambda i: i * 8
    )
    gpt["history"] = history(
        loss=lambda i: 5 - i / 50, nats_conditional=lambda i: 3.21, nats_unconditional=lambda i: 4.5
    )
    prompts = ["a red apple", "a cat", "一只猫"]
    write(copy_of, tokenizer, gpt, "## Looked at\n\nThree of three.", prompts)
    text = (copy_of / "README.md").read_text(encoding="utf-8")
    for part in (
        "Tiny random model",
        "3.210 nats",
        "25.00 dB",
        "still falling",
        "Three of three.",
        "一只猫",
        "CC0-1.0",
        "gpt.data",
    ):
        assert part in text
    assert Image.open(copy_of / "curves.png").width > 600
    assert Image.open(copy_of / "contact-sheet.webp").width > 8 * 128


def test_a_table_has_as_many_cells_in_every_line():
    assert {line.count("|") for line in table(["a", "b"], [[1, 2], [3, 4]]).splitlines()} == {3}


def test_transparent_places_show_the_board_and_covered_ones_the_colour():
    pixels = np.zeros((4, 32, 32), np.float32)
    pixels[0, :, 16:], pixels[3, :, 16:] = 1, 1
    seen = np.asarray(to_image(pixels))
    assert (seen[:, 16:] == (255, 0, 0)).all()
    assert set(np.unique(seen[:, :16])) == {236, 255}


def test_a_sheet_is_the_same_every_time_and_shows_every_prompt(tiny):
    engine = tiny.engine()
    prompts = ["a red apple", "a cat", "a dog", "a fox", "a sun"]
    requests = [engine.request(prompt, seed=7) for prompt in prompts]
    first, again = (compose(paint(engine, requests), prompts, 2, 64) for _ in range(2))
    assert first.tobytes() == again.tobytes()
    assert first.size == (2 * 70 + 6, 3 * (64 + 26 + 6) + 6)
    cells = {first.crop((6 + x * 70, 6 + y * 96, 70 + x * 70, 70 + y * 96)).tobytes() for x, y in np.ndindex(2, 3)}
    assert len(cells) == 6  # five pictures and the empty place


def test_prompts_are_read_without_empty_lines(tmp_path):
    path = tmp_path / "prompts.txt"
    path.write_text("a cat\n\n 一只猫 \n", encoding="utf-8")
    assert read_prompts(path) == ["a cat", "一只猫"]


def test_a_card_shows_the_scores_that_were_measured_and_nothing_where_none_were(tmp_path):
    assert score_section(tmp_path) == ""
    cell = {"value": 0.5, "interval": [0.41, 0.59]}
    split = {"overall": cell, "tasks": {"counting": cell}}
    result = {
        "seedsAPrompt": 4,
        "heldOut": split,
        "seen": split,
        "judge": {"ceiling": split, "ceilingOfTokenizer": split},
        "tokenizer": {"icons": 266, "psnrDb": 21.2, "ssim": 0.86, "codesUsed": 3000, "codes": 4375},
        "nats": {"conditional": cell, "unconditional": cell, "scenes": 512},
        "memory": {"nearestOfDrawings": cell, "nearestOfHeldOutIcons": cell},
        "speed": {"device": "cpu", "secondsAPicture": {"1": 0.13, "8": 0.08}},
    }
    (tmp_path / "eval.json").write_text(json.dumps(result))
    text = score_section(tmp_path)
    for part in (
        "| counting | 0.50 [0.41, 0.59] |",
        "**21.20 dB**",
        "4 pictures a prompt",
        "0.13 s (1 at a time)",
        "nearest.webp",
    ):
        assert part in text
    del result["tokenizer"], result["judge"]
    (tmp_path / "eval.json").write_text(json.dumps(result))
    assert "dB" not in score_section(tmp_path)
