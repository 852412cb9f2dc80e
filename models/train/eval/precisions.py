"""What fewer bits cost: `python -m eval.precisions --model DIR` writes precisions.json into the model's folder.

The transformer in every precision the exporter has, from the model's own training files, drawn through onnxruntime with one seed a
prompt and scored by IconEval's judge; and the decoder's reconstructions of icons that the tokenizer never saw. Each way is held
against fp32 prompt by prompt, with the 95 % interval of the difference: a precision may ship if it loses at most 0.01 of IconEval's
overall score and of the PSNR (a hundredth of it: what no eye sees).
"""

import argparse
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import torch

from easel_train import package
from easel_train.export import load_autoencoder, load_gpt, write_graphs
from easel_train.gpt import Gpt
from easel_train.icons import load_extra
from easel_train.onnx_engine import OnnxEngine
from easel_train.reference import agreement
from easel_train.scene_tokens import encode
from easel_train.sheet import PROMPTS as SHEET
from easel_train.sheet import read_prompts
from easel_train.train_tokenizer import psnr

from .judge import Judge
from .prompts import FILE as PROMPTS
from .statistics import summarise
from .verdict import judge_picture

WAYS = (("fp32", "float32"), ("int8", "float32"), ("int8", "float16"), ("int4", "float32"), ("int4", "float16"))
"""(weights, what is computed in); the first is what the others are held against."""
TOGETHER = 8
AGREEMENT_PROMPTS = 24
FILE = "precisions.json"
LOST_MAX = 0.01


def export(model: Path, weights: str, folder: Path) -> None:
    """The model in `folder` with its weights in another precision."""
    tokenizer, gpt = checkpoints(model)
    manifest = json.loads((model / "model.json").read_text(encoding="utf-8"))
    write_graphs(folder, load_autoencoder(tokenizer), load_gpt(gpt), weights, manifest["sampling"]["topKMax"])
    shutil.copy(model / package.FILES["tokenizer"], folder)
    package.finish(folder, manifest | {"precision": weights})


def checkpoints(model: Path) -> tuple[dict, dict]:
    tokenizer, gpt = (
        torch.load(model / "train" / name, map_location="cpu", weights_only=True) for name in ("tokenizer.pt", "gpt.pt")
    )
    return tokenizer, gpt


def draw_and_judge(engine: OnnxEngine, prompts: list[dict], judge: Judge, **options) -> list[dict]:
    """One verdict a prompt, drawn with seed 1. `options` are those of `OnnxEngine.request`."""
    verdicts = []
    for at in range(0, len(prompts), TOGETHER):
        part = prompts[at : at + TOGETHER]
        ids = engine.draw([engine.request(prompt["caption"], seed=1, **options) for prompt in part])
        for prompt, pixels in zip(part, engine.decode(ids), strict=True):
            pixels[:3] = np.minimum(pixels[:3], pixels[3:])
            verdicts.append(prompt | judge_picture(prompt, pixels.transpose(1, 2, 0), judge))
    return verdicts


def lost(verdicts: list[dict], reference: list[dict]) -> dict:
    """How much lower the overall score is than the reference's on the same prompts, and the 95 % interval of that."""
    pairs = zip(verdicts, reference, strict=True)
    return summarise([v | {"correct": int(r["correct"]) - int(v["correct"])} for v, r in pairs])["overall"]


def reconstruction(engine: OnnxEngine, ids: np.ndarray, icons: np.ndarray) -> float:
    """PSNR in dB of the decoder's pictures of `ids` (N, R, C) against `icons` (N, h, w, 4)."""
    decoded = np.concatenate([engine.decode(part.reshape(len(part), -1).tolist()) for part in np.array_split(ids, 16)])
    return psnr(torch.from_numpy(decoded), icons)


def agreement_with(gpt: Gpt, engine: OnnxEngine, captions: list[str]) -> float:
    """Of the ids that the engine draws, the share that full precision chooses too, given the ones before."""
    requests = [engine.request(caption, seed=seed) for seed, caption in enumerate(captions)]
    drawn = engine.draw(requests)
    return float(np.mean([agreement(gpt, r, ids) for r, ids in zip(requests, drawn, strict=True)]))


def measure(model: Path, work: Path) -> list[dict]:
    judge, icons = Judge(), load_extra(work, held_out=True)
    prompts = json.loads(PROMPTS.read_text(encoding="utf-8"))
    tokenizer, gpt_checkpoint = checkpoints(model)
    ids, gpt = encode(load_autoencoder(tokenizer), icons), load_gpt(gpt_checkpoint)
    rows, reference = [], []
    for weights in dict.fromkeys(weights for weights, _ in WAYS):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            export(model, weights, folder)
            for compute in (compute for w, compute in WAYS if w == weights):
                engine = OnnxEngine(folder, half=compute == "float16")
                verdicts = draw_and_judge(engine, prompts, judge)
                reference = reference or verdicts
                row = {
                    "weights": weights,
                    "compute": compute,
                    "weightBytes": (folder / package.FILES["weights"]).stat().st_size,
                    "agreement": round(agreement_with(gpt, engine, read_prompts(SHEET)[:AGREEMENT_PROMPTS]), 4),
                    "reconstructionDb": round(reconstruction(engine, ids, icons), 3),
                    **{s: summarise([v for v in verdicts if v["split"] == s])["overall"] for s in ("heldOut", "seen")},
                    "lost": lost(verdicts, reference),
                }
                row["mayShip"] = bool(
                    row["lost"]["value"] <= LOST_MAX
                    and row["reconstructionDb"] >= (1 - LOST_MAX) * (rows or [row])[0]["reconstructionDb"]
                )
                rows.append(row)
                print(json.dumps(row), flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path(__file__).parents[1] / "work")
    args = parser.parse_args()
    torch.set_num_threads(1)
    text = json.dumps(measure(args.model, args.work), indent=1) + "\n"
    (args.model / FILE).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
