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
def guided_logits(gpt: Gpt, request: DrawRequest, ids: list[int]) -> torch.Tensor:
    """Logits (V) of the token after `ids`, with guidance and bias."""
    c, token = gpt.config, len(ids)
    picture = torch.tensor([ids + [0] * (c.image_tokens - token)])
    last = []
    for caption in (request.caption_ids, request.unwanted_ids):
        caption_ids = torch.tensor([caption])
        last.append(gpt(caption_ids, torch.ones_like(caption_ids, dtype=torch.float32), picture)[0, token])
    conditional, unconditional = last
    logits = unconditional + request.guidance_at(token // c.columns) * (conditional - unconditional)
    if request.parent_ids is not None and request.parent_ids[token] >= 0:
        logits = logits.index_add(0, torch.tensor([request.parent_ids[token]]), torch.tensor([request.bias_strength]))
    return logits


def draw(gpt: Gpt, request: DrawRequest, tokens: int | None = None) -> list[int]:
    """The ids of a picture, or only its first `tokens`."""
    count = gpt.config.image_tokens if tokens is None else tokens
    noise = uniforms(request.seed, request.picture, range(count))
    ids: list[int] = []
    for token in range(count):
        ids.append(choose(guided_logits(gpt, request, ids), request.top_k, request.temperature, float(noise[token])))
    return ids


def margins(gpt: Gpt, request: DrawRequest, ids: list[int]) -> np.ndarray:
    """How far the best guided logit lies above the second at each place of `ids`: small ones are easily tipped."""
    result = []
    for token in range(len(ids)):
        first, second = guided_logits(gpt, request, ids[:token]).topk(2).values
        result.append(float(first - second))
    return np.array(result)
