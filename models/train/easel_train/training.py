"""What both trainings share: devices and processes (`torchrun`), the schedule, the moving average, checkpoints, the log."""

import json
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.distributed as dist
import torch.nn as nn

Weights = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Machine:
    """This process's place: under `torchrun` one of several, each with a GPU of its own where there are GPUs."""

    device: torch.device
    rank: int
    world: int

    @property
    def is_first(self) -> bool:
        return self.rank == 0

    def wrap(self, model: nn.Module) -> nn.Module:
        if self.world == 1:
            return model
        ids = [self.device.index] if self.device.type == "cuda" else None
        return nn.parallel.DistributedDataParallel(model, device_ids=ids)

    def autocast(self) -> torch.autocast:
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=bfloat16_pays(self.device))

    def agree(self, value: float) -> float:
        """The first process's `value` on all of them (clocks differ; a schedule must not)."""
        if self.world == 1:
            return value
        tensor = torch.tensor([value], device=self.device)
        dist.broadcast(tensor, 0)
        return float(tensor)


def bfloat16_pays(device: torch.device) -> bool:
    """bfloat16 is faster on GPUs, and on CPUs with instructions for it (measured: 1.8 times); elsewhere it is slower."""
    if device.type == "cuda":
        return True
    capabilities = getattr(torch.backends.cpu, "get_cpu_capability", lambda: "")()
    return "AVX512" in capabilities and "avx512_bf16" in cpu_flags()


def cpu_flags() -> str:
    try:
        return Path("/proc/cpuinfo").read_text()
    except OSError:
        return ""


def start_machine(seed: int) -> Machine:
    """Joins the other processes if `torchrun` started this one, and seeds it."""
    world, rank = int(os.environ.get("WORLD_SIZE", 1)), int(os.environ.get("RANK", 0))
    local = int(os.environ.get("LOCAL_RANK", 0))
    device = torch.device("cuda", local) if torch.cuda.is_available() else torch.device("cpu")
    if device.type == "cuda":
        torch.cuda.set_device(device)
        torch.backends.cuda.matmul.allow_tf32 = True
    if world > 1:
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    torch.manual_seed(seed + rank)
    return Machine(device, rank, world)


def read_config(given: str, part: str) -> dict:
    """Fields of a configuration: JSON itself, or a file that has them under `part`."""
    if not given.lstrip().startswith("{"):
        return json.loads(Path(given).read_text(encoding="utf-8"))[part]
    return json.loads(given)


def learning_rate(progress: float, peak: float, warm_up: float = 0.03) -> float:
    """Linear warm-up, then a cosine down to 1 % of the peak; `progress` is 0..1."""
    if progress < warm_up:
        return peak * max(progress, 1e-3) / warm_up
    return peak * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, (progress - warm_up) / (1 - warm_up)))))


class MovingAverage:
    """An exponential moving average of the weights; young averages forget faster, so that short runs are not held back."""

    def __init__(self, model: nn.Module, decay: float = 0.999):
        self.decay, self.steps = decay, 0
        self.weights = {k: v.detach().clone().float() for k, v in model.state_dict().items()}

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        for key, value in model.state_dict().items():
            self.weights[key].lerp_(value.float(), 1 - decay)


def make_optimizer(model: nn.Module, peak: float, weight_decay: float) -> torch.optim.AdamW:
    """AdamW; matrices decay, gains and biases do not."""
    trained = [p for p in model.parameters() if p.requires_grad]
    decayed, others = [p for p in trained if p.ndim >= 2], [p for p in trained if p.ndim < 2]
    groups = [{"params": decayed, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=peak, betas=(0.9, 0.95), fused=True)


class Threads:
    """Chooses between one thread and all while training: beside other busy programs two can be slower than one (measured: 3 times).

    Every `period` steps a few steps are timed with each; CPUs only.
    """

    def __init__(self, machine: Machine, period: int = 150, trial: int = 4):
        self.most = torch.get_num_threads()
        self.active = machine.device.type == "cpu" and machine.world == 1 and self.most > 1
        self.period, self.trial = period, trial
        self.step, self.best, self.times = 0, 1, {1: 0.0, self.most: 0.0}
        self._mark = time.monotonic()
        if self.active:
            torch.set_num_threads(1)

    def tick(self) -> None:
        """Call once a step."""
        now = time.monotonic()
        took, self._mark = now - self._mark, now
        if not self.active:
            return
        phase = self.step % self.period
        for turn, count in enumerate(self.times):
            begin = turn * (self.trial + 1)
            if phase == begin:
                torch.set_num_threads(count)
                self.times[count] = 0.0
            elif begin < phase <= begin + self.trial:
                self.times[count] += took
        if phase == 2 * (self.trial + 1):
            self.best = min(self.times, key=self.times.__getitem__)
            torch.set_num_threads(self.best)
        self.step += 1


class Run:
    """One training run on disk: `checkpoint.pt` (to resume), `log.jsonl`, and a clock that survives being stopped.

    The schedule counts seconds of training, not steps: a budget of minutes fits any machine.
    """

    def __init__(
        self,
        folder: Path,
        budget_minutes: float,
        machine: Machine,
        plain: Callable[[Weights], Weights] = lambda weights: weights,
    ):
        """`plain` makes the weights of a model to be used from those of one in training."""
        self.folder, self.machine, self.plain = folder, machine, plain
        self.budget_seconds = budget_minutes * 60
        self.elapsed_seconds, self.step, self.history = 0.0, 0, []
        self._mark = time.monotonic()
        self._saved = time.monotonic()
        folder.mkdir(parents=True, exist_ok=True)

    def progress(self) -> float:
        """0..1 of the budget; also moves the clock on. A pause of over 30 s (SIGSTOP) does not count."""
        now = time.monotonic()
        self.elapsed_seconds += min(now - self._mark, 30.0)
        self._mark = now
        return self.machine.agree(min(1.0, self.elapsed_seconds / self.budget_seconds))

    def resume(self, model: nn.Module, average: MovingAverage, optimizer: torch.optim.Optimizer) -> bool:
        path = self.folder / "checkpoint.pt"
        if not path.exists():
            return False
        saved = torch.load(path, map_location=self.machine.device, weights_only=True)
        model.load_state_dict(saved["live"])
        average.weights, average.steps = saved["average"], saved["average_steps"]
        optimizer.load_state_dict(saved["optimizer"])
        self.step, self.elapsed_seconds, self.history = saved["step"], saved["elapsed_seconds"], saved["history"]
        return True

    def log(self, **figures: float) -> None:
        if not self.machine.is_first:
            return
        line = {"step": self.step, "minutes": round(self.elapsed_seconds / 60, 2)}
        line |= {k: round(v, 5) for k, v in figures.items()}
        self.history.append(line)
        with (self.folder / "log.jsonl").open("a") as file:
            file.write(json.dumps(line) + "\n")
        print(json.dumps(line), flush=True)

    def save(self, model: nn.Module, average: MovingAverage, optimizer, config: dict, every_seconds: float = 0) -> None:
        """Writes the checkpoint whole or not at all; with `every_seconds`, not more often than that."""
        if not self.machine.is_first or time.monotonic() - self._saved < every_seconds:
            return
        self._saved = time.monotonic()
        state = {
            "config": config,
            "model": self.plain(average.weights),
            "average": average.weights,
            "average_steps": average.steps,
            "live": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "step": self.step,
            "elapsed_seconds": self.elapsed_seconds,
            "history": self.history,
        }
        torch.save(state, self.folder / "checkpoint.tmp")
        (self.folder / "checkpoint.tmp").replace(self.folder / "checkpoint.pt")
