"""The judge of IconEval: a small network that names the thing in a picture, blind to its colour.

`python -m eval.judge --work DIR --minutes 6` trains it on real renders (other seeds than the prompts') and writes judge.onnx and
judge.json beside this file. It never sees a model's pictures, and no model is trained or chosen with it.
"""

import argparse
import hashlib
import json
import time
from pathlib import Path

import numpy as np
import onnxruntime
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image, ImageFilter

from easel_train.colours import PALETTE
from easel_train.icons import load_icons
from easel_train.scenes import STYLE_SHARES, Composer
from easel_train.training import make_optimizer

from .components import Component

SIDE = 32
SEED = 77_000
MODEL = Path(__file__).with_name("judge.onnx")
NAMES = Path(__file__).with_name("judge.json")


class JudgeNetwork(nn.Module):
    """(B, 4, 32, 32) premultiplied RGBA 0..1 -> logits of the objects."""

    def __init__(self, objects: int, width: int = 48):
        super().__init__()
        w = width
        self.body = nn.Sequential(
            nn.Conv2d(4, w, 3, padding=1), nn.BatchNorm2d(w), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(w, 2 * w, 3, padding=1), nn.BatchNorm2d(2 * w), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(2 * w, 3 * w, 3, padding=1), nn.BatchNorm2d(3 * w), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Dropout(0.2), nn.Linear(16 * 3 * w, objects),
        )  # fmt: skip

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.body(x)


def crop(picture: np.ndarray, box: tuple[int, int, int, int], mask: np.ndarray | None = None) -> np.ndarray:
    """(h, w, 4) floats -> what the judge sees of a box: (4, 32, 32), its longer side filling the frame."""
    top, left, bottom, right = box
    part = picture[top:bottom, left:right]
    if mask is not None:
        part = part * mask[top:bottom, left:right, None]
    side = max(part.shape[:2])
    square = np.zeros((side, side, 4), np.float32)
    y, x = (side - part.shape[0]) // 2, (side - part.shape[1]) // 2
    square[y : y + part.shape[0], x : x + part.shape[1]] = part
    image = Image.fromarray((square * 255 + 0.5).astype(np.uint8), "RGBA").resize((SIDE, SIDE), Image.Resampling.BOX)
    return np.asarray(image, np.float32).transpose(2, 0, 1) / 255


def box_of(picture: np.ndarray) -> tuple[int, int, int, int] | None:
    """The box of all that is opaque; None where nothing is."""
    ys, xs = np.nonzero(picture[..., 3] > 0.5)
    return None if len(ys) == 0 else (int(ys.min()), int(xs.min()), int(ys.max()) + 1, int(xs.max()) + 1)


class Judge:
    """The trained judge, through onnxruntime."""

    def __init__(self, model: Path = MODEL, names: Path = NAMES):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self.names: list[str] = json.loads(names.read_text(encoding="utf-8"))["names"]
        self.hash = hashlib.sha256(model.read_bytes()).hexdigest()

    def name(self, crops: list[np.ndarray]) -> list[str]:
        if not crops:
            return []
        logits = self.session.run(None, {"crops": np.stack(crops).astype(np.float32)})[0]
        return [self.names[k] for k in logits.argmax(1)]

    def name_components(self, picture: np.ndarray, found: list[Component]) -> list[str]:
        return self.name([crop(picture, c.box, c.mask) for c in found])


