"""Trains the GPT: `python -m easel_train.train_gpt --work DIR --minutes 70` (resumes by itself)."""

import argparse
import json
import re
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

from .autoencoder import Autoencoder
from .bpe import NULL_ID, PAD_ID, train_bpe
from .captions import Captioner, vocabulary
from .gpt import Gpt, GptConfig
from .icons import LANGUAGES, load_icons
from .scene_tokens import TokenPainter, encode, load_tokenizer
from .scenes import PICTURE_PX, Composer
from .shared_codes import plain_weights, share_digits
from .throughput import Throughput
from .training import MovingAverage, Run, Threads, learning_rate, make_optimizer, read_config, start_machine

VALIDATION = 256  # scenes of compositions that are never trained on


def make_captions(work: Path, size: int, tokens: int, count: int = 64_000) -> Tokenizer:
    """Trains the caption tokenizer on every language alike and gathers the vocabulary, once; both lie in `work`, and with
    them the share of captions that each language loses to the limit of `tokens`."""
    path = work / "tokenizer.json"
    if not path.exists():
        objects, icons = load_icons(work)
        composer, captioner = Composer(objects, icons, seed=3), Captioner(objects, seed=4)
        scenes = [composer.scene() for _ in range(count // len(LANGUAGES))]
        captions = {language: [captioner.caption(s, language) for s in scenes] for language in LANGUAGES}
        tokenizer = train_bpe([caption for spoken in captions.values() for caption in spoken], size)
        cut = {
            language: float(np.mean([len(tokenizer.encode(c).ids) > tokens for c in spoken]))
            for language, spoken in captions.items()
        }
        (work / "captions-cut.json").write_text(json.dumps(cut))
        spoken = {word for language in captions.values() for caption in language for word in words_of(caption)}
        (work / "vocabulary.json").write_text(
            json.dumps(vocabulary(objects, sorted(spoken)), ensure_ascii=False), encoding="utf-8"
        )
        tokenizer.save(str(path), pretty=False)
    return Tokenizer.from_file(str(path))


def words_of(caption: str) -> list[str]:
    """Its words in scripts that have spaces; Chinese and Japanese are known by the signs of their names."""
    return [w for w in re.findall(r"[^\W\d_][\w'’-]*", caption) if not re.search(r"[\u3040-\u30ff\u3400-\u9fff]", w)]


class Data:
    """Endless scenes as tokens with their captions."""

    def __init__(self, work: Path, autoencoder: Autoencoder, tokenizer: Tokenizer, config: GptConfig, seed: int):
        self.tokenizer, self.config, self.autoencoder = tokenizer, config, autoencoder
        self.objects, self.icons = load_icons(work, autoencoder.config.picture_px // PICTURE_PX)
        self.composer, self.captioner = Composer(self.objects, self.icons, seed), Captioner(self.objects, seed)
        self.painter, self.rng = TokenPainter(self.composer, autoencoder), np.random.default_rng(seed)

    def batch(self, size: int, dropout: float = 0.1) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Caption ids and mask (B, T), image ids (B, N); T is as long as this batch needs."""
        scenes = [self.composer.scene() for _ in range(size)]
        captions = [None if self.rng.random() < dropout else self.captioner.caption(s) for s in scenes]
        ids = np.stack([self.painter.paint(s) for s in scenes])
        return *encode_captions(self.tokenizer, captions, self.config.caption_tokens), torch.from_numpy(ids).flatten(1)

    def validation(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """The same scenes and captions every time, of compositions that `batch` never gives."""
        composer, captioner = Composer(self.objects, self.icons, 98, unseen=True), Captioner(self.objects, seed=99)
        scenes = [composer.scene() for _ in range(VALIDATION)]
        ids = encode(self.autoencoder, np.stack([composer.paint(s) for s in scenes]))
        captions = [captioner.caption(s) for s in scenes]
        return *encode_captions(self.tokenizer, captions, self.config.caption_tokens), torch.from_numpy(ids).flatten(1)


def encode_captions(tokenizer: Tokenizer, captions: list[str | None], limit: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and mask (B, T); None is the null caption of guidance. T is a multiple of 8: few shapes to compile for."""
    rows = [[NULL_ID] if c is None else tokenizer.encode(c).ids[:limit] for c in captions]
    longest = min(limit, -(-max(len(r) for r in rows) // 8) * 8)
    ids = torch.tensor([r + [PAD_ID] * (longest - len(r)) for r in rows])
    return ids, (ids != PAD_ID).float()


def start_from(model: Gpt, weights: dict[str, torch.Tensor], old: Tokenizer, new: Tokenizer) -> None:
    """Loads another GPT's weights; caption tokens that both tokenizers have keep their vectors."""
    state = model.state_dict()
    for key, value in state.items():
        given = weights.get(key)
        if given is not None and given.shape == value.shape and key != "caption_embedding.weight":
            state[key] = given.float()
    old_ids, table = old.get_vocab(), weights["caption_embedding.weight"].float()
    for token, index in new.get_vocab().items():
        if token in old_ids:
            state["caption_embedding.weight"][index] = table[old_ids[token]]
    model.load_state_dict(state)


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


def gpt_flops(config: GptConfig, caption_tokens: int) -> float:
    """Floating-point operations of a training step a picture: matrix products of the forward pass, three times."""
    n, d, s = config.image_tokens, config.width, config.image_tokens + caption_tokens
    block = s * (4 * d * d + 3 * d * config.hidden) + 2 * s * s * d
    return 3 * 2.0 * (config.layers * block + n * d * config.codebook)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--name", default="gpt")
    parser.add_argument(
        "--config", default="{}", help="JSON with fields of GptConfig, or a file such as easel-small-config.json"
    )
    parser.add_argument("--tokenizer", type=Path, help="checkpoint of train_tokenizer (default: that of --work)")
    parser.add_argument(
        "--from", dest="start", type=Path, help="a checkpoint to begin from (a run of its own, with a new warm-up)"
    )
    parser.add_argument("--from-bpe", type=Path, help="the tokenizer.json of --from")
    parser.add_argument(
        "--compile", action="store_true", help="torch.compile (a fifth faster on two cores; needs a C++ compiler)"
    )
    parser.add_argument(
        "--log-steps", type=int, default=100, help="a line of the log every so many; held-out figures every fifth time"
    )
    args = parser.parse_args()
    if args.start is not None and args.from_bpe is None:
        parser.error("--from needs --from-bpe: the tokenizer.json of the model that the checkpoint belongs to")
    machine = start_machine(seed=5)
    config = GptConfig(**read_config(args.config, "gpt"))
    tokenizer = make_captions(args.work, config.caption_vocabulary, config.caption_tokens)
    autoencoder = load_tokenizer(args.tokenizer or args.work / "tokenizer" / "checkpoint.pt", machine.device)
    model = Gpt(config, autoencoder.fsq.codes().cpu()).to(machine.device)
    if args.start is not None:
        weights = torch.load(args.start, map_location="cpu", weights_only=True)["model"]
        start_from(model, weights, Tokenizer.from_file(str(args.from_bpe)), tokenizer)
    share_digits(model, autoencoder.fsq)
    average, optimizer = MovingAverage(model, decay=0.998), make_optimizer(model, args.rate, weight_decay=0.05)
    run = Run(args.work / args.name, args.minutes, machine, lambda weights: plain_weights(weights, autoencoder.fsq))
    run.resume(model, average, optimizer)
    data = Data(args.work, autoencoder, tokenizer, config, seed=1000 * (run.step + 1) + machine.rank)
    validation, threads, throughput = data.validation(), Threads(machine), Throughput(machine)
    wrapped = machine.wrap(torch.compile(model, dynamic=False) if args.compile else model)
    total, summed = 0.0, 0
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
        threads.tick()
        throughput.seen(args.batch, gpt_flops(config, caption_ids.shape[1]))
        total, summed = total + loss.item(), summed + 1
        if run.step % args.log_steps == 0:
            run.log(loss=total / summed, pictures=run.step * args.batch * machine.world, **throughput.figures())
            total, summed = 0.0, 0
        if run.step % (5 * args.log_steps) == 0 and machine.is_first:
            conditional, unconditional = nats(model, validation, machine.device)
            run.log(nats_conditional=conditional, nats_unconditional=unconditional)
        run.save(model, average, optimizer, config.to_dict(), every_seconds=150)
    conditional, unconditional = nats(model, validation, machine.device)
    run.log(nats_conditional=conditional, nats_unconditional=unconditional)
    run.save(model, average, optimizer, config.to_dict())


if __name__ == "__main__":
    main()
