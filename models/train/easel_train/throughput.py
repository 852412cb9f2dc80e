"""How fast a training is: pictures a second, and the share of the processor's matrix rate in the number type it trains in."""

import time

import torch

from .training import Machine


def matrix_rate(machine: Machine, side: int = 1024, tries: int = 5) -> float:
    """Floating-point operations a processor second (a CPU) or second (a GPU) of plain matrix products, the best of some."""
    dtype = torch.bfloat16 if machine.autocast()._enabled else torch.float32
    a = torch.randn(side, side, device=machine.device).to(dtype)
    best = float("inf")
    for _ in range(tries):
        begin = _clock(machine)
        a @ a
        best = min(best, _clock(machine) - begin)
    return 2 * side**3 / max(best, 1e-9)


def _clock(machine: Machine) -> float:
    """Seconds of work: on a CPU only those that this process got, since other programs share it."""
    if machine.device.type == "cuda":
        torch.cuda.synchronize()
        return time.perf_counter()
    return time.process_time()


class Throughput:
    """Counts pictures and their arithmetic between two lines of the log."""

    def __init__(self, machine: Machine):
        self.machine = machine
        self._begin()

    def _begin(self) -> None:
        self.pictures, self.flops = 0, 0.0
        self.wall, self.work = time.monotonic(), _clock(self.machine)

    def seen(self, pictures: int, flops_a_picture: float) -> None:
        self.pictures += pictures
        self.flops += pictures * flops_a_picture

    def figures(self) -> dict[str, float]:
        """For the log; begins anew. A processor second is one that the training had, whatever ran beside it."""
        wall, work = time.monotonic() - self.wall, _clock(self.machine) - self.work
        figures = {
            "pictures_a_second": self.pictures * self.machine.world / max(wall, 1e-9),
            "pictures_a_processor_second": self.pictures / max(work, 1e-9),
            "share_of_matrix_rate": self.flops / max(work, 1e-9) / matrix_rate(self.machine),
        }
        self._begin()
        return figures
