"""Trains the GPT on encoded scenes: `python -m easel_train.train_gpt --work DIR --minutes 70` (resumes by itself)."""

import argparse
import json
import pickle
import re
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

from .autoencoder import AutoencoderConfig, Fsq
from .bpe import NULL_ID, PAD_ID, train_bpe
from .captions import Captioner, vocabulary
from .gpt import Gpt, GptConfig
from .icons import load_icons
from .scenes import Composer, Scene
from .training import MovingAverage, Run, learning_rate, make_optimizer, start_machine

LOG_STEPS = 200
VALIDATION = 256  # scenes of the first chunk that are never trained on


def make_captions(work: Path, size: int, count: int = 60_000) -> Tokenizer:
    """Trains the caption tokenizer and gathers the vocabulary, once; both lie in `work`."""
    path = work / "tokenizer.json"
    if not path.exists():
        objects, icons = load_icons(work)
        composer, captioner = Composer(objects, icons, seed=3), Captioner(objects, seed=4)
        captions = [captioner.caption(composer.scene()) for _ in range(count)]
        train_bpe(captions, size).save(str(path))
        words = {word for caption in captions for word in re.findall(r"[a-z][a-z'-]*", caption)}
        (work / "vocabulary.json").write_text(
            json.dumps(vocabulary(objects, sorted(words)), ensure_ascii=False, indent=1)
        )
    return Tokenizer.from_file(str(path))


class Tokens:
    """The encoded scenes, with as many chunks as there are by now, and fresh captions for each draw."""

    def __init__(self, work: Path, tokenizer: Tokenizer, config: GptConfig, seed: int, plain_share: float = 0.5):
        self.plain_share = plain_share
        self.folder, self.tokenizer, self.config = work / "tokens", tokenizer, config
        self.captioner = Captioner(load_icons(work)[0], seed)
        self.rng = np.random.default_rng(seed)
        self.scenes: list[Scene] = []
        self.ids = np.zeros((0, config.image_tokens), np.uint16)
        self.plain: np.ndarray = np.zeros(0, np.int64)  # scenes of one object in its natural colour
        self.read: set[str] = set()
        self.rescan()

    def rescan(self) -> None:
        for path in sorted(self.folder.glob("*.pkl")):
            if path.name not in self.read:
                chunk = pickle.loads(path.read_bytes())  # our own file
                self.scenes += chunk["scenes"]
                self.ids = np.concatenate([self.ids, chunk["ids"]])
                self.read.add(path.name)
        plain = [i for i, s in enumerate(self.scenes) if s.kind == "single" and s.placed[0].colour is None]
        self.plain = np.array([i for i in plain if i >= VALIDATION])

    def batch(self, size: int, dropout: float = 0.1) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Caption ids and mask (B, T), image ids (B, N); T is as long as this batch needs.

        A share of the draws is single objects as they are: what a thing looks like comes before what it looks like in blue.
        """
        chosen = self.rng.integers(VALIDATION, len(self.scenes), size)
        plain = self.rng.random(size) < self.plain_share
        chosen[plain] = self.rng.choice(self.plain, int(plain.sum()))
        captions = [None if self.rng.random() < dropout else self.captioner.caption(self.scenes[i]) for i in chosen]
        return *self.encode(captions), torch.from_numpy(self.ids[chosen].astype(np.int64))

    def validation(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """The same 256 scenes and captions every time."""
        captioner = Captioner(self.captioner.objects, seed=99)
        captions = [captioner.caption(s) for s in self.scenes[:VALIDATION]]
        return *self.encode(captions), torch.from_numpy(self.ids[:VALIDATION].astype(np.int64))

    def encode(self, captions: list[str | None]) -> tuple[torch.Tensor, torch.Tensor]:
        rows = [
            [NULL_ID] if c is None else self.tokenizer.encode(c).ids[: self.config.caption_tokens] for c in captions
        ]
        longest = max(len(r) for r in rows)
        ids = torch.tensor([r + [PAD_ID] * (longest - len(r)) for r in rows])
        return ids, (ids != PAD_ID).float()


@torch.no_grad()
def nats(model: Gpt, batch: tuple[torch.Tensor, ...], device: torch.device) -> tuple[float, float]:
    """Nats a token on the validation scenes, with their captions and without."""
    model.eval()
    ids, mask, pictures = (t.to(device) for t in batch)
    conditional = model.loss(ids, mask, pictures).item()
    nothing = torch.full_like(ids[:, :1], NULL_ID)
    unconditional = model.loss(nothing, torch.ones_like(mask[:, :1]), pictures).item()
    model.train()
    return conditional, unconditional


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--name", default="gpt")
    parser.add_argument("--config", default="{}", help="JSON with fields of GptConfig")
    args = parser.parse_args()
    machine = start_machine(seed=5)
    config = GptConfig(**json.loads(args.config))
    tokenizer = make_captions(args.work, config.caption_vocabulary)
    data = Tokens(args.work, tokenizer, config, seed=11 + machine.rank)
    model = Gpt(config, Fsq(AutoencoderConfig().levels).codes()).to(machine.device)
    average, optimizer = MovingAverage(model, decay=0.998), make_optimizer(model, args.rate, weight_decay=0.05)
    run = Run(args.work / args.name, args.minutes, machine)
    if run.resume(model, average, optimizer):
        data.rng = np.random.default_rng(run.step + machine.rank)
    validation = data.validation()
    wrapped, total, summed = machine.wrap(model), 0.0, 0
    while (progress := run.progress()) < 1:
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(progress, args.rate)
        caption_ids, caption_mask, image_ids = (t.to(machine.device) for t in data.batch(args.batch))
        with machine.autocast():
            logits = wrapped(caption_ids, caption_mask, image_ids)
            loss = F.cross_entropy(logits.flatten(0, 1), image_ids.flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        average.update(model)
        run.step += 1
        total, summed = total + loss.item(), summed + 1
        if run.step % LOG_STEPS == 0:
            run.log(loss=total / summed, pictures=run.step * args.batch * machine.world, scenes=len(data.scenes))
            total, summed = 0.0, 0
            data.rescan()
        if run.step % (5 * LOG_STEPS) == 0 and machine.is_first:
            conditional, unconditional = nats(model, validation, machine.device)
            run.log(nats_conditional=conditional, nats_unconditional=unconditional)
        run.save(model, average, optimizer, config.to_dict(), every_seconds=150)
    conditional, unconditional = nats(model, validation, machine.device)
    run.log(nats_conditional=conditional, nats_unconditional=unconditional)
    run.save(model, average, optimizer, config.to_dict())


if __name__ == "__main__":
    main()
