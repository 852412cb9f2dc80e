"""Scenes as image tokens, made on the fly: an object's codes are the same wherever it stands (see autoencoder.py), so that each
icon is encoded once and scenes are put together from codes. What mixes pixels (backgrounds, one thing on another) is painted."""

from pathlib import Path

import numpy as np
import torch

from .autoencoder import Autoencoder, AutoencoderConfig
from .scenes import Composer, Placed, Scene


def load_tokenizer(path: Path, device: torch.device | str = "cpu") -> Autoencoder:
    """The averaged weights of a tokenizer's checkpoint."""
    saved = torch.load(path, map_location=device, weights_only=True)
    config = {k: tuple(v) if isinstance(v, list) else v for k, v in saved["config"].items()}
    model = Autoencoder(AutoencoderConfig(**config))
    model.load_state_dict({key: tensor.float() for key, tensor in saved["model"].items()})
    return model.to(device, memory_format=torch.channels_last).eval()


@torch.no_grad()
def encode(model: Autoencoder, pictures: np.ndarray, batch: int = 32) -> np.ndarray:
    """(N, height, width, 4) uint8 -> ids (N, R, C) int64. Always in fp32: a rounding of the code decides the id."""
    rows, columns = (side // model.config.stride for side in pictures.shape[1:3])
    ids = []
    for at in range(0, len(pictures), batch):
        pixels = torch.from_numpy(pictures[at : at + batch]).permute(0, 3, 1, 2).float() / 255
        pixels = pixels.to(next(model.parameters()).device, memory_format=torch.channels_last)
        ids.append(model.to_ids(pixels).cpu().numpy().reshape(-1, rows, columns))
    return np.concatenate(ids)


class TokenPainter:
    """Scene -> ids (R, C), by the codes of its icons where that is exact enough, else by painting and encoding."""

    def __init__(self, composer: Composer, model: Autoencoder):
        self.composer, self.model = composer, model
        self.stride, self.grid = model.config.stride, model.config.grid
        side = 3 * self.stride
        self.empty = int(encode(model, np.zeros((1, side, side, 4), np.uint8))[0, 1, 1])
        self._codes: dict[tuple, np.ndarray] = {}

    def paint(self, scene: Scene) -> np.ndarray:
        if scene.background is not None or scene.relation == "on":
            return encode(self.model, self.composer.paint(scene)[None])[0]
        reach = self.model.config.encoder_reach
        # A margin of one ring, cut off at the end: an object at the edge has its ring outside the picture.
        ids = np.full((self.grid + 2 * reach,) * 2, self.empty, np.int64)
        scale = self.composer.scale
        stamps = [(p.y * scale // self.stride, p.x * scale // self.stride, self.codes(p)) for p in scene.placed]
        for y, x, codes in stamps:  # first what the objects change around them, then the objects
            area = ids[y : y + codes.shape[0], x : x + codes.shape[1]]
            area[area == self.empty] = codes[area == self.empty]
        for y, x, codes in stamps:
            inner = codes[reach:-reach, reach:-reach] if reach else codes
            ids[y + reach : y + reach + inner.shape[0], x + reach : x + reach + inner.shape[1]] = inner
        return ids[reach:-reach, reach:-reach] if reach else ids

    def codes(self, placed: Placed) -> np.ndarray:
        """The ids of an object and of the ring around it."""
        scale = self.composer.scale
        size, at_y, at_x = placed.size * scale, placed.y * scale % self.stride, placed.x * scale % self.stride
        key = (placed.object, placed.style, placed.colour, placed.size, at_y, at_x)
        if key not in self._codes:
            margin = self.model.config.encoder_reach * self.stride
            patches = [-(-(at + size) // self.stride) for at in (at_y, at_x)]
            canvas = np.zeros((*(n * self.stride + 2 * margin for n in patches), 4), np.uint8)
            icon = self.composer.painted(placed.object, placed.style, placed.colour, placed.size)
            y, x = margin + at_y, margin + at_x
            canvas[y : y + size, x : x + size] = icon
            self._codes[key] = encode(self.model, canvas[None])[0].astype(np.uint16)
        return self._codes[key].astype(np.int64)
