"""The picture tokenizer: a convolutional autoencoder with finite scalar quantisation (FSQ, arXiv 2309.15505).

Pictures are RGBA with the colour premultiplied by alpha, 0..1, (B, 4, height, width); ids are (B, R*C).
"""

import math
from dataclasses import asdict, dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclass(frozen=True)
class AutoencoderConfig:
    picture_px: int = 128
    levels: tuple[int, ...] = (7, 5, 5, 5, 5)
    encoder_width: int = 256  # the encoder works on patches, at the resolution of the tokens
    encoder_blocks: int = 2
    decoder_widths: tuple[int, ...] = (32, 64, 128, 160)  # at 1/2, 1/4, 1/8 and 1/16 of the picture
    decoder_blocks: tuple[int, ...] = (1, 2, 2, 3)
    preview_px: int = 64
    encoder_reach: int = 1  # how many patches around its own a code may depend on

    @property
    def stride(self) -> int:
        return 2 ** len(self.decoder_widths)

    @property
    def grid(self) -> int:
        return self.picture_px // self.stride

    @property
    def codebook(self) -> int:
        return math.prod(self.levels)

    def to_dict(self) -> dict:
        return asdict(self)


class Fsq(nn.Module):
    """Each channel is squashed into [-1, 1] and rounded to one of its few levels; ids count in mixed radix, first channel fastest."""

    def __init__(self, levels: tuple[int, ...]):
        super().__init__()
        self.register_buffer("levels", torch.tensor(levels), persistent=False)
        radix = torch.cat([torch.ones(1, dtype=torch.long), torch.tensor(levels[:-1]).cumprod(0)])
        self.register_buffer("radix", radix, persistent=False)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """(B, digits, h, w) -> the same, quantised to [-1, 1]; gradients pass straight through."""
        steps = (self.levels - 1).view(1, -1, 1, 1).to(z.dtype)
        unit = (torch.tanh(z) + 1) / 2 * steps
        return (unit + (unit.round() - unit).detach()) / steps * 2 - 1

    def to_ids(self, quantised: torch.Tensor) -> torch.Tensor:
        """(B, digits, h, w) in [-1, 1] -> (B, h*w)."""
        steps = (self.levels - 1).view(1, -1, 1, 1)
        digits = ((quantised + 1) / 2 * steps).round().long()
        return (digits * self.radix.view(1, -1, 1, 1)).sum(1).flatten(1)

    def codes(self) -> torch.Tensor:
        """The whole codebook, (V, digits) in [-1, 1]."""
        ids = torch.arange(int(self.levels.prod()))
        digits = (ids[:, None] // self.radix.cpu()) % self.levels.cpu()
        return digits / (self.levels.cpu() - 1) * 2 - 1


class ChannelNorm(nn.Module):
    """Root-mean-square normalisation over the channels of each place. Norms over space (GroupNorm) hide a picture's mean colour:
    with them the first tokenizer had learned shapes and no colours after 14,000 pictures."""

    def __init__(self, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * torch.rsqrt(x.pow(2).mean(1, keepdim=True) + 1e-6) * self.weight.view(1, -1, 1, 1)


class ResidualBlock(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.body = nn.Sequential(
            ChannelNorm(width), nn.SiLU(), nn.Conv2d(width, width, 3, padding=1),
            ChannelNorm(width), nn.SiLU(), nn.Conv2d(width, width, 3, padding=1),
        )  # fmt: skip

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.body(x)


class PatchBlock(nn.Module):
    """A residual block of patches. With `reach` 1 it also reads the eight patches around each and loses the outermost ring."""

    def __init__(self, width: int, reach: int):
        super().__init__()
        self.reach = reach
        self.body = nn.Sequential(
            ChannelNorm(width), nn.SiLU(), nn.Conv2d(width, width, 2 * reach + 1), ChannelNorm(width), nn.SiLU(), nn.Conv2d(width, width, 1),
        )  # fmt: skip

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        r = self.reach
        return self.body(x) + (x[..., r:-r, r:-r] if r else x)


class Autoencoder(nn.Module):
    def __init__(self, config: AutoencoderConfig):
        super().__init__()
        self.config = config
        width, widths, digits = config.encoder_width, config.decoder_widths, len(config.levels)
        # A code depends on its patch and the `encoder_reach` around it, and the picture's edge is like empty space: an object has
        # the same codes wherever it stands (at multiples of the stride), so that the transformer learns it once.
        self.encoder = nn.Sequential(
            nn.PixelUnshuffle(config.stride),
            nn.Conv2d(4 * config.stride**2, width, 1),
            *[PatchBlock(width, int(i < config.encoder_reach)) for i in range(config.encoder_blocks)],
            ChannelNorm(width),
            nn.SiLU(),
            nn.Conv2d(width, digits, 1),
        )
        self.fsq = Fsq(config.levels)
        decoder: list[nn.Module] = [nn.Conv2d(digits, widths[-1], 3, padding=1)]
        for i in reversed(range(len(widths))):
            decoder += [ResidualBlock(widths[i]) for _ in range(config.decoder_blocks[i])]
            out = widths[i - 1] if i > 0 else 4
            decoder += [nn.Conv2d(widths[i], 4 * out, 3, padding=1), nn.PixelShuffle(2)]
        self.decoder = nn.Sequential(*decoder)
        patch = config.preview_px // config.grid
        self.preview_decoder = nn.Sequential(
            nn.Conv2d(digits, 64, 3, padding=1), nn.SiLU(), nn.Conv2d(64, 4 * patch * patch, 1), nn.PixelShuffle(patch)
        )

    def encode(self, pixels: torch.Tensor) -> torch.Tensor:
        """(B, 4, height, width) -> quantised (B, digits, R, C)."""
        margin = self.config.stride * self.config.encoder_reach
        return self.fsq(self.encoder(F.pad(pixels * 2 - 1, (margin,) * 4, value=-1.0)).float())

    def decode(self, quantised: torch.Tensor) -> torch.Tensor:
        """(B, digits, R, C) -> pixels, not yet clamped to 0..1 (training wants the gradient beyond)."""
        return self.decoder(quantised) * 0.5 + 0.5

    def preview(self, quantised: torch.Tensor) -> torch.Tensor:
        """(B, digits, R, C) -> small pixels (B, 4, h, w), not yet clamped."""
        return self.preview_decoder(quantised) * 0.5 + 0.5

    def to_ids(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.fsq.to_ids(self.encode(pixels))

    def from_ids(self, ids: torch.Tensor) -> torch.Tensor:
        """(B, R*C) -> quantised (B, digits, R, C)."""
        grid = self.config.grid
        codes = F.embedding(ids, self.fsq.codes().to(ids.device))
        return codes.view(ids.shape[0], grid, grid, -1).permute(0, 3, 1, 2)
