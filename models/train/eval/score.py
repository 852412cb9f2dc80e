"""Scores drawn pictures: `python -m eval.score --model DIR --drawn DIR` (run by `easel eval`, which draws them).

Writes verdicts.jsonl, eval.json and eval.png into the model's folder; nothing else ever writes those.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from easel_train.icons import load_icons
from easel_train.scenes import Composer

from . import measures
from .figure import draw_figure
from .judge import Judge
from .prompts import FILE as PROMPTS
from .real import real_picture
from .statistics import summarise
from .verdict import judge_picture

SPLITS = ("heldOut", "seen")


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_picture(path: Path) -> np.ndarray:
    """A PNG with straight alpha -> (h, w, 4) floats 0..1, premultiplied."""
    pixels = np.asarray(Image.open(path).convert("RGBA"), np.float32) / 255
    return np.dstack([pixels[..., :3] * pixels[..., 3:], pixels[..., 3]])


def hash_of_ids(ids: list[int]) -> str:
    """Which picture a verdict is about."""
    return hashlib.sha256(",".join(map(str, ids)).encode()).hexdigest()[:16]


def to_draw_again(drawn: Path) -> list[dict]:
    """24 of the pictures, spread over all, with their tokens: a test draws them again."""
    lines = (drawn / "drawn.jsonl").read_text(encoding="utf-8").splitlines()
    chosen = sorted((json.loads(line) for line in lines), key=lambda e: (e["id"], e["seed"]))
    return [{k: e[k] for k in ("id", "seed", "ids")} for e in chosen[:: max(1, len(chosen) // 24)][:24]]


def judge_all(drawn: Path, judge: Judge) -> Iterator[dict]:
    """One verdict a picture of drawn.jsonl: {"id", "seed", "file", "ids"}."""
    prompts = {p["id"]: p for p in json.loads(PROMPTS.read_text(encoding="utf-8"))}
    for line in (drawn / "drawn.jsonl").read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        prompt = prompts[entry["id"]]
        verdict = judge_picture(prompt, read_picture(drawn / entry["file"]), judge)
        yield {"id": prompt["id"], "task": prompt["task"], "split": prompt["split"]} | {
            "seed": entry["seed"],
            "sha256": hash_of_ids(entry["ids"]),
            **verdict,
        }


def ceiling(judge: Judge, pictures: dict[str, np.ndarray]) -> dict:
    """The judge's score of given pictures (id -> premultiplied floats), one a prompt."""
    prompts = [p for p in json.loads(PROMPTS.read_text(encoding="utf-8")) if p["id"] in pictures]
    verdicts = [p | judge_picture(p, pictures[p["id"]], judge) for p in prompts]
    return summarise([v for v in verdicts if v["split"] == "heldOut"])


def report(model: Path, drawn: Path, work: Path, scores_only: bool) -> dict:
    judge = Judge()
    verdicts = list(judge_all(drawn, judge))
    # Task and split are the prompt's: thousands of lines travel with the model.
    kept = ({key: v[key] for key in ("id", "seed", "sha256", "correct", "saw")} for v in verdicts)
    text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in kept)
    (model / "verdicts.jsonl").write_text(text, encoding="utf-8", newline="\n")
    about = json.loads((drawn / "about.json").read_text(encoding="utf-8"))
    result = {
        "what": "IconEval: named after GenEval's tasks, not GenEval and not comparable with it",
        "seedsAPrompt": len({v["seed"] for v in verdicts}),
        "sha256": {
            "model": sha256(model / "model.json"),
            "prompts": sha256(PROMPTS),
            "judge": judge.hash,
            "verdicts": hashlib.sha256(text.encode()).hexdigest(),
        },
        **{split: summarise([v for v in verdicts if v["split"] == split]) for split in SPLITS},
        "speed": about["speed"],
        "drawAgain": to_draw_again(drawn),
    }
    if not scores_only:
        composer = Composer(*load_icons(work), seed=5)
        prompts = [p for p in json.loads(PROMPTS.read_text(encoding="utf-8")) if p["split"] == "heldOut"]
        real = {p["id"]: real_picture(p, composer) for p in prompts}
        tokenizer = measures.load_tokenizer(model / "train" / "tokenizer.pt")
        rebuilt = measures.rebuild(tokenizer, real)
        as_floats = {key: pixels.astype(np.float32) / 255 for key, pixels in real.items()}
        result["judge"] = {
            "ceiling": ceiling(judge, as_floats),
            "ceilingOfTokenizer": ceiling(judge, rebuilt),
            "objects": len(judge.names),
        }
        result["tokenizer"] = measures.tokenizer_quality(tokenizer, work)
        result["nats"] = measures.nats(model, work)
        result["memory"] = measures.nearest_neighbours(drawn, verdicts, composer, model / "nearest.webp")
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--drawn", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path(__file__).parents[1] / "work")
    parser.add_argument("--scores-only", action="store_true", help="no tokenizer, nats, memory: no icons are fetched")
    args = parser.parse_args()
    result = report(args.model, args.drawn, args.work, args.scores_only)
    text = json.dumps(result, ensure_ascii=False, indent=1) + "\n"
    (args.model / "eval.json").write_text(text, encoding="utf-8", newline="\n")
    draw_figure(result, args.model / "eval.png")
    sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
