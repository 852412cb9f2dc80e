"""Training aid: codes that have a digit in common learn together.

Each of the GPT's two tables of codes is trained as its own rows plus the sum of one vector a digit of the code (finite scalar
quantisation, autoencoder.py), so that a code that few pictures have is not learned alone. What is saved to be used is the sum.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils import parametrize

from .autoencoder import Fsq
from .gpt import Gpt

TABLES = ("image_embedding", "head")


class SharedDigits(nn.Module):
    """Rows (V or more, D) -> rows plus what their digits share; rows after the V codes stay as they are."""

    def __init__(self, fsq: Fsq, width: int):
        super().__init__()
        self.register_buffer("digits", digits_of(fsq), persistent=False)  # (V, digits)
        self.shared = nn.Parameter(torch.zeros(int(fsq.levels.sum()), width))

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return add_shared(rows, self.digits, self.shared)


def digits_of(fsq: Fsq) -> torch.Tensor:
    """(V, digits): which of all digits' vectors each code has."""
    levels, radix = fsq.levels.cpu(), fsq.radix.cpu()
    ids = torch.arange(int(levels.prod()))[:, None]
    return ids // radix % levels + torch.cat([torch.zeros(1, dtype=torch.long), levels.cumsum(0)[:-1]])


def add_shared(rows: torch.Tensor, digits: torch.Tensor, shared: torch.Tensor) -> torch.Tensor:
    return rows + F.pad(F.embedding_bag(digits, shared, mode="sum"), (0, 0, 0, rows.shape[0] - digits.shape[0]))


def share_digits(gpt: Gpt, fsq: Fsq) -> None:
    """Begins with nothing shared: what the model computes stays as it is."""
    for name in TABLES:
        shared = SharedDigits(fsq, gpt.config.width).to(gpt.cos.device)
        parametrize.register_parametrization(getattr(gpt, name), "weight", shared)


def plain_weights(weights: dict[str, torch.Tensor], fsq: Fsq) -> dict[str, torch.Tensor]:
    """The state of a GPT that shares digits -> that of one which does not and computes the same."""
    plain = {key: tensor for key, tensor in weights.items() if ".parametrizations." not in key}
    for name in TABLES:
        inner = f"{name}.parametrizations.weight"
        rows, shared = weights[f"{inner}.original"], weights[f"{inner}.0.shared"]
        plain[f"{name}.weight"] = add_shared(rows, digits_of(fsq).to(rows.device), shared)
    return plain
