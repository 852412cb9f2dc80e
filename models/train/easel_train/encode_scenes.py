"""Turns scenes into image tokens, once: `python -m easel_train.encode_scenes --work DIR --scenes 60000`.

Chunks of 2048 appear one by one in `work/tokens`, so that the GPT's training can begin while the rest is being made.
"""

import argparse
import pickle
from pathlib import Path

import numpy as np
import torch

from .autoencoder import Autoencoder, AutoencoderConfig
from .icons import load_icons
from .scenes import Composer
from .training import start_machine

CHUNK = 2048


def load_tokenizer(path: Path, device: torch.device | str = "cpu") -> Autoencoder:
    """The averaged weights of a tokenizer's checkpoint."""
    saved = torch.load(path, map_location=device, weights_only=True)
    config = {k: tuple(v) if isinstance(v, list) else v for k, v in saved["config"].items()}
    model = Autoencoder(AutoencoderConfig(**config))
    model.load_state_dict(saved["model"])
    return model.to(device, memory_format=torch.channels_last).eval()


@torch.no_grad()
def encode(model: Autoencoder, pictures: np.ndarray, batch: int = 32) -> np.ndarray:
    """(N, height, width, 4) uint8 -> ids (N, R*C) uint16. Always in fp32: a rounding of the code decides the id."""
    ids = []
    for at in range(0, len(pictures), batch):
        pixels = torch.from_numpy(pictures[at : at + batch]).permute(0, 3, 1, 2).float() / 255
        pixels = pixels.to(next(model.parameters()).device, memory_format=torch.channels_last)
        ids.append(model.to_ids(pixels).cpu().numpy().astype(np.uint16))
    return np.concatenate(ids)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--scenes", type=int, required=True)
    args = parser.parse_args()
    machine = start_machine(seed=7)
    model = load_tokenizer(args.work / "tokenizer" / "checkpoint.pt", machine.device)
    objects, icons = load_icons(args.work)
    folder = args.work / "tokens"
    folder.mkdir(exist_ok=True)
    for number in range(machine.rank, -(-args.scenes // CHUNK), machine.world):
        path = folder / f"{number:05d}.pkl"
        if path.exists():
            continue
        composer = Composer(objects, icons, seed=70_000 + number)
        scenes = [composer.scene() for _ in range(CHUNK)]
        ids = np.concatenate(
            [encode(model, np.stack([composer.paint(s) for s in scenes[at : at + 256]])) for at in range(0, CHUNK, 256)]
        )
        path.with_suffix(".tmp").write_bytes(pickle.dumps({"scenes": scenes, "ids": ids}))
        path.with_suffix(".tmp").replace(path)
        print(path, flush=True)


if __name__ == "__main__":
    main()
