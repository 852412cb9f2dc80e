"""The model card: `python -m easel_train.card --model DIR --tokenizer CKPT --gpt CKPT [--notes FILE]` writes README.md, curves.png
and contact-sheet.webp into the model's folder. Everything in it is read from the model, its checkpoints and `--notes`."""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import numpy as np
import torch

matplotlib.use("Agg")
from matplotlib import pyplot

from .card_scores import score_section, table
from .onnx_engine import OnnxEngine
from .sheet import PROMPTS, compose, paint, read_prompts

SEED = 7
TAIL_SHARE = 0.1  # of the run: the last tenth against the one before it
STILL_FALLING = 0.005  # relative: under half a percent in a tenth of the run counts as flat


@dataclass(frozen=True)
class Curve:
    """One figure of a training history over minutes."""

    minutes: np.ndarray
    values: np.ndarray

    @staticmethod
    def of(history: list[dict], key: str) -> "Curve":
        points = [(line["minutes"], line[key]) for line in history if key in line]
        return (
            Curve(*(np.array(part, float) for part in zip(*points, strict=True)))
            if points
            else Curve(np.zeros(0), np.zeros(0))
        )

    @property
    def last(self) -> float | None:
        return float(self.values[-1]) if len(self.values) else None

    def fall(self) -> float | None:
        """By which share the mean of the last tenth of the run lies under that of the tenth before; None if too short to say."""
        if len(self.values) < 4:
            return None
        end, tenth = self.minutes[-1], TAIL_SHARE * self.minutes[-1]
        last = self.values[self.minutes > end - tenth]
        before = self.values[(self.minutes <= end - tenth) & (self.minutes > end - 2 * tenth)]
        if not len(last) or not len(before):
            return None
        return float(1 - last.mean() / before.mean())


def judge(fall: float | None) -> str:
    if fall is None:
        return "too few points to say whether it was still falling"
    if fall > STILL_FALLING:
        return f"**still falling** at the end: {fall:.1%} lower in the last tenth of the run than in the tenth before"
    return f"flat at the end ({fall:+.1%} between the last two tenths of the run)"


def draw_curves(tokenizer: list[dict], gpt: list[dict], path: Path) -> None:
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4), dpi=110)
    psnr = Curve.of(tokenizer, "psnr")
    left.plot(psnr.minutes, psnr.values, color="tab:blue")
    left.set(title="Tokenizer", xlabel="minutes of training", ylabel="PSNR of training pictures, dB")
    for key, label, style in (
        ("loss", "training, with its share of dropped captions", "-"),
        ("nats_conditional", "held back, with captions", "o-"),
        ("nats_unconditional", "held back, without captions", "o--"),
    ):
        curve = Curve.of(gpt, key)
        if len(curve.values):
            right.plot(curve.minutes, curve.values, style, label=label, markersize=3, linewidth=1)
    right.set(title="GPT", xlabel="minutes of training", ylabel="nats a token")
    right.legend()
    for axes in (left, right):
        axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, metadata={"Software": None})
    pyplot.close(figure)


def last_of(history: list[dict], key: str, digits: int = 2) -> str:
    value = Curve.of(history, key).last
    return "not measured" if value is None else f"{value:.{digits}f}"


def training_section(tokenizer: dict, gpt: dict) -> str:
    tokenizer_log, gpt_log = tokenizer["history"], gpt["history"]
    rows = []
    for name, checkpoint in (("tokenizer", tokenizer), ("GPT", gpt)):
        log = checkpoint["history"]
        pictures = max((line.get("pictures", 0) for line in log), default=0)
        minutes = max((line["minutes"] for line in log), default=0)
        parameters = sum(tensor.numel() for tensor in checkpoint["model"].values())
        rows.append([name, f"{parameters:,}", f"{checkpoint['step']:,}", f"{int(pictures):,}", f"{minutes:.0f}"])
    measured = [
        f"Tokenizer: PSNR {last_of(tokenizer_log, 'psnr')} dB, SSIM {last_of(tokenizer_log, 'ssim', 3)} on training pictures.",
        f"GPT: {last_of(gpt_log, 'nats_conditional', 3)} nats a token with the caption and {last_of(gpt_log, 'nats_unconditional', 3)} "
        "without it, on scenes that it was never trained on.",
        f"The tokenizer's loss (L1) was {judge(Curve.of(tokenizer_log, 'l1').fall())}.",
        f"The GPT's loss was {judge(Curve.of(gpt_log, 'loss').fall())}.",
        *speeds(tokenizer_log, gpt_log),
        "Learning rates fall to a hundredth over a run: a curve that flattens at the end may flatten because of that.",
    ]
    header = ["", "parameters (encoder included)", "steps", "pictures seen", "minutes"]
    return "\n\n".join([table(header, rows), *measured, "![training curves](curves.png)"])


