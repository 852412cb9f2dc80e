"""The folder of a model: `model.json` with every file's size and hash, `reference.json`, the files that fine-tuning needs."""

import hashlib
import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import torch

from .autoencoder import AutoencoderConfig
from .bpe import NULL_ID, PAD_ID
from .gpt import Gpt
from .onnx_engine import OnnxEngine
from .reference import DrawRequest, agreement, margins

FORMAT_VERSION = 1
FILES = {
    "tokenizer": "tokenizer.json",
    "prefill": "prefill.onnx",
    "row": "row.onnx",
    "rowUnrolled": "row-unrolled.onnx",
    "prefillHalf": "prefill-half.onnx",
    "rowHalf": "row-half.onnx",
    "rowUnrolledHalf": "row-unrolled-half.onnx",
    "weights": "gpt.data",
    "decoder": "decoder.onnx",
    "preview": "preview.onnx",
    "vocabulary": "vocabulary.json",
    "reference": "reference.json",
}
REFERENCE_CAPTIONS = (
    "a red apple",
    "a cat",
    "two blue stars",
    "a dog left of a tree",
    "a yellow sun above a house",
    "一只猫",
)


@dataclass(frozen=True)
class About:
    """What a person decides about a model: its name, defaults and licences (a JSON file for `export --about`)."""

    name: str
    title: str
    version: str = "1"
    sampling: dict = field(default_factory=dict)  # guidanceScale, guidanceRampRows, topK, topKMax, temperature
    variation: dict = field(default_factory=lambda: {"subtle": 6.0, "strong": 2.0})
    styles: list[dict] = field(default_factory=list)
    sheetStyles: list[str] = field(default_factory=list)  # of a sheet's pictures after the first, by name
    license: str = "MIT"
    attribution: list[str] = field(default_factory=list)
    sources: list[dict] = field(default_factory=list)


SAMPLING_DEFAULTS = {"guidanceScale": 2.0, "guidanceRampRows": 2, "topK": 10, "topKMax": 128, "temperature": 1.0}


def manifest(about: About, gpt: Gpt, autoencoder: AutoencoderConfig, precision: str) -> dict:
    """`model.json` without `files`."""
    c = gpt.config
    sampling = SAMPLING_DEFAULTS | about.sampling
    sampling["topKMax"] = min(sampling["topKMax"], c.codebook)
    return {
        "formatVersion": FORMAT_VERSION,
        "name": about.name,
        "family": "easel",
        "title": about.title,
        "version": about.version,
        "picture": {"widthPx": autoencoder.picture_px, "heightPx": autoencoder.picture_px},
        "preview": {"widthPx": autoencoder.preview_px, "heightPx": autoencoder.preview_px},
        "grid": {"rows": c.rows, "columns": c.columns},
        "codebookSize": c.codebook,
        "caption": {"tokens": c.caption_tokens, "padId": PAD_ID, "nullIds": [NULL_ID]},
        "transformer": {
            "layers": c.layers,
            "width": c.width,
            "heads": c.heads,
            "headWidth": c.head_width,
            "parameters": sum(p.numel() for p in gpt.parameters()),
        },
        "precision": precision,
        "sampling": sampling,
        "variation": about.variation,
        "styles": about.styles,
        "sheetStyles": about.sheetStyles,
        "license": about.license,
        "attribution": about.attribution,
        "sources": about.sources,
    }


def write_json(path: Path, data: dict) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False, indent=2) + "\n", encoding="utf-8", newline="\n")


def finish(folder: Path, model: dict) -> None:
    """Writes `model.json` over the files that lie in `folder` by now."""
    files = {}
    for role, name in FILES.items():
        path = folder / name
        if path.exists():
            content = path.read_bytes()
            files[role] = {"path": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    write_json(folder / "model.json", model | {"files": files})


def write_reference(folder: Path, gpt: Gpt, captions: tuple[str, ...] = REFERENCE_CAPTIONS) -> None:
    """Draws the fixed captions with the exported graphs and keeps the ids. `agreement` of a case is the share of its ids that the
    full-precision PyTorch model chooses too, given the ones before."""
    engine = OnnxEngine(folder)
    cases = []
    for index, caption in enumerate(captions):
        request = engine.request(caption, seed=index + 1)
        (ids,) = engine.draw([request])
        cases.append(_described(caption, request) | {"ids": ids, "agreement": round(agreement(gpt, request, ids), 4)})
    write_json(folder / FILES["reference"], {"cases": cases, "teacher": _teacher(engine, gpt, captions)})


def _described(caption: str, request: DrawRequest) -> dict:
    return {
        "caption": caption,
        "captionIds": request.caption_ids,
        "seed": request.seed,
        "picture": request.picture,
        "guidanceScale": request.guidance_scale,
        "topK": request.top_k,
        "temperature": request.temperature,
    }


def _teacher(engine: OnnxEngine, gpt: Gpt, captions: tuple[str, ...]) -> dict:
    """A greedy picture to test devices with: of all captions, the one whose choices are the clearest, so that rounding tips none.
    `ids` (to feed) and `greedyIds` (to come out) are the same: it is drawn greedily from the start."""
    best, best_margin = None, -1.0
    for caption in captions:
        request = engine.request(caption, top_k=1, temperature=1.0)
        (ids,) = engine.draw([request])
        least = float(margins(gpt, request, ids).min())
        if least > best_margin:
            best, best_margin = (
                _described(caption, request) | {"ids": ids, "greedyIds": ids, "leastMargin": round(least, 6)},
                least,
            )
    return best


def write_training_files(folder: Path, tokenizer: dict, gpt: dict) -> None:
    """`train/`: what fine-tuning starts from, float16: both models whole, without optimiser state."""
    (folder / "train").mkdir(exist_ok=True)
    for name, checkpoint in (("tokenizer.pt", tokenizer), ("gpt.pt", gpt)):
        half = {
            key: tensor.half() if tensor.is_floating_point() else tensor for key, tensor in checkpoint["model"].items()
        }
        kept = {
            "config": checkpoint["config"],
            "model": half,
            "step": checkpoint["step"],
            "history": checkpoint["history"],
        }
        torch.save(kept, folder / "train" / name)


def copy_file(source: Path, folder: Path, role: str) -> None:
    target = folder / FILES[role]
    if source.resolve() != target.resolve():
        shutil.copyfile(source, target)
