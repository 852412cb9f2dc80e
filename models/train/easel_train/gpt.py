"""The GPT: caption tokens in (both directions), image tokens out (one after another).

Letters: B batch, T caption tokens, N image tokens (R rows x C columns), S = T + N, D width, H heads, E head width,
V image codebook, W caption vocabulary.
"""

import math
from dataclasses import asdict, dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F

HIDDEN = -1e9  # added to the score of a position that may not be seen


@dataclass(frozen=True)
class GptConfig:
    layers: int = 6
    width: int = 256
    heads: int = 8
    hidden: int = 672
    caption_vocabulary: int = 8192
    caption_tokens: int = 48
    codebook: int = 4375
    rows: int = 8
    columns: int = 8

    @property
    def head_width(self) -> int:
        return self.width // self.heads

    @property
    def image_tokens(self) -> int:
        return self.rows * self.columns

    def to_dict(self) -> dict:
        return asdict(self)


def rotary_tables(config: GptConfig) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosines and sines of the 2-D rotary positions, each (N, E/2): the first half of the angles turn with the row, the
    second half with the column. Caption positions are not turned at all (the identity)."""
    quarter = config.head_width // 4
    frequencies = 1.0 / (100.0 ** (torch.arange(quarter) / quarter))
    row = torch.arange(config.rows).repeat_interleave(config.columns)
    column = torch.arange(config.columns).repeat(config.rows)
    angles = torch.cat([row[:, None] * frequencies, column[:, None] * frequencies], dim=1)  # (N, E/2)
    return angles.cos(), angles.sin()


def rotate(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    """Turns the pairs (x[i], x[i + E/2]) of `x` (..., N, E) by the angles of its position."""
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)


def attend(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Attention of (B, H, S, E) under an additive mask. On a CPU plain products are faster here than the fused kernel, whose
    backward pass took 29 % of a training step (measured)."""
    if q.device.type == "cuda":
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask.to(q.dtype))
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    return (scores + mask).softmax(-1).to(v.dtype) @ v


class RmsNorm(nn.Module):
    """Root-mean-square normalisation over the last axis, eps 1e-6."""

    def __init__(self, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.rms_norm(x, (x.shape[-1],), self.weight, 1e-6)


class Block(nn.Module):
    """Pre-norm attention with normalised queries and keys, then SwiGLU."""

    def __init__(self, config: GptConfig):
        super().__init__()
        self.heads, self.head_width = config.heads, config.head_width
        self.norm1 = RmsNorm(config.width)
        self.qkv = nn.Linear(config.width, 3 * config.width, bias=False)
        self.q_norm, self.k_norm = RmsNorm(config.head_width), RmsNorm(config.head_width)
        self.out = nn.Linear(config.width, config.width, bias=False)
        self.norm2 = RmsNorm(config.width)
        self.gate_up = nn.Linear(config.width, 2 * config.hidden, bias=False)
        self.down = nn.Linear(config.hidden, config.width, bias=False)

    def project(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Queries, keys (both normalised, not yet rotated) and values, each (B, H, S, E)."""
        b, s, d = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(b, s, 3, self.heads, self.head_width).permute(2, 0, 3, 1, 4)
        return self.q_norm(q), self.k_norm(k), v

    def finish(self, x: torch.Tensor, attended: torch.Tensor) -> torch.Tensor:
        """The rest of the block after attention; `attended` is (B, H, S, E)."""
        b, _, s, _ = attended.shape
        x = x + self.out(attended.transpose(1, 2).reshape(b, s, -1))
        gate, up = self.gate_up(self.norm2(x)).chunk(2, dim=-1)
        return x + self.down(F.silu(gate) * up)


class Gpt(nn.Module):
    def __init__(self, config: GptConfig, codes: torch.Tensor | None = None):
        """`codes` (V, digits): the codebook's vectors. Near codes look alike, so tables start from them."""
        super().__init__()
        self.config = config
        c = config
        self.caption_embedding = nn.Embedding(c.caption_vocabulary, c.width)
        self.caption_position = nn.Parameter(torch.randn(c.caption_tokens, c.width) * 0.02)
        self.image_embedding = nn.Embedding(c.codebook + 1, c.width)  # the last one begins a picture
        self.image_position = nn.Parameter(torch.randn(c.image_tokens, c.width) * 0.02)
        self.blocks = nn.ModuleList(Block(c) for _ in range(c.layers))
        self.norm = RmsNorm(c.width)
        self.head = nn.Linear(c.width, c.codebook, bias=False)
        cos, sin = rotary_tables(c)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        self.apply(self._initialise)
        for block in self.blocks:
            for linear in (block.out, block.down):
                nn.init.normal_(linear.weight, std=0.02 / math.sqrt(2 * c.layers))
        if codes is not None:
            self._start_from_codes(codes)

    @staticmethod
    def _initialise(module: nn.Module) -> None:
        if isinstance(module, (nn.Linear, nn.Embedding)):
            nn.init.normal_(module.weight, std=0.02)

    @torch.no_grad()
    def _start_from_codes(self, codes: torch.Tensor) -> None:
        features = torch.cat([codes, codes**2, torch.sin(3 * codes), torch.cos(3 * codes)], dim=1)
        features = (features - features.mean(0)) / (features.std(0) + 1e-6)
        for table in (self.image_embedding.weight, self.head.weight):
            mix = torch.randn(features.shape[1], self.config.width) * 0.02 / math.sqrt(features.shape[1])
            table[: codes.shape[0]] = features @ mix + 0.5 * table[: codes.shape[0]]

    def attention_mask(self, caption_mask: torch.Tensor) -> torch.Tensor:
        """(B, T) ones and zeros -> (B, 1, S, S) additive: captions see captions, pictures see both and only backwards."""
        b, t = caption_mask.shape
        n = self.config.image_tokens
        seen = torch.zeros(b, t + n, t + n, dtype=torch.bool, device=caption_mask.device)
        seen[:, :, :t] = caption_mask[:, None, :] > 0
        seen[:, t:, t:] = torch.ones(n, n, dtype=torch.bool, device=caption_mask.device).tril()
        return torch.where(seen, 0.0, HIDDEN)[:, None]

    def forward(self, caption_ids: torch.Tensor, caption_mask: torch.Tensor, image_ids: torch.Tensor) -> torch.Tensor:
        """Logits (B, N, V) of every image token; `caption_ids` (B, T) may be shorter than `caption_tokens`."""
        t = caption_ids.shape[1]
        begin = torch.full_like(image_ids[:, :1], self.config.codebook)
        shifted = torch.cat([begin, image_ids[:, :-1]], dim=1)  # (B, N): slot i takes the token before it
        caption = self.caption_embedding(caption_ids) + self.caption_position[:t]
        picture = self.image_embedding(shifted) + self.image_position
        x = torch.cat([caption, picture], dim=1)  # (B, S, D)
        mask = self.attention_mask(caption_mask)
        cos = F.pad(self.cos, (0, 0, t, 0), value=1.0)  # (S, E/2): the identity on the caption
        sin = F.pad(self.sin, (0, 0, t, 0), value=0.0)
        for block in self.blocks:
            q, k, v = block.project(x)
            x = block.finish(x, attend(rotate(q, cos, sin), rotate(k, cos, sin), v, mask))
        return self.head(self.norm(x[:, t:]))

    def loss(self, caption_ids, caption_mask, image_ids, reduction: str = "mean") -> torch.Tensor:
        """Cross-entropy of the image tokens, nats a token."""
        logits = self(caption_ids, caption_mask, image_ids)
        return F.cross_entropy(logits.flatten(0, 1), image_ids.flatten(), reduction=reduction)
