"""Teaches a shipped model pictures of your own: `python -m easel_train.finetune --pictures DIR --name my-stickers --minutes 20`.

DIR holds pictures (.png, .webp, .jpg, .gif) and what each shows: `cat.txt` beside `cat.png` (a caption a line), or one
`captions.tsv` with a file name and its captions, separated by tabs. A picture without either is called by its file name.
The result is a new folder beside the model and an entry in models/catalog.json: `easel imagine "…" --model my-stickers`.
Run it again to go on after it was stopped, even by kill -9; `torchrun --nproc-per-node N -m easel_train.finetune …` uses N processes.
"""

import argparse
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from tokenizers import Tokenizer

from . import package
from .autoencoder import Autoencoder
from .export import export, load_autoencoder, load_gpt
from .scene_tokens import encode
from .train_gpt import Data, encode_captions, words_of
from .training import Machine, MovingAverage, Run, Threads, learning_rate, make_optimizer, start_machine

LOG_STEPS = 20
ENDINGS = {".png", ".webp", ".jpg", ".jpeg", ".gif"}
MODELS = Path(__file__).parents[2]


class FinetuneError(ValueError):
    """What was given can't be used; the message says what to change."""


@dataclass(frozen=True)
class Example:
    picture: np.ndarray  # (side, side, 4) uint8, premultiplied
    captions: list[str]


def read_examples(folder: Path, side: int) -> list[Example]:
    """Every picture of the folder with its captions. @raises FinetuneError with every problem at once."""
    listed: dict[str, list[str]] = {}
    table = folder / "captions.tsv"
    if table.exists():
        for line in table.read_text(encoding="utf-8").splitlines():
            name, *captions = [cell.strip() for cell in line.split("\t")]
            if name:
                listed[name] = [c.lower() for c in captions if c]
    problems, examples = [], []
    for path in sorted(p for p in folder.iterdir() if p.suffix.lower() in ENDINGS):
        beside = path.with_suffix(".txt")
        captions = listed.pop(path.name, [])
        if beside.exists():
            captions = captions + [
                c.strip().lower() for c in beside.read_text(encoding="utf-8").splitlines() if c.strip()
            ]
        captions = captions or [re.sub(r"[-_\d]+", " ", path.stem).strip().lower()]
        if not captions[0]:
            problems.append(f"{path.name} has no caption and its name holds no words")
            continue
        try:
            examples.append(Example(read_picture(path, side), captions))
        except OSError as error:
            problems.append(f"{path.name} can't be read: {error}")
    problems += [f"captions.tsv names {name}, which is not there" for name in listed]
    if not examples and not problems:
        problems.append(f"there is no picture ({', '.join(sorted(ENDINGS))}) in it")
    if problems:
        raise FinetuneError(f"{folder}: {'; '.join(problems)}.")
    return examples


def read_picture(path: Path, side: int) -> np.ndarray:
    """Fitted into a square, transparent around it, premultiplied."""
    image = Image.open(path).convert("RGBA")
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    if max(image.size) < side:
        scale = side / max(image.size)
        image = image.resize([max(1, round(s * scale)) for s in image.size], Image.Resampling.LANCZOS)
    square = Image.new("RGBA", (side, side))
    square.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    pixels = np.asarray(square, np.float32)
    return np.rint(np.dstack([pixels[..., :3] * pixels[..., 3:] / 255, pixels[..., 3]])).astype(np.uint8)


class Lessons:
    """Batches of the new pictures and, where the recipe's icons are at hand, as many scenes of the old world: what a model no
    longer sees it forgets."""

    def __init__(
        self, examples: list[Example], autoencoder: Autoencoder, bpe: Tokenizer, limit: int, seed: int, old: Data | None
    ):
        self.examples, self.bpe, self.limit, self.old = examples, bpe, limit, old
        self.ids = torch.from_numpy(encode(autoencoder, np.stack([e.picture for e in examples]))).flatten(1)
        self.rng = np.random.default_rng(seed)

    def batch(self, size: int, dropout: float = 0.1) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        fresh = size if self.old is None else size - size // 2
        chosen = self.rng.integers(len(self.examples), size=fresh)
        captions: list[str | None] = [
            None if self.rng.random() < dropout else str(self.rng.choice(self.examples[i].captions)) for i in chosen
        ]
        pictures = [self.ids[i] for i in chosen]
        if self.old is not None:
            scenes = [self.old.composer.scene() for _ in range(size - fresh)]
            captions += [None if self.rng.random() < dropout else self.old.captioner.caption(s) for s in scenes]
            pictures += [torch.from_numpy(self.old.painter.paint(s)).flatten() for s in scenes]
        return *encode_captions(self.bpe, captions, self.limit), torch.stack(pictures)