class Examples:
    """Single icons at random: any style and colour, at the sizes of scenes, moved, blurred and dimmed a little."""

    def __init__(self, composer: Composer, seed: int):
        self.composer, self.rng = composer, np.random.default_rng(seed)
        self.indices = [i for i, o in enumerate(composer.objects) if o.common]
        self.names = [composer.objects[i].name for i in self.indices]

    def one(self) -> tuple[np.ndarray, int]:
        target = int(self.rng.integers(len(self.indices)))
        index = self.indices[target]
        styles = [s for s in STYLE_SHARES if s in self.composer.objects[index].icons]
        style = "flat" if self.rng.random() < 0.3 else str(self.rng.choice(styles))
        colour = str(self.rng.choice(list(PALETTE))) if self.rng.random() < 0.5 else None
        if colour is not None and not self.composer.paintable(index, style, colour):
            colour = None
        size = int(self.rng.choice([40, 64, 64, 128], p=[0.15, 0.3, 0.3, 0.25])) if colour is None else 64
        icon = Image.fromarray(self.composer.painted(index, style, colour, size), "RGBA")
        if (radius := self.rng.choice([0.0, 0.0, 1.0, 2.0]) * self.rng.random() * size / 64) > 0:
            icon = icon.filter(ImageFilter.GaussianBlur(float(radius)))
        picture = np.asarray(icon, np.float32) / 255
        box = box_of(picture) or (0, 0, size, size)
        slack = self.rng.integers(-2, 3, 4) * size // 64
        top, left = max(0, box[0] + int(slack[0])), max(0, box[1] + int(slack[1]))
        bottom, right = min(size, box[2] + int(slack[2])), min(size, box[3] + int(slack[3]))
        part = crop(picture, (top, left, max(bottom, top + 4), max(right, left + 4)))
        tint = 1 + self.rng.normal(0, 0.08, (3, 1, 1))
        part[:3] = np.clip(part[:3] * tint + self.rng.normal(0, 0.02, part[:3].shape) * part[3:], 0, part[3:])
        return part, target

    def batch(self, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        parts, targets = zip(*[self.one() for _ in range(size)], strict=True)
        return torch.from_numpy(np.stack(parts).astype(np.float32)), torch.tensor(targets)


def train(examples: Examples, minutes: float, batch: int = 64) -> JudgeNetwork:
    """Minutes are this process's own processor time, so that a busy machine gets the same judge."""
    torch.manual_seed(SEED)
    network = JudgeNetwork(len(examples.names))
    optimizer = make_optimizer(network, 2e-3, weight_decay=0.01)
    begin, step = time.process_time(), 0
    kept: list[tuple[torch.Tensor, torch.Tensor]] = []
    while (progress := (time.process_time() - begin) / 60 / minutes) < 1:
        for group in optimizer.param_groups:
            group["lr"] = 2e-3 * min(1.0, step / 50) * max(0.02, 1 - progress)
        # Making an example costs more than learning from it: every batch is seen again later.
        if len(kept) < 40 or step % 2 == 0:
            kept.append(examples.batch(batch))
            pictures, targets = kept[-1]
        else:
            pictures, targets = kept[int(examples.rng.integers(len(kept)))]
        loss = F.cross_entropy(network(pictures), targets, label_smoothing=0.05)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        step += 1
        if step % 100 == 0:
            print(json.dumps({"step": step, "progress": round(progress, 3), "loss": round(loss.item(), 3)}), flush=True)
    return network.eval()


def save(network: JudgeNetwork, names: list[str]) -> None:
    example = torch.zeros(2, 4, SIDE, SIDE)
    torch.onnx.export(
        network, (example,), str(MODEL), input_names=["crops"], output_names=["logits"],
        dynamic_axes={"crops": {0: "n"}, "logits": {0: "n"}}, dynamo=False,
    )  # fmt: skip
    NAMES.write_text(json.dumps({"names": names}, ensure_ascii=False, indent=0) + "\n", encoding="utf-8", newline="\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=6, help="processor minutes")
    args = parser.parse_args()
    torch.set_num_threads(1)
    examples = Examples(Composer(*load_icons(args.work), seed=SEED), SEED)
    network = train(examples, args.minutes)
    save(network, examples.names)
    test = Examples(examples.composer, SEED + 1)
    pictures, targets = test.batch(1000)
    with torch.no_grad():
        right = (network(pictures).argmax(1) == targets).float().mean().item()
    print(json.dumps({"parameters": sum(p.numel() for p in network.parameters()), "accuracy": round(right, 4)}))


if __name__ == "__main__":
    main()
