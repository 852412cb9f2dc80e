"""The sampler in plain PyTorch: no cache, no graph, every token from the whole sequence. It defines what the exported graphs must draw."""

from dataclasses import dataclass

import numpy as np
import torch

from .gpt import Gpt
from .noise import uniforms


@dataclass(frozen=True)
class DrawRequest:
    """One picture to draw, as token ids; `guidance_scale` is ramped over the first rows."""

    caption_ids: list[int]
    unwanted_ids: list[int]  # of --no, or the null caption
    seed: int = 0
    picture: int = 0
    guidance_scale: float = 2.0
    guidance_ramp_rows: int = 2
    top_k: int = 10
    temperature: float = 1.0
    parent_ids: list[int] | None = None  # a variation's parent
    bias_strength: float = 0.0

    def guidance_at(self, row: int) -> float:
        return 1 + (self.guidance_scale - 1) * min(1.0, (row + 1) / self.guidance_ramp_rows)


def choose(logits: torch.Tensor, top_k: int, temperature: float, noise: float) -> int:
    """One id from guided logits (V): top-k, softmax, inverse CDF (docs/model-format.md)."""
    values, codes = (logits / temperature).sort(descending=True, stable=True)  # equal ones: the smaller id first
    chances = values[:top_k].softmax(0)
    passed = int((chances.cumsum(0) <= noise).sum())
    return int(codes[min(passed, top_k - 1)])


@torch.no_grad()
def forced_logits(gpt: Gpt, request: DrawRequest, ids: list[int]) -> torch.Tensor:
    """Logits (N, V) with guidance and bias of every place of `ids` (N), each given the ids before it and never those after."""
    c = gpt.config
    picture = torch.tensor([ids])
    conditional, unconditional = (
        gpt(torch.tensor([caption]), torch.ones(1, len(caption)), picture)[0]
        for caption in (request.caption_ids, request.unwanted_ids)
    )
    guidance = torch.tensor([request.guidance_at(token // c.columns) for token in range(len(ids))])[:, None]
    logits = unconditional + guidance * (conditional - unconditional)
    for token, parent in enumerate(request.parent_ids or []):
        if parent >= 0:
            logits[token, parent] += request.bias_strength
    return logits


def draw(gpt: Gpt, request: DrawRequest, tokens: int | None = None) -> list[int]:
    """The ids of a picture, or only its first `tokens`."""
    n = gpt.config.image_tokens
    count = n if tokens is None else tokens
    noise = uniforms(request.seed, request.picture, range(count))
    ids: list[int] = []
    for token in range(count):
        logits = forced_logits(gpt, request, ids + [0] * (n - token))[token]
        ids.append(choose(logits, request.top_k, request.temperature, float(noise[token])))
    return ids


def agreement(gpt: Gpt, request: DrawRequest, ids: list[int]) -> float:
    """The share of `ids` that PyTorch draws too, with the same noise and given the ids before each."""
    noise = uniforms(request.seed, request.picture, range(len(ids)))
    drawn = [
        choose(logits, request.top_k, request.temperature, float(u))
        for logits, u in zip(forced_logits(gpt, request, ids), noise, strict=True)
    ]
    return float(np.mean(np.array(drawn) == np.array(ids)))


def margins(gpt: Gpt, request: DrawRequest, ids: list[int]) -> np.ndarray:
    """How far the best guided logit lies above the second at each place of `ids`: small ones are easily tipped."""
    best = forced_logits(gpt, request, ids).topk(2).values
    return (best[:, 0] - best[:, 1]).numpy()
