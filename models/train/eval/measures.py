"""What is measured without the judge: the tokenizer, the likelihood of captioned scenes, and how near to training pictures a drawing is."""

import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from tokenizers import Tokenizer

from easel_train.autoencoder import Autoencoder
from easel_train.bpe import NULL_ID
from easel_train.captions import Captioner
from easel_train.export import load_gpt
from easel_train.icons import load_extra, load_icons
from easel_train.scene_tokens import encode, load_tokenizer
from easel_train.scenes import Composer, Placed, Scene
from easel_train.sheet import compose, to_image
from easel_train.train_gpt import encode_captions
from easel_train.train_tokenizer import held_out_psnr, on_white, structure

from .statistics import mean_with_interval

__all__ = ["load_tokenizer", "nats", "nearest_neighbours", "rebuild", "tokenizer_quality"]
VALIDATION_SCENES = 2048
DRAWINGS = 1000  # single things
NEAREST_SIDE = 32


@torch.no_grad()
def rebuild(tokenizer: Autoencoder, pictures: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """id -> uint8 premultiplied: each through the tokenizer and back, as floats."""
    rebuilt = {}
    for key, pixels in pictures.items():
        x = torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255
        y = tokenizer.decode(tokenizer.encode(x))[0].clamp(0, 1)
        y[:3] = torch.minimum(y[:3], y[3:])
        rebuilt[key] = y.permute(1, 2, 0).numpy()
    return rebuilt


@torch.no_grad()
def tokenizer_quality(tokenizer: Autoencoder, work: Path) -> dict:
    """On emoji of all sets that the tokenizer never saw."""
    icons = load_extra(work, held_out=True)
    x = torch.from_numpy(icons).permute(0, 3, 1, 2).float() / 255
    y = torch.cat([tokenizer.decode(tokenizer.encode(part)).clamp(0, 1) for part in x.split(32)])
    similar = [1 - structure(on_white(y[i : i + 1]), on_white(x[i : i + 1])).item() for i in range(len(x))]
    used = np.unique(encode(tokenizer, icons))
    return {
        "psnrDb": round(held_out_psnr(tokenizer, icons), 3),
        "ssim": round(float(np.mean(similar)), 4),
        "icons": len(icons),
        "codesUsed": len(used),
        "codes": tokenizer.config.codebook,
    }


@torch.no_grad()
def nats(model: Path, work: Path) -> dict:
    """Nats a token on scenes of compositions that training never gave, with the caption and without."""
    gpt = load_gpt(torch.load(model / "train" / "gpt.pt", map_location="cpu", weights_only=True))
    tokenizer = load_tokenizer(model / "train" / "tokenizer.pt")
    bpe = Tokenizer.from_file(str(model / "tokenizer.json"))
    objects, icons = load_icons(work)
    composer, captioner = Composer(objects, icons, 98, unseen=True), Captioner(objects, seed=99)
    scenes = [composer.scene() for _ in range(VALIDATION_SCENES)]
    pictures = torch.from_numpy(encode(tokenizer, np.stack([composer.paint(s) for s in scenes]))).flatten(1)
    ids, mask = encode_captions(bpe, [captioner.caption(s) for s in scenes], gpt.config.caption_tokens)
    nothing, all_seen = torch.full_like(ids[:, :1], NULL_ID), torch.ones(len(ids), 1)
    losses: dict[str, list[np.ndarray]] = {"conditional": [], "unconditional": []}
    for at in range(0, len(ids), 32):
        part = slice(at, at + 32)
        for name, (c, m) in (("conditional", (ids, mask)), ("unconditional", (nothing, all_seen))):
            logits = gpt(c[part], m[part], pictures[part])
            loss = F.cross_entropy(logits.transpose(1, 2), pictures[part], reduction="none")
            losses[name].append(loss.mean(1).numpy())
    return {name: mean_with_interval(np.concatenate(values)) for name, values in losses.items()} | {
        "scenes": VALIDATION_SCENES
    }


def small(pixels: np.ndarray) -> np.ndarray:
    """(128, 128, 4) premultiplied floats -> what is compared: 32 x 32 on white, flat."""
    white = pixels[..., :3] + 1 - pixels[..., 3:]
    step = white.shape[0] // NEAREST_SIDE
    return white.reshape(NEAREST_SIDE, step, NEAREST_SIDE, step, 3).mean((1, 3)).ravel()


def nearest_neighbours(drawn: Path, verdicts: list[dict], composer: Composer, figure: Path) -> dict:
    """For single objects: the root mean square distance to the nearest icon of training, of drawings and of held-out real
    icons. The ten closest pairs become a figure. Memory would show as drawings far nearer than held-out icons are."""
    from .score import read_picture

    singles = {v["id"] for v in verdicts if v["task"] == "single object"}
    names_of = [drawn / "drawn.jsonl", drawn / "more.jsonl"]
    lines = [line for path in names_of if path.exists() for line in path.read_text(encoding="utf-8").splitlines()]
    entries = [entry for entry in map(json.loads, lines) if entry["id"] in singles]
    # Several are drawn at once: the order of the file is chance.
    entries = sorted(entries, key=lambda entry: (entry["seed"], entry["id"]))[:DRAWINGS]
    drawings = [read_picture(drawn / entry["file"]) for entry in entries]
    trained = [
        composer.paint(Scene("single", (Placed(i, style, None, 0, 0, 128),))) / 255 for i, style in composer.icons
    ]
    from easel_train.scenes import held_out_style

    names = [composer.objects[i].name for i, _ in composer.icons]
    unseen = np.array([held_out_style(n, style) for n, (_, style) in zip(names, composer.icons, strict=True)])
    table = np.stack([small(p) for p in trained]).astype(np.float32)
    seen_rows = np.nonzero(~unseen)[0]

    def nearest(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        squares = (rows**2).sum(1)[:, None] - 2 * rows @ table[seen_rows].T + (table[seen_rows] ** 2).sum(1)
        return seen_rows[squares.argmin(1)], np.sqrt(np.maximum(squares.min(1), 0) / rows.shape[1])

    pairs, distances = nearest(np.stack([small(p) for p in drawings]).astype(np.float32))
    _, real = nearest(table[unseen])
    closest = np.argsort(distances)[:10]
    shown: list[Image.Image] = []
    for k in closest:
        shown += [to_image(drawings[k].transpose(2, 0, 1)), to_image(trained[pairs[k]].transpose(2, 0, 1))]
    labels = [t for k in closest for t in (entries[k]["id"].split("/")[-1], names[pairs[k]])]
    compose(shown, [f"{'drawn' if n % 2 == 0 else 'trained'}: {t}" for n, t in enumerate(labels)], 10, 96).save(
        figure, quality=90
    )
    return {
        "drawings": len(drawings),
        "nearestOfDrawings": mean_with_interval(distances),
        "nearestOfHeldOutIcons": mean_with_interval(real),
    }
