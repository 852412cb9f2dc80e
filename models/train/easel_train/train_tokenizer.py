"""Trains the picture tokenizer: `python -m easel_train.train_tokenizer --work DIR --minutes 40` (resumes by itself)."""

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader, IterableDataset, get_worker_info
from torch.utils.flop_counter import FlopCounterMode

from .autoencoder import Autoencoder, AutoencoderConfig
from .icons import load_extra, load_icons
from .scenes import PICTURE_PX, Composer
from .throughput import Throughput
from .training import MovingAverage, Run, Threads, learning_rate, make_optimizer, read_config, start_machine

EXTRA_SHARE, SINGLE_SHARE = 0.25, 0.3


class ScenePixels(IterableDataset):
    """Endless scenes, single icons, and emoji outside the object list, as (4, height, width) uint8."""

    def __init__(self, work: Path, seed: int, scale: int):
        self.work, self.seed, self.scale = work, seed, scale

    def __iter__(self) -> Iterator[torch.Tensor]:
        worker = get_worker_info()
        composer = Composer(*load_icons(self.work, self.scale), seed=self.seed + (worker.id if worker else 0))
        extra, rng = load_extra(self.work, False, self.scale), composer.rng
        icons = [sizes[128] for sizes in composer.icons.values()]
        while True:
            chance = rng.random()
            if chance < EXTRA_SHARE:
                pixels = extra[rng.integers(len(extra))]
            elif chance < EXTRA_SHARE + SINGLE_SHARE:
                pixels = icons[rng.integers(len(icons))]
            else:
                pixels = composer.paint(composer.scene())
            yield torch.from_numpy(pixels).permute(2, 0, 1)