def speeds(*histories: list[dict]) -> list[str]:
    """One sentence for each training whose log holds its speed."""
    sentences = []
    for name, history in zip(("tokenizer", "GPT"), histories, strict=True):
        pace, share = Curve.of(history, "pictures_a_processor_second"), Curve.of(history, "share_of_matrix_rate")
        wall = Curve.of(history, "pictures_a_second")
        if pace.last is not None:
            sentences.append(
                f"Speed of the {name}'s training: {np.mean(wall.values):.0f} pictures a second beside other programs, "
                f"{np.mean(pace.values):.0f} a second of processor time, {np.mean(share.values):.0%} of what plain matrix products "
                "reach in the same number type."
            )
    return sentences


def files_section(folder: Path, manifest: dict) -> str:
    rows = [
        [f"`{entry['path']}`", f"{entry['bytes']:,}", f"`{entry['sha256'][:12]}…`"]
        for entry in manifest["files"].values()
    ]
    for path in sorted((folder / "train").glob("*")):
        rows.append([f"`train/{path.name}`", f"{path.stat().st_size:,}", "for fine-tuning only"])
    return table(["file", "bytes", "sha256"], rows)


def card(folder: Path, manifest: dict, tokenizer: dict, gpt: dict, notes: str, prompts: list[str]) -> str:
    transformer, sampling, grid = manifest["transformer"], manifest["sampling"], manifest["grid"]
    reference = json.loads((folder / manifest["files"]["reference"]["path"]).read_text(encoding="utf-8"))
    agreement = float(np.mean([case["agreement"] for case in reference["cases"]]))
    sources = table(
        ["source", "version", "licence"],
        [[source["name"], source["version"], source["license"]] for source in manifest["sources"]],
    )
    attribution = "\n".join(f"- {line}" for line in manifest["attribution"])
    facts = table(
        ["", ""],
        [
            ["picture", f"{manifest['picture']['widthPx']} x {manifest['picture']['heightPx']} pixels, transparent background"],
            ["tokens", f"{grid['rows']} x {grid['columns']}, each one of {manifest['codebookSize']} codes"],
            ["transformer", f"{transformer['layers']} layers x {transformer['width']}, {transformer['heads']} heads, {transformer['parameters']:,} parameters"],
            ["caption", f"at most {manifest['caption']['tokens']} tokens"],
            ["weights", f"{manifest['precision']}; {agreement:.1%} of the reference ids are what full precision chooses, given the ones before"],
            [
                "defaults",
                f"guidance {sampling['guidanceScale']} (ramped over {sampling['guidanceRampRows']} rows), top-k {sampling['topK']}, "
                f"temperature {sampling['temperature']}",
            ],
        ],
    )  # fmt: skip
    words = json.loads((folder / manifest["files"]["vocabulary"]["path"]).read_text(encoding="utf-8"))
    languages = ", ".join(words.get("languages", ["English"]))
    numbered = "; ".join(f"{index} {prompt}" for index, prompt in enumerate(prompts, 1))
    sweep = (
        "\n\nThe defaults were chosen by eye from this sweep:\n\n![sweep](sweep.png)"
        if (folder / "sweep.png").exists()
        else ""
    )
    return f"""# {manifest["title"]}

A small transformer that draws emoji-like pictures from a sentence, made with `models/train` from icon sets and nothing else.
It draws what its vocabulary holds (`vocabulary.json`); other words still give a picture, but not one of what they mean.

{facts}

## What it draws

{len(prompts)} fixed prompts, seed {SEED}, the first and only try of each, drawn with the shipped files:

![contact sheet](contact-sheet.webp)

Row by row: {numbered}.{sweep}

## What it cannot do

- Objects that are not in `vocabulary.json`: it mixes ones that it knows.
- Letters, numbers, photographs, people one could recognise: there were none in its data.
- More than two different objects, counts over five, and relations other than left of, right of, above, below, on and next to.
- Details smaller than the tokenizer keeps (see the PSNR below), such as faces of small objects in a scene.
- Languages other than {languages}.

{notes.strip()}

{score_section(folder)}

## How it was trained

{training_section(tokenizer, gpt)}

## Data, licences, attribution

{sources}

{attribution}

The model and its files are under {manifest["license"]}; the pictures that it learned from keep their own licences above.

## Files

{files_section(folder, manifest)}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--gpt", type=Path, required=True)
    parser.add_argument("--notes", type=Path, help="Markdown to insert: what was looked at, what was found")
    args = parser.parse_args()
    tokenizer, gpt = (torch.load(path, map_location="cpu", weights_only=True) for path in (args.tokenizer, args.gpt))
    write(
        args.model, tokenizer, gpt, args.notes.read_text(encoding="utf-8") if args.notes else "", read_prompts(PROMPTS)
    )


def write(folder: Path, tokenizer: dict, gpt: dict, notes: str, prompts: list[str]) -> None:
    engine = OnnxEngine(folder)
    draw_curves(tokenizer["history"], gpt["history"], folder / "curves.png")
    images = paint(engine, [engine.request(prompt, seed=SEED) for prompt in prompts])
    compose(images, prompts, columns=8, side_px=128).save(folder / "contact-sheet.webp", quality=90, method=6)
    text = card(folder, engine.manifest, tokenizer, gpt, notes, prompts)
    (folder / "README.md").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