def train(
    lessons: Lessons, gpt: torch.nn.Module, run: Run, machine: Machine, batch: int, rate: float, config: dict
) -> MovingAverage:
    average, optimizer = MovingAverage(gpt, decay=0.99), make_optimizer(gpt, rate, weight_decay=0.05)
    if run.resume(gpt, average, optimizer):
        lessons.rng = np.random.default_rng(run.step * 1000 + machine.rank)
    wrapped, threads, total, summed = machine.wrap(gpt), Threads(machine), 0.0, 0
    while (progress := run.progress()) < 1:
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(progress, rate)
        caption_ids, caption_mask, image_ids = (t.to(machine.device) for t in lessons.batch(batch))
        with machine.autocast():
            logits = wrapped(caption_ids, caption_mask, image_ids)
            loss = F.cross_entropy(logits.flatten(0, 1), image_ids.flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(gpt.parameters(), 1.0)
        optimizer.step()
        average.update(gpt)
        run.step += 1
        threads.tick()
        total, summed = total + loss.item(), summed + 1
        if run.step % LOG_STEPS == 0:
            run.log(loss=total / summed, pictures=run.step * batch * machine.world)
            total, summed = 0.0, 0
        run.save(gpt, average, optimizer, config, every_seconds=min(60, run.budget_seconds / 5))
    run.save(gpt, average, optimizer, config)
    return average


def new_vocabulary(old: dict, examples: list[Example]) -> dict:
    """The old words and the new: each picture is a thing of the category "yours"."""
    known = {thing["name"] for thing in old["objects"]}
    names = dict.fromkeys(e.captions[0] for e in examples)
    added = [{"name": n, "category": "yours", "aliases": [], "tags": []} for n in names if n not in known]
    words = set(old["words"]) | {w for e in examples for c in e.captions for w in words_of(c)}
    return old | {"objects": [*added, *old["objects"]], "words": sorted(words)}


def add_to_catalog(models: Path, name: str) -> None:
    path = models / "catalog.json"
    catalog = json.loads(path.read_text(encoding="utf-8"))
    if name not in {model["name"] for model in catalog["models"]}:
        catalog["models"].append({"name": name, "path": name})
        package.write_json(path, catalog)


def about_of(manifest: dict, name: str, title: str, count: int, license_name: str, author: str) -> package.About:
    sources = [*manifest["sources"], {"name": f"{count} pictures of {author}", "version": "1", "license": license_name}]
    kept = {key: manifest[key] for key in ("sampling", "variation", "styles", "license", "attribution")}
    return package.About(name=name, title=title, sources=sources, **kept)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--name", required=True, help="of the new model: lower-case letters, digits, dashes")
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--model", default="easel-nano", help="the model to start from")
    parser.add_argument("--models", type=Path, default=MODELS, help="the folder of the catalog")
    parser.add_argument("--work", type=Path, default=MODELS / "train" / "work")
    parser.add_argument("--title")
    parser.add_argument("--license", default="the pictures' own", help="of your pictures")
    parser.add_argument("--author", default="this model's maker")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument(
        "--no-old-scenes", action="store_true", help="only the new pictures: quick, and forgets the rest"
    )
    args = parser.parse_args()
    try:
        finetune(args)
    except FinetuneError as error:
        sys.exit(str(error))


def finetune(args: argparse.Namespace) -> None:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", args.name):
        raise FinetuneError(f"{args.name!r} can't name a model: use lower-case letters, digits and dashes.")
    base, out = args.models / args.model, args.models / args.name
    if args.name == args.model or not (base / "train" / "gpt.pt").exists():
        raise FinetuneError(f"{base} has no train/ folder to start from, or is itself called {args.name}.")
    machine = start_machine(seed=9)
    tokenizer, start = (
        torch.load(base / "train" / f, map_location="cpu", weights_only=True) for f in ("tokenizer.pt", "gpt.pt")
    )
    autoencoder, gpt = load_autoencoder(tokenizer).to(machine.device), load_gpt(start).to(machine.device).train()
    examples = read_examples(args.pictures, autoencoder.config.picture_px)
    bpe = Tokenizer.from_file(str(base / "tokenizer.json"))
    run = Run(args.work / args.name, args.minutes, machine)
    seed = 31 + machine.rank
    has_icons = (args.work / "icons.npz").exists() and not args.no_old_scenes
    old = Data(args.work, autoencoder, bpe, gpt.config, seed) if has_icons else None
    lessons = Lessons(examples, autoencoder, bpe, gpt.config.caption_tokens, seed, old)
    average = train(lessons, gpt, run, machine, args.batch, args.rate, start["config"])
    if not machine.is_first:
        return
    manifest = json.loads((base / "model.json").read_text(encoding="utf-8"))
    about = about_of(manifest, args.name, args.title or args.name, len(examples), args.license, args.author)
    vocabulary = run.folder / "vocabulary.json"
    old_words = json.loads((base / "vocabulary.json").read_text(encoding="utf-8"))
    package.write_json(vocabulary, new_vocabulary(old_words, examples))
    torch.set_num_threads(1)
    trained = {"config": start["config"], "model": average.weights, "step": run.step, "history": run.history}
    export(tokenizer, trained, base / "tokenizer.json", vocabulary, about, manifest["precision"], out)
    add_to_catalog(args.models, args.name)
    print(f'{out}: try  npx easel imagine "{examples[0].captions[0]}" --model {args.name}', flush=True)


if __name__ == "__main__":
    main()
