"""Task means, the mean of the six, and bootstrap intervals over prompts (the four seeds of a prompt are not independent)."""

import numpy as np

from .prompts import COUNTS

RESAMPLES = 2000


def summarise(verdicts: list[dict], seed: int = 1) -> dict:
    """{"overall": {"value", "interval"}, "tasks": {task: {"value", "interval"}}} of one split's verdicts."""
    rng = np.random.default_rng(seed)
    tasks, resampled = {}, []
    for task in COUNTS:
        by_prompt: dict[str, list[bool]] = {}
        for verdict in verdicts:
            if verdict["task"] == task:
                by_prompt.setdefault(verdict["id"], []).append(verdict["correct"])
        scores = np.array([np.mean(seeds) for seeds in by_prompt.values()])
        draws = scores[rng.integers(len(scores), size=(RESAMPLES, len(scores)))].mean(1)
        resampled.append(draws)
        tasks[task] = figure(scores.mean(), draws)
    overall = np.mean([t["value"] for t in tasks.values()])
    return {"overall": figure(overall, np.mean(resampled, 0)), "tasks": tasks}


def figure(value: float, draws: np.ndarray) -> dict:
    low, high = np.percentile(draws, [2.5, 97.5])
    return {"value": round(float(value), 4), "interval": [round(float(low), 4), round(float(high), 4)]}


def mean_with_interval(values: np.ndarray, seed: int = 1) -> dict:
    rng = np.random.default_rng(seed)
    return figure(values.mean(), values[rng.integers(len(values), size=(RESAMPLES, len(values)))].mean(1))