def structure(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """1 - SSIM of two batches (B, 4, h, w), mean over three scales; flat windows of 8 pixels, every second place (a third of
    the whole step's time with windows at every place, measured)."""
    losses = []
    x, y = x.contiguous(), y.contiguous()
    for _ in range(3):
        mx, my, mxx, myy, mxy = F.avg_pool2d(torch.cat([x, y, x * x, y * y, x * y], 1), 8, 2).chunk(5, 1)
        vx, vy, vxy = mxx - mx * mx, myy - my * my, mxy - mx * my
        ssim = (2 * mx * my + 1e-4) * (2 * vxy + 9e-4) / ((mx * mx + my * my + 1e-4) * (vx + vy + 9e-4))
        losses.append(1 - ssim.mean())
        x, y = F.avg_pool2d(x, 2), F.avg_pool2d(y, 2)
    return torch.stack(losses).mean()


def edges(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """L1 between the differences of neighbouring pixels."""
    across = ((x[..., 1:] - x[..., :-1]) - (y[..., 1:] - y[..., :-1])).abs().mean()
    return across + ((x[..., 1:, :] - x[..., :-1, :]) - (y[..., 1:, :] - y[..., :-1, :])).abs().mean()


def on_white(pixels: torch.Tensor) -> torch.Tensor:
    """Premultiplied (B, 4, h, w) -> what one sees on white paper, (B, 3, h, w)."""
    return pixels[:, :3] + 1 - pixels[:, 3:]


@torch.no_grad()
def held_out_psnr(model: Autoencoder, icons: np.ndarray) -> float:
    """PSNR in dB of icons (N, h, w, 4): RGB on white, inside the box of what is opaque and 8 pixels around it, mean over icons."""
    device = next(model.parameters()).device
    decoded = []
    for at in range(0, len(icons), 32):
        pixels = torch.from_numpy(icons[at : at + 32]).permute(0, 3, 1, 2).float().to(device) / 255
        decoded.append(model.decode(model.encode(pixels)).clamp(0, 1).cpu())
    return psnr(torch.cat(decoded), icons)


def psnr(decoded: torch.Tensor, icons: np.ndarray) -> float:
    """As `held_out_psnr`, of pictures (N, 4, h, w) in 0..1 that were decoded already."""
    pixels = torch.from_numpy(icons).permute(0, 3, 1, 2).float() / 255
    decoded = torch.cat([torch.minimum(decoded[:, :3], decoded[:, 3:]), decoded[:, 3:]], 1)
    errors = ((on_white(decoded) - on_white(pixels)) ** 2).mean(1).numpy()
    values = [-10 * np.log10(error[alpha_box(icon)].mean() + 1e-12) for error, icon in zip(errors, icons, strict=True)]
    return float(np.mean(values))


def alpha_box(icon: np.ndarray, margin: int = 8) -> tuple[slice, slice]:
    """The box of an icon's (h, w, 4) opaque pixels, padded."""
    ys, xs = np.nonzero(icon[..., 3])
    return (
        slice(max(0, int(ys.min()) - margin), int(ys.max()) + 1 + margin),
        slice(max(0, int(xs.min()) - margin), int(xs.max()) + 1 + margin),
    )


def start_from(model: Autoencoder, weights: dict[str, torch.Tensor]) -> None:
    """Loads another tokenizer's weights; a kernel that is smaller here takes the middle of the larger one."""
    state = model.state_dict()
    for key, value in state.items():
        given = weights.get(key)
        if given is None:
            continue
        if given.ndim == 4 and given.shape[:2] == value.shape[:2] and given.shape != value.shape:
            spare = (given.shape[-1] - value.shape[-1]) // 2
            given = given[..., spare : given.shape[-1] - spare, spare : given.shape[-1] - spare]
        if given.shape == value.shape:
            state[key] = given.float()
    model.load_state_dict(state)


def losses(model: Autoencoder, pixels: torch.Tensor, squares: float = 8) -> tuple[torch.Tensor, dict[str, float]]:
    """The training loss and its parts for pixels (B, 4, height, width) in 0..1."""
    quantised = model.encode(pixels)
    decoded, small = model.decode(quantised).float(), model.preview(quantised.detach()).float()
    scale = model.config.picture_px // model.config.preview_px
    l1 = (decoded - pixels).abs().mean()
    shape, edge = structure(decoded, pixels), edges(decoded, pixels)
    preview = (small - F.avg_pool2d(pixels, scale)).abs().mean()
    mse = ((on_white(decoded) - on_white(pixels)) ** 2).mean()
    # Mean colours of 8 x 8 pixels: their squares pull from afar, where L1 and SSIM leave colour for late.
    colour = ((F.avg_pool2d(decoded, 8) - F.avg_pool2d(pixels, 8)) ** 2).mean()
    total = l1 + squares * mse + 4 * colour + 0.25 * shape + 0.3 * edge + preview
    clamped = ((decoded.detach().clamp(0, 1) - pixels) ** 2).mean()
    return total, {
        "l1": l1.item(),
        "ssim": 1 - shape.item(),
        "psnr": -10 * clamped.log10().item(),
        "preview": preview.item(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument(
        "--from", dest="start", type=Path, help="a checkpoint to begin from (a run of its own, with a new warm-up)"
    )
    parser.add_argument("--config", default="{}", help="JSON with fields of AutoencoderConfig, or a file of them")
    parser.add_argument(
        "--squares", type=float, default=8, help="weight of squared errors: more gives more dB and softer edges"
    )
    parser.add_argument("--name", default="tokenizer", help="the run's folder in --work")
    parser.add_argument(
        "--decoder-of", type=Path, help="a checkpoint whose codes stay as they are: only its decoders go on training"
    )
    parser.add_argument(
        "--log-steps", type=int, default=100, help="a line of the log every so many; held-out figures every fifth time"
    )
    args = parser.parse_args()
    machine = start_machine(seed=1)
    config = AutoencoderConfig(**read_config(args.config, "tokenizer"))
    config = replace(config, **{k: tuple(v) for k, v in config.to_dict().items() if isinstance(v, list)})
    scale = config.picture_px // PICTURE_PX
    model = Autoencoder(config).to(machine.device, memory_format=torch.channels_last)
    if args.start is not None:
        start_from(model, torch.load(args.start, map_location="cpu", weights_only=True)["model"])
    if args.decoder_of is not None:
        model.load_state_dict(torch.load(args.decoder_of, map_location=machine.device, weights_only=True)["model"])
        model.encoder.requires_grad_(False)
    average, optimizer = MovingAverage(model), make_optimizer(model, args.rate, weight_decay=0.0)
    run = Run(args.work / args.name, args.minutes, machine)
    run.resume(model, average, optimizer)
    load_icons(args.work, scale)  # rasterised here, once: the loader's process may not start others
    loader = DataLoader(ScenePixels(args.work, 1000 * (run.step + 1) + machine.rank, scale), args.batch, num_workers=1)
    held_out, threads = load_extra(args.work, True, scale)[::3], Threads(machine)
    throughput, flops = Throughput(machine), step_flops(model, args.batch)
    sums: dict[str, float] = {}
    summed = 0
    for pixels in loader:
        progress = run.progress()
        if progress >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(progress, args.rate)
        pixels = (pixels.to(machine.device).float() / 255).contiguous(memory_format=torch.channels_last)
        with machine.autocast():
            loss, parts = losses(model, pixels, args.squares)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        average_gradients(model, machine.world)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        average.update(model)
        run.step += 1
        threads.tick()
        throughput.seen(args.batch, flops)
        sums = {k: sums.get(k, 0) + v for k, v in parts.items()}
        summed += 1
        if run.step % args.log_steps == 0:
            run.log(
                **{k: v / summed for k, v in sums.items()},
                pictures=run.step * args.batch * machine.world,
                **throughput.figures(),
            )
            sums, summed = {}, 0
        if run.step % (5 * args.log_steps) == 0 and machine.is_first:
            run.log(psnr_held_out=held_out_psnr(averaged(model, average), held_out))
        run.save(model, average, optimizer, config.to_dict(), every_seconds=120)
    run.save(model, average, optimizer, config.to_dict())


def step_flops(model: Autoencoder, batch: int) -> float:
    """Floating-point operations of a training step a picture, counted on one step."""
    side = model.config.picture_px
    pixels = torch.rand(batch, 4, side, side, device=next(model.parameters()).device)
    with FlopCounterMode(display=False) as counter:
        losses(model, pixels)[0].backward()
    model.zero_grad(set_to_none=True)
    return counter.get_total_flops() / batch


def averaged(model: Autoencoder, average: MovingAverage) -> Autoencoder:
    copy = Autoencoder(model.config)
    copy.load_state_dict(average.weights)
    return copy.eval()


def average_gradients(model: torch.nn.Module, world: int) -> None:
    """Averages gradients over processes (the loss calls parts of the model, which DDP does not see)."""
    if world > 1:
        for parameter in model.parameters():
            if parameter.grad is not None:
                torch.distributed.all_reduce(parameter.grad, torch.distributed.ReduceOp.SUM)
                parameter.grad /= world


if __name__ == "__main__":
    main()
