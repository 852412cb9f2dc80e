"""The figure of an evaluation: the six tasks, held out and seen, under the judge's ceilings."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from .prompts import COUNTS


def draw_figure(result: dict, path: Path) -> None:
    names = ["overall", *COUNTS]
    at, width = np.arange(len(names)), 0.38
    figure, axes = plt.subplots(figsize=(9, 3.6), layout="constrained")
    for k, (split, label, colour) in enumerate((("heldOut", "held out", "#2b6cb0"), ("seen", "seen", "#a0aec0"))):
        cells = [result[split]["overall"], *[result[split]["tasks"][task] for task in COUNTS]]
        values = np.array([c["value"] for c in cells])
        low, high = np.array([c["interval"] for c in cells]).T
        errors = [np.maximum(values - low, 0), np.maximum(high - values, 0)]
        axes.bar(at + (k - 0.5) * width, values, width, color=colour, label=label, yerr=errors, capsize=2)
    for key, label, style in (
        ("ceiling", "judge on real renders", "-"),
        ("ceilingOfTokenizer", "judge on the tokenizer's own", ":"),
    ):
        if "judge" in result:
            cells = result["judge"][key]
            values = [cells["overall"]["value"], *[cells["tasks"][task]["value"] for task in COUNTS]]
            axes.hlines(values, at - width, at + width, color="#c05621", linestyle=style, label=label)
    axes.set_xticks(at, names)
    axes.set_ylim(0, 1)
    axes.set_ylabel("share of pictures that are right")
    axes.legend(loc="upper right", fontsize=8)
    figure.savefig(path, dpi=110)
    plt.close(figure)
